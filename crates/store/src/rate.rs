//! Limits by rate that hold across all nodes: one row for each key and window, counted in one statement.

use std::time::Duration;

use jiff::Timestamp;
use sea_orm::{
    ActiveValue::Set,
    EntityTrait as _,
    sea_query::{CaseStatement, Expr, ExprTrait as _, OnConflict},
};

use crate::{
    Records, StoreError,
    entity::rate,
    time::{from_millis, span, to_millis},
};

/// What came of counting one more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateHit {
    /// How many in this window, this one included.
    pub hits: u64,
    /// Whether this one is within the limit.
    pub allowed: bool,
    /// When the window ends and the count begins anew.
    pub until: Timestamp,
}

impl Records {
    /// Counts one more of `subject` (a phone, an address; kept as a keyed hash) under `rule`, and says whether it is within
    /// `limit`. The window begins with its first hit, so "once a minute" means 60 seconds after the last one allowed.
    ///
    /// # Errors
    /// What the database says.
    pub async fn rate_hit(
        &self,
        rule: &str,
        subject: &str,
        window: Duration,
        limit: u64,
        now: Timestamp,
    ) -> Result<RateHit, StoreError> {
        use rate::Column as C;
        let (millis, length) = (to_millis(now), span(window));
        let row = rate::ActiveModel {
            key_hash: Set(self.keyring.look_up(&format!("rate {rule}"), subject).to_vec()),
            window: Set(length),
            window_start: Set(millis),
            hits: Set(1),
        };
        let over = || Expr::col((rate::Entity, C::WindowStart)).lte(millis.saturating_sub(length));
        let hits = CaseStatement::new()
            .case(over(), Expr::val(1))
            .finally(Expr::col((rate::Entity, C::Hits)).add(1));
        let start = CaseStatement::new()
            .case(over(), Expr::val(millis))
            .finally(Expr::col((rate::Entity, C::WindowStart)));
        let counted = rate::Entity::insert(row)
            .on_conflict(
                OnConflict::columns([C::KeyHash, C::Window])
                    .value(C::Hits, hits)
                    .value(C::WindowStart, start)
                    .to_owned(),
            )
            .exec_with_returning(&self.db())
            .await?;
        let hits = counted.hits.unsigned_abs();
        let until = from_millis(counted.window_start.saturating_add(length));
        Ok(RateHit { hits, allowed: hits <= limit, until })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{specimens::at, testing::TestDatabase};

    const MINUTE: Duration = Duration::from_secs(60);

    #[tokio::test]
    async fn the_limit_holds_across_nodes() {
        for database in TestDatabase::both().await {
            let nodes = [database.store(), database.another_node().await];
            let hits = (0..40).map(|n| nodes[n % 2].rate_hit("sms", "1", MINUTE, 10, at(0)));
            let hits = futures::future::try_join_all(hits).await.unwrap();
            assert_eq!(hits.iter().filter(|hit| hit.allowed).count(), 10);
            let mut counts: Vec<u64> = hits.iter().map(|hit| hit.hits).collect();
            counts.sort_unstable();
            assert_eq!(counts, (1..=40).collect::<Vec<u64>>());
        }
    }

    #[tokio::test]
    async fn a_window_begins_with_its_first_hit_and_counts_its_own_subject_and_rule() {
        for database in TestDatabase::both().await {
            let store = database.store();
            let hit = |rule, subject, seconds| store.rate_hit(rule, subject, MINUTE, 1, at(seconds));
            assert_eq!(hit("a", "x", 59).await.unwrap(), RateHit { hits: 1, allowed: true, until: at(119) });
            assert!(!hit("a", "x", 61).await.unwrap().allowed);
            assert!(!hit("a", "x", 118).await.unwrap().allowed);
            assert!(hit("a", "y", 61).await.unwrap().allowed);
            assert!(hit("b", "x", 61).await.unwrap().allowed);
            assert_eq!(hit("a", "x", 119).await.unwrap().until, at(179));
        }
    }
}
