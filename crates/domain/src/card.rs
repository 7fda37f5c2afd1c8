//! The identity card of each kind: what each side tells, and the arithmetic that a reading must satisfy.

use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{CardKind, Ethnicity, IdNumber, Nationality, PersonName, Refusal, Sex, name::TypedError};

/// What was read on the portrait side (人像面); a field that could not be read, or that the kind does not print, is `None`.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PortraitSide {
    /// Of which kind the card is.
    #[serde(default)]
    pub kind: CardKind,
    /// 姓名, with [`PersonName::UNREAD`] for each glyph that could not be told; on a foreigner's card the one in Latin letters, its
    /// lines joined.
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
    /// 公民身份号码, 证件号码
    pub number: Option<IdNumber>,
    /// The Chinese name on a foreigner's card, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chinese_name: Option<PersonName>,
    /// 国籍, on a foreigner's card.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nationality: Option<Nationality>,
    /// First day of 有效期限, on a foreigner's card.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<Date>,
    /// Last day of 有效期限, on a foreigner's card.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<ValidUntil>,
}

/// What was read on the emblem side (国徽面); a field that could not be read, or that the kind does not print, is `None`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmblemSide {
    /// Of which kind the card is. The two forms of the permanent residence card are not told apart by this side surely.
    #[serde(default)]
    pub kind: CardKind,
    /// 签发机关
    pub authority: Option<String>,
    /// First day of 有效期限.
    pub valid_from: Option<Date>,
    /// Last day of 有效期限.
    pub valid_until: Option<ValidUntil>,
    /// 通行证号码, on a residence permit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub travel_permit_number: Option<String>,
    /// 签发次数, on a residence permit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issue_count: Option<u8>,
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

impl ValidUntil {
    /// Days from the last day to the given one: above 0 for a card that has expired, below for one that will; none where it never does.
    pub fn days_past(&self, day: Date) -> Option<i32> {
        match self {
            ValidUntil::Date(last) => Some(last.until(day).map_or(0, |span| span.get_days())),
            ValidUntil::LongTerm => None,
        }
    }
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
    /// 公民身份号码, 证件号码
    Number,
    /// 国籍
    Nationality,
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
    /// The printed birth date, sex or nationality is not the one inside the number.
    FieldsDisagree,
    /// The last day of validity has passed.
    Expired,
    /// The validity is no term for which cards of the kind are issued.
    ValidityImplausible,
    /// The two sides are of cards of different kinds.
    KindsDiffer,
}

/// A whole card: both sides read, and consistent.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentityCard {
    /// Of which kind it is.
    #[serde(default)]
    pub kind: CardKind,
    /// 姓名 as read; see [`IdentityCard::name_is_doubtful`].
    pub name: PersonName,
    /// Glyph cells in the name's ink, where they were counted.
    pub name_cells: Option<u8>,
    /// The places in the name, counted from 0, of characters that could not be read and that the candidate typed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub name_typed: Vec<u8>,
    /// The Chinese name on a foreigner's card, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chinese_name: Option<PersonName>,
    /// 民族, where the kind prints it.
    pub ethnicity: Option<Ethnicity>,
    /// 住址, where the kind prints it.
    pub address: Option<String>,
    /// 国籍, on a foreigner's card.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nationality: Option<Nationality>,
    /// 公民身份号码, 证件号码
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
            .field("kind", &self.kind)
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
            .field("kind", &self.kind)
            .field("name", &self.name)
            .field("number", &self.number)
            .field("ethnicity", &self.ethnicity)
            .field("valid_until", &self.valid_until)
            .finish_non_exhaustive()
    }
}

impl PortraitSide {
    /// Problems that this side shows by itself, on the given day.
    pub fn problems(&self, today: Date) -> Vec<CardProblem> {
        let mut found = unread(self.kind.portrait_fields(), |field| match field {
            Field::Number => self.number.is_some(),
            Field::Name => self.name.is_some(),
            Field::Ethnicity => self.ethnicity.is_some(),
            Field::Address => self.address.as_deref().is_some_and(|address| !address.is_empty()),
            Field::Nationality => self.nationality.is_some(),
            Field::Validity => self.valid_from.is_some() && self.valid_until.is_some(),
            Field::Authority => true,
        });
        if self.disagreeing().is_some_and(|disagreeing| disagreeing > 0) {
            found.push(CardProblem::FieldsDisagree);
        }
        found.extend(term_problem(self.kind, self.valid_from, self.valid_until, today));
        found
    }

    /// How many of printed birth date, sex and nationality differ from those inside the number; `None` when the number was not read.
    pub fn disagreeing(&self) -> Option<usize> {
        let number = self.number.as_ref()?;
        let birth = self.birth_date.is_some_and(|date| !number.fits_birth_date(date));
        let sex = self.sex.zip(number.sex()).is_some_and(|(printed, inside)| printed != inside);
        let nationality =
            self.nationality.zip(number.nationality()).is_some_and(|(printed, inside)| printed != inside);
        Some([birth, sex, nationality].into_iter().filter(|differs| *differs).count())
    }
}

impl EmblemSide {
    /// Problems that this side shows by itself, on the given day.
    pub fn problems(&self, today: Date) -> Vec<CardProblem> {
        let mut found = unread(self.kind.emblem_fields(), |field| match field {
            Field::Authority => self.authority.as_deref().is_some_and(|authority| !authority.is_empty()),
            Field::Validity => self.valid_from.is_some() && self.valid_until.is_some(),
            _ => true,
        });
        found.extend(term_problem(self.kind, self.valid_from, self.valid_until, today));
        found
    }
}

/// The fields that are wanted and were not read.
fn unread(wanted: &[Field], read: impl Fn(Field) -> bool) -> Vec<CardProblem> {
    wanted.iter().filter(|field| !read(**field)).map(|field| CardProblem::Unread(*field)).collect()
}

/// What is wrong with a term, if it was read.
fn term_problem(
    kind: CardKind,
    from: Option<Date>,
    until: Option<ValidUntil>,
    today: Date,
) -> Option<CardProblem> {
    let (from, until) = from.zip(until)?;
    if !plausible(kind, from, until) {
        return Some(CardProblem::ValidityImplausible);
    }
    matches!(until, ValidUntil::Date(last) if last < today).then_some(CardProblem::Expired)
}

/// Resident identity cards are valid for 5, 10 or 20 years to the day, or for good; a card of 29 February ends on 28 February or 1
/// March. The other kinds always expire; of them it could not be found out whether the last day is the same day or the one before.
fn plausible(kind: CardKind, from: Date, until: ValidUntil) -> bool {
    let resident = kind == CardKind::ResidentIdentityCard;
    let ValidUntil::Date(last) = until else { return resident };
    let to_the_day = |last: Date| {
        let same_day = (last.month(), last.day()) == (from.month(), from.day());
        let leap =
            (from.month(), from.day()) == (2, 29) && matches!((last.month(), last.day()), (2, 28) | (3, 1));
        kind.years().contains(&(last.year() - from.year())) && (same_day || leap)
    };
    to_the_day(last) || !resident && last.tomorrow().is_ok_and(to_the_day)
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
        let mut problems = portrait.problems(today);
        problems.extend(emblem.problems(today));
        if !portrait.kind.shares_emblem_side(emblem.kind) {
            problems.push(CardProblem::KindsDiffer);
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let card = (|| {
            Some(IdentityCard {
                kind: portrait.kind,
                name: portrait.name.clone()?,
                name_cells: portrait.name_cells,
                name_typed: Vec::new(),
                chinese_name: portrait.chinese_name.clone(),
                ethnicity: portrait.ethnicity,
                address: portrait.address.clone(),
                nationality: portrait.nationality,
                number: portrait.number.clone()?,
                authority: emblem.authority.clone()?,
                valid_from: portrait.valid_from.or(emblem.valid_from)?,
                valid_until: portrait.valid_until.or(emblem.valid_until)?,
            })
        })();
        card.ok_or_else(|| vec![CardProblem::Unread(Field::Number)])
    }

    /// Whether both sides can be those of one card: the term of a resident identity card goes by the holder's age at issue (5 years
    /// below 16, 10 below 26, 20 below 46, then for good; law on resident identity cards, article 5), give or take a year; of the other
    /// kinds only that they were issued after birth is held.
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
        age >= 0 && (self.kind != CardKind::ResidentIdentityCard || (age - 1..=age + 1).any(fits))
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
            ..PortraitSide::default()
        };
        let emblem = EmblemSide {
            authority: Some("某市公安局".into()),
            valid_from: Some(date(2020, 2, 29)),
            valid_until: Some(ValidUntil::Date(date(2040, 2, 28))),
            ..EmblemSide::default()
        };
        (portrait, emblem)
    }

    const TODAY: Date = date(2026, 11, 23);

    fn permit() -> (PortraitSide, EmblemSide) {
        let first = "81999919900307251";
        let number = format!("{first}{}", crate::id_number::check_character(first).unwrap());
        let (portrait, emblem) = sides();
        let kind = CardKind::ResidencePermit;
        let portrait =
            PortraitSide { kind, ethnicity: None, number: IdNumber::parse(&number).ok(), ..portrait };
        let until = Some(ValidUntil::Date(date(2028, 9, 1)));
        (portrait, EmblemSide { kind, valid_from: Some(date(2023, 9, 1)), valid_until: until, ..emblem })
    }

    fn foreigner() -> (PortraitSide, EmblemSide) {
        let first = "99912419900307251";
        let number = format!("{first}{}", crate::id_number::check_character(first).unwrap());
        let kind = CardKind::PermanentResidence2023;
        let portrait = PortraitSide {
            kind,
            name: PersonName::parse("SPECIMEN, ANNA MARIA").ok(),
            sex: Some(Sex::Male),
            birth_date: Some(date(1990, 3, 7)),
            number: IdNumber::parse(&number).ok(),
            nationality: Nationality::parse("加拿大/CAN").ok(),
            valid_from: Some(date(2024, 1, 5)),
            valid_until: Some(ValidUntil::Date(date(2034, 1, 4))),
            ..PortraitSide::default()
        };
        let authority = Some("国家移民管理局".into());
        (portrait, EmblemSide { kind, authority, ..EmblemSide::default() })
    }

    #[test]
    fn a_permit_has_no_ethnicity_and_is_a_card_without() {
        let (p, e) = permit();
        assert_eq!(p.problems(TODAY), vec![]);
        let card = IdentityCard::assemble(&p, &e, TODAY).unwrap();
        assert_eq!((card.kind, card.ethnicity), (CardKind::ResidencePermit, None));
        assert!(card.sides_belong_together());
        let (resident, _) = sides();
        let without = PortraitSide { ethnicity: None, ..resident };
        assert_eq!(without.problems(TODAY), vec![CardProblem::Unread(Field::Ethnicity)]);
    }

    #[test]
    fn a_permit_is_valid_for_five_years_and_never_for_good() {
        let (_, mut e) = permit();
        assert_eq!(e.problems(TODAY), vec![]);
        e.valid_until = Some(ValidUntil::Date(date(2033, 9, 1)));
        assert_eq!(e.problems(TODAY), vec![CardProblem::ValidityImplausible]);
        e.valid_until = Some(ValidUntil::LongTerm);
        assert_eq!(e.problems(TODAY), vec![CardProblem::ValidityImplausible]);
    }

    #[test]
    fn a_foreigners_card_needs_nationality_and_term_but_no_address() {
        let (p, e) = foreigner();
        let card = IdentityCard::assemble(&p, &e, TODAY).unwrap();
        assert_eq!((card.address.as_deref(), card.nationality), (None, p.nationality));
        assert!(card.sides_belong_together());
        let bare = PortraitSide { nationality: None, valid_until: None, ..p };
        assert_eq!(
            bare.problems(TODAY),
            vec![CardProblem::Unread(Field::Nationality), CardProblem::Unread(Field::Validity)]
        );
    }

    #[test]
    fn a_foreigners_card_expires_by_its_portrait_side() {
        let (p, _) = foreigner();
        assert_eq!(p.problems(date(2034, 1, 4)), vec![]);
        assert_eq!(p.problems(date(2034, 1, 5)), vec![CardProblem::Expired]);
    }

    #[test]
    fn a_nationality_unlike_the_numbers_is_found() {
        let (mut p, _) = foreigner();
        p.nationality = Nationality::parse("USA").ok();
        assert_eq!(p.problems(TODAY), vec![CardProblem::FieldsDisagree]);
    }

    #[test]
    fn sides_of_different_kinds_are_no_card() {
        let ((p, _), (_, e)) = (permit(), sides());
        assert_eq!(IdentityCard::assemble(&p, &e, TODAY), Err(vec![CardProblem::KindsDiffer]));
        let ((p, mut e), older) = (foreigner(), CardKind::PermanentResidence2017);
        e.kind = older;
        assert!(IdentityCard::assemble(&p, &e, TODAY).is_ok(), "the forms share their emblem side");
    }

    #[test]
    fn a_card_stored_before_there_were_kinds_is_a_resident_identity_card() {
        let (p, e) = sides();
        let card = IdentityCard::assemble(&p, &e, TODAY).unwrap();
        let mut stored = serde_json::to_value(&card).unwrap();
        stored.as_object_mut().unwrap().remove("kind").unwrap();
        assert_eq!(serde_json::from_value::<IdentityCard>(stored).unwrap(), card);
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
