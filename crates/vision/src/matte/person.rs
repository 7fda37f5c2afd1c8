//! The person's own colours along the outline, without the wall's share: the colours of the person near by, corrected by
//! what is seen as far as the person covers the pixel (Forte, Approximate Fast Foreground Colour Estimation, 2021).

use image::RgbImage;

use super::{BACKGROUND, COARSER};
use crate::{
    colour,
    plane::{Fours, Plane},
};

/// Colours are averaged on a copy of the working copy smaller by this factor,
const SMALLER: usize = 4;
/// over this radius.
const RADIUS: usize = 3;

/// Mean colours of the person near by, linear light.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    /// Sums over the surroundings of what is surely the person, and how much of them that is.
    sums: Fours,
}

impl Person {
    /// Averages the colours of what is surely the person in the halved working copy.
    pub fn of(half: &RgbImage, alpha: &Plane) -> Person {
        const STEP: usize = SMALLER / COARSER;
        let table = colour::linear_table();
        let (w, h) = (half.width() as usize, half.height() as usize);
        let size = [w.div_ceil(STEP), h.div_ceil(STEP)];
        // Of a cell what is surely the person, and how much of it that is: one pixel tells its colour as well as all of them.
        let mut cells = Fours::filled(size, [0.0; 4]);
        for (y, cells) in cells.data.chunks_exact_mut(size[0]).enumerate() {
            let row = half.as_raw()[y * STEP * w * 3..][..w * 3].chunks(STEP * 3);
            let alphas = alpha.data[y * SMALLER * alpha.width..][..alpha.width].chunks(SMALLER);
            for (cell, (pixels, alphas)) in cells.iter_mut().zip(row.zip(alphas)) {
                if alphas[0] > 1.0 - BACKGROUND {
                    let [r, g, b] = [pixels[0], pixels[1], pixels[2]].map(|c| table[usize::from(c)]);
                    *cell = [r, g, b, 1.0];
                }
            }
        }
        Person { sums: cells.blurred(RADIUS) }
    }

    /// The person's share of a pixel, linear light: `seen` is what the picture shows at this place of the working copy,
    /// `behind` the wall's colour there.
    pub fn share(&self, x: f32, y: f32, alpha: f32, seen: [f32; 3], behind: [f32; 3]) -> [f32; 3] {
        let near = self.sums.sample(x / SMALLER as f32, y / SMALLER as f32);
        let weight = near[3];
        if weight < 1e-3 {
            return std::array::from_fn(|c| seen[c] - (1.0 - alpha) * behind[c]);
        }
        std::array::from_fn(|c| {
            let near = near[c] / weight;
            let rest = seen[c] - alpha * near - (1.0 - alpha) * behind[c];
            alpha * (near + alpha * rest).clamp(0.0, 1.0)
        })
    }
}

#[cfg(test)]
mod tests {
    use image::Rgb;

    use super::*;

    #[test]
    fn a_wrong_alpha_takes_no_green_from_the_wall() {
        // Black hair to 100, a green wall from 104, half and half between; the alpha there is too high by 0.2.
        let work = RgbImage::from_fn(200, 64, |x, _| match x {
            0..100 => Rgb([20, 20, 20]),
            100..104 => Rgb([14, 130, 48]),
            _ => Rgb([0, 177, 64]),
        });
        let alpha = Plane::from_fn(200, 64, |x, _| match x {
            0..100 => 1.0,
            100..104 => 0.7,
            _ => 0.0,
        });
        let table = colour::linear_table();
        let light = |rgb: [u8; 3]| rgb.map(|c| table[usize::from(c)]);
        let (seen, behind) = (light([14, 130, 48]), light([0, 177, 64]));
        let share = Person::of(&crate::work::halved(&work), &alpha).share(102.0, 32.0, 0.7, seen, behind);
        let plain = std::array::from_fn(|c| seen[c] - 0.3 * behind[c]);
        let green = |c: [f32; 3]| c[1] - c[0];
        assert!(green(share) < 0.55 * green(plain), "{share:?} {plain:?}");
    }
}
