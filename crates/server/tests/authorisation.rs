//! Who may do what: one table of everything that the server answers, held against the description and against the router
//! itself, so that nothing is served that has no row. Besides: where a token counts, what another origin can do, and what
//! every answer tells browsers.

#![allow(clippy::unwrap_used, missing_docs)]

mod common;

use std::{collections::BTreeSet, net::SocketAddr, path::Path};

use common::{EXAM, OFFICE_PHONE, Shows, Stage, office::Person, person};
use domain::Role;
use jiff::SignedDuration;
use reqwest::{Method, RequestBuilder, Response, header::HeaderMap};
use serde_json::{Value, json};
use server::Serves;
use tokio_util::sync::CancellationToken;

/// Who asks; a row's letters stand in this order.
const WHO: [&str; 13] = [
    "nobody",
    "a made-up token",
    // Candidates.
    "the candidate",
    "another candidate",
    "the candidate, at the desk",
    "a candidate who logged out",
    "a candidate whose login is too old",
    // The office.
    "a viewer",
    "a registrar",
    "a supervisor",
    "an administrator",
    "an administrator who signed out",
    "an administrator who was idle",
];

// `y`: not refused for who asks. `1`: 401. `3`: 403, `not_allowed`.
const ANYBODY: &str = "yy yyyyy yyyyyy";
const ANY_TOKEN: &str = "1y yyyyy yyyyyy";
const CANDIDATE: &str = "11 yyy11 111111";
const VIEWER: &str = "11 11111 yyyy11";
const REGISTRAR: &str = "11 11111 3yyy11";
const SUPERVISOR: &str = "11 11111 33yy11";
const ADMINISTRATOR: &str = "11 11111 333y11";

/// On which listeners.
#[derive(Clone, Copy, PartialEq)]
enum On {
    All,
    Candidates,
    Office,
}

impl On {
    fn serves(self, listener: Serves) -> bool {
        match listener {
            Serves::Everybody => true,
            Serves::Candidates => self != On::Office,
            Serves::Office => self != On::Candidates,
        }
    }
}

struct Row {
    method: Method,
    path: &'static str,
    body: Value,
    may: &'static str,
    on: On,
}

impl Row {
    fn letter(&self, who: usize) -> char {
        self.may.chars().filter(|c| *c != ' ').nth(who).unwrap()
    }

    fn is_api(&self) -> bool {
        self.path.starts_with("/api")
    }

    fn address(&self) -> String {
        self.path
            .replace("{exam}", EXAM)
            .replace("{registration}", "r001")
            .replace("{account}", "spare")
            .replace("{kind}", "card_portrait")
            .replace("{id}", "00000000-0000-0000-0000-000000000000")
            .replace("{ticket}", "none")
            .replace("{*rest}", "nothing/here")
            .replace("{*page}", "a/page")
    }
}

/// Everything that is served. What ends a session comes last.
fn table() -> Vec<Row> {
    const GET: Method = Method::GET;
    const POST: Method = Method::POST;
    const PUT: Method = Method::PUT;
    let row = |method, path, body, may, on| Row { method, path, body, may, on };
    let candidate = |method, path, body| row(method, path, body, CANDIDATE, On::Candidates);
    let office = |method, path, body, may| row(method, path, body, may, On::Office);
    let none = Value::Null;
    let reason = json!({ "reason": "试一试" });
    let agreed = json!({ "agreement_version": "v1", "privacy_version": "v1" });
    let with = |more: Value| {
        let mut body = agreed.clone();
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    let exam = json!({
        "name": "成人高考", "standard": "chengkao", "attempts_allowed": 5, "open": true,
        "office_name": "某市成招办", "office_phone": OFFICE_PHONE,
    });
    vec![
        row(GET, "/healthz", none.clone(), ANYBODY, On::All),
        row(GET, "/readyz", none.clone(), ANYBODY, On::All),
        row(GET, "/metrics", none.clone(), ANYBODY, On::All),
        row(GET, "/api", none.clone(), ANYBODY, On::All),
        row(GET, "/api/{*rest}", none.clone(), ANYBODY, On::All),
        row(GET, "/api/openapi.json", none.clone(), ANYBODY, On::All),
        // The candidate's pages have every address that is nobody else's; the office's listener leads on to the console.
        row(GET, "/", none.clone(), ANYBODY, On::All),
        row(GET, "/{*page}", none.clone(), ANYBODY, On::Candidates),
        row(GET, "/console", none.clone(), ANYBODY, On::Office),
        row(GET, "/console/", none.clone(), ANYBODY, On::Office),
        row(GET, "/console/{*page}", none.clone(), ANYBODY, On::Office),
        row(GET, "/api/v1/entry", none.clone(), ANYBODY, On::Candidates),
        row(GET, "/api/v1/status", none.clone(), ANYBODY, On::Candidates),
        row(POST, "/api/v1/login/code", json!({ "phone": "13900000000" }), ANYBODY, On::Candidates),
        row(
            POST,
            "/api/v1/login",
            with(json!({ "phone": "13900000000", "code": "000000" })),
            ANYBODY,
            On::Candidates,
        ),
        row(POST, "/api/v1/login/desk", with(json!({ "ticket": "none" })), ANYBODY, On::Candidates),
        candidate(GET, "/api/v1/collection", none.clone()),
        candidate(GET, "/api/v1/collection/events", none.clone()),
        candidate(GET, "/api/v1/collection/pictures/{kind}", none.clone()),
        candidate(POST, "/api/v1/collection/card/portrait", none.clone()),
        candidate(POST, "/api/v1/collection/card/emblem", none.clone()),
        candidate(POST, "/api/v1/collection/card/hand-in", none.clone()),
        candidate(POST, "/api/v1/collection/card/name", json!({ "characters": ["一"] })),
        candidate(POST, "/api/v1/collection/card/confirm", none.clone()),
        candidate(POST, "/api/v1/collection/card/again", none.clone()),
        candidate(POST, "/api/v1/collection/advisory/seen", none.clone()),
        candidate(POST, "/api/v1/collection/photo", none.clone()),
        candidate(POST, "/api/v1/collection/photo/submit", none.clone()),
        candidate(POST, "/api/v1/collection/photo/retake", none.clone()),
        candidate(POST, "/api/v1/collection/verification", json!({ "face_consent_version": "v1" })),
        candidate(POST, "/api/v1/collection/verification/all-the-same", none.clone()),
        candidate(POST, "/api/v1/collection/card/retake", none.clone()),
        office(
            POST,
            "/api/v1/office/sign-in",
            json!({ "account": "a", "password": "b", "code": "c" }),
            ANYBODY,
        ),
        // The ticket is the key.
        office(GET, "/api/v1/office/downloads/{ticket}", none.clone(), ANYBODY),
        office(GET, "/api/v1/office/me", none.clone(), VIEWER),
        office(POST, "/api/v1/office/password", json!({ "current": "a", "new": "b" }), VIEWER),
        office(GET, "/api/v1/office/exams", none.clone(), VIEWER),
        office(GET, "/api/v1/office/exams/{exam}", none.clone(), VIEWER),
        office(PUT, "/api/v1/office/exams/{exam}", exam, SUPERVISOR),
        office(GET, "/api/v1/office/exams/{exam}/numbers", none.clone(), VIEWER),
        office(POST, "/api/v1/office/exams/{exam}/candidates", json!({}), VIEWER),
        office(GET, "/api/v1/office/exams/{exam}/candidates/{registration}", none.clone(), VIEWER),
        office(POST, "/api/v1/office/exams/{exam}/candidates/{registration}/unmask", none.clone(), REGISTRAR),
        office(
            GET,
            "/api/v1/office/exams/{exam}/candidates/{registration}/pictures/{kind}",
            none.clone(),
            REGISTRAR,
        ),
        office(
            POST,
            "/api/v1/office/exams/{exam}/candidates/{registration}/correct",
            json!({ "version": 1, "reason": "试一试" }),
            REGISTRAR,
        ),
        office(
            POST,
            "/api/v1/office/exams/{exam}/candidates/{registration}/reopen",
            reason.clone(),
            REGISTRAR,
        ),
        office(
            POST,
            "/api/v1/office/exams/{exam}/candidates/{registration}/complete",
            reason.clone(),
            REGISTRAR,
        ),
        office(
            POST,
            "/api/v1/office/exams/{exam}/candidates/{registration}/take-back",
            json!({ "what": "photo", "reason": "试一试" }),
            REGISTRAR,
        ),
        office(
            POST,
            "/api/v1/office/exams/{exam}/candidates/{registration}/redeliver",
            reason.clone(),
            REGISTRAR,
        ),
        office(POST, "/api/v1/office/exams/{exam}/candidates/{registration}/desk", reason, REGISTRAR),
        office(
            POST,
            "/api/v1/office/exams/{exam}/candidates/{registration}/inspect",
            json!({ "pass": true }),
            REGISTRAR,
        ),
        office(GET, "/api/v1/office/exams/{exam}/inspections", none.clone(), REGISTRAR),
        office(GET, "/api/v1/office/exams/{exam}/roster/imports", none.clone(), REGISTRAR),
        office(POST, "/api/v1/office/exams/{exam}/roster/imports", none.clone(), REGISTRAR),
        office(GET, "/api/v1/office/exams/{exam}/roster/imports/{id}", none.clone(), REGISTRAR),
        office(POST, "/api/v1/office/exams/{exam}/roster/export", json!({ "format": "csv" }), REGISTRAR),
        office(POST, "/api/v1/office/exams/{exam}/photos/export", json!({ "since_last": false }), REGISTRAR),
        office(GET, "/api/v1/office/exams/{exam}/photos/exports", none.clone(), REGISTRAR),
        office(GET, "/api/v1/office/audit", none.clone(), REGISTRAR),
        office(POST, "/api/v1/office/audit/verify", none.clone(), REGISTRAR),
        office(GET, "/api/v1/office/staff", none.clone(), ADMINISTRATOR),
        office(
            POST,
            "/api/v1/office/staff",
            json!({ "account": "somebody", "role": "viewer" }),
            ADMINISTRATOR,
        ),
        office(
            PUT,
            "/api/v1/office/staff/{account}",
            json!({ "role": "viewer", "active": true }),
            ADMINISTRATOR,
        ),
        office(POST, "/api/v1/office/staff/{account}/reset", none.clone(), ADMINISTRATOR),
        // A token that is not there has ended: saying so again is no refusal, and ends no session of the office.
        row(POST, "/api/v1/logout", none.clone(), ANY_TOKEN, On::Candidates),
        office(POST, "/api/v1/office/sign-out", none, VIEWER),
    ]
}

/// Pages of candidates and of the console that tell whose they are.
struct Sites {
    candidates: tempfile::TempDir,
    console: tempfile::TempDir,
}

impl Sites {
    fn new() -> Sites {
        let site = |whose: &str| {
            let dir = tempfile::tempdir().unwrap();
            std::fs::write(dir.path().join("index.html"), format!("<!doctype html><title>{whose}</title>"))
                .unwrap();
            dir
        };
        Sites { candidates: site("candidates"), console: site("console") }
    }

    fn settings(&self, serves: Serves) -> server::Settings {
        let dir = |dir: &tempfile::TempDir| Some(Path::to_owned(dir.path()));
        server::Settings {
            serves,
            pages_dir: dir(&self.candidates),
            console_dir: dir(&self.console),
            ..server::Settings::default()
        }
    }
}

/// The three kinds of listeners over one stage.
struct Listeners {
    everybody: SocketAddr,
    candidates: SocketAddr,
    office: SocketAddr,
    shutdown: CancellationToken,
    _sites: Sites,
}

impl Drop for Listeners {
    fn drop(&mut self) {
        self.shutdown.cancel();
    }
}

impl Listeners {
    async fn over(stage: &Stage) -> Listeners {
        let (sites, shutdown) = (Sites::new(), CancellationToken::new());
        let listens = async |serves| {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            let router = server::router(stage.service.clone(), sites.settings(serves), shutdown.clone());
            let bounds = server::connections::Bounds::default();
            tokio::spawn(server::connections::serve(listener, router, bounds, shutdown.clone()));
            address
        };
        let everybody = listens(Serves::Everybody).await;
        let candidates = listens(Serves::Candidates).await;
        let office = listens(Serves::Office).await;
        Listeners { everybody, candidates, office, shutdown, _sites: sites }
    }
}

fn asks(stage: &Stage, at: SocketAddr, row: &Row) -> RequestBuilder {
    let request = stage.client.request(row.method.clone(), format!("http://{at}{}", row.address()));
    if row.body.is_null() { request } else { request.json(&row.body) }
}

/// What every answer tells browsers, whoever asks.
fn hardened(row: &Row, headers: &HeaderMap) {
    let told = |name: &str| headers.get(name).map_or("", |value| value.to_str().unwrap());
    let what = row.path;
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("x-frame-options", "DENY"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("permissions-policy", "camera=(self), microphone=(), geolocation=()"),
    ] {
        assert_eq!(told(name), value, "{what}: {name}");
    }
    assert_eq!(told("x-request-id").len(), 32, "{what}");
    assert!(!headers.contains_key("set-cookie"), "{what}: no session is a cookie");
    assert!(!headers.keys().any(|name| name.as_str().starts_with("access-control-")), "{what}");
    let policy = told("content-security-policy");
    if row.is_api() {
        assert_eq!(told("cache-control"), "no-store", "{what}");
        assert_eq!(policy, "default-src 'none'; frame-ancestors 'none'", "{what}");
    } else if told("content-type").starts_with("text/html") {
        let of = |kind: &str| policy.split("; ").find_map(|rule| rule.strip_prefix(kind)).unwrap().trim();
        assert_eq!((of("default-src"), of("script-src")), ("'self'", "'self'"), "{what}: no inline script");
        assert_eq!((of("object-src"), of("base-uri")), ("'none'", "'none'"), "{what}");
        assert_eq!((of("frame-ancestors"), of("form-action")), ("'none'", "'self'"), "{what}");
    }
}

/// The letter of an answer. An event stream has no end to wait for: only what is refused is read.
async fn letter(row: &Row, answer: Response) -> (char, String) {
    let status = answer.status();
    assert!(!status.is_server_error(), "{} {}: {status}", row.method, row.path);
    if !status.is_client_error() {
        return ('y', status.to_string());
    }
    let told = answer.text().await.unwrap();
    let letter = match status.as_u16() {
        401 => '1',
        403 if told.contains("\"not_allowed\"") => '3',
        _ => 'y',
    };
    (letter, format!("{status} {told}"))
}

/// Tokens in the order of [`WHO`].
async fn tokens(stage: &Stage) -> [Option<String>; 13] {
    let too_old = stage.candidate(3).await.token;
    let idle = Person::hired(stage, "idle", Role::Administrator).await.token;
    stage.clock.advance(SignedDuration::from_hours(13));
    let candidate = stage.candidate(1).await;
    candidate.shows("/collection/card/portrait", Shows::Portrait(1)).await;
    let another = stage.candidate(2).await.token;
    let out = stage.candidate(4).await;
    assert_eq!(out.post("/logout").await.status(), 204);
    Person::hired(stage, "spare", Role::Viewer).await;
    let gone = Person::hired(stage, "gone", Role::Administrator).await;
    gone.does("/sign-out", json!({})).await;
    let [viewer, registrar, supervisor, administrator] = Role::ALL;
    let hired = async |role: Role| Person::hired(stage, &format!("the-{role}"), role).await.token;
    let the_registrar = hired(registrar).await;
    let desk = {
        let path = format!("/api/v1/office/exams/{EXAM}/candidates/r001/desk");
        let asked = stage.client.post(stage.url(&path)).bearer_auth(&the_registrar);
        let opened =
            common::ok(asked.json(&json!({ "reason": "试一试" })).send().await.unwrap(), "desk").await;
        let ticket = opened["path"].as_str().unwrap().split_once("#desk=").unwrap().1.to_owned();
        let body = json!({ "ticket": ticket, "agreement_version": "v1", "privacy_version": "v1" });
        let begun = stage.client.post(stage.url("/api/v1/login/desk")).json(&body).send().await.unwrap();
        common::ok(begun, "login at the desk").await["token"].as_str().unwrap().to_owned()
    };
    [
        None,
        Some("made-up".repeat(8)),
        Some(candidate.token.clone()),
        Some(another),
        Some(desk),
        Some(out.token),
        Some(too_old),
        Some(hired(viewer).await),
        Some(the_registrar),
        Some(hired(supervisor).await),
        Some(hired(administrator).await),
        Some(gone.token),
        Some(idle),
    ]
}

#[tokio::test]
async fn everything_that_is_served_has_a_row_and_every_row_is_served() {
    let description = serde_json::to_value(server::openapi()).unwrap();
    let described: BTreeSet<String> = (description["paths"].as_object().unwrap().iter())
        .flat_map(|(path, methods)| {
            methods.as_object().unwrap().keys().map(move |method| format!("{} {path}", method.to_uppercase()))
        })
        .collect();
    let rows = table();
    let listed: BTreeSet<String> = (rows.iter().filter(|row| row.path.starts_with("/api/v1/")))
        .map(|row| format!("{} {}", row.method, row.path))
        .collect();
    assert_eq!(listed, described, "every operation of the description has a row, and the other way round");
    assert_eq!(listed.len() + 11, rows.len(), "no row is there twice");

    // What the router knows, described or not. Its fallback has no path that it could tell: what a listener answers there is
    // held below.
    let (stage, sites) = (Stage::on_sqlite().await, Sites::new());
    let fallback = ["/", "/{*page}"];
    for listener in [Serves::Everybody, Serves::Candidates, Serves::Office] {
        let router =
            server::router(stage.service.clone(), sites.settings(listener), CancellationToken::new());
        let told = format!("{router:?}");
        let paths = told.split("fallback_router").next().unwrap().split_once("paths: {").unwrap().1;
        let known: BTreeSet<String> = paths
            .split('"')
            .filter(|piece| piece.starts_with('/'))
            .map(|path| path.replace("__private__axum_nest_tail_param", "page"))
            .filter(|path| !fallback.contains(&path.as_str()))
            .collect();
        let rows: BTreeSet<String> = (rows.iter())
            .filter(|row| row.on.serves(listener) && !fallback.contains(&row.path))
            .map(|row| row.path.to_owned())
            .collect();
        assert_eq!(known, rows, "{listener:?}");
    }
}

#[tokio::test]
async fn everybody_may_do_what_their_row_says_and_nothing_else() {
    let stage = Stage::on_sqlite().await;
    let listeners = Listeners::over(&stage).await;
    let rows = table();
    for (who, token) in tokens(&stage).await.iter().enumerate() {
        let send = async |at: SocketAddr, row: &Row| {
            let request = asks(&stage, at, row);
            let request = token.iter().fold(request, |request, token| request.bearer_auth(token));
            let answer = request.send().await.unwrap();
            hardened(row, answer.headers());
            answer
        };
        for row in &rows {
            let asked = format!("{}: {} {}", WHO[who], row.method, row.path);
            for (listener, at) in
                [(Serves::Candidates, listeners.candidates), (Serves::Office, listeners.office)]
            {
                if row.on.serves(listener) {
                    continue;
                }
                let answer = send(at, row).await;
                let status = answer.status().as_u16();
                let told = answer.text().await.unwrap();
                // The candidate's pages have every address that nobody else has there.
                let not_here = status == 404 || (!row.is_api() && told.contains("<title>candidates</title>"));
                assert!(not_here && !told.contains("console"), "{listener:?}: {asked}: {status} {told}");
            }
            let (letter, told) = letter(row, send(listeners.everybody, row).await).await;
            assert_eq!(letter, row.letter(who), "{asked}: {told}");
        }
    }
}

#[tokio::test]
async fn a_token_counts_in_its_header_alone() {
    let stage = Stage::on_sqlite().await;
    let listeners = Listeners::over(&stage).await;
    let tokens = tokens(&stage).await;
    let (candidate, administrator) = (tokens[2].as_deref().unwrap(), tokens[10].as_deref().unwrap());
    for row in table().iter().filter(|row| row.letter(0) == '1') {
        let token = if row.on == On::Office { administrator } else { candidate };
        let ask = || asks(&stage, listeners.everybody, row);
        for (how, request) in [
            ("query", ask().query(&[("token", token), ("access_token", token), ("authorization", token)])),
            (
                "cookie",
                ask().header("cookie", format!("token={token}; session={token}; Authorization={token}")),
            ),
            ("another scheme", ask().header("authorization", format!("Token {token}"))),
            ("no scheme", ask().header("authorization", token)),
            ("basic", ask().basic_auth(token, Some(token))),
            ("another header", ask().header("x-auth-token", token).header("x-session", token)),
        ] {
            let status = request.send().await.unwrap().status();
            assert_eq!(status, 401, "{how}: {} {}", row.method, row.path);
        }
    }
}

#[tokio::test]
async fn a_page_of_another_origin_does_nothing_in_a_browser_that_is_signed_in() {
    let stage = Stage::on_sqlite().await;
    let listeners = Listeners::over(&stage).await;
    let tokens = tokens(&stage).await;
    let before = stage.store.queue_depths().await.unwrap().messages;
    for row in table().iter().filter(|row| row.is_api()) {
        let url = format!("http://{}{}", listeners.everybody, row.address());
        // What a script has to ask before it may send a token or JSON.
        let before = (stage.client.request(Method::OPTIONS, &url))
            .header("origin", "https://elsewhere.example")
            .header("access-control-request-method", row.method.as_str())
            .header("access-control-request-headers", "authorization, content-type");
        let answer = before.send().await.unwrap();
        hardened(row, answer.headers());
        assert!(answer.status().is_client_error(), "{}: {}", row.path, answer.status());
        if row.method != Method::POST {
            continue;
        }
        // What a form may send without asking, with every cookie that there could be.
        for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"] {
            let cookies = format!("session={}", tokens[10].as_deref().unwrap());
            let form = (stage.client.post(&url))
                .header("origin", "https://elsewhere.example")
                .header("sec-fetch-site", "cross-site")
                .header("cookie", cookies)
                .header("content-type", kind)
                .body(row.body.to_string());
            let answer = form.send().await.unwrap();
            hardened(row, answer.headers());
            let expected = if row.letter(0) == '1' { 401 } else { 415 };
            assert_eq!(answer.status(), expected, "{kind} {}", row.path);
        }
    }
    assert_eq!(stage.store.queue_depths().await.unwrap().messages, before, "no code was sent for it");
}

#[tokio::test]
async fn candidates_name_no_resource_so_that_there_is_none_of_others_to_name() {
    for row in table().iter().filter(|row| row.may == CANDIDATE) {
        let named = row.path.replace("{kind}", "");
        assert!(!named.contains('{'), "{} names something besides a kind of picture", row.path);
    }
    let stage = Stage::on_sqlite().await;
    let (one, other) = (stage.candidate(1).await, stage.candidate(2).await);
    one.shows("/collection/card/portrait", Shows::Portrait(1)).await;
    let picture = "/collection/pictures/card_portrait";
    assert_eq!(one.send(Method::GET, picture, None).await.status(), 200);
    assert_eq!(other.send(Method::GET, picture, None).await.status(), 404);
    let told = other.collection().await;
    assert_eq!(told["card"]["portrait"], Value::Null);
    assert!(!told.to_string().contains(person(1).name.as_str()));
}
