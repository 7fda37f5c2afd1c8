//! `face_size`: how wide the face is in the made photo.

use super::{Reading, Subject, area};

/// `width`: pixels of the photo between the cheek contours before the ears, where ISO/IEC 19794-5 measures the head's width.
pub(super) fn measure(subject: &Subject<'_>) -> Reading {
    Reading::at(area::face(subject), vec![("width", f64::from(subject.framing.face_width()))])
}
