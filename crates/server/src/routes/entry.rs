//! What the pages need before login.

use axum::{Json, extract::State};
use service::view::Entry;

use crate::{
    App,
    problem::{Problem, ProblemBody},
};

#[utoipa::path(get, path = "/entry", tag = "login", responses((status = 200, body = Entry), (status = 500, body = ProblemBody)))]
/// Exam session, office, texts, standard and limits.
pub async fn entry(State(app): State<App>) -> Result<Json<Entry>, Problem> {
    Ok(Json(app.service.entry().await?))
}
