//! 同意并提交: the consent to the face comparison, the attempt and the collection's state begin in one transaction.

use domain::State;
use store::{AttemptId, ConsentKind, PictureKind, StoreError};

use crate::{
    Service, Session, Trouble,
    step::{Change, Decision, refused},
    view,
};

impl Service {
    /// Records the consent and queues the attempt; a worker asks the platform.
    ///
    /// # Errors
    /// [`Trouble::ConsentMissing`] for another version of the text, or that the step is not due.
    pub async fn begin_verification(
        &self,
        session: &Session,
        face_consent_version: &str,
    ) -> Result<view::Collection, Trouble> {
        // The photo goes with the version at which it was read: an upload in between changes the collection.
        let version = self.version(session).await?;
        let photo = self.store.latest_picture(session.collection, PictureKind::Photo).await?;
        self.step(session, "face_comparison_consented", |record, exam| {
            if asked_just_before(record.collection.state()) {
                return Ok(Decision::Done);
            }
            let attempt = AttemptId::generate();
            let next = record.collection.consented(attempt.0).map_err(refused(record, exam))?;
            if face_consent_version != exam.face_consent.version {
                return Err(Trouble::ConsentMissing);
            }
            if record.version != version {
                return Err(Trouble::ChangedMeanwhile);
            }
            let photo = photo.as_ref().ok_or_else(|| {
                tracing::error!(collection = %record.id, "a photo was submitted and is not there");
                Trouble::from(StoreError::NotFound)
            })?;
            record.collection = next;
            record.particulars.verification_note = None;
            Ok(Decision::Write(Box::new(Change {
                consents: vec![(ConsentKind::FaceComparison, face_consent_version.to_owned())],
                attempt: Some((attempt, photo.id)),
                details: vec![("attempt", attempt.to_string().into())],
                ..Change::default()
            })))
        })
        .await
    }
}

/// The platform may have answered before the page could repeat a request whose answer was lost.
fn asked_just_before(state: State) -> bool {
    matches!(state, State::Verifying { .. } | State::Refused | State::Failed | State::Completed { .. })
}
