//! Upright square crops out of a picture, turned and scaled as the networks want them.

use std::borrow::Cow;

use fast_image_resize::FilterType;
use image::RgbImage;
use multiversion::multiversion;

use super::Point;
use crate::{plane::mixed, work::resized};

/// A square in a picture, turned by `roll`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Square {
    /// Its middle, in pixels of the picture.
    pub centre: Point,
    /// Its edge, in pixels of the picture.
    pub side: f32,
    /// Radians, clockwise as seen on the picture.
    pub roll: f32,
}

impl Square {
    /// Where the place (u, v) of the square, both 0..1 from its own upper left corner, lies in the picture.
    pub(crate) fn to_picture(self, u: f32, v: f32) -> Point {
        let (sin, cos) = self.roll.sin_cos();
        let (x, y) = ((u - 0.5) * self.side, (v - 0.5) * self.side);
        Point { x: self.centre.x + x * cos - y * sin, y: self.centre.y + x * sin + y * cos }
    }

    /// The square, turned by `roll`, that holds all `points` and is `scale` times as large as their longer extent.
    pub(crate) fn around(points: impl Iterator<Item = Point> + Clone, roll: f32, scale: f32) -> Self {
        let (sin, cos) = roll.sin_cos();
        let upright = points.map(|p| (p.x * cos + p.y * sin, p.y * cos - p.x * sin));
        let far = (f32::INFINITY, f32::NEG_INFINITY);
        let (x, y) = upright
            .fold((far, far), |(x, y), p| ((x.0.min(p.0), x.1.max(p.0)), (y.0.min(p.1), y.1.max(p.1))));
        let (u, v) = ((x.0 + x.1) / 2.0, (y.0 + y.1) / 2.0);
        Self {
            centre: Point { x: u * cos - v * sin, y: u * sin + v * cos },
            side: scale * (x.1 - x.0).max(y.1 - y.0),
            roll,
        }
    }

    /// The square's content as `out` × `out` RGB values of 0..255 (rows first, channels last), black beyond the
    /// picture's edge. Averages what it shrinks to less than half; blends linearly what it does not.
    pub(crate) fn sample(self, pixels: &RgbImage, out: usize) -> Vec<f32> {
        let source = Source::around(pixels, self, out);
        let (first, step) = (0.5 / out as f32, 1.0 / out as f32);
        let place = |u: f32, v: f32| source.place(self.to_picture(u, v));
        let (origin, across, down) =
            (place(first, first), place(first + step, first), place(first, first + step));
        let right = Point { x: across.x - origin.x, y: across.y - origin.y };
        let below = Point { x: down.x - origin.x, y: down.y - origin.y };
        put_in_rows([out; 2], |row, line| {
            let v = row as f32;
            let start = Point { x: origin.x + v * below.x, y: origin.y + v * below.y };
            source.line(start, right, line);
        })
    }
}

/// Shrunk no more than so much, what lies between four pixels tells of all: as MediaPipe samples for these networks.
pub(crate) const AS_GOOD: f32 = 2.0;

/// The part of a picture that a crop needs, shrunk until neighbouring samples are neighbouring pixels.
struct Source<'a> {
    data: Cow<'a, [u8]>,
    width: usize,
    height: usize,
    left: f32,
    top: f32,
    scale_x: f32,
    scale_y: f32,
}

impl<'a> Source<'a> {
    fn around(pixels: &'a RgbImage, square: Square, out: usize) -> Self {
        let (width, height) = pixels.dimensions();
        let whole = Self {
            data: Cow::Borrowed(pixels.as_raw()),
            width: width as usize,
            height: height as usize,
            left: 0.0,
            top: 0.0,
            scale_x: 1.0,
            scale_y: 1.0,
        };
        let shrink = square.side / out as f32;
        if shrink <= AS_GOOD {
            return whole;
        }
        let (sin, cos) = square.roll.sin_cos();
        let reach = square.side / 2.0 * (sin.abs() + cos.abs()) + 2.0 * shrink;
        let left = (square.centre.x - reach).floor().clamp(0.0, width as f32);
        let top = (square.centre.y - reach).floor().clamp(0.0, height as f32);
        let right = (square.centre.x + reach).ceil().clamp(0.0, width as f32);
        let bottom = (square.centre.y + reach).ceil().clamp(0.0, height as f32);
        let small_width = ((right - left) / shrink).ceil() as u32;
        let small_height = ((bottom - top) / shrink).ceil() as u32;
        let area = [left, top, right - left, bottom - top];
        match resized(pixels, area, [small_width, small_height], FilterType::Bilinear) {
            Some(small) => Self {
                data: Cow::Owned(small.into_raw()),
                width: small_width as usize,
                height: small_height as usize,
                left,
                top,
                scale_x: small_width as f32 / (right - left),
                scale_y: small_height as f32 / (bottom - top),
            },
            None => whole,
        }
    }

    /// Where a place of the picture lies here, counted from the middle of the first pixel.
    fn place(&self, at: Point) -> Point {
        Point { x: (at.x - self.left) * self.scale_x - 0.5, y: (at.y - self.top) * self.scale_y - 0.5 }
    }

    /// Blends places one after another, `step` apart; rows as in [`put_in_rows`].
    fn line(&self, start: Point, step: Point, to: &mut [f32]) {
        let at = |k: usize| Point { x: start.x + k as f32 * step.x, y: start.y + k as f32 * step.y };
        let count = to.len() / 3;
        // Inside, and not so near to the edge that there is no byte beyond: one stretch of a line, as the inside has no bays.
        let inside = |p: Point| {
            p.x >= 0.0 && p.y >= 0.0 && p.x < self.width as f32 - 2.1 && p.y < self.height as f32 - 1.1
        };
        let first = (0..count).position(|k| inside(at(k))).unwrap_or(count);
        let end = (first..count).rposition(|k| inside(at(k))).map_or(first, |last| first + last + 1);
        // In 65536ths of a pixel, which whole numbers count faster.
        let fixed = |p: Point| [p.x, p.y].map(|v| (f64::from(v) * 65_536.0) as i64);
        blended(&self.data, self.width, fixed(at(first)), fixed(step), &mut to[first * 3..=end * 3]);
        for k in (0..first).chain(end..count) {
            to[k * 3..][..3].copy_from_slice(&self.blend(at(k)));
        }
    }

    fn blend(&self, Point { x, y }: Point) -> [f32; 3] {
        let mut out = [0.0; 3];
        let (x0, y0) = (x.floor(), y.floor());
        let (fx, fy) = (x - x0, y - y0);
        let (x0, y0) = (x0 as i64, y0 as i64);
        for (dx, dy, weight) in [
            (0, 0, (1.0 - fx) * (1.0 - fy)),
            (1, 0, fx * (1.0 - fy)),
            (0, 1, (1.0 - fx) * fy),
            (1, 1, fx * fy),
        ] {
            let (Ok(column), Ok(row)) = (usize::try_from(x0 + dx), usize::try_from(y0 + dy)) else {
                continue;
            };
            if column < self.width && row < self.height {
                let start = (row * self.width + column) * 3;
                for (value, byte) in out.iter_mut().zip(&self.data[start..start + 3]) {
                    *value += weight * f32::from(*byte);
                }
            }
        }
        out
    }
}

/// The pixels of so many columns and rows, three values each. `put` is given a row's number and room for its pixels, and one value more: with
/// four values a pixel, of which the next pixel takes the last one's place, a processor works them out together.
pub(crate) fn put_in_rows([width, height]: [usize; 2], mut put: impl FnMut(usize, &mut [f32])) -> Vec<f32> {
    let mut values = vec![0.0; width * height * 3 + 1];
    for row in 0..height {
        put(row, &mut values[row * width * 3..][..width * 3 + 1]);
    }
    values.truncate(width * height * 3);
    values
}

/// What lies between four pixels each, of places so many 65536ths of a pixel apart, all inside; rows as in [`put_in_rows`].
#[multiversion(targets("x86_64+avx+avx2"))]
fn blended(data: &[u8], width: usize, [mut x, mut y]: [i64; 2], [dx, dy]: [i64; 2], to: &mut [f32]) {
    for at in (0..to.len() - 1).step_by(3) {
        let place = ((y >> 16) as usize * width + (x >> 16) as usize) * 3;
        let [fx, fy] = [x, y].map(|v| (v & 0xFFFF) as i32 as f32 * (1.0 / 65_536.0));
        let (above, below) = (&data[place..place + 7], &data[place + width * 3..][..7]);
        let four =
            |bytes: &[u8], from: usize| -> [f32; 4] { std::array::from_fn(|k| f32::from(bytes[from + k])) };
        let top = mixed(four(above, 0), four(above, 3), fx);
        let bottom = mixed(four(below, 0), four(below, 3), fx);
        to[at..at + 4].copy_from_slice(&mixed(top, bottom, fy));
        (x, y) = (x + dx, y + dy);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use image::Rgb;

    use super::*;

    fn ramp() -> RgbImage {
        RgbImage::from_fn(64, 48, |x, y| Rgb([(x * 4) as u8, (y * 5) as u8, 7]))
    }

    #[test]
    fn an_unturned_crop_of_its_own_size_is_the_picture() {
        let square = Square { centre: Point { x: 30.0, y: 20.0 }, side: 16.0, roll: 0.0 };
        let values = square.sample(&ramp(), 16);
        assert_eq!(values[..3], [22.0 * 4.0, 12.0 * 5.0, 7.0]);
        assert_eq!(values[values.len() - 3..], [37.0 * 4.0, 27.0 * 5.0, 7.0]);
    }

    #[test]
    fn a_quarter_turn_exchanges_the_axes() {
        let square =
            Square { centre: Point { x: 30.0, y: 20.0 }, side: 16.0, roll: std::f32::consts::FRAC_PI_2 };
        let values = square.sample(&ramp(), 16);
        assert!(
            (values[0] - 37.0 * 4.0).abs() < 0.01 && (values[1] - 12.0 * 5.0).abs() < 0.01,
            "{:?}",
            &values[..3]
        );
    }

    #[test]
    fn what_is_shrunk_is_averaged() {
        let checks = RgbImage::from_fn(400, 400, |x, y| Rgb([if (x + y) % 2 == 0 { 0 } else { 200 }; 3]));
        let square = Square { centre: Point { x: 200.0, y: 200.0 }, side: 400.0, roll: 0.1 };
        let values = square.sample(&checks, 40);
        assert!((values[(20 * 40 + 20) * 3] - 100.0).abs() < 3.0);
    }

    #[test]
    fn a_line_that_leaves_the_picture_is_what_its_pixels_are() {
        let picture = RgbImage::from_fn(40, 30, |x, y| Rgb([(x * 6) as u8, (y * 8) as u8, (x * y) as u8]));
        for (x, y, roll) in [(3.0, 28.0, 0.3), (39.0, 2.0, -1.2), (-30.0, 10.0, 0.1), (20.0, 15.0, 0.7)] {
            let square = Square { centre: Point { x, y }, side: 24.0, roll };
            let source = Source::around(&picture, square, 16);
            let values = square.sample(&picture, 16);
            for (k, pixel) in values.as_chunks::<3>().0.iter().enumerate() {
                let [u, v] = [k % 16, k / 16].map(|k| (k as f32 + 0.5) / 16.0);
                let expected = source.blend(source.place(square.to_picture(u, v)));
                assert!((0..3).all(|c| (pixel[c] - expected[c]).abs() < 0.05), "{k}: {pixel:?} {expected:?}");
            }
        }
    }

    #[test]
    fn beyond_the_edge_is_black() {
        let square = Square { centre: Point { x: 0.0, y: 0.0 }, side: 40.0, roll: 0.0 };
        let values = square.sample(&RgbImage::from_pixel(64, 64, Rgb([255; 3])), 20);
        assert_eq!(values[..3], [0.0; 3]);
        assert_eq!(values[values.len() - 3..], [255.0; 3]);
    }

    #[test]
    fn a_square_around_points_holds_them() {
        let points = [Point { x: 10.0, y: 0.0 }, Point { x: 30.0, y: 10.0 }];
        let square = Square::around(points.iter().copied(), 0.0, 1.5);
        assert_eq!((square.centre, square.side), (Point { x: 20.0, y: 5.0 }, 30.0));
    }
}
