//! Where the person is, roughly: MediaPipe's selfie segmentation, looked at once as a whole and three times from nearer.

use image::RgbImage;
use rayon::prelude::*;

use super::COARSER;
use crate::{
    face::{FaceBox, Point, crop::Square},
    model::{ModelError, ModelId, Models, TensorView},
    plane::Plane,
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

/// The person's mask, 0..1, at the size of the halved working copy; `face` is in pixels of the whole one.
///
/// # Errors
/// [`ModelError`] when the segmenter cannot be opened or run.
pub(super) fn mask(models: &Models, half: &RgbImage, face: &FaceBox) -> Result<Plane, ModelError> {
    let (w, h) = (half.width() as f32, half.height() as f32);
    let scale = 1.0 / COARSER as f32;
    let unit = face.width.max(face.height) * scale;
    let [right, left, nose] = [0, 1, 2].map(|k| face.keypoints[k]);
    let eyes = Point { x: (right.x + left.x) / 2.0 * scale, y: (right.y + left.y) / 2.0 * scale };
    // As far inside the picture as it goes: beyond its edge there is nothing to see.
    let inside = |centre: f32, half: f32, side: f32| {
        if 2.0 * half < side { centre.clamp(half, side - half) } else { side / 2.0 }
    };
    let nearer = NEARER.map(|(x, y, half)| {
        let half = half * unit;
        let centre = Point { x: inside(eyes.x + x * unit, half, w), y: inside(eyes.y + y * unit, half, h) };
        Square { centre, side: 2.0 * half, roll: 0.0 }
    });
    let mut masks = (0..=NEARER.len())
        .into_par_iter()
        .map(|look| match look {
            0 => whole(models, half),
            _ => run(models, nearer[look - 1].sample(half, NET)),
        })
        .collect::<Result<Vec<Plane>, ModelError>>()?;
    let net = [NET as f32 / w, NET as f32 / h];
    let seed = [(nose.x * scale * net[0]) as usize, (nose.y * scale * net[1]) as usize];
    let whole = only_connected(&masks.remove(0), seed);
    Ok(merged(&whole, &masks, &nearer, [half.width(), half.height()].map(|side| side as usize), unit))
}

/// The mask of the look at the whole, enlarged to `size`, with the nearer looks put in along its outline.
fn merged(whole: &Plane, masks: &[Plane], nearer: &[Square; 3], size: [usize; 2], unit: f32) -> Plane {
    let (u, v) = (whole.width as f32 / size[0] as f32, whole.height as f32 / size[1] as f32);
    let radius = ((OUTLINE * unit * (u + v) / 2.0) as usize).max(1);
    let binary = Plane { data: whole.data.iter().map(|m| f32::from(*m > PERSON)).collect(), ..*whole };
    let near = binary.blurred(radius);
    let outline =
        Plane { data: near.data.iter().map(|n| f32::from((0.02..0.98).contains(n))).collect(), ..near }
            .blurred((radius / 4).max(1));
    Plane::from_fn(size[0], size[1], |x, y| {
        let (px, py) = (x as f32 + 0.5, y as f32 + 0.5);
        let far = whole.sample(px * u, py * v);
        let belief = outline.at((px * u) as usize, (py * v) as usize);
        if belief <= 0.0 {
            return far;
        }
        let belief = outline.sample(px * u, py * v);
        let (mut told, mut weight) = (0.0, 0.0);
        for (mask, square) in masks.iter().zip(nearer) {
            let (dx, dy) = (px - square.centre.x, py - square.centre.y);
            let edge = 1.0 - dx.abs().max(dy.abs()) / (square.side / 2.0);
            if edge > 0.0 {
                let scale = NET as f32 / square.side;
                let own = (edge / RAMP).min(1.0);
                told += own * mask.sample((dx + square.side / 2.0) * scale, (dy + square.side / 2.0) * scale);
                weight += own;
            }
        }
        if weight <= 0.0 {
            return far;
        }
        let belief = belief * weight.min(1.0);
        far + belief * (told / weight - far)
    })
}

/// The segmenter's look at a whole picture.
pub(super) fn whole(models: &Models, picture: &RgbImage) -> Result<Plane, ModelError> {
    let area = [0.0, 0.0, picture.width() as f32, picture.height() as f32];
    let small = crate::face::crop::resize(picture, area, NET as u32, NET as u32)
        .ok_or_else(|| ModelError::Run("the working copy cannot be shrunk".to_owned()))?;
    run(models, small.into_iter().map(f32::from).collect())
}

/// One inference; values 0..255.
fn run(models: &Models, mut values: Vec<f32>) -> Result<Plane, ModelError> {
    for value in &mut values {
        *value /= 255.0;
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
    let (w, h) = (mask.width, mask.height);
    let mut keep = vec![false; w * h];
    let mut open = vec![(seed[0].min(w - 1), seed[1].min(h - 1))];
    while let Some((x, y)) = open.pop() {
        let index = y * w + x;
        if keep[index] || mask.data[index] < LEAST {
            continue;
        }
        keep[index] = true;
        if x > 0 {
            open.push((x - 1, y));
        }
        if y > 0 {
            open.push((x, y - 1));
        }
        if x + 1 < w {
            open.push((x + 1, y));
        }
        if y + 1 < h {
            open.push((x, y + 1));
        }
    }
    // The soft rim around what is kept belongs to it.
    let near = Plane { width: w, height: h, data: keep.iter().map(|k| f32::from(u8::from(*k))).collect() }
        .blurred(3);
    mask.with(&near, |m, n| if n > 0.0 { m } else { 0.0 })
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
        let masks = [near.clone(), near.clone(), near];
        let merged = merged(&whole, &masks, &[square; 3], [400, 400], 300.0);
        assert_eq!([150, 203, 215, 310].map(|x| merged.at(x, 200)), [1.0, 1.0, 0.0, 0.0]);
    }
}
