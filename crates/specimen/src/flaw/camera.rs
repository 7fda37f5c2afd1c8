//! A camera set wrongly, held wrongly, or its picture resized wrongly.

use image::{
    RgbImage,
    imageops::{self, FilterType},
};

use super::raster::{byte, linear, map};
use crate::portrait::{Landmarks, Portrait};

/// The face at a brightness of 70 down to 20 of 255.
pub(super) fn too_dark(picture: &Portrait, strength: f32) -> RgbImage {
    exposed(picture, (70.0 - 50.0 * strength) / 255.0)
}

/// The face brighter than white: 1.0 to 1.5 of the largest value before it is cut off.
pub(super) fn too_bright(picture: &Portrait, strength: f32) -> RgbImage {
    exposed(picture, 1.0 + 0.5 * strength)
}

/// The picture with its face's mean at `target`, coded 0 to 1.
fn exposed(picture: &Portrait, target: f32) -> RgbImage {
    let gain = target * target / face_light(picture).max(1e-3);
    map(&picture.pixels, |_, _, p| p.map(|v| byte(linear(v) * gain)))
}

/// Mean luminance between eyes and mouth, linear.
fn face_light(picture: &Portrait) -> f32 {
    let l = &picture.truth.landmarks;
    let (left, right) = (l.left_eye.0 as u32, l.right_eye.0 as u32);
    let (top, bottom) = (l.left_eye.1 as u32, l.mouth_left.1 as u32);
    let (mut sum, mut count) = (0.0, 0.0f32);
    for y in (top..bottom).step_by(3) {
        for x in (left..right).step_by(3) {
            if let Some(p) = picture.pixels.get_pixel_checked(x, y) {
                let [r, g, b] = p.0.map(linear);
                sum += 0.2126 * r + 0.7152 * g + 0.0722 * b;
                count += 1.0;
            }
        }
    }
    sum / count.max(1.0)
}

/// Shrunk until the face is 260 down to 60 pixels wide.
pub(super) fn too_small(picture: &Portrait, strength: f32) -> RgbImage {
    let by = (260.0 - 200.0 * strength) / picture.truth.landmarks.face_width().max(1.0);
    resized(&picture.pixels, by)
}

/// Cut between the hair's top and, at full strength, the middle of the forehead.
pub(super) fn cut_off(picture: &Portrait, strength: f32) -> RgbImage {
    let Landmarks { hair_top, left_eye, .. } = picture.truth.landmarks;
    let top = (hair_top.1 + 0.6 * strength * (left_eye.1 - hair_top.1)).max(0.0) as u32;
    let (w, h) = picture.pixels.dimensions();
    imageops::crop_imm(&picture.pixels, 0, top.min(h - 1), w, h - top.min(h - 1)).to_image()
}

fn resized(pixels: &RgbImage, by: f32) -> RgbImage {
    let side = |n: u32| ((n as f32 * by).round() as u32).max(1);
    let (w, h) = pixels.dimensions();
    imageops::resize(pixels, side(w), side(h), FilterType::CatmullRom)
}
