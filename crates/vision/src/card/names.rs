//! Reads the name, glyph by glyph: what the recogniser is sure of, what the registration's name settles, and what must be typed.
//!
//! The recogniser knows 6,623 characters. A glyph beyond them vanishes from its text or becomes a similar one, at a certainty near 1. So
//! the glyphs of the ink are counted first, every one is a cell, and a cell gets a character only when all readings agree on it and its
//! shape in the font ([`crate::glyph`]) does not speak against it. Where the registration's name is known, it is a hypothesis about the
//! cells left: it is taken when no cell that was read contradicts it, and each of the others is nearer to the shape of its character
//! than to that of any character that resembles it.

use domain::PersonName;
use domain::name::is_han;
use image::GrayImage;

use super::ink::{self, Row};
use super::rectify::{Flat, PER_MM};
use super::text::{Character, Read, Reader};
use super::{DOUBTFUL, fields, lookalikes};
use crate::glyph::{Glyphs, Likeness, Patch};
use crate::model::ModelError;

/// One glyph of a name.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NameCell {
    /// The character; none where it could not be told, and has to be typed.
    pub character: Option<char>,
    /// How sure it is, 0 to 1; below [`DOUBTFUL`] where there is no character.
    pub certainty: f32,
    /// The recogniser could not tell it; the pixels agree with the character of the registration's name.
    pub from_registration: bool,
}

impl NameCell {
    const UNKNOWN: NameCell =
        NameCell { character: None, certainty: DOUBTFUL - 0.1, from_registration: false };

    fn read(glyph: char, certainty: f32) -> NameCell {
        let character = if fields::is_dot(glyph) { '·' } else { glyph };
        NameCell { character: Some(character), certainty, from_registration: false }
    }
}

/// Most cells without a character up to which a name counts as read.
const MOST_UNKNOWN: usize = 2;

/// Paper left around a name, in millimetres across and down, in each of its readings.
pub(super) const NAME_CROPS: [(f32, f32); 3] = [(0.8, 0.45), (1.2, 0.75), (0.5, 0.2)];

/// Paper left around a single glyph, likewise.
pub(super) const GLYPH_CROPS: [(f32, f32); 2] = [(0.0, 0.45), (-0.05, 0.8)];

/// Probability from which a character on which all readings of a line agree is believed, unless [`lookalikes`] asks for more. On drawn
/// names characters of the alphabet have more than this in nearly every crop.
const SURE_GLYPH: f32 = 0.9;

/// Mean probability over all readings from which a character for which no unknown glyph is taken is believed, though not all agree: less
/// where the registration has the same.
const LIKELY_GLYPH: f32 = 0.7;
const LIKELY_REGISTERED_GLYPH: f32 = 0.45;

/// Farthest that a glyph may be from its character's shape, and the least lead over every rival, for the registration's character to be
/// taken. What these let through, on names drawn in the font's own design and in others, `docs/names.md` tells.
const MOST_APART: f32 = 0.1;
const LEAST_LEAD: f32 = 0.2;

/// Lead below which the shape speaks against a character that the recogniser reads: another one is nearer. Where the registration has it,
/// that one has to be clearly nearer; where the recogniser is sure of it and nothing unknown is known to be taken for it, all but the
/// other one's own shape.
const CONTRADICTED: f32 = 0.0;
const CLEARLY_CONTRADICTED: f32 = -0.3;
const SURELY_CONTRADICTED: f32 = -0.6;

/// Log odds beyond those that a character's impostors reach, from which a reading that is the registration's own needs no second look. The
/// shapes are those of a sharp capture: of a dense glyph in a soft one some other is often nearer.
const BEYOND_DOUBT: f32 = 1.5;

/// A name as its ink shows it.
pub(super) struct NameRead {
    pub name: Option<PersonName>,
    pub cells: Vec<NameCell>,
}

impl NameRead {
    /// The least sure glyph's certainty.
    pub fn certainty(&self) -> f32 {
        self.cells.iter().map(|c| c.certainty).fold(1.0, f32::min)
    }
}

/// Reads the name in its rows. `expected` is the registration's name, `glyphs` the font.
pub(super) fn read(
    reader: &Reader,
    flat: &Flat,
    rows: &[Row],
    expected: Option<&PersonName>,
    glyphs: Option<&Glyphs>,
) -> Result<NameRead, ModelError> {
    let counts: Vec<u8> = rows.iter().map(|row| ink::cells(&flat.black, row)).collect();
    // What stands in each cell if the registration's name is printed here.
    let expected: Option<Vec<char>> =
        expected.map(|name| name.as_str().chars().collect()).filter(|name: &Vec<char>| {
            name.len() == counts.iter().map(|count| usize::from(*count)).sum::<usize>()
        });
    let mut cells = Vec::new();
    let mut spare = Vec::new();
    let mut patches = Vec::new();
    for (row, count) in rows.iter().zip(counts) {
        let cut = cut(&flat.black, row, count);
        let mut seen: Vec<Vec<Character>> = vec![Vec::new(); usize::from(count)];
        for (across, down) in NAME_CROPS {
            let area = row.padded(across, down);
            for (i, character) in by_cell(&reader.steps_in(&flat.black, area)?.read(), row, area, count) {
                seen[i].push(character);
            }
        }
        for (i, seen) in seen.iter().enumerate() {
            let registered = expected.as_ref().map(|name| name[cells.len()]);
            let settled = settle(reader, flat, &ink::cell(row, i, count), seen, registered)?;
            spare.push(settled.as_ref().map_or(0.0, |settled| settled.spare));
            cells.push(settled.map_or(NameCell::UNKNOWN, |s| NameCell::read(s.glyph, s.sure)));
        }
        patches.extend(cut);
    }
    if let Some(glyphs) = glyphs {
        hold_against(&mut cells, &spare, &patches, expected.as_deref(), glyphs);
    }
    Ok(NameRead { name: name_of(&cells), cells })
}

/// The name with a box for each cell without a character; none where too many are.
fn name_of(cells: &[NameCell]) -> Option<PersonName> {
    let unknown = cells.iter().filter(|c| c.character.is_none()).count();
    if unknown > MOST_UNKNOWN {
        return None;
    }
    let text: String = cells.iter().map(|c| c.character.unwrap_or(PersonName::UNREAD)).collect();
    PersonName::parse(&text).ok()
}

/// Withdraws characters that their cell's shape speaks against, then takes those of the expected name that the pixels agree with. `spare`
/// is how much surer than its impostors each cell was read; `expected` has a character for each cell.
fn hold_against(
    cells: &mut [NameCell],
    spare: &[f32],
    patches: &[Patch],
    expected: Option<&[char]>,
    glyphs: &Glyphs,
) {
    let least = |sure| if sure { SURELY_CONTRADICTED } else { CONTRADICTED };
    for (i, ((cell, spare), patch)) in cells.iter_mut().zip(spare).zip(patches).enumerate() {
        let Some(read) = cell.character.filter(|c| is_han(*c)) else { continue };
        let registered = expected.map(|name| name[i]);
        let lead = || glyphs.likeness(patch, read).map_or(1.0, |likeness| likeness.lead);
        let sure = lookalikes::needed_for(read, registered).is_none() && cell.certainty > 0.97;
        let withdrawn = match registered {
            // What is surely read, or well surer than its impostors, and expected needs no second look.
            Some(registered) if registered == read => {
                !sure && *spare < BEYOND_DOUBT && lead() < CLEARLY_CONTRADICTED
            }
            // At odds with what is registered: before this stops a candidate, the shape has to bear it out. A character that the font
            // lacks cannot be held against the one that was read: perhaps the recogniser took it for that.
            Some(registered) if is_han(registered) => {
                glyphs.nearer(patch, read, registered).is_none_or(|nearer| nearer < LEAST_LEAD)
                    || lead() < least(sure)
            }
            _ => lead() < least(sure),
        };
        if withdrawn {
            *cell = NameCell::UNKNOWN;
        }
    }
    let Some(expected) = expected else { return };
    if cells.iter().zip(expected).any(|(cell, e)| cell.character.is_some_and(|c| c != *e)) {
        return;
    }
    let open: Vec<usize> = (0..cells.len()).filter(|i| cells[*i].character.is_none()).collect();
    let told: Option<Vec<f32>> = open
        .iter()
        .map(|i| {
            let character = Some(expected[*i]).filter(|c| is_han(*c))?;
            let Likeness { distance, lead } = glyphs.likeness(patches.get(*i)?, character)?;
            (distance <= MOST_APART && lead >= LEAST_LEAD).then_some(0.5 + 0.5 * lead)
        })
        .collect();
    for (i, certainty) in open.into_iter().zip(told.unwrap_or_default()) {
        cells[i] = NameCell { character: Some(expected[i]), certainty, from_registration: true };
    }
}

/// The row's cells cut apart where the least ink lies near each border.
fn cut(plane: &GrayImage, row: &Row, count: u8) -> Vec<Patch> {
    let area = row.padded(0.3, 0.3);
    let px = |mm: f32, end: u32| ((mm * PER_MM).round().max(0.0) as u32).min(end) as usize;
    let (left, right) = (px(area[0], plane.width()), px(area[2], plane.width()));
    let (top, bottom) = (px(area[1], plane.height()), px(area[3], plane.height()));
    if count == 0 || right <= left || bottom <= top {
        return Vec::new();
    }
    let (width, stride) = (right - left, plane.width() as usize);
    let lines = || (top..bottom).map(|y| &plane.as_raw()[y * stride + left..y * stride + right]);
    let mut values: Vec<u8> = lines().flatten().copied().collect();
    let at = values.len() / 300;
    let darkest = f32::from(*values.select_nth_unstable(at).1);
    let contrast = (255.0 - darkest).max(70.0);
    // What is fainter than an eighth of the ink is paper.
    let dark = |v: u8| {
        let dark = ((255.0 - f32::from(v)) / contrast).min(1.0);
        if dark < 0.125 { 0.0 } else { dark }
    };
    let ink: Vec<Vec<f32>> = lines().map(|line| line.iter().map(|v| dark(*v)).collect()).collect();
    let columns: Vec<f32> = (0..width).map(|x| ink.iter().map(|line| line[x]).sum()).collect();
    let em = row.width() * PER_MM / (f32::from(count) - 0.1);
    let start = row.left * PER_MM - left as f32 - 0.05 * em;
    let mut borders = vec![0usize];
    for i in 1..usize::from(count) {
        let expected = start + i as f32 * em;
        let near = |x: &usize| ((*x as f32 - expected).abs() < 0.13 * em).then_some(*x);
        // Among columns with as little ink the one nearest to the border is taken.
        let cost = |x: usize| columns[x] + 0.02 * (x as f32 - expected).abs();
        let least = (0..width).filter_map(|x| near(&x)).min_by(|a, b| cost(*a).total_cmp(&cost(*b)));
        borders.push(least.unwrap_or((expected.max(0.0) as usize).min(width)));
    }
    borders.push(width);
    borders
        .windows(2)
        .map(|pair| {
            let (from, to) = (pair[0], pair[1].max(pair[0] + 1).min(width));
            let from = from.min(to - 1);
            let ink: Vec<f32> = ink.iter().flat_map(|line| line[from..to].iter().copied()).collect();
            Patch { width: to - from, ink, em }
        })
        .collect()
}

/// The character that the readings of a cell come to.
struct Settled {
    glyph: char,
    /// How sure it is, 0 to 1.
    sure: f32,
    /// By how much its log odds exceed those that a glyph must have that unknown ones are taken for; infinite for others.
    spare: f32,
}

impl Settled {
    fn surely(glyph: char, sure: f32) -> Settled {
        Settled { glyph, sure, spare: f32::INFINITY }
    }
}

/// What the readings of one cell come to: the character that is there, or none for a glyph that the recogniser does not know.
/// `registered` is the character that the registration has there.
fn settle(
    reader: &Reader,
    flat: &Flat,
    alone: &Row,
    seen: &[Character],
    registered: Option<char>,
) -> Result<Option<Settled>, ModelError> {
    let Some(first) = seen.iter().max_by(|a, b| a.sure.total_cmp(&b.sure)) else { return Ok(None) };
    let agreed = seen.len() == NAME_CROPS.len() && seen.iter().all(|c| c.glyph == first.glyph);
    let least = seen.iter().map(|c| c.sure).fold(1.0, f32::min);
    if fields::is_dot(first.glyph) {
        return Ok(agreed.then(|| Settled::surely(first.glyph, least)));
    }
    // No name has anything else.
    if !is_han(first.glyph) {
        return Ok(None);
    }
    let needed = lookalikes::needed_for(first.glyph, registered);
    if agreed && least >= SURE_GLYPH && needed.is_none() {
        return Ok(Some(Settled::surely(first.glyph, least)));
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
        let spare = lookalikes::certainty(&of(first.glyph)) - needed;
        let certain = agreed && spare >= 0.0;
        return Ok(certain.then(|| Settled { glyph: first.glyph, sure: mean(first.glyph), spare }));
    }
    // Torn between known characters: the most certain one wins. Where all readings have it, they are soft rather than torn.
    let best = readings.iter().map(|c| c.glyph).max_by(|a, b| mean(*a).total_cmp(&mean(*b)));
    let spare = |glyph| if readings.iter().all(|c| c.glyph == glyph) { f32::INFINITY } else { 0.0 };
    let likeliest = |glyph| Settled { glyph, sure: mean(glyph), spare: spare(glyph) };
    Ok(best.map(likeliest).filter(|Settled { glyph, sure, .. }| {
        let likely = if registered == Some(*glyph) { LIKELY_REGISTERED_GLYPH } else { LIKELY_GLYPH };
        seen.len() == NAME_CROPS.len()
            && is_han(*glyph)
            && lookalikes::needed_for(*glyph, registered).is_none()
            && *sure >= likely
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
