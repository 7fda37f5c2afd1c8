//! Reads an emblem side whose rows say themselves what they are: each label with the print behind it.

use super::ink::{self, Row};
use super::rectify::Flat;
use super::text::{Read, Reader};
use super::{fields, portrait};
use crate::model::ModelError;

/// Where labels and values are, in millimetres: left, top, right, bottom.
const ZONE: [f32; 4] = [18.0, 33.0, 83.5, 52.6];
/// Least paper between a label and its value, in millimetres.
const GAP: f32 = 1.6;

/// Labels of emblem sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Label {
    Authority,
    Validity,
    TravelPermit,
    IssueCount,
}

impl Label {
    /// The field that it stands before, as in [`super::Printed::field`].
    fn field(self) -> &'static str {
        match self {
            Label::Authority => "authority",
            Label::Validity => "validity",
            Label::TravelPermit => "travel_permit_number",
            Label::IssueCount => "issue_count",
        }
    }
}

const LABELS: [(Label, &str); 4] = [
    (Label::Authority, "签发机关"),
    (Label::Validity, "有效期限"),
    (Label::TravelPermit, "通行证号码"),
    (Label::IssueCount, "签发次数"),
];

/// A value with the label before it.
#[derive(Debug, Clone)]
pub(super) struct Value {
    pub label: Label,
    pub row: Row,
    pub read: Read,
}

/// All values from top to bottom; a row without a label goes on with the last one's.
pub(super) fn values(reader: &Reader, flat: &Flat) -> Result<Vec<Value>, ModelError> {
    let mut values = Vec::new();
    let mut label = None;
    for line in ink::rows(&flat.black, ZONE) {
        for row in ink::groups(&flat.black, [ZONE[0], line.top, ZONE[2], line.bottom], GAP) {
            let read = reader.steps_in(&flat.black, row.padded(0.8, 0.45))?.read();
            match label_in(&read.text()) {
                Some(found) => label = Some(found),
                None => values.extend(label.map(|label| Value { label, row, read })),
            }
        }
    }
    Ok(values)
}

/// Where the values' print lies.
pub(super) fn places(values: &[Value]) -> Vec<(&'static str, Row)> {
    values.iter().map(|value| (value.label.field(), value.row)).collect()
}

/// The label that a group shows: the one most of whose characters are read, if it is most of them. 签发 begins two.
fn label_in(text: &str) -> Option<Label> {
    if text.chars().count() > 6 {
        return None;
    }
    let hits = |word: &str| word.chars().filter(|c| text.contains(*c)).count();
    let (label, word) = LABELS.into_iter().max_by_key(|(_, word)| hits(word))?;
    (hits(word) >= 3).then_some(label)
}

/// The authority, its lines joined, with its confidence.
pub(super) fn authority(
    reader: &Reader,
    flat: &Flat,
    values: &[Value],
) -> Result<Option<(String, f32)>, ModelError> {
    let (mut text, mut sure) = (String::new(), 1.0f32);
    for value in values.iter().filter(|value| value.label == Label::Authority) {
        let best = portrait::surer(reader, flat, &value.row, value.read.clone())?;
        text.push_str(&fields::folded(&best.text()));
        sure = sure.min(best.confidence());
    }
    Ok((!text.is_empty()).then_some((text, sure)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_told_with_a_character_lost_and_values_are_none() {
        assert_eq!(label_in("签发机关"), Some(Label::Authority));
        assert_eq!(label_in("签发次"), Some(Label::IssueCount));
        assert_eq!(label_in("通行证号玛"), Some(Label::TravelPermit));
        assert_eq!(label_in("某县公安局"), None);
        assert_eq!(label_in("X12345678"), None);
        assert_eq!(label_in("签发机关管理局公安"), None);
    }
}
