//! Verification: each attempt is asked until the platform gives an answer that counts, and that answer is written once.

use std::time::{Duration, Instant};

use domain::{Collection, IdNumber, PersonName, Refusal, State};
use jiff::Timestamp;
use partners::{
    identity::{Answer, Question, concerns_one_person},
    registration::Completion,
};
use store::{Attempt, AttemptOutcome, CollectionRecord, Entry, NewDelivery, StoreError};
use tracing::Instrument as _;

use super::{Worker, count, finished};
use crate::{
    caused_by,
    completion::{self, Completed},
    login::later,
    meters,
    viewing::note,
};

pub(crate) const PARTNER: &str = "identity";
const QUEUE: &str = "attempts";
/// How often a conclusion is written anew when the collection changed meanwhile (a login does that).
const TRIES: u32 = 8;

/// What the platform's answer means for the collection.
struct Conclusion {
    outcome: AttemptOutcome,
    event: &'static str,
    next: fn(Collection, uuid::Uuid) -> Result<Collection, Refusal>,
    note: Option<&'static str>,
}

impl Worker {
    /// Takes one attempt that is due and asks. `false` if none was.
    ///
    /// # Errors
    /// What the store says; the attempt is then taken up again when its lease has run out.
    pub async fn ask_once(&self) -> Result<bool, StoreError> {
        let (worker, lease) = (&self.settings.name, self.settings.lease);
        let Some(attempt) = self.store.claim_attempt(worker, self.clock.now(), lease).await? else {
            return Ok(false);
        };
        count(meters::QUEUE_CLAIMS, QUEUE);
        let span = tracing::info_span!(
            "work", queue = QUEUE, attempt = %attempt.id, collection = %attempt.collection, tries = attempt.tries
        );
        caused_by(attempt.id.to_string(), self.work_on_attempt(&attempt)).instrument(span).await
    }

    async fn work_on_attempt(&self, attempt: &Attempt) -> Result<bool, StoreError> {
        let Some(record) = self.store.collection(attempt.collection).await? else { return Ok(true) };
        if record.collection.state() != (State::Verifying { attempt: attempt.id.0 }) {
            self.withdraw(attempt).await?;
            return Ok(true);
        }
        if let Some(until) = self.must_wait(PARTNER).await? {
            self.give_back(attempt, until, "breaker.open").await?;
            self.tell_of_delay(attempt).await?;
            return Ok(true);
        }
        let answer = match self.question(attempt, &record).await? {
            Ok((name, number, photo)) => {
                self.ask(
                    attempt,
                    &Question { attempt: attempt.id.0, name: &name, number: &number, photo: &photo },
                )
                .await
            }
            Err(answer) => answer,
        };
        self.sort(attempt, answer).await?;
        Ok(true)
    }

    /// What the platform is asked, or what follows if there is nothing to ask with.
    async fn question(
        &self,
        attempt: &Attempt,
        record: &CollectionRecord,
    ) -> Result<Result<(PersonName, IdNumber, bytes::Bytes), Answer>, StoreError> {
        let particulars = &record.particulars;
        let (Some(card), Some(registration)) = (&particulars.identity_card, &particulars.registration) else {
            tracing::error!(attempt = %attempt.id, "an attempt belongs to a collection without a card");
            return Ok(Err(Answer::Misconfigured { code: "collection.no_card".to_owned() }));
        };
        let photo = match self.store.picture(attempt.photo).await? {
            Some(picture) => self.store.read_picture(&picture).await,
            None => Err(StoreError::NotFound),
        };
        match photo {
            // The registered name agrees with the card's, and lacks no rare character that the reading dropped.
            Ok(photo) => Ok(Ok((registration.name.clone(), card.number.clone(), photo))),
            Err(StoreError::NotFound) => {
                tracing::error!(attempt = %attempt.id, "an attempt's photo is gone; another is needed");
                Ok(Err(Answer::PictureUnusable { code: "photo.gone".to_owned() }))
            }
            Err(error) => Err(error),
        }
    }

    /// Asks, and keeps the lease while the platform takes its time.
    async fn ask(&self, attempt: &Attempt, question: &Question<'_>) -> Answer {
        let begun = Instant::now();
        let mut asking = Box::pin(
            self.identity.verify(question).instrument(tracing::info_span!("partner", partner = PARTNER)),
        );
        let answer = loop {
            tokio::select! {
                answer = &mut asking => break answer,
                () = tokio::time::sleep(self.settings.lease / 2) => {
                    let until = later(self.clock.now(), self.settings.lease);
                    if let Err(error) = self.store.prolong_attempt(attempt, until).await {
                        // Whoever took it over asks the same question under the same serial number; writing the answer
                        // below will fail for one of the two.
                        tracing::warn!(attempt = %attempt.id, %error, "a lease could not be prolonged");
                    }
                }
            }
        };
        meters::asked(PARTNER, told(&answer), begun.elapsed());
        answer
    }

    async fn give_back(&self, attempt: &Attempt, until: Timestamp, code: &str) -> Result<(), StoreError> {
        count(meters::QUEUE_RETRIES, QUEUE);
        self.store.retry_attempt(attempt, until, code).await
    }

    async fn sort(&self, attempt: &Attempt, answer: Answer) -> Result<(), StoreError> {
        match &answer {
            Answer::Confirmed { .. } => {
                self.partner_answered(PARTNER).await?;
                let conclusion = Conclusion {
                    outcome: AttemptOutcome::Confirmed,
                    event: "platform_confirmed",
                    next: Collection::platform_confirmed,
                    note: None,
                };
                self.conclude(attempt, &answer, &conclusion).await
            }
            Answer::SaysNo { .. } => {
                self.partner_answered(PARTNER).await?;
                let conclusion = Conclusion {
                    outcome: AttemptOutcome::Refused,
                    event: "platform_refused",
                    next: Collection::platform_refused,
                    note: None,
                };
                self.conclude(attempt, &answer, &conclusion).await
            }
            Answer::PictureUnusable { .. } => {
                self.partner_answered(PARTNER).await?;
                let conclusion = Conclusion {
                    outcome: AttemptOutcome::Unusable,
                    event: "platform_cannot_use_photo",
                    next: Collection::platform_cannot_use_photo,
                    note: Some(note::PHOTO_UNUSABLE),
                };
                self.conclude(attempt, &answer, &conclusion).await
            }
            Answer::CannotVerify { .. } => {
                self.partner_answered(PARTNER).await?;
                let conclusion = Conclusion {
                    outcome: AttemptOutcome::Unusable,
                    event: "platform_cannot_verify",
                    next: Collection::platform_cannot_verify,
                    note: Some(note::CANNOT_VERIFY),
                };
                self.conclude(attempt, &answer, &conclusion).await
            }
            Answer::AskAgain { code } => {
                tracing::warn!(attempt = %attempt.id, tries = attempt.tries, code, "no answer that counts; asked again later");
                if concerns_one_person(code) {
                    self.partner_answered(PARTNER).await?;
                } else {
                    self.partner_failed(PARTNER).await?;
                }
                self.give_back(attempt, self.again_at(attempt.tries), code).await?;
                self.tell_of_delay(attempt).await
            }
            Answer::Misconfigured { code } => {
                tracing::error!(attempt = %attempt.id, code, "the identity platform refuses our requests: mend keys, contract or balance");
                self.partner_failed(PARTNER).await?;
                self.give_back(attempt, self.again_when_mended(), code).await?;
                self.tell_of_delay(attempt).await
            }
        }
    }

    /// Writes attempt, collection, delivery and journal in one transaction, on the collection as it is now.
    async fn conclude(
        &self,
        attempt: &Attempt,
        answer: &Answer,
        conclusion: &Conclusion,
    ) -> Result<(), StoreError> {
        let kept = kept(answer, conclusion.outcome);
        for _ in 0..TRIES {
            let now = self.clock.now();
            let Some(mut record) = self.store.collection(attempt.collection).await? else { return Ok(()) };
            let Ok(next) = (conclusion.next)(record.collection, attempt.id.0) else {
                return self.withdraw(attempt).await;
            };
            record.collection = next;
            record.particulars.verification_note = conclusion.note.map(str::to_owned);
            let entry = Entry::new(record.id, conclusion.event, "worker")
                .with("attempt", attempt.id.to_string())
                .with("code", kept.code.clone())
                .with("refused", next.attempts().refused())
                .with("state", next.state().name());
            let mut entries = vec![entry];
            let mut deliveries: Vec<NewDelivery> = Vec::new();
            if let State::Completed { .. } = next.state() {
                let completed = Completed::of(&record, Completion::Verified, attempt.photo, now);
                let delivery = completed.delivery(&record).map_err(|_| StoreError::Malformed("delivery"))?;
                deliveries.push(delivery);
                entries.push(Entry::new(record.id, completion::EVENT, "worker").with("by", "platform"));
            }
            match self.store.finish_attempt(attempt, &kept, &mut record, &deliveries, &entries, now).await {
                Err(StoreError::Conflict | StoreError::Duplicate(_)) => {
                    tokio::time::sleep(Duration::from_millis(rand::random_range(2..30))).await;
                }
                Ok(()) => {
                    finished(QUEUE, conclusion.outcome.as_str());
                    return Ok(());
                }
                Err(error) => return Err(error),
            }
        }
        Err(StoreError::Conflict)
    }

    async fn withdraw(&self, attempt: &Attempt) -> Result<(), StoreError> {
        let answer = store::Answer {
            outcome: AttemptOutcome::Withdrawn,
            platform_request_id: None,
            similarity: None,
            code: None,
        };
        self.store.close_attempt(attempt, &answer, self.clock.now()).await?;
        finished(QUEUE, AttemptOutcome::Withdrawn.as_str());
        Ok(())
    }

    /// After some fruitless tries the page says that it takes longer; the collection's version grows, so that the page sees it.
    async fn tell_of_delay(&self, attempt: &Attempt) -> Result<(), StoreError> {
        if attempt.tries < self.settings.delayed_after {
            return Ok(());
        }
        let Some(mut record) = self.store.collection(attempt.collection).await? else { return Ok(()) };
        let told = record.particulars.verification_note.as_deref() == Some(note::DELAYED);
        if told || record.collection.state() != (State::Verifying { attempt: attempt.id.0 }) {
            return Ok(());
        }
        record.particulars.verification_note = Some(note::DELAYED.to_owned());
        let now = self.clock.now();
        let tx = self.store.begin().await?;
        match tx.save_collection(&mut record, now).await {
            // The next fruitless try tells it.
            Err(StoreError::Conflict) => return Ok(()),
            saved => saved?,
        }
        tx.note(&Entry::new(record.id, "verification_delayed", "worker").with("tries", attempt.tries), now)
            .await?;
        tx.commit().await
    }
}

/// The answer's name in the metrics.
fn told(answer: &Answer) -> &'static str {
    match answer {
        Answer::Confirmed { .. } => "confirmed",
        Answer::SaysNo { .. } => "says_no",
        Answer::PictureUnusable { .. } => "picture_unusable",
        Answer::CannotVerify { .. } => "cannot_verify",
        Answer::AskAgain { .. } => "ask_again",
        Answer::Misconfigured { .. } => "misconfigured",
    }
}

fn kept(answer: &Answer, outcome: AttemptOutcome) -> store::Answer {
    let (similarity, request_id, code) = match answer {
        Answer::Confirmed { similarity, request_id } => (Some(*similarity), Some(request_id), None),
        Answer::SaysNo { similarity, code, request_id } => (*similarity, Some(request_id), Some(code)),
        Answer::PictureUnusable { code }
        | Answer::CannotVerify { code }
        | Answer::AskAgain { code }
        | Answer::Misconfigured { code } => (None, None, Some(code)),
    };
    store::Answer {
        outcome,
        platform_request_id: request_id.filter(|id| !id.is_empty()).cloned(),
        similarity: similarity.map(f64::from),
        code: code.cloned(),
    }
}
