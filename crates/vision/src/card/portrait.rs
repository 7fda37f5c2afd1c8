//! Reads the portrait side: name, sex, ethnicity, birth date, address, number, held against one another.

use std::collections::BTreeMap;

use domain::{Ethnicity, IdNumber, PersonName, PortraitSide, Sex};
use image::GrayImage;

use super::ink::{self, Row};
use super::layout::{NUMBER_ZONE, VALUES_ZONE};
use super::rectify::Flat;
use super::text::{Read, Reader};
use super::{DOUBTFUL, fields};
use crate::model::ModelError;

/// The fields of the portrait side as read.
#[derive(Debug, Default)]
pub(super) struct PortraitRead {
    pub side: PortraitSide,
    pub confidence: BTreeMap<&'static str, f32>,
}

impl PortraitRead {
    /// How many of the six fields could not be read.
    pub fn unread(&self) -> f64 {
        let side = &self.side;
        let read = [
            side.name.is_some(),
            side.sex.is_some(),
            side.ethnicity.is_some(),
            side.birth_date.is_some(),
            side.address.is_some(),
            side.number.is_some(),
        ];
        read.iter().filter(|r| !**r).count() as f64
    }

    /// How many of printed birth date and sex differ from those inside the number; none when the number was not read.
    pub fn disagreeing(&self) -> Option<f64> {
        let number = self.side.number.as_ref()?;
        let birth = self.side.birth_date.is_some_and(|d| d != number.birth_date());
        let sex = self.side.sex.is_some_and(|s| s != number.sex());
        Some(f64::from(u8::from(birth)) + f64::from(u8::from(sex)))
    }
}

/// A plane to read from and the paper to leave around a row, in millimetres: across and down. Later ones are tried when an earlier
/// one gives nothing that holds.
fn attempts(flat: &Flat) -> [(&GrayImage, f32, f32); 4] {
    [(&flat.black, 0.8, 0.45), (&flat.ink, 0.8, 0.45), (&flat.black, 1.2, 0.75), (&flat.black, 0.5, 0.2)]
}

/// Reads all fields of an upright portrait side.
pub(super) fn read(reader: &Reader, flat: &Flat) -> Result<PortraitRead, ModelError> {
    let mut read = PortraitRead::default();
    if let Some((number, sure)) = number(reader, flat)? {
        read.side.number = Some(number);
        read.confidence.insert("number", sure);
    }
    let rows = ink::rows(&flat.black, VALUES_ZONE);
    let between = |top: f32, bottom: f32| -> Vec<Row> {
        rows.iter().filter(|r| (top..bottom).contains(&r.middle())).copied().collect()
    };
    name(reader, flat, &between(0.0, 10.9), &mut read)?;
    if let Some(row) = between(10.9, 17.8).first() {
        sex_and_ethnicity(reader, flat, row, &mut read)?;
    }
    if let Some(row) = between(17.8, 25.2).first() {
        birth_date(reader, flat, row, &mut read)?;
    }
    address(reader, flat, &between(25.2, 43.2), &mut read)?;
    Ok(read)
}

fn number(reader: &Reader, flat: &Flat) -> Result<Option<(IdNumber, f32)>, ModelError> {
    let rows = ink::rows(&flat.black, NUMBER_ZONE);
    let Some(row) = rows.iter().max_by(|a, b| a.width().total_cmp(&b.width())) else { return Ok(None) };
    for (plane, across, down) in attempts(flat) {
        let steps = reader.steps_in(plane, row.padded(across, down))?;
        let read = steps.read_only(|c| fields::folded(&c.to_string()).chars().all(|c| "0123456789Xx".contains(c)));
        if let Ok(number) = IdNumber::parse(&read.text()) {
            return Ok(Some((number, read.confidence())));
        }
    }
    Ok(None)
}

/// Reads the name and decides whether it may lack a rare character: more or fewer glyphs than characters, or an unsure one.
fn name(reader: &Reader, flat: &Flat, rows: &[Row], read: &mut PortraitRead) -> Result<(), ModelError> {
    if rows.is_empty() {
        return Ok(());
    }
    let mut readings = Vec::new();
    for (plane, across, down) in attempts(flat) {
        let mut whole = Read::default();
        for row in rows {
            whole.characters.extend(reader.steps_in(plane, row.padded(across, down))?.read().characters);
        }
        readings.push(whole);
    }
    let first = &readings[0];
    let Ok(name) = PersonName::parse(&first.text()) else { return Ok(()) };
    let cells: u8 = rows.iter().map(|row| ink::cells(&flat.black, row)).sum();
    let agreed = readings.iter().all(|r| PersonName::parse(&r.text()).is_ok_and(|other| other == name));
    let least = readings.iter().map(Read::confidence).fold(1.0, f32::min);
    let sure = agreed && usize::from(cells) == name.characters();
    read.confidence.insert("name", if sure { least } else { least.min(DOUBTFUL - 0.1) });
    read.side.name_cells = Some(cells);
    read.side.name = Some(name);
    Ok(())
}

fn sex_and_ethnicity(reader: &Reader, flat: &Flat, row: &Row, read: &mut PortraitRead) -> Result<(), ModelError> {
    let groups = ink::groups(&flat.black, [VALUES_ZONE[0], row.top, VALUES_ZONE[2], row.bottom], 1.6);
    let (Some(first), Some(last)) = (groups.first(), groups.last()) else { return Ok(()) };
    if first.left < 22.0 {
        const SEXES: [Sex; 2] = [Sex::Female, Sex::Male];
        if let Some((at, sure)) = choose(reader, flat, first, &SEXES.map(Sex::label))? {
            read.side.sex = Some(SEXES[at]);
            read.confidence.insert("sex", sure);
        }
    }
    if last.left > 22.0
        && let Some((at, sure)) = choose(reader, flat, last, &domain::ethnicity::NAMES)?
    {
        read.side.ethnicity = Ethnicity::parse(domain::ethnicity::NAMES[at]).ok();
        read.confidence.insert("ethnicity", sure);
    }
    Ok(())
}

/// The word that the ink shows, when one is clearly likelier than every other.
fn choose(reader: &Reader, flat: &Flat, ink: &Row, words: &[&str]) -> Result<Option<(usize, f32)>, ModelError> {
    for (plane, across, down) in attempts(flat) {
        let chosen = reader.steps_in(plane, ink.padded(across, down))?.choose(words);
        if let Some((at, per_character, ahead)) = chosen
            && per_character > -1.2
            && ahead > 1.5
        {
            return Ok(Some((at, per_character.exp())));
        }
    }
    Ok(None)
}

/// The printed date: read with its signs, or, where these are lost, by its digits being those of the number's date.
fn birth_date(reader: &Reader, flat: &Flat, row: &Row, read: &mut PortraitRead) -> Result<(), ModelError> {
    let inside = read.side.number.as_ref().map(IdNumber::birth_date);
    let mut other = None;
    for (plane, across, down) in attempts(flat) {
        let line = reader.steps_in(plane, row.padded(across + 2.5, down))?.read();
        let text = line.text();
        if let Some(date) = inside.filter(|d| fields::prints(*d, &fields::digits(&text))) {
            read.side.birth_date = Some(date);
            read.confidence.insert("birth_date", line.confidence());
            return Ok(());
        }
        other = other.or(fields::birth_date(&text).map(|date| (date, line.confidence())));
    }
    if let Some((date, sure)) = other {
        read.side.birth_date = Some(date);
        read.confidence.insert("birth_date", sure);
    }
    Ok(())
}

fn address(reader: &Reader, flat: &Flat, rows: &[Row], read: &mut PortraitRead) -> Result<(), ModelError> {
    let (mut text, mut sure) = (String::new(), 1.0f32);
    for row in rows.iter().filter(|r| r.left < 20.0) {
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
        read.side.address = Some(text);
        read.confidence.insert("address", sure);
    }
    Ok(())
}
