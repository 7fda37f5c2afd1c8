//! The resident identity card: what each side tells, and the arithmetic that a reading must satisfy.

use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{Ethnicity, IdNumber, PersonName, Refusal, Sex, name::TypedError};

/// What was read on the portrait side (人像面); a field that could not be read is `None`.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PortraitSide {
    /// 姓名, with [`PersonName::UNREAD`] for each glyph that could not be told.
    pub name: Option<PersonName>,
    /// Glyph cells counted in the name's ink.
    pub name_cells: Option<u8>,
    /// 性别
    pub sex: Option<Sex>,
    /// 民族
    pub ethnicity: Option<Ethnicity>,
    /// 出生
    pub birth_date: Option<Date>,
    /// 住址, its lines joined.
    pub address: Option<String>,
    /// 公民身份号码
    pub number: Option<IdNumber>,
}

/// What was read on the emblem side (国徽面); a field that could not be read is `None`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmblemSide {
    /// 签发机关
    pub authority: Option<String>,
    /// First day of 有效期限.
    pub valid_from: Option<Date>,
    /// Last day of 有效期限.
    pub valid_until: Option<ValidUntil>,
}

/// The end of a card's validity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum ValidUntil {
    /// The last day.
    Date(Date),
    /// 长期: cards of people above 45 do not expire.
    LongTerm,
}

impl TryFrom<String> for ValidUntil {
    type Error = jiff::Error;
    fn try_from(s: String) -> Result<Self, Self::Error> {
        if s == "长期" { Ok(ValidUntil::LongTerm) } else { s.parse().map(ValidUntil::Date) }
    }
}

impl From<ValidUntil> for String {
    fn from(v: ValidUntil) -> String {
        match v {
            ValidUntil::Date(d) => d.to_string(),
            ValidUntil::LongTerm => "长期".to_owned(),
        }
    }
}

/// A field of the card, as problems name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// 姓名
    Name,
    /// 民族
    Ethnicity,
    /// 住址
    Address,
    /// 公民身份号码
    Number,
    /// 签发机关
    Authority,
    /// 有效期限
    Validity,
}

/// Why a reading is not an identity card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "problem", content = "field")]
pub enum CardProblem {
    /// A field that the journey needs could not be read.
    Unread(Field),
    /// The printed birth date or sex is not the one inside the number.
    FieldsDisagree,
    /// The last day of validity has passed.
    Expired,
    /// The validity is no 5, 10 or 20 years, nor 长期.
    ValidityImplausible,
}

/// A whole card: both sides read, and consistent.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentityCard {
    /// 姓名 as read; see [`IdentityCard::name_is_doubtful`].
    pub name: PersonName,
    /// Glyph cells in the name's ink, where they were counted.
    pub name_cells: Option<u8>,
    /// The places in the name, counted from 0, of characters that could not be read and that the candidate typed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub name_typed: Vec<u8>,
    /// 民族
    pub ethnicity: Ethnicity,
    /// 住址
    pub address: String,
    /// 公民身份号码
    pub number: IdNumber,
    /// 签发机关
    pub authority: String,
    /// First day of validity.
    pub valid_from: Date,
    /// Last day of validity.
    pub valid_until: ValidUntil,
}

/// Name, number and ethnicity mask themselves; of the other fields only whether they are there.
impl fmt::Debug for PortraitSide {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PortraitSide")
            .field("name", &self.name)
            .field("number", &self.number)
            .field("ethnicity", &self.ethnicity)
            .field("birth_date_read", &self.birth_date.is_some())
            .field("address_read", &self.address.is_some())
            .finish_non_exhaustive()
    }
}

/// As [`PortraitSide`]'s.
impl fmt::Debug for IdentityCard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdentityCard")
            .field("name", &self.name)
            .field("number", &self.number)
            .field("ethnicity", &self.ethnicity)
            .field("valid_until", &self.valid_until)
            .finish_non_exhaustive()
    }
}

impl PortraitSide {
    /// Problems that this side shows by itself.
    pub fn problems(&self) -> Vec<CardProblem> {
        let mut found = Vec::new();
        let mut need = |missing: bool, field| {
            if missing {
                found.push(CardProblem::Unread(field));
            }
        };
        need(self.number.is_none(), Field::Number);
        need(self.name.is_none(), Field::Name);
        need(self.ethnicity.is_none(), Field::Ethnicity);
        need(self.address.as_deref().unwrap_or("").is_empty(), Field::Address);
        if let Some(number) = &self.number {
            let birth = self.birth_date.is_some_and(|d| d != number.birth_date());
            let sex = self.sex.is_some_and(|s| s != number.sex());
            if birth || sex {
                found.push(CardProblem::FieldsDisagree);
            }
        }
        found
    }
}

impl EmblemSide {
    /// Problems that this side shows by itself, on the given day.
    pub fn problems(&self, today: Date) -> Vec<CardProblem> {
        let mut found = Vec::new();
        if self.authority.as_deref().unwrap_or("").is_empty() {
            found.push(CardProblem::Unread(Field::Authority));
        }
        match (self.valid_from, self.valid_until) {
            (Some(from), Some(until)) => {
                if !plausible(from, until) {
                    found.push(CardProblem::ValidityImplausible);
                } else if matches!(until, ValidUntil::Date(last) if last < today) {
                    found.push(CardProblem::Expired);
                }
            }
            _ => found.push(CardProblem::Unread(Field::Validity)),
        }
        found
    }
}

/// Cards are valid for 5, 10 or 20 years to the day, or for good; a card of 29 February ends on 28 February or 1 March.
fn plausible(from: Date, until: ValidUntil) -> bool {
    let ValidUntil::Date(last) = until else { return true };
    let years = last.year() - from.year();
    let same_day = (last.month(), last.day()) == (from.month(), from.day());
    let leap =
        (from.month(), from.day()) == (2, 29) && matches!((last.month(), last.day()), (2, 28) | (3, 1));
    matches!(years, 5 | 10 | 20) && (same_day || leap)
}

impl IdentityCard {
    /// Puts both sides together.
    ///
    /// # Errors
    /// Every [`CardProblem`] of either side; never empty.
    pub fn assemble(
        portrait: &PortraitSide,
        emblem: &EmblemSide,
        today: Date,
    ) -> Result<IdentityCard, Vec<CardProblem>> {
        let mut problems = portrait.problems();
        problems.extend(emblem.problems(today));
        if !problems.is_empty() {
            return Err(problems);
        }
        let card = (|| {
            Some(IdentityCard {
                name: portrait.name.clone()?,
                name_cells: portrait.name_cells,
                name_typed: Vec::new(),
                ethnicity: portrait.ethnicity?,
                address: portrait.address.clone()?,
                number: portrait.number.clone()?,
                authority: emblem.authority.clone()?,
                valid_from: emblem.valid_from?,
                valid_until: emblem.valid_until?,
            })
        })();
        card.ok_or_else(|| vec![CardProblem::Unread(Field::Number)])
    }

    /// Whether both sides can be those of one card: the term of validity goes by the holder's age at issue (5 years below 16, 10
    /// below 26, 20 below 46, then for good; law on resident identity cards, article 5), give or take a year.
    pub fn sides_belong_together(&self) -> bool {
        let birth = self.number.birth_date();
        let (from, born) = (self.valid_from, (birth.month(), birth.day()));
        let age = from.year() - birth.year() - i16::from((from.month(), from.day()) < born);
        let fits = |age: i16| match self.valid_until {
            ValidUntil::LongTerm => age >= 46,
            ValidUntil::Date(last) => match last.year() - from.year() {
                5 => age < 16,
                10 => age < 26,
                20 => (26..46).contains(&age),
                _ => false,
            },
        };
        age >= 0 && (age - 1..=age + 1).any(fits)
    }

    /// Whether the name has a glyph that could not be read, or another number of them than its ink.
    pub fn name_is_doubtful(&self) -> bool {
        !self.name.unread().is_empty()
            || self.name_cells.is_some_and(|cells| usize::from(cells) != self.name.characters())
    }

    /// The places in the name, counted from 0, that the candidate types: glyphs that could not be read, typed already or not.
    pub fn name_to_type(&self) -> Vec<usize> {
        let typed = self.name_typed.iter().map(|place| usize::from(*place));
        let mut places: Vec<usize> = self.name.unread().into_iter().chain(typed).collect();
        places.sort_unstable();
        places
    }

    /// The card with what the candidate typed for the name's glyphs that could not be read, in their order; which they are stays on
    /// record with it, and they can be typed again.
    ///
    /// # Errors
    /// [`TypedError`] unless exactly one Chinese character was typed for each.
    pub fn with_name_typed(&self, typed: &[String]) -> Result<IdentityCard, TypedError> {
        let places = self.name_to_type();
        let as_read = self.name.as_str().chars().enumerate();
        let as_read: String =
            as_read.map(|(i, c)| if places.contains(&i) { PersonName::UNREAD } else { c }).collect();
        // Boxes and the characters of a name: nothing that parsing would refuse or change.
        let as_read = PersonName::parse(&as_read).unwrap_or_else(|_| self.name.clone());
        let name_typed = places.into_iter().filter_map(|place| u8::try_from(place).ok()).collect();
        Ok(IdentityCard { name: as_read.with_typed(typed)?, name_typed, ..self.clone() })
    }

    /// Whether the candidate can confirm the card: the name is whole.
    ///
    /// # Errors
    /// [`Refusal::NameUnread`] while a glyph of the name could not be read and was not typed.
    pub fn confirmable(&self) -> Result<(), Refusal> {
        if self.name.unread().is_empty() { Ok(()) } else { Err(Refusal::NameUnread) }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use jiff::civil::date;

    use super::*;

    fn sides() -> (PortraitSide, EmblemSide) {
        let number = IdNumber::parse("11000019900307251X")
            .or_else(|_| {
                let first = "11000019900307251";
                IdNumber::parse(&format!("{first}{}", crate::id_number::check_character(first).unwrap()))
            })
            .unwrap();
        let portrait = PortraitSide {
            name: PersonName::parse("样本一").ok(),
            name_cells: Some(3),
            sex: Some(Sex::Male),
            ethnicity: Ethnicity::parse("汉").ok(),
            birth_date: Some(date(1990, 3, 7)),
            address: Some("某省某市某路1号".into()),
            number: Some(number),
        };
        let emblem = EmblemSide {
            authority: Some("某市公安局".into()),
            valid_from: Some(date(2020, 2, 29)),
            valid_until: Some(ValidUntil::Date(date(2040, 2, 28))),
        };
        (portrait, emblem)
    }

    #[test]
    fn two_right_sides_are_a_card() {
        let (p, e) = sides();
        let card = IdentityCard::assemble(&p, &e, date(2026, 11, 23)).unwrap();
        assert!(!card.name_is_doubtful());
    }

    #[test]
    fn a_birth_date_unlike_the_numbers_is_found() {
        let (mut p, e) = sides();
        p.birth_date = Some(date(1990, 3, 8));
        assert_eq!(
            IdentityCard::assemble(&p, &e, date(2026, 11, 23)),
            Err(vec![CardProblem::FieldsDisagree])
        );
    }

    #[test]
    fn a_term_that_does_not_go_with_the_age_is_of_another_card() {
        let (p, mut e) = sides();
        let together = |e: &EmblemSide| {
            IdentityCard::assemble(&p, e, date(2026, 11, 23)).unwrap().sides_belong_together()
        };
        assert!(together(&e), "29 at issue, 20 years");
        e.valid_until = Some(ValidUntil::LongTerm);
        assert!(!together(&e), "29 at issue, for good");
        e.valid_from = Some(date(1989, 1, 1));
        assert!(!together(&e), "issued before birth");
    }

    #[test]
    fn the_last_day_still_counts() {
        let (_, e) = sides();
        assert_eq!(e.problems(date(2040, 2, 28)), vec![]);
        assert_eq!(e.problems(date(2040, 2, 29)), vec![CardProblem::Expired]);
    }

    #[test]
    fn a_validity_of_seven_years_is_a_misreading() {
        let (_, mut e) = sides();
        e.valid_until = Some(ValidUntil::Date(date(2027, 2, 28)));
        assert_eq!(e.problems(date(2026, 1, 1)), vec![CardProblem::ValidityImplausible]);
    }

    #[test]
    fn what_is_typed_for_an_unread_glyph_is_kept_as_typed() {
        let (mut p, e) = sides();
        p.name = PersonName::parse("样□一").ok();
        let card = IdentityCard::assemble(&p, &e, date(2026, 11, 23)).unwrap();
        assert!(card.name_is_doubtful());
        assert!(card.with_name_typed(&["龑龑".to_owned()]).is_err());
        let typed = card.with_name_typed(&["龑".to_owned()]).unwrap();
        assert_eq!((typed.name.as_str(), typed.name_typed.as_slice()), ("样龑一", &[1][..]));
        assert!(!typed.name_is_doubtful());
        assert_eq!((card.confirmable(), typed.confirmable()), (Err(Refusal::NameUnread), Ok(())));
        let again = typed.with_name_typed(&["龚".to_owned()]).unwrap();
        assert_eq!((again.name.as_str(), again.name_typed.as_slice()), ("样龚一", &[1][..]));
    }

    #[test]
    fn a_name_with_more_ink_than_characters_is_doubtful() {
        let (mut p, e) = sides();
        p.name_cells = Some(4);
        assert!(IdentityCard::assemble(&p, &e, date(2026, 11, 23)).unwrap().name_is_doubtful());
    }
}
