//! A registration system that speaks the contract of docs/registration-contract.md.

use async_trait::async_trait;
use domain::{PhoneNumber, Registration};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{
    Secret,
    registration::{
        CollectionResult, Pushed, RegistrationError, RegistrationSystem,
        signing::{
            Answer, IDEMPOTENCY_HEADER, KEY_HEADER, NONCE_HEADER, Request, SIGNATURE_HEADER, SigningError,
            TIMESTAMP_HEADER, nonce,
        },
        wire::{Found, Lookup, Problem, Receipt, ReceiptStatus, WireResult},
    },
    transport::{self, ConfigError, TransportConfig, TransportError},
};

/// How to reach the registration system.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct HttpRegistrationConfig {
    /// URL below which `lookup` and `results` lie.
    pub endpoint: String,
    /// Name of the shared key.
    pub key_id: String,
    /// The shared key.
    pub secret: Secret,
    /// Time-outs and proxy.
    pub transport: TransportConfig,
}

/// The client.
#[derive(Debug, Clone)]
pub struct HttpRegistration {
    client: reqwest::Client,
    lookup: url::Url,
    results: url::Url,
    key_id: String,
    secret: Secret,
}

impl HttpRegistration {
    /// A client of the configured system.
    ///
    /// # Errors
    /// [`ConfigError`] when endpoint or key are unusable.
    pub fn new(config: &HttpRegistrationConfig) -> Result<HttpRegistration, ConfigError> {
        let partner = "registration";
        if config.key_id.is_empty() {
            return Err(ConfigError::Missing { partner, setting: "key_id" });
        }
        if config.secret.is_empty() {
            return Err(ConfigError::Missing { partner, setting: "secret" });
        }
        let (mut base, _) = transport::endpoint(partner, &config.endpoint)?;
        if !base.path().ends_with('/') {
            base.set_path(&format!("{}/", base.path()));
        }
        let below = |name| base.join(name).map_err(|_| ConfigError::Endpoint { partner });
        Ok(HttpRegistration {
            client: transport::client(&base, &config.transport)?,
            lookup: below("lookup")?,
            results: below("results")?,
            key_id: config.key_id.clone(),
            secret: config.secret.clone(),
        })
    }

    async fn post<A: DeserializeOwned>(
        &self,
        url: &url::Url,
        idempotency_key: Option<&str>,
        body: &impl Serialize,
    ) -> Result<A, RegistrationError> {
        let body = serde_json::to_vec(body).map_err(|_| bad("answer.unwritable"))?;
        let nonce = nonce();
        let request = Request {
            key_id: &self.key_id,
            method: "POST",
            path: url.path(),
            timestamp: jiff::Timestamp::now().as_second(),
            nonce: &nonce,
            idempotency_key: idempotency_key.unwrap_or(""),
            body: &body,
        };
        let signature = request.sign(&self.secret);
        let mut call = self
            .client
            .post(url.clone())
            .header("content-type", "application/json")
            .header(KEY_HEADER, &self.key_id)
            .header(TIMESTAMP_HEADER, request.timestamp.to_string())
            .header(NONCE_HEADER, &nonce)
            .header(SIGNATURE_HEADER, &signature);
        if let Some(key) = idempotency_key {
            call = call.header(IDEMPOTENCY_HEADER, key);
        }
        if let Some(id) = transport::cause() {
            call = call.header(transport::CAUSE_HEADER, id);
        }
        let answer = call.body(body.clone()).send().await.map_err(|e| unavailable(e.into()))?;
        let status = answer.status().as_u16();
        let header = |name: &str| {
            answer.headers().get(name).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned()
        };
        let (timestamp, answer_nonce, answer_signature) =
            (header(TIMESTAMP_HEADER), header(NONCE_HEADER), header(SIGNATURE_HEADER));
        let body = transport::body(answer).await.map_err(unavailable)?;
        if answer_signature.is_empty() {
            // A gateway in between answers without a signature: what it says is believed only so far as to ask again.
            return Err(match status {
                401 | 403 => RegistrationError::Misconfigured { code: format!("http.{status}") },
                429 | 500.. => RegistrationError::Unavailable { code: format!("http.{status}") },
                _ => bad("answer.unsigned"),
            });
        }
        let signed = Answer {
            key_id: &self.key_id,
            status,
            timestamp: timestamp.parse().map_err(|_| bad("answer.malformed"))?,
            nonce: &nonce,
            request_signature: &signature,
            body: &body,
        };
        if answer_nonce != nonce {
            return Err(bad("answer.of_another_question"));
        }
        signed.verify(&self.secret, &answer_signature, jiff::Timestamp::now().as_second()).map_err(|e| {
            bad(match e {
                SigningError::Clock => "answer.clock",
                SigningError::Signature | SigningError::Nonce => "answer.signature",
            })
        })?;
        if status != 200 {
            return Err(refusal(status, &body));
        }
        serde_json::from_slice(&body).map_err(|_| bad("answer.malformed"))
    }
}

#[async_trait]
impl RegistrationSystem for HttpRegistration {
    async fn find_by_phone(
        &self,
        exam_session: &str,
        phone: &PhoneNumber,
    ) -> Result<Option<Registration>, RegistrationError> {
        let lookup = Lookup { exam_session: exam_session.to_owned(), phone: phone.as_str().to_owned() };
        let Found { registration } = self.post(&self.lookup, None, &lookup).await?;
        let Some(registration) = registration else { return Ok(None) };
        let registration = registration.read().ok_or_else(|| bad("answer.registration_malformed"))?;
        // Somebody else's registration must never be shown, whatever the other side mixed up.
        if registration.phone != *phone {
            return Err(bad("answer.of_another_phone"));
        }
        Ok(Some(registration))
    }

    async fn push(&self, result: &CollectionResult) -> Result<Pushed, RegistrationError> {
        let key = &result.idempotency_key;
        if !(1..=64).contains(&key.len()) || !key.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(RegistrationError::Refused { code: "idempotency_key_malformed".into() });
        }
        let Receipt { status } = self.post(&self.results, Some(key), &WireResult::from(result)).await?;
        Ok(match status {
            ReceiptStatus::Taken => Pushed::Taken,
            ReceiptStatus::TakenBefore => Pushed::TakenBefore,
        })
    }
}

fn bad(code: &str) -> RegistrationError {
    RegistrationError::BadAnswer { code: code.to_owned() }
}

fn unavailable(error: TransportError) -> RegistrationError {
    RegistrationError::Unavailable { code: error.code().to_owned() }
}

/// What a signed refusal means.
fn refusal(status: u16, body: &[u8]) -> RegistrationError {
    let Ok(Problem { code, .. }) = serde_json::from_slice(body) else { return bad("answer.malformed") };
    if !(1..=64).contains(&code.len()) || !code.bytes().all(|b| b.is_ascii_lowercase() || b == b'_') {
        return bad("answer.malformed");
    }
    match (status, code.as_str()) {
        (401, "nonce_replayed") | (429 | 500.., _) => RegistrationError::Unavailable { code },
        (401 | 403, _) | (404, "exam_session_unknown") => RegistrationError::Misconfigured { code },
        _ => RegistrationError::Refused { code },
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::{Arc, Mutex};

    use axum::{Router, http::HeaderMap, routing::post};

    use super::*;

    #[tokio::test]
    async fn a_question_bears_the_id_of_the_request_that_it_is_asked_for() {
        let seen: Arc<Mutex<Vec<Option<String>>>> = Arc::default();
        let noted = seen.clone();
        let lookup = post(move |headers: HeaderMap| async move {
            let id = headers.get(transport::CAUSE_HEADER).map(|id| id.to_str().unwrap().to_owned());
            noted.lock().unwrap().push(id);
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let config = HttpRegistrationConfig {
            endpoint: format!("http://{}/registration/", listener.local_addr().unwrap()),
            key_id: "k".to_owned(),
            secret: "of-no-value".into(),
            transport: TransportConfig::default(),
        };
        let router = Router::new().route("/registration/lookup", lookup);
        tokio::spawn(async { axum::serve(listener, router).await });
        let system = HttpRegistration::new(&config).unwrap();
        let phone = PhoneNumber::parse("13800000001").unwrap();
        let asked = transport::caused_by("5f3a".to_owned(), system.find_by_phone("e", &phone)).await;
        assert!(asked.is_err(), "an answer without a signature");
        system.find_by_phone("e", &phone).await.unwrap_err();
        assert_eq!(*seen.lock().unwrap(), [Some("5f3a".to_owned()), None]);
    }
}
