//! `clothing_contrast`: whether the clothes stand out from the background that the photo will have.

use super::{Area, Reading, Subject};
use crate::{colour, face::Point};

/// Along the outline of shoulders and sleeves as the photo shows it: `contrast`: how far (CIELAB, ΔE 1976) the person just inside
/// the outline differs from the photo's background; four of five places differ more. `edge`: how wide the matte's
/// transition from person to background is there, in hundredths of the face's width, median: where clothes look like the wall of
/// the capture the outline is a guess. ISO/IEC 29794-5 has no such component. `None` without shoulders in the photo.
pub(super) fn measure(subject: &Subject<'_>) -> Option<Reading> {
    let outline = outline(subject);
    if outline.len() < 24 {
        return None;
    }
    let table = colour::linear_table();
    let background = colour::lab(subject.background.map(|c| table[usize::from(c)]));
    let (mut apart, mut wide) = (Vec::new(), Vec::new());
    for place in &outline {
        let off = place.colour.iter().zip(background).map(|(a, b)| (a - b) * (a - b));
        apart.push(off.sum::<f32>().sqrt());
        wide.push(place.width / subject.framing.head.width * 100.0);
    }
    let rank = |values: &mut Vec<f32>, part: f32| {
        let at = (values.len() as f32 * part) as usize;
        f64::from(*values.select_nth_unstable_by(at, f32::total_cmp).1)
    };
    let (contrast, edge) = (rank(&mut apart.clone(), 0.2), rank(&mut wide.clone(), 0.5));
    let worst = |values: &[f32], test: &dyn Fn(f64) -> bool| {
        let picked = outline.iter().zip(values).filter(|(_, v)| test(f64::from(**v)));
        Some(Area::of_copy(subject, picked.map(|(place, _)| place.at), 0.1))
    };
    let reading = Reading::from(vec![("contrast", contrast), ("edge", edge)]);
    let reading = reading.with("contrast", worst(&apart, &|v| v <= contrast));
    Some(reading.with("edge", worst(&wide, &|v| v >= edge)))
}

/// A place on the outline.
struct Place {
    /// Where, in the working copy.
    at: Point,
    /// What lies just inside, CIELAB.
    colour: [f32; 3],
    /// Pixels of the working copy over which alpha goes from 0 to 1.
    width: f32,
}

fn outline(subject: &Subject<'_>) -> Vec<Place> {
    let framing = subject.framing;
    let alpha = &subject.matte.alpha;
    let face = framing.face_width();
    let chin = framing.eyes.y + framing.scale * framing.head.chin;
    let [w, h] = framing.size.map(|side| side as f32);
    let inside_copy = |p: Point| {
        p.x >= 2.0 && p.y >= 2.0 && p.x < alpha.width as f32 - 2.0 && p.y < alpha.height as f32 - 2.0
    };
    let cover = |x: f32, y: f32| {
        let p = framing.in_work(Point { x, y });
        inside_copy(p).then(|| alpha.sample(p.x, p.y))
    };
    let mut places = Vec::new();
    let mut x = 1.0;
    // Each column from the chin down: the first place where the person begins is shoulder or sleeve, unless it is neck or hair
    // that begins above.
    while x < w {
        let mut y = chin;
        let mut last = cover(x, y);
        while y < h - 0.06 * face {
            let now = cover(x, y + 2.0);
            if let (Some(a), Some(b)) = (last, now) {
                if a > 0.5 {
                    break;
                }
                if b > 0.5 {
                    places.extend(place(subject, Point { x, y: y + 1.0 }));
                    break;
                }
            }
            last = now;
            y += 2.0;
        }
        x += 2.0;
    }
    places
}

fn place(subject: &Subject<'_>, at: Point) -> Option<Place> {
    let alpha = &subject.matte.alpha;
    let p = subject.framing.in_work(at);
    let d = 1.5;
    let gx = (alpha.sample(p.x + d, p.y) - alpha.sample(p.x - d, p.y)) / (2.0 * d);
    let gy = (alpha.sample(p.x, p.y + d) - alpha.sample(p.x, p.y - d)) / (2.0 * d);
    let steep = gx.hypot(gy).max(1e-3);
    let (nx, ny) = (gx / steep, gy / steep);
    let face = subject.framing.head.width;
    let mean = |from: f32, to: f32| {
        let mut sum = [0.0f32; 3];
        let table = colour::linear_table();
        for k in 0..6 {
            let t = (from + (to - from) * k as f32 / 5.0) * face;
            let (x, y) = (p.x + nx * t, p.y + ny * t);
            let x = (x.max(0.0) as u32).min(subject.work.pixels.width() - 1);
            let y = (y.max(0.0) as u32).min(subject.work.pixels.height() - 1);
            for (s, c) in sum.iter_mut().zip(subject.work.pixels.get_pixel(x, y).0) {
                *s += table[usize::from(c)] / 6.0;
            }
        }
        colour::lab(sum)
    };
    Some(Place { at: p, colour: mean(0.05, 0.12), width: 1.0 / steep })
}
