//! What the office does with one candidate's collection: taking back, delivering again, inspecting, capturing at the desk.

use common::Candidate;

use super::*;

async fn handed_in(candidate: &Candidate<'_>, shows: Shows) {
    assert_eq!(candidate.shows("/collection/photo", shows).await["state"], "review");
    assert_eq!(candidate.step("/collection/photo/submit").await["state"], "consent");
}

async fn up_to_consent(candidate: &Candidate<'_>, shows: Shows) {
    candidate.up_to_confirmation(candidate.n).await;
    assert_eq!(candidate.step("/collection/card/confirm").await["state"], "photo");
    handed_in(candidate, shows).await;
}

/// Changes the exam session as the office would.
async fn exam_wants(stage: &Stage, change: Value) {
    let chief = Person::hired(stage, "chief", Role::Supervisor).await;
    let mut body = set_exam();
    for (key, value) in change.as_object().unwrap() {
        body[key] = value.clone();
    }
    let set = chief.send(Method::PUT, &format!("/exams/{EXAM}"), Some(body)).await;
    assert_eq!(set.status(), 204, "{}", set.text().await.unwrap());
}

#[tokio::test]
async fn a_photo_and_a_card_are_taken_back_after_completion_and_the_new_ones_are_delivered() {
    for stage in Stage::on_both().await {
        let li = Person::hired(&stage, "li", Role::Registrar).await;
        let candidate = stage.candidate(1).await;
        candidate.up_to_verification().await;
        stage.work().await;
        assert_eq!(candidate.collection().await["state"], "completed");

        let path = format!("{}/take-back", of(1));
        let told = problem(li.post(&path, json!({ "what": "photo", "reason": " " })).await).await;
        assert_eq!(told["code"], "reason_missing");
        li.does(&path, json!({ "what": "photo", "reason": "照片不是近照" })).await;
        let back = candidate.collection().await;
        assert_eq!((&back["state"], &back["completed"]), (&json!("photo"), &Value::Null));
        assert_eq!(back["verification"]["status"], "not_passed");
        for (language, says) in [("zh", "照片不是近照"), ("en", "The office says")] {
            assert!(back["verification"]["message"][language].as_str().unwrap().contains(says), "{back}");
        }
        assert_eq!(back["photo"], Value::Null, "what was taken back is not shown as accepted");
        handed_in(&candidate, Shows::GoodPhoto).await;
        assert_eq!(candidate.collection().await["verification"], Value::Null);
        ok(candidate.consent().await, "consent").await;
        stage.work().await;
        assert_eq!(candidate.collection().await["state"], "completed");

        li.does(&path, json!({ "what": "card", "reason": "身份证不是本人的" })).await;
        let back = candidate.collection().await;
        assert_eq!((&back["state"], &back["card"]["read"]), (&json!("card"), &Value::Null));
        assert!(back["message"]["zh"].as_str().unwrap().contains("身份证不是本人的"));
        let told = problem(li.post(&path, json!({ "what": "card", "reason": "再来" })).await).await;
        assert_eq!((&told["code"], &told["state"]), (&json!("out_of_order"), &json!("card")));
        candidate.up_to_verification().await;
        stage.work().await;
        assert!(!candidate.collection().await["message"]["zh"].as_str().unwrap().contains("本人的"));

        let told = problem(li.post(&format!("{}/redeliver", of(2)), json!({ "reason": "丢了" })).await).await;
        assert_eq!(told["code"], "not_found", "nothing was collected of them");
        li.does(&format!("{}/redeliver", of(1)), json!({ "reason": "报名系统丢了数据" })).await;
        stage.work().await;
        let story = li.sees(&of(1)).await;
        let rows: Vec<(&Value, &Value)> = (story["deliveries"].as_array().unwrap().iter())
            .map(|d| (&d["sequence"], &d["status"]))
            .collect();
        let delivered = json!("delivered");
        assert_eq!(
            rows,
            [1, 2, 3, 4]
                .iter()
                .map(|n| json!(n))
                .collect::<Vec<_>>()
                .iter()
                .map(|n| (n, &delivered))
                .collect::<Vec<_>>()
        );
        let completions =
            story["events"].as_array().unwrap().iter().filter(|e| e["event"] == "completed").count();
        assert_eq!(completions, 3, "delivering again completes nothing");
        assert_eq!(
            li.audited().await[2..],
            ["li take_back", "li take_back", "li redeliver"],
            "what was refused did nothing"
        );
    }
}

#[tokio::test]
async fn a_collection_that_is_not_completed_is_not_delivered() {
    let stage = Stage::on_sqlite().await;
    let li = Person::hired(&stage, "li", Role::Registrar).await;
    up_to_consent(&stage.candidate(1).await, Shows::GoodPhoto).await;
    let told = problem(li.post(&format!("{}/redeliver", of(1)), json!({ "reason": "试试" })).await).await;
    assert_eq!((&told["code"], &told["state"]), (&json!("out_of_order"), &json!("consent")));
    assert_eq!(li.sees(&of(1)).await["deliveries"], json!([]));
}

#[tokio::test]
async fn a_warned_photo_waits_for_an_eye_and_others_do_not() {
    for stage in Stage::on_both().await {
        exam_wants(&stage, json!({ "inspection": "warned" })).await;
        let li = Person::hired(&stage, "li", Role::Registrar).await;
        let fine = stage.candidate(1).await;
        up_to_consent(&fine, Shows::GoodPhoto).await;
        assert_eq!(ok(fine.consent().await, "consent").await["state"], "verifying", "nothing warns");

        let warned = stage.candidate(2).await;
        up_to_consent(&warned, Shows::UnlikePhoto).await;
        assert_eq!(ok(warned.consent().await, "consent").await["state"], "warned");
        let waits = warned.step("/collection/verification/all-the-same").await;
        assert_eq!(
            (&waits["state"], &waits["verification"]["status"]),
            (&json!("inspection"), &json!("inspection"))
        );
        let again = warned.step("/collection/verification/all-the-same").await;
        assert_eq!(again["version"], waits["version"], "a lost answer is only told again");
        stage.work().await;
        assert_eq!(stage.platform.asked.lock().unwrap().len(), 1, "only the fine one was asked about");

        let path = format!("/exams/{EXAM}/inspections");
        let queue = li.sees(&path).await;
        let item = &queue["items"][0];
        assert_eq!((&queue["waiting"], &item["registration"]), (&json!(1), &json!("r002")));
        assert_eq!((&item["similarity"], &item["mine"]), (&json!(2.5), &json!(false)));
        assert!(!queue.to_string().contains(person(2).number.as_str()), "masked");

        let inspect = format!("{}/inspect", of(2));
        for (body, code) in [
            (json!({ "pass": false }), "reason_missing"),
            (json!({ "pass": false, "reasons": ["other"], "note": " " }), "reason_missing"),
            (json!({ "pass": false, "reasons": ["card_sharp"] }), "malformed_request"),
            (json!({ "pass": false, "reasons": vec!["unlike"; 6] }), "reason_missing"),
            (json!({ "pass": false, "reasons": ["unlike"], "notes": "x" }), "malformed_request"),
        ] {
            assert_eq!(problem(li.post(&inspect, body).await).await["code"], code);
        }
        li.does(
            &inspect,
            json!({ "pass": false, "reasons": ["unlike", "ears_visible"], "note": "请到窗口" }),
        )
        .await;
        let refused = warned.collection().await;
        assert_eq!((&refused["state"], &refused["attempts"]["used"]), (&json!("photo"), &json!(0)));
        assert_eq!(refused["verification"]["status"], "not_passed");
        let told = refused["verification"]["message"]["zh"].as_str().unwrap();
        for part in ["不像同一个人", "双耳露出", "请到窗口"] {
            assert!(told.contains(part), "{told}");
        }
        assert_eq!(li.sees(&path).await, json!({ "waiting": 0, "items": [] }));
        let late = problem(li.post(&inspect, json!({ "pass": true })).await).await;
        assert_eq!(late["code"], "out_of_order");

        handed_in(&warned, Shows::UnlikePhoto).await;
        ok(warned.consent().await, "consent").await;
        warned.step("/collection/verification/all-the-same").await;
        li.does(&inspect, json!({ "pass": true })).await;
        assert_eq!(warned.collection().await["state"], "verifying");
        stage.work().await;
        assert_eq!(warned.collection().await["state"], "completed");
        let page = li.sees("/audit?deed=review_photo").await;
        let details: Vec<&Value> =
            page["entries"].as_array().unwrap().iter().map(|e| &e["details"]).collect();
        let objections = json!({ "passed": false, "objections": ["unlike", "ears_visible"] });
        assert_eq!(details, [&json!({ "passed": true }), &objections]);
    }
}

#[tokio::test]
async fn where_two_must_look_the_second_sends_it_on_and_nobody_is_two() {
    for stage in Stage::on_both().await {
        exam_wants(&stage, json!({ "inspection": "every", "two_eyes": true })).await;
        let li = Person::hired(&stage, "li", Role::Registrar).await;
        let wang = Person::hired(&stage, "wang", Role::Registrar).await;
        let candidates = [stage.candidate(1).await, stage.candidate(2).await];
        for candidate in &candidates {
            up_to_consent(candidate, Shows::GoodPhoto).await;
            assert_eq!(ok(candidate.consent().await, "consent").await["state"], "inspection");
            stage.clock.advance(SignedDuration::from_secs(1));
        }
        let inspect = |n| format!("{}/inspect", of(n));
        let pass = || json!({ "pass": true });
        li.does(&inspect(1), pass()).await;
        assert_eq!(candidates[0].collection().await["state"], "inspection");
        assert_eq!(problem(li.post(&inspect(1), pass()).await).await["code"], "another_must_look");
        let keys = async |person: &Person<'_>| -> Vec<(String, bool)> {
            let queue = person.sees(&format!("/exams/{EXAM}/inspections")).await;
            let rows = queue["items"].as_array().unwrap().iter();
            rows.map(|i| (i["registration"].as_str().unwrap().to_owned(), i["mine"].as_bool().unwrap()))
                .collect()
        };
        assert_eq!(
            keys(&li).await,
            [("r002".to_owned(), false), ("r001".to_owned(), true)],
            "what is left to do first"
        );
        assert_eq!(keys(&wang).await, [("r001".to_owned(), false), ("r002".to_owned(), false)]);
        wang.does(&inspect(1), pass()).await;
        assert_eq!(candidates[0].collection().await["state"], "verifying");
        // Both at once: whoever is second sends it on.
        let second = inspect(2);
        let (a, b) = tokio::join!(li.post(&second, pass()), wang.post(&second, pass()));
        assert_eq!((a.status().as_u16(), b.status().as_u16()), (204, 204));
        assert_eq!(candidates[1].collection().await["state"], "verifying");
        // The candidate may think better of it: nobody's look stays for another photo.
        let third = stage.candidate(3).await;
        up_to_consent(&third, Shows::GoodPhoto).await;
        ok(third.consent().await, "consent").await;
        li.does(&inspect(3), pass()).await;
        assert_eq!(third.step("/collection/photo/retake").await["state"], "photo");
        handed_in(&third, Shows::GoodPhoto).await;
        ok(third.consent().await, "consent").await;
        li.does(&inspect(3), pass()).await;
        assert_eq!(third.collection().await["state"], "inspection");
    }
}

#[tokio::test]
async fn a_registrar_captures_at_the_desk_for_a_candidate_without_a_phone_at_hand() {
    for stage in Stage::on_both().await {
        let li = Person::hired(&stage, "li", Role::Registrar).await;
        let path = format!("{}/desk", of(4));
        assert_eq!(problem(li.post(&path, json!({ "reason": "" })).await).await["code"], "reason_missing");
        let opened = ok(li.post(&path, json!({ "reason": "考生没有智能手机" })).await, "desk").await;
        let ticket = opened["path"].as_str().unwrap().strip_prefix("/#desk=").unwrap().to_owned();
        let entry = ok(stage.client.get(stage.url("/api/v1/entry")).send().await.unwrap(), "entry").await;
        let begin = async |ticket: &str, agreement: &str| {
            let body = json!({
                "ticket": ticket, "agreement_version": agreement, "privacy_version": entry["privacy"]["version"],
            });
            stage.client.post(stage.url("/api/v1/login/desk")).json(&body).send().await.unwrap()
        };
        let agreement = entry["agreement"]["version"].as_str().unwrap();
        assert_eq!(problem(begin(&ticket, "none").await).await["code"], "consent_missing");
        let begun = ok(begin(&ticket, agreement).await, "a missing consent does not cost the ticket").await;
        assert_eq!(problem(begin(&ticket, agreement).await).await["code"], "ticket_spent");
        assert_eq!(problem(begin("none", agreement).await).await["code"], "ticket_spent");
        let candidate = Candidate { stage: &stage, n: 4, token: begun["token"].as_str().unwrap().to_owned() };
        candidate.up_to_verification().await;
        stage.work().await;
        assert_eq!(candidate.collection().await["state"], "completed");
        let story = li.sees(&of(4)).await;
        let actors: BTreeSet<&str> =
            story["events"].as_array().unwrap().iter().map(|e| e["actor"].as_str().unwrap()).collect();
        assert_eq!(actors, ["li", "worker"].into(), "who did what");
        assert_eq!(story["events"][0]["event"], "began_at_desk");
        let numbers = li.sees(&format!("/exams/{EXAM}/numbers")).await;
        let steps = ["logged_in", "card", "photo", "completed"].map(|step| numbers["steps"][step].clone());
        assert_eq!(steps, [json!(1), json!(1), json!(1), json!(1)], "whoever begins at the desk is counted");
        let kinds: Vec<&str> =
            story["consents"].as_array().unwrap().iter().map(|c| c["kind"].as_str().unwrap()).collect();
        assert_eq!(kinds, ["agreement", "privacy", "face_comparison"]);
        assert_eq!(
            problem(li.post(&path, json!({ "reason": "再来" })).await).await["code"],
            "collection_ended"
        );

        let late =
            ok(li.post(&format!("{}/desk", of(5)), json!({ "reason": "没有手机" })).await, "desk").await;
        stage.clock.advance(SignedDuration::from_mins(2));
        let late = late["path"].as_str().unwrap().strip_prefix("/#desk=").unwrap().to_owned();
        assert_eq!(problem(begin(&late, agreement).await).await["code"], "ticket_spent");
    }
}

#[tokio::test]
async fn an_exam_session_ends_at_its_time_and_says_which_cards_it_takes() {
    let stage = Stage::on_sqlite().await;
    let now = service::Clock::now(stage.clock.as_ref());
    let closes_at = now.saturating_add(SignedDuration::from_hours(1)).unwrap().to_string();
    let early = stage.candidate(1).await;
    exam_wants(
        &stage,
        json!({ "closes_at": closes_at, "cards": ["permanent_residence_2023"], "inspection": "off" }),
    )
    .await;
    let li = Person::hired(&stage, "li", Role::Viewer).await;
    let exam = li.sees(&format!("/exams/{EXAM}")).await;
    assert_eq!(exam["cards"], json!(["permanent_residence_2023"]));
    assert_eq!(
        exam["closes_at"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap().to_string(),
        closes_at
    );
    assert_eq!(exam["card_kinds"].as_array().unwrap().len(), 4);
    let refused = early.shows("/collection/card/portrait", Shows::Portrait(1)).await;
    assert_eq!(refused["card"]["portrait"]["findings"][0]["id"], "card_kind");
    stage.clock.advance(SignedDuration::from_hours(1));
    let told = problem(stage.ask_for_code(person(2).phone.as_str()).await).await;
    assert_eq!(told["code"], "not_open");
    assert_eq!(early.collection().await["state"], "card", "whoever is in goes on");
}
