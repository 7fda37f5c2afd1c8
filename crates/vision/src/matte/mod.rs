//! Person and background apart: MediaPipe's selfie segmentation, its outline decided anew by colour, and the wall's colours.

mod backdrop;
mod guided;
mod look;
mod person;
mod refine;

pub(crate) use backdrop::Backdrop;
pub(crate) use person::Person;
use refine::Busy;

use crate::{
    face::{FaceBox, Point},
    marked::between,
    model::{ModelError, Models},
    plane::Plane,
    work::Work,
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
pub(crate) fn matte(models: &Models, work: &Work<'_>, face: &FaceBox) -> Result<Matte, ModelError> {
    let half = &work.half;
    let (w, h) = (half.width() as f32, half.height() as f32);
    let [right, left, nose] = [0, 1, 2]
        .map(|k| face.keypoints[k])
        .map(|p| Point { x: p.x / COARSER as f32, y: p.y / COARSER as f32 });
    let eyes = Point { x: (right.x + left.x) / 2.0, y: (right.y + left.y) / 2.0 };
    let unit = face.width.max(face.height) / COARSER as f32;

    let whole = look::at_whole(models, half, [nose.x / w, nose.y / h])?;
    let mut mask = look::enlarged(&whole, [half.width(), half.height()].map(|side| side as usize));
    let busy = Busy::of(half, &mask);
    // Before an even wall colours tell more than a nearer look.
    if !busy.nowhere {
        let nearer = look::nearer(models, half, eyes, unit)?;
        look::put_in(&mut mask, &whole, &nearer, unit);
    }
    let mut alpha = refine::refined(&work.pixels, half, &mask, &busy);
    leave_the_rest(&mut alpha, face.keypoints[2], OWN * face.width.max(face.height));
    let (backdrop, person) = rayon::join(|| Backdrop::of(half, &alpha), || Person::of(half, &alpha));
    Ok(Matte { alpha, backdrop, person })
}

/// How far from what hangs together with the face loose hair belongs to the person, in widths of the face.
const OWN: f32 = 0.1;

/// Takes out what does not hang together with the person at `nose`, unless it is within `reach` pixels: a thing on the wall, a
/// shadow taken for a person half and half.
fn leave_the_rest(alpha: &mut Plane, nose: Point, reach: f32) {
    /// One of so many pixels, across and down, tells as much.
    const STEP: usize = 4;
    let (w, h) = (alpha.width.div_ceil(STEP), alpha.height.div_ceil(STEP));
    let few = Plane::from_rows(w, h, |y, few| {
        let row = alpha.data[y * STEP * alpha.width..][..alpha.width].iter().step_by(STEP);
        few.iter_mut().zip(row).for_each(|(few, share)| *few = *share);
    });
    let place = |v: f32| (v / STEP as f32).max(0.0) as usize;
    let own = few.connected((place(nose.x), place(nose.y)), |share| share > 0.5);
    let near = own.widened((reach / STEP as f32) as usize + 1);
    if near.is_empty() {
        return;
    }
    let width = alpha.width;
    for (y, rows) in alpha.data.chunks_mut(width * STEP).enumerate() {
        for far in between(near.runs(y), w) {
            let far = far.start * STEP..(far.end * STEP).min(width);
            rows.chunks_mut(width).for_each(|row| row[far.clone()].fill(0.0));
        }
    }
}

#[cfg(test)]
pub(crate) mod testing {
    use image::RgbImage;

    use super::*;
    use crate::work::halved;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_hang_together_with_the_face_is_left() {
        let disc =
            |x: usize, y: usize, cx: i32, r: i32| (x as i32 - cx).pow(2) + (y as i32 - 100).pow(2) < r * r;
        let mut alpha = Plane::from_fn(300, 200, |x, y| match () {
            () if disc(x, y, 100, 50) => 1.0,
            () if disc(x, y, 158, 5) => 0.3,
            () if disc(x, y, 230, 30) => 0.9,
            () => 0.0,
        });
        leave_the_rest(&mut alpha, Point { x: 100.0, y: 110.0 }, 12.0);
        assert_eq!([100, 158, 230].map(|x| alpha.at(x, 100)), [1.0, 0.3, 0.0]);
    }
}
