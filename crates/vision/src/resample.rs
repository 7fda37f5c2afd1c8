//! A turned and scaled copy of a picture in linear light, in two passes over one direction each (Catmull and Smith, 3-D
//! transformations of images in scanline order, 1980): first along the rows, then down the columns of what that gave.

use std::ops::Range;

use rayon::prelude::*;

use crate::face::Point;

/// Where the copy's pixels lie in the picture: turned about a point, and scaled.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Placed {
    /// Where the copy's upper left corner lies.
    pub origin: Point,
    /// Where one pixel to the right of it lies, from there; one pixel down is the same turned by 90°.
    pub along: Point,
}

/// A pixel in linear light; the fourth value fills up.
pub(crate) type Light = [f32; 4];

/// The steepest turn that two passes can make, as sine: beyond it a head would lie.
const STEEPEST: f32 = 0.8;
/// Weights are computed for so many places between two pixels.
const PHASES: usize = 64;
/// Half the width of the filter (Lanczos), in pixels of the coarser grid.
const REACH: f32 = 3.0;

/// The copy's pixels, `width` × `height`. `row` appends the picture's pixels of a row and a range of columns, which may lie
/// beyond its edges.
pub(crate) fn resampled(
    row: impl Fn(i32, Range<i32>, &mut Vec<Light>) + Sync,
    placed: Placed,
    [width, height]: [usize; 2],
) -> Vec<Light> {
    let Placed { origin, along } = placed;
    let turn = (along.y / along.x.hypot(along.y).max(1e-6)).clamp(-STEEPEST, STEEPEST);
    let scale = along.x.hypot(along.y).max(1e-3);
    let cos = (1.0 - turn * turn).sqrt();
    let tan = turn / cos;
    // One step along a row of the copy's columns, and down one of its columns.
    let (across, down) = (scale / cos, scale * cos);
    let (wide, high) = (Filter::new(across), Filter::new(down));

    // The rows of the picture that are needed: those of all four corners, and what the filter reaches.
    let ends = [0.0, width as f32].map(|x| origin.y + scale * turn * x);
    let first = (ends[0].min(ends[1]) - high.reach).floor() as i32 - 1;
    let last = (ends[0].max(ends[1]) + down * height as f32 + high.reach).ceil() as i32 + 1;
    let mut rows: Vec<Light> = vec![[0.0; 4]; (last - first).max(1) as usize * width];
    rows.par_chunks_mut(width).with_min_len(32).enumerate().for_each_init(Vec::new, |light, (index, out)| {
        let v = first + index as i32;
        // Where the copy's first column meets this row of the picture.
        let start = origin.x + 0.5 * across - tan * (v as f32 + 0.5 - origin.y);
        let (left, _) = wide.first(start);
        let (right, _) = wide.first(start + across * (width - 1) as f32);
        light.clear();
        row(v, left..right + wide.taps as i32, light);
        for (x, out) in out.iter_mut().enumerate() {
            let (from, weights) = wide.first(start + across * x as f32);
            let taps = &light[(from - left) as usize..][..wide.taps];
            let mut sum = [0.0; 4];
            for (tap, weight) in taps.iter().zip(weights) {
                add(&mut sum, tap, *weight);
            }
            *out = sum;
        }
    });

    let mut copy: Vec<Light> = vec![[0.0; 4]; width * height];
    let most = rows.len() / width - high.taps;
    copy.par_chunks_mut(width).with_min_len(16).enumerate().for_each(|(y, out)| {
        for (x, out) in out.iter_mut().enumerate() {
            let at = origin.y + scale * turn * (x as f32 + 0.5) + down * (y as f32 + 0.5) - first as f32;
            let (from, weights) = high.first(at);
            let from = (from.max(0) as usize).min(most);
            let mut sum = [0.0; 4];
            for (tap, weight) in weights.iter().enumerate() {
                add(&mut sum, &rows[(from + tap) * width + x], *weight);
            }
            *out = sum;
        }
    });
    copy
}

#[inline]
fn add(sum: &mut Light, value: &Light, weight: f32) {
    for (sum, value) in sum.iter_mut().zip(value) {
        *sum += weight * value;
    }
}

/// A filter as wide as one step of the coarser of two grids.
struct Filter {
    taps: usize,
    reach: f32,
    /// One row of weights for each place between two pixels.
    weights: Vec<f32>,
}

impl Filter {
    /// For samples that are `step` pixels apart.
    fn new(step: f32) -> Filter {
        let stretch = step.max(1.0);
        let reach = REACH * stretch;
        let taps = 2 * reach.ceil() as usize;
        let weights = (0..=PHASES)
            .flat_map(|phase| {
                // The first tap lies so far left of the place.
                let far = taps as f32 / 2.0 - 1.0 + phase as f32 / PHASES as f32;
                let row: Vec<f32> = (0..taps).map(|tap| lanczos((tap as f32 - far) / stretch)).collect();
                let sum: f32 = row.iter().sum();
                row.into_iter().map(move |weight| weight / sum)
            })
            .collect();
        Filter { taps, reach, weights }
    }

    /// The first pixel that a place (pixel centres at .5) takes something from, and the weights from there on.
    fn first(&self, place: f32) -> (i32, &[f32]) {
        let place = place - 0.5;
        let whole = place.floor();
        let phase = ((place - whole) * PHASES as f32 + 0.5) as usize;
        (whole as i32 + 1 - self.taps as i32 / 2, &self.weights[phase * self.taps..][..self.taps])
    }
}

/// Lanczos' window over a sine cardinal.
fn lanczos(t: f32) -> f32 {
    let sinc = |x: f32| if x.abs() < 1e-5 { 1.0 } else { x.sin() / x };
    let x = std::f32::consts::PI * t;
    if t.abs() < REACH { sinc(x) * sinc(x / REACH) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use image::{Rgb, RgbImage};

    use super::*;
    use crate::colour;

    /// The copy of a picture whose edge is continued.
    fn copied(picture: &RgbImage, placed: Placed, size: [usize; 2]) -> Vec<Light> {
        let table = colour::linear_table();
        let inside = |v: i32, side: u32| v.clamp(0, side as i32 - 1) as u32;
        let row = |y: i32, columns: Range<i32>, light: &mut Vec<Light>| {
            light.extend(columns.map(|x| {
                let [r, g, b] = picture
                    .get_pixel(inside(x, picture.width()), inside(y, picture.height()))
                    .0
                    .map(|c| table[usize::from(c)]);
                [r, g, b, 0.0]
            }));
        };
        resampled(row, placed, size)
    }

    fn waves(w: u32, h: u32) -> RgbImage {
        RgbImage::from_fn(w, h, |x, y| {
            let v = |f: f32| ((x as f32 * f).sin() * (y as f32 * f * 0.7).cos() * 80.0 + 120.0) as u8;
            Rgb([v(0.05), v(0.11), v(0.02)])
        })
    }

    #[test]
    fn an_unturned_copy_of_the_same_size_is_the_picture() {
        let picture = waves(64, 48);
        let placed = Placed { origin: Point { x: 8.0, y: 4.0 }, along: Point { x: 1.0, y: 0.0 } };
        let copy = copied(&picture, placed, [32, 24]);
        for (i, light) in copy.iter().enumerate() {
            let seen = picture.get_pixel(8 + i as u32 % 32, 4 + i as u32 / 32);
            assert_eq!([light[0], light[1], light[2]].map(colour::encode), seen.0);
        }
    }

    #[test]
    fn a_turned_copy_shows_what_lies_there() {
        let picture = waves(600, 600);
        for (degrees, scale) in [(-25.0f32, 0.8), (-4.0, 1.7), (3.0, 2.6), (17.0, 1.2)] {
            let (sin, cos) = degrees.to_radians().sin_cos();
            let along = Point { x: cos * scale, y: sin * scale };
            let placed = Placed { origin: Point { x: 250.0, y: 200.0 }, along };
            let copy = copied(&picture, placed, [60, 60]);
            for (x, y) in [(0, 0), (59, 0), (0, 59), (30, 20), (59, 59)] {
                let (u, v) = (x as f32 + 0.5, y as f32 + 0.5);
                let (px, py) =
                    (250.0 + along.x * u - along.y * v - 0.5, 200.0 + along.y * u + along.x * v - 0.5);
                let seen = picture.get_pixel(px.round() as u32, py.round() as u32).0;
                let shown = [0, 1, 2].map(|c| colour::encode(copy[y * 60 + x][c]));
                let off = (0..3).map(|c| shown[c].abs_diff(seen[c])).max();
                assert!(off <= Some(9), "{degrees}° {x},{y}: {shown:?} {seen:?}");
            }
        }
    }

    #[test]
    fn fine_structure_is_averaged_in_light_and_the_edge_goes_on() {
        let checks = RgbImage::from_fn(400, 400, |x, y| Rgb([if (x + y) % 2 == 0 { 0 } else { 255 }; 3]));
        let along = Point { x: 4.0, y: 0.2 };
        let copy = copied(&checks, Placed { origin: Point { x: -100.0, y: -100.0 }, along }, [100, 100]);
        for at in [50 * 100 + 50, 60 * 100 + 30, 0] {
            assert!((copy[at][0] - 0.5).abs() < 0.02 || at == 0, "{at}: {:?}", copy[at]);
        }
        let flat = RgbImage::from_pixel(40, 40, Rgb([200; 3]));
        let far = Placed { origin: Point { x: -500.0, y: 900.0 }, along };
        let copy = copied(&flat, far, [20, 20]);
        assert!(copy.iter().all(|light| colour::encode(light[1]) == 200));
    }
}
