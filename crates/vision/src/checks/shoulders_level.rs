//! `shoulders_level`: whether both shoulders are at the same height.

use super::{Area, Reading, Subject, skin};
use crate::{face::Point, framing::Head};

/// Columns that are looked at, on either side of the face's middle, in widths of the face: from beside the neck, where hair no
/// longer hangs, to the shoulder's end.
const COLUMNS: (f32, f32) = (0.62, 1.15);

/// `tilt`: degrees between the line of the shoulders and that of the eyes, positive when the picture's right shoulder is lower:
/// the median over pairs of columns equally far from the face's middle, each at its highest point of which everything below
/// is the person. ISO/IEC 29794-5, shoulder presentation, takes landmarks of the body; here the matte tells. `None` where
/// the capture does not show both shoulders.
pub(super) fn measure(subject: &Subject<'_>) -> Option<Reading> {
    const PAIRS: usize = 40;
    let head = &subject.framing.head;
    let (mut tilts, line): (Vec<f32>, Vec<[Point; 2]>) = (0..PAIRS)
        .filter_map(|k| {
            let share = COLUMNS.0 + (COLUMNS.1 - COLUMNS.0) * k as f32 / (PAIRS - 1) as f32;
            let away = share * head.width;
            let (left, right) = (edge(subject, head, -away)?, edge(subject, head, away)?);
            let ends = [(-away, left), (away, right)].map(|(x, y)| Point { x: head.middle + x, y });
            Some(((right - left).atan2(2.0 * away).to_degrees(), ends))
        })
        .unzip();
    if tilts.len() < 15 {
        return None;
    }
    let shoulders = Area::of_upright(subject, line.concat(), 0.1);
    Some(Reading::at(shoulders, vec![("tilt", f64::from(skin::median(&mut tilts)))]))
}

/// The person's upper edge, upright, in the column so far from the face's middle; `None` where the lowest visible row is
/// background.
fn edge(subject: &Subject<'_>, head: &Head, away: f32) -> Option<f32> {
    const PERSON: f32 = 0.5;
    const STRIDE: usize = 4;
    let alpha = &subject.matte.alpha;
    let (from, to) = (head.chin - 0.3 * head.width, head.chin + 1.9 * head.width);
    let place = |y: f32| head.in_work(Point { x: head.middle + away, y });
    let (lowest, next) = (place(to), place(to - 1.0));
    let step = Point { x: next.x - lowest.x, y: next.y - lowest.y };
    let share = |up: usize| {
        let p = Point { x: lowest.x + up as f32 * step.x, y: lowest.y + up as f32 * step.y };
        let shown = (0.0..alpha.width as f32).contains(&p.x) && (0.0..alpha.height as f32).contains(&p.y);
        shown.then(|| alpha.at(p.x as usize, p.y as usize))
    };
    let ends = |up: &usize| share(*up).is_some_and(|share| share <= PERSON);
    // In strides first: a shoulder has no thin parts.
    let most = (to - from).max(0.0) as usize + 1;
    let beyond = (0..most).step_by(STRIDE).find(ends).unwrap_or(most);
    let end = ((beyond + 1).saturating_sub(STRIDE)..beyond).find(ends).unwrap_or(beyond);
    (0..end).rev().find(|up| share(*up).is_some()).map(|up| to - up as f32)
}
