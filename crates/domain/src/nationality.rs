//! Nationalities as a foreigner's permanent residence card states them: a code of ISO 3166-1 (GB/T 2659) with its Chinese name.

use std::fmt;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

/// One state for each line: the three letters and the three digits of ISO 3166-1, and the short name in Chinese. Territories that
/// confer no nationality of their own are left out.
const LISTED: &str = include_str!("nationalities.txt");

struct State {
    code: &'static str,
    numeric: u16,
    name: &'static str,
}

fn states() -> &'static [State] {
    static STATES: OnceLock<Vec<State>> = OnceLock::new();
    STATES.get_or_init(|| {
        let parts = LISTED.lines().filter_map(|line| {
            let (code, rest) = line.split_once(' ')?;
            let (numeric, name) = rest.split_once(' ')?;
            Some(State { code, numeric: numeric.parse().ok()?, name })
        });
        parts.collect()
    })
}

/// A nationality (国籍).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Nationality(usize);

/// The text names no state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is no state's code of three letters, nor its Chinese name")]
pub struct UnknownNationality;

impl Nationality {
    /// Every nationality, by its three letters.
    pub fn all() -> impl Iterator<Item = Nationality> {
        (0..states().len()).map(Nationality)
    }

    /// Reads three letters, a Chinese name, or both with a slash between them, as cards print it: 加拿大/CAN.
    ///
    /// # Errors
    /// [`UnknownNationality`] when no state is named, or two.
    pub fn parse(text: &str) -> Result<Nationality, UnknownNationality> {
        let mut named = text.split('/').map(str::trim).map(|word| {
            let found = |s: &State| s.code.eq_ignore_ascii_case(word) || s.name == word;
            states().iter().position(found).map(Nationality).ok_or(UnknownNationality)
        });
        let first = named.next().ok_or(UnknownNationality)??;
        named.try_fold(first, |first, next| if next? == first { Ok(first) } else { Err(UnknownNationality) })
    }

    /// The state of three digits.
    pub fn of_numeric(numeric: u16) -> Option<Nationality> {
        states().iter().position(|s| s.numeric == numeric).map(Nationality)
    }

    fn state(self) -> &'static State {
        // Only positions in the list are ever made.
        &states()[self.0]
    }

    /// The three letters.
    pub fn code(self) -> &'static str {
        self.state().code
    }

    /// The three digits as a number.
    pub fn numeric(self) -> u16 {
        self.state().numeric
    }

    /// The Chinese name.
    pub fn name(self) -> &'static str {
        self.state().name
    }
}

impl fmt::Debug for Nationality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Nationality(***)")
    }
}

impl TryFrom<String> for Nationality {
    type Error = UnknownNationality;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Nationality::parse(&text)
    }
}

impl From<Nationality> for String {
    fn from(nationality: Nationality) -> String {
        nationality.code().to_owned()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_line_is_a_state_with_codes_and_a_name_of_its_own() {
        assert_eq!(states().len(), LISTED.lines().count());
        assert!(states().len() > 190);
        assert_eq!(states().iter().map(|s| s.code).collect::<HashSet<_>>().len(), states().len());
        assert_eq!(states().iter().map(|s| s.numeric).collect::<HashSet<_>>().len(), states().len());
        assert_eq!(states().iter().map(|s| s.name).collect::<HashSet<_>>().len(), states().len());
        assert!(states().iter().all(|s| s.code.len() == 3 && s.code.bytes().all(|b| b.is_ascii_uppercase())));
    }

    #[test]
    fn a_nationality_is_read_in_each_of_its_forms() {
        let canada = Nationality::of_numeric(124).unwrap();
        for text in ["CAN", "can", "加拿大", "加拿大/CAN", "加拿大 / CAN"] {
            assert_eq!(Nationality::parse(text), Ok(canada), "{text}");
        }
        assert_eq!((canada.code(), canada.name(), canada.numeric()), ("CAN", "加拿大", 124));
    }

    #[test]
    fn two_states_are_no_nationality_nor_is_china() {
        for text in ["加拿大/USA", "CHN", "", "/", "加拿大/"] {
            assert_eq!(Nationality::parse(text), Err(UnknownNationality), "{text}");
        }
    }
}
