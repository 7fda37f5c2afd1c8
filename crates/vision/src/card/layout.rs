//! Which side of a card a quadrilateral shows, and which way up: by where ink lies, confirmed by what is printed there.

use domain::{CardKind, IdNumber};
use image::{GrayImage, RgbImage};

use super::find::{self, Candidate, Look};
use super::geometry::Point;
use super::ink::Row;
use super::rectify::{Flat, GLANCE_PER_MM, HEIGHT_MM, PER_MM, WIDTH_MM, flatten, glance};
use super::text::{Read, Reader};
use super::{CardError, LEAST_LONG_SIDE, emblem, ink, measure, portrait};
use crate::model::ModelError;

/// Which side of a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// 人像面.
    Portrait,
    /// 国徽面.
    Emblem,
}

/// A card as seen: laid flat and upright.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    pub side: Side,
    pub flat: Flat,
    /// Upper left, upper right, lower right, lower left as one reads the card, in pixels of the capture.
    pub corners: [Point; 4],
    /// Width and height of the capture.
    pub picture: (u32, u32),
    /// The number's line as first read, on a portrait side.
    pub number: Option<Read>,
    /// The titles as read, on an emblem side.
    pub title: String,
}

/// Where each side has ink, in millimetres (left, top, right, bottom), and about how dark it is on average, 0 to 1.
type Inked = ([f32; 4], f32);

const PORTRAIT_INK: &[Inked] = &[
    ([5.0, 6.0, 11.0, 30.0], 0.1),
    ([14.0, 5.5, 26.0, 9.8], 0.25),
    ([14.0, 12.0, 18.0, 16.0], 0.2),
    ([23.0, 12.0, 35.0, 16.0], 0.15),
    ([14.0, 20.0, 41.0, 24.0], 0.2),
    ([14.0, 26.0, 48.0, 34.5], 0.22),
    ([5.0, 44.5, 22.0, 48.5], 0.18),
    ([28.0, 44.0, 80.5, 49.0], 0.3),
    ([54.0, 6.5, 80.5, 38.5], 0.4),
];

const EMBLEM_INK: &[Inked] = &[
    ([6.5, 5.5, 23.0, 22.0], 0.5),
    ([31.0, 6.5, 73.0, 12.0], 0.25),
    ([31.0, 15.5, 74.0, 23.0], 0.25),
    ([20.0, 39.0, 50.0, 42.5], 0.22),
    ([20.0, 45.5, 62.0, 49.0], 0.22),
];

/// Side of the cells, in millimetres, in which ink is compared with what a side should have.
const CELL_MM: f32 = 2.0;

/// Finds the card in the picture and lays it flat and upright.
///
/// # Errors
/// [`CardError::TooSmall`], [`CardError::NoCard`], or a failing network.
pub(super) fn see(reader: &Reader, pixels: &RgbImage, expected: Side) -> Result<Seen, CardError> {
    let (width, height) = pixels.dimensions();
    if width.max(height) < LEAST_LONG_SIDE {
        return Err(CardError::TooSmall { width, height, least: LEAST_LONG_SIDE });
    }
    let mut found = Found::default();
    // The faint edges are looked at only where the others lead to no card.
    let looks = [Look::Plain, Look::Faint].into_iter();
    let candidates = looks.flat_map(|look| {
        let whole = whole_picture(width, height).filter(|_| look == Look::Plain);
        find::candidates(pixels, look).into_iter().chain(whole)
    });
    for candidate in candidates {
        if let Some(seen) = found.look(reader, pixels, &candidate, expected)? {
            return Ok(seen);
        }
    }
    if let Some((_, seen)) = found.misplaced {
        return Ok(seen);
    }
    // Print that cannot be made out is still a card when something explains it.
    match found.unread.map(|(_, guess)| guess.seen(pixels)) {
        Some(seen) if measure::explains_illegible(&seen) => Ok(seen),
        _ => Err(CardError::NoCard { measures: measure::picture_measures(pixels) }),
    }
}

/// The best of what was looked at so far.
#[derive(Default)]
struct Found {
    /// What has its print nearest to its place, and how many millimetres from it.
    misplaced: Option<(f32, Seen)>,
    /// What looks like a side although nothing can be read on it, and how much.
    unread: Option<(f32, Guess)>,
}

impl Found {
    /// What the candidate shows, if its print can be read and lies where it belongs; else it is kept, if it is better than what is.
    fn look(
        &mut self,
        reader: &Reader,
        pixels: &RgbImage,
        candidate: &Candidate,
        expected: Side,
    ) -> Result<Option<Seen>, ModelError> {
        let corners = find::refined(pixels, candidate);
        let ink = Ink::of(glance(pixels, &corners));
        let mut guesses = Vec::new();
        for side in [Side::Portrait, Side::Emblem] {
            // Of two equal guesses the expected side goes first.
            let bonus = if side == expected { 0.02 } else { 0.0 };
            guesses.extend([false, true].map(|turned| {
                let [a, b, c, d] = corners;
                let corners = if turned { [c, d, a, b] } else { corners };
                (ink.likeness(side, turned) + bonus, Guess { side, corners })
            }));
        }
        guesses.sort_by(|a, b| b.0.total_cmp(&a.0));
        for (likeness, guess) in guesses.iter().take(3) {
            if *likeness < 0.2 {
                break;
            }
            let mut seen = guess.seen(pixels);
            match print(reader, &mut seen)? {
                Print::Unread => {}
                Print::Off(off) if off >= WELL_PLACED_MM => {
                    if self.misplaced.as_ref().is_none_or(|(least, _)| off < *least) {
                        self.misplaced = Some((off, seen));
                    }
                }
                // What tells the place can be read in another outline.
                Print::Somewhere if self.misplaced.is_some() => {}
                Print::Off(_) | Print::Somewhere => return Ok(Some(seen)),
            }
        }
        let (likeness, guess) = guesses[0];
        let worth = likeness + candidate.score;
        if likeness > 0.35
            && candidate.score > 0.45
            && self.unread.as_ref().is_none_or(|(best, _)| worth > *best)
        {
            self.unread = Some((worth, guess));
        }
        Ok(None)
    }
}

/// A side that a quadrilateral may show, its corners as one reads it.
#[derive(Debug, Clone, Copy)]
struct Guess {
    side: Side,
    corners: [Point; 4],
}

impl Guess {
    /// The card laid flat as guessed.
    fn seen(&self, pixels: &RgbImage) -> Seen {
        let flat = flatten(pixels, &self.corners);
        Seen {
            side: self.side,
            flat,
            corners: self.corners,
            picture: pixels.dimensions(),
            number: None,
            title: String::new(),
        }
    }
}

/// A scan or a picture cut down to the card: the picture's own corners.
fn whole_picture(width: u32, height: u32) -> Option<Candidate> {
    let (w, h) = (width as f32, height as f32);
    let ratio = w.max(h) / w.min(h);
    let mut corners = [(0.0, 0.0), (w, 0.0), (w, h), (0.0, h)];
    if h > w {
        corners.rotate_left(1);
    }
    ((ratio / find::RATIO).ln().abs() < 0.06).then_some(Candidate { corners, score: 0.3 })
}

/// How dark the ink is in each cell of the card; none where the card is outside the picture.
struct Ink {
    columns: usize,
    cells: Vec<Option<f32>>,
}

impl Ink {
    fn of((ink, seen): (GrayImage, GrayImage)) -> Ink {
        let (columns, rows) = ((WIDTH_MM / CELL_MM) as usize, (HEIGHT_MM / CELL_MM) as usize);
        let cells = (0..columns * rows).map(|i| darkness(&ink, &seen, i % columns, i / columns)).collect();
        Ink { columns, cells }
    }

    /// Correlation with the ink of a side, as it lies or turned by half a turn: -1 to 1.
    fn likeness(&self, side: Side, turned: bool) -> f32 {
        let inked = match side {
            Side::Portrait => PORTRAIT_INK,
            Side::Emblem => EMBLEM_INK,
        };
        let mut pairs = Vec::with_capacity(self.cells.len());
        for i in 0..self.cells.len() {
            let Some(darkness) = self.cells[if turned { self.cells.len() - 1 - i } else { i }] else {
                continue;
            };
            let middle = |cell: usize| (cell as f32 + 0.5) * CELL_MM;
            let (x, y) = (middle(i % self.columns), middle(i / self.columns));
            let inside = |a: &[f32; 4]| x > a[0] && y > a[1] && x < a[2] && y < a[3];
            let expected = inked.iter().find(|(area, _)| inside(area)).map_or(0.0, |i| i.1);
            // The hair of a portrait is much darker than any cell of text.
            pairs.push((darkness.min(0.5), expected));
        }
        correlation(&pairs)
    }
}

fn darkness(ink: &GrayImage, seen: &GrayImage, column: usize, row: usize) -> Option<f32> {
    let side = (CELL_MM * GLANCE_PER_MM) as usize;
    let (left, top) = (column * side, row * side);
    let (mut sum, mut count, mut inside) = (0u32, 0u32, 0u32);
    let width = ink.width() as usize;
    for y in top..top + side {
        let cells = y * width + left..y * width + left + side;
        let (ink, seen) = (ink.as_raw().get(cells.clone())?, seen.as_raw().get(cells)?);
        sum += ink.iter().map(|ink| 255 - u32::from(*ink)).sum::<u32>();
        inside += seen.iter().map(|seen| u32::from(*seen > 0)).sum::<u32>();
        count += side as u32;
    }
    (inside * 10 > count * 9).then(|| sum as f32 / count as f32 / 255.0)
}

fn correlation(pairs: &[(f32, f32)]) -> f32 {
    let n = pairs.len().max(1) as f32;
    let mean = |of: &dyn Fn(&(f32, f32)) -> f32| pairs.iter().map(of).sum::<f32>() / n;
    let (ma, mb) = (mean(&|p| p.0), mean(&|p| p.1));
    let (mut ab, mut aa, mut bb) = (0.0, 0.0, 0.0);
    for (a, b) in pairs {
        ab += (a - ma) * (b - mb);
        aa += (a - ma) * (a - ma);
        bb += (b - mb) * (b - mb);
    }
    if aa * bb > 0.0 { ab / (aa * bb).sqrt() } else { 0.0 }
}

/// Print that lies nearer than this to its place, in millimetres, leaves no doubt of the card's outline. Where it lies farther off, one
/// side of the outline is something else: the edge of a shadow, of paper beneath the card.
const WELL_PLACED_MM: f32 = 1.5;

/// What of the print that every card of this side has can be read.
enum Print {
    /// Too little.
    Unread,
    /// Some, but nothing whose place is known well.
    Somewhere,
    /// What has its place, and so many millimetres from it.
    Off(f32),
}

/// Looks for what is printed on every card of this side. A number read on the way is kept, and what else the side has to tell is read
/// ahead.
fn print(reader: &Reader, seen: &mut Seen) -> Result<Print, ModelError> {
    let flat = &seen.flat;
    match seen.side {
        Side::Portrait => {
            reader.read_ahead(&portrait::zones(flat))?;
            let read = portrait::number_line(reader, flat)?;
            // Only digits could be read: those that are none show by their probability.
            let digits = read.characters.iter().filter(|c| c.sure > 0.5).count();
            seen.number = Some(read);
            if let Some(row) = portrait::number_row(flat).filter(|_| digits >= 10) {
                return Ok(Print::Off(number_off(&row, seen.number.as_ref())));
            }
            let labels = hits(reader, &flat.ink, [3.5, 4.0, 12.6, 32.0], "姓名性别出生住址")?;
            Ok(if labels >= 3 { Print::Somewhere } else { Print::Unread })
        }
        Side::Emblem => {
            let titles = ink::rows(&flat.black, TITLE_ZONE);
            let areas: Vec<[f32; 4]> = titles.iter().take(5).map(padded).collect();
            let mut zones = emblem::zones(flat);
            zones.extend(areas.iter().map(|area| (&flat.black, *area)));
            reader.read_ahead(&zones)?;
            let texts = texts(reader, &flat.black, &areas)?;
            seen.title = texts.concat();
            if let Some((row, _)) = titles.iter().zip(&texts).find(|(_, text)| *text == "居民身份证") {
                return Ok(Print::Off(ends_off(row, IDENTITY_TITLE_MM)));
            }
            let printed = emblem::has_term(reader, flat)?
                || count(&texts, "中华人民共和国居民身份证") >= 4
                || hits(reader, &flat.black, [17.0, 36.5, 33.5, 52.0], "签发机关有效期限")? >= 3;
            Ok(if printed { Print::Somewhere } else { Print::Unread })
        }
    }
}

/// How far the number lies from its place, in millimetres: its ends, too, where it is one of a resident's, whose place is known.
fn number_off(row: &Row, read: Option<&Read>) -> f32 {
    let down = (row.middle() - NUMBER_MIDDLE_MM).abs();
    let kind = read.and_then(|read| IdNumber::parse(&read.text()).ok()).map(|number| number.card_kind());
    match kind {
        Some(CardKind::ResidentIdentityCard | CardKind::ResidencePermit) => {
            down.max(ends_off(row, NUMBER_MM))
        }
        _ => down,
    }
}

/// How far the row's ends lie from where they belong, the farther one.
fn ends_off(row: &Row, [left, right]: [f32; 2]) -> f32 {
    (row.left - left).abs().max((row.right - right).abs())
}

/// How many of the `words`' characters are read in the area's rows.
fn hits(reader: &Reader, plane: &GrayImage, area: [f32; 4], words: &str) -> Result<usize, ModelError> {
    Ok(count(&texts(reader, plane, &rows(plane, area))?, words))
}

/// The texts of the areas.
fn texts(reader: &Reader, plane: &GrayImage, areas: &[[f32; 4]]) -> Result<Vec<String>, ModelError> {
    areas.iter().map(|area| Ok(reader.steps_in(plane, *area)?.read().text())).collect()
}

/// The first rows of ink in the area, with paper around them.
fn rows(plane: &GrayImage, area: [f32; 4]) -> Vec<[f32; 4]> {
    ink::rows(plane, area).iter().take(5).map(padded).collect()
}

/// The row with some paper around it.
fn padded(row: &Row) -> [f32; 4] {
    row.padded(0.8, 0.5)
}

/// How many of the `words`' characters each text holds, added up.
fn count(texts: &[String], words: &str) -> usize {
    texts.iter().map(|text| words.chars().filter(|c| text.contains(*c)).count()).sum()
}

/// Where an emblem side has its titles: millimetres, left, top, right, bottom.
const TITLE_ZONE: [f32; 4] = [28.0, 3.5, 82.0, 25.5];
/// Where the values of the portrait side are, without the number: millimetres, left, top, right, bottom.
pub(super) const VALUES_ZONE: [f32; 4] = [12.6, 3.0, 52.6, 43.2];
/// Where the number is.
pub(super) const NUMBER_ZONE: [f32; 4] = [25.0, 42.0, 84.0, 51.5];
/// The middle of the number's line on a portrait side, of every kind of card.
const NUMBER_MIDDLE_MM: f32 = 46.5;
/// Where the number of a resident begins and ends.
const NUMBER_MM: [f32; 2] = [28.7, 80.6];
/// Where the title of a resident identity card begins and ends.
const IDENTITY_TITLE_MM: [f32; 2] = [31.1, 73.3];
/// Where authority and validity are.
pub(super) const ISSUE_ZONE: [f32; 4] = [33.2, 36.5, 82.0, 52.0];

/// The printed portrait.
pub(super) fn printed_portrait(flat: &Flat) -> RgbImage {
    let px = |mm: f32| (mm * PER_MM).round() as u32;
    image::imageops::crop_imm(&flat.colour, px(53.4), px(5.8), px(27.6), px(33.6)).to_image()
}
