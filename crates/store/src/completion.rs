//! Completed collections in the order of their completion, which the journal keeps: a collection's own times change with every later look.

use jiff::Timestamp;
use sea_orm::{
    ConnectionTrait as _,
    sea_query::{Condition, Expr, ExprTrait as _, JoinType, Order, Query, SelectStatement},
};
use uuid::Uuid;

use crate::{
    CollectionId, EntryId, Records, StoreError,
    time::{from_millis, to_millis},
};

/// The journal's name for completion.
const EVENT: &str = "completed";

/// That a collection, which is complete still, was completed; of one that was completed anew the last time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Completion {
    /// The journal's entry.
    pub entry: EntryId,
    /// When.
    pub at: Timestamp,
    /// The collection.
    pub collection: CollectionId,
}

impl Records {
    /// A page of the completions of an exam session after `since` and not after `until`, oldest first, beginning after that one.
    ///
    /// # Errors
    /// What the database says.
    pub async fn completions(
        &self,
        exam_session: &str,
        since: Option<Timestamp>,
        until: Timestamp,
        after: Option<&Completion>,
        limit: u64,
    ) -> Result<Vec<Completion>, StoreError> {
        let mut query = between(exam_session, since, until);
        query
            .columns([("entry", "id"), ("entry", "at"), ("entry", "collection")])
            .order_by(("entry", "at"), Order::Asc)
            .order_by(("entry", "id"), Order::Asc)
            .limit(limit);
        if let Some(last) = after {
            query.cond_where(later("entry", to_millis(last.at).into(), last.entry.0.into()));
        }
        let rows = self.db().query_all(&query).await?;
        let read = |row: &sea_orm::QueryResult| {
            Ok(Completion {
                entry: EntryId(row.try_get::<Uuid>("", "id")?),
                at: from_millis(row.try_get("", "at")?),
                collection: CollectionId(row.try_get("", "collection")?),
            })
        };
        rows.iter().map(read).collect()
    }

    /// How many there are.
    ///
    /// # Errors
    /// What the database says.
    pub async fn count_completions(
        &self,
        exam_session: &str,
        since: Option<Timestamp>,
        until: Timestamp,
    ) -> Result<u64, StoreError> {
        let mut query = between(exam_session, since, until);
        query.expr_as(Expr::col(("entry", "id")).count(), "completions");
        let row = self.db().query_one(&query).await?;
        let completions: i64 = row.map_or(Ok(0), |row| row.try_get("", "completions"))?;
        Ok(completions.unsigned_abs())
    }
}

fn between(exam_session: &str, since: Option<Timestamp>, until: Timestamp) -> SelectStatement {
    let entry = |column: &'static str| Expr::col(("entry", column));
    let anew = Query::select()
        .expr(Expr::val(1))
        .from_as("journal", "anew")
        .and_where(Expr::col(("anew", "collection")).equals(("entry", "collection")))
        .and_where(Expr::col(("anew", "event")).eq(EVENT))
        .cond_where(later("anew", entry("at"), entry("id")))
        .take();
    Query::select()
        .from_as("journal", "entry")
        .join_as(
            JoinType::InnerJoin,
            "collection",
            "whose",
            Expr::col(("whose", "id")).equals(("entry", "collection")),
        )
        .and_where(entry("event").eq(EVENT))
        .and_where(entry("at").lte(to_millis(until)))
        .and_where_option(since.map(|since| entry("at").gt(to_millis(since))))
        .and_where(Expr::col(("whose", "exam_session")).eq(exam_session))
        .and_where(Expr::col(("whose", "state")).eq("completed"))
        .and_where(Expr::exists(anew).not())
        .take()
}

/// An entry of the journal lies after that time and id.
fn later(table: &'static str, at: Expr, id: Expr) -> Condition {
    let column = |column: &'static str| Expr::col((table, column));
    Condition::any().add(column("at").gt(at.clone())).add(column("at").eq(at).and(column("id").gt(id)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{
        Entry, Store,
        specimens::{SESSION, at, verifying},
        testing::TestDatabase,
    };

    async fn completed(store: &Store, n: u32, second: i64) -> CollectionId {
        let (mut record, attempt) = verifying(store, n).await;
        record.collection = record.collection.platform_confirmed(attempt.0).unwrap();
        store.save_collection(&mut record, at(second)).await.unwrap();
        store.note(&Entry::new(record.id, EVENT, "worker"), at(second)).await.unwrap();
        record.id
    }

    #[tokio::test]
    async fn they_come_in_their_order_page_by_page_and_anew_only_once() {
        for database in TestDatabase::both().await {
            let store = database.store();
            // Two in the same millisecond, and one that is not complete.
            let (b, c, a) = (
                completed(&store, 1, 20).await,
                completed(&store, 2, 20).await,
                completed(&store, 3, 10).await,
            );
            verifying(&store, 4).await;
            let page = async |since: Option<i64>, after: Option<&Completion>| {
                store.completions(SESSION, since.map(at), at(100), after, 2).await.unwrap()
            };
            let of = |page: &[Completion]| page.iter().map(|c| c.collection).collect::<Vec<_>>();
            let first = page(None, None).await;
            assert_eq!(of(&first), [a, b]);
            assert_eq!(of(&page(None, first.last()).await), [c]);
            assert_eq!(of(&page(Some(10), None).await), [b, c]);
            assert_eq!(of(&page(Some(20), None).await), []);
            store.note(&Entry::new(a, EVENT, "li"), at(30)).await.unwrap();
            assert_eq!(of(&page(None, None).await), [b, c], "the first time no longer counts");
            assert_eq!(of(&page(Some(20), None).await), [a]);
            let count = async |until| store.count_completions(SESSION, None, at(until)).await.unwrap();
            assert_eq!((count(100).await, count(20).await), (3, 2));
            assert_eq!(store.count_completions("other", None, at(100)).await.unwrap(), 0);
        }
    }
}
