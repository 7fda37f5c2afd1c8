//! What candidates are told of an outage: which parts of the journey work, in coarse words, and since when not.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use jiff::Timestamp;
use serde::Serialize;
use store::{Breaker, CollectionId, StoreError};
use utoipa::ToSchema;

use crate::{
    Service, Session, Trouble,
    login::later,
    pixels::Whose,
    worker::{attempts, deliveries, messages},
};

/// How long a look around holds, for everybody who asks.
const HOLDS: Duration = Duration::from_secs(5);
/// How long a look around may take: what does not answer by then does not work.
const LOOK: Duration = Duration::from_secs(3);
/// Work that is due for so long is late; an upload that was refused for load so long ago does not count any more; and a breaker of which
/// nothing was heard for so long after its time says nothing: nobody had anything to ask.
const LATE: Duration = Duration::from_secs(60);

/// Whether a part of the journey works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PartState {
    /// As ever.
    Working,
    /// It takes longer.
    Delayed,
    /// Not for now. What was begun is kept, and goes on by itself.
    Out,
}

/// A part of the journey.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Part {
    /// Whether it works.
    pub state: PartState,
    /// Since when it does not; null while it works.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub since: Option<Timestamp>,
}

/// What works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Status {
    /// When it was looked at; it is looked at anew after five seconds at the earliest.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// The messages with login codes.
    pub login_messages: Part,
    /// Uploading card and photo.
    pub card_and_photo: Part,
    /// Verification by the identity platform.
    pub verification: Part,
    /// Handing the result on to the registration system.
    pub handing_on: Part,
}

impl Part {
    const WORKING: Part = Part { state: PartState::Working, since: None };

    fn out(since: Timestamp) -> Part {
        Part { state: PartState::Out, since: Some(since) }
    }

    fn delayed(since: Timestamp) -> Part {
        Part { state: PartState::Delayed, since: Some(since) }
    }

    /// The same since it was seen first.
    fn as_seen_first(self, before: Option<Part>) -> Part {
        before.filter(|before| before.state == self.state).unwrap_or(self)
    }
}

/// What was seen last.
#[derive(Default)]
pub(crate) struct Cache(tokio::sync::Mutex<Option<Status>>);

/// When uploads were refused for load: first and last.
#[derive(Default)]
pub(crate) struct Refused(Mutex<Option<(Timestamp, Timestamp)>>);

impl Refused {
    fn note(&self, now: Timestamp) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let first = seen.filter(|(_, last)| now <= later(*last, LATE)).map_or(now, |(first, _)| first);
        *seen = Some((first, now));
    }

    fn lately(&self, now: Timestamp) -> Option<Timestamp> {
        let seen = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.filter(|(_, last)| now <= later(*last, LATE)).map(|(first, _)| first)
    }
}

impl Service {
    /// What works. Costs nothing however many ask: one looks around, at most every five seconds.
    pub async fn status(&self) -> Status {
        let mut seen = self.status.0.lock().await;
        let now = self.clock.now();
        if let Some(status) = seen.filter(|status| now < later(status.at, HOLDS)) {
            return status;
        }
        let status = self.look_around(now, *seen).await;
        *seen = Some(status);
        status
    }

    /// An upload was turned away because too many are under way.
    pub fn refused_for_load(&self) {
        self.refused.note(self.clock.now());
    }

    /// Says so where the turn of this candidate's next picture would not come in time: then it is not worth receiving.
    ///
    /// # Errors
    /// [`Trouble::Busy`].
    pub fn expect_upload(&self, step: &'static str, collection: CollectionId) -> Result<(), Trouble> {
        self.pixels.expect(step, collection).inspect_err(|_| self.refused_for_load())
    }

    /// Looks at a picture when its turn comes.
    pub(crate) async fn in_turn<T: Send + 'static>(
        &self,
        step: &'static str,
        session: &Session,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Trouble> {
        let looked = self.pixels.run(step, Whose::Upload(session.collection), work).await;
        if matches!(looked, Err(Trouble::Busy { .. })) {
            self.refused_for_load();
        }
        looked
    }

    async fn look_around(&self, now: Timestamp, before: Option<Status>) -> Status {
        let looked = tokio::time::timeout(LOOK, self.queues(now)).await;
        let (login_messages, verification, handing_on) = match looked {
            Ok(Ok(parts)) => parts,
            _ => {
                // Without the database nobody can log in or go on; what was handed in waits in it.
                return Status {
                    at: now,
                    login_messages: Part::out(now).as_seen_first(before.map(|b| b.login_messages)),
                    card_and_photo: Part::out(now).as_seen_first(before.map(|b| b.card_and_photo)),
                    verification: Part::delayed(now).as_seen_first(before.map(|b| b.verification)),
                    handing_on: Part::delayed(now).as_seen_first(before.map(|b| b.handing_on)),
                };
            }
        };
        let looked = tokio::time::timeout(LOOK, self.pictures_and_models()).await;
        let card_and_photo = match (looked, self.refused.lately(now)) {
            (Ok((true, true)), None) => Part::WORKING,
            (Ok((true, true)), Some(since)) => Part::delayed(since),
            _ => Part::out(now).as_seen_first(before.map(|b| b.card_and_photo)),
        };
        Status { at: now, login_messages, card_and_photo, verification, handing_on }
    }

    /// Messages, verification, handing on: what the workers see of the partners, and whether they see to them.
    async fn queues(&self, now: Timestamp) -> Result<(Part, Part, Part), StoreError> {
        let overdue = self.store.overdue(now.saturating_sub(LATE).unwrap_or(Timestamp::MIN)).await?;
        let part = async |partner, overdue| {
            self.store.breaker(partner).await.map(|breaker| part(breaker, overdue, now))
        };
        Ok((
            part(messages::PARTNER, overdue.messages).await?,
            part(attempts::PARTNER, overdue.attempts).await?,
            part(deliveries::PARTNER, overdue.deliveries).await?,
        ))
    }
}

fn part(breaker: Option<Breaker>, overdue: Option<Timestamp>, now: Timestamp) -> Part {
    match (breaker, overdue) {
        (Some(Breaker { opened_until: Some(until), since, .. }), _) if now <= later(until, LATE) => {
            Part::out(since.unwrap_or(now))
        }
        (_, Some(since)) => Part::delayed(since),
        _ => Part::WORKING,
    }
}
