//! The queue of messages (SMS) to be sent: whom to and what is sealed.

use std::{fmt, time::Duration};

use domain::PhoneNumber;
use jiff::Timestamp;
use sea_orm::{ActiveValue::Set, EntityTrait as _, sea_query::Expr};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    Lease, MessageId, Records, StoreError,
    entity::message,
    lease::{self, QUEUED},
    seal::Place,
    time::{from_millis, to_millis},
};

/// A message to be sent.
#[derive(Clone, PartialEq, Eq)]
pub struct NewMessage {
    /// What kind: names the template.
    pub kind: String,
    /// Whom to.
    pub phone: PhoneNumber,
    /// What is filled into the template, in its order: a code, minutes.
    pub parameters: Vec<String>,
    /// After this nobody wants it any more.
    pub expires_at: Option<Timestamp>,
}

/// A message under lease. `Debug` shows neither phone nor parameters.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    /// The message.
    pub id: MessageId,
    /// What kind: names the template.
    pub kind: String,
    /// Whom to.
    pub phone: PhoneNumber,
    /// What is filled into the template, in its order.
    pub parameters: Vec<String>,
    /// After this nobody wants it any more.
    pub expires_at: Option<Timestamp>,
    /// How often it was claimed, this time included.
    pub tries: u32,
    /// The lease.
    pub lease: Option<Lease>,
}

#[derive(Serialize, Deserialize)]
struct Content {
    phone: PhoneNumber,
    parameters: Vec<String>,
}

impl fmt::Debug for NewMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NewMessage({})", self.kind)
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Message({}, {}, try {})", self.id, self.kind, self.tries)
    }
}

impl Records {
    /// Queues a message.
    ///
    /// # Errors
    /// What the database says.
    pub async fn enqueue_message(&self, new: &NewMessage, now: Timestamp) -> Result<MessageId, StoreError> {
        let id = MessageId::generate();
        let content = Content { phone: new.phone.clone(), parameters: new.parameters.clone() };
        let row = message::ActiveModel {
            id: Set(id.0),
            kind: Set(new.kind.clone()),
            content: Set(self.keyring.seal_json(place(id.0), &content)?),
            expires_at: Set(new.expires_at.map(to_millis)),
            status: Set(QUEUED.to_owned()),
            tries: Set(0),
            next_try_at: Set(to_millis(now)),
            created_at: Set(to_millis(now)),
            ..Default::default()
        };
        message::Entity::insert(row).exec_without_returning(&self.db()).await?;
        Ok(id)
    }

    /// Takes the message that has been due the longest, under a lease of that length. No two workers take the same.
    ///
    /// # Errors
    /// What the database says.
    pub async fn claim_message(
        &self,
        worker: &str,
        now: Timestamp,
        lease: Duration,
    ) -> Result<Option<Message>, StoreError> {
        let row = lease::claim::<message::Entity>(&self.db(), worker, now, lease).await?;
        row.map(|row| {
            let content: Content = self.keyring.open_json(place(row.id), &row.content)?;
            Ok(Message {
                id: MessageId(row.id),
                kind: row.kind,
                phone: content.phone,
                parameters: content.parameters,
                expires_at: row.expires_at.map(from_millis),
                tries: row.tries.unsigned_abs(),
                lease: Lease::from_row(row.lease_owner, row.lease_token, row.lease_until),
            })
        })
        .transpose()
    }

    /// The message was sent.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`] if somebody else has it now.
    pub async fn complete_message(&self, message: &Message, now: Timestamp) -> Result<(), StoreError> {
        self.close_message(message, "sent", None, now).await
    }

    /// The message is given up: expired, or refused for good.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`] if somebody else has it now.
    pub async fn drop_message(
        &self,
        message: &Message,
        code: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.close_message(message, "dropped", Some(code), now).await
    }

    /// The message could not be sent now; `code` says why, without personal data.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`] if somebody else has it now.
    pub async fn retry_message(
        &self,
        message: &Message,
        next_try_at: Timestamp,
        code: &str,
    ) -> Result<(), StoreError> {
        lease::retry::<message::Entity>(&self.db(), message.id.0, message.lease.as_ref(), next_try_at, code)
            .await
    }

    async fn close_message(
        &self,
        message: &Message,
        status: &str,
        code: Option<&str>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let update = lease::release::<message::Entity>(message.id.0, message.lease.as_ref(), status)
            .col_expr(message::Column::DoneAt, Expr::val(to_millis(now)))
            .col_expr(message::Column::LastErrorCode, Expr::val(code.map(str::to_owned)));
        lease::one_or_lost(update.exec(&self.db()).await?.rows_affected)
    }
}

pub(crate) fn place(row: Uuid) -> Place {
    Place { table: "message", column: "content", row }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{specimens::at, testing::TestDatabase};

    const LEASE: Duration = Duration::from_secs(30);

    fn new() -> NewMessage {
        let phone = crate::specimens::registration(1).phone;
        let parameters = vec!["123456".to_owned(), "5".to_owned()];
        NewMessage { kind: "code".into(), phone, parameters, expires_at: Some(at(300)) }
    }

    #[tokio::test]
    async fn it_is_sent_once_or_again_when_due_or_dropped() {
        for database in TestDatabase::both().await {
            let store = database.store();
            store.enqueue_message(&new(), at(0)).await.unwrap();
            let first = store.claim_message("w", at(0), LEASE).await.unwrap().unwrap();
            assert_eq!((&first.phone, &first.parameters, first.tries), (&new().phone, &new().parameters, 1));
            assert_eq!(store.claim_message("w", at(1), LEASE).await.unwrap(), None);
            store.retry_message(&first, at(10), "LimitExceeded").await.unwrap();
            assert_eq!(store.claim_message("w", at(9), LEASE).await.unwrap(), None);
            let second = store.claim_message("w", at(10), LEASE).await.unwrap().unwrap();
            assert!(matches!(store.complete_message(&first, at(10)).await, Err(StoreError::LeaseLost)));
            store.complete_message(&second, at(11)).await.unwrap();
            assert!(matches!(store.complete_message(&second, at(11)).await, Err(StoreError::LeaseLost)));
            store.enqueue_message(&new(), at(12)).await.unwrap();
            let third = store.claim_message("w", at(12), LEASE).await.unwrap().unwrap();
            store.drop_message(&third, "expired", at(400)).await.unwrap();
            assert_eq!(store.claim_message("w", at(9999), LEASE).await.unwrap(), None);
            assert_eq!(store.queue_depths().await.unwrap().messages, 0);
        }
    }

    #[tokio::test]
    async fn debug_shows_neither_phone_nor_code() {
        let database = TestDatabase::sqlite().await;
        let store = database.store();
        store.enqueue_message(&new(), at(0)).await.unwrap();
        let text = format!("{:?} {:?}", new(), store.claim_message("w", at(0), LEASE).await.unwrap());
        assert!(!text.contains("123456") && !text.contains(new().phone.as_str()), "{text}");
    }
}
