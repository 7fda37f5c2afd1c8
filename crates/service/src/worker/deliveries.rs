//! Results go to the registration system: at least once, in order within a collection, under the delivery's id as
//! idempotency key, until they are taken.

use jiff::Timestamp;
use partners::registration::{Pushed, RegistrationError};
use store::{Delivery, Entry, StoreError};
use tracing::Instrument as _;

use super::{Worker, count, finished};
use crate::{caused_by, completion::Completed, meters};

pub(crate) const PARTNER: &str = "registration";
const QUEUE: &str = "deliveries";

impl Worker {
    /// Takes one delivery that is due and makes it. `false` if none was.
    ///
    /// # Errors
    /// What the store says; the delivery is then taken up again when its lease has run out.
    pub async fn deliver_once(&self) -> Result<bool, StoreError> {
        let (worker, lease) = (&self.settings.name, self.settings.lease);
        let Some(delivery) = self.store.claim_delivery(worker, self.clock.now(), lease).await? else {
            return Ok(false);
        };
        count(meters::QUEUE_CLAIMS, QUEUE);
        let span = tracing::info_span!(
            "work", queue = QUEUE, delivery = %delivery.id, collection = %delivery.collection, tries = delivery.tries
        );
        caused_by(delivery.id.to_string(), self.work_on_delivery(&delivery)).instrument(span).await
    }

    async fn work_on_delivery(&self, delivery: &Delivery) -> Result<bool, StoreError> {
        if let Some(until) = self.must_wait(PARTNER).await? {
            self.give_back_delivery(delivery, until, "breaker.open").await?;
            return Ok(true);
        }
        let Ok(completed) = serde_json::from_value::<Completed>(delivery.payload.clone()) else {
            return self.leave_to_the_operator(delivery, "payload.malformed").await;
        };
        let photo = match self.store.picture(completed.photo).await? {
            Some(picture) => self.store.read_picture(&picture).await,
            None => Err(StoreError::NotFound),
        };
        let photo = match photo {
            Ok(photo) => photo,
            Err(StoreError::NotFound) => return self.leave_to_the_operator(delivery, "photo.gone").await,
            Err(error) => return Err(error),
        };
        let begun = std::time::Instant::now();
        let result = completed.result(delivery.id.to_string(), photo.to_vec());
        let asking = tracing::info_span!("partner", partner = PARTNER);
        let pushed = self.registration.push(&result).instrument(asking).await;
        let outcome = match &pushed {
            Ok(Pushed::Taken) => "taken",
            Ok(Pushed::TakenBefore) => "taken_before",
            Err(RegistrationError::Unavailable { .. } | RegistrationError::BadAnswer { .. }) => "unavailable",
            Err(RegistrationError::Refused { .. }) => "refused",
            Err(RegistrationError::Misconfigured { .. }) => "misconfigured",
        };
        meters::asked(PARTNER, outcome, begun.elapsed());
        match pushed {
            Ok(_) => {
                self.partner_answered(PARTNER).await?;
                let now = self.clock.now();
                let tx = self.store.begin().await?;
                tx.complete_delivery(delivery, now).await?;
                tx.note(&Entry::new(delivery.collection, "delivered", "worker"), now).await?;
                tx.commit().await?;
                finished(QUEUE, outcome);
                Ok(true)
            }
            Err(RegistrationError::Unavailable { code } | RegistrationError::BadAnswer { code }) => {
                tracing::warn!(delivery = %delivery.id, tries = delivery.tries, code, "a result was not taken; sent again later");
                self.partner_failed(PARTNER).await?;
                self.give_back_delivery(delivery, self.again_at(delivery.tries), &code).await?;
                Ok(true)
            }
            Err(RegistrationError::Refused { code }) => {
                self.partner_answered(PARTNER).await?;
                self.leave_to_the_operator(delivery, &code).await
            }
            Err(RegistrationError::Misconfigured { code }) => {
                self.partner_failed(PARTNER).await?;
                self.leave_to_the_operator(delivery, &code).await
            }
        }
    }

    /// A result is never given up by itself: it is kept and tried again at long intervals until somebody has mended the cause.
    async fn leave_to_the_operator(&self, delivery: &Delivery, code: &str) -> Result<bool, StoreError> {
        tracing::error!(delivery = %delivery.id, collection = %delivery.collection, code, "a result is refused: mend the cause, it is kept and sent again");
        self.give_back_delivery(delivery, self.again_when_mended(), code).await?;
        Ok(true)
    }

    async fn give_back_delivery(
        &self,
        delivery: &Delivery,
        until: Timestamp,
        code: &str,
    ) -> Result<(), StoreError> {
        count(meters::QUEUE_RETRIES, QUEUE);
        self.store.retry_delivery(delivery, until, code).await
    }
}
