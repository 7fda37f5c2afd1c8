//! Wrong colours: a cast over everything, or none at all.

use image::RgbImage;
use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::raster::{byte, linear, map};

/// Light of lamps and filters, each as what is left of red, green and blue at full strength; brightness is kept.
const CASTS: [[f32; 3]; 6] = [
    // Tungsten lamps that the camera took for daylight, a candle's filter.
    [1.0, 0.55, 0.12],
    [1.0, 0.72, 0.16],
    // Open shade and a cold filter.
    [0.36, 0.70, 1.0],
    // Old fluorescent tubes.
    [0.45, 1.0, 0.40],
    // Plant lamps and a rosy filter.
    [1.0, 0.36, 0.85],
    // A blue screen's light.
    [0.25, 0.50, 1.0],
];

pub(super) fn cast(picture: &RgbImage, strength: f32, rng: &mut ChaCha8Rng) -> RgbImage {
    let full = CASTS[rng.random_range(0..CASTS.len())];
    let gains = full.map(|g: f32| g.powf(strength));
    let even = 1.0 / (0.2126 * gains[0] + 0.7152 * gains[1] + 0.0722 * gains[2]);
    map(picture, |_, _, p| std::array::from_fn(|c| byte(linear(p[c]) * gains[c] * even)))
}

pub(super) fn toned(picture: &RgbImage, rng: &mut ChaCha8Rng) -> RgbImage {
    const TONES: [[f32; 3]; 4] = [[1.0; 3], [1.0; 3], [1.08, 0.95, 0.78], [0.92, 0.98, 1.10]];
    let tone = TONES[rng.random_range(0..TONES.len())];
    map(picture, |_, _, [r, g, b]| {
        let light = 0.2126 * f32::from(r) + 0.7152 * f32::from(g) + 0.0722 * f32::from(b);
        tone.map(|t| (light * t + 0.5).min(255.0) as u8)
    })
}
