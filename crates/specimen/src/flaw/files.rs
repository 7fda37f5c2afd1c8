//! Files saved too small.

use image::{RgbImage, imageops};
use rand::Rng;
use rand_chacha::ChaCha8Rng;

use crate::phone::phone_jpeg;

/// Saved at quality 40 (strength 0) down to 5 (strength 1) and opened again; every other one at a messenger's size and enlarged.
pub(super) fn compressed(picture: &RgbImage, strength: f32, rng: &mut ChaCha8Rng) -> RgbImage {
    let quality = (40.0 - 35.0 * strength).round() as u8;
    let (w, h) = picture.dimensions();
    let share: f32 = rng.random_range(0.4..0.8);
    if rng.random_bool(0.5) {
        return reopened(picture, quality);
    }
    let to = |side: u32| (side as f32 * share).round().max(16.0) as u32;
    let small = imageops::thumbnail(picture, to(w), to(h));
    imageops::resize(&reopened(&small, quality), w, h, imageops::FilterType::CatmullRom)
}

/// What a JPEG of that quality shows; the picture itself where it cannot be encoded.
pub(super) fn reopened(picture: &RgbImage, quality: u8) -> RgbImage {
    image::load_from_memory(&phone_jpeg(picture, quality, 1))
        .map_or_else(|_| picture.clone(), |read| read.to_rgb8())
}
