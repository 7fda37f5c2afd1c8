//! The drawn candidates of the sandbox's exam session: who they are, what they registered, and what is planted with them.

use std::collections::HashSet;

use domain::{Ethnicity, IdNumber, Level, PersonName, PhoneNumber, Registration, Text};
use serde::Serialize;
use specimen::people::{Person, number_for};

/// What is out of the ordinary with a candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Planted {
    /// Nothing: card and registration agree.
    None,
    /// The registration has another name.
    Name,
    /// The registration has another number.
    Number,
    /// The registration has another ethnicity.
    Ethnicity,
    /// The registration has another address.
    Address,
    /// The registration has another ethnicity and another address.
    EthnicityAndAddress,
    /// The registration has no address.
    NoAddress,
    /// The name holds a rare character; card and registration agree.
    RareName,
    /// The name holds a middle dot; card and registration agree.
    DottedName,
    /// The card has expired; card and registration agree.
    ExpiredCard,
}

impl Planted {
    /// Said in words.
    pub fn text(self) -> Text {
        let (zh, en) = match self {
            Planted::None => ("无：证件与报名信息一致", "Nothing: card and registration agree"),
            Planted::Name => ("报名信息的姓名有误（须更正）", "Wrong name in the registration (blocking)"),
            Planted::Number => {
                ("报名信息的身份证号码有误（须更正）", "Wrong identity number in the registration (blocking)")
            }
            Planted::Ethnicity => {
                ("报名信息的民族与证件不同（提示）", "Other ethnicity in the registration (advisory)")
            }
            Planted::Address => {
                ("报名信息的住址与证件不同（提示）", "Other address in the registration (advisory)")
            }
            Planted::EthnicityAndAddress => (
                "报名信息的民族和住址与证件不同（提示）",
                "Other ethnicity and address in the registration (advisory)",
            ),
            Planted::NoAddress => ("报名信息没有住址（提示）", "No address in the registration (advisory)"),
            Planted::RareName => ("姓名含生僻字", "A rare character in the name"),
            Planted::DottedName => ("姓名含间隔号（·）", "A middle dot in the name"),
            Planted::ExpiredCard => ("居民身份证已过有效期", "The identity card has expired"),
        };
        Text::new(zh, en)
    }
}

/// A drawn candidate.
#[derive(Debug, Clone)]
pub struct SeededCandidate {
    /// `c01` to `c24`, and on for further ones.
    pub id: String,
    /// Who is drawn: looks, and what the card prints.
    pub person: Person,
    /// What the registration system holds.
    pub registration: Registration,
    /// What is out of the ordinary.
    pub planted: Planted,
    /// The phone to log in with.
    pub phone: PhoneNumber,
}

use Level::{JuniorCollegeToBachelor as Upgrade, ToBachelor as Bachelor, ToJuniorCollege as Junior};

const PLAN: [(Level, Planted); 24] = [
    (Bachelor, Planted::None),
    (Junior, Planted::None),
    (Upgrade, Planted::None),
    (Bachelor, Planted::Name),
    (Upgrade, Planted::Number),
    (Junior, Planted::Ethnicity),
    (Bachelor, Planted::Address),
    (Upgrade, Planted::EthnicityAndAddress),
    (Junior, Planted::NoAddress),
    (Junior, Planted::Name),
    (Bachelor, Planted::RareName),
    (Junior, Planted::DottedName),
    (Upgrade, Planted::ExpiredCard),
    (Junior, Planted::None),
    (Bachelor, Planted::None),
    (Upgrade, Planted::None),
    (Junior, Planted::None),
    (Bachelor, Planted::None),
    (Upgrade, Planted::None),
    (Junior, Planted::None),
    (Bachelor, Planted::None),
    (Upgrade, Planted::None),
    (Bachelor, Planted::Ethnicity),
    (Upgrade, Planted::Address),
];

/// Where the search for each candidate's person begins; candidates lie this far apart, so that no two draw the same person.
const STRIDE: u64 = 10_000;

/// The 24 candidates of `exam_session`: the same for ever, registration ids apart.
///
/// # Errors
/// [`Unseedable`] if the drawn people no longer fit what is planned; a test holds that they do.
pub fn seed(exam_session: &str) -> Result<Vec<SeededCandidate>, Unseedable> {
    let mut names = HashSet::new();
    let mut candidates = Vec::with_capacity(PLAN.len());
    for (number, (level, planted)) in (1u64..).zip(PLAN) {
        let person = (number * STRIDE..(number + 1) * STRIDE)
            .map(Person::from_seed)
            .find(|person| suits(person, planted) && !names.contains(&person.name))
            .ok_or(Unseedable(number))?;
        names.insert(person.name.clone());
        let person = if planted == Planted::ExpiredCard { person.expired() } else { person };
        let candidate = register(exam_session, number, level, planted, person).ok_or(Unseedable(number))?;
        candidates.push(candidate);
    }
    Ok(candidates)
}

/// So many registrations more, with nothing planted, each with an id and a phone of its own. They are of `planned`'s people, in turn: load
/// needs many registrations, and drawing a person of its own for each would take longer than the load itself. Left out are those whose
/// cards are not passed by simply confirming them.
pub fn further(exam_session: &str, planned: &[SeededCandidate], count: usize) -> Vec<SeededCandidate> {
    let through = |c: &&SeededCandidate| !matches!(c.planted, Planted::RareName | Planted::ExpiredCard);
    let people = planned.iter().filter(through).cycle();
    let first = planned.len() as u64 + 1;
    (first..)
        .zip(people)
        .take(count)
        .filter_map(|(number, c)| {
            register(exam_session, number, c.registration.level, Planted::None, c.person.clone())
        })
        .collect()
}

/// No drawn person suits a planned candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no drawn person suits candidate {0} of the sandbox")]
pub struct Unseedable(u64);

fn suits(person: &Person, planted: Planted) -> bool {
    let dotted = person.name.contains('·');
    match planted {
        Planted::RareName => person.has_rare_character,
        Planted::DottedName => dotted && !person.has_rare_character,
        Planted::Ethnicity => !dotted && !person.has_rare_character && person.ethnicity != "汉",
        _ => !dotted && !person.has_rare_character,
    }
}

fn register(
    exam_session: &str,
    number: u64,
    level: Level,
    planted: Planted,
    person: Person,
) -> Option<SeededCandidate> {
    let phone = PhoneNumber::parse(&format!("138{number:08}")).ok()?;
    let mut registration = Registration {
        id: format!("{exam_session}-{number:04}"),
        name: PersonName::parse(&person.name).ok()?,
        number: IdNumber::parse(&person.number).ok()?,
        ethnicity: Ethnicity::parse(&person.ethnicity).ok(),
        address: Some(person.address.clone()),
        phone: phone.clone(),
        level,
    };
    match planted {
        Planted::Name => registration.name = misspelt(&person.name)?,
        Planted::Number => registration.number = mistyped(&person)?,
        Planted::Ethnicity => registration.ethnicity = another_ethnicity(&person),
        Planted::Address => registration.address = Some(former_address(&person)),
        Planted::EthnicityAndAddress => {
            registration.ethnicity = another_ethnicity(&person);
            registration.address = Some(former_address(&person));
        }
        Planted::NoAddress => registration.address = None,
        Planted::None | Planted::RareName | Planted::DottedName | Planted::ExpiredCard => {}
    }
    Some(SeededCandidate { id: format!("c{number:02}"), person, registration, planted, phone })
}

/// The last character exchanged for another common one.
fn misspelt(name: &str) -> Option<PersonName> {
    let mut characters: Vec<char> = name.chars().collect();
    let last = characters.last_mut()?;
    *last = if *last == '文' { '雯' } else { '文' };
    PersonName::parse(&characters.into_iter().collect::<String>()).ok()
}

/// Another serial of the same day, with its right check digit: what a well-formed mistake looks like.
fn mistyped(person: &Person) -> Option<IdNumber> {
    let division: u32 = person.number.get(..6)?.parse().ok()?;
    let serial: u32 = person.number.get(14..17)?.parse().ok()?;
    IdNumber::parse(&number_for(division, person.birth_date, (serial + 100) % 1000)).ok()
}

fn another_ethnicity(person: &Person) -> Option<Ethnicity> {
    Ethnicity::parse(if person.ethnicity == "汉" { "满" } else { "汉" }).ok()
}

/// Where somebody else lives.
fn former_address(person: &Person) -> String {
    (1..)
        .map(|step| Person::from_seed(person.seed + step * STRIDE * 100).address)
        .find(|address| *address != person.address)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use domain::{IdentityCard, Item, ValidUntil, discrepancy};

    use super::*;

    fn card(person: &Person) -> IdentityCard {
        IdentityCard {
            kind: domain::CardKind::ResidentIdentityCard,
            name: PersonName::parse(&person.name).unwrap(),
            name_cells: None,
            name_typed: Vec::new(),
            chinese_name: None,
            ethnicity: Ethnicity::parse(&person.ethnicity).ok(),
            address: Some(person.address.clone()),
            nationality: None,
            number: IdNumber::parse(&person.number).unwrap(),
            authority: person.authority.clone(),
            valid_from: person.valid_from,
            valid_until: person.valid_until.map_or(ValidUntil::LongTerm, ValidUntil::Date),
        }
    }

    #[test]
    fn what_is_planted_and_nothing_else_differs() {
        for candidate in seed("s").unwrap() {
            let found: Vec<Item> = discrepancy::compare(&card(&candidate.person), &candidate.registration)
                .iter()
                .map(|d| d.item)
                .collect();
            let planted: &[Item] = match candidate.planted {
                Planted::Name => &[Item::Name],
                Planted::Number => &[Item::Number],
                Planted::Ethnicity => &[Item::Ethnicity],
                Planted::Address | Planted::NoAddress => &[Item::Address],
                Planted::EthnicityAndAddress => &[Item::Ethnicity, Item::Address],
                _ => &[],
            };
            assert_eq!(found, planted, "{}", candidate.id);
        }
    }

    #[test]
    fn nobody_has_an_issued_number_or_anothers_name() {
        let candidates = seed("s").unwrap();
        assert_eq!(candidates.len(), 24);
        let names: HashSet<_> = candidates.iter().map(|c| c.person.name.clone()).collect();
        assert_eq!(names.len(), 24);
        for candidate in &candidates {
            assert!(candidate.registration.number.is_specimen());
        }
    }

    #[test]
    fn further_registrations_have_phones_of_their_own_and_agree_with_the_card() {
        let planned = seed("s").unwrap();
        let further = further("s", &planned, 200);
        let phones: HashSet<_> = planned.iter().chain(&further).map(|c| c.phone.as_str()).collect();
        assert_eq!(phones.len(), 224);
        for candidate in &further {
            assert!(discrepancy::compare(&card(&candidate.person), &candidate.registration).is_empty());
        }
    }

    #[test]
    fn each_level_has_several_without_anything_planted() {
        for level in Level::ALL {
            let clean = PLAN.iter().filter(|(l, planted)| *l == level && *planted == Planted::None).count();
            assert!(clean >= 4, "{level:?}");
        }
    }
}
