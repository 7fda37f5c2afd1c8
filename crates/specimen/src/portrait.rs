//! Draws a synthetic candidate as a phone would take the picture, with the truth about every pixel and feature.

mod backdrop;
mod body;
mod camera;
mod extras;
mod eye;
mod figure;
mod glasses;
mod hair;
mod head;
mod headwear;
mod light;
mod locks;
mod mesh;
mod noise;
mod picture;
mod shape;
mod skin;
mod stroke;
mod vector;

use image::{GrayImage, RgbImage, imageops};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use serde::Serialize;

use self::{
    backdrop::Backdrop,
    body::Clothes,
    camera::Camera,
    extras::Extras,
    figure::{Figure, Stance},
    head::Morph,
    light::Lamps,
    vector::v3,
};
use crate::looks::{Looks, Sex};

/// What is wrong with a picture, at full strength clearly beyond the limits of the first photo standard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Defect {
    /// Both eyes are shut.
    ClosedEyes,
    /// The mouth is wide open.
    OpenMouth,
    /// The head is turned to one side by 24° or more.
    TurnedHead,
    /// The head leans to one shoulder by 14° or more.
    TiltedHead,
    /// The head is raised or lowered by 24° or more.
    NoddingHead,
    /// The mouth smiles broadly, lips closed; at strength 0.4 it is a friendly smile that few would mind.
    Smile,
    /// The light comes from one side and leaves half of the face dark.
    SideLight,
    /// A furnished room behind the person.
    BusyBackground,
    /// Another person's whole face beside the candidate's.
    SecondFace,
    /// The camera was out of focus.
    Blur,
    /// The eyes look to a side, some a little up or down too, by 30° at full strength.
    LookAway,
    /// One shoulder hangs: their line is 15° off level at full strength.
    TiltedShoulders,
    /// A closed fringe. Up to strength 0.2 it ends above the brows and harms nothing; at 0.5 it covers them, at 1 the eyes.
    Fringe,
    /// Hair over one eye: at strength 0.3 over the brow, at 1 over the whole eye.
    HairOverEye,
    /// Hair over one or both ears, from behind: at strength 0.2 over their rims, from 0.8 on over the whole ear.
    HairOverEars,
    /// Tinted lenses; at full strength they keep back 60 to 92 % of the light.
    TintedGlasses,
    /// A light is reflected in both lenses; at full strength over a third of each.
    GlassesGlare,
    /// A cap, woollen hat, hair band or scarf; the strength tells how much of the head it takes.
    Headwear,
}

/// How a picture is taken: everything that is not the person.
#[derive(Debug, Clone, PartialEq)]
pub struct PortraitScene {
    pub(crate) seed: u64,
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) defects: Vec<(Defect, f32)>,
    pub(crate) clothes: Option<[u8; 3]>,
    pub(crate) wall: Option<[u8; 3]>,
}

impl Defect {
    /// Every defect.
    pub const ALL: [Defect; 18] = [
        Defect::ClosedEyes,
        Defect::OpenMouth,
        Defect::TurnedHead,
        Defect::TiltedHead,
        Defect::NoddingHead,
        Defect::Smile,
        Defect::SideLight,
        Defect::BusyBackground,
        Defect::SecondFace,
        Defect::Blur,
        Defect::LookAway,
        Defect::TiltedShoulders,
        Defect::Fringe,
        Defect::HairOverEye,
        Defect::HairOverEars,
        Defect::TintedGlasses,
        Defect::GlassesGlare,
        Defect::Headwear,
    ];
}

impl PortraitScene {
    /// A picture that any photo standard accepts: even wall, even light, calm frontal face. 3024 × 4032.
    pub fn clean(seed: u64) -> PortraitScene {
        PortraitScene { seed, width: 3024, height: 4032, defects: Vec::new(), clothes: None, wall: None }
    }

    /// As [`clean`](Self::clean), with one thing wrong.
    pub fn with_defect(seed: u64, defect: Defect) -> PortraitScene {
        PortraitScene::clean(seed).and(defect)
    }

    /// Adds another defect at full strength.
    pub fn and(self, defect: Defect) -> PortraitScene {
        self.and_graded(defect, 1.0)
    }

    /// Adds another defect, from strength 0 (hardly there) to 1 (clear to everybody). A busy background and a second face are
    /// there or not, the others are graded.
    pub fn and_graded(mut self, defect: Defect, strength: f32) -> PortraitScene {
        if !self.defects.iter().any(|(d, _)| *d == defect) {
            self.defects.push((defect, strength.clamp(0.0, 1.0)));
        }
        self
    }

    /// The same picture with clothes of that sRGB colour, of whatever cut.
    pub fn wearing(mut self, colour: [u8; 3]) -> PortraitScene {
        self.clothes = Some(colour);
        self
    }

    /// The same picture before an even wall of that sRGB colour. It throws no light of its own on the person.
    pub fn before(mut self, colour: [u8; 3]) -> PortraitScene {
        self.wall = Some(colour);
        self
    }

    /// The same picture at another size in pixels (at least 240 × 320); the framing follows the width.
    pub fn sized(mut self, width: u32, height: u32) -> PortraitScene {
        self.width = width.max(240);
        self.height = height.max(320);
        self
    }
}

/// A drawn picture and the truth about it.
#[derive(Debug, Clone)]
pub struct Portrait {
    /// The picture, upright.
    pub pixels: RgbImage,
    /// What is known about it.
    pub truth: PortraitTruth,
}

/// The truth about a drawn picture. Points are (x, y) in pixels of the upright picture, from its upper left corner; "left" and
/// "right" are the picture's, not the person's.
#[derive(Debug, Clone, Serialize)]
pub struct PortraitTruth {
    /// How much of each pixel people cover: 0 background, 255 person (everybody in the picture).
    #[serde(skip)]
    pub alpha: GrayImage,
    /// Where the candidate's features are.
    pub landmarks: Landmarks,
    /// How the candidate's head is held.
    pub pose: Pose,
    /// What is wrong with the picture; empty for a clean one.
    pub defects: Vec<Defect>,
    /// How strong each of them is, 0 to 1.
    pub strengths: Vec<f32>,
    /// The wall's colour in its middle, sRGB.
    pub wall: [u8; 3],
    /// Where the light comes from.
    pub light: Light,
}

/// The candidate's features in pixels of the upright picture.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Landmarks {
    /// Middle between the corners of the eye on the picture's left.
    pub left_eye: (f32, f32),
    /// Middle between the corners of the eye on the picture's right.
    pub right_eye: (f32, f32),
    /// Centre of the pupil on the picture's left (also where a lid covers it).
    pub left_pupil: (f32, f32),
    /// Centre of the pupil on the picture's right.
    pub right_pupil: (f32, f32),
    /// Corner of the mouth on the picture's left.
    pub mouth_left: (f32, f32),
    /// Corner of the mouth on the picture's right.
    pub mouth_right: (f32, f32),
    /// Tip of the nose.
    pub nose_tip: (f32, f32),
    /// Lowest point of the chin.
    pub chin: (f32, f32),
    /// Highest point of hair or head.
    pub hair_top: (f32, f32),
    /// Outermost point of the cheek before the ear on the picture's left.
    pub face_left: (f32, f32),
    /// Outermost point of the cheek before the ear on the picture's right.
    pub face_right: (f32, f32),
    /// Middle of the ear on the picture's left.
    pub left_ear: (f32, f32),
    /// Middle of the ear on the picture's right.
    pub right_ear: (f32, f32),
}

impl Landmarks {
    /// Width of the face between the cheeks, in pixels.
    pub fn face_width(&self) -> f32 {
        (self.face_right.0 - self.face_left.0).hypot(self.face_right.1 - self.face_left.1)
    }

    fn scale(&mut self, by: f32) {
        for p in [
            &mut self.left_eye,
            &mut self.right_eye,
            &mut self.left_pupil,
            &mut self.right_pupil,
            &mut self.mouth_left,
            &mut self.mouth_right,
            &mut self.nose_tip,
            &mut self.chin,
            &mut self.hair_top,
            &mut self.face_left,
            &mut self.face_right,
            &mut self.left_ear,
            &mut self.right_ear,
        ] {
            *p = (p.0 * by, p.1 * by);
        }
    }

    /// Sets the hair's top to the first covered row over the face; what was there is the fallback.
    fn find_hair_top(&mut self, alpha: &GrayImage) {
        let reach = self.face_width() * 0.6;
        let from = (self.hair_top.0 - reach).max(0.0) as u32;
        let to = ((self.hair_top.0 + reach) as u32).min(alpha.width());
        let row = |y: u32| {
            let covered: Vec<u32> = (from..to).filter(|&x| alpha.get_pixel(x, y).0[0] > 127).collect();
            covered.get(covered.len() / 2).map(|&x| (x as f32 + 0.5, y as f32))
        };
        if let Some(top) = (0..alpha.height()).find_map(row) {
            self.hair_top = top;
        }
    }
}

/// How a head is held, in degrees; all zero looks straight into the camera.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Pose {
    /// Positive turns the nose to the picture's right.
    pub yaw: f32,
    /// Positive lifts the chin.
    pub pitch: f32,
    /// Positive leans the head clockwise as the picture shows it.
    pub roll: f32,
}

/// The light on the candidate.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Light {
    /// Direction to the main light in degrees from the camera's axis; positive is the picture's right.
    pub azimuth: f32,
    /// Direction to the main light in degrees above the camera's axis.
    pub elevation: f32,
    /// Share of light that comes from everywhere, 0 to 1.
    pub ambient: f32,
}

/// Draws `looks` in `scene`; the same arguments draw the same pixels.
pub fn portrait(looks: &Looks, scene: &PortraitScene) -> Portrait {
    let strength = |d: Defect| scene.defects.iter().find(|x| x.0 == d).map(|x| x.1);
    let has = |d: Defect| strength(d).is_some();
    let mut rng = ChaCha8Rng::seed_from_u64(scene.seed ^ 0x0073_6365_6e65);
    // Everything is drawn in one order whatever the defects, so that a defect changes nothing but itself.
    let wall_base = backdrop::WALLS[rng.random_range(0..backdrop::WALLS.len())];
    let slope = (rng.random_range(-0.025..0.025f32), rng.random_range(-0.03..0.03f32));
    let azimuth: f32 = rng.random_range(-12.0..12.0);
    let elevation: f32 = rng.random_range(16.0..32.0);
    let warmth: f32 = rng.random_range(-0.03..0.03);
    let exposure: f32 = rng.random_range(0.97..1.06);
    let face_share: f32 = rng.random_range(0.272..0.317);
    let (shift_x, shift_y): (f32, f32) = (rng.random_range(-0.02..0.02), rng.random_range(-0.012..0.02));
    let mut pose = Pose {
        yaw: rng.random_range(-2.5..2.5),
        pitch: rng.random_range(-2.5..2.5),
        roll: rng.random_range(-1.8..1.8),
    };
    let side = if rng.random_bool(0.5) { 1.0f32 } else { -1.0 };
    let turned: f32 = rng.random_range(26.0..34.0);
    let tilted: f32 = rng.random_range(15.0..20.0);
    let clothes_seed: u64 = rng.random();
    let noise_seed: u32 = rng.random();
    let blur: f32 = rng.random_range(10.0..13.5);

    let toward = |from: f32, to: f32, s: f32| from + (to - from) * s;
    if let Some(s) = strength(Defect::TurnedHead) {
        pose.yaw = toward(pose.yaw, side * turned, s);
    }
    if let Some(s) = strength(Defect::TiltedHead) {
        pose.roll = toward(pose.roll, side * tilted, s);
    }
    if let Some(s) = strength(Defect::NoddingHead) {
        pose.pitch = toward(pose.pitch, side * turned, s);
    }
    let mut morphs = Vec::new();
    if let Some(s) = strength(Defect::ClosedEyes) {
        morphs.push((Morph::CloseEyes, s));
    }
    if let Some(s) = strength(Defect::OpenMouth) {
        morphs.push((Morph::OpenMouth, s));
    }
    if let Some(s) = strength(Defect::Smile) {
        morphs.push((Morph::Smile, 2.3 * s));
    }
    let aside = strength(Defect::SideLight).unwrap_or(0.0);
    let light = Light {
        azimuth: toward(azimuth, side * 78.0, aside),
        elevation: toward(elevation, 14.0, aside),
        ambient: toward(0.4, 0.07, aside),
    };
    let tint = v3(1.0 + warmth, 1.0, 1.0 - warmth);
    let lamps = Lamps::new(&light, exposure, tint);

    // Small pictures are drawn larger and averaged down, large ones a little smaller and enlarged: at twelve megapixels a phone's
    // lens does not resolve single pixels either.
    let zoom = match scene.width {
        0..=400 => 4.0,
        401..=1000 => 2.0,
        1001..=1600 => 1.25,
        1601..=2000 => 1.0,
        wide => 1936.0 / wide as f32,
    };
    let drawn = |side: u32| (side as f32 * zoom).round() as u32;
    let (width, height) = (drawn(scene.width), drawn(scene.height));
    let (w, h) = (width as f32, height as f32);
    let scale = face_share * w / 15.4;
    let second = has(Defect::SecondFace);
    let middle = if second { 0.5 + side * 0.1 } else { 0.5 + shift_x };
    let camera = Camera { origin: (w * middle, h * 0.5 + w * (shift_y - 0.13)), level: 2.6, scale };
    let clothes = Clothes::draw(clothes_seed);
    let clothes = scene.clothes.map_or(clothes.clone(), |colour| clothes.dyed(colour));
    let extras = Extras::draw(&scene.defects, scene.seed);
    let stance = Stance { pose, morphs, camera, clothes, extras };

    let mut figures = Vec::new();
    if second {
        let other = other_person(looks, &mut rng);
        let camera = Camera {
            origin: (w * (middle - side * 0.40), camera.origin.1 + w * 0.05),
            level: 2.6,
            scale: scale * 0.80,
        };
        let pose = Pose { yaw: side * 6.0, pitch: 0.0, roll: side * 3.0 };
        let clothes = Clothes::draw(clothes_seed ^ 1);
        let extras = Extras::default();
        let stance = Stance { pose, morphs: Vec::new(), camera, clothes, extras };
        figures.push(Figure::new(&other, &stance, lamps));
    }
    if Extras::need_glasses(&scene.defects) {
        figures.push(Figure::new(&extras::in_glasses(looks, scene.seed), &stance, lamps));
    } else {
        figures.push(Figure::new(looks, &stance, lamps));
    }

    let wall = v3(wall_base[0] * (1.0 + warmth * 0.4), wall_base[1], wall_base[2] * (1.0 - warmth * 0.4))
        * exposure.sqrt();
    let dim = toward(1.0, 0.72, aside);
    let backdrop = if has(Defect::BusyBackground) {
        Backdrop::Room(backdrop::room(scene.seed))
    } else if let Some(colour) = scene.wall {
        let [r, g, b] = colour.map(|c| f32::from(c) / 255.0);
        Backdrop::Wall { colour: v3(r, g, b), slope: (0.0, 0.0) }
    } else {
        let fall = (toward(slope.0, side * 0.35, aside), toward(slope.1, 0.0, aside));
        Backdrop::Wall { colour: wall * dim, slope: fall }
    };
    let middle_wall = backdrop.at(0.5, 0.5);

    let (mut pixels, mut alpha) = picture::draw(&figures, &backdrop, width, height);
    let size = (scene.width, scene.height);
    if zoom > 1.0 {
        pixels = imageops::thumbnail(&pixels, size.0, size.1);
        alpha = imageops::thumbnail(&alpha, size.0, size.1);
    } else if zoom < 1.0 {
        let enlarged = picture::enlarge::<3>(&pixels, (width, height), size);
        pixels = RgbImage::from_raw(size.0, size.1, enlarged).unwrap_or(pixels);
        let enlarged = picture::enlarge::<1>(&alpha, (width, height), size);
        alpha = GrayImage::from_raw(size.0, size.1, enlarged).unwrap_or(alpha);
    }
    let mut landmarks = figures.last().map(|f| f.landmarks).unwrap_or_default();
    landmarks.scale(scene.width as f32 / width as f32);
    landmarks.find_hair_top(&alpha);
    if let Some(s) = strength(Defect::Blur) {
        let sigma = s * blur * scene.width as f32 / 3024.0;
        pixels = imageops::fast_blur(&pixels, sigma);
        alpha = imageops::fast_blur(&alpha, sigma);
    }
    sensor_noise(&mut pixels, noise_seed);
    Portrait {
        pixels,
        truth: PortraitTruth {
            alpha,
            landmarks,
            pose,
            defects: scene.defects.iter().map(|d| d.0).collect(),
            strengths: scene.defects.iter().map(|d| d.1).collect(),
            wall: [middle_wall.x, middle_wall.y, middle_wall.z].map(|v| (v * 255.0 + 0.5) as u8),
            light,
        },
    }
}

/// A furnished room, 1134 × 1512, without anybody in it.
pub(crate) fn furnished_room(seed: u64) -> RgbImage {
    backdrop::room(seed)
}

/// Somebody who is clearly not the candidate.
fn other_person(looks: &Looks, rng: &mut ChaCha8Rng) -> Looks {
    let sex = if rng.random_bool(0.5) { Sex::Female } else { Sex::Male };
    Looks::from_seed(looks.seed ^ rng.random::<u64>(), sex, rng.random_range(20..55))
}

/// The grain of a small sensor in a lit room: about one and a half steps of 255, coarser in colour than in brightness.
fn sensor_noise(picture: &mut RgbImage, seed: u32) {
    let width = picture.width() as usize;
    picture.par_chunks_mut(width * 3).enumerate().for_each(|(y, row)| {
        let line = noise::hash(y as u32 ^ seed);
        for (x, pixel) in row.chunks_exact_mut(3).enumerate() {
            let bits = noise::hash((x as u32).wrapping_mul(0x9E37_79B1) ^ line);
            // Sums of uniform numbers are near enough to a bell.
            let part = |k: u32| ((bits >> (8 * k)) & 255) as f32 / 255.0 - 0.5;
            let bright = (part(0) + part(1)) * 3.4;
            let (red, blue) = (part(2) * 2.2, part(3) * 3.0);
            let add = |v: u8, n: f32| (f32::from(v) + n + 0.5).clamp(0.0, 255.0) as u8;
            pixel[0] = add(pixel[0], bright + red);
            pixel[1] = add(pixel[1], bright);
            pixel[2] = add(pixel[2], bright + blue);
        }
    });
}

/// The head-and-shoulders picture on white as an identity card prints it, 358 × 441, of the same person: taken on another day, in
/// other clothes, printed a little soft.
pub fn card_portrait(looks: &Looks) -> RgbImage {
    const SIZE: (u32, u32) = (358, 441);
    let fold = 3u32;
    let (width, height) = (SIZE.0 * fold, SIZE.1 * fold);
    let (w, h) = (width as f32, height as f32);
    let light = Light { azimuth: 6.0, elevation: 24.0, ambient: 0.44 };
    let stance = Stance {
        pose: Pose::default(),
        morphs: Vec::new(),
        camera: Camera { origin: (w * 0.5, h * 0.455), level: 2.6, scale: w * 0.50 / 15.4 },
        clothes: Clothes::draw(looks.seed ^ 0x6361_7264),
        extras: Extras::default(),
    };
    let figure = Figure::new(looks, &stance, Lamps::new(&light, 1.0, v3(1.0, 1.0, 1.0)));
    let white = Backdrop::Wall { colour: v3(1.01, 1.01, 1.01), slope: (0.0, 0.0) };
    let (pixels, _) = picture::draw(&[figure], &white, width, height);
    imageops::fast_blur(&imageops::thumbnail(&pixels, SIZE.0, SIZE.1), 0.7)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn drawn(seed: u64, defect: Option<Defect>) -> Portrait {
        let sex = if seed.is_multiple_of(2) { Sex::Female } else { Sex::Male };
        let looks = Looks::from_seed(seed, sex, 20 + (seed * 7 % 38) as u8);
        let scene = PortraitScene::clean(seed).sized(600, 800);
        portrait(&looks, &defect.map_or(scene.clone(), |d| scene.and(d)))
    }

    fn brightness(picture: &RgbImage, at: (f32, f32)) -> f32 {
        let mut sum = 0.0;
        for dy in 0..7 {
            for dx in 0..7 {
                let p = picture.get_pixel(at.0 as u32 + dx - 3, at.1 as u32 + dy - 3).0;
                sum += p.iter().map(|&v| f32::from(v)).sum::<f32>() / 3.0;
            }
        }
        sum / 49.0
    }

    #[test]
    fn the_same_arguments_draw_the_same_picture() {
        let (a, b) = (drawn(3, None), drawn(3, None));
        assert_eq!(a.pixels, b.pixels);
        assert_eq!(a.truth.landmarks, b.truth.landmarks);
    }

    #[test]
    fn a_phone_picture_has_twelve_megapixels_upright() {
        let looks = Looks::from_seed(5, Sex::Female, 30);
        let picture = portrait(&looks, &PortraitScene::clean(5));
        assert_eq!(picture.pixels.dimensions(), (3024, 4032));
        assert_eq!(picture.truth.alpha.dimensions(), (3024, 4032));
    }

    #[test]
    fn an_id_photo_of_the_first_standard_fits_into_every_clean_picture() {
        for seed in 0..12 {
            let t = drawn(seed, None).truth;
            let l = t.landmarks;
            let (w, h) = (600.0, 800.0);
            assert!((0.25..0.35).contains(&(l.face_width() / w)), "face {} of {w}", l.face_width());
            let eyes = (l.left_eye.1 + l.right_eye.1) / 2.0;
            // With the hair's top 80 px below the edge, some face width within the standard puts the eyes within it too.
            let scales = (180..=300).map(|face| face as f32 / l.face_width());
            let fitting: Vec<f32> = scales
                .filter(|k| (200.0..=300.0).contains(&(80.0 + (eyes - l.hair_top.1) * k)))
                .filter(|k| {
                    let top = l.hair_top.1 - 80.0 / k;
                    let middle = (l.face_left.0 + l.face_right.0) / 2.0;
                    top >= 0.0 && top + 640.0 / k <= h && middle - 240.0 / k >= 0.0 && middle + 240.0 / k <= w
                })
                .collect();
            assert!(fitting.len() > 20, "seed {seed}: {} scales fit", fitting.len());
        }
    }

    #[test]
    fn features_stand_in_the_order_of_a_face() {
        for seed in 0..12 {
            let l = drawn(seed, None).truth.landmarks;
            assert!(l.hair_top.1 < l.left_eye.1 && l.left_eye.1 < l.nose_tip.1);
            assert!(l.nose_tip.1 < l.mouth_left.1 && l.mouth_left.1 < l.chin.1);
            assert!(
                l.left_ear.0 <= l.face_left.0 && l.face_left.0 < l.left_eye.0 && l.left_eye.0 < l.nose_tip.0
            );
            assert!(
                l.nose_tip.0 < l.right_eye.0
                    && l.right_eye.0 < l.face_right.0
                    && l.face_right.0 <= l.right_ear.0
            );
        }
    }

    #[test]
    fn alpha_covers_the_person_and_not_the_wall() {
        let t = drawn(4, None).truth;
        let at = |p: (f32, f32)| t.alpha.get_pixel(p.0 as u32, p.1 as u32).0[0];
        assert_eq!(at(t.landmarks.nose_tip), 255);
        assert_eq!(at((300.0, 795.0)), 255);
        assert_eq!(at((5.0, 5.0)), 0);
        assert_eq!(at((594.0, 5.0)), 0);
    }

    #[test]
    fn a_turned_head_shows_one_cheek_more_than_the_other() {
        let t = drawn(6, Some(Defect::TurnedHead)).truth;
        assert!(t.pose.yaw.abs() >= 24.0);
        let l = t.landmarks;
        let (left, right) = (l.nose_tip.0 - l.face_left.0, l.face_right.0 - l.nose_tip.0);
        assert!(if t.pose.yaw > 0.0 { left > 1.8 * right } else { right > 1.8 * left });
    }

    #[test]
    fn a_nodding_head_moves_the_nose_towards_mouth_or_eyes() {
        let mut seen = [false; 2];
        for seed in 0..8 {
            let (nods, straight) = (drawn(seed, Some(Defect::NoddingHead)).truth, drawn(seed, None).truth);
            assert!(nods.pose.pitch.abs() >= 24.0, "{seed}: {:?}", nods.pose);
            // The nose's tip comes nearer to the mouth, or to the eyes.
            let share = |t: &PortraitTruth| {
                let l = t.landmarks;
                (l.nose_tip.1 - l.left_eye.1) / (l.mouth_left.1 - l.left_eye.1)
            };
            let raised = nods.pose.pitch > 0.0;
            assert_eq!(
                raised,
                share(&nods) < share(&straight),
                "{seed}: {} {}",
                share(&nods),
                share(&straight)
            );
            seen[usize::from(raised)] = true;
        }
        assert_eq!(seen, [true; 2]);
    }

    #[test]
    fn side_light_leaves_half_of_the_face_dark_and_clean_light_does_not() {
        let ratio = |p: &Portrait| {
            let l = p.truth.landmarks;
            let between = |a: (f32, f32), b: (f32, f32)| (a.0 * 0.5 + b.0 * 0.5, a.1 * 0.5 + b.1 * 0.5);
            let (a, b) = (
                brightness(&p.pixels, between(l.face_left, l.mouth_left)),
                brightness(&p.pixels, between(l.face_right, l.mouth_right)),
            );
            a.max(b) / a.min(b)
        };
        assert!(ratio(&drawn(2, Some(Defect::SideLight))) > 1.8);
        assert!(ratio(&drawn(2, None)) < 1.25);
    }

    #[test]
    fn a_defect_leaves_the_rest_of_the_scene_as_it_was() {
        let (clean, shut) = (drawn(8, None), drawn(8, Some(Defect::ClosedEyes)));
        assert_eq!(clean.truth.landmarks.chin, shut.truth.landmarks.chin);
        assert_eq!(clean.truth.wall, shut.truth.wall);
        assert_eq!(shut.truth.defects, [Defect::ClosedEyes]);
        assert_ne!(clean.pixels, shut.pixels);
    }

    #[test]
    fn a_graded_defect_changes_the_more_the_stronger_it_is_and_only_what_it_concerns() {
        let looks = Looks::from_seed(9, Sex::Male, 30);
        let scene = PortraitScene::clean(9).sized(240, 320);
        let clean = portrait(&looks, &scene);
        for (defect, weak, strong) in [
            (Defect::LookAway, 0.3, 1.0),
            (Defect::TiltedShoulders, 0.3, 1.0),
            (Defect::Fringe, 0.2, 0.9),
            (Defect::HairOverEars, 0.2, 1.0),
            (Defect::TintedGlasses, 0.2, 1.0),
            (Defect::GlassesGlare, 0.3, 1.0),
        ] {
            let changed = |strength: f32| {
                let drawn = portrait(&looks, &scene.clone().and_graded(defect, strength));
                assert_eq!((drawn.truth.defects, drawn.truth.strengths), (vec![defect], vec![strength]));
                assert_eq!(drawn.truth.landmarks.chin, clean.truth.landmarks.chin, "{defect:?}");
                let pairs = drawn.pixels.as_raw().iter().zip(clean.pixels.as_raw());
                pairs.map(|(a, b)| u64::from(a.abs_diff(*b))).sum::<u64>()
            };
            assert!(changed(weak) < changed(strong), "{defect:?}");
        }
    }

    #[test]
    fn a_card_portrait_has_the_size_that_cards_print() {
        assert_eq!(card_portrait(&Looks::from_seed(1, Sex::Male, 40)).dimensions(), (358, 441));
    }
}
