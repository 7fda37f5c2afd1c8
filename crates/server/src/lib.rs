//! HTTP: thin handlers over the service, their OpenAPI description, the candidate's pages, health and metrics.

mod address;
mod answers;
pub mod connections;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod headers;
mod health;
mod json;
mod pages;
pub mod problem;
mod request_id;
mod routes;
mod session;
mod telemetry;
mod upload;

use std::{path::PathBuf, sync::Arc, time::Duration};

use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, Request},
    middleware::{self, Next},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use service::{Service, Trouble};
use tokio_util::sync::CancellationToken;
use tower_http::catch_panic::CatchPanicLayer;
use utoipa::{
    Modify, OpenApi,
    openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
};
use utoipa_axum::router::OpenApiRouter;

use crate::problem::Problem;

/// Whom a listener serves.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Serves {
    /// Candidates and the office.
    #[default]
    Everybody,
    /// Candidates alone: the office has a listener of its own.
    Candidates,
    /// The office alone.
    Office,
}

/// How the server runs.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The H5 pages; without them the API alone is served.
    pub pages_dir: Option<PathBuf>,
    /// The console's pages, served under `/console`; without them the office's API alone is served.
    pub console_dir: Option<PathBuf>,
    /// Whom this listener serves.
    pub serves: Serves,
    /// How many proxies of ours stand in front: the client's address is what the outermost of them wrote.
    pub trusted_proxies: usize,
    /// Room in memory for so many uploads of the largest size, 20 MB.
    pub uploads_at_once: usize,
    /// Longest that a request may take; a roster may take ten minutes more to arrive.
    pub request_deadline: Duration,
    /// Once this is cancelled, `/readyz` says no, and everything else goes on: so a proxy takes the node out before it stops.
    pub leaving: CancellationToken,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            pages_dir: None,
            console_dir: None,
            serves: Serves::Everybody,
            trusted_proxies: 0,
            uploads_at_once: 32,
            request_deadline: Duration::from_secs(180),
            leaving: CancellationToken::new(),
        }
    }
}

/// What the handlers share.
#[derive(Clone)]
pub(crate) struct App {
    service: Arc<Service>,
    uploads: upload::Places,
    trusted_proxies: usize,
    request_deadline: Duration,
    leaving: CancellationToken,
    shutdown: CancellationToken,
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Zhaoyan 照验",
        description = "Collects the identity photo of an exam candidate.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    modifiers(&Session)
)]
struct ApiDoc;

struct Session;

impl Modify for Session {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        openapi
            .components
            .get_or_insert_default()
            .add_security_scheme("session", SecurityScheme::Http(scheme));
    }
}

/// The API's description, as `/api/openapi.json` tells it.
pub fn openapi() -> utoipa::openapi::OpenApi {
    described(Serves::Everybody).1
}

/// The API's routes that a listener serves, and their description.
fn described(serves: Serves) -> (Router<App>, utoipa::openapi::OpenApi) {
    let (api, mut description) =
        OpenApiRouter::with_openapi(ApiDoc::openapi()).nest("/api/v1", routes::api(serves)).split_for_parts();
    answers::complete(&mut description);
    (api, description)
}

/// Everything that the server answers. Event streams end when `shutdown` is cancelled.
pub fn router(service: Arc<Service>, settings: Settings, shutdown: CancellationToken) -> Router {
    telemetry::install();
    let app = App {
        service,
        uploads: upload::Places::new(settings.uploads_at_once),
        trusted_proxies: settings.trusted_proxies,
        request_deadline: settings.request_deadline,
        leaving: settings.leaving,
        shutdown,
    };
    let (api, description) = described(settings.serves);
    let description = Arc::new(description);
    let api = api
        .route("/api/openapi.json", get(move || async move { Json(description.as_ref().clone()) }))
        .route("/api", get(nothing))
        .route("/api/{*rest}", axum::routing::any(nothing))
        .method_not_allowed_fallback(wrong_method)
        .layer(middleware::from_fn_with_state(app.clone(), in_time))
        // Bodies are bounded where they are read: JSON and uploads differ.
        .layer(DefaultBodyLimit::disable())
        .layer(CatchPanicLayer::custom(after_panic))
        .layer(middleware::from_fn(problem::render))
        .layer(middleware::from_fn(headers::of_api))
        .with_state(app.clone());
    let probes = Router::new()
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(telemetry::metrics))
        .with_state(app);
    let pages =
        pages::router(settings.pages_dir, pages::CANDIDATES).layer(middleware::from_fn(headers::of_pages));
    let console =
        pages::router(settings.console_dir, pages::CONSOLE).layer(middleware::from_fn(headers::of_pages));
    let answers = api.merge(probes);
    let answers = match settings.serves {
        Serves::Candidates => answers,
        Serves::Everybody | Serves::Office => answers
            .route("/console", get(|| async { Redirect::permanent("/console/") }))
            .nest_service("/console/", console),
    };
    let answers = match settings.serves {
        Serves::Office => answers.route("/", get(|| async { Redirect::permanent("/console/") })),
        Serves::Everybody | Serves::Candidates => answers.fallback_service(pages),
    };
    answers.layer(middleware::from_fn(headers::of_everything)).layer(middleware::from_fn(request_id::assign))
}

/// What a worker's process answers: that it lives, and its metrics.
pub fn worker_probes(store: store::Store) -> Router {
    telemetry::install();
    Router::new()
        .route("/healthz", get(health::alive))
        .route("/metrics", get(move || telemetry::of_worker(store.clone())))
}

async fn nothing() -> Problem {
    Problem(Trouble::NotFound)
}

async fn wrong_method() -> Problem {
    Problem(Trouble::MethodNotAllowed)
}

/// A handler that hangs is given up; what it was about to store either is stored whole or not at all.
async fn in_time(
    axum::extract::State(app): axum::extract::State<App>,
    request: Request,
    next: Next,
) -> Response {
    let deadline = upload::deadline(&request, app.request_deadline);
    match tokio::time::timeout(deadline, next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            tracing::error!("a request took too long");
            Problem(Trouble::Busy { after_s: 5 }).into_response()
        }
    }
}

/// The panic's own words may hold anything, so they are not logged; the place is, by the panic hook.
fn after_panic(_: Box<dyn std::any::Any + Send>) -> Response {
    tracing::error!("a handler panicked");
    Problem(Trouble::Internal).into_response()
}
