//! Databases for tests: SQLite in a temporary folder, or a PostgreSQL of the test process's own; and a storage service that speaks S3.
//! Behind feature `testing`.

mod bucket;
mod cluster;
pub mod growth;

use std::path::{Path, PathBuf};

use sea_orm::{ConnectionTrait as _, Database};
use tempfile::TempDir;
use uuid::Uuid;
use zeroize::Zeroizing;

pub use bucket::Bucket;

use crate::{Algorithms, Keyring, S3Config, Store, StoreConfig};

/// An empty, migrated database with a picture folder, gone when it is dropped (a PostgreSQL one, when the process ends).
///
/// Its functions panic with what went wrong: a test without its database has failed.
pub struct TestDatabase {
    store: Store,
    config: StoreConfig,
    key_file: Zeroizing<String>,
    folder: TempDir,
}

impl TestDatabase {
    /// On SQLite.
    pub async fn sqlite() -> TestDatabase {
        TestDatabase::sqlite_with(Algorithms::International).await
    }

    /// On SQLite, under keys for these algorithms.
    pub async fn sqlite_with(algorithms: Algorithms) -> TestDatabase {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let url = format!("sqlite://{}", folder.path().join("test.db").display());
        TestDatabase::open(url, folder, algorithms).await
    }

    /// On PostgreSQL: one cluster for each test process, one database in it for each call. Needs PostgreSQL's `initdb` and
    /// `postgres` in `PATH` or under `/usr/lib/postgresql`.
    pub async fn postgres() -> TestDatabase {
        TestDatabase::postgres_with(Algorithms::International).await
    }

    /// On PostgreSQL, under keys for these algorithms.
    pub async fn postgres_with(algorithms: Algorithms) -> TestDatabase {
        let cluster = tokio::task::spawn_blocking(cluster::shared).await.expect("PostgreSQL starts");
        let name = format!("test_{}", Uuid::now_v7().simple());
        let maintenance = Database::connect(cluster.url("postgres")).await.expect("PostgreSQL answers");
        maintenance
            .execute_unprepared(&format!("CREATE DATABASE {name}"))
            .await
            .expect("PostgreSQL makes a database");
        maintenance.close().await.expect("PostgreSQL closes");
        let folder = tempfile::tempdir().expect("a temporary folder");
        TestDatabase::open(cluster.url(&name), folder, algorithms).await
    }

    /// One of each, for tests that hold on both.
    pub async fn both() -> [TestDatabase; 2] {
        [TestDatabase::sqlite().await, TestDatabase::postgres().await]
    }

    /// One of each under keys for either algorithms, for tests that hold under both.
    pub async fn each() -> [TestDatabase; 4] {
        let [sqlite, postgres] = TestDatabase::both().await;
        let national = Algorithms::National;
        let (third, fourth) =
            (TestDatabase::sqlite_with(national).await, TestDatabase::postgres_with(national).await);
        [sqlite, postgres, third, fourth]
    }

    /// One of each without a table in it.
    #[cfg(test)]
    pub(crate) async fn both_empty() -> [TestDatabase; 2] {
        let mut empty = TestDatabase::both().await;
        for database in &mut empty {
            if database.is_postgres() {
                let anew = "DROP SCHEMA public CASCADE; CREATE SCHEMA public";
                database.store.database().execute_unprepared(anew).await.expect("PostgreSQL forgets");
            } else {
                let folder = tempfile::tempdir().expect("a temporary folder");
                let url = format!("sqlite://{}", folder.path().join("empty.db").display());
                *database = TestDatabase::unmigrated(url, folder, Algorithms::International).await;
            }
        }
        empty
    }

    async fn open(database_url: String, folder: TempDir, algorithms: Algorithms) -> TestDatabase {
        let database = TestDatabase::unmigrated(database_url, folder, algorithms).await;
        database.store.migrate().await.expect("the database migrates");
        database.store.check_look_ups().await.expect("the database takes the keys");
        database
    }

    async fn unmigrated(database_url: String, folder: TempDir, algorithms: Algorithms) -> TestDatabase {
        let key_file = Keyring::generate("test", algorithms).expect("keys");
        let keyring = Keyring::parse(&key_file).expect("a keyring");
        let pictures = folder.path().join("pictures").display().to_string();
        let config =
            StoreConfig { database_url, pictures, s3: S3Config::default(), keyring, max_connections: 8 };
        let store = Store::open(&config).await.expect("the database opens");
        TestDatabase { store, config, key_file, folder }
    }

    /// The store.
    pub fn store(&self) -> Store {
        self.store.clone()
    }

    /// A second store on the same database, as another process would open it.
    pub async fn another_node(&self) -> Store {
        Store::open(&self.config).await.expect("the database opens again")
    }

    /// What the store was opened with: change it to open the same database otherwise.
    pub fn config(&self) -> StoreConfig {
        self.config.clone()
    }

    /// The text of its key file; the key is called `test`.
    pub fn key_file(&self) -> &str {
        &self.key_file
    }

    /// Whether this one is PostgreSQL.
    pub fn is_postgres(&self) -> bool {
        self.config.database_url.starts_with("postgres")
    }

    /// The folder that database file (SQLite) and pictures lie in.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The folder of the pictures.
    pub fn pictures(&self) -> PathBuf {
        self.folder.path().join("pictures")
    }

    /// All bytes that the database holds on disk: SQLite's files, or PostgreSQL's whole cluster, both written out first.
    pub async fn raw_bytes(&self) -> Vec<u8> {
        let (statement, folder) = if self.is_postgres() {
            ("CHECKPOINT", cluster::shared().data())
        } else {
            ("PRAGMA wal_checkpoint(FULL)", self.folder.path().to_owned())
        };
        let connection = Database::connect(&self.config.database_url).await.expect("the database opens");
        connection.execute_unprepared(statement).await.expect("the database writes out");
        let mut bytes = Vec::new();
        read_all(&folder, &mut bytes);
        bytes
    }
}

/// Every file below a folder, one after the other.
fn read_all(folder: &Path, into: &mut Vec<u8>) {
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            read_all(&path, into);
        } else if let Ok(bytes) = std::fs::read(&path) {
            into.extend_from_slice(&bytes);
        }
    }
}
