//! `expression_neutral`: whether the mouth is at rest.

use super::{
    Reading, Subject, area,
    skin::{self, Tone},
};
use crate::face::Point;

/// Weights of the mouth's width by the distance between the eyes, the same by the nose's width, how much higher than the lips'
/// middle the corners lie, how far below the nose's base they lie (both by the mouth's width), how far below the lower lid the
/// cheek's highest part lies (by the distance between the eyes); then the offset. A linear discriminant (Fisher) between drawn
/// faces at rest and broadly smiling, scaled to 0 for the former's mean and 0.97 for a smile that lifts the corners by 9 mm.
const WEIGHTS: [f32; 5] = [1.203, 2.394, 9.073, 2.214, -3.258];
const OFFSET: f32 = -3.369;

/// Outline of the upper lip.
const UPPER_LIP: [usize; 22] =
    [61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291, 308, 415, 310, 311, 312, 13, 82, 81, 80, 191, 78];
/// What the mesh takes for the upper lip is a moustache when it is less light and less colourful than these shares of the skin.
const MOUSTACHE: (f32, f32) = (0.55, 0.45);

/// `smile`: how broadly the mouth smiles, 0 for most mouths at rest, about 0.7 for a friendly closed smile, above 1 for a broad
/// one. One picture cannot tell a slight smile from how a mouth is shaped, and moustaches move the mesh, so that only what is
/// well above 0.8 says anything. ISO/IEC 29794-5 (expression neutrality) takes a trained classifier of expressions; this
/// looks at smiles alone: opened mouths and shut eyes have checks of their own. `None` where a moustache draws the mesh off the lips.
pub(super) fn measure(subject: &Subject<'_>) -> Option<Reading> {
    let lip = skin::between(subject, &UPPER_LIP);
    for cheek in &skin::cheeks(subject) {
        let (light, colourful) = Tone::of(cheek)?.beside(&lip)?;
        if light < MOUSTACHE.0 && colourful < MOUSTACHE.1 {
            return None;
        }
    }
    let head = &subject.framing.head;
    let unit = head.inter_eye.max(1e-3);
    let at = |i: usize| {
        let p = head.upright(subject.mesh.points[i].flat());
        Point { x: p.x / unit, y: p.y / unit }
    };
    let between = |a: Point, b: Point| (a.x - b.x).hypot(a.y - b.y);
    let (right, left) = (at(61), at(291));
    let width = between(right, left).max(1e-3);
    let corners = (right.y + left.y) / 2.0;
    let middle = (at(13).y + at(14).y) / 2.0;
    let cheeks = (at(50).y - at(145).y + at(280).y - at(374).y) / 2.0;
    let features = [
        width,
        width / between(at(129), at(358)).max(1e-3),
        (middle - corners) / width,
        (corners - at(2).y) / width,
        cheeks,
    ];
    let smile = features.iter().zip(WEIGHTS).map(|(f, w)| f * w).sum::<f32>() + OFFSET;
    Some(Reading::at(area::mouth(subject), vec![("smile", f64::from(smile))]))
}
