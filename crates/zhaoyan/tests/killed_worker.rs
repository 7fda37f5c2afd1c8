//! A worker is killed with SIGKILL at random moments while it verifies; whatever the moment, every collection ends right.
//!
//! Real parts: the binary's `worker` in processes of its own, real databases, an identity platform that speaks the vendor's
//! protocol over HTTP. `ZHAOYAN_KILLS` sets the number of kills on each database (40 if unset).

#![allow(clippy::unwrap_used)]

use std::{
    collections::HashMap,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{Json, Router, extract::State, http::HeaderMap, response::IntoResponse, routing::post};
use domain::{
    Collection, Ethnicity, IdNumber, IdentityCard, Level, PersonName, PhoneNumber, Registration, ValidUntil,
    collection::Side, id_number::check_character,
};
use jiff::{Timestamp, civil::date};
use rand::{Rng as _, SeedableRng as _, rngs::StdRng};
use serde_json::{Value, json};
use store::{
    AttemptId, AttemptStatus, CollectionId, ConsentText, ExamSession, NewPicture, Office, PictureKind, Store,
    testing::TestDatabase,
};

const EXAM: &str = "killed";

/// A platform that takes its time, sometimes has an outage, and answers a question the same way however often it is asked.
#[derive(Default)]
struct Platform {
    /// Serial number → whether it was said to match.
    answered: Mutex<HashMap<String, bool>>,
}

impl Platform {
    /// What is true of a photo: its bytes say it.
    fn matches(photo: &[u8]) -> bool {
        photo.starts_with(b"match")
    }
}

async fn ask(
    State(platform): State<Arc<Platform>>,
    headers: HeaderMap,
    Json(question): Json<Value>,
) -> impl IntoResponse {
    use base64::Engine as _;
    assert_eq!(headers["x-tc-action"], "ImageRecognitionV2");
    let wait = rand::rng().random_range(0..60);
    tokio::time::sleep(Duration::from_millis(wait)).await;
    let out = rand::rng().random_bool(0.1);
    if out {
        return Json(
            json!({"Response": {"Error": {"Code": "InternalError", "Message": "try later"}, "RequestId": "r"}}),
        );
    }
    let photo =
        base64::engine::general_purpose::STANDARD.decode(question["ImageBase64"].as_str().unwrap()).unwrap();
    let serial = question["Extra"].as_str().unwrap().to_owned();
    let fits = Platform::matches(&photo);
    let before = platform.answered.lock().unwrap().insert(serial.clone(), fits);
    assert!(before.is_none_or(|b| b == fits), "one serial number stands for one question");
    tokio::time::sleep(Duration::from_millis(wait / 2)).await;
    let sim = if fits { 96.0 } else { 12.0 };
    Json(json!({"Response": {
        "Sim": sim, "Result": "Success", "Description": "", "Extra": serial, "RequestId": uuid::Uuid::now_v7().to_string(),
    }}))
}

async fn start_platform() -> (Arc<Platform>, String) {
    let platform = Arc::new(Platform::default());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let app = Router::new().route("/", post(ask)).with_state(Arc::clone(&platform));
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    (platform, url)
}

fn start_worker(database: &TestDatabase, keys: &std::path::Path, platform: &str) -> Child {
    Command::new(env!("CARGO_BIN_EXE_zhaoyan"))
        .arg("worker")
        .env_clear()
        .env("ZHAOYAN_DATABASE_URL", database.config().database_url)
        .env("ZHAOYAN_PICTURES_URL", database.pictures())
        .env("ZHAOYAN_KEY_FILE", keys)
        .env("ZHAOYAN_IDENTITY_ENDPOINT", platform)
        .env("ZHAOYAN_IDENTITY_SECRET_ID", "AKIDtest")
        .env("ZHAOYAN_IDENTITY_SECRET_KEY", "of-no-value")
        .env("ZHAOYAN_SMS_ENDPOINT", platform)
        .env("ZHAOYAN_SMS_SECRET_ID", "AKIDtest")
        .env("ZHAOYAN_SMS_SECRET_KEY", "of-no-value")
        .env("ZHAOYAN_SMS_SDK_APP_ID", "1400000000")
        .env("ZHAOYAN_SMS_SIGN_NAME", "test")
        .env("ZHAOYAN_SMS_TEMPLATE_ID", "1")
        .env("ZHAOYAN_WORKER_LEASE_MS", "400")
        .env("ZHAOYAN_WORKER_POLL_MS", "20")
        .env("ZHAOYAN_WORKER_BACKOFF_FIRST_MS", "20")
        .env("ZHAOYAN_WORKER_BACKOFF_MOST_MS", "200")
        .env("ZHAOYAN_WORKER_BREAKER_OPEN_MS", "50")
        .env("ZHAOYAN_LOG_LEVEL", "error")
        .stdout(Stdio::null())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap()
}

/// What one candidate's attempts must come to.
struct Expected {
    collection: CollectionId,
    registration: String,
    attempts: Vec<(AttemptId, bool)>,
}

impl Expected {
    fn state(&self) -> &'static str {
        match self.attempts.last() {
            Some((_, true)) => "completed",
            _ if self.attempts.len() == 5 => "failed",
            _ => "refused",
        }
    }
}

fn person(number: u32) -> (Registration, IdentityCard) {
    let first = format!("1100001990{:02}{:02}{:03}", number / 28 % 12 + 1, number % 28 + 1, number % 1000);
    let id = IdNumber::parse(&format!("{first}{}", check_character(&first).unwrap())).unwrap();
    let name = PersonName::parse("样本甲").unwrap();
    let registration = Registration {
        id: format!("r{number}"),
        name: name.clone(),
        number: id.clone(),
        ethnicity: Ethnicity::parse("汉").ok(),
        address: Some("样本市样本区样本路1号".into()),
        phone: PhoneNumber::parse(&format!("138{number:08}")).unwrap(),
        level: Level::ToBachelor,
    };
    let card = IdentityCard {
        kind: domain::CardKind::ResidentIdentityCard,
        name,
        name_cells: Some(3),
        name_typed: Vec::new(),
        chinese_name: None,
        ethnicity: Ethnicity::parse("汉").ok(),
        address: Some("样本市样本区样本路1号".into()),
        nationality: None,
        number: id,
        authority: "样本市公安局".into(),
        valid_from: date(2020, 1, 1),
        valid_until: ValidUntil::Date(date(2040, 1, 1)),
    };
    (registration, card)
}

/// Brings a new candidate to where the photo is due.
async fn arrive(store: &Store, number: u32) -> Expected {
    let now = Timestamp::now();
    let (registration, card) = person(number);
    let id = registration.id.clone();
    store
        .import_registrations(EXAM, std::slice::from_ref(&registration), store::ImportHow::default(), now)
        .await
        .unwrap();
    let mut record = store.find_or_create_collection(EXAM, &id, 5, now).await.unwrap();
    record.collection = Collection::new(5)
        .card_side_captured(Side::Portrait, true)
        .and_then(|c| c.card_side_captured(Side::Emblem, true))
        .and_then(Collection::card_handed_in)
        .and_then(|c| c.card_confirmed(&[]))
        .unwrap();
    record.particulars.identity_card = Some(card);
    record.particulars.registration = Some(registration);
    store.save_collection(&mut record, now).await.unwrap();
    Expected { collection: record.id, registration: id, attempts: Vec::new() }
}

/// Hands a photo in and begins an attempt, as the service does: in one transaction.
async fn begin_attempt(store: &Store, expected: &mut Expected, fits: bool) {
    let now = Timestamp::now();
    let bytes = if fits { "match" } else { "other" };
    let picture = NewPicture {
        collection: expected.collection,
        kind: PictureKind::Photo,
        media_type: "image/jpeg".into(),
        bytes: format!("{bytes} {}", expected.attempts.len()).into_bytes().into(),
    };
    let picture = store.put_picture(picture, now).await.unwrap();
    let id = AttemptId::generate();
    let tx = store.begin().await.unwrap();
    let mut record = tx.collection(expected.collection).await.unwrap().unwrap();
    record.collection = record
        .collection
        .photo_judged(true)
        .and_then(Collection::photo_submitted)
        .and_then(|c| c.consented(id.0))
        .unwrap();
    tx.save_collection(&mut record, now).await.unwrap();
    tx.enqueue_attempt(id, expected.collection, picture.id, now).await.unwrap();
    tx.commit().await.unwrap();
    expected.attempts.push((id, fits));
}

/// Candidates whose attempt was answered «no» try again, some with the right photo at last; new ones arrive.
async fn go_on(store: &Store, all: &mut Vec<Expected>, rng: &mut StdRng, newcomers: usize) -> usize {
    let mut under_way = 0;
    for expected in all.iter_mut() {
        let record = store.collection(expected.collection).await.unwrap().unwrap();
        match record.collection.state().name() {
            "refused" => {
                let fits = rng.random_bool(0.3);
                begin_attempt(store, expected, fits).await;
                under_way += 1;
            }
            "verifying" => under_way += 1,
            _ => {}
        }
    }
    for _ in 0..newcomers {
        let mut expected = arrive(store, all.len() as u32).await;
        begin_attempt(store, &mut expected, rng.random_bool(0.4)).await;
        all.push(expected);
        under_way += 1;
    }
    under_way
}

async fn every_collection_ends_right(database: TestDatabase, seed: u64) {
    let kills: u32 = std::env::var("ZHAOYAN_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(40);
    let (platform, url) = start_platform().await;
    let store = database.store();
    store.put_exam_session(&exam_session(), Timestamp::now()).await.unwrap();
    let keys = database.folder().join("keys.toml");
    std::fs::write(&keys, database.key_file()).unwrap();
    let mut rng = StdRng::seed_from_u64(seed);
    let mut all = Vec::new();

    for _ in 0..kills {
        go_on(&store, &mut all, &mut rng, 2).await;
        let mut dying = start_worker(&database, &keys, &url);
        tokio::time::sleep(Duration::from_millis(rng.random_range(60..500))).await;
        assert!(dying.try_wait().unwrap().is_none(), "the worker runs until it is killed");
        dying.kill().unwrap();
        dying.wait().unwrap();
    }
    let mut last = start_worker(&database, &keys, &url);
    let mut rounds = 0;
    while go_on(&store, &mut all, &mut rng, 0).await > 0 || undelivered(&store).await > 0 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        rounds += 1;
        assert!(rounds < 1200, "everything ends within two minutes of the last kill");
    }
    last.kill().unwrap();
    last.wait().unwrap();

    let mut counted = 0;
    for expected in &all {
        let record = store.collection(expected.collection).await.unwrap().unwrap();
        assert_eq!(record.collection.state().name(), expected.state(), "{}", expected.registration);
        let refusals = expected.attempts.iter().filter(|(_, fits)| !fits).count();
        let attempts = store.attempts(expected.collection).await.unwrap();
        assert_eq!(attempts.len(), expected.attempts.len(), "no attempt is lost, none is made up");
        for (id, fits) in &expected.attempts {
            let attempt = attempts.iter().find(|a| a.id == *id).unwrap();
            let status = if *fits { AttemptStatus::Confirmed } else { AttemptStatus::Refused };
            assert_eq!(attempt.status, status, "each attempt has the platform's own answer");
        }
        if expected.state() != "completed" {
            assert_eq!(usize::from(record.collection.attempts().refused()), refusals, "each is counted once");
        }
        let deliveries = store.deliveries(expected.collection).await.unwrap();
        assert_eq!(
            deliveries.len(),
            usize::from(expected.state() == "completed"),
            "one result for one completion"
        );
        counted += expected.attempts.len();
    }
    assert_eq!(platform.answered.lock().unwrap().len(), counted, "the platform was asked about each attempt");
    println!(
        "{kills} kills, {} collections, {counted} attempts: all right on {}",
        all.len(),
        if database.is_postgres() { "PostgreSQL" } else { "SQLite" }
    );
}

async fn undelivered(store: &Store) -> u64 {
    store.queue_depths().await.unwrap().deliveries
}

fn exam_session() -> ExamSession {
    let text = |version: &str| ConsentText { version: version.into(), text: "text".into() };
    ExamSession {
        id: EXAM.into(),
        name: "样本考次".into(),
        office: Office { name: "样本成招办".into(), phone: "010-00000000".into() },
        standard: "chengkao".into(),
        attempts_allowed: 5,
        agreement: text("1"),
        privacy: text("1"),
        face_consent: text("1"),
        open: true,
        closes_at: None,
        cards: None,
        inspection: domain::Inspection::Off,
        two_eyes: false,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_worker_leaves_every_collection_right_on_sqlite() {
    every_collection_ends_right(TestDatabase::sqlite().await, 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_worker_leaves_every_collection_right_on_postgresql() {
    every_collection_ends_right(TestDatabase::postgres().await, 2).await;
}
