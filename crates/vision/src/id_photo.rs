//! Makes the ID photo: turned upright, cut, scaled in linear light, its background exchanged, encoded to the standard's bytes.

use domain::standard::PhotoFile;
use fast_image_resize::{
    FilterType, ResizeAlg, ResizeOptions, Resizer,
    images::{TypedImage, TypedImageRef},
    pixels::F32x3,
};
use image::RgbImage;
use jpeg_encoder::{ChromaSubsamplingMethod, ColorType, Encoder, PixelDensity, SamplingFactor};
use rayon::prelude::*;

use crate::{
    colour,
    face::Point,
    framing::Framing,
    matte::Matte,
    work::{Work, shrink},
};

/// The ID photo (证件照): a JPEG as the standard asks for it, metadata stripped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdPhoto {
    /// The file.
    pub jpeg: Vec<u8>,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// JPEG quality, 1..=100.
    pub quality: u8,
    /// The background's colour, sRGB.
    pub background: [u8; 3],
}

/// The photo is rendered this many times larger and then scaled down, so that turning costs no sharpness.
const OVERSAMPLING: u32 = 2;

/// Renders and encodes; `None` when no quality that the standard allows has a number of bytes that it allows.
pub(crate) fn make(
    capture: &RgbImage,
    work: &Work,
    matte: &Matte,
    framing: &Framing,
    file: &PhotoFile,
    background: [u8; 3],
) -> Option<IdPhoto> {
    let pixels = render(capture, work, matte, framing, background)?;
    let (jpeg, quality) = encode(&pixels, file)?;
    Some(IdPhoto { jpeg, width: file.width, height: file.height, quality, background })
}

/// The photo's pixels, before encoding.
pub(crate) fn render(
    capture: &RgbImage,
    work: &Work,
    matte: &Matte,
    framing: &Framing,
    background: [u8; 3],
) -> Option<RgbImage> {
    let source = Source::around(capture, work, framing);
    let table = colour::linear_table();
    let wanted = background.map(|c| table[usize::from(c)]);
    let [w, h] = framing.size.map(|side| side * OVERSAMPLING);
    let step = 1.0 / OVERSAMPLING as f32;
    let mut large = vec![F32x3::new([0.0; 3]); (w * h) as usize];
    large.par_chunks_mut(w as usize).enumerate().for_each(|(y, row)| {
        for (x, out) in row.iter_mut().enumerate() {
            let place = Point { x: (x as f32 + 0.5) * step, y: (y as f32 + 0.5) * step };
            let at = framing.in_work(place);
            let inside = at.x >= 0.0
                && at.y >= 0.0
                && at.x < matte.alpha.width as f32
                && at.y < matte.alpha.height as f32;
            let alpha = if inside { matte.alpha.sample(at.x, at.y) } else { outside_alpha(matte, at) };
            let colour = if alpha < 0.004 {
                wanted
            } else {
                composed(source.sample(work.in_capture(at)), alpha, matte, at, wanted)
            };
            *out = F32x3::new(colour);
        }
    });
    scaled_down(&large, [w, h], framing.size)
}

/// Beyond the copy the person goes on where it reached the edge, and else there is only background.
fn outside_alpha(matte: &Matte, at: Point) -> f32 {
    if matte.alpha.sample(at.x, at.y) > 0.5 { 1.0 } else { 0.0 }
}

/// Takes the old wall's share out of a pixel and puts the new background's in.
fn composed(seen: [f32; 3], alpha: f32, matte: &Matte, at: Point, wanted: [f32; 3]) -> [f32; 3] {
    if alpha > 0.996 {
        return seen;
    }
    let own = matte.person.share(at.x, at.y, alpha, seen, matte.backdrop.at(at.x, at.y));
    std::array::from_fn(|c| (own[c] + (1.0 - alpha) * wanted[c]).clamp(0.0, 1.0))
}

/// The capture's part that the photo shows, at the resolution that rendering asks for.
struct Source {
    /// Linear light; the fourth value fills up.
    light: Vec<[f32; 4]>,
    width: usize,
    height: usize,
    left: f32,
    top: f32,
    scale: [f32; 2],
}

impl Source {
    fn around(capture: &RgbImage, work: &Work, framing: &Framing) -> Source {
        let [w, h] = framing.size.map(|side| side as f32);
        let corners = [(0.0, 0.0), (w, 0.0), (0.0, h), (w, h)]
            .map(|(x, y)| work.in_capture(framing.in_work(Point { x, y })));
        let far = corners.iter().fold([f32::MAX, f32::MAX, f32::MIN, f32::MIN], |[l, t, r, b], p| {
            [l.min(p.x), t.min(p.y), r.max(p.x), b.max(p.y)]
        });
        let (cw, ch) = (capture.width() as f32, capture.height() as f32);
        let left = (far[0].floor() - 4.0).clamp(0.0, cw - 1.0);
        let top = (far[1].floor() - 4.0).clamp(0.0, ch - 1.0);
        let right = (far[2].ceil() + 4.0).clamp(left + 1.0, cw);
        let bottom = (far[3].ceil() + 4.0).clamp(top + 1.0, ch);
        let wanted = framing.scale * work.scale[0] * OVERSAMPLING as f32;
        let scale = wanted.min(1.0);
        let size = [right - left, bottom - top].map(|side| ((side * scale).round() as u32).max(1));
        let table = colour::linear_table();
        let shrunk = shrink(capture, [left, top, right - left, bottom - top], size);
        let light = shrunk
            .as_raw()
            .par_chunks_exact(3)
            .with_min_len(16_384)
            .map(|p| [table[usize::from(p[0])], table[usize::from(p[1])], table[usize::from(p[2])], 0.0])
            .collect();
        Source {
            light,
            width: size[0] as usize,
            height: size[1] as usize,
            left,
            top,
            scale: [size[0] as f32 / (right - left), size[1] as f32 / (bottom - top)],
        }
    }

    /// Linear light at a place of the capture: Catmull-Rom over 4 × 4 pixels, the edge continued.
    fn sample(&self, at: Point) -> [f32; 3] {
        let x = (at.x - self.left) * self.scale[0] - 0.5;
        let y = (at.y - self.top) * self.scale[1] - 0.5;
        let (x0, y0) = (x.floor(), y.floor());
        let (wx, wy) = (catmull_rom(x - x0), catmull_rom(y - y0));
        let (x0, y0) = (x0 as i32 - 1, y0 as i32 - 1);
        let inside =
            |from: i32, tap: usize, size: usize| (from + tap as i32).clamp(0, size as i32 - 1) as usize;
        let columns: [usize; 4] = std::array::from_fn(|i| inside(x0, i, self.width));
        let mut out = [0.0f32; 4];
        for (j, weight_y) in wy.iter().enumerate() {
            let row = &self.light[inside(y0, j, self.height) * self.width..][..self.width];
            for (column, weight_x) in columns.iter().zip(wx) {
                let (pixel, weight) = (row[*column], weight_x * weight_y);
                for (value, light) in out.iter_mut().zip(pixel) {
                    *value += weight * light;
                }
            }
        }
        [out[0], out[1], out[2]]
    }
}

fn catmull_rom(t: f32) -> [f32; 4] {
    let (t2, t3) = (t * t, t * t * t);
    [
        0.5 * (-t3 + 2.0 * t2 - t),
        0.5 * (3.0 * t3 - 5.0 * t2 + 2.0),
        0.5 * (-3.0 * t3 + 4.0 * t2 + t),
        0.5 * (t3 - t2),
    ]
}

fn scaled_down(large: &[F32x3], from: [u32; 2], to: [u32; 2]) -> Option<RgbImage> {
    let source = TypedImageRef::new(from[0], from[1], large).ok()?;
    let mut small = TypedImage::<F32x3>::new(to[0], to[1]);
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3));
    Resizer::new().resize_typed(&source, &mut small, &options).ok()?;
    let coded = small.pixels().iter().flat_map(|p| p.0.map(colour::encode)).collect();
    RgbImage::from_raw(to[0], to[1], coded)
}

/// The highest quality whose file fits, full colour resolution first.
fn encode(pixels: &RgbImage, file: &PhotoFile) -> Option<(Vec<u8>, u8)> {
    [SamplingFactor::F_1_1, SamplingFactor::F_2_2].into_iter().find_map(|sampling| {
        let encode = |quality, optimised| encode_at(pixels, quality, sampling, optimised, file.dpi);
        let (mut best, quality) = highest_fitting(file.min_quality, file.max_bytes, |q| encode(q, true))?;
        // A very plain picture may stay under the least bytes even at the highest quality; the standard Huffman tables,
        // which every decoder reads as well, take a little more room.
        if best.len() < file.min_bytes {
            best = encode(quality, false)?;
        }
        (file.min_bytes..=file.max_bytes).contains(&best.len()).then_some((best, quality))
    })
}

/// Searches for the highest quality, from `floor` to 100, that takes at most `most` bytes. Sizes grow nearly exponentially
/// with quality, so each guess goes by the last one's size.
fn highest_fitting(floor: u8, most: usize, encode: impl Fn(u8) -> Option<Vec<u8>>) -> Option<(Vec<u8>, u8)> {
    const GROWTH: f32 = 0.055;
    let (mut fits, mut too_high): (Option<(Vec<u8>, u8)>, u8) = (None, 101);
    let mut guess = 88.max(floor);
    loop {
        let tried = encode(guess)?;
        let step = ((most as f32 / tried.len().max(1) as f32).ln() / GROWTH).round();
        if tried.len() <= most {
            fits = Some((tried, guess));
        } else {
            too_high = guess;
        }
        let low = fits.as_ref().map_or(floor, |(_, quality)| quality + 1);
        if low >= too_high {
            return fits;
        }
        guess = (f32::from(guess) + step).clamp(f32::from(low), f32::from(too_high - 1)) as u8;
    }
}

fn encode_at(
    pixels: &RgbImage,
    quality: u8,
    sampling: SamplingFactor,
    optimised: bool,
    dpi: u16,
) -> Option<Vec<u8>> {
    let (width, height) = (u16::try_from(pixels.width()).ok()?, u16::try_from(pixels.height()).ok()?);
    let mut out = Vec::with_capacity(64 * 1024);
    let mut encoder = Encoder::new(&mut out, quality);
    encoder.set_density(PixelDensity::dpi(dpi));
    encoder.set_sampling_factor(sampling);
    encoder.set_chroma_subsampling_method(ChromaSubsamplingMethod::Average);
    encoder.set_optimized_huffman_tables(optimised);
    encoder.encode(pixels.as_raw(), width, height, ColorType::Rgb).ok()?;
    Some(out)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use image::Rgb;

    use super::*;

    fn file(min_bytes: usize, max_bytes: usize, min_quality: u8) -> PhotoFile {
        PhotoFile {
            width: 480,
            height: 640,
            dpi: 300,
            min_bytes,
            max_bytes,
            min_quality,
            backgrounds: vec![[255; 3]],
            file_name: "{number}.jpg".into(),
        }
    }

    fn soft() -> RgbImage {
        RgbImage::from_fn(480, 640, |x, y| {
            let v = ((x as f32 / 17.0).sin() * (y as f32 / 23.0).cos() * 90.0 + 128.0) as u8;
            Rgb([v, v / 2 + 40, 200 - v / 2])
        })
    }

    #[test]
    fn bytes_meet_the_window_at_the_highest_quality() {
        let (jpeg, quality) = encode(&soft(), &file(20_480, 40_960, 60)).unwrap();
        assert!((20_480..=40_960).contains(&jpeg.len()), "{} at {quality}", jpeg.len());
        assert!(encode_at(&soft(), quality + 1, SamplingFactor::F_1_1, true, 300).unwrap().len() > 40_960);
    }

    #[test]
    fn the_file_says_its_density_and_nothing_about_the_capture() {
        let (jpeg, _) = encode(&soft(), &file(1_000, 60_000, 60)).unwrap();
        // JFIF 1.x APP0: units 1 (per inch), 300 × 300.
        assert_eq!(jpeg[6..11], *b"JFIF\0");
        assert_eq!(jpeg[13..18], [1, 1, 44, 1, 44]);
        assert!(!jpeg.windows(4).any(|w| w == b"Exif"));
    }

    #[test]
    fn a_picture_that_cannot_fit_is_not_squeezed_under_the_floor() {
        let mut state = 1u32;
        let noise = RgbImage::from_fn(480, 640, |_, _| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            Rgb([(state >> 24) as u8, (state >> 16) as u8, (state >> 8) as u8])
        });
        assert_eq!(encode(&noise, &file(20_480, 40_960, 60)), None);
    }

    #[test]
    fn interpolation_weights_sum_to_one() {
        for t in [0.0, 0.25, 0.5, 0.9] {
            assert!((catmull_rom(t).iter().sum::<f32>() - 1.0).abs() < 1e-6);
        }
    }
}
