//! Bad input, through the public face: each a clear message in both languages, a stable code, the right status, nothing lost.

#![allow(clippy::unwrap_used, missing_docs)]

mod common;

use std::{io::Cursor, time::Duration};

use common::{Shows, Stage, person, problem};
use futures::future::join_all;
use jiff::SignedDuration;
use reqwest::{
    Method,
    multipart::{Form, Part},
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};
use tokio_util::sync::CancellationToken;

async fn raw(stage: &Stage, path: &str, content_type: &str, body: &'static str) -> Value {
    let request = stage.client.post(stage.url(path)).header("content-type", content_type).body(body);
    problem(request.send().await.unwrap()).await
}

#[tokio::test]
async fn json_of_the_wrong_shape_is_told() {
    let stage = Stage::on_sqlite().await;
    for body in ["", "{", "[]", "{\"phone\": 13800000001}", "{\"telephone\": \"x\"}", "\u{0}"] {
        let told = raw(&stage, "/api/v1/login/code", "application/json", body).await;
        assert_eq!(
            (told["status"].as_u64(), &told["code"]),
            (Some(400), &json!("malformed_request")),
            "{body:?}"
        );
    }
    for kind in ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", ""] {
        let told = raw(&stage, "/api/v1/login/code", kind, "{\"phone\": \"13800000001\"}").await;
        assert_eq!((told["status"].as_u64(), &told["code"]), (Some(415), &json!("not_json")), "{kind:?}");
    }
    let charset = raw(&stage, "/api/v1/login/code", "Application/JSON; charset=utf-8", "{").await;
    assert_eq!(charset["code"], "malformed_request", "said to be JSON, and none");
    insta::assert_json_snapshot!(raw(&stage, "/api/v1/login/code", "application/json", "{").await);
    let huge: &'static str = Box::leak(format!("{{\"phone\": \"{}\"}}", "1".repeat(20_000)).into_boxed_str());
    assert_eq!(
        raw(&stage, "/api/v1/login/code", "application/json", huge).await["code"],
        "request_too_large"
    );
}

#[tokio::test]
async fn phones_and_codes_that_are_none_are_told() {
    let stage = Stage::on_sqlite().await;
    insta::assert_json_snapshot!("phone_malformed", problem(stage.ask_for_code("12345").await).await);
    insta::assert_json_snapshot!(
        "code_malformed",
        problem(stage.log_in_with("13800000001", "12a456").await).await
    );
}

#[tokio::test]
async fn a_code_is_good_once_for_five_minutes_and_five_tries() {
    let stage = Stage::on_sqlite().await;
    let phone = person(20).phone.as_str().to_owned();
    stage.ask_for_code(&phone).await;
    let code = stage.code_of(&phone).await.unwrap();
    let wrong = if code == "000000" { "000001" } else { "000000" };
    let told = problem(stage.log_in_with(&phone, wrong).await).await;
    insta::assert_json_snapshot!("code_wrong", told);
    for left in [3, 2, 1] {
        assert_eq!(problem(stage.log_in_with(&phone, wrong).await).await["tries_left"], left);
    }
    insta::assert_json_snapshot!("code_expired", problem(stage.log_in_with(&phone, wrong).await).await);
    assert_eq!(
        problem(stage.log_in_with(&phone, &code).await).await["code"],
        "code_expired",
        "tried too often"
    );

    stage.clock.advance(SignedDuration::from_secs(61));
    stage.ask_for_code(&phone).await;
    let code = stage.code_of(&phone).await.unwrap();
    assert_eq!(stage.log_in_with(&phone, &code).await.status(), 200);
    assert_eq!(problem(stage.log_in_with(&phone, &code).await).await["code"], "code_expired", "used");

    stage.clock.advance(SignedDuration::from_secs(61));
    stage.ask_for_code(&phone).await;
    let code = stage.code_of(&phone).await.unwrap();
    stage.clock.advance(SignedDuration::from_secs(301));
    assert_eq!(problem(stage.log_in_with(&phone, &code).await).await["code"], "code_expired", "too old");
}

#[tokio::test]
async fn codes_come_once_a_minute_and_ten_a_day() {
    let stage = Stage::on_sqlite().await;
    let phone = person(21).phone.as_str().to_owned();
    assert_eq!(stage.ask_for_code(&phone).await.status(), 202);
    let soon = stage.ask_for_code(&phone).await;
    assert_eq!((soon.status().as_u16(), soon.headers()["retry-after"].to_str().unwrap()), (429, "60"));
    insta::assert_json_snapshot!("code_too_soon", problem(soon).await);
    for _ in 1..10 {
        stage.clock.advance(SignedDuration::from_secs(61));
        assert_eq!(stage.ask_for_code(&phone).await.status(), 202);
    }
    stage.clock.advance(SignedDuration::from_secs(61));
    assert_eq!(problem(stage.ask_for_code(&phone).await).await["code"], "code_too_many");
    stage.clock.advance(SignedDuration::from_hours(24));
    assert_eq!(stage.ask_for_code(&phone).await.status(), 202);
}

#[tokio::test]
async fn an_unknown_phone_gets_the_same_answer_but_for_what_it_is_told() {
    let stage = Stage::on_sqlite().await;
    let known = stage.ask_for_code(person(22).phone.as_str()).await;
    let unknown = stage.ask_for_code("13911112222").await;
    assert_eq!(known.status(), unknown.status());
    let (known, unknown): (Value, Value) = (known.json().await.unwrap(), unknown.json().await.unwrap());
    let keys = |v: &Value| v.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&known), keys(&unknown));
    assert_eq!((&known["registered"], &unknown["registered"]), (&json!(true), &json!(false)));
    insta::assert_json_snapshot!("unknown_phone", unknown);
    assert_eq!(stage.code_of("13911112222").await, None, "nothing is sent to it");
    let depths = stage.store.queue_depths().await.unwrap();
    assert_eq!(depths.messages, 0);
}

/// How long an answer takes depends on what it does: both keep a code that can be tried and leave a message to the worker.
#[tokio::test]
async fn an_unknown_phone_makes_the_same_work() {
    for stage in Stage::on_both().await {
        let mut left = Vec::new();
        for phone in [person(22).phone.as_str(), "13911112222"] {
            let before = stage.store.queue_depths().await.unwrap().messages;
            assert_eq!(stage.ask_for_code(phone).await.status(), 202);
            let messages = stage.store.queue_depths().await.unwrap().messages - before;
            // Right once in a million runs.
            let tried = problem(stage.log_in_with(phone, "000000").await).await;
            left.push((messages, tried["code"].clone(), tried["message"].clone()));
        }
        assert_eq!(left[0], left[1]);
        assert_eq!((left[0].0, &left[0].1), (1, &json!("code_wrong")));
    }
}

#[tokio::test]
async fn login_needs_both_consents_in_their_current_version() {
    let stage = Stage::on_sqlite().await;
    let phone = person(23).phone.as_str().to_owned();
    stage.ask_for_code(&phone).await;
    let code = stage.code_of(&phone).await.unwrap();
    let body = json!({"phone": phone, "code": code, "agreement_version": "v0", "privacy_version": "v1"});
    let answer = stage.client.post(stage.url("/api/v1/login")).json(&body).send().await.unwrap();
    insta::assert_json_snapshot!("consent_missing", problem(answer).await);
    assert_eq!(stage.log_in_with(&phone, &code).await.status(), 200, "the code was not used up");
}

#[tokio::test]
async fn sessions_reach_their_own_collection_and_no_other() {
    let stage = Stage::on_sqlite().await;
    let (one, two) = (stage.candidate(24).await, stage.candidate(25).await);
    one.shows("/collection/card/portrait", Shows::Portrait(24)).await;
    assert_eq!(two.collection().await["card"]["portrait"], Value::Null);
    let picture = two.send(Method::GET, "/collection/pictures/card_portrait", None).await;
    insta::assert_json_snapshot!("no_such_picture", problem(picture).await);
    let none = stage.client.get(stage.url("/api/v1/collection")).send().await.unwrap();
    insta::assert_json_snapshot!("session_missing", problem(none).await);
    for token in ["x", "null", &"A".repeat(43), &one.token[1..], &one.token.to_uppercase()] {
        let request = stage.client.get(stage.url("/api/v1/collection")).bearer_auth(token);
        let answer = problem(request.send().await.unwrap()).await;
        assert_eq!((answer["status"].as_u64(), &answer["code"]), (Some(401), &json!("session_expired")));
    }
}

#[tokio::test]
async fn every_step_out_of_order_is_refused_and_changes_nothing() {
    let stage = Stage::on_sqlite().await;
    let candidate = stage.candidate(26).await;
    let before = candidate.collection().await;
    for path in [
        "/collection/card/hand-in",
        "/collection/card/confirm",
        "/collection/advisory/seen",
        "/collection/photo/submit",
        "/collection/photo/retake",
    ] {
        let told = problem(candidate.post(path).await).await;
        assert_eq!((&told["code"], &told["state"]), (&json!("out_of_order"), &json!("card")), "{path}");
    }
    assert_eq!(problem(candidate.consent().await).await["code"], "out_of_order");
    let photo = candidate.upload("/collection/photo", Shows::GoodPhoto.png()).await;
    insta::assert_json_snapshot!("out_of_order", problem(photo).await);
    assert_eq!(candidate.collection().await, before);
}

#[tokio::test]
async fn paths_and_methods_that_are_none_are_problems_too() {
    let stage = Stage::on_sqlite().await;
    for path in ["/api", "/api/v1", "/api/v2/entry", "/api/v1/collections/1"] {
        let answer = stage.client.get(stage.url(path)).send().await.unwrap();
        assert_eq!(problem(answer).await["code"], "not_found", "{path}");
    }
    let answer = stage.client.delete(stage.url("/api/v1/entry")).send().await.unwrap();
    assert_eq!(answer.headers()["allow"], "GET,HEAD");
    insta::assert_json_snapshot!("method_not_allowed", problem(answer).await);
}

/// A PNG whose header claims a size and whose data is a few bytes.
fn png_header(width: u32, height: u32) -> Vec<u8> {
    let mut chunk = b"IHDR".to_vec();
    chunk.extend(width.to_be_bytes());
    chunk.extend(height.to_be_bytes());
    chunk.extend([8, 2, 0, 0, 0]);
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    png.extend(13u32.to_be_bytes());
    png.extend(&chunk);
    png.extend(crc(&chunk).to_be_bytes());
    png
}

fn crc(bytes: &[u8]) -> u32 {
    let step = |crc: u32, byte: &u8| {
        (0..8).fold(crc ^ u32::from(*byte), |c, _| if c & 1 == 1 { c >> 1 ^ 0xedb8_8320 } else { c >> 1 })
    };
    !bytes.iter().fold(!0, step)
}

#[tokio::test]
async fn files_that_are_no_usable_pictures_are_told_apart() {
    let stage = Stage::on_sqlite().await;
    let candidate = stage.candidate(27).await;
    candidate.up_to_confirmation(27).await;
    candidate.step("/collection/card/confirm").await;
    let good = Shows::GoodPhoto.png();
    let mut jpeg = Cursor::new(Vec::new());
    image::RgbImage::from_pixel(900, 900, image::Rgb([9, 50, 1]))
        .write_to(&mut jpeg, image::ImageFormat::Jpeg)
        .unwrap();
    let jpeg = jpeg.into_inner();
    let heic = [&[0, 0, 0, 24][..], b"ftypheic", &[0; 12], b"mif1heic"].concat();
    let small = {
        let mut bytes = Cursor::new(Vec::new());
        image::RgbImage::new(40, 40).write_to(&mut bytes, image::ImageFormat::Png).unwrap();
        bytes.into_inner()
    };
    let cases: Vec<(&str, Vec<u8>, u16)> = vec![
        ("picture_unsupported", b"this is a text and no picture at all".to_vec(), 415),
        ("picture_unsupported", b"GIF89a\x01\x00\x01\x00\x00\x00\x00;".to_vec(), 415),
        ("picture_unsupported", Vec::new(), 415),
        ("picture_heic", heic, 415),
        ("picture_broken", good[..good.len() / 2].to_vec(), 422),
        ("picture_broken", jpeg[..jpeg.len() / 2].to_vec(), 422),
        ("picture_too_many_pixels", png_header(10_000, 6_000), 422),
        ("picture_too_many_pixels", png_header(60_000, 60_000), 422),
        ("picture_too_small", small, 422),
        ("picture_too_large", vec![0xff; 20 * 1024 * 1024 + 1], 413),
    ];
    for (code, bytes, status) in cases {
        let answer = candidate.upload("/collection/photo", bytes).await;
        assert_eq!(answer.status(), status, "{code}");
        let told = problem(answer).await;
        assert_eq!(told["code"], code);
        insta::allow_duplicates! { insta::assert_json_snapshot!(code, told); }
    }
    let kept = candidate.collection().await;
    assert_eq!(
        (&kept["state"], &kept["photo"]),
        (&json!("photo"), &Value::Null),
        "nothing is lost, nothing left over"
    );
}

#[tokio::test]
async fn an_upload_without_its_file_part_is_malformed() {
    let stage = Stage::on_sqlite().await;
    let candidate = stage.candidate(28).await;
    let url = stage.url("/api/v1/collection/card/portrait");
    let form = Form::new().part("picture", Part::bytes(Shows::Portrait(28).png()));
    let answer = stage.client.post(&url).bearer_auth(&candidate.token).multipart(form).send().await.unwrap();
    assert_eq!(problem(answer).await["code"], "malformed_request");
    let answer = stage.client.post(&url).bearer_auth(&candidate.token).body("x").send().await.unwrap();
    assert_eq!(problem(answer).await["code"], "malformed_request");
}

#[tokio::test]
async fn swapped_sides_no_card_and_an_expired_card_are_findings_with_their_reason() {
    let stage = Stage::on_sqlite().await;
    let candidate = stage.candidate(29).await;
    let failing = |side: &Value| -> Vec<String> {
        side["findings"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|f| f["outcome"] == "fail")
            .map(|f| f["id"].as_str().unwrap().to_owned())
            .collect()
    };
    let swapped = candidate.shows("/collection/card/portrait", Shows::Emblem(29)).await;
    assert_eq!(failing(&swapped["card"]["portrait"]), ["card_side"]);
    let none = candidate.shows("/collection/card/emblem", Shows::NoCard).await;
    assert_eq!(failing(&none["card"]["emblem"]), ["card_whole"]);
    let expired = candidate.shows("/collection/card/emblem", Shows::ExpiredEmblem(29)).await;
    assert_eq!(failing(&expired["card"]["emblem"]), ["card_expired"]);
    assert_eq!(expired["card"]["emblem"]["accepted"], false);
}

#[tokio::test]
async fn ten_uploads_at_once_leave_one_right_collection() {
    for stage in Stage::on_both().await {
        let candidate = stage.candidate(30).await;
        let uploads = (0..10).map(|i| {
            let shows = if i % 2 == 0 { Shows::Portrait(30) } else { Shows::Emblem(30) };
            let path = if i % 2 == 0 { "/collection/card/portrait" } else { "/collection/card/emblem" };
            candidate.upload(path, shows.png())
        });
        let mut taken = 0;
        for answer in join_all(uploads).await {
            match answer.status().as_u16() {
                200 => taken += 1,
                503 => assert_eq!(problem(answer).await["code"], "busy"),
                _ => assert_eq!(problem(answer).await["code"], "changed_meanwhile"),
            }
        }
        assert!(taken >= 2, "{taken}");
        // Whatever lost its race is sent again, as the answer says.
        let confirm = candidate.up_to_confirmation(30).await;
        assert_eq!(confirm["state"], "confirm");
    }
}

/// A connection on which something was said, and nothing more will be.
async fn says(address: std::net::SocketAddr, words: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(words.as_bytes()).await.unwrap();
    stream
}

#[tokio::test]
async fn who_sends_slowly_takes_two_places_and_no_more() {
    let stage = Stage::on_sqlite().await;
    let (slow, other) = (stage.candidate(41).await, stage.candidate(42).await);
    let head = format!(
        "POST /api/v1/collection/card/portrait HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nExpect: 100-continue\r\n\
         Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 9000\r\n\r\n",
        slow.token
    );
    let mut held = Vec::new();
    // Another way of writing the same is the same candidate.
    for head in [head.clone(), head.replace("Bearer ", "bEARER   ")] {
        let mut stream = says(stage.address, &head).await;
        // Said when the body begins to be read: the place is taken.
        let mut go_on = [0; 25];
        stream.read_exact(&mut go_on).await.unwrap();
        assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
        held.push(stream);
    }
    let refused = slow.upload("/collection/card/portrait", Shows::Portrait(41).png()).await;
    assert_eq!(refused.status(), 503);
    assert_eq!(refused.headers()["retry-after"], "5");
    assert_eq!(problem(refused).await["code"], "busy");
    other.shows("/collection/card/portrait", Shows::Portrait(42)).await;
    held.pop();
    // Its place is free once the server has seen that it went away.
    while slow.upload("/collection/card/portrait", Shows::Portrait(41).png()).await.status() != 200 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_client_that_says_nothing_half_or_reads_nothing_is_let_go_of() {
    let stage = Stage::on_sqlite().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let patience = Duration::from_millis(300);
    let bounds = server::connections::Bounds {
        connections: 4,
        head: patience,
        stall: patience,
        ..server::connections::Bounds::default()
    };
    let shutdown = CancellationToken::new();
    let large = axum::Router::new().route("/large", axum::routing::get(|| async { vec![0u8; 64 << 20] }));
    let router =
        server::router(stage.service.clone(), server::Settings::default(), shutdown.clone()).merge(large);
    tokio::spawn(server::connections::serve(listener, router, bounds, shutdown.clone()));
    let mut held = Vec::new();
    for words in ["", "PRI * HTTP/2.0\r\n", "GET /healthz HT", "GET /large HTTP/1.1\r\nHost: x\r\n\r\n"] {
        held.push(says(address, words).await);
    }
    // All four places are taken; a fifth is served once one of them is let go of.
    let answer = stage.client.get(format!("http://{address}/healthz")).send().await.unwrap();
    assert_eq!(answer.text().await.unwrap(), "ok\n");
    // Whoever begins to read in time is served on.
    tokio::time::sleep(5 * patience).await;
    for (n, stream) in held.iter_mut().enumerate() {
        let mut rest = Vec::new();
        let ended = tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut rest)).await;
        assert!(ended.is_ok(), "connection {n} is still held");
        assert!(rest.len() < 64 << 20, "connection {n} was served to its end");
    }
    shutdown.cancel();
}

#[tokio::test]
async fn the_api_describes_itself_and_every_path_of_the_contract_is_there() {
    let stage = Stage::on_sqlite().await;
    let described: Value =
        stage.client.get(stage.url("/api/openapi.json")).send().await.unwrap().json().await.unwrap();
    let contract = include_str!("../../../docs/http.md");
    let paths = described["paths"].as_object().unwrap();
    for line in contract.lines() {
        let Some(rest) = line.strip_prefix("| `").and_then(|l| l.split('`').next()) else { continue };
        let Some((method, path)) = rest.split_once(' ') else { continue };
        let path = path.split_whitespace().next().unwrap();
        if !matches!(method, "GET" | "POST" | "PUT") {
            continue;
        }
        let key = format!("/api/v1{path}");
        assert!(paths.get(&key).is_some_and(|p| p.get(method.to_lowercase()).is_some()), "{method} {key}");
    }
    let entry = stage.client.get(stage.url("/api/v1/entry")).send().await.unwrap();
    for (header, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cache-control", "no-store"),
        ("permissions-policy", "camera=(self), microphone=(), geolocation=()"),
    ] {
        assert_eq!(entry.headers()[header], value);
    }
    let entry: Value = entry.json().await.unwrap();
    assert_eq!(entry["agreement"]["title"]["zh"], "用户协议");
    assert_eq!(entry["limits"], json!({"picture_bytes": 20_971_520, "picture_pixels": 50_000_000}));
}

#[tokio::test]
async fn probes_answer_and_metrics_hold_nothing_personal() {
    let stage = Stage::on_sqlite().await;
    let candidate = stage.candidate(31).await;
    candidate.up_to_verification().await;
    stage.work().await;
    let ready: Value = stage.client.get(stage.url("/readyz")).send().await.unwrap().json().await.unwrap();
    assert_eq!(ready, json!({"database": "ok", "pictures": "ok", "models": "ok", "exam_session": "ok"}));
    assert_eq!(stage.client.get(stage.url("/healthz")).send().await.unwrap().text().await.unwrap(), "ok\n");
    let metrics = stage.client.get(stage.url("/metrics")).send().await.unwrap().text().await.unwrap();
    assert!(metrics.contains("zhaoyan_step_seconds") && metrics.contains("zhaoyan_queue_depth"), "{metrics}");
    let someone = person(31);
    let odd = Method::from_bytes(b"BREW-9F3A").unwrap();
    stage.client.request(odd, stage.url("/healthz")).send().await.unwrap();
    let metrics = stage.client.get(stage.url("/metrics")).send().await.unwrap().text().await.unwrap();
    assert!(
        metrics.contains("method=\"other\"") && !metrics.contains("BREW"),
        "a word of a client's is no label"
    );
    for personal in [someone.name.as_str(), someone.number.as_str(), someone.phone.as_str(), &candidate.token]
    {
        assert!(!metrics.contains(personal));
    }
}
