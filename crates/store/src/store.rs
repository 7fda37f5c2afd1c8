//! Opening the store, transactions, and the ground that all operations on records stand on.

use std::{fmt, ops::Deref, path::Path, sync::Arc, time::Duration};

use object_store::{ObjectStore, local::LocalFileSystem, memory::InMemory, prefix::PrefixStore};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseExecutor, DatabaseTransaction,
    DbBackend, SqliteTransactionMode, TransactionOptions, TransactionTrait,
};
use sea_orm_migration::MigratorTrait;
use url::Url;

use crate::{Keyring, StoreError, migration::Migrator};

/// How long a writer waits for SQLite's single write lock before it gives up.
const BUSY: Duration = Duration::from_secs(20);
/// Any constant will do, as long as nothing else in the same database takes it.
const MIGRATION_LOCK: i64 = 0x5a48_414f_5941_4e00;

/// What the store is opened with.
#[derive(Clone)]
pub struct StoreConfig {
    /// `sqlite:///var/lib/zhaoyan/zhaoyan.db`, a path ending in `.db`, or `postgres://user@host/database`.
    pub database_url: String,
    /// Where the pictures lie: a folder, `file:///…`, or `memory:` (tests).
    pub pictures: String,
    /// The operator's keys.
    pub keyring: Keyring,
    /// Most connections to the database; 8 suits one process on a small machine.
    pub max_connections: u32,
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
    /// Connects to the database and the picture storage, and creates neither's contents: see [`Store::migrate`].
    ///
    /// SQLite is opened with write-ahead log, foreign keys and `synchronous = FULL`: with NORMAL a power failure may take
    /// back the last commits, and an attempt that the platform answered, or a consent, must not vanish. The writes are
    /// few enough to afford it.
    ///
    /// # Errors
    /// [`StoreError::Configuration`] for what cannot be meant, else what the database or the storage says.
    pub async fn open(config: &StoreConfig) -> Result<Store, StoreError> {
        let database = connect(&config.database_url, config.max_connections).await?;
        let records = Records {
            connection: Connection::Pool(database.clone()),
            keyring: config.keyring.clone(),
            objects: objects(&config.pictures)?,
        };
        Ok(Store { database, records: Arc::new(records) })
    }

    /// Brings the database to the shape that this version needs. Several processes may do so at once: one works, the
    /// others wait and find it done.
    ///
    /// # Errors
    /// What the database says.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        let tx = self.begin_raw().await?;
        if self.database.get_database_backend() == DbBackend::Postgres {
            tx.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")).await?;
        }
        Migrator::up(&tx, None).await?;
        Ok(tx.commit().await?)
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// What the database says.
    pub async fn ping(&self) -> Result<(), StoreError> {
        Ok(self.database.ping().await?)
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
    if !known {
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

fn objects(pictures: &str) -> Result<Arc<dyn ObjectStore>, StoreError> {
    let local = |folder: &Path| -> Result<Arc<dyn ObjectStore>, StoreError> {
        std::fs::create_dir_all(folder)
            .map_err(|e| StoreError::Configuration(format!("pictures: the folder cannot be made: {e}")))?;
        Ok(Arc::new(LocalFileSystem::new_with_prefix(folder)?.with_fsync(true).with_automatic_cleanup(true)))
    };
    if pictures == "memory:" {
        return Ok(Arc::new(InMemory::new()));
    }
    match Url::parse(pictures) {
        Err(_) => local(Path::new(pictures)),
        Ok(url) if url.scheme() == "file" => {
            let path = url.to_file_path().map_err(|()| {
                StoreError::Configuration("pictures: write file:///absolute/path".to_owned())
            })?;
            local(&path)
        }
        // Storage services, as far as this build's object_store has them.
        Ok(url) => {
            let (store, path) = object_store::parse_url_opts(&url, std::env::vars())?;
            Ok(Arc::new(PrefixStore::new(store, path)))
        }
    }
}
