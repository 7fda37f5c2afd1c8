//! The guided filter (He, Sun, Tang, Guided Image Filtering, 2013), weighted by trust, told only where it is wanted: an outline is thin.

use std::ops::Range;

use image::RgbImage;

use crate::{marked::Marked, plane::Plane};

/// Radius of the filter's window.
const RADIUS: usize = 2;
/// Contrast, squared and in 0..1, under which the filter smooths.
const EPSILON: f32 = 1e-4;

/// A linear model of alpha in a pixel's surroundings: three slopes and a constant, alpha = a · light + b.
pub(super) type Model = [f32; 4];

/// What the filter sees.
pub(super) struct Guided<'a> {
    picture: &'a RgbImage,
    /// What is guessed of each pixel of the picture, and how much that counts: above 0, at most 1.
    alpha: &'a Plane,
    trust: &'a Plane,
    /// Where answers are wanted, where the models that they are means of, and where the pixels that these are fitted to.
    zones: [Marked; 3],
}

impl<'a> Guided<'a> {
    /// Of a picture's pixels, for answers where `wanted` is marked.
    pub fn new(picture: &'a RgbImage, [alpha, trust]: [&'a Plane; 2], wanted: Marked) -> Guided<'a> {
        let fitted = wanted.widened(RADIUS);
        let seen = fitted.widened(RADIUS);
        Guided { picture, alpha, trust, zones: [wanted, fitted, seen] }
    }

    /// Some rows, in their order: `take` is given the model of each pixel of the row, and of those above and below; they are only told where
    /// they are wanted.
    pub fn rows(&self, rows: Range<usize>, mut take: impl FnMut(usize, [&[Model]; 3])) {
        /// So many rows are seen before a row's last neighbour is told.
        const AHEAD: usize = 2 * RADIUS + 1;
        let (w, h) = (self.alpha.width, self.alpha.height);
        let mut room = vec![[0.0; MOMENTS]; w];
        let (mut moments, mut models) = (Last::new(w), Last::new(w));
        let (mut shares, mut answers) = (Last::<1>::new(w), Last::new(w));
        let inside = |y: usize, behind: usize| y.checked_sub(behind).filter(|y| *y < h);
        for y in rows.start.saturating_sub(AHEAD)..rows.end + AHEAD {
            if let Some(y) = inside(y, 0) {
                self.moments(y, &mut room, moments.row_mut(y));
            }
            if let Some(y) = inside(y, RADIUS) {
                self.models(y, moments.around(y, h), shares.row_mut(y), models.row_mut(y));
            }
            if let Some(y) = inside(y, 2 * RADIUS) {
                self.answers(y, models.around(y, h), shares.row(y), answers.row_mut(y));
            }
            if let Some(y) = inside(y, AHEAD).filter(|y| rows.contains(y)) {
                take(y, [y.saturating_sub(1), y, (y + 1).min(h - 1)].map(|y| answers.row(y)));
            }
        }
    }

    /// The moments of a row, summed along it.
    fn moments(&self, y: usize, room: &mut [Moments], sums: &mut [Moments]) {
        let start = y * self.alpha.width;
        for run in self.zones[2].runs(y) {
            let at = start + run.start..start + run.end;
            let pixels = self.picture.as_raw()[at.start * 3..at.end * 3].as_chunks::<3>().0;
            let guesses = self.alpha.data[at.clone()].iter().zip(&self.trust.data[at]);
            for ((to, pixel), (alpha, trust)) in room.iter_mut().zip(pixels).zip(guesses) {
                let [r, g, b] = light(*pixel);
                let (wr, wg, wb) = (r * trust, g * trust, b * trust);
                *to = [
                    *trust,
                    alpha * trust,
                    wr,
                    wg,
                    wb,
                    wr * r,
                    wr * g,
                    wr * b,
                    wg * g,
                    wg * b,
                    wb * b,
                    wr * alpha,
                    wg * alpha,
                    wb * alpha,
                    0.0,
                    0.0,
                ];
            }
            summed_along(&room[..run.len()], &mut sums[run]);
        }
    }

    /// The models fitted about the pixels of a row to moments that are summed along theirs: how much each counts, and, weighted by that, summed
    /// along the row.
    fn models(&self, y: usize, moments: [&[Moments]; ROWS], shares: &mut [[f32; 1]], sums: &mut [Model]) {
        let trust = &self.trust.data[y * self.alpha.width..];
        let mut row = Vec::new();
        for run in self.zones[1].runs(y) {
            row.clear();
            for x in run.clone() {
                let sums = summed_down(&moments, x);
                let share = 1.0 / sums[0];
                let [_, alpha, r, g, b, rr, rg, rb, gg, gb, bb, ra, ga, ba, ..] = sums.map(|sum| sum * share);
                let variances = [rr - r * r, rg - r * g, rb - r * b, gg - g * g, gb - g * b, bb - b * b];
                let [kr, kg, kb] = solved(variances, [ra - r * alpha, ga - g * alpha, ba - b * alpha]);
                row.push([kr, kg, kb, alpha - kr * r - kg * g - kb * b].map(|k| k * trust[x]));
                shares[x] = [share];
            }
            summed_along(&row, &mut sums[run]);
        }
    }

    /// The means of the models about the pixels of a row.
    fn answers(&self, y: usize, models: [&[Model]; ROWS], shares: &[[f32; 1]], answers: &mut [Model]) {
        for x in self.zones[0].runs(y).flatten() {
            let sums = summed_down(&models, x);
            answers[x] = sums.map(|sum| sum * shares[x][0]);
        }
    }
}

/// A pixel's values, weighted by trust: the weight, alpha, light, its products, and those with alpha. Sixteen are added as fast as fourteen,
/// or faster.
type Moments = [f32; MOMENTS];
const MOMENTS: usize = 16;

/// Rows, or columns, of a window.
const ROWS: usize = 2 * RADIUS + 1;

/// The last rows of so many values a pixel, as many as a window has.
struct Last<const N: usize> {
    width: usize,
    rows: Vec<[f32; N]>,
    nothing: Vec<[f32; N]>,
}

impl<const N: usize> Last<N> {
    fn new(width: usize) -> Last<N> {
        Last { width, rows: vec![[0.0; N]; ROWS * width], nothing: vec![[0.0; N]; width] }
    }

    fn row(&self, y: usize) -> &[[f32; N]] {
        &self.rows[y % ROWS * self.width..][..self.width]
    }

    fn row_mut(&mut self, y: usize) -> &mut [[f32; N]] {
        &mut self.rows[y % ROWS * self.width..][..self.width]
    }

    /// The rows of the window about a row; beyond the first and the last of `height` rows there is nothing.
    fn around(&self, y: usize, height: usize) -> [&[[f32; N]]; ROWS] {
        let inside = |k: usize| (y + k).checked_sub(RADIUS).filter(|y| *y < height);
        std::array::from_fn(|k| inside(k).map_or(self.nothing.as_slice(), |y| self.row(y)))
    }
}

/// Sums over windows along a row, cut at its ends.
fn summed_along<const N: usize>(row: &[[f32; N]], sums: &mut [[f32; N]]) {
    let mut sum = [0.0; N];
    let add = |sum: &mut [f32; N], value: &[f32; N], sign: f32| {
        for (sum, value) in sum.iter_mut().zip(value) {
            *sum += sign * value;
        }
    };
    for x in 0..row.len() + RADIUS {
        if let Some(enters) = row.get(x) {
            add(&mut sum, enters, 1.0);
        }
        if let Some(leaves) = x.checked_sub(ROWS) {
            add(&mut sum, &row[leaves], -1.0);
        }
        if let Some(middle) = x.checked_sub(RADIUS) {
            sums[middle] = sum;
        }
    }
}

/// The sum of a column of a window.
#[inline(always)]
fn summed_down<const N: usize>(rows: &[&[[f32; N]]; ROWS], x: usize) -> [f32; N] {
    let mut sums = rows[0][x];
    for row in &rows[1..] {
        for (sum, value) in sums.iter_mut().zip(&row[x]) {
            *sum += value;
        }
    }
    sums
}

/// A pixel in about linear light (squares of coded values), 0..1.
pub(super) fn light(pixel: [u8; 3]) -> [f32; 3] {
    pixel.map(|c| LIGHT[usize::from(c)])
}

static LIGHT: [f32; 256] = {
    let (mut squares, mut coded) = ([0.0; 256], 0);
    while coded < 256 {
        let value = coded as f32 / 255.0;
        squares[coded] = value * value;
        coded += 1;
    }
    squares
};

/// Solves (S + ε) a = c for a symmetric S, given as xx, xy, xz, yy, yz, zz.
fn solved([xx, xy, xz, yy, yz, zz]: [f32; 6], c: [f32; 3]) -> [f32; 3] {
    let (xx, yy, zz) = (xx + EPSILON, yy + EPSILON, zz + EPSILON);
    let cofactors = [
        [yy * zz - yz * yz, xz * yz - xy * zz, xy * yz - xz * yy],
        [xz * yz - xy * zz, xx * zz - xz * xz, xy * xz - xx * yz],
        [xy * yz - xz * yy, xy * xz - xx * yz, xx * yy - xy * xy],
    ];
    let determinant = xx * cofactors[0][0] + xy * cofactors[0][1] + xz * cofactors[0][2];
    cofactors.map(|row| row.iter().zip(c).map(|(k, c)| k * c).sum::<f32>() / determinant.max(1e-12))
}

#[cfg(test)]
mod tests {
    use image::Rgb;

    use super::*;

    /// Every pixel's model, from whole windows.
    fn told(picture: &RgbImage, alpha: &Plane, trust: &Plane) -> Vec<[f64; 4]> {
        let (w, h) = (alpha.width, alpha.height);
        let window = |x: usize, y: usize| {
            let rows = y.saturating_sub(RADIUS)..(y + RADIUS + 1).min(h);
            rows.flat_map(move |y| {
                (x.saturating_sub(RADIUS)..(x + RADIUS + 1).min(w)).map(move |x| y * w + x)
            })
        };
        let pixels = picture.as_raw().as_chunks::<3>().0;
        let model = |x: usize, y: usize| {
            let weights: f64 = window(x, y).map(|i| f64::from(trust.data[i])).sum();
            let mean = |of: &dyn Fn([f64; 3], f64) -> f64| {
                let weighted = |i: usize| {
                    f64::from(trust.data[i]) * of(light(pixels[i]).map(f64::from), f64::from(alpha.data[i]))
                };
                window(x, y).map(weighted).sum::<f64>() / weights
            };
            let light: [f64; 3] = std::array::from_fn(|k| mean(&|light, _| light[k]));
            let share = mean(&|_, alpha| alpha);
            let covariance = |j: usize, k: usize| mean(&|c, _| c[j] * c[k]) - light[j] * light[k];
            let variances =
                [(0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2)].map(|(j, k)| covariance(j, k) as f32);
            let slopes = solved(
                variances,
                std::array::from_fn(|k| (mean(&|c, alpha| c[k] * alpha) - light[k] * share) as f32),
            )
            .map(f64::from);
            [slopes[0], slopes[1], slopes[2], share - (0..3).map(|k| slopes[k] * light[k]).sum::<f64>()]
        };
        let models: Vec<_> = (0..w * h).map(|i| model(i % w, i / w)).collect();
        let answer = |x: usize, y: usize| {
            let weights: f64 = window(x, y).map(|i| f64::from(trust.data[i])).sum();
            std::array::from_fn(|k| {
                window(x, y).map(|i| f64::from(trust.data[i]) * models[i][k]).sum::<f64>() / weights
            })
        };
        (0..w * h).map(|i| answer(i % w, i / w)).collect()
    }

    #[test]
    fn the_filter_of_a_few_pixels_is_that_of_whole_windows() {
        let (w, h) = (90usize, 40usize);
        let noise = |x: usize, y: usize, salt: usize| (x * 7919 + y * 104_729 + salt * 31 + x * y * 17) % 256;
        let picture = RgbImage::from_fn(w as u32, h as u32, |x, y| {
            Rgb([0, 1, 2].map(|salt| noise(x as usize, y as usize, salt) as u8))
        });
        let alpha = Plane::from_fn(w, h, |x, y| noise(x, y, 3) as f32 / 255.0);
        let trust = Plane::from_fn(w, h, |x, y| 0.02 + noise(x, y, 4) as f32 / 270.0);
        let whole = told(&picture, &alpha, &trust);
        // Corners, edges, and two places that share windows.
        let places = [(0, 0), (89, 0), (45, 0), (40, 20), (43, 22), (64, 21), (0, 39), (89, 38)];
        let wanted = Marked::of([w, h], |y, columns| {
            let own = places.iter().filter(|(px, py)| *py == y && columns.contains(px));
            own.fold(0, |word, (px, _)| word | 1 << (px - columns.start))
        });
        let guided = Guided::new(&picture, [&alpha, &trust], wanted.clone());
        for ends in [&[0, 40][..], &[0, 7, 21, 40]] {
            let mut seen = 0;
            for band in ends.windows(2) {
                guided.rows(band[0]..band[1], |y, rows| {
                    for x in wanted.runs(y).flatten() {
                        seen += 1;
                        let exact = whole[y * w + x];
                        for (answer, exact) in rows[1][x].iter().zip(exact) {
                            assert!((f64::from(*answer) - exact).abs() < 2e-3, "{x},{y}: {answer} {exact}");
                        }
                    }
                });
            }
            assert_eq!(seen, places.len());
        }
    }
}
