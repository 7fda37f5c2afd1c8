//! Whether the process lives, and whether it can work.

use axum::{Json, extract::State, http::StatusCode, response::IntoResponse};
use serde_json::json;

use crate::App;

/// The process lives.
pub async fn alive() -> &'static str {
    "ok\n"
}

/// Database, pictures and models answer.
pub async fn ready(State(app): State<App>) -> impl IntoResponse {
    let readiness = app.service.readiness().await;
    let status = if readiness.all() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let word = |ok: bool| if ok { "ok" } else { "fails" };
    let body = json!({
        "database": word(readiness.database),
        "pictures": word(readiness.pictures),
        "models": word(readiness.models),
        "exam_session": word(readiness.exam_session),
    });
    (status, Json(body))
}
