//! Exam sessions as the office sees them, makes them, opens and closes them.

use domain::Deed;
use store::ExamSession;

use super::{
    Officer,
    view::{Exam, ExamDetails},
};
use crate::{
    Service, Trouble,
    exam::{self, ExamFile},
};

/// Longest name of an exam session or an office, phone number of an office; longest text, in characters of one language.
const LONGEST: [usize; 2] = [100, 20_000];

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

    /// An exam session with all that is set about it, and the standards that may be chosen.
    ///
    /// # Errors
    /// [`Trouble::NotAllowed`], [`Trouble::NotFound`].
    pub async fn exam(&self, officer: &Officer, id: &str) -> Result<ExamDetails, Trouble> {
        officer.may(Deed::SeeExams)?;
        let exam = self.store.exam_session(id).await?.ok_or(Trouble::NotFound)?;
        let standards = self.standards.values().map(|standard| (standard.id.clone(), standard.name.clone()));
        ExamDetails::of(&exam, self.rules.entry_url.as_deref(), standards)
    }

    /// Makes an exam session, or changes one. Texts that are left out stay what they are, and are the built-in ones of a new session.
    ///
    /// # Errors
    /// [`Trouble::NotAllowed`]; [`Trouble::FieldMalformed`] names what is wrong.
    pub async fn set_exam(&self, officer: &Officer, file: &ExamFile) -> Result<(), Trouble> {
        officer.may(Deed::SetExam)?;
        let wrong = |field| Trouble::FieldMalformed { field };
        file.check().map_err(|error| wrong(field(&error.key)))?;
        let long = |text: &str, most: usize| text.chars().count() > most;
        if long(&file.name, LONGEST[0])
            || long(&file.office.name, LONGEST[0])
            || long(&file.office.phone, LONGEST[0])
        {
            return Err(wrong(if long(&file.name, LONGEST[0]) { "exam_name" } else { "office" }));
        }
        for (field, text) in [
            ("agreement", &file.texts.agreement),
            ("privacy", &file.texts.privacy),
            ("face_consent", &file.texts.face_consent),
        ] {
            let too_long = |text: &exam::OwnText| {
                text.version.trim().is_empty()
                    || long(&text.version, LONGEST[0])
                    || long(&text.zh, LONGEST[1])
                    || long(&text.en, LONGEST[1])
            };
            if text.as_ref().is_some_and(too_long) {
                return Err(wrong(field));
            }
        }
        if !self.standards.contains_key(&file.standard) {
            return Err(wrong("standard"));
        }
        let mut exam: ExamSession =
            file.exam_session(self.rules.kept).map_err(|error| wrong(field(&error.key)))?;
        let now = self.clock.now();
        let tx = self.store.begin().await?;
        let before = tx.exam_session(&file.id).await?;
        if let Some(before) = &before {
            for (text, given, kept) in [
                (&mut exam.agreement, &file.texts.agreement, &before.agreement),
                (&mut exam.privacy, &file.texts.privacy, &before.privacy),
                (&mut exam.face_consent, &file.texts.face_consent, &before.face_consent),
            ] {
                // The built-in ones name the office, whose name may have changed.
                if given.is_none() && kept.version != text.version {
                    *text = kept.clone();
                }
            }
        }
        tx.put_exam_session(&exam, now).await?;
        let entry = officer
            .does(Deed::SetExam)
            .on(file.id.as_str())
            .with("new", before.is_none())
            .with("open", exam.open)
            .with("standard", exam.standard.as_str())
            .with("attempts_allowed", exam.attempts_allowed)
            .with("closes_at", exam.closes_at.map(|at| at.to_string()))
            .with("cards", exam.cards.iter().flatten().map(|kind| kind.id()).collect::<Vec<_>>())
            .with("inspection", exam.inspection.name())
            .with("two_eyes", exam.two_eyes)
            .with(
                "texts",
                [&exam.agreement, &exam.privacy, &exam.face_consent].map(|t| t.version.clone()).to_vec(),
            );
        tx.audit(&entry, now).await?;
        Ok(tx.commit().await?)
    }
}

/// The name of a key of an exam session's file, as the office is told it.
fn field(key: &str) -> &'static str {
    match key {
        "id" => "exam_id",
        "name" => "exam_name",
        "attempts_allowed" => "attempts_allowed",
        "texts.agreement" => "agreement",
        "texts.privacy" => "privacy",
        "texts.face_consent" => "face_consent",
        _ => "office",
    }
}
