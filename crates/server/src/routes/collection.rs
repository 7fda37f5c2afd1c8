//! Where the candidate stands.

use axum::{Json, extract::State};
use service::view::Collection;

use crate::{
    App,
    problem::{Problem, ProblemBody},
    session::Candidate,
};

#[utoipa::path(get, path = "/collection", tag = "collection", security(("session" = [])), responses(
    (status = 200, body = Collection), (status = 401, body = ProblemBody)))]
/// The whole collection.
pub async fn collection(
    State(app): State<App>,
    Candidate(session): Candidate,
) -> Result<Json<Collection>, Problem> {
    Ok(Json(app.service.collection(&session).await?))
}
