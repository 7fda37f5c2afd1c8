//! Mainland mobile phone numbers, by which candidates log in.

use std::fmt;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

/// Eleven digits, beginning 13 to 19. `Debug` is masked.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PhoneNumber(String);

/// The text is not a mainland mobile number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a mobile phone number has 11 digits and begins with 13 to 19")]
pub struct PhoneNumberError;

impl PhoneNumber {
    /// Reads a number as people type it: spaces, hyphens, full-width digits and a leading +86 or 0086 are folded.
    ///
    /// # Errors
    /// [`PhoneNumberError`] if what is left is not 11 digits beginning 13 to 19.
    pub fn parse(text: &str) -> Result<PhoneNumber, PhoneNumberError> {
        let folded: String =
            text.nfkc().filter(|c| !c.is_whitespace() && !matches!(c, '-' | '(' | ')')).collect();
        let digits = folded
            .strip_prefix("+86")
            .or_else(|| folded.strip_prefix("0086"))
            .or_else(|| folded.strip_prefix("86").filter(|rest| rest.len() == 11))
            .unwrap_or(&folded);
        let right = digits.len() == 11
            && digits.bytes().all(|b| b.is_ascii_digit())
            && digits.starts_with('1')
            && digits.as_bytes()[1] >= b'3';
        if right { Ok(PhoneNumber(digits.to_owned())) } else { Err(PhoneNumberError) }
    }

    /// The eleven digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// First three and last four digits, the rest as stars.
    pub fn masked(&self) -> String {
        format!("{}****{}", &self.0[..3], &self.0[7..])
    }
}

impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PhoneNumber(***********)")
    }
}

impl TryFrom<String> for PhoneNumber {
    type Error = PhoneNumberError;
    fn try_from(s: String) -> Result<Self, Self::Error> {
        PhoneNumber::parse(&s)
    }
}

impl From<PhoneNumber> for String {
    fn from(p: PhoneNumber) -> String {
        p.0
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_ways_people_type_it_are_one_number() {
        let plain = PhoneNumber::parse("13800000001").unwrap();
        for text in
            ["138 0000 0001", "+86 138-0000-0001", "008613800000001", "8613800000001", "１３８００００００01"]
        {
            assert_eq!(PhoneNumber::parse(text).unwrap(), plain, "{text}");
        }
    }

    #[test]
    fn other_numbers_are_refused() {
        for text in ["", "12800000001", "1380000000", "138000000011", "02812345678", "1380000000a"] {
            assert!(PhoneNumber::parse(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text in ".{0,30}") {
            let _ = PhoneNumber::parse(&text);
        }
    }
}
