//! Person and background apart: MediaPipe's selfie segmentation, refined by a guided filter, and the wall's colours.

use image::RgbImage;

use crate::{
    colour,
    face::{Point, crop},
    model::{ModelError, ModelId, Models, TensorView},
    plane::Plane,
};

/// Edge of the segmenter's input and output.
const NET: usize = 256;
/// The guided filter works on a copy smaller by this factor (He and Sun, Fast Guided Filter, 2015).
const COARSER: usize = 2;
/// Radius of the guided filter's window on that copy.
const RADIUS: usize = 8;
/// Contrast, squared and in 0..1, under which the filter smooths.
const EPSILON: f32 = 4e-4;
/// Cells of the backdrop have this edge in pixels of the working copy.
const CELL: usize = 16;
/// Below this alpha a pixel is background.
pub(crate) const BACKGROUND: f32 = 0.02;

/// How much of each pixel of the working copy the person covers, and what lies behind.
#[derive(Debug, Clone)]
pub(crate) struct Matte {
    /// 0 background, 1 person; the size of the working copy.
    pub alpha: Plane,
    /// The background's colour everywhere, also behind the person.
    pub backdrop: Backdrop,
}

/// The background's colour, smoothly continued behind the person; linear light.
#[derive(Debug, Clone)]
pub(crate) struct Backdrop {
    channels: [Plane; 3],
    /// Standard deviation of the colours about their mean, over all channels.
    scatter: Plane,
}

impl Backdrop {
    /// The colour at a place of the working copy, linear light.
    pub fn at(&self, x: f32, y: f32) -> [f32; 3] {
        let cell = CELL as f32;
        std::array::from_fn(|c| self.channels[c].sample(x / cell, y / cell))
    }

    /// How much the colours scatter there, linear light.
    fn scatter(&self, x: f32, y: f32) -> f32 {
        self.scatter.sample(x / CELL as f32, y / CELL as f32)
    }
}

/// Separates the person whose face is centred at `face` from the rest of the working copy.
///
/// # Errors
/// [`ModelError`] when the segmenter cannot be opened or run.
pub(crate) fn matte(models: &Models, work: &RgbImage, face: Point) -> Result<Matte, ModelError> {
    let coarse = segment(models, work)?;
    let seed = [
        (face.x / work.width() as f32 * NET as f32) as usize,
        (face.y / work.height() as f32 * NET as f32) as usize,
    ];
    let coarse = only_connected(&coarse, seed);
    let alpha = refine(work, &coarse);
    let backdrop = colours(work, &alpha, |a| a < BACKGROUND);
    let person = colours(work, &alpha, |a| a > 1.0 - BACKGROUND);
    let alpha = unmixed(work, &alpha, &person, &backdrop);
    Ok(Matte { alpha, backdrop })
}

fn segment(models: &Models, work: &RgbImage) -> Result<Plane, ModelError> {
    let area = [0.0, 0.0, work.width() as f32, work.height() as f32];
    let small = crop::resize(work, area, NET as u32, NET as u32)
        .ok_or_else(|| ModelError::Run("the working copy cannot be shrunk".to_owned()))?;
    let input: Vec<f32> = small.iter().map(|b| f32::from(*b) / 255.0).collect();
    let outputs = models.get(ModelId::Segmenter)?.run(&[TensorView::new(&[1, NET, NET, 3], &input)?])?;
    let data = outputs.into_iter().next().map(crate::model::Tensor::into_data).unwrap_or_default();
    if data.len() != NET * NET {
        return Err(ModelError::Run("the segmenter answered in another shape than it documents".to_owned()));
    }
    Ok(Plane { width: NET, height: NET, data })
}

/// Keeps what hangs together with the seed: others in the picture are background.
fn only_connected(mask: &Plane, seed: [usize; 2]) -> Plane {
    const PERSON: f32 = 0.3;
    let (w, h) = (mask.width, mask.height);
    let mut keep = vec![false; w * h];
    let mut open = vec![(seed[0].min(w - 1), seed[1].min(h - 1))];
    while let Some((x, y)) = open.pop() {
        let index = y * w + x;
        if keep[index] || mask.data[index] < PERSON {
            continue;
        }
        keep[index] = true;
        if x > 0 {
            open.push((x - 1, y));
        }
        if y > 0 {
            open.push((x, y - 1));
        }
        if x + 1 < w {
            open.push((x + 1, y));
        }
        if y + 1 < h {
            open.push((x, y + 1));
        }
    }
    // The soft rim around what is kept belongs to it.
    let near = Plane { width: w, height: h, data: keep.iter().map(|k| f32::from(u8::from(*k))).collect() }
        .blurred(3);
    mask.with(&near, |m, n| if n > 0.0 { m } else { 0.0 })
}

/// Guided image filtering (He, Sun, Tang, 2013) of the coarse mask along the edges, in any colour, of the working copy.
fn refine(work: &RgbImage, coarse: &Plane) -> Plane {
    let (w, h) = (work.width() as usize, work.height() as usize);
    let raw = work.as_raw();
    let (sw, sh) = (w.div_ceil(COARSER), h.div_ceil(COARSER));
    let small: [Plane; 3] = std::array::from_fn(|c| {
        Plane::from_fn(w, h, |x, y| f32::from(raw[(y * w + x) * 3 + c]) / 255.0).resized(sw, sh)
    });
    let mask = coarse.resized(sw, sh);
    let (a, b) = guided(&small, &mask);
    let sure = mask.blurred(RADIUS);
    let step = 1.0 / COARSER as f32;
    Plane::from_fn(w, h, |x, y| {
        let (u, v) = ((x as f32 + 0.5) * step, (y as f32 + 0.5) * step);
        let certain = sure.sample(u, v);
        if certain < 0.005 {
            return 0.0;
        }
        if certain > 0.995 {
            return 1.0;
        }
        let i = (y * w + x) * 3;
        let told: f32 = (0..3).map(|c| a[c].sample(u, v) * f32::from(raw[i + c]) / 255.0).sum();
        smooth(0.08, 0.92, told + b.sample(u, v))
    })
}

/// The filter's local linear model of the mask: mask = a · colour + b about each pixel.
fn guided(guide: &[Plane; 3], mask: &Plane) -> ([Plane; 3], Plane) {
    use rayon::prelude::*;
    const PAIRS: [(usize, usize); 6] = [(0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2)];
    let product = |p: &Plane, q: &Plane| p.with(q, |p, q| p * q);
    // The mean of products less the product of means.
    let shared = |p: &Plane, q: &Plane, mp: &Plane, mq: &Plane| {
        product(p, q).blurred(RADIUS).with(&product(mp, mq), |both, apart| both - apart)
    };
    let mean_mask = mask.blurred(RADIUS);
    let means = guide.each_ref().map(|g| g.blurred(RADIUS));
    let variances = PAIRS.map(|(i, j)| shared(&guide[i], &guide[j], &means[i], &means[j]));
    let covariances: [Plane; 3] = std::array::from_fn(|c| shared(&guide[c], mask, &means[c], &mean_mask));
    let slopes: Vec<[f32; 3]> = (0..mask.data.len())
        .into_par_iter()
        .map(|i| solved(variances.each_ref().map(|v| v.data[i]), covariances.each_ref().map(|c| c.data[i])))
        .collect();
    let a: [Plane; 3] = std::array::from_fn(|c| Plane {
        width: mask.width,
        height: mask.height,
        data: slopes.iter().map(|slope| slope[c]).collect(),
    });
    let along = |c: usize| product(&a[c], &means[c]);
    let b = (0..3).fold(mean_mask, |b, c| b.with(&along(c), |b, along| b - along));
    (a.map(|a| a.blurred(RADIUS)), b.blurred(RADIUS))
}

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

/// Averages the colours of the pixels that `counts` picks by alpha, in cells, and fills the other cells from their
/// surroundings (push and pull).
fn colours(work: &RgbImage, alpha: &Plane, counts: impl Fn(f32) -> bool) -> Backdrop {
    let table = colour::linear_table();
    let (cw, ch) = (alpha.width.div_ceil(CELL), alpha.height.div_ceil(CELL));
    let mut weight = Plane { width: cw, height: ch, data: vec![0.0; cw * ch] };
    let mut sums = [weight.clone(), weight.clone(), weight.clone()];
    let mut squares = weight.clone();
    for (i, pixel) in work.pixels().enumerate() {
        if counts(alpha.data[i]) {
            let cell = i / alpha.width / CELL * cw + i % alpha.width / CELL;
            weight.data[cell] += 1.0;
            for (sum, channel) in sums.iter_mut().zip(pixel.0) {
                let light = table[usize::from(channel)];
                sum.data[cell] += light;
                squares.data[cell] += light * light;
            }
        }
    }
    let squares = filled(&squares, &weight);
    let channels = sums.map(|sum| filled(&sum, &weight));
    let means = channels
        .iter()
        .skip(1)
        .fold(channels[0].with(&channels[0], |a, b| a * b), |total, c| total.with(c, |t, v| t + v * v));
    let scatter = squares.with(&means, |s, m| (s - m).max(0.0).sqrt());
    Backdrop { channels, scatter }
}

/// Where the wall is even and hair or clothes stand out from it, a pixel of the rim tells by its own colour how much of it
/// is wall: the guided filter leaves a haze between strands there.
fn unmixed(work: &RgbImage, alpha: &Plane, person: &Backdrop, wall: &Backdrop) -> Plane {
    let table = colour::linear_table();
    let raw = work.as_raw();
    Plane::from_fn(alpha.width, alpha.height, |x, y| {
        let guided = alpha.at(x, y);
        if guided <= 0.0 || guided >= 0.9 {
            return guided;
        }
        let (u, v) = (x as f32 + 0.5, y as f32 + 0.5);
        let (front, behind) = (person.at(u, v), wall.at(u, v));
        let i = (y * alpha.width + x) * 3;
        let (mut along, mut length, mut off) = (0.0, 0.0, 0.0);
        let apart: [f32; 3] = std::array::from_fn(|c| front[c] - behind[c]);
        let seen: [f32; 3] = std::array::from_fn(|c| table[usize::from(raw[i + c])] - behind[c]);
        for c in 0..3 {
            along += seen[c] * apart[c];
            length += apart[c] * apart[c];
        }
        let distance = length.sqrt();
        let share = along / length.max(1e-6);
        for c in 0..3 {
            let rest = seen[c] - share * apart[c];
            off += rest * rest;
        }
        let trust = (1.0 - smooth(0.45, 0.9, guided))
            * smooth(0.08, 0.25, distance)
            * (1.0 - smooth(0.08, 0.2, off.sqrt() / distance.max(1e-3)))
            * (1.0 - smooth(0.1, 0.3, wall.scatter(u, v) / distance.max(1e-3)));
        guided + trust * (share.clamp(0.0, 1.0) - guided)
    })
}

/// 0 below `low`, 1 above `high`, smooth between.
fn smooth(low: f32, high: f32, value: f32) -> f32 {
    let t = ((value - low) / (high - low)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

/// Quotients of sums and weights; where there is no weight, those of ever coarser surroundings.
fn filled(sum: &Plane, weight: &Plane) -> Plane {
    const ENOUGH: f32 = 16.0;
    if sum.width == 1 && sum.height == 1 {
        return sum.with(weight, |s, w| if w > 0.0 { s / w } else { 1.0 });
    }
    let pooled = |p: &Plane| {
        let (w, h) = (p.width.div_ceil(2), p.height.div_ceil(2));
        Plane::from_fn(w, h, |x, y| {
            let mut total = 0.0;
            for yy in 2 * y..(2 * y + 2).min(p.height) {
                for xx in 2 * x..(2 * x + 2).min(p.width) {
                    total += p.at(xx, yy);
                }
            }
            total
        })
    };
    let around = filled(&pooled(sum), &pooled(weight));
    Plane::from_fn(sum.width, sum.height, |x, y| {
        let (s, w) = (sum.at(x, y), weight.at(x, y));
        let other = around.sample((x as f32 + 0.5) / 2.0, (y as f32 + 0.5) / 2.0);
        let own = (w / ENOUGH).min(1.0);
        if w > 0.0 { s / w * own + other * (1.0 - own) } else { other }
    })
}

#[cfg(test)]
pub(crate) mod testing {
    use super::*;

    /// A matte of a given alpha before a white wall.
    pub(crate) fn matte(alpha: Plane) -> Matte {
        let white = Plane { width: 1, height: 1, data: vec![1.0] };
        let scatter = Plane { width: 1, height: 1, data: vec![0.0] };
        Matte { alpha, backdrop: Backdrop { channels: [white.clone(), white.clone(), white], scatter } }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod truth;

#[cfg(test)]
mod tests {
    use image::Rgb;

    use super::*;

    #[test]
    fn the_backdrop_continues_behind_the_person() {
        let work = RgbImage::from_fn(160, 160, |x, _| {
            if (40..120).contains(&x) { Rgb([9, 9, 9]) } else { Rgb([0, 200, 0]) }
        });
        let alpha = Plane::from_fn(160, 160, |x, _| if (40..120).contains(&x) { 1.0 } else { 0.0 });
        let colour = colours(&work, &alpha, |a| a < BACKGROUND).at(80.0, 80.0).map(colour::encode);
        assert_eq!(colour, [0, 200, 0]);
    }

    #[test]
    fn the_wall_between_strands_of_hair_is_wall() {
        // Strands four pixels wide, four apart, in the rim from 100 to 136; the guided alpha is a mere ramp there.
        let strand = |x: u32| x < 100 || (x < 136 && x % 8 < 4);
        let work =
            RgbImage::from_fn(
                240,
                64,
                |x, _| if strand(x) { Rgb([40, 30, 25]) } else { Rgb([200, 198, 190]) },
            );
        let ramp = Plane::from_fn(240, 64, |x, _| {
            (0.45 - (x as f32 - 100.0) / 90.0).clamp(0.0, 0.45) + if x < 100 { 0.55 } else { 0.0 }
        });
        let (person, wall) = (colours(&work, &ramp, |a| a > 0.98), colours(&work, &ramp, |a| a < BACKGROUND));
        let alpha = unmixed(&work, &ramp, &person, &wall);
        assert!(
            alpha.at(110, 30) < 0.15 && alpha.at(114, 30) > 0.85,
            "{} {}",
            alpha.at(110, 30),
            alpha.at(114, 30)
        );
    }

    #[test]
    fn somebody_apart_from_the_person_is_background() {
        let mask = Plane::from_fn(NET, NET, |x, _| if (100..=180).contains(&x) { 0.0 } else { 1.0 });
        let kept = only_connected(&mask, [50, 50]);
        assert_eq!((kept.at(50, 200), kept.at(220, 50)), (1.0, 0.0));
    }

    #[test]
    fn the_refined_edge_follows_the_picture() {
        // The coarse mask is off by eight pixels; the picture's edge is at 200.
        let work = RgbImage::from_fn(400, 400, |x, _| if x < 200 { Rgb([30; 3]) } else { Rgb([220; 3]) });
        let coarse = Plane::from_fn(NET, NET, |x, _| 1.0 - ((x as f32 - 118.0) / 10.0).clamp(0.0, 1.0));
        let alpha = refine(&work, &coarse);
        assert!(
            alpha.at(196, 200) > 0.6 && alpha.at(204, 200) < 0.3,
            "{} {}",
            alpha.at(196, 200),
            alpha.at(204, 200)
        );
    }
}
