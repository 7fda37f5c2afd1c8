//! The candidate's own stored pictures.

use axum::{
    extract::{Path, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use service::{Picture, PictureKind, Trouble};

use crate::{
    App,
    problem::{Problem, ProblemBody},
    session::Candidate,
};

#[utoipa::path(get, path = "/collection/pictures/{kind}", tag = "collection", security(("session" = [])),
    params(("kind" = String, Path, description = "card_portrait, card_emblem, card_face, capture, preview or photo")),
    responses((status = 200, content_type = "image/jpeg", body = Vec<u8>), (status = 401, body = ProblemBody), (status = 404, body = ProblemBody)))]
/// The image's bytes.
pub async fn picture(
    State(app): State<App>,
    Candidate(session): Candidate,
    Path(kind): Path<String>,
) -> Result<Response, Problem> {
    let kind = PictureKind::parse(&kind).ok_or(Problem(Trouble::NotFound))?;
    Ok(shown(app.service.picture(&session, kind).await?))
}

/// A picture as an answer.
pub fn shown(picture: Picture) -> Response {
    let mut response = picture.bytes.into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(picture.media_type));
    response
}
