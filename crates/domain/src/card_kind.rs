//! The kinds of identity cards that are read, and what each of them prints.

use serde::{Deserialize, Serialize};

use crate::{IdNumber, Text, card::Field};

/// A kind of identity card.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CardKind {
    /// 居民身份证 (GA 448).
    #[default]
    ResidentIdentityCard,
    /// 港澳居民居住证 and 台湾居民居住证, in the form of the resident identity card (State Council, 2018).
    ResidencePermit,
    /// 外国人永久居留身份证 in its form of 2017, with a number of three letters and twelve digits.
    #[serde(rename = "permanent_residence_2017")]
    PermanentResidence2017,
    /// 外国人永久居留身份证 in its form of 2023, the five-star card, with a number of 18 digits.
    #[serde(rename = "permanent_residence_2023")]
    PermanentResidence2023,
}

/// What is known of one kind.
struct Form {
    kind: CardKind,
    id: &'static str,
    zh: &'static str,
    en: &'static str,
    /// What the journey needs of the portrait side.
    portrait: &'static [Field],
    /// What the journey needs of the emblem side.
    emblem: &'static [Field],
    /// For how many years such cards are valid.
    years: &'static [i16],
}

const FORMS: [Form; 4] = [
    Form {
        kind: CardKind::ResidentIdentityCard,
        id: "resident_identity_card",
        zh: "居民身份证",
        en: "resident identity card",
        portrait: &[Field::Number, Field::Name, Field::Ethnicity, Field::Address],
        emblem: &[Field::Authority, Field::Validity],
        years: &[5, 10, 20],
    },
    Form {
        kind: CardKind::ResidencePermit,
        id: "residence_permit",
        zh: "港澳台居民居住证",
        en: "residence permit for Hong Kong, Macao or Taiwan residents",
        portrait: &[Field::Number, Field::Name, Field::Address],
        emblem: &[Field::Authority, Field::Validity],
        years: &[5],
    },
    Form {
        kind: CardKind::PermanentResidence2017,
        id: "permanent_residence_2017",
        zh: "外国人永久居留身份证（2017版）",
        en: "foreigner's permanent residence card (2017 form)",
        portrait: &[Field::Number, Field::Name, Field::Nationality, Field::Validity],
        emblem: &[Field::Authority],
        years: &[5, 10],
    },
    Form {
        kind: CardKind::PermanentResidence2023,
        id: "permanent_residence_2023",
        zh: "外国人永久居留身份证（2023版）",
        en: "foreigner's permanent residence card (2023 form)",
        portrait: &[Field::Number, Field::Name, Field::Nationality, Field::Validity],
        emblem: &[Field::Authority],
        years: &[5, 10],
    },
];

impl CardKind {
    /// Every kind.
    pub const ALL: [CardKind; 4] = [FORMS[0].kind, FORMS[1].kind, FORMS[2].kind, FORMS[3].kind];

    fn form(self) -> &'static Form {
        &FORMS[self as usize]
    }

    /// The stable id.
    pub fn id(self) -> &'static str {
        self.form().id
    }

    /// The kind of that id.
    pub fn of_id(id: &str) -> Option<CardKind> {
        FORMS.iter().find(|form| form.id == id).map(|form| form.kind)
    }

    /// What it is called.
    pub fn title(self) -> Text {
        Text::new(self.form().zh, self.form().en)
    }

    /// The kind of card that bears such a number.
    pub fn of_number(number: &IdNumber) -> CardKind {
        match number.as_str().as_bytes() {
            [b'A'..=b'Z', ..] => CardKind::PermanentResidence2017,
            [b'9', ..] => CardKind::PermanentResidence2023,
            [b'8', b'1'..=b'3', ..] => CardKind::ResidencePermit,
            _ => CardKind::ResidentIdentityCard,
        }
    }

    /// What the journey needs of the portrait side: a reading without it is not accepted.
    pub fn portrait_fields(self) -> &'static [Field] {
        self.form().portrait
    }

    /// What the journey needs of the emblem side.
    pub fn emblem_fields(self) -> &'static [Field] {
        self.form().emblem
    }

    /// Whether such cards print the field.
    pub fn prints(self, field: Field) -> bool {
        self.form().portrait.contains(&field) || self.form().emblem.contains(&field)
    }

    /// For how many years such cards are valid, where they expire.
    pub(crate) fn years(self) -> &'static [i16] {
        self.form().years
    }

    /// Whether the emblem sides of both kinds are alike but for what tells nothing apart surely: the two forms of the permanent
    /// residence card.
    pub fn shares_emblem_side(self, other: CardKind) -> bool {
        use CardKind::{PermanentResidence2017, PermanentResidence2023};
        let permanent = |kind| matches!(kind, PermanentResidence2017 | PermanentResidence2023);
        self == other || permanent(self) && permanent(other)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn each_kind_has_its_own_form_and_id() {
        for kind in CardKind::ALL {
            assert_eq!(kind.form().kind, kind);
            assert_eq!(CardKind::of_id(kind.id()), Some(kind));
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.id());
        }
    }

    #[test]
    fn only_the_resident_identity_card_prints_an_ethnicity() {
        let printing: Vec<CardKind> =
            CardKind::ALL.into_iter().filter(|k| k.prints(Field::Ethnicity)).collect();
        assert_eq!(printing, [CardKind::ResidentIdentityCard]);
    }
}
