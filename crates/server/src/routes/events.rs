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

/// How often the store's version is looked at: often at first, when something is about to happen, then less.
const LOOK: Duration = Duration::from_millis(500);
const LOOK_LATER: Duration = Duration::from_secs(2);
const LOOKS_AT_FIRST: u32 = 60;
/// While blocked, the office may correct the registration without changing the collection: it is asked at this interval.
const LOOK_AT_REGISTRATION: Duration = Duration::from_secs(10);
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
    let stream = futures::stream::unfold(
        Watch { app, session, shown: first.clone(), next: Some(first) },
        move |watch| {
            let ended = ended.clone();
            async move {
                tokio::select! {
                    () = ended.cancelled() => None,
                    () = tokio::time::sleep_until(until) => None,
                    step = watch.step() => step,
                }
            }
        },
    );
    Ok(Sse::new(stream).keep_alive(KeepAlive::new().interval(COMMENT).text("still here")))
}

struct Watch {
    app: App,
    session: Session,
    shown: Collection,
    next: Option<Collection>,
}

impl Watch {
    /// Waits for the next change; `None` once the session or the store is gone.
    async fn step(mut self) -> Option<(Result<Event, Infallible>, Watch)> {
        let collection = match self.next.take() {
            Some(collection) => collection,
            None => self.changed().await?,
        };
        let event = Event::default().event("collection").json_data(&collection).ok()?;
        self.shown = collection;
        Some((Ok(event), self))
    }

    async fn changed(&self) -> Option<Collection> {
        let mut asked = tokio::time::Instant::now();
        for looks in 0u32.. {
            tokio::time::sleep(if looks < LOOKS_AT_FIRST { LOOK } else { LOOK_LATER }).await;
            let version = self.app.service.version(&self.session).await.ok()?;
            let ask = self.shown.state == "blocked" && asked.elapsed() >= LOOK_AT_REGISTRATION;
            if version == self.shown.version && !ask {
                continue;
            }
            asked = tokio::time::Instant::now();
            let now = self.app.service.collection(&self.session).await.ok()?;
            if now != self.shown {
                return Some(now);
            }
        }
        None
    }
}
