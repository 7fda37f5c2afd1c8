//! Beauty filters.

use image::RgbImage;
use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::raster::{Field, map};
use crate::portrait::Portrait;

/// Skin smoothed by an edge-preserving filter (He, Sun and Tang, Guided image filtering, 2013) and whitened, as phones do on
/// request: hair, eyes and clothes keep their detail.
pub(super) fn retouched(picture: &Portrait, strength: f32, rng: &mut ChaCha8Rng) -> RgbImage {
    let pixels = &picture.pixels;
    let (w, h) = (pixels.width() as usize, pixels.height() as usize);
    let marks = &picture.truth.landmarks;
    let face = marks.face_width();
    let middle = (marks.nose_tip.0, (marks.nose_tip.1 + marks.left_eye.1) / 2.0);
    let whitening: f32 = rng.random_range(0.03..0.12) * strength;
    let radius = ((0.012 + 0.02 * strength) * face) as usize + 1;
    let epsilon = (0.02 + 0.05 * strength).powi(2);
    let channel = |c: usize| {
        let plain = Field::from_fn(w, h, |x, y| f32::from(pixels.get_pixel(x as u32, y as u32).0[c]) / 255.0);
        let mean = plain.blurred(radius);
        let square = Field::from_fn(w, h, |x, y| plain.at(x, y).powi(2)).blurred(radius);
        let slope = Field::from_fn(w, h, |x, y| {
            let variance = (square.at(x, y) - mean.at(x, y).powi(2)).max(0.0);
            variance / (variance + epsilon)
        });
        let base = Field::from_fn(w, h, |x, y| mean.at(x, y) * (1.0 - slope.at(x, y))).blurred(radius);
        let slope = slope.blurred(radius);
        Field::from_fn(w, h, |x, y| slope.at(x, y) * plain.at(x, y) + base.at(x, y))
    };
    let smooth = [channel(0), channel(1), channel(2)];
    map(pixels, |x, y, p| {
        let (dx, dy) = ((x as f32 - middle.0) / (0.62 * face), (y as f32 - middle.1) / (0.95 * face));
        let of_face = (1.6 - 1.6 * (dx * dx + dy * dy)).clamp(0.0, 1.0);
        // Skin is red before green before blue.
        let [r, g, b] = p.map(f32::from);
        let skin = ((r - g - 6.0) / 14.0).clamp(0.0, 1.0) * ((g - b + 4.0) / 12.0).clamp(0.0, 1.0);
        let amount = of_face * skin * (0.35 + 0.65 * strength);
        std::array::from_fn(|c| {
            let calm = smooth[c].at(x as usize, y as usize);
            let calm = calm + whitening * calm * (1.0 - calm) * 4.0;
            let old = f32::from(p[c]) / 255.0;
            ((old + amount * (calm - old)) * 255.0 + 0.5).clamp(0.0, 255.0) as u8
        })
    })
}
