//! `card_not_screen`: whether the card is one that a screen shows.

use image::RgbImage;

use super::geometry::{Homography, Point};
use super::layout::Seen;
use super::rectify::{HEIGHT_MM, PER_MM, WIDTH_MM};
use crate::checks::spectrum::{self, SIDE};

/// Cycles in a patch below which structure is print's own.
const LOWEST: f32 = 14.0;
/// Most patches, and fewest that tell.
const PATCHES: (usize, usize) = (8, 3);

/// How far the strongest repeating structure on the card rises above its surroundings in the power spectrum, in decibels, in the middle one of
/// the patches of 128 × 128 pixels that hold the least print, and where that is on the card, in millimetres: a screen's pixels, and
/// their beat with the sensor's. `None` of a card that has no room for the patches. The fine lines that real cards bear are not drawn,
/// so that the limit has to be looked at again on real cards.
pub(super) fn moire(pixels: &RgbImage, seen: &Seen) -> Option<(f32, [f32; 4])> {
    let map = Homography::onto(&seen.corners, WIDTH_MM, HEIGHT_MM);
    let [a, b, c, d] = seen.corners;
    let per_mm = (super::geometry::distance(a, b) / WIDTH_MM)
        .min(super::geometry::distance(a, d) / HEIGHT_MM)
        .min(super::geometry::distance(b, c) / HEIGHT_MM);
    // Half a patch's diagonal, so that no turn of the card brings the table into it.
    let reach = 0.72 * SIDE as f32 / per_mm.max(0.1);
    let mut places: Vec<(u32, (f32, f32), Point)> = Vec::new();
    let mut y = reach;
    while y <= HEIGHT_MM - reach {
        let mut x = reach;
        while x <= WIDTH_MM - reach {
            let at = map.along(x, y, 1.0).next()?;
            let half = SIDE as f32 / 2.0;
            let inside = at.0 > half
                && at.1 > half
                && at.0 + half < pixels.width() as f32
                && at.1 + half < pixels.height() as f32;
            if inside {
                places.push((print(seen, x, y, reach), (x, y), at));
            }
            x += 2.5;
        }
        y += 2.5;
    }
    places.sort_by_key(|(print, ..)| *print);
    let mut chosen: Vec<((f32, f32), Point)> = Vec::new();
    for (_, place, at) in places {
        let apart = |(_, other): &((f32, f32), Point)| {
            (at.0 - other.0).abs().max((at.1 - other.1).abs()) >= SIDE as f32 / 2.0
        };
        if chosen.iter().all(apart) {
            chosen.push((place, at));
        }
        if chosen.len() == PATCHES.0 {
            break;
        }
    }
    if chosen.len() < PATCHES.1 {
        return None;
    }
    let corners: Vec<[usize; 2]> =
        chosen.iter().map(|(_, at)| [at.0 as usize - SIDE / 2, at.1 as usize - SIDE / 2]).collect();
    let (moire, which) = spectrum::middle_peak(pixels, &corners, LOWEST)?;
    let (x, y) = chosen[which].0;
    Some((moire, [x - reach, y - reach, x + reach, y + reach]))
}

/// As [`moire`], in patches spread over the middle of a picture in which no card was found: the faint outline of what a screen shows may be
/// why. `None` of a picture that has no room for them.
pub(super) fn moire_anywhere(pixels: &RgbImage) -> Option<f32> {
    const ACROSS: [usize; 2] = [4, 3];
    let size = [pixels.width() as usize, pixels.height() as usize];
    // In the middle three fifths there is more of the card than of what lies around it.
    let corner = |i: usize, way: usize| {
        let (start, room) = (size[way] / 5, (size[way] * 3 / 5).checked_sub(SIDE)?);
        Some(start + room * i / (ACROSS[way] - 1))
    };
    let corners: Option<Vec<[usize; 2]>> = (0..ACROSS[0] * ACROSS[1])
        .map(|i| Some([corner(i % ACROSS[0], 0)?, corner(i / ACROSS[0], 1)?]))
        .collect();
    spectrum::middle_peak(pixels, &corners?, LOWEST).map(|(moire, _)| moire)
}

/// How much print there is around a place on the card.
fn print(seen: &Seen, x: f32, y: f32, reach: f32) -> u32 {
    let ink = &seen.flat.ink;
    let mut sum = 0;
    let px = |mm: f32, side: u32| ((mm * PER_MM).max(0.0) as u32).min(side - 1);
    for row in (px(y - reach, ink.height())..px(y + reach, ink.height())).step_by(9) {
        for column in (px(x - reach, ink.width())..px(x + reach, ink.width())).step_by(9) {
            sum += 255 - u32::from(ink.get_pixel(column, row)[0]);
        }
    }
    sum
}
