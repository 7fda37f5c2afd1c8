//! Deliveries to the registration system: at least once, in order within a collection, with an idempotency key.

use std::{fmt, time::Duration};

use jiff::Timestamp;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    sea_query::{Expr, ExprTrait as _},
};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    CollectionId, DeliveryId, Lease, Overdue, QueueDepths, Records, StoreError,
    entity::{attempt, delivery, message},
    lease::{self, QUEUED},
    seal::Place,
    text_enum::text_enum,
    time::{from_millis, to_millis},
};

text_enum! {
    /// Where a delivery stands.
    pub enum DeliveryStatus {
        /// Waits for its turn.
        Queued = "queued",
        /// A worker delivers it.
        Delivering = "running",
        /// The registration system has it.
        Delivered = "delivered",
        /// Given up by a person's decision; the later ones of the collection go on.
        Abandoned = "abandoned",
    }
}

/// Something to be delivered.
#[derive(Clone, PartialEq)]
pub struct NewDelivery {
    /// Whose.
    pub collection: CollectionId,
    /// What it is about: `completed` and the like.
    pub kind: String,
    /// What is told, sealed in the database.
    pub payload: Value,
}

/// A delivery. `Debug` does not show the payload.
#[derive(Clone, PartialEq)]
pub struct Delivery {
    /// The delivery; at the same time its idempotency key, the same in every try.
    pub id: DeliveryId,
    /// Whose.
    pub collection: CollectionId,
    /// Its place within the collection, from 1.
    pub sequence: u64,
    /// What it is about.
    pub kind: String,
    /// What is told.
    pub payload: Value,
    /// Where it stands.
    pub status: DeliveryStatus,
    /// How often it was claimed, this time included.
    pub tries: u32,
    /// When it is due.
    pub next_try_at: Timestamp,
    /// The lease, while a worker has it.
    pub lease: Option<Lease>,
    /// Why it was given back last.
    pub last_error_code: Option<String>,
    /// When it was queued.
    pub created_at: Timestamp,
    /// When it ended.
    pub done_at: Option<Timestamp>,
}

impl fmt::Debug for NewDelivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NewDelivery({}, {})", self.collection, self.kind)
    }
}

impl fmt::Debug for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Delivery({}, {} of {}, {})", self.id, self.sequence, self.collection, self.status)
    }
}

impl Records {
    /// Queues a delivery behind the earlier ones of its collection. Do it in one transaction with the collection's change,
    /// whose compare-and-set keeps two from taking the same place.
    ///
    /// # Errors
    /// [`StoreError::Duplicate`] if somebody took the place at the same moment.
    pub async fn enqueue_delivery(
        &self,
        new: &NewDelivery,
        now: Timestamp,
    ) -> Result<DeliveryId, StoreError> {
        use delivery::Column as C;
        let last: Option<i64> = delivery::Entity::find()
            .filter(C::Collection.eq(new.collection.0))
            .select_only()
            .column_as(Expr::col(C::Sequence).max(), "last")
            .into_tuple::<Option<i64>>()
            .one(&self.db())
            .await?
            .flatten();
        let id = DeliveryId::generate();
        let row = delivery::ActiveModel {
            id: Set(id.0),
            collection: Set(new.collection.0),
            sequence: Set(last.unwrap_or(0) + 1),
            kind: Set(new.kind.clone()),
            payload: Set(self.keyring.seal_json(place(id.0), &new.payload)?),
            status: Set(QUEUED.to_owned()),
            tries: Set(0),
            next_try_at: Set(to_millis(now)),
            created_at: Set(to_millis(now)),
            ..Default::default()
        };
        delivery::Entity::insert(row).exec_without_returning(&self.db()).await?;
        Ok(id)
    }

    /// Takes the delivery that has been due the longest and has no earlier one of its collection open before it.
    ///
    /// # Errors
    /// What the database says.
    pub async fn claim_delivery(
        &self,
        worker: &str,
        now: Timestamp,
        lease: Duration,
    ) -> Result<Option<Delivery>, StoreError> {
        let row = lease::claim::<delivery::Entity>(&self.db(), worker, now, lease).await?;
        row.map(|row| self.delivery_from(row)).transpose()
    }

    /// The registration system has it.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`] if somebody else has it now.
    pub async fn complete_delivery(&self, delivery: &Delivery, now: Timestamp) -> Result<(), StoreError> {
        self.close_delivery(delivery, DeliveryStatus::Delivered, None, now).await
    }

    /// Gives a delivery up, so that the later ones of its collection go on.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`] if somebody else has it now.
    pub async fn abandon_delivery(
        &self,
        delivery: &Delivery,
        code: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.close_delivery(delivery, DeliveryStatus::Abandoned, Some(code), now).await
    }

    /// Gives a delivery back, to be tried again; `code` says why, without personal data.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`] if somebody else has it now.
    pub async fn retry_delivery(
        &self,
        delivery: &Delivery,
        next_try_at: Timestamp,
        code: &str,
    ) -> Result<(), StoreError> {
        let lease = delivery.lease.as_ref();
        lease::retry::<delivery::Entity>(&self.db(), delivery.id.0, lease, next_try_at, code).await
    }

    /// All deliveries of a collection, in their order.
    ///
    /// # Errors
    /// [`StoreError::Sealed`] if one cannot be opened.
    pub async fn deliveries(&self, collection: CollectionId) -> Result<Vec<Delivery>, StoreError> {
        let rows = delivery::Entity::find()
            .filter(delivery::Column::Collection.eq(collection.0))
            .order_by_asc(delivery::Column::Sequence)
            .all(&self.db())
            .await?;
        rows.into_iter().map(|row| self.delivery_from(row)).collect()
    }

    /// How much work waits.
    ///
    /// # Errors
    /// What the database says.
    pub async fn queue_depths(&self) -> Result<QueueDepths, StoreError> {
        let [attempts, deliveries, messages] =
            self.queue_states().await?.map(|state| state.queued + state.running);
        Ok(QueueDepths { attempts, deliveries, messages })
    }

    /// How attempts, deliveries and messages stand.
    ///
    /// # Errors
    /// What the database says.
    pub async fn queue_states(&self) -> Result<[lease::QueueState; 3], StoreError> {
        Ok([
            lease::state::<attempt::Entity>(&self.db()).await?,
            lease::state::<delivery::Entity>(&self.db()).await?,
            lease::state::<message::Entity>(&self.db()).await?,
        ])
    }

    /// Work that was due before that time and that no worker has taken up.
    ///
    /// # Errors
    /// What the database says.
    pub async fn overdue(&self, before: Timestamp) -> Result<Overdue, StoreError> {
        Ok(Overdue {
            attempts: lease::overdue::<attempt::Entity>(&self.db(), before).await?,
            deliveries: lease::overdue::<delivery::Entity>(&self.db(), before).await?,
            messages: lease::overdue::<message::Entity>(&self.db(), before).await?,
        })
    }

    async fn close_delivery(
        &self,
        delivery: &Delivery,
        status: DeliveryStatus,
        code: Option<&str>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let lease = delivery.lease.as_ref();
        let update = lease::release::<delivery::Entity>(delivery.id.0, lease, status.as_str())
            .col_expr(delivery::Column::DoneAt, Expr::val(to_millis(now)))
            .col_expr(delivery::Column::LastErrorCode, Expr::val(code.map(str::to_owned)));
        lease::one_or_lost(update.exec(&self.db()).await?.rows_affected)
    }

    fn delivery_from(&self, row: delivery::Model) -> Result<Delivery, StoreError> {
        Ok(Delivery {
            payload: self.keyring.open_json(place(row.id), &row.payload)?,
            id: DeliveryId(row.id),
            collection: CollectionId(row.collection),
            sequence: row.sequence.unsigned_abs(),
            kind: row.kind,
            status: DeliveryStatus::parse(&row.status).ok_or(StoreError::Malformed("delivery"))?,
            tries: row.tries.unsigned_abs(),
            next_try_at: from_millis(row.next_try_at),
            lease: Lease::from_row(row.lease_owner, row.lease_token, row.lease_until),
            last_error_code: row.last_error_code,
            created_at: from_millis(row.created_at),
            done_at: row.done_at.map(from_millis),
        })
    }
}

pub(crate) fn place(row: Uuid) -> Place {
    Place { table: "delivery", column: "payload", row }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{
        specimens::{at, collection},
        testing::TestDatabase,
    };

    use serde_json::json;

    const LEASE: Duration = Duration::from_secs(60);

    fn new(collection: CollectionId, n: u32) -> NewDelivery {
        NewDelivery { collection, kind: "changed".into(), payload: json!({ "n": n }) }
    }

    #[tokio::test]
    async fn a_later_one_waits_for_the_earlier_ones_of_its_collection_only() {
        for database in TestDatabase::both().await {
            let store = database.store();
            let (one, two) = (collection(&store, 1).await.id, collection(&store, 2).await.id);
            for (collection, n) in [(one, 1), (one, 2), (two, 3)] {
                store.enqueue_delivery(&new(collection, n), at(0)).await.unwrap();
            }
            let claim = |seconds| store.claim_delivery("w", at(seconds), LEASE);
            let first = claim(0).await.unwrap().unwrap();
            assert_eq!((first.collection, first.sequence, &first.payload), (one, 1, &json!({"n": 1})));
            let other = claim(0).await.unwrap().unwrap();
            assert_eq!((other.collection, other.sequence), (two, 1));
            assert_eq!(claim(1).await.unwrap(), None);
            store.retry_delivery(&first, at(30), "503").await.unwrap();
            assert_eq!(claim(29).await.unwrap(), None);
            let again = claim(30).await.unwrap().unwrap();
            assert_eq!((again.id, again.tries), (first.id, 2));
            store.complete_delivery(&again, at(31)).await.unwrap();
            let second = claim(31).await.unwrap().unwrap();
            assert_eq!((second.collection, second.sequence), (one, 2));
            assert_ne!(second.id, first.id);
            assert!(matches!(store.complete_delivery(&first, at(31)).await, Err(StoreError::LeaseLost)));
        }
    }

    #[tokio::test]
    async fn one_that_was_given_up_holds_up_no_other() {
        for database in TestDatabase::both().await {
            let store = database.store();
            let one = collection(&store, 1).await.id;
            store.enqueue_delivery(&new(one, 1), at(0)).await.unwrap();
            store.enqueue_delivery(&new(one, 2), at(0)).await.unwrap();
            let first = store.claim_delivery("w", at(0), LEASE).await.unwrap().unwrap();
            store.abandon_delivery(&first, "410", at(1)).await.unwrap();
            assert_eq!(store.claim_delivery("w", at(1), LEASE).await.unwrap().unwrap().sequence, 2);
            let all = store.deliveries(one).await.unwrap();
            assert_eq!(all[0].status, DeliveryStatus::Abandoned);
            assert_eq!(all[0].last_error_code.as_deref(), Some("410"));
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn many_workers_deliver_each_once_and_in_order() {
        for database in TestDatabase::both().await {
            let store = database.store();
            for n in 0..10 {
                let id = collection(&store, n).await.id;
                for k in 0..5 {
                    store.enqueue_delivery(&new(id, k), at(0)).await.unwrap();
                }
            }
            let log = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
            let workers = (0..6).map(|n| {
                let (store, log) = (store.clone(), log.clone());
                tokio::spawn(async move {
                    while store.queue_depths().await.unwrap().deliveries > 0 {
                        let Some(delivery) =
                            store.claim_delivery(&format!("w{n}"), at(1), LEASE).await.unwrap()
                        else {
                            continue;
                        };
                        log.lock().unwrap().push((delivery.collection, delivery.sequence));
                        store.complete_delivery(&delivery, at(2)).await.unwrap();
                    }
                })
            });
            futures::future::try_join_all(workers).await.unwrap();
            let mut by_collection = std::collections::BTreeMap::<_, Vec<u64>>::new();
            for (collection, sequence) in log.lock().unwrap().iter() {
                by_collection.entry(*collection).or_default().push(*sequence);
            }
            assert_eq!(by_collection.len(), 10);
            assert!(by_collection.values().all(|order| *order == [1, 2, 3, 4, 5]), "{by_collection:?}");
        }
    }
}
