//! `colour_image`: whether the picture has colours of its own, neither grey nor toned.

use super::{Parts, Subject};
use crate::{colour, matte};

/// `spread`: how much the person's colours (CIELAB a*, b*) scatter about the one line that brightness alone would explain,
/// as a standard deviation. A grey or sepia picture has its colour as a function of brightness: nearly 0. `None` without
/// a person to look at.
pub(super) fn measure(subject: &Subject<'_>) -> Option<Parts> {
    const BINS: usize = 64;
    let alpha = &subject.matte.alpha;
    let mut bins = [(0.0f64, [0.0f64; 2], [0.0f64; 2]); BINS];
    for (i, pixel) in subject.work.pixels.pixels().enumerate().step_by(7) {
        if alpha.data[i] > 1.0 - matte::BACKGROUND {
            let [l, a, b] = colour::lab_of(pixel.0);
            let bin = &mut bins[((l / 100.0 * BINS as f32) as usize).min(BINS - 1)];
            bin.0 += 1.0;
            for (channel, value) in [f64::from(a), f64::from(b)].into_iter().enumerate() {
                bin.1[channel] += value;
                bin.2[channel] += value * value;
            }
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
