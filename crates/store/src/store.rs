//! Opening the store, transactions, and the ground that all operations on records stand on.

use std::{
    fmt,
    ops::Deref,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use jiff::Timestamp;
use object_store::{
    ClientOptions, ObjectStore, RetryConfig, aws::AmazonS3Builder, local::LocalFileSystem, memory::InMemory,
    prefix::PrefixStore,
};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseExecutor, DatabaseTransaction,
    DbBackend, SqliteTransactionMode, TransactionOptions, TransactionTrait, sqlx::Connection as _,
};
use sea_orm_migration::MigratorTrait;
use url::Url;
use zeroize::Zeroizing;

use crate::{
    Keyring, StoreError,
    migration::{self, Migrator, Standing},
};

/// How long a writer waits for SQLite's single write lock before it gives up.
const BUSY: Duration = Duration::from_secs(20);
/// Any constant will do, as long as nothing else in the same database takes it.
const MIGRATION_LOCK: i64 = 0x5a48_414f_5941_4e00;

/// What the store is opened with.
#[derive(Clone)]
pub struct StoreConfig {
    /// `sqlite:///var/lib/zhaoyan/zhaoyan.db`, a path ending in `.db`, or `postgres://user@host/database`.
    pub database_url: String,
    /// Where the pictures lie: a folder, `file:///…`, `s3://bucket/prefix`, or `memory:` (tests).
    pub pictures: String,
    /// How a storage service is reached; for `s3:` alone.
    pub s3: S3Config,
    /// The operator's keys.
    pub keyring: Keyring,
    /// Most connections to the database; 8 suits one process on a small machine.
    pub max_connections: u32,
}

/// A storage service that speaks S3.
#[derive(Clone, Default)]
pub struct S3Config {
    /// `https://storage.example`; the address may hold the bucket's name, see `virtual_hosts`.
    pub endpoint: String,
    /// What the service calls its region; many take any name.
    pub region: String,
    /// Who we are there.
    pub access_key: String,
    /// What requests are signed with.
    pub secret_key: Zeroizing<String>,
    /// The bucket's name stands in the endpoint's host, as some services demand, and not in the path.
    pub virtual_hosts: bool,
}

impl fmt::Debug for StoreConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The URL may hold a password.
        f.debug_struct("StoreConfig")
            .field("pictures", &self.pictures)
            .field("keyring", &self.keyring)
            .finish()
    }
}

/// The open store; cheap to clone, and meant to be shared by all tasks of a process.
#[derive(Clone)]
pub struct Store {
    database: DatabaseConnection,
    records: Arc<Records>,
    /// Where the pictures lie, unless that is a storage service.
    pub(crate) folder: Option<Arc<Path>>,
}

/// Everything that can be done with records; on a [`Store`] each operation by itself, on a [`Tx`] all or none.
pub struct Records {
    connection: Connection,
    pub(crate) keyring: Keyring,
    pub(crate) objects: Arc<dyn ObjectStore>,
}

enum Connection {
    Pool(DatabaseConnection),
    Transaction(DatabaseTransaction),
}

/// A transaction. Dropped without [`Tx::commit`] it leaves no trace.
///
/// While it is open, other writers wait (SQLite has one write lock): do no slow work in it, and reach the database only
/// through it.
pub struct Tx {
    records: Records,
}

/// Work that is due and that no worker takes up: since when, in each queue. What waits on purpose, because its partner fails, is not due.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Overdue {
    /// Attempts.
    pub attempts: Option<Timestamp>,
    /// Deliveries.
    pub deliveries: Option<Timestamp>,
    /// Messages.
    pub messages: Option<Timestamp>,
}

/// The connections to the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pool {
    /// Connections that somebody uses.
    pub in_use: u32,
    /// Connections that nobody uses.
    pub idle: u32,
    /// Most that there may be.
    pub most: u32,
}

/// How much work waits in the queues, for metrics and readiness.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueueDepths {
    /// Attempts not answered yet.
    pub attempts: u64,
    /// Deliveries not made yet.
    pub deliveries: u64,
    /// Messages not sent yet.
    pub messages: u64,
}

impl Deref for Store {
    type Target = Records;
    fn deref(&self) -> &Records {
        &self.records
    }
}

impl Deref for Tx {
    type Target = Records;
    fn deref(&self) -> &Records {
        &self.records
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Store({:?}, {:?})", self.database.get_database_backend(), self.records.keyring)
    }
}

impl Store {
    /// Connects to the database and the picture storage, and creates neither's contents: see [`Store::migrate`],
    /// and [`Store::check_look_ups`] for whether the keys are the right ones.
    ///
    /// SQLite is opened with write-ahead log, foreign keys and `synchronous = FULL`: with NORMAL a power failure may take
    /// back the last commits, and an attempt that the platform answered, or a consent, must not vanish. The writes are
    /// few enough to afford it.
    ///
    /// # Errors
    /// [`StoreError::Configuration`] for what cannot be meant, else what the database or the storage says.
    pub async fn open(config: &StoreConfig) -> Result<Store, StoreError> {
        let database = connect(&config.database_url, config.max_connections).await?;
        let (objects, folder) = objects(&config.pictures, &config.s3)?;
        let records = Records {
            connection: Connection::Pool(database.clone()),
            keyring: config.keyring.clone(),
            objects,
        };
        Ok(Store { database, records: Arc::new(records), folder })
    }

    /// Brings the database to the shape that this version needs. Several processes may do so at once: one works, the
    /// others wait and find it done. A database that a newer version has brought further is left as it is, as long as this version can
    /// work with it: so nodes are upgraded one after the other.
    ///
    /// # Errors
    /// [`StoreError::TooNew`] where it cannot; else what the database says.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        self.migrate_by::<Migrator>().await
    }

    pub(crate) async fn migrate_by<M: MigratorTrait>(&self) -> Result<(), StoreError> {
        let tx = self.begin_raw().await?;
        if self.database.get_database_backend() == DbBackend::Postgres {
            tx.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")).await?;
        }
        let applied: Vec<String> =
            M::get_migration_models(&tx).await?.into_iter().map(|model| model.version).collect();
        let known: Vec<String> = M::migrations().iter().map(|one| one.name().to_owned()).collect();
        match migration::standing(&applied, &known)? {
            Standing::Ours => M::up(&tx, None).await?,
            Standing::Newer => {
                tracing::warn!("a newer version has added to the database: upgrade this node soon");
            }
        }
        let records = Records {
            connection: Connection::Transaction(tx),
            keyring: self.keyring.clone(),
            objects: self.objects.clone(),
        };
        records.fill_registration_levels().await?;
        records.fill_collection_levels().await?;
        Tx { records }.commit().await
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// What the database says.
    pub async fn ping(&self) -> Result<(), StoreError> {
        Ok(self.database.ping().await?)
    }

    /// The connections to the database.
    pub fn pool(&self) -> Pool {
        let of = |all: u32, idle: usize, most: u32| {
            let idle = u32::try_from(idle).unwrap_or(all).min(all);
            Pool { in_use: all - idle, idle, most }
        };
        match self.database.get_database_backend() {
            DbBackend::Postgres => {
                let pool = self.database.get_postgres_connection_pool();
                of(pool.size(), pool.num_idle(), pool.options().get_max_connections())
            }
            _ => {
                let pool = self.database.get_sqlite_connection_pool();
                of(pool.size(), pool.num_idle(), pool.options().get_max_connections())
            }
        }
    }

    /// Begins a transaction.
    ///
    /// # Errors
    /// What the database says.
    pub async fn begin(&self) -> Result<Tx, StoreError> {
        let records = Records {
            connection: Connection::Transaction(self.begin_raw().await?),
            keyring: self.keyring.clone(),
            objects: self.objects.clone(),
        };
        Ok(Tx { records })
    }

    /// The keys that the store was opened with.
    pub fn keyring(&self) -> &Keyring {
        &self.records.keyring
    }

    /// Closes all connections.
    ///
    /// # Errors
    /// What the database says.
    pub async fn close(self) -> Result<(), StoreError> {
        Ok(self.database.close().await?)
    }

    /// The same store; `seen` is handed each of its statements, after it ran.
    #[cfg(test)]
    pub(crate) fn watched(&self, seen: impl Fn(&sea_orm::Statement) + Send + Sync + 'static) -> Store {
        let mut database = self.database.clone();
        database.set_metric_callback(move |info| seen(info.statement));
        let records = Records {
            connection: Connection::Pool(database.clone()),
            keyring: self.keyring.clone(),
            objects: self.objects.clone(),
        };
        Store { database, records: Arc::new(records), folder: self.folder.clone() }
    }

    pub(crate) fn database(&self) -> &DatabaseConnection {
        &self.database
    }

    async fn begin_raw(&self) -> Result<DatabaseTransaction, StoreError> {
        // SQLite takes its write lock at once: a transaction that reads first and writes later could not be made to wait,
        // it would fail.
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        Ok(self.database.begin_with_options(options).await?)
    }
}

impl Tx {
    /// Makes everything done in the transaction lasting.
    ///
    /// # Errors
    /// What the database says; then nothing was done.
    pub async fn commit(self) -> Result<(), StoreError> {
        match self.records.connection {
            Connection::Transaction(tx) => Ok(tx.commit().await?),
            Connection::Pool(_) => Ok(()),
        }
    }

    /// Takes everything back, now rather than at some time after the drop.
    ///
    /// # Errors
    /// What the database says.
    pub async fn roll_back(self) -> Result<(), StoreError> {
        match self.records.connection {
            Connection::Transaction(tx) => Ok(tx.rollback().await?),
            Connection::Pool(_) => Ok(()),
        }
    }
}

impl Records {
    pub(crate) fn db(&self) -> DatabaseExecutor<'_> {
        match &self.connection {
            Connection::Pool(pool) => pool.into(),
            Connection::Transaction(tx) => tx.into(),
        }
    }
}

async fn connect(database_url: &str, max_connections: u32) -> Result<DatabaseConnection, StoreError> {
    let is_path = !database_url.contains(':') && database_url.ends_with(".db");
    let url = if is_path { format!("sqlite://{database_url}") } else { database_url.to_owned() };
    let known = ["sqlite:", "postgres:", "postgresql:"].iter().any(|scheme| url.starts_with(scheme));
    // An address that cannot be read is not handed on: the driver's error would quote it, password and all.
    if !known || Url::parse(&url).is_err() {
        return Err(StoreError::Configuration(
            "database_url: write sqlite:///path/to/file.db or postgres://user@host/database".to_owned(),
        ));
    }
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(max_connections.max(1))
        .acquire_timeout(Duration::from_secs(30))
        // Statements are logged by no one: their values are personal.
        .sqlx_logging(false)
        .record_stmt_in_spans(false)
        .map_sqlx_sqlite_opts(|sqlite| {
            sqlite
                .create_if_missing(true)
                .foreign_keys(true)
                .busy_timeout(BUSY)
                .pragma("journal_mode", "WAL")
                .pragma("synchronous", "FULL")
                // What is deleted is overwritten, not only unlinked.
                .pragma("secure_delete", "ON")
        })
        // On a full disk SQLite takes a transaction back by itself. The driver's own ROLLBACK is then refused, and it goes on counting a
        // transaction that is not there: what comes later would be savepoints within one that nobody ever commits. Such a connection is
        // closed. The ping waits for a rollback that is still on its way.
        .map_sqlx_sqlite_pool_opts(|pool| {
            pool.after_release(|connection, _| {
                Box::pin(async move {
                    connection.ping().await?;
                    Ok(!connection.is_in_transaction())
                })
            })
        });
    if options.get_url().starts_with("sqlite:")
        && let Some(folder) = sqlite_folder(options.get_url())
    {
        std::fs::create_dir_all(folder).map_err(|e| {
            StoreError::Configuration(format!("database_url: its folder cannot be made: {e}"))
        })?;
    }
    Ok(Database::connect(options).await?)
}

fn sqlite_folder(url: &str) -> Option<&Path> {
    let path = url.strip_prefix("sqlite:")?.trim_start_matches("//");
    let path = path.split('?').next()?;
    Path::new(path).parent().filter(|folder| !folder.as_os_str().is_empty())
}

/// Where pictures are kept, and the folder if that is one.
type Objects = (Arc<dyn ObjectStore>, Option<Arc<Path>>);

fn objects(pictures: &str, s3: &S3Config) -> Result<Objects, StoreError> {
    let wrong = |what: &str| StoreError::Configuration(format!("pictures.{what}"));
    let local = |folder: PathBuf| -> Result<Objects, StoreError> {
        std::fs::create_dir_all(&folder)
            .map_err(|e| wrong(&format!("url: the folder cannot be made: {e}")))?;
        let objects =
            LocalFileSystem::new_with_prefix(&folder)?.with_fsync(true).with_automatic_cleanup(true);
        Ok((Arc::new(objects), Some(folder.into())))
    };
    if pictures == "memory:" {
        return Ok((Arc::new(InMemory::new()), None));
    }
    match Url::parse(pictures) {
        Err(_) => local(PathBuf::from(pictures)),
        Ok(url) if url.scheme() == "file" => {
            local(url.to_file_path().map_err(|()| wrong("url: write file:///absolute/path"))?)
        }
        Ok(url) if url.scheme() == "s3" => Ok((service(&url, s3)?, None)),
        Ok(_) => Err(wrong("url: write a folder, or s3://bucket/prefix")),
    }
}

fn service(url: &Url, s3: &S3Config) -> Result<Arc<dyn ObjectStore>, StoreError> {
    /// A request to the storage that takes longer has failed: a picture has 20 MB at most.
    const REQUEST: Duration = Duration::from_secs(30);
    const CONNECT: Duration = Duration::from_secs(5);
    /// What fails in passing is tried again for so long; after that the candidate is told to try again.
    const AGAIN: Duration = Duration::from_secs(15);
    let wrong = |what: &str| StoreError::Configuration(format!("pictures.{what}"));
    let bucket = url.host_str().ok_or_else(|| wrong("url: write s3://bucket/prefix"))?;
    if s3.access_key.is_empty() || s3.secret_key.is_empty() {
        return Err(wrong("access_key and pictures.secret_key: write those of the storage service"));
    }
    let scheme = Url::parse(&s3.endpoint).map(|endpoint| endpoint.scheme().to_owned());
    let Ok("http" | "https") = scheme.as_deref() else {
        return Err(wrong("endpoint: write an address that begins with https:// or http://"));
    };
    let options = ClientOptions::new()
        .with_timeout(REQUEST)
        .with_connect_timeout(CONNECT)
        .with_allow_http(s3.endpoint.starts_with("http:"));
    let service = AmazonS3Builder::new()
        .with_endpoint(s3.endpoint.trim_end_matches('/'))
        .with_region(if s3.region.is_empty() { "default" } else { &s3.region })
        .with_access_key_id(&s3.access_key)
        .with_secret_access_key(s3.secret_key.as_str())
        .with_virtual_hosted_style_request(s3.virtual_hosts)
        .with_bucket_name(bucket)
        .with_client_options(options)
        .with_retry(RetryConfig { max_retries: 5, retry_timeout: AGAIN, ..RetryConfig::default() })
        .build()?;
    let prefix = object_store::path::Path::from(url.path().trim_matches('/'));
    Ok(Arc::new(PrefixStore::new(service, prefix)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{
        specimens::{SESSION, at, collection, picture, registration},
        testing::TestDatabase,
    };

    use crate::{NewMessage, PictureKind};

    fn contains(haystack: &[u8], needle: &[u8]) -> bool {
        // By the first byte: the whole cluster is some 50 MB.
        let mut from = 0;
        while let Some(at) = haystack[from..].iter().position(|b| *b == needle[0]) {
            if haystack[from + at..].starts_with(needle) {
                return true;
            }
            from += at + 1;
        }
        false
    }

    #[tokio::test]
    async fn nothing_personal_lies_in_the_database_or_the_pictures() {
        for database in TestDatabase::each().await {
            let store = database.store();
            let of = registration(777);
            let mut record = collection(&store, 777).await;
            store
                .import_registrations(SESSION, std::slice::from_ref(&of), crate::ImportHow::default(), at(0))
                .await
                .unwrap();
            record.particulars.portrait_side = Some(domain::PortraitSide {
                name: Some(of.name.clone()),
                number: Some(of.number.clone()),
                address: of.address.clone(),
                ..domain::PortraitSide::default()
            });
            store.save_collection(&mut record, at(1)).await.unwrap();
            store
                .put_picture(picture(&record, PictureKind::Photo, b"the bytes of a photo"), at(1))
                .await
                .unwrap();
            store.put_sms_code(&of.phone, "830417", 5, at(300), at(1)).await.unwrap();
            store.rate_hit("sms", of.phone.as_str(), Duration::from_secs(60), 1, at(1)).await.unwrap();
            let token = store.create_session(record.id, None, at(300), at(1)).await.unwrap();
            let parameters = vec!["code 830417".to_owned()];
            let message =
                NewMessage { kind: "code".into(), phone: of.phone.clone(), parameters, expires_at: None };
            store.enqueue_message(&message, at(1)).await.unwrap();
            let payload = serde_json::json!({"name": of.name, "number": of.number});
            let told = crate::NewDelivery { collection: record.id, kind: "completed".into(), payload };
            store.enqueue_delivery(&told, at(1)).await.unwrap();

            let mut raw = database.raw_bytes().await;
            for file in walk(&database.pictures()) {
                raw.extend_from_slice(&std::fs::read(file).unwrap());
            }
            // The search itself finds what is there in the open.
            assert!(contains(&raw, of.id.as_bytes()));
            let address = of.address.unwrap();
            for (what, personal) in [
                ("name", of.name.as_str()),
                ("number", of.number.as_str()),
                ("phone", of.phone.as_str()),
                ("address", address.as_str()),
                ("code", "code 830417"),
                ("token", token.as_str()),
                ("photo", "the bytes of a photo"),
            ] {
                assert!(!contains(&raw, personal.as_bytes()), "{what}, postgres: {}", database.is_postgres());
            }
        }
    }

    fn walk(folder: &Path) -> Vec<std::path::PathBuf> {
        let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
    }

    #[tokio::test]
    async fn nodes_that_migrate_at_once_find_it_done() {
        for database in TestDatabase::both().await {
            let (one, two) = (database.another_node().await, database.another_node().await);
            let (a, b) = tokio::join!(one.migrate(), two.migrate());
            a.unwrap();
            b.unwrap();
            one.ping().await.unwrap();
        }
    }

    #[tokio::test]
    async fn sqlite_is_durable_and_keeps_its_references() {
        let database = TestDatabase::sqlite().await;
        let store = database.store();
        let pragma = async |name: &str| {
            let statement = sea_orm::Statement::from_string(DbBackend::Sqlite, format!("PRAGMA {name}"));
            let row = store.db().query_one_raw(statement).await.unwrap().unwrap();
            row.try_get_by_index::<String>(0)
                .or_else(|_| row.try_get_by_index::<i64>(0).map(|n| n.to_string()))
                .unwrap()
        };
        assert_eq!(pragma("journal_mode").await, "wal");
        assert_eq!(pragma("synchronous").await, "2");
        assert_eq!(pragma("foreign_keys").await, "1");
        assert_eq!(pragma("secure_delete").await, "1");
    }

    #[tokio::test]
    async fn where_sqlite_finds_no_room_it_is_said_to_pass_and_does() {
        let database = TestDatabase::sqlite().await;
        // The bound is of one connection.
        let config = StoreConfig { max_connections: 1, ..database.config() };
        let store = Store::open(&config).await.unwrap();
        store.database.execute_unprepared("PRAGMA max_page_count = 1").await.unwrap();
        let phone = registration(1).phone;
        let mut full = None;
        for second in 0..10_000 {
            full = store.put_sms_code(&phone, "123456", 5, at(second), at(second)).await.err();
            if full.is_some() {
                break;
            }
        }
        let full = full.unwrap();
        assert!(full.is_passing(), "{full}");
        store.database.execute_unprepared("PRAGMA max_page_count = 100000").await.unwrap();
        store.put_sms_code(&phone, "123456", 5, at(0), at(0)).await.unwrap();
    }

    #[tokio::test]
    async fn what_is_committed_after_the_disk_was_full_stays() {
        let database = TestDatabase::sqlite().await;
        let config = StoreConfig { max_connections: 1, ..database.config() };
        let store = Store::open(&config).await.unwrap();
        store.database.execute_unprepared("CREATE TABLE heap (content)").await.unwrap();
        store.database.execute_unprepared("PRAGMA max_page_count = 1").await.unwrap();
        let full = store.database.begin().await.unwrap();
        full.execute_unprepared("INSERT INTO heap VALUES (zeroblob(1000000))").await.unwrap_err();
        drop(full);
        let taken_back = store.database.begin().await.unwrap();
        drop(taken_back);
        let kept = store.database.begin().await.unwrap();
        kept.execute_unprepared("INSERT INTO heap VALUES (1)").await.unwrap();
        kept.commit().await.unwrap();
        let other = Store::open(&config).await.unwrap();
        let count = sea_orm::Statement::from_string(DbBackend::Sqlite, "SELECT count(*) FROM heap");
        let row = other.database.query_one_raw(count).await.unwrap().unwrap();
        assert_eq!(row.try_get_by_index::<i64>(0).unwrap(), 1);
    }

    #[tokio::test]
    async fn a_path_is_enough_and_its_folder_is_made() {
        let folder = tempfile::tempdir().unwrap();
        let config = StoreConfig {
            database_url: folder.path().join("a/b/zhaoyan.db").display().to_string(),
            pictures: "memory:".into(),
            ..TestDatabase::sqlite().await.config()
        };
        let store = Store::open(&config).await.unwrap();
        store.migrate().await.unwrap();
        assert!(folder.path().join("a/b/zhaoyan.db").is_file());
        store.close().await.unwrap();
    }

    #[tokio::test]
    async fn a_database_of_another_kind_is_refused_and_no_password_is_shown() {
        let template = TestDatabase::sqlite().await.config();
        for url in ["mysql://user:secret@host/database", "postgres://user:secret@host:port/database"] {
            let config = StoreConfig { database_url: url.into(), ..template.clone() };
            let error = Store::open(&config).await.unwrap_err();
            assert!(matches!(error, StoreError::Configuration(_)));
            assert!(!format!("{error} {error:?} {config:?}").contains("secret"));
        }
    }
}
