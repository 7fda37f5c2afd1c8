//! Server-sent events: the collection at once and after every change.

use std::{convert::Infallible, time::Duration};

use axum::{
    extract::State,
    response::sse::{Event, KeepAlive, Sse},
};
use futures::Stream;
use service::{Session, view::Collection};

use crate::{
    App,
    problem::{Problem, ProblemBody},
    session::Candidate,
};

/// How often the store's version is looked at.
const LOOK: Duration = Duration::from_millis(700);
/// A comment keeps proxies from closing a silent stream.
const COMMENT: Duration = Duration::from_secs(15);
/// A stream ends after this long; the page reconnects.
const LIFE: Duration = Duration::from_secs(300);

#[utoipa::path(get, path = "/collection/events", tag = "collection", security(("session" = [])), responses(
    (status = 200, content_type = "text/event-stream", body = Collection), (status = 401, body = ProblemBody)))]
/// `event: collection` with the whole collection, at once and after every change; ends after five minutes.
pub async fn events(
    State(app): State<App>,
    Candidate(session): Candidate,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let first = app.service.collection(&session).await?;
    let ended = app.shutdown.clone();
    let until = tokio::time::Instant::now() + LIFE;
    let stream =
        futures::stream::unfold(Watch { app, session, shown: None, next: Some(first) }, move |watch| {
            let ended = ended.clone();
            async move {
                tokio::select! {
                    () = ended.cancelled() => None,
                    () = tokio::time::sleep_until(until) => None,
                    step = watch.step() => step,
                }
            }
        });
    Ok(Sse::new(stream).keep_alive(KeepAlive::new().interval(COMMENT).text("still here")))
}

struct Watch {
    app: App,
    session: Session,
    shown: Option<i64>,
    next: Option<Collection>,
}

impl Watch {
    /// Waits for the next change; `None` once the session or the store is gone.
    async fn step(mut self) -> Option<(Result<Event, Infallible>, Watch)> {
        let collection = match self.next.take() {
            Some(collection) => collection,
            None => loop {
                tokio::time::sleep(LOOK).await;
                let version = self.app.service.version(&self.session).await.ok()?;
                if Some(version) != self.shown {
                    break self.app.service.collection(&self.session).await.ok()?;
                }
            },
        };
        self.shown = Some(collection.version);
        let event = Event::default().event("collection").json_data(&collection).ok()?;
        Some((Ok(event), self))
    }
}
