//! One step of the journey: read, let `domain` decide, write everything in one transaction, or read again if somebody was
//! quicker.

use std::time::Duration;

use domain::Refusal;
use store::{AttemptId, CollectionRecord, ConsentKind, Entry, ExamSession, Picture, PictureId, StoreError};

use crate::{Service, Session, Trouble, meters, view};

/// How often a step is decided anew when others were quicker. Each time `domain` decides on what is there now.
const TRIES: u32 = 4;

/// The journal's name for the candidate.
pub(crate) const CANDIDATE: &str = "candidate";

/// What a step writes besides the collection itself.
#[derive(Default)]
pub(crate) struct Change {
    /// Pictures whose objects are written already.
    pub pictures: Vec<Picture>,
    /// Consents given with the step.
    pub consents: Vec<(ConsentKind, String)>,
    /// The attempt that begins.
    pub attempt: Option<(AttemptId, PictureId)>,
    /// Details for the journal: codes and counts.
    pub details: Vec<(&'static str, serde_json::Value)>,
}

/// What a step decides.
pub(crate) enum Decision {
    /// The record was changed; write it.
    Write(Box<Change>),
    /// The step had happened already, just before: answer with what is there.
    Done,
}

impl Decision {
    /// Write the record, and nothing besides.
    pub fn write() -> Decision {
        Decision::Write(Box::default())
    }
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Trouble {
        match error {
            StoreError::Conflict | StoreError::Duplicate(_) => Trouble::ChangedMeanwhile,
            error if error.is_passing() => {
                tracing::warn!(%error, "the store is not to be had");
                Trouble::Busy { after_s: 5 }
            }
            error => {
                tracing::error!(%error, "the store failed");
                Trouble::Internal
            }
        }
    }
}

/// The domain's refusal as the candidate is told it.
pub(crate) fn refused(record: &CollectionRecord, exam: &ExamSession) -> impl Fn(Refusal) -> Trouble + use<> {
    let (state, phone) = (record.collection.state().name(), exam.office.phone.clone());
    move |refusal| Trouble::refused(refusal, state, &phone)
}

impl Service {
    /// The session's collection and its exam session.
    pub(crate) async fn load(&self, session: &Session) -> Result<(CollectionRecord, ExamSession), Trouble> {
        // A collection that is gone takes its sessions with it; between the two reads this may be seen.
        let record = self.store.collection(session.collection).await?.ok_or(Trouble::SessionExpired)?;
        let exam = self.store.exam_session(&record.exam_session).await?.ok_or(Trouble::SessionExpired)?;
        Ok((record, exam))
    }

    /// Does one step and answers with the collection as it then stands. `event` is its name in the journal.
    pub(crate) async fn step(
        &self,
        session: &Session,
        event: &'static str,
        decide: impl Fn(&mut CollectionRecord, &ExamSession) -> Result<Decision, Trouble>,
    ) -> Result<view::Collection, Trouble> {
        let begun = std::time::Instant::now();
        for tried in 1..=TRIES {
            let (mut record, exam) = self.load(session).await?;
            match decide(&mut record, &exam)? {
                Decision::Done => return self.view(&record, &exam).await,
                Decision::Write(change) => match self.write(session, &mut record, event, *change).await {
                    Ok(()) => {
                        metrics::histogram!(meters::STEP_SECONDS, "step" => event)
                            .record(begun.elapsed().as_secs_f64());
                        return self.view(&record, &exam).await;
                    }
                    Err(StoreError::Conflict) => tokio::time::sleep(pause(tried)).await,
                    Err(error) => return Err(error.into()),
                },
            }
        }
        Err(Trouble::ChangedMeanwhile)
    }

    async fn write(
        &self,
        session: &Session,
        record: &mut CollectionRecord,
        event: &'static str,
        change: Change,
    ) -> Result<(), StoreError> {
        let now = self.clock.now();
        let tx = self.store.begin().await?;
        tx.save_collection(record, now).await?;
        for picture in &change.pictures {
            tx.add_picture(picture).await?;
        }
        for (kind, version) in &change.consents {
            tx.record_consent(record.id, *kind, version, now).await?;
        }
        if let Some((attempt, photo)) = change.attempt {
            tx.enqueue_attempt(attempt, record.id, photo, now).await?;
        }
        let actor = session.actor.as_deref().unwrap_or(CANDIDATE);
        let entry = Entry::new(record.id, event, actor).with("state", record.collection.state().name());
        let entry = change.details.into_iter().fold(entry, |entry, (name, value)| entry.with(name, value));
        tx.note(&entry, now).await?;
        tx.commit().await?;
        // The worker's lines about what follows bear the same ids.
        tracing::info!(
            collection = %record.id,
            attempt = change.attempt.map(|(id, _)| tracing::field::display(id)),
            event,
            state = record.collection.state().name(),
            "a step was done"
        );
        Ok(())
    }
}

fn pause(tried: u32) -> Duration {
    Duration::from_millis(u64::from(tried) * rand::random_range(5..40))
}
