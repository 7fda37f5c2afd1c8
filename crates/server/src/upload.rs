//! Uploads: one multipart file, a picture or a roster, bounded in bytes, in time, and in how many are held at once.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{
    body::Body,
    extract::{FromRequest, Multipart, Request},
    http::{Method, header},
};
use bytes::Bytes;
use futures::StreamExt;
use service::{
    Trouble,
    meters::{self, Counted},
};
use store::CollectionId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{App, problem::Problem, session::Uploader};

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

/// Uploads of one candidate at once, over all logins: a page sends one.
const OF_ONE_CANDIDATE: u32 = 2;

/// The places for uploads: room for so many of the largest at once, of which each takes what it says it needs; and few for one candidate,
/// that nobody takes them all by sending slowly. Small pictures over slow lines so leave room for one another.
#[derive(Clone)]
pub struct Places {
    room: Arc<Semaphore>,
    taken: Arc<Taken>,
}

/// What room is counted in: bytes.
const UNIT: usize = 64 * 1024;
/// Most that one upload may take: what is read of it at most.
const LARGEST: usize = (service::PICTURE_BYTES + ENVELOPE).div_ceil(UNIT);

/// The units that an upload takes; the most for one that does not say, or claims too much.
fn units(request: &Request) -> u32 {
    let units = said_length(request).map_or(LARGEST, |bytes| bytes.div_ceil(UNIT).clamp(1, LARGEST));
    u32::try_from(units).unwrap_or(u32::MAX)
}

/// The bytes that a request says it has.
fn said_length(request: &Request) -> Option<usize> {
    request.headers().get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// How many places each candidate has.
type Taken = Mutex<HashMap<CollectionId, u32>>;

/// A place; free again when dropped.
struct Place {
    candidate: CollectionId,
    taken: Arc<Taken>,
    _room: OwnedSemaphorePermit,
    _held: Counted,
}

/// Why there is no place.
#[derive(Clone, Copy, PartialEq, Eq)]
enum NoPlace {
    Full,
    OneCandidate,
}

impl Places {
    /// Room for so many of the largest at once.
    pub fn new(at_once: usize) -> Places {
        let units = at_once.saturating_mul(LARGEST).min(Semaphore::MAX_PERMITS);
        metrics::gauge!(meters::UPLOADS_MOST).set((units * UNIT) as f64);
        Places { room: Arc::new(Semaphore::new(units)), taken: Arc::default() }
    }

    fn take(&self, candidate: CollectionId, units: u32) -> Result<Place, NoPlace> {
        let refused = |why| metrics::counter!(meters::UPLOADS_REFUSED, "why" => why).increment(1);
        let Ok(room) = self.room.clone().try_acquire_many_owned(units) else {
            refused("full");
            return Err(NoPlace::Full);
        };
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let theirs = taken.entry(candidate).or_default();
        if *theirs == OF_ONE_CANDIDATE {
            refused("one_candidate");
            return Err(NoPlace::OneCandidate);
        }
        *theirs += 1;
        Ok(Place {
            candidate,
            taken: self.taken.clone(),
            _room: room,
            _held: Counted::so_many(meters::UPLOADS_HELD, f64::from(units) * UNIT as f64),
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(theirs) = taken.get_mut(&self.candidate) {
            *theirs -= 1;
            if *theirs == 0 {
                taken.remove(&self.candidate);
            }
        }
    }
}

/// An uploaded picture. It has its place until the request is answered: until then its bytes are held.
pub struct Upload {
    /// The file's bytes.
    pub picture: Bytes,
    _place: Place,
}

impl FromRequest<App> for Upload {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Upload, Problem> {
        // The session comes before the upload in every handler's arguments.
        let Some(Uploader(candidate)) = request.extensions().get().copied() else {
            return Err(Problem(Trouble::SessionMissing));
        };
        let admitted = app.service.expect_upload(step(request.uri().path()), candidate).and_then(|()| {
            app.uploads.take(candidate, units(&request)).map_err(|why| {
                if why == NoPlace::Full {
                    app.service.refused_for_load();
                }
                Trouble::Busy { after_s: 5 }
            })
        });
        let place = match admitted {
            Ok(place) => place,
            Err(trouble) => {
                let _ = tokio::time::timeout(DEADLINE, discard(request.into_body())).await;
                return Err(Problem(trouble));
            }
        };
        let received = tokio::time::timeout(DEADLINE, receive(request)).await;
        let picture = received.map_err(|_| Problem(Trouble::RequestTooSlow))??;
        Ok(Upload { picture, _place: place })
    }
}

/// What an upload to this path is looked at as.
fn step(path: &str) -> &'static str {
    match path.rsplit_once('/') {
        Some((_, "portrait")) => "card_portrait",
        Some((_, "emblem")) => "card_emblem",
        _ => "photo",
    }
}

/// Longest that a request may take whose answer needs at most `otherwise`: a roster's upload has its own time before that.
pub fn deadline(request: &Request, otherwise: Duration) -> Duration {
    let is_roster = request.method() == Method::POST && request.uri().path().ends_with("/roster/imports");
    if is_roster { ROSTER_DEADLINE + otherwise } else { otherwise }
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
    let expected = said_length(&request).unwrap_or(0).min(ROSTER_BYTES);
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

pub(crate) async fn receive(request: Request) -> Result<Bytes, Problem> {
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
            _ => Ok(picture),
        };
    }
    Err(Problem(Trouble::MalformedRequest))
}

/// Reads to the end and keeps nothing: who is refused while still sending would lose the connection, and with it the answer.
async fn discard(body: Body) {
    let (mut stream, mut seen) = (body.into_data_stream(), 0);
    while let Some(Ok(chunk)) = stream.next().await {
        seen += chunk.len();
        if seen > DRAIN * service::PICTURE_BYTES {
            break;
        }
    }
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
