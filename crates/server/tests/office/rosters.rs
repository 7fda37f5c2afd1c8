//! Rosters over HTTP: tried first, then taken, every row that cannot be is told.

use std::time::Duration;

use domain::Registration;
use reqwest::Response;
use tokio_util::sync::CancellationToken;

use super::*;

const HEADINGS: &str = "报名号,姓名,身份证号码,民族,住址,手机号码,层次";

fn line(of: &Registration) -> String {
    [
        of.id.as_str(),
        of.name.as_str(),
        of.number.as_str(),
        of.ethnicity.map_or("", |e| e.name()),
        of.address.as_deref().unwrap_or_default(),
        of.phone.as_str(),
        of.level.label(),
    ]
    .join(",")
}

impl Person<'_> {
    async fn uploads(&self, query: &str, name: &str, bytes: Vec<u8>) -> Response {
        let part = reqwest::multipart::Part::bytes(bytes).file_name(name.to_owned());
        let form = reqwest::multipart::Form::new().part("file", part);
        let url = self.stage.url(&format!("/api/v1/office/exams/{EXAM}/roster/imports{query}"));
        self.stage.client.post(url).bearer_auth(&self.token).multipart(form).send().await.unwrap()
    }

    /// Uploads, and waits until it has ended.
    async fn imports(&self, query: &str, name: &str, bytes: Vec<u8>) -> Value {
        let begun = self.uploads(query, name, bytes).await;
        assert_eq!(begun.status(), 202, "{}", begun.text().await.unwrap());
        let begun: Value = begun.json().await.unwrap();
        let path = format!("/exams/{EXAM}/roster/imports/{}", begun["id"].as_str().unwrap());
        loop {
            let import = self.sees(&path).await;
            if import["state"] != "running" {
                return import;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

fn counts(import: &Value) -> [u64; 6] {
    ["rows", "added", "changed", "unchanged", "kept", "refused"].map(|key| import[key].as_u64().unwrap())
}

#[tokio::test]
async fn a_roster_may_take_longer_to_arrive_than_other_requests() {
    let stage = Stage::on_sqlite().await;
    let li = Person::hired(&stage, "li", Role::Registrar).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let shutdown = CancellationToken::new();
    let settings =
        server::Settings { request_deadline: Duration::from_millis(200), ..server::Settings::default() };
    let router = server::router(stage.service.clone(), settings, shutdown.clone());
    let bounds = server::connections::Bounds::default();
    tokio::spawn(server::connections::serve(listener, router, bounds, shutdown.clone()));
    let slowly = futures::stream::unfold(0, |n| async move {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let piece = match n {
            0 => HEADINGS.to_owned(),
            1..6 => format!("\n{}", line(&person(n))),
            _ => return None,
        };
        Some((Ok::<_, std::io::Error>(piece), n + 1))
    });
    let part = reqwest::multipart::Part::stream(reqwest::Body::wrap_stream(slowly)).file_name("slow.csv");
    let form = reqwest::multipart::Form::new().part("file", part);
    let url = format!("http://{address}/api/v1/office/exams/{EXAM}/roster/imports");
    let begun = stage.client.post(url).bearer_auth(&li.token).multipart(form).send().await.unwrap();
    assert_eq!(begun.status(), 202, "{}", begun.text().await.unwrap());
    shutdown.cancel();
}

#[tokio::test]
async fn a_roster_is_tried_then_taken_and_wrong_rows_are_told_by_row() {
    for stage in Stage::on_both().await {
        let li = Person::hired(&stage, "li", Role::Registrar).await;
        let moved = Registration { address: Some("某省某市新路9号".to_owned()), ..person(1) };
        let taken = Registration { phone: person(2).phone, ..person(101) };
        let twin = Registration { id: "r102".to_owned(), ..person(100) };
        let mut lines = vec![HEADINGS.to_owned(), line(&moved), line(&person(2)), line(&person(100))];
        lines.push(line(&taken));
        lines.push(line(&twin));
        lines.push(line(&person(103)).replace("138", "12"));
        let file = lines.join("\r\n").into_bytes();

        let tried = li.imports("?dry_run=true", "名单.csv", file.clone()).await;
        assert_eq!(
            (&tried["state"], &tried["dry_run"], &tried["file"]),
            (&json!("done"), &json!(true), &json!("名单.csv"))
        );
        assert_eq!(counts(&tried), [6, 1, 1, 1, 0, 3]);
        let told: Vec<(u64, &str)> = (tried["problems"].as_array().unwrap().iter())
            .map(|p| (p["row"].as_u64().unwrap(), p["column"].as_str().unwrap()))
            .collect();
        assert_eq!(told, [(5, "手机号码"), (6, "身份证号码"), (7, "手机号码")]);
        assert!(tried["problems"][1]["message"]["zh"].as_str().unwrap().contains("第 4 行"), "{tried}");
        assert_eq!(tried["preview"][0]["registration"], "r001");
        for n in [1, 2, 100] {
            assert!(!tried.to_string().contains(person(n).number.as_str()), "masked");
        }
        let count = async || li.sees("/exams").await[0]["registrations"].clone();
        assert_eq!(count().await, 60, "a trial writes nothing");

        let kept = li.imports("?existing=keep", "名单.csv", file.clone()).await;
        assert_eq!((counts(&kept), count().await), ([6, 1, 0, 0, 2, 3], json!(61)));
        let taken = li.imports("", "名单.csv", file.clone()).await;
        assert_eq!((counts(&taken), &taken["problems"]), ([6, 0, 1, 2, 0, 3], &tried["problems"]));
        let plain = ok(li.post(&format!("{}/unmask", of(1)), json!({})).await, "unmask").await;
        assert_eq!(plain["registration"]["address"], "某省某市新路9号");

        let listed = li.sees(&format!("/exams/{EXAM}/roster/imports")).await;
        let ids: Vec<&Value> = listed.as_array().unwrap().iter().map(|i| &i["id"]).collect();
        assert_eq!(ids, [&taken["id"], &kept["id"], &tried["id"]]);
        assert_eq!(listed[0]["problems"], json!([]), "told only where one is looked at");
        assert_eq!(li.audited().await.iter().filter(|e| *e == "li import_roster").count(), 6);
    }
}

#[tokio::test]
async fn a_file_that_is_no_roster_is_told_and_nothing_is_lost() {
    let stage = Stage::on_sqlite().await;
    let li = Person::hired(&stage, "li", Role::Registrar).await;
    let told = problem(li.uploads("", "名单.xls", vec![1, 2, 3]).await).await;
    assert_eq!(told["code"], "roster_kind");
    for query in ["?dry_run=maybe", "?existing=replace"] {
        assert_eq!(problem(li.uploads(query, "a.csv", vec![]).await).await["code"], "malformed_request");
    }
    for (name, bytes, says) in [
        ("a.csv", b"".to_vec(), "报名号"),
        ("a.csv", "报名号,姓名\nr1,x".into(), "身份证号码"),
        ("a.xlsx", b"not a zip".to_vec(), "XLSX"),
        ("a.csv", format!("{HEADINGS}\n\"r1,x").into_bytes(), ""),
    ] {
        let failed = li.imports("", name, bytes).await;
        let (state, told) = (&failed["state"], failed["failure"]["zh"].as_str().unwrap_or_default());
        assert!((state == "failed" && told.contains(says)) || failed["refused"] == 1, "{failed}");
    }
    // One that is too large does not take the place of the next.
    let told = problem(li.uploads("", "a.csv", vec![b'x'; 101 * 1024 * 1024]).await).await;
    assert_eq!(told["code"], "roster_too_large");
    assert_eq!(li.imports("", "a.csv", format!("{HEADINGS}\n").into_bytes()).await["state"], "done");
}

#[tokio::test]
async fn one_roster_at_a_time() {
    let stage = Stage::on_sqlite().await;
    let li = Person::hired(&stage, "li", Role::Registrar).await;
    let rows = (0..4000).map(|n| format!("x{n},坏,1,,,1,高起专"));
    let file = std::iter::once(HEADINGS.to_owned()).chain(rows).collect::<Vec<_>>().join("\n").into_bytes();
    let uploads = (0..4).map(|_| li.uploads("?dry_run=true", "a.csv", file.clone()));
    let answers = futures::future::join_all(uploads).await;
    let mut statuses: Vec<u16> = answers.iter().map(|a| a.status().as_u16()).collect();
    statuses.sort_unstable();
    assert_eq!(statuses[0], 202);
    assert!(statuses.iter().all(|s| [202, 503].contains(s)), "{statuses:?}");
    loop {
        let listed = li.sees(&format!("/exams/{EXAM}/roster/imports")).await;
        if listed.as_array().unwrap().iter().all(|i| i["state"] == "done") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let last = li.imports("?dry_run=true", "a.csv", file).await;
    assert_eq!((&last["refused"], last["problems"].as_array().unwrap().len()), (&json!(4000), 1000));
}

#[tokio::test]
async fn candidates_are_found_by_level_state_and_day_together() {
    for stage in Stage::on_both().await {
        let mut li = Person::hired(&stage, "li", Role::Viewer).await;
        let path = format!("/exams/{EXAM}/candidates");
        let begun = service::Clock::now(stage.clock.as_ref());
        stage.candidate(2).await;
        stage.candidate(3).await;
        stage.clock.advance(SignedDuration::from_hours(1));
        let later = service::Clock::now(stage.clock.as_ref());
        stage.candidate(5).await;
        li.sign_in().await;
        let keys = async |body: Value| -> Vec<String> {
            let found = ok(li.post(&path, body).await, "search").await;
            let rows = found["candidates"].as_array().unwrap().iter();
            rows.map(|row| row["registration"].as_str().unwrap().to_owned()).collect()
        };
        let upgrade: Vec<String> = (1..=60).filter(|n| n % 3 == 2).map(|n| format!("r{n:03}")).collect();
        assert_eq!(keys(json!({ "level": "专升本" })).await, upgrade);
        assert_eq!(keys(json!({ "state": "card" })).await, ["r002", "r003", "r005"]);
        assert_eq!(keys(json!({ "state": "card", "level": "专升本" })).await, ["r002", "r005"]);
        assert_eq!(keys(json!({ "from": later.to_string() })).await, ["r005"]);
        let body = json!({ "from": begun.to_string(), "until": later.to_string(), "level": "高起本" });
        assert_eq!(keys(body).await, ["r003"]);
        let unbegun = keys(json!({ "state": "none", "level": "专升本" })).await;
        assert_eq!(
            unbegun,
            upgrade.iter().filter(|k| !["r002", "r005"].contains(&k.as_str())).cloned().collect::<Vec<_>>()
        );
        assert_eq!(keys(json!({ "state": "none", "after": "r058" })).await, ["r059", "r060"]);
        let told = problem(li.post(&path, json!({ "level": "本科" })).await).await;
        assert_eq!(told["code"], "field_malformed");
    }
}
