//! The identity number: that of a citizen by GB 11643, and those of permanent residents from abroad; form, birth date, sex, check digit.
//!
//! | number | built of | source |
//! |---|---|---|
//! | citizen | division 6, birth date 8, order 3 (odd: male), check | GB 11643-1999 |
//! | citizen of Hong Kong, Macao, Taiwan | the same with the divisions 810000, 820000, 830000 | notice of the State Council on residence permits, 2018, article 4 |
//! | permanent resident, form of 2023 | 9, province 2, nationality 3 (ISO 3166-1), birth date 8, order 3, check as GB 11643 | rules of the National Immigration Administration for machine-readable data of the new form, 2023 |
//! | permanent resident, form of 2017 | nationality 3 letters (ISO 3166-1), city 4, birth date 6 (YYMMDD), order 1, check by ICAO 9303 (weights 7, 3, 1) | two open implementations that agree |
//!
//! No official text could be found for the parts of the number of 2017 and its check digit, nor whether its order tells the sex as
//! one of the two implementations has it: so the sex is not taken from it. That in the number of 2023 the order is odd for men is
//! taken from its likeness to GB 11643, by which the rules of 2023 explain it.

use std::{fmt, str::FromStr};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use crate::{CardKind, Nationality};

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

/// A well-formed identity number, in upper case: 17 digits and a check character, or three letters and twelve digits.
///
/// `Debug` and `Display` differ on purpose: `Debug` is masked, so that a number never slips into a log.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct IdNumber(String);

/// Why a text is not an identity number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdNumberError {
    /// It has not 18 characters, nor 15 that begin with letters.
    #[error("an identity number has 18 characters, or 15 that begin with three letters; this one has {0}")]
    Length(usize),
    /// A character is neither digit nor, in the last place, X; or behind three letters something is no digit.
    #[error(
        "an identity number holds digits, and X in the last place only; one of 15 characters holds three letters and twelve digits"
    )]
    Character,
    /// The digits of the place name no province-level division of GB/T 2260.
    #[error("the digits of the place name no province")]
    Division,
    /// The code of the nationality is not one of ISO 3166-1.
    #[error("the code of the nationality names no state")]
    Nationality,
    /// The digits of the birth date are no date between 1900 and 2099.
    #[error("the digits of the date of birth are no date")]
    BirthDate,
    /// The last character does not fit those before it.
    #[error("the check digit does not fit")]
    CheckDigit,
}

/// Province-level codes of GB/T 2260, with 81, 82 and 83 of the residence permits.
const PROVINCES: [u8; 35] = [
    11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46, 50, 51, 52, 53, 54,
    61, 62, 63, 64, 65, 71, 81, 82, 83,
];

/// Digits of a place that GB/T 2260 gives to none: with them specimens bear numbers that no issued card has, where the issued ones
/// themselves name a place no finer than a province.
const NOWHERE: &str = "9999";

/// Cards of the form of 2017 were issued until November 2023: a year of birth of two digits above this one is of the last century.
const LAST_YEAR_OF_2017: i16 = 23;

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

/// The check digit of ICAO 9303, part 3, section 4.9: digits as they are, A to Z as 10 to 35, weights 7, 3, 1 in turn, modulo 10;
/// `None` if there is any other character.
pub fn check_digit_of_travel_documents(text: &str) -> Option<char> {
    let values: Vec<u32> = text.chars().map(|c| c.to_digit(36)).collect::<Option<_>>()?;
    let sum: u32 = values.iter().zip([7, 3, 1].iter().cycle()).map(|(value, weight)| value * weight).sum();
    char::from_digit(sum % 10, 10)
}

impl IdNumber {
    /// Reads a number as people and recognisers write it: full-width digits, spaces and lower-case letters are folded.
    ///
    /// # Errors
    /// [`IdNumberError`] names the first rule that the text breaks.
    pub fn parse(text: &str) -> Result<IdNumber, IdNumberError> {
        let folded: String =
            text.nfkc().filter(|c| !c.is_whitespace()).map(|c| c.to_ascii_uppercase()).collect();
        let length = folded.chars().count();
        match length {
            18 => follows_gb_11643(&folded)?,
            15 if folded.starts_with(|c: char| c.is_ascii_uppercase()) => follows_form_of_2017(&folded)?,
            _ => return Err(IdNumberError::Length(length)),
        }
        Ok(IdNumber(folded))
    }

    /// The 18 or 15 characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The kind of card that bears such a number.
    pub fn card_kind(&self) -> CardKind {
        CardKind::of_number(self)
    }

    /// Date of birth. A number of the form of 2017 has only two digits of the year: see [`IdNumber::fits_birth_date`].
    pub fn birth_date(&self) -> Date {
        let date = match self.card_kind() {
            CardKind::PermanentResidence2017 => short_birth_date(&self.0),
            _ => birth_date(&self.0),
        };
        date.unwrap_or(Date::ZERO)
    }

    /// Whether the number can be that of somebody born on the date: of a year of two digits the century does not matter.
    pub fn fits_birth_date(&self, date: Date) -> bool {
        let inside = self.birth_date();
        match self.card_kind() {
            CardKind::PermanentResidence2017 => {
                let of = |date: Date| (date.year() % 100, date.month(), date.day());
                of(inside) == of(date)
            }
            _ => inside == date,
        }
    }

    /// Sex, by the 17th digit: odd is male. A number of the form of 2017 does not tell it.
    pub fn sex(&self) -> Option<Sex> {
        let order = self.0.as_bytes().get(16)?;
        Some(if order % 2 == 1 { Sex::Male } else { Sex::Female })
    }

    /// Nationality, which only the numbers of foreigners tell.
    pub fn nationality(&self) -> Option<Nationality> {
        match self.card_kind() {
            CardKind::PermanentResidence2017 => Nationality::parse(&self.0[..3]).ok(),
            CardKind::PermanentResidence2023 => Nationality::of_numeric(self.0[3..6].parse().ok()?),
            CardKind::ResidentIdentityCard | CardKind::ResidencePermit => None,
        }
    }

    /// First four and last two characters, the rest as stars: for a registrar's list.
    pub fn masked(&self) -> String {
        let last = self.0.len() - 2;
        format!("{}{}{}", &self.0[..4], "*".repeat(last - 4), &self.0[last..])
    }

    /// Whether the number is a specimen's, which no issued number can be: a citizen's with the division code of a whole province, or,
    /// as the numbers of residence permits have just that, the others with the digits of no place.
    pub fn is_specimen(&self) -> bool {
        match self.card_kind() {
            CardKind::ResidentIdentityCard => &self.0[2..6] == "0000",
            CardKind::ResidencePermit => &self.0[2..6] == NOWHERE,
            CardKind::PermanentResidence2017 => &self.0[3..7] == NOWHERE,
            CardKind::PermanentResidence2023 => self.0[1..3] == NOWHERE[..2],
        }
    }
}

/// A citizen's number, or a foreigner's of the form of 2023. `number` has 18 characters.
fn follows_gb_11643(number: &str) -> Result<(), IdNumberError> {
    let well_formed = number.bytes().enumerate().all(|(i, b)| b.is_ascii_digit() || (i == 17 && b == b'X'));
    if !well_formed {
        return Err(IdNumberError::Character);
    }
    if number.starts_with('9') {
        is_place(&number[1..3], &NOWHERE[..2])?;
        let state = number[3..6].parse().ok().and_then(Nationality::of_numeric);
        state.ok_or(IdNumberError::Nationality)?;
    } else {
        is_place(&number[..2], "")?;
        if matches!(&number[..2], "81" | "82" | "83") && !["0000", NOWHERE].contains(&&number[2..6]) {
            return Err(IdNumberError::Division);
        }
    }
    if !matches!(birth_date(number), Some(date) if (1900..2100).contains(&date.year())) {
        return Err(IdNumberError::BirthDate);
    }
    if check_character(&number[..17]) != number.chars().last() {
        return Err(IdNumberError::CheckDigit);
    }
    Ok(())
}

/// A foreigner's number of the form of 2017. `number` has 15 characters.
fn follows_form_of_2017(number: &str) -> Result<(), IdNumberError> {
    let well_formed = number.bytes().enumerate().all(|(i, b)| match i {
        0..3 => b.is_ascii_uppercase(),
        _ => b.is_ascii_digit(),
    });
    if !well_formed {
        return Err(IdNumberError::Character);
    }
    Nationality::parse(&number[..3]).map_err(|_| IdNumberError::Nationality)?;
    if &number[3..7] != NOWHERE {
        is_place(&number[3..5], "")?;
    }
    short_birth_date(number).ok_or(IdNumberError::BirthDate)?;
    if check_digit_of_travel_documents(&number[..14]) != number.chars().last() {
        return Err(IdNumberError::CheckDigit);
    }
    Ok(())
}

/// Whether the two digits are those of a province, or of the `nowhere` of specimens.
fn is_place(digits: &str, nowhere: &str) -> Result<(), IdNumberError> {
    let province = digits.parse().is_ok_and(|code: u8| PROVINCES.contains(&code));
    if province || digits == nowhere { Ok(()) } else { Err(IdNumberError::Division) }
}

/// The birth date in a number of the form of 2017.
fn short_birth_date(number: &str) -> Option<Date> {
    let part = |at: usize| number.get(at..at + 2)?.parse::<i8>().ok();
    let year = i16::from(part(7)?);
    let century = if year > LAST_YEAR_OF_2017 { 1900 } else { 2000 };
    Date::new(century + year, part(9)?, part(11)?).ok()
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
            rest in 0u32..10_000, nowhere: bool, year in 1950i16..2010, month in 1i8..=12, day in 1i8..=28, order in 0u32..1000,
        ) -> String {
            // Hong Kong, Macao and Taiwan are not parted further.
            let rest = match (province, nowhere) {
                (..81, _) => rest,
                (_, true) => 9999,
                (_, false) => 0,
            };
            let first = format!("{province:02}{rest:04}{year:04}{month:02}{day:02}{order:03}");
            let check = check_character(&first).unwrap();
            format!("{first}{check}")
        }
    }

    prop_compose! {
        fn foreigners_number()(
            province in prop::sample::select(PROVINCES.to_vec()),
            state in prop::sample::select(Nationality::all().collect::<Vec<_>>()),
            city in 0u32..100, year in 1930i16..2023, month in 1i8..=12, day in 1i8..=28, order in 0u32..1000,
        ) -> [(String, Nationality, Date); 2] {
            let short = format!(
                "{}{province:02}{city:02}{:02}{month:02}{day:02}{}", state.code(), year % 100, order % 10
            );
            let long = format!("9{province:02}{:03}{year:04}{month:02}{day:02}{order:03}", state.numeric());
            let check = (check_digit_of_travel_documents(&short).unwrap(), check_character(&long).unwrap());
            let born = Date::new(year, month, day).unwrap();
            [(format!("{short}{}", check.0), state, born), (format!("{long}{}", check.1), state, born)]
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
        fn a_foreigners_number_tells_nationality_and_birth_date(numbers in foreigners_number()) {
            for (text, state, born) in numbers {
                let n = IdNumber::parse(&text).unwrap();
                prop_assert_eq!((n.nationality(), n.birth_date()), (Some(state), born));
                prop_assert!(n.fits_birth_date(born) && !n.fits_birth_date(born.tomorrow().unwrap()));
                prop_assert!(!n.is_specimen());
                prop_assert_eq!(n.masked().len(), text.len());
                prop_assert_eq!(IdNumber::parse(&text.to_lowercase()).unwrap(), n);
            }
        }

        #[test]
        fn one_wrong_digit_of_a_foreigners_number_is_found(
            numbers in foreigners_number(), at in 3usize..15, by in 1u8..10,
        ) {
            for (text, ..) in numbers {
                let mut bytes = text.into_bytes();
                bytes[at] = b'0' + (bytes[at] - b'0' + by) % 10;
                let wrong = IdNumber::parse(std::str::from_utf8(&bytes).unwrap());
                prop_assert!(wrong.is_err());
            }
        }

        #[test]
        fn the_kinds_of_numbers_are_told_apart(citizens in number(), foreigners in foreigners_number()) {
            let kind = |text: &str| IdNumber::parse(text).unwrap().card_kind();
            let permit = ["81", "82", "83"].contains(&&citizens[..2]);
            let expected = if permit { CardKind::ResidencePermit } else { CardKind::ResidentIdentityCard };
            prop_assert_eq!(kind(&citizens), expected);
            prop_assert_eq!(kind(&foreigners[0].0), CardKind::PermanentResidence2017);
            prop_assert_eq!(kind(&foreigners[1].0), CardKind::PermanentResidence2023);
        }

        #[test]
        fn any_text_is_answered(text in ".{0,40}") {
            if let Ok(n) = IdNumber::parse(&text) {
                let _ = (n.birth_date(), n.sex(), n.nationality(), n.masked(), n.is_specimen());
            }
        }

        #[test]
        fn anything_like_a_number_is_answered(text in "[A-Z]{3}[0-9]{12}|9[0-9]{17}|8[123][0-9]{16}") {
            if let Ok(n) = IdNumber::parse(&text) {
                let _ = (n.birth_date(), n.sex(), n.nationality(), n.masked(), n.is_specimen());
            }
        }
    }

    #[test]
    fn permits_name_no_place_below_hong_kong_macao_and_taiwan() {
        let with = |division: &str| {
            let first = format!("{division}19970602004");
            IdNumber::parse(&format!("{first}{}", check_character(&first).unwrap()))
        };
        for code in ["81", "82", "83"] {
            assert!(!with(&format!("{code}0000")).unwrap().is_specimen());
            assert!(with(&format!("{code}9999")).unwrap().is_specimen());
            assert_eq!(with(&format!("{code}0100")), Err(IdNumberError::Division));
        }
    }

    #[test]
    fn the_example_of_icao_9303_has_its_check_digit() {
        // Part 3, appendix A: the date 520727, and the number of the document AB2134.
        assert_eq!(check_digit_of_travel_documents("520727"), Some('3'));
        assert_eq!(check_digit_of_travel_documents("AB2134"), Some('5'));
        assert_eq!(check_digit_of_travel_documents("AB<"), None);
    }

    #[test]
    fn a_number_of_two_digits_of_the_year_fits_either_century() {
        let first = "CAN11012212050";
        let n =
            IdNumber::parse(&format!("{first}{}", check_digit_of_travel_documents(first).unwrap())).unwrap();
        assert_eq!(n.birth_date(), jiff::civil::date(2022, 12, 5));
        assert!(n.fits_birth_date(jiff::civil::date(1922, 12, 5)));
        assert_eq!(n.sex(), None);
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
