//! The registration contract, as a server; see docs/registration-contract.md.

use axum::{
    body::Bytes,
    extract::{OriginalUri, State},
    http::{HeaderMap, HeaderValue, StatusCode},
    response::{IntoResponse, Response},
};
use domain::PhoneNumber;
use partners::registration::{
    signing::{
        Answer, IDEMPOTENCY_HEADER, KEY_HEADER, NONCE_HEADER, Request, SIGNATURE_HEADER, SigningError,
        TIMESTAMP_HEADER,
    },
    wire::{Found, Lookup, Problem, Receipt, WireResult},
};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    office::NotTaken,
    server::{App, Shared},
    switches::Partner,
    vendor::{fail, hang_up},
};

/// An error of the contract.
struct Refusal(StatusCode, &'static str);

const MALFORMED: Refusal = Refusal(StatusCode::BAD_REQUEST, "body_malformed");
const MOST_LOOKUP_BYTES: usize = 64 * 1024;
const MOST_RESULT_BYTES: usize = 1024 * 1024;

/// `POST /registration/lookup`
pub(crate) async fn lookup(
    State(sandbox): State<Shared>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    answer(&sandbox, uri.path(), &headers, &body, MOST_LOOKUP_BYTES, |call: Lookup, _| {
        check_session(&sandbox, &call.exam_session)?;
        let phone = PhoneNumber::parse(&call.phone).map_err(|_| MALFORMED)?;
        Ok(Found { registration: sandbox.office.find_by_phone(phone.as_str()) })
    })
    .await
}

/// `POST /registration/results`
pub(crate) async fn results(
    State(sandbox): State<Shared>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    answer(&sandbox, uri.path(), &headers, &body, MOST_RESULT_BYTES, |result: WireResult, key| {
        check_session(&sandbox, &result.exam_session)?;
        if key.is_empty() {
            return Err(Refusal(StatusCode::BAD_REQUEST, "idempotency_key_malformed"));
        }
        let status = sandbox.office.take(key, &body, &result).map_err(|not_taken| match not_taken {
            NotTaken::UnknownRegistration => Refusal(StatusCode::NOT_FOUND, "registration_unknown"),
            NotTaken::IdempotencyMismatch => Refusal(StatusCode::CONFLICT, "idempotency_mismatch"),
            NotTaken::PhotoDamaged => Refusal(StatusCode::UNPROCESSABLE_ENTITY, "body_malformed"),
        })?;
        Ok(Receipt { status })
    })
    .await
}

fn check_session(sandbox: &App, exam_session: &str) -> Result<(), Refusal> {
    if exam_session == sandbox.config.exam_session {
        Ok(())
    } else {
        Err(Refusal(StatusCode::NOT_FOUND, "exam_session_unknown"))
    }
}

/// Verifies, processes and signs.
async fn answer<B: DeserializeOwned, A: Serialize>(
    sandbox: &App,
    path: &str,
    headers: &HeaderMap,
    body: &[u8],
    most_bytes: usize,
    process: impl FnOnce(B, &str) -> Result<A, Refusal>,
) -> Response {
    let switch = sandbox.switches.pass(Partner::Registration).await;
    if let Some(response) = fail(&switch) {
        return response;
    }
    let header = |name: &str| headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let config = &sandbox.config;
    let now = jiff::Timestamp::now().as_second();
    let request = Request {
        key_id: header(KEY_HEADER),
        method: "POST",
        path,
        timestamp: header(TIMESTAMP_HEADER).parse().unwrap_or_default(),
        nonce: header(NONCE_HEADER),
        idempotency_key: header(IDEMPOTENCY_HEADER),
        body,
    };
    let told = verify(sandbox, &request, header(SIGNATURE_HEADER), now).and_then(|()| {
        if let Some(code) = &switch.error {
            let known =
                [("exam_session_unknown", 404), ("registration_unknown", 404), ("idempotency_mismatch", 409)];
            let status = known.iter().find(|(known, _)| known == code).map_or(500, |(_, status)| *status);
            return Ok((status, problem(status, code)));
        }
        if body.len() > most_bytes {
            return Err(Refusal(StatusCode::PAYLOAD_TOO_LARGE, "too_large"));
        }
        let call = serde_json::from_slice(body).map_err(|_| MALFORMED)?;
        let answer = process(call, request.idempotency_key)?;
        Ok((200, serde_json::to_vec(&answer).unwrap_or_default()))
    });
    if switch.lose_answer {
        return hang_up();
    }
    let (status, body) =
        told.unwrap_or_else(|Refusal(status, code)| (status.as_u16(), problem(status.as_u16(), code)));
    let signed = Answer {
        key_id: request.key_id,
        status,
        timestamp: now,
        nonce: request.nonce,
        request_signature: header(SIGNATURE_HEADER),
        body: &body,
    };
    let mut signature = signed.sign(&config.registration_secret);
    if switch.bad_signature {
        let last = if signature.ends_with('0') { "1" } else { "0" };
        signature.replace_range(signature.len() - 1.., last);
    }
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let nonce = request.nonce.to_owned();
    let mut response = (status, body).into_response();
    let content_type = if status.is_success() { "application/json" } else { "application/problem+json" };
    for (name, value) in [
        ("content-type", content_type),
        (TIMESTAMP_HEADER, now.to_string().as_str()),
        (NONCE_HEADER, &nonce),
        (SIGNATURE_HEADER, &signature),
    ] {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(axum::http::HeaderName::from_static(name), value);
        }
    }
    response
}

fn verify(sandbox: &App, request: &Request<'_>, signature: &str, now: i64) -> Result<(), Refusal> {
    let refused = |code| Refusal(StatusCode::UNAUTHORIZED, code);
    if request.key_id != sandbox.config.registration_key_id {
        return Err(refused("key_unknown"));
    }
    let code = |error| match error {
        SigningError::Signature => "signature_wrong",
        SigningError::Clock => "clock_skewed",
        SigningError::Nonce => "nonce_replayed",
    };
    request
        .verify(&sandbox.config.registration_secret, signature, now)
        .and_then(|()| sandbox.replays.take(request.nonce, request.timestamp, now))
        .map_err(|error| refused(code(error)))
}

fn problem(status: u16, code: &str) -> Vec<u8> {
    let problem = Problem { status, code: code.to_owned(), title: code.replace('_', " ") };
    serde_json::to_vec(&problem).unwrap_or_default()
}
