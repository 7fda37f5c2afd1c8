//! Seeing: what the steps need of `vision`, behind a seam so that the journey can be tested without networks.

use std::sync::Arc;

use bytes::Bytes;
use domain::{EmblemSide, Measures, PortraitSide, Standard};
use vision::{
    card::{self, CardError},
    decode::{Capture, DecodeError},
    model::{ModelError, Models},
    photo::{self, AssessError},
    preview::preview,
};

use crate::Trouble;

/// One side of a card as seen.
#[derive(Debug, Clone)]
pub enum CardSeen<T> {
    /// A card is there.
    Card {
        /// Its fields; what could not be read is `None`.
        side: T,
        /// Measures of the capture.
        measures: Measures,
    },
    /// Nothing in the picture looks like an identity card.
    NoCard,
}

/// A photo as seen.
#[derive(Debug, Clone)]
pub struct PhotoSeen {
    /// What was measured.
    pub measures: Measures,
    /// The ID photo made of it, JPEG; `None` where none could be made.
    pub made: Option<Vec<u8>>,
    /// The picture itself, small and upright, JPEG; spots are shares of it. Needed only of a photo that is refused.
    pub preview: Option<Vec<u8>>,
}

/// Looks at uploaded pictures. Runs long: call it in the pixel pool.
pub trait Sight: Send + Sync {
    /// The portrait side (人像面).
    ///
    /// # Errors
    /// What is wrong with the file, or [`Trouble::Internal`].
    fn portrait_side(&self, picture: &Bytes) -> Result<CardSeen<PortraitSide>, Trouble>;

    /// The emblem side (国徽面).
    ///
    /// # Errors
    /// As [`Sight::portrait_side`].
    fn emblem_side(&self, picture: &Bytes) -> Result<CardSeen<EmblemSide>, Trouble>;

    /// The photo, measured for a standard.
    ///
    /// # Errors
    /// As [`Sight::portrait_side`].
    fn photo(&self, picture: &Bytes, standard: &Standard) -> Result<PhotoSeen, Trouble>;

    /// Whether looking is possible at all.
    fn ready(&self) -> bool;
}

/// Fewest pixels of a photo's shorter side: half the width that standards ask for.
const LEAST_SHORT_SIDE: u32 = 240;

/// Sight by the networks of `vision`.
pub struct Networks {
    models: Models,
}

impl Networks {
    /// Sight by these networks.
    pub fn new(models: Models) -> Arc<Networks> {
        Arc::new(Networks { models })
    }
}

impl Sight for Networks {
    fn portrait_side(&self, picture: &Bytes) -> Result<CardSeen<PortraitSide>, Trouble> {
        seen(card::take(picture, |capture| card::read_portrait_side(&self.models, capture)))
    }

    fn emblem_side(&self, picture: &Bytes) -> Result<CardSeen<EmblemSide>, Trouble> {
        seen(card::take(picture, |capture| card::read_emblem_side(&self.models, capture)))
    }

    fn photo(&self, picture: &Bytes, standard: &Standard) -> Result<PhotoSeen, Trouble> {
        let (capture, assessment, ()) = photo::take(picture, standard, |capture| {
            if capture.source.width.min(capture.source.height) < LEAST_SHORT_SIDE {
                return Err(Trouble::PictureTooSmall);
            }
            photo::assess(&self.models, capture, standard)
                .map(|assessment| (assessment, ()))
                .map_err(|AssessError::Model(error)| unusable(&error))
        })?;
        // Tens of milliseconds, so only for a picture that will be looked at.
        let refused = assessment.photo.is_none() || !standard.judge(&assessment.measures).accepted;
        Ok(PhotoSeen {
            measures: assessment.measures,
            made: assessment.photo.map(|p| p.jpeg),
            preview: if refused { preview(&capture) } else { None },
        })
    }

    fn ready(&self) -> bool {
        use vision::model::ModelId as M;
        [M::FaceDetector, M::FaceMesh, M::Iris, M::Segmenter, M::TextDetector, M::TextRecognizer]
            .into_iter()
            .all(|id| {
                self.models
                    .get(id)
                    .inspect_err(|error| tracing::error!(%error, "a network is not usable"))
                    .is_ok()
            })
    }
}

fn seen<T>(read: Result<(Capture, card::CardReading<T>), CardError>) -> Result<CardSeen<T>, Trouble> {
    match read {
        Ok((_, reading)) => Ok(CardSeen::Card { side: reading.side, measures: reading.measures }),
        Err(CardError::NoCard) => Ok(CardSeen::NoCard),
        Err(CardError::TooSmall { .. }) => Err(Trouble::PictureTooSmall),
        Err(CardError::Model(error)) => Err(unusable(&error)),
        Err(CardError::Decode(error)) => Err(error.into()),
    }
}

fn unusable(error: &ModelError) -> Trouble {
    tracing::error!(%error, "a network failed");
    Trouble::Internal
}

/// What a candidate is told about a file that is no usable picture.
impl From<DecodeError> for Trouble {
    fn from(error: DecodeError) -> Trouble {
        match error {
            DecodeError::Empty | DecodeError::Unsupported { .. } | DecodeError::NotAnImage => {
                Trouble::PictureUnsupported
            }
            DecodeError::TooManyBytes { .. } => Trouble::PictureTooLarge,
            DecodeError::TooManyPixels { .. } => Trouble::PictureTooManyPixels,
            DecodeError::Heic | DecodeError::Avif => Trouble::PictureHeic,
            DecodeError::Truncated | DecodeError::Damaged => Trouble::PictureBroken,
        }
    }
}
