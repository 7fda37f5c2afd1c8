//! Pieces of the capture at its own pixels, for what shrinking would hide.

use super::Subject;
use crate::{colour, face::Point, plane::Plane};

/// Brightness, 0..255, of the square with sides of at most `side` pixels about the middle of the face. `None` where the
/// capture has less than 64 pixels there.
pub(super) fn about_face(subject: &Subject<'_>, side: u32) -> Option<Plane> {
    let head = &subject.framing.head;
    let middle = Point { x: head.eyes.x, y: head.eyes.y + 0.5 * head.chin };
    let at = subject.work.in_capture(middle);
    square(subject, at, side)
}

/// Brightness of a square about a place of the capture, moved inside.
pub(super) fn square(subject: &Subject<'_>, at: Point, side: u32) -> Option<Plane> {
    let pixels = &subject.capture.pixels;
    let (w, h) = pixels.dimensions();
    let (sw, sh) = (side.min(w), side.min(h));
    if sw < 64 || sh < 64 {
        return None;
    }
    let left = ((at.x - sw as f32 / 2.0).max(0.0) as u32).min(w - sw);
    let top = ((at.y - sh as f32 / 2.0).max(0.0) as u32).min(h - sh);
    let (raw, line) = (pixels.as_raw(), w as usize * 3);
    Some(Plane::from_rows(sw as usize, sh as usize, |y, row| {
        colour::lumas(raw[(top as usize + y) * line + left as usize * 3..].as_chunks().0, row);
    }))
}
