//! Pictures of a paper print.

use image::RgbImage;
use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::raster::{Projection, byte, linear, map, sample};
use crate::portrait::{Portrait, furnished_room};

/// A print with a white margin, held by its lower edge before a room: the stronger, the smaller the print in the picture.
pub(super) fn print(picture: &Portrait, strength: f32, rng: &mut ChaCha8Rng) -> RgbImage {
    let pixels = &picture.pixels;
    let (w, h) = pixels.dimensions();
    let (wf, hf) = (w as f32, h as f32);
    let room = furnished_room(rng.random());
    let plain = rng.random_bool(0.4).then(|| {
        let tone: f32 = rng.random_range(0.25..0.65);
        [tone, tone * 0.9, tone * 0.8]
    });
    let across = 0.93 - 0.28 * strength;
    let inset = (1.0 - across) / 2.0;
    let mut slant = || rng.random_range(-0.025..0.025f32);
    let corner = |x: f32, y: f32, dx: f32, dy: f32| ((x + dx) * wf, (y + dy) * hf);
    let corners = [
        corner(inset, inset, slant(), slant()),
        corner(1.0 - inset, inset, slant(), slant()),
        corner(1.0 - inset, 1.0 - inset, slant(), slant()),
        corner(inset, 1.0 - inset, slant(), slant()),
    ];
    let back = Projection::of_square(corners).inverse();
    let margin = if rng.random_bool(0.6) { 0.035 } else { 0.0 };
    let thumb = (rng.random_range(0.25..0.75f32), 0.115);
    let skin = [0.62f32, 0.40, 0.30];
    let shine = (rng.random_range(0.0..1.0f32), rng.random_range(0.02..0.12f32));
    map(pixels, |x, y, _| {
        const SUB: [(f32, f32); 4] = [(0.25, 0.25), (0.75, 0.25), (0.25, 0.75), (0.75, 0.75)];
        let mut sum = [0.0f32; 3];
        for (dx, dy) in SUB {
            let (px, py) = (x as f32 + dx, y as f32 + dy);
            let (u, v) = back.apply(px, py);
            // A thumb over the lower edge, fingers behind the sheet.
            let (tx, ty) = ((u - thumb.0) / 0.075, (v - 1.03) / thumb.1);
            let hand = tx * tx + ty * ty < 1.0 || (v > 1.02 && (u - thumb.0).abs() < 0.13 + 0.1 * (v - 1.0));
            let light = if hand {
                let round = (1.0 - 0.5 * tx * tx).max(0.4);
                skin.map(|c| c * round)
            } else if (0.0..1.0).contains(&u) && (0.0..1.0).contains(&v) {
                let (iu, iv) = ((u - margin) / (1.0 - 2.0 * margin), (v - margin) / (1.0 - 2.0 * margin));
                let paper = 0.82 + shine.1 * (-(u - shine.0) * (u - shine.0) * 8.0).exp();
                if (0.0..1.0).contains(&iu) && (0.0..1.0).contains(&iv) {
                    // Ink on paper is never quite black, and its colours are duller.
                    let p = sample(pixels, iu * wf, iv * hf).map(|v| linear(v as u8));
                    let mean = 0.3 * p[0] + 0.6 * p[1] + 0.1 * p[2];
                    p.map(|c| 0.035 + paper * (0.88 * c + 0.12 * mean))
                } else {
                    [paper; 3]
                }
            } else if let Some(tone) = plain {
                let fall = 1.0 - 0.3 * py / hf;
                tone.map(|t| t * fall)
            } else {
                let (rx, ry) = (px / wf * room.width() as f32, py / hf * room.height() as f32);
                sample(&room, rx, ry).map(|v| linear(v as u8))
            };
            for (s, l) in sum.iter_mut().zip(light) {
                *s += l / 4.0;
            }
        }
        sum.map(byte)
    })
}
