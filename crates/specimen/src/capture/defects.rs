//! What lies on a drawn card, what it is a copy of, and what was changed in its picture afterwards.

use image::{Rgba, RgbaImage};
use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::{CardScene, View, hash, sample, value_noise};
use crate::card::{CardArt, HEIGHT_MM, WIDTH_MM};
use crate::font::{self, Fonts, Setting, Weight};

/// The middle of one of the longer printed values, in millimetres from the card's upper left corner, with its width and height.
fn value(art: &CardArt, rng: &mut ChaCha8Rng) -> [f32; 4] {
    let wide: Vec<_> = art.texts.iter().filter(|t| t.area[2] > 8.0).collect();
    if wide.is_empty() {
        return [20.0, 20.0, 20.0, 5.0];
    }
    wide[rng.random_range(0..wide.len())].area
}

/// A blown-out highlight: an ellipse in millimetres from the card's centre.
pub(super) struct Glare {
    centre: (f32, f32),
    radii: (f32, f32),
}

impl Glare {
    /// Puts the highlight on the middle of one of the printed values.
    pub fn over(art: &CardArt, strength: f32, rng: &mut ChaCha8Rng) -> Glare {
        let [left, top, width, height] = value(art, rng);
        let along = rng.random_range(0.35..0.65);
        let radii = (rng.random_range(7.0..12.0), rng.random_range(4.0..7.0f32));
        Glare {
            centre: (left + along * width - WIDTH_MM / 2.0, top + height / 2.0 - HEIGHT_MM / 2.0),
            radii: (radii.0 * strength.max(0.05), radii.1 * strength.max(0.05)),
        }
    }

    /// Light added at a place on the table, 0 none, 1 enough to turn black into white.
    pub fn at(&self, x: f32, y: f32) -> f32 {
        let r = ((x - self.centre.0) / self.radii.0).hypot((y - self.centre.1) / self.radii.1);
        if r < 0.8 { 1.2 } else { 1.2 * (-((r - 0.8) / 0.35).powi(2)).exp() }
    }
}

/// A finger that reaches from outside the card over one of its printed values.
pub(super) struct Finger {
    /// The middle of the fingertip's curve and a place far outside, in millimetres from the card's centre.
    tip: (f32, f32),
    root: (f32, f32),
    radius: f32,
    skin: [f32; 3],
}

/// From pale to dark, sRGB.
const SKINS: [[f32; 3]; 4] =
    [[232.0, 190.0, 168.0], [214.0, 166.0, 138.0], [178.0, 128.0, 98.0], [120.0, 82.0, 62.0]];

impl Finger {
    /// A finger of 14 to 20 mm from the nearest long edge, or from a corner; at strength 0 its tip only touches the edge, at 1 it lies
    /// on the value.
    pub fn over(art: &CardArt, strength: f32, rng: &mut ChaCha8Rng) -> Finger {
        let [left, top, width, height] = value(art, rng);
        let target = (
            left + rng.random_range(0.3..0.7) * width - WIDTH_MM / 2.0,
            top + height / 2.0 - HEIGHT_MM / 2.0,
        );
        let edge = if target.1 > 0.0 { HEIGHT_MM / 2.0 } else { -HEIGHT_MM / 2.0 };
        let root = (target.0 + rng.random_range(-25.0..25.0), edge * 4.0);
        let radius = rng.random_range(7.0..10.0);
        let share = (edge - target.1) / (root.1 - target.1);
        let touching = (target.0 + (root.0 - target.0) * share, edge + edge.signum() * radius);
        let at = |a: f32, b: f32| a + (b - a) * strength;
        let tip = (at(touching.0, target.0), at(touching.1, target.1));
        Finger { tip, root, radius, skin: SKINS[rng.random_range(0..SKINS.len())] }
    }

    /// Its colour at a place in millimetres from the card's centre, with how much of it is there; and how much of the light it takes
    /// from what is below.
    pub fn at(&self, x: f32, y: f32) -> ([f32; 3], f32, f32) {
        let (dx, dy) = (self.root.0 - self.tip.0, self.root.1 - self.tip.1);
        let length = dx.hypot(dy).max(1e-3);
        let (ux, uy) = (dx / length, dy / length);
        let (px, py) = (x - self.tip.0, y - self.tip.1);
        let along = (px * ux + py * uy).clamp(0.0, length);
        let from_axis = (px - along * ux).hypot(py - along * uy);
        let across = px * -uy + py * ux;
        let cover = ((self.radius - from_axis) / 0.15 + 0.5).clamp(0.0, 1.0);
        let shade = 1.0 - 0.35 * (from_axis / self.radius).min(1.0).powi(3);
        // The nail lies on the end, the creases behind it.
        let nail = (((along - 1.0) / (0.75 * self.radius)).hypot(across / (0.62 * self.radius)) < 1.0)
            && px * ux + py * uy > -0.6 * self.radius;
        let crease = if (along / self.radius - 2.6).abs() < 0.08 { 0.88 } else { 1.0 };
        let colour = self.skin.map(|c| {
            let c = if nail { c * 0.8 + 50.0 } else { c };
            (c * shade * crease).min(255.0)
        });
        let shadow = 0.4 * (1.0 - ((from_axis - self.radius) / 4.0).clamp(0.0, 1.0));
        (colour, cover, shadow)
    }
}

/// The card's colour as a copying machine prints it: grey, pale tints gone, dust of toner. At strength 0 nothing changes.
pub(super) fn photocopied(colour: [f32; 3], seed: u64, x: f32, y: f32, strength: f32) -> [f32; 3] {
    let grey = 0.3 * colour[0] + 0.59 * colour[1] + 0.11 * colour[2];
    let contrast = ((grey - 60.0) * 1.35).clamp(18.0, 243.0);
    let dust = if value_noise(seed + 7, x * 3.1, y * 3.1) > 0.93 { 0.8 } else { 1.0 };
    let toner = 1.0 + 0.05 * (value_noise(seed + 8, x * 9.0, y * 9.0) - 0.5);
    colour.map(|c| c + (contrast * dust * toner - c) * strength)
}

/// A screen that shows the card: stripes of its three colours and the gaps between its rows.
pub(super) struct Screen {
    /// Length of a pixel in millimetres.
    pitch: f32,
    turn: (f32, f32),
    depth: f32,
    ground: [f32; 3],
}

impl Screen {
    /// A monitor's or a laptop's screen of 90 to 170 pixels an inch; at strength 0 its pixels do not show.
    pub fn showing(strength: f32, rng: &mut ChaCha8Rng) -> Screen {
        let angle = rng.random_range(-6.0..6.0f32).to_radians();
        let ground = [[16.0, 16.0, 18.0], [244.0, 245.0, 247.0], [58.0, 62.0, 70.0]];
        Screen {
            pitch: rng.random_range(0.15..0.28),
            turn: (angle.cos(), angle.sin()),
            depth: 0.75 * strength,
            ground: ground[rng.random_range(0..ground.len())],
        }
    }

    /// A colour as the screen shows it at a place in millimetres; `None` is what it shows around the card.
    pub fn lit(&self, colour: Option<[f32; 3]>, x: f32, y: f32) -> [f32; 3] {
        let u = (x * self.turn.0 + y * self.turn.1) / self.pitch;
        let v = (y * self.turn.0 - x * self.turn.1) / self.pitch;
        let row = 1.0 - 0.5 * self.depth * (0.5 + 0.5 * (std::f32::consts::TAU * v).cos()).powi(4);
        let colour = colour.unwrap_or(self.ground);
        std::array::from_fn(|c| {
            let stripe = 0.5 + 0.5 * (std::f32::consts::TAU * (u - c as f32 / 3.0)).cos();
            // A screen is seen a little colder than paper.
            let tint = [0.97, 1.0, 1.03][c];
            colour[c] * tint * row * (1.0 - self.depth * (1.0 - stripe))
        })
    }
}

/// A patch of plain colour with fresh print, laid over a value after the picture was taken.
pub(super) struct Edit {
    /// Left, top, right, bottom in millimetres on the card.
    area: [f32; 4],
    /// The print, transparent between its strokes, at the art's resolution.
    print: RgbaImage,
    per_mm: f32,
}

impl Edit {
    /// Sets one of the printed values anew, in the same size.
    ///
    /// `None` where the fonts are not installed.
    pub fn over(art: &CardArt, rng: &mut ChaCha8Rng) -> Option<Edit> {
        let fonts = Fonts::open().ok()?;
        let wide: Vec<_> = art.texts.iter().filter(|t| t.area[2] > 8.0).collect();
        let text = *wide.get(rng.random_range(0..wide.len().max(1)))?;
        let [left, top, width, height] = text.area;
        let area = [left - 0.8, top - 0.7, left + width + 0.8, top + height + 0.7];
        let per_mm = art.pixels.width() as f32 / WIDTH_MM;
        let size = [area[2] - area[0], area[3] - area[1]].map(|mm| (mm * per_mm).ceil() as u32);
        let mut print = RgbaImage::from_pixel(size[0], size[1], Rgba([255, 255, 255, 255]));
        let number = text.field == "number";
        let setting = Setting {
            em: height * per_mm,
            tracking: if number { 0.62 * per_mm } else { 0.0 },
            weight: if number { Weight::Bold } else { Weight::Regular },
            colour: [0, 0, 0],
            opacity: 1.0,
        };
        font::paint(&mut print, &fonts, &text.text, &setting, 0.8 * per_mm, 0.7 * per_mm);
        Some(Edit { area, print, per_mm })
    }

    /// Lays the patch over the finished picture. Its ground is the mean colour around it; at strength 1 it has neither noise nor blur, at 0
    /// as much of both as the picture.
    pub fn lay(
        &self,
        picture: &mut image::RgbImage,
        scene: &CardScene,
        view: &View,
        strength: f32,
        sigma: f32,
    ) {
        let back = view.inverse();
        let [left, top, right, bottom] = self.area;
        let place = |px: u32, py: u32| {
            let (x, y) = back.apply(px as f32 + 0.5, py as f32 + 0.5);
            (x + WIDTH_MM / 2.0, y + HEIGHT_MM / 2.0)
        };
        let beyond = |(x, y): (f32, f32)| (left - x).max(x - right).max(top - y).max(y - bottom);
        let corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
            .map(|(x, y)| view.apply(x - WIDTH_MM / 2.0, y - HEIGHT_MM / 2.0));
        let bound = |values: [f32; 4], most: u32| {
            let low = values.iter().copied().fold(f32::MAX, f32::min) - 20.0;
            let high = values.iter().copied().fold(f32::MIN, f32::max) + 20.0;
            (low.max(0.0) as u32).min(most)..(high.max(0.0) as u32).min(most)
        };
        let (columns, rows) =
            (bound(corners.map(|c| c.0), picture.width()), bound(corners.map(|c| c.1), picture.height()));
        let (mut sum, mut count) = ([0.0f32; 3], 0.0f32);
        for py in rows.clone() {
            for px in columns.clone() {
                let away = beyond(place(px, py));
                let pixel = picture.get_pixel(px, py);
                if away > 0.0 && away < 0.8 {
                    (0..3).for_each(|c| sum[c] += f32::from(pixel[c]));
                    count += 1.0;
                }
            }
        }
        let ground = sum.map(|s| s / count.max(1.0));
        // The strokes are as soft as so many millimetres.
        let soft = sigma * (1.0 - strength) * self.per_mm;
        let print =
            if soft > 0.3 { image::imageops::fast_blur(&self.print, soft) } else { self.print.clone() };
        for py in rows {
            for px in columns.clone() {
                let (x, y) = place(px, py);
                if beyond((x, y)) > 0.0 {
                    continue;
                }
                let [ink, ..] = sample(&print, (x - left) * self.per_mm, (y - top) * self.per_mm);
                let grain = (hash(scene.seed + 9, px as i32, py as i32) - 0.5) * 3.46 * scene.noise;
                let pixel = picture.get_pixel_mut(px, py);
                for c in 0..3 {
                    let paper = ground[c] * (0.08 + 0.92 * ink / 255.0);
                    pixel[c] = (paper + grain * (1.0 - strength)).round().clamp(0.0, 255.0) as u8;
                }
            }
        }
    }
}
