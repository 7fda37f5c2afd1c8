//! Messages go out from the durable outbox: a code that has run out is not worth sending.

use jiff::Timestamp;
use partners::sms::{CodeMessage, SmsError};
use store::{Message, StoreError};
use tracing::Instrument as _;

use super::{Worker, count, finished};
use crate::{caused_by, login::LOGIN_CODE, meters};

pub(crate) const PARTNER: &str = "sms";
const QUEUE: &str = "messages";

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
        count(meters::QUEUE_CLAIMS, QUEUE);
        let span = tracing::info_span!("work", queue = QUEUE, message = %message.id, tries = message.tries);
        caused_by(message.id.to_string(), self.work_on_message(&message)).instrument(span).await
    }

    async fn work_on_message(&self, message: &Message) -> Result<bool, StoreError> {
        let now = self.clock.now();
        let (LOGIN_CODE, [code, minutes]) = (message.kind.as_str(), message.parameters.as_slice()) else {
            tracing::error!(message = %message.id, "a message of a kind that this version does not know");
            self.store.drop_message(message, "kind.unknown", now).await?;
            finished(QUEUE, "unsendable");
            return Ok(true);
        };
        if message.expires_at.is_some_and(|at| at <= now) {
            self.store.drop_message(message, "expired", now).await?;
            finished(QUEUE, "expired");
            return Ok(true);
        }
        if let Some(until) = self.must_wait(PARTNER).await? {
            self.give_back_message(message, until, "breaker.open").await?;
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
        let asking = tracing::info_span!("partner", partner = PARTNER);
        let sent = self.sms.send_code(&content).instrument(asking).await;
        let outcome = match &sent {
            Ok(_) => "sent",
            Err(SmsError::NumberRefused { .. } | SmsError::TooMany { .. }) => "number_refused",
            Err(SmsError::AskAgain { .. }) => "ask_again",
            Err(SmsError::Misconfigured { .. }) => "misconfigured",
        };
        meters::asked(PARTNER, outcome, begun.elapsed());
        match sent {
            Ok(_) => {
                self.partner_answered(PARTNER).await?;
                self.store.complete_message(message, self.clock.now()).await?;
                finished(QUEUE, "sent");
            }
            Err(error @ (SmsError::NumberRefused { .. } | SmsError::TooMany { .. })) => {
                tracing::warn!(message = %message.id, code = error.code(), "a message cannot reach its number");
                self.partner_answered(PARTNER).await?;
                self.store.drop_message(message, error.code(), self.clock.now()).await?;
                finished(QUEUE, "unsendable");
            }
            Err(SmsError::AskAgain { code }) => {
                tracing::warn!(message = %message.id, tries = message.tries, code, "a message was not taken; sent again");
                self.partner_failed(PARTNER).await?;
                self.give_back_message(message, self.again_at(message.tries), &code).await?;
            }
            Err(SmsError::Misconfigured { code }) => {
                tracing::error!(message = %message.id, code, "the SMS service refuses our requests: mend keys, signature, template or balance");
                self.partner_failed(PARTNER).await?;
                // A code lives five minutes: sooner than other work, or it is never sent.
                self.give_back_message(message, self.again_at(message.tries.max(5)), &code).await?;
            }
        }
        Ok(true)
    }
    async fn give_back_message(
        &self,
        message: &Message,
        until: Timestamp,
        code: &str,
    ) -> Result<(), StoreError> {
        count(meters::QUEUE_RETRIES, QUEUE);
        self.store.retry_message(message, until, code).await
    }
}
