//! Seeing: what the steps need of `vision`, behind a seam so that the journey can be tested without networks.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use domain::{EmblemSide, Measures, PersonName, PortraitSide, Standard};
use vision::{
    card::{self, CardError},
    compare::{self, CompareError},
    decode::{self, Capture, DecodeError},
    model::{ModelError, Models},
    photo::{self, AssessError, Timing},
    preview::{self, preview},
};

use crate::{Trouble, meters};

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
    NoCard {
        /// What can be measured without one.
        measures: Measures,
    },
}

/// The portrait side as seen, and the picture that is printed on it.
#[derive(Debug, Clone)]
pub struct PortraitSideSeen {
    /// The side.
    pub card: CardSeen<PortraitSide>,
    /// The printed portrait, cut out, JPEG; `None` where no portrait side is seen.
    pub face: Option<Vec<u8>>,
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
    /// The portrait side (人像面). `name` is the registration's, which settles characters that cannot be read where the pixels agree.
    ///
    /// # Errors
    /// What is wrong with the file, or [`Trouble::Internal`].
    fn portrait_side(&self, picture: &Bytes, name: Option<&PersonName>) -> Result<PortraitSideSeen, Trouble>;

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

    /// How alike the faces of the card's picture and of the photo are, 0 to 100; `None` where either shows none.
    ///
    /// # Errors
    /// [`Trouble::Internal`] when a network is missing or fails, or a stored picture is none.
    fn likeness(&self, card_face: &Bytes, photo: &Bytes) -> Result<Option<f64>, Trouble>;

    /// Whether looking is possible at all.
    fn ready(&self) -> bool;
}

/// Fewest pixels of a photo's shorter side: half the width that standards ask for.
const LEAST_SHORT_SIDE: u32 = 240;

/// JPEG quality of the portrait cut from the card: a descriptor is made of it, and it is looked at beside the photo.
const CARD_FACE_QUALITY: u8 = 92;

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
    fn portrait_side(&self, picture: &Bytes, name: Option<&PersonName>) -> Result<PortraitSideSeen, Trouble> {
        let read = card::take(picture, |capture| {
            took("card_portrait", "decode", capture.decoding);
            timed("card_portrait", "read", || card::read_portrait_side_expecting(&self.models, capture, name))
        });
        let printed = read.as_ref().ok().and_then(|(_, reading)| reading.portrait.as_ref());
        let face = printed
            .and_then(|pixels| timed("card_portrait", "cut", || preview::jpeg(pixels, CARD_FACE_QUALITY)));
        Ok(PortraitSideSeen { card: seen(read)?, face })
    }

    fn emblem_side(&self, picture: &Bytes) -> Result<CardSeen<EmblemSide>, Trouble> {
        seen(card::take(picture, |capture| {
            took("card_emblem", "decode", capture.decoding);
            timed("card_emblem", "read", || card::read_emblem_side(&self.models, capture))
        }))
    }

    fn photo(&self, picture: &Bytes, standard: &Standard) -> Result<PhotoSeen, Trouble> {
        let (capture, assessment, ()) = photo::take(picture, standard, |capture| {
            if capture.source.width.min(capture.source.height) < LEAST_SHORT_SIDE {
                return Err(Trouble::PictureTooSmall);
            }
            let assessment = photo::assess(&self.models, capture, standard)
                .map_err(|AssessError::Model(error)| unusable(&error))?;
            record(&assessment.timing);
            Ok((assessment, ()))
        })?;
        // Tens of milliseconds, so only for a picture that will be looked at.
        let refused = assessment.photo.is_none() || !standard.judge(&assessment.measures).accepted;
        Ok(PhotoSeen {
            measures: assessment.measures,
            made: assessment.photo.map(|p| p.jpeg),
            preview: if refused { timed("photo", "preview", || preview(&capture)) } else { None },
        })
    }

    fn likeness(&self, card_face: &Bytes, photo: &Bytes) -> Result<Option<f64>, Trouble> {
        let describe = |file: &Bytes| {
            let capture = decode::decode(file)?;
            took("comparison", "decode", capture.decoding);
            match timed("comparison", "describe", || compare::descriptor(&self.models, &capture.pixels)) {
                Ok(descriptor) => Ok(Some(descriptor)),
                Err(CompareError::NoFace) => Ok(None),
                Err(CompareError::Model(error)) => Err(unusable(&error)),
            }
        };
        let (Some(on_card), Some(on_photo)) = (describe(card_face)?, describe(photo)?) else {
            return Ok(None);
        };
        Ok(Some(f64::from(compare::similarity(on_card.distance(&on_photo)))))
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

/// Records a stage of a step in the metrics.
fn took(step: &'static str, stage: &'static str, time: Duration) {
    metrics::histogram!(meters::PIXEL_STAGE_SECONDS, "step" => step, "stage" => stage)
        .record(time.as_secs_f64());
}

fn timed<T>(step: &'static str, stage: &'static str, of: impl FnOnce() -> T) -> T {
    let _span = tracing::info_span!("stage", step, stage).entered();
    let begun = Instant::now();
    let made = of();
    took(step, stage, begun.elapsed());
    made
}

/// Records the stages of a photo that it went through.
fn record(timing: &Timing) {
    let stages = [
        ("decode", timing.decode),
        ("face", timing.detect),
        ("mesh", timing.mesh),
        ("matte", timing.matte),
        ("frame", timing.frame),
        ("checks", timing.measure),
        ("encode", timing.make),
    ];
    for (stage, milliseconds) in stages.into_iter().filter(|(_, milliseconds)| *milliseconds > 0.0) {
        took("photo", stage, Duration::from_secs_f64(milliseconds / 1e3));
    }
}

fn seen<T>(read: Result<(Capture, card::CardReading<T>), CardError>) -> Result<CardSeen<T>, Trouble> {
    match read {
        Ok((_, reading)) => Ok(CardSeen::Card { side: reading.side, measures: reading.measures }),
        Err(CardError::NoCard { measures }) => Ok(CardSeen::NoCard { measures }),
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
