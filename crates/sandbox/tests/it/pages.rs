//! The pages are there, say what they are, and do what their forms offer.

use partners::registration::RegistrationSystem;

use crate::running::{Running, picture};

#[tokio::test]
async fn every_page_says_that_it_is_a_sandbox() {
    let sandbox = Running::start().await;
    for path in ["/", "/sandbox/outbox", "/sandbox/switches", "/sandbox/candidates/c04"] {
        let answer = sandbox.http.get(format!("{}{path}", sandbox.url)).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        let text = answer.text().await.unwrap();
        assert!(text.contains("沙箱 SANDBOX") && text.contains("lang=\"zh-CN\""), "{path}");
    }
}

#[tokio::test]
async fn the_office_corrects_a_name() {
    let sandbox = Running::start().await;
    let candidate = sandbox.candidates.iter().find(|c| c.planted == sandbox::Planted::Name).unwrap();
    let found =
        async || sandbox.registration().find_by_phone("sandbox", &candidate.phone).await.unwrap().unwrap();
    assert_ne!(found().await.name.as_str(), candidate.person.name);
    let form = |name: &str, number: &str| {
        vec![
            ("name", name.to_owned()),
            ("number", number.to_owned()),
            ("ethnicity", candidate.person.ethnicity.clone()),
            ("address", candidate.person.address.clone()),
            ("phone", candidate.phone.as_str().to_owned()),
            ("level", "高起本".to_owned()),
        ]
    };
    let url = format!("{}/sandbox/candidates/{}/registration", sandbox.url, candidate.id);
    let wrong = sandbox.http.post(&url).form(&form(&candidate.person.name, "123")).send().await.unwrap();
    assert_eq!(wrong.status(), 422);
    let right = form(&candidate.person.name, &candidate.person.number);
    assert_eq!(sandbox.http.post(&url).form(&right).send().await.unwrap().status(), 200);
    assert_eq!(found().await.name.as_str(), candidate.person.name);
    assert_eq!(found().await.number.as_str(), candidate.person.number);
}

#[tokio::test]
async fn the_api_corrects_and_resets() {
    let sandbox = Running::start().await;
    let candidate = sandbox.candidates.iter().find(|c| c.planted == sandbox::Planted::Number).unwrap();
    let found =
        async || sandbox.registration().find_by_phone("sandbox", &candidate.phone).await.unwrap().unwrap();
    let base = format!("{}/sandbox/api", sandbox.url);
    let url = format!("{base}/registrations/{}/correct", candidate.registration.id);
    assert_eq!(sandbox.http.post(url).send().await.unwrap().status(), 200);
    assert_eq!(found().await.number.as_str(), candidate.person.number);
    assert_eq!(sandbox.http.post(format!("{base}/reset")).send().await.unwrap().status(), 204);
    assert_eq!(found().await, candidate.registration);
}

#[tokio::test]
async fn ones_own_picture_takes_the_place_of_the_drawn_one() {
    let sandbox = Running::start().await;
    let ask = async |red| sandbox.ask(0, uuid::Uuid::new_v4(), &picture(red)).await;
    assert!(ask(99).await.is_attempt());
    let url = format!("{}/sandbox/candidates/c01/enrol", sandbox.url);
    let enrol = async |red| {
        let part = reqwest::multipart::Part::bytes(picture(red)).file_name("me.png");
        let form = reqwest::multipart::Form::new().part("picture", part);
        sandbox.http.post(&url).multipart(form).send().await.unwrap().status().as_u16()
    };
    assert_eq!(enrol(crate::running::NOBODY).await, 422);
    assert_eq!(enrol(99).await, 200);
    assert!(!ask(99).await.is_attempt());
    assert!(ask(0).await.is_attempt());
}

#[tokio::test]
async fn the_switches_page_sets_a_switch() {
    let sandbox = Running::start().await;
    let form = [
        ("partner", "identity"),
        ("outage", "unavailable"),
        ("slow_ms", "3"),
        ("times", ""),
        ("lose_answer", "true"),
    ];
    let answer =
        sandbox.http.post(format!("{}/sandbox/switches", sandbox.url)).form(&form).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let set = sandbox.get("/sandbox/api/switches").await["identity"].clone();
    assert_eq!(set["outage"], "unavailable");
    assert_eq!(
        (&set["slow_ms"], &set["lose_answer"], &set["times"]),
        (&3.into(), &true.into(), &serde_json::Value::Null)
    );
}

#[tokio::test]
async fn every_specimen_is_offered_and_some_are_drawn() {
    let sandbox = Running::start().await;
    let index = sandbox.get("/sandbox/api/candidates").await;
    assert_eq!(index.as_array().unwrap().len(), 24);
    let offered = index[0]["specimens"].as_array().unwrap();
    assert_eq!(offered.len(), sandbox::specimens::Kind::ALL.len());
    for kind in ["portrait", "card_portrait", "card_emblem", "two_defects"] {
        let specimen = offered.iter().find(|s| s["kind"] == kind).unwrap();
        let url = format!("{}{}?size=small", sandbox.url, specimen["url"].as_str().unwrap());
        let answer = sandbox.http.get(url).send().await.unwrap();
        if answer.status() == 503 {
            eprintln!("skipped: {}", answer.text().await.unwrap());
            continue;
        }
        assert_eq!(answer.headers()["content-type"], "image/jpeg");
        image::load_from_memory(&answer.bytes().await.unwrap()).unwrap();
    }
    let nothing = format!("{}/sandbox/specimens/c01/nothing.jpg", sandbox.url);
    assert_eq!(sandbox.http.get(nothing).send().await.unwrap().status(), 404);
}
