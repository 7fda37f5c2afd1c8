//! Reads the portrait side: name, sex, ethnicity, birth date, address, number, held against one another.

use std::collections::BTreeMap;

use domain::{Ethnicity, IdNumber, PersonName, PortraitSide, Sex};
use image::GrayImage;

use super::ink::{self, Row};
use super::layout::{NUMBER_ZONE, Seen, VALUES_ZONE};
use super::rectify::Flat;
use super::text::{Character, Read, Reader, Zone};
use super::{DOUBTFUL, fields, lookalikes};
use crate::model::ModelError;

/// The fields of the portrait side as read.
#[derive(Debug, Default)]
pub(super) struct PortraitRead {
    pub side: PortraitSide,
    pub confidence: BTreeMap<&'static str, f32>,
    /// Where each field's print was found, a row at a time.
    pub places: Vec<(&'static str, Row)>,
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

/// How far left of a value its label of two characters begins, in millimetres.
const LABEL_MM: f32 = 9.0;

/// What is left beside the birth date's digits, more than beside others: its signs are of another colour, and are no ink here.
const BIRTH_ROOM_MM: f32 = 2.5;

/// Paper left around a name, in millimetres across and down, in each of its readings.
pub(super) const NAME_CROPS: [(f32, f32); 3] = [(0.8, 0.45), (1.2, 0.75), (0.5, 0.2)];

/// Paper left around a single glyph, likewise.
pub(super) const GLYPH_CROPS: [(f32, f32); 2] = [(0.0, 0.45), (-0.05, 0.8)];

/// Probability from which a character on which all readings of a line agree is believed, unless [`lookalikes`] asks for more. On drawn
/// names characters of the alphabet have more than this in nearly every crop.
const SURE_GLYPH: f32 = 0.9;

/// Mean probability over all readings from which a character for which no unknown glyph is taken is believed.
const LIKELY_GLYPH: f32 = 0.45;

/// Where the fields of an upright portrait side are read first, each as often as it always is.
pub(super) fn zones(flat: &Flat) -> Vec<Zone<'_>> {
    let (plane, across, down) = attempts(flat)[0];
    let rows = rows(flat);
    let mut areas: Vec<[f32; 4]> = number_row(flat).map(|row| row.padded(across, down)).into_iter().collect();
    for row in &rows.name {
        areas.extend(NAME_CROPS.map(|(across, down)| row.padded(across, down)));
    }
    if let Some((first, last)) = rows.sex.as_ref().and_then(|row| sex_and_ethnicity_inks(flat, row)) {
        areas.extend([first, last].map(|ink| ink.padded(across, down)));
    }
    areas.extend(rows.birth.map(|row| row.padded(across + BIRTH_ROOM_MM, down)));
    areas.extend(rows.address.iter().map(|row| row.padded(across, down)));
    areas.into_iter().map(|area| (plane, area)).collect()
}

/// Every row of values, with the number's.
pub(super) fn printed_rows(flat: &Flat) -> Vec<Row> {
    ink::rows(&flat.black, VALUES_ZONE).into_iter().chain(number_row(flat)).collect()
}

/// The rows of print beside the portrait, by what stands in them.
struct Rows {
    name: Vec<Row>,
    sex: Option<Row>,
    birth: Option<Row>,
    address: Vec<Row>,
}

impl Rows {
    /// The rows by field, with the number's.
    fn places(&self, flat: &Flat) -> Vec<(&'static str, Row)> {
        let name = self.name.iter().map(|row| ("name", *row));
        let inks = self.sex.as_ref().and_then(|row| sex_and_ethnicity_inks(flat, row));
        let inks = inks.into_iter().flat_map(|(sex, ethnicity)| [("sex", sex), ("ethnicity", ethnicity)]);
        let birth = self.birth.map(|row| ("birth_date", row));
        let address = self.address.iter().map(|row| ("address", *row));
        let number = number_row(flat).map(|row| ("number", row));
        name.chain(inks).chain(birth).chain(address).chain(number).collect()
    }
}

fn rows(flat: &Flat) -> Rows {
    let rows = ink::rows(&flat.black, VALUES_ZONE);
    let between = |top: f32, bottom: f32| -> Vec<Row> {
        rows.iter().filter(|r| (top..bottom).contains(&r.middle())).copied().collect()
    };
    Rows {
        name: between(0.0, 10.9),
        sex: between(10.9, 17.8).first().copied(),
        birth: between(17.8, 25.2).first().copied(),
        address: between(25.2, 43.2).into_iter().filter(|r| r.left < 20.0).collect(),
    }
}

/// Reads all fields of an upright portrait side.
pub(super) fn read(reader: &Reader, seen: &Seen) -> Result<PortraitRead, ModelError> {
    let flat = &seen.flat;
    let mut read = PortraitRead::default();
    let line = match &seen.number {
        Some(line) => line.clone(),
        None => number_line(reader, flat)?,
    };
    if let Some((number, sure)) = number(reader, flat, &line)? {
        read.side.number = Some(number);
        read.confidence.insert("number", sure);
    }
    let rows = rows(flat);
    read.places = rows.places(flat);
    name(reader, flat, &rows.name, &mut read)?;
    if let Some(row) = &rows.sex {
        sex_and_ethnicity(reader, flat, row, &mut read)?;
    }
    if let Some(row) = &rows.birth {
        birth_date(reader, flat, row, &mut read)?;
    }
    address(reader, flat, &rows.address, &mut read)?;
    Ok(read)
}

/// The line in which the number is printed, from the first of the attempts, read as digits and X.
pub(super) fn number_line(reader: &Reader, flat: &Flat) -> Result<Read, ModelError> {
    match number_row(flat) {
        Some(row) => number_attempt(reader, &row, attempts(flat)[0]),
        None => Ok(Read::default()),
    }
}

fn number_row(flat: &Flat) -> Option<Row> {
    ink::rows(&flat.black, NUMBER_ZONE).into_iter().max_by(|a, b| a.width().total_cmp(&b.width()))
}

fn number_attempt(
    reader: &Reader,
    row: &Row,
    (plane, across, down): (&GrayImage, f32, f32),
) -> Result<Read, ModelError> {
    let steps = reader.steps_in(plane, row.padded(across, down))?;
    Ok(steps.read_only(|c| matches!(c, '0'..='9' | 'X' | 'x' | '０'..='９' | 'Ｘ' | 'ｘ')))
}

/// The number from its line as first read, or, where that breaks GB 11643, from the further attempts.
fn number(reader: &Reader, flat: &Flat, first: &Read) -> Result<Option<(IdNumber, f32)>, ModelError> {
    if let Ok(number) = IdNumber::parse(&first.text()) {
        return Ok(Some((number, first.confidence())));
    }
    let Some(row) = number_row(flat) else { return Ok(None) };
    for attempt in attempts(flat).into_iter().skip(1) {
        let read = number_attempt(reader, &row, attempt)?;
        if let Ok(number) = IdNumber::parse(&read.text()) {
            return Ok(Some((number, read.confidence())));
        }
    }
    Ok(None)
}

/// Reads the name several times and keeps the characters on which all readings agree and are sure. A glyph beyond the recogniser's
/// alphabet is dropped or taken for a similar one, but not with the same certainty from every crop: it is left out, and the count
/// of glyph cells tells that it is there.
fn name(reader: &Reader, flat: &Flat, rows: &[Row], read: &mut PortraitRead) -> Result<(), ModelError> {
    let (mut kept, mut counted, mut sure) = (String::new(), 0u8, 1.0f32);
    for row in rows {
        let cells = ink::cells(&flat.black, row);
        let mut glyphs: Vec<Vec<Character>> = vec![Vec::new(); usize::from(cells)];
        for (plane, across, down) in NAME_CROPS.map(|(across, down)| (&flat.black, across, down)) {
            let area = row.padded(across, down);
            for (i, character) in by_cell(&reader.steps_in(plane, area)?.read(), row, area, cells) {
                glyphs[i].push(character);
            }
        }
        counted += cells;
        for (i, seen) in glyphs.iter().enumerate() {
            match settle(reader, flat, &ink::cell(row, i, cells), seen)? {
                Some((glyph, certainty)) => {
                    kept.push(glyph);
                    sure = sure.min(certainty);
                }
                None => sure = sure.min(DOUBTFUL - 0.1),
            }
        }
    }
    let Ok(name) = PersonName::parse(&kept) else { return Ok(()) };
    if usize::from(counted) != name.characters() {
        sure = sure.min(DOUBTFUL - 0.1);
    }
    read.confidence.insert("name", sure);
    read.side.name_cells = Some(counted);
    read.side.name = Some(name);
    Ok(())
}

/// What the readings of one cell come to: the character that is there, or none for a glyph that the recogniser does not know.
fn settle(
    reader: &Reader,
    flat: &Flat,
    alone: &Row,
    seen: &[Character],
) -> Result<Option<(char, f32)>, ModelError> {
    let Some(first) = seen.iter().max_by(|a, b| a.sure.total_cmp(&b.sure)) else { return Ok(None) };
    let agreed = seen.len() == NAME_CROPS.len() && seen.iter().all(|c| c.glyph == first.glyph);
    let least = seen.iter().map(|c| c.sure).fold(1.0, f32::min);
    if fields::is_dot(first.glyph) {
        return Ok(agreed.then_some((first.glyph, least)));
    }
    let needed = lookalikes::needed_for(first.glyph);
    if agreed && least >= SURE_GLYPH && needed.is_none() {
        return Ok(Some((first.glyph, least)));
    }
    // What is torn, or may be an impostor, is looked at by itself as well.
    let mut readings = seen.to_vec();
    for (across, down) in GLYPH_CROPS {
        let read = reader.steps_in(&flat.black, alone.padded(across, down))?.read();
        let nothing = Character { glyph: ' ', sure: 0.0, at: 0.0 };
        readings.push(read.characters.first().copied().unwrap_or(nothing));
    }
    let of = |glyph: char| -> Vec<f32> {
        readings.iter().map(|c| if c.glyph == glyph { c.sure } else { 0.0 }).collect()
    };
    let mean = |glyph: char| of(glyph).iter().sum::<f32>() / readings.len() as f32;
    if let Some(needed) = needed {
        let certain = agreed && lookalikes::certainty(&of(first.glyph)) >= needed;
        return Ok(certain.then(|| (first.glyph, mean(first.glyph))));
    }
    // Torn between known characters: the most certain one wins.
    let best = readings.iter().map(|c| c.glyph).max_by(|a, b| mean(*a).total_cmp(&mean(*b)));
    Ok(best.map(|glyph| (glyph, mean(glyph))).filter(|(glyph, mean)| {
        seen.len() == NAME_CROPS.len() && lookalikes::needed_for(*glyph).is_none() && *mean >= LIKELY_GLYPH
    }))
}

/// The characters of a reading of `area` with the number of the cell that each belongs to: one by one when there are as many as cells,
/// by their places otherwise. A row whose ink makes no cells (blurred, cut off) has none.
fn by_cell(read: &Read, row: &Row, area: [f32; 4], cells: u8) -> Vec<(usize, Character)> {
    if cells == 0 {
        return Vec::new();
    }
    let one_by_one = read.characters.len() == usize::from(cells);
    let cell = row.width() / (f32::from(cells) - 0.1);
    let place = |c: &Character| ((area[0] + c.at * (area[2] - area[0]) - row.left) / cell).max(0.0) as usize;
    let last = usize::from(cells).saturating_sub(1);
    let numbered = read.characters.iter().enumerate();
    numbered.map(|(i, c)| (if one_by_one { i } else { place(c).min(last) }, *c)).collect()
}

/// The first and the last group of ink in the row of sex and ethnicity.
fn sex_and_ethnicity_inks(flat: &Flat, row: &Row) -> Option<(Row, Row)> {
    let groups = ink::groups(&flat.black, [VALUES_ZONE[0], row.top, VALUES_ZONE[2], row.bottom], 1.6);
    Some((*groups.first()?, *groups.last()?))
}

fn sex_and_ethnicity(
    reader: &Reader,
    flat: &Flat,
    row: &Row,
    read: &mut PortraitRead,
) -> Result<(), ModelError> {
    let Some((first, last)) = sex_and_ethnicity_inks(flat, row) else { return Ok(()) };
    if first.left < 22.0 {
        const SEXES: [Sex; 2] = [Sex::Female, Sex::Male];
        if let Some((at, sure)) = choose(reader, flat, &first, "性别", &SEXES.map(Sex::label))? {
            read.side.sex = Some(SEXES[at]);
            read.confidence.insert("sex", sure);
        }
    }
    if last.left > 22.0 {
        let mut words = domain::ethnicity::NAMES.to_vec();
        // 仫 is not in the alphabet, and read as 么.
        words.push("么佬");
        if let Some((at, sure)) = choose(reader, flat, &last, "民族", &words)? {
            let name = domain::ethnicity::NAMES.get(at).copied().unwrap_or("仫佬");
            read.side.ethnicity = Ethnicity::parse(name).ok();
            read.confidence.insert("ethnicity", sure);
        }
    }
    Ok(())
}

/// The word that the ink shows, when one is clearly likelier than every other: by itself, or, as the recogniser is not at its best with
/// single characters, together with its label.
fn choose(
    reader: &Reader,
    flat: &Flat,
    ink: &Row,
    label: &str,
    words: &[&str],
) -> Result<Option<(usize, f32)>, ModelError> {
    let sure = |chosen: Option<(usize, f32, f32)>| {
        let (at, per_character, ahead) = chosen?;
        // A word of which one character was lost is still that word when no other is near.
        let clear = per_character > -1.2 && ahead > 1.5 || per_character > -3.5 && ahead > 5.0;
        clear.then_some((at, per_character.exp()))
    };
    let mut each = Vec::new();
    for (plane, across, down) in attempts(flat) {
        let chosen = reader.steps_in(plane, ink.padded(across, down))?.choose(words);
        if let Some(chosen) = sure(chosen) {
            return Ok(Some(chosen));
        }
        each.extend(chosen);
    }
    let labelled: Vec<String> = words.iter().map(|word| format!("{label}{word}")).collect();
    let labelled: Vec<&str> = labelled.iter().map(String::as_str).collect();
    let with_label = Row { left: ink.left - LABEL_MM, ..*ink };
    for down in [0.45, 0.75] {
        if let Some(chosen) =
            sure(reader.steps_in(&flat.ink, with_label.padded(0.8, down))?.choose(&labelled))
        {
            return Ok(Some(chosen));
        }
    }
    // Only these words are ever printed here: the one that leads in every attempt is it, if not surely read.
    let Some(&(at, per_character, _)) = each.first() else { return Ok(None) };
    let leads = each.len() == attempts(flat).len() && each.iter().all(|c| c.0 == at && c.2 > 1.0);
    Ok(leads.then(|| (at, per_character.exp())))
}

/// The printed date: read with its signs, or, where these are lost, by its digits being those of the number's date.
fn birth_date(reader: &Reader, flat: &Flat, row: &Row, read: &mut PortraitRead) -> Result<(), ModelError> {
    let inside = read.side.number.as_ref().map(IdNumber::birth_date);
    let mut other = None;
    for (plane, across, down) in attempts(flat) {
        let line = reader.steps_in(plane, row.padded(across + BIRTH_ROOM_MM, down))?.read();
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
        read.side.address = Some(text);
        read.confidence.insert("address", sure);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(places: &[f32]) -> Read {
        Read { characters: places.iter().map(|at| Character { glyph: '王', sure: 1.0, at: *at }).collect() }
    }

    #[test]
    fn characters_fall_into_the_cells_of_their_row_and_into_none_where_it_has_none() {
        let row = Row { left: 10.0, top: 0.0, right: 19.0, bottom: 3.0 };
        let area = [9.0, 0.0, 20.0, 3.0];
        let cells = |places: &[f32], cells| -> Vec<usize> {
            by_cell(&read(places), &row, area, cells).into_iter().map(|(i, _)| i).collect()
        };
        assert_eq!(cells(&[0.2, 0.5, 0.8], 3), [0, 1, 2]);
        assert_eq!(cells(&[0.2, 0.8], 3), [0, 2]);
        assert_eq!(cells(&[0.2, 0.8], 0), [0usize; 0]);
    }
}
