//! The wall's colours, also behind the person.

use image::RgbImage;

use super::{BACKGROUND, COARSER};
use crate::{
    colour,
    plane::{Fours, Plane},
};

/// Cells of the backdrop have this edge in pixels of the working copy.
const CELL: usize = 16;

/// The background's colour, smoothly continued behind the person; linear light.
#[derive(Debug, Clone)]
pub(crate) struct Backdrop {
    /// By cells; the fourth value fills up.
    colours: Fours,
}

impl Backdrop {
    /// Averages the colours of the halved working copy where `alpha` says background, in cells, and fills the other cells from their surroundings
    /// (push and pull).
    pub fn of(half: &RgbImage, alpha: &Plane) -> Backdrop {
        const HALF_CELL: usize = CELL / COARSER;
        let table = colour::linear_table();
        let (w, h) = (half.width() as usize, half.height() as usize);
        let (cw, ch) = (w.div_ceil(HALF_CELL), h.div_ceil(HALF_CELL));
        let mut weight = Plane::filled(cw, ch, 0.0);
        let mut sums = [weight.clone(), weight.clone(), weight.clone()];
        // One of four pixels tells a cell's colour as well as all of them.
        for (y, row) in half.as_raw().chunks_exact(w * 3).enumerate().step_by(2) {
            let alphas = alpha.data[y * COARSER * alpha.width..][..alpha.width].iter().step_by(COARSER);
            for (x, (pixel, alpha)) in row.chunks_exact(3).zip(alphas).enumerate().step_by(2) {
                if *alpha < BACKGROUND {
                    let cell = y / HALF_CELL * cw + x / HALF_CELL;
                    weight.data[cell] += 1.0;
                    for (sum, channel) in sums.iter_mut().zip(pixel) {
                        sum.data[cell] += table[usize::from(*channel)];
                    }
                }
            }
        }
        let [r, g, b] = sums.map(|sum| filled(&sum, &weight));
        Backdrop { colours: Fours::of(&[r, g, b, weight]) }
    }

    /// The colour at a place of the working copy, linear light.
    pub fn at(&self, x: f32, y: f32) -> [f32; 3] {
        let cell = CELL as f32;
        let [r, g, b, _] = self.colours.sample(x / cell, y / cell);
        [r, g, b]
    }

    /// A white wall.
    #[cfg(test)]
    pub fn white() -> Backdrop {
        Backdrop { colours: Fours::filled([1, 1], [1.0; 4]) }
    }
}

/// Quotients of sums and weights; where there is no weight, those of ever coarser surroundings.
fn filled(sum: &Plane, weight: &Plane) -> Plane {
    const ENOUGH: f32 = 4.0;
    if sum.width == 1 && sum.height == 1 {
        return sum.with(weight, |s, w| if w > 0.0 { s / w } else { 1.0 });
    }
    let pooled = |p: &Plane| {
        let (w, h) = (p.width.div_ceil(2), p.height.div_ceil(2));
        Plane::from_fn(w, h, |x, y| {
            let mut total = 0.0;
            for yy in 2 * y..(2 * y + 2).min(p.height) {
                for xx in 2 * x..(2 * x + 2).min(p.width) {
                    total += p.at(xx, yy);
                }
            }
            total
        })
    };
    let around = filled(&pooled(sum), &pooled(weight));
    Plane::from_fn(sum.width, sum.height, |x, y| {
        let (s, w) = (sum.at(x, y), weight.at(x, y));
        let other = around.sample((x as f32 + 0.5) / 2.0, (y as f32 + 0.5) / 2.0);
        let own = (w / ENOUGH).min(1.0);
        if w > 0.0 { s / w * own + other * (1.0 - own) } else { other }
    })
}

#[cfg(test)]
mod tests {
    use image::Rgb;

    use super::*;

    #[test]
    fn the_backdrop_continues_behind_the_person() {
        let work = RgbImage::from_fn(160, 160, |x, _| {
            if (40..120).contains(&x) { Rgb([9, 9, 9]) } else { Rgb([0, 200, 0]) }
        });
        let alpha = Plane::from_fn(160, 160, |x, _| if (40..120).contains(&x) { 1.0 } else { 0.0 });
        let colour = Backdrop::of(&crate::work::halved(&work), &alpha).at(80.0, 80.0).map(colour::encoder());
        assert_eq!(colour, [0, 200, 0]);
    }
}
