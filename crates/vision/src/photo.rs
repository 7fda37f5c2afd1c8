//! From a capture to everything that is known about it: faces, measures, and the ID photo made of it.

use domain::{CheckId, Measures, Text, standard::Standard};
use serde::Serialize;

use crate::{
    decode::Capture,
    face::{self, FaceError},
    model::{ModelError, Models},
};

/// All that was found out about one capture.
#[derive(Debug, Clone)]
pub struct Assessment {
    /// One entry for each check of a photo: measured parts, or the reason why not.
    pub measures: Measures,
    /// The main face.
    pub face: Option<Face>,
    /// How many faces count.
    pub faces: usize,
    /// The photo made of the capture, whatever the checks say; `None` without a face, or when no JPEG of the standard's
    /// size fits its limits of bytes and quality.
    pub photo: Option<IdPhoto>,
    /// Where the time went.
    pub timing: Timing,
}

/// The ID photo (证件照): a JPEG as the standard asks for it, metadata stripped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdPhoto {
    /// The file.
    pub jpeg: Vec<u8>,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// JPEG quality, 1..=100.
    pub quality: u8,
    /// The background's colour, sRGB.
    pub background: [u8; 3],
}

/// The main face, for reports; pixels of the upright capture. "Right" and "left" are the person's.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Face {
    /// The detector's confidence, 0..1.
    pub score: f32,
    /// Left, upper edge, width, height of the detector's box.
    #[serde(rename = "box")]
    pub bounds: [f32; 4],
    /// Turn, nod and tilt of the head in degrees; `None` where no mesh could be fitted.
    pub pose: Option<Pose>,
    /// Centre of the right eye.
    pub right_eye: [f32; 2],
    /// Centre of the left eye.
    pub left_eye: [f32; 2],
}

/// How a head is held, in degrees; all zero looks straight into the camera.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Pose {
    /// Positive turns the nose to the picture's right.
    pub yaw: f32,
    /// Positive lifts the chin.
    pub pitch: f32,
    /// Positive leans the head clockwise as the picture shows it.
    pub roll: f32,
}

/// Milliseconds by stage.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Timing {
    /// Decoding the upload.
    pub decode: f64,
    /// Finding faces.
    pub detect: f64,
    /// Mesh, irises, pose.
    pub mesh: f64,
    /// Separating person and background.
    pub matte: f64,
    /// Framing and the checks.
    pub measure: f64,
    /// Making the photo.
    pub make: f64,
    /// All of it.
    pub total: f64,
}

/// Why a capture could not be assessed at all; whatever is wrong with the picture itself is in the measures.
#[derive(Debug, thiserror::Error)]
pub enum AssessError {
    /// A network is missing or failed.
    #[error(transparent)]
    Model(#[from] ModelError),
}

/// Measures a capture against what `standard` asks for, and makes the ID photo with the standard's first background.
///
/// # Errors
/// [`AssessError::Model`] when a network is missing or fails. A capture without a face is no error: it counts 0 faces.
pub fn assess(models: &Models, capture: &Capture, standard: &Standard) -> Result<Assessment, AssessError> {
    assess_on(models, capture, standard, standard.photo.backgrounds[0])
}

/// As [`assess`], with another background colour.
///
/// # Errors
/// As [`assess`].
pub fn assess_on(
    models: &Models,
    capture: &Capture,
    _standard: &Standard,
    _background: [u8; 3],
) -> Result<Assessment, AssessError> {
    let faces = match face::detect(models, &capture.pixels) {
        Ok(faces) => faces.len(),
        Err(FaceError::NoFace) => 0,
        Err(FaceError::Model(error)) => return Err(error.into()),
    };
    let mut measures = Measures::default();
    for check in CheckId::of_photo() {
        measures.put_not_assessed(check, Text::new("本项未检测。", "This was not assessed."));
    }
    measures.put(CheckId::SingleFace, [("count", faces as f64)]);
    Ok(Assessment { measures, face: None, faces, photo: None, timing: Timing::default() })
}
