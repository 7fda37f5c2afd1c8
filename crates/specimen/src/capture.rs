//! Photographs a drawn card lying on a table, as a phone would: perspective, light, shadow, blur, noise, JPEG; with the truth.

mod defects;

use image::{RgbImage, RgbaImage};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use crate::card::{CardArt, HEIGHT_MM, PrintedText, Side, WIDTH_MM};
use defects::{Edit, Finger, Glare, Screen, photocopied};

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
    /// A finger over printed values.
    Finger,
    /// A black-and-white copy, cut out along the card's edge.
    Photocopy,
    /// The card shown on a screen.
    Screen,
    /// A value set anew in the picture, on a patch of plain colour.
    Edited,
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
    /// A desk with papers, print on them, pens and cables.
    Busy,
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
    /// How far the camera moves while the shutter is open, in pixels of a picture 4000 pixels long, and whereto in degrees.
    pub motion: (f32, f32),
    /// How much of the light a shadow with an edge takes that falls across the picture, as of the hand or the phone, 0 to 1.
    pub cast: f32,
    /// What is wrong with it.
    pub defect: Option<CardDefect>,
    /// How strong the defect is, 0 to 1; cropping is there or not.
    pub strength: f32,
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
            Table::Plain | Table::Busy => PLAINS,
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
            motion: (0.0, 0.0),
            cast: 0.0,
            defect: None,
            strength: 1.0,
        }
    }

    /// A scene without a defect as candidates take them who do not take pains: tilts up to 35 degrees, any turn, busy tables, shadows across the
    /// card, warm and cold light, noise, camera shake, JPEG of 60 to 95, and pictures of two to twelve megapixels. The blur of lens and
    /// hand together stays below 0.15 mm on the card.
    pub fn varied(seed: u64) -> CardScene {
        let mut rng = ChaCha8Rng::seed_from_u64(seed ^ 0x0076_6172_6965);
        let clean = CardScene::clean(seed);
        let (tilt, towards) = (rng.random_range(0.0..35.0f32), rng.random_range(0.0..std::f32::consts::TAU));
        let long = [1600, 2000, 2400, 4000][rng.random_range(0..4)];
        let (width, height) =
            if clean.width > clean.height { (long, long * 3 / 4) } else { (long * 3 / 4, long) };
        let busy = rng.random_bool(0.3);
        // Lying or standing, the card is held along the picture, give or take; a few lie across it or upside down.
        let along = u8::from(height > width);
        let quarter_turns = if rng.random_bool(0.7) { along } else { rng.random_range(0..4) };
        let scene = CardScene {
            width,
            height,
            fill: rng.random_range(0.62..0.95),
            yaw: tilt * towards.cos(),
            pitch: tilt * towards.sin(),
            roll: rng.random_range(-25.0..25.0),
            quarter_turns,
            table: if busy { Table::Busy } else { clean.table },
            exposure: rng.random_range(0.6..0.98),
            falloff: rng.random_range(0.0..0.45),
            warmth: rng.random_range(-1.8..1.8),
            cast: if rng.random_bool(0.3) { rng.random_range(0.1..0.5) } else { 0.0 },
            blur: rng.random_range(0.4..1.6),
            noise: rng.random_range(0.5..5.0),
            jpeg_quality: rng.random_range(60..=95),
            ..clean
        };
        // What the card's place in the picture allows: pixels of a picture 4000 long per millimetre.
        let view = place(&scene, &mut ChaCha8Rng::seed_from_u64(seed));
        let [a, b, ..] = view.corners();
        let per_mm = (a.0 - b.0).hypot(a.1 - b.1) / WIDTH_MM * 4000.0 / long as f32;
        let room = ((0.15 * per_mm).powi(2) - scene.blur.powi(2)).max(0.0).sqrt();
        // A stretch of length L has a standard deviation of L / √12.
        let shake =
            if rng.random_bool(0.5) { rng.random_range(0.0..0.9) * room * 12.0f32.sqrt() } else { 0.0 };
        CardScene { motion: (shake, rng.random_range(0.0..180.0)), ..scene }
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
    let per_mm = (corners[0].0 - corners[1].0).hypot(corners[0].1 - corners[1].1) / WIDTH_MM;
    let with = |defect| scene.defect == Some(defect);
    let extra = Extra {
        glare: with(CardDefect::Glare).then(|| Glare::over(art, scene.strength, &mut rng)),
        finger: with(CardDefect::Finger).then(|| Finger::over(art, scene.strength, &mut rng)),
        screen: with(CardDefect::Screen).then(|| Screen::showing(scene.strength, &mut rng)),
        copied: if with(CardDefect::Photocopy) { scene.strength } else { 0.0 },
    };
    let mut pixels = expose(art, scene, &view, &extra);
    let long = scene.width.max(scene.height) as f32 / 4000.0;
    // Half a millimetre on the card is wider than two strokes.
    let sigma = if with(CardDefect::Blur) { 0.5 * scene.strength * per_mm } else { scene.blur * long };
    pixels = blur(pixels, sigma);
    let (shake, towards) = (scene.motion.0 * long, scene.motion.1.to_radians());
    pixels = shaken(pixels, (shake * towards.cos(), shake * towards.sin()));
    add_noise(&mut pixels, scene);
    if let Some(edit) = with(CardDefect::Edited).then(|| Edit::over(art, &mut rng)).flatten() {
        edit.lay(&mut pixels, scene, &view, scene.strength, sigma.hypot(shake / 12.0f32.sqrt()) / per_mm);
    }
    CardCapture {
        pixels,
        truth: CaptureTruth { side: art.side, corners, texts: art.texts.clone(), defect: scene.defect },
        jpeg_quality: scene.jpeg_quality,
    }
}

/// What comes between the card and the camera.
struct Extra {
    glare: Option<Glare>,
    finger: Option<Finger>,
    screen: Option<Screen>,
    /// How much of the colour a copying machine took.
    copied: f32,
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

/// Light falling on the table.
struct Light<'a> {
    scene: &'a CardScene,
    /// Where it falls off to, and where the shadow's edge looks: unit vectors.
    towards: (f32, f32),
    edge: (f32, f32),
    /// How far the shadow's edge lies from the middle.
    shift: f32,
}

impl Light<'_> {
    fn of(scene: &CardScene) -> Light<'_> {
        let towards = hash(scene.seed, 1, 2) * std::f32::consts::TAU;
        let vector = |angle: f32| (angle.cos(), angle.sin());
        let shift = 2.0 * hash(scene.seed, 3, 4);
        Light { scene, towards: vector(towards), edge: vector(towards + 2.0), shift }
    }

    /// Each channel a factor.
    fn at(&self, x: f32, y: f32) -> [f32; 3] {
        let scene = self.scene;
        let (w, h) = (scene.width as f32, scene.height as f32);
        let (fx, fy) = (x / w - 0.5, y / h - 0.5);
        let along = 0.5 + (fx * self.towards.0 + fy * self.towards.1) / std::f32::consts::SQRT_2;
        let vignette = 1.0 - 0.35 * (fx * fx + fy * fy);
        // A soft edge of about a twentieth of the picture.
        let edge = (fx * self.edge.0 + fy * self.edge.1) / 0.05 + self.shift - 1.0;
        let cast = 1.0 - scene.cast * (0.5 + 0.5 * edge.clamp(-1.0, 1.0));
        let level = scene.exposure * (1.0 - scene.falloff * along) * vignette * cast;
        [level * (1.0 + 0.05 * scene.warmth), level, level * (1.0 - 0.1 * scene.warmth)]
    }
}

fn expose(art: &CardArt, scene: &CardScene, view: &View, extra: &Extra) -> RgbImage {
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
    let (light, table) = (Light::of(scene), Ground::of(scene));
    let mut pixels = RgbImage::new(scene.width, scene.height);
    pixels.par_chunks_exact_mut(scene.width as usize * 3).enumerate().for_each(|(row, line)| {
        for (column, pixel) in line.chunks_exact_mut(3).enumerate() {
            let (px, py) = (column as f32 + 0.5, row as f32 + 0.5);
            let (x, y) = back.apply(px, py);
            let (cx, cy) = ((x + WIDTH_MM / 2.0) * per_mm, (y + HEIGHT_MM / 2.0) * per_mm);
            let [r, g, b, a] = sample(card, cx, cy);
            let mut colour = [r, g, b];
            if extra.copied > 0.0 {
                colour = photocopied(colour, scene.seed, x, y, extra.copied);
            }
            if let Some(screen) = &extra.screen {
                let around = screen.lit(None, x, y);
                let shown = screen.lit(Some(colour), x, y);
                colour = std::array::from_fn(|i| shown[i] * a + around[i] * (1.0 - a));
            } else if a < 1.0 {
                let under = table.at(x, y);
                let shade = 1.0 - 0.45 * shadow(x - 0.5, y - 0.7);
                for i in 0..3 {
                    colour[i] = colour[i] * a + under[i] * shade * (1.0 - a);
                }
            }
            if let Some(finger) = &extra.finger {
                let (skin, cover, shade) = finger.at(x, y);
                colour = std::array::from_fn(|i| colour[i] * (1.0 - shade) * (1.0 - cover) + skin[i] * cover);
            }
            let lit = light.at(px, py);
            let glare = extra.glare.as_ref().map_or(0.0, |g| g.at(x, y)) * 255.0;
            for i in 0..3 {
                pixel[i] = (colour[i] * lit[i] + glare).clamp(0.0, 255.0) as u8;
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

/// What the card lies on.
struct Ground<'a> {
    scene: &'a CardScene,
    sheets: Vec<Sheet>,
    pens: Vec<Pen>,
}

/// A sheet of paper on a desk.
struct Sheet {
    /// Its number, which also tells whether it is printed.
    number: u64,
    middle: (f32, f32),
    half: (f32, f32),
    /// Sine and cosine of its turn.
    turn: (f32, f32),
    paper: [f32; 3],
}

/// A pen or a cable: long, thin, bent a little.
struct Pen {
    /// Sine and cosine of where it lies, and how far away.
    towards: (f32, f32),
    far: f32,
    /// Phase and share of its bend.
    bend: (f32, f32),
    radius: f32,
    colour: [f32; 3],
}

impl Ground<'_> {
    fn of(scene: &CardScene) -> Ground<'_> {
        let of = |i: i32, k: i32| hash(scene.seed + 21, i, k);
        let sheet = |i: i32| {
            // Sheets lie at least half on the far side of the card's middle.
            let (sin, cos) = (of(i, 0) * std::f32::consts::TAU).sin_cos();
            let far = 45.0 + 50.0 * of(i, 1);
            Sheet {
                number: i as u64,
                middle: (far * cos, far * sin),
                half: (20.0 + 45.0 * of(i, 2), 15.0 + 40.0 * of(i, 3)),
                turn: (of(i, 4) * std::f32::consts::PI).sin_cos(),
                paper: if i % 3 == 0 {
                    [90.0 + 160.0 * of(i, 5), 90.0 + 150.0 * of(i, 6), 90.0 + 150.0 * of(i, 7)]
                } else {
                    [232.0, 231.0, 226.0]
                },
            }
        };
        let pen = |i: i32| Pen {
            towards: (of(i, 10) * std::f32::consts::PI).sin_cos(),
            far: 40.0 + 40.0 * of(i, 11),
            bend: (6.0 * of(i, 12), of(i, 13)),
            radius: 1.5 + 3.0 * of(i, 14),
            colour: [of(i, 15), of(i, 16), of(i, 17)].map(|t| 30.0 + 190.0 * t * t),
        };
        Ground { scene, sheets: (0..7).map(sheet).collect(), pens: (0..3).map(pen).collect() }
    }

    /// Its colour at a place in millimetres.
    fn at(&self, x: f32, y: f32) -> [f32; 3] {
        let scene = self.scene;
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
            Table::Busy => return self.busy(x, y),
        };
        base.map(|c| (c * factor).clamp(0.0, 255.0))
    }

    /// A desk: sheets of paper at all angles, some with lines of print or a coloured picture, pens and a cable over them.
    fn busy(&self, x: f32, y: f32) -> [f32; 3] {
        let seed = self.scene.seed;
        let mut colour =
            self.scene.table_colour.map(|c| f32::from(c) * (0.95 + 0.1 * value_noise(seed, x, y)));
        for Sheet { number, middle, half, turn, paper } in &self.sheets {
            let (dx, dy) = (x - middle.0, y - middle.1);
            let (u, v) = (dx * turn.1 + dy * turn.0, dy * turn.1 - dx * turn.0);
            if u.abs() > half.0 || v.abs() > half.1 {
                continue;
            }
            // Words in lines of 5 mm.
            let line = (v / 5.0).floor();
            let printed = number % 2 == 0
                && (v / 5.0 - line) < 0.55
                && u.abs() < half.0 - 6.0
                && v.abs() < half.1 - 6.0
                && value_noise(seed + number, u * 0.35, line * 9.0) > 0.35
                && value_noise(seed + 40 + number, u * 3.0, v * 3.0) > 0.5;
            colour = if printed { paper.map(|c| c * 0.25) } else { *paper };
        }
        for Pen { towards: (sin, cos), far, bend, radius, colour: own } in &self.pens {
            let along = -x * sin + y * cos;
            let bend = 6.0 * (along * 0.03 + bend.0).sin() * bend.1;
            let across = x * cos + y * sin - far + bend;
            if across.abs() < *radius {
                let round = 1.0 - 0.6 * (across / radius).powi(2);
                colour = own.map(|c| c * round);
            }
        }
        colour
    }
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

/// The picture moved along a straight line while the shutter was open.
fn shaken(picture: RgbImage, (dx, dy): (f32, f32)) -> RgbImage {
    let taps = dx.hypot(dy).ceil() as i32 + 1;
    if taps < 3 {
        return picture;
    }
    let (w, h) = (picture.width() as i32, picture.height() as i32);
    let steps: Vec<(i32, i32)> = (0..taps)
        .map(|i| {
            let t = i as f32 / (taps - 1) as f32 - 0.5;
            ((dx * t).round() as i32, (dy * t).round() as i32)
        })
        .collect();
    let raw = picture.as_raw().as_chunks::<3>().0;
    let mut out = RgbImage::new(picture.width(), picture.height());
    out.par_chunks_exact_mut(w as usize * 3).enumerate().for_each(|(y, line)| {
        let mut sums = vec![[0u32; 3]; w as usize];
        for (sx, sy) in &steps {
            let row = &raw[((y as i32 + sy).clamp(0, h - 1) * w) as usize..][..w as usize];
            for (x, sum) in sums.iter_mut().enumerate() {
                let pixel = row[(x as i32 + sx).clamp(0, w - 1) as usize];
                (0..3).for_each(|c| sum[c] += u32::from(pixel[c]));
            }
        }
        for (pixel, sum) in line.as_chunks_mut::<3>().0.iter_mut().zip(&sums) {
            *pixel = sum.map(|s| (s / taps as u32) as u8);
        }
    });
    out
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
            // Cut off, and so rounded: nothing below 0 is left, and what is above 255 stays there.
            *value = (f32::from(*value) + offset + 0.5) as u8;
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

    /// The same scene with and without a defect.
    fn both(defect: CardDefect) -> (RgbImage, CardCapture) {
        let art = emblem_side(&Person::from_seed(3)).unwrap();
        let clean = CardScene { table: Table::Plain, ..CardScene::clean(8).sized(1000, 750) };
        let spoiled = CardScene { defect: Some(defect), ..clean.clone() };
        (capture(&art, &clean).pixels, capture(&art, &spoiled))
    }

    #[test]
    fn a_copy_has_no_colour() {
        let (clean, copy) = both(CardDefect::Photocopy);
        let red =
            |picture: &RgbImage| picture.pixels().filter(|p| i32::from(p[0]) - i32::from(p[1]) > 60).count();
        assert!(red(&clean) > 2_000 && red(&copy.pixels) < 50, "{} {}", red(&clean), red(&copy.pixels));
    }

    #[test]
    fn an_edit_changes_one_value_and_nothing_else() {
        let (clean, edited) = both(CardDefect::Edited);
        let differ: Vec<(u32, u32)> = clean
            .enumerate_pixels()
            .filter(|(x, y, p)| edited.pixels.get_pixel(*x, *y) != *p)
            .map(|(x, y, _)| (x, y))
            .collect();
        let (left, right) =
            (differ.iter().map(|p| p.0).min().unwrap(), differ.iter().map(|p| p.0).max().unwrap());
        assert!(differ.len() > 1_000 && right - left < 500, "{} {left} {right}", differ.len());
    }

    #[test]
    fn a_finger_reaches_the_card_from_the_edge_of_the_picture() {
        let (clean, held) = both(CardDefect::Finger);
        let skin = clean
            .enumerate_pixels()
            .filter(|(x, y, p)| i32::from(p[2]) - i32::from(held.pixels.get_pixel(*x, *y)[2]) > 40)
            .count();
        assert!(skin > 5_000, "{skin}");
    }

    #[test]
    fn a_varied_scene_holds_the_whole_card() {
        let art = emblem_side(&Person::from_seed(3)).unwrap();
        for seed in 0..12 {
            let scene = CardScene::varied(seed);
            let (w, h) = (scene.width / 5, scene.height / 5);
            assert!(inside(&capture(&art, &scene.sized(w, h)).truth, w as f32, h as f32), "{seed}");
        }
    }

    #[test]
    fn a_capture_is_a_jpeg() {
        let art = emblem_side(&Person::from_seed(3)).unwrap();
        assert!(capture(&art, &CardScene::clean(1).sized(320, 240)).jpeg().starts_with(&[0xff, 0xd8]));
    }
}
