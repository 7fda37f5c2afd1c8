//! People of the office, as they sign in and work.

use domain::Role;
use jiff::SignedDuration;
use reqwest::{Method, Response};
use serde_json::{Value, json};
use totp_rs::{Builder, Secret};

use super::{Stage, ok};

/// What somebody signs in with, and their session.
pub struct Person<'a> {
    pub stage: &'a Stage,
    pub account: String,
    pub password: String,
    pub secret: String,
    pub token: String,
}

impl<'a> Person<'a> {
    /// Made as the command line makes the first administrator.
    pub async fn hired(stage: &'a Stage, account: &str, role: Role) -> Person<'a> {
        let now = service::Clock::now(stage.clock.as_ref());
        let access = service::office::add_staff(&stage.store, "command", account, role, now).await.unwrap();
        let mut person = Person {
            stage,
            account: access.account,
            password: access.password,
            secret: access.secret,
            token: String::new(),
        };
        person.sign_in().await;
        person
    }

    /// The code of now; a step later each time, since a code counts once.
    pub fn next_code(&self) -> String {
        self.stage.clock.advance(SignedDuration::from_secs(30));
        let now = service::Clock::now(self.stage.clock.as_ref()).as_second() as u64;
        let secret = Secret::try_from_base32(&self.secret).unwrap();
        Builder::new().with_secret(secret).build().unwrap().generate(now).to_string()
    }

    pub async fn sign_in(&mut self) {
        let code = self.next_code();
        let signed_in = ok(try_in(self.stage, &self.account, &self.password, &code).await, "sign-in").await;
        assert_eq!(signed_in["me"]["account"], self.account.as_str());
        self.token = signed_in["token"].as_str().unwrap().to_owned();
    }

    pub async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Response {
        let url = self.stage.url(&format!("/api/v1/office{path}"));
        let mut request = self.stage.client.request(method, url).bearer_auth(&self.token);
        if let Some(body) = body {
            request = request.json(&body);
        }
        request.send().await.unwrap()
    }

    pub async fn post(&self, path: &str, body: Value) -> Response {
        self.send(Method::POST, path, Some(body)).await
    }

    pub async fn does(&self, path: &str, body: Value) {
        let answer = self.post(path, body).await;
        assert_eq!(answer.status(), 204, "{path}: {}", answer.text().await.unwrap());
    }

    pub async fn sees(&self, path: &str) -> Value {
        ok(self.send(Method::GET, path, None).await, path).await
    }

    /// The log's deeds, oldest first.
    pub async fn audited(&self) -> Vec<String> {
        let page = self.sees("/audit").await;
        let of = |e: &Value| format!("{} {}", e["actor"].as_str().unwrap(), e["deed"].as_str().unwrap());
        page["entries"].as_array().unwrap().iter().rev().map(of).collect()
    }
}

pub async fn try_in(stage: &Stage, account: &str, password: &str, code: &str) -> Response {
    let body = json!({ "account": account, "password": password, "code": code });
    stage.client.post(stage.url("/api/v1/office/sign-in")).json(&body).send().await.unwrap()
}
