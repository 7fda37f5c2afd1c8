//! `zhaoyan smoke`: walks a running deployment through whole journeys with specimen pictures, step by step.
//!
//! It needs the sandbox beside the deployment: SMS codes, specimens and the platform's answers come from there.

use std::{collections::HashMap, process::ExitCode, time::Duration};

use anyhow::{Context as _, bail, ensure};
use clap::{Args, ValueEnum};
use reqwest::{
    Client, Method,
    multipart::{Form, Part},
};
use serde_json::{Value, json};

/// `zhaoyan smoke`
#[derive(Debug, Args)]
pub struct Smoke {
    /// The deployment, such as `http://127.0.0.1:8080`.
    #[arg(long)]
    server: String,
    /// The sandbox that the deployment's partners point to.
    #[arg(long, default_value = "http://127.0.0.1:8090")]
    sandbox: String,
    /// One scenario; all of them if left out.
    #[arg(long, value_enum)]
    scenario: Option<Scenario>,
}

/// A journey that must work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Scenario {
    /// From login to 提交成功.
    Happy,
    /// A photo is refused with reasons, a better one accepted.
    PhotoRefused,
    /// Name or number differs; the office corrects it; through.
    Blocking,
    /// Ethnicity or address differs; the registration is overwritten.
    Advisory,
    /// 专升本 is sent on to the prior-degree check.
    PriorDegree,
    /// The platform is out in the middle; no attempt is counted; finished after it ends.
    Outage,
    /// The platform's answer is lost; it is asked again and does not compare twice.
    LostAnswer,
    /// Five refusals in a row end it.
    FiveRefusals,
    /// A name with a rare character is never shown shortened without a warning.
    RareName,
    /// An expired card is refused.
    ExpiredCard,
}

/// Runs the scenarios; exits 0 if all pass, 1 otherwise.
pub async fn run(smoke: Smoke) -> anyhow::Result<ExitCode> {
    let client = Client::builder().timeout(Duration::from_secs(120)).build()?;
    let mut walk = Walk {
        client,
        server: smoke.server.trim_end_matches('/').to_owned(),
        sandbox: smoke.sandbox.trim_end_matches('/').to_owned(),
        pictures: HashMap::new(),
        taken: Vec::new(),
    };
    let scenarios = match smoke.scenario {
        Some(one) => vec![one],
        None => Scenario::value_variants().to_vec(),
    };
    let mut failed = 0;
    for scenario in scenarios {
        let name = scenario.to_possible_value().map_or_else(String::new, |v| v.get_name().to_owned());
        println!("{name}");
        let walked = walk.scenario(scenario).await;
        // Whatever happened, the next scenario begins with partners that answer.
        walk.control(Method::DELETE, "switches", None).await?;
        match walked {
            Ok(()) => println!("  passed"),
            Err(error) => {
                failed += 1;
                println!("  FAILED: {error:#}");
            }
        }
    }
    Ok(ExitCode::from(u8::from(failed > 0)))
}

struct Walk {
    client: Client,
    server: String,
    sandbox: String,
    pictures: HashMap<String, Vec<u8>>,
    taken: Vec<String>,
}

/// A candidate who has logged in.
struct Traveller {
    id: String,
    phone: String,
    number: String,
    registration_id: String,
    token: String,
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

fn step(what: &str) {
    println!("  · {what}");
}

impl Walk {
    async fn scenario(&mut self, scenario: Scenario) -> anyhow::Result<()> {
        match scenario {
            Scenario::Happy => self.happy().await,
            Scenario::PhotoRefused => self.photo_refused().await,
            Scenario::Blocking => self.blocking().await,
            Scenario::Advisory => self.advisory().await,
            Scenario::PriorDegree => self.prior_degree().await,
            Scenario::Outage => self.outage().await,
            Scenario::LostAnswer => self.lost_answer().await,
            Scenario::FiveRefusals => self.five_refusals().await,
            Scenario::RareName => self.rare_name().await,
            Scenario::ExpiredCard => self.expired_card().await,
        }
    }

    async fn happy(&mut self) -> anyhow::Result<()> {
        let who = self.at_photo(&["none", "dotted_name"], |_| true).await?;
        self.photo(&who, "portrait", true).await?;
        let done = self.verify(&who, "completed").await?;
        ensure!(text(&done, "/completed/by") == "platform", "completed by the platform");
        self.delivered(&who).await?;
        Ok(())
    }

    async fn photo_refused(&mut self) -> anyhow::Result<()> {
        let who = self.at_photo(&["none"], |_| true).await?;
        let judged = self.photo(&who, "two_defects", false).await?;
        let advice = judged.pointer("/photo/advice").and_then(Value::as_array).map_or(0, Vec::len);
        ensure!((2..=3).contains(&advice), "two or three reasons are told, {advice} were");
        self.photo(&who, "portrait", true).await?;
        self.verify(&who, "completed").await?;
        Ok(())
    }

    async fn blocking(&mut self) -> anyhow::Result<()> {
        let who = self.fresh(&["name", "number"], |_| true).await?;
        self.card(&who).await?;
        self.post(&who, "card/confirm", json!({})).await?.at("blocked")?;
        step("stopped: name or number differs");
        let refused = self.send(&who, "card/again", json!({})).await?;
        ensure!(
            refused.0 == 409 && text(&refused.1, "/code") == "still_blocked",
            "no way on before the correction"
        );
        self.control(Method::POST, &format!("registrations/{}/correct", who.registration_id), None).await?;
        step("the office corrects the registration");
        self.post(&who, "card/again", json!({})).await?.at("card")?;
        self.card(&who).await?;
        self.post(&who, "card/confirm", json!({})).await?.at("photo")?;
        self.photo(&who, "portrait", true).await?;
        self.verify(&who, "completed").await?;
        Ok(())
    }

    async fn advisory(&mut self) -> anyhow::Result<()> {
        let kinds = ["address", "ethnicity", "ethnicity_and_address", "no_address"];
        let who = self.fresh(&kinds, |_| true).await?;
        self.card(&who).await?;
        self.post(&who, "card/confirm", json!({})).await?.at("advisory")?;
        step("told: ethnicity or address differs");
        self.post(&who, "advisory/seen", json!({})).await?.at("photo")?;
        self.photo(&who, "portrait", true).await?;
        let done = self.verify(&who, "completed").await?;
        let overwrites = done.pointer("/completed/overwrites").and_then(Value::as_array).map_or(0, Vec::len);
        ensure!(overwrites > 0, "the candidate is told what may be overwritten");
        let record = self.delivered(&who).await?;
        ensure!(record["now"] != record["before"], "the registration was overwritten");
        Ok(())
    }

    async fn prior_degree(&mut self) -> anyhow::Result<()> {
        let who = self.at_photo(&["none"], |c| c["level"] == "专升本").await?;
        self.photo(&who, "portrait", true).await?;
        let done = self.verify(&who, "completed").await?;
        ensure!(
            done.pointer("/completed/prior_degree_check") == Some(&Value::Bool(true)),
            "sent on to the check"
        );
        Ok(())
    }

    async fn outage(&mut self) -> anyhow::Result<()> {
        let who = self.at_photo(&["none"], |_| true).await?;
        self.photo(&who, "portrait", true).await?;
        self.control(Method::PUT, "switches", Some(json!({"identity": {"outage": "unavailable"}}))).await?;
        self.submit(&who).await?;
        let during =
            self.wait(&who, "the delay is told", |c| text(c, "/verification/status") == "delayed").await?;
        ensure!(during.pointer("/attempts/used") == Some(&json!(0)), "no attempt is counted");
        self.control(Method::DELETE, "switches", None).await?;
        step("the outage ends");
        let done = self.wait(&who, "completed", |c| c["state"] == "completed").await?;
        ensure!(done.pointer("/attempts/used") == Some(&json!(0)), "no attempt was counted");
        Ok(())
    }

    async fn lost_answer(&mut self) -> anyhow::Result<()> {
        let who = self.at_photo(&["none"], |_| true).await?;
        self.photo(&who, "other_person", true).await?;
        let before = self.compared().await?;
        self.control(Method::PUT, "switches", Some(json!({"identity": {"lose_answer": true, "times": 1}})))
            .await?;
        let refused = self.verify(&who, "refused").await?;
        ensure!(refused.pointer("/attempts/used") == Some(&json!(1)), "the attempt is counted once");
        ensure!(self.compared().await? == before + 1, "the platform compared once");
        Ok(())
    }

    async fn five_refusals(&mut self) -> anyhow::Result<()> {
        let who = self.at_photo(&["none"], |_| true).await?;
        for attempt in 1..=5 {
            self.photo(&who, "other_person", true).await?;
            let state = if attempt == 5 { "failed" } else { "refused" };
            let answered = self.verify(&who, state).await?;
            ensure!(
                answered.pointer("/attempts/used") == Some(&json!(attempt)),
                "attempt {attempt} is counted once"
            );
        }
        let (status, problem) = self.send(&who, "photo/retake", json!({})).await?;
        ensure!(status == 410 && text(&problem, "/code") == "collection_ended", "nothing more is possible");
        Ok(())
    }

    async fn rare_name(&mut self) -> anyhow::Result<()> {
        let who = self.fresh(&["rare_name"], |_| true).await?;
        let read = self.card(&who).await?;
        let name = text(&read, "/card/read/name").to_owned();
        let doubtful = read.pointer("/card/read/name_doubtful") == Some(&Value::Bool(true));
        let registered = self.candidate(&who.id).await?;
        ensure!(
            name == text(&registered, "/card/name") || doubtful,
            "a name that was not read whole is marked"
        );
        let cells =
            read.pointer("/card/read/name_cells").and_then(Value::as_array).cloned().unwrap_or_default();
        let printed = text(&registered, "/card/name").chars();
        let characters: Vec<char> =
            printed.zip(&cells).filter(|(_, cell)| cell["typed"] == true).map(|(c, _)| c).collect();
        if !characters.is_empty() {
            let (status, typed) = self.send(&who, "card/name", json!({ "characters": characters })).await?;
            ensure!(status == 200, "what could not be read is typed, status {status}");
            ensure!(
                text(&typed, "/card/read/name") == text(&registered, "/card/name"),
                "the name is whole once its missing character is typed"
            );
        }
        Ok(())
    }

    async fn expired_card(&mut self) -> anyhow::Result<()> {
        let who = self.fresh(&["expired_card"], |_| true).await?;
        let (status, read) = self.upload(&who, "card/emblem", "card_emblem").await?;
        ensure!(status == 200, "the picture is judged, status {status}");
        let findings =
            read.pointer("/card/emblem/findings").and_then(Value::as_array).cloned().unwrap_or_default();
        let expired = findings.iter().any(|f| f["id"] == "card_expired" && f["outcome"] == "fail");
        ensure!(expired, "the card is refused as expired");
        Ok(())
    }

    // The steps that the scenarios share.

    async fn at_photo(&mut self, planted: &[&str], fits: fn(&Value) -> bool) -> anyhow::Result<Traveller> {
        let who = self.fresh(planted, fits).await?;
        self.card(&who).await?;
        self.post(&who, "card/confirm", json!({})).await?.at("photo")?;
        step("confirmed, on to the photo");
        Ok(who)
    }

    /// Logs in the first candidate of one of those kinds who has not begun yet.
    async fn fresh(&mut self, planted: &[&str], fits: fn(&Value) -> bool) -> anyhow::Result<Traveller> {
        let all = self.control(Method::GET, "candidates", None).await?;
        for candidate in all.as_array().into_iter().flatten() {
            let id = text(candidate, "/id").to_owned();
            if !planted.contains(&text(candidate, "/planted")) || !fits(candidate) || self.taken.contains(&id)
            {
                continue;
            }
            self.taken.push(id.clone());
            let mut who = Traveller {
                id,
                phone: text(candidate, "/phone").to_owned(),
                number: text(candidate, "/card/number").to_owned(),
                registration_id: text(candidate, "/registration_id").to_owned(),
                token: String::new(),
            };
            let collection = self.log_in(&mut who).await?;
            let untouched =
                collection["state"] == "card" && collection.pointer("/attempts/used") == Some(&json!(0));
            if untouched {
                step(&format!("candidate {} logs in", who.id));
                return Ok(who);
            }
        }
        bail!(
            "no candidate of that kind ({}) is left who has not begun: begin with a new deployment",
            planted.join(", ")
        )
    }

    async fn log_in(&self, who: &mut Traveller) -> anyhow::Result<Value> {
        let entry = self.client.get(format!("{}/api/v1/entry", self.server)).send().await?;
        let entry: Value = entry.error_for_status()?.json().await?;
        let newest = self.newest_code(&who.phone).await?;
        let asked = self.public("login/code", json!({"phone": who.phone})).await?;
        let code = if asked.0 == 429 {
            newest.context("a code was asked for less than a minute ago, and is gone: wait a minute")?.1
        } else {
            ensure!(asked.0 == 202, "a code is sent: {}", asked.1);
            self.code_after(&who.phone, newest.map(|(at, _)| at)).await?
        };
        let login = json!({
            "phone": who.phone, "code": code,
            "agreement_version": text(&entry, "/agreement/version"), "privacy_version": text(&entry, "/privacy/version"),
        });
        let (status, answer) = self.public("login", login).await?;
        ensure!(status == 200, "login: {}", text(&answer, "/message/en"));
        who.token = text(&answer, "/token").to_owned();
        Ok(answer["collection"].clone())
    }

    /// Time and code of the newest message to the phone.
    async fn newest_code(&self, phone: &str) -> anyhow::Result<Option<(String, String)>> {
        let url = format!("{}/sandbox/api/sms", self.sandbox);
        let messages: Value = self.client.get(url).query(&[("phone", phone)]).send().await?.json().await?;
        Ok(messages.get(0).map(|m| (text(m, "/at").to_owned(), text(m, "/code").to_owned())))
    }

    async fn code_after(&self, phone: &str, before: Option<String>) -> anyhow::Result<String> {
        for _ in 0..150 {
            if let Some((at, code)) =
                self.newest_code(phone).await?.filter(|(at, _)| Some(at) != before.as_ref())
            {
                tracing::debug!(at, "code arrived");
                return Ok(code);
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        bail!("no SMS code arrived within 30 s: does the worker run?")
    }

    async fn card(&mut self, who: &Traveller) -> anyhow::Result<Value> {
        for (side, kind) in [("portrait", "card_portrait"), ("emblem", "card_emblem")] {
            let (status, answer) = self.upload(who, &format!("card/{side}"), kind).await?;
            ensure!(status == 200, "{side} side: {}", text(&answer, "/message/en"));
            let accepted = answer.pointer(&format!("/card/{side}/accepted")) == Some(&Value::Bool(true));
            ensure!(accepted, "{side} side accepted: {}", reasons(&answer["card"][side]));
        }
        let read = self.post(who, "card/hand-in", json!({})).await?.at("confirm")?;
        ensure!(text(&read, "/card/read/number") == who.number, "the number is read right");
        step("both sides of the card read");
        Ok(read)
    }

    async fn photo(&mut self, who: &Traveller, kind: &str, accepted: bool) -> anyhow::Result<Value> {
        let (status, answer) = self.upload(who, "photo", kind).await?;
        ensure!(status == 200, "photo: {}", text(&answer, "/message/en"));
        let got = answer.pointer("/photo/accepted") == Some(&Value::Bool(true));
        ensure!(got == accepted, "photo {kind} accepted: {got}; {}", reasons(&answer["photo"]));
        step(&format!("photo {kind}: {}", if got { "accepted" } else { "refused with reasons" }));
        Ok(answer)
    }

    async fn submit(&self, who: &Traveller) -> anyhow::Result<()> {
        self.post(who, "photo/submit", json!({})).await?.at("consent")?;
        let entry: Value =
            self.client.get(format!("{}/api/v1/entry", self.server)).send().await?.json().await?;
        let consent = json!({"face_consent_version": text(&entry, "/face_consent/version")});
        let handed_in = self.post(who, "verification", consent).await?;
        step("handed in, with consent to the face comparison");
        if handed_in["state"] == "warned" {
            ensure!(handed_in["attempts"]["left"] != 0, "a warning leaves attempts");
            self.post(who, "verification/all-the-same", json!({})).await?.at("verifying")?;
            step("warned that photo and card look unlike; submitted all the same");
        }
        Ok(())
    }

    async fn verify(&self, who: &Traveller, state: &str) -> anyhow::Result<Value> {
        self.submit(who).await?;
        self.wait(who, state, |c| c["state"] != "verifying").await?.at(state)
    }

    async fn wait(
        &self,
        who: &Traveller,
        what: &str,
        until: impl Fn(&Value) -> bool,
    ) -> anyhow::Result<Value> {
        for _ in 0..300 {
            let url = format!("{}/api/v1/collection", self.server);
            let answer = self.client.get(url).bearer_auth(&who.token).send().await?.error_for_status()?;
            let collection: Value = answer.json().await?;
            if until(&collection) {
                step(what);
                return Ok(collection);
            }
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
        bail!("{what}: not within 90 s")
    }

    async fn delivered(&self, who: &Traveller) -> anyhow::Result<Value> {
        for _ in 0..150 {
            let record =
                self.control(Method::GET, &format!("registrations/{}", who.registration_id), None).await?;
            if record["results"].as_array().is_some_and(|r| r.len() == 1) {
                step("the registration system has the result");
                return Ok(record);
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        bail!("the registration system was not told within 30 s")
    }

    async fn compared(&self) -> anyhow::Result<u64> {
        let identity = self.control(Method::GET, "identity", None).await?;
        identity["compared"].as_u64().context("the sandbox tells how often it compared")
    }

    async fn candidate(&self, id: &str) -> anyhow::Result<Value> {
        let all = self.control(Method::GET, "candidates", None).await?;
        let found = all.as_array().into_iter().flatten().find(|c| c["id"] == id);
        found.cloned().context("the sandbox knows the candidate")
    }

    async fn upload(&mut self, who: &Traveller, path: &str, kind: &str) -> anyhow::Result<(u16, Value)> {
        let url = format!("{}/sandbox/specimens/{}/{kind}.jpg", self.sandbox, who.id);
        let bytes = match self.pictures.get(&url) {
            Some(bytes) => bytes.clone(),
            None => {
                let bytes = self.client.get(&url).send().await?.error_for_status()?.bytes().await?.to_vec();
                self.pictures.insert(url, bytes.clone());
                bytes
            }
        };
        let form =
            Form::new().part("file", Part::bytes(bytes).file_name("picture.jpg").mime_str("image/jpeg")?);
        let url = format!("{}/api/v1/collection/{path}", self.server);
        let answer = self.client.post(url).bearer_auth(&who.token).multipart(form).send().await?;
        Ok((answer.status().as_u16(), answer.json().await?))
    }

    async fn post(&self, who: &Traveller, path: &str, body: Value) -> anyhow::Result<Value> {
        let (status, answer) = self.send(who, path, body).await?;
        ensure!((200..300).contains(&status), "{path}: {status} {}", text(&answer, "/message/en"));
        Ok(answer)
    }

    async fn send(&self, who: &Traveller, path: &str, body: Value) -> anyhow::Result<(u16, Value)> {
        let url = format!("{}/api/v1/collection/{path}", self.server);
        let answer = self.client.post(url).bearer_auth(&who.token).json(&body).send().await?;
        Ok((answer.status().as_u16(), answer.json().await?))
    }

    async fn public(&self, path: &str, body: Value) -> anyhow::Result<(u16, Value)> {
        let answer = self.client.post(format!("{}/api/v1/{path}", self.server)).json(&body).send().await?;
        Ok((answer.status().as_u16(), answer.json().await?))
    }

    /// Calls the sandbox's own interface.
    async fn control(&self, method: Method, path: &str, body: Option<Value>) -> anyhow::Result<Value> {
        let mut request = self.client.request(method, format!("{}/sandbox/api/{path}", self.sandbox));
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await.context("the sandbox does not answer: is --sandbox right?")?;
        let bytes = answer.error_for_status()?.bytes().await?;
        Ok(if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes)? })
    }
}

trait At: Sized {
    fn at(self, state: &str) -> anyhow::Result<Self>;
}

impl At for Value {
    fn at(self, state: &str) -> anyhow::Result<Value> {
        ensure!(self["state"] == state, "the collection is at {}, not at {state}", self["state"]);
        Ok(self)
    }
}

/// The failing findings of a card side or photo, by id.
fn reasons(judged: &Value) -> String {
    let findings = judged["findings"].as_array().cloned().unwrap_or_default();
    let failed: Vec<&str> =
        findings.iter().filter(|f| f["outcome"] == "fail").map(|f| text(f, "/id")).collect();
    failed.join(", ")
}
