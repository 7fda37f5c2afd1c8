//! One channel of floats, with the few filters that mattes and checks need.

use std::borrow::Cow;

use multiversion::multiversion;
use rayon::prelude::*;

use crate::marked::Marked;

/// Row-major floats.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Plane {
    pub width: usize,
    pub height: usize,
    pub data: Vec<f32>,
}

impl Plane {
    /// Fills a plane by position.
    #[cfg(test)]
    pub fn from_fn(width: usize, height: usize, value: impl Fn(usize, usize) -> f32 + Sync) -> Plane {
        Plane::from_rows(width, height, |y, row| {
            for (x, v) in row.iter_mut().enumerate() {
                *v = value(x, y);
            }
        })
    }

    /// Fills a plane row by row; each comes as zeros.
    pub fn from_rows(width: usize, height: usize, fill: impl Fn(usize, &mut [f32]) + Sync) -> Plane {
        let mut plane = Plane::filled(width, height, 0.0);
        plane.change_rows(fill);
        plane
    }

    /// Changes a plane row by row.
    pub fn change_rows(&mut self, change: impl Fn(usize, &mut [f32]) + Sync) {
        let width = self.width.max(1);
        let rows = self.data.par_chunks_mut(width).with_min_len(rows_at_once(width));
        rows.enumerate().for_each(|(y, row)| change(y, row));
    }

    /// The value at a place inside.
    pub fn at(&self, x: usize, y: usize) -> f32 {
        self.data[y * self.width + x]
    }

    /// Bilinear value at a place in pixels (pixel centres at .5); beyond the edge the edge is continued.
    pub fn sample(&self, x: f32, y: f32) -> f32 {
        let ((x0, x1, fx), (y0, y1, fy)) = (beside(x, self.width), beside(y, self.height));
        let top = self.at(x0, y0) * (1.0 - fx) + self.at(x1, y0) * fx;
        let bottom = self.at(x0, y1) * (1.0 - fx) + self.at(x1, y1) * fx;
        top * (1.0 - fy) + bottom * fy
    }

    /// A plane of one value.
    pub fn filled(width: usize, height: usize, value: f32) -> Plane {
        Plane { width, height, data: vec![value; width * height] }
    }

    /// Where the plane hangs together, side by side, with the place (x, y) by values that pass; a place beyond the edge is moved inside.
    pub fn connected(&self, (x, y): (usize, usize), passes: impl Fn(f32) -> bool) -> Marked {
        let place = (x.min(self.width.saturating_sub(1)), y.min(self.height.saturating_sub(1)));
        Marked::where_passes(self, passes).connected(place)
    }

    /// The row at a height in pixels (pixel centres at .5), between the two rows nearest to it; see [`along`].
    pub fn row(&self, y: f32) -> Cow<'_, [f32]> {
        let (above, below, share) = beside(y, self.height);
        let row = |y: usize| &self.data[y * self.width..][..self.width];
        if share <= 0.0 {
            return Cow::Borrowed(row(above));
        }
        row(above).iter().zip(row(below)).map(|(a, b)| a + share * (b - a)).collect()
    }

    /// Position by position with another plane of the same size.
    pub fn with(&self, other: &Plane, f: impl Fn(f32, f32) -> f32) -> Plane {
        let data = self.data.iter().zip(&other.data).map(|(a, b)| f(*a, *b)).collect();
        Plane { width: self.width, height: self.height, data }
    }

    /// Mean over a square of 2r + 1 pixels, cut at the edges.
    pub fn blurred(&self, radius: usize) -> Plane {
        let data = blurred(self.data.as_chunks::<1>().0, [self.width, self.height], radius).into_flattened();
        Plane { width: self.width, height: self.height, data }
    }
}

/// Means over squares of 2r + 1 pixels of so many values each, cut at the edges.
fn blurred<const N: usize>(pixels: &[[f32; N]], [w, h]: [usize; 2], radius: usize) -> Vec<[f32; N]> {
    let mut rows = vec![[0.0; N]; pixels.len()];
    let pairs = rows.par_chunks_mut(w.max(1)).zip(pixels.par_chunks(w.max(1)));
    pairs.with_min_len(rows_at_once(w * N)).for_each(|(to, from)| row_blurred(from, to, radius));
    let mut blurred = vec![[0.0; N]; pixels.len()];
    columns_blurred(rows.as_flattened(), blurred.as_flattened_mut(), [w * N, h], radius);
    blurred
}

/// Up to this radius each square is summed anew, many at a time: a running sum waits for itself at every pixel.
const ANEW: usize = 3;

fn row_blurred<const N: usize>(from: &[[f32; N]], to: &mut [[f32; N]], radius: usize) {
    let w = from.len();
    let add = |sum: &mut [f32; N], values: &[f32; N]| {
        for (sum, value) in sum.iter_mut().zip(values) {
            *sum += value;
        }
    };
    // Told anew where the square is cut by an edge.
    let (left, right) = (radius.min(w), w.saturating_sub(radius).max(radius.min(w)));
    for x in (0..left).chain(right..w) {
        let near = &from[x.saturating_sub(radius)..(x + radius + 1).min(w)];
        let mut sum = [0.0; N];
        near.iter().for_each(|values| add(&mut sum, values));
        to[x] = sum.map(|sum| sum / near.len() as f32);
    }
    let share = 1.0 / (2 * radius + 1) as f32;
    if radius <= ANEW {
        let to = to[left..right].as_flattened_mut();
        // A plane narrower than a square has nothing in between.
        if !to.is_empty() {
            let rows = |k: usize| from[k.min(w)..].as_flattened();
            match radius {
                0 => added(std::array::from_fn::<_, 1, _>(rows), share, to),
                1 => added(std::array::from_fn::<_, 3, _>(rows), share, to),
                2 => added(std::array::from_fn::<_, 5, _>(rows), share, to),
                _ => added(std::array::from_fn::<_, { 2 * ANEW + 1 }, _>(rows), share, to),
            }
        }
        return;
    }
    // A running sum.
    let ahead = (2 * radius).min(w);
    let mut sum = [0.0; N];
    from[..ahead].iter().for_each(|values| add(&mut sum, values));
    let mut last = [0.0; N];
    for ((to, enters), leaves) in to[left..right].iter_mut().zip(&from[ahead..]).zip(from) {
        add(&mut sum, &std::array::from_fn(|k| enters[k] - last[k]));
        last = *leaves;
        *to = sum.map(|sum| sum * share);
    }
}

/// The sums of some rows, position by position, each by `share`; what they have beyond the length of the result is left out.
#[multiversion(targets("x86_64+avx+avx2"))]
fn added<const K: usize>(rows: [&[f32]; K], share: f32, to: &mut [f32]) {
    let rows = rows.map(|row| &row[..to.len()]);
    for (at, to) in to.iter_mut().enumerate() {
        let mut sum = 0.0;
        for row in rows {
            sum += row[at];
        }
        *to = sum * share;
    }
}

fn columns_blurred(from: &[f32], to: &mut [f32], [w, h]: [usize; 2], radius: usize) {
    // Bands of rows, each with a running sum per column.
    let band = h.div_ceil(rayon::current_num_threads().max(1)).max(rows_at_once(w)).max(32);
    to.par_chunks_mut((w * band).max(1)).enumerate().for_each(|(index, rows)| {
        let first = index * band;
        let mut sum = vec![0.0f32; w];
        let add = |sum: &mut [f32], y: usize, sign: f32| {
            for (s, v) in sum.iter_mut().zip(&from[y * w..(y + 1) * w]) {
                *s += sign * v;
            }
        };
        for y in first.saturating_sub(radius)..(first + radius).min(h) {
            add(&mut sum, y, 1.0);
        }
        for (row, to) in rows.chunks_mut(w).enumerate() {
            let y = first + row;
            if y + radius < h {
                add(&mut sum, y + radius, 1.0);
            }
            if y > radius && y - radius > first.saturating_sub(radius) {
                add(&mut sum, y - radius - 1, -1.0);
            }
            let count = (y + radius).min(h - 1) + 1 - y.saturating_sub(radius);
            let scale = 1.0 / count as f32;
            for (t, s) in to.iter_mut().zip(&sum) {
                *t = s * scale;
            }
        }
    });
}

/// Four planes of one size, value beside value: colours with a fourth value, or what else is looked up together.
#[derive(Debug, Clone)]
pub(crate) struct Fours {
    pub width: usize,
    pub height: usize,
    pub data: Vec<[f32; 4]>,
}

impl Fours {
    /// All of one value.
    pub fn filled([width, height]: [usize; 2], value: [f32; 4]) -> Fours {
        Fours { width, height, data: vec![value; width * height] }
    }

    /// Mean over a square of 2r + 1 pixels, cut at the edges.
    pub fn blurred(&self, radius: usize) -> Fours {
        let data = blurred(&self.data, [self.width, self.height], radius);
        Fours { data, ..*self }
    }

    /// Bilinear values at a place in pixels (pixel centres at .5); beyond the edge the edge is continued.
    pub fn sample(&self, x: f32, y: f32) -> [f32; 4] {
        let ((x0, x1, fx), (y0, y1, fy)) = (beside(x, self.width), beside(y, self.height));
        let (above, below) = (&self.data[y0 * self.width..], &self.data[y1 * self.width..]);
        mixed(mixed(above[x0], above[x1], fx), mixed(below[x0], below[x1], fx), fy)
    }
}

/// The value at a place of a row in pixels (pixel centres at .5); beyond its ends they are continued.
pub(crate) fn along(row: &[f32], x: f32) -> f32 {
    told(row, beside(x, row.len()))
}

/// The value of a row between two of its pixels, as [`beside`] says where.
pub(crate) fn told(row: &[f32], (from, to, share): (usize, usize, f32)) -> f32 {
    row[from] + share * (row[to] - row[from])
}

/// The first for 0, the second for 1, straight between.
#[inline(always)]
pub(crate) fn mixed(a: [f32; 4], b: [f32; 4], share: f32) -> [f32; 4] {
    std::array::from_fn(|k| a[k] + share * (b[k] - a[k]))
}

/// The two pixels of a row or column of `side` between whose centres (at .5) a place lies, and how far on from the first, 0..1.
pub(crate) fn beside(place: f32, side: usize) -> (usize, usize, f32) {
    let place = (place - 0.5).clamp(0.0, (side - 1) as f32);
    let first = place as usize;
    (first, (first + 1).min(side - 1), place - first as f32)
}

/// Whether any value passes: all are tried, many at a time, which is faster than to stop at the first.
#[inline(always)]
pub(crate) fn any<T>(values: &[T], passes: impl Fn(&T) -> bool) -> bool {
    values.iter().fold(false, |some, value| some | passes(value))
}

/// So many values of a row are tried at a time: most rows begin with many that do not pass.
const TRIED: usize = 16;

/// The place of a row's first value that passes.
pub(crate) fn first(row: &[f32], passes: impl Fn(f32) -> bool) -> Option<usize> {
    let before = row.chunks(TRIED).position(|values| any(values, |v| passes(*v)))? * TRIED;
    Some(before + row[before..].iter().position(|value| passes(*value))?)
}

/// The place of a row's last value that passes.
pub(crate) fn last(row: &[f32], passes: impl Fn(f32) -> bool) -> Option<usize> {
    let end = row.len() - row.rchunks(TRIED).position(|values| any(values, |v| passes(*v)))? * TRIED;
    row[..end].iter().rposition(|value| passes(*value))
}

/// The sum of some values, as many sums side by side as a processor adds at once: a single one would wait for itself.
pub(crate) fn sum(values: &[f32]) -> f32 {
    let mut sums = [0.0f32; 16];
    let (rows, rest) = values.as_chunks::<16>();
    for row in rows {
        sums.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
    }
    sums.iter().sum::<f32>() + rest.iter().sum::<f32>()
}

/// So many rows are worth a thread of their own.
fn rows_at_once(width: usize) -> usize {
    (16_384 / width.max(1)).max(1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn blurring_is_the_mean_of_what_lies_inside() {
        let plane = Plane::from_fn(90, 130, |x, y| ((x * 7 + y * 13) % 31) as f32);
        for radius in [0, 1, 3, 4, 9] {
            let blurred = plane.blurred(radius);
            for (x, y) in [(0, 0), (3, 64), (45, 65), (45, 66), (89, 129), (50, 100), (86, 2)] {
                let xs = usize::saturating_sub(x, radius)..=(x + radius).min(89);
                let mut values = Vec::new();
                for yy in usize::saturating_sub(y, radius)..=(y + radius).min(129) {
                    values.extend(xs.clone().map(|xx| plane.at(xx, yy)));
                }
                let (mean, told) = (sum(&values) / values.len() as f32, blurred.at(x, y));
                assert!((told - mean).abs() < 1e-3, "{radius} about {x},{y}: {told} {mean}");
            }
        }
    }

    proptest! {
        #[test]
        fn the_first_and_the_last_value_that_pass_are_found(
            row in prop::collection::vec(0.0f32..1.0, 0..70),
            least in 0.8f32..1.0,
        ) {
            prop_assert_eq!(first(&row, |v| v >= least), row.iter().position(|v| *v >= least));
            prop_assert_eq!(last(&row, |v| v >= least), row.iter().rposition(|v| *v >= least));
        }
    }

    #[test]
    fn a_small_plane_survives_a_large_radius() {
        let plane = Plane::from_fn(3, 2, |x, _| x as f32);
        assert!(
            [2, 3, 40].iter().all(|radius| plane
                .blurred(*radius)
                .data
                .iter()
                .all(|v| (v - 1.0).abs() < 1e-6))
        );
    }
}
