//! `framing`: where the head comes to lie in the made photo, and whether the capture shows all that the photo needs.

use super::{Parts, Subject};

/// `hair_top`: pixels of the photo between its upper edge and the highest hair. `eye_line`: between its upper edge and the
/// eyes' middle. `head_height`: between the highest hair and the chin. `centre`: how far the eyes' middle lies right of the photo's middle. `inside`: share of the photo that
/// does not miss a part of the person for being outside the capture. `head_cut`: length of capture edge that cuts the
/// head, in widths of the face. After the crop margins of ISO/IEC 29794-5, which it takes of the capture and this of the photo.
pub(super) fn measure(subject: &Subject<'_>) -> Parts {
    let framing = subject.framing;
    vec![
        ("hair_top", f64::from(framing.hair_top())),
        ("eye_line", f64::from(framing.eyes.y)),
        ("head_height", f64::from(framing.head_height())),
        ("centre", f64::from(framing.eyes.x - framing.size[0] as f32 / 2.0)),
        ("inside", f64::from(1.0 - framing.missing)),
        ("head_cut", f64::from(framing.head.cut)),
    ]
}
