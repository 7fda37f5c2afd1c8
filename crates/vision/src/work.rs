//! The working copy: the part of a capture around the person, shrunk to the resolution that measuring needs.

use std::{borrow::Cow, sync::OnceLock};

use fast_image_resize::{
    FilterType, ResizeAlg, ResizeOptions, Resizer,
    images::{TypedImage, TypedImageRef},
    pixels::U8x3,
};
use image::RgbImage;
use rayon::prelude::*;

use crate::face::{FaceBox, Point, crop::Square};

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
        let (pixels, half) = if [left, top, right, bottom] == [0, 0, w, h] {
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
        if square.side < 2.0 * out as f32 {
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
    let (half_w, half_h) = (w.div_ceil(2), h.div_ceil(2));
    let raw = picture.as_raw();
    let mut half = vec![0; half_w * half_h * 3];
    half.par_chunks_mut((half_w * 3).max(1)).with_min_len(32).enumerate().for_each(|(y, out)| {
        let row = |y: usize| {
            let at = (top as usize + y.min(h - 1)) * picture.width() as usize + left as usize;
            &raw[at * 3..][..w * 3]
        };
        let (above, below) = (row(2 * y), row(2 * y + 1));
        let pairs = above.chunks_exact(6).zip(below.chunks_exact(6));
        for (out, (a, b)) in out.chunks_exact_mut(3).zip(pairs) {
            for c in 0..3 {
                let sum = u16::from(a[c]) + u16::from(a[c + 3]) + u16::from(b[c]) + u16::from(b[c + 3]);
                out[c] = ((sum + 2) / 4) as u8;
            }
        }
        if w % 2 == 1 {
            let (out, last) = (&mut out[(half_w - 1) * 3..], (w - 1) * 3);
            for (c, out) in out.iter_mut().enumerate() {
                *out = ((u16::from(above[last + c]) + u16::from(below[last + c])).div_ceil(2)) as u8;
            }
        }
    });
    RgbImage::from_raw(half_w as u32, half_h as u32, half).unwrap_or_default()
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
