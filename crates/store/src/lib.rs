//! Records and pictures: the database, the object storage and the encryption of everything personal.
//!
//! [`Store`] opens both. What can be done stands on [`Records`], one file per record, and is reached in two ways: on the
//! store itself, each operation by itself; or on a [`Tx`] from [`Store::begin`], several operations at once or none.
//!
//! ```no_run
//! # async fn f(store: store::Store, id: store::CollectionId, now: jiff::Timestamp) -> Result<(), store::StoreError> {
//! let mut collection = store.collection(id).await?.ok_or(store::StoreError::NotFound)?;
//! // … the next state comes from `domain` …
//! let tx = store.begin().await?;
//! tx.save_collection(&mut collection, now).await?; // StoreError::Conflict when somebody was faster
//! tx.note(&store::Entry::new(id, "photo_submitted", "candidate"), now).await?;
//! tx.commit().await?;
//! # Ok(()) }
//! ```
//!
//! Nothing in here reads a clock to decide anything: the caller says what time it is. Times are kept as Unix
//! milliseconds, so a [`jiff::Timestamp`] comes back truncated to them.

mod algorithms;
mod attempt;
mod audit;
mod breaker;
mod candidate;
mod collection;
mod completion;
mod consent;
mod delivery;
mod desk_ticket;
mod download;
mod entity;
mod error;
mod exam_session;
mod ids;
mod journal;
mod keyring;
mod lease;
mod look_ups;
mod message;
mod migration;
mod numbers;
mod photo_export;
mod picture;
#[cfg(test)]
mod plans;
mod rate;
mod reencrypt;
mod registration;
mod roster_import;
mod seal;
mod session;
mod sms_code;
#[cfg(any(test, feature = "testing"))]
pub mod specimens;
mod staff;
mod store;
mod sweep;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod text_enum;
mod time;
mod transfer;

pub use algorithms::{Algorithms, HashAlgorithm};
pub use attempt::{Answer, Attempt, AttemptOutcome, AttemptStatus};
pub use audit::{AuditEntry, AuditFilter, AuditHead, BrokenAudit, NewAudit};
pub use breaker::{Breaker, BreakerPolicy, Permission};
pub use candidate::{CandidateCopy, CollectionCopy, Deleted, Deletion, NotDeleted};
pub use collection::{AwaitingEye, CollectionFilter, CollectionRecord, Objections, Particulars, Takeback};
pub use completion::Completion;
pub use consent::{Consent, ConsentKind};
pub use delivery::{Delivery, DeliveryStatus, NewDelivery};
pub use download::Download;
pub use error::{KeyringError, SealError, StoreError};
pub use exam_session::{ConsentText, ExamSession, Office};
pub use ids::{
    AttemptId, CollectionId, ConsentId, DeliveryId, EntryId, MessageId, PhotoExportId, PictureId,
    RegistrationId, RosterImportId, SmsCodeId, StaffId,
};
pub use journal::{Entry, EntryRecord};
pub use keyring::{Keyring, LookUpHash, LookUpMark};
pub use lease::{Lease, QueueState};
pub use message::{Message, NewMessage};
pub use numbers::{Answers, Messages, Reached, Span, Waiting};
pub use photo_export::{NewPhotoExport, PhotoExport, PhotosTaken};
pub use picture::{NewPicture, Picture, PictureKind};
pub use rate::RateHit;
pub use reencrypt::Reencrypted;
pub use registration::{ImportHow, ImportOutcome, ImportRefusal, RegistrationRecord};
pub use roster_import::{ImportProgress, ImportStatus, NewRosterImport, RosterImport};
pub use session::{Session, SessionToken};
pub use sms_code::CodeAnswer;
pub use staff::{NewStaff, Staff, StaffSecrets, StaffSession};
pub use store::{Overdue, Pool, QueueDepths, Records, S3Config, Store, StoreConfig, Tx};
pub use sweep::{Retention, Swept};
pub use transfer::{PicturesTransferred, Transferred, Unwatched, Watcher};
