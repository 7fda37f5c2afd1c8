//! Reads the permanent residence card of a foreigner: names, sex, birth date, nationality, validity and number; and its authority.

use domain::card::CardProblem;
use domain::{CardKind, EmblemSide, IdNumber, Nationality, PersonName, PortraitSide, Sex, ValidUntil};
use jiff::civil::Date;

use super::emblem::{self, EmblemRead};
use super::ink::{self, Row};
use super::layout::Seen;
use super::portrait::{self, PortraitRead, attempts};
use super::rectify::Flat;
use super::text::{Read, Reader, Steps};
use super::{fields, labelled};
use crate::model::ModelError;

/// Where the values are, without the number: millimetres, left, top, right, bottom.
const VALUES_ZONE: [f32; 4] = [6.0, 8.6, 54.6, 43.6];
/// Middles of the rows of names, of sex and birth date, of nationality, and of validity lie above these.
const NAMES_END: f32 = 21.6;
const SEX_END: f32 = 29.2;
const NATIONALITY_END: f32 = 37.2;
/// Where the second value of the row of sex begins.
const BIRTH_DATE_LEFT: f32 = 22.0;
/// Paper between two words, by the height of the capitals; between letters it is at most half of that.
const WORD_GAP: f32 = 0.24;

/// Reads all fields of an upright portrait side.
pub(super) fn read(reader: &Reader, seen: &Seen, kind: CardKind) -> Result<PortraitRead, ModelError> {
    let flat = &seen.flat;
    let mut read =
        PortraitRead { side: PortraitSide { kind, ..PortraitSide::default() }, ..PortraitRead::default() };
    if let Some((number, sure)) = number(reader, seen, kind)? {
        read.side.number = Some(number);
        read.confidence.insert("number", sure);
    }
    let rows = ink::rows(&flat.black, VALUES_ZONE);
    let between = |top: f32, bottom: f32| -> Vec<Row> {
        rows.iter().filter(|r| (top..bottom).contains(&r.middle())).copied().collect()
    };
    let names_rows = between(0.0, NAMES_END);
    read.places.extend(names_rows.iter().map(|row| ("name", *row)));
    names(reader, flat, &names_rows, &mut read)?;
    if let Some(row) = between(NAMES_END, SEX_END).first() {
        let groups = ink::groups(&flat.black, [VALUES_ZONE[0], row.top, VALUES_ZONE[2], row.bottom], 1.6);
        if let Some(ink) = groups.first().filter(|g| g.left < BIRTH_DATE_LEFT) {
            read.places.push(("sex", *ink));
            sex(reader, flat, ink, &mut read)?;
        }
        if let Some(ink) = groups.last().filter(|g| g.left > BIRTH_DATE_LEFT) {
            read.places.push(("birth_date", *ink));
            birth_date(reader, flat, ink, &mut read)?;
        }
    }
    if let Some(row) = between(SEX_END, NATIONALITY_END).first() {
        read.places.push(("nationality", *row));
        nationality(reader, flat, row, &mut read)?;
    }
    if let Some(row) = between(NATIONALITY_END, 60.0).first() {
        read.places.push(("validity", *row));
        validity(reader, flat, row, &mut read)?;
    }
    read.places.extend(portrait::number_row(flat).map(|row| ("number", row)));
    Ok(read)
}

/// Reads the authority on an upright emblem side.
pub(super) fn read_emblem(reader: &Reader, flat: &Flat, kind: CardKind) -> Result<EmblemRead, ModelError> {
    let mut read = EmblemRead { side: EmblemSide { kind, ..EmblemSide::default() }, ..EmblemRead::default() };
    let values = labelled::values(reader, flat)?;
    read.places = labelled::places(&values);
    if let Some((authority, sure)) = labelled::authority(reader, flat, &values)? {
        read.side.authority = Some(authority);
        read.confidence.insert("authority", sure);
    }
    Ok(read)
}

/// The line of the number read as letters and digits, from the first of the attempts.
pub(super) fn number_line(reader: &Reader, flat: &Flat) -> Result<Read, ModelError> {
    let Some(row) = portrait::number_row(flat) else { return Ok(Read::default()) };
    let (plane, across, down) = attempts(flat)[0];
    Ok(reader.steps_in(plane, row.padded(across, down))?.read_only(is_of_number))
}

fn is_of_number(c: char) -> bool {
    c.is_ascii_digit() || c.is_ascii_uppercase()
}

fn number(reader: &Reader, seen: &Seen, kind: CardKind) -> Result<Option<(IdNumber, f32)>, ModelError> {
    let flat = &seen.flat;
    if kind != CardKind::PermanentResidence2017 {
        return portrait::number(reader, flat, &seen.number.clone().unwrap_or_default());
    }
    let Some(row) = portrait::number_row(flat) else { return Ok(None) };
    for (plane, across, down) in attempts(flat) {
        let line = reader.steps_in(plane, row.padded(across, down))?.read_only(is_of_number);
        if let Ok(number) = IdNumber::parse(&in_place(&line.text())) {
            return Ok(Some((number, line.confidence())));
        }
    }
    Ok(None)
}

/// A number of 2017 with each of the first three characters taken for the letter, and each further one for the digit, that it
/// looks like. The check digit tells whether that was right.
fn in_place(text: &str) -> String {
    const ALIKE: [(char, char); 7] =
        [('O', '0'), ('I', '1'), ('Z', '2'), ('S', '5'), ('G', '6'), ('B', '8'), ('D', '0')];
    let folded = fields::folded(text);
    let letter = |c: char| ALIKE.iter().find(|(_, digit)| *digit == c).map_or(c, |pair| pair.0);
    let digit = |c: char| ALIKE.iter().find(|(letter, _)| *letter == c).map_or(c, |pair| pair.1);
    folded.chars().enumerate().map(|(i, c)| if i < 3 { letter(c) } else { digit(c) }).collect()
}

/// The rows in Latin letters are the lines of one name, a row of Chinese characters is the other.
fn names(reader: &Reader, flat: &Flat, rows: &[Row], read: &mut PortraitRead) -> Result<(), ModelError> {
    let (mut latin, mut sure) = (Vec::new(), 1.0f32);
    for row in rows {
        let (line, _) = surest(reader, flat, row, Steps::read)?;
        let chinese = line.characters.iter().filter(|c| !c.glyph.is_ascii()).count();
        if 2 * chinese > line.characters.len() {
            // Whatever is not one glyph for each cell may be shortened, and is not taken.
            let whole = usize::from(ink::cells(&flat.black, row)) == line.characters.len();
            if let Some(name) = PersonName::parse(&line.text()).ok().filter(|_| whole) {
                read.side.chinese_name = Some(name);
                read.confidence.insert("chinese_name", line.confidence());
            }
            continue;
        }
        let (line, area) = surest(reader, flat, row, |steps| steps.read_only(is_of_latin_name))?;
        let words = [row.left, row.top, row.right, row.bottom];
        let words = ink::groups(&flat.black, words, WORD_GAP * row.height());
        latin.push(spaced(&line, area, &words));
        sure = sure.min(line.confidence());
    }
    if let Ok(name) = PersonName::parse(&latin.join(" ").replace('’', "'")) {
        read.side.name = Some(name);
        read.confidence.insert("name", sure);
    }
    Ok(())
}

fn is_of_latin_name(c: char) -> bool {
    c.is_ascii_uppercase() || matches!(c, ',' | '-' | '\'' | '.' | '，' | '’')
}

/// The surest of the readings of a row, with the area that was read.
fn surest(
    reader: &Reader,
    flat: &Flat,
    row: &Row,
    decode: impl Fn(&Steps) -> Read,
) -> Result<(Read, [f32; 4]), ModelError> {
    let (mut best, mut of) = (Read::default(), row.padded(0.0, 0.0));
    for (plane, across, down) in attempts(flat) {
        let area = row.padded(across, down);
        let line = decode(&*reader.steps_in(plane, area)?);
        if line.confidence() > best.confidence() {
            (best, of) = (line, area);
        }
        if best.confidence() > 0.9 {
            break;
        }
    }
    Ok((best, of))
}

/// The text with a space wherever the ink has the gap of one: the recogniser drops them.
fn spaced(line: &Read, area: [f32; 4], words: &[Row]) -> String {
    let word = |at: f32| {
        let x = area[0] + at * (area[2] - area[0]);
        words.iter().take_while(|word| word.right < x).count()
    };
    let mut text = String::new();
    let mut last = 0;
    for character in &line.characters {
        let here = word(character.at);
        if here > last && !text.is_empty() && character.glyph.is_alphabetic() {
            text.push(' ');
        }
        last = last.max(here);
        text.push(character.glyph);
    }
    text
}

fn sex(reader: &Reader, flat: &Flat, ink: &Row, read: &mut PortraitRead) -> Result<(), ModelError> {
    const SEXES: [Sex; 2] = [Sex::Female, Sex::Male];
    if let Some((at, sure)) = portrait::choose(reader, flat, ink, "", &["女/F", "男/M"])? {
        read.side.sex = Some(SEXES[at]);
        read.confidence.insert("sex", sure);
    }
    Ok(())
}

/// The printed date; of several readings that are dates the one that goes with the number.
fn birth_date(reader: &Reader, flat: &Flat, ink: &Row, read: &mut PortraitRead) -> Result<(), ModelError> {
    let mut other: Option<(Date, f32)> = None;
    for (plane, across, down) in attempts(flat) {
        let line = reader.steps_in(plane, ink.padded(across, down))?.read();
        let Some(date) = fields::dotted_date(&line.text()) else { continue };
        if read.side.number.as_ref().is_none_or(|number| number.fits_birth_date(date)) {
            read.side.birth_date = Some(date);
            read.confidence.insert("birth_date", line.confidence());
            return Ok(());
        }
        other = other.or(Some((date, line.confidence())));
    }
    if let Some((date, sure)) = other {
        read.side.birth_date = Some(date);
        read.confidence.insert("birth_date", sure);
    }
    Ok(())
}

/// The nationality by its three letters as read, where both forms of it that are printed agree; or the likeliest of all as printed.
fn nationality(reader: &Reader, flat: &Flat, row: &Row, read: &mut PortraitRead) -> Result<(), ModelError> {
    for (plane, across, down) in attempts(flat) {
        let line = reader.steps_in(plane, row.padded(across, down))?.read();
        if let Ok(nationality) = Nationality::parse(&fields::folded(&line.text())) {
            read.side.nationality = Some(nationality);
            read.confidence.insert("nationality", line.confidence());
            return Ok(());
        }
    }
    let all: Vec<Nationality> = Nationality::all().collect();
    let words: Vec<String> = all.iter().map(|n| format!("{}/{}", n.name(), n.code())).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    if let Some((at, sure)) = portrait::choose(reader, flat, row, "", &words)? {
        read.side.nationality = all.get(at).copied();
        read.confidence.insert("nationality", sure);
    }
    Ok(())
}

fn validity(reader: &Reader, flat: &Flat, row: &Row, read: &mut PortraitRead) -> Result<(), ModelError> {
    let kind = read.side.kind;
    let term = emblem::term(reader, flat, row, |from, until| implausible(kind, from, until))?;
    if let Some((from, until, sure)) = term {
        (read.side.valid_from, read.side.valid_until) = (Some(from), Some(until));
        read.confidence.extend([("valid_from", sure), ("valid_until", sure)]);
    }
    Ok(())
}

fn implausible(kind: CardKind, from: Date, until: ValidUntil) -> bool {
    let (valid_from, valid_until) = (Some(from), Some(until));
    let term = PortraitSide { kind, valid_from, valid_until, ..PortraitSide::default() };
    term.problems(from).contains(&CardProblem::ValidityImplausible)
}

#[cfg(test)]
mod tests {
    use super::super::text::Character;
    use super::*;

    #[test]
    fn what_looks_like_a_letter_is_one_where_letters_stand() {
        assert_eq!(in_place("CAN99998OO115I2"), "CAN999980011512");
        assert_eq!(in_place("AU59999"), "AUS9999");
    }

    #[test]
    fn words_are_parted_where_the_ink_is() {
        let row = Row { left: 7.0, top: 9.0, right: 19.0, bottom: 11.3 };
        let words = [Row { right: 12.0, ..row }, Row { left: 13.0, ..row }];
        let characters = "LEE,ANN".chars().enumerate().map(|(i, glyph)| {
            let x = if i < 4 { 7.5 + 1.3 * i as f32 } else { 13.5 + 2.0 * (i - 4) as f32 };
            Character { glyph, sure: 1.0, at: (x - 6.0) / 14.0 }
        });
        let line = Read { characters: characters.collect() };
        assert_eq!(spaced(&line, [6.0, 8.0, 20.0, 12.0], &words), "LEE, ANN");
    }
}
