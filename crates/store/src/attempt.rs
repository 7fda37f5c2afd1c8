//! Verification attempts (核验次数), kept as the durable queue that workers take them from.
//!
//! What the platform answered and what follows from it, the collection's next state, the delivery, the journal's entry, are
//! written in one transaction: a process may die at any point, and an attempt is still counted exactly once.

use std::time::Duration;

use jiff::Timestamp;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    sea_query::{Expr, Func},
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
        let millis = to_millis(now);
        let update =
            lease::release::<attempt::Entity>(attempt.id.0, attempt.lease.as_ref(), answer.outcome.as_str())
                .col_expr(C::AnsweredAt, Expr::val(millis))
                .col_expr(C::AskedAt, Func::coalesce([Expr::col(C::AskedAt), Expr::val(millis)]).into())
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
