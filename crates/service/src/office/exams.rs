//! Exam sessions as the office sees them.

use domain::Deed;

use super::{Officer, view::Exam};
use crate::{Service, Trouble};

impl Service {
    /// Every exam session, the newest first, with how many candidates stand where.
    ///
    /// # Errors
    /// [`Trouble::NotAllowed`].
    pub async fn exams(&self, officer: &Officer) -> Result<Vec<Exam>, Trouble> {
        officer.may(Deed::SeeExams)?;
        let mut exams = Vec::new();
        for exam in self.store.exam_sessions().await? {
            let registrations = self.store.count_registrations(&exam.id).await?;
            let states = self.store.collections_by_state(&exam.id).await?;
            exams.push(Exam {
                id: exam.id,
                name: exam.name,
                open: exam.open,
                standard: exam.standard,
                registrations,
                states,
            });
        }
        Ok(exams)
    }
}
