//! What the pages need before login.

use store::{ConsentText, ExamSession};

use crate::{PICTURE_BYTES, Service, Trouble, exam, view};

/// Digits of a login code.
pub(crate) const CODE_DIGITS: usize = 6;

impl Service {
    /// Exam session, office, texts, standard and limits.
    ///
    /// # Errors
    /// [`Trouble::NotOpen`] when no exam session is open.
    pub async fn entry(&self) -> Result<view::Entry, Trouble> {
        let exam = self.open_exam_session().await?;
        let standard = self.standard(&exam)?;
        Ok(view::Entry {
            agreement: document(&exam.agreement)?,
            privacy: document(&exam.privacy)?,
            face_consent: document(&exam.face_consent)?,
            standard: view::StandardInShort {
                id: standard.id.clone(),
                name: standard.name.clone(),
                width: standard.photo.width,
                height: standard.photo.height,
            },
            limits: view::PictureLimits {
                picture_bytes: PICTURE_BYTES,
                picture_pixels: vision::decode::MAX_PIXELS,
            },
            code: view::CodeShape {
                length: CODE_DIGITS,
                lifetime_s: self.rules.code_lifetime.as_secs(),
                again_after_s: self.rules.code_again.as_secs(),
            },
            office: office(&exam),
            exam_session: exam_session(&exam),
        })
    }
}

pub(crate) fn document(text: &ConsentText) -> Result<view::Document, Trouble> {
    let exam::Wording { title, body } = exam::Wording::read(&text.text).ok_or_else(|| {
        tracing::error!(version = %text.version, "a text of the exam session cannot be read");
        Trouble::Internal
    })?;
    Ok(view::Document { version: text.version.clone(), title, body })
}

pub(crate) fn office(exam: &ExamSession) -> view::Office {
    view::Office { name: exam.office.name.clone(), phone: exam.office.phone.clone() }
}

pub(crate) fn exam_session(exam: &ExamSession) -> view::ExamSession {
    view::ExamSession { id: exam.id.clone(), name: exam.name.clone() }
}
