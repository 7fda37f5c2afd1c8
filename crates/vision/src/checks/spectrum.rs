//! Power spectra of square patches: what repeats shows as a peak.

use std::sync::{Arc, LazyLock};

use image::RgbImage;
use multiversion::multiversion;
use rayon::prelude::*;
use rustfft::{Fft, FftPlanner, num_complex::Complex};

use crate::{colour, plane};

/// Edge of a patch.
pub(crate) const SIDE: usize = 128;

/// Power spectra of two patches (row by row, [`SIDE`] × [`SIDE`]) at the price of one, after their slopes were taken out and their
/// edges were faded (Hann's window), so that neither shows as structure. Rows and columns are exchanged: a peak is one either way.
fn powers(a: &[f32], b: &[f32]) -> [Vec<f32>; 2] {
    // One patch is the real part, the other the imaginary one; symmetry tells their spectra apart.
    let slopes = [a, b].map(Slope::of);
    let mut both = vec![Complex { re: 0.0, im: 0.0 }; SIDE * SIDE];
    let (window, lines) = (&*WINDOW, a.chunks_exact(SIDE).zip(b.chunks_exact(SIDE)));
    for (y, ((a, b), both)) in lines.zip(both.chunks_exact_mut(SIDE)).enumerate() {
        for (x, ((a, b), both)) in a.iter().zip(b).zip(both).enumerate() {
            let fade = window[y] * window[x];
            *both = Complex { re: fade * (a - slopes[0].at(x, y)), im: fade * (b - slopes[1].at(x, y)) };
        }
    }
    ROWS.process(&mut both);
    transpose(&mut both);
    ROWS.process(&mut both);
    let mut powers = [vec![0.0; SIDE * SIDE], vec![0.0; SIDE * SIDE]];
    let [first, second] = &mut powers;
    let line = |y: usize| &both[(y & WRAP) * SIDE..][..SIDE];
    // Only those lines that a peak is looked for among.
    for y in (0..LINES).map(|y| (y + SIDE - REACH) & WRAP) {
        let (line, mirrored) = (line(y), line(SIDE - y));
        let (first, second) = (&mut first[y * SIDE..][..SIDE], &mut second[y * SIDE..][..SIDE]);
        for x in 0..SIDE {
            // Mirrored about the first place.
            let (Complex { re: r, im: i }, Complex { re: mr, im: mi }) =
                (line[x], mirrored[(SIDE - x) & WRAP]);
            first[x] = ((r + mr).powi(2) + (i - mi).powi(2)) / 4.0;
            second[x] = ((i + mi).powi(2) + (r - mr).powi(2)) / 4.0;
        }
    }
    powers
}

/// The peak of the middle one of these patches of a picture, given by their upper left corners, in decibels above its surroundings, and
/// which patch that is; none without patches. `lowest` as in [`counted`].
pub(crate) fn middle_peak(pixels: &RgbImage, corners: &[[usize; 2]], lowest: f32) -> Option<(f32, usize)> {
    let (w, raw) = (pixels.width() as usize, pixels.as_raw());
    let patch = |&[left, top]: &[usize; 2]| -> Vec<f32> {
        let mut patch = vec![0.0; SIDE * SIDE];
        for (y, row) in patch.chunks_exact_mut(SIDE).enumerate() {
            colour::lumas(raw[((top + y) * w + left) * 3..][..SIDE * 3].as_chunks().0, row);
        }
        patch
    };
    let counted = counted(lowest);
    let peaks: Vec<f32> = corners
        .par_chunks(2)
        .flat_map_iter(|pair| {
            let (a, b) = (patch(&pair[0]), patch(pair.last().unwrap_or(&pair[0])));
            let peaks = powers(&a, &b).map(|power| peak(&power, &counted));
            peaks.into_iter().take(pair.len())
        })
        .collect();
    let mut ranked: Vec<(f32, usize)> = peaks.into_iter().zip(0..).collect();
    if ranked.is_empty() {
        return None;
    }
    let rank = ranked.len() / 2;
    let (_, (middle, which), _) = ranked.select_nth_unstable_by(rank, |a, b| a.0.total_cmp(&b.0));
    Some((10.0 * middle.max(1e-3).log10(), *which))
}

/// Hann's window.
static WINDOW: LazyLock<[f32; SIDE]> = LazyLock::new(|| {
    std::array::from_fn(|i| 0.5 - 0.5 * (std::f32::consts::TAU * (i as f32 + 0.5) / SIDE as f32).cos())
});

static ROWS: LazyLock<Arc<dyn Fft<f32>>> = LazyLock::new(|| FftPlanner::new().plan_fft_forward(SIDE));

fn transpose(square: &mut [Complex<f32>]) {
    /// In squares that stay at hand.
    const BLOCK: usize = 8;
    for top in (0..SIDE).step_by(BLOCK) {
        for left in (0..=top).step_by(BLOCK) {
            for y in top..top + BLOCK {
                for x in left..(left + BLOCK).min(y) {
                    square.swap(y * SIDE + x, x * SIDE + y);
                }
            }
        }
    }
}

/// How far each pixel of a row or column lies from the middle.
static FROM_MIDDLE: [f32; SIDE] = {
    let (mut places, mut i) = ([0.0; SIDE], 0);
    while i < SIDE {
        places[i] = i as f32 - (SIDE as f32 - 1.0) / 2.0;
        i += 1;
    }
    places
};

/// The plane of least squares through a patch.
struct Slope {
    mean: f32,
    x: f32,
    y: f32,
}

impl Slope {
    fn of(patch: &[f32]) -> Slope {
        let n = (SIDE * SIDE) as f32;
        let spread = n * (SIDE * SIDE - 1) as f32 / 12.0;
        let (mut columns, mut y) = ([0.0; SIDE], 0.0);
        for (row, from_middle) in patch.chunks_exact(SIDE).zip(FROM_MIDDLE) {
            y += from_middle * plane::sum(row);
            columns.iter_mut().zip(row).for_each(|(sum, v)| *sum += v);
        }
        let x: f32 = columns.iter().zip(FROM_MIDDLE).map(|(sum, from_middle)| sum * from_middle).sum();
        Slope { mean: columns.iter().sum::<f32>() / n, x: x / spread, y: y / spread }
    }

    fn at(&self, x: usize, y: usize) -> f32 {
        self.mean + self.x * FROM_MIDDLE[x] + self.y * FROM_MIDDLE[y]
    }
}

/// Half of the lines of a spectrum: the others mirror them.
const HALF: usize = SIDE / 2;
/// A bin's surroundings reach so far.
const REACH: usize = 4;
/// From the first line's surroundings to those of the middle one: the other half mirrors this one.
const LINES: usize = HALF + 2 * REACH + 1;
/// Indices wrap round; the edge is a power of two.
const WRAP: usize = SIDE - 1;

/// The lines, and columns, where the 8-pixel blocks of JPEG show.
static BLOCKS: [bool; SIDE] = {
    let (mut blocks, mut k) = ([false; SIDE], 0);
    while k < SIDE {
        blocks[k] = (k + 1) % (SIDE / 8) <= 2;
        k += 1;
    }
    blocks
};

/// Which bins of the first half count: 1 where a structure has at least `lowest` cycles in the patch, 0 below that and where the
/// 8-pixel blocks of JPEG show.
fn counted(lowest: f32) -> Vec<[f32; SIDE]> {
    let blocks = |k: isize| BLOCKS[k as usize & WRAP];
    let counts = |x: isize, y: isize| {
        let low = ((x * x + y * y) as f32) < lowest * lowest;
        let of_blocks = (blocks(x) && (y <= 2 || blocks(y))) || (blocks(y) && x.abs() <= 2);
        !low && !of_blocks
    };
    let half = HALF as isize;
    let line = |y| {
        let mut line = [0.0; SIDE];
        (-half..half).for_each(|x| line[x as usize & WRAP] = f32::from(counts(x, y)));
        line
    };
    (0..=half).map(line).collect()
}

/// The strongest peak: power of a bin by the mean power of its surroundings (9 × 9 bins without the middle 3 × 3), of those bins that are
/// [`counted`].
#[multiversion(targets("x86_64+avx+avx2"))]
fn peak(power: &[f32], counted: &[[f32; SIDE]]) -> f32 {
    // Rows of nine summed once, then nine rows of those; the same for the three in the middle.
    let mut nines = [[0.0f32; SIDE]; LINES];
    let mut threes = [[0.0f32; SIDE]; LINES];
    let mut ends = [0.0; SIDE + 2 * REACH];
    for (y, (nine, three)) in nines.iter_mut().zip(&mut threes).enumerate() {
        let line = &power[((y + SIDE - REACH) & WRAP) * SIDE..][..SIDE];
        ends[..REACH].copy_from_slice(&line[SIDE - REACH..]);
        ends[REACH..REACH + SIDE].copy_from_slice(line);
        ends[REACH + SIDE..].copy_from_slice(&line[..REACH]);
        for by in 0..2 * REACH + 1 {
            add(nine, &ends[by..by + SIDE]);
        }
        for by in REACH - 1..REACH + 2 {
            add(three, &ends[by..by + SIDE]);
        }
    }
    // Column by column, so that none waits for another.
    let mut most = [0.0f32; SIDE];
    for (v, (counted, power)) in counted.iter().zip(power.chunks_exact(SIDE)).enumerate() {
        let (mut wide, mut near) = ([0.0f32; SIDE], [0.0f32; SIDE]);
        for line in &nines[v..=v + 2 * REACH] {
            add(&mut wide, line);
        }
        for line in &threes[v + REACH - 1..=v + REACH + 1] {
            add(&mut near, line);
        }
        for u in 0..SIDE {
            let strength = counted[u] * power[u] / ((wide[u] - near[u]) / 72.0).max(1e-6);
            // Quicker than `max`, which asks whether there is no number.
            most[u] = if strength > most[u] { strength } else { most[u] };
        }
    }
    most.into_iter().fold(0.0, f32::max)
}

#[inline(always)]
fn add(total: &mut [f32; SIDE], line: &[f32]) {
    for (total, value) in total.iter_mut().zip(line) {
        *total += value;
    }
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
        let [plain, striped] = powers(&plain, &striped).map(|power| peak(&power, &counted(5.0)));
        assert!(plain < 15.0 && striped > 40.0, "{plain} {striped}");
    }
}
