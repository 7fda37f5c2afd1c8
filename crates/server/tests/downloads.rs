//! Downloads through the public face: tickets, the roster, the photos and what is left when somebody breaks off.

#![allow(clippy::unwrap_used, missing_docs)]

mod common;

use std::{
    collections::BTreeMap,
    io::{Cursor, Read as _},
    time::Duration,
};

use bytes::Bytes;
use calamine::Reader as _;
use common::{EXAM, Shows, Stage, made, office::Person, ok, person, problem};
use domain::{Collection, Registration, Role, collection::Side};
use futures::StreamExt as _;
use jiff::SignedDuration;
use reqwest::{Method, Response};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use store::{CollectionId, Entry, NewPicture, PictureKind};
use zip::ZipArchive;

/// The address of a download that somebody asks for.
async fn asked(who: &Person<'_>, what: &str, body: Value) -> String {
    let answer = ok(who.post(&format!("/exams/{EXAM}/{what}/export"), body).await, what).await;
    let path = answer["path"].as_str().unwrap();
    assert!(path.starts_with("/api/v1/office/downloads/") && path.len() > 60, "{path}");
    path.to_owned()
}

/// Fetched as a browser does, without a session.
async fn fetched(stage: &Stage, path: &str) -> Response {
    stage.client.get(stage.url(path)).send().await.unwrap()
}

async fn whole(stage: &Stage, path: &str) -> Bytes {
    let answer = fetched(stage, path).await;
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["cache-control"], "no-store");
    let disposition = answer.headers()["content-disposition"].to_str().unwrap().to_owned();
    assert!(disposition.starts_with(&format!("attachment; filename=\"{EXAM}-")), "{disposition}");
    answer.bytes().await.unwrap()
}

#[tokio::test]
async fn a_ticket_is_good_once_for_a_minute_and_as_long_as_its_owner_works_here() {
    for stage in Stage::on_both().await {
        let li = Person::hired(&stage, "li", Role::Registrar).await;
        let ask = async || asked(&li, "roster", json!({ "format": "csv" })).await;
        let gone = async |path: &str| {
            let answer = fetched(&stage, path).await;
            assert_eq!(answer.status(), 404);
            assert_eq!(problem(answer).await["code"], "download_gone");
        };
        let path = ask().await;
        let looked_at = stage.client.head(stage.url(&path)).send().await.unwrap();
        assert_eq!(looked_at.status(), 405);
        whole(&stage, &path).await;
        gone(&path).await;
        gone("/api/v1/office/downloads/nothing").await;
        let stale = ask().await;
        stage.clock.advance(SignedDuration::from_secs(60));
        gone(&stale).await;

        let chief = Person::hired(&stage, "chief", Role::Administrator).await;
        let (left, lowered) = (ask().await, ask().await);
        let change = async |role: &str, active: bool| {
            let body = Some(json!({ "role": role, "active": active }));
            assert_eq!(chief.send(Method::PUT, "/staff/li", body).await.status(), 204);
        };
        change("registrar", false).await;
        gone(&left).await;
        change("viewer", true).await;
        assert_eq!(problem(fetched(&stage, &lowered).await).await["code"], "not_allowed");

        let page = chief.sees("/audit?deed=export_roster").await;
        let entries = page["entries"].as_array().unwrap();
        assert_eq!(entries.len(), 1, "one was taken out");
        let told = (&entries[0]["actor"], &entries[0]["subject"], &entries[0]["details"]);
        assert_eq!(told, (&json!("li"), &json!(EXAM), &json!({ "format": "csv" })));
        let unknown = chief.post("/exams/none/roster/export", json!({ "format": "csv" })).await;
        assert_eq!(problem(unknown).await["code"], "not_found");
        let pdf = chief.post(&format!("/exams/{EXAM}/roster/export"), json!({ "format": "pdf" })).await;
        assert_eq!(problem(pdf).await["code"], "malformed_request");
    }
}

#[tokio::test]
async fn the_roster_comes_with_the_state_of_each_collection_as_csv_and_as_xlsx() {
    for stage in Stage::on_both().await {
        stage.candidate(3).await;
        let li = Person::hired(&stage, "li", Role::Registrar).await;
        let csv = whole(&stage, &asked(&li, "roster", json!({ "format": "csv" })).await).await;
        let csv = std::str::from_utf8(&csv).unwrap().strip_prefix('\u{feff}').unwrap();
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(csv.as_bytes());
        let rows: Vec<Vec<String>> =
            reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect();
        assert_eq!((rows.len(), rows[0][7].as_str()), (61, "采集状态"));
        let (third, fourth) = (person(3), &rows[4]);
        assert_eq!(rows[3][..3], [third.id.as_str(), third.name.as_str(), third.number.as_str()]);
        assert_eq!((rows[3][7].as_str(), fourth[7].as_str()), ("card", ""));

        let xlsx = whole(&stage, &asked(&li, "roster", json!({ "format": "xlsx" })).await).await;
        let mut book: calamine::Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(xlsx)).unwrap();
        let sheet = book.worksheet_range_at(0).unwrap().unwrap();
        let as_text: Vec<Vec<String>> =
            sheet.rows().map(|row| row.iter().map(ToString::to_string).collect()).collect();
        assert_eq!(as_text, rows, "both say the same");
    }
}

/// A completed collection, put into the store as the journey leaves it.
async fn completed(stage: &Stage, registration: &Registration, photo: Option<Vec<u8>>) -> CollectionId {
    let (store, now) = (&stage.store, service::Clock::now(stage.clock.as_ref()));
    let mut record = store.find_or_create_collection(EXAM, &registration.id, 5, now).await.unwrap();
    record.particulars.registration = Some(registration.clone());
    record.collection = record
        .collection
        .card_side_captured(Side::Portrait, true)
        .and_then(|c| c.card_side_captured(Side::Emblem, true))
        .and_then(Collection::card_handed_in)
        .and_then(|c| c.card_confirmed(&[]))
        .and_then(|c| c.photo_judged(true))
        .and_then(|c| c.completed_at_desk("现场"))
        .unwrap();
    if let Some(bytes) = photo {
        let photo = NewPicture {
            collection: record.id,
            kind: PictureKind::Photo,
            media_type: "image/jpeg".to_owned(),
            bytes: bytes.into(),
        };
        store.put_picture(photo, now).await.unwrap();
    }
    store.save_collection(&mut record, now).await.unwrap();
    store.note(&Entry::new(record.id, "completed", "li").with("by", "desk"), now).await.unwrap();
    record.id
}

/// A row of a manifest, by column.
type Row = BTreeMap<String, String>;

/// An archive's photos by name, and its manifest by registration, each photo held against it.
fn opened(archive: &[u8]) -> (BTreeMap<String, Vec<u8>>, BTreeMap<String, Row>) {
    let mut zip = ZipArchive::new(Cursor::new(archive)).unwrap();
    let mut photos = BTreeMap::new();
    let files = zip.len();
    for n in 0..files {
        let mut file = zip.by_index(n).unwrap();
        let mut bytes = Vec::new();
        // Holds the bytes against their CRC-32 as well.
        file.read_to_end(&mut bytes).unwrap();
        photos.insert(file.name().unwrap().into_owned(), bytes);
        assert_eq!(n + 1 == files, photos.contains_key("manifest.csv"), "the manifest is the last");
    }
    let manifest = photos.remove("manifest.csv").unwrap();
    let rows: BTreeMap<String, Row> = csv::Reader::from_reader(&manifest[..])
        .deserialize::<Row>()
        .map(Result::unwrap)
        .map(|row| (row["registration"].clone(), row))
        .collect();
    let mut told = 0;
    for row in rows.values().filter(|row| !row["sha256"].is_empty()) {
        let photo = &photos[&row["file"]];
        assert_eq!(row["sha256"], hex::encode(Sha256::digest(photo)));
        assert_eq!(row["bytes"], photo.len().to_string());
        told += 1;
    }
    assert_eq!(told, photos.len(), "the manifest tells of every photo");
    (photos, rows)
}

#[tokio::test]
async fn photos_come_named_by_the_standard_with_a_manifest_and_the_next_time_only_new_ones() {
    for stage in Stage::on_both().await {
        let li = Person::hired(&stage, "li", Role::Registrar).await;
        let candidate = stage.candidate(1).await;
        candidate.up_to_verification().await;
        stage.work().await;
        assert_eq!(candidate.collection().await["state"], "completed");
        stage.candidate(4).await.up_to_verification().await;
        let jpeg = b"\xFF\xD8\xFF\xC0\x00\x11\x08\x02\x80\x01\xE0\x03 somebody".to_vec();
        completed(&stage, &person(2), Some(jpeg)).await;
        let swept = completed(&stage, &person(3), None).await;
        let twin = Registration { id: "twin".to_owned(), ..person(2) };
        completed(&stage, &twin, Some(b"a twin's".to_vec())).await;

        // What completes in the minute before an export is in the next one too.
        stage.clock.advance(SignedDuration::from_mins(2));
        let all = whole(&stage, &asked(&li, "photos", json!({ "since_last": false })).await).await;
        let (photos, manifest) = opened(&all);
        let name = |n: u8| format!("{}.jpg", person(n).number.as_str());
        let second = format!("{}-2.jpg", person(2).number.as_str());
        let mut names = [name(1), name(2), second.clone()];
        names.sort();
        assert_eq!(photos.keys().collect::<Vec<_>>(), names.iter().collect::<Vec<_>>());
        assert_eq!(photos[&name(1)], made(Shows::GoodPhoto));
        let told = |key: &str, column: &str| manifest[key][column].clone();
        assert_eq!((told("r001", "completed_by"), told("r001", "status")), ("platform".into(), "ok".into()));
        assert_eq!((told("r002", "completed_by"), told("r002", "width")), ("desk".into(), "480".into()));
        assert_eq!((told("r002", "height"), told("r001", "height")), ("640".into(), String::new()));
        assert_eq!((told("r003", "file"), told("r003", "status")), (name(3), "photo_missing".into()));
        assert_eq!((told("twin", "file"), told("twin", "status")), (second, "name_taken".into()));
        assert_eq!(manifest.len(), 4, "the one that waits for the platform is not complete");

        // One more completes, and one of the old is completed anew.
        stage.clock.advance(SignedDuration::from_mins(2));
        stage.work().await;
        let now = service::Clock::now(stage.clock.as_ref());
        let anew = NewPicture {
            collection: swept,
            kind: PictureKind::Photo,
            media_type: "image/jpeg".to_owned(),
            bytes: b"found again".as_slice().into(),
        };
        stage.store.put_picture(anew, now).await.unwrap();
        stage.store.note(&Entry::new(swept, "completed", "li").with("by", "desk"), now).await.unwrap();
        stage.clock.advance(SignedDuration::from_mins(2));
        let new = whole(&stage, &asked(&li, "photos", json!({ "since_last": true })).await).await;
        let (photos, manifest) = opened(&new);
        assert_eq!(manifest.keys().collect::<Vec<_>>(), ["r003", "r004"]);
        assert_eq!(photos[&name(3)], b"found again");
        stage.clock.advance(SignedDuration::from_mins(2));
        let none = whole(&stage, &asked(&li, "photos", json!({ "since_last": true })).await).await;
        assert_eq!(opened(&none).1.len(), 0);
        let again = whole(&stage, &asked(&li, "photos", json!({ "since_last": false })).await).await;
        assert_eq!(opened(&again).1.len(), 5, "all means all");

        let exports = li.sees(&format!("/exams/{EXAM}/photos/exports")).await;
        let rows: Vec<Value> = (exports.as_array().unwrap().iter())
            .map(|e| json!([e["photos"], e["missing"], e["remaining"], e["since"].is_null()]))
            .collect();
        assert_eq!(
            rows,
            [
                json!([5, 0, 0, true]),
                json!([0, 0, 0, false]),
                json!([2, 0, 0, false]),
                json!([3, 1, 0, true])
            ]
        );
        assert!(exports.as_array().unwrap().iter().all(|e| e["finished_at"].is_string()));
        let page = li.sees("/audit?deed=export_photos").await;
        assert_eq!(page["entries"][0]["details"]["export"], exports[0]["id"]);
        assert!(!exports.to_string().contains(person(1).number.as_str()));
    }
}

#[tokio::test]
async fn a_number_that_was_swept_is_looked_up_and_one_that_nobody_knows_is_told() {
    let stage = Stage::on_sqlite().await;
    let li = Person::hired(&stage, "li", Role::Registrar).await;
    let unknown = Registration { id: "left".to_owned(), ..person(9) };
    for registration in [&person(8), &unknown] {
        let id = completed(&stage, registration, Some(b"a photo".to_vec())).await;
        let mut record = stage.store.collection(id).await.unwrap().unwrap();
        record.particulars = store::Particulars::default();
        let now = service::Clock::now(stage.clock.as_ref());
        stage.store.save_collection(&mut record, now).await.unwrap();
    }
    let all = whole(&stage, &asked(&li, "photos", json!({ "since_last": false })).await).await;
    let (photos, manifest) = opened(&all);
    assert_eq!(photos.keys().collect::<Vec<_>>(), [&format!("{}.jpg", person(8).number.as_str())]);
    assert_eq!(
        (manifest["left"]["file"].as_str(), manifest["left"]["status"].as_str()),
        ("", "number_missing")
    );
}

#[tokio::test]
async fn an_export_that_was_broken_off_is_none_and_lets_the_next_have_its_turn() {
    for stage in Stage::on_both().await {
        let li = Person::hired(&stage, "li", Role::Registrar).await;
        // More than all buffers between server and client hold.
        for n in 1..=40 {
            completed(&stage, &person(n), Some(vec![n; 1_000_000])).await;
        }
        for _ in 0..4 {
            let answer = fetched(&stage, &asked(&li, "photos", json!({ "since_last": true })).await).await;
            assert_eq!(answer.status(), 200);
            let mut body = answer.bytes_stream();
            assert!(body.next().await.unwrap().unwrap().starts_with(b"PK"));
            drop(body);
            // Its turn is over once the server sees that the client is gone.
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        let exports = li.sees(&format!("/exams/{EXAM}/photos/exports")).await;
        let finished = |e: &Value| e["finished_at"].is_string();
        assert_eq!(exports.as_array().unwrap().iter().filter(|e| finished(e)).count(), 0);
        let whole = whole(&stage, &asked(&li, "photos", json!({ "since_last": true })).await).await;
        let (photos, manifest) = opened(&whole);
        assert_eq!((photos.len(), manifest.len()), (40, 40), "nothing was taken for exported");
        let exports = li.sees(&format!("/exams/{EXAM}/photos/exports")).await;
        assert!(finished(&exports[0]) && exports[0]["bytes"] == 40_000_000, "{}", exports[0]);
    }
}

#[tokio::test]
async fn no_more_downloads_than_there_are_turns_and_the_ticket_stays_good() {
    let stage = Stage::on_sqlite().await;
    let li = Person::hired(&stage, "li", Role::Registrar).await;
    for n in 1..=40 {
        completed(&stage, &person(n), Some(vec![n; 1_000_000])).await;
    }
    let mut under_way = Vec::new();
    for _ in 0..3 {
        let path = asked(&li, "photos", json!({ "since_last": false })).await;
        under_way.push(fetched(&stage, &path).await);
    }
    let path = asked(&li, "roster", json!({ "format": "csv" })).await;
    let told = problem(fetched(&stage, &path).await).await;
    assert_eq!((&told["code"], &told["status"]), (&json!("downloads_busy"), &json!(503)));
    for answer in under_way {
        assert_eq!(opened(&answer.bytes().await.unwrap()).0.len(), 40);
    }
    whole(&stage, &path).await;
}
