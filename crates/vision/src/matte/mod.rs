//! Person and background apart: MediaPipe's selfie segmentation, its outline decided anew by colour, and the wall's colours.

mod backdrop;
mod look;
mod person;
mod refine;

pub(crate) use backdrop::Backdrop;
use image::RgbImage;
pub(crate) use person::Person;
use refine::Busy;

use crate::{
    face::{FaceBox, Point},
    model::{ModelError, Models},
    plane::Plane,
    work::halved,
};

/// Most of the work is done on a copy of the working copy smaller by this factor.
const COARSER: usize = 2;
/// Below this alpha a pixel is background.
pub(crate) const BACKGROUND: f32 = 0.02;

/// How much of each pixel of the working copy the person covers, and what lies behind.
#[derive(Debug, Clone)]
pub(crate) struct Matte {
    /// 0 background, 1 person; the size of the working copy.
    pub alpha: Plane,
    /// The background's colour everywhere, also behind the person.
    pub backdrop: Backdrop,
    /// The person's own colours along the outline.
    pub person: Person,
}

/// Separates the person with this face, in pixels of the working copy, from the rest of it.
///
/// # Errors
/// [`ModelError`] when the segmenter cannot be opened or run.
pub(crate) fn matte(models: &Models, work: &RgbImage, face: &FaceBox) -> Result<Matte, ModelError> {
    let half = halved(work);
    let (w, h) = (half.width() as f32, half.height() as f32);
    let [right, left, nose] = [0, 1, 2]
        .map(|k| face.keypoints[k])
        .map(|p| Point { x: p.x / COARSER as f32, y: p.y / COARSER as f32 });
    let eyes = Point { x: (right.x + left.x) / 2.0, y: (right.y + left.y) / 2.0 };
    let unit = face.width.max(face.height) / COARSER as f32;

    let whole = look::at_whole(models, &half, [nose.x / w, nose.y / h])?;
    let mut mask = look::enlarged(&whole, [half.width(), half.height()].map(|side| side as usize));
    let busy = Busy::of(&half, &mask);
    let nearer = look::nearer(models, &half, eyes, unit, busy.nowhere)?;
    look::put_in(&mut mask, &whole, &nearer, unit);
    let alpha = refine::refined(work, &half, &mask, &busy);
    let (backdrop, person) = rayon::join(|| Backdrop::of(&half, &alpha), || Person::of(&half, &alpha));
    Ok(Matte { alpha, backdrop, person })
}

#[cfg(test)]
pub(crate) mod testing {
    use super::*;

    /// A matte of a given alpha before a white wall.
    pub(crate) fn matte(alpha: Plane) -> Matte {
        let black = RgbImage::new(alpha.width as u32, alpha.height as u32);
        let person = Person::of(&halved(&black), &alpha);
        Matte { alpha, backdrop: Backdrop::white(), person }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod truth;
