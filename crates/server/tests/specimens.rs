//! The journey with drawn pictures and the real networks; without the models it says so and does nothing.

#![allow(clippy::unwrap_used, missing_docs)]

mod common;

use common::{Candidate, Stage, ok};
use domain::{Ethnicity, IdNumber, Level, PersonName, PhoneNumber, Registration};
use serde_json::{Value, json};
use service::{Rules, sight::Networks};
use specimen::{
    capture::{CardDefect, CardScene, capture},
    card::{emblem_side, portrait_side},
    people::Person,
    phone::phone_jpeg,
    portrait::{Defect, PortraitScene, portrait},
};
use store::testing::TestDatabase;
use vision::model::{Models, models_dir};

const PHONE: &str = "13911113333";

fn registered(person: &Person) -> Registration {
    Registration {
        id: "drawn".to_owned(),
        name: PersonName::parse(&person.name).unwrap(),
        number: IdNumber::parse(&person.number).unwrap(),
        ethnicity: Ethnicity::parse(&person.ethnicity).ok(),
        address: Some(person.address.clone()),
        phone: PhoneNumber::parse(PHONE).unwrap(),
        level: Level::ToBachelor,
    }
}

fn failing(findings: &Value) -> Vec<&str> {
    findings
        .as_array()
        .unwrap()
        .iter()
        .filter(|f| f["outcome"] == "fail")
        .map(|f| f["id"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn a_drawn_candidate_goes_through_on_the_real_networks() {
    let dir = models_dir();
    let Ok(models) = Models::open(&dir, 2) else {
        eprintln!("skipped: there are no models in {}; run `make models`", dir.display());
        return;
    };
    let person =
        (7..).map(Person::from_seed).find(|p| !p.has_rare_character && !p.name.contains('·')).unwrap();
    let stage = Stage::with_sight(
        TestDatabase::sqlite().await,
        Rules::default(),
        Networks::new(models),
        vec![registered(&person)],
    )
    .await;
    let candidate = Candidate { stage: &stage, n: 0, token: stage.token(PHONE).await };

    let portrait_art = portrait_side(&person).unwrap();
    let emblem_art = emblem_side(&person).unwrap();
    let clean = CardScene::clean(person.seed);
    let portrait_jpeg = capture(&portrait_art, &clean).jpeg();
    let emblem_jpeg = capture(&emblem_art, &clean).jpeg();

    let swapped =
        ok(candidate.upload("/collection/card/portrait", emblem_jpeg.clone()).await, "swapped").await;
    assert_eq!(failing(&swapped["card"]["portrait"]["findings"]), ["card_side"]);
    let cropped = capture(&portrait_art, &CardScene::with_defect(person.seed, CardDefect::Cropped)).jpeg();
    let cropped = ok(candidate.upload("/collection/card/portrait", cropped).await, "cropped").await;
    assert_eq!(cropped["card"]["portrait"]["accepted"], false);
    let read = ok(candidate.upload("/collection/card/portrait", portrait_jpeg).await, "portrait side").await;
    assert_eq!(failing(&read["card"]["portrait"]["findings"]), [""; 0]);
    let read = ok(candidate.upload("/collection/card/emblem", emblem_jpeg).await, "emblem side").await;
    assert_eq!(failing(&read["card"]["emblem"]["findings"]), [""; 0]);
    let confirm = candidate.step("/collection/card/hand-in").await;
    assert_eq!(confirm["state"], "confirm");
    assert_eq!(confirm["card"]["read"]["name"], person.name.as_str());
    assert_eq!(confirm["card"]["read"]["number"], person.number.as_str());
    assert_eq!(candidate.step("/collection/card/confirm").await["state"], "photo");

    let take = |scene: PortraitScene| phone_jpeg(&portrait(&person.looks, &scene).pixels, 92, 6);
    let shut = take(PortraitScene::with_defect(person.seed, Defect::ClosedEyes));
    let shut = ok(candidate.upload("/collection/photo", shut).await, "closed eyes").await;
    assert_eq!(shut["state"], "photo");
    assert!(failing(&shut["photo"]["findings"]).contains(&"eyes_open"), "{}", shut["photo"]["advice"]);
    let preview = candidate.send(reqwest::Method::GET, "/collection/pictures/preview", None).await;
    let preview = preview.bytes().await.unwrap();
    let shown = vision::decode::decode(&preview).unwrap();
    assert!(shown.pixels.width() < shown.pixels.height(), "stored lying, shown upright");
    assert!(shown.pixels.width() <= 720 && preview.len() < 300_000, "{} bytes", preview.len());
    let good =
        ok(candidate.upload("/collection/photo", take(PortraitScene::clean(person.seed))).await, "clean")
            .await;
    assert_eq!(failing(&good["photo"]["findings"]), [""; 0]);
    assert_eq!(good["state"], "review");
    let photo = candidate.send(reqwest::Method::GET, "/collection/pictures/photo", None).await;
    let photo = photo.bytes().await.unwrap();
    assert!((20 * 1024..=40 * 1024).contains(&photo.len()), "{} bytes", photo.len());
    candidate.step("/collection/photo/submit").await;
    ok(candidate.consent().await, "consent").await;
    stage.work().await;
    let done = candidate.collection().await;
    assert_eq!((&done["state"], &done["completed"]["overwrites"]), (&json!("completed"), &json!([])));
}
