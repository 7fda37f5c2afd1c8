//! The separate consent to the face comparison, which begins an attempt or comes to a warning; 仍然提交 goes on in spite of it.

use axum::{Json, extract::State};
use serde::Deserialize;
use service::view::Collection;
use utoipa::ToSchema;

use crate::{
    App, json,
    problem::{Problem, ProblemBody},
    session::Candidate,
};

/// The consent.
#[derive(Deserialize, ToSchema)]
pub struct FaceConsent {
    /// The version of the text that the candidate consented to.
    face_consent_version: String,
}

#[utoipa::path(post, path = "/collection/verification", tag = "verification", security(("session" = [])), request_body = FaceConsent, responses(
    (status = 200, body = Collection), (status = 400, body = ProblemBody), (status = 401, body = ProblemBody),
    (status = 409, body = ProblemBody), (status = 410, body = ProblemBody)))]
/// 同意并提交
pub async fn consent(
    State(app): State<App>,
    Candidate(session): Candidate,
    json::Json(consent): json::Json<FaceConsent>,
) -> Result<Json<Collection>, Problem> {
    Ok(Json(app.service.begin_verification(&session, &consent.face_consent_version).await?))
}

#[utoipa::path(post, path = "/collection/verification/all-the-same", tag = "verification", security(("session" = [])), responses(
    (status = 200, body = Collection), (status = 401, body = ProblemBody), (status = 409, body = ProblemBody), (status = 410, body = ProblemBody)))]
/// 仍然提交
pub async fn all_the_same(
    State(app): State<App>,
    Candidate(session): Candidate,
) -> Result<Json<Collection>, Problem> {
    Ok(Json(app.service.submit_all_the_same(&session).await?))
}
