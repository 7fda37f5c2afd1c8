//! Uploaded pictures: one multipart file, bounded in bytes, in time, and in how many are held at once.

use std::time::Duration;

use axum::{
    body::Body,
    extract::{FromRequest, Multipart, Request},
};
use bytes::Bytes;
use futures::StreamExt;
use service::Trouble;

use crate::{App, problem::Problem};

/// Room for the multipart envelope around the picture.
const ENVELOPE: usize = 64 * 1024;
/// Longest that an upload may take: 20 MB at 170 kB/s.
const DEADLINE: Duration = Duration::from_secs(120);
/// A body that is too large is still read up to this many times the limit, since a browser shows the answer only once it
/// has sent everything.
const DRAIN: usize = 4;

/// The picture's bytes.
pub struct Upload(pub Bytes);

impl FromRequest<App> for Upload {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Upload, Problem> {
        let held = app.uploads.clone().try_acquire_owned();
        let _held = held.map_err(|_| Problem(Trouble::Busy { after_s: 5 }))?;
        tokio::time::timeout(DEADLINE, receive(request))
            .await
            .map_err(|_| Problem(Trouble::RequestTooSlow))?
    }
}

async fn receive(request: Request) -> Result<Upload, Problem> {
    let (parts, body) = request.into_parts();
    let bytes = read(body, service::PICTURE_BYTES + ENVELOPE).await?;
    let malformed = |_| Problem(Trouble::MalformedRequest);
    let mut multipart = Multipart::from_request(Request::from_parts(parts, Body::from(bytes)), &())
        .await
        .map_err(|_| Problem(Trouble::MalformedRequest))?;
    while let Some(field) = multipart.next_field().await.map_err(malformed)? {
        if field.name() != Some("file") {
            continue;
        }
        let picture = field.bytes().await.map_err(malformed)?;
        return match picture.len() {
            0 => Err(Problem(Trouble::PictureUnsupported)),
            n if n > service::PICTURE_BYTES => Err(Problem(Trouble::PictureTooLarge)),
            _ => Ok(Upload(picture)),
        };
    }
    Err(Problem(Trouble::MalformedRequest))
}

async fn read(body: Body, most: usize) -> Result<Bytes, Problem> {
    let mut stream = body.into_data_stream();
    let mut bytes = Vec::new();
    let mut seen = 0;
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|_| Problem(Trouble::MalformedRequest))?;
        seen += chunk.len();
        if seen > most {
            bytes = Vec::new();
        } else {
            bytes.extend_from_slice(&chunk);
        }
        if seen > DRAIN * most {
            break;
        }
    }
    if seen > most { Err(Problem(Trouble::PictureTooLarge)) } else { Ok(bytes.into()) }
}
