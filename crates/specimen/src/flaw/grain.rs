//! The grain of a small sensor in a dark room.

use image::RgbImage;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::raster::{Field, map};

/// Grain in brightness and blotches of colour, stronger in the shade, as a phone's own denoising leaves them: correlated over
/// a few pixels. At full strength brightness scatters by 30 of 255 in pixels of a picture 1512 wide.
pub(super) fn grain(picture: &RgbImage, strength: f32, rng: &mut ChaCha8Rng) -> RgbImage {
    let (w, h) = (picture.width() as usize, picture.height() as usize);
    let unit = w as f32 / 1512.0;
    let fine = white(w, h, rng.random()).blurred((0.6 * unit) as usize);
    let coarse = |seed| scaled(white(w, h, seed).blurred((2.2 * unit).max(1.0) as usize));
    let (fine, red, blue) = (scaled(fine), coarse(rng.random()), coarse(rng.random()));
    let (bright, tint) = (2.0 + 28.0 * strength, 1.0 + 13.0 * strength);
    let dim = 1.0 - 0.3 * strength;
    map(picture, |x, y, p| {
        let (x, y) = (x as usize, y as usize);
        let lit = p.map(|v| f32::from(v) * dim);
        let shade = 1.25 - 0.6 * lit[1] / 255.0;
        let (f, r, b) = (fine.at(x, y) * bright, red.at(x, y) * tint, blue.at(x, y) * tint);
        let add = [f + r, f - 0.3 * (r + b), f + b];
        std::array::from_fn(|c| (lit[c] + shade * add[c] + 0.5).clamp(0.0, 255.0) as u8)
    })
}

/// Independent numbers, near enough to a bell of width 1.
pub(super) fn white(width: usize, height: usize, seed: u64) -> Field {
    use rayon::prelude::*;
    let mut data = vec![0.0f32; width * height];
    data.par_chunks_mut(width).enumerate().for_each(|(y, row)| {
        let mut rng = ChaCha8Rng::seed_from_u64(seed ^ (y as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15));
        for v in row {
            let bits: u64 = rng.random();
            let sum: u64 = (0..4).map(|k| (bits >> (16 * k)) & 0xFFFF).sum();
            *v = (sum as f32 / 65_536.0 - 2.0) * 1.732;
        }
    });
    Field { width, height, data }
}

/// The same field with a standard deviation of 1.
fn scaled(mut field: Field) -> Field {
    let n = field.data.len().max(1) as f32;
    let deviation = (field.data.iter().map(|v| v * v).sum::<f32>() / n).sqrt().max(1e-6);
    field.data.iter_mut().for_each(|v| *v /= deviation);
    field
}
