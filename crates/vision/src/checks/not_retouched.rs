//! `not_retouched`: whether the skin still has the grain that the rest of the picture has.

use super::{Area, Reading, Subject, skin};
use crate::{colour, face::Point};

/// Skin has at least so much grain of its own, in steps of 255.
const GRAIN: f64 = 0.33;
/// Tiles of this many pixels of the capture.
const TILE: usize = 12;

/// `texture`: grain of the skin by grain of what is not skin, both in the calmer third of tiles of the capture's own pixels,
/// brightness only. A lens gives skin more fine structure than a wall has: pores, fine hair; a beauty filter takes it away
/// together with the sensor's grain, which stays elsewhere. Where the rest has hardly any grain, skin still has a third of a step
/// of 255: a picture that a phone smoothed all over shows none either, which is why standards only warn. ISO/IEC 29794-5 has no
/// such component.
pub(super) fn measure(subject: &Subject<'_>) -> Option<Reading> {
    let skin = calm(skin::cheek_boxes(subject), subject)?;
    let head = &subject.framing.head;
    let beside = |from: f32, to: f32| {
        let corner = |x: f32, y: f32| {
            subject
                .work
                .in_capture(Point { x: head.eyes.x + x * head.width, y: head.eyes.y + y * head.width })
        };
        [corner(from, -0.7), corner(to, 0.4)]
    };
    let rest = calm([beside(-1.5, -0.85), beside(0.85, 1.5)], subject)?;
    Some(Reading::at(
        Area::around(skin::cheek_boxes(subject).concat()),
        vec![("texture", skin / rest.max(GRAIN))],
    ))
}

/// Grain of the calmer third of the tiles in two boxes of the capture, given by two corners each.
fn calm(boxes: [[Point; 2]; 2], subject: &Subject<'_>) -> Option<f64> {
    let pixels = &subject.capture.pixels;
    let (w, h) = (pixels.width() as usize, pixels.height() as usize);
    let mut found = Vec::new();
    for [a, b] in boxes {
        let (left, right) = (a.x.max(0.0) as usize, (b.x.max(0.0) as usize).min(w));
        let (top, bottom) = (a.y.max(0.0) as usize, (b.y.max(0.0) as usize).min(h));
        // Enough tiles to rank, however small or large the capture.
        let step = (((right.saturating_sub(left)) * (bottom.saturating_sub(top))) as f32 / 120.0).sqrt();
        let step = (step as usize).max(TILE / 2);
        for y in (top..bottom.saturating_sub(TILE)).step_by(step) {
            for x in (left..right.saturating_sub(TILE)).step_by(step) {
                let tile: [[f32; TILE]; TILE] = std::array::from_fn(|j| {
                    std::array::from_fn(|i| colour::luma(pixels.get_pixel((x + i) as u32, (y + j) as u32).0))
                });
                found.push(super::noise::residue(&tile));
            }
        }
    }
    if found.len() < 12 {
        return None;
    }
    let rank = found.len() / 3;
    Some(f64::from(*found.select_nth_unstable_by(rank, f32::total_cmp).1))
}
