//! 同意并提交: after the consent to the face comparison, the card's picture and the photo are compared; then the attempt begins, or
//! the candidate is warned and decides.

use domain::{Comparison, Decided, State};
use jiff::Timestamp;
use store::{
    AttemptId, AwaitingEye, CollectionRecord, ConsentKind, ExamSession, Picture, PictureKind, StoreError,
};

use crate::{
    Service, Session, Trouble,
    step::{Change, Decision, refused},
    view,
};

impl Service {
    /// Records the consent and queues the attempt; a worker asks the platform. Where the photo looks unlike the card's picture, the
    /// candidate is warned instead, and nothing is asked.
    ///
    /// # Errors
    /// [`Trouble::ConsentMissing`] for another version of the text, or that the step is not due.
    pub async fn begin_verification(
        &self,
        session: &Session,
        face_consent_version: &str,
    ) -> Result<view::Collection, Trouble> {
        let (seen, exam) = self.load(session).await?;
        // The photo goes with the version at which it was read: an upload in between changes the collection.
        let photo = self.store.latest_picture(session.collection, PictureKind::Photo).await?;
        // No face is compared before its owner has consented to it.
        let consented =
            seen.collection.state() == State::Consent && face_consent_version == exam.face_consent.version;
        let compared = match &photo {
            Some(photo) if consented => self.compare_with_card(session, photo).await,
            _ => None,
        };
        let now = self.clock.now();
        self.step(session, "face_comparison_consented", |record, exam| {
            if asked_just_before(record.collection.state()) || record.collection.state() == State::Warned {
                return Ok(Decision::Done);
            }
            let attempt = AttemptId::generate();
            let next = record.collection.consented(attempt.0).map_err(refused(record, exam))?;
            if face_consent_version != exam.face_consent.version {
                return Err(Trouble::ConsentMissing);
            }
            if record.version != seen.version {
                return Err(Trouble::ChangedMeanwhile);
            }
            record.particulars.verification_note = None;
            record.particulars.comparison = compared;
            let consents = vec![(ConsentKind::FaceComparison, face_consent_version.to_owned())];
            if compared.as_ref().is_some_and(Comparison::warns) {
                record.collection = record.collection.warned_that_unlike().map_err(refused(record, exam))?;
                return Ok(Decision::Write(Box::new(Change { consents, ..Change::default() })));
            }
            let photo = handed_in(record, photo.as_ref())?;
            if waits(record, exam) {
                hold(record, exam, now)?;
                return Ok(Decision::Write(Box::new(Change { consents, ..Change::default() })));
            }
            record.collection = next;
            Ok(Decision::Write(Box::new(Change { consents, ..begin(attempt, photo) })))
        })
        .await
    }

    /// 仍然提交: queues the attempt although the photo looks unlike the card's picture.
    ///
    /// # Errors
    /// That the step is not due.
    pub async fn submit_all_the_same(&self, session: &Session) -> Result<view::Collection, Trouble> {
        let version = self.version(session).await?;
        let photo = self.store.latest_picture(session.collection, PictureKind::Photo).await?;
        let now = self.clock.now();
        self.step(session, "submitted_all_the_same", |record, exam| {
            if asked_just_before(record.collection.state()) {
                return Ok(Decision::Done);
            }
            let attempt = AttemptId::generate();
            let next = record.collection.submitted_all_the_same(attempt.0).map_err(refused(record, exam))?;
            if record.version != version {
                return Err(Trouble::ChangedMeanwhile);
            }
            let photo = handed_in(record, photo.as_ref())?;
            decide(record, Decided::SubmitAllTheSame);
            if waits(record, exam) {
                hold(record, exam, now)?;
                return Ok(Decision::write());
            }
            record.collection = next;
            Ok(Decision::Write(Box::new(begin(attempt, photo))))
        })
        .await
    }
}

/// Whether the office wants to look at the photo before the platform is asked.
fn waits(record: &CollectionRecord, exam: &ExamSession) -> bool {
    let particulars = &record.particulars;
    exam.inspection.wants(particulars.photo_report.as_ref(), particulars.comparison.as_ref())
}

fn hold(record: &mut CollectionRecord, exam: &ExamSession, now: Timestamp) -> Result<(), Trouble> {
    record.collection = record.collection.held_for_inspection().map_err(refused(record, exam))?;
    record.particulars.waiting = Some(AwaitingEye { since: now, passed_by: Vec::new() });
    Ok(())
}

/// Keeps what the candidate did about a warning that stands.
pub(crate) fn decide(record: &mut CollectionRecord, decided: Decided) {
    if record.collection.state() == State::Warned
        && let Some(comparison) = &mut record.particulars.comparison
    {
        comparison.decided = Some(decided);
    }
}

fn handed_in<'a>(record: &CollectionRecord, photo: Option<&'a Picture>) -> Result<&'a Picture, Trouble> {
    photo.ok_or_else(|| {
        tracing::error!(collection = %record.id, "a photo was submitted and is not there");
        StoreError::NotFound.into()
    })
}

fn begin(attempt: AttemptId, photo: &Picture) -> Change {
    Change {
        attempt: Some((attempt, photo.id)),
        details: vec![("attempt", attempt.to_string().into())],
        ..Change::default()
    }
}

/// The platform may have answered before the page could repeat a request whose answer was lost.
fn asked_just_before(state: State) -> bool {
    matches!(
        state,
        State::Inspection
            | State::Verifying { .. }
            | State::Refused
            | State::Failed
            | State::Completed { .. }
    )
}
