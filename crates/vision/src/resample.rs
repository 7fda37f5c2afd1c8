//! A turned and scaled copy of a picture, computed in linear light, in two passes over one direction each (Catmull and Smith, 3-D
//! transformations of images in scanline order, 1980): first along the rows, then down the columns of what that gave.

use std::ops::Range;

use multiversion::multiversion;
use rayon::prelude::*;

use crate::{colour, face::Point};

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
/// Rows that are not needed any more are dropped so many at a time.
const SPARE: usize = 32;
/// Half the width of the filter (Lanczos), in pixels of the coarser grid.
const REACH: f32 = 3.0;

/// The copy's pixels, `width` × `height`, as sRGB bytes. `row` appends the picture's pixels of a row, of a range of columns, which may lie
/// beyond its edges; it may leave some out at both ends, returns which it took, and all others are `ground`.
pub(crate) fn resampled(
    row: impl Fn(i32, Range<i32>, &mut Vec<Light>) -> Range<i32> + Sync,
    ground: Light,
    placed: Placed,
    [width, height]: [usize; 2],
) -> Vec<u8> {
    let passes = Passes::new(placed, ground, [width, height]);
    let mut copy: Vec<u8> = colour::Encoder::new().pixel(ground).repeat(width * height);
    // Each thread has a band of the copy, and of the rows no more than the band's next row needs: they stay in its cache.
    let band = height.div_ceil(rayon::current_num_threads()).max(1);
    copy.par_chunks_mut(width * band * 3)
        .enumerate()
        .for_each(|(index, copy)| passes.band(&row, index * band, copy));
    copy
}

/// What both passes need to know.
struct Passes {
    placed: Placed,
    ground: Light,
    width: usize,
    /// Pixels of the picture per pixel of the copy.
    scale: f32,
    /// Sine and tangent of the turn.
    turn: f32,
    tan: f32,
    /// One step along a row of the copy's columns, and down one of its columns.
    across: f32,
    down: f32,
    wide: Filter,
    high: Filter,
    /// The first row of the picture that is needed, and how many: those of all four corners, and what the filter reaches.
    first: i32,
    count: usize,
}

impl Passes {
    fn new(placed: Placed, ground: Light, [width, height]: [usize; 2]) -> Passes {
        let Placed { origin, along } = placed;
        let scale = along.x.hypot(along.y).max(1e-3);
        let turn = (along.y / scale).clamp(-STEEPEST, STEEPEST);
        let cos = (1.0 - turn * turn).sqrt();
        let (across, down) = (scale / cos, scale * cos);
        let (wide, high) = (Filter::new(across), Filter::new(down));
        let ends = [0.0, width as f32].map(|x| origin.y + scale * turn * x);
        let first = (ends[0].min(ends[1]) - high.reach).floor() as i32 - 1;
        let last = (ends[0].max(ends[1]) + down * height as f32 + high.reach).ceil() as i32 + 1;
        let count = (last - first).max(high.taps as i32) as usize;
        Passes { placed, ground, width, scale, turn, tan: turn / cos, across, down, wide, high, first, count }
    }

    /// Fills a band of the copy, from its row `top` on.
    fn band(
        &self,
        row: &impl Fn(i32, Range<i32>, &mut Vec<Light>) -> Range<i32>,
        top: usize,
        copy: &mut [u8],
    ) {
        let (width, high) = (self.width, &self.high);
        let most = self.count - high.taps;
        let (mut light, mut rows, mut drawn) = (Vec::new(), Vec::new(), Vec::new());
        let mut begin = 0;
        for (y, out) in (top..).zip(copy.chunks_exact_mut(width * 3)) {
            let start = self.placed.origin.y + 0.5 * self.scale * self.turn + self.down * (y as f32 + 0.5)
                - self.first as f32;
            let steps = Steps::new(start, self.scale * self.turn);
            let ends = [0, width - 1].map(|x| (high.first(steps.at(x)).0.max(0) as usize).min(most));
            let touched = ends[0].min(ends[1])..ends[0].max(ends[1]) + high.taps;
            let passed = touched.start.saturating_sub(begin).min(drawn.len());
            if passed >= SPARE || passed == drawn.len() {
                rows.drain(..passed * width);
                drawn.drain(..passed);
                begin = if drawn.is_empty() { touched.start } else { begin + passed };
            }
            for index in begin + drawn.len()..touched.end {
                drawn.push(self.along(row, index, &mut light, &mut rows));
            }
            let some =
                drawn[touched.start - begin..touched.end - begin].iter().filter(|range| !range.is_empty());
            let (from, to) = some.fold((width, 0), |(from, to), r| (from.min(r.start), to.max(r.end)));
            if from < to {
                let out = &mut out[from * 3..to * 3];
                second_pass(high, steps, &rows, [width, begin, most], from, &mut light, out);
            }
        }
    }

    /// Appends a row along the rows, its columns those of the copy, and tells which of them are not ground.
    fn along(
        &self,
        row: &impl Fn(i32, Range<i32>, &mut Vec<Light>) -> Range<i32>,
        index: usize,
        light: &mut Vec<Light>,
        rows: &mut Vec<Light>,
    ) -> Range<usize> {
        let (width, wide, Placed { origin, .. }) = (self.width, &self.wide, self.placed);
        let v = self.first + index as i32;
        let from = rows.len();
        rows.resize(from + width, self.ground);
        // Where the copy's first column meets this row of the picture.
        let start = origin.x + 0.5 * self.across - self.tan * (v as f32 + 0.5 - origin.y);
        let steps = Steps::new(start, self.across);
        let taps = wide.taps as i32;
        let ends = [0, width - 1].map(|x| wide.first(steps.at(x)).0);
        light.clear();
        light.resize(wide.taps, self.ground);
        let taken = row(v, ends[0]..ends[1] + taps, light);
        if taken.is_empty() {
            return 0..0;
        }
        light.resize(light.len() + wide.taps, self.ground);
        // Those columns of the copy that take something from there.
        let column = |x: i32| ((x as f32 - start) / self.across).clamp(0.0, width as f32);
        let drawn = column(taken.start - taps).floor() as usize..column(taken.end + taps).ceil() as usize;
        first_pass(wide, steps, light, taken, drawn.start, &mut rows[from + drawn.start..from + drawn.end]);
        drawn
    }
}

/// The first pass: what pixels of a row, of which those of the range `taken` are `light` after a filter's length of ground, make of
/// the columns from `column` on.
#[multiversion(targets("x86_64+avx+avx2"))]
fn first_pass(
    filter: &Filter,
    steps: Steps,
    light: &[Light],
    taken: Range<i32>,
    column: usize,
    to: &mut [Light],
) {
    let taps = filter.taps as i32;
    for (x, out) in (column..).zip(to) {
        let (from, weights) = filter.first(steps.at(x));
        if from + taps > taken.start && from < taken.end {
            let at = (from - taken.start + taps) as usize;
            *out = weighted(&light[at..at + filter.taps], 1, weights);
        }
    }
}

/// The second pass: what rows of so many columns, the first of them the picture's row `begin`, make of the copy's columns from `column`
/// on. No filter begins after row `most`. `light` is room to work in.
#[multiversion(targets("x86_64+avx+avx2"))]
fn second_pass(
    filter: &Filter,
    steps: Steps,
    rows: &[Light],
    [width, begin, most]: [usize; 3],
    column: usize,
    light: &mut Vec<Light>,
    to: &mut [u8],
) {
    let to = to.as_chunks_mut::<3>().0;
    light.clear();
    light.resize(to.len(), [0.0; 4]);
    for (x, light) in (column..).zip(light.iter_mut()) {
        let (from, weights) = filter.first(steps.at(x));
        let from = (from.max(0) as usize).min(most) - begin;
        *light = weighted(&rows[from * width + x..], width, weights);
    }
    // A loop of its own is faster.
    let encoder = colour::Encoder::new();
    for (to, light) in to.iter_mut().zip(light) {
        *to = encoder.pixel(*light);
    }
}

/// The weighted sum of every `stride`th of some pixels.
#[inline(always)]
fn weighted(pixels: &[Light], stride: usize, weights: &[Pair]) -> Light {
    // The usual numbers are worth a loop of their own.
    match weights.len() {
        3 => summed(pixels, stride, &weights[..3]),
        4 => summed(pixels, stride, &weights[..4]),
        _ => summed(pixels, stride, weights),
    }
}

#[inline(always)]
fn summed(pixels: &[Light], stride: usize, weights: &[Pair]) -> Light {
    // Two sums, so that neither waits for the other.
    let mut sums = [0.0; 8];
    for (pair, weights) in weights.iter().enumerate() {
        let (even, odd) = (&pixels[2 * pair * stride], &pixels[(2 * pair + 1) * stride]);
        for k in 0..4 {
            sums[k] += weights[k] * even[k];
            sums[4 + k] += weights[4 + k] * odd[k];
        }
    }
    [sums[0] + sums[4], sums[1] + sums[5], sums[2] + sums[6], sums[3] + sums[7]]
}

/// The weights of two pixels, one after the other, each for all their values.
type Pair = [f32; 8];

/// A filter as wide as one step of the coarser of two grids.
struct Filter {
    taps: usize,
    reach: f32,
    /// One row of weights for each place between two pixels.
    weights: Vec<Pair>,
}

impl Filter {
    /// For samples that are `step` pixels apart.
    fn new(step: f32) -> Filter {
        let stretch = step.max(1.0);
        let reach = REACH * stretch;
        let taps = 2 * reach.ceil() as usize;
        let weights = (0..PHASES)
            .flat_map(|phase| {
                // The first tap lies so far left of the place.
                let far = taps as f32 / 2.0 - 1.0 + phase as f32 / PHASES as f32;
                let row: Vec<f32> = (0..taps).map(|tap| lanczos((tap as f32 - far) / stretch)).collect();
                let sum: f32 = row.iter().sum();
                let pair = |pair: &[f32; 2]| std::array::from_fn(|k| pair[k / 4] / sum);
                row.as_chunks().0.iter().map(pair).collect::<Vec<Pair>>()
            })
            .collect();
        Filter { taps, reach, weights }
    }

    /// The first pixel that a place takes something from, and the weights from there on.
    #[inline(always)]
    fn first(&self, place: i64) -> (i32, &[Pair]) {
        /// Half of what lies between two phases: the nearest one counts.
        const HALFWAY: i64 = ONE / PHASES as i64 / 2;
        let place = place + HALFWAY;
        let phase = ((place & (ONE - 1)) as usize * PHASES) >> ONE.trailing_zeros();
        let whole = (place >> ONE.trailing_zeros()) as i32;
        let pairs = self.taps / 2;
        (whole + 1 - self.taps as i32 / 2, &self.weights[phase * pairs..][..pairs])
    }
}

/// One pixel, in the fixed-point numbers that places are told in: as fast as whole ones, and as exact as it takes.
const ONE: i64 = 1 << 32;

/// Places along a line, one after another.
#[derive(Debug, Clone, Copy)]
struct Steps {
    start: i64,
    step: i64,
}

impl Steps {
    /// From a place (pixel centres at .5) on.
    fn new(start: f32, step: f32) -> Steps {
        let fixed = |v: f32| (f64::from(v) * ONE as f64) as i64;
        Steps { start: fixed(start - 0.5), step: fixed(step) }
    }

    /// The place after so many steps, counted from the middle of the first pixel.
    #[inline(always)]
    fn at(self, steps: usize) -> i64 {
        self.start + self.step * steps as i64
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
    fn copied(picture: &RgbImage, placed: Placed, size: [usize; 2]) -> Vec<[u8; 3]> {
        let table = colour::linear_table();
        let inside = |v: i32, side: u32| v.clamp(0, side as i32 - 1) as u32;
        let row = |y: i32, columns: Range<i32>, light: &mut Vec<Light>| {
            light.extend(columns.clone().map(|x| {
                let [r, g, b] = picture
                    .get_pixel(inside(x, picture.width()), inside(y, picture.height()))
                    .0
                    .map(|c| table[usize::from(c)]);
                [r, g, b, 0.0]
            }));
            columns
        };
        resampled(row, [0.0; 4], placed, size).as_chunks().0.to_vec()
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
        for (i, shown) in copy.iter().enumerate() {
            let seen = picture.get_pixel(8 + i as u32 % 32, 4 + i as u32 / 32);
            assert_eq!(*shown, seen.0);
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
                let shown = copy[y * 60 + x];
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
        // Half the light, not half the bytes.
        for at in [50 * 100 + 50, 60 * 100 + 30] {
            assert!(copy[at][0].abs_diff(188) < 4, "{at}: {:?}", copy[at]);
        }
        let flat = RgbImage::from_pixel(40, 40, Rgb([200; 3]));
        let far = Placed { origin: Point { x: -500.0, y: 900.0 }, along };
        let copy = copied(&flat, far, [20, 20]);
        assert!(copy.iter().all(|shown| shown[1] == 200));
    }

    #[test]
    fn what_is_ground_need_not_be_drawn() {
        let picture = RgbImage::from_fn(300, 200, |x, y| {
            let inside = (90..160).contains(&x) && (40..150).contains(&y);
            Rgb(if inside { [(x + y) as u8, 30, 200] } else { [255; 3] })
        });
        let placed = Placed { origin: Point { x: 20.0, y: 5.0 }, along: Point { x: 1.3, y: 0.1 } };
        let all = copied(&picture, placed, [150, 140]);
        let table = colour::linear_table();
        let part = |y: i32, columns: Range<i32>, light: &mut Vec<Light>| {
            let taken = columns.start.max(90)..columns.end.min(160);
            if !(40..150).contains(&y) {
                return 0..0;
            }
            light.extend(taken.clone().map(|x| {
                let [r, g, b] = picture.get_pixel(x as u32, y as u32).0.map(|c| table[usize::from(c)]);
                [r, g, b, 0.0]
            }));
            taken
        };
        let some = resampled(part, [1.0, 1.0, 1.0, 0.0], placed, [150, 140]);
        assert!(all.as_flattened() == some);
    }
}
