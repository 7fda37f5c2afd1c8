//! `head_pose`: turn, nod and tilt of the head.

use super::{Reading, Subject, area};

/// `yaw`, `pitch`, `roll` in degrees, 0 straight into the camera (ISO/IEC 29794-5, head pose; fitted as
/// [`crate::face::pose`] says).
pub(super) fn measure(subject: &Subject<'_>) -> Reading {
    let pose = subject.pose;
    let angles = [("yaw", pose.yaw), ("pitch", pose.pitch), ("roll", pose.roll)];
    Reading::at(area::head(subject), angles.map(|(part, degrees)| (part, f64::from(degrees))).to_vec())
}
