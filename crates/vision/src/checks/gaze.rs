//! `gaze`: whether the eyes look at the camera.

use super::{Reading, Subject, area};
use crate::face::{Eye, Point};

/// Radius of the eyeball, and how far its centre lies behind the line through the corners of the opening, in diameters of the
/// iris, which are 11.7 mm in nearly all adults (Rüfer et al., 2005): 12 mm and 6 mm.
const BALL: f32 = 1.03;
const BEHIND: f32 = 0.51;

/// `aside`: degrees between the line of sight and the camera, positive to the picture's right: where the irises' centres lie
/// between the corners of the eyes, on an eyeball that turns with the head (mean of both eyes, so that their convergence on
/// a near camera cancels out). Own measure; ISO/IEC 29794-5 has no component for gaze. Looking up or down moves the lids along
/// with the iris, so that no number tells it from another shape of eye: that is not measured. `None` without the irises'
/// contours.
pub(super) fn measure(subject: &Subject<'_>) -> Option<Reading> {
    let [right, left] = [offset(subject, &subject.mesh.right_eye)?, offset(subject, &subject.mesh.left_eye)?];
    let turned = subject.pose.yaw.to_radians().sin();
    let aside = (((right + left) / 2.0 + BEHIND * turned) / BALL).clamp(-1.0, 1.0).asin();
    Some(Reading::at(area::both_eyes(subject), vec![("aside", f64::from(aside.to_degrees()))]))
}

/// How far the iris lies right, in the picture, of the middle between the corners, in its own diameters.
fn offset(subject: &Subject<'_>, eye: &Eye) -> Option<f32> {
    let head = &subject.framing.head;
    let (outer, inner) = (head.upright(*eye.contour.first()?), head.upright(*eye.contour.get(8)?));
    let (a, b) = if outer.x < inner.x { (outer, inner) } else { (inner, outer) };
    let length = (b.x - a.x).hypot(b.y - a.y).max(1e-3);
    let axis = Point { x: (b.x - a.x) / length, y: (b.y - a.y) / length };
    let iris = head.upright(eye.iris[0]);
    let (x, y) = (iris.x - (a.x + b.x) / 2.0, iris.y - (a.y + b.y) / 2.0);
    Some((x * axis.x + y * axis.y) / eye.iris_diameter().max(1e-3))
}
