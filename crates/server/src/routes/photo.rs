//! The photo: upload and judgement, 提交照片, 重新拍照.

use axum::{Json, extract::State};
use service::view::Collection;

use crate::{
    App,
    problem::{Problem, ProblemBody},
    routes::card::PictureForm,
    session::Candidate,
    upload::Upload,
};

type Answer = Result<Json<Collection>, Problem>;

#[utoipa::path(post, path = "/collection/photo", tag = "photo", security(("session" = [])),
    request_body(content = PictureForm, content_type = "multipart/form-data"), responses(
    (status = 200, body = Collection), (status = 401, body = ProblemBody), (status = 409, body = ProblemBody),
    (status = 410, body = ProblemBody), (status = 413, body = ProblemBody), (status = 415, body = ProblemBody),
    (status = 422, body = ProblemBody), (status = 503, body = ProblemBody)))]
/// 完成, 下一步
pub async fn upload(State(app): State<App>, Candidate(session): Candidate, upload: Upload) -> Answer {
    Ok(Json(app.service.capture_photo(&session, upload.picture).await?))
}

#[utoipa::path(post, path = "/collection/photo/submit", tag = "photo", security(("session" = [])), responses(
    (status = 200, body = Collection), (status = 401, body = ProblemBody), (status = 409, body = ProblemBody), (status = 410, body = ProblemBody)))]
/// 提交照片
pub async fn submit(State(app): State<App>, Candidate(session): Candidate) -> Answer {
    Ok(Json(app.service.submit_photo(&session).await?))
}

#[utoipa::path(post, operation_id = "photo_retake", path = "/collection/photo/retake", tag = "photo", security(("session" = [])), responses(
    (status = 200, body = Collection), (status = 401, body = ProblemBody), (status = 409, body = ProblemBody), (status = 410, body = ProblemBody)))]
/// 重新拍照
pub async fn retake(State(app): State<App>, Candidate(session): Candidate) -> Answer {
    Ok(Json(app.service.retake_photo(&session).await?))
}
