//! `exposure`: whether the face is neither too dark nor too bright.

use super::{Area, Reading, Subject, skin};
use crate::colour;

/// Over the middle face, brightness coded 0..255: `luminance`: the mean. `shadows`: share of pixels of at most 25.
/// `highlights`: share of pixels of at least 247 (the bounds of ISO/IEC 29794-5, under- and over-exposure prevention).
pub(super) fn measure(subject: &Subject<'_>) -> Option<Reading> {
    let skin = skin::middle_face(subject);
    if skin.len() < 200 {
        return None;
    }
    let count = skin.len() as f64;
    let share =
        |test: &dyn Fn(f32) -> bool| skin.iter().filter(|p| test(colour::luma(**p))).count() as f64 / count;
    let parts = vec![
        ("luminance", skin.iter().map(|p| f64::from(colour::luma(*p))).sum::<f64>() / count),
        ("shadows", share(&|v| v <= 25.0)),
        ("highlights", share(&|v| v >= 247.0)),
    ];
    Some(Reading::at(Area::of_mesh(subject, &skin::MIDDLE_FACE, 0.0), parts))
}
