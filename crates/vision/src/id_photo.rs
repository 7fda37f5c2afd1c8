//! Makes the ID photo: turned upright, cut, scaled in linear light, its background exchanged, encoded to the standard's bytes.

use std::ops::Range;

use domain::standard::PhotoFile;
use image::RgbImage;
use turbojpeg::{Compressor, Image, PixelFormat, Subsamp};

use crate::{
    colour,
    face::Point,
    framing::Framing,
    matte::Matte,
    plane::{along, first, last},
    resample::{Light, Placed, resampled},
    work::Work,
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

/// The file of a rendered photo; `None` when no quality that the standard allows has a number of bytes that it allows.
pub(crate) fn file_of(pixels: &RgbImage, file: &PhotoFile, background: [u8; 3]) -> Option<IdPhoto> {
    let (jpeg, quality) = encode(pixels, file)?;
    Some(IdPhoto { jpeg, width: file.width, height: file.height, quality, background })
}

/// The photo's pixels, before encoding.
pub(crate) fn render(
    capture: &RgbImage,
    work: &Work<'_>,
    matte: &Matte,
    framing: &Framing,
    background: [u8; 3],
) -> Option<RgbImage> {
    let table = colour::linear_table();
    let [r, g, b] = background.map(|c| table[usize::from(c)]);
    let wanted = [r, g, b, 0.0];
    let middle = work.in_capture(framing.head.eyes).x;
    let scene = Scene { capture, work, matte, table, wanted, middle };
    let place = |x: f32, y: f32| work.in_capture(framing.in_work(Point { x, y }));
    let (origin, next) = (place(0.0, 0.0), place(1.0, 0.0));
    let along = Point { x: next.x - origin.x, y: next.y - origin.y };
    let size = framing.size.map(|side| side as usize);
    let row = |y, columns, to: &mut _| scene.row(y, columns, to);
    let pixels = resampled(row, wanted, Placed { origin, along }, size);
    RgbImage::from_raw(framing.size[0], framing.size[1], pixels)
}

/// A share of the person that is too small to be seen, or to be missed.
const NOTHING: f32 = 0.004;

/// The person before the new background, at the capture's own pixels.
struct Scene<'a> {
    capture: &'a RgbImage,
    work: &'a Work<'a>,
    matte: &'a Matte,
    table: &'a [f32; 256],
    /// The new background, linear light.
    wanted: Light,
    /// A column of the capture through the midst of the head.
    middle: f32,
}

impl Scene<'_> {
    /// Appends a part of a row, from where the person begins to where they end; everything else is the background.
    fn row(&self, y: i32, columns: Range<i32>, to: &mut Vec<Light>) -> Range<i32> {
        let (w, h) = (self.capture.width() as i32, self.capture.height() as i32);
        let line = &self.capture.as_raw()[(y.clamp(0, h - 1) * w * 3) as usize..][..w as usize * 3];
        let alpha = &self.matte.alpha;
        let place = |x: i32| self.work.in_copy(Point { x: x as f32 + 0.5, y: y as f32 + 0.5 });
        let height = place(0).y;
        let mut shares = alpha.row(height);
        // Beyond the copy the person goes on where it reached the edge, and else there is only background.
        let whole = |share: f32| f32::from(share > 0.5);
        if !(0.0..alpha.height as f32).contains(&height) {
            shares = shares.iter().map(|share| whole(*share)).collect();
        }
        let (before, after) = (whole(shares[0]), whole(shares[shares.len() - 1]));
        let shown = |share: f32| share >= NOTHING;
        let (Some(first_shown), Some(last_shown)) = (first(&shares, shown), last(&shares, shown)) else {
            return 0..0;
        };
        let scale = self.work.scale;
        let column = |x: f32| (x / scale + self.work.origin.x) as i32;
        let start = if before > 0.0 { columns.start } else { column(first_shown as f32 - 1.0) };
        let end = if after > 0.0 { columns.end } else { column(last_shown as f32 + 2.0) + 1 };
        let taken = start.max(columns.start)..end.min(columns.end);
        // In the midst of the person nothing is open.
        let full = |share: f32| share > 1.0 - NOTHING;
        let nose = ((self.middle - self.work.origin.x) * scale) as usize;
        let solid = if shares.get(nose).is_some_and(|share| full(*share)) {
            let open = |share: f32| !full(share);
            let from = last(&shares[..nose], open).map_or(0, |open| open + 1);
            let to = first(&shares[nose..], open).map_or(shares.len(), |open| nose + open);
            column(from as f32 + 1.0) + 1..column(to as f32 - 1.0)
        } else {
            0..0
        };
        let seen = |pixel: &[u8]| {
            let [r, g, b] = [pixel[0], pixel[1], pixel[2]].map(|c| self.table[usize::from(c)]);
            [r, g, b, 0.0]
        };
        let left = place(taken.start).x;
        let open = |x: i32| {
            let seen = seen(&line[x.clamp(0, w - 1) as usize * 3..][..3]);
            let at = Point { x: left + (x - taken.start) as f32 * scale, y: height };
            let share = if at.x < 0.0 {
                before
            } else if at.x >= alpha.width as f32 {
                after
            } else {
                along(&shares, at.x)
            };
            if share < NOTHING {
                self.wanted
            } else if share > 1.0 - NOTHING {
                seen
            } else {
                self.composed(seen, share, at)
            }
        };
        let solid = solid.start.max(taken.start).max(0)..solid.end.min(taken.end).min(w);
        if solid.is_empty() {
            to.extend(taken.clone().map(open));
        } else {
            to.extend((taken.start..solid.start).map(open));
            to.extend(line[solid.start as usize * 3..solid.end as usize * 3].chunks_exact(3).map(seen));
            to.extend((solid.end..taken.end).map(open));
        }
        taken
    }

    /// Takes the old wall's share out of a pixel and puts the new background's in.
    fn composed(&self, seen: Light, alpha: f32, at: Point) -> Light {
        let Matte { person, backdrop, .. } = self.matte;
        let [r, g, b, _] = seen;
        let own = person.share(at.x, at.y, alpha, [r, g, b], backdrop.at(at.x, at.y));
        let mixed = |c: usize| (own[c] + (1.0 - alpha) * self.wanted[c]).clamp(0.0, 1.0);
        [mixed(0), mixed(1), mixed(2), 0.0]
    }
}

/// A file within the standard's bytes, at about the highest quality that they allow, full colour resolution first.
fn encode(pixels: &RgbImage, file: &PhotoFile) -> Option<(Vec<u8>, u8)> {
    [Subsamp::None, Subsamp::Sub2x2].into_iter().find_map(|sampling| {
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

/// Searches for a quality, from `floor` to 100, that takes at most `most` bytes and nearly all of them. Sizes grow nearly
/// exponentially with quality, so each guess goes by the last one's size.
fn highest_fitting(floor: u8, most: usize, encode: impl Fn(u8) -> Option<Vec<u8>>) -> Option<(Vec<u8>, u8)> {
    const GROWTH: f32 = 0.055;
    /// So full, a file is full: one or two steps of quality more are not to be seen.
    const FULL: f32 = 0.93;
    /// Aimed at.
    const AIM: f32 = 0.97;
    let (mut fits, mut too_high): (Option<(Vec<u8>, u8)>, u8) = (None, 101);
    let mut guess = 90.max(floor);
    loop {
        let tried = encode(guess)?;
        let filled = tried.len() as f32 / most.max(1) as f32;
        let step = ((AIM / filled.max(1e-3)).ln() / GROWTH).round();
        if filled <= 1.0 {
            fits = Some((tried, guess));
        } else {
            too_high = guess;
        }
        let low = fits.as_ref().map_or(floor, |(_, quality)| quality + 1);
        if low >= too_high || (FULL..=1.0).contains(&filled) {
            return fits;
        }
        guess = (f32::from(guess) + step).clamp(f32::from(low), f32::from(too_high - 1)) as u8;
    }
}

fn encode_at(
    pixels: &RgbImage,
    quality: u8,
    sampling: Subsamp,
    optimised: bool,
    dpi: u16,
) -> Option<Vec<u8>> {
    let (width, height) = (pixels.width() as usize, pixels.height() as usize);
    let mut compressor = Compressor::new().ok()?;
    compressor.set_quality(i32::from(quality)).ok()?;
    compressor.set_subsamp(sampling).ok()?;
    compressor.set_optimize(optimised).ok()?;
    let image = Image {
        pixels: pixels.as_raw().as_slice(),
        width,
        pitch: width * 3,
        height,
        format: PixelFormat::RGB,
    };
    let mut jpeg = compressor.compress_to_vec(image).ok()?;
    // The JFIF header begins every file that is written so: units (1: per inch) and the density across and down.
    let [high, low] = dpi.to_be_bytes();
    jpeg.get_mut(13..18)?.copy_from_slice(&[1, high, low, high, low]);
    Some(jpeg)
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
    fn bytes_meet_the_window_near_its_upper_end() {
        for most in [20_480, 30_000, 40_960, 81_920] {
            let (jpeg, quality) = encode(&soft(), &file(most / 2, most, 60)).unwrap();
            assert!((most / 2..=most).contains(&jpeg.len()), "{} at {quality}", jpeg.len());
            let next = encode_at(&soft(), quality + 3, Subsamp::None, true, 300);
            assert!(next.is_none_or(|next| next.len() > most), "{quality} is too low for {most}");
        }
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
}
