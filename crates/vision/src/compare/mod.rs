//! Face comparison: a face becomes 128 numbers, and near ones are likely one person.

mod align;
pub mod rates;

use image::RgbImage;

use crate::{
    face::{self, FaceError, FaceMesh},
    model::{ModelError, ModelId, Models, TensorView},
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

/// The network's input edge, in pixels.
const INPUT: usize = 150;

/// The descriptor of the most prominent face in a picture.
///
/// # Errors
/// [`CompareError::NoFace`] when no face is found; [`CompareError::Model`] when a network fails.
pub fn descriptor(models: &Models, pixels: &RgbImage) -> Result<Descriptor, CompareError> {
    let faces = face::detect(models, pixels)?;
    let first = faces.first().ok_or(CompareError::NoFace)?;
    describe(models, pixels, &face::mesh(models, pixels, first)?)
}

/// The descriptor of a face whose mesh is known.
///
/// # Errors
/// [`CompareError::Model`] when the network fails.
pub fn describe(models: &Models, pixels: &RgbImage, mesh: &FaceMesh) -> Result<Descriptor, CompareError> {
    let input = align::square(mesh).sample(pixels, INPUT);
    let outputs =
        models.get(ModelId::FaceDescriptor)?.run(&[TensorView::new(&[1, INPUT, INPUT, 3], &input)?])?;
    let values = outputs.first().and_then(|output| output.data().try_into().ok());
    values.map(Descriptor).ok_or_else(|| ModelError::Run("a descriptor has 128 numbers".to_owned()).into())
}

/// The similarity from which two faces are taken for one person's: dlib's distance of 0.6.
pub const SAME_PERSON: f32 = 50.0;

/// How much a unit of distance weighs in the logarithm of the odds: what the published distributions on LFW give, if distances
/// scattered twice as widely as there. `docs/faces.md` derives it.
const STEEPNESS: f32 = 14.6;

/// Turns a distance into a similarity of 0..100: how likely, in percent, the two show one person, if that and the contrary were as
/// likely beforehand; logistic around dlib's 0.6.
///
/// Two pictures of one person were seen 0.32 to 0.46 apart (similarity 98 to 88), different people 0.79 to 1.05 (6 and
/// below). The scale is for people: generated faces of one kind come within 0.3 to 0.45 of each other and drawn ones
/// nearer still, so that among those only the nearest says something, never this number alone.
#[must_use]
pub fn similarity(distance: f32) -> f32 {
    100.0 / (1.0 + (STEEPNESS * (distance - 0.6)).exp())
}

/// The distance at which a similarity between 0 and 100 is reached: the inverse of [`similarity`].
#[must_use]
pub fn distance_of(similarity: f32) -> f32 {
    0.6 + (100.0 / similarity - 1.0).ln() / STEEPNESS
}

#[cfg(test)]
mod tests;
