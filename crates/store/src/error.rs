//! What can go wrong in the store, sorted by what a caller does about it. No variant carries personal data.

use sea_orm::{DbErr, SqlErr};

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
    /// The database failed.
    #[error("the database failed: {0}")]
    Database(DbErr),
    /// The picture storage failed.
    #[error("the picture storage failed: {0}")]
    Pictures(#[from] object_store::Error),
}

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> StoreError {
        match error.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(_)) => StoreError::Duplicate("value"),
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
    /// The operating system gives no random numbers.
    #[error("the operating system gives no random numbers")]
    Random,
}
