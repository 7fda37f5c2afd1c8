//! Whether the process lives, and whether it can work.

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::json;

use crate::App;

/// The process lives.
pub async fn alive() -> &'static str {
    "ok\n"
}

/// Database, pictures and models answer, and the process is not about to stop.
pub async fn ready(State(app): State<App>) -> Response {
    if app.leaving.is_cancelled() {
        return (StatusCode::SERVICE_UNAVAILABLE, Json(json!({ "leaving": true }))).into_response();
    }
    let readiness = app.service.readiness().await;
    let status = if readiness.all() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let word = |ok: bool| if ok { "ok" } else { "fails" };
    let body = json!({
        "database": word(readiness.database),
        "pictures": word(readiness.pictures),
        "models": word(readiness.models),
        "exam_session": word(readiness.exam_session),
    });
    (status, Json(body)).into_response()
}
