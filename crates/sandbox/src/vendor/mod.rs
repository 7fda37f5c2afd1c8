//! The vendor's API 3.0, as a server: one address for all products, signatures verified, answers and errors in its envelope.

mod faceid;
mod sms;

use axum::{
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use partners::tencent::tc3;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    server::Shared,
    switches::{Outage, Partner, Switch},
};

/// A documented error code with its message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct VendorError {
    code: String,
    message: String,
}

impl VendorError {
    pub(crate) fn new(code: impl Into<String>, message: impl Into<String>) -> VendorError {
        VendorError { code: code.into(), message: message.into() }
    }

    pub(crate) fn missing(parameter: &str) -> VendorError {
        VendorError::new("MissingParameter", format!("The request is missing the parameter `{parameter}`."))
    }
}

/// What an action answers, without `RequestId`.
pub(crate) type Told = Result<Value, VendorError>;

/// `POST /`
pub(crate) async fn call(State(sandbox): State<Shared>, headers: HeaderMap, body: Bytes) -> Response {
    let header = |name: &str| headers.get(name).and_then(|v| v.to_str().ok()).map(str::to_owned);
    let (partner, service, version) = match header("x-tc-action").as_deref() {
        Some("SendSms") => (Partner::Sms, "sms", "2021-01-11"),
        Some("ImageRecognitionV2") => (Partner::Identity, "faceid", "2018-03-01"),
        Some(_) => {
            let error = VendorError::new("InvalidAction", "The requested API does not exist.");
            return envelope(Err(error));
        }
        None => return envelope(Err(VendorError::missing("Action"))),
    };
    let switch = sandbox.switches.pass(partner).await;
    if let Some(response) = fail(&switch) {
        return response;
    }
    let credentials = &sandbox.config.tencent;
    let key = |id: &str| (id == credentials.secret_id).then(|| credentials.secret_key.clone());
    let now = jiff::Timestamp::now().as_second();
    let verified = tc3::verify(service, header, &body, now, key);
    let verified = if switch.bad_signature { Err(tc3::Tc3Error::SignatureFailure) } else { verified };
    if let Err(error) = verified {
        return envelope(Err(VendorError::new(error.vendor_code(), error.to_string())));
    }
    if header("x-tc-version").as_deref() != Some(version) {
        let error = VendorError::new("NoSuchVersion", "The API version is not supported.");
        return envelope(Err(error));
    }
    if let Some(code) = &switch.error {
        return envelope(Err(VendorError::new(code.clone(), "Set by the sandbox's switch.")));
    }
    let told = match partner {
        Partner::Sms => sms::send(&sandbox, &body, header("x-tc-region").as_deref()),
        _ => faceid::recognise(&sandbox, &body).await,
    };
    if switch.lose_answer { hang_up() } else { envelope(told) }
}

/// What the switch answers in the system's place, if it does; errors and lost answers are the caller's, for they come later.
pub(crate) fn fail(switch: &Switch) -> Option<Response> {
    match switch.outage {
        Some(Outage::Unavailable) => {
            return Some((StatusCode::SERVICE_UNAVAILABLE, "<html>503</html>").into_response());
        }
        Some(Outage::HangUp) => return Some(hang_up()),
        None => {}
    }
    let garbage = "{\"Response\": {\"Result\": \"Succ\u{0}<<<";
    switch.garbage.then(|| ([("content-type", "application/json")], garbage).into_response())
}

/// An answer that breaks off at once.
pub(crate) fn hang_up() -> Response {
    let broken =
        futures::stream::once(async { Err::<Bytes, _>(std::io::Error::other("hung up by a switch")) });
    let mut response = Response::new(Body::from_stream(broken));
    response.headers_mut().insert("content-length", axum::http::HeaderValue::from_static("1000"));
    response
}

fn envelope(told: Told) -> Response {
    let request_id = Uuid::new_v4().to_string();
    let mut response = match told {
        Ok(value) => value,
        Err(error) => json!({"Error": {"Code": error.code, "Message": error.message}}),
    };
    response["RequestId"] = Value::String(request_id);
    axum::Json(json!({ "Response": response })).into_response()
}

/// Reads a request's parameters; unknown ones are refused as the vendor does.
pub(crate) fn parameters<T: serde::de::DeserializeOwned>(body: &[u8]) -> Result<T, VendorError> {
    serde_json::from_slice(body).map_err(|error| {
        let text = error.to_string();
        let code = if text.starts_with("unknown field") { "UnknownParameter" } else { "InvalidParameter" };
        VendorError::new(code, "A parameter is malformed or unknown.")
    })
}
