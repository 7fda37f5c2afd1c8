//! Tapered strokes over the picture: lashes, brow hairs, frames of glasses.

use super::{camera::Camera, vector::V3};

/// A straight stroke between two points of the picture.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stroke {
    pub from: (f32, f32),
    pub to: (f32, f32),
    /// Full widths at both ends, px.
    pub widths: (f32, f32),
    /// Picture values 0 to 1.
    pub colour: V3,
    pub alpha: f32,
    /// Depth in the room; what is nearer hides the stroke.
    pub depth: (f32, f32),
}

impl Stroke {
    pub fn between(
        camera: &Camera,
        a: V3,
        b: V3,
        wide_a: f32,
        wide_b: f32,
        colour: V3,
        alpha: f32,
    ) -> Stroke {
        Stroke {
            from: camera.project(a),
            to: camera.project(b),
            widths: (wide_a, wide_b),
            colour,
            alpha,
            depth: (a.z, b.z),
        }
    }

    /// First and last pixel row that the stroke may touch.
    pub fn rows(&self) -> (f32, f32) {
        let m = self.widths.0.max(self.widths.1) * 0.5 + 1.0;
        (self.from.1.min(self.to.1) - m, self.from.1.max(self.to.1) + m)
    }

    /// Calls `paint(x, y, cover, depth)` for every pixel of the rows `top..bottom` that the stroke covers in part.
    pub fn draw(&self, width: i32, top: i32, bottom: i32, mut paint: impl FnMut(i32, i32, f32, f32)) {
        let m = self.widths.0.max(self.widths.1) * 0.5 + 1.0;
        let (y0, y1) = self.rows();
        let x0 = ((self.from.0.min(self.to.0) - m).floor() as i32).max(0);
        let x1 = ((self.from.0.max(self.to.0) + m).ceil() as i32).min(width - 1);
        let (dx, dy) = (self.to.0 - self.from.0, self.to.1 - self.from.1);
        let inv = 1.0 / (dx * dx + dy * dy).max(1e-9);
        for y in (y0.floor() as i32).max(top)..=(y1.ceil() as i32).min(bottom - 1) {
            for x in x0..=x1 {
                let (px, py) = (x as f32 + 0.5 - self.from.0, y as f32 + 0.5 - self.from.1);
                let t = ((px * dx + py * dy) * inv).clamp(0.0, 1.0);
                let d = (px - t * dx).hypot(py - t * dy);
                let wide = self.widths.0 + (self.widths.1 - self.widths.0) * t;
                // Thinner than a pixel: fainter, not gone.
                let thin = wide.min(1.0);
                let cover = (wide.max(1.0) * 0.5 + 0.5 - d).clamp(0.0, 1.0) * thin * self.alpha;
                if cover > 0.0 {
                    paint(x, y, cover, self.depth.0 + (self.depth.1 - self.depth.0) * t);
                }
            }
        }
    }
}
