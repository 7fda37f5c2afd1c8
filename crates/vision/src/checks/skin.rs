//! Where a face shows skin: regions of the mesh that hair, eyes and mouth leave free.

use super::Subject;
use crate::{face::Point, framing::eyes};

/// Cheeks, nose and upper lip: from under the eyes down to the mouth, as mesh points in order. A fringe, a frame's upper rim
/// and most beards lie outside.
const MIDDLE_FACE: [usize; 16] =
    [116, 117, 118, 119, 6, 348, 347, 346, 345, 352, 411, 427, 423, 203, 207, 187];

/// The pixels of the middle face.
pub(super) fn middle_face(subject: &Subject<'_>) -> Vec<[u8; 3]> {
    let outline: Vec<Point> =
        MIDDLE_FACE.iter().filter_map(|i| subject.mesh.points.get(*i)).map(|p| p.flat()).collect();
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

/// The pixels inside a polygon.
fn inside(subject: &Subject<'_>, outline: &[Point]) -> Vec<[u8; 3]> {
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
