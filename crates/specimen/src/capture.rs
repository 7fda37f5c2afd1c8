//! Photographs a drawn card lying on a table, as a phone would: perspective, light, shadow, blur, noise, JPEG; with the truth.

use image::{RgbImage, RgbaImage};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use crate::card::{CardArt, HEIGHT_MM, PrintedText, Side, WIDTH_MM};

/// What can be wrong with the capture of a card. Swapped sides and an expired card need no picture of their own: capture the other
/// side, or [`crate::people::Person::expired`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CardDefect {
    /// A tenth to a third of the card lies outside the picture.
    Cropped,
    /// A blown-out highlight over printed values.
    Glare,
    /// Out of focus beyond reading.
    Blur,
}

/// What the card lies on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Table {
    /// Boards with grain.
    Wood,
    /// Woven cloth.
    Cloth,
    /// One colour, dark to light.
    Plain,
}

/// How the card is photographed. All fields are public: a test takes a drawn scene and changes what it is about.
#[derive(Debug, Clone)]
pub struct CardScene {
    /// The seed that draws textures and noise.
    pub seed: u64,
    /// Width of the picture in pixels.
    pub width: u32,
    /// Height of the picture in pixels.
    pub height: u32,
    /// How much of the picture's width (or height, whichever binds) the card fills, 0.4 to 0.95.
    pub fill: f32,
    /// Tilt about the card's vertical axis, degrees.
    pub yaw: f32,
    /// Tilt about the card's horizontal axis, degrees.
    pub pitch: f32,
    /// Turn within the picture, degrees clockwise.
    pub roll: f32,
    /// Further quarter turns clockwise.
    pub quarter_turns: u8,
    /// Shift of the card's middle from the picture's, as fractions of the picture's width and height.
    pub shift: (f32, f32),
    /// What the card lies on.
    pub table: Table,
    /// The table's colour.
    pub table_colour: [u8; 3],
    /// Colour of the light: -1 cold, 1 warm.
    pub warmth: f32,
    /// Brightness of white paper in the best-lit place, 0 to 1 (beyond 1 it clips).
    pub exposure: f32,
    /// How much darker the far side of the picture is, 0 to 1.
    pub falloff: f32,
    /// Standard deviation of the lens blur in pixels of a picture 4000 pixels long.
    pub blur: f32,
    /// Standard deviation of the sensor noise in grey levels.
    pub noise: f32,
    /// Quality of the JPEG, 1 to 100.
    pub jpeg_quality: u8,
    /// What is wrong with it.
    pub defect: Option<CardDefect>,
}

impl CardScene {
    /// A 12-megapixel scene without a defect, everything else drawn from the seed.
    pub fn clean(seed: u64) -> CardScene {
        let mut rng = ChaCha8Rng::seed_from_u64(seed ^ 0x0063_6172_6473);
        let upright = rng.random_bool(0.3);
        let (width, height) = if upright { (3000, 4000) } else { (4000, 3000) };
        let table = [Table::Wood, Table::Cloth, Table::Plain][rng.random_range(0..3)];
        let tones = match table {
            Table::Wood => WOODS,
            Table::Cloth => CLOTHS,
            Table::Plain => PLAINS,
        };
        // Yaw and pitch share the allowance of 20 degrees.
        let (tilt, towards) = (rng.random_range(0.0..20.0f32), rng.random_range(0.0..std::f32::consts::TAU));
        CardScene {
            seed,
            width,
            height,
            fill: rng.random_range(0.6..0.92),
            yaw: tilt * towards.cos(),
            pitch: tilt * towards.sin(),
            roll: rng.random_range(-15.0..15.0),
            quarter_turns: 0,
            shift: (rng.random_range(-0.05..0.05), rng.random_range(-0.05..0.05)),
            table,
            table_colour: tones[rng.random_range(0..tones.len())],
            warmth: rng.random_range(-1.0..1.0),
            exposure: rng.random_range(0.8..0.98),
            falloff: rng.random_range(0.0..0.4),
            blur: rng.random_range(0.5..1.6),
            noise: rng.random_range(1.0..5.0),
            jpeg_quality: rng.random_range(80..=95),
            defect: None,
        }
    }

    /// The clean scene of the seed with one defect.
    pub fn with_defect(seed: u64, defect: CardDefect) -> CardScene {
        CardScene { defect: Some(defect), ..CardScene::clean(seed) }
    }

    /// The same scene with the card turned clockwise by further quarter turns.
    pub fn turned(self, quarter_turns: u8) -> CardScene {
        CardScene { quarter_turns, ..self }
    }

    /// The same scene taken with fewer or more pixels.
    pub fn sized(self, width: u32, height: u32) -> CardScene {
        CardScene { width, height, ..self }
    }
}

/// A photograph of a card and what is true of it.
#[derive(Debug, Clone)]
pub struct CardCapture {
    /// The picture before JPEG.
    pub pixels: RgbImage,
    /// What is true of it.
    pub truth: CaptureTruth,
    /// Quality for [`CardCapture::jpeg`].
    pub jpeg_quality: u8,
}

/// What is true of a capture.
#[derive(Debug, Clone)]
pub struct CaptureTruth {
    /// Which side is seen.
    pub side: Side,
    /// The corners of the card as if they were not rounded, in pixels: top left, top right, bottom right, bottom left as one reads
    /// the card. They lie outside a picture that crops the card.
    pub corners: [(f32, f32); 4],
    /// The printed values.
    pub texts: Vec<PrintedText>,
    /// The planted defect.
    pub defect: Option<CardDefect>,
}

impl CardCapture {
    /// The file a phone would send: baseline JPEG, no EXIF. Empty when the picture is larger than JPEG allows.
    pub fn jpeg(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let encoder = jpeg_encoder::Encoder::new(&mut bytes, self.jpeg_quality);
        let (Ok(width), Ok(height)) =
            (u16::try_from(self.pixels.width()), u16::try_from(self.pixels.height()))
        else {
            return Vec::new();
        };
        match encoder.encode(self.pixels.as_raw(), width, height, jpeg_encoder::ColorType::Rgb) {
            Ok(()) => bytes,
            Err(_) => Vec::new(),
        }
    }
}

const WOODS: &[[u8; 3]] = &[[150, 104, 66], [112, 72, 44], [186, 146, 102], [84, 58, 42]];
const CLOTHS: &[[u8; 3]] = &[[48, 62, 96], [96, 98, 102], [58, 84, 66], [122, 52, 54], [30, 30, 34]];
const PLAINS: &[[u8; 3]] = &[[40, 42, 46], [104, 108, 112], [156, 160, 160], [176, 166, 148], [64, 88, 108]];

/// A pinhole camera above the card: the 3 × 3 matrix from millimetres on the table, card centre at the origin, to pixels.
struct View([[f32; 3]; 3]);

impl View {
    fn of(scene: &CardScene, fill: f32, shift: (f32, f32)) -> View {
        let turn = (scene.roll + 90.0 * f32::from(scene.quarter_turns % 4)).to_radians();
        let (sy, cy) = scene.yaw.to_radians().sin_cos();
        let (sp, cp) = scene.pitch.to_radians().sin_cos();
        let (sr, cr) = turn.sin_cos();
        // Yaw, then pitch, then roll of the plane z = 0: the first two columns of the rotation.
        let tilted = [[cy, 0.0], [sp * sy, cp], [-cp * sy, sp]];
        let x = |i: usize| cr * tilted[0][i] - sr * tilted[1][i];
        let y = |i: usize| sr * tilted[0][i] + cr * tilted[1][i];
        let distance = 260.0;
        let (w, h) = (scene.width as f32, scene.height as f32);
        let long = if scene.quarter_turns.is_multiple_of(2) { WIDTH_MM / w } else { HEIGHT_MM / w };
        let short = if scene.quarter_turns.is_multiple_of(2) { HEIGHT_MM / h } else { WIDTH_MM / h };
        let focal = fill / long.max(short) * distance;
        let (ox, oy) = (w * (0.5 + shift.0), h * (0.5 + shift.1));
        let depth = [tilted[2][0], tilted[2][1], distance];
        View([
            [focal * x(0) + ox * depth[0], focal * x(1) + ox * depth[1], ox * depth[2]],
            [focal * y(0) + oy * depth[0], focal * y(1) + oy * depth[1], oy * depth[2]],
            depth,
        ])
    }

    fn apply(&self, x: f32, y: f32) -> (f32, f32) {
        let m = &self.0;
        let at = |row: usize| m[row][0] * x + m[row][1] * y + m[row][2];
        (at(0) / at(2), at(1) / at(2))
    }

    fn corners(&self) -> [(f32, f32); 4] {
        let (w, h) = (WIDTH_MM / 2.0, HEIGHT_MM / 2.0);
        [(-w, -h), (w, -h), (w, h), (-w, h)].map(|(x, y)| self.apply(x, y))
    }

    fn inverse(&self) -> View {
        let m = &self.0;
        let minor = |r: usize, c: usize| {
            let (r1, r2, c1, c2) = ((r + 1) % 3, (r + 2) % 3, (c + 1) % 3, (c + 2) % 3);
            m[r1][c1] * m[r2][c2] - m[r1][c2] * m[r2][c1]
        };
        let determinant = (0..3).map(|c| m[0][c] * minor(0, c)).sum::<f32>();
        View(std::array::from_fn(|r| std::array::from_fn(|c| minor(c, r) / determinant)))
    }
}

/// Photographs the card.
pub fn capture(art: &CardArt, scene: &CardScene) -> CardCapture {
    let mut rng = ChaCha8Rng::seed_from_u64(scene.seed ^ 0x0073_6365_6e65);
    let view = place(scene, &mut rng);
    let corners = view.corners();
    let glare = (scene.defect == Some(CardDefect::Glare)).then(|| Glare::over(art, &mut rng));
    let mut pixels = expose(art, scene, &view, glare.as_ref());
    let long = scene.width.max(scene.height) as f32 / 4000.0;
    let sigma = match scene.defect {
        // Half a millimetre on the card, wider than two strokes.
        Some(CardDefect::Blur) => {
            0.5 * (corners[0].0 - corners[1].0).hypot(corners[0].1 - corners[1].1) / WIDTH_MM
        }
        _ => scene.blur * long,
    };
    pixels = blur(pixels, sigma);
    add_noise(&mut pixels, scene);
    CardCapture {
        pixels,
        truth: CaptureTruth { side: art.side, corners, texts: art.texts.clone(), defect: scene.defect },
        jpeg_quality: scene.jpeg_quality,
    }
}

/// Sets the camera so that the card is wholly in the picture with a margin, or, for a cropped one, a part of it is not.
fn place(scene: &CardScene, rng: &mut ChaCha8Rng) -> View {
    let (w, h) = (scene.width as f32, scene.height as f32);
    let (mut fill, mut shift) = (scene.fill, scene.shift);
    let mut view = View::of(scene, fill, shift);
    for _ in 0..60 {
        let margin = 0.025 * w.min(h);
        let inside = |&(x, y): &(f32, f32)| x > margin && y > margin && x < w - margin && y < h - margin;
        if view.corners().iter().all(inside) {
            break;
        }
        fill *= 0.97;
        shift = (shift.0 * 0.9, shift.1 * 0.9);
        view = View::of(scene, fill, shift);
    }
    if scene.defect == Some(CardDefect::Cropped) {
        let corners = view.corners();
        let (left, right) = bounds(corners.map(|c| c.0));
        let (top, bottom) = bounds(corners.map(|c| c.1));
        let part = rng.random_range(0.12..0.3);
        shift = match rng.random_range(0..4) {
            0 => (shift.0 - (left + part * (right - left)) / w, shift.1),
            1 => (shift.0 + (w - right + part * (right - left)) / w, shift.1),
            2 => (shift.0, shift.1 - (top + part * (bottom - top)) / h),
            _ => (shift.0, shift.1 + (h - bottom + part * (bottom - top)) / h),
        };
        view = View::of(scene, fill, shift);
    }
    view
}

fn bounds(values: [f32; 4]) -> (f32, f32) {
    values.iter().fold((f32::MAX, f32::MIN), |(low, high), &v| (low.min(v), high.max(v)))
}

/// A blown-out highlight: an ellipse in millimetres from the card's centre.
struct Glare {
    centre: (f32, f32),
    radii: (f32, f32),
}

impl Glare {
    /// Puts the highlight on the middle of one of the printed values.
    fn over(art: &CardArt, rng: &mut ChaCha8Rng) -> Glare {
        let wide: Vec<_> = art.texts.iter().filter(|t| t.area[2] > 8.0).collect();
        let [left, top, width, height] = if wide.is_empty() {
            [20.0, 20.0, 20.0, 5.0]
        } else {
            wide[rng.random_range(0..wide.len())].area
        };
        let along = rng.random_range(0.35..0.65);
        Glare {
            centre: (left + along * width - WIDTH_MM / 2.0, top + height / 2.0 - HEIGHT_MM / 2.0),
            radii: (rng.random_range(7.0..12.0), rng.random_range(4.0..7.0)),
        }
    }

    /// Light added at a place on the table, 0 none, 1 enough to turn black into white.
    fn at(&self, x: f32, y: f32) -> f32 {
        let r = ((x - self.centre.0) / self.radii.0).hypot((y - self.centre.1) / self.radii.1);
        if r < 0.8 { 1.2 } else { 1.2 * (-((r - 0.8) / 0.35).powi(2)).exp() }
    }
}

/// Light falling on the table, each channel a factor.
fn light(scene: &CardScene, x: f32, y: f32) -> [f32; 3] {
    let (w, h) = (scene.width as f32, scene.height as f32);
    let (fx, fy) = (x / w - 0.5, y / h - 0.5);
    let towards = hash(scene.seed, 1, 2) * std::f32::consts::TAU;
    let along = 0.5 + (fx * towards.cos() + fy * towards.sin()) / std::f32::consts::SQRT_2;
    let vignette = 1.0 - 0.35 * (fx * fx + fy * fy);
    let level = scene.exposure * (1.0 - scene.falloff * along) * vignette;
    [level * (1.0 + 0.05 * scene.warmth), level, level * (1.0 - 0.1 * scene.warmth)]
}

fn expose(art: &CardArt, scene: &CardScene, view: &View, glare: Option<&Glare>) -> RgbImage {
    let back = view.inverse();
    let corners = view.corners();
    let across = (corners[0].0 - corners[1].0).hypot(corners[0].1 - corners[1].1);
    // The art is brought near the capture's scale first, so that bilinear sampling below does not alias.
    let factor = across / art.pixels.width() as f32;
    let reduced = (factor < 0.7).then(|| {
        let to = |v: u32| (v as f32 * factor).round().max(1.0) as u32;
        image::imageops::resize(
            &art.pixels,
            to(art.pixels.width()),
            to(art.pixels.height()),
            image::imageops::FilterType::Triangle,
        )
    });
    let card = reduced.as_ref().unwrap_or(&art.pixels);
    let per_mm = card.width() as f32 / WIDTH_MM;
    let mut pixels = RgbImage::new(scene.width, scene.height);
    pixels.par_chunks_exact_mut(scene.width as usize * 3).enumerate().for_each(|(row, line)| {
        for (column, pixel) in line.chunks_exact_mut(3).enumerate() {
            let (px, py) = (column as f32 + 0.5, row as f32 + 0.5);
            let (x, y) = back.apply(px, py);
            let (cx, cy) = ((x + WIDTH_MM / 2.0) * per_mm, (y + HEIGHT_MM / 2.0) * per_mm);
            let [r, g, b, a] = sample(card, cx, cy);
            let mut colour = [r, g, b];
            if a < 1.0 {
                let under = table(scene, x, y);
                let shade = 1.0 - 0.45 * shadow(x - 0.5, y - 0.7);
                for i in 0..3 {
                    colour[i] = colour[i] * a + under[i] * shade * (1.0 - a);
                }
            }
            let lit = light(scene, px, py);
            let extra = glare.map_or(0.0, |g| g.at(x, y)) * 255.0;
            for i in 0..3 {
                pixel[i] = (colour[i] * lit[i] + extra).clamp(0.0, 255.0) as u8;
            }
        }
    });
    pixels
}

/// How far a place is in the card's soft shadow, 0 to 1; (x, y) is relative to the shadow's centre.
fn shadow(x: f32, y: f32) -> f32 {
    let (dx, dy) = ((x.abs() - WIDTH_MM / 2.0 + 1.0).max(0.0), (y.abs() - HEIGHT_MM / 2.0 + 1.0).max(0.0));
    (1.0 - dx.hypot(dy) / 2.6).clamp(0.0, 1.0)
}

/// Bilinear sample; colour 0 to 255 not multiplied by alpha, alpha 0 to 1; transparent outside.
fn sample(picture: &RgbaImage, x: f32, y: f32) -> [f32; 4] {
    let (w, h) = (picture.width() as i32, picture.height() as i32);
    let (x, y) = (x - 0.5, y - 0.5);
    let (left, top) = (x.floor() as i32, y.floor() as i32);
    if left < -1 || top < -1 || left >= w || top >= h {
        return [0.0; 4];
    }
    let (fx, fy) = (x - left as f32, y - top as f32);
    let mut sum = [0.0; 4];
    for (dx, dy, weight) in
        [(0, 0, (1.0 - fx) * (1.0 - fy)), (1, 0, fx * (1.0 - fy)), (0, 1, (1.0 - fx) * fy), (1, 1, fx * fy)]
    {
        let (sx, sy) = ((left + dx).clamp(0, w - 1), (top + dy).clamp(0, h - 1));
        let within = left + dx == sx && top + dy == sy;
        let pixel = picture.get_pixel(sx as u32, sy as u32);
        for i in 0..3 {
            sum[i] += f32::from(pixel[i]) * weight;
        }
        sum[3] += if within { f32::from(pixel[3]) / 255.0 * weight } else { 0.0 };
    }
    sum
}

/// Colour of the table at a place in millimetres.
fn table(scene: &CardScene, x: f32, y: f32) -> [f32; 3] {
    let base = scene.table_colour.map(f32::from);
    let factor = match scene.table {
        Table::Plain => 1.0 + 0.05 * (value_noise(scene.seed, x * 4.0, y * 4.0) - 0.5),
        Table::Cloth => {
            let weave = (x * 5.2).sin() * (y * 5.2).sin();
            1.0 + 0.16 * weave + 0.25 * (value_noise(scene.seed, x * 0.9, y * 0.9) - 0.5)
        }
        Table::Wood => {
            let wander = value_noise(scene.seed, x * 0.02, y * 0.08) * 6.0;
            let rings = ((y * 0.5 + wander) * 2.2).sin();
            let grain = value_noise(scene.seed + 1, x * 0.12, y * 3.0) - 0.5;
            1.0 + 0.12 * rings + 0.3 * grain
        }
    };
    base.map(|c| (c * factor).clamp(0.0, 255.0))
}

/// 0 to 1 from a lattice place.
fn hash(seed: u64, x: i32, y: i32) -> f32 {
    let mut h = seed
        ^ (x as u32 as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15)
        ^ (y as u32 as u64).wrapping_mul(0xc2b2_ae3d_27d4_eb4f);
    h = (h ^ (h >> 31)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    h ^= h >> 33;
    (h & 0x00ff_ffff) as f32 / 16_777_216.0
}

/// Smooth noise, 0 to 1, one bump per unit.
fn value_noise(seed: u64, x: f32, y: f32) -> f32 {
    let (ix, iy) = (x.floor(), y.floor());
    let ease = |t: f32| t * t * (3.0 - 2.0 * t);
    let (fx, fy) = (ease(x - ix), ease(y - iy));
    let at = |dx: i32, dy: i32| hash(seed, ix as i32 + dx, iy as i32 + dy);
    let top = at(0, 0) + (at(1, 0) - at(0, 0)) * fx;
    let bottom = at(0, 1) + (at(1, 1) - at(0, 1)) * fx;
    top + (bottom - top) * fy
}

fn blur(picture: RgbImage, sigma: f32) -> RgbImage {
    if sigma < 0.2 { picture } else { image::imageops::fast_blur(&picture, sigma) }
}

fn add_noise(picture: &mut RgbImage, scene: &CardScene) {
    let width = scene.width as usize * 3;
    picture.par_chunks_exact_mut(width).enumerate().for_each(|(row, line)| {
        let mut state = scene.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ ((row as u64 + 1) << 20);
        for value in line {
            // The sum of four uniform bytes is near enough to a normal variable: mean 510, standard deviation 147.8.
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            let sum: u32 = (state as u32).to_le_bytes().iter().map(|&b| u32::from(b)).sum();
            let offset = (sum as f32 - 510.0) / 147.8 * scene.noise;
            *value = (f32::from(*value) + offset).round().clamp(0.0, 255.0) as u8;
        }
    });
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::card::emblem_side;
    use crate::people::Person;

    fn inside(truth: &CaptureTruth, width: f32, height: f32) -> bool {
        truth.corners.iter().all(|&(x, y)| x > 0.0 && y > 0.0 && x < width && y < height)
    }

    #[test]
    fn a_clean_card_is_whole_and_a_cropped_one_is_not() {
        let art = emblem_side(&Person::from_seed(3)).unwrap();
        for seed in 0..12 {
            let scene = CardScene::clean(seed).sized(400, 300).turned((seed % 4) as u8);
            let cropped = CardScene { defect: Some(CardDefect::Cropped), ..scene.clone() };
            assert!(inside(&capture(&art, &scene).truth, 400.0, 300.0), "{seed}");
            assert!(!inside(&capture(&art, &cropped).truth, 400.0, 300.0), "{seed}");
        }
    }

    #[test]
    fn the_card_is_where_the_corners_say() {
        // The middle of the card is pale, the dark cloth around it is not.
        let art = emblem_side(&Person::from_seed(3)).unwrap();
        let scene = CardScene {
            table: Table::Plain,
            table_colour: [20, 20, 20],
            ..CardScene::clean(5).sized(800, 600)
        };
        let CardCapture { pixels, truth, .. } = capture(&art, &scene);
        let (cx, cy) = truth.corners.iter().fold((0.0, 0.0), |(x, y), c| (x + c.0 / 4.0, y + c.1 / 4.0));
        let at = |along: f32| {
            let (x, y) = truth.corners[0];
            pixels.get_pixel((cx + (x - cx) * along) as u32, (cy + (y - cy) * along) as u32)[1]
        };
        assert!(at(0.85) > 80 && at(1.05) < 60, "{} {}", at(0.85), at(1.05));
    }

    #[test]
    fn a_capture_is_a_jpeg() {
        let art = emblem_side(&Person::from_seed(3)).unwrap();
        assert!(capture(&art, &CardScene::clean(1).sized(320, 240)).jpeg().starts_with(&[0xff, 0xd8]));
    }
}
