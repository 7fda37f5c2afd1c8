//! How an exam session goes, in numbers. What a board shows all the time is kept beside the journal, in the transaction of its entry: that a
//! collection got to a step for the first time, how its first tries went, and which checks refused it. These rows are only added, one
//! collection's never touch another's, and counting them takes an index alone. The rest are aggregates over attempts and queues. Nothing
//! personal is read or kept.

use std::collections::BTreeMap;

use jiff::Timestamp;
use sea_orm::{
    ConnectionTrait as _, QueryResult, TryGetable,
    sea_query::{Condition, Expr, ExprTrait as _, JoinType, OnConflict, Query, SelectStatement},
};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    Entry, Records, StoreError, lease,
    time::{from_millis, to_millis},
};

const HOUR: i64 = 3_600_000;

/// What is counted: of one exam session, from then on and before then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// The exam session.
    pub exam_session: String,
    /// Not before.
    pub from: Option<Timestamp>,
    /// Before.
    pub until: Option<Timestamp>,
}

/// What an entry of the journal says.
type Said = fn(&Entry) -> bool;

const YES: Said = |_| true;
const NO: Said = |_| false;

/// What a collection is counted for, once: its name, the journal's event, whether the entry is it, and whether it went well.
const MILESTONES: [(&str, &str, Said, Said); 16] = [
    ("begun", "logged_in", YES, YES),
    ("begun", "began_at_desk", YES, YES),
    ("card", "card_handed_in", |entry| says(entry, "state", "confirm"), YES),
    ("confirmed", "card_confirmed", |entry| !says(entry, "state", "blocked"), YES),
    ("photo", "photo_judged", accepted, YES),
    ("consented", "face_comparison_consented", YES, YES),
    ("verified", "platform_confirmed", YES, YES),
    ("completed", COMPLETED, YES, YES),
    ("at_desk", COMPLETED, |entry| says(entry, "by", "desk"), YES),
    ("first_card_portrait", "card_portrait_captured", YES, accepted),
    ("first_card_emblem", "card_emblem_captured", YES, accepted),
    ("first_photo", "photo_judged", YES, accepted),
    ("first_answer", "platform_confirmed", YES, YES),
    ("first_answer", "platform_refused", YES, NO),
    ("first_answer", "platform_cannot_use_photo", YES, NO),
    ("first_answer", "platform_cannot_verify", YES, NO),
];

const COMPLETED: &str = "completed";

/// The captures that are judged, by the journal's event.
const CAPTURES: [(&str, &str); 3] = [
    ("card_portrait_captured", "card_portrait"),
    ("card_emblem_captured", "card_emblem"),
    ("photo_judged", "photo"),
];

fn says(entry: &Entry, name: &str, text: &str) -> bool {
    entry.details.get(name).and_then(Value::as_str) == Some(text)
}

fn accepted(entry: &Entry) -> bool {
    entry.details.get("accepted").and_then(Value::as_bool) == Some(true)
}

/// Collections that got somewhere for the first time, and how many of them it went well with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reached {
    /// Collections.
    pub count: u64,
    /// Those that it went well with.
    pub well: u64,
}

/// Answers of the identity platform of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answers {
    /// How the attempt ended: `confirmed`, `refused`, `unusable`.
    pub outcome: String,
    /// The platform's code, if it told one.
    pub code: Option<String>,
    /// How many took about so many milliseconds from the first asking to the answer: below a second told to 10, below ten to 100, else to
    /// 1,000.
    pub took: BTreeMap<u64, u64>,
}

/// Work that waits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Waiting {
    /// How much.
    pub count: u64,
    /// Since when the oldest does.
    pub since: Option<Timestamp>,
}

/// Rows of a queue by status, and by code where there is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Messages {
    /// `queued`, `running`, `sent` or `dropped`.
    pub status: String,
    /// Why it was dropped.
    pub code: Option<String>,
    /// How many.
    pub count: u64,
}

impl Records {
    /// Counts an entry that is just being made.
    pub(crate) async fn count_entry(&self, entry: &Entry, now: Timestamp) -> Result<(), StoreError> {
        let reached = MILESTONES.iter().filter(|(_, event, is, _)| *event == entry.event && is(entry));
        for (name, _, _, well) in reached {
            let once = Query::insert()
                .into_table("milestone")
                .columns(["collection", "name", "exam_session", "at", "well"])
                .select_from(of_entry(
                    entry,
                    [
                        Expr::val(*name),
                        Expr::col("exam_session"),
                        Expr::val(to_millis(now)),
                        Expr::val(i32::from(well(entry))),
                    ],
                ))
                .map_err(|_| StoreError::Malformed("milestone"))?
                .on_conflict(OnConflict::columns(["collection", "name"]).do_nothing().to_owned())
                .take();
            self.db().execute(&once).await?;
        }
        let capture = CAPTURES.iter().find(|(event, _)| *event == entry.event);
        let failed = entry.details.get("failed").and_then(Value::as_array);
        let (Some((_, capture)), Some(failed)) = (capture, failed) else { return Ok(()) };
        for check in failed.iter().filter_map(Value::as_str) {
            let one = Query::insert()
                .into_table("refusal")
                .columns(["collection", "id", "exam_session", "capture", "check_id", "at"])
                .select_from(of_entry(
                    entry,
                    [
                        Expr::val(Uuid::now_v7()),
                        Expr::col("exam_session"),
                        Expr::val(*capture),
                        Expr::val(check),
                        Expr::val(to_millis(now)),
                    ],
                ))
                .map_err(|_| StoreError::Malformed("refusal"))?
                .take();
            self.db().execute(&one).await?;
        }
        Ok(())
    }

    /// How many collections got where for the first time within the span. Steps: `begun`, `card`, `confirmed`, `photo`, `consented`,
    /// `verified`, `completed`, `at_desk`; first tries: `first_card_portrait`, `first_card_emblem`, `first_photo`, `first_answer`.
    ///
    /// # Errors
    /// What the database says.
    pub async fn reached(&self, span: &Span) -> Result<BTreeMap<String, Reached>, StoreError> {
        let query = Query::select()
            .column("name")
            .expr_as(Expr::col("at").count(), "count")
            .expr_as(Expr::col("well").sum(), "well")
            .from("milestone")
            .cond_where(of(span, "at"))
            .group_by_col("name")
            .take();
        let rows = self.db().query_all(&query).await?;
        rows.iter()
            .map(|row| {
                let reached = Reached { count: count(row, "count")?, well: count(row, "well")? };
                Ok((row.try_get("", "name")?, reached))
            })
            .collect()
    }

    /// How often each check refused a capture: `card_portrait`, `card_emblem` or `photo`, the check's id, and how often.
    ///
    /// # Errors
    /// What the database says.
    pub async fn refusals(&self, span: &Span) -> Result<Vec<(String, String, u64)>, StoreError> {
        let query = Query::select()
            .columns(["capture", "check_id"])
            .expr_as(Expr::col("at").count(), "count")
            .from("refusal")
            .cond_where(of(span, "at"))
            .group_by_col("capture")
            .group_by_col("check_id")
            .take();
        let rows = self.db().query_all(&query).await?;
        rows.iter()
            .map(|row| Ok((row.try_get("", "capture")?, row.try_get("", "check_id")?, count(row, "count")?)))
            .collect()
    }

    /// How many collections completed for the first time on each day, counted from 1970 in a time zone that is so many hours ahead.
    ///
    /// # Errors
    /// What the database says.
    pub async fn completed_by_day(&self, span: &Span, ahead: i8) -> Result<BTreeMap<i64, u64>, StoreError> {
        let day = Expr::col("at").add(i64::from(ahead) * HOUR).div(24 * HOUR);
        let days = Query::select()
            .expr_as(day, "unit")
            .from("milestone")
            .cond_where(of(span, "at"))
            .and_where(Expr::col("name").eq(COMPLETED))
            .take();
        let query = counted(days, &["unit"]);
        let rows = self.db().query_all(&query).await?;
        rows.iter().map(|row| Ok((row.try_get("", "unit")?, count(row, "count")?))).collect()
    }

    /// How often each of these events happened in each hour, counted from 1970.
    ///
    /// # Errors
    /// What the database says.
    pub async fn events_by_hour(
        &self,
        span: &Span,
        events: &[&str],
    ) -> Result<Vec<(String, i64, u64)>, StoreError> {
        let entry = |column: &'static str| Expr::col(("entry", column));
        let hours = Query::select()
            .expr_as(entry("event"), "event")
            .expr_as(entry("at").div(HOUR), "unit")
            .from_as("journal", "entry")
            .join_as(
                JoinType::InnerJoin,
                "collection",
                "whose",
                Expr::col(("whose", "id")).equals(("entry", "collection")),
            )
            .and_where(Expr::col(("whose", "exam_session")).eq(span.exam_session.as_str()))
            .and_where(entry("event").is_in(events.iter().copied()))
            .cond_where(within(entry("at"), span))
            .take();
        let query = counted(hours, &["event", "unit"]);
        let rows = self.db().query_all(&query).await?;
        rows.iter()
            .map(|row| Ok((row.try_get("", "event")?, row.try_get("", "unit")?, count(row, "count")?)))
            .collect()
    }

    /// When the first candidate of an exam session logged in.
    ///
    /// # Errors
    /// What the database says.
    pub async fn collecting_since(&self, exam_session: &str) -> Result<Option<Timestamp>, StoreError> {
        let query = Query::select()
            .expr_as(Expr::col("created_at").min(), "since")
            .from("collection")
            .and_where(Expr::col("exam_session").eq(exam_session))
            .take();
        let row = self.db().query_one(&query).await?;
        let since: Option<i64> = row.map_or(Ok(None), |row| get(&row, "since"))?;
        Ok(since.map(from_millis))
    }

    /// What the identity platform answered, and how long it took.
    ///
    /// # Errors
    /// What the database says.
    pub async fn answers(&self, span: &Span) -> Result<Vec<Answers>, StoreError> {
        let took = || Expr::col("answered_at").sub(Expr::col("asked_at"));
        let about = |unit: i64| took().div(unit).mul(unit);
        let told =
            Expr::case(took().lt(1_000), about(10)).case(took().lt(10_000), about(100)).finally(about(1_000));
        let mut answered = of_exam("attempt", span);
        answered
            .columns(["status", "last_error_code"])
            .expr_as(told, "took")
            .and_where(Expr::col("status").is_in(["confirmed", "refused", "unusable"]))
            .and_where(Expr::col("asked_at").is_not_null())
            .cond_where(within(Expr::col("answered_at"), span));
        let query = counted(answered, &["status", "last_error_code", "took"]);
        let mut kinds: BTreeMap<(String, Option<String>), BTreeMap<u64, u64>> = BTreeMap::new();
        for row in self.db().query_all(&query).await? {
            let kind = (row.try_get("", "status")?, row.try_get("", "last_error_code")?);
            let took = u64::try_from(get::<i64>(&row, "took")?).unwrap_or_default();
            kinds.entry(kind).or_default().insert(took, count(&row, "count")?);
        }
        Ok(kinds.into_iter().map(|((outcome, code), took)| Answers { outcome, code, took }).collect())
    }

    /// Attempts of an exam session that wait for the platform's answer.
    ///
    /// # Errors
    /// What the database says.
    pub async fn attempts_waiting(&self, span: &Span) -> Result<Waiting, StoreError> {
        self.waiting("attempt", span).await
    }

    /// Deliveries of an exam session that wait for the registration system.
    ///
    /// # Errors
    /// What the database says.
    pub async fn deliveries_waiting(&self, span: &Span) -> Result<Waiting, StoreError> {
        self.waiting("delivery", span).await
    }

    async fn waiting(&self, table: &'static str, span: &Span) -> Result<Waiting, StoreError> {
        let mut query = of_exam(table, span);
        query
            .expr_as(Expr::col("id").count(), "waiting")
            .expr_as(Expr::col("created_at").min(), "since")
            .and_where(lease::open(table));
        let row = self.db().query_one(&query).await?;
        row.map_or(Ok(Waiting::default()), |row| {
            let since: Option<i64> = get(&row, "since")?;
            Ok(Waiting { count: count(&row, "waiting")?, since: since.map(from_millis) })
        })
    }

    /// Messages that were made in the span, of all exam sessions: a message goes to a phone, and knows of none.
    ///
    /// # Errors
    /// What the database says.
    pub async fn messages_by_status(&self, span: &Span) -> Result<Vec<Messages>, StoreError> {
        let mut query = Query::select();
        query
            .columns(["status", "last_error_code"])
            .expr_as(Expr::col("id").count(), "messages")
            .from("message")
            .cond_where(within(Expr::col("created_at"), span))
            .group_by_col("status")
            .group_by_col("last_error_code");
        let rows = self.db().query_all(&query).await?;
        rows.iter()
            .map(|row| {
                Ok(Messages {
                    status: row.try_get("", "status")?,
                    code: row.try_get("", "last_error_code")?,
                    count: count(row, "messages")?,
                })
            })
            .collect()
    }
}

/// A select of the collection whose entry it is, with these columns.
fn of_entry<const N: usize>(entry: &Entry, columns: [Expr; N]) -> SelectStatement {
    let id = entry.collection.0;
    Query::select().column("id").exprs(columns).from("collection").and_where(Expr::col("id").eq(id)).take()
}

/// How many rows of a select are alike in these columns. What is computed in them is computed within: in one statement PostgreSQL does not
/// see that two expressions with parameters are the same.
fn counted(rows: SelectStatement, alike: &[&'static str]) -> SelectStatement {
    let mut query = Query::select();
    query
        .columns(alike.iter().copied())
        .expr_as(Expr::cust("COUNT(*)"), "count")
        .from_subquery(rows, "counted");
    for column in alike {
        query.group_by_col(*column);
    }
    query.take()
}

/// Rows of the exam session, within the span.
fn of(span: &Span, at: &'static str) -> Condition {
    within(Expr::col(at), span).add(Expr::col("exam_session").eq(span.exam_session.as_str()))
}

/// Rows of a table that belong to collections of the exam session.
fn of_exam(table: &'static str, span: &Span) -> SelectStatement {
    let collections = Query::select()
        .column("id")
        .from("collection")
        .and_where(Expr::col("exam_session").eq(span.exam_session.as_str()))
        .take();
    Query::select().from(table).and_where(Expr::col("collection").in_subquery(collections)).take()
}

fn within(at: Expr, span: &Span) -> Condition {
    Condition::all()
        .add_option(span.from.map(|from| at.clone().gte(to_millis(from))))
        .add_option(span.until.map(|until| at.lt(to_millis(until))))
}

fn get<T: TryGetable>(row: &QueryResult, column: &str) -> Result<T, StoreError> {
    Ok(row.try_get("", column)?)
}

fn count(row: &QueryResult, column: &str) -> Result<u64, StoreError> {
    Ok(get::<i64>(row, column)?.unsigned_abs())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::time::{Duration, Instant};

    use sea_orm::{ActiveValue::Set, EntityTrait as _};
    use serde_json::json;
    use uuid::Uuid;

    use super::*;
    use crate::{
        Answer, AttemptOutcome, CollectionId, Entry, NewMessage, Store,
        entity::{attempt, collection, journal},
        specimens::{self, SESSION, at, exam_session, registration, verifying},
        testing::TestDatabase,
    };

    fn span(from: Option<i64>, until: Option<i64>) -> Span {
        Span { exam_session: SESSION.to_owned(), from: from.map(at), until: until.map(at) }
    }

    async fn note(
        store: &Store,
        id: CollectionId,
        second: i64,
        event: &str,
        details: &[(&str, serde_json::Value)],
    ) {
        let entry = details
            .iter()
            .fold(Entry::new(id, event, "candidate"), |entry, (name, value)| entry.with(name, value.clone()));
        store.note(&entry, at(second)).await.unwrap();
    }

    async fn judged(store: &Store, id: CollectionId, second: i64, failed: &[&str]) {
        let details =
            [("accepted", failed.is_empty().into()), ("failed", json!(failed)), ("state", "x".into())];
        note(store, id, second, "photo_judged", &details).await;
    }

    #[tokio::test]
    async fn a_step_counts_once_a_first_try_is_the_first_and_spans_are_kept() {
        for database in TestDatabase::both().await {
            let store = database.store();
            let (one, two) =
                (specimens::collection(&store, 1).await.id, specimens::collection(&store, 2).await.id);
            let state = |state: &str| [("state", state.into())];
            for id in [one, two] {
                note(&store, id, 1, "card_handed_in", &state("card")).await;
                note(&store, id, 2, "card_handed_in", &state("confirm")).await;
                note(&store, id, 3, "card_confirmed", &state(if id == one { "blocked" } else { "advisory" }))
                    .await;
            }
            judged(&store, one, 4, &[]).await;
            judged(&store, one, 5, &["head_pose"]).await;
            judged(&store, two, 4, &["head_pose", "noise"]).await;
            judged(&store, two, 6, &[]).await;
            judged(&store, two, 7, &[]).await;
            note(&store, two, 8, "completed", &[("by", "desk".into())]).await;
            note(&store, two, 9, "completed", &[("by", "platform".into())]).await;
            // Another exam session's count nothing here.
            store.put_exam_session(&exam_session("other"), at(0)).await.unwrap();
            let other = store.find_or_create_collection("other", "R1", 5, at(0)).await.unwrap().id;
            judged(&store, other, 4, &["noise"]).await;

            let reached = store.reached(&span(None, None)).await.unwrap();
            let told = |name: &str| reached.get(name).map_or(0, |reached| reached.count);
            let steps = ["card", "confirmed", "photo", "completed", "at_desk", "consented"].map(told);
            assert_eq!(steps, [2, 1, 2, 1, 1, 0]);
            assert_eq!(reached["first_photo"], Reached { count: 2, well: 1 });
            let early = store.reached(&span(Some(2), Some(6))).await.unwrap();
            assert_eq!((early["photo"].count, early.get("completed")), (1, None), "the second's comes later");
            let mut refused = store.refusals(&span(None, None)).await.unwrap();
            refused.sort();
            let refusal = |check: &str, count| ("photo".to_owned(), check.to_owned(), count);
            assert_eq!(refused, [refusal("head_pose", 2), refusal("noise", 1)]);
            assert_eq!(store.refusals(&span(Some(6), None)).await.unwrap(), []);
            let days = store.completed_by_day(&span(None, None), 8).await.unwrap();
            assert_eq!(days, [((to_millis(at(8)) + 8 * HOUR) / (24 * HOUR), 1)].into());
            let hours = store.events_by_hour(&span(None, None), &["photo_judged"]).await.unwrap();
            assert_eq!(hours, [("photo_judged".to_owned(), to_millis(at(4)) / HOUR, 5)]);
            assert_eq!(store.collecting_since(SESSION).await.unwrap(), Some(at(0)));
            assert_eq!(store.collecting_since("none").await.unwrap(), None);
        }
    }

    #[tokio::test]
    async fn answers_and_what_waits_are_told() {
        for database in TestDatabase::both().await {
            let store = database.store();
            let lease = Duration::from_secs(60);
            let (record, _) = verifying(&store, 1).await;
            verifying(&store, 2).await;
            let claimed = store.claim_attempt("w", at(1), lease).await.unwrap().unwrap();
            let no = Answer {
                outcome: AttemptOutcome::Refused,
                platform_request_id: None,
                similarity: None,
                code: Some("Low".to_owned()),
            };
            store.close_attempt(&claimed, &no, at(4)).await.unwrap();
            let told = store.answers(&span(None, None)).await.unwrap();
            let took: BTreeMap<u64, u64> = [(3_000, 1)].into();
            assert_eq!(told, [Answers { outcome: "refused".into(), code: Some("Low".into()), took }]);
            let waiting = store.attempts_waiting(&span(None, None)).await.unwrap();
            assert_eq!(waiting, Waiting { count: 1, since: Some(at(0)) });
            assert_eq!(store.deliveries_waiting(&span(None, None)).await.unwrap(), Waiting::default());
            let message = NewMessage {
                kind: "code".into(),
                phone: registration(1).phone,
                parameters: Vec::new(),
                expires_at: None,
            };
            store.enqueue_message(&message, at(0)).await.unwrap();
            let told = store.messages_by_status(&span(None, None)).await.unwrap();
            assert_eq!(told, [Messages { status: "queued".into(), code: None, count: 1 }]);
            assert_eq!(store.messages_by_status(&span(Some(1), None)).await.unwrap(), []);
            assert_eq!(record.id, claimed.collection);
        }
    }

    /// Collections as a real exam leaves them: some twelve entries in each journal.
    async fn seed(store: &Store, collections: u32) {
        const DAY: i64 = 86_400;
        store.put_exam_session(&exam_session(SESSION), at(0)).await.unwrap();
        let mut dice = 7u64;
        let mut throw = move |sides: u64| {
            dice = dice.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (dice >> 33) % sides
        };
        let (mut entries, mut whose, mut attempts) = (Vec::new(), Vec::new(), Vec::new());
        for n in 0..collections {
            let id = Uuid::now_v7();
            let mut now = 20 * DAY * i64::from(n) / i64::from(collections);
            let begun = now;
            let mut happens = |now: i64, event: &str, details: serde_json::Value| {
                entries.push((now, id, event.to_owned(), details.to_string()));
            };
            happens(now, "logged_in", json!({}));
            for event in ["card_portrait_captured", "card_emblem_captured", "photo_judged"] {
                while throw(10) < 3 {
                    now += 60;
                    let failed = ["head_pose", "sharpness", "noise", "gaze"][throw(4) as usize];
                    happens(now, event, json!({ "accepted": false, "failed": [failed], "state": "photo" }));
                }
                now += 60;
                happens(now, event, json!({ "accepted": true, "failed": [], "state": "review" }));
                if event == "card_emblem_captured" {
                    happens(now + 9, "card_handed_in", json!({ "state": "confirm" }));
                    happens(now + 19, "card_confirmed", json!({ "discrepancies": [], "state": "photo" }));
                }
            }
            for event in [
                "photo_submitted",
                "face_comparison_consented",
                "platform_confirmed",
                "completed",
                "delivered",
            ] {
                now += 3;
                happens(
                    now,
                    event,
                    json!({ "by": "platform", "attempt": id.to_string(), "state": "completed" }),
                );
            }
            attempts.push((id, now));
            whose.push(collection::ActiveModel {
                id: Set(id),
                exam_session: Set(SESSION.to_owned()),
                registration_id: Set(format!("R{n:07}")),
                state: Set("completed".to_owned()),
                machine: Set("{}".to_owned()),
                level: Set(None),
                particulars: Set(Some(vec![7; 1500])),
                version: Set(9),
                created_at: Set(to_millis(at(begun))),
                updated_at: Set(to_millis(at(now))),
            });
        }
        for rows in whose.chunks(1000) {
            collection::Entity::insert_many(rows.to_vec()).exec_without_returning(&store.db()).await.unwrap();
        }
        entries.sort();
        for rows in entries.chunks(2000) {
            let rows = rows.iter().map(|(second, id, event, details)| journal::ActiveModel {
                id: Set(Uuid::now_v7()),
                collection: Set(*id),
                event: Set(event.clone()),
                actor: Set("candidate".to_owned()),
                details: Set(details.clone()),
                at: Set(to_millis(at(*second))),
            });
            journal::Entity::insert_many(rows).exec_without_returning(&store.db()).await.unwrap();
        }
        for rows in attempts.chunks(1000) {
            let rows = rows.iter().map(|(id, second)| attempt::ActiveModel {
                id: Set(Uuid::now_v7()),
                collection: Set(*id),
                photo: Set(*id),
                status: Set("confirmed".to_owned()),
                tries: Set(1),
                next_try_at: Set(0),
                lease_owner: Set(None),
                lease_token: Set(None),
                lease_until: Set(None),
                last_error_code: Set(None),
                created_at: Set(to_millis(at(*second))),
                asked_at: Set(Some(to_millis(at(*second)))),
                answered_at: Set(Some(to_millis(at(*second)) + 300 + *second % 2_000)),
                platform_request_id: Set(None),
                similarity: Set(Some(93.0)),
            });
            attempt::Entity::insert_many(rows).exec_without_returning(&store.db()).await.unwrap();
        }
        // As the entries would have been counted one by one.
        let counted = [
            ("begun", "logged_in"),
            ("card", "card_handed_in"),
            ("confirmed", "card_confirmed"),
            ("photo", "photo_submitted"),
            ("consented", "face_comparison_consented"),
            ("verified", "platform_confirmed"),
            ("completed", "completed"),
            ("first_card_portrait", "card_portrait_captured"),
            ("first_card_emblem", "card_emblem_captured"),
            ("first_photo", "photo_judged"),
            ("first_answer", "platform_confirmed"),
        ];
        for (name, event) in counted {
            let statement = format!(
                "INSERT INTO milestone (collection, name, exam_session, at, well) \
                 SELECT collection, '{name}', '{SESSION}', MIN(at), 1 FROM journal WHERE event = '{event}' GROUP BY collection"
            );
            store.db().execute_unprepared(&statement).await.unwrap();
        }
        for check in ["head_pose", "sharpness", "noise", "gaze"] {
            let statement = format!(
                "INSERT INTO refusal (id, collection, exam_session, capture, check_id, at) \
                 SELECT id, collection, '{SESSION}', event, '{check}', at FROM journal WHERE details LIKE '%[\"{check}\"]%'"
            );
            store.db().execute_unprepared(&statement).await.unwrap();
        }
        println!("{} entries", entries.len());
    }

    #[tokio::test]
    #[ignore = "takes minutes: prints what it takes to count 100,000 collections"]
    async fn counting_many() {
        for database in TestDatabase::both().await {
            let store = database.store();
            seed(&store, 100_000).await;
            store.db().execute_unprepared("ANALYZE").await.unwrap();
            let all = span(None, None);
            for round in 0..2 {
                let begun = Instant::now();
                let mut last = begun;
                let mut told = |what: &str| {
                    println!(
                        "postgres {} round {round} {what}: {:?}",
                        database.is_postgres(),
                        last.elapsed()
                    );
                    last = Instant::now();
                };
                assert_eq!(store.reached(&all).await.unwrap()["completed"].count, 100_000);
                told("steps");
                assert!(store.refusals(&all).await.unwrap().len() > 4);
                told("refusals");
                let two_days = span(Some(18 * 86_400), None);
                let events = [
                    "logged_in",
                    "card_portrait_captured",
                    "card_emblem_captured",
                    "photo_judged",
                    "completed",
                ];
                store.events_by_hour(&two_days, &events).await.unwrap();
                told("hours of two days");
                store.completed_by_day(&all, 8).await.unwrap();
                told("days");
                store.answers(&all).await.unwrap();
                told("answers");
                store.attempts_waiting(&all).await.unwrap();
                store.deliveries_waiting(&all).await.unwrap();
                store.collecting_since(SESSION).await.unwrap();
                store.collections_by_state(SESSION).await.unwrap();
                told("the rest");
                println!("postgres {} round {round}: {:?}", database.is_postgres(), begun.elapsed());
            }
            let begun = Instant::now();
            let page = store.completions(SESSION, None, at(1 << 30), None, 500).await.unwrap();
            let next = store.completions(SESSION, None, at(1 << 30), page.last(), 500).await.unwrap();
            println!("two pages of completions: {:?} {}", begun.elapsed(), next.len());
        }
    }
}
