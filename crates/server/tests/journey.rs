//! Journeys through the public face, on SQLite and on PostgreSQL.

#![allow(clippy::unwrap_used, missing_docs)]

mod common;

use common::{Shows, Stage, ask_again, ok, person, problem, says_no};
use jiff::SignedDuration;
use partners::identity::Answer;
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn the_happy_journey_ends_in_a_delivered_photo() {
    for stage in Stage::on_both().await {
        let candidate = stage.candidate(1).await;
        let card = candidate.collection().await;
        assert_eq!((&card["state"], &card["card"]["portrait"]), (&json!("card"), &Value::Null));
        let portrait = candidate.shows("/collection/card/portrait", Shows::Portrait(1)).await;
        assert_eq!(portrait["card"]["portrait"]["accepted"], true);
        assert_eq!(portrait["card"]["read"], Value::Null, "nothing is shown before the hand-in");
        candidate.shows("/collection/card/emblem", Shows::Emblem(1)).await;
        let confirm = candidate.step("/collection/card/hand-in").await;
        assert_eq!(confirm["state"], "confirm");
        assert_eq!(confirm["card"]["read"]["number"], person(1).number.as_str());
        assert_eq!(candidate.step("/collection/card/confirm").await["state"], "photo");
        let review = candidate.shows("/collection/photo", Shows::GoodPhoto).await;
        assert_eq!((&review["state"], &review["photo"]["made"]), (&json!("review"), &json!(true)));
        assert_eq!(review["photo"]["findings"].as_array().unwrap().len(), 29);
        let photo = candidate.send(Method::GET, "/collection/pictures/photo", None).await;
        assert_eq!(photo.headers()["content-type"], "image/jpeg");
        assert_eq!(photo.headers()["cache-control"], "no-store");
        let capture = candidate.send(Method::GET, "/collection/pictures/capture", None).await;
        assert_eq!(capture.bytes().await.unwrap(), Shows::GoodPhoto.png());
        assert_eq!(candidate.step("/collection/photo/submit").await["state"], "consent");
        let verifying = ok(candidate.consent().await, "consent").await;
        assert_eq!(
            (&verifying["state"], &verifying["verification"]["status"]),
            (&json!("verifying"), &json!("waiting"))
        );
        stage.work().await;
        let done = candidate.collection().await;
        assert_eq!(done["state"], "completed");
        assert_eq!(done["completed"]["by"], "platform");
        assert_eq!(done["completed"]["overwrites"], json!([]));
        assert_eq!(stage.platform.asked.lock().unwrap().len(), 1);
        let record = stage.store.collection_of(common::EXAM, "r001").await.unwrap().unwrap();
        let deliveries = stage.store.deliveries(record.id).await.unwrap();
        assert_eq!(deliveries.iter().map(|d| d.status.as_str()).collect::<Vec<_>>(), ["delivered"]);
        let consents = stage.store.consents(record.id).await.unwrap();
        let kinds: Vec<&str> = consents.iter().map(|c| c.kind.as_str()).collect();
        assert_eq!(kinds, ["agreement", "privacy", "face_comparison"]);
        let journal = stage.store.journal(record.id).await.unwrap();
        let events: Vec<&str> = journal.iter().map(|e| e.entry.event.as_str()).collect();
        assert_eq!(
            events,
            [
                "logged_in",
                "card_portrait_captured",
                "card_emblem_captured",
                "card_handed_in",
                "card_confirmed",
                "photo_judged",
                "photo_submitted",
                "face_comparison_consented",
                "platform_confirmed",
                "completed",
                "delivered"
            ]
        );
    }
}

#[tokio::test]
async fn a_level_that_needs_it_is_sent_on_to_the_prior_degree_check() {
    let stage = Stage::on_sqlite().await;
    let candidate = stage.candidate(2).await;
    candidate.up_to_verification().await;
    stage.work().await;
    let done = candidate.collection().await;
    assert_eq!((&done["level"], &done["completed"]["prior_degree_check"]), (&json!("专升本"), &json!(true)));
    assert!(done["message"]["zh"].as_str().unwrap().contains("前置学历验证"));
}

#[tokio::test]
async fn a_refused_photo_says_what_to_change_and_a_better_one_goes_on() {
    let stage = Stage::on_sqlite().await;
    let candidate = stage.candidate(3).await;
    candidate.up_to_confirmation(3).await;
    candidate.step("/collection/card/confirm").await;
    let bad = candidate.shows("/collection/photo", Shows::BadPhoto).await;
    assert_eq!((&bad["state"], &bad["photo"]["accepted"]), (&json!("photo"), &json!(false)));
    let advice = bad["photo"]["advice"].as_array().unwrap();
    assert_eq!(advice.len(), 1, "with several people nothing else is told");
    assert!(advice[0]["zh"].as_str().unwrap().contains("不止一个人"));
    let submitted = problem(candidate.post("/collection/photo/submit").await).await;
    assert_eq!(submitted["code"], "out_of_order");
    assert_eq!(candidate.shows("/collection/photo", Shows::GoodPhoto).await["state"], "review");
    assert_eq!(candidate.step("/collection/photo/retake").await["state"], "photo");
}

#[tokio::test]
async fn three_things_to_change_are_told_at_once_and_shown_in_the_candidates_own_picture() {
    let stage = Stage::on_sqlite().await;
    let candidate = stage.candidate(3).await;
    candidate.up_to_confirmation(3).await;
    candidate.step("/collection/card/confirm").await;
    let none = candidate.send(Method::GET, "/collection/pictures/preview", None).await;
    assert_eq!(problem(none).await["code"], "not_found");

    let refused = candidate.shows("/collection/photo", Shows::FaultyPhoto).await;
    let photo = &refused["photo"];
    let told: Vec<&Value> =
        photo["findings"].as_array().unwrap().iter().filter(|f| !f["rank"].is_null()).collect();
    let ranks: Vec<(&str, u64)> =
        told.iter().map(|f| (f["id"].as_str().unwrap(), f["rank"].as_u64().unwrap())).collect();
    assert_eq!(ranks, [("head_pose", 1), ("sharpness", 2), ("ears_visible", 3)]);
    assert_eq!(json!(told.iter().map(|f| &f["message"]).collect::<Vec<_>>()), photo["advice"]);
    assert_eq!(photo["more"], 2);
    assert_eq!(told[0]["spot"], json!({"left": 0.25, "top": 0.125, "width": 0.5, "height": 0.375}));
    assert_eq!(told[1]["spot"], Value::Null);

    let preview = candidate.send(Method::GET, "/collection/pictures/preview", None).await;
    assert_eq!(preview.headers()["content-type"], "image/jpeg");
    assert_eq!(preview.headers()["cache-control"], "no-store");
    let shown = vision::decode::decode(&preview.bytes().await.unwrap()).unwrap();
    assert_eq!(shown.pixels.dimensions(), (640, 640));
    let other = stage.candidate(6).await;
    let theirs = other.send(Method::GET, "/collection/pictures/preview", None).await;
    assert_eq!(problem(theirs).await["code"], "not_found", "a session reaches its own pictures only");
    let nobody = stage.client.get(stage.url("/api/v1/collection/pictures/preview")).send();
    assert_eq!(nobody.await.unwrap().status(), 401);

    let accepted = candidate.shows("/collection/photo", Shows::GoodPhoto).await;
    assert_eq!((&accepted["photo"]["advice"], &accepted["photo"]["more"]), (&json!([]), &json!(0)));
}

#[tokio::test]
async fn a_card_of_somebody_else_blocks_until_the_office_has_corrected_the_registration() {
    for stage in Stage::on_both().await {
        let candidate = stage.candidate(4).await;
        candidate.up_to_confirmation(5).await;
        let blocked = candidate.step("/collection/card/confirm").await;
        assert_eq!((&blocked["state"], &blocked["corrected"]), (&json!("blocked"), &json!(false)));
        let items: Vec<&str> = blocked["discrepancies"]
            .as_array()
            .unwrap()
            .iter()
            .map(|d| d["item"].as_str().unwrap())
            .collect();
        assert_eq!(items, ["name", "number", "address"]);
        assert_eq!(candidate.step("/collection/card/confirm").await["state"], "blocked", "once more is safe");
        let again = problem(candidate.post("/collection/card/again").await).await;
        assert_eq!(again["code"], "still_blocked");
        assert!(again["message"]["zh"].as_str().unwrap().contains(common::OFFICE_PHONE));
        let upload = candidate.upload("/collection/photo", Shows::GoodPhoto.png()).await;
        assert_eq!(problem(upload).await["code"], "out_of_order");

        let record = stage.store.registration(common::EXAM, "r004").await.unwrap().unwrap();
        let mut corrected = record.registration.clone();
        corrected.name = person(5).name;
        stage
            .store
            .correct_registration(record.id, record.version, &corrected, record.updated_at)
            .await
            .unwrap();
        let partly = candidate.collection().await;
        assert_eq!(
            (&partly["corrected"], &partly["discrepancies"][0]["item"]),
            (&json!(false), &json!("number"))
        );

        // Person 5 leaves the roster's number free first.
        let other = stage.store.registration(common::EXAM, "r005").await.unwrap().unwrap();
        let mut moved = other.registration.clone();
        moved.number = person(61).number;
        stage.store.correct_registration(other.id, other.version, &moved, other.updated_at).await.unwrap();
        corrected.number = person(5).number;
        let record = stage.store.registration(common::EXAM, "r004").await.unwrap().unwrap();
        stage
            .store
            .correct_registration(record.id, record.version, &corrected, record.updated_at)
            .await
            .unwrap();
        assert_eq!(candidate.collection().await["corrected"], true);
        let card = candidate.step("/collection/card/again").await;
        assert_eq!((&card["state"], &card["card"]["portrait"]), (&json!("card"), &Value::Null));
        candidate.up_to_confirmation(5).await;
        assert_eq!(candidate.step("/collection/card/confirm").await["state"], "advisory");
        candidate.step("/collection/advisory/seen").await;
        assert_eq!(candidate.step("/collection/advisory/seen").await["state"], "photo");
        candidate.photo_up_to_verification().await;
        stage.work().await;
        let done = candidate.collection().await;
        assert_eq!(done["completed"]["overwrites"], json!(["address"]));
        let record = stage.store.registration(common::EXAM, "r004").await.unwrap().unwrap();
        assert_eq!(record.registration.address, person(5).address, "the roster was overwritten");
    }
}

#[tokio::test]
async fn a_character_that_cannot_be_read_is_settled_by_the_registration_where_the_pixels_agree() {
    let stage = Stage::on_sqlite().await;
    let candidate = stage.candidate(14).await;
    candidate.shows("/collection/card/portrait", Shows::RarePortrait(14)).await;
    candidate.shows("/collection/card/emblem", Shows::Emblem(14)).await;
    let confirm = candidate.step("/collection/card/hand-in").await;
    let read = &confirm["card"]["read"];
    assert_eq!((&read["name"], &read["name_doubtful"]), (&json!(person(14).name), &json!(false)));
    assert!(read["name_cells"].as_array().unwrap().iter().all(|cell| cell["typed"] == false));
    let typed =
        candidate.send(Method::POST, "/collection/card/name", Some(json!({"characters": ["龑"]}))).await;
    assert_eq!(problem(typed).await["code"], "out_of_order", "nothing of this name is to be typed");
    assert_eq!(candidate.step("/collection/card/confirm").await["state"], "photo");
}

#[tokio::test]
async fn a_character_that_nothing_settles_is_typed_and_the_record_says_so() {
    for stage in Stage::on_both().await {
        let name = |text: &str| domain::PersonName::parse(text).unwrap();
        let correct = async |to: &str| {
            let record = stage.store.registration(common::EXAM, "r015").await.unwrap().unwrap();
            let mut corrected = record.registration.clone();
            corrected.name = name(to);
            stage
                .store
                .correct_registration(record.id, record.version, &corrected, record.updated_at)
                .await
                .unwrap();
        };
        // At the login the registration holds another name; it is corrected before the card is confirmed.
        correct("样本龚").await;
        let candidate = stage.candidate(15).await;
        correct("样本龑").await;
        candidate.shows("/collection/card/portrait", Shows::RarePortrait(15)).await;
        candidate.shows("/collection/card/emblem", Shows::Emblem(15)).await;
        let confirm = candidate.step("/collection/card/hand-in").await;
        let read = &confirm["card"]["read"];
        assert_eq!((&read["name"], &read["name_doubtful"]), (&json!("样本□"), &json!(true)));
        assert_eq!(
            read["name_cells"],
            json!([
                {"character": "样", "typed": false},
                {"character": "本", "typed": false},
                {"character": null, "typed": true},
            ])
        );
        assert!(confirm["message"]["zh"].as_str().unwrap().contains("没有认出"));
        let early = candidate.post("/collection/card/confirm").await;
        assert_eq!((early.status().as_u16(), &problem(early).await["code"]), (409, &json!("name_unread")));

        let typing = async |characters: Value| {
            candidate
                .send(Method::POST, "/collection/card/name", Some(json!({ "characters": characters })))
                .await
        };
        for wrong in
            [json!([]), json!([""]), json!(["龑龑"]), json!(["a"]), json!(["龑", "龑"]), json!(["□"])]
        {
            let refused = typing(wrong.clone()).await;
            assert_eq!(refused.status(), 400, "{wrong}");
            assert_eq!(problem(refused).await["code"], "name_malformed");
        }
        // A slip, seen when it does not agree with the registration, and mended without the office.
        let slip = ok(typing(json!(["龙"])).await, "a slip").await;
        assert_eq!((&slip["state"], &slip["card"]["read"]["name"]), (&json!("confirm"), &json!("样本龙")));
        let blocked = candidate.step("/collection/card/confirm").await;
        assert_eq!(
            (&blocked["state"], &blocked["discrepancies"][0]["item"]),
            (&json!("blocked"), &json!("name"))
        );
        let mended = ok(typing(json!(["龑"])).await, "typed again").await;
        assert_eq!((&mended["state"], &mended["discrepancies"]), (&json!("confirm"), &json!([])));
        assert_eq!(
            mended["card"]["read"]["name_cells"][2],
            json!({"character": "龑", "typed": true}),
            "it stays the candidate's to change"
        );
        assert_eq!(candidate.step("/collection/card/confirm").await["state"], "photo");

        let record = stage.store.collection_of(common::EXAM, "r015").await.unwrap().unwrap();
        let card = record.particulars.identity_card.unwrap();
        assert_eq!((card.name, card.name_typed), (name("样本龑"), vec![2]));
        let journal = stage.store.journal(record.id).await.unwrap();
        assert_eq!(journal.iter().filter(|e| e.entry.event == "card_name_typed").count(), 2);
    }
}

#[tokio::test]
async fn five_refusals_end_it_and_each_is_counted_once() {
    for stage in Stage::on_both().await {
        stage.platform.will((0..5).map(|_| says_no()));
        let candidate = stage.candidate(6).await;
        candidate.up_to_verification().await;
        for used in 1..=5 {
            stage.work().await;
            stage.work().await;
            let collection = candidate.collection().await;
            assert_eq!(collection["attempts"], json!({"allowed": 5, "used": used, "left": 5 - used}));
            if used < 5 {
                assert_eq!(collection["state"], "refused");
                candidate.photo_up_to_verification().await;
            } else {
                assert_eq!(collection["state"], "failed");
            }
        }
        let upload = candidate.upload("/collection/photo", Shows::GoodPhoto.png()).await;
        assert_eq!(upload.status(), 410);
        assert_eq!(problem(upload).await["code"], "collection_ended");
        assert_eq!(stage.platform.asked.lock().unwrap().len(), 5);
    }
}

#[tokio::test]
async fn an_outage_counts_nothing_and_is_told() {
    let stage = Stage::on_sqlite().await;
    stage.platform.will([ask_again(), ask_again(), ask_again()]);
    let candidate = stage.candidate(7).await;
    candidate.up_to_verification().await;
    stage.work().await;
    assert_eq!(candidate.collection().await["verification"]["status"], "waiting");
    stage.work().await;
    assert_eq!(stage.platform.asked.lock().unwrap().len(), 1, "not asked again before its time");
    for _ in 0..2 {
        stage.clock.advance(SignedDuration::from_secs(61));
        stage.work().await;
        let delayed = candidate.collection().await;
        assert_eq!(delayed["verification"]["status"], "delayed");
        assert_eq!(delayed["attempts"]["used"], 0);
    }
    stage.clock.advance(SignedDuration::from_secs(61));
    stage.work().await;
    assert_eq!(candidate.collection().await["state"], "completed");
    let asked = stage.platform.asked.lock().unwrap().clone();
    assert_eq!(asked.len(), 4);
    assert!(asked.iter().all(|a| *a == asked[0]), "the same attempt under the same serial number");
}

#[tokio::test]
async fn what_the_platform_cannot_use_or_compare_is_no_attempt() {
    let stage = Stage::on_sqlite().await;
    stage.platform.will([
        Answer::PictureUnusable { code: "FailedOperation.ImageBlur".to_owned() },
        Answer::CannotVerify { code: "FailedOperation.IdPhotoNoExist".to_owned() },
    ]);
    let candidate = stage.candidate(9).await;
    candidate.up_to_verification().await;
    stage.work().await;
    let unusable = candidate.collection().await;
    assert_eq!(
        (&unusable["state"], &unusable["verification"]["status"]),
        (&json!("photo"), &json!("photo_unusable"))
    );
    candidate.photo_up_to_verification().await;
    stage.work().await;
    let cannot = candidate.collection().await;
    assert_eq!(
        (&cannot["state"], &cannot["verification"]["status"]),
        (&json!("review"), &json!("cannot_verify"))
    );
    assert_eq!(cannot["attempts"]["used"], 0);
    assert!(cannot["message"]["zh"].as_str().unwrap().contains(common::OFFICE_PHONE));
}

#[tokio::test]
async fn a_step_sent_again_after_a_lost_answer_changes_nothing() {
    let stage = Stage::on_sqlite().await;
    let candidate = stage.candidate(10).await;
    let first = candidate.up_to_confirmation(10).await;
    assert_eq!(candidate.step("/collection/card/hand-in").await["version"], first["version"]);
    let confirmed = candidate.step("/collection/card/confirm").await;
    assert_eq!(candidate.step("/collection/card/confirm").await["version"], confirmed["version"]);
    let verifying = candidate.photo_up_to_verification().await;
    assert_eq!(ok(candidate.consent().await, "again").await["version"], verifying["version"]);
    stage.work().await;
    assert_eq!(ok(candidate.consent().await, "again").await["state"], "completed");
    assert_eq!(stage.platform.asked.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn the_card_can_be_uploaded_anew_and_sides_replace_each_other() {
    let stage = Stage::on_sqlite().await;
    let candidate = stage.candidate(11).await;
    let large = candidate.upload("/collection/card/portrait", Shows::Portrait(11).large_png()).await;
    assert_eq!(ok(large, "a large picture").await["card"]["portrait"]["accepted"], true);
    let spoilt = candidate.shows("/collection/card/portrait", Shows::NoCard).await;
    assert_eq!(spoilt["card"]["portrait"]["accepted"], false);
    assert_eq!(problem(candidate.post("/collection/card/hand-in").await).await["code"], "out_of_order");
    candidate.up_to_confirmation(11).await;
    let anew = candidate.step("/collection/card/retake").await;
    assert_eq!((&anew["state"], &anew["card"]["read"]), (&json!("card"), &Value::Null));
}

#[tokio::test]
async fn changes_are_told_as_they_happen() {
    use futures::StreamExt;
    let stage = Stage::on_sqlite().await;
    let candidate = stage.candidate(12).await;
    let stream = candidate.send(Method::GET, "/collection/events", None).await;
    assert_eq!(stream.headers()["content-type"], "text/event-stream");
    let mut chunks = stream.bytes_stream();
    let mut told = String::new();
    while !told.contains("\n\n") {
        told.push_str(&String::from_utf8_lossy(&chunks.next().await.unwrap().unwrap()));
    }
    assert!(told.starts_with("event: collection\ndata: {"), "{told}");
    candidate.shows("/collection/card/portrait", Shows::Portrait(12)).await;
    let mut later = String::new();
    while !later.contains("\"accepted\":true") {
        later.push_str(&String::from_utf8_lossy(&chunks.next().await.unwrap().unwrap()));
    }
}

#[tokio::test]
async fn two_logins_share_one_collection_and_logging_out_ends_one() {
    let stage = Stage::on_sqlite().await;
    let one = stage.candidate(13).await;
    stage.clock.advance(SignedDuration::from_secs(61));
    let two = stage.candidate(13).await;
    one.shows("/collection/card/portrait", Shows::Portrait(13)).await;
    assert_eq!(two.collection().await["card"]["portrait"]["accepted"], true);
    assert_eq!(one.post("/logout").await.status(), 204);
    assert_eq!(problem(one.send(Method::GET, "/collection", None).await).await["code"], "session_expired");
    assert_eq!(two.collection().await["state"], "card");
    stage.clock.advance(SignedDuration::from_hours(13));
    let late = two.send(Method::GET, "/collection", None).await;
    assert_eq!(late.headers()["www-authenticate"], "Bearer");
    assert_eq!(problem(late).await["code"], "session_expired");
}
