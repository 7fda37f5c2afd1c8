//! The bodies of the registration contract, as JSON carries them; see docs/registration-contract.md.

use base64::{Engine, prelude::BASE64_STANDARD};
use domain::{Ethnicity, IdNumber, Level, PersonName, PhoneNumber, Registration};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::registration::{CollectionResult, Completion};

/// Body of `POST /lookup`.
#[derive(Clone, Serialize, Deserialize)]
pub struct Lookup {
    /// The exam session's id.
    pub exam_session: String,
    /// Eleven digits.
    pub phone: String,
}

/// Answer to `POST /lookup`.
#[derive(Clone, Serialize, Deserialize)]
pub struct Found {
    /// `null` when no registration holds the phone.
    pub registration: Option<WireRegistration>,
}

/// A registration.
#[derive(Clone, Serialize, Deserialize)]
pub struct WireRegistration {
    /// The registration system's own key.
    pub id: String,
    /// 姓名
    pub name: String,
    /// 身份证号码
    pub number: String,
    /// 民族, with or without 族.
    #[serde(default)]
    pub ethnicity: Option<String>,
    /// 住址
    #[serde(default)]
    pub address: Option<String>,
    /// Eleven digits.
    pub phone: String,
    /// 层次: 高起专, 高起本 or 专升本.
    pub level: String,
}

impl From<&Registration> for WireRegistration {
    fn from(r: &Registration) -> Self {
        WireRegistration {
            id: r.id.clone(),
            name: r.name.as_str().to_owned(),
            number: r.number.as_str().to_owned(),
            ethnicity: r.ethnicity.map(|e| e.name().to_owned()),
            address: r.address.clone(),
            phone: r.phone.as_str().to_owned(),
            level: r.level.label().to_owned(),
        }
    }
}

impl WireRegistration {
    /// The registration, if its id, name, number, phone and level are well formed. An ethnicity outside GB/T 3304 counts as
    /// none: it is a discrepancy for the candidate to see, not a reason to turn the candidate away.
    pub fn read(self) -> Option<Registration> {
        Some(Registration {
            id: Some(self.id).filter(|id| !id.is_empty() && id.len() <= 128)?,
            name: PersonName::parse(&self.name).ok()?,
            number: IdNumber::parse(&self.number).ok()?,
            ethnicity: self.ethnicity.and_then(|e| Ethnicity::parse(&e).ok()),
            address: self.address.filter(|a| !a.trim().is_empty()),
            phone: PhoneNumber::parse(&self.phone).ok()?,
            level: Level::parse(&self.level)?,
        })
    }
}

/// Body of `POST /results`.
#[derive(Clone, Serialize, Deserialize)]
pub struct WireResult {
    /// The exam session's id.
    pub exam_session: String,
    /// The registration system's own key of the registration.
    pub registration_id: String,
    /// RFC 3339, UTC.
    pub completed_at: Timestamp,
    /// How the collection was completed.
    pub completion: Completion,
    /// The card's values that differ from the registration's; the registration system may overwrite its own.
    pub card: CardValues,
    /// The ID photo.
    pub photo: WirePhoto,
}

/// Values of the card that may overwrite the registration's.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardValues {
    /// 民族, without 族.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ethnicity: Option<String>,
    /// 住址
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
}

/// A picture in a body.
#[derive(Clone, Serialize, Deserialize)]
pub struct WirePhoto {
    /// `image/jpeg`.
    pub media_type: String,
    /// SHA-256 of the picture's bytes, 64 lower-case hexadecimal digits.
    pub sha256: String,
    /// The picture's bytes in standard Base64.
    pub base64: String,
}

impl WirePhoto {
    /// A JPEG.
    pub fn jpeg(bytes: &[u8]) -> WirePhoto {
        WirePhoto {
            media_type: "image/jpeg".into(),
            sha256: hex::encode(Sha256::digest(bytes)),
            base64: BASE64_STANDARD.encode(bytes),
        }
    }

    /// The picture's bytes, if they are what the hash says.
    pub fn bytes(&self) -> Option<Vec<u8>> {
        let bytes = BASE64_STANDARD.decode(&self.base64).ok()?;
        (hex::encode(Sha256::digest(&bytes)) == self.sha256).then_some(bytes)
    }
}

impl From<&CollectionResult> for WireResult {
    fn from(result: &CollectionResult) -> Self {
        WireResult {
            exam_session: result.exam_session.clone(),
            registration_id: result.registration_id.clone(),
            completed_at: result.completed_at,
            completion: result.completion,
            card: CardValues {
                ethnicity: result.ethnicity.map(|e| e.name().to_owned()),
                address: result.address.clone(),
            },
            photo: WirePhoto::jpeg(&result.photo),
        }
    }
}

/// Answer to `POST /results`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// `taken`, or `taken_before` when this idempotency key and body were taken earlier.
    pub status: ReceiptStatus,
}

/// Whether the result was new.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReceiptStatus {
    /// Taken now.
    Taken,
    /// Taken earlier.
    TakenBefore,
}

/// An error's body (RFC 9457).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// The HTTP status.
    pub status: u16,
    /// A stable code of the contract.
    pub code: String,
    /// What happened, without personal data.
    #[serde(default)]
    pub title: String,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn wire() -> WireRegistration {
        WireRegistration {
            id: "R-1".into(),
            name: "样本一".into(),
            number: "11010519491231002x".into(),
            ethnicity: Some("汉族".into()),
            address: Some(" ".into()),
            phone: "+86 138 0000 0001".into(),
            level: "专升本".into(),
        }
    }

    #[test]
    fn a_registration_is_read_as_people_write_it() {
        let read = wire().read().unwrap();
        assert_eq!(read.number.as_str(), "11010519491231002X");
        assert_eq!(read.phone.as_str(), "13800000001");
        assert_eq!((read.ethnicity.map(|e| e.name()), read.address), (Some("汉"), None));
    }

    #[test]
    fn an_ethnicity_outside_the_standard_turns_nobody_away() {
        let strange = WireRegistration { ethnicity: Some("穿青人".into()), ..wire() };
        assert_eq!(strange.read().unwrap().ethnicity, None);
    }

    #[test]
    fn what_a_candidate_is_found_by_must_be_right() {
        for wrong in [
            WireRegistration { id: String::new(), ..wire() },
            WireRegistration { name: " ".into(), ..wire() },
            WireRegistration { number: "110105194912310021".into(), ..wire() },
            WireRegistration { phone: "12345".into(), ..wire() },
            WireRegistration { level: "博士".into(), ..wire() },
        ] {
            assert_eq!(wrong.read(), None);
        }
    }

    #[test]
    fn a_photo_that_is_not_what_its_hash_says_is_none() {
        let mut photo = WirePhoto::jpeg(b"photo");
        assert_eq!(photo.bytes().as_deref(), Some(&b"photo"[..]));
        photo.base64 = WirePhoto::jpeg(b"other").base64;
        assert_eq!(photo.bytes(), None);
    }
}
