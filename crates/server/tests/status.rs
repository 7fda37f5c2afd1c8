//! What candidates are told of an outage: true of each part, since when, and nothing else.

#![allow(clippy::unwrap_used, missing_docs)]

mod common;

use std::{fs, sync::Arc};

use common::{Shows, Stage, ask_again};
use jiff::SignedDuration;
use partners::sms::SmsError;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use service::worker::{Settings, Worker};
use tokio_util::sync::CancellationToken;

async fn status(stage: &Stage) -> Value {
    let answer = stage.client.get(stage.url("/api/v1/status")).send().await.unwrap();
    common::ok(answer, "status").await
}

/// The status once what was seen before is too old.
async fn later(stage: &Stage, seconds: i64) -> Value {
    stage.clock.advance(SignedDuration::from_secs(seconds));
    status(stage).await
}

/// A worker that leaves a partner alone after one failure.
fn impatient(stage: &Stage) -> Worker {
    let breaker = store::BreakerPolicy { failures: 1, open_for: std::time::Duration::from_secs(20) };
    Worker {
        store: stage.store.clone(),
        identity: stage.platform.clone(),
        sms: stage.sms.clone(),
        registration: stage.worker.registration.clone(),
        clock: stage.clock.clone(),
        settings: Settings { breaker, ..stage.worker.settings.clone() },
    }
}

#[tokio::test]
async fn when_all_is_well_each_part_works_and_nothing_more_is_told() {
    for stage in Stage::on_both().await {
        let works = json!({"state": "working", "since": null});
        let all = json!({
            "at": "2026-11-23T04:00:00Z",
            "login_messages": works, "card_and_photo": works, "verification": works, "handing_on": works,
        });
        assert_eq!(status(&stage).await, all);
    }
}

#[tokio::test]
async fn a_partner_that_fails_is_out_until_it_answers_again() {
    for stage in Stage::on_both().await {
        let worker = impatient(&stage);
        stage.candidate(1).await.up_to_verification().await;
        stage.platform.will([ask_again()]);
        stage
            .sms
            .fails
            .lock()
            .unwrap()
            .push_back(SmsError::AskAgain { code: "transport.timeout".to_owned() });
        stage.ask_for_code(common::person(2).phone.as_str()).await;
        let _ = (worker.ask_once().await.unwrap(), worker.send_once().await.unwrap());

        let told = later(&stage, 6).await;
        let out = json!({"state": "out", "since": "2026-11-23T04:00:00Z"});
        assert_eq!((&told["login_messages"], &told["verification"]), (&out, &out));
        assert_eq!(told["card_and_photo"]["state"], "working");
        // What was seen holds for five seconds.
        stage.store.breaker_succeeded("sms", "2026-11-23T04:00:06Z".parse().unwrap()).await.unwrap();
        assert_eq!(later(&stage, 4).await["login_messages"], out);
        assert_eq!(later(&stage, 1).await["login_messages"]["state"], "working");

        stage.clock.advance(SignedDuration::from_secs(30));
        while worker.ask_once().await.unwrap() {}
        assert_eq!(status(&stage).await["verification"], json!({"state": "working", "since": null}));
    }
}

#[tokio::test]
async fn a_breaker_of_which_nothing_was_heard_for_long_says_nothing() {
    let stage = Stage::on_sqlite().await;
    let policy = store::BreakerPolicy { failures: 1, open_for: std::time::Duration::from_secs(20) };
    stage
        .store
        .breaker_failed("registration", policy, "2026-11-23T04:00:00Z".parse().unwrap())
        .await
        .unwrap();
    assert_eq!(status(&stage).await["handing_on"]["state"], "out");
    assert_eq!(later(&stage, 80).await["handing_on"]["state"], "out");
    assert_eq!(later(&stage, 6).await["handing_on"]["state"], "working");
}

#[tokio::test]
async fn work_that_nobody_takes_up_is_late_and_work_that_waits_on_purpose_is_not() {
    for stage in Stage::on_both().await {
        let candidate = stage.candidate(3).await;
        candidate.up_to_verification().await;
        stage.ask_for_code(common::person(4).phone.as_str()).await;
        assert_eq!(later(&stage, 59).await["verification"]["state"], "working");
        let told = later(&stage, 6).await;
        let late = json!({"state": "delayed", "since": "2026-11-23T04:00:00Z"});
        assert_eq!((&told["login_messages"], &told["verification"]), (&late, &late));

        // A worker comes; the platform cannot answer for this one attempt, and it is asked again later: that is not the platform's state.
        stage.platform.will([ask_again(), ask_again(), ask_again()]);
        stage.work().await;
        let told = later(&stage, 6).await;
        assert_eq!(told["login_messages"]["state"], "working");
        assert_eq!(told["verification"]["state"], "working");
    }
}

#[tokio::test]
async fn a_storage_that_takes_no_picture_is_out() {
    let stage = Stage::on_sqlite().await;
    let folder = stage.database.pictures();
    let _ = fs::remove_dir_all(&folder);
    fs::write(&folder, "no folder").unwrap();
    let told = status(&stage).await;
    let out = json!({"state": "out", "since": "2026-11-23T04:00:00Z"});
    assert_eq!(told["card_and_photo"], out);
    assert_eq!(told["verification"]["state"], "working");
    // The same outage, later: since the same time.
    assert_eq!(later(&stage, 6).await["card_and_photo"], out);
}

#[tokio::test]
async fn without_the_database_it_still_answers() {
    for stage in Stage::on_both().await {
        assert_eq!(status(&stage).await["login_messages"]["state"], "working");
        stage.store.clone().close().await.unwrap();
        let told = later(&stage, 6).await;
        let states = ["login_messages", "card_and_photo", "verification", "handing_on"].map(|part| {
            assert_eq!(told[part]["since"], "2026-11-23T04:00:06Z");
            told[part]["state"].as_str().unwrap().to_owned()
        });
        assert_eq!(states, ["out", "out", "delayed", "delayed"]);
    }
}

#[tokio::test]
async fn uploads_that_are_refused_for_load_are_told_for_a_minute() {
    let stage = Stage::on_sqlite().await;
    let candidate = stage.candidate(5).await;
    // The same service behind a listener that has no place for uploads.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let full = format!("http://{}/api/v1/collection/card/portrait", listener.local_addr().unwrap());
    let settings = server::Settings { uploads_at_once: 0, ..server::Settings::default() };
    let shutdown = CancellationToken::new();
    let router = server::router(Arc::clone(&stage.service), settings, shutdown.clone());
    let bounds = server::connections::Bounds::default();
    tokio::spawn(server::connections::serve(listener, router, bounds, shutdown.clone()));

    let file = Part::bytes(Shows::Portrait(5).png()).file_name("x.png");
    let sent =
        stage.client.post(full).bearer_auth(&candidate.token).multipart(Form::new().part("file", file));
    let refused = sent.send().await.unwrap();
    assert_eq!(refused.status(), 503);
    assert_eq!(refused.headers()["retry-after"], "5");
    let told = status(&stage).await;
    assert_eq!(told["card_and_photo"], json!({"state": "delayed", "since": "2026-11-23T04:00:00Z"}));
    assert_eq!(later(&stage, 60).await["card_and_photo"]["state"], "delayed");
    assert_eq!(later(&stage, 6).await["card_and_photo"]["state"], "working");
    shutdown.cancel();
}
