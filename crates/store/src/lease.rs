//! Durable queues in the database: taking work under a lease, giving it back, closing it.
//!
//! A piece of work is `queued` (due at `next_try_at`), `running` (held under a lease) or in one of its final states. A
//! lease that ran out makes it claimable again, so a worker that died at any point loses nothing; the lease's token is
//! new with every claim, so a worker that was only slow cannot close work that another has taken over.

use std::time::Duration;

use jiff::Timestamp;
use sea_orm::{
    Condition, ConnectionTrait, EntityTrait, QueryFilter as _, UpdateMany,
    sea_query::{Expr, ExprTrait as _, Func, LockBehavior, LockType, Order, Query, SelectStatement},
};
use uuid::Uuid;

use crate::{
    StoreError,
    time::{from_millis, span, to_millis},
};

pub(crate) const QUEUED: &str = "queued";
pub(crate) const RUNNING: &str = "running";

/// The right to do one piece of work, until it runs out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// Who holds it: a worker's name, for people who look at the database.
    pub owner: String,
    /// New with every claim.
    pub token: Uuid,
    /// When it runs out.
    pub until: Timestamp,
}

impl Lease {
    pub(crate) fn from_row(owner: Option<String>, token: Option<Uuid>, until: Option<i64>) -> Option<Lease> {
        Some(Lease { owner: owner?, token: token?, until: from_millis(until?) })
    }
}

/// A table that is a queue: it has the seven columns of `migration::queue`.
pub(crate) trait Queue: EntityTrait {
    /// The table's name.
    const TABLE: &'static str;

    /// The column that keeps when a row was first taken, where there is one.
    const FIRST_TAKEN: Option<&'static str> = None;

    /// What else must be true of a row, named `candidate`, to be taken.
    fn only_if() -> Option<Expr> {
        None
    }
}

impl Queue for crate::entity::attempt::Entity {
    const TABLE: &'static str = "attempt";
    const FIRST_TAKEN: Option<&'static str> = Some("asked_at");
}

impl Queue for crate::entity::message::Entity {
    const TABLE: &'static str = "message";
}

impl Queue for crate::entity::delivery::Entity {
    const TABLE: &'static str = "delivery";

    /// In order: nothing before it in its collection is still open.
    fn only_if() -> Option<Expr> {
        let earlier = Query::select()
            .expr(Expr::val(1))
            .from_as(Self::TABLE, "earlier")
            .and_where(Expr::col(("earlier", "collection")).equals(("candidate", "collection")))
            .and_where(Expr::col(("earlier", "sequence")).lt(Expr::col(("candidate", "sequence"))))
            .and_where(open("earlier"))
            .take();
        Some(Expr::exists(earlier).not())
    }
}

/// Picks the piece of work that has been due the longest.
fn first_due<E: Queue>(millis: i64) -> SelectStatement {
    let candidate = |column: &'static str| Expr::col(("candidate", column));
    let abandoned = candidate("status").eq(RUNNING).and(candidate("lease_until").lte(millis));
    Query::select()
        .from_as(E::TABLE, "candidate")
        .and_where(open("candidate"))
        // What was taken was due, too.
        .and_where(candidate("next_try_at").lte(millis))
        .cond_where(Condition::any().add(candidate("status").eq(QUEUED)).add(abandoned))
        .and_where_option(E::only_if())
        .order_by(("candidate", "next_try_at"), Order::Asc)
        .order_by(("candidate", "id"), Order::Asc)
        .limit(1)
        .take()
}

/// Since when the piece of work is due that was due before that time and has waited the longest.
pub(crate) async fn overdue<E: Queue>(
    db: &impl ConnectionTrait,
    before: Timestamp,
) -> Result<Option<Timestamp>, StoreError> {
    let mut pick = first_due::<E>(to_millis(before));
    let row = db.query_one(pick.column(("candidate", "next_try_at"))).await?;
    Ok(row.map(|row| row.try_get_by_index(0)).transpose()?.map(from_millis))
}

/// Takes the piece of work that has been due the longest.
///
/// One statement, so that no two workers take the same: PostgreSQL locks the row that it picks and skips those that others
/// have locked; SQLite has one writer at a time, and its dialect leaves the lock clause out.
pub(crate) async fn claim<E: Queue>(
    db: &impl ConnectionTrait,
    worker: &str,
    now: Timestamp,
    lease: Duration,
) -> Result<Option<E::Model>, StoreError> {
    let millis = to_millis(now);
    let mut pick = first_due::<E>(millis);
    pick.column(("candidate", "id")).lock_with_tables_behavior(
        LockType::Update,
        ["candidate"],
        LockBehavior::SkipLocked,
    );
    let mut take = E::update_many()
        .col_expr("status", Expr::val(RUNNING))
        .col_expr("tries", Expr::col("tries").add(1))
        .col_expr("lease_owner", Expr::val(worker))
        .col_expr("lease_token", Expr::val(Uuid::now_v7()))
        .col_expr("lease_until", Expr::val(millis.saturating_add(span(lease))))
        .filter(Expr::col("id").eq(Expr::SubQuery(None, Box::new(pick.into()))));
    if let Some(column) = E::FIRST_TAKEN {
        take = take.col_expr(column, Func::coalesce([Expr::col(column), Expr::val(millis)]).into());
    }
    Ok(take.exec_with_returning(db).await?.into_iter().next())
}

/// An update of the row that is held under this lease, which it ends; the caller adds what else changes.
pub(crate) fn release<E: Queue>(id: Uuid, lease: Option<&Lease>, status: &str) -> UpdateMany<E> {
    E::update_many()
        .col_expr("status", Expr::val(status))
        .col_expr("lease_owner", Expr::val(None::<String>))
        .col_expr("lease_token", Expr::val(None::<Uuid>))
        .col_expr("lease_until", Expr::val(None::<i64>))
        .filter(held(id, lease))
}

/// An update of the row that is held under this lease, which it prolongs.
pub(crate) async fn prolong<E: Queue>(
    db: &impl ConnectionTrait,
    id: Uuid,
    lease: Option<&Lease>,
    until: Timestamp,
) -> Result<(), StoreError> {
    let update =
        E::update_many().col_expr("lease_until", Expr::val(to_millis(until))).filter(held(id, lease));
    one_or_lost(update.exec(db).await?.rows_affected)
}

/// Gives a piece of work back, to be tried again.
pub(crate) async fn retry<E: Queue>(
    db: &impl ConnectionTrait,
    id: Uuid,
    lease: Option<&Lease>,
    next_try_at: Timestamp,
    code: &str,
) -> Result<(), StoreError> {
    let update = release::<E>(id, lease, QUEUED)
        .col_expr("next_try_at", Expr::val(to_millis(next_try_at)))
        .col_expr("last_error_code", Expr::val(code));
    one_or_lost(update.exec(db).await?.rows_affected)
}

/// That a row of a queue, which a statement calls by that name, is open. The states stand in the statement itself: only so do the databases
/// see that the indexes on open work hold all that is asked for, and those stay small.
pub(crate) fn open(row: &str) -> Expr {
    Expr::cust(format!("\"{row}\".\"status\" IN ('{QUEUED}', '{RUNNING}')"))
}

/// How a queue stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct QueueState {
    /// Pieces of work that wait.
    pub queued: u64,
    /// Pieces of work that a worker holds.
    pub running: u64,
    /// Since when the longest-due of those that wait has been due; a time to come if none is due yet.
    pub due_since: Option<Timestamp>,
    /// Since when the oldest that is not done has been there.
    pub open_since: Option<Timestamp>,
}

/// How the queue stands.
pub(crate) async fn state<E: Queue>(db: &impl ConnectionTrait) -> Result<QueueState, StoreError> {
    let by_status = Query::select()
        .column("status")
        .expr_as(Expr::col("id").count(), "open")
        .expr_as(Expr::col("next_try_at").min(), "due")
        .expr_as(Expr::col("created_at").min(), "oldest")
        .from(E::TABLE)
        .and_where(open(E::TABLE))
        .group_by_col("status")
        .take();
    let mut state = QueueState::default();
    for row in db.query_all(&by_status).await? {
        let status: String = row.try_get("", "status")?;
        let open: i64 = row.try_get("", "open")?;
        let oldest = from_millis(row.try_get("", "oldest")?);
        state.open_since = Some(state.open_since.map_or(oldest, |before| before.min(oldest)));
        if status == QUEUED {
            state.queued = open.unsigned_abs();
            state.due_since = Some(from_millis(row.try_get("", "due")?));
        } else {
            state.running = open.unsigned_abs();
        }
    }
    Ok(state)
}

pub(crate) fn one_or_lost(rows: u64) -> Result<(), StoreError> {
    if rows == 1 { Ok(()) } else { Err(StoreError::LeaseLost) }
}

fn held(id: Uuid, lease: Option<&Lease>) -> Condition {
    // Work that was not claimed has no token, and equals none.
    let token = lease.map_or(Uuid::nil(), |lease| lease.token);
    Condition::all()
        .add(Expr::col("id").eq(id))
        .add(Expr::col("status").eq(RUNNING))
        .add(Expr::col("lease_token").eq(token))
}
