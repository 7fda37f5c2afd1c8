//! Where the person is, roughly: MediaPipe's selfie segmentation, looked at once as a whole and, before a busy wall, three times from nearer.

use image::RgbImage;
use multiversion::multiversion;
use rayon::prelude::*;

use crate::{
    face::{
        Point,
        crop::{AS_GOOD, Square, put_in_rows},
    },
    model::{ModelError, ModelId, Models, TensorView},
    plane::{Plane, along, beside, first, last, mixed, told},
    work::halved,
};

/// Edge of the segmenter's input and output.
const NET: usize = 256;
/// The nearer looks: centre, from the eyes, and half the side, in widths of the face. Head, right and left shoulder (as
/// the picture shows them). Of drawn people they halve the mask's errors at the outline; without the whole before them
/// they see people where none are.
const NEARER: [(f32, f32, f32); 3] = [(0.0, 0.0, 0.9), (-1.0, 1.25, 1.0), (1.0, 1.25, 1.0)];
/// Share of a nearer look's half side, from its edge inward, over which it gains its full weight.
const RAMP: f32 = 0.2;
/// The nearer looks are believed this far from the outline that the look at the whole gives, in widths of the face.
const OUTLINE: f32 = 0.1;
/// Above this the mask says person.
const PERSON: f32 = 0.5;

/// The segmenter's look at a whole picture; of the people in it only the one whose nose is at `nose`, in shares of its size.
///
/// # Errors
/// [`ModelError`] when the segmenter cannot be opened or run.
pub(super) fn at_whole(models: &Models, picture: &RgbImage, nose: [f32; 2]) -> Result<Plane, ModelError> {
    Ok(only_connected(&whole(models, picture)?, nose.map(|share| (share * NET as f32) as usize)))
}

/// The segmenter's look at a whole picture.
pub(super) fn whole(models: &Models, picture: &RgbImage) -> Result<Plane, ModelError> {
    // Halved until what lies between four pixels tells of all.
    if picture.width().min(picture.height()) as f32 >= AS_GOOD * NET as f32 {
        return whole(models, &halved(picture));
    }
    run(models, stretched(picture))
}

/// A picture at the network's size, whatever its own shape; 0..255.
fn stretched(picture: &RgbImage) -> Vec<f32> {
    let [w, h] = [picture.width(), picture.height()].map(|side| side as usize);
    let place = |k: usize, side: usize| beside((k as f32 + 0.5) * side as f32 / NET as f32, side);
    let columns: Vec<_> = (0..NET).map(|x| place(x, w)).collect();
    let row = |y: usize| &picture.as_raw()[y * w * 3..][..w * 3];
    let mut line = vec![0.0; w * 3 + 1];
    put_in_rows([NET; 2], |y, out| {
        let (above, below, share) = place(y, h);
        between_rows(row(above), row(below), share, &mut line);
        between_columns(&line, &columns, out);
    })
}

/// The pixels of a row at some places, as [`beside`] tells them; both rows as in [`put_in_rows`].
#[multiversion(targets("x86_64+avx+avx2"))]
fn between_columns(row: &[f32], places: &[(usize, usize, f32)], to: &mut [f32]) {
    for (k, (from, next, share)) in places.iter().enumerate() {
        let four = |x: usize| -> [f32; 4] { std::array::from_fn(|k| row[x * 3..][..4][k]) };
        to[k * 3..][..4].copy_from_slice(&mixed(four(*from), four(*next), *share));
    }
}

/// The values of two rows of bytes, the first for 0, the second for 1, straight between.
#[multiversion(targets("x86_64+avx+avx2"))]
fn between_rows(above: &[u8], below: &[u8], share: f32, to: &mut [f32]) {
    for ((to, above), below) in to.iter_mut().zip(above).zip(below) {
        let (above, below) = (f32::from(*above), f32::from(*below));
        *to = above + share * (below - above);
    }
}

/// The mask of the look at the whole picture, at its size.
pub(super) fn enlarged(whole: &Plane, [w, h]: [usize; 2]) -> Plane {
    let (u, v) = (whole.width as f32 / w as f32, whole.height as f32 / h as f32);
    let columns: Vec<_> = (0..w).map(|x| beside((x as f32 + 0.5) * u, whole.width)).collect();
    Plane::from_rows(w, h, |y, row| {
        let from = whole.row((y as f32 + 0.5) * v);
        // Where it says nothing, nothing is left to say.
        let says = |share: f32| share > 0.0;
        let (Some(first), Some(last)) = (first(&from, says), last(&from, says)) else { return };
        let begin = columns.partition_point(|(_, to, _)| *to < first);
        let end = columns.partition_point(|(from, ..)| *from <= last);
        for (to, column) in row[begin..end].iter_mut().zip(&columns[begin..end]) {
            *to = told(&from, *column);
        }
    })
}

/// The nearer looks. `eyes` is the place between them and `unit` the face's width, in pixels of the picture.
///
/// # Errors
/// [`ModelError`] when the segmenter cannot be opened or run.
pub(super) fn nearer(
    models: &Models,
    picture: &RgbImage,
    eyes: Point,
    unit: f32,
) -> Result<Vec<(Square, Plane)>, ModelError> {
    let (w, h) = (picture.width() as f32, picture.height() as f32);
    // As far inside the picture as it goes: beyond its edge there is nothing to see.
    let inside = |centre: f32, half: f32, side: f32| {
        if 2.0 * half < side { centre.clamp(half, side - half) } else { side / 2.0 }
    };
    NEARER
        .par_iter()
        .map(|(x, y, half)| {
            let half = half * unit;
            let centre =
                Point { x: inside(eyes.x + x * unit, half, w), y: inside(eyes.y + y * unit, half, h) };
            let square = Square { centre, side: 2.0 * half, roll: 0.0 };
            Ok((square, run(models, square.sample(picture, NET))?))
        })
        .collect()
}

/// Puts the nearer looks into the [`enlarged`] mask along the outline that `whole` gives.
pub(super) fn put_in(mask: &mut Plane, whole: &Plane, nearer: &[(Square, Plane)], unit: f32) {
    let (u, v) = (whole.width as f32 / mask.width as f32, whole.height as f32 / mask.height as f32);
    let radius = ((OUTLINE * unit * (u + v) / 2.0) as usize).max(1);
    let binary = Plane { data: whole.data.iter().map(|m| f32::from(*m > PERSON)).collect(), ..*whole };
    let near = binary.blurred(radius);
    let outline =
        Plane { data: near.data.iter().map(|n| f32::from((0.02..0.98).contains(n))).collect(), ..near }
            .blurred((radius / 4).max(1));
    mask.change_rows(|y, row| {
        let py = y as f32 + 0.5;
        let outline = outline.row(py * v);
        let (Some(first), Some(last)) =
            (outline.iter().position(|b| *b > 0.0), outline.iter().rposition(|b| *b > 0.0))
        else {
            return;
        };
        let from = (((first as f32 - 0.5) / u).max(0.0) as usize).min(row.len());
        let to = (((last as f32 + 1.5) / u) as usize + 1).min(row.len());
        for (x, value) in row[..to].iter_mut().enumerate().skip(from) {
            let px = x as f32 + 0.5;
            let belief = along(&outline, px * u);
            if belief <= 0.0 {
                continue;
            }
            let (mut told, mut weight) = (0.0, 0.0);
            for (square, near) in nearer {
                let (dx, dy) = (px - square.centre.x, py - square.centre.y);
                let edge = 1.0 - dx.abs().max(dy.abs()) / (square.side / 2.0);
                if edge > 0.0 {
                    let scale = NET as f32 / square.side;
                    let own = (edge / RAMP).min(1.0);
                    let half = square.side / 2.0;
                    told += own * near.sample((dx + half) * scale, (dy + half) * scale);
                    weight += own;
                }
            }
            if weight > 0.0 {
                *value += belief * weight.min(1.0) * (told / weight - *value);
            }
        }
    });
}

/// One inference; values 0..255.
fn run(models: &Models, mut values: Vec<f32>) -> Result<Plane, ModelError> {
    for value in &mut values {
        *value *= 1.0 / 255.0;
    }
    let outputs = models.get(ModelId::Segmenter)?.run(&[TensorView::new(&[1, NET, NET, 3], &values)?])?;
    let data = outputs.into_iter().next().map(crate::model::Tensor::into_data).unwrap_or_default();
    if data.len() != NET * NET {
        return Err(ModelError::Run("the segmenter answered in another shape than it documents".to_owned()));
    }
    Ok(Plane { width: NET, height: NET, data })
}

/// Keeps what hangs together with the seed: others in the picture are background.
fn only_connected(mask: &Plane, seed: [usize; 2]) -> Plane {
    const LEAST: f32 = 0.3;
    // The soft rim around what is kept belongs to it.
    let near = mask.connected((seed[0], seed[1]), |m| m >= LEAST).widened(3);
    let mut kept = Plane::filled(mask.width, mask.height, 0.0);
    for y in 0..mask.height {
        for run in near.runs(y).map(|run| y * mask.width + run.start..y * mask.width + run.end) {
            kept.data[run.clone()].copy_from_slice(&mask.data[run]);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn somebody_apart_from_the_person_is_background() {
        let mask = Plane::from_fn(NET, NET, |x, _| if (100..=180).contains(&x) { 0.0 } else { 1.0 });
        let kept = only_connected(&mask, [50, 50]);
        assert_eq!((kept.at(50, 200), kept.at(220, 50)), (1.0, 0.0));
    }

    #[test]
    fn nearer_looks_count_along_the_outline_only() {
        // The whole ends at 200, the nearer look at 206; far from the outline it sees somebody who is not there.
        let whole = Plane::from_fn(400, 400, |x, _| f32::from(x < 200));
        let square = Square { centre: Point { x: 200.0, y: 200.0 }, side: 256.0, roll: 0.0 };
        let near = Plane::from_fn(NET, NET, |x, _| f32::from(!(134..=230).contains(&x)));
        let mut mask = whole.clone();
        put_in(&mut mask, &whole, &[(square, near)], 300.0);
        assert_eq!([150, 203, 215, 310].map(|x| mask.at(x, 200)), [1.0, 1.0, 0.0, 0.0]);
    }
}
