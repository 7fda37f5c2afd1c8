//! Reads the emblem side: issuing authority and validity term, held against the card's arithmetic.

use std::collections::BTreeMap;

use domain::card::{CardProblem, Field};
use domain::{EmblemSide, ValidUntil};
use jiff::civil::Date;

use super::fields;
use super::ink::{self, Row};
use super::layout::ISSUE_ZONE;
use super::portrait::{attempts, joined};
use super::rectify::Flat;
use super::text::{Reader, Zone};
use crate::model::ModelError;

/// The fields of the emblem side as read.
#[derive(Debug, Default)]
pub(super) struct EmblemRead {
    pub side: EmblemSide,
    pub confidence: BTreeMap<&'static str, f32>,
    /// Where each field's print was found, a row at a time.
    pub places: Vec<(&'static str, Row)>,
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

/// The rows of the authority, and that of the term.
fn rows(flat: &Flat) -> (Vec<Row>, Option<Row>) {
    let (authority, others): (Vec<Row>, Vec<Row>) =
        printed_rows(flat).into_iter().partition(|row| row.middle() < 44.1);
    (authority, others.first().copied())
}

/// Least paper between a label and its value, in millimetres.
const LABEL_GAP: f32 = 1.2;
/// Left of every label, in millimetres.
const LABEL_LEFT: f32 = 17.0;

/// Every row of values, without what reaches into it of the label before it when the card is laid flat a little to the right.
pub(super) fn printed_rows(flat: &Flat) -> Vec<Row> {
    let value = |row: Row| {
        let line = [LABEL_LEFT, row.top, row.right, row.bottom];
        let groups = ink::groups(&flat.black, line, LABEL_GAP);
        let label = groups.first().filter(|label| label.left < ISSUE_ZONE[0] && label.right > row.left)?;
        let value = groups.get(1).filter(|_| label.right < ISSUE_ZONE[0] + 2.5)?;
        Some(Row { left: value.left, ..row })
    };
    ink::rows(&flat.black, ISSUE_ZONE).into_iter().map(|row| value(row).unwrap_or(row)).collect()
}

/// Where the fields of an upright emblem side are read first.
pub(super) fn zones(flat: &Flat) -> Vec<Zone<'_>> {
    let (authority, term) = rows(flat);
    let (plane, across, down) = attempts(flat)[0];
    authority.iter().chain(&term).map(|row| (plane, row.padded(across, down))).collect()
}

/// Whether a term of validity is printed where an emblem side has it. A number is none: its digits run on without points.
pub(super) fn has_term(reader: &Reader, flat: &Flat) -> Result<bool, ModelError> {
    let (_, Some(row)) = rows(flat) else { return Ok(false) };
    let (plane, across, down) = attempts(flat)[0];
    let text = reader.steps_in(plane, row.padded(across, down))?.read().text();
    let parted = text.contains(['长', '期']) || text.chars().filter(|c| !c.is_numeric()).count() >= 3;
    Ok(parted && fields::validity(&text).is_some())
}

/// Reads all fields of an upright emblem side.
pub(super) fn read(reader: &Reader, flat: &Flat) -> Result<EmblemRead, ModelError> {
    let mut read = EmblemRead::default();
    let (names, term) = rows(flat);
    let authorities = names.iter().map(|row| ("authority", *row));
    read.places = authorities.chain(term.map(|row| ("validity", row))).collect();
    authority(reader, flat, &names, &mut read)?;
    if let Some(row) = &term {
        validity(reader, flat, row, &mut read)?;
    }
    Ok(read)
}

fn authority(reader: &Reader, flat: &Flat, rows: &[Row], read: &mut EmblemRead) -> Result<(), ModelError> {
    if let Some((text, sure)) = joined(reader, flat, rows)? {
        read.side.authority = Some(text);
        read.confidence.insert("authority", sure);
    }
    Ok(())
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
