//! Verification attempts (核验次数), kept as the durable queue that workers take them from.
//!
//! What the platform answered and what follows from it, the collection's next state, the delivery, the journal's entry, are
//! written in one transaction: a process may die at any point, and an attempt is still counted exactly once.

use std::time::Duration;

use jiff::Timestamp;
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, sea_query::Expr,
};

use crate::{
    AttemptId, CollectionId, CollectionRecord, Entry, Lease, NewDelivery, PictureId, Records, Store,
    StoreError,
    entity::attempt,
    lease::{self, QUEUED},
    text_enum::text_enum,
    time::{from_millis, to_millis},
};

text_enum! {
    /// Where an attempt stands.
    pub enum AttemptStatus {
        /// Waits for its turn.
        Queued = "queued",
        /// A worker asks the platform.
        Asking = "running",
        /// The platform confirmed.
        Confirmed = "confirmed",
        /// The platform said no: the one answer that counts.
        Refused = "refused",
        /// The platform could not use the picture.
        Unusable = "unusable",
        /// Nobody waits for the answer any more.
        Withdrawn = "withdrawn",
    }
}

text_enum! {
    /// How an attempt ended.
    pub enum AttemptOutcome {
        /// The platform confirmed.
        Confirmed = "confirmed",
        /// The platform said no: the one answer that counts.
        Refused = "refused",
        /// The platform could not use the picture.
        Unusable = "unusable",
        /// Nobody waits for the answer any more.
        Withdrawn = "withdrawn",
    }
}

/// A verification attempt.
#[derive(Debug, Clone, PartialEq)]
pub struct Attempt {
    /// The attempt; the platform's serial number.
    pub id: AttemptId,
    /// Whose.
    pub collection: CollectionId,
    /// The photo that is verified.
    pub photo: PictureId,
    /// Where it stands.
    pub status: AttemptStatus,
    /// How often it was claimed, this time included.
    pub tries: u32,
    /// When it is due.
    pub next_try_at: Timestamp,
    /// The lease, while a worker has it.
    pub lease: Option<Lease>,
    /// Why it was given back last, or what the answer's code was.
    pub last_error_code: Option<String>,
    /// When the candidate consented.
    pub created_at: Timestamp,
    /// When a worker first took it.
    pub asked_at: Option<Timestamp>,
    /// When it ended.
    pub answered_at: Option<Timestamp>,
    /// The platform's own name for the request.
    pub platform_request_id: Option<String>,
    /// Similarity 0 to 100, if the platform told one.
    pub similarity: Option<f64>,
}

/// The platform's answer, as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// How the attempt ended.
    pub outcome: AttemptOutcome,
    /// The platform's own name for the request.
    pub platform_request_id: Option<String>,
    /// Similarity 0 to 100, if the platform told one.
    pub similarity: Option<f64>,
    /// The platform's code, without personal data.
    pub code: Option<String>,
}

impl Records {
    /// Queues an attempt; in one transaction with the collection's step to `Verifying { attempt: id }`.
    ///
    /// # Errors
    /// [`StoreError::Duplicate`] if there is such an attempt already.
    pub async fn enqueue_attempt(
        &self,
        id: AttemptId,
        collection: CollectionId,
        photo: PictureId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let row = attempt::ActiveModel {
            id: Set(id.0),
            collection: Set(collection.0),
            photo: Set(photo.0),
            status: Set(QUEUED.to_owned()),
            tries: Set(0),
            next_try_at: Set(to_millis(now)),
            created_at: Set(to_millis(now)),
            ..Default::default()
        };
        attempt::Entity::insert(row).exec_without_returning(&self.db()).await?;
        Ok(())
    }

    /// Takes the attempt that has been due the longest, under a lease of that length. No two workers take the same; one whose
    /// lease ran out may be taken again.
    ///
    /// # Errors
    /// What the database says.
    pub async fn claim_attempt(
        &self,
        worker: &str,
        now: Timestamp,
        lease: Duration,
    ) -> Result<Option<Attempt>, StoreError> {
        let row = lease::claim::<attempt::Entity>(&self.db(), worker, now, lease).await?;
        row.map(from_row).transpose()
    }

    /// Prolongs the lease of an attempt that takes longer than expected.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`] if somebody else has it now.
    pub async fn prolong_attempt(&self, attempt: &Attempt, until: Timestamp) -> Result<(), StoreError> {
        lease::prolong::<attempt::Entity>(&self.db(), attempt.id.0, attempt.lease.as_ref(), until).await
    }

    /// Gives an attempt back: the platform gave no answer that counts. `code` says why, without personal data.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`] if somebody else has it now.
    pub async fn retry_attempt(
        &self,
        attempt: &Attempt,
        next_try_at: Timestamp,
        code: &str,
    ) -> Result<(), StoreError> {
        lease::retry::<attempt::Entity>(&self.db(), attempt.id.0, attempt.lease.as_ref(), next_try_at, code)
            .await
    }

    /// Closes an attempt, and only that; [`Store::finish_attempt`] does all that belongs to it.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`] if somebody else has it now.
    pub async fn close_attempt(
        &self,
        attempt: &Attempt,
        answer: &Answer,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        use attempt::Column as C;
        let update =
            lease::release::<attempt::Entity>(attempt.id.0, attempt.lease.as_ref(), answer.outcome.as_str())
                .col_expr(C::AnsweredAt, Expr::val(to_millis(now)))
                .col_expr(C::PlatformRequestId, Expr::val(answer.platform_request_id.clone()))
                .col_expr(C::Similarity, Expr::val(answer.similarity))
                .col_expr(C::LastErrorCode, Expr::val(answer.code.clone()));
        lease::one_or_lost(update.exec(&self.db()).await?.rows_affected)
    }

    /// The attempt of that id.
    ///
    /// # Errors
    /// What the database says.
    pub async fn attempt(&self, id: AttemptId) -> Result<Option<Attempt>, StoreError> {
        attempt::Entity::find_by_id(id.0).one(&self.db()).await?.map(from_row).transpose()
    }

    /// All attempts of a collection, oldest first.
    ///
    /// # Errors
    /// What the database says.
    pub async fn attempts(&self, collection: CollectionId) -> Result<Vec<Attempt>, StoreError> {
        let rows = attempt::Entity::find()
            .filter(attempt::Column::Collection.eq(collection.0))
            .order_by_asc(attempt::Column::CreatedAt)
            .order_by_asc(attempt::Column::Id)
            .all(&self.db())
            .await?;
        rows.into_iter().map(from_row).collect()
    }
}

impl Store {
    /// Writes an answer and all that follows from it, or nothing: the attempt is closed, the collection takes its next
    /// state (`collection` holds it, as `domain` said), the deliveries are queued, the journal tells of it.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`] if somebody else has the attempt now; [`StoreError::Conflict`] if the collection changed.
    pub async fn finish_attempt(
        &self,
        attempt: &Attempt,
        answer: &Answer,
        collection: &mut CollectionRecord,
        deliveries: &[NewDelivery],
        entries: &[Entry],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let tx = self.begin().await?;
        let mut next = collection.clone();
        tx.close_attempt(attempt, answer, now).await?;
        tx.save_collection(&mut next, now).await?;
        for delivery in deliveries {
            tx.enqueue_delivery(delivery, now).await?;
        }
        for entry in entries {
            tx.note(entry, now).await?;
        }
        tx.commit().await?;
        *collection = next;
        Ok(())
    }
}

fn from_row(row: attempt::Model) -> Result<Attempt, StoreError> {
    Ok(Attempt {
        id: AttemptId(row.id),
        collection: CollectionId(row.collection),
        photo: PictureId(row.photo),
        status: AttemptStatus::parse(&row.status).ok_or(StoreError::Malformed("attempt"))?,
        tries: row.tries.unsigned_abs(),
        next_try_at: from_millis(row.next_try_at),
        lease: Lease::from_row(row.lease_owner, row.lease_token, row.lease_until),
        last_error_code: row.last_error_code,
        created_at: from_millis(row.created_at),
        asked_at: row.asked_at.map(from_millis),
        answered_at: row.answered_at.map(from_millis),
        platform_request_id: row.platform_request_id,
        similarity: row.similarity,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{
        specimens::{at, verifying},
        testing::TestDatabase,
    };

    use std::collections::HashMap;

    use domain::State;
    use serde_json::json;

    const LEASE: Duration = Duration::from_secs(60);

    fn answer(outcome: AttemptOutcome) -> Answer {
        Answer { outcome, platform_request_id: Some("request".into()), similarity: Some(71.5), code: None }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn eight_workers_on_two_nodes_take_no_attempt_twice() {
        const ATTEMPTS: u32 = 120;
        for database in TestDatabase::both().await {
            let nodes = [database.store(), database.another_node().await];
            for n in 0..ATTEMPTS {
                verifying(&nodes[0], n).await;
            }
            let workers = (0..8).map(|n| {
                let (store, name) = (nodes[n % 2].clone(), format!("worker {n}"));
                tokio::spawn(async move {
                    let mut taken = Vec::new();
                    while let Some(attempt) = store.claim_attempt(&name, at(1), LEASE).await.unwrap() {
                        assert_eq!(attempt.lease.as_ref().unwrap().owner, name);
                        taken.push(attempt.id);
                    }
                    taken
                })
            });
            let taken = futures::future::try_join_all(workers).await.unwrap();
            let mut count = HashMap::new();
            for id in taken.iter().flatten() {
                *count.entry(*id).or_insert(0) += 1;
            }
            assert_eq!(count.len(), ATTEMPTS as usize);
            assert!(count.values().all(|n| *n == 1));
            assert_eq!(nodes[0].queue_depths().await.unwrap().attempts, u64::from(ATTEMPTS));
        }
    }

    #[tokio::test]
    async fn a_dead_workers_attempt_is_taken_over_and_a_slow_one_cannot_finish_it() {
        for database in TestDatabase::both().await {
            let store = database.store();
            let (mut record, id) = verifying(&store, 1).await;
            let slow = store.claim_attempt("w", at(0), LEASE).await.unwrap().unwrap();
            assert_eq!(store.claim_attempt("w", at(59), LEASE).await.unwrap(), None);
            // The same name: a process that was started again. Its claims are its own all the same.
            let next = store.claim_attempt("w", at(60), LEASE).await.unwrap().unwrap();
            assert_eq!((next.id, next.tries), (id, 2));
            let before = record.clone();
            record.collection = record.collection.platform_refused(id.0).unwrap();
            let mut late = record.clone();
            let refused = answer(AttemptOutcome::Refused);
            let result = store.finish_attempt(&slow, &refused, &mut late, &[], &[], at(61)).await;
            assert!(matches!(result, Err(StoreError::LeaseLost)));
            assert!(matches!(
                store.retry_attempt(&slow, at(61), "timeout").await,
                Err(StoreError::LeaseLost)
            ));
            assert!(matches!(store.prolong_attempt(&slow, at(99)).await, Err(StoreError::LeaseLost)));
            assert_eq!(store.collection(record.id).await.unwrap().unwrap(), before);
            store.finish_attempt(&next, &refused, &mut record, &[], &[], at(62)).await.unwrap();
            let again = store.finish_attempt(&next, &refused, &mut record.clone(), &[], &[], at(63)).await;
            assert!(matches!(again, Err(StoreError::LeaseLost)));
            let ended = store.collection(record.id).await.unwrap().unwrap();
            assert_eq!(
                (ended.collection.state(), ended.collection.attempts().refused()),
                (State::Refused, 1)
            );
        }
    }

    #[tokio::test]
    async fn an_answer_and_what_follows_from_it_are_written_together_or_not_at_all() {
        for database in TestDatabase::both().await {
            let store = database.store();
            let (record, id) = verifying(&store, 1).await;
            let attempt = store.claim_attempt("w", at(1), LEASE).await.unwrap().unwrap();
            let mut next = record.clone();
            next.collection = next.collection.platform_confirmed(id.0).unwrap();
            let told = [NewDelivery {
                collection: record.id,
                kind: "completed".into(),
                payload: json!({"photo": attempt.photo}),
            }];
            let entries = [Entry::new(record.id, "platform_confirmed", "worker").with("similarity", 71.5)];
            let confirmed = answer(AttemptOutcome::Confirmed);

            let mut stale = CollectionRecord { version: record.version - 1, ..next.clone() };
            let result = store.finish_attempt(&attempt, &confirmed, &mut stale, &told, &entries, at(2)).await;
            assert!(matches!(result, Err(StoreError::Conflict)));
            assert_eq!(store.attempt(id).await.unwrap().unwrap().status, AttemptStatus::Asking);
            assert_eq!(store.journal(record.id).await.unwrap(), []);
            assert_eq!(store.deliveries(record.id).await.unwrap(), []);

            store.finish_attempt(&attempt, &confirmed, &mut next, &told, &entries, at(2)).await.unwrap();
            let closed = store.attempt(id).await.unwrap().unwrap();
            assert_eq!((closed.status, closed.similarity), (AttemptStatus::Confirmed, Some(71.5)));
            assert_eq!((closed.asked_at, closed.answered_at), (Some(at(1)), Some(at(2))));
            assert_eq!(closed.lease, None);
            assert_eq!(store.collection(record.id).await.unwrap().unwrap(), next);
            assert_eq!(store.journal(record.id).await.unwrap()[0].entry, entries[0]);
            assert_eq!(store.deliveries(record.id).await.unwrap()[0].payload, told[0].payload);
            assert_eq!(store.attempts(record.id).await.unwrap(), [closed]);
        }
    }

    #[tokio::test]
    async fn an_attempt_given_back_waits_for_its_time_and_is_not_counted() {
        for database in TestDatabase::both().await {
            let store = database.store();
            let (record, id) = verifying(&store, 1).await;
            let attempt = store.claim_attempt("w", at(1), LEASE).await.unwrap().unwrap();
            store.prolong_attempt(&attempt, at(100)).await.unwrap();
            assert_eq!(store.claim_attempt("w", at(90), LEASE).await.unwrap(), None);
            store.retry_attempt(&attempt, at(120), "InternalError").await.unwrap();
            assert_eq!(store.claim_attempt("w", at(119), LEASE).await.unwrap(), None);
            let again = store.claim_attempt("w", at(120), LEASE).await.unwrap().unwrap();
            assert_eq!((again.id, again.tries), (id, 2));
            assert_eq!(again.last_error_code.as_deref(), Some("InternalError"));
            assert_eq!(store.collection(record.id).await.unwrap().unwrap(), record);
        }
    }

    /// Workers that die at every step between taking and finishing: each collection ends with one refusal, none with two.
    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn workers_that_die_anywhere_neither_lose_nor_double_an_answer() {
        const COLLECTIONS: u32 = 40;
        for database in TestDatabase::both().await {
            let store = database.store();
            let mut ids = Vec::new();
            for n in 0..COLLECTIONS {
                ids.push(verifying(&store, n).await.0.id);
            }
            let workers = (0..6u64).map(|seed| {
                let store = store.clone();
                tokio::spawn(async move {
                    let mut dice = seed;
                    // Each round is a minute later, so that the leases of the dead run out.
                    for minute in 0..200 {
                        let now = at(minute * 61);
                        while let Some(attempt) = store.claim_attempt("w", now, LEASE).await.unwrap() {
                            dice = dice.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                            let death = (dice >> 33) % 4;
                            if death == 0 {
                                break;
                            }
                            let mut record = store.collection(attempt.collection).await.unwrap().unwrap();
                            let refused = answer(AttemptOutcome::Refused);
                            let Ok(next) = record.collection.platform_refused(attempt.id.0) else {
                                // The collection moved on: then a worker ahead in time has taken this attempt over.
                                let late = store.close_attempt(&attempt, &refused, now).await;
                                assert!(matches!(late, Err(StoreError::LeaseLost)));
                                continue;
                            };
                            record.collection = next;
                            if death == 1 {
                                // Dies with the transaction open.
                                let tx = store.begin().await.unwrap();
                                if tx.close_attempt(&attempt, &refused, now).await.is_ok() {
                                    let _ = tx.save_collection(&mut record, now).await;
                                }
                                break;
                            }
                            match store.finish_attempt(&attempt, &refused, &mut record, &[], &[], now).await {
                                Ok(()) | Err(StoreError::LeaseLost | StoreError::Conflict) => {}
                                Err(other) => panic!("{other}"),
                            }
                        }
                        if store.queue_depths().await.unwrap().attempts == 0 {
                            break;
                        }
                    }
                })
            });
            futures::future::try_join_all(workers).await.unwrap();
            for id in ids {
                let record = store.collection(id).await.unwrap().unwrap();
                assert_eq!(record.collection.state(), State::Refused);
                assert_eq!(record.collection.attempts().refused(), 1);
            }
        }
    }
}
