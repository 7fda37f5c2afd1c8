//! `mouth_closed`: how far the lips stand apart.

use super::{Reading, Subject, area};
use crate::{
    face::{INNER_LIPS, Point},
    framing::eyes,
};

/// `gap`: largest distance between the inner lips relative to the distance between the eyes' middle and the chin (ISO/IEC
/// 29794-5, mouth closed).
pub(super) fn measure(subject: &Subject<'_>) -> Reading {
    let points = &subject.mesh.points;
    let between = |a: Point, b: Point| (a.x - b.x).hypot(a.y - b.y);
    let [right, left] = eyes(subject.mesh);
    let middle = Point { x: (right.x + left.x) / 2.0, y: (right.y + left.y) / 2.0 };
    let length = between(middle, points[152].flat()).max(1e-3);
    let gap =
        INNER_LIPS.iter().map(|(a, b)| between(points[*a].flat(), points[*b].flat())).fold(0.0, f32::max);
    Reading::at(area::mouth(subject), vec![("gap", f64::from(gap / length))])
}
