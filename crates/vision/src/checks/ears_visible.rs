//! `ears_visible`: whether hair covers the ears.

use super::{
    Area, Reading, Subject,
    skin::{self, Tone},
};
use crate::{face::Point, framing::Head};

/// The cheek's contour before the ear, from above down: the person's right side, then the left.
const CONTOUR: [[usize; 3]; 2] = [[127, 234, 93], [356, 454, 323]];
/// How far beside the contour the ear is looked for, in widths of the face.
const REACH: f32 = 0.07;
/// How much darker than the cheek something has to be not to be skin: ears lie in the shade.
const DARKER: f32 = 0.42;
/// So much skin side by side, in sixteenths of that reach, is an ear,
const EAR: usize = 4;
/// which may stick out so many times as far.
const BEYOND: usize = 2;

/// `hidden`: share of the strip beside the face, between the heights of the eyes and of the nose's base, in which the person shows
/// something else than skin with no skin beyond it, of the side where it is greater. An ear shows skin there, or just outside of a
/// beard or the arm of glasses; one that lies flat or is turned away shows the wall behind, which counts for it. Headscarves
/// count as hair. Own measure; ISO/IEC 29794-5 has no component for ears. `None` where a cheek cannot tell the skin's colour.
pub(super) fn measure(subject: &Subject<'_>) -> Option<Reading> {
    let (mut most, mut side) = (0.0f32, &CONTOUR[0]);
    for (cheek, contour) in skin::cheeks(subject).iter().zip(&CONTOUR) {
        let hidden = hidden(subject, &Tone::of(cheek)?, contour);
        if hidden > most {
            (most, side) = (hidden, contour);
        }
    }
    Some(Reading::at(ear(subject, side), vec![("hidden", f64::from(most))]))
}

/// Where the ear beside a contour is.
fn ear(subject: &Subject<'_>, contour: &[usize; 3]) -> Area {
    let head = &subject.framing.head;
    let line = contour.map(|i| head.upright(subject.mesh.points[i].flat()));
    let out = (line[1].x - head.middle).signum() * 2.0 * REACH * head.width;
    let base = head.upright(subject.mesh.points[2].flat()).y;
    let (inner, outer) = (line[1].x, line[1].x + out);
    Area::of_upright(subject, [Point { x: inner, y: 0.1 * base }, Point { x: outer, y: base }], 0.05)
}

fn hidden(subject: &Subject<'_>, tone: &Tone, contour: &[usize; 3]) -> f32 {
    const ROWS: usize = 40;
    const COLUMNS: usize = 16;
    const PERSON: f32 = 0.5;
    let head = &subject.framing.head;
    let line = contour.map(|i| head.upright(subject.mesh.points[i].flat()));
    let out = (line[1].x - head.middle).signum();
    let base = head.upright(subject.mesh.points[2].flat()).y;
    let mut count = 0;
    for row in 0..ROWS {
        let y = base * (0.1 + 0.9 * row as f32 / (ROWS - 1) as f32);
        let edge = edge_at(&line, y);
        let covers = |column: usize| {
            let away = REACH * head.width * (column as f32 + 0.5) / COLUMNS as f32;
            let p = Point { x: edge + out * away, y };
            (cover(subject, head, p) > PERSON)
                .then(|| skin::pixel(subject, p).is_some_and(|rgb| tone.departs(rgb, DARKER)))
        };
        // From outside: what lies before an ear, nearer to the face than its skin, is a beard or the arm of glasses.
        let (mut ear, mut hiding) = (0, 0);
        for column in (0..BEYOND * COLUMNS).rev() {
            match covers(column) {
                Some(false) => ear += 1,
                _ if ear >= EAR => break,
                shown => {
                    ear = 0;
                    hiding += usize::from(column < COLUMNS && shown == Some(true));
                }
            }
        }
        count += hiding;
    }
    count as f32 / (ROWS * COLUMNS) as f32
}

fn cover(subject: &Subject<'_>, head: &Head, upright: Point) -> f32 {
    let p = head.in_work(upright);
    let alpha = &subject.matte.alpha;
    let inside = p.x >= 0.0 && p.y >= 0.0 && (p.x as usize) < alpha.width && (p.y as usize) < alpha.height;
    if inside { alpha.at(p.x as usize, p.y as usize) } else { 0.0 }
}

/// The x of a line of three points from above down at height y.
fn edge_at(line: &[Point; 3], y: f32) -> f32 {
    let k = usize::from(y > line[1].y);
    let (a, b) = (line[k], line[k + 1]);
    a.x + (b.x - a.x) * ((y - a.y) / (b.y - a.y).max(1e-3)).clamp(0.0, 1.0)
}
