//! The photos that wait for a registrar's eye: shown oldest first, passed (by two where the exam session wants it) or refused.

use domain::{Deed, Objection, Outcome, Refusal, State};
use jiff::Timestamp;
use store::{AttemptId, AwaitingEye, CollectionRecord, Objections};

use super::{
    LONGEST_REASON, Officer,
    candidates::{Ruling, moved},
    view::{CandidateRow, Inspections, WaitingPhoto},
};
use crate::{Service, Trouble, view::Finding};

/// Photos told at once.
const PAGE: usize = 20;
/// AwaitingEye photos that are looked through for those that this person may decide.
const LOOKED_THROUGH: u64 = 100;
/// Most objections to one photo.
const MOST_OBJECTIONS: usize = 5;

/// What a registrar says of a photo.
pub enum Verdict {
    /// It goes to the identity platform.
    Pass,
    /// Another is needed.
    Refuse {
        /// Ids of checks of a photo, `unlike`, or `other` with a note.
        objections: Vec<String>,
        /// In the registrar's words; the candidate is shown it.
        note: String,
    },
}

impl Service {
    /// The photos that wait, those first that this person may decide, the oldest first.
    ///
    /// # Errors
    /// [`Trouble::NotAllowed`].
    pub async fn inspections(&self, officer: &Officer, exam: &str) -> Result<Inspections, Trouble> {
        officer.may(Deed::ReviewPhoto)?;
        let waiting = self.store.collections_by_state(exam).await?.get(STATE).copied().unwrap_or(0);
        let mut found = self.store.collections_waiting(exam, STATE, LOOKED_THROUGH).await?;
        let mine = |record: &CollectionRecord| passed_by(record).contains(&officer.account.to_string());
        // A login, or another's look, changes a collection that waits; it has waited no less for it.
        found.sort_by_key(|record| (mine(record), since(record)));
        let items = found.iter().take(PAGE).map(|record| WaitingPhoto {
            candidate: CandidateRow::of_collection(record),
            since: since(record),
            findings: warned(record),
            similarity: record.particulars.comparison.as_ref().map(|c| c.similarity),
            passed_by: passed_by(record).to_vec(),
            mine: mine(record),
        });
        Ok(Inspections { waiting, items: items.collect() })
    }

    /// Passes or refuses a photo that waits. Where the exam session wants two eyes, the second to pass it sends it on.
    ///
    /// # Errors
    /// [`Trouble::NotAllowed`], [`Trouble::NotFound`], [`Trouble::ReasonMissing`] for a refusal without objection or note,
    /// [`Trouble::AnotherMustLook`] for whoever passed it before, [`Trouble::OutOfOrder`] unless it waits.
    pub async fn inspect(
        &self,
        officer: &Officer,
        exam: &str,
        key: &str,
        verdict: &Verdict,
    ) -> Result<(), Trouble> {
        officer.may(Deed::ReviewPhoto)?;
        match verdict {
            Verdict::Pass => self.pass(officer, exam, key).await,
            Verdict::Refuse { objections, note } => {
                let note = note.trim();
                let parsed: Option<Vec<Objection>> = objections.iter().map(|o| Objection::parse(o)).collect();
                let to = parsed.ok_or(Trouble::MalformedRequest)?;
                // 其他 says nothing without words.
                let told = to.iter().any(|objection| *objection != Objection::Other) || !note.is_empty();
                if !told || to.len() > MOST_OBJECTIONS || note.chars().count() > LONGEST_REASON {
                    return Err(Trouble::ReasonMissing);
                }
                let names: Vec<&str> = to.iter().map(|objection| objection.name()).collect();
                let objections =
                    Objections { to, note: Some(note.to_owned()).filter(|note| !note.is_empty()) };
                let ruling = Ruling::new(Deed::ReviewPhoto, "inspection_refused")
                    .with("passed", false)
                    .with("objections", names);
                self.rule(officer, exam, key, &ruling, |record| {
                    moved(record, |c| c.inspection_refused())?;
                    record.particulars.waiting = None;
                    record.particulars.objections = Some(objections.clone());
                    Ok(())
                })
                .await
            }
        }
    }

    async fn pass(&self, officer: &Officer, exam: &str, key: &str) -> Result<(), Trouble> {
        let two_eyes = self.store.exam_session(exam).await?.ok_or(Trouble::NotFound)?.two_eyes;
        let me = officer.account.to_string();
        let record = self.store.collection_of(exam, key).await?.ok_or(Trouble::NotFound)?;
        if two_eyes && passed_by(&record).contains(&me) {
            return Err(Trouble::AnotherMustLook);
        }
        // Decided on the collection as it is when it is written: two who pass it at once are two.
        let ruling = Ruling::new(Deed::ReviewPhoto, "inspection_passed").with("passed", true);
        self.rule(officer, exam, key, &ruling, |record| {
            if record.collection.state() != State::Inspection {
                return Err(Refusal::OutOfOrder);
            }
            let others = passed_by(record).iter().any(|account| *account != me);
            if two_eyes && !others {
                let since = record.updated_at;
                let waiting =
                    record.particulars.waiting.get_or_insert(AwaitingEye { since, passed_by: Vec::new() });
                waiting.passed_by = vec![me.clone()];
                return Ok(());
            }
            record.particulars.waiting = None;
            moved(record, |c| c.inspection_passed(AttemptId::generate().0))
        })
        .await
    }
}

/// The state in which a photo waits.
const STATE: &str = "inspection";

fn since(record: &CollectionRecord) -> Timestamp {
    record.particulars.waiting.as_ref().map_or(record.updated_at, |waiting| waiting.since)
}

fn passed_by(record: &CollectionRecord) -> &[String] {
    record.particulars.waiting.as_ref().map_or(&[], |waiting| &waiting.passed_by)
}

fn warned(record: &CollectionRecord) -> Vec<Finding> {
    let report = record.particulars.photo_report.as_ref();
    let findings = report.iter().flat_map(|report| &report.findings);
    findings.filter(|f| f.outcome == Outcome::Warn).map(Finding::from).collect()
}
