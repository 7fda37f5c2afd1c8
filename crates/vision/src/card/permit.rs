//! Reads the emblem side of a residence permit: authority, validity, travel permit and count of issues. Its portrait side is read as a
//! resident identity card's.

use domain::{CardKind, EmblemSide};

use super::emblem::{self, EmblemRead};
use super::fields;
use super::labelled::{self, Label};
use super::rectify::Flat;
use super::text::Reader;
use crate::model::ModelError;

/// Reads all fields of an upright emblem side.
pub(super) fn read_emblem(reader: &Reader, flat: &Flat) -> Result<EmblemRead, ModelError> {
    let kind = CardKind::ResidencePermit;
    let mut read = EmblemRead { side: EmblemSide { kind, ..EmblemSide::default() }, ..EmblemRead::default() };
    let values = labelled::values(reader, flat)?;
    read.places = labelled::places(&values);
    if let Some((authority, sure)) = labelled::authority(reader, flat, &values)? {
        read.side.authority = Some(authority);
        read.confidence.insert("authority", sure);
    }
    let of = |label: Label| values.iter().find(|value| value.label == label);
    if let Some(value) = of(Label::Validity) {
        emblem::validity(reader, flat, &value.row, &mut read)?;
    }
    if let Some(value) = of(Label::TravelPermit) {
        let steps = reader.steps_in(&flat.black, value.row.padded(0.8, 0.45))?;
        let line = steps.read_only(|c| c.is_ascii_digit() || c.is_ascii_uppercase());
        if is_travel_permit(&line.text()) {
            read.side.travel_permit_number = Some(line.text());
            read.confidence.insert("travel_permit_number", line.confidence());
        }
    }
    if let Some(value) = of(Label::IssueCount) {
        let steps = reader.steps_in(&flat.black, value.row.padded(0.8, 0.45))?;
        let line = steps.read_only(|c| c.is_ascii_digit());
        if let Some(count) =
            fields::digits(&line.text()).parse::<u8>().ok().filter(|count| (1..100).contains(count))
        {
            read.side.issue_count = Some(count);
            read.confidence.insert("issue_count", line.confidence());
        }
    }
    Ok(read)
}

/// Eight digits, or a letter before them (H and M of Hong Kong and Macao), and two more on permits of the older form.
fn is_travel_permit(text: &str) -> bool {
    let digits = text.strip_prefix(|c: char| c.is_ascii_uppercase()).unwrap_or(text);
    matches!(digits.len(), 8 | 10) && digits.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn travel_permits_have_eight_or_ten_digits_and_at_most_one_letter_before_them() {
        assert!(["H12345678", "M1234567801", "12345678"].into_iter().all(is_travel_permit));
        assert!(!["H1234567", "HK12345678", "1234S678", ""].into_iter().any(is_travel_permit));
    }
}
