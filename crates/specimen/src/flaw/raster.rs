//! The few operations on pixels that flaws share.

use image::{GrayImage, RgbImage};
use rayon::prelude::*;

/// sRGB byte to linear light; the square stands in for the standard's curve, as in the drawing itself.
pub(super) fn linear(byte: u8) -> f32 {
    let v = f32::from(byte) / 255.0;
    v * v
}

/// Linear light to a byte.
pub(super) fn byte(light: f32) -> u8 {
    (light.max(0.0).sqrt() * 255.0 + 0.5).min(255.0) as u8
}

/// A new picture of the same size, pixel by pixel.
pub(super) fn map(picture: &RgbImage, f: impl Fn(u32, u32, [u8; 3]) -> [u8; 3] + Sync) -> RgbImage {
    let mut out = picture.clone();
    let width = out.width() as usize;
    out.par_chunks_mut(width * 3).enumerate().for_each(|(y, row)| {
        for (x, pixel) in row.chunks_exact_mut(3).enumerate() {
            let new = f(x as u32, y as u32, [pixel[0], pixel[1], pixel[2]]);
            pixel.copy_from_slice(&new);
        }
    });
    out
}

/// Bilinear value in bytes at a place in pixels (pixel centres at .5); beyond the edge the edge is continued.
pub(super) fn sample(picture: &RgbImage, x: f32, y: f32) -> [f32; 3] {
    let (w, h) = (picture.width(), picture.height());
    let x = (x - 0.5).clamp(0.0, (w - 1) as f32);
    let y = (y - 0.5).clamp(0.0, (h - 1) as f32);
    let (x0, y0) = (x as u32, y as u32);
    let (x1, y1) = ((x0 + 1).min(w - 1), (y0 + 1).min(h - 1));
    let (fx, fy) = (x - x0 as f32, y - y0 as f32);
    let get = |x, y| picture.get_pixel(x, y).0;
    let (a, b, c, d) = (get(x0, y0), get(x1, y0), get(x0, y1), get(x1, y1));
    std::array::from_fn(|k| {
        let top = f32::from(a[k]) * (1.0 - fx) + f32::from(b[k]) * fx;
        let bottom = f32::from(c[k]) * (1.0 - fx) + f32::from(d[k]) * fx;
        top * (1.0 - fy) + bottom * fy
    })
}

/// One channel of floats.
#[derive(Clone)]
pub(super) struct Field {
    pub width: usize,
    pub height: usize,
    pub data: Vec<f32>,
}

impl Field {
    pub fn from_fn(width: usize, height: usize, f: impl Fn(usize, usize) -> f32 + Sync) -> Field {
        let mut data = vec![0.0; width * height];
        data.par_chunks_mut(width).enumerate().for_each(|(y, row)| {
            for (x, v) in row.iter_mut().enumerate() {
                *v = f(x, y);
            }
        });
        Field { width, height, data }
    }

    /// Alpha, 0 to 1.
    pub fn of_alpha(alpha: &GrayImage) -> Field {
        Field {
            width: alpha.width() as usize,
            height: alpha.height() as usize,
            data: alpha.as_raw().iter().map(|v| f32::from(*v) / 255.0).collect(),
        }
    }

    pub fn at(&self, x: usize, y: usize) -> f32 {
        self.data[y * self.width + x]
    }

    /// The value at a place, the edge continued.
    pub fn near(&self, x: i64, y: i64) -> f32 {
        let x = x.clamp(0, self.width as i64 - 1) as usize;
        let y = y.clamp(0, self.height as i64 - 1) as usize;
        self.at(x, y)
    }

    /// A box of 2r + 1 pixels run twice, which is near enough to a bell.
    pub fn blurred(&self, radius: usize) -> Field {
        if radius == 0 {
            return self.clone();
        }
        let once = |field: &Field| -> Field {
            let rows = field.lines(radius);
            rows.transposed().lines(radius).transposed()
        };
        once(&once(self))
    }

    fn lines(&self, radius: usize) -> Field {
        let w = self.width;
        let mut out = self.clone();
        out.data.par_chunks_mut(w).zip(self.data.par_chunks(w)).for_each(|(to, from)| {
            let mut sums = vec![0.0f64; w + 1];
            for x in 0..w {
                sums[x + 1] = sums[x] + f64::from(from[x]);
            }
            for (x, v) in to.iter_mut().enumerate() {
                let (a, b) = (x.saturating_sub(radius), (x + radius + 1).min(w));
                *v = ((sums[b] - sums[a]) / (b - a) as f64) as f32;
            }
        });
        out
    }

    fn transposed(&self) -> Field {
        Field::from_fn(self.height, self.width, |x, y| self.data[x * self.width + y])
    }
}

/// A projective map of the plane, row by row.
#[derive(Debug, Clone, Copy)]
pub(super) struct Projection([f32; 9]);

impl Projection {
    /// The map that takes the unit square's corners (0,0), (1,0), (1,1), (0,1) to these (Heckbert 1989).
    pub fn of_square(to: [(f32, f32); 4]) -> Projection {
        let [(x0, y0), (x1, y1), (x2, y2), (x3, y3)] = to;
        let (sx, sy) = (x0 - x1 + x2 - x3, y0 - y1 + y2 - y3);
        let (dx1, dy1, dx2, dy2) = (x1 - x2, y1 - y2, x3 - x2, y3 - y2);
        let det = dx1 * dy2 - dx2 * dy1;
        let (g, h) = ((sx * dy2 - dx2 * sy) / det, (dx1 * sy - sx * dy1) / det);
        Projection([
            x1 - x0 + g * x1,
            x3 - x0 + h * x3,
            x0,
            y1 - y0 + g * y1,
            y3 - y0 + h * y3,
            y0,
            g,
            h,
            1.0,
        ])
    }

    /// The other way.
    pub fn inverse(&self) -> Projection {
        let [a, b, c, d, e, f, g, h, i] = self.0;
        Projection([
            e * i - f * h,
            c * h - b * i,
            b * f - c * e,
            f * g - d * i,
            a * i - c * g,
            c * d - a * f,
            d * h - e * g,
            b * g - a * h,
            a * e - b * d,
        ])
    }

    pub fn apply(&self, x: f32, y: f32) -> (f32, f32) {
        let [a, b, c, d, e, f, g, h, i] = self.0;
        let w = g * x + h * y + i;
        ((a * x + b * y + c) / w, (d * x + e * y + f) / w)
    }
}
