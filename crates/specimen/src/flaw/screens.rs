//! Pictures of a screen that shows the picture.

use image::{RgbImage, imageops};
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use super::raster::{Projection, byte, linear};

/// A liquid-crystal or OLED screen photographed by hand: its pixels stand `pitch` sensor pixels apart, each of three upright
/// stripes with dark gaps; the sensor's own grid beats with them. Strength is how well lens and hand resolve the grid. The screen
/// is a little turned and seen at a slant; a lamp lifts its blacks on one side; half of the time its bezel is in the picture.
pub(super) fn screen(picture: &RgbImage, strength: f32, rng: &mut ChaCha8Rng) -> RgbImage {
    let (w, h) = picture.dimensions();
    let (wf, hf) = (w as f32, h as f32);
    let pitch: f32 = rng.random_range(1.25..3.4) * wf / 1512.0;
    let pitch = pitch.max(1.2);
    let bezel = rng.random_bool(0.5);
    let inset = if bezel { rng.random_range(0.03..0.08) } else { -0.03 };
    let mut slant = || rng.random_range(-0.02..0.02f32);
    let corner = |x: f32, y: f32, dx: f32, dy: f32| ((x + dx) * wf, (y + dy) * hf);
    let corners = [
        corner(inset, inset, slant(), slant()),
        corner(1.0 - inset, inset, slant(), slant()),
        corner(1.0 - inset, 1.0 - inset, slant(), slant()),
        corner(inset, 1.0 - inset, slant(), slant()),
    ];
    let back = Projection::of_square(corners).inverse();
    // The screen shows the picture in its own pixels.
    let (sw, sh) = ((wf / pitch) as u32, (hf / pitch) as u32);
    let shown = imageops::thumbnail(picture, sw.max(2), sh.max(2));
    let lamp = (rng.random_range(0.0..1.0f32), rng.random_range(0.0..0.6f32));
    let veil: f32 = rng.random_range(0.015..0.07);
    let contrast = 0.35 + 0.6 * strength;
    let stripes = rng.random_bool(0.75);
    let mut out = RgbImage::new(w, h);
    out.par_chunks_mut(w as usize * 3).enumerate().for_each(|(y, row)| {
        for (x, pixel) in row.chunks_exact_mut(3).enumerate() {
            const ACROSS: usize = 6;
            const DOWN: usize = 4;
            let mut sum = [0.0f32; 3];
            for j in 0..DOWN {
                for i in 0..ACROSS {
                    let px = x as f32 + (i as f32 + 0.5) / ACROSS as f32;
                    let py = y as f32 + (j as f32 + 0.5) / DOWN as f32;
                    let (u, v) = back.apply(px, py);
                    if !(0.0..1.0).contains(&u) || !(0.0..1.0).contains(&v) {
                        sum.iter_mut().for_each(|s| *s += 0.004);
                        continue;
                    }
                    let (cu, cv) = (u * sw as f32, v * sh as f32);
                    let (cell_x, cell_y) = ((cu as u32).min(sw - 1), (cv as u32).min(sh - 1));
                    let (fu, fv) = (cu.fract(), cv.fract());
                    let value = shown.get_pixel(cell_x, cell_y).0;
                    let row_open = if fv < 0.86 { 1.0 } else { 0.1 };
                    for c in 0..3 {
                        let open = if stripes {
                            let at = fu * 3.0 - c as f32;
                            if (0.08..0.92).contains(&at) { 3.0 } else { 0.0 }
                        } else if (0.1..0.9).contains(&fu) {
                            1.25
                        } else {
                            0.1
                        };
                        let grid = 1.0 + contrast * (open * row_open * 1.1 - 1.0);
                        sum[c] += linear(value[c]) * grid;
                    }
                }
            }
            let n = (ACROSS * DOWN) as f32;
            let d = (x as f32 / wf - lamp.0).hypot(y as f32 / hf - lamp.1);
            let glare = veil * (0.4 + 1.6 * (-d * d * 5.0).exp());
            for c in 0..3 {
                // Screens are bluer than the rooms in which they are photographed.
                let tint = [0.95, 1.0, 1.07][c];
                pixel[c] = byte(sum[c] / n * tint * 0.95 + glare);
            }
        }
    });
    // Lens and hand.
    imageops::fast_blur(&out, (0.75 - 0.35 * strength) * (wf / 1512.0).max(0.7))
}
