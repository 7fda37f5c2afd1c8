//! Downloads: asked for with a session, fetched by the browser with a ticket in the address.

use std::time::Duration;

use axum::{
    Json,
    body::Body,
    extract::{Path, State},
    http::{HeaderValue, Method, header},
    response::Response,
};
use bytes::Bytes;
use futures::{StreamExt as _, future::BoxFuture, stream, stream::BoxStream};
use serde::{Deserialize, Serialize};
use service::{
    Trouble,
    office::{downloads::Download, photos::PhotoExport},
    roster::Format,
};
use tokio::sync::mpsc;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::office::OfOffice;
use crate::{
    App, json,
    problem::{Problem, ProblemBody},
};

/// Pieces that are put together ahead of the client.
const AHEAD: usize = 2;
/// Longest that a client may take for one piece: whoever has gone to sleep must not keep others waiting.
const PATIENCE: Duration = Duration::from_secs(60);

/// Paths under `/api/v1/office`.
pub fn api() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(export_roster))
        .routes(routes!(export_photos))
        .routes(routes!(photo_exports))
        .routes(routes!(download))
}

/// Where a download is fetched.
#[derive(Serialize, ToSchema)]
pub struct Ticket {
    /// For the browser to go to: good once, for a minute, without a session.
    path: String,
}

impl Ticket {
    fn of(ticket: &str) -> Json<Ticket> {
        Json(Ticket { path: format!("/api/v1/office/downloads/{ticket}") })
    }
}

/// How the roster is to be written.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExportRoster {
    /// As what; a spreadsheet has 50,000 rows at most.
    format: Format,
}

#[utoipa::path(post, path = "/exams/{exam}/roster/export", tag = "office", security(("session" = [])),
    params(("exam" = String, Path)), request_body = ExportRoster, responses(
    (status = 200, body = Ticket), (status = 400, body = ProblemBody), (status = 401, body = ProblemBody),
    (status = 403, body = ProblemBody), (status = 404, body = ProblemBody), (status = 422, body = ProblemBody)))]
/// The roster with the state of each collection, to be fetched; that it was goes into the audit log.
pub async fn export_roster(
    State(app): State<App>,
    OfOffice(officer): OfOffice,
    Path(exam): Path<String>,
    json::Json(request): json::Json<ExportRoster>,
) -> Result<Json<Ticket>, Problem> {
    Ok(Ticket::of(&app.service.export_roster(&officer, &exam, request.format).await?))
}

/// Which photos are wanted.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExportPhotos {
    /// Those only that completed, or completed anew, since the last export that was fetched to its end.
    since_last: bool,
}

#[utoipa::path(post, path = "/exams/{exam}/photos/export", tag = "office", security(("session" = [])),
    params(("exam" = String, Path)), request_body = ExportPhotos, responses(
    (status = 200, body = Ticket), (status = 400, body = ProblemBody), (status = 401, body = ProblemBody),
    (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)))]
/// The ID photos of completed collections as a ZIP archive with a manifest, to be fetched; that they were goes into the audit log.
pub async fn export_photos(
    State(app): State<App>,
    OfOffice(officer): OfOffice,
    Path(exam): Path<String>,
    json::Json(request): json::Json<ExportPhotos>,
) -> Result<Json<Ticket>, Problem> {
    Ok(Ticket::of(&app.service.export_photos(&officer, &exam, request.since_last).await?))
}

#[utoipa::path(get, path = "/exams/{exam}/photos/exports", tag = "office", security(("session" = [])),
    params(("exam" = String, Path)), responses((status = 200, body = [PhotoExport]), (status = 401, body = ProblemBody),
    (status = 403, body = ProblemBody)))]
/// The latest 20 exports of ID photos, the newest first.
pub async fn photo_exports(
    State(app): State<App>,
    OfOffice(officer): OfOffice,
    Path(exam): Path<String>,
) -> Result<Json<Vec<PhotoExport>>, Problem> {
    Ok(Json(app.service.photo_exports(&officer, &exam).await?))
}

#[utoipa::path(get, path = "/downloads/{ticket}", tag = "office", params(("ticket" = String, Path)), responses(
    (status = 200, content_type = "application/octet-stream", body = Vec<u8>), (status = 404, body = ProblemBody),
    (status = 503, body = ProblemBody)))]
/// What a ticket stands for, as an attachment. Needs no session: the ticket is the key, and is used up.
pub async fn download(
    State(app): State<App>,
    method: Method,
    Path(ticket): Path<String>,
) -> Result<Response, Problem> {
    // Whoever only looks must not use the ticket up.
    if method == Method::HEAD {
        return Err(Problem(Trouble::MethodNotAllowed));
    }
    let Download { name, media_type, body, finished } = app.service.download(&ticket).await?;
    let mut response = Response::new(streamed(body, finished));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    // An exam session's id, with which names begin, has nothing that must be quoted.
    let attachment = HeaderValue::from_str(&format!("attachment; filename=\"{name}\""));
    headers.insert(header::CONTENT_DISPOSITION, attachment.map_err(|_| Problem(Trouble::Internal))?);
    Ok(response)
}

/// What goes from the task that puts a file together to the one that sends it.
enum Piece {
    Bytes(Bytes),
    End,
}

/// A body that is put together a little ahead of the client by a task of its own, which ends with the client. `finished` is waited for once
/// everything was handed over; whatever breaks off leaves the client with a transfer that it knows to be incomplete.
fn streamed(mut body: BoxStream<'static, Result<Bytes, Trouble>>, finished: BoxFuture<'static, ()>) -> Body {
    let (send, receive) = mpsc::channel(AHEAD);
    tokio::spawn(async move {
        loop {
            let piece = tokio::select! {
                () = send.closed() => return,
                piece = body.next() => piece,
            };
            let piece = match piece {
                Some(Ok(bytes)) => Piece::Bytes(bytes),
                Some(Err(_)) => return,
                None => Piece::End,
            };
            let ended = matches!(piece, Piece::End);
            match tokio::time::timeout(PATIENCE, send.send(piece)).await {
                Ok(Ok(())) if !ended => {}
                Err(_) => return tracing::warn!("a download was given up: its client took too long"),
                _ => return,
            }
        }
    });
    Body::from_stream(stream::unfold(Some((receive, finished)), |under_way| async move {
        let (mut receive, finished) = under_way?;
        match receive.recv().await {
            Some(Piece::Bytes(bytes)) => Some((Ok(bytes), Some((receive, finished)))),
            Some(Piece::End) => {
                finished.await;
                None
            }
            None => Some((Err(std::io::Error::other("the download broke off")), None)),
        }
    }))
}
