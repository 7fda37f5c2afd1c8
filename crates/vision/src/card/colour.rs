//! `card_not_photocopy`: how coloured the print is that cards have in colour.

use super::layout::Side;
use super::rectify::{Flat, pixels_of};

/// Where a side bears coloured print, in millimetres: the labels of the portrait side are blue, the emblem is red.
fn coloured(side: Side) -> &'static [[f32; 4]] {
    match side {
        Side::Portrait => &[[4.5, 5.5, 13.0, 31.0], [4.5, 44.5, 22.8, 49.0]],
        Side::Emblem => &[[6.4, 5.6, 22.8, 22.0]],
    }
}

/// Ink below this share of the paper's brightness is print.
const PRINT: u8 = 160;
/// Fewest pixels of print that tell.
const FEWEST: u32 = 300;

/// Mean difference, 0 to 1, between the brightest and the darkest channel of the print that cards have in colour, both as shares of the
/// paper's. The paper's colour is divided out, so that warm or cold light makes no difference. On drawn cards it was 0.14 to 0.57, on
/// grey copies at most 0.06; of real cards it is assumed that their labels are blue and their emblem is red, as anybody's card shows.
/// A copy in colour is not told by this. `None` where no print is seen there.
pub(super) fn of_print(flat: &Flat, side: Side) -> Option<f32> {
    let (mut sum, mut count) = (0u32, 0u32);
    let width = flat.ink.width() as usize;
    for zone in coloured(side) {
        let [left, top, right, bottom] = pixels_of(&flat.ink, *zone).map(|v| v as usize);
        for y in top..bottom {
            let line = y * width + left..y * width + right;
            for (ink, black) in flat.ink.as_raw()[line.clone()].iter().zip(&flat.black.as_raw()[line]) {
                if *ink < PRINT {
                    sum += u32::from(black - ink);
                    count += 1;
                }
            }
        }
    }
    (count >= FEWEST).then(|| sum as f32 / count as f32 / 255.0)
}
