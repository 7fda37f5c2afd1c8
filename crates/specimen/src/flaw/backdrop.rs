//! What stands before the wall, behind the person.

use image::{RgbImage, imageops};
use rand::{Rng, seq::IndexedRandom};
use rand_chacha::ChaCha8Rng;
use tiny_skia::{Color, FillRule, Paint, PathBuilder, Pixmap, Rect, Shader, Transform};

use super::raster::{Field, byte, linear, map};
use crate::{
    looks::{Looks, Sex},
    portrait::{Portrait, PortraitScene, portrait},
};

/// Sets `behind` (with its own cover, 0 to 1) between the wall and the person: what the pixel shows of the wall, it now shows of
/// that.
fn put_behind(picture: &Portrait, behind: impl Fn(u32, u32) -> ([f32; 3], f32) + Sync) -> RgbImage {
    let alpha = &picture.truth.alpha;
    let wall = picture.truth.wall.map(linear);
    map(&picture.pixels, |x, y, p| {
        let open = 1.0 - f32::from(alpha.get_pixel(x, y).0[0]) / 255.0;
        if open <= 0.0 {
            return p;
        }
        let (light, cover) = behind(x, y);
        std::array::from_fn(|c| {
            let own = linear(p[c]);
            // Where the person covers part of the pixel, the wall's share is not seen by itself.
            let shown = if open > 0.99 { own } else { wall[c] };
            // Alpha is told in 255 steps and the wall by one colour: the rim must not become darker than both sides of it.
            byte((own + open * cover * (light[c] - shown)).max(own.min(light[c])))
        })
    })
}

/// A thing beside the head: a shelf's end, a picture on the wall, a lamp, a door's edge, a coat; larger with strength.
pub(super) fn thing(picture: &Portrait, strength: f32, rng: &mut ChaCha8Rng) -> RgbImage {
    let (w, h) = picture.pixels.dimensions();
    let marks = &picture.truth.landmarks;
    let face = marks.face_width();
    let head = (marks.nose_tip.0, (marks.hair_top.1 + marks.chin.1) / 2.0);
    let Some(mut layer) = Pixmap::new(w, h) else { return picture.pixels.clone() };
    let side = if rng.random_bool(0.5) { 1.0f32 } else { -1.0 };
    let size = (0.22 + 0.5 * strength) * face;
    let x = head.0 + side * (0.76 + 0.16 * rng.random::<f32>()) * face;
    let y = head.1 + rng.random_range(-0.8..0.3f32) * face;
    let mut tone = || {
        let base: f32 = rng.random_range(0.12..0.6);
        let mut part = || (base * rng.random_range(0.6..1.35f32)).min(1.0);
        let (r, g, b) = (part(), part(), part());
        Color::from_rgba(r, g, b, 1.0).unwrap_or(Color::BLACK)
    };
    let (first, second, third) = (tone(), tone(), tone());
    let mut bar = |x: f32, y: f32, bw: f32, bh: f32, colour: Color| {
        if let Some(rect) = Rect::from_xywh(x, y, bw.max(1.0), bh.max(1.0)) {
            layer.fill_rect(rect, &paint(colour), Transform::identity(), None);
        }
    };
    match rng.random_range(0..5u8) {
        0 => {
            // A shelf's end with books.
            let left = if side > 0.0 { x } else { x - size };
            bar(left, y - size, size, 2.4 * size, first);
            for k in 0..6 {
                let colour = if k % 2 == 0 { second } else { third };
                bar(
                    left + 0.1 * size,
                    y - 0.85 * size + 0.36 * size * k as f32,
                    0.8 * size,
                    0.22 * size,
                    colour,
                );
            }
        }
        1 => {
            bar(x - 0.5 * size, y - 0.65 * size, size, 1.3 * size, first);
            bar(x - 0.42 * size, y - 0.57 * size, 0.84 * size, 1.14 * size, second);
            bar(x - 0.2 * size, y - 0.2 * size, 0.4 * size, 0.5 * size, third);
        }
        2 => {
            // A door's edge from top to bottom.
            let from = if side > 0.0 { x } else { 0.0 };
            bar(from, 0.0, if side > 0.0 { w as f32 - x } else { x }, h as f32, first);
            bar(x - 0.06 * size, 0.0, 0.12 * size, h as f32, second);
        }
        3 => {
            let mut path = PathBuilder::new();
            path.push_circle(x, y, 0.45 * size);
            if let Some(path) = path.finish() {
                layer.fill_path(&path, &paint(first), FillRule::Winding, Transform::identity(), None);
            }
        }
        _ => {
            let mut path = PathBuilder::new();
            path.move_to(x - 0.1 * size, y - 0.7 * size);
            path.quad_to(x + 0.7 * size, y - 0.2 * size, x + 0.5 * size, y + 1.6 * size);
            path.line_to(x - 0.5 * size, y + 1.6 * size);
            path.quad_to(x - 0.7 * size, y - 0.2 * size, x - 0.1 * size, y - 0.7 * size);
            if let Some(path) = path.finish() {
                layer.fill_path(&path, &paint(second), FillRule::Winding, Transform::identity(), None);
            }
        }
    }
    let near = Field::from_fn(w as usize, h as usize, |x, y| {
        layer.pixel(x as u32, y as u32).map_or(0.0, |p| f32::from(p.alpha()) / 255.0)
    });
    put_behind(picture, |x, y| {
        let cover = near.at(x as usize, y as usize);
        let seen = layer.pixel(x, y).map_or([0; 3], |p| {
            let p = p.demultiply();
            [p.red(), p.green(), p.blue()]
        });
        (seen.map(linear), cover)
    })
}

fn paint(colour: Color) -> Paint<'static> {
    Paint { shader: Shader::SolidColor(colour), anti_alias: true, ..Paint::default() }
}

/// Somebody else further back, half hidden behind the person; nearer and larger with strength.
pub(super) fn bystander(picture: &Portrait, strength: f32, rng: &mut ChaCha8Rng) -> RgbImage {
    let (w, h) = picture.pixels.dimensions();
    let sex = if rng.random_bool(0.5) { Sex::Female } else { Sex::Male };
    let looks = Looks::from_seed(rng.random(), sex, rng.random_range(20..60));
    let share = 0.45 + 0.3 * strength;
    let (ow, oh) = ((w as f32 * share) as u32, (h as f32 * share) as u32);
    let other = portrait(&looks, &PortraitScene::clean(rng.random()).sized(ow, oh));
    let (ow, oh) = other.pixels.dimensions();
    // Out of focus, as somebody behind is.
    let blur = 0.0025 * w as f32;
    let (soft, cover) =
        (imageops::fast_blur(&other.pixels, blur), imageops::fast_blur(&other.truth.alpha, blur));
    let marks = &picture.truth.landmarks;
    let face = marks.face_width();
    let side = if rng.random_bool(0.5) { 1.0f32 } else { -1.0 };
    let middle = marks.nose_tip.0 + side * (0.7 + 0.2 * rng.random::<f32>()) * face;
    // The hair's top at the height of the person's eyes or a little above.
    let level = marks.left_eye.1 - rng.random_range(0.0..0.35f32) * face;
    let (left, top) = (middle as i64 - i64::from(ow) / 2, (level - other.truth.landmarks.hair_top.1) as i64);
    put_behind(picture, |x, y| {
        let (u, v) = (i64::from(x) - left, i64::from(y) - top);
        // Below its own frame the body goes on.
        let v = v.min(i64::from(oh) - 1);
        if u < 0 || v < 0 || u >= i64::from(ow) {
            return ([0.0; 3], 0.0);
        }
        let (u, v) = (u as u32, v as u32);
        (soft.get_pixel(u, v).0.map(linear), f32::from(cover.get_pixel(u, v).0[0]) / 255.0)
    })
}

/// The shadow that a lamp or flash beside the camera throws: the person's outline, shifted, its edge fairly hard.
pub(super) fn shadow(picture: &Portrait, strength: f32, rng: &mut ChaCha8Rng) -> RgbImage {
    let face = picture.truth.landmarks.face_width();
    let side = *[-1.0f32, 1.0].choose(rng).unwrap_or(&1.0);
    let shift = (side * rng.random_range(0.16..0.34f32) * face, rng.random_range(0.0..0.14f32) * face);
    let softness = (rng.random_range(0.012..0.04f32) * face) as usize + 1;
    let outline = Field::of_alpha(&picture.truth.alpha).blurred(softness);
    let depth = 0.12 + 0.5 * strength;
    let wall = picture.truth.wall.map(linear);
    map(&picture.pixels, |x, y, p| {
        let open = 1.0 - f32::from(picture.truth.alpha.get_pixel(x, y).0[0]) / 255.0;
        let dark = depth * outline.near(i64::from(x) - shift.0 as i64, i64::from(y) - shift.1 as i64);
        std::array::from_fn(|c| {
            let own = linear(p[c]);
            let shown = if open > 0.99 { own } else { wall[c] };
            byte(own - open * shown * dark)
        })
    })
}

/// Hair piled up on the head: its top, from the eyes, at 1.2 up to 2 widths of the face.
pub(super) fn tall_hair(picture: &Portrait, strength: f32, rng: &mut ChaCha8Rng) -> RgbImage {
    let marks = &picture.truth.landmarks;
    let face = marks.face_width();
    let eyes = (marks.left_eye.1 + marks.right_eye.1) / 2.0;
    let middle = (marks.face_left.0 + marks.face_right.0) / 2.0;
    let tall = (1.2 + 0.8 * strength) * face;
    // Hair of the person's own colour, as it is a little under its top.
    let (x, y) = (marks.hair_top.0 as u32, (marks.hair_top.1 + 0.06 * face) as u32);
    let own = picture.pixels.get_pixel_checked(x, y).map_or([0.02; 3], |p| p.0.map(linear));
    let phase: f32 = rng.random_range(0.0..6.0);
    put_behind(picture, |x, y| {
        let (u, v) = ((x as f32 - middle) / (0.72 * face), (eyes - y as f32) / tall);
        let inside = 1.0 - (u.abs().powf(2.4) + (2.0 * v - 1.0).abs().powf(2.4));
        let strand = (u * 60.0 + (v * 9.0 + phase).sin() * 3.0).sin();
        let light = 0.8 + 0.25 * strand + 0.4 * (1.0 - u * u);
        let cover = if v > 0.0 { (inside * 14.0).clamp(0.0, 1.0) } else { 0.0 };
        (own.map(|c| c * light), cover)
    })
}
