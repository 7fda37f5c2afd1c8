//! Power spectra of square patches: what repeats shows as a peak.

use std::sync::{Arc, LazyLock};

use rustfft::{Fft, FftPlanner, num_complex::Complex};

/// Edge of a patch.
pub(super) const SIDE: usize = 128;

/// Power spectra of two patches (row by row, [`SIDE`] × [`SIDE`]) at the price of one, after their slopes were taken out and their
/// edges were faded (Hann's window), so that neither shows as structure.
pub(super) fn powers(a: &[f32], b: &[f32]) -> [Vec<f32>; 2] {
    let window: Vec<f32> = (0..SIDE)
        .map(|i| 0.5 - 0.5 * (std::f32::consts::TAU * (i as f32 + 0.5) / SIDE as f32).cos())
        .collect();
    let faded = |patch: &[f32]| -> Vec<f32> {
        let slope = Slope::of(patch);
        let place = |i: usize| (i % SIDE, i / SIDE);
        patch
            .iter()
            .enumerate()
            .map(|(i, v)| {
                let (x, y) = place(i);
                (v - slope.at(x, y)) * window[x] * window[y]
            })
            .collect()
    };
    // One patch is the real part, the other the imaginary one; symmetry tells their spectra apart.
    let mut both: Vec<Complex<f32>> =
        faded(a).into_iter().zip(faded(b)).map(|(re, im)| Complex { re, im }).collect();
    // Along the rows, then along the columns.
    for _ in 0..2 {
        ROWS.process(&mut both);
        transpose(&mut both);
    }
    let mut powers = [vec![0.0; SIDE * SIDE], vec![0.0; SIDE * SIDE]];
    for k in 0..SIDE * SIDE {
        let (x, y) = (k % SIDE, k / SIDE);
        let mirror = (SIDE - y) % SIDE * SIDE + (SIDE - x) % SIDE;
        let (Complex { re: r, im: i }, Complex { re: mr, im: mi }) = (both[k], both[mirror]);
        powers[0][k] = ((r + mr).powi(2) + (i - mi).powi(2)) / 4.0;
        powers[1][k] = ((i + mi).powi(2) + (r - mr).powi(2)) / 4.0;
    }
    powers
}

static ROWS: LazyLock<Arc<dyn Fft<f32>>> = LazyLock::new(|| FftPlanner::new().plan_fft_forward(SIDE));

fn transpose(square: &mut [Complex<f32>]) {
    for y in 0..SIDE {
        for x in 0..y {
            square.swap(y * SIDE + x, x * SIDE + y);
        }
    }
}

/// The plane of least squares through a patch.
struct Slope {
    mean: f32,
    x: f32,
    y: f32,
}

impl Slope {
    fn of(patch: &[f32]) -> Slope {
        let middle = (SIDE as f32 - 1.0) / 2.0;
        let n = (SIDE * SIDE) as f32;
        let spread = n * (SIDE * SIDE - 1) as f32 / 12.0;
        let (mut mean, mut x, mut y) = (0.0, 0.0, 0.0);
        for (i, v) in patch.iter().enumerate() {
            mean += v / n;
            x += v * ((i % SIDE) as f32 - middle);
            y += v * ((i / SIDE) as f32 - middle);
        }
        Slope { mean, x: x / spread, y: y / spread }
    }

    fn at(&self, x: usize, y: usize) -> f32 {
        let middle = (SIDE as f32 - 1.0) / 2.0;
        self.mean + self.x * (x as f32 - middle) + self.y * (y as f32 - middle)
    }
}

/// The strongest peak: power of a bin by the mean power of its surroundings (9 × 9 bins without the middle 3 × 3). Bins of less
/// than `lowest` cycles in the patch are passed over, and those where the 8-pixel blocks of JPEG show.
pub(super) fn peak(power: &[f32], lowest: f32) -> f32 {
    const REACH: usize = 4;
    // Indices wrap round; the edge is a power of two.
    const WRAP: usize = SIDE - 1;
    // Rows of nine summed once, then nine rows of those; the same for the three in the middle.
    let (mut nines, mut threes) = (vec![0.0f32; SIDE * SIDE], vec![0.0f32; SIDE * SIDE]);
    for (y, line) in power.chunks_exact(SIDE).enumerate() {
        let ends = [&line[SIDE - REACH..], line, &line[..REACH]].concat();
        let sums = nines[y * SIDE..].iter_mut().zip(&mut threes[y * SIDE..]);
        for ((nine, three), near) in sums.zip(ends.windows(2 * REACH + 1)) {
            *nine = near.iter().sum();
            *three = near[REACH - 1..=REACH + 1].iter().sum();
        }
    }
    let down = |sums: &[f32], y: usize, reach: usize| {
        let mut total = [0.0f32; SIDE];
        for d in 0..=2 * reach {
            let line = &sums[((y + SIDE + d - reach) & WRAP) * SIDE..];
            for (total, sum) in total.iter_mut().zip(line) {
                *total += sum;
            }
        }
        total
    };
    let blocks = |k: isize| (k + 1).rem_euclid(SIDE as isize / 8) <= 2;
    let half = SIDE as isize / 2;
    let mut most = 0.0f32;
    // The other half mirrors this one.
    for y in 0..=half {
        let v = y as usize;
        let (wide, near) = (down(&nines, v, REACH), down(&threes, v, 1));
        for x in -half..half {
            let low = ((x * x + y * y) as f32) < lowest * lowest;
            let of_blocks = (blocks(x) && (y <= 2 || blocks(y))) || (blocks(y) && x.abs() <= 2);
            if low || of_blocks {
                continue;
            }
            let u = x as usize & WRAP;
            let around = wide[u] - near[u];
            most = most.max(power[v * SIDE + u] / (around / 72.0).max(1e-6));
        }
    }
    most
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patch(value: impl Fn(f32, f32) -> f32) -> Vec<f32> {
        (0..SIDE * SIDE).map(|i| value((i % SIDE) as f32, (i / SIDE) as f32)).collect()
    }

    fn grain(x: f32, y: f32) -> f32 {
        let mut bits = (x as u32).wrapping_mul(0x9E37_79B1) ^ (y as u32).wrapping_mul(0x85EB_CA77);
        for _ in 0..2 {
            bits = (bits ^ (bits >> 15)).wrapping_mul(0x2C1B_3C6D);
        }
        (bits >> 16) as f32 / 65_536.0
    }

    #[test]
    fn what_repeats_stands_out_of_grain_and_a_slope_does_not() {
        let plain = patch(|x, y| 90.0 + 0.3 * x - 0.2 * y + 3.0 * grain(x, y));
        let striped = patch(|x, y| 90.0 + 0.3 * x + 3.0 * grain(x, y) + 1.5 * (x * 0.9 + y * 0.13).sin());
        let [plain, striped] = powers(&plain, &striped).map(|power| peak(&power, 5.0));
        assert!(plain < 15.0 && striped > 40.0, "{plain} {striped}");
    }
}
