//! The working copy: the part of a capture around the person, shrunk to the resolution that measuring needs.

use fast_image_resize::{
    FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer,
    images::{Image, ImageRef},
};
use image::RgbImage;
use rayon::prelude::*;

use crate::face::{FaceBox, Point};

/// Width of the face in the working copy, in pixels, where the capture has as many.
const FACE: f32 = 300.0;
/// What the copy holds, in widths of the face from the eyes: to each side, up, down.
const REACH: [f32; 3] = [1.8, 2.0, 2.5];

/// A part of a capture, shrunk.
#[derive(Debug, Clone)]
pub(crate) struct Work {
    /// The pixels.
    pub pixels: RgbImage,
    /// Upper left corner in pixels of the capture.
    pub origin: Point,
    /// Pixels of the copy per pixel of the capture, at most 1, across and down (equal but for rounding).
    pub scale: [f32; 2],
    /// Which edges of the copy are edges of the capture: left, top, right, bottom.
    pub edges: [bool; 4],
}

impl Work {
    /// Cuts and shrinks the surroundings of a face.
    pub fn around(capture: &RgbImage, face: &FaceBox) -> Work {
        let (w, h) = (capture.width() as f32, capture.height() as f32);
        let eyes = Point {
            x: (face.keypoints[0].x + face.keypoints[1].x) / 2.0,
            y: (face.keypoints[0].y + face.keypoints[1].y) / 2.0,
        };
        let unit = face.width.max(face.height).max(8.0);
        let left = (eyes.x - REACH[0] * unit).floor().clamp(0.0, w - 1.0);
        let right = (eyes.x + REACH[0] * unit).ceil().clamp(left + 1.0, w);
        let top = (eyes.y - REACH[1] * unit).floor().clamp(0.0, h - 1.0);
        let bottom = (eyes.y + REACH[2] * unit).ceil().clamp(top + 1.0, h);
        let scale = (FACE / unit).min(1.0);
        let size = [right - left, bottom - top].map(|side| ((side * scale).round() as u32).max(1));
        let pixels = shrink(capture, [left, top, right - left, bottom - top], size);
        Work {
            pixels,
            origin: Point { x: left, y: top },
            scale: [size[0] as f32 / (right - left), size[1] as f32 / (bottom - top)],
            edges: [left <= 0.0, top <= 0.0, right >= w, bottom >= h],
        }
    }

    /// A place of the capture in the copy.
    pub fn in_copy(&self, p: Point) -> Point {
        Point { x: (p.x - self.origin.x) * self.scale[0], y: (p.y - self.origin.y) * self.scale[1] }
    }

    /// A place of the copy in the capture.
    pub fn in_capture(&self, p: Point) -> Point {
        Point { x: p.x / self.scale[0] + self.origin.x, y: p.y / self.scale[1] + self.origin.y }
    }

    /// A detected face in the copy.
    pub fn face(&self, face: &FaceBox) -> FaceBox {
        let corner = self.in_copy(Point { x: face.x, y: face.y });
        FaceBox {
            score: face.score,
            x: corner.x,
            y: corner.y,
            width: face.width * self.scale[0],
            height: face.height * self.scale[1],
            keypoints: face.keypoints.map(|p| self.in_copy(p)),
        }
    }
}

/// A part (left, top, width, height) of a picture at another size, filtered so that fine structure does not alias.
pub(crate) fn shrink(pixels: &RgbImage, area: [f32; 4], size: [u32; 2]) -> RgbImage {
    resized(pixels, area, size, FilterType::Hamming)
}

/// The same by plain means.
pub(crate) fn averaged(pixels: &RgbImage, area: [f32; 4], size: [u32; 2]) -> RgbImage {
    resized(pixels, area, size, FilterType::Box)
}

/// A picture of half the size, each pixel the mean of four; an odd row or column at the end is the mean of what there is.
pub(crate) fn halved(pixels: &RgbImage) -> RgbImage {
    let (w, h) = (pixels.width() as usize, pixels.height() as usize);
    let (half_w, half_h) = (w.div_ceil(2), h.div_ceil(2));
    let raw = pixels.as_raw();
    let mut half = vec![0; half_w * half_h * 3];
    half.par_chunks_mut((half_w * 3).max(1)).with_min_len(32).enumerate().for_each(|(y, out)| {
        let row = |y: usize| &raw[y.min(h - 1) * w * 3..][..w * 3];
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

fn resized(pixels: &RgbImage, area: [f32; 4], size: [u32; 2], filter: FilterType) -> RgbImage {
    let mut out = Image::new(size[0], size[1], PixelType::U8x3);
    let [left, top, width, height] = area.map(f64::from);
    let options =
        ResizeOptions::new().crop(left, top, width, height).resize_alg(ResizeAlg::Convolution(filter));
    let done = ImageRef::new(pixels.width(), pixels.height(), pixels.as_raw(), PixelType::U8x3)
        .is_ok_and(|source| Resizer::new().resize(&source, &mut out, &options).is_ok());
    match RgbImage::from_raw(size[0], size[1], out.into_vec()) {
        Some(small) if done => small,
        _ => RgbImage::new(size[0], size[1]),
    }
}
