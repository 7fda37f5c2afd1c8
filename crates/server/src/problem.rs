//! Errors as `application/problem+json` (RFC 9457), wherever they arise: a handler, an extractor, the router or a panic.

use axum::{
    Json,
    extract::Request,
    http::{HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use domain::Text;
use serde::Serialize;
use service::Trouble;
use utoipa::ToSchema;

use crate::request_id::RequestId;

/// What a handler refuses a request with.
#[derive(Debug, Clone)]
pub struct Problem(pub Trouble);

impl From<Trouble> for Problem {
    fn from(trouble: Trouble) -> Problem {
        Problem(trouble)
    }
}

/// The body of every error.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// Always `about:blank`: `code` tells the kind.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The status in words.
    pub title: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// The stable code.
    pub code: &'static str,
    /// What happened, what is safe, what to do.
    #[schema(value_type = service::view::TextSchema)]
    pub message: Text,
    /// Seconds after which asking again makes sense.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_s: Option<u64>,
    /// With `code_wrong`: tries left with this code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tries_left: Option<u8>,
    /// With `out_of_order` and `collection_ended`: where the collection stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<&'static str>,
    /// The request's id, for the office to find it in the logs.
    pub request_id: String,
}

/// The HTTP status of a trouble.
pub fn status(trouble: &Trouble) -> StatusCode {
    match trouble {
        Trouble::MalformedRequest
        | Trouble::PhoneMalformed
        | Trouble::CodeMalformed
        | Trouble::NameMalformed
        | Trouble::ConsentMissing
        | Trouble::ReasonMissing
        | Trouble::PasswordWeak(_)
        | Trouble::AccountMalformed
        | Trouble::RosterKind
        | Trouble::FieldMalformed { .. } => StatusCode::BAD_REQUEST,
        Trouble::SessionMissing | Trouble::SessionExpired => StatusCode::UNAUTHORIZED,
        Trouble::CodeWrong { .. } | Trouble::CodeExpired | Trouble::SignInWrong | Trouble::NotAllowed => {
            StatusCode::FORBIDDEN
        }
        Trouble::PhoneUnknown { .. } | Trouble::NotFound | Trouble::DownloadGone => StatusCode::NOT_FOUND,
        Trouble::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        Trouble::RequestTooSlow => StatusCode::REQUEST_TIMEOUT,
        Trouble::OutOfOrder { .. }
        | Trouble::NameUnread
        | Trouble::StillBlocked { .. }
        | Trouble::ChangedMeanwhile
        | Trouble::AccountTaken
        | Trouble::LastAdministrator
        | Trouble::RegistrationElsewhere
        | Trouble::AnotherMustLook
        | Trouble::HeldByAnother => StatusCode::CONFLICT,
        Trouble::CollectionEnded { .. } | Trouble::TicketSpent => StatusCode::GONE,
        Trouble::RequestTooLarge | Trouble::PictureTooLarge | Trouble::RosterTooLarge => {
            StatusCode::PAYLOAD_TOO_LARGE
        }
        Trouble::NotJson | Trouble::PictureHeic | Trouble::PictureUnsupported => {
            StatusCode::UNSUPPORTED_MEDIA_TYPE
        }
        Trouble::PictureBroken
        | Trouble::PictureTooManyPixels
        | Trouble::PictureTooSmall
        | Trouble::TooManyRows { .. } => StatusCode::UNPROCESSABLE_ENTITY,
        Trouble::CodeTooSoon { .. } | Trouble::CodeTooMany { .. } | Trouble::TooManyRequests { .. } => {
            StatusCode::TOO_MANY_REQUESTS
        }
        Trouble::Busy { .. }
        | Trouble::DownloadsBusy { .. }
        | Trouble::RegistrationUnavailable { .. }
        | Trouble::NotOpen => StatusCode::SERVICE_UNAVAILABLE,
        Trouble::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl IntoResponse for Problem {
    /// Carries the trouble to [`render`], which knows the request's id.
    fn into_response(self) -> Response {
        let mut response = status(&self.0).into_response();
        response.extensions_mut().insert(self.0);
        response
    }
}

fn of_plain_status(status: StatusCode) -> Option<Trouble> {
    match status {
        StatusCode::NOT_FOUND => Some(Trouble::NotFound),
        StatusCode::METHOD_NOT_ALLOWED => Some(Trouble::MethodNotAllowed),
        StatusCode::REQUEST_TIMEOUT => Some(Trouble::RequestTooSlow),
        StatusCode::PAYLOAD_TOO_LARGE => Some(Trouble::RequestTooLarge),
        s if s.is_client_error() => Some(Trouble::MalformedRequest),
        s if s.is_server_error() => Some(Trouble::Internal),
        _ => None,
    }
}

/// Middleware: writes the body of every error of the API, also of those that the router itself answers.
pub async fn render(request: Request, next: Next) -> Response {
    let id = RequestId::of(request.extensions());
    let response = next.run(request).await;
    let trouble = response.extensions().get::<Trouble>().cloned();
    let Some(trouble) = trouble.or_else(|| of_plain_status(response.status())) else { return response };
    let status = status(&trouble);
    let allow = response.headers().get(header::ALLOW).cloned();
    let body = ProblemBody {
        kind: "about:blank",
        title: status.canonical_reason().unwrap_or("Error"),
        status: status.as_u16(),
        code: trouble.code(),
        message: trouble.message(),
        retry_after_s: trouble.retry_after_s(),
        tries_left: match trouble {
            Trouble::CodeWrong { tries_left } => Some(tries_left),
            _ => None,
        },
        state: match trouble {
            Trouble::OutOfOrder { state } | Trouble::CollectionEnded { state } => Some(state),
            _ => None,
        },
        request_id: id.0,
    };
    metrics::counter!(service::meters::PROBLEMS, "code" => trouble.code()).increment(1);
    let mut rendered = (status, Json(body)).into_response();
    let headers = rendered.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    if let Some(after) = trouble.retry_after_s() {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(after));
    }
    if status == StatusCode::UNAUTHORIZED {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    if let Some(allow) = allow {
        headers.insert(header::ALLOW, allow);
    }
    rendered
}
