//! Uploads: one multipart file, a picture or a roster, bounded in bytes, in time, and in how many are held at once.

use std::time::Duration;

use axum::{
    body::Body,
    extract::{FromRequest, Multipart, Request},
    http::header,
};
use bytes::Bytes;
use futures::StreamExt;
use service::Trouble;

use crate::{App, problem::Problem};

/// Room for the multipart envelope around the picture.
const ENVELOPE: usize = 64 * 1024;
/// Longest that an upload may take: 20 MB at 170 kB/s.
const DEADLINE: Duration = Duration::from_secs(120);
/// Most bytes of a roster: 500,000 rows have about half as many.
const ROSTER_BYTES: usize = 100 * 1024 * 1024;
/// Longest that a roster's upload may take.
const ROSTER_DEADLINE: Duration = Duration::from_secs(600);
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

/// A roster's file: its name and its bytes. The caller has the one place that there is for it.
pub async fn roster(request: Request) -> Result<(String, Bytes), Problem> {
    tokio::time::timeout(ROSTER_DEADLINE, receive_roster(request))
        .await
        .map_err(|_| Problem(Trouble::RequestTooSlow))?
}

/// A roster is many times as large as a picture: it is held once, as it comes in, and not a second time in its envelope.
async fn receive_roster(request: Request) -> Result<(String, Bytes), Problem> {
    let malformed = |_| Problem(Trouble::MalformedRequest);
    let told =
        request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    let expected = told.unwrap_or(0).min(ROSTER_BYTES);
    let mut multipart =
        Multipart::from_request(request, &()).await.map_err(|_| Problem(Trouble::MalformedRequest))?;
    while let Some(mut field) = multipart.next_field().await.map_err(malformed)? {
        if field.name() != Some("file") {
            continue;
        }
        let name = field.file_name().unwrap_or_default().to_owned();
        let mut bytes = Vec::with_capacity(expected);
        let mut seen = 0;
        while let Some(chunk) = field.chunk().await.map_err(malformed)? {
            seen += chunk.len();
            if seen > ROSTER_BYTES {
                bytes = Vec::new();
            } else {
                bytes.extend_from_slice(&chunk);
            }
            if seen > DRAIN * ROSTER_BYTES {
                break;
            }
        }
        return if seen > ROSTER_BYTES {
            Err(Problem(Trouble::RosterTooLarge))
        } else {
            Ok((name, bytes.into()))
        };
    }
    Err(Problem(Trouble::MalformedRequest))
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
