//! The registration system: who registered with this phone, and what a completed collection tells it.

mod http;
pub mod signing;
pub mod wire;

use std::fmt;

use async_trait::async_trait;
use domain::{Ethnicity, PhoneNumber, Registration};
use jiff::Timestamp;

pub use http::{HttpRegistration, HttpRegistrationConfig};

/// What the journey needs of a registration system.
#[async_trait]
pub trait RegistrationSystem: Send + Sync {
    /// The registration that holds this phone in this exam session, if one does.
    ///
    /// # Errors
    /// [`RegistrationError`] when there is no trustworthy answer.
    async fn find_by_phone(
        &self,
        exam_session: &str,
        phone: &PhoneNumber,
    ) -> Result<Option<Registration>, RegistrationError>;

    /// Tells the result of a completed collection. Telling it again under the same idempotency key changes nothing.
    ///
    /// # Errors
    /// [`RegistrationError`] when it is not known to have been taken.
    async fn push(&self, result: &CollectionResult) -> Result<Pushed, RegistrationError>;

    /// Whether it is the built-in roster, which the office corrects in the console.
    fn is_our_roster(&self) -> bool {
        false
    }
}

/// Whether a result was new to the registration system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pushed {
    /// Taken now.
    Taken,
    /// Taken before, under the same idempotency key.
    TakenBefore,
}

/// How a collection was completed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Completion {
    /// The identity platform confirmed the photo.
    Verified,
    /// A registrar completed it at the desk, without face comparison.
    AtDesk,
}

/// The result of a completed collection.
#[derive(Clone, PartialEq, Eq)]
pub struct CollectionResult {
    /// The same for every delivery of this result, another for every other; 1 to 64 visible ASCII characters.
    pub idempotency_key: String,
    /// The exam session's id.
    pub exam_session: String,
    /// The registration system's own key of the registration.
    pub registration_id: String,
    /// When the collection was completed.
    pub completed_at: Timestamp,
    /// How.
    pub completion: Completion,
    /// The card's ethnicity, where it differed from the registration's.
    pub ethnicity: Option<Ethnicity>,
    /// The card's address, where it differed from the registration's.
    pub address: Option<String>,
    /// The ID photo, JPEG.
    pub photo: Vec<u8>,
}

impl fmt::Debug for CollectionResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CollectionResult({})", self.idempotency_key)
    }
}

/// Why the registration system gave no usable answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RegistrationError {
    /// It does not answer, or says that it cannot for now: ask again.
    #[error("the registration system is not available ({code})")]
    Unavailable {
        /// `transport.*`, `http.*` or the system's own code.
        code: String,
    },
    /// It answered, but not as the contract says, or without a good signature: ask again, and tell the operator.
    #[error("the registration system's answer cannot be trusted ({code})")]
    BadAnswer {
        /// `answer.*`.
        code: String,
    },
    /// It will not take this, now or later.
    #[error("the registration system refuses ({code})")]
    Refused {
        /// The system's own code.
        code: String,
    },
    /// Keys, clock or exam session are wrong: the operator must mend it.
    #[error("the registration system is misconfigured ({code})")]
    Misconfigured {
        /// The system's own code.
        code: String,
    },
}

impl RegistrationError {
    /// A stable code for records and metrics.
    pub fn code(&self) -> &str {
        match self {
            RegistrationError::Unavailable { code }
            | RegistrationError::BadAnswer { code }
            | RegistrationError::Refused { code }
            | RegistrationError::Misconfigured { code } => code,
        }
    }

    /// Whether asking again, unchanged, may succeed.
    pub fn may_ask_again(&self) -> bool {
        !matches!(self, RegistrationError::Refused { .. })
    }
}
