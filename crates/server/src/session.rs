//! The session's token, from `Authorization: Bearer`.

use axum::{
    extract::FromRequestParts,
    http::{header, request::Parts},
};
use service::{Session, Trouble};
use store::CollectionId;

use crate::{App, problem::Problem};

/// The bearer token as sent, not yet known to be one.
pub struct Token(pub String);

impl<S: Sync> FromRequestParts<S> for Token {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Token, Problem> {
        let value = parts.headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok());
        let token = value.and_then(|v| {
            let (scheme, token) = v.split_once(' ')?;
            scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
        });
        token.filter(|t| !t.is_empty()).map(Token).ok_or(Problem(Trouble::SessionMissing))
    }
}

/// Whose uploads a request's are, once its session is known.
#[derive(Clone, Copy)]
pub struct Uploader(pub CollectionId);

/// A live session: the one collection that the request may reach.
pub struct Candidate(pub Session);

impl FromRequestParts<App> for Candidate {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Candidate, Problem> {
        let Token(token) = Token::from_request_parts(parts, app).await?;
        let session = app.service.session(&token).await?;
        parts.extensions.insert(Uploader(session.collection()));
        Ok(Candidate(session))
    }
}
