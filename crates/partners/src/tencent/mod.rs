//! The vendor's API 3.0: a signed POST, and an answer in an envelope that may hold an error instead.

pub mod tc3;

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{
    Secret,
    transport::{self, ConfigError, TransportConfig, TransportError},
};

/// The key pair that signs requests.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Credentials {
    /// `SecretId`, which names the caller.
    pub secret_id: String,
    /// `SecretKey`.
    pub secret_key: Secret,
}

/// Why a call has no result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// The vendor answered with an error envelope.
    #[error("the vendor answered {code}")]
    Vendor {
        /// The vendor's code, such as `AuthFailure.SignatureFailure`.
        code: String,
        /// The vendor's own id of the call, if it told one.
        request_id: Option<String>,
    },
    /// There was no answer.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// Another HTTP status than 200.
    #[error("HTTP status {0}")]
    Status(u16),
    /// The answer is not what the vendor documents.
    #[error("the answer is malformed")]
    Malformed,
}

impl CallError {
    /// A stable code: the vendor's own, or `transport.*`, `http.<status>`, `answer.malformed`.
    pub fn code(&self) -> String {
        match self {
            CallError::Vendor { code, .. } => code.clone(),
            CallError::Transport(error) => error.code().to_owned(),
            CallError::Status(status) => format!("http.{status}"),
            CallError::Malformed => "answer.malformed".to_owned(),
        }
    }
}

/// One product of the vendor's, at one endpoint.
#[derive(Debug, Clone)]
pub(crate) struct Product {
    client: reqwest::Client,
    url: url::Url,
    host: String,
    service: &'static str,
    version: &'static str,
    region: Option<String>,
    credentials: Credentials,
}

/// What a vendor code looks like: it reaches records and pages, so nothing else is let through.
pub(crate) fn looks_like_code(text: &str) -> bool {
    (1..=100).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'_')
}

impl Product {
    pub(crate) fn new(
        service: &'static str,
        version: &'static str,
        endpoint: &str,
        region: Option<String>,
        credentials: Credentials,
        config: &TransportConfig,
    ) -> Result<Product, ConfigError> {
        let missing = |setting| ConfigError::Missing { partner: service, setting };
        if credentials.secret_id.is_empty() {
            return Err(missing("secret_id"));
        }
        if credentials.secret_key.is_empty() {
            return Err(missing("secret_key"));
        }
        let (mut url, host) = transport::endpoint(service, endpoint)?;
        // The vendor fixes the path, and the signature covers it.
        url.set_path("/");
        url.set_query(None);
        let client = transport::client(&url, config)?;
        Ok(Product { client, url, host, service, version, region, credentials })
    }

    pub(crate) async fn call<A: DeserializeOwned>(
        &self,
        action: &'static str,
        request: &impl Serialize,
    ) -> Result<A, CallError> {
        const CONTENT_TYPE: &str = "application/json; charset=utf-8";
        let body = serde_json::to_vec(request).map_err(|_| CallError::Malformed)?;
        let timestamp = jiff::Timestamp::now().as_second();
        let authorization = tc3::sign(
            &self.credentials,
            &tc3::Request {
                service: self.service,
                timestamp,
                headers: &[("content-type", CONTENT_TYPE), ("host", &self.host), ("x-tc-action", action)],
                body: &body,
            },
        );
        let mut call = self
            .client
            .post(self.url.clone())
            .header("Authorization", authorization)
            .header("Content-Type", CONTENT_TYPE)
            .header("Host", &self.host)
            .header("X-TC-Action", action)
            .header("X-TC-Timestamp", timestamp.to_string())
            .header("X-TC-Version", self.version);
        if let Some(region) = &self.region {
            call = call.header("X-TC-Region", region);
        }
        let answer = call.body(body).send().await.map_err(TransportError::from)?;
        let status = answer.status().as_u16();
        let body = transport::body(answer).await?;
        if status != 200 {
            return Err(CallError::Status(status));
        }
        open_envelope(&body)
    }
}

#[derive(Deserialize)]
struct Envelope {
    #[serde(rename = "Response")]
    response: serde_json::Value,
}

#[derive(Deserialize)]
struct VendorError {
    #[serde(rename = "Code")]
    code: String,
}

fn open_envelope<A: DeserializeOwned>(body: &[u8]) -> Result<A, CallError> {
    let Envelope { response } = serde_json::from_slice(body).map_err(|_| CallError::Malformed)?;
    if let Some(error) = response.get("Error") {
        let VendorError { code } = VendorError::deserialize(error).map_err(|_| CallError::Malformed)?;
        if !looks_like_code(&code) {
            return Err(CallError::Malformed);
        }
        let request_id = response.get("RequestId").and_then(|id| id.as_str()).map(str::to_owned);
        return Err(CallError::Vendor { code, request_id });
    }
    serde_json::from_value(response).map_err(|_| CallError::Malformed)
}
