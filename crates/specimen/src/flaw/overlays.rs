//! What editing programs lay over or around a picture.

use image::{DynamicImage, RgbImage, Rgba, RgbaImage, imageops};
use rand::{Rng, seq::IndexedRandom};
use rand_chacha::ChaCha8Rng;

use super::raster::map;
use crate::{
    font::{self, FontError, Fonts, Setting, Weight},
    portrait::Portrait,
};

/// Bars of one colour at top and bottom, at both sides, or all around, 0.8 to 8 of 100 of the width.
pub(super) fn border(picture: &RgbImage, strength: f32, rng: &mut ChaCha8Rng) -> RgbImage {
    const COLOURS: [[u8; 3]; 5] = [[0, 0, 0], [255, 255, 255], [18, 18, 20], [40, 60, 140], [190, 30, 40]];
    let (w, h) = picture.dimensions();
    let wide = ((0.008 + 0.072 * strength) * w as f32).round().max(3.0) as u32;
    let colour = COLOURS.choose(rng).copied().unwrap_or_default();
    // A white bar beside a white wall is no bar that anybody sees.
    let corner = picture.get_pixel(w / 12, h / 12).0;
    let near = corner.iter().zip(colour).all(|(a, b)| a.abs_diff(b) < 40);
    let colour = if near { [0, 0, 0] } else { colour };
    let (across, down) = [(0, wide), (wide, 0), (wide, wide)][rng.random_range(0..3usize)];
    // What is framed is shrunk, not covered, half of the time.
    let shrunk = rng.random_bool(0.5);
    let inner = shrunk.then(|| imageops::thumbnail(picture, w - 2 * across, h - 2 * down));
    map(picture, |x, y, p| {
        let inside = (across..w - across).contains(&x) && (down..h - down).contains(&y);
        match (&inner, inside) {
            (_, false) => colour,
            (Some(inner), true) => inner.get_pixel(x - across, y - down).0,
            (None, true) => p,
        }
    })
}

/// A date in orange, a caption on the wall, or a watermark all over; larger and more opaque with strength.
pub(super) fn text(picture: &Portrait, strength: f32, rng: &mut ChaCha8Rng) -> Result<RgbImage, FontError> {
    let fonts = Fonts::open()?;
    let mut canvas = DynamicImage::ImageRgb8(picture.pixels.clone()).into_rgba8();
    let (w, h) = (canvas.width() as f32, canvas.height() as f32);
    let grown = 0.6 + 0.4 * strength;
    match rng.random_range(0..3u8) {
        0 => {
            let date = format!(
                "20{:02}/{:02}/{:02}",
                rng.random_range(14..26),
                rng.random_range(1..13),
                rng.random_range(1..29)
            );
            let colour =
                *[[255, 150, 30], [255, 190, 40], [250, 90, 30]].choose(rng).unwrap_or(&[255, 150, 30]);
            let setting = set(0.052 * w * grown, Weight::Bold, colour, 0.55 + 0.45 * strength);
            let width = font::width(&fonts, &date, &setting);
            let top = if rng.random_bool(0.5) { 0.03 * h } else { h * 0.30 };
            let left = if rng.random_bool(0.5) { 0.03 * w } else { 0.97 * w - width };
            font::paint(&mut canvas, &fonts, &date, &setting, left, top);
        }
        1 => {
            let words =
                *["某某照相馆 电话 010-0000", "美图手机 拍摄", "报名照片 仅供参考", "PHOTO STUDIO 2024"]
                    .choose(rng)
                    .unwrap_or(&"PHOTO");
            let colour = if rng.random_bool(0.5) { [20, 20, 24] } else { [200, 30, 40] };
            let setting = set(0.06 * w * grown, Weight::Bold, colour, 0.45 + 0.55 * strength);
            let left = rng.random_range(0.03..0.2) * w;
            font::paint(&mut canvas, &fonts, words, &setting, left, 0.04 * h);
        }
        _ => {
            let words = *["样片 版权所有", "SAMPLE PHOTO", "水印 未付款"].choose(rng).unwrap_or(&"SAMPLE");
            let colour = if rng.random_bool(0.5) { [70, 70, 74] } else { [30, 60, 150] };
            let setting = set(0.05 * w * grown, Weight::Bold, colour, 0.18 + 0.4 * strength);
            tiled(&mut canvas, &fonts, words, &setting, w, h);
        }
    }
    Ok(DynamicImage::ImageRgba8(canvas).into_rgb8())
}

fn set(em: f32, weight: Weight, colour: [u8; 3], opacity: f32) -> Setting {
    Setting { em, tracking: em * 0.06, weight, colour, opacity }
}

/// The same words in slanting rows over the whole picture.
fn tiled(canvas: &mut RgbaImage, fonts: &Fonts, words: &str, setting: &Setting, w: f32, h: f32) {
    const SLANT: f32 = 0.32;
    let solid = Setting { opacity: 1.0, ..*setting };
    let width = font::width(fonts, words, &solid);
    let (tw, th) = ((width + 2.0) as u32, (setting.em * 1.3) as u32);
    let mut line = RgbaImage::from_pixel(tw, th, Rgba([0, 0, 0, 255]));
    font::paint(&mut line, fonts, words, &Setting { colour: [255; 3], ..solid }, 1.0, 0.1 * setting.em);
    let (sin, cos) = SLANT.sin_cos();
    let (step_x, step_y) = (width + 2.5 * setting.em, 4.2 * setting.em);
    for y in 0..h as u32 {
        for x in 0..w as u32 {
            let (u, v) = (x as f32 * cos - y as f32 * sin, x as f32 * sin + y as f32 * cos);
            let row = (v / step_y).floor();
            let u = (u + row * 0.5 * step_x).rem_euclid(step_x);
            let v = v - row * step_y;
            if u < tw as f32 - 1.0 && v < th as f32 - 1.0 {
                let cover = f32::from(line.get_pixel(u as u32, v as u32).0[0]) / 255.0;
                let pixel = canvas.get_pixel_mut(x, y);
                let mixed =
                    font::mix([pixel[0], pixel[1], pixel[2]], setting.colour, cover * setting.opacity);
                (pixel[0], pixel[1], pixel[2]) = (mixed[0], mixed[1], mixed[2]);
            }
        }
    }
}
