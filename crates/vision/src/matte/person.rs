//! The person's own colours along the outline, without the wall's share: the colours of the person near by, corrected by
//! what is seen as far as the person covers the pixel (Forte, Approximate Fast Foreground Colour Estimation, 2021).

use image::RgbImage;

use super::BACKGROUND;
use crate::{colour, plane::Plane};

/// Everything works on a copy smaller by this factor.
const COARSER: usize = 2;
/// Radius over which the person's colours are averaged, in pixels of that copy.
const RADIUS: usize = 6;

/// Mean colours of the person near by, linear light.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    channels: [Plane; 3],
    /// How much of the surroundings is surely the person.
    weight: Plane,
}

impl Person {
    /// Averages the colours of what is surely the person.
    pub fn of(work: &RgbImage, alpha: &Plane) -> Person {
        let table = colour::linear_table();
        let (w, raw) = (alpha.width, work.as_raw());
        let size = [alpha.width.div_ceil(COARSER), alpha.height.div_ceil(COARSER)];
        let sure = |x: usize, y: usize| alpha.at(x * COARSER, y * COARSER) > 1.0 - BACKGROUND;
        let weight = Plane::from_fn(size[0], size[1], |x, y| f32::from(sure(x, y)));
        let channels = std::array::from_fn(|c| {
            Plane::from_fn(size[0], size[1], |x, y| {
                if !sure(x, y) {
                    return 0.0;
                }
                table[usize::from(raw[(y * COARSER * w + x * COARSER) * 3 + c])]
            })
            .blurred(RADIUS)
        });
        Person { channels, weight: weight.blurred(RADIUS) }
    }

    /// The person's share of a pixel, linear light: `seen` is what the picture shows at this place of the working copy,
    /// `behind` the wall's colour there.
    pub fn share(&self, x: f32, y: f32, alpha: f32, seen: [f32; 3], behind: [f32; 3]) -> [f32; 3] {
        let (u, v) = (x / COARSER as f32, y / COARSER as f32);
        let weight = self.weight.sample(u, v);
        if weight < 1e-3 {
            return std::array::from_fn(|c| seen[c] - (1.0 - alpha) * behind[c]);
        }
        std::array::from_fn(|c| {
            let near = self.channels[c].sample(u, v) / weight;
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
        let share = Person::of(&work, &alpha).share(102.0, 32.0, 0.7, seen, behind);
        let plain = std::array::from_fn(|c| seen[c] - 0.3 * behind[c]);
        let green = |c: [f32; 3]| c[1] - c[0];
        assert!(green(share) < 0.55 * green(plain), "{share:?} {plain:?}");
    }
}
