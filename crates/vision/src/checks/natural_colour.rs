//! `natural_colour`: whether skin and the white of the eyes have the colours that daylight gives them.

use super::{Area, Reading, Subject, area, skin};
use crate::{colour, face::Eye};

/// `skin`: how far the mean colour of both cheek zones lies outside a* 5..25, b* 5..35 of CIELAB, as a distance (ISO/IEC
/// 29794-5, natural colour; it holds for every skin tone). `hue`: the hue angle of that colour in degrees, 0 pink, 90
/// yellow; skin of any tone lies between (Xiao et al., Characterising the variations in ethnic skin colours, 2017).
/// `eye_white`: how far the lighter half of what the lids leave free beside the irises lies outside a* −3..8, b* −2..12, near
/// grey in every face: it shows a cast that skin could have of its own. `None` where a cheek is hidden.
pub(super) fn measure(subject: &Subject<'_>) -> Option<Reading> {
    let [mut zone, left] = skin::cheeks(subject);
    zone.extend(left);
    if zone.len() < 100 {
        return None;
    }
    let [_, a, b] = mean_lab(&zone);
    let beyond = |v: f32, low: f32, high: f32| (low - v).max(v - high).max(0.0);
    let mut parts = vec![
        ("skin", f64::from(beyond(a, 5.0, 25.0).hypot(beyond(b, 5.0, 35.0)))),
        ("hue", f64::from(b.atan2(a).to_degrees())),
    ];
    let mut whites = eye_white(subject, &subject.mesh.right_eye);
    whites.extend(eye_white(subject, &subject.mesh.left_eye));
    if whites.len() >= 16 {
        whites.sort_by(|p, q| colour::luma(*q).total_cmp(&colour::luma(*p)));
        // The very lightest are reflections of lamps.
        let [_, a, b] = mean_lab(&whites[whites.len() / 20..whites.len() / 2]);
        parts.push(("eye_white", f64::from(beyond(a, -3.0, 8.0).hypot(beyond(b, -2.0, 12.0)))));
    }
    let cheeks = Area::around(skin::cheek_boxes(subject).concat());
    let reading = Reading::from(parts).with("skin", Some(cheeks)).with("hue", Some(cheeks));
    Some(reading.with("eye_white", Some(area::both_eyes(subject))))
}

/// CIELAB of the mean, taken in linear light.
fn mean_lab(pixels: &[[u8; 3]]) -> [f32; 3] {
    let table = colour::linear_table();
    let mut sum = [0.0f32; 3];
    for pixel in pixels {
        for (s, byte) in sum.iter_mut().zip(pixel) {
            *s += table[usize::from(*byte)];
        }
    }
    colour::lab(sum.map(|s| s / pixels.len().max(1) as f32))
}

/// The pixels between the lids that the iris does not fill.
fn eye_white(subject: &Subject<'_>, eye: &Eye) -> Vec<[u8; 3]> {
    let middle = eye.iris[0];
    let reach = 0.5 * eye.iris_diameter() * 1.2;
    skin::inside_at(subject, &eye.opening())
        .filter(|(at, _)| (at.x - middle.x).hypot(at.y - middle.y) > reach)
        .map(|(_, pixel)| pixel)
        .collect()
}
