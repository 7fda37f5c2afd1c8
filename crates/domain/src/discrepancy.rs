//! Where the card and the registration differ, and which differences stop a candidate.

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use crate::{IdentityCard, PersonName, Registration};

/// The item that differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Item {
    /// 姓名
    Name,
    /// 身份证号码
    Number,
    /// 民族
    Ethnicity,
    /// 住址
    Address,
}

/// What a difference means for the candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Weight {
    /// The candidate cannot go on until the office has corrected the registration.
    Blocking,
    /// The candidate goes on; the card's value may overwrite the registration's.
    Advisory,
}

impl Item {
    /// Name and number block, ethnicity and address advise.
    pub fn weight(self) -> Weight {
        match self {
            Item::Name | Item::Number => Weight::Blocking,
            Item::Ethnicity | Item::Address => Weight::Advisory,
        }
    }
}

/// One item in which card and registration differ (不一致).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Discrepancy {
    /// Which item.
    pub item: Item,
    /// What it means.
    pub weight: Weight,
    /// The card's value.
    pub card: String,
    /// The registration's value; empty where it holds none.
    pub registration: String,
}

impl std::fmt::Debug for Discrepancy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Discrepancy({:?})", self.item)
    }
}

/// Every item in which card and registration differ, blocking ones first. What the card's kind does not print is not compared.
pub fn compare(card: &IdentityCard, registration: &Registration) -> Vec<Discrepancy> {
    let mut found = Vec::new();
    let mut note = |item: Item, card: &str, registration: &str| {
        found.push(Discrepancy {
            item,
            weight: item.weight(),
            card: card.to_owned(),
            registration: registration.to_owned(),
        });
    };
    // A glyph that could not be read agrees with nothing: the candidate types it, or the pixels agree with the registration's.
    if !names_agree(card, &registration.name) || !card.name.unread().is_empty() {
        note(Item::Name, card.name.as_str(), registration.name.as_str());
    }
    if card.number != registration.number {
        note(Item::Number, card.number.as_str(), registration.number.as_str());
    }
    if let Some(ethnicity) = card.ethnicity.filter(|ethnicity| registration.ethnicity != Some(*ethnicity)) {
        note(Item::Ethnicity, ethnicity.name(), registration.ethnicity.map_or("", |e| e.name()));
    }
    let registered = registration.address.as_deref().unwrap_or("");
    if let Some(address) = card.address.as_deref().filter(|a| fold_address(a) != fold_address(registered)) {
        note(Item::Address, address, registered);
    }
    found
}

/// Whether any of the discrepancies stops the candidate.
pub fn any_blocking(discrepancies: &[Discrepancy]) -> bool {
    discrepancies.iter().any(|d| d.weight == Weight::Blocking)
}

/// A name agrees when it is the same, in Latin letters or in Chinese ones where the card has both.
fn names_agree(card: &IdentityCard, registered: &PersonName) -> bool {
    card.name.agrees_with(registered) || card.chinese_name.as_ref().is_some_and(|n| n == registered)
}

/// NFKC, spaces dropped, dashes alike: an address is the same however it was typed.
fn fold_address(address: &str) -> String {
    address
        .nfkc()
        .filter(|c| !c.is_whitespace())
        .map(|c| match c {
            '—' | '–' | '－' | '―' | '‐' | '‑' => '-',
            c => c.to_ascii_uppercase(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;
    use crate::{CardKind, Ethnicity, IdNumber, Level, PhoneNumber, ValidUntil};

    fn pair(name: &str, cells: u8, registered: &str) -> (IdentityCard, Registration) {
        let number = IdNumber::parse("11010519491231002X").unwrap();
        let card = IdentityCard {
            kind: CardKind::ResidentIdentityCard,
            name: PersonName::parse(name).unwrap(),
            name_cells: Some(cells),
            name_typed: Vec::new(),
            chinese_name: None,
            ethnicity: Ethnicity::parse("汉").ok(),
            address: Some("某市某区某路12号".into()),
            nationality: None,
            number: number.clone(),
            authority: "某市公安局".into(),
            valid_from: date(2020, 1, 1),
            valid_until: ValidUntil::LongTerm,
        };
        let registration = Registration {
            id: "r1".into(),
            name: PersonName::parse(registered).unwrap(),
            number,
            ethnicity: Ethnicity::parse("汉族").ok(),
            address: Some("某市某区某路 １２ 号".into()),
            phone: PhoneNumber::parse("13800000001").unwrap(),
            level: Level::ToBachelor,
        };
        (card, registration)
    }

    #[test]
    fn spelling_of_spaces_and_widths_is_no_difference() {
        let (card, registration) = pair("样本一", 3, "样 本 一");
        assert_eq!(compare(&card, &registration), vec![]);
    }

    #[test]
    fn another_name_blocks_and_another_address_advises() {
        let (card, mut registration) = pair("样本一", 3, "样本二");
        registration.address = None;
        let found = compare(&card, &registration);
        assert_eq!(
            found.iter().map(|d| (d.item, d.weight)).collect::<Vec<_>>(),
            vec![(Item::Name, Weight::Blocking), (Item::Address, Weight::Advisory)]
        );
        assert!(any_blocking(&found));
    }

    #[test]
    fn a_glyph_that_could_not_be_read_agrees_with_nothing_until_it_is_typed() {
        let (card, mut registration) = pair("样□一", 3, "样龑一");
        assert!(any_blocking(&compare(&card, &registration)));
        let typed = |c: &str| card.with_name_typed(&[c.to_owned()]).unwrap();
        assert_eq!(compare(&typed("龑"), &registration), vec![]);
        assert!(any_blocking(&compare(&typed("龚"), &registration)));
        registration.name = card.name.clone();
        assert!(
            any_blocking(&compare(&card, &registration)),
            "a box in the registration is no character either"
        );
    }

    #[test]
    fn what_the_card_does_not_print_is_no_difference() {
        let (mut card, mut registration) = pair("样本一", 3, "样本一");
        (card.ethnicity, card.address) = (None, None);
        assert_eq!(compare(&card, &registration), vec![]);
        (registration.ethnicity, registration.address) = (None, None);
        assert_eq!(compare(&card, &registration), vec![]);
    }

    #[test]
    fn a_foreigner_may_be_registered_under_either_name() {
        let (mut card, mut registration) = pair("SMITH, JOHN PAUL", 0, "Smith,John Paul");
        (card.name_cells, card.chinese_name) = (None, PersonName::parse("史约翰").ok());
        assert_eq!(compare(&card, &registration), vec![]);
        registration.name = PersonName::parse("史约翰").unwrap();
        assert_eq!(compare(&card, &registration), vec![]);
        registration.name = PersonName::parse("SMITH, JOHN PETER").unwrap();
        assert!(any_blocking(&compare(&card, &registration)));
    }

    #[test]
    fn a_name_read_whole_is_never_stretched_to_the_registrations() {
        let (card, registration) = pair("样一", 2, "样龑一");
        assert!(any_blocking(&compare(&card, &registration)));
    }

    proptest! {
        #[test]
        fn a_name_agrees_with_itself_and_with_no_other_of_its_length(
            a in "[\\u{4e00}-\\u{9fff}]{2,4}", b in "[\\u{4e00}-\\u{9fff}]{2,4}",
        ) {
            let cells = PersonName::parse(&a).unwrap().characters() as u8;
            let (card, registration) = pair(&a, cells, &b);
            prop_assert_eq!(any_blocking(&compare(&card, &registration)), card.name != registration.name);
        }
    }
}
