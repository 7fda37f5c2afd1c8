//! The identity platform: does this photo show the person whom this name and number belong to?

mod codes;
mod tencent;

use std::fmt;

use async_trait::async_trait;
use domain::{IdNumber, PersonName};
use uuid::Uuid;

pub use codes::{Kind, concerns_one_person, documented_codes, sort};
pub use tencent::{MAX_ENCODED_PICTURE, TencentFaceId, TencentFaceIdConfig, serial};

/// Asks an identity platform. The answer is total: whatever goes wrong on the way is an [`Answer`], too.
#[async_trait]
pub trait IdentityPlatform: Send + Sync {
    /// Asks once. Asking again with the same attempt asks the same question, not a new one.
    async fn verify(&self, question: &Question<'_>) -> Answer;
}

/// What the platform is asked.
#[derive(Clone, Copy)]
pub struct Question<'a> {
    /// The attempt's own id.
    pub attempt: Uuid,
    /// 姓名
    pub name: &'a PersonName,
    /// 身份证号码
    pub number: &'a IdNumber,
    /// The ID photo, JPEG or PNG.
    pub photo: &'a [u8],
}

impl fmt::Debug for Question<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Question({})", self.attempt)
    }
}

/// What the platform answers. Only [`Answer::SaysNo`] counts as an attempt.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// Photo, name and number belong together.
    Confirmed {
        /// 0 to 100.
        similarity: f32,
        /// The platform's own id of the answer.
        request_id: String,
    },
    /// The photo is not this person, or name and number do not belong together.
    SaysNo {
        /// 0 to 100, where the platform compared at all.
        similarity: Option<f32>,
        /// The platform's code.
        code: String,
        /// The platform's own id of the answer.
        request_id: String,
    },
    /// The platform cannot use this picture; another one may do. Not an attempt.
    PictureUnusable {
        /// The platform's code.
        code: String,
    },
    /// The platform has nothing to compare this person with, or does not take this name or number; neither another picture nor
    /// asking again helps, a registrar does. Not an attempt.
    CannotVerify {
        /// The platform's code.
        code: String,
    },
    /// No usable answer for now: ask again later, with back-off. Not an attempt.
    AskAgain {
        /// The platform's code, or `transport.*`, `http.*`, `answer.*`.
        code: String,
    },
    /// The operator must mend something: keys, contract, balance. Ask again when mended. Not an attempt.
    Misconfigured {
        /// The platform's code.
        code: String,
    },
}

impl Answer {
    /// Whether the answer counts as an attempt.
    pub fn is_attempt(&self) -> bool {
        matches!(self, Answer::SaysNo { .. })
    }

    /// Whether the same question is to be asked again later.
    pub fn is_open(&self) -> bool {
        matches!(self, Answer::AskAgain { .. } | Answer::Misconfigured { .. })
    }
}
