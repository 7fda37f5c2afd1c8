//! `eyebrows_visible`: whether hair lies over the eyebrows.

use super::{
    Area, Reading, Subject,
    skin::{self, Tone},
};
use crate::face::Point;

/// Upper edge of the brow, the person's right one first, from the temple to the nose.
const BROWS: [[usize; 5]; 2] = [[70, 63, 105, 66, 107], [300, 293, 334, 296, 336]];
/// The strip that is looked at, above that edge, in distances between the eyes: 3 to 8 mm on most faces.
const STRIP: (f32, f32) = (0.05, 0.13);
/// How much darker than the cheek something has to be not to be skin.
const DARKER: f32 = 0.3;

/// `covered`: share of the brow's length above which no skin shows, of the brow where it is greater. A brow is as dark as the
/// hair that may hide it; what tells them apart is that a free brow has skin above it. Own measure; ISO/IEC 29794-5 has no
/// component for brows. `None` where a cheek cannot tell the skin's colour.
pub(super) fn measure(subject: &Subject<'_>) -> Option<Reading> {
    const ALONG: usize = 40;
    let cheeks = skin::cheeks(subject);
    let (mut most, mut worse) = (0.0f32, 0);
    for (side, cheek) in cheeks.iter().enumerate() {
        let tone = Tone::of(cheek)?;
        let edge = upper_edge(subject, side);
        let share = |k: usize| k as f32 / (ALONG - 1) as f32;
        let covered = (0..ALONG).filter(|k| no_skin_above(subject, &tone, along(&edge, share(*k)))).count();
        let covered = covered as f32 / ALONG as f32;
        if covered > most {
            (most, worse) = (covered, side);
        }
    }
    let brow = Area::of_upright(subject, upper_edge(subject, worse), STRIP.1);
    Some(Reading::at(brow, vec![("covered", f64::from(most))]))
}

/// The upper edge of the person's right (0) or left (1) brow, upright, from the picture's left to its right.
pub(super) fn upper_edge(subject: &Subject<'_>, side: usize) -> [Point; 5] {
    let head = &subject.framing.head;
    let mut edge = BROWS[side].map(|i| head.upright(subject.mesh.points[i].flat()));
    edge.sort_by(|a, b| a.x.total_cmp(&b.x));
    edge
}

/// Whether most of the strip above a place of the brow's edge is no skin.
pub(super) fn no_skin_above(subject: &Subject<'_>, tone: &Tone, p: Point) -> bool {
    const ACROSS: usize = 8;
    let unit = subject.framing.head.inter_eye;
    let other = (0..ACROSS)
        .filter_map(|j| {
            let up = STRIP.0 + (STRIP.1 - STRIP.0) * j as f32 / (ACROSS - 1) as f32;
            skin::pixel(subject, Point { x: p.x, y: p.y - up * unit })
        })
        .filter(|pixel| tone.departs(*pixel, DARKER))
        .count();
    other > ACROSS / 2
}

/// The place at share `t` of a line's points.
fn along(line: &[Point; 5], t: f32) -> Point {
    let at = t * (line.len() - 1) as f32;
    let k = (at as usize).min(line.len() - 2);
    let (a, b, f) = (line[k], line[k + 1], at - k as f32);
    Point { x: a.x + (b.x - a.x) * f, y: a.y + (b.y - a.y) * f }
}
