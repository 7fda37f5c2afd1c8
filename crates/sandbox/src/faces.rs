//! How the simulated identity platform sees faces.

use image::RgbImage;
use specimen::{
    people::Person,
    portrait::{PortraitScene, card_portrait, portrait},
};
use vision::{
    compare::{self, Descriptor},
    face,
    model::Models,
};

/// What is seen in a picture.
#[derive(Debug, Clone, PartialEq)]
pub enum Seen {
    /// No face.
    Nobody,
    /// Several faces of like size.
    Several,
    /// One face.
    One(Box<Descriptor>),
}

/// The comparison itself failed.
#[derive(Debug, thiserror::Error)]
#[error("the face comparison failed: {0}")]
pub struct FacesError(pub String);

/// Looks for a face and describes it.
pub trait Faces: Send + Sync + 'static {
    /// What the picture shows.
    ///
    /// # Errors
    /// [`FacesError`] when a network is missing or fails.
    fn see(&self, picture: &RgbImage) -> Result<Seen, FacesError>;

    /// What the register holds of a drawn person: the card's portrait, and another day's photo.
    ///
    /// # Errors
    /// As [`Faces::see`].
    fn enrol(&self, person: &Person) -> Result<Vec<Descriptor>, FacesError> {
        let another_day = PortraitScene::clean(person.seed ^ 0xD06).sized(504, 672);
        let mut descriptors = Vec::new();
        for picture in [card_portrait(&person.looks), portrait(&person.looks, &another_day).pixels] {
            if let Seen::One(descriptor) = self.see(&picture)? {
                descriptors.push(*descriptor);
            }
        }
        Ok(descriptors)
    }
}

/// Sees with the product's own networks.
#[derive(Debug, Clone)]
pub struct VisionFaces {
    models: Models,
}

impl VisionFaces {
    /// Sees with these networks.
    pub fn new(models: Models) -> VisionFaces {
        VisionFaces { models }
    }
}

impl Faces for VisionFaces {
    fn see(&self, picture: &RgbImage) -> Result<Seen, FacesError> {
        let failed = |error: &dyn std::error::Error| FacesError(error.to_string());
        let faces = face::detect(&self.models, picture).map_err(|e| failed(&e))?;
        let Some(first) = faces.first() else { return Ok(Seen::Nobody) };
        if faces.iter().skip(1).any(|other| other.width > first.width * 0.5) {
            return Ok(Seen::Several);
        }
        let mesh = face::mesh(&self.models, picture, first).map_err(|e| failed(&e))?;
        let descriptor = compare::describe(&self.models, picture, &mesh).map_err(|e| failed(&e))?;
        Ok(Seen::One(Box::new(descriptor)))
    }
}
