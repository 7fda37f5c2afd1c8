//! `resolution`: whether the capture has enough pixels for the photo.

use super::{Parts, Subject};

/// `scale`: pixels of the uploaded file per pixel of the photo; below 1 the photo would have to be enlarged.
/// `inter_eye`: distance between the eyes' centres in pixels of the file (ISO/IEC 29794-5, inter-eye distance).
pub(super) fn measure(subject: &Subject<'_>) -> Parts {
    let of_file = f64::from(subject.work.scale) * f64::from(subject.capture_scale);
    let scale = 1.0 / (f64::from(subject.framing.scale) * of_file);
    vec![("scale", scale), ("inter_eye", f64::from(subject.framing.head.inter_eye) / of_file)]
}
