//! `framing`: where the head comes to lie in the made photo, and whether the capture shows all that the photo needs.

use super::{Area, Reading, Subject, area};
use crate::face::Point;

/// `hair_top`: pixels of the photo between its upper edge and the highest hair. `eye_line`: between its upper edge and the
/// eyes' middle. `head_height`: between the highest hair and the chin. `centre`: how far the eyes' middle lies right of the photo's middle. `inside`: share of the photo that
/// does not miss a part of the person for being outside the capture. `head_cut`: length of capture edge that cuts the
/// head, in widths of the face. After the crop margins of ISO/IEC 29794-5, which it takes of the capture and this of the photo.
pub(super) fn measure(subject: &Subject<'_>) -> Reading {
    let framing = subject.framing;
    let parts = vec![
        ("hair_top", f64::from(framing.hair_top())),
        ("eye_line", f64::from(framing.eyes.y)),
        ("head_height", f64::from(framing.head_height())),
        ("centre", f64::from(framing.eyes.x - framing.size[0] as f32 / 2.0)),
        ("inside", f64::from(1.0 - framing.missing)),
        ("head_cut", f64::from(framing.head.cut)),
    ];
    let head = &framing.head;
    let around = |places: Vec<Point>| (!places.is_empty()).then(|| Area::of_copy(subject, places, 0.15));
    Reading::from(parts)
        .with("hair_top", Some(area::band(subject, head.hair_top, 0.5 * head.hair_top)))
        .with("eye_line", Some(area::both_eyes(subject)))
        .with("head_height", Some(area::head(subject)))
        .with("centre", Some(area::face(subject)))
        .with("inside", around(framing.lost(subject.matte, subject.work)))
        .with("head_cut", around(head.cut_at(subject.matte, subject.work)))
}
