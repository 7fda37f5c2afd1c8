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
