//! What works, for whoever asks.

use axum::{Json, extract::State};
use service::status::Status;

use crate::App;

#[utoipa::path(get, path = "/status", tag = "status", responses((status = 200, body = Status)))]
/// Which parts of the journey work, and since when not. Needs no login and tells nothing of a person.
pub async fn status(State(app): State<App>) -> Json<Status> {
    Json(app.service.status().await)
}
