//! `compression`: how much of the picture's detail JPEG blocks have taken the place of.

use super::{Parts, Subject, patch};
use crate::plane::Plane;

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
    let mut period = 7.5f64;
    while period < 26.0 {
        // Blocks show both ways.
        let strength = comb(&across, period);
        if strength > most {
            most = most.max(strength.min(comb(&down, period)));
        }
        period *= 1.0 + 0.35 * period / across.len().max(down.len()) as f64;
    }
    Some(vec![("quality", quality), ("blocks", most)])
}

/// Mean difference between each column and the next, and between each row and the next: large ones counted no more than small
/// ones, their slow changes taken out.
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
    let down = rows.clone().zip(rows.skip(1)).map(|(a, b)| a.iter().zip(b).map(|(a, b)| differ(a, b)).sum());
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

/// Strength of what comes back every `period`, as the mean of its first two harmonics.
fn comb(profile: &[f64], period: f64) -> f64 {
    // One after the other would wait twice.
    let turn = [1.0, 2.0].map(|k| (std::f64::consts::TAU * k / period).sin_cos());
    let (mut at, mut sum) = ([(0.0, 1.0); 2], [(0.0, 0.0); 2]);
    for v in profile {
        for k in 0..2 {
            let ((s, c), (by_s, by_c)) = (at[k], turn[k]);
            sum[k] = (sum[k].0 + v * s, sum[k].1 + v * c);
            at[k] = (s * by_c + c * by_s, c * by_c - s * by_s);
        }
    }
    let strength = |(im, re): (f64, f64)| 2.0 * re.hypot(im) / profile.len().max(1) as f64;
    (strength(sum[0]) * strength(sum[1])).sqrt()
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
        let (none, eights, wide) = (blocky(448, 8.0, 0.0), blocky(448, 8.0, 6.0), blocky(448, 12.5, 6.0));
        assert!(comb(&none, 8.0) < 0.1, "{}", comb(&none, 8.0));
        assert!(comb(&eights, 8.0) > 0.4, "{}", comb(&eights, 8.0));
        assert!(comb(&wide, 12.5) > 3.0 * comb(&wide, 8.0), "{} {}", comb(&wide, 12.5), comb(&wide, 8.0));
    }
}
