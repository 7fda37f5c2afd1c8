//! The count of verification attempts.

use serde::{Deserialize, Serialize};

/// How many attempts the platform has refused in a row, of how many allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempts {
    allowed: u8,
    refused: u8,
}

impl Attempts {
    /// The rule of the journey: five.
    pub const DEFAULT_ALLOWED: u8 = 5;

    /// None used yet. At least one is always allowed.
    pub fn new(allowed: u8) -> Attempts {
        Attempts { allowed: allowed.max(1), refused: 0 }
    }

    /// Attempts allowed in a row.
    pub fn allowed(self) -> u8 {
        self.allowed
    }

    /// Attempts refused in a row.
    pub fn refused(self) -> u8 {
        self.refused
    }

    /// Attempts left.
    pub fn left(self) -> u8 {
        self.allowed - self.refused
    }

    /// One more refused; the count never passes what is allowed.
    pub(crate) fn one_more(self) -> Attempts {
        Attempts { refused: (self.refused + 1).min(self.allowed), ..self }
    }

    /// The count begins anew.
    pub(crate) fn anew(self) -> Attempts {
        Attempts { refused: 0, ..self }
    }
}
