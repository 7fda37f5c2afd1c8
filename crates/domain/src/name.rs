//! Names as cards print them, and when two of them are the same.

use std::fmt;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

/// Dots that people and recognisers write between the parts of a name, all meant as U+00B7.
const DOTS: [char; 19] = [
    '·', '•', '‧', '∙', '⋅', '・', '･', '●', '﹒', '．', '.', '᛫', '⸱', '\u{2024}', '\u{2e33}', '◦', '⦁',
    '˙', '\u{387}',
];

/// The 80 Han characters and components at FE50 to FEA0 of GB 18030, in the order of the private-use code points U+E815 to U+E864 that
/// the edition of 2000 gave them; the edition of 2022 leaves none of them in private use. Old registers still hold such code points.
const ONCE_PRIVATE: &str = "⺁𠂇𠂉𠃌⺄㑳㑇⺈⺋龴㖞㘚㘎⺌⺗㥮㤘龵㧏㧟㩳㧐龶龷㭎㱮㳠⺧𡗗龸⺪䁖䅟⺮䌷⺳⺶⺷𢦏䎱䎬⺻䏝䓖䙡䙌龹䜣䜩䝼䞍⻊䥇䥺䥽䦂䦃䦅䦆䦟䦛䦷䦶龺𤇾䲣䲟䲠䲡䱷䲢䴓䴔䴕䴖䴗䴘䴙䶮龻";
/// The first code point of those.
const FIRST_PRIVATE: u32 = 0xe815;

/// The standard code point of a character.
fn standard(c: char) -> char {
    let place = u32::from(c).checked_sub(FIRST_PRIVATE).and_then(|place| usize::try_from(place).ok());
    place.and_then(|place| ONCE_PRIVATE.chars().nth(place)).unwrap_or(c)
}

/// Marks that have no ink of their own: joiners, directions, byte order, selectors of a glyph's variant.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

/// Whether the character is one that a card prints in a Chinese name: an ideograph of any plane of GB 18030-2022, or 〇.
pub fn is_han(c: char) -> bool {
    matches!(c, '\u{3007}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{20000}'..='\u{3fffd}')
}

/// A person's name, normalised: NFKC, the middle dot as U+00B7, no spaces between Chinese characters, one between the words of a name in
/// Latin letters and one behind its comma, the code points of GB 18030-2022 for characters that earlier editions had in private use, no
/// marks without ink.
///
/// No character is ever dropped for being rare. A name read off a card has [`PersonName::UNREAD`] for a glyph that could not be told,
/// so that it is never shorter than its ink. `Debug` is masked, so that a name never slips into a log.
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

/// Why what was typed does not complete a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TypedError {
    /// More or fewer than the glyphs that could not be read.
    #[error("{typed} characters were typed for {unread} that could not be read")]
    Count {
        /// How many were typed.
        typed: usize,
        /// How many could not be read.
        unread: usize,
    },
    /// Nothing, several characters, or one that is no Chinese character.
    #[error("exactly one Chinese character is typed for each that could not be read")]
    NotOneCharacter,
}

/// One round of normalising.
fn normalised_once(text: &str) -> Result<String, NameError> {
    let dotted = |c: char| if DOTS.contains(&c) { '·' } else { c };
    // Before composing, which takes a dot above for an accent, and after it: it brings forth dots of its own, such as those of
    // the two-dot leader.
    let written = text.trim().chars().filter(|c| !is_invisible(*c)).map(standard).map(dotted);
    let folded: Vec<char> = written.nfkc().map(dotted).collect();
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
    Ok(name.nfkc().collect())
}

/// Longest name that is taken, in characters.
pub const MAX_CHARACTERS: usize = 60;

impl PersonName {
    /// Normalises a name as written.
    ///
    /// # Errors
    /// [`NameError`] when nothing is left, it is longer than [`MAX_CHARACTERS`], or it holds control characters.
    pub fn parse(text: &str) -> Result<PersonName, NameError> {
        let mut name = normalised_once(text)?;
        // Until it stays as it is: a space that went may have parted a letter from its accent, and beside an accented letter no space stays.
        loop {
            let again = normalised_once(&name)?;
            if again == name {
                break;
            }
            name = again;
        }
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

    /// Stands for a glyph that could not be read, U+25A1.
    pub const UNREAD: char = '□';

    /// The places, counted from 0, of glyphs that could not be read.
    pub fn unread(&self) -> Vec<usize> {
        self.0.chars().enumerate().filter_map(|(i, c)| (c == Self::UNREAD).then_some(i)).collect()
    }

    /// The name with a character typed for each glyph that could not be read, in their order. Nothing else can change.
    ///
    /// # Errors
    /// [`TypedError`] unless there is exactly one Chinese character for each.
    pub fn with_typed(&self, typed: &[String]) -> Result<PersonName, TypedError> {
        let unread = self.unread();
        if typed.len() != unread.len() {
            return Err(TypedError::Count { typed: typed.len(), unread: unread.len() });
        }
        let mut characters: Vec<char> = self.0.chars().collect();
        for (place, typed) in unread.into_iter().zip(typed) {
            let name = PersonName::parse(typed).map_err(|_| TypedError::NotOneCharacter)?;
            let mut one = name.0.chars();
            match (one.next(), one.next()) {
                (Some(c), None) if is_han(c) => characters[place] = c,
                _ => return Err(TypedError::NotOneCharacter),
            }
        }
        Ok(PersonName(characters.into_iter().collect()))
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
    fn code_points_that_were_private_are_the_standards_own() {
        assert_eq!(ONCE_PRIVATE.chars().count(), 80);
        assert_eq!(PersonName::parse("王\u{e863}").unwrap(), PersonName::parse("王䶮").unwrap());
        assert_eq!(['\u{e827}', '\u{e864}'].map(standard), ['㧏', '龻']);
        assert_eq!(["\u{e814}", "\u{e865}"].map(|c| PersonName::parse(c).unwrap().characters()), [1, 1]);
    }

    #[test]
    fn marks_without_ink_make_no_other_name() {
        let plain = PersonName::parse("欧阳䶮").unwrap();
        for text in ["欧\u{200b}阳䶮", "\u{feff}欧阳䶮", "欧阳䶮\u{e0101}", "欧阳\u{2060}䶮\u{fe00}"]
        {
            assert_eq!(PersonName::parse(text).unwrap(), plain, "{text:?}");
        }
    }

    #[test]
    fn a_letter_that_a_space_parted_from_its_accent_is_no_other_afterwards() {
        let name = PersonName::parse("a a \u{301}+8").unwrap();
        assert_eq!(name.as_str(), "aá+8");
        assert_eq!(PersonName::parse(name.as_str()).unwrap(), name);
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

    #[test]
    fn only_unread_glyphs_are_typed_and_by_one_chinese_character_each() {
        let typed = |name: &str, typed: &[&str]| {
            let typed: Vec<String> = typed.iter().map(|t| (*t).to_owned()).collect();
            PersonName::parse(name).unwrap().with_typed(&typed).map(String::from)
        };
        assert_eq!(typed("王□", &["龑"]), Ok("王龑".to_owned()));
        assert_eq!(typed("□思□", &[" 𬱖 ", "\u{e863}"]), Ok("𬱖思䶮".to_owned()));
        assert_eq!(typed("王□", &[]), Err(TypedError::Count { typed: 0, unread: 1 }));
        assert_eq!(typed("王一", &["二"]), Err(TypedError::Count { typed: 1, unread: 0 }));
        for wrong in ["", " ", "龑龑", "A", "1", "·", "□", "？"] {
            assert_eq!(typed("王□", &[wrong]), Err(TypedError::NotOneCharacter), "{wrong}");
        }
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
        fn normalising_twice_changes_nothing(text in "([a-zA-Z ,·.\u{301}\u{307}\u{308}\u{b4}\u{200b}张가\u{1100}\u{1161}]|\\PC){1,30}") {
            if let Ok(once) = PersonName::parse(&text) {
                prop_assert_eq!(PersonName::parse(once.as_str()).unwrap(), once);
            }
        }

        #[test]
        fn no_chinese_character_is_dropped(
            text in "[\\u{3400}-\\u{4dbf}\\u{4e00}-\\u{9fff}\\u{e815}-\\u{e864}\\u{f900}-\\u{fad9}\\u{20000}-\\u{2ebe0}\\u{30000}-\\u{323af}]{1,20}"
        ) {
            let name = PersonName::parse(&text).unwrap();
            prop_assert_eq!(name.characters(), text.chars().count());
            let private = name.as_str().chars().any(|c| matches!(c, '\u{e000}'..='\u{f8ff}'));
            prop_assert!(!private, "{:?}", name.as_str());
        }

        #[test]
        fn two_names_are_one_only_if_each_of_their_characters_is(
            a in "[\\u{3400}-\\u{4dbf}\\u{4e00}-\\u{9fff}\\u{20000}-\\u{2ebe0}]{1,4}",
            b in "[\\u{3400}-\\u{4dbf}\\u{4e00}-\\u{9fff}\\u{20000}-\\u{2ebe0}]{1,4}",
        ) {
            prop_assert_eq!(PersonName::parse(&a).unwrap() == PersonName::parse(&b).unwrap(), a == b);
        }

        #[test]
        fn typing_changes_nothing_but_the_unread_glyphs(
            name in "[\\u{4e00}-\\u{9fff}□]{1,8}", typed in proptest::collection::vec("[\\u{3400}-\\u{4dbf}]", 0..8),
        ) {
            let before = PersonName::parse(&name).unwrap();
            match before.with_typed(&typed) {
                Ok(after) => {
                    prop_assert!(after.unread().is_empty());
                    for (place, (was, is)) in before.as_str().chars().zip(after.as_str().chars()).enumerate() {
                        prop_assert!(was == is || before.unread().contains(&place));
                    }
                }
                Err(_) => prop_assert_ne!(typed.len(), before.unread().len()),
            }
        }
    }
}
