//! `background_uniform`: whether the wall behind the person is of one colour.

use super::{Reading, Subject, wall::Wall};

/// How far the background inside the photo's frame departs from one smoothly lit colour, in CIELAB (ΔE 1976), over cells of
/// 4 × 4 pixels clear of the person: `texture`: nine of ten cells depart less than this from the best quadratic surface
/// through the background's colours, which takes up the falling-off of light along a wall. `objects`: share of cells that
/// depart by more than 12. `range`: how far that surface itself goes, between its darkest and lightest tenth. After the
/// background uniformity of ISO/IEC 29794-5, which takes gradients instead.
pub(super) fn measure(subject: &Subject<'_>, wall: &Wall) -> Reading {
    const OBJECT: f64 = 12.0;
    let Wall { cells, surface, .. } = wall;
    let departures: Vec<f64> = cells.iter().map(|c| surface.departure(c)).collect();
    let light: Vec<f64> = cells.iter().map(|c| surface.at(c)[0]).collect();
    let objects = departures.iter().filter(|d| **d > OBJECT).count() as f64 / cells.len() as f64;
    let (texture, [dark, bright]) =
        (rank(departures.clone(), 0.9), [0.1, 0.9].map(|part| rank(light.clone(), part)));
    let parts = vec![("texture", texture), ("objects", objects), ("range", bright - dark)];
    Reading::from(parts)
        .with("texture", wall.region(subject, departures.iter().map(|d| d / texture), 0.5))
        .with(
            "objects",
            wall.region(subject, departures.iter().map(|d| f64::from(u8::from(*d > OBJECT))), 0.3),
        )
        .with("range", wall.region(subject, light.iter().map(|l| dark - l), 0.0))
}

/// The value that this part of all values stays under.
fn rank(mut values: Vec<f64>, part: f64) -> f64 {
    let at = (values.len() as f64 * part) as usize;
    *values.select_nth_unstable_by(at, f64::total_cmp).1
}
