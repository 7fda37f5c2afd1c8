//! The office through the public face: signing in, what each role may do, and what the audit log says of it.

#![allow(clippy::unwrap_used, missing_docs)]

mod common;
#[path = "office/desk.rs"]
mod desk;
#[path = "office/rosters.rs"]
mod rosters;

use std::collections::BTreeSet;

use common::{
    EXAM, Shows, Stage,
    office::{Person, try_in},
    ok, person, problem, says_no,
};
use domain::Role;
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};

fn of(n: u8) -> String {
    format!("/exams/{EXAM}/candidates/r{n:03}")
}

#[tokio::test]
async fn whatever_is_wrong_with_a_sign_in_is_told_alike() {
    let stage = Stage::on_sqlite().await;
    let li = Person::hired(&stage, "li", Role::Registrar).await;
    let code = li.next_code();
    let mut told = BTreeSet::new();
    for (account, password, code) in [
        ("nobody", li.password.as_str(), code.as_str()),
        ("不是账号", &li.password, &code),
        ("li", "Rain-on-7-roofs", &code),
        ("li", &li.password, "000000"),
        ("li", &li.password, ""),
    ] {
        told.insert(problem(try_in(&stage, account, password, code).await).await.to_string());
    }
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told.first().unwrap().contains("sign_in_wrong"));
    ok(try_in(&stage, "LI", &li.password, &code).await, "the right one").await;
    let again = problem(try_in(&stage, "li", &li.password, &code).await).await;
    assert_eq!(again["code"], "sign_in_wrong", "a code counts once");
}

#[tokio::test]
async fn tries_made_at_once_are_not_more_than_five() {
    for stage in Stage::on_both().await {
        let li = Person::hired(&stage, "li", Role::Registrar).await;
        let tries = (0..12).map(|_| try_in(&stage, "li", &li.password, "000000"));
        for answer in futures::future::join_all(tries).await {
            assert_eq!(problem(answer).await["code"], "sign_in_wrong");
        }
        let zhao = Person::hired(&stage, "zhao", Role::Administrator).await;
        let wrong = zhao.audited().await.into_iter().filter(|deed| deed == "li sign_in").count();
        assert_eq!(wrong, 1 + 5, "the one that was right, and five that were looked at");
        assert_eq!(try_in(&stage, "li", &li.password, &li.next_code()).await.status(), 403, "locked");
    }
}

#[tokio::test]
async fn who_holds_a_wrong_phone_is_logged_in_no_longer_once_it_is_corrected() {
    let stage = Stage::on_sqlite().await;
    let li = Person::hired(&stage, "li", Role::Registrar).await;
    let stranger = stage.candidate(9).await;
    assert_eq!(stranger.send(Method::GET, "/collection", None).await.status(), 200);
    let version = li.sees(&of(9)).await["version"].clone();
    let body = json!({ "version": version, "phone": "13900000099", "reason": "录入错误" });
    li.does(&format!("{}/correct", of(9)), body).await;
    assert_eq!(stranger.send(Method::GET, "/collection", None).await.status(), 401);
}

#[tokio::test]
async fn five_wrong_in_a_row_lock_an_account_for_a_quarter_of_an_hour() {
    for stage in Stage::on_both().await {
        let li = Person::hired(&stage, "li", Role::Registrar).await;
        for _ in 0..5 {
            let answer = try_in(&stage, "li", "Rain-on-7-roofs", &li.next_code()).await;
            assert_eq!(answer.status(), 403);
        }
        assert_eq!(try_in(&stage, "li", &li.password, &li.next_code()).await.status(), 403, "locked");
        assert_eq!(li.send(Method::GET, "/me", None).await.status(), 200, "whoever is in stays in");
        stage.clock.advance(SignedDuration::from_mins(15));
        ok(try_in(&stage, "li", &li.password, &li.next_code()).await, "no longer locked").await;
    }
}

#[tokio::test]
async fn a_session_ends_when_it_is_idle_and_at_sign_out() {
    let stage = Stage::on_sqlite().await;
    let mut li = Person::hired(&stage, "li", Role::Viewer).await;
    for _ in 0..3 {
        stage.clock.advance(SignedDuration::from_mins(14));
        assert_eq!(li.sees("/me").await["role"], "viewer");
    }
    stage.clock.advance(SignedDuration::from_mins(16));
    assert_eq!(problem(li.send(Method::GET, "/me", None).await).await["code"], "session_expired");
    li.sign_in().await;
    li.does("/sign-out", json!({})).await;
    assert_eq!(li.send(Method::GET, "/me", None).await.status(), 401);
    let candidate = stage.candidate(1).await;
    li.token = candidate.token.clone();
    assert_eq!(
        li.send(Method::GET, "/me", None).await.status(),
        401,
        "a candidate's token reaches no office"
    );
    li.sign_in().await;
    let url = stage.url("/api/v1/collection");
    let answer = stage.client.get(url).bearer_auth(&li.token).send().await.unwrap();
    assert_eq!(answer.status(), 401, "nor the office's a collection");
}

#[tokio::test]
async fn a_password_is_changed_by_whoever_knows_it_and_ends_all_sessions() {
    let stage = Stage::on_sqlite().await;
    let mut li = Person::hired(&stage, "li", Role::Viewer).await;
    let change = |current: &str, new: &str| json!({ "current": current, "new": new });
    let weak = problem(li.post("/password", change(&li.password, "short")).await).await;
    assert_eq!(weak["code"], "password_weak");
    let wrong = problem(li.post("/password", change("Rain-on-7-roofs", "Snow-on-8-roofs")).await).await;
    assert_eq!(wrong["code"], "sign_in_wrong");
    li.does("/password", change(&li.password, "Snow-on-8-roofs")).await;
    assert_eq!(li.send(Method::GET, "/me", None).await.status(), 401);
    li.password = "Snow-on-8-roofs".to_owned();
    li.sign_in().await;
}

#[tokio::test]
async fn an_administrator_says_who_works_here_and_one_always_remains() {
    for stage in Stage::on_both().await {
        let chief = Person::hired(&stage, "chief", Role::Administrator).await;
        let access: Value = {
            let answer = chief.post("/staff", json!({ "account": "wang", "role": "registrar" })).await;
            assert_eq!(answer.status(), 201);
            answer.json().await.unwrap()
        };
        assert!(access["otpauth"].as_str().unwrap().starts_with("otpauth://totp/Zhaoyan:wang?"), "{access}");
        let taken = problem(chief.post("/staff", json!({ "account": "wang", "role": "viewer" })).await).await;
        assert_eq!(taken["code"], "account_taken");
        let malformed =
            problem(chief.post("/staff", json!({ "account": "王", "role": "viewer" })).await).await;
        assert_eq!(malformed["code"], "account_malformed");
        let text = |key: &str| access[key].as_str().unwrap().to_owned();
        let mut wang = Person {
            stage: &stage,
            account: text("account"),
            password: text("password"),
            secret: text("secret"),
            token: String::new(),
        };
        wang.sign_in().await;
        let put = |role: &str, active: bool| Some(json!({ "role": role, "active": active }));
        let last = chief.send(Method::PUT, "/staff/chief", put("viewer", true)).await;
        assert_eq!(problem(last).await["code"], "last_administrator");
        assert_eq!(chief.send(Method::PUT, "/staff/wang", put("registrar", false)).await.status(), 204);
        assert_eq!(wang.send(Method::GET, "/me", None).await.status(), 401, "gone at once");
        assert_eq!(try_in(&stage, "wang", &wang.password, &wang.next_code()).await.status(), 403);
        assert_eq!(chief.send(Method::PUT, "/staff/wang", put("administrator", true)).await.status(), 204);
        let reset = ok(chief.post("/staff/wang/reset", json!({})).await, "reset").await;
        assert_eq!(try_in(&stage, "wang", &wang.password, &wang.next_code()).await.status(), 403);
        wang.password = reset["password"].as_str().unwrap().to_owned();
        wang.secret = reset["secret"].as_str().unwrap().to_owned();
        wang.sign_in().await;
        assert_eq!(wang.send(Method::PUT, "/staff/chief", put("viewer", true)).await.status(), 204);
        let staff = wang.sees("/staff").await;
        let rows: Vec<(&str, &str)> = (staff.as_array().unwrap().iter())
            .map(|s| (s["account"].as_str().unwrap(), s["role"].as_str().unwrap()))
            .collect();
        assert_eq!(rows, [("chief", "viewer"), ("wang", "administrator")]);
    }
}

fn set_exam() -> Value {
    json!({
        "name": "成人高考", "standard": "chengkao", "attempts_allowed": 5, "open": true,
        "office_name": "某市成招办", "office_phone": common::OFFICE_PHONE,
    })
}

#[tokio::test]
async fn exam_sessions_are_made_changed_and_closed() {
    for stage in Stage::on_both().await {
        let zhang = Person::hired(&stage, "zhang", Role::Supervisor).await;
        let set = async |id: &str, change: Value| {
            let mut body = set_exam();
            for (key, value) in change.as_object().unwrap() {
                body[key] = value.clone();
            }
            zhang.send(Method::PUT, &format!("/exams/{id}"), Some(body)).await
        };
        for (id, change, field) in [
            ("成考", json!({}), "考次编号"),
            ("new", json!({ "name": " " }), "考次名称"),
            ("new", json!({ "standard": "none" }), "照片标准"),
            ("new", json!({ "attempts_allowed": 0 }), "核验次数"),
            ("new", json!({ "office_phone": "" }), "成招办名称或电话"),
            (
                "new",
                json!({ "privacy": { "version": "2", "zh": "只有标题", "en": "Title\nBody" } }),
                "隐私协议",
            ),
        ] {
            let told = problem(set(id, change).await).await;
            assert_eq!(told["code"], "field_malformed");
            assert!(told["message"]["zh"].as_str().unwrap().contains(field), "{told}");
        }
        // A new one is open, and the one that candidates come for.
        assert_eq!(set("new", json!({ "name": "2027 年成人高考" })).await.status(), 204);
        let url = stage.url("/api/v1/entry");
        let entry = async || ok(stage.client.get(&url).send().await.unwrap(), "entry").await;
        assert_eq!(entry().await["exam_session"]["name"], "2027 年成人高考");
        let own = json!({ "version": "2", "zh": "隐私协议\n我们只保存需要的。", "en": "Privacy\nWe keep what is needed." });
        assert_eq!(set("new", json!({ "privacy": own })).await.status(), 204);
        let change = json!({ "office_name": "另一成招办" });
        assert_eq!(set("new", change).await.status(), 204);
        let exam = zhang.sees("/exams/new").await;
        assert_eq!(exam["privacy"]["body"]["zh"], "我们只保存需要的。", "the office's own text stays");
        assert!(
            exam["agreement"]["body"]["zh"].as_str().unwrap().contains("另一成招办"),
            "the built-in one is made anew"
        );
        assert_eq!(exam["standards"], json!([{ "id": "chengkao", "name": exam["standards"][0]["name"] }]));
        assert_eq!(set("new", json!({ "open": false })).await.status(), 204);
        assert_eq!(entry().await["exam_session"]["id"], EXAM);
        assert_eq!(zhang.audited().await.len(), 2 + 4);
    }
}

#[tokio::test]
async fn a_blocked_candidate_goes_on_once_the_name_is_corrected() {
    for stage in Stage::on_both().await {
        let li = Person::hired(&stage, "li", Role::Registrar).await;
        let candidate = stage.candidate(7).await;
        // The card is another's: name and number differ.
        candidate.up_to_confirmation(8).await;
        assert_eq!(candidate.step("/collection/card/confirm").await["state"], "blocked");

        let found = ok(
            li.post(&format!("/exams/{EXAM}/candidates"), json!({ "number": person(7).number.as_str() }))
                .await,
            "search",
        )
        .await;
        let row = &found["candidates"][0];
        assert_eq!((&row["registration"], &row["state"]), (&json!("r007"), &json!("blocked")));
        assert!(!found.to_string().contains(person(7).number.as_str()), "masked");
        let story = li.sees(&of(7)).await;
        assert_eq!(story["differs"], json!(["name", "number", "address"]));
        for secret in [person(7).number.as_str(), person(8).number.as_str(), person(7).phone.as_str()] {
            assert!(!story.to_string().contains(secret), "the story is masked");
        }
        let plain = ok(li.post(&format!("{}/unmask", of(7)), json!({})).await, "unmask").await;
        assert_eq!(plain["registration"]["name"], person(7).name.as_str());
        assert_eq!(plain["card"]["name"], person(8).name.as_str());

        let version = story["version"].clone();
        let correct = async |mut body: Value| {
            body["version"] = version.clone();
            li.post(&format!("{}/correct", of(7)), body).await
        };
        let told = problem(correct(json!({ "name": person(8).name.as_str(), "reason": " " })).await).await;
        assert_eq!(told["code"], "reason_missing");
        let told = problem(correct(json!({ "number": "110000", "reason": "录入错误" })).await).await;
        assert_eq!(told["code"], "field_malformed");
        let number = person(8).number.as_str().to_owned();
        let told = problem(correct(json!({ "number": number, "reason": "录入错误" })).await).await;
        assert_eq!(told["code"], "held_by_another");
        // Person 8 is registered too, under a number of their own: theirs is mended first.
        let other = li.sees(&of(8)).await["version"].clone();
        let elsewhere = person(99).number.as_str().to_owned();
        let body = json!({ "version": other, "number": elsewhere, "reason": "录入错误" });
        li.does(&format!("{}/correct", of(8)), body).await;
        let body = json!({ "version": version, "name": person(8).name.as_str(), "number": number, "reason": "录入错误" });
        li.does(&format!("{}/correct", of(7)), body.clone()).await;
        let told = problem(
            li.post(
                &format!("{}/correct", of(7)),
                json!({ "version": version, "level": "专升本", "reason": "再改" }),
            )
            .await,
        )
        .await;
        assert_eq!(told["code"], "changed_meanwhile");

        assert_eq!(candidate.collection().await["corrected"], true);
        let again = candidate.step("/collection/card/again").await;
        assert_eq!(again["state"], "card");
        candidate.up_to_confirmation(8).await;
        let state = candidate.step("/collection/card/confirm").await["state"].clone();
        assert_eq!(state, "advisory", "name and number agree; the address still differs, which only advises");
        let page = li.sees("/audit?deed=correct_registration").await;
        let entry = &page["entries"][0];
        assert_eq!(entry["details"], json!({ "fields": ["name", "number"], "reason": "录入错误" }));
        assert_eq!(entry["subject"], format!("{EXAM}/r007"));
    }
}

#[tokio::test]
async fn a_failed_collection_is_reopened_with_a_reason_and_an_acceptable_photo_completed_at_the_desk() {
    for stage in Stage::on_both().await {
        let li = Person::hired(&stage, "li", Role::Registrar).await;
        let candidate = stage.candidate(1).await;
        stage.platform.will((0..5).map(|_| says_no()));
        candidate.up_to_verification().await;
        for _ in 0..4 {
            stage.work().await;
            assert_eq!(candidate.collection().await["state"], "refused");
            candidate.step("/collection/photo/retake").await;
            candidate.photo_up_to_verification().await;
        }
        stage.work().await;
        assert_eq!(candidate.collection().await["state"], "failed");
        let early = problem(li.post(&format!("{}/complete", of(1)), json!({ "reason": "到场" })).await).await;
        assert_eq!((&early["code"], &early["state"]), (&json!("out_of_order"), &json!("failed")));

        let without = problem(li.post(&format!("{}/reopen", of(1)), json!({ "reason": "" })).await).await;
        assert_eq!(without["code"], "reason_missing");
        li.does(&format!("{}/reopen", of(1)), json!({ "reason": "考生到场，证件无误" })).await;
        let reopened = candidate.collection().await;
        assert_eq!((&reopened["state"], &reopened["attempts"]["left"]), (&json!("photo"), &json!(5)));

        assert_eq!(candidate.shows("/collection/photo", Shows::GoodPhoto).await["state"], "review");
        li.does(&format!("{}/complete", of(1)), json!({ "reason": "不同意人脸比对，现场核验" })).await;
        let done = candidate.collection().await;
        assert_eq!((&done["state"], &done["completed"]["by"]), (&json!("completed"), &json!("desk")));
        stage.work().await;
        let photo = li.send(Method::GET, &format!("{}/pictures/photo", of(1)), None).await;
        assert_eq!(photo.headers()["cache-control"], "no-store");
        let theirs = candidate.send(Method::GET, "/collection/pictures/photo", None).await;
        assert_eq!(photo.bytes().await.unwrap(), theirs.bytes().await.unwrap());
        let story = li.sees(&of(1)).await;
        assert_eq!(story["deliveries"][0]["status"], "delivered");
        assert_eq!(story["attempts"].as_array().unwrap().len(), 5);
        let last: Vec<&str> = story["events"]
            .as_array()
            .unwrap()
            .iter()
            .rev()
            .map(|e| e["event"].as_str().unwrap())
            .take(3)
            .collect();
        assert_eq!(last, ["delivered", "completed", "completed_at_desk"]);
        assert_eq!(
            li.audited().await,
            ["command add_staff", "li sign_in", "li reopen", "li complete_at_desk", "li see_picture"]
        );
        let proof = ok(li.post("/audit/verify", json!({})).await, "verify").await;
        assert_eq!((&proof["unbroken"], &proof["entries"]), (&json!(true), &json!(5)));
        let head = stage.store.verify_audit(None).await.unwrap().unwrap();
        assert_eq!(proof["hash"], head.hash);
    }
}

#[tokio::test]
async fn candidates_are_found_exactly_by_state_and_page_by_page() {
    let stage = Stage::on_sqlite().await;
    let li = Person::hired(&stage, "li", Role::Viewer).await;
    let path = format!("/exams/{EXAM}/candidates");
    let search = async |body: Value| ok(li.post(&path, body).await, "search").await;
    let keys = |found: &Value| -> Vec<String> {
        let rows = found["candidates"].as_array().unwrap().iter();
        rows.map(|row| row["registration"].as_str().unwrap().to_owned()).collect()
    };
    for body in [
        json!({ "phone": person(9).phone.as_str() }),
        json!({ "name": person(9).name.as_str() }),
        json!({ "registration": "r009" }),
    ] {
        assert_eq!(keys(&search(body).await), ["r009"]);
    }
    assert_eq!(keys(&search(json!({ "phone": "13900000000" })).await), [""; 0]);
    let first = search(json!({})).await;
    assert_eq!((keys(&first).len(), &first["next"]), (50, &json!("r050")));
    let second = search(json!({ "after": "r050" })).await;
    assert_eq!((keys(&second).len(), &second["next"]), (10, &Value::Null));
    stage.candidate(3).await;
    assert_eq!(keys(&search(json!({ "state": "card" })).await), ["r003"]);
    let exams = li.sees("/exams").await;
    assert_eq!(exams[0]["id"], EXAM);
    assert_eq!((&exams[0]["registrations"], &exams[0]["states"]), (&json!(60), &json!({ "card": 1 })));
    let told = problem(li.post(&path, json!({ "phone": "1" })).await).await;
    assert_eq!(told["code"], "field_malformed");
    let told = problem(li.post(&path, json!({ "phones": "1" })).await).await;
    assert_eq!(told["code"], "malformed_request");
    let none = problem(li.send(Method::GET, &format!("/exams/{EXAM}/candidates/r999"), None).await).await;
    assert_eq!(none["code"], "not_found");
}

#[tokio::test]
async fn one_address_cannot_try_for_ever() {
    let rules = service::Rules { sign_ins_per_address: 3, ..service::Rules::default() };
    let stage = Stage::set(store::testing::TestDatabase::sqlite().await, rules).await;
    for _ in 0..3 {
        assert_eq!(try_in(&stage, "li", "x", "000000").await.status(), 403);
    }
    let told = problem(try_in(&stage, "li", "x", "000000").await).await;
    assert_eq!(told["code"], "too_many_requests");
    stage.clock.advance(SignedDuration::from_hours(1));
    assert_eq!(try_in(&stage, "li", "x", "000000").await.status(), 403);
}

#[tokio::test]
async fn the_console_is_served_under_its_own_path_and_its_addresses_lead_to_it() {
    let stage = Stage::on_sqlite().await;
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("assets")).unwrap();
    std::fs::write(dir.path().join("index.html"), "<!doctype html><title>console</title>").unwrap();
    std::fs::write(dir.path().join("assets/index-BxY3k2_9.js"), "1").unwrap();
    let settings =
        server::Settings { console_dir: Some(dir.path().to_owned()), ..server::Settings::default() };
    let shutdown = tokio_util::sync::CancellationToken::new();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = server::router(stage.service.clone(), settings, shutdown.clone());
    let bounds = server::connections::Bounds::default();
    tokio::spawn(server::connections::serve(listener, router, bounds, shutdown.clone()));
    let get = |path: &str| stage.client.get(format!("http://{address}{path}")).send();
    for path in ["/console", "/console/", "/console/exams/test-2026/candidates/r001"] {
        let answer = get(path).await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        assert!(answer.headers()["content-security-policy"].to_str().unwrap().contains("script-src 'self'"));
        assert!(answer.text().await.unwrap().contains("<title>console</title>"), "{path}");
    }
    let script = get("/console/assets/index-BxY3k2_9.js").await.unwrap();
    assert!(script.headers()["cache-control"].to_str().unwrap().contains("immutable"));
    assert_eq!(get("/console/assets/none.js").await.unwrap().status(), 404);
    let without = stage.client.get(stage.url("/console/")).send().await.unwrap();
    assert_eq!(without.status(), 404);
    assert!(without.text().await.unwrap().contains("server.console_dir"));
    shutdown.cancel();
}

#[tokio::test]
async fn candidates_and_the_office_may_have_listeners_of_their_own() {
    let stage = Stage::on_sqlite().await;
    let li = Person::hired(&stage, "li", Role::Viewer).await;
    let shutdown = tokio_util::sync::CancellationToken::new();
    let listens = async |serves: server::Serves| {
        let settings = server::Settings { serves, ..server::Settings::default() };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = server::router(stage.service.clone(), settings, shutdown.clone());
        let bounds = server::connections::Bounds::default();
        tokio::spawn(server::connections::serve(listener, router, bounds, shutdown.clone()));
        address
    };
    let (candidates, office) =
        (listens(server::Serves::Candidates).await, listens(server::Serves::Office).await);
    let status = async |address: std::net::SocketAddr, path: &str| {
        let url = format!("http://{address}{path}");
        stage.client.get(url).bearer_auth(&li.token).send().await.unwrap().status().as_u16()
    };
    assert_eq!(status(candidates, "/api/v1/entry").await, 200);
    assert_eq!(status(candidates, "/api/v1/office/me").await, 404, "nothing of the office is reached");
    assert_ne!(status(candidates, "/console/").await, 200);
    assert_eq!(status(office, "/api/v1/office/me").await, 200);
    assert_eq!(status(office, "/api/v1/entry").await, 404);
    for address in [candidates, office] {
        assert_eq!(status(address, "/healthz").await, 200);
    }
    shutdown.cancel();
}
