//! SMS: a code goes to a phone.

mod codes;
mod tencent;

use std::fmt;

use async_trait::async_trait;
use domain::PhoneNumber;

pub use codes::{Kind, sort};
pub use tencent::{TemplateParam, TencentSms, TencentSmsConfig};

/// Sends login codes.
#[async_trait]
pub trait SmsSender: Send + Sync {
    /// Sends one code.
    ///
    /// # Errors
    /// [`SmsError`] says whether the number, the moment or the operator stands in the way.
    async fn send_code(&self, message: &CodeMessage<'_>) -> Result<Receipt, SmsError>;
}

/// A login code on its way to a phone.
#[derive(Clone, Copy)]
pub struct CodeMessage<'a> {
    /// To whom.
    pub phone: &'a PhoneNumber,
    /// The code, digits.
    pub code: &'a str,
    /// For how many minutes it holds.
    pub minutes: u8,
    /// The sender's own id of the message, returned by the vendor in its reports; at most 64 characters, nothing personal.
    pub serial: &'a str,
}

impl fmt::Debug for CodeMessage<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CodeMessage({})", self.serial)
    }
}

/// The vendor took the message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The vendor's serial number of the message.
    pub serial_no: String,
    /// The vendor's own id of the call.
    pub request_id: String,
}

/// Why a message was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SmsError {
    /// This number cannot be reached: malformed, or its owner refuses messages.
    #[error("the number cannot be reached ({code})")]
    NumberRefused {
        /// The vendor's code.
        code: String,
    },
    /// Too many messages to this number for now.
    #[error("too many messages to this number ({code})")]
    TooMany {
        /// The vendor's code.
        code: String,
    },
    /// No usable answer for now.
    #[error("no usable answer ({code})")]
    AskAgain {
        /// The vendor's code, or `transport.*`, `http.*`, `answer.*`.
        code: String,
    },
    /// The operator must mend something: keys, signature, template, balance.
    #[error("the SMS service is misconfigured ({code})")]
    Misconfigured {
        /// The vendor's code.
        code: String,
    },
}

impl SmsError {
    /// The vendor's code, or `transport.*`, `http.*`, `answer.*`.
    pub fn code(&self) -> &str {
        match self {
            SmsError::NumberRefused { code }
            | SmsError::TooMany { code }
            | SmsError::AskAgain { code }
            | SmsError::Misconfigured { code } => code,
        }
    }
}
