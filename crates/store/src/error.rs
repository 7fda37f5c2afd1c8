//! What can go wrong in the store, sorted by what a caller does about it. No variant carries personal data.

use sea_orm::{DbErr, RuntimeErr, SqlErr, sqlx};

use crate::transfer::MOVED;

/// Why an operation of the store failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The record is not there.
    #[error("there is no such record")]
    NotFound,
    /// The record changed since it was read: read it again and decide anew.
    #[error("the record changed in the meantime")]
    Conflict,
    /// Another record holds what must be unique (a phone or a number within an exam session).
    #[error("another record already holds this {0}")]
    Duplicate(&'static str),
    /// The lease ran out or somebody else took the work over: drop what was done.
    #[error("the lease on this work was lost")]
    LeaseLost,
    /// A value cannot be opened: it was altered, moved to another row, or its key is not in the keyring.
    #[error("a protected value cannot be opened")]
    Sealed(#[from] SealError),
    /// The keyring cannot be used.
    #[error("the keyring cannot be used")]
    Keyring(#[from] KeyringError),
    /// A record holds what this version of the program cannot read.
    #[error("the stored {0} cannot be read by this version")]
    Malformed(&'static str),
    /// A configuration value is wrong; the message says which, and what to write.
    #[error("{0}")]
    Configuration(String),
    /// The deployment was moved to another database, and this one takes nothing any more.
    #[error("this deployment has moved to another database: start this node with that one")]
    Moved,
    /// A newer version changed the database's shape so that this one cannot work with it; the last change is named.
    #[error(
        "a newer version has changed the database ({0}), and this one cannot work with it: start the newer version on this node"
    )]
    TooNew(String),
    /// The database failed.
    #[error("the database failed: {0}")]
    Database(DbErr),
    /// The picture storage failed.
    #[error("the picture storage failed: {0}")]
    Pictures(#[from] object_store::Error),
}

impl StoreError {
    /// Whether the same may well succeed a little later: what failed is a connection, a lock, or the storage, not the request.
    pub fn is_passing(&self) -> bool {
        match self {
            StoreError::Moved | StoreError::Pictures(_) => true,
            StoreError::Database(error) => {
                matches!(error, DbErr::ConnectionAcquire(_) | DbErr::Conn(_)) || is_busy(error)
            }
            _ => false,
        }
    }
}

/// Whether SQLite's write lock was not to be had in time or its disk is full, or PostgreSQL broke off a deadlock, is going down, coming
/// up or full.
fn is_busy(error: &DbErr) -> bool {
    let (DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error))) = error
    else {
        return false;
    };
    match &**error {
        sqlx::Error::Database(told) => told.code().is_some_and(|code| {
            // PostgreSQL's codes have five characters; of an extended code of SQLite the lower eight bits are the code: busy, locked,
            // reading or writing failed, full, cannot be opened (which it says where its log finds no room).
            match code.parse::<u32>() {
                Ok(sqlite) if code.len() < 5 => matches!(sqlite & 0xff, 5 | 6 | 10 | 13 | 14),
                _ => {
                    ["40P01", "53100", "57P01", "57P02", "57P03", "53300", "08006", "08003"].contains(&&*code)
                }
            }
        }),
        sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed => true,
        _ => false,
    }
}

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> StoreError {
        match error.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(_)) => StoreError::Duplicate("value"),
            _ if error.to_string().contains(MOVED) => StoreError::Moved,
            _ => StoreError::Database(error),
        }
    }
}

/// Why a protected value cannot be opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// It was sealed under a key that the keyring does not hold.
    #[error("it was sealed under key `{0}`, which the keyring does not hold: add that key")]
    UnknownKey(String),
    /// Its authentication failed: it was altered, or belongs to another place.
    #[error("it was altered, or belongs to another row")]
    Altered,
    /// It is no sealed value at all.
    #[error("it is not a sealed value")]
    Form,
}

/// Why a keyring cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyringError {
    /// Neither `ZHAOYAN_KEYS` nor `ZHAOYAN_KEY_FILE` is set.
    #[error("no keys: set ZHAOYAN_KEY_FILE to a key file, or ZHAOYAN_KEYS to its text")]
    Missing,
    /// The file cannot be read or written.
    #[error("key file: {0}")]
    File(#[from] std::io::Error),
    /// The text is not a keyring; the message names what is wrong, never the secrets.
    #[error("key file: {0}")]
    Text(String),
    /// What is stored was hashed with another algorithm.
    #[error(
        "key file: `lookup` is for {ours}, but what is stored was hashed with {theirs}, and hashes cannot be made anew: \
         write algorithm = \"{theirs}\" in `lookup`, with its old secret; or begin with an empty database"
    )]
    OtherHash {
        /// The key file's.
        ours: &'static str,
        /// What is stored.
        theirs: String,
    },
    /// What is stored was hashed with another secret.
    #[error(
        "key file: `lookup` is not the secret that what is stored was hashed with, and hashes cannot be made anew: \
         bring back the key file that was there when the database was made, or begin with an empty database"
    )]
    OtherLookUp,
    /// The operating system gives no random numbers.
    #[error("the operating system gives no random numbers")]
    Random,
}
