//! What a completed collection tells the registration system, from the moment of completion until it was taken.

use domain::{Ethnicity, Item};
use jiff::Timestamp;
use partners::registration::{CollectionResult, Completion};
use serde::{Deserialize, Serialize};
use store::{CollectionRecord, NewDelivery, PictureId};

/// The journal's name for completion, and the delivery's kind.
pub const EVENT: &str = "completed";

/// What is told, as the delivery keeps it until then; the photo is read when it is sent.
#[derive(Clone, Serialize, Deserialize)]
pub struct Completed {
    /// The exam session.
    pub exam_session: String,
    /// The registration system's own key.
    pub registration_id: String,
    /// When.
    pub completed_at: Timestamp,
    /// How.
    pub completion: Completion,
    /// The card's ethnicity, where the registration's differed.
    pub ethnicity: Option<Ethnicity>,
    /// The card's address, where the registration's differed.
    pub address: Option<String>,
    /// The ID photo.
    pub photo: PictureId,
}

impl Completed {
    /// What is told about a collection that completes now.
    pub fn of(
        record: &CollectionRecord,
        completion: Completion,
        photo: PictureId,
        now: Timestamp,
    ) -> Completed {
        let particulars = &record.particulars;
        let differs = |item| particulars.discrepancies.iter().any(|d| d.item == item);
        let card = particulars.identity_card.as_ref();
        Completed {
            exam_session: record.exam_session.clone(),
            registration_id: record.registration_id.clone(),
            completed_at: now,
            completion,
            ethnicity: card.filter(|_| differs(Item::Ethnicity)).and_then(|c| c.ethnicity),
            address: card.filter(|_| differs(Item::Address)).and_then(|c| c.address.clone()),
            photo,
        }
    }

    /// The delivery that keeps it.
    ///
    /// # Errors
    /// Only if it cannot be written as JSON.
    pub fn delivery(&self, record: &CollectionRecord) -> Result<NewDelivery, serde_json::Error> {
        Ok(NewDelivery {
            collection: record.id,
            kind: EVENT.to_owned(),
            payload: serde_json::to_value(self)?,
        })
    }

    /// What goes to the registration system, under the delivery's id as idempotency key.
    pub fn result(self, idempotency_key: String, photo: Vec<u8>) -> CollectionResult {
        CollectionResult {
            idempotency_key,
            exam_session: self.exam_session,
            registration_id: self.registration_id,
            completed_at: self.completed_at,
            completion: self.completion,
            ethnicity: self.ethnicity,
            address: self.address,
            photo,
        }
    }
}
