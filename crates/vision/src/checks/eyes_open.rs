//! `eyes_open`: how far the lids of the less open eye stand apart.

use super::{Reading, Subject, area};
use crate::{
    face::{Eye, Point},
    framing::eyes,
};

/// `opening`: largest distance between upper and lower lid of the less open eye, relative to the distance between the eyes'
/// middle and the chin (ISO/IEC 29794-5, eyes open). `aspect`: the same distance relative to the width of that eye, which
/// does not lean on the chin. `None` without the irises' contours.
pub(super) fn measure(subject: &Subject<'_>) -> Option<Reading> {
    let mesh = subject.mesh;
    let [right, left] = eyes(mesh);
    let middle = Point { x: (right.x + left.x) / 2.0, y: (right.y + left.y) / 2.0 };
    let length = distance(middle, mesh.points.get(152)?.flat());
    let [a, b] = [opening(&mesh.right_eye)?, opening(&mesh.left_eye)?];
    // The less open eye by each of both measures, 0 the person's right one.
    let opening = if a.0 < b.0 { (a.0, 0) } else { (b.0, 1) };
    let aspect = if a.0 / a.1 < b.0 / b.1 { (a.0 / a.1, 0) } else { (b.0 / b.1, 1) };
    let parts = vec![("opening", f64::from(opening.0 / length)), ("aspect", f64::from(aspect.0))];
    Some(
        Reading::from(parts)
            .with("opening", Some(area::eye(subject, opening.1)))
            .with("aspect", Some(area::eye(subject, aspect.1))),
    )
}

/// Largest distance of the lids, and the distance of the corners.
fn opening(eye: &Eye) -> Option<(f32, f32)> {
    let contour = eye.contour.get(..16)?;
    // Points 1..=7 of the lower lid lie under points 9..=15 of the upper one.
    let height = (1..8).map(|i| distance(contour[i], contour[i + 8])).fold(0.0, f32::max);
    Some((height, distance(contour[0], contour[8]).max(1e-3)))
}

fn distance(a: Point, b: Point) -> f32 {
    (a.x - b.x).hypot(a.y - b.y)
}
