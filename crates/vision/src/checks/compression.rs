//! `compression`: how much of the picture's detail JPEG blocks have taken the place of.

use multiversion::multiversion;

use super::{Parts, Subject, patch};
use crate::plane::{self, Plane};

/// `quality`: the file's own JPEG quality as libjpeg counts it, 100 for other formats. `blocks`: how far small differences between
/// neighbouring pixels gather at the edges of blocks, in the patch about the face at the capture's own pixels: 0 not at
/// all, 2 nowhere else. Blocks of any size between 7.5 and 26 pixels are found, so also those of a picture that was saved, enlarged
/// and saved again. ISO/IEC 29794-5 asks a network for compression artefacts; this counts what it sees.
pub(super) fn measure(subject: &Subject<'_>) -> Option<Parts> {
    let capture = subject.capture;
    let quality = capture.source.quality.map_or(100.0, f64::from);
    let luma = patch::about_face(subject, 448)?;
    let [across, down] = profiles(&luma);
    let mut most = 0.0f64;
    let longer = across.len().max(down.len()) as f64;
    let next = |period: &f64| Some(period * (1.0 + 0.35 * period / longer));
    let periods: Vec<f64> =
        std::iter::successors(Some(7.5), next).take_while(|period| *period < 26.0).collect();
    for periods in periods.chunks(AT_ONCE) {
        // The last ones fill up.
        let periods = std::array::from_fn(|k| periods[k.min(periods.len() - 1)]);
        let strengths = combs(&across, periods);
        // Blocks show both ways.
        if strengths.iter().any(|strength| *strength > most) {
            let both = strengths.into_iter().zip(combs(&down, periods));
            most = both.map(|(across, down)| across.min(down)).fold(most, f64::max);
        }
    }
    Some(vec![("quality", quality), ("blocks", most)])
}

/// Mean difference between each column and the next, and between each row and the next: large ones counted no more than small
/// ones, their slow changes taken out.
#[multiversion(targets("x86_64+avx+avx2"))]
fn profiles(luma: &Plane) -> [Vec<f64>; 2] {
    const LARGE: f32 = 8.0;
    let differ = |a: &f32, b: &f32| (a - b).abs().min(LARGE);
    let mut across = vec![0.0f32; luma.width - 1];
    for row in luma.data.chunks_exact(luma.width) {
        for ((sum, a), b) in across.iter_mut().zip(row).zip(&row[1..]) {
            *sum += differ(a, b);
        }
    }
    let rows = luma.data.chunks_exact(luma.width);
    let mut differences = vec![0.0; luma.width];
    let down = rows.clone().zip(rows.skip(1)).map(|(above, below)| {
        for (to, (a, b)) in differences.iter_mut().zip(above.iter().zip(below)) {
            *to = differ(a, b);
        }
        plane::sum(&differences)
    });
    [level(&across), level(&down.collect::<Vec<f32>>())]
}

/// Takes out slow changes, and the size.
fn level(sums: &[f32]) -> Vec<f64> {
    let sums: Vec<f64> = sums.iter().map(|sum| f64::from(*sum)).collect();
    let n = sums.len().max(1) as f64;
    let level = sums.iter().sum::<f64>() / n;
    const REACH: usize = 16;
    let slow: Vec<f64> = (0..sums.len())
        .map(|x| {
            let (a, b) = (x.saturating_sub(REACH), (x + REACH + 1).min(sums.len()));
            sums[a..b].iter().sum::<f64>() / (b - a) as f64
        })
        .collect();
    sums.iter().zip(&slow).map(|(s, m)| (s - m) / level.max(1e-6)).collect()
}

/// Periods that are looked for together: one after the other, each sum would wait for itself.
const AT_ONCE: usize = 8;

/// Strength of what comes back every so many pixels, as the mean of its first two harmonics.
fn combs(profile: &[f64], periods: [f64; AT_ONCE]) -> [f64; AT_ONCE] {
    let [first, second] = [1.0, 2.0].map(|k| harmonic(profile, periods.map(|period| k / period)));
    std::array::from_fn(|i| (first[i] * second[i]).sqrt())
}

/// Amplitudes of the waves of so many cycles a pixel.
#[multiversion(targets("x86_64+avx+avx2"))]
fn harmonic(profile: &[f64], cycles: [f64; AT_ONCE]) -> [f64; AT_ONCE] {
    let (mut by_s, mut by_c) = ([0.0; AT_ONCE], [0.0; AT_ONCE]);
    for i in 0..AT_ONCE {
        (by_s[i], by_c[i]) = (std::f64::consts::TAU * cycles[i]).sin_cos();
    }
    let (mut s, mut c) = ([0.0; AT_ONCE], [1.0; AT_ONCE]);
    let (mut im, mut re) = ([0.0; AT_ONCE], [0.0; AT_ONCE]);
    for v in profile {
        for i in 0..AT_ONCE {
            im[i] += v * s[i];
            re[i] += v * c[i];
            (s[i], c[i]) = (s[i] * by_c[i] + c[i] * by_s[i], c[i] * by_c[i] - s[i] * by_s[i]);
        }
    }
    let mut amplitudes = [0.0; AT_ONCE];
    for i in 0..AT_ONCE {
        amplitudes[i] = 2.0 * (re[i] * re[i] + im[i] * im[i]).sqrt() / profile.len().max(1) as f64;
    }
    amplitudes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blocky(size: usize, block: f32, step: f32) -> Vec<f64> {
        // Every block has its own level, and a little grain that the next pixel does not share.
        let level = |k: f32| ((k * 12.9898).sin() * 43_758.547).fract();
        let luma = Plane::from_fn(size, 64, |x, y| {
            let grain = level(x as f32 + 131.0 * y as f32);
            100.0 + step * level((x as f32 / block).floor() + 57.0 * (y as f32 / block).floor()) + grain
        });
        let [across, _] = profiles(&luma);
        across
    }

    #[test]
    fn blocks_are_found_at_their_size_and_grain_has_none() {
        let comb = |profile: &[f64], period: f64| combs(profile, [period; AT_ONCE])[0];
        let (none, eights, wide) = (blocky(448, 8.0, 0.0), blocky(448, 8.0, 6.0), blocky(448, 12.5, 6.0));
        assert!(comb(&none, 8.0) < 0.1, "{}", comb(&none, 8.0));
        assert!(comb(&eights, 8.0) > 0.4, "{}", comb(&eights, 8.0));
        assert!(comb(&wide, 12.5) > 3.0 * comb(&wide, 8.0), "{} {}", comb(&wide, 12.5), comb(&wide, 8.0));
    }
}
