//! Which side of a card a quadrilateral shows, and which way up: by where ink lies, confirmed by what is printed there.

use image::{GrayImage, RgbImage};

use super::find::{self, Candidate};
use super::geometry::Point;
use super::rectify::{Flat, HEIGHT_MM, PER_MM, WIDTH_MM, flatten};
use super::text::Reader;
use super::{CardError, LEAST_LONG_SIDE, ink, measure};
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
    let mut fallback: Option<(f32, Seen)> = None;
    let mut candidates = find::candidates(pixels);
    candidates.extend(whole_picture(width, height));
    for candidate in &candidates {
        let flat = flatten(pixels, &candidate.corners);
        let over = flat.upside_down();
        let turned = [candidate.corners[2], candidate.corners[3], candidate.corners[0], candidate.corners[1]];
        let mut guesses = Vec::new();
        for side in [Side::Portrait, Side::Emblem] {
            // Of two equal guesses the expected side goes first.
            let bonus = if side == expected { 0.02 } else { 0.0 };
            guesses.push((likeness(&flat, side) + bonus, side, false));
            guesses.push((likeness(&over, side) + bonus, side, true));
        }
        guesses.sort_by(|a, b| b.0.total_cmp(&a.0));
        for &(likeness, side, turn) in guesses.iter().take(3) {
            if likeness < 0.2 {
                break;
            }
            let (flat, corners) = if turn { (&over, turned) } else { (&flat, candidate.corners) };
            if is_printed(reader, flat, side)? {
                return Ok(Seen { side, flat: flat.clone(), corners, picture: (width, height) });
            }
        }
        let (likeness, side, turn) = guesses[0];
        let worth = likeness + candidate.score;
        if likeness > 0.35
            && candidate.score > 0.45
            && fallback.as_ref().is_none_or(|(best, _)| worth > *best)
        {
            let (flat, corners) = if turn { (&over, turned) } else { (&flat, candidate.corners) };
            fallback = Some((worth, Seen { side, flat: flat.clone(), corners, picture: (width, height) }));
        }
    }
    // Print that cannot be made out is still a card when something explains it.
    match fallback {
        Some((_, seen)) if measure::explains_illegible(&seen) => Ok(seen),
        _ => Err(CardError::NoCard),
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

/// Correlation of the card's ink with that of a side, over the cells inside the picture: -1 to 1.
fn likeness(flat: &Flat, side: Side) -> f32 {
    let inked = match side {
        Side::Portrait => PORTRAIT_INK,
        Side::Emblem => EMBLEM_INK,
    };
    let mut pairs = Vec::new();
    let (columns, rows) = ((WIDTH_MM / CELL_MM) as u32, (HEIGHT_MM / CELL_MM) as u32);
    for row in 0..rows {
        for column in 0..columns {
            let (x, y) = (column as f32 * CELL_MM, row as f32 * CELL_MM);
            let Some(darkness) = darkness(flat, x, y) else { continue };
            let (cx, cy) = (x + CELL_MM / 2.0, y + CELL_MM / 2.0);
            let inside = |a: &[f32; 4]| cx > a[0] && cy > a[1] && cx < a[2] && cy < a[3];
            let expected = inked.iter().find(|(area, _)| inside(area)).map_or(0.0, |i| i.1);
            // The hair of a portrait is much darker than any text cell.
            pairs.push((darkness.min(0.5), expected));
        }
    }
    correlation(&pairs)
}

fn darkness(flat: &Flat, x: f32, y: f32) -> Option<f32> {
    let (left, top) = ((x * PER_MM) as u32, (y * PER_MM) as u32);
    let side = (CELL_MM * PER_MM) as u32;
    let (mut sum, mut count, mut seen) = (0u32, 0u32, 0u32);
    for py in (top..top + side).step_by(2) {
        for px in (left..left + side).step_by(2) {
            sum += 255 - u32::from(flat.ink.get_pixel_checked(px, py)?[0]);
            seen += u32::from(flat.seen.get_pixel(px, py)[0] > 0);
            count += 1;
        }
    }
    (seen * 10 > count * 9).then(|| sum as f32 / count as f32 / 255.0)
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

/// Whether what is printed on every card of this side can be read where it belongs.
fn is_printed(reader: &Reader, flat: &Flat, side: Side) -> Result<bool, ModelError> {
    match side {
        Side::Portrait => {
            let number = ink::rows(&flat.black, NUMBER_ZONE);
            if let Some(row) = number.iter().max_by(|a, b| a.width().total_cmp(&b.width())) {
                let read = reader.steps_in(&flat.black, row.padded(0.8, 0.5))?.read();
                if read.characters.iter().filter(|c| c.glyph.is_ascii_digit()).count() >= 10 {
                    return Ok(true);
                }
            }
            Ok(hits(reader, &flat.ink, [3.5, 4.0, 12.6, 32.0], "姓名性别出生住址")? >= 3)
        }
        Side::Emblem => {
            let titles = hits(reader, &flat.black, [28.0, 3.5, 82.0, 25.5], "中华人民共和国居民身份证")?;
            Ok(titles >= 4 || hits(reader, &flat.black, [17.0, 36.5, 33.5, 52.0], "签发机关有效期限")? >= 3)
        }
    }
}

/// How many of the `words`' characters are read in the area's rows.
fn hits(reader: &Reader, plane: &GrayImage, area: [f32; 4], words: &str) -> Result<usize, ModelError> {
    let mut hits = 0;
    for row in ink::rows(plane, area).iter().take(5) {
        let text = reader.steps_in(plane, row.padded(0.8, 0.5))?.read().text();
        hits += words.chars().filter(|c| text.contains(*c)).count();
    }
    Ok(hits)
}

/// Where the values of the portrait side are, without the number: millimetres, left, top, right, bottom.
pub(super) const VALUES_ZONE: [f32; 4] = [12.6, 3.0, 52.6, 43.2];
/// Where the number is.
pub(super) const NUMBER_ZONE: [f32; 4] = [25.0, 42.0, 84.0, 51.5];
/// Where authority and validity are.
pub(super) const ISSUE_ZONE: [f32; 4] = [33.2, 36.5, 82.0, 52.0];

/// The printed portrait.
pub(super) fn printed_portrait(flat: &Flat) -> RgbImage {
    let px = |mm: f32| (mm * PER_MM).round() as u32;
    image::imageops::crop_imm(&flat.colour, px(53.4), px(5.8), px(27.6), px(33.6)).to_image()
}
