//! A database as it is after so many registrations: drawn-up rows made by the database itself, millions of them in minutes.
//!
//! Three in five registrations have a completed collection. They spread over 300 days; of the last 30 there is everything, of those before
//! what the sweep leaves: no particulars, no work that is done, the ID photo alone. Hashes and sealed values are random bytes of the right
//! length, which nobody can open, but for [`CANDIDATES`] registrations between them, which went in through the front.
//!
//! And what is asked of such a database: [`hot`] is every function of a candidate's journey, whose time must not grow with the rows.

use std::time::{Duration, Instant};

use domain::{PersonName, PhoneNumber, Registration};
use jiff::Timestamp;
use sea_orm::{ConnectionTrait as _, Database, DatabaseConnection, DbBackend, QueryResult, Statement};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    Answer, AttemptId, AttemptOutcome, CodeAnswer, CollectionFilter, ConsentKind, Entry, ImportHow,
    NewDelivery, NewMessage, PictureKind, Retention, Span, Store, StoreConfig,
    specimens::{self, SESSION, exam_session},
    time::to_millis,
};

/// Registrations that can be opened and looked up; none of them has a collection.
pub const CANDIDATES: u32 = 400;

macro_rules! timed {
    ($told:ident, $name:literal, $asked:expr) => {{
        let begun = Instant::now();
        let answer = $asked.await.expect($name);
        $told($name, begun.elapsed());
        answer
    }};
}

const LEASE: Duration = Duration::from_secs(60);
const DAY: i64 = 86_400_000;
const DAYS: i64 = 300;
/// A little less than the sweep keeps: nothing of the fill comes of age while it is looked at.
const KEPT_DAYS: i64 = 28;
/// Registrations whose rows are made in one transaction.
const CHUNK: i64 = 250_000;

/// The n-th of the [`CANDIDATES`] among so many registrations, evenly between the others.
pub fn candidate(n: u32, registrations: u32) -> Registration {
    let place = place(n, registrations);
    Registration {
        id: format!("R{place:07}"),
        phone: PhoneNumber::parse(&format!("139{n:08}")).expect("a phone"),
        name: PersonName::parse(&format!("样本·龑{n}")).expect("a name"),
        ..specimens::registration(n)
    }
}

/// Where they stand: no multiple of five and no multiple plus one or two, for those have a collection.
fn place(n: u32, registrations: u32) -> u32 {
    let apart = registrations / CANDIDATES / 5 * 5;
    n * apart + 4
}

/// Fills an empty database; the exam session is [`SESSION`].
pub async fn fill(config: &StoreConfig, registrations: u32, now: Timestamp) {
    assert!(registrations >= 5 * CANDIDATES, "too few to stand the candidates between");
    let store = Store::open(config).await.expect("the database opens");
    store.migrate().await.expect("the database migrates");
    store.put_exam_session(&exam_session(SESSION), now).await.expect("an exam session");
    let candidates: Vec<Registration> = (0..CANDIDATES).map(|n| candidate(n, registrations)).collect();
    store.import_registrations(SESSION, &candidates, ImportHow::default(), now).await.expect("an import");
    store.close().await.expect("the database closes");

    let database = raw(&config.database_url).await;
    let fill = Fill { postgres: database.get_database_backend() == DbBackend::Postgres, registrations, now };
    let run = async |statement: &str| {
        database.execute_unprepared(statement).await.unwrap_or_else(|e| panic!("{e}: {statement}"));
    };
    for statement in fill.before() {
        run(statement).await;
    }
    // The candidates stand aside, to be put back in their places.
    run("CREATE TABLE aside AS SELECT * FROM registration").await;
    run("DELETE FROM registration").await;
    let indexes = fill.indexes(&database).await;
    for (name, _) in &indexes {
        run(&format!("DROP INDEX {name}")).await;
    }
    let all = i64::from(registrations);
    for from in (0..).map(|n| n * CHUNK).take_while(|from| *from < all) {
        for statement in fill.rows(from, all.min(from + CHUNK)) {
            run(&statement).await;
        }
    }
    run("DROP TABLE aside").await;
    // All at once they are made by sorting, which is many times quicker than row by row.
    for (_, definition) in &indexes {
        run(definition).await;
    }
    for statement in fill.after() {
        run(statement).await;
    }
    database.close().await.expect("the database closes");
}

/// One connection, for what is set on it.
async fn raw(url: &str) -> DatabaseConnection {
    let mut options = sea_orm::ConnectOptions::new(url.to_owned());
    options.max_connections(1).sqlx_logging(false);
    Database::connect(options).await.expect("the database opens")
}

/// What is asked of the database while a candidate is collected, from the login to the delivery, in its order; `told` hears each function's
/// name and how long it took.
pub async fn hot(
    store: &Store,
    who: &Registration,
    now: Timestamp,
    told: &mut dyn FnMut(&'static str, Duration),
) {
    let soon = now + Duration::from_secs(600);
    let name = "bench";
    timed!(
        told,
        "rate_hit",
        store.rate_hit("code_day", who.phone.as_str(), Duration::from_secs(600), 9, now)
    );
    timed!(told, "registration_by_phone", store.registration_by_phone(SESSION, &who.phone));
    timed!(told, "registration_by_number", store.registration_by_number(SESSION, &who.number));
    timed!(told, "registration", store.registration(SESSION, &who.id));
    timed!(told, "put_sms_code", store.put_sms_code(&who.phone, "830417", 5, soon, now));
    let message = NewMessage {
        kind: "code".into(),
        phone: who.phone.clone(),
        parameters: vec!["830417".into()],
        expires_at: None,
    };
    timed!(told, "enqueue_message", store.enqueue_message(&message, now));
    let message = timed!(told, "claim_message", store.claim_message(name, now, LEASE)).expect("a message");
    timed!(told, "complete_message", store.complete_message(&message, now));
    let right = timed!(told, "try_sms_code", store.try_sms_code(&who.phone, "830417", now));
    assert_eq!(right, CodeAnswer::Right);

    let mut record =
        timed!(told, "find_or_create_collection", store.find_or_create_collection(SESSION, &who.id, 5, now));
    record.particulars.registration = Some(who.clone());
    timed!(told, "save_collection", store.save_collection(&mut record, now));
    let token = timed!(told, "create_session", store.create_session(record.id, None, soon, now));
    timed!(told, "session", store.session(token.as_str(), now)).expect("a session");
    timed!(told, "collection", store.collection(record.id)).expect("a collection");
    timed!(told, "collection_of", store.collection_of(SESSION, &who.id)).expect("a collection");
    timed!(told, "collection_version", store.collection_version(record.id)).expect("a collection");
    timed!(told, "note", store.note(&Entry::new(record.id, "logged_in", name), now));

    let new = specimens::picture(&record, PictureKind::Photo, b"photo");
    let written = store.write_picture(new, now).await.expect("a picture");
    timed!(told, "add_picture", store.add_picture(&written));
    timed!(told, "latest_picture", store.latest_picture(record.id, PictureKind::Photo)).expect("a picture");
    timed!(told, "picture", store.picture(written.id)).expect("a picture");
    timed!(told, "record_consent", store.record_consent(record.id, ConsentKind::FaceComparison, "1", now));
    timed!(told, "consents", store.consents(record.id));

    timed!(told, "enqueue_attempt", store.enqueue_attempt(AttemptId::generate(), record.id, written.id, now));
    timed!(told, "breaker_permission", store.breaker_permission(name, LEASE, now));
    let attempt = timed!(told, "claim_attempt", store.claim_attempt(name, now, LEASE)).expect("an attempt");
    timed!(told, "prolong_attempt", store.prolong_attempt(&attempt, soon));
    timed!(told, "breaker_succeeded", store.breaker_succeeded(name, now));
    let answer = Answer {
        outcome: AttemptOutcome::Confirmed,
        platform_request_id: Some("request".into()),
        similarity: Some(91.5),
        code: None,
    };
    let delivery = [NewDelivery {
        collection: record.id,
        kind: "completed".into(),
        payload: Value::String("x".repeat(800)),
    }];
    let entry = [Entry::new(record.id, "completed", name)];
    timed!(
        told,
        "finish_attempt",
        store.finish_attempt(&attempt, &answer, &mut record, &delivery, &entry, now)
    );
    let delivery =
        timed!(told, "claim_delivery", store.claim_delivery(name, now, LEASE)).expect("a delivery");
    timed!(told, "complete_delivery", store.complete_delivery(&delivery, now));
    timed!(told, "attempts", store.attempts(record.id));
    timed!(told, "journal", store.journal(record.id));
    timed!(told, "revoke_session", store.revoke_session(token.as_str()));
    timed!(told, "queue_depths", store.queue_depths());
}

/// A sweep that finds nothing to do, as most do.
pub async fn sweep(store: &Store, now: Timestamp, told: &mut dyn FnMut(&'static str, Duration)) {
    let photos = Some(Duration::from_secs(400 * 86_400));
    timed!(told, "sweep", store.sweep(&Retention { photos, ..Retention::default() }, now));
}

/// What people of the office ask for while they look on.
pub async fn warm(store: &Store, who: &Registration, told: &mut dyn FnMut(&'static str, Duration)) {
    timed!(told, "registrations_by_name", store.registrations_by_name(SESSION, &who.name));
    let completed = CollectionFilter { state: Some("completed".into()), ..CollectionFilter::default() };
    timed!(told, "find_collections", store.find_collections(SESSION, &completed, Some("R0000100"), 50));
}

/// What counts every row of an exam session, and so takes longer the more there are.
pub async fn counts(store: &Store, told: &mut dyn FnMut(&'static str, Duration)) {
    let span = Span { exam_session: SESSION.to_owned(), from: None, until: None };
    timed!(told, "collections_by_state", store.collections_by_state(SESSION));
    timed!(told, "count_registrations", store.count_registrations(SESSION));
    timed!(told, "reached", store.reached(&span));
}

struct Fill {
    postgres: bool,
    registrations: u32,
    now: Timestamp,
}

impl Fill {
    fn before(&self) -> &[&'static str] {
        if self.postgres {
            // Foreign keys are triggers, which a replica leaves out.
            &[
                "SET session_replication_role = replica",
                "SET synchronous_commit = off",
                "SET maintenance_work_mem = '1GB'",
                "SET work_mem = '256MB'",
            ]
        } else {
            &[
                "PRAGMA foreign_keys = OFF",
                "PRAGMA synchronous = OFF",
                "PRAGMA cache_size = -1000000",
                "PRAGMA temp_store = FILE",
            ]
        }
    }

    /// PostgreSQL gathers statistics by itself sooner or later; SQLite does not.
    fn after(&self) -> &[&'static str] {
        if self.postgres { &["VACUUM ANALYZE", "CHECKPOINT"] } else { &["PRAGMA wal_checkpoint(TRUNCATE)"] }
    }

    /// Name and definition of all indexes that are no keys.
    async fn indexes(&self, database: &DatabaseConnection) -> Vec<(String, String)> {
        let query = if self.postgres {
            "SELECT indexname::text, indexdef::text FROM pg_indexes WHERE schemaname = current_schema() \
             AND indexname NOT IN (SELECT conname FROM pg_constraint)"
        } else {
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
        };
        let rows = database
            .query_all_raw(Statement::from_string(database.get_database_backend(), query))
            .await
            .expect("the indexes");
        let read = |row: &QueryResult| {
            (row.try_get_by_index(0).expect("a name"), row.try_get_by_index(1).expect("a definition"))
        };
        rows.iter().map(read).collect()
    }

    /// The numbers from the first to before the last, as `n`.
    fn numbers(&self, from: i64, until: i64) -> String {
        if self.postgres {
            format!("(SELECT n FROM generate_series({from}::bigint, {until} - 1) AS n) AS numbers")
        } else {
            format!(
                "(WITH RECURSIVE numbers(n) AS (SELECT {from} UNION ALL SELECT n + 1 FROM numbers \
                 WHERE n < {until} - 1) SELECT n FROM numbers) AS numbers"
            )
        }
    }

    /// A UUID of version 7: made at that time, of that kind of record, for that number.
    fn id(&self, kind: u16, at: &str, n: &str) -> String {
        if self.postgres {
            format!("(lpad(to_hex({at}), 12, '0') || '7{kind:03x}8000' || lpad(to_hex({n}), 12, '0'))::uuid")
        } else {
            format!("unhex(printf('%012x7{kind:03x}8000%012x', {at}, {n}))")
        }
    }

    fn hash(&self, of: &str) -> String {
        if self.postgres { format!("sha256(('{of}' || n)::bytea)") } else { "randomblob(32)".to_owned() }
    }

    fn sealed(&self, length: usize) -> String {
        if self.postgres {
            format!("sha256(('sealed' || n)::bytea) || decode(repeat('5a', {}), 'hex')", length - 32)
        } else {
            format!("randomblob({length})")
        }
    }

    fn key(&self) -> &'static str {
        if self.postgres { "'R' || lpad(n::text, 7, '0')" } else { "printf('R%07d', n)" }
    }

    /// What makes the rows that belong to the registrations from the first to before the last.
    fn rows(&self, from: i64, until: i64) -> Vec<String> {
        let all = i64::from(self.registrations);
        let now = to_millis(self.now);
        // The last are a day old, and none is on the way.
        let (begin, length) = (now - (DAYS + 1) * DAY, DAYS * DAY);
        let at = &format!("({begin} + n * {length} / {all})");
        let recent = &*format!("n >= {}", all * (DAYS - KEPT_DAYS + 1) / DAYS);
        let done = "n % 5 < 3";
        let ended = &specimens::completed(Uuid::nil());
        let machine = serde_json::to_string(ended).expect("a machine's text").replace('\'', "''");
        let state = ended.state().name();
        let collection = &self.id(1, at, "n");
        let level = "CASE n % 3 WHEN 0 THEN '专升本' WHEN 1 THEN '高起专' ELSE '高起本' END";
        let numbers = self.numbers(from, until);
        let insert = |table: &str, columns: &str, values: String, only: &str| {
            format!("INSERT INTO {table} ({columns}) SELECT {values} FROM {numbers} WHERE {only}")
        };
        let mut statements = Vec::new();

        let columns = "id, exam_session, external_id, phone_hash, number_hash, name_hash, level, details, \
                       version, created_at, updated_at";
        let drawn = [
            self.id(0, at, "n"),
            format!("'{SESSION}'"),
            self.key().to_owned(),
            self.hash("phone"),
            self.hash("number"),
            self.hash("name"),
            level.to_owned(),
            self.sealed(280),
            "1".to_owned(),
            at.clone(),
            at.clone(),
        ];
        let values: Vec<String> = columns
            .split(", ")
            .zip(drawn)
            .map(|(column, drawn)| format!("coalesce(aside.{}, {drawn})", column.trim()))
            .collect();
        statements.push(format!(
            "INSERT INTO registration ({columns}) SELECT {} FROM {numbers} LEFT JOIN aside ON aside.external_id = {}",
            values.join(", "),
            self.key(),
        ));
        statements.push(insert(
            "collection",
            "id, exam_session, registration_id, state, machine, level, particulars, version, created_at, updated_at",
            format!(
                "{collection}, '{SESSION}', {}, '{state}', '{machine}', {level}, \
                 CASE WHEN {recent} THEN {} END, 12, {at}, {at} + 600000",
                self.key(),
                self.sealed(1500),
            ),
            done,
        ));
        for (kind, tag, which) in [
            ("card_portrait", 2, recent),
            ("card_emblem", 3, recent),
            ("card_face", 4, recent),
            ("capture", 5, recent),
            ("photo", 6, "true"),
        ] {
            statements.push(insert(
                "picture",
                "id, collection, kind, object_key, key_id, sha256, size, media_type, created_at",
                format!(
                    "{}, {collection}, '{kind}', 'pictures/{}/' || n, 'bench', {}, 48000, 'image/jpeg', {at}",
                    self.id(tag, at, "n"),
                    Uuid::nil(),
                    self.hash("file"),
                ),
                &format!("{done} AND {which}"),
            ));
        }
        let queue = "status, tries, next_try_at";
        statements.push(insert(
            "attempt",
            &format!("id, collection, photo, created_at, asked_at, answered_at, platform_request_id, similarity, {queue}"),
            format!(
                "{}, {collection}, {}, {at}, {at} + 400, {at} + 900, 'request-' || n, 91.5, 'confirmed', 1, {at}",
                self.id(7, at, "n"),
                self.id(6, at, "n"),
            ),
            done,
        ));
        statements.push(insert(
            "delivery",
            &format!("id, collection, sequence, kind, payload, created_at, done_at, {queue}"),
            format!(
                "{}, {collection}, 1, 'completed', {}, {at}, {at} + 1000, 'delivered', 1, {at}",
                self.id(8, at, "n"),
                self.sealed(900),
            ),
            &format!("{done} AND {recent}"),
        ));
        statements.push(insert(
            "message",
            &format!("id, kind, content, expires_at, created_at, done_at, {queue}"),
            format!(
                "{}, 'code', {}, {at} + 300000, {at}, {at} + 1000, 'sent', 1, {at}",
                self.id(9, at, "n"),
                self.sealed(120),
            ),
            &format!("{done} AND {recent}"),
        ));
        for (event, tag) in [("logged_in", 10), ("face_comparison_consented", 11), ("completed", 12)] {
            statements.push(insert(
                "journal",
                "id, collection, event, actor, details, at",
                format!(
                    "{}, {collection}, '{event}', 'candidate', '{{\"state\":\"{state}\"}}', {at}",
                    self.id(tag, at, "n")
                ),
                done,
            ));
        }
        statements.push(insert(
            "consent",
            "id, collection, kind, text_version, given_at",
            format!("{}, {collection}, 'face_comparison', '1', {at}", self.id(13, at, "n")),
            done,
        ));
        for milestone in ["begun", "completed"] {
            statements.push(insert(
                "milestone",
                "collection, name, exam_session, at, well",
                format!("{collection}, '{milestone}', '{SESSION}', {at}, 1"),
                done,
            ));
        }
        // What runs out soon is of the last hours only: one candidate in two hundred.
        let soon = &format!("n >= {} AND {done}", all - all / 200);
        let until = now + DAY;
        statements.push(insert(
            "session",
            "token_hash, collection, created_at, expires_at",
            format!("{}, {collection}, {at}, {until}", self.hash("token")),
            soon,
        ));
        statements.push(insert(
            "sms_code",
            "id, phone_hash, code_hash, tries_left, expires_at, created_at",
            format!("{}, {}, {}, 5, {until}, {at}", self.id(14, at, "n"), self.hash("to"), self.hash("code")),
            soon,
        ));
        statements.push(insert(
            "rate",
            "key_hash, \"window\", window_start, hits",
            format!("{}, {DAY}, {now}, 1", self.hash("rate")),
            soon,
        ));
        statements
    }
}
