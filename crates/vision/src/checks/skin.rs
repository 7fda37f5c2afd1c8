//! Where a face shows skin: regions of the mesh that hair, eyes and mouth leave free.

use super::{Area, Subject};
use crate::{colour, face::Point, framing::eyes};

/// Cheeks, nose and upper lip: from under the eyes down to the mouth, as mesh points in order. A fringe, a frame's upper rim
/// and most beards lie outside.
pub(super) const MIDDLE_FACE: [usize; 16] =
    [116, 117, 118, 119, 6, 348, 347, 346, 345, 352, 411, 427, 423, 203, 207, 187];

/// The pixels of the middle face.
pub(super) fn middle_face(subject: &Subject<'_>) -> Vec<[u8; 3]> {
    between(subject, &MIDDLE_FACE)
}

/// The pixels inside a polygon of mesh points.
pub(super) fn between(subject: &Subject<'_>, outline: &[usize]) -> Vec<[u8; 3]> {
    let outline: Vec<Point> =
        outline.iter().filter_map(|i| subject.mesh.points.get(*i)).map(|p| p.flat()).collect();
    inside(subject, &outline)
}

/// The pixels of one cheek under each eye, the person's right one first: squares with sides of 0.3 of the distance between
/// the eyes, halfway between eyes and mouth (the zones of ISO/IEC 29794-5, illumination uniformity).
pub(super) fn cheeks(subject: &Subject<'_>) -> [Vec<[u8; 3]>; 2] {
    let (sin, cos) = subject.framing.head.turn;
    let side = cheek_side(subject);
    cheek_centres(subject).map(|centre| {
        let corner = |u: f32, v: f32| Point {
            x: centre.x + side / 2.0 * (u * cos - v * sin),
            y: centre.y + side / 2.0 * (u * sin + v * cos),
        };
        inside(subject, &[corner(-1.0, -1.0), corner(1.0, -1.0), corner(1.0, 1.0), corner(-1.0, 1.0)])
    })
}

/// Upper left and lower right corner of both cheek zones, in pixels of the capture; the tilt is left out.
pub(super) fn cheek_boxes(subject: &Subject<'_>) -> [[Point; 2]; 2] {
    let half = cheek_side(subject) / 2.0;
    cheek_centres(subject).map(|centre| {
        [-half, half].map(|d| subject.work.in_capture(Point { x: centre.x + d, y: centre.y + d }))
    })
}

/// The zone of one cheek, the person's right (0) or left (1).
pub(super) fn cheek(subject: &Subject<'_>, side: usize) -> Area {
    Area::around(cheek_boxes(subject)[side])
}

fn cheek_side(subject: &Subject<'_>) -> f32 {
    0.3 * subject.framing.head.inter_eye
}

fn cheek_centres(subject: &Subject<'_>) -> [Point; 2] {
    let head = &subject.framing.head;
    let points = &subject.mesh.points;
    let mouth = Point { x: (points[13].x + points[14].x) / 2.0, y: (points[13].y + points[14].y) / 2.0 };
    eyes(subject.mesh).map(|eye| Point {
        x: eye.x + (mouth.x - head.eyes.x) / 2.0,
        y: eye.y + (mouth.y - head.eyes.y) / 2.0,
    })
}

/// The colour of a person's own skin, taken from a cheek, against which other places of the face are held.
pub(super) struct Tone {
    /// Median CIELAB.
    lab: [f32; 3],
}

impl Tone {
    /// The tone of a cheek's pixels; `None` of too few.
    pub fn of(cheek: &[[u8; 3]]) -> Option<Tone> {
        typical(cheek).map(|lab| Tone { lab })
    }

    /// How light and how colourful other pixels are beside this skin (1: alike); `None` of too few.
    pub fn beside(&self, pixels: &[[u8; 3]]) -> Option<(f32, f32)> {
        let [l, a, b] = typical(pixels)?;
        Some((l / self.lab[0].max(1.0), a.hypot(b) / self.lab[1].hypot(self.lab[2]).max(1.0)))
    }

    /// Whether a pixel is something else than this skin in its usual shades: darker by more than this share of its lightness,
    /// as hair and frames are, or without the skin's colour, as grey and white hair is. Brighter is skin with light on it.
    pub fn departs(&self, pixel: [u8; 3], darker: f32) -> bool {
        /// Shares of the skin's colourfulness that something paler stays under: in the shade, and in any light.
        const PALER: [f32; 2] = [0.7, 0.25];
        let [l, a, b] = colour::lab_of(pixel);
        let own = self.lab[0].max(1.0);
        let expected = self.lab[1].hypot(self.lab[2]) * l / own;
        let shaded = l < own - 3.0;
        l < (1.0 - darker) * own || a.hypot(b) < PALER[usize::from(!shaded)] * expected
    }
}

/// Median CIELAB of some pixels; `None` of too few.
fn typical(pixels: &[[u8; 3]]) -> Option<[f32; 3]> {
    // A few hundred pixels tell a median as well as all of them.
    let step = (pixels.len() / 400).max(1);
    let mut channels: [Vec<f32>; 3] = Default::default();
    for pixel in pixels.iter().step_by(step) {
        for (values, value) in channels.iter_mut().zip(colour::lab_of(*pixel)) {
            values.push(value);
        }
    }
    (channels[0].len() >= 30).then(|| channels.map(|mut values| median(&mut values)))
}

/// The middle one of some values; 0 of none.
pub(super) fn median(values: &mut [f32]) -> f32 {
    let rank = values.len() / 2;
    if values.is_empty() {
        return 0.0;
    }
    *values.select_nth_unstable_by(rank, f32::total_cmp).1
}

/// The pixel at a place of the head, upright; `None` outside the working copy.
pub(super) fn pixel(subject: &Subject<'_>, upright: Point) -> Option<[u8; 3]> {
    let p = subject.framing.head.in_work(upright);
    let inside = p.x >= 0.0 && p.y >= 0.0;
    inside.then(|| subject.work.pixels.get_pixel_checked(p.x as u32, p.y as u32)).flatten().map(|p| p.0)
}

/// The pixels inside a polygon.
pub(super) fn inside(subject: &Subject<'_>, outline: &[Point]) -> Vec<[u8; 3]> {
    inside_at(subject, outline).map(|(_, pixel)| pixel).collect()
}

/// The pixels inside a polygon, with the places of their centres.
pub(super) fn inside_at<'a>(
    subject: &'a Subject<'_>,
    outline: &[Point],
) -> impl Iterator<Item = (Point, [u8; 3])> + 'a {
    let pixels = &subject.work.pixels;
    let mut found = Vec::new();
    let top = outline.iter().map(|p| p.y).fold(f32::MAX, f32::min).max(0.0) as u32;
    let bottom = outline.iter().map(|p| p.y).fold(0.0, f32::max).min(pixels.height() as f32) as u32;
    for y in top..bottom {
        let row = y as f32 + 0.5;
        let mut crossings: Vec<f32> = outline
            .iter()
            .zip(outline.iter().cycle().skip(1))
            .filter(|(a, b)| (a.y <= row) != (b.y <= row))
            .map(|(a, b)| a.x + (row - a.y) / (b.y - a.y) * (b.x - a.x))
            .collect();
        crossings.sort_by(f32::total_cmp);
        for span in crossings.chunks_exact(2) {
            for x in span[0].max(0.0) as u32..(span[1].max(0.0) as u32).min(pixels.width()) {
                found.push((x, y));
            }
        }
    }
    found.into_iter().map(|(x, y)| (Point { x: x as f32 + 0.5, y: y as f32 + 0.5 }, pixels.get_pixel(x, y).0))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn hair_departs_from_every_skin_and_light_or_shade_on_it_does_not() {
        // Light, middle and dark skin; black, brown, grey and white hair.
        const SKINS: [[u8; 3]; 4] = [[238, 203, 182], [205, 156, 122], [150, 104, 78], [133, 89, 65]];
        const HAIR: [[u8; 3]; 4] = [[25, 22, 22], [48, 34, 26], [112, 111, 112], [215, 214, 214]];
        for skin in SKINS {
            let tone = Tone::of(&[skin; 64]).unwrap();
            let lit = |by: f32| skin.map(|c| (f32::from(c) * by).min(255.0) as u8);
            assert!([0.8, 0.9, 1.0, 1.05].iter().all(|by| !tone.departs(lit(*by), 0.3)), "{skin:?}");
            assert!(HAIR.iter().all(|hair| tone.departs(*hair, 0.3)), "{skin:?}");
        }
        assert!(Tone::of(&[]).is_none());
    }
}
