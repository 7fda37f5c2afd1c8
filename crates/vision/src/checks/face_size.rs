//! `face_size`: how wide the face is in the made photo.

use super::{Parts, Subject};

/// `width`: pixels of the photo between the cheek contours before the ears, where ISO/IEC 19794-5 measures the head's width.
pub(super) fn measure(subject: &Subject<'_>) -> Parts {
    vec![("width", f64::from(subject.framing.face_width()))]
}
