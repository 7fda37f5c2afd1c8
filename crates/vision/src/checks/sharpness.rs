//! `sharpness`: how much the face's edges are blurred, in pixels of the photo.

use multiversion::multiversion;

use super::{Area, Reading, Subject};
use crate::{colour, plane::Plane};

/// `blur`: standard deviation, in pixels of the made photo, of the blur that three of ten edges about eyes, brows and nose
/// stay under. Found by blurring again: the steeper an edge was, the more it loses (Zhuo and Sim, Defocus map estimation from a
/// single image, 2011). It depends neither on contrast nor on how many edges a face has. `None` without clear edges.
pub(super) fn measure(subject: &Subject<'_>) -> Option<Reading> {
    let (face, scale) = (features(subject)?, f64::from(subject.framing.scale));
    let mut sigmas = edge_blur(&face);
    if sigmas.len() < 40 {
        return None;
    }
    let rank = sigmas.len() * 3 / 10;
    let (_, sigma, _) = sigmas.select_nth_unstable_by(rank, f32::total_cmp);
    let place = Area::of_mesh(subject, &FEATURES, 0.0);
    Some(Reading::at(place, vec![("blur", f64::from(*sigma) * scale)]))
}

/// Points about the brows, the eyes, the cheeks and under the nose.
const FEATURES: [usize; 9] = [70, 300, 105, 334, 2, 33, 263, 50, 280];

/// Brightness of the face's box from the brows to under the nose, coded 0..1.
fn features(subject: &Subject<'_>) -> Option<Plane> {
    let points = &subject.mesh.points;
    let pixels = &subject.work.pixels;
    let bounds = FEATURES
        .iter()
        .filter_map(|i| points.get(*i))
        .fold([f32::MAX, f32::MAX, 0.0f32, 0.0f32], |[l, t, r, b], p| {
            [l.min(p.x), t.min(p.y), r.max(p.x), b.max(p.y)]
        });
    let left = bounds[0].max(0.0) as u32;
    let top = bounds[1].max(0.0) as u32;
    let width = (bounds[2] as u32).min(pixels.width()).checked_sub(left)?;
    let height = (bounds[3] as u32).min(pixels.height()).checked_sub(top)?;
    if width < 24 || height < 16 {
        return None;
    }
    let (raw, line) = (pixels.as_raw(), pixels.width() as usize * 3);
    Some(Plane::from_rows(width as usize, height as usize, |y, row| {
        colour::lumas(raw[(top as usize + y) * line + left as usize * 3..].as_chunks().0, row);
        row.iter_mut().for_each(|luma| *luma /= 255.0);
    }))
}

/// Blur, as a standard deviation in pixels, at every clear edge of a plane.
fn edge_blur(plane: &Plane) -> Vec<f32> {
    const AGAIN: f32 = 1.0;
    // Grain has the steepest edges of all, and shows most where a face is dark or in shade: it is smoothed away first, and
    // that blur is taken off the result.
    const GRAIN: f32 = 0.9;
    let calm = gaussian(plane, GRAIN);
    let first = gradient(&calm);
    let second = gradient(&gaussian(&calm, AGAIN));
    let mut strengths = first.data.clone();
    let rank = strengths.len() * 9 / 10;
    let (_, threshold, _) = strengths.select_nth_unstable_by(rank, f32::total_cmp);
    let threshold = threshold.max(0.012);
    let (w, h) = (plane.width, plane.height);
    let mut found = Vec::new();
    for y in 2..h.saturating_sub(2) {
        for x in 2..w.saturating_sub(2) {
            let here = first.at(x, y);
            // The crest of an edge: no neighbour across it is steeper.
            let crest = (here >= first.at(x - 1, y) && here >= first.at(x + 1, y))
                || (here >= first.at(x, y - 1) && here >= first.at(x, y + 1));
            if here < threshold || !crest {
                continue;
            }
            let ratio = here / second.at(x, y).max(1e-6);
            if ratio > 1.01 {
                let variance = AGAIN * AGAIN / (ratio * ratio - 1.0);
                found.push((variance - GRAIN * GRAIN).max(0.0).sqrt());
            }
        }
    }
    found
}

fn gradient(plane: &Plane) -> Plane {
    let (w, h) = (plane.width, plane.height);
    Plane::from_rows(w, h, |y, out| {
        let row = |y: usize| &plane.data[y * w..][..w];
        let (here, above, below) = (row(y), row(y.saturating_sub(1)), row((y + 1).min(h - 1)));
        let slope = |across: f32, down: f32| (across * across + down * down).sqrt() / 2.0;
        let inside = here.windows(3).zip(&above[1..]).zip(&below[1..]);
        for (out, ((beside, above), below)) in out[1..].iter_mut().zip(inside) {
            *out = slope(beside[2] - beside[0], below - above);
        }
        for (x, [before, after]) in [(0, [0, 1.min(w - 1)]), (w - 1, [w.saturating_sub(2), w - 1])] {
            out[x] = slope(here[after] - here[before], below[x] - above[x]);
        }
    })
}

/// So far, in pixels, a blur reaches to each side.
const REACH: usize = 4;
const KERNEL: usize = 2 * REACH + 1;

fn gaussian(plane: &Plane, sigma: f32) -> Plane {
    let kernel: [f32; KERNEL] = std::array::from_fn(|i| {
        let d = i as f32 - REACH as f32;
        (-d * d / (2.0 * sigma * sigma)).exp()
    });
    let sum: f32 = kernel.iter().sum();
    let kernel = kernel.map(|k| k / sum);
    let (w, h) = (plane.width, plane.height);
    let rows = Plane::from_rows(w, h, |y, out| {
        let row = &plane.data[y * w..][..w];
        let ends = [row[0], row[w - 1]].map(|end| std::iter::repeat_n(end, REACH));
        let [before, after] = ends;
        let padded: Vec<f32> = before.chain(row.iter().copied()).chain(after).collect();
        weighted(std::array::from_fn(|i| &padded[i..]), &kernel, out);
    });
    Plane::from_rows(w, h, |y, out| {
        let row = |i: usize| &rows.data[(y + i).saturating_sub(REACH).min(h - 1) * w..];
        weighted(std::array::from_fn(row), &kernel, out);
    })
}

/// The sum of rows, each by its weight; what they have beyond the length of the result is left out.
#[multiversion(targets("x86_64+avx+avx2"))]
fn weighted(rows: [&[f32]; KERNEL], weights: &[f32; KERNEL], to: &mut [f32]) {
    for (row, weight) in rows.into_iter().zip(weights) {
        for (to, value) in to.iter_mut().zip(row) {
            *to += weight * value;
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_known_blur_is_found_whatever_the_contrast() {
        let edge = Plane::from_fn(80, 60, |x, y| if x + y / 3 < 45 { 0.2 } else { 0.8 });
        for (sigma, contrast) in [(1.5, 1.0), (2.0, 0.3), (3.0, 0.6)] {
            let blurred = gaussian(&edge, sigma).with(&edge, |b, _| b * contrast);
            let mut found = edge_blur(&blurred);
            found.sort_by(f32::total_cmp);
            let median = found[found.len() / 2];
            assert!((median - sigma).abs() < 0.35 * sigma, "{sigma} at {contrast}: {median}");
        }
    }
}
