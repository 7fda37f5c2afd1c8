//! `glasses_glare`: whether lenses reflect a light.

use super::{Parts, Subject, skin};
use crate::{face::Point, framing::eyes};

/// Where lenses are, in distances between the eyes: from the face's middle outward, and from the eye's height down.
const ACROSS: (f32, f32) = (0.13, 0.98);
const DOWN: (f32, f32) = (-0.27, 0.38);
/// The darkest channel of a reflection is at least so bright, 0..255: it is white, as no skin is, and brighter than the eye's
/// white.
const WHITE: f32 = 222.0;
/// By how much it exceeds the brightest tenth of the cheek's pixels, up to the most that still can be exceeded.
const ABOVE_CHEEK: f32 = 18.0;
const MOST: f32 = 250.0;

/// `spot`: area of the largest white spot before an eye, relative to the square of the distance between the eyes: 0.01 is a spot
/// of about 7 mm. The light that every eye reflects stays under 0.003. Own measure; ISO/IEC 29794-5 has no component for glare on
/// glasses. `None` where a cheek is hidden.
pub(super) fn measure(subject: &Subject<'_>) -> Option<Parts> {
    let head = &subject.framing.head;
    let unit = head.inter_eye;
    let cheeks = skin::cheeks(subject);
    let mut largest = 0.0f32;
    for (eye, cheek) in eyes(subject.mesh).into_iter().zip(&cheeks) {
        let threshold = threshold(cheek)?;
        let eye = head.upright(eye);
        let side = eye.x.signum();
        // One sample a pixel.
        let (columns, rows) =
            (((ACROSS.1 - ACROSS.0) * unit) as usize + 1, ((DOWN.1 - DOWN.0) * unit) as usize + 1);
        let mut white = vec![false; columns * rows];
        for (k, cell) in white.iter_mut().enumerate() {
            let p = Point {
                x: side * (ACROSS.0 * unit + (k % columns) as f32),
                y: eye.y + DOWN.0 * unit + (k / columns) as f32,
            };
            *cell = of_person(subject, p)
                && skin::pixel(subject, p).is_some_and(|rgb| f32::from(darkest(rgb)) >= threshold);
        }
        largest = largest.max(largest_spot(white, columns) as f32 / (unit * unit));
    }
    Some(vec![("spot", f64::from(largest))])
}

fn darkest(rgb: [u8; 3]) -> u8 {
    rgb[0].min(rgb[1]).min(rgb[2])
}

fn threshold(cheek: &[[u8; 3]]) -> Option<f32> {
    let mut values: Vec<u8> = cheek.iter().map(|p| darkest(*p)).collect();
    let rank = values.len() * 9 / 10;
    if values.len() < 50 {
        return None;
    }
    let bright = *values.select_nth_unstable(rank).1;
    Some((f32::from(bright) + ABOVE_CHEEK).clamp(WHITE, MOST))
}

/// Whether the place is wholly the person and not a bright wall beside the temple.
fn of_person(subject: &Subject<'_>, upright: Point) -> bool {
    let p = subject.framing.head.in_work(upright);
    let alpha = &subject.matte.alpha;
    p.x >= 0.0
        && p.y >= 0.0
        && (p.x as usize) < alpha.width
        && (p.y as usize) < alpha.height
        && alpha.at(p.x as usize, p.y as usize) > 0.98
}

/// Cells of the largest group that hangs together by its sides.
fn largest_spot(mut white: Vec<bool>, columns: usize) -> usize {
    let mut largest = 0;
    let mut open = Vec::new();
    for start in 0..white.len() {
        if !white[start] {
            continue;
        }
        white[start] = false;
        open.push(start);
        let mut count = 0;
        while let Some(cell) = open.pop() {
            count += 1;
            let x = cell % columns;
            let beside = [
                (x > 0).then(|| cell - 1),
                (x + 1 < columns).then_some(cell + 1),
                cell.checked_sub(columns),
                Some(cell + columns),
            ];
            for next in beside.into_iter().flatten() {
                if white.get(next).copied().unwrap_or(false) {
                    white[next] = false;
                    open.push(next);
                }
            }
        }
        largest = largest.max(count);
    }
    largest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_spot_is_counted_whole_and_corners_do_not_join() {
        let rows = ["##...#", ".#...#", "..#..#", ".....#"];
        let white: Vec<bool> = rows.iter().flat_map(|row| row.bytes().map(|b| b == b'#')).collect();
        assert_eq!(largest_spot(white, 6), 4);
    }
}
