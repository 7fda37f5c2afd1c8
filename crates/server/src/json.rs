//! JSON bodies, whose every defect is the same told problem.

use std::time::Duration;

use axum::{
    body::Body,
    extract::{FromRequest, Request},
    http::{HeaderMap, header},
};
use futures::StreamExt;
use serde::de::DeserializeOwned;
use service::Trouble;

use crate::problem::Problem;

/// Largest JSON body that most requests need, with room.
pub(crate) const MOST_BYTES: usize = 16 * 1024;
/// Longest that such a body may take to arrive.
const DEADLINE: Duration = Duration::from_secs(10);

/// A JSON body, told to be one, of the right shape, and of so many bytes at most.
pub struct Json<T, const MOST: usize = MOST_BYTES>(pub T);

impl<T: DeserializeOwned, S: Sync, const MOST: usize> FromRequest<S> for Json<T, MOST> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Json<T, MOST>, Problem> {
        if !is_json(request.headers()) {
            return Err(Problem(Trouble::NotJson));
        }
        let read = read(request.into_body(), MOST);
        let bytes =
            tokio::time::timeout(DEADLINE, read).await.map_err(|_| Problem(Trouble::RequestTooSlow))??;
        serde_json::from_slice(&bytes).map(Json).map_err(|_| Problem(Trouble::MalformedRequest))
    }
}

/// Whether the body is said to be JSON. A page of another origin can make a browser send a form or plain text to us, but not this.
fn is_json(headers: &HeaderMap) -> bool {
    let told = headers.get(header::CONTENT_TYPE).and_then(|told| told.to_str().ok()).unwrap_or_default();
    told.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
}

async fn read(body: Body, most: usize) -> Result<Vec<u8>, Problem> {
    let mut stream = body.into_data_stream();
    let mut bytes = Vec::new();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|_| Problem(Trouble::MalformedRequest))?;
        if bytes.len() + chunk.len() > most {
            return Err(Problem(Trouble::RequestTooLarge));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}
