//! The built-in roster as registration system, for offices without one of their own; and its import and export.

pub(crate) mod export;
mod import;
mod source;
mod xlsx;

use std::sync::Arc;

use async_trait::async_trait;
use domain::{PhoneNumber, Registration};
use partners::registration::{CollectionResult, Pushed, RegistrationError, RegistrationSystem};
use store::{Store, StoreError};

pub use export::export;
pub use import::{Follower, Imported, RowProblem, Unfollowed, import};
pub use source::{FileProblem, Format, RosterFile};

use crate::Clock;

/// The columns of a roster file, in the order of an export, with the names that an import takes.
pub(crate) const COLUMNS: [(&str, &[&str]); 7] = [
    ("报名号", &["报名号", "报名序号", "考生号", "id"]),
    ("姓名", &["姓名", "name"]),
    ("身份证号码", &["身份证号码", "身份证号", "证件号码", "公民身份号码", "number"]),
    ("民族", &["民族", "ethnicity"]),
    ("住址", &["住址", "地址", "户籍地址", "address"]),
    ("手机号码", &["手机号码", "手机号", "手机", "联系电话", "phone"]),
    ("层次", &["层次", "报考层次", "level"]),
];

/// The roster in our own database.
pub struct Roster {
    store: Store,
    clock: Arc<dyn Clock>,
}

impl Roster {
    /// The roster of this store.
    pub fn new(store: Store, clock: Arc<dyn Clock>) -> Roster {
        Roster { store, clock }
    }
}

fn unavailable(error: &StoreError) -> RegistrationError {
    tracing::error!(%error, "the roster cannot be reached");
    RegistrationError::Unavailable { code: "roster.store".to_owned() }
}

#[async_trait]
impl RegistrationSystem for Roster {
    async fn find_by_phone(
        &self,
        exam_session: &str,
        phone: &PhoneNumber,
    ) -> Result<Option<Registration>, RegistrationError> {
        let found = self.store.registration_by_phone(exam_session, phone).await;
        Ok(found.map_err(|e| unavailable(&e))?.map(|record| record.registration))
    }

    /// Writes the card's ethnicity and address over the roster's; the photo lies in the same store already.
    async fn push(&self, result: &CollectionResult) -> Result<Pushed, RegistrationError> {
        let found = self.store.registration(&result.exam_session, &result.registration_id).await;
        let Some(record) = found.map_err(|e| unavailable(&e))? else {
            return Err(RegistrationError::Refused { code: "roster.no_registration".to_owned() });
        };
        let mut corrected = record.registration.clone();
        if let Some(ethnicity) = result.ethnicity {
            corrected.ethnicity = Some(ethnicity);
        }
        if let Some(address) = &result.address {
            corrected.address = Some(address.clone());
        }
        if corrected == record.registration {
            return Ok(Pushed::TakenBefore);
        }
        match self.store.correct_registration(record.id, record.version, &corrected, self.clock.now()).await {
            Ok(_) => Ok(Pushed::Taken),
            Err(StoreError::Conflict) => {
                Err(RegistrationError::Unavailable { code: "roster.changed".to_owned() })
            }
            Err(error) => Err(unavailable(&error)),
        }
    }

    fn is_our_roster(&self) -> bool {
        true
    }
}
