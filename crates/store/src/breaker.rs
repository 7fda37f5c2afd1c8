//! Circuit breakers, one row for each partner, so that several nodes agree on whether a partner is worth asking.

use std::time::Duration;

use jiff::Timestamp;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait as _, Condition, EntityTrait as _, QueryFilter as _,
    sea_query::{CaseStatement, Expr, ExprTrait as _, OnConflict},
};

use crate::{
    Records, StoreError,
    entity::breaker,
    time::{from_millis, span, to_millis},
};

/// When a breaker opens, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BreakerPolicy {
    /// Failures in a row that open it.
    pub failures: u32,
    /// How long it stays open before one probe is let through.
    pub open_for: Duration,
}

/// Whether the partner may be asked now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    /// Yes.
    Granted,
    /// Yes, one node, to see whether the partner is back: this one.
    Probe,
    /// Not before that time.
    Wait(Timestamp),
}

/// A breaker as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breaker {
    /// The partner.
    pub partner: String,
    /// Failures in a row.
    pub failures: u32,
    /// While set, the breaker is open: nobody asks before that time.
    pub opened_until: Option<Timestamp>,
    /// Whether a probe is under way.
    pub probing: bool,
    /// Since when it fails, while it does.
    pub since: Option<Timestamp>,
}

impl Records {
    /// Asks whether a partner may be asked now. Of an open breaker whose time has come, one caller gets the probe; the others
    /// wait `probe_for` more, after which the next gets one, should the first have died.
    ///
    /// # Errors
    /// What the database says.
    pub async fn breaker_permission(
        &self,
        partner: &str,
        probe_for: Duration,
        now: Timestamp,
    ) -> Result<Permission, StoreError> {
        use breaker::Column as C;
        let Some(Breaker { opened_until: Some(until), .. }) = self.breaker(partner).await? else {
            return Ok(Permission::Granted);
        };
        if now < until {
            return Ok(Permission::Wait(until));
        }
        let millis = to_millis(now);
        let next = millis.saturating_add(span(probe_for)).saturating_add(1);
        let taken = breaker::Entity::update_many()
            .col_expr(C::Probing, Expr::val(true))
            .col_expr(C::OpenedUntil, Expr::val(next))
            .col_expr(C::UpdatedAt, Expr::val(millis))
            .filter(C::Partner.eq(partner))
            .filter(C::OpenedUntil.lte(millis))
            .exec(&self.db())
            .await?;
        if taken.rows_affected == 1 {
            return Ok(Permission::Probe);
        }
        Ok(match self.breaker(partner).await?.and_then(|b| b.opened_until) {
            Some(until) => Permission::Wait(until),
            None => Permission::Granted,
        })
    }

    /// The partner answered: the breaker closes.
    ///
    /// # Errors
    /// What the database says.
    pub async fn breaker_succeeded(&self, partner: &str, now: Timestamp) -> Result<(), StoreError> {
        use breaker::Column as C;
        breaker::Entity::update_many()
            .col_expr(C::Failures, Expr::val(0))
            .col_expr(C::OpenedUntil, Expr::val(None::<i64>))
            .col_expr(C::Probing, Expr::val(false))
            .col_expr(C::Since, Expr::val(None::<i64>))
            .col_expr(C::UpdatedAt, Expr::val(to_millis(now)))
            .filter(C::Partner.eq(partner))
            // Most answers find it closed: nothing to write then.
            .filter(Condition::any().add(C::Failures.ne(0)).add(C::OpenedUntil.is_not_null()))
            .exec(&self.db())
            .await?;
        Ok(())
    }

    /// The partner failed: one more in a row; the breaker opens when there are enough, and at once when a probe failed.
    ///
    /// # Errors
    /// What the database says.
    pub async fn breaker_failed(
        &self,
        partner: &str,
        policy: BreakerPolicy,
        now: Timestamp,
    ) -> Result<Breaker, StoreError> {
        use breaker::Column as C;
        let millis = to_millis(now);
        let open_until = millis.saturating_add(span(policy.open_for));
        let threshold = i32::try_from(policy.failures).unwrap_or(i32::MAX);
        let column = |column: C| Expr::col((breaker::Entity, column));
        let opens = column(C::Failures).add(1).gte(threshold).or(column(C::Probing).eq(true));
        let until = CaseStatement::new().case(opens, Expr::val(open_until)).finally(column(C::OpenedUntil));
        // A node of the version before closes a breaker and leaves `since` as it is.
        let first = column(C::Failures).eq(0).or(column(C::Since).is_null());
        let since = CaseStatement::new().case(first, Expr::val(millis)).finally(column(C::Since));
        let row = breaker::ActiveModel {
            partner: Set(partner.to_owned()),
            failures: Set(1),
            opened_until: Set((threshold <= 1).then_some(open_until)),
            probing: Set(false),
            updated_at: Set(millis),
            since: Set(Some(millis)),
        };
        let row = breaker::Entity::insert(row)
            .on_conflict(
                OnConflict::column(C::Partner)
                    .value(C::Failures, column(C::Failures).add(1))
                    .value(C::OpenedUntil, until)
                    .value(C::Probing, Expr::val(false))
                    .value(C::UpdatedAt, Expr::val(millis))
                    .value(C::Since, since)
                    .to_owned(),
            )
            .exec_with_returning(&self.db())
            .await?;
        Ok(from_row(row))
    }

    /// The breaker of a partner; `None` if it never failed.
    ///
    /// # Errors
    /// What the database says.
    pub async fn breaker(&self, partner: &str) -> Result<Option<Breaker>, StoreError> {
        Ok(breaker::Entity::find_by_id(partner).one(&self.db()).await?.map(from_row))
    }
}

fn from_row(row: breaker::Model) -> Breaker {
    Breaker {
        partner: row.partner,
        failures: row.failures.unsigned_abs(),
        opened_until: row.opened_until.map(from_millis),
        probing: row.probing,
        since: row.since.filter(|_| row.failures > 0).map(from_millis),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{Store, specimens::at, testing::TestDatabase};

    const POLICY: BreakerPolicy = BreakerPolicy { failures: 3, open_for: Duration::from_secs(30) };
    const PROBE: Duration = Duration::from_secs(10);

    async fn opened(database: &TestDatabase) -> Store {
        let store = database.store();
        for n in 0..3 {
            assert_eq!(store.breaker_permission("sms", PROBE, at(n)).await.unwrap(), Permission::Granted);
            store.breaker_failed("sms", POLICY, at(n)).await.unwrap();
        }
        store
    }

    #[tokio::test]
    async fn it_opens_after_failures_in_a_row_for_all_nodes() {
        for database in TestDatabase::both().await {
            let store = opened(&database).await;
            let other = database.another_node().await;
            for node in [&store, &other] {
                let permission = node.breaker_permission("sms", PROBE, at(3)).await.unwrap();
                assert_eq!(permission, Permission::Wait(at(32)));
            }
            assert_eq!(
                store.breaker_permission("platform", PROBE, at(3)).await.unwrap(),
                Permission::Granted
            );
        }
    }

    #[tokio::test]
    async fn a_success_between_failures_begins_the_count_anew() {
        for database in TestDatabase::both().await {
            let store = database.store();
            for n in 0..6 {
                store.breaker_failed("sms", POLICY, at(n)).await.unwrap();
                if n % 2 == 1 {
                    store.breaker_succeeded("sms", at(n)).await.unwrap();
                }
            }
            assert_eq!(store.breaker_permission("sms", PROBE, at(9)).await.unwrap(), Permission::Granted);
        }
    }

    #[tokio::test]
    async fn it_tells_since_when_the_partner_fails() {
        for database in TestDatabase::both().await {
            let store = opened(&database).await;
            let since = async || store.breaker("sms").await.unwrap().unwrap().since;
            assert_eq!(since().await, Some(at(0)));
            store.breaker_succeeded("sms", at(40)).await.unwrap();
            assert_eq!(since().await, None);
            for n in 50..53 {
                store.breaker_failed("sms", POLICY, at(n)).await.unwrap();
            }
            assert_eq!(since().await, Some(at(50)));
        }
    }

    #[tokio::test]
    async fn one_probe_is_let_through_and_its_outcome_decides() {
        for database in TestDatabase::both().await {
            let store = opened(&database).await;
            let ask = |seconds| store.breaker_permission("sms", PROBE, at(seconds));
            let asked = futures::future::try_join_all((0..8).map(|_| ask(32))).await.unwrap();
            assert_eq!(asked.iter().filter(|p| **p == Permission::Probe).count(), 1, "{asked:?}");
            let breaker = store.breaker_failed("sms", POLICY, at(33)).await.unwrap();
            assert_eq!(breaker.opened_until, Some(at(63)));
            assert_eq!(ask(63).await.unwrap(), Permission::Probe);
            // That one dies without a word: after the time for a probe the next is let through.
            assert!(matches!(ask(64).await.unwrap(), Permission::Wait(_)));
            assert_eq!(ask(74).await.unwrap(), Permission::Probe);
            store.breaker_succeeded("sms", at(75)).await.unwrap();
            assert_eq!(ask(75).await.unwrap(), Permission::Granted);
        }
    }
}
