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
    if total < 200.0 {
        return None;
    }
    let scatter: f64 = bins
        .iter()
        .filter(|b| b.0 > 0.0)
        .map(|(n, sum, squares)| (0..2).map(|c| squares[c] - sum[c] * sum[c] / n).sum::<f64>())
        .sum();
    Some(vec![("spread", (scatter / total).max(0.0).sqrt())])
}

/// The colours of the squares that the person fills, CIELAB.
fn cells(subject: &Subject<'_>) -> Vec<[f32; 3]> {
    let alpha = &subject.matte.alpha;
    let raw = subject.work.pixels.as_raw();
    let table = colour::linear_table();
    let mut found = Vec::new();
    for top in (0..alpha.height.saturating_sub(CELL - 1)).step_by(CELL) {
        for left in (0..alpha.width.saturating_sub(CELL - 1)).step_by(CELL) {
            let places = || (top..top + CELL).flat_map(|y| (left..left + CELL).map(move |x| (x, y)));
            if places().any(|(x, y)| alpha.at(x, y) < 1.0 - matte::BACKGROUND) {
                continue;
            }
            let mut sum = [0.0; 3];
            for (x, y) in places() {
                let i = (y * alpha.width + x) * 3;
                for (s, byte) in sum.iter_mut().zip(&raw[i..i + 3]) {
                    *s += table[usize::from(*byte)];
                }
            }
            found.push(colour::lab(sum.map(|s| s / (CELL * CELL) as f32)));
        }
    }
    found
}
