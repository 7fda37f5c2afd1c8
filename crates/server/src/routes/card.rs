//! The card: both sides, 确定, 确认无误, 重新录入, 重新采集 and the advisory discrepancy.

use axum::{Json, extract::State};
use domain::collection::Side;
use serde::Deserialize;
use service::view::Collection;
use utoipa::ToSchema;

use crate::{
    App, json,
    problem::{Problem, ProblemBody},
    session::Candidate,
    upload::Upload,
};

/// A multipart body with one picture.
#[derive(ToSchema)]
pub struct PictureForm {
    /// JPEG, PNG or WebP, at most 20 MB and 50 megapixels.
    #[schema(value_type = String, format = Binary)]
    #[expect(dead_code, reason = "it is the description of a multipart body")]
    file: Vec<u8>,
}

type Answer = Result<Json<Collection>, Problem>;

#[utoipa::path(post, path = "/collection/card/portrait", tag = "card", security(("session" = [])),
    request_body(content = PictureForm, content_type = "multipart/form-data"), responses(
    (status = 200, body = Collection), (status = 401, body = ProblemBody), (status = 409, body = ProblemBody),
    (status = 410, body = ProblemBody), (status = 413, body = ProblemBody), (status = 415, body = ProblemBody),
    (status = 422, body = ProblemBody), (status = 503, body = ProblemBody)))]
/// 点击上传人像面
pub async fn portrait(State(app): State<App>, Candidate(session): Candidate, upload: Upload) -> Answer {
    Ok(Json(app.service.capture_card_side(&session, Side::Portrait, upload.picture).await?))
}

#[utoipa::path(post, path = "/collection/card/emblem", tag = "card", security(("session" = [])),
    request_body(content = PictureForm, content_type = "multipart/form-data"), responses(
    (status = 200, body = Collection), (status = 401, body = ProblemBody), (status = 409, body = ProblemBody),
    (status = 410, body = ProblemBody), (status = 413, body = ProblemBody), (status = 415, body = ProblemBody),
    (status = 422, body = ProblemBody), (status = 503, body = ProblemBody)))]
/// 点击上传国徽面
pub async fn emblem(State(app): State<App>, Candidate(session): Candidate, upload: Upload) -> Answer {
    Ok(Json(app.service.capture_card_side(&session, Side::Emblem, upload.picture).await?))
}

#[utoipa::path(post, path = "/collection/card/hand-in", tag = "card", security(("session" = [])), responses(
    (status = 200, body = Collection), (status = 401, body = ProblemBody), (status = 409, body = ProblemBody), (status = 410, body = ProblemBody)))]
/// 确定
pub async fn hand_in(State(app): State<App>, Candidate(session): Candidate) -> Answer {
    Ok(Json(app.service.hand_in_card(&session).await?))
}

/// What could not be read of the name.
#[derive(Deserialize, ToSchema)]
pub struct NameTyped {
    /// One Chinese character for each cell of `read.name_cells` that is typed, in their order.
    characters: Vec<String>,
}

#[utoipa::path(post, path = "/collection/card/name", tag = "card", security(("session" = [])), request_body = NameTyped, responses(
    (status = 200, body = Collection), (status = 400, body = ProblemBody), (status = 401, body = ProblemBody),
    (status = 409, body = ProblemBody), (status = 410, body = ProblemBody)))]
/// The candidate types the characters of the name that could not be read
pub async fn name(
    State(app): State<App>,
    Candidate(session): Candidate,
    json::Json(typed): json::Json<NameTyped>,
) -> Answer {
    Ok(Json(app.service.type_name(&session, &typed.characters).await?))
}

#[utoipa::path(post, path = "/collection/card/confirm", tag = "card", security(("session" = [])), responses(
    (status = 200, body = Collection), (status = 401, body = ProblemBody), (status = 409, body = ProblemBody), (status = 410, body = ProblemBody)))]
/// 确认无误
pub async fn confirm(State(app): State<App>, Candidate(session): Candidate) -> Answer {
    Ok(Json(app.service.confirm_card(&session).await?))
}

#[utoipa::path(post, operation_id = "card_retake", path = "/collection/card/retake", tag = "card", security(("session" = [])), responses(
    (status = 200, body = Collection), (status = 401, body = ProblemBody), (status = 409, body = ProblemBody), (status = 410, body = ProblemBody)))]
/// 重新录入
pub async fn retake(State(app): State<App>, Candidate(session): Candidate) -> Answer {
    Ok(Json(app.service.retake_card(&session).await?))
}

#[utoipa::path(post, path = "/collection/card/again", tag = "card", security(("session" = [])), responses(
    (status = 200, body = Collection), (status = 401, body = ProblemBody), (status = 409, body = ProblemBody), (status = 410, body = ProblemBody)))]
/// 重新采集
pub async fn again(State(app): State<App>, Candidate(session): Candidate) -> Answer {
    Ok(Json(app.service.collect_again(&session).await?))
}

#[utoipa::path(post, path = "/collection/advisory/seen", tag = "card", security(("session" = [])), responses(
    (status = 200, body = Collection), (status = 401, body = ProblemBody), (status = 409, body = ProblemBody), (status = 410, body = ProblemBody)))]
/// 确定,去采集
pub async fn advisory_seen(State(app): State<App>, Candidate(session): Candidate) -> Answer {
    Ok(Json(app.service.advisory_seen(&session).await?))
}
