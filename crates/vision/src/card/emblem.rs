//! Reads the emblem side: issuing authority and validity term, held against the card's arithmetic.

use std::collections::BTreeMap;

use domain::EmblemSide;
use domain::card::CardProblem;
use image::GrayImage;

use super::fields;
use super::ink::{self, Row};
use super::layout::ISSUE_ZONE;
use super::rectify::Flat;
use super::text::{Read, Reader, Zone};
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
    /// How many of the three fields could not be read.
    pub fn unread(&self) -> f64 {
        let side = &self.side;
        let read = [side.authority.is_some(), side.valid_from.is_some(), side.valid_until.is_some()];
        read.iter().filter(|r| !**r).count() as f64
    }
}

/// A plane to read from and the paper to leave around a row, in millimetres: across and down. Later ones are tried when an earlier
/// one gives nothing that holds.
fn attempts(flat: &Flat) -> [(&GrayImage, f32, f32); 4] {
    [(&flat.black, 0.8, 0.45), (&flat.ink, 0.8, 0.45), (&flat.black, 1.2, 0.75), (&flat.black, 0.5, 0.2)]
}

/// The rows of the authority, and that of the term.
fn rows(flat: &Flat) -> (Vec<Row>, Option<Row>) {
    let rows = ink::rows(&flat.black, ISSUE_ZONE);
    let (authority, others): (Vec<Row>, Vec<Row>) = rows.into_iter().partition(|row| row.middle() < 44.1);
    (authority, others.first().copied())
}

/// Every row of values.
pub(super) fn printed_rows(flat: &Flat) -> Vec<Row> {
    ink::rows(&flat.black, ISSUE_ZONE)
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
    let (mut text, mut sure) = (String::new(), 1.0f32);
    for row in rows {
        let mut best = Read::default();
        for (plane, across, down) in attempts(flat) {
            let line = reader.steps_in(plane, row.padded(across, down))?.read();
            if line.confidence() > best.confidence() {
                best = line;
            }
            if best.confidence() > 0.8 {
                break;
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
    for (plane, across, down) in attempts(flat) {
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
