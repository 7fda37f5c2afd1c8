//! The working copy: the part of a capture around the person, shrunk to the resolution that measuring needs.

use std::{borrow::Cow, sync::OnceLock};

use fast_image_resize::{
    FilterType, ResizeAlg, ResizeOptions, Resizer,
    images::{TypedImage, TypedImageRef},
    pixels::U8x3,
};
use image::RgbImage;
use multiversion::multiversion;
use rayon::prelude::*;

use crate::face::{
    FaceBox, Point,
    crop::{AS_GOOD, Square},
};

/// Largest width of the face in the working copy, in pixels; a larger one is halved until it is not.
const FACE: f32 = 400.0;
/// What the copy holds, in widths of the face from the eyes: to each side, up, down.
const REACH: [f32; 3] = [1.8, 2.0, 2.5];

/// A capture is halved at most so often.
const HALVINGS: usize = 8;

/// A capture and its halves, quarters and so on, each made when it is first asked for.
#[derive(Debug)]
pub(crate) struct Halves<'a> {
    capture: &'a RgbImage,
    smaller: [OnceLock<RgbImage>; HALVINGS + 1],
}

impl<'a> Halves<'a> {
    /// Of a capture.
    pub fn of(capture: &'a RgbImage) -> Halves<'a> {
        Halves { capture, smaller: Default::default() }
    }

    /// The largest of them in which something that has `size` pixels in the capture has at most `most`, and how many of its pixels one
    /// of the capture is.
    pub fn at_most(&self, size: f32, most: f32) -> (&RgbImage, f32) {
        let times = halvings(size, most);
        (self.halved(times), 0.5f32.powi(times as i32))
    }

    /// The capture, halved so often.
    fn halved(&self, times: usize) -> &RgbImage {
        match times.checked_sub(1) {
            None => self.capture,
            Some(before) => self.smaller[before].get_or_init(|| halved(self.halved(before))),
        }
    }

    /// Width and height of the capture.
    pub fn dimensions(&self) -> (u32, u32) {
        self.capture.dimensions()
    }
}

/// How often something of `size` pixels is halved until it has at most `most`.
fn halvings(size: f32, most: f32) -> usize {
    ((size / most).log2().ceil().max(0.0) as usize).min(HALVINGS)
}

/// A part of a capture, shrunk.
#[derive(Debug, Clone)]
pub(crate) struct Work<'a> {
    /// The pixels.
    pub pixels: Cow<'a, RgbImage>,
    /// The same at half the size, for what needs no more.
    pub half: Cow<'a, RgbImage>,
    /// Upper left corner in pixels of the capture.
    pub origin: Point,
    /// Pixels of the copy per pixel of the capture: 1, a half, a quarter ...
    pub scale: f32,
    /// Which edges of the copy are edges of the capture: left, top, right, bottom.
    pub edges: [bool; 4],
}

impl<'a> Work<'a> {
    /// Cuts out the surroundings of a face, given in pixels of the capture.
    pub fn around(capture: &'a Halves<'_>, face: &FaceBox) -> Work<'a> {
        let unit = face.width.max(face.height).max(8.0);
        let (picture, scale) = capture.at_most(unit, FACE);
        let (w, h) = picture.dimensions();
        let eyes = Point {
            x: (face.keypoints[0].x + face.keypoints[1].x) / 2.0 * scale,
            y: (face.keypoints[0].y + face.keypoints[1].y) / 2.0 * scale,
        };
        let reach = REACH.map(|reach| reach * unit * scale);
        let from = |at: f32, side: u32| (at.max(0.0) as u32).min(side.saturating_sub(1));
        let to =
            |at: f32, from: u32, side: u32| (at.ceil().max(0.0) as u32).clamp(from + 1, side.max(from + 1));
        let (left, top) = (from(eyes.x - reach[0], w), from(eyes.y - reach[1], h));
        let (right, bottom) = (to(eyes.x + reach[0], left, w), to(eyes.y + reach[2], top, h));
        // A copy that leaves out little costs more than it saves.
        let kept = u64::from(right - left) * u64::from(bottom - top);
        let nearly_all = kept * 8 >= u64::from(w) * u64::from(h) * 7;
        let [left, top, right, bottom] = if nearly_all { [0, 0, w, h] } else { [left, top, right, bottom] };
        let (pixels, half) = if nearly_all {
            (Cow::Borrowed(picture), Cow::Borrowed(capture.halved(halvings(unit, FACE) + 1)))
        } else {
            let area = [left, top, right, bottom];
            let (pixels, half) = rayon::join(|| part(picture, area), || halved_part(picture, area));
            (Cow::Owned(pixels), Cow::Owned(half))
        };
        Work {
            pixels,
            half,
            origin: Point { x: left as f32 / scale, y: top as f32 / scale },
            scale,
            edges: [left == 0, top == 0, right == w, bottom == h],
        }
    }

    /// What a square of the copy shows; from the half where that is as good.
    pub fn sample(&self, square: Square, out: usize) -> Vec<f32> {
        if square.side < AS_GOOD * out as f32 {
            return square.sample(&self.pixels, out);
        }
        let centre = Point { x: square.centre.x / 2.0, y: square.centre.y / 2.0 };
        Square { centre, side: square.side / 2.0, ..square }.sample(&self.half, out)
    }

    /// A place of the capture in the copy.
    pub fn in_copy(&self, p: Point) -> Point {
        Point { x: (p.x - self.origin.x) * self.scale, y: (p.y - self.origin.y) * self.scale }
    }

    /// A place of the copy in the capture.
    pub fn in_capture(&self, p: Point) -> Point {
        Point { x: p.x / self.scale + self.origin.x, y: p.y / self.scale + self.origin.y }
    }

    /// A detected face in the copy.
    pub fn face(&self, face: &FaceBox) -> FaceBox {
        let corner = self.in_copy(Point { x: face.x, y: face.y });
        FaceBox {
            score: face.score,
            x: corner.x,
            y: corner.y,
            width: face.width * self.scale,
            height: face.height * self.scale,
            keypoints: face.keypoints.map(|p| self.in_copy(p)),
        }
    }
}

/// A picture of half the size, each pixel the mean of four; an odd row or column at the end is the mean of what there is.
pub(crate) fn halved(pixels: &RgbImage) -> RgbImage {
    halved_part(pixels, [0, 0, pixels.width(), pixels.height()])
}

/// A part (left, top, right, bottom) of a picture, [`halved`].
fn halved_part(picture: &RgbImage, [left, top, right, bottom]: [u32; 4]) -> RgbImage {
    let (w, h) = ((right - left) as usize, (bottom - top) as usize);
    let (from, line) = (left as usize * 3, picture.width() as usize * 3);
    let row = |y: usize| &picture.as_raw()[(top as usize + y.min(h - 1)) * line + from..][..w * 3];
    means([w.div_ceil(2), h.div_ceil(2)], |y| [row(2 * y), row(2 * y + 1)])
}

/// A picture of a third of the size, each pixel the mean of nine; what is left over at the right and below is left out.
pub(crate) fn thirds(picture: &RgbImage) -> RgbImage {
    let [w, h] = [picture.width(), picture.height()].map(|side| side as usize / 3);
    let row = |y: usize| &picture.as_raw()[y * picture.width() as usize * 3..][..w * 9];
    means([w, h], |y| [row(3 * y), row(3 * y + 1), row(3 * y + 2)])
}

/// A picture of that size, each pixel the mean of N × N: those of the N rows that `rows` gives for one of its rows. Where these end within
/// a pixel, their last pixel goes on.
fn means<'a, const N: usize>(
    [width, height]: [usize; 2],
    rows: impl Fn(usize) -> [&'a [u8]; N] + Sync,
) -> RgbImage {
    let mut means = vec![0; width * height * 3];
    let lines = means.par_chunks_mut((width * 3).max(1)).with_min_len(32).enumerate();
    lines.for_each_init(Default::default, |room, (y, out)| means_of(rows(y), room, out));
    RgbImage::from_raw(width as u32, height as u32, means).unwrap_or_default()
}

/// The means of one row of squares: down, then along, as if the mean about every value were wanted, so that many values are added at a time.
#[multiversion(targets("x86_64+avx+avx2"))]
fn means_of<const N: usize>(rows: [&[u8]; N], (down, all): &mut (Vec<u16>, Vec<u8>), out: &mut [u8]) {
    const { assert!(N == 2 || N == 3) };
    let (squares, across) = (out.len() / 3, rows[0].len());
    down.resize(squares * 3 * N, 0);
    for (sum, value) in down.iter_mut().zip(rows[0]) {
        *sum = u16::from(*value);
    }
    for row in &rows[1..] {
        for (sum, value) in down.iter_mut().zip(*row) {
            *sum += u16::from(*value);
        }
    }
    for at in across..down.len() {
        down[at] = down[at - 3];
    }
    let count = down.len() - 3 * (N - 1);
    all.resize(count, 0);
    let (first, second, last) = (&down[..count], &down[3..][..count], &down[3 * (N - 1)..][..count]);
    for at in 0..count {
        let sum = if N == 2 { first[at] + second[at] } else { first[at] + second[at] + last[at] };
        all[at] = ((sum + (N * N / 2) as u16) / (N * N) as u16) as u8;
    }
    // Four bytes at a time are as fast as one; the fourth's place is the next pixel's.
    let Some(last) = squares.checked_sub(1) else { return };
    for (k, all) in all.chunks(3 * N).take(last).enumerate() {
        out[3 * k..][..4].copy_from_slice(&all[..4]);
    }
    out[3 * last..].copy_from_slice(&all[3 * N * last..][..3]);
}

/// A part (left, top, right, bottom) of a picture, as it is.
fn part(picture: &RgbImage, [left, top, right, bottom]: [u32; 4]) -> RgbImage {
    let (from, to) = (left as usize * 3, right as usize * 3);
    let rows = picture.as_raw().chunks_exact(picture.width() as usize * 3);
    let rows = rows.skip(top as usize).take((bottom - top) as usize);
    let mut pixels = Vec::with_capacity((to - from) * (bottom - top) as usize);
    rows.for_each(|row| pixels.extend_from_slice(&row[from..to]));
    RgbImage::from_raw(right - left, bottom - top, pixels).unwrap_or_default()
}

/// A part (left, top, width, height) of a picture at another size, each pixel the mean of what it covers.
pub(crate) fn averaged(pixels: &RgbImage, area: [f32; 4], size: [u32; 2]) -> Option<RgbImage> {
    resized(pixels, area, size, FilterType::Box)
}

/// A part (left, top, width, height) of a picture at another size; nothing for an area or a size of nothing.
pub(crate) fn resized(
    pixels: &RgbImage,
    area: [f32; 4],
    [width, height]: [u32; 2],
    filter: FilterType,
) -> Option<RgbImage> {
    if width == 0 || height == 0 {
        return None;
    }
    let [left, top, area_width, area_height] = area.map(f64::from);
    let options = ResizeOptions::new()
        .crop(left, top, area_width, area_height)
        .resize_alg(ResizeAlg::Convolution(filter));
    let mut small = RgbImage::new(width, height);
    // Typed: otherwise the kernels of every kind of pixel are compiled into this crate, which takes minutes.
    let source = TypedImageRef::<U8x3>::from_buffer(pixels.width(), pixels.height(), pixels.as_raw()).ok()?;
    let mut target = TypedImage::<U8x3>::from_buffer(width, height, &mut small).ok()?;
    Resizer::new().resize_typed(&source, &mut target, &options).ok()?;
    Some(small)
}

#[cfg(test)]
mod tests {
    use image::Rgb;

    use super::*;

    #[test]
    fn a_pixel_of_a_smaller_copy_is_the_mean_of_those_it_covers() {
        let value = |x: u32, y: u32, c: u32| (x * 37 + y * 91 + c * 53 + x * y) % 256;
        for (w, h) in [(1, 1), (3, 2), (7, 5), (64, 33), (101, 9)] {
            let picture = RgbImage::from_fn(w, h, |x, y| Rgb([0, 1, 2].map(|c| value(x, y, c) as u8)));
            for (copy, n) in [(halved(&picture), 2), (thirds(&picture), 3)] {
                let size = if n == 2 { [w.div_ceil(2), h.div_ceil(2)] } else { [w / 3, h / 3] };
                assert_eq!([copy.width(), copy.height()], size);
                for (x, y, pixel) in copy.enumerate_pixels() {
                    // An odd edge is continued.
                    let covered =
                        (0..n * n).map(|k| ((n * x + k % n).min(w - 1), (n * y + k / n).min(h - 1)));
                    let sum = |c: u32| covered.clone().map(|(x, y)| value(x, y, c)).sum::<u32>();
                    assert_eq!(pixel.0, [0, 1, 2].map(|c| ((sum(c) + n * n / 2) / (n * n)) as u8), "{w}x{h}");
                }
            }
        }
    }
}
