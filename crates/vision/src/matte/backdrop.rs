//! The wall's colours, also behind the person.

use image::RgbImage;

use super::{BACKGROUND, COARSER};
use crate::{
    colour,
    plane::{Fours, Plane, mixed},
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
        // Sums, and of how many.
        let mut sums = Fours::filled([cw, ch], [0.0; 4]);
        // One of four pixels tells a cell's colour as well as all of them.
        for (y, row) in half.as_raw().chunks_exact(w * 3).enumerate().step_by(2) {
            let alphas = alpha.data[y * COARSER * alpha.width..][..alpha.width].chunks(CELL);
            let sums = sums.data[y / HALF_CELL * cw..][..cw].iter_mut();
            for (sum, (pixels, alphas)) in sums.zip(row.chunks(HALF_CELL * 3).zip(alphas)) {
                for (pixels, alphas) in pixels.chunks(2 * 3).zip(alphas.chunks(2 * COARSER)) {
                    if alphas[0] < BACKGROUND {
                        let [r, g, b] = [pixels[0], pixels[1], pixels[2]].map(|c| table[usize::from(c)]);
                        for (sum, value) in sum.iter_mut().zip([r, g, b, 1.0]) {
                            *sum += value;
                        }
                    }
                }
            }
        }
        Backdrop { colours: filled(&sums) }
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

/// Sums by their counts, the fourth values; where nothing was counted, those of ever coarser surroundings.
fn filled(sums: &Fours) -> Fours {
    const ENOUGH: f32 = 4.0;
    let mean = |[r, g, b, count]: [f32; 4]| [r / count, g / count, b / count, count];
    if let [only] = sums.data.as_slice() {
        return Fours::filled([1, 1], if only[3] > 0.0 { mean(*only) } else { [1.0; 4] });
    }
    let around = filled(&pooled(sums));
    let mut colours = sums.clone();
    for (i, own) in colours.data.iter_mut().enumerate() {
        let (x, y) = ((i % sums.width) as f32, (i / sums.width) as f32);
        let other = around.sample((x + 0.5) / 2.0, (y + 0.5) / 2.0);
        let count = own[3];
        *own = if count > 0.0 { mixed(other, mean(*own), (count / ENOUGH).min(1.0)) } else { other };
    }
    colours
}

/// Each four cells, at an edge fewer, as one.
fn pooled(sums: &Fours) -> Fours {
    let (w, h) = (sums.width.div_ceil(2), sums.height.div_ceil(2));
    let mut pooled = Fours::filled([w, h], [0.0; 4]);
    for (y, row) in sums.data.chunks_exact(sums.width).enumerate() {
        for (x, cell) in row.iter().enumerate() {
            for (sum, value) in pooled.data[y / 2 * w + x / 2].iter_mut().zip(cell) {
                *sum += value;
            }
        }
    }
    pooled
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
        let [r, g, b] = Backdrop::of(&crate::work::halved(&work), &alpha).at(80.0, 80.0);
        assert_eq!(colour::Encoder::new().pixel([r, g, b, 0.0]), [0, 200, 0]);
    }
}
