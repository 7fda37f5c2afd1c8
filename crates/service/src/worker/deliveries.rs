//! Results go to the registration system: at least once, in order within a collection, under the delivery's id as
//! idempotency key, until they are taken.

use partners::registration::{Pushed, RegistrationError};
use store::{Delivery, Entry, StoreError};

use super::{Worker, count};
use crate::completion::Completed;

pub(crate) const PARTNER: &str = "registration";

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
        if let Some(until) = self.must_wait(PARTNER).await? {
            self.store.retry_delivery(&delivery, until, "breaker.open").await?;
            return Ok(true);
        }
        let Ok(completed) = serde_json::from_value::<Completed>(delivery.payload.clone()) else {
            return self.leave_to_the_operator(&delivery, "payload.malformed").await;
        };
        let photo = match self.store.picture(completed.photo).await? {
            Some(picture) => self.store.read_picture(&picture).await,
            None => Err(StoreError::NotFound),
        };
        let photo = match photo {
            Ok(photo) => photo,
            Err(StoreError::NotFound) => return self.leave_to_the_operator(&delivery, "photo.gone").await,
            Err(error) => return Err(error),
        };
        let begun = std::time::Instant::now();
        let pushed = self.registration.push(&completed.result(delivery.id.to_string(), photo.to_vec())).await;
        metrics::histogram!("zhaoyan_partner_seconds", "partner" => PARTNER)
            .record(begun.elapsed().as_secs_f64());
        match pushed {
            Ok(pushed) => {
                count(PARTNER, if pushed == Pushed::Taken { "taken" } else { "taken_before" });
                self.partner_answered(PARTNER).await?;
                let now = self.clock.now();
                let tx = self.store.begin().await?;
                tx.complete_delivery(&delivery, now).await?;
                tx.note(&Entry::new(delivery.collection, "delivered", "worker"), now).await?;
                tx.commit().await?;
                Ok(true)
            }
            Err(RegistrationError::Unavailable { code } | RegistrationError::BadAnswer { code }) => {
                count(PARTNER, "unavailable");
                tracing::warn!(delivery = %delivery.id, tries = delivery.tries, code, "a result was not taken; sent again later");
                self.partner_failed(PARTNER).await?;
                self.store.retry_delivery(&delivery, self.again_at(delivery.tries), &code).await?;
                Ok(true)
            }
            Err(RegistrationError::Refused { code }) => {
                self.partner_answered(PARTNER).await?;
                self.leave_to_the_operator(&delivery, &code).await
            }
            Err(RegistrationError::Misconfigured { code }) => {
                self.partner_failed(PARTNER).await?;
                self.leave_to_the_operator(&delivery, &code).await
            }
        }
    }

    /// A result is never given up by itself: it is kept and tried again at long intervals until somebody has mended the cause.
    async fn leave_to_the_operator(&self, delivery: &Delivery, code: &str) -> Result<bool, StoreError> {
        count(PARTNER, "refused");
        tracing::error!(delivery = %delivery.id, collection = %delivery.collection, code, "a result is refused: mend the cause, it is kept and sent again");
        self.store.retry_delivery(delivery, self.again_when_mended(), code).await?;
        Ok(true)
    }
}
