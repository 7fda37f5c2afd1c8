//! Draws a synthetic candidate as a phone would take the picture, with the truth about every pixel and feature.

use image::{GrayImage, Luma, Rgb, RgbImage};
use serde::Serialize;

use crate::looks::Looks;

/// What is wrong with a picture, each clearly beyond the limits of the first photo standard.
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
    /// The mouth smiles, lips closed.
    Smile,
    /// The light comes from one side and leaves half of the face dark.
    SideLight,
    /// A furnished room behind the person.
    BusyBackground,
    /// Another person's whole face beside the candidate's.
    SecondFace,
    /// The camera was out of focus.
    Blur,
}

/// How a picture is taken: everything that is not the person.
#[derive(Debug, Clone, PartialEq)]
pub struct PortraitScene {
    pub(crate) seed: u64,
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) defects: Vec<Defect>,
}

impl PortraitScene {
    /// A picture that any photo standard accepts: even wall, even light, calm frontal face. 3024 × 4032.
    pub fn clean(seed: u64) -> PortraitScene {
        PortraitScene { seed, width: 3024, height: 4032, defects: Vec::new() }
    }

    /// As [`clean`](Self::clean), with one thing wrong.
    pub fn with_defect(seed: u64, defect: Defect) -> PortraitScene {
        PortraitScene::clean(seed).and(defect)
    }

    /// Adds another defect.
    pub fn and(mut self, defect: Defect) -> PortraitScene {
        if !self.defects.contains(&defect) {
            self.defects.push(defect);
        }
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
    /// The wall's colour in its middle, sRGB.
    pub wall: [u8; 3],
    /// Where the light comes from.
    pub light: Light,
}

/// The candidate's features in pixels of the upright picture.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
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
    let (w, h) = (scene.width as f32, scene.height as f32);
    let c = (w * 0.5, h * 0.45);
    let mut pixels = RgbImage::from_pixel(scene.width, scene.height, Rgb([205, 208, 210]));
    let mut alpha = GrayImage::new(scene.width, scene.height);
    for (x, y, p) in pixels.enumerate_pixels_mut() {
        let (dx, dy) = ((x as f32 - c.0) / (w * 0.15), (y as f32 - c.1) / (w * 0.2));
        if dx * dx + dy * dy < 1.0 {
            *p = Rgb(looks.skin.map(|v| (v * 255.0) as u8));
            alpha.put_pixel(x, y, Luma([255]));
        }
    }
    let at = |x: f32, y: f32| (c.0 + x * w * 0.15, c.1 + y * w * 0.15);
    let landmarks = Landmarks {
        left_eye: at(-0.4, 0.0),
        right_eye: at(0.4, 0.0),
        left_pupil: at(-0.4, 0.0),
        right_pupil: at(0.4, 0.0),
        mouth_left: at(-0.3, 0.7),
        mouth_right: at(0.3, 0.7),
        nose_tip: at(0.0, 0.4),
        chin: at(0.0, 1.3),
        hair_top: at(0.0, -1.3),
        face_left: at(-1.0, 0.0),
        face_right: at(1.0, 0.0),
        left_ear: at(-1.0, 0.1),
        right_ear: at(1.0, 0.1),
    };
    Portrait {
        pixels,
        truth: PortraitTruth {
            alpha,
            landmarks,
            pose: Pose::default(),
            defects: scene.defects.clone(),
            wall: [205, 208, 210],
            light: Light { azimuth: 0.0, elevation: 20.0, ambient: 0.6 },
        },
    }
}

/// The head-and-shoulders picture on white as an identity card prints it, 358 × 441, of the same person.
pub fn card_portrait(looks: &Looks) -> RgbImage {
    portrait(looks, &PortraitScene::clean(looks.seed).sized(358, 441)).pixels
}
