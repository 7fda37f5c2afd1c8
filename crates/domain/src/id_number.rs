//! The citizen's identity number of GB 11643: form, birth date, sex and check digit.

use std::{fmt, str::FromStr};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

/// Sex, as the 17th digit of the number tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sex {
    /// 女
    Female,
    /// 男
    Male,
}

impl Sex {
    /// As printed on the card: 男 or 女.
    pub fn label(self) -> &'static str {
        match self {
            Sex::Female => "女",
            Sex::Male => "男",
        }
    }
}

/// A well-formed identity number: 17 digits and a check character, in upper case.
///
/// `Debug` and `Display` differ on purpose: `Debug` is masked, so that a number never slips into a log.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct IdNumber(String);

/// Why a text is not an identity number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdNumberError {
    /// It has not 18 characters.
    #[error("an identity number has 18 characters, this one has {0}")]
    Length(usize),
    /// A character is neither digit nor, in the last place, X.
    #[error("an identity number holds digits, and X in the last place only")]
    Character,
    /// The first two digits name no province-level division of GB/T 2260.
    #[error("the first two digits name no province")]
    Division,
    /// Digits 7 to 14 are no date between 1900 and 2099.
    #[error("digits 7 to 14 are not a date of birth")]
    BirthDate,
    /// The last character does not fit the 17 before it.
    #[error("the check digit does not fit")]
    CheckDigit,
}

/// Province-level codes of GB/T 2260, with 81, 82 and 83 of the residence permits.
const PROVINCES: [u8; 35] = [
    11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46, 50, 51, 52, 53, 54,
    61, 62, 63, 64, 65, 71, 81, 82, 83,
];

/// The check character of GB 11643 (ISO 7064 MOD 11-2) for the first 17 digits; `None` if they are not 17 digits.
pub fn check_character(first_17: &str) -> Option<char> {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    const CHARACTERS: [char; 11] = ['1', '0', 'X', '9', '8', '7', '6', '5', '4', '3', '2'];
    let digits: Vec<u32> = first_17.chars().map(|c| c.to_digit(10)).collect::<Option<_>>()?;
    if digits.len() != 17 {
        return None;
    }
    let sum: u32 = digits.iter().zip(WEIGHTS).map(|(d, w)| d * w).sum();
    CHARACTERS.get((sum % 11) as usize).copied()
}

impl IdNumber {
    /// Reads a number as people and recognisers write it: full-width digits, spaces and a lower-case x are folded.
    ///
    /// # Errors
    /// [`IdNumberError`] names the first rule of GB 11643 that the text breaks.
    pub fn parse(text: &str) -> Result<IdNumber, IdNumberError> {
        let folded: String =
            text.nfkc().filter(|c| !c.is_whitespace()).map(|c| c.to_ascii_uppercase()).collect();
        let length = folded.chars().count();
        if length != 18 {
            return Err(IdNumberError::Length(length));
        }
        let well_formed =
            folded.bytes().enumerate().all(|(i, b)| b.is_ascii_digit() || (i == 17 && b == b'X'));
        if !well_formed {
            return Err(IdNumberError::Character);
        }
        let province: u8 = folded[..2].parse().map_err(|_| IdNumberError::Character)?;
        if !PROVINCES.contains(&province) {
            return Err(IdNumberError::Division);
        }
        if !matches!(birth_date(&folded), Some(date) if (1900..2100).contains(&date.year())) {
            return Err(IdNumberError::BirthDate);
        }
        if check_character(&folded[..17]) != folded.chars().last() {
            return Err(IdNumberError::CheckDigit);
        }
        Ok(IdNumber(folded))
    }

    /// The 18 characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Date of birth, digits 7 to 14.
    pub fn birth_date(&self) -> Date {
        birth_date(&self.0).unwrap_or(Date::ZERO)
    }

    /// Sex, by the 17th digit: odd is male.
    pub fn sex(&self) -> Sex {
        if self.0.as_bytes()[16] % 2 == 1 { Sex::Male } else { Sex::Female }
    }

    /// First four and last two characters, the rest as stars: for a registrar's list.
    pub fn masked(&self) -> String {
        format!("{}************{}", &self.0[..4], &self.0[16..])
    }

    /// Whether the number is a specimen's: a province-level division code, which no issued number has.
    pub fn is_specimen(&self) -> bool {
        &self.0[2..6] == "0000"
    }
}

fn birth_date(number: &str) -> Option<Date> {
    let year = number.get(6..10)?.parse().ok()?;
    let month = number.get(10..12)?.parse().ok()?;
    let day = number.get(12..14)?.parse().ok()?;
    Date::new(year, month, day).ok()
}

impl fmt::Debug for IdNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IdNumber(******************)")
    }
}

impl FromStr for IdNumber {
    type Err = IdNumberError;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        IdNumber::parse(s)
    }
}

impl TryFrom<String> for IdNumber {
    type Error = IdNumberError;
    fn try_from(s: String) -> Result<Self, Self::Error> {
        IdNumber::parse(&s)
    }
}

impl From<IdNumber> for String {
    fn from(n: IdNumber) -> String {
        n.0
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;

    prop_compose! {
        fn number()(
            province in prop::sample::select(PROVINCES.to_vec()),
            rest in 0u32..10_000, year in 1950i16..2010, month in 1i8..=12, day in 1i8..=28, order in 0u32..1000,
        ) -> String {
            let first = format!("{province:02}{rest:04}{year:04}{month:02}{day:02}{order:03}");
            let check = check_character(&first).unwrap();
            format!("{first}{check}")
        }
    }

    proptest! {
        #[test]
        fn a_right_number_is_read(text in number()) {
            let n = IdNumber::parse(&text).unwrap();
            prop_assert_eq!(n.as_str(), text.as_str());
            prop_assert_eq!(n.birth_date().year().to_string(), &text[6..10]);
            prop_assert_eq!(IdNumber::parse(&text.to_lowercase()).unwrap(), n);
        }

        #[test]
        fn one_wrong_digit_is_always_found(text in number(), at in 0usize..17, by in 1u8..10) {
            let mut bytes = text.into_bytes();
            bytes[at] = b'0' + (bytes[at] - b'0' + by) % 10;
            prop_assert!(IdNumber::parse(std::str::from_utf8(&bytes).unwrap()).is_err());
        }

        #[test]
        fn two_digits_exchanged_are_always_found(text in number(), at in 0usize..16) {
            let mut bytes = text.clone().into_bytes();
            bytes.swap(at, at + 1);
            let exchanged = String::from_utf8(bytes).unwrap();
            prop_assume!(exchanged != text);
            prop_assert!(IdNumber::parse(&exchanged).is_err());
        }

        #[test]
        fn any_text_is_answered(text in ".{0,40}") {
            let _ = IdNumber::parse(&text);
        }
    }

    #[test]
    fn full_width_digits_and_spaces_are_folded() {
        let first = "11000019900307251";
        let text = format!("{first}{}", check_character(first).unwrap());
        let wide: String =
            text.chars().map(|c| char::from_u32(c as u32 + 0xFEE0).unwrap()).flat_map(|c| [c, ' ']).collect();
        assert_eq!(IdNumber::parse(&wide).unwrap().as_str(), text);
    }

    #[test]
    fn the_standards_own_example_has_its_check_digit() {
        assert_eq!(check_character("11010519491231002"), Some('X'));
        assert_eq!(check_character("44052418800101001"), Some('4'));
    }

    #[test]
    fn debug_shows_nothing_of_the_number() {
        let n = IdNumber::parse("11010519491231002X").unwrap();
        assert!(!format!("{n:?}").contains("1949"));
    }
}
