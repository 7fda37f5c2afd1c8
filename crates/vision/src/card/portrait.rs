//! Reads the portrait side: name, sex, ethnicity, birth date, address, number, held against one another.

use std::collections::BTreeMap;

use domain::card::Field;
use domain::{CardKind, Ethnicity, IdNumber, PersonName, PortraitSide, Sex};
use image::GrayImage;

use super::ink::{self, Row};
use super::layout::{NUMBER_ZONE, Seen, VALUES_ZONE};
use super::names::{self, NameCell};
use super::rectify::Flat;
use super::text::{Read, Reader, Zone};
use super::{DOUBTFUL, fields};
use crate::glyph::Glyphs;
use crate::model::ModelError;

/// The fields of the portrait side as read.
#[derive(Debug, Default)]
pub(super) struct PortraitRead {
    pub side: PortraitSide,
    pub confidence: BTreeMap<&'static str, f32>,
    pub name_cells: Vec<NameCell>,
    /// Where each field's print was found, a row at a time.
    pub places: Vec<(&'static str, Row)>,
}

impl PortraitRead {
    /// How many of the fields that the kind prints could not be read.
    pub fn unread(&self) -> f64 {
        let side = &self.side;
        let of_all =
            [side.name.is_some(), side.sex.is_some(), side.birth_date.is_some(), side.number.is_some()];
        let of_some = [
            (Field::Ethnicity, side.ethnicity.is_some()),
            (Field::Address, side.address.is_some()),
            (Field::Nationality, side.nationality.is_some()),
        ];
        // Of the two sides of a foreigner's card this one bears the term.
        let term = side.kind.portrait_fields().contains(&Field::Validity) && side.valid_until.is_none();
        let unread = of_all.iter().filter(|read| !**read).count()
            + of_some.iter().filter(|(field, read)| side.kind.prints(*field) && !read).count()
            + usize::from(term);
        unread as f64
    }

    /// How many of printed birth date, sex and nationality differ from those inside the number; none when the number was not read.
    pub fn disagreeing(&self) -> Option<f64> {
        self.side.disagreeing().map(|disagreeing| disagreeing as f64)
    }
}

/// A plane to read from and the paper to leave around a row, in millimetres: across and down. Later ones are tried when an earlier
/// one gives nothing that holds.
pub(super) fn attempts(flat: &Flat) -> [(&GrayImage, f32, f32); 4] {
    [(&flat.black, 0.8, 0.45), (&flat.ink, 0.8, 0.45), (&flat.black, 1.2, 0.75), (&flat.black, 0.5, 0.2)]
}

/// The first reading of a row, or, where that is doubtful, the surest of the further attempts up to one that is not.
pub(super) fn surer(reader: &Reader, flat: &Flat, row: &Row, first: Read) -> Result<Read, ModelError> {
    let mut best = first;
    for (plane, across, down) in attempts(flat).into_iter().skip(1) {
        if best.confidence() > 0.8 {
            break;
        }
        let line = reader.steps_in(plane, row.padded(across, down))?.read();
        if line.confidence() > best.confidence() {
            best = line;
        }
    }
    Ok(best)
}

/// How far left of a value its label of two characters begins, in millimetres.
const LABEL_MM: f32 = 9.0;

/// What is left beside the birth date's digits, more than beside others: its signs are of another colour, and are no ink here.
const BIRTH_ROOM_MM: f32 = 2.5;

/// Where the fields of an upright portrait side are read first, each as often as it always is.
pub(super) fn zones(flat: &Flat) -> Vec<Zone<'_>> {
    let (plane, across, down) = attempts(flat)[0];
    let rows = rows(flat);
    let mut areas: Vec<[f32; 4]> = number_row(flat).map(|row| row.padded(across, down)).into_iter().collect();
    for row in &rows.name {
        areas.extend(names::NAME_CROPS.map(|(across, down)| row.padded(across, down)));
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

/// Reads all fields of an upright portrait side of a resident identity card, or of a permit, which has no ethnicity.
/// `expected` is the registration's name, `glyphs` what names are held against.
pub(super) fn read(
    reader: &Reader,
    seen: &Seen,
    kind: CardKind,
    expected: Option<&PersonName>,
    glyphs: Option<&Glyphs>,
) -> Result<PortraitRead, ModelError> {
    let flat = &seen.flat;
    let mut read =
        PortraitRead { side: PortraitSide { kind, ..PortraitSide::default() }, ..PortraitRead::default() };
    let line = match &seen.number {
        Some(line) => line.clone(),
        None => number_line(reader, flat)?,
    };
    if let Some((number, sure)) = number(reader, flat, &line)? {
        // No foreigner's number comes here: their cards have labels of their own.
        if matches!(number.card_kind(), CardKind::ResidentIdentityCard | CardKind::ResidencePermit) {
            read.side.kind = number.card_kind();
            read.side.number = Some(number);
            read.confidence.insert("number", sure);
        }
    }
    let rows = rows(flat);
    read.places = rows.places(flat);
    let name = names::read(reader, flat, &rows.name, expected, glyphs)?;
    if name.name.is_some() {
        read.confidence.insert("name", name.certainty());
        read.side.name_cells = u8::try_from(name.cells.len()).ok();
    }
    (read.side.name, read.name_cells) = (name.name, name.cells);
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

pub(super) fn number_row(flat: &Flat) -> Option<Row> {
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

/// The number from its line as first read, or, where that breaks GB 11643 or is doubtful, from the further attempts: of wrong readings one in
/// eleven has the right check digit, and very few are sure of every digit.
pub(super) fn number(
    reader: &Reader,
    flat: &Flat,
    first: &Read,
) -> Result<Option<(IdNumber, f32)>, ModelError> {
    let believed = |read: &Read| {
        let number = IdNumber::parse(&read.text()).ok()?;
        (read.confidence() >= DOUBTFUL).then(|| (number, read.confidence()))
    };
    if let Some(number) = believed(first) {
        return Ok(Some(number));
    }
    let Some(row) = number_row(flat) else { return Ok(None) };
    for attempt in attempts(flat).into_iter().skip(1) {
        if let Some(number) = believed(&number_attempt(reader, &row, attempt)?) {
            return Ok(Some(number));
        }
    }
    Ok(None)
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
    if last.left > 22.0 && read.side.kind.prints(Field::Ethnicity) {
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
/// single characters, together with its label, if it has one before it.
pub(super) fn choose(
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
    let downs: &[f32] = if label.is_empty() { &[] } else { &[0.45, 0.75] };
    for &down in downs {
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

/// The text of a field's rows, one after the other, and how sure the least sure row is; none where nothing is read.
pub(super) fn joined(
    reader: &Reader,
    flat: &Flat,
    rows: &[Row],
) -> Result<Option<(String, f32)>, ModelError> {
    let (mut text, mut sure) = (String::new(), 1.0f32);
    for row in rows {
        let (plane, across, down) = attempts(flat)[0];
        let first = reader.steps_in(plane, row.padded(across, down))?.read();
        let best = surer(reader, flat, row, first)?;
        text.push_str(&fields::folded(&best.text()));
        sure = sure.min(best.confidence());
    }
    Ok((!text.is_empty()).then_some((text, sure)))
}

fn address(reader: &Reader, flat: &Flat, rows: &[Row], read: &mut PortraitRead) -> Result<(), ModelError> {
    if let Some((text, sure)) = joined(reader, flat, rows)? {
        read.side.address = Some(text);
        read.confidence.insert("address", sure);
    }
    Ok(())
}
