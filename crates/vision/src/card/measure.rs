//! How well a card was captured: whole, sharp, free of glare, nothing on it; and whether it is the card itself, unchanged.

use domain::{CheckId, Measures, Spot};
use image::{GrayImage, RgbImage};

use super::geometry::{Homography, area, clip, distance};
use super::layout::{ISSUE_ZONE, NUMBER_ZONE, Seen, Side, VALUES_ZONE};
use super::rectify::{Flat, HEIGHT_MM, PER_MM, WIDTH_MM};
use super::{colour, edited, obstructed, screen};

/// Blur, in millimetres on the card, from which print of 3 mm is not expected to be legible.
const ILLEGIBLE_BLUR: f32 = 0.18;

/// The zones in which each side prints what is read.
fn zones(side: Side) -> [[f32; 4]; 2] {
    match side {
        Side::Portrait => [VALUES_ZONE, NUMBER_ZONE],
        Side::Emblem => [[28.0, 4.0, 80.0, 25.0], ISSUE_ZONE],
    }
}

/// Measures of the capture for every check but those of what was read: see [`super::CardReading::measures`].
pub(super) fn capture_measures(pixels: &RgbImage, seen: &Seen) -> Measures {
    let mut measures = Measures::default();
    let mut put = |check, part: &'static str, (value, place): (f32, Option<[f32; 4]>)| {
        measures.put(check, [(part, f64::from(value))]);
        if let Some(spot) = place.and_then(|place| spot(seen, place)) {
            measures.put_spot(check, part, spot);
        }
    };
    put(CheckId::CardSharp, "blur", (blur(&seen.flat, seen.side), None));
    put(CheckId::CardGlare, "area", glare(&seen.flat, seen.side));
    put(CheckId::CardObstructed, "covered", obstructed::covered(&seen.flat, seen.side));
    if let Some(colour) = colour::of_print(&seen.flat, seen.side) {
        put(CheckId::CardNotPhotocopy, "colour", (colour, None));
    }
    if let Some((moire, place)) = screen::moire(pixels, seen) {
        put(CheckId::CardNotScreen, "moire", (moire, Some(place)));
    }
    if let Some((patch, place)) = edited::patch(seen) {
        put(CheckId::CardNotEdited, "patch", (patch, Some(place)));
    }
    measures.put(
        CheckId::CardWhole,
        [("margin", f64::from(margin(seen))), ("visible", f64::from(visible(seen)))],
    );
    measures
}

/// Measures of a picture in which no card was found: whether it is of a screen.
pub(super) fn picture_measures(pixels: &RgbImage) -> Measures {
    let mut measures = Measures::default();
    if let Some(moire) = screen::moire_anywhere(pixels) {
        measures.put(CheckId::CardNotScreen, [("moire", f64::from(moire))]);
    }
    measures
}

/// A rectangle on the card (left, top, right, bottom in millimetres) as the capture shows it.
pub(super) fn spot(seen: &Seen, [left, top, right, bottom]: [f32; 4]) -> Option<Spot> {
    let map = Homography::onto(&seen.corners, WIDTH_MM, HEIGHT_MM);
    let corners = [(left, top), (right, top), (right, bottom), (left, bottom)];
    let around = corners
        .iter()
        .filter_map(|(x, y)| map.along(*x, *y, 1.0).next())
        .fold([f32::MAX, f32::MAX, f32::MIN, f32::MIN], |[left, top, right, bottom], (x, y)| {
            [left.min(x), top.min(y), right.max(x), bottom.max(y)]
        });
    Spot::within(around, [seen.picture.0, seen.picture.1])
}

/// Whether blur, glare or cropping explains that nothing on the card can be read.
pub(super) fn explains_illegible(seen: &Seen) -> bool {
    blur(&seen.flat, seen.side) > ILLEGIBLE_BLUR
        || glare(&seen.flat, seen.side).0 > 0.01
        || margin(seen) < -0.02
}

/// Least distance of a corner from the picture's border over the card's width; negative outside.
fn margin(seen: &Seen) -> f32 {
    let (w, h) = (seen.picture.0 as f32, seen.picture.1 as f32);
    let width = distance(seen.corners[0], seen.corners[1]).max(1.0);
    let nearest = |(x, y): (f32, f32)| x.min(y).min(w - x).min(h - y);
    seen.corners.iter().map(|&c| nearest(c)).fold(f32::MAX, f32::min) / width
}

/// Share of the card that lies inside the picture, 0 to 1.
fn visible(seen: &Seen) -> f32 {
    let inside = clip(&seen.corners, seen.picture.0 as f32, seen.picture.1 as f32);
    (area(&inside) / area(&seen.corners).max(1.0)).clamp(0.0, 1.0)
}

/// Standard deviation of the blur of printed strokes in millimetres: a step of contrast C blurred by σ rises at most by C / (σ √2π).
fn blur(flat: &Flat, side: Side) -> f32 {
    zones(side).iter().filter_map(|zone| blur_in(&flat.black, *zone)).fold(f32::MAX, f32::min).min(2.0)
}

/// As [`blur`], of the print in a zone; none where there is none.
pub(super) fn blur_in(plane: &GrayImage, zone: [f32; 4]) -> Option<f32> {
    let px = |mm: f32, end: u32| ((mm * PER_MM) as u32).clamp(1, end - 2);
    let (left, right) = (px(zone[0], plane.width()), px(zone[2], plane.width()));
    let (top, bottom) = (px(zone[1], plane.height()), px(zone[3], plane.height()));
    let mut values = [0usize; 256];
    let mut slopes = [0usize; 256];
    let mut count = 0;
    for y in top..bottom {
        for x in left..right {
            let at = |x: u32, y: u32| f32::from(plane.get_pixel(x, y)[0]);
            let (gx, gy) = (at(x + 1, y) - at(x - 1, y), at(x, y + 1) - at(x, y - 1));
            slopes[gx.hypot(gy).min(255.0) as usize] += 1;
            values[usize::from(plane.get_pixel(x, y)[0])] += 1;
            count += 1;
        }
    }
    let quantile = |counts: &[usize; 256], share: f32| {
        let wanted = (count as f32 * share) as usize;
        let mut below = 0;
        counts.iter().position(|n| {
            below += n;
            below > wanted
        })
    };
    let contrast = quantile(&values, 0.5)? as f32 - quantile(&values, 0.004)? as f32;
    // Slopes were taken over two pixels.
    let steepest = quantile(&slopes, 0.995)? as f32 / 2.0;
    (contrast > 25.0 && steepest > 0.5)
        .then(|| contrast / (steepest * (std::f32::consts::TAU).sqrt()) / PER_MM)
}

/// Share of the printed zones in which every channel is blown out, 0 to 1, and around where.
fn glare(flat: &Flat, side: Side) -> (f32, Option<[f32; 4]>) {
    let (mut blown, mut count) = (0u32, 0u32);
    let mut around = [f32::MAX, f32::MAX, f32::MIN, f32::MIN];
    for zone in zones(side) {
        let [left, top, right, bottom] = zone.map(|mm| (mm * PER_MM) as u32);
        for y in (top..bottom).step_by(2) {
            for x in (left..right).step_by(2) {
                let Some(pixel) = flat.colour.get_pixel_checked(x, y) else { continue };
                if flat.seen.get_pixel(x, y)[0] > 0 {
                    if pixel.0.iter().all(|c| *c >= 250) {
                        blown += 1;
                        let (x, y) = (x as f32 / PER_MM, y as f32 / PER_MM);
                        around = [around[0].min(x), around[1].min(y), around[2].max(x), around[3].max(y)];
                    }
                    count += 1;
                }
            }
        }
    }
    (blown as f32 / count.max(1) as f32, (blown > 0).then_some(around))
}
