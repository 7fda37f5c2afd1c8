//! Names as cards print them, and when two of them are the same.

use std::fmt;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

/// Dots that people and recognisers write between the parts of a name, all meant as U+00B7.
const DOTS: [char; 14] = ['·', '•', '‧', '∙', '⋅', '・', '･', '●', '﹒', '．', '.', '᛫', '⸱', '\u{2024}'];

/// A person's name, normalised: NFKC, the middle dot as U+00B7, no spaces between Chinese characters, one between the words of a
/// name in Latin letters and one behind its comma.
///
/// No character is ever dropped for being rare. `Debug` is masked, so that a name never slips into a log.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PersonName(String);

/// Why a text is not a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nothing but spaces.
    #[error("a name has at least one character")]
    Empty,
    /// Longer than any card prints.
    #[error("a name has at most {MAX_CHARACTERS} characters")]
    TooLong,
    /// It holds a control character.
    #[error("a name holds no control characters")]
    Control,
}

/// Longest name that is taken, in characters.
pub const MAX_CHARACTERS: usize = 60;

impl PersonName {
    /// Normalises a name as written.
    ///
    /// # Errors
    /// [`NameError`] when nothing is left, it is longer than [`MAX_CHARACTERS`], or it holds control characters.
    pub fn parse(text: &str) -> Result<PersonName, NameError> {
        // Composing first: it brings forth dots of its own, such as those of the two-dot leader.
        let composed = text.trim().nfkc();
        let folded: Vec<char> = composed.map(|c| if DOTS.contains(&c) { '·' } else { c }).collect();
        if folded.iter().any(|c| c.is_control()) {
            return Err(NameError::Control);
        }
        let mut name = String::new();
        for (i, &c) in folded.iter().enumerate() {
            let between_latin = |j: usize| folded.get(j).is_some_and(char::is_ascii_alphabetic);
            if c.is_whitespace() {
                // Latin names (foreigners' cards) keep one space between their words; elsewhere spaces mean nothing.
                if i > 0
                    && between_latin(i - 1)
                    && folded[i..].iter().find(|c| !c.is_whitespace()).is_some_and(char::is_ascii_alphabetic)
                {
                    name.push(' ');
                }
            } else {
                name.push(c);
                let mut rest = folded[i + 1..].iter().filter(|c| !c.is_whitespace());
                if c == ',' && rest.next().is_some_and(char::is_ascii_alphabetic) {
                    name.push(' ');
                }
            }
        }
        // Once more: a space that went may have parted a letter from its accent.
        let name: String = name.nfkc().collect();
        match name.chars().count() {
            0 => Err(NameError::Empty),
            n if n > MAX_CHARACTERS => Err(NameError::TooLong),
            _ => Ok(PersonName(name)),
        }
    }

    /// The normalised name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Number of characters (Unicode scalar values; a rare character beyond the basic plane counts one).
    pub fn characters(&self) -> usize {
        self.0.chars().count()
    }

    /// Whether both are one name. In Latin letters neither case nor spaces count: SMITH, JOHN PAUL is Smith,John Paul.
    pub fn agrees_with(&self, other: &PersonName) -> bool {
        let folded = |name: &PersonName| -> String {
            name.0.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_ascii_uppercase()).collect()
        };
        self == other || folded(self) == folded(other)
    }

    /// All but the first character as stars.
    pub fn masked(&self) -> String {
        self.0.chars().enumerate().map(|(i, c)| if i == 0 { c } else { '*' }).collect()
    }
}

impl fmt::Debug for PersonName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PersonName(***)")
    }
}

impl TryFrom<String> for PersonName {
    type Error = NameError;
    fn try_from(s: String) -> Result<Self, Self::Error> {
        PersonName::parse(&s)
    }
}

impl From<PersonName> for String {
    fn from(n: PersonName) -> String {
        n.0
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_dot_is_the_middle_dot() {
        for dot in DOTS {
            let name = PersonName::parse(&format!("阿依古丽 {dot} 买买提")).unwrap();
            assert_eq!(name.as_str(), "阿依古丽·买买提", "{dot:?}");
        }
    }

    #[test]
    fn a_rare_character_is_kept() {
        let name = PersonName::parse("王𬀩龑").unwrap();
        assert_eq!(name.characters(), 3);
        assert_ne!(name, PersonName::parse("王龑").unwrap());
    }

    #[test]
    fn similar_characters_differ() {
        assert_ne!(PersonName::parse("李赟").unwrap(), PersonName::parse("李赞").unwrap());
    }

    #[test]
    fn a_latin_name_keeps_one_space() {
        assert_eq!(PersonName::parse(" MARIA  CLARA ").unwrap().as_str(), "MARIA CLARA");
    }

    #[test]
    fn a_latin_name_has_one_space_behind_its_comma() {
        for text in ["VAN-DER-BERG, ANNA MARIA", "VAN-DER-BERG ,ANNA  MARIA", "ＶＡＮ-DER-BERG，ANNA MARIA"]
        {
            assert_eq!(PersonName::parse(text).unwrap().as_str(), "VAN-DER-BERG, ANNA MARIA");
        }
    }

    #[test]
    fn case_and_spaces_do_not_part_latin_names_and_all_else_does() {
        let name = |text: &str| PersonName::parse(text).unwrap();
        let card = name("VAN DER BERG, ANNA MARIA");
        assert!(card.agrees_with(&name("Van der Berg, Anna Maria")));
        assert!(card.agrees_with(&name("VANDERBERG,ANNAMARIA")));
        assert!(!card.agrees_with(&name("VAN DER BERG, ANNA")));
        assert!(!card.agrees_with(&name("VAN-DER-BERG, ANNA MARIA")));
        assert!(!name("李赟").agrees_with(&name("李赞")));
    }

    proptest! {
        #[test]
        fn normalising_a_latin_name_twice_changes_nothing(text in "[A-Za-z ,，'-]{1,30}") {
            if let Ok(once) = PersonName::parse(&text) {
                prop_assert_eq!(PersonName::parse(once.as_str()).unwrap(), once.clone());
                let loud = PersonName::parse(&text.to_uppercase()).unwrap();
                prop_assert!(once.agrees_with(&loud));
            }
        }

        #[test]
        fn normalising_twice_changes_nothing(text in "\\PC{1,30}") {
            if let Ok(once) = PersonName::parse(&text) {
                prop_assert_eq!(PersonName::parse(once.as_str()).unwrap(), once);
            }
        }

        #[test]
        fn no_chinese_character_is_dropped(text in "[\\u{4e00}-\\u{9fff}\\u{20000}-\\u{2a6df}]{1,20}") {
            let name = PersonName::parse(&text).unwrap();
            prop_assert_eq!(name.characters(), text.chars().count());
        }
    }
}
