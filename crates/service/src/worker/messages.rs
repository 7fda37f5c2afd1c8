//! Messages go out from the durable outbox: a code that has run out is not worth sending.

use partners::sms::{CodeMessage, SmsError};
use store::StoreError;

use super::{Worker, count};
use crate::login::LOGIN_CODE;

pub(crate) const PARTNER: &str = "sms";

impl Worker {
    /// Takes one message that is due and sends it. `false` if none was.
    ///
    /// # Errors
    /// What the store says; the message is then taken up again when its lease has run out.
    pub async fn send_once(&self) -> Result<bool, StoreError> {
        let (worker, lease) = (&self.settings.name, self.settings.lease);
        let Some(message) = self.store.claim_message(worker, self.clock.now(), lease).await? else {
            return Ok(false);
        };
        let now = self.clock.now();
        let (LOGIN_CODE, [code, minutes]) = (message.kind.as_str(), message.parameters.as_slice()) else {
            tracing::error!(message = %message.id, "a message of a kind that this version does not know");
            self.store.drop_message(&message, "kind.unknown", now).await?;
            return Ok(true);
        };
        if message.expires_at.is_some_and(|at| at <= now) {
            self.store.drop_message(&message, "expired", now).await?;
            return Ok(true);
        }
        if let Some(until) = self.must_wait(PARTNER).await? {
            self.store.retry_message(&message, until, "breaker.open").await?;
            return Ok(true);
        }
        let serial = message.id.to_string();
        let content = CodeMessage {
            phone: &message.phone,
            code,
            minutes: minutes.parse().unwrap_or(5),
            serial: &serial,
        };
        let begun = std::time::Instant::now();
        let sent = self.sms.send_code(&content).await;
        metrics::histogram!("zhaoyan_partner_seconds", "partner" => PARTNER)
            .record(begun.elapsed().as_secs_f64());
        match sent {
            Ok(_) => {
                count(PARTNER, "sent");
                self.partner_answered(PARTNER).await?;
                self.store.complete_message(&message, self.clock.now()).await?;
            }
            Err(error @ (SmsError::NumberRefused { .. } | SmsError::TooMany { .. })) => {
                count(PARTNER, "number_refused");
                tracing::warn!(message = %message.id, code = error.code(), "a message cannot reach its number");
                self.partner_answered(PARTNER).await?;
                self.store.drop_message(&message, error.code(), self.clock.now()).await?;
            }
            Err(SmsError::AskAgain { code }) => {
                count(PARTNER, "ask_again");
                tracing::warn!(message = %message.id, tries = message.tries, code, "a message was not taken; sent again");
                self.partner_failed(PARTNER).await?;
                self.store.retry_message(&message, self.again_at(message.tries), &code).await?;
            }
            Err(SmsError::Misconfigured { code }) => {
                count(PARTNER, "misconfigured");
                tracing::error!(message = %message.id, code, "the SMS service refuses our requests: mend keys, signature, template or balance");
                self.partner_failed(PARTNER).await?;
                // A code lives five minutes: sooner than other work, or it is never sent.
                self.store.retry_message(&message, self.again_at(message.tries.max(5)), &code).await?;
            }
        }
        Ok(true)
    }
}
