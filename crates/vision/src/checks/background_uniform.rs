//! `background_uniform`: whether the wall behind the person is of one colour.

use super::{Reading, Subject, wall::Wall};

/// How far the background inside the photo's frame departs from one smoothly lit colour, in CIELAB (ΔE 1976), over cells of
/// 4 × 4 pixels clear of the person: `texture`: nine of ten cells depart less than this from the best quadratic surface
/// through the background's colours, which takes up the falling-off of light along a wall. `objects`: share of cells that
/// depart by more than 12. `range`: how far that surface itself goes, between its darkest and lightest tenth. After the
/// background uniformity of ISO/IEC 29794-5, which takes gradients instead.
pub(super) fn measure(subject: &Subject<'_>, wall: &Wall) -> Reading {
    const OBJECT: f64 = 12.0;
    let Wall { cells, inside, surface, .. } = wall;
    let cells = &cells[..*inside];
    let mut departures: Vec<f64> = cells.iter().map(|c| surface.departure(c)).collect();
    departures.sort_by(f64::total_cmp);
    let count = departures.len();
    let objects = departures.iter().filter(|d| **d > OBJECT).count() as f64 / count as f64;
    let mut light: Vec<f64> = cells.iter().map(|c| surface.at(c)[0]).collect();
    light.sort_by(f64::total_cmp);
    let (texture, dark) = (departures[count * 9 / 10], light[count / 10]);
    let parts = vec![("texture", texture), ("objects", objects), ("range", light[count * 9 / 10] - dark)];
    Reading::from(parts)
        .with("texture", wall.region(subject, |c| surface.departure(c) / texture, 0.5))
        .with("objects", wall.region(subject, |c| f64::from(u8::from(surface.departure(c) > OBJECT)), 0.3))
        .with("range", wall.region(subject, |c| dark - surface.at(c)[0], 0.0))
}
