//! A whole run of the real binary at its most talkative: nothing that it logs or counts tells of a person, a secret or a token, and what
//! belongs together can be found together.

#![allow(clippy::unwrap_used)]

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fs::{self, File},
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{Router, routing::post};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use memchr::memmem::Finder;
use opentelemetry_proto::tonic::{collector::trace::v1::ExportTraceServiceRequest, trace::v1::Span};
use prost::Message as _;
use reqwest::{
    Client, Method,
    multipart::{Form, Part},
};
use serde_json::{Value, json};
use service::meters;

/// Ends its process.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // SIGTERM, so that it drains as in operation.
        let _ = Command::new("kill").arg(self.0.id().to_string()).status();
        let _ = self.0.wait();
    }
}

fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

fn zhaoyan(config: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_zhaoyan"));
    command.arg("--config").arg(config).current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    command
}

fn done(command: &mut Command) {
    let output = command.output().unwrap();
    let told = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
    assert!(output.status.success(), "{told:?}");
}

/// What must be found nowhere, with the name that a failure tells.
struct Needle {
    what: String,
    bytes: Vec<u8>,
    /// Digits that could stand in other numbers by chance count only where nothing alphanumeric is beside them.
    alone: bool,
}

/// Every way in which a text may come to stand in a log.
fn forms(what: &str, text: &str) -> Vec<Needle> {
    let mut forms: BTreeSet<Vec<u8>> = BTreeSet::new();
    forms.insert(text.as_bytes().to_vec());
    let of_bytes = |one: &dyn Fn(u8) -> String| text.bytes().map(one).collect::<String>().into_bytes();
    let percent = |upper: bool| {
        of_bytes(&|b| match b {
            b if b.is_ascii_alphanumeric() || b"-_.~".contains(&b) => char::from(b).to_string(),
            b if upper => format!("%{b:02X}"),
            b => format!("%{b:02x}"),
        })
    };
    forms.insert(percent(true));
    forms.insert(percent(false));
    forms.insert(of_bytes(&|b| format!("{b:02x}")));
    forms.insert(of_bytes(&|b| format!("{b:02X}")));
    // As Debug tells bytes, and the numbers of a list of them.
    forms.insert(of_bytes(&|b| b.escape_ascii().to_string()));
    forms.insert(text.bytes().map(|b| b.to_string()).collect::<Vec<_>>().join(", ").into_bytes());
    // As JSON and Rust tell characters beyond ASCII.
    let escaped = |one: &dyn Fn(char) -> String| text.chars().map(one).collect::<String>().into_bytes();
    forms.insert(escaped(&|c| if c.is_ascii() { c.to_string() } else { format!("\\u{:04x}", u32::from(c)) }));
    forms.insert(escaped(&|c| c.escape_default().to_string()));
    // In Base64 a text looks differently by where it begins; what the neighbours decide is left out.
    for before in 0..3 {
        let mut padded = vec![0; before];
        padded.extend(text.bytes());
        let whole = padded.len() / 3 * 3;
        let encoded = STANDARD.encode(&padded[..whole]);
        forms.insert(encoded.as_bytes()[if before == 0 { 0 } else { 4 }..].to_vec());
    }
    let needle = |bytes| Needle { what: what.to_owned(), bytes, alone: false };
    // Three Chinese characters have nine bytes; less than eight may stand anywhere by chance.
    forms.into_iter().filter(|form| form.len() >= 6).map(needle).collect()
}

/// Where the needles are found, by name and surroundings.
fn found(text: &[u8], needles: &[Needle]) -> Vec<String> {
    let mut hits = Vec::new();
    for needle in needles {
        let finder = Finder::new(&needle.bytes);
        let hit = finder.find_iter(text).find(|at| {
            let (before, after) = (&text[..*at], &text[at + needle.bytes.len()..]);
            let beside =
                |byte: Option<&u8>| byte.is_some_and(|b| b.is_ascii_alphanumeric() || b"-.".contains(b));
            !needle.alone || !(beside(before.last()) || beside(after.first()) || after.starts_with(b" bytes"))
        });
        if let Some(at) = hit {
            let around = &text[at.saturating_sub(300)..(at + 200).min(text.len())];
            hits.push(format!("{} in {}", needle.what, String::from_utf8_lossy(around)));
        }
    }
    hits
}

/// The texts under keys that hold what is personal.
fn personal(value: &Value, into: &mut BTreeSet<(String, String)>) {
    match value {
        Value::Array(values) => values.iter().for_each(|value| personal(value, into)),
        Value::Object(fields) => {
            for (key, value) in fields {
                match value {
                    Value::String(text) if ["name", "number", "address", "phone"].contains(&key.as_str()) => {
                        into.insert((key.clone(), text.clone()));
                    }
                    other => personal(other, into),
                }
            }
        }
        _ => {}
    }
}

struct Run {
    // First, so that they end before their folder goes.
    processes: Vec<Running>,
    folder: tempfile::TempDir,
    config: PathBuf,
    server: String,
    sandbox: String,
    client: Client,
}

impl Run {
    async fn begun(collector: &str) -> Run {
        let folder = tempfile::tempdir().unwrap();
        let (listen, sandbox) = (free_address(), free_address());
        let at = |name: &str| folder.path().join(name);
        let config = at("zhaoyan.toml");
        let text = include_str!("../../../deploy/try/zhaoyan.toml")
            .replace("http://127.0.0.1:8090", &format!("http://{sandbox}"))
            .replace("run/keys.toml", at("keys.toml").to_str().unwrap())
            .replace("code_again_s = 5", "code_again_s = 1")
            .replace("poll_ms = 200", "poll_ms = 50");
        let further = format!(
            "\n[server]\nlisten = \"{listen}\"\n[database]\nurl = \"sqlite://{}\"\n[pictures]\nurl = \"{}\"\naccess_key = \"{}\"\n\
             secret_key = \"{}\"\n[traces]\nendpoint = \"{collector}/v1/traces\"\n[log]\nlevel = \"trace\"\nformat = \"json\"\n",
            at("zhaoyan.db").display(),
            at("pictures").display(),
            STORAGE[0],
            STORAGE[1],
        );
        fs::write(&config, text + &further).unwrap();
        done(Command::new(env!("CARGO_BIN_EXE_zhaoyan")).args(["keys", "new"]).arg(at("keys.toml")));
        done(zhaoyan(&config).args(["exam-session", "set", "deploy/try/exam-session.toml"]));
        let start = |log: &str, args: &[&str]| {
            let log = File::create(folder.path().join(log)).unwrap();
            let (out, err) = (Stdio::from(log.try_clone().unwrap()), Stdio::from(log));
            Running(zhaoyan(&config).args(args).stdout(out).stderr(err).spawn().unwrap())
        };
        let processes = vec![
            start("sandbox.log", &["sandbox", "--listen", &sandbox.to_string()]),
            start("serve.log", &["serve", "--worker"]),
        ];
        let client = Client::builder().no_proxy().timeout(Duration::from_secs(60)).build().unwrap();
        let run = Run {
            config,
            server: format!("http://{listen}"),
            sandbox: format!("http://{sandbox}"),
            client,
            processes,
            folder,
        };
        for address in [format!("{}/readyz", run.server), format!("{}/healthz", run.sandbox)] {
            let mut tries = 0;
            while !run.client.get(&address).send().await.is_ok_and(|answer| answer.status() == 200) {
                tries += 1;
                assert!(tries < 300, "{address} does not answer: {}", run.log());
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
        run
    }

    /// What the server has said, without the times of day: their digits are as good as any.
    fn log(&self) -> String {
        let text = fs::read(self.folder.path().join("serve.log")).unwrap();
        let line = |line: &str| match serde_json::from_str::<Value>(line) {
            Ok(Value::Object(mut fields)) => {
                fields.remove("timestamp");
                Value::Object(fields).to_string()
            }
            _ => line.to_owned(),
        };
        String::from_utf8_lossy(&text).lines().map(line).collect::<Vec<_>>().join("\n")
    }

    async fn walk(&self, scenario: &str) {
        let mut smoke = zhaoyan(&self.config);
        smoke.args(["smoke", "--server", &self.server, "--sandbox", &self.sandbox, "--scenario", scenario]);
        tokio::task::spawn_blocking(move || done(&mut smoke)).await.unwrap();
    }

    async fn of_sandbox(&self, path: &str) -> Value {
        let url = format!("{}/sandbox/api/{path}", self.sandbox);
        self.client.get(url).send().await.unwrap().json().await.unwrap()
    }

    async fn text(&self, path: &str) -> String {
        self.client.get(format!("{}{path}", self.server)).send().await.unwrap().text().await.unwrap()
    }

    /// The token of a candidate of the sandbox who logs in.
    async fn token(&self, phone: &str) -> String {
        let entry: Value = serde_json::from_str(&self.text("/api/v1/entry").await).unwrap();
        let asked =
            self.client.post(format!("{}/api/v1/login/code", self.server)).json(&json!({ "phone": phone }));
        assert_eq!(asked.send().await.unwrap().status(), 202);
        let mut sent = Value::Null;
        for _ in 0..100 {
            sent = self.of_sandbox(&format!("sms?phone={phone}")).await;
            if sent[0]["code"].is_string() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        let login = json!({
            "phone": phone, "code": sent[0]["code"],
            "agreement_version": entry["agreement"]["version"], "privacy_version": entry["privacy"]["version"],
        });
        let answer =
            self.client.post(format!("{}/api/v1/login", self.server)).json(&login).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        answer.json::<Value>().await.unwrap()["token"].as_str().unwrap().to_owned()
    }

    /// Personal data where none belongs; the ids of the problems that were told.
    async fn odd_places(&self, someone: &BTreeMap<&str, String>, token: &str) -> Vec<String> {
        let (name, number, phone) = (&someone["name"], &someone["number"], &someone["phone"]);
        let api = format!("{}/api/v1", self.server);
        let bodies = [
            json!({ "phone": [phone] }),
            json!({ "phone": { name.as_str(): number } }),
            json!({ "phone": phone, "code": number }),
            json!({ name.as_str(): number, "phone": name }),
            json!(number),
        ];
        let mut requests = vec![
            self.client.get(format!("{api}/{number}")),
            self.client.get(format!("{api}/collection/{name}")),
            self.client.get(format!("{api}/pictures/{number}")).bearer_auth(token),
            self.client.get(format!("{api}/collection")).query(&[("phone", phone), ("name", name)]),
            self.client.get(format!("{}/{name}/{number}.html?phone={phone}", self.server)),
            self.client.get(format!("{api}/collection")).bearer_auth(number),
            self.client
                .get(format!("{api}/collection?token={token}"))
                .header("cookie", format!("phone={phone}")),
            self.client.get(format!("{api}/entry")).header("user-agent", format!("{name} {number}")),
            self.client
                .get(format!("{api}/entry"))
                .header("x-request-id", number)
                .header("x-forwarded-for", phone),
            self.client
                .get(format!("{api}/entry"))
                .header("referer", format!("http://x/?n={}", STANDARD.encode(name))),
            self.client.get(format!("{api}/entry")).header("traceparent", format!("00-{number}-{phone}-01")),
            self.client.request(Method::from_bytes(phone.as_bytes()).unwrap(), format!("{api}/entry")),
            self.client
                .post(format!("{api}/login/code"))
                .header("content-type", "application/json")
                .body(format!("{{\"phone\": \"{phone}\"")),
            self.client
                .post(format!("{api}/login/code"))
                .header("content-type", format!("text/{phone}"))
                .body(name.clone()),
        ];
        let wrong = bodies.iter().flat_map(|body| {
            ["login/code", "login", "office/sign-in"]
                .map(|path| self.client.post(format!("{api}/{path}")).json(body))
        });
        requests.extend(wrong);
        let part = |bytes: Vec<u8>| Part::bytes(bytes).file_name(format!("{name}{number}.jpg"));
        let forms = [
            Form::new().part("file", part(name.as_bytes().to_vec())),
            Form::new().part(number.clone(), part(vec![0; 40])),
            Form::new().text(phone.clone(), name.clone()),
        ];
        for form in forms {
            let upload = self.client.post(format!("{api}/collection/card/portrait"));
            requests.push(upload.bearer_auth(token).multipart(form));
        }
        let mut ids = Vec::new();
        for request in requests {
            let answer = request.send().await.unwrap();
            ids.push(answer.headers()["x-request-id"].to_str().unwrap().to_owned());
        }
        // What is no HTTP at all, and a head that breaks off.
        let address: SocketAddr = self.server.trim_start_matches("http://").parse().unwrap();
        for head in [
            format!("{name} {number}\r\n\r\n"),
            format!("GET /{phone} HTTP/1.1\r\nhost: x\r\n{name}: {number}\r\n\r\n"),
            format!(
                "POST /api/v1/login/code HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {phone}\r\n\r\n{{\"phone\":\"{phone}"
            ),
        ] {
            let mut stream = TcpStream::connect(address).unwrap();
            stream.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
            stream.write_all(head.as_bytes()).unwrap();
            let _ = stream.read(&mut [0; 64]);
        }
        ids
    }
}

type Received = Arc<Mutex<Vec<Vec<u8>>>>;

/// A collector that keeps what it is sent.
async fn collector() -> (String, Received) {
    let received = Received::default();
    let kept = received.clone();
    let take = post(move |body: axum::body::Bytes| async move {
        kept.lock().unwrap().push(body.to_vec());
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async { axum::serve(listener, Router::new().route("/v1/traces", take)).await });
    (url, received)
}

/// The spans of the journeys hang together: pictures within their request, partners within the work.
fn in_traces(bodies: &[Vec<u8>]) {
    let requests = bodies.iter().map(|body| ExportTraceServiceRequest::decode(body.as_slice()).unwrap());
    let spans: Vec<Span> = (requests.flat_map(|request| request.resource_spans))
        .flat_map(|of| of.scope_spans)
        .flat_map(|of| of.spans)
        .collect();
    let by_id: HashMap<&[u8], &Span> = spans.iter().map(|span| (span.span_id.as_slice(), span)).collect();
    let within = |name: &str, outer: &str| {
        spans
            .iter()
            .filter(|span| span.name == name)
            .any(|span| by_id.get(span.parent_span_id.as_slice()).is_some_and(|parent| parent.name == outer))
    };
    let names: BTreeSet<_> = spans
        .iter()
        .map(|s| (&s.name, by_id.get(s.parent_span_id.as_slice()).map_or("", |p| p.name.as_str())))
        .collect();
    for (name, outer) in [("stage", "request"), ("partner", "work"), ("partner", "request")] {
        assert!(within(name, outer), "{name} within {outer}: {} spans, {names:?}", spans.len());
    }
    let begin: BTreeSet<&str> =
        spans.iter().filter(|span| span.parent_span_id.is_empty()).map(|span| span.name.as_str()).collect();
    assert_eq!(begin, BTreeSet::from(["request", "work"]), "what libraries say of themselves is no trace");
}

/// Keys of a storage service that is not used here.
const STORAGE: [&str; 2] = ["AKIDstorageOfNoValue", "storage-key-of-no-value"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_whole_run_logs_and_counts_nothing_of_a_person() {
    let (collector, received) = collector().await;
    let mut run = Run::begun(&collector).await;
    for scenario in ["happy", "blocking", "advisory", "five-refusals"] {
        run.walk(scenario).await;
    }
    let candidates = run.of_sandbox("candidates").await;
    let spare = candidates.as_array().unwrap().last().unwrap();
    let field = |pointer: &str| spare.pointer(pointer).unwrap().as_str().unwrap().to_owned();
    let someone = BTreeMap::from([
        ("name", field("/card/name")),
        ("number", field("/card/number")),
        ("phone", field("/phone")),
    ]);
    let token = run.token(&someone["phone"]).await;
    let problems = run.odd_places(&someone, &token).await;
    let metrics = run.text("/metrics").await;
    let messages = run.of_sandbox("sms").await;
    // What is held of spans is sent at the end.
    run.processes.clear();

    // What must not be found.
    let mut seeded = BTreeSet::new();
    personal(&candidates, &mut seeded);
    assert!(seeded.len() > 70, "{}", seeded.len());
    let mut needles: Vec<Needle> = seeded.iter().flat_map(|(key, text)| forms(key, text)).collect();
    let alone = |what: &str, text: &str| Needle {
        what: what.to_owned(),
        bytes: text.as_bytes().to_vec(),
        alone: true,
    };
    for (key, text) in &seeded {
        if key == "number" {
            needles.push(alone("the end of a number", &text[12..]));
        }
    }
    let codes: Vec<&str> = messages.as_array().unwrap().iter().filter_map(|m| m["code"].as_str()).collect();
    assert!(codes.len() >= 5, "{messages}");
    needles.extend(codes.iter().map(|code| alone("a login code", code)));
    needles.extend(forms("a token", &token));
    let keys = fs::read_to_string(run.folder.path().join("keys.toml")).unwrap();
    let secrets: Vec<&str> = keys.split('"').skip(1).step_by(2).filter(|text| text.len() >= 32).collect();
    assert!(!secrets.is_empty());
    for secret in secrets.into_iter().chain(STORAGE).chain([
        "AKIDsandbox",
        "sandbox-secret-key-of-no-value",
        "sandbox-registration-key-of-no-value",
    ]) {
        needles.extend(forms("a secret", secret));
    }

    // The search finds what is there, in whatever form.
    let log = run.log();
    for needle in &needles {
        let mut planted = log.as_bytes()[..2000.min(log.len())].to_vec();
        planted.extend([b" planted=\"".as_slice(), &needle.bytes, b"\""].concat());
        assert_eq!(found(&planted, std::slice::from_ref(needle)).len(), 1, "{}", needle.what);
    }
    assert_eq!(found(log.as_bytes(), &needles), [] as [String; 0]);
    assert_eq!(found(metrics.as_bytes(), &needles), [] as [String; 0]);

    let traces = received.lock().unwrap();
    assert_eq!(found(&traces.concat(), &needles), [] as [String; 0]);
    in_traces(&traces);

    // It was talkative, and what belongs together is found together.
    let lines: Vec<Value> = log.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    assert_eq!(lines.len(), log.lines().count(), "every line is JSON");
    assert!(lines.iter().any(|line| line["level"] == "TRACE"));
    let in_span = |line: &Value, name: &str, key: &str, value: &str| {
        line["spans"]
            .as_array()
            .is_some_and(|spans| spans.iter().any(|s| s["name"] == name && s[key] == value))
    };
    for id in &problems {
        let answered = lines.iter().any(|l| l["message"] == "answered" && in_span(l, "request", "id", id));
        assert!(answered, "the request {id} is found by the id that its client was told");
    }
    let begun =
        lines.iter().filter(|line| line["message"] == "a step was done" && line["attempt"].is_string());
    let attempts: BTreeSet<&str> = begun.clone().map(|line| line["attempt"].as_str().unwrap()).collect();
    assert!(attempts.len() >= 6, "happy, blocking, advisory, and five: {attempts:?}");
    for line in begun {
        assert!(line["spans"].as_array().unwrap().iter().any(|span| span["name"] == "request"), "{line}");
    }
    for attempt in attempts {
        let worked = lines.iter().any(|line| in_span(line, "work", "attempt", attempt));
        assert!(worked, "the worker's lines about {attempt} bear its id");
    }

    // The stages that only real eyes go through.
    for (step, stage) in [
        ("card_portrait", "read"),
        ("card_emblem", "read"),
        ("photo", "decode"),
        ("photo", "face"),
        ("photo", "matte"),
        ("photo", "checks"),
        ("photo", "encode"),
        ("comparison", "describe"),
    ] {
        let count = format!("{}_count{{step=\"{step}\",stage=\"{stage}\"}}", meters::PIXEL_STAGE_SECONDS);
        let line = metrics.lines().find(|line| line.starts_with(&count));
        assert!(line.is_some_and(|line| !line.ends_with(" 0")), "{count}");
    }
}
