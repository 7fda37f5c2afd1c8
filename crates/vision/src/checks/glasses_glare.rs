//! `glasses_glare`: whether lenses reflect a light.

use super::{
    Area, Reading, Subject,
    groups::{groups, largest},
    skin,
};
use crate::{face::Point, framing::eyes};

/// Where lenses are, in distances between the eyes: from the face's middle outward, and from the eye's height down.
const ACROSS: (f32, f32) = (0.13, 0.98);
const DOWN: (f32, f32) = (-0.27, 0.38);
/// The darkest channel of a reflection is at least so bright, 0..255: it is white, as no skin is, and brighter than the eye's
/// white.
const WHITE: f32 = 222.0;
/// By how much it exceeds the brightest tenth of the cheek's pixels, up to the most that still can be exceeded.
const ABOVE_CHEEK: f32 = 18.0;
const MOST: f32 = 250.0;

/// `spot`: area of the largest white spot before an eye, relative to the square of the distance between the eyes: 0.01 is a spot
/// of about 7 mm. The light that every eye reflects stays under 0.003. Own measure; ISO/IEC 29794-5 has no component for glare on
/// glasses. `None` where a cheek is hidden.
pub(super) fn measure(subject: &Subject<'_>) -> Option<Reading> {
    let [right, left] = spots(subject)?;
    let larger = if right.0 > left.0 { right } else { left };
    Some(Reading::from(vec![("spot", f64::from(larger.0))]).with("spot", larger.1))
}

/// The largest spot before the person's right and before the left eye: its area as `spot` counts it, and where it is.
pub(crate) fn spots(subject: &Subject<'_>) -> Option<[(f32, Option<Area>); 2]> {
    let head = &subject.framing.head;
    let unit = head.inter_eye;
    let cheeks = skin::cheeks(subject);
    let mut spots = [(0.0f32, None); 2];
    for (spot, (eye, cheek)) in spots.iter_mut().zip(eyes(subject.mesh).into_iter().zip(&cheeks)) {
        let threshold = threshold(cheek)?;
        let eye = head.upright(eye);
        let side = eye.x.signum();
        // One sample a pixel.
        let (columns, rows) =
            (((ACROSS.1 - ACROSS.0) * unit) as usize + 1, ((DOWN.1 - DOWN.0) * unit) as usize + 1);
        let place = |k: usize| Point {
            x: side * (ACROSS.0 * unit + (k % columns) as f32),
            y: eye.y + DOWN.0 * unit + (k / columns) as f32,
        };
        let white: Vec<bool> = (0..columns * rows)
            .map(|k| {
                let pixel =
                    Some(place(k)).filter(|p| of_person(subject, *p)).and_then(|p| skin::pixel(subject, p));
                pixel.is_some_and(|rgb| f32::from(darkest(rgb)) >= threshold)
            })
            .collect();
        let cells = largest(groups([columns, rows], false, |k| white[k].then_some(())));
        *spot = (cells.len() as f32 / (unit * unit), None);
        if !cells.is_empty() {
            spot.1 = Some(Area::of_upright(subject, cells.into_iter().map(place), 0.01));
        }
    }
    Some(spots)
}

fn darkest(rgb: [u8; 3]) -> u8 {
    rgb[0].min(rgb[1]).min(rgb[2])
}

fn threshold(cheek: &[[u8; 3]]) -> Option<f32> {
    let mut values: Vec<u8> = cheek.iter().map(|p| darkest(*p)).collect();
    let rank = values.len() * 9 / 10;
    if values.len() < 50 {
        return None;
    }
    let bright = *values.select_nth_unstable(rank).1;
    Some((f32::from(bright) + ABOVE_CHEEK).clamp(WHITE, MOST))
}

/// Whether the place is wholly the person and not a bright wall beside the temple.
fn of_person(subject: &Subject<'_>, upright: Point) -> bool {
    let p = subject.framing.head.in_work(upright);
    let alpha = &subject.matte.alpha;
    p.x >= 0.0
        && p.y >= 0.0
        && (p.x as usize) < alpha.width
        && (p.y as usize) < alpha.height
        && alpha.at(p.x as usize, p.y as usize) > 0.98
}
