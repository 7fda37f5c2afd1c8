//! A random id for every request, told in `x-request-id`, in problems and in the log. One from outside is never taken over.

use axum::{
    extract::Request,
    http::{Extensions, HeaderName, HeaderValue, Method},
    middleware::Next,
    response::Response,
};
use service::meters::{self, Counted};
use tracing::Instrument;
use uuid::Uuid;

/// The header that tells it.
pub const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// The id of the request under way.
#[derive(Debug, Clone)]
pub struct RequestId(pub String);

impl RequestId {
    /// The id that [`assign`] gave.
    pub fn of(extensions: &Extensions) -> RequestId {
        extensions.get::<RequestId>().cloned().unwrap_or_else(|| RequestId(String::new()))
    }
}

/// The method's name: any word can be one, and metrics keep a series for each that they were told.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

/// Middleware: assigns the id, and logs method, path, status and duration. Paths hold no ids of people and the query is left
/// out, so that no personal data reaches the log.
pub async fn assign(mut request: Request, next: Next) -> Response {
    let id = Uuid::new_v4().simple().to_string();
    request.extensions_mut().insert(RequestId(id.clone()));
    let method = known(request.method());
    let path = request
        .extensions()
        .get::<axum::extract::MatchedPath>()
        .map_or_else(|| "pages".to_owned(), |p| p.as_str().to_owned());
    let span = tracing::info_span!("request", id = %id, method = %method, path = %path);
    let running = Counted::in_gauge(meters::REQUESTS_RUNNING);
    let begun = std::time::Instant::now();
    let mut response = service::caused_by(id.clone(), next.run(request)).instrument(span.clone()).await;
    let took = begun.elapsed();
    drop(running);
    let status = response.status().as_u16();
    span.in_scope(|| tracing::info!(status, ms = took.as_millis() as u64, "answered"));
    metrics::histogram!(
        meters::REQUEST_SECONDS, "method" => method, "path" => path, "status" => status.to_string()
    )
    .record(took.as_secs_f64());
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(HEADER, value);
    }
    response
}
