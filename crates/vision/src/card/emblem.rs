//! Reads the emblem side: issuing authority and validity term, held against the card's arithmetic.

use std::collections::BTreeMap;

use domain::EmblemSide;
use domain::card::CardProblem;

use super::fields;
use super::ink::{self, Row};
use super::layout::ISSUE_ZONE;
use super::rectify::Flat;
use super::text::Reader;
use crate::model::ModelError;

/// The fields of the emblem side as read.
#[derive(Debug, Default)]
pub(super) struct EmblemRead {
    pub side: EmblemSide,
    pub confidence: BTreeMap<&'static str, f32>,
}

impl EmblemRead {
    /// How many of the three fields could not be read.
    pub fn unread(&self) -> f64 {
        let side = &self.side;
        let read = [side.authority.is_some(), side.valid_from.is_some(), side.valid_until.is_some()];
        read.iter().filter(|r| !**r).count() as f64
    }
}

/// Reads all fields of an upright emblem side.
pub(super) fn read(reader: &Reader, flat: &Flat) -> Result<EmblemRead, ModelError> {
    let rows = ink::rows(&flat.black, ISSUE_ZONE);
    let mut read = EmblemRead::default();
    let between = |top: f32, bottom: f32| -> Vec<Row> {
        rows.iter().filter(|r| (top..bottom).contains(&r.middle())).copied().collect()
    };
    authority(reader, flat, &between(0.0, 44.1), &mut read)?;
    if let Some(row) = between(44.1, 52.0).first() {
        validity(reader, flat, row, &mut read)?;
    }
    Ok(read)
}

fn authority(reader: &Reader, flat: &Flat, rows: &[Row], read: &mut EmblemRead) -> Result<(), ModelError> {
    let (mut text, mut sure) = (String::new(), 1.0f32);
    for row in rows {
        let mut best = reader.steps_in(&flat.black, row.padded(0.8, 0.45))?.read();
        if best.confidence() < 0.8 {
            let again = reader.steps_in(&flat.ink, row.padded(1.2, 0.7))?.read();
            if again.confidence() > best.confidence() {
                best = again;
            }
        }
        text.push_str(&fields::folded(&best.text()));
        sure = sure.min(best.confidence());
    }
    if !text.is_empty() {
        read.side.authority = Some(text);
        read.confidence.insert("authority", sure);
    }
    Ok(())
}

/// Takes the first reading that is a term of 5, 10 or 20 years or 长期; one that breaks this arithmetic is not taken.
fn validity(reader: &Reader, flat: &Flat, row: &Row, read: &mut EmblemRead) -> Result<(), ModelError> {
    let attempts =
        [(&flat.black, 0.8, 0.45), (&flat.ink, 0.8, 0.45), (&flat.black, 1.2, 0.75), (&flat.black, 0.5, 0.2)];
    for (plane, across, down) in attempts {
        let line = reader.steps_in(plane, row.padded(across, down))?.read();
        let Some((from, until)) = fields::validity(&line.text()) else { continue };
        let term = EmblemSide { authority: None, valid_from: Some(from), valid_until: Some(until) };
        if term.problems(from).contains(&CardProblem::ValidityImplausible) {
            continue;
        }
        read.side.valid_from = Some(from);
        read.side.valid_until = Some(until);
        read.confidence.insert("valid_from", line.confidence());
        read.confidence.insert("valid_until", line.confidence());
        return Ok(());
    }
    Ok(())
}
