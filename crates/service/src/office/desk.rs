//! Capturing at the desk: a registrar lets the candidate's own page begin for one candidate, at the desk's camera.

use std::time::Duration;

use domain::Deed;

use super::{Officer, candidates::on, reason, view::AtDesk};
use crate::{Service, Trouble, login::later};

/// For so long a ticket leads to the candidate's page.
const TICKET: Duration = Duration::from_secs(120);

impl Service {
    /// A ticket that lets the candidate's page begin for this candidate, once. The candidate agrees to the texts on that page.
    ///
    /// # Errors
    /// [`Trouble::NotAllowed`], [`Trouble::ReasonMissing`], [`Trouble::NotFound`] without a registration,
    /// [`Trouble::CollectionEnded`] for what is completed or failed.
    pub async fn capture_at_desk(
        &self,
        officer: &Officer,
        exam: &str,
        key: &str,
        why: &str,
    ) -> Result<AtDesk, Trouble> {
        officer.may(Deed::CaptureAtDesk)?;
        let why = reason(why)?;
        let (roster, collection) = self.both(exam, key).await?;
        let now = self.clock.now();
        let record = match collection {
            Some(record) => record,
            None if roster.is_some() => {
                let exam = self.store.exam_session(exam).await?.ok_or(Trouble::NotFound)?;
                self.store.find_or_create_collection(&exam.id, key, exam.attempts_allowed, now).await?
            }
            None => return Err(Trouble::NotFound),
        };
        if record.collection.has_ended() {
            return Err(Trouble::CollectionEnded { state: record.collection.state().name() });
        }
        let expires_at = later(now, TICKET);
        let tx = self.store.begin().await?;
        let ticket = tx.create_desk_ticket(record.id, officer.account.as_str(), expires_at).await?;
        let entry = on(officer.does(Deed::CaptureAtDesk), exam, key).with("reason", why);
        tx.audit(&entry, now).await?;
        tx.commit().await?;
        let entry = self.rules.entry_url.as_deref().unwrap_or_default();
        Ok(AtDesk { path: format!("{entry}/#desk={}", ticket.as_str()) })
    }
}
