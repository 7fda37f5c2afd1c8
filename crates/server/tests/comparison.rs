//! The card's picture against the photo, before an attempt is spent: it warns, it never decides, and it holds nothing up.

#![allow(clippy::unwrap_used, missing_docs)]

mod common;

use std::time::{Duration, Instant};

use common::{Candidate, Shows, Stage, card_face, made, ok, person, problem, says_no};
use domain::{Comparison, Decided};
use reqwest::Method;
use serde_json::{Value, json};
use service::Rules;
use store::testing::TestDatabase;

/// The candidate up to the consent, with a photo that shows this.
async fn up_to_consent(candidate: &Candidate<'_>, shows: Shows) {
    candidate.up_to_confirmation(candidate.n).await;
    assert_eq!(candidate.step("/collection/card/confirm").await["state"], "photo");
    hand_in(candidate, shows).await;
}

async fn hand_in(candidate: &Candidate<'_>, shows: Shows) {
    assert_eq!(candidate.shows("/collection/photo", shows).await["state"], "review");
    assert_eq!(candidate.step("/collection/photo/submit").await["state"], "consent");
}

async fn kept(candidate: &Candidate<'_>) -> Option<Comparison> {
    let stage = candidate.stage;
    let record = stage.store.collection_of(common::EXAM, &person(candidate.n).id).await.unwrap().unwrap();
    record.particulars.comparison
}

async fn events(candidate: &Candidate<'_>) -> Vec<String> {
    let stage = candidate.stage;
    let record = stage.store.collection_of(common::EXAM, &person(candidate.n).id).await.unwrap().unwrap();
    let journal = stage.store.journal(record.id).await.unwrap();
    journal.iter().map(|e| e.entry.event.clone()).collect()
}

#[tokio::test]
async fn a_photo_unlike_the_card_warns_before_anything_is_asked_and_another_photo_goes_through() {
    for stage in Stage::on_both().await {
        let candidate = stage.candidate(1).await;
        up_to_consent(&candidate, Shows::UnlikePhoto).await;
        assert_eq!(kept(&candidate).await, None, "no face is compared before the consent");

        let warned = ok(candidate.consent().await, "consent").await;
        assert_eq!(warned["state"], "warned");
        assert_eq!(warned["attempts"], json!({"allowed": 5, "used": 0, "left": 5}));
        assert_eq!(warned["verification"], Value::Null);
        assert_eq!(warned["comparison"]["card_face"], true);
        assert!(warned["comparison"]["message"]["zh"].as_str().unwrap().contains("不像同一个人"));
        stage.work().await;
        assert!(stage.platform.asked.lock().unwrap().is_empty(), "the platform is not asked");
        assert_eq!(kept(&candidate).await, Some(Comparison::new(2.5, 9.0)));

        for (kind, bytes) in [("card_face", card_face(1)), ("photo", made(Shows::UnlikePhoto))] {
            let path = format!("/collection/pictures/{kind}");
            let shown = candidate.send(Method::GET, &path, None).await;
            assert_eq!(
                (shown.status().as_u16(), &shown.headers()["content-type"]),
                (200, &"image/jpeg".parse().unwrap())
            );
            assert_eq!(shown.bytes().await.unwrap(), bytes);
        }
        let other = stage.candidate(2).await;
        let theirs = other.send(Method::GET, "/collection/pictures/card_face", None).await;
        assert_eq!(problem(theirs).await["code"], "not_found", "a session reaches its own card only");

        let again = ok(candidate.consent().await, "sent again").await;
        assert_eq!(again["version"], warned["version"], "a lost answer is only told again");
        assert_eq!(candidate.collection().await, warned, "a reload shows the same warning");

        let retaken = candidate.step("/collection/photo/retake").await;
        assert_eq!((&retaken["state"], &retaken["comparison"]), (&json!("photo"), &Value::Null));
        assert_eq!(retaken["attempts"]["used"], 0);
        assert_eq!(kept(&candidate).await.unwrap().decided, Some(Decided::RetakePhoto));
        hand_in(&candidate, Shows::GoodPhoto).await;
        assert_eq!(ok(candidate.consent().await, "consent").await["state"], "verifying");
        assert_eq!(kept(&candidate).await, Some(Comparison::new(93.5, 9.0)));
        stage.work().await;
        let done = candidate.collection().await;
        assert_eq!((&done["state"], &done["attempts"]["used"]), (&json!("completed"), &json!(0)));
        assert_eq!(stage.platform.asked.lock().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_warned_candidate_may_submit_all_the_same_and_the_choice_is_kept() {
    for stage in Stage::on_both().await {
        stage.platform.will([says_no()]);
        let candidate = stage.candidate(3).await;
        let early = problem(candidate.post("/collection/verification/all-the-same").await).await;
        assert_eq!(early["code"], "out_of_order");
        up_to_consent(&candidate, Shows::UnlikePhoto).await;
        let skipped = problem(candidate.post("/collection/verification/all-the-same").await).await;
        assert_eq!((&skipped["code"], &skipped["state"]), (&json!("out_of_order"), &json!("consent")));

        ok(candidate.consent().await, "consent").await;
        let asked = candidate.step("/collection/verification/all-the-same").await;
        assert_eq!((&asked["state"], &asked["comparison"]), (&json!("verifying"), &Value::Null));
        let again = candidate.step("/collection/verification/all-the-same").await;
        assert_eq!(again["version"], asked["version"]);
        let kept = kept(&candidate).await.unwrap();
        assert_eq!((kept.similarity, kept.decided), (2.5, Some(Decided::SubmitAllTheSame)));

        stage.work().await;
        let refused = candidate.collection().await;
        assert_eq!((&refused["state"], &refused["attempts"]["used"]), (&json!("refused"), &json!(1)));
        assert_eq!(stage.platform.asked.lock().unwrap().len(), 1, "asked once");
        let events = events(&candidate).await;
        let told = events.iter().skip_while(|e| *e != "photo_submitted").map(String::as_str);
        assert_eq!(
            told.collect::<Vec<_>>(),
            ["photo_submitted", "face_comparison_consented", "submitted_all_the_same", "platform_refused"]
        );
    }
}

#[tokio::test]
async fn another_photo_uploaded_over_a_warning_is_a_choice_too() {
    let stage = Stage::on_sqlite().await;
    let candidate = stage.candidate(4).await;
    up_to_consent(&candidate, Shows::UnlikePhoto).await;
    ok(candidate.consent().await, "consent").await;
    let review = candidate.shows("/collection/photo", Shows::GoodPhoto).await;
    assert_eq!((&review["state"], &review["comparison"]), (&json!("review"), &Value::Null));
    assert_eq!(kept(&candidate).await.unwrap().decided, Some(Decided::RetakePhoto));
}

#[tokio::test]
async fn where_faces_cannot_be_compared_the_journey_goes_on_without_a_warning() {
    let stage = Stage::on_sqlite().await;
    for (n, shows) in [(5, Shows::FacelessPhoto), (6, Shows::BreakingPhoto)] {
        let candidate = stage.candidate(n).await;
        up_to_consent(&candidate, shows).await;
        assert_eq!(ok(candidate.consent().await, "consent").await["state"], "verifying", "{shows:?}");
        assert_eq!(kept(&candidate).await, None);
    }
    let candidate = stage.candidate(7).await;
    up_to_consent(&candidate, Shows::SlowPhoto).await;
    let begun = Instant::now();
    assert_eq!(ok(candidate.consent().await, "consent").await["state"], "verifying", "too slow");
    assert!(begun.elapsed() < Duration::from_secs(6), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn another_cards_picture_is_never_compared() {
    let stage = Stage::on_sqlite().await;
    let candidate = stage.candidate(8).await;
    candidate.shows("/collection/card/portrait", Shows::Portrait(9)).await;
    stage.clock.advance(jiff::SignedDuration::from_secs(5));
    up_to_consent(&candidate, Shows::UnlikePhoto).await;
    let warned = ok(candidate.consent().await, "consent").await;
    assert_eq!(warned["state"], "warned");
    let shown = candidate.send(Method::GET, "/collection/pictures/card_face", None).await;
    assert_eq!(shown.bytes().await.unwrap(), card_face(8));
}

#[tokio::test]
async fn a_limit_of_zero_compares_nothing() {
    let rules = Rules { warn_below: 0.0, ..Rules::default() };
    let stage = Stage::set(TestDatabase::sqlite().await, rules).await;
    let candidate = stage.candidate(10).await;
    up_to_consent(&candidate, Shows::UnlikePhoto).await;
    assert_eq!(ok(candidate.consent().await, "consent").await["state"], "verifying");
    assert_eq!(kept(&candidate).await, None);
}

#[tokio::test]
async fn an_outdated_consent_is_told_and_nothing_is_compared() {
    let stage = Stage::on_sqlite().await;
    let candidate = stage.candidate(11).await;
    up_to_consent(&candidate, Shows::UnlikePhoto).await;
    let body = json!({ "face_consent_version": "v0" });
    let answer = candidate.send(Method::POST, "/collection/verification", Some(body)).await;
    assert_eq!(problem(answer).await["code"], "consent_missing");
    assert_eq!(
        (candidate.collection().await["state"].clone(), kept(&candidate).await),
        (json!("consent"), None)
    );
}
