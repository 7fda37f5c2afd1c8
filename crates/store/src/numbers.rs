//! How an exam session goes, in numbers: aggregates over its collections, their journals and attempts, and the queues. Nothing personal is read.
//!
//! What a journal's entry says is told by its text, which this program wrote: `"accepted":true` stands in it or does not. That holds in both
//! databases, whose JSON functions differ.

use std::collections::BTreeMap;

use jiff::Timestamp;
use sea_orm::{
    ConnectionTrait as _, QueryResult, TryGetable,
    sea_query::{Condition, Expr, ExprTrait as _, Func, Query, SelectStatement},
};

use crate::{
    Records, StoreError,
    lease::{QUEUED, RUNNING},
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

/// The steps at which a collection is counted, in their order, with what stands in the journal when it got there: an event, and a text in
/// its details or, with `false`, a text that is not in them.
const STEPS: [(&str, &str, Option<(&str, bool)>); 7] = [
    ("card", "card_handed_in", Some(("\"state\":\"confirm\"", true))),
    ("confirmed", "card_confirmed", Some(("\"state\":\"blocked\"", false))),
    ("photo", "photo_judged", Some(("\"accepted\":true", true))),
    ("consented", "face_comparison_consented", None),
    ("verified", "platform_confirmed", None),
    ("completed", "completed", None),
    ("at_desk", "completed", Some(("\"by\":\"desk\"", true))),
];

/// Events of a capture that was judged.
const JUDGED: [&str; 3] = ["card_portrait_captured", "card_emblem_captured", "photo_judged"];

/// First tries, and how many of them went well.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FirstTries {
    /// Collections that tried.
    pub tried: u64,
    /// Those whose first try went well.
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
    /// How many collections began, and how many got to each step: `begun`, `card`, `confirmed`, `photo`, `consented`, `verified`,
    /// `completed`, `at_desk`. A step that is made again counts once.
    ///
    /// # Errors
    /// What the database says.
    pub async fn steps_reached(&self, span: &Span) -> Result<BTreeMap<&'static str, u64>, StoreError> {
        let mut reached = BTreeMap::from([("begun", self.collections_begun(span).await?)]);
        // One count each: whoever counts different ones in one statement sorts them all.
        for (step, event, said) in STEPS {
            let mut query = entries(span, &[event]);
            query.expr_as(Expr::col("collection").count_distinct(), "reached");
            if let Some((text, is)) = said {
                query.and_where(says(text, is));
            }
            let row = self.db().query_one(&query).await?;
            reached.insert(step, row.map_or(Ok(0), |row| count(&row, "reached"))?);
        }
        Ok(reached)
    }

    async fn collections_begun(&self, span: &Span) -> Result<u64, StoreError> {
        let mut query = Query::select();
        query
            .expr_as(Expr::col("id").count(), "begun")
            .from("collection")
            .and_where(Expr::col("exam_session").eq(span.exam_session.as_str()))
            .cond_where(within("created_at", span));
        let row = self.db().query_one(&query).await?;
        row.map_or(Ok(0), |row| count(&row, "begun"))
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

    /// First tries by event: `card_portrait_captured`, `card_emblem_captured`, `photo_judged`.
    ///
    /// # Errors
    /// What the database says.
    pub async fn first_captures(&self, span: &Span) -> Result<BTreeMap<String, FirstTries>, StoreError> {
        // The earliest time of a collection's, doubled, and odd if that try did not go well: one pass, no sorting of tries.
        let well = Expr::case(says("\"accepted\":true", true), 0).finally(1);
        let mut first = entries(span, &JUDGED);
        first
            .column("event")
            .expr_as(Expr::col("at").mul(2).add(well).min(), "first")
            .group_by_col("event")
            .group_by_col("collection");
        let mut query = Query::select();
        query
            .column("event")
            .expr_as(Expr::col("first").count(), "tried")
            .expr_as(Expr::case(Expr::col("first").modulo(2).eq(0), 1).finally(0).sum(), "well")
            .from_subquery(first, "tries")
            .group_by_col("event");
        let rows = self.db().query_all(&query).await?;
        rows.iter()
            .map(|row| {
                let tries = FirstTries { tried: count(row, "tried")?, well: count(row, "well")? };
                Ok((row.try_get("", "event")?, tries))
            })
            .collect()
    }

    /// How often which findings refused a capture: event, then the ids of the failed checks as they were noted, in JSON.
    ///
    /// # Errors
    /// What the database says.
    pub async fn refused_captures(&self, span: &Span) -> Result<Vec<(String, String, u64)>, StoreError> {
        let mut query = entries(span, &JUDGED);
        query
            .columns(["event", "details"])
            .expr_as(Expr::col("id").count(), "refused")
            .and_where(says("\"accepted\":true", false))
            .group_by_col("event")
            .group_by_col("details");
        let rows = self.db().query_all(&query).await?;
        rows.iter()
            .map(|row| Ok((row.try_get("", "event")?, row.try_get("", "details")?, count(row, "refused")?)))
            .collect()
    }

    /// How often each of these events happened in each unit of so many hours, counted from 1970 in a time zone that is so many hours ahead.
    ///
    /// # Errors
    /// What the database says.
    pub async fn events_by_hours(
        &self,
        span: &Span,
        events: &[&str],
        hours: u16,
        ahead: i8,
    ) -> Result<Vec<(String, i64, u64)>, StoreError> {
        let unit =
            Expr::col("at").add(i64::from(ahead) * HOUR).div(i64::from(std::cmp::max(hours, 1)) * HOUR);
        let mut counted = entries(span, events);
        counted.column("event").expr_as(unit, "unit");
        let mut query = Query::select();
        query
            .columns(["event", "unit"])
            .expr_as(Expr::col("unit").count(), "happened")
            .from_subquery(counted, "counted")
            .group_by_col("event")
            .group_by_col("unit");
        let rows = self.db().query_all(&query).await?;
        rows.iter()
            .map(|row| Ok((row.try_get("", "event")?, row.try_get("", "unit")?, count(row, "happened")?)))
            .collect()
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
            .cond_where(within("answered_at", span));
        let mut query = Query::select();
        query
            .columns(["status", "last_error_code", "took"])
            .expr_as(Expr::col("took").count(), "answers")
            .from_subquery(answered, "answered")
            .group_by_col("status")
            .group_by_col("last_error_code")
            .group_by_col("took");
        let mut kinds: BTreeMap<(String, Option<String>), BTreeMap<u64, u64>> = BTreeMap::new();
        for row in self.db().query_all(&query).await? {
            let kind = (row.try_get("", "status")?, row.try_get("", "last_error_code")?);
            let took = u64::try_from(get::<i64>(&row, "took")?).unwrap_or_default();
            kinds.entry(kind).or_default().insert(took, count(&row, "answers")?);
        }
        Ok(kinds.into_iter().map(|((outcome, code), took)| Answers { outcome, code, took }).collect())
    }

    /// Collections whose first attempt was answered, and those that it confirmed.
    ///
    /// # Errors
    /// What the database says.
    pub async fn first_attempts(&self, span: &Span) -> Result<FirstTries, StoreError> {
        let answered = ["confirmed", "refused", "unusable"];
        // As with captures.
        let well = Expr::case(Expr::col("status").eq("confirmed"), 0).finally(1);
        let mut first = of_exam("attempt", span);
        first
            .expr_as(Expr::col("created_at").mul(2).add(well).min(), "first")
            .and_where(Expr::col("status").is_in(answered))
            .cond_where(within("answered_at", span))
            .group_by_col("collection");
        let mut query = Query::select();
        query
            .expr_as(Expr::col("first").count(), "tried")
            .expr_as(
                Func::coalesce([
                    Expr::case(Expr::col("first").modulo(2).eq(0), 1).finally(0).sum(),
                    Expr::val(0),
                ]),
                "well",
            )
            .from_subquery(first, "tries");
        let row = self.db().query_one(&query).await?;
        row.map_or(Ok(FirstTries::default()), |row| {
            Ok(FirstTries { tried: count(&row, "tried")?, well: count(&row, "well")? })
        })
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
            .and_where(Expr::col("status").is_in([QUEUED, RUNNING]));
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
            .cond_where(within("created_at", span))
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

/// Entries of these events in the journals of the exam session's collections.
fn entries(span: &Span, events: &[&str]) -> SelectStatement {
    let mut query = of_exam("journal", span);
    query.and_where(Expr::col("event").is_in(events.iter().copied())).cond_where(within("at", span)).take()
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

fn within(column: &'static str, span: &Span) -> Condition {
    Condition::all()
        .add_option(span.from.map(|from| Expr::col(column).gte(to_millis(from))))
        .add_option(span.until.map(|until| Expr::col(column).lt(to_millis(until))))
}

/// The details hold that text, or do not.
fn says(text: &str, is: bool) -> Expr {
    let pattern = format!("%{text}%");
    if is { Expr::col("details").like(pattern) } else { Expr::col("details").not_like(pattern) }
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

            let reached = store.steps_reached(&span(None, None)).await.unwrap();
            let told: Vec<u64> = ["begun", "card", "confirmed", "photo", "completed", "at_desk", "consented"]
                .map(|s| reached[s])
                .into();
            assert_eq!(told, [2, 2, 1, 2, 1, 1, 0]);
            assert_eq!(store.steps_reached(&span(Some(5), Some(6))).await.unwrap()["photo"], 0);
            assert_eq!(store.steps_reached(&span(Some(1), None)).await.unwrap()["begun"], 0);
            let first = store.first_captures(&span(None, None)).await.unwrap();
            assert_eq!(first["photo_judged"], FirstTries { tried: 2, well: 1 });
            assert_eq!(first.len(), 1);
            let mut refused = store.refused_captures(&span(None, None)).await.unwrap();
            refused.sort();
            assert_eq!(refused.iter().map(|(.., n)| *n).collect::<Vec<_>>(), [1, 1]);
            assert!(refused[0].1.contains("[\"head_pose\",\"noise\"]"), "{refused:?}");
            let by = store.events_by_hours(&span(None, None), &["photo_judged"], 24, 8).await.unwrap();
            let day = (to_millis(at(4)) + 8 * HOUR) / (24 * HOUR);
            assert_eq!(by, [("photo_judged".to_owned(), day, 5)]);
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
            assert_eq!(store.first_attempts(&span(None, None)).await.unwrap(), FirstTries::default());
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
            assert_eq!(
                store.first_attempts(&span(None, None)).await.unwrap(),
                FirstTries { tried: 1, well: 0 }
            );
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
                assert_eq!(store.steps_reached(&all).await.unwrap()["completed"], 100_000);
                told("steps");
                store.first_captures(&all).await.unwrap();
                told("first captures");
                store.refused_captures(&all).await.unwrap();
                told("refused captures");
                let week = span(Some(13 * 86_400), None);
                let events = [
                    "logged_in",
                    "card_portrait_captured",
                    "card_emblem_captured",
                    "photo_judged",
                    "completed",
                ];
                store.events_by_hours(&week, &events, 1, 0).await.unwrap();
                told("hours of a week");
                store.events_by_hours(&all, &["completed"], 24, 8).await.unwrap();
                told("days");
                store.answers(&all).await.unwrap();
                told("answers");
                store.first_attempts(&all).await.unwrap();
                told("first attempts");
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
