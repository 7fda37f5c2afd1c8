//! `colour_image`: whether the picture has colours of its own, neither grey nor toned.

use super::{Parts, Subject};
use crate::{colour, matte};

/// Colours are taken over squares of this many pixels of the working copy, because JPEG stores them coarser than brightness.
const CELL: usize = 8;

/// `spread`: how much the person's colours (CIELAB a*, b*) scatter about the one line that brightness alone would explain,
/// as a standard deviation. A grey or sepia picture has its colour as a function of brightness: nearly 0. `None` without
/// a person to look at.
pub(super) fn measure(subject: &Subject<'_>) -> Option<Parts> {
    const BINS: usize = 40;
    let mut bins = [(0.0f64, [0.0f64; 2], [0.0f64; 2]); BINS];
    for [l, a, b] in cells(subject) {
        let bin = &mut bins[((l / 100.0 * BINS as f32) as usize).min(BINS - 1)];
        bin.0 += 1.0;
        for (channel, value) in [f64::from(a), f64::from(b)].into_iter().enumerate() {
            bin.1[channel] += value;
            bin.2[channel] += value * value;
        }
    }
    let total: f64 = bins.iter().map(|b| b.0).sum();
    if total < 60.0 {
        return None;
    }
    let scatter: f64 = bins
        .iter()
        .filter(|b| b.0 > 0.0)
        .map(|(n, sum, squares)| (0..2).map(|c| squares[c] - sum[c] * sum[c] / n).sum::<f64>())
        .sum();
    Some(vec![("spread", (scatter / total).max(0.0).sqrt())])
}

/// The colours of every other square, across and down, of those that the person fills, CIELAB.
fn cells(subject: &Subject<'_>) -> Vec<[f32; 3]> {
    let alpha = &subject.matte.alpha;
    let raw = subject.work.pixels.as_raw();
    let table = colour::linear_table();
    let mut found = Vec::new();
    for top in (0..alpha.height.saturating_sub(CELL - 1)).step_by(2 * CELL) {
        for left in (0..alpha.width.saturating_sub(CELL - 1)).step_by(2 * CELL) {
            let rows = (top..top + CELL).map(|y| y * alpha.width + left);
            let filled = |row: usize| {
                let row = &alpha.data[row..row + CELL];
                row.iter().fold(true, |filled, share| filled & (*share >= 1.0 - matte::BACKGROUND))
            };
            if !rows.clone().all(filled) {
                continue;
            }
            // Every second row tells as much.
            let mut sum = [0.0; 3];
            for row in rows.step_by(2) {
                for pixel in raw[row * 3..(row + CELL) * 3].as_chunks::<3>().0 {
                    for (s, byte) in sum.iter_mut().zip(pixel) {
                        *s += table[usize::from(*byte)];
                    }
                }
            }
            found.push(colour::lab(sum.map(|s| s / (CELL * CELL / 2) as f32)));
        }
    }
    found
}
