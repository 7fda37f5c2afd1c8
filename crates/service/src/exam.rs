//! An exam session as an operator writes it: a TOML file with name, office and standard; texts are built in, or the operator's.

use domain::{CardKind, Inspection, Text};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::{ConsentText, ExamSession, Office};

/// The built-in texts' version: the day on which they were written.
const BUILT_IN: &str = "2026-11-27";

/// Title and body of a text in both languages, as kept in [`ConsentText::text`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wording {
    /// Its title.
    pub title: Text,
    /// Plain text, paragraphs parted by a blank line.
    pub body: Text,
}

impl Wording {
    /// Reads the kept form.
    pub fn read(text: &str) -> Option<Wording> {
        serde_json::from_str(text).ok()
    }

    /// From two plain texts whose first lines are the titles.
    fn parse(zh: &str, en: &str) -> Option<Wording> {
        let part = |text: &str| {
            let (title, body) = text.trim().split_once('\n')?;
            Some((title.trim().to_owned(), body.trim().to_owned()))
        };
        let ((zh_title, zh_body), (en_title, en_body)) = (part(zh)?, part(en)?);
        Some(Wording { title: Text::new(zh_title, en_title), body: Text::new(zh_body, en_body) })
    }

    fn keep(&self) -> String {
        serde_json::json!(self).to_string()
    }
}

/// The file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExamFile {
    /// A short stable id: letters, digits, hyphens.
    pub id: String,
    /// What candidates see.
    pub name: String,
    /// Id of the photo standard.
    pub standard: String,
    /// Attempts allowed in a row.
    #[serde(default = "five")]
    pub attempts_allowed: u8,
    /// Whether candidates may log in.
    #[serde(default = "yes")]
    pub open: bool,
    /// From when on nobody logs in any more: `2026-09-10T17:00:00+08:00`.
    #[serde(default)]
    pub closes_at: Option<Timestamp>,
    /// The kinds of cards that are accepted; left out or empty, the photo standard says it.
    #[serde(default)]
    pub cards: Vec<CardKind>,
    /// Which photos wait for a registrar's eye.
    #[serde(default)]
    pub inspection: Inspection,
    /// Whether two registrars must pass a photo that waits.
    #[serde(default)]
    pub two_eyes: bool,
    /// Whom candidates ask.
    pub office: Office,
    /// The operator's own texts instead of the built-in ones.
    #[serde(default)]
    pub texts: Texts,
}

/// The operator's own texts.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Texts {
    /// 《用户协议》
    pub agreement: Option<OwnText>,
    /// 《隐私协议》
    pub privacy: Option<OwnText>,
    /// The consent to the face comparison.
    pub face_consent: Option<OwnText>,
}

/// One text of the operator's.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnText {
    /// Its version; change it with the text, and candidates are asked anew.
    pub version: String,
    /// Chinese; the first line is the title.
    pub zh: String,
    /// English; the first line is the title.
    pub en: String,
}

fn five() -> u8 {
    domain::Attempts::DEFAULT_ALLOWED
}

fn yes() -> bool {
    true
}

/// Why a file is not an exam session: key and remedy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{key}: {remedy}")]
pub struct ExamFileError {
    /// The key in the file; its place where the file is not TOML.
    pub key: String,
    /// What to write.
    pub remedy: String,
}

/// How long what is kept, as the privacy notice says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    /// Days for which pictures of the card and captures are kept.
    pub picture_days: u32,
    /// Most days for which anything is kept.
    pub record_days: u32,
}

impl ExamFile {
    /// Reads the file's text.
    ///
    /// # Errors
    /// [`ExamFileError`] names the key and what to write.
    pub fn parse(text: &str) -> Result<ExamFile, ExamFileError> {
        let file: ExamFile = toml::from_str(text).map_err(|error| {
            let line = error.span().map_or(1, |s| text[..s.start.min(text.len())].matches('\n').count() + 1);
            ExamFileError { key: format!("line {line}"), remedy: error.message().to_owned() }
        })?;
        file.check()?;
        Ok(file)
    }

    /// Whether it can be an exam session.
    ///
    /// # Errors
    /// [`ExamFileError`] names the key and what to write.
    pub fn check(&self) -> Result<(), ExamFileError> {
        let wrong =
            |key: &str, remedy: &str| Err(ExamFileError { key: key.to_owned(), remedy: remedy.to_owned() });
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if self.id.is_empty() || self.id.len() > 64 || !self.id.chars().all(plain) {
            return wrong("id", "write 1 to 64 letters, digits and hyphens, such as \"chengkao-2026\"");
        }
        if self.name.trim().is_empty() {
            return wrong("name", "write what candidates are to see");
        }
        if self.attempts_allowed == 0 {
            return wrong("attempts_allowed", "write a number from 1 to 255; the rule is 5");
        }
        if self.office.name.trim().is_empty() || self.office.phone.trim().is_empty() {
            return wrong("office", "write name and phone of whom candidates are to ask");
        }
        Ok(())
    }

    /// The exam session, its texts filled in.
    ///
    /// # Errors
    /// [`ExamFileError`] if a text of the operator's has no title line.
    pub fn exam_session(&self, kept: Kept) -> Result<ExamSession, ExamFileError> {
        let text = |key: &str, own: &Option<OwnText>, built_in: (&str, &str)| {
            let (version, zh, en) = match own {
                Some(own) => (own.version.clone(), own.zh.as_str(), own.en.as_str()),
                None => (BUILT_IN.to_owned(), built_in.0, built_in.1),
            };
            let wording = Wording::parse(&self.fill(zh, kept), &self.fill(en, kept));
            let wording = wording.ok_or_else(|| ExamFileError {
                key: format!("texts.{key}"),
                remedy: "write the title in the first line and the text below it".to_owned(),
            })?;
            Ok(ConsentText { version, text: wording.keep() })
        };
        Ok(ExamSession {
            id: self.id.clone(),
            name: self.name.clone(),
            office: self.office.clone(),
            standard: self.standard.clone(),
            attempts_allowed: self.attempts_allowed,
            agreement: text(
                "agreement",
                &self.texts.agreement,
                (include_str!("../texts/agreement.zh.txt"), include_str!("../texts/agreement.en.txt")),
            )?,
            privacy: text(
                "privacy",
                &self.texts.privacy,
                (include_str!("../texts/privacy.zh.txt"), include_str!("../texts/privacy.en.txt")),
            )?,
            face_consent: text(
                "face_consent",
                &self.texts.face_consent,
                (include_str!("../texts/face_consent.zh.txt"), include_str!("../texts/face_consent.en.txt")),
            )?,
            open: self.open,
            closes_at: self.closes_at,
            cards: Some(self.cards.clone()).filter(|cards| !cards.is_empty()),
            inspection: self.inspection,
            two_eyes: self.two_eyes,
        })
    }

    fn fill(&self, text: &str, kept: Kept) -> String {
        text.replace("{office}", &self.office.name)
            .replace("{phone}", &self.office.phone)
            .replace("{exam}", &self.name)
            .replace("{picture_days}", &kept.picture_days.to_string())
            .replace("{record_days}", &kept.record_days.to_string())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const FILE: &str = "id = \"chengkao-2026\"\nname = \"成人高考\"\nstandard = \"chengkao\"\n\
        [office]\nname = \"某市成招办\"\nphone = \"0000-12345678\"\n";

    #[test]
    fn the_built_in_texts_name_the_office_and_leave_nothing_unfilled() {
        let exam =
            ExamFile::parse(FILE).unwrap().exam_session(Kept { picture_days: 30, record_days: 365 }).unwrap();
        for text in [&exam.agreement, &exam.privacy, &exam.face_consent] {
            let wording = Wording::read(&text.text).unwrap();
            for body in [&wording.body.zh, &wording.body.en] {
                assert!(body.contains("某市成招办") && body.contains("0000-12345678"));
                assert!(!body.contains('{') && !body.contains('}'));
            }
        }
        assert_eq!(exam.attempts_allowed, 5);
    }

    #[test]
    fn a_wrong_file_is_told_by_key_and_remedy() {
        let error = ExamFile::parse(&FILE.replace("chengkao-2026", "成考")).unwrap_err();
        assert!(error.to_string().starts_with("id: write"), "{error}");
        let error = ExamFile::parse(&FILE.replace("standard", "standart")).unwrap_err();
        assert!(error.to_string().starts_with("line 3: unknown field `standart`"), "{error}");
    }
}
