//! Reads the emblem side: issuing authority and validity term, held against the card's arithmetic.

use std::collections::BTreeMap;

use domain::card::{CardProblem, Field};
use domain::{EmblemSide, ValidUntil};
use jiff::civil::Date;

use super::fields;
use super::ink::{self, Row};
use super::layout::ISSUE_ZONE;
use super::portrait::attempts;
use super::rectify::Flat;
use super::text::{Read, Reader};
use crate::model::ModelError;

/// The fields of the emblem side as read.
#[derive(Debug, Default)]
pub(super) struct EmblemRead {
    pub side: EmblemSide,
    pub confidence: BTreeMap<&'static str, f32>,
}

impl EmblemRead {
    /// How many of authority, first and last day could not be read; a foreigner's card has only the authority here. Number and count
    /// of a travel permit are told, but nothing needs them.
    pub fn unread(&self) -> f64 {
        let side = &self.side;
        let mut wanted = vec![side.authority.is_some()];
        if side.kind.emblem_fields().contains(&Field::Validity) {
            wanted.extend([side.valid_from.is_some(), side.valid_until.is_some()]);
        }
        wanted.iter().filter(|read| !**read).count() as f64
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
        let first = reader.steps_in(&flat.black, row.padded(0.8, 0.45))?.read();
        let best = surer(reader, flat, row, first)?;
        text.push_str(&fields::folded(&best.text()));
        sure = sure.min(best.confidence());
    }
    if !text.is_empty() {
        read.side.authority = Some(text);
        read.confidence.insert("authority", sure);
    }
    Ok(())
}

/// The first reading of a row of the authority, or another one where that is doubtful and the other less so.
pub(super) fn surer(reader: &Reader, flat: &Flat, row: &Row, first: Read) -> Result<Read, ModelError> {
    if first.confidence() >= 0.8 {
        return Ok(first);
    }
    let again = reader.steps_in(&flat.ink, row.padded(1.2, 0.7))?.read();
    Ok(if again.confidence() > first.confidence() { again } else { first })
}

/// The first and the last day, and how sure they are, as the first reading has them that is a term of such cards (5, 10 or 20 years or
/// 长期); one that is `implausible` by this arithmetic is not taken.
pub(super) fn term(
    reader: &Reader,
    flat: &Flat,
    row: &Row,
    implausible: impl Fn(Date, ValidUntil) -> bool,
) -> Result<Option<(Date, ValidUntil, f32)>, ModelError> {
    for (plane, across, down) in attempts(flat) {
        let line = reader.steps_in(plane, row.padded(across, down))?.read();
        if let Some((from, until)) = fields::validity(&line.text()).filter(|t| !implausible(t.0, t.1)) {
            return Ok(Some((from, until, line.confidence())));
        }
    }
    Ok(None)
}

pub(super) fn validity(
    reader: &Reader,
    flat: &Flat,
    row: &Row,
    read: &mut EmblemRead,
) -> Result<(), ModelError> {
    let kind = read.side.kind;
    let implausible = |from, until| {
        let (valid_from, valid_until) = (Some(from), Some(until));
        let term = EmblemSide { kind, valid_from, valid_until, ..EmblemSide::default() };
        term.problems(from).contains(&CardProblem::ValidityImplausible)
    };
    if let Some((from, until, sure)) = term(reader, flat, row, implausible)? {
        (read.side.valid_from, read.side.valid_until) = (Some(from), Some(until));
        read.confidence.extend([("valid_from", sure), ("valid_until", sure)]);
    }
    Ok(())
}
