//! `head_pose`: turn, nod and tilt of the head.

use super::{Parts, Subject};

/// `yaw`, `pitch`, `roll` in degrees, 0 straight into the camera (ISO/IEC 29794-5, head pose; fitted as
/// [`crate::face::pose`] says).
pub(super) fn measure(subject: &Subject<'_>) -> Parts {
    let pose = subject.pose;
    vec![("yaw", f64::from(pose.yaw)), ("pitch", f64::from(pose.pitch)), ("roll", f64::from(pose.roll))]
}
