//! `eyes_visible`: whether hair hangs over the eyes.

use super::{
    Reading, Subject, area, eyebrows_visible as brows,
    skin::{self, Tone},
};
use crate::{
    colour,
    face::{Eye, Point},
};

/// The strip above the opening that is looked at, in distances between the eyes: the lid, 2 to 5 mm above the lashes.
const LID: (f32, f32) = (0.03, 0.08);
/// How much darker than the cheek it has to be: lids lie in the brow's shade and are painted, hair is darker still.
const DARKER: f32 = 0.45;

/// An eye with less than this share of the other's contrast is not seen.
const PALE: f32 = 0.45;

/// `covered`: share of the eye's width over which no skin shows on the lid nor above the brow, of the eye where it is greater:
/// hair comes from above, shade and make-up do not reach over the brow. Hair of the skin's own colour shows by the eye that it
/// leaves without white and pupil: 1 less its contrast by the other eye's, where that is more than half. ISO/IEC 29794-5 (eyes visible) asks how much of a zone
/// around the eyes is covered and leaves open how that is found out. Frames before the eyes are not recognised. `None` without
/// the eyes' contours, or where a cheek cannot tell the skin's colour.
pub(super) fn measure(subject: &Subject<'_>) -> Option<Reading> {
    let eyes = [&subject.mesh.right_eye, &subject.mesh.left_eye];
    let (mut most, mut worse) = (0.0f32, 0);
    for (side, (eye, cheek)) in eyes.into_iter().zip(&skin::cheeks(subject)).enumerate() {
        let covered = covered(subject, eye, &Tone::of(cheek)?, side)?;
        if covered > most {
            (most, worse) = (covered, side);
        }
    }
    let contrasts = eyes.map(|eye| contrast(subject, eye));
    let paler = usize::from(contrasts[1] < contrasts[0]);
    let share = contrasts[paler] / contrasts[1 - paler].max(1.0);
    if share < PALE && 1.0 - share > most {
        (most, worse) = (1.0 - share, paler);
    }
    Some(Reading::at(area::eye(subject, worse), vec![("covered", f64::from(most))]))
}

fn covered(subject: &Subject<'_>, eye: &Eye, tone: &Tone, side: usize) -> Option<f32> {
    const ALONG: usize = 30;
    const ACROSS: usize = 10;
    let head = &subject.framing.head;
    let contour: Vec<Point> = eye.contour.get(..16)?.iter().map(|p| head.upright(*p)).collect();
    let least = |pick: fn(&Point) -> f32| contour.iter().map(pick).fold(f32::MAX, f32::min);
    let (left, right, top) = (least(|p| p.x), -least(|p| -p.x), least(|p| p.y));
    let brow = brows::upper_edge(subject, side);
    let count = (0..ALONG)
        .filter(|k| {
            let x = left + (right - left) * *k as f32 / (ALONG - 1) as f32;
            let other = (0..ACROSS)
                .filter_map(|j| {
                    let up = LID.0 + (LID.1 - LID.0) * j as f32 / (ACROSS - 1) as f32;
                    skin::pixel(subject, Point { x, y: top - up * head.inter_eye })
                })
                .filter(|pixel| tone.departs(*pixel, DARKER))
                .count();
            other > ACROSS / 2 && brows::no_skin_above(subject, tone, Point { x, y: height_at(&brow, x) })
        })
        .count();
    Some(count as f32 / ALONG as f32)
}

/// Between the darker and the lighter tenth of what an eye's opening shows, L*.
fn contrast(subject: &Subject<'_>, eye: &Eye) -> f32 {
    let mut lights: Vec<f32> =
        skin::inside(subject, &eye.opening()).into_iter().map(|pixel| colour::lab_of(pixel)[0]).collect();
    lights.sort_by(f32::total_cmp);
    let tenth = lights.len() / 10;
    match lights.as_slice() {
        [] => 0.0,
        lights => lights[lights.len() - 1 - tenth] - lights[tenth],
    }
}

/// The height of a line at x; beyond its ends that of its end.
fn height_at(line: &[Point], x: f32) -> f32 {
    let k = line.partition_point(|p| p.x < x).clamp(1, line.len() - 1);
    let (a, b) = (line[k - 1], line[k]);
    a.y + (b.y - a.y) * ((x - a.x) / (b.x - a.x).max(1e-3)).clamp(0.0, 1.0)
}
