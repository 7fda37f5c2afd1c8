//! Surfaces made of triangles, and which triangle each pixel sees.

use super::{
    camera::Camera,
    vector::{V3, v3},
};

/// A point of a surface.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Vertex {
    /// In the room, cm.
    pub at: V3,
    pub normal: V3,
    /// The coordinates in which the surface is painted: canonical space for skin, others for other materials.
    pub paint: V3,
    /// Share of light that reaches the point for reasons the surface itself knows, or what else a material wants.
    pub extra: f32,
}

impl Vertex {
    pub fn mix3(v: [&Vertex; 3], w: [f32; 3]) -> Vertex {
        let m = |f: fn(&Vertex) -> V3| f(v[0]) * w[0] + f(v[1]) * w[1] + f(v[2]) * w[2];
        Vertex {
            at: m(|v| v.at),
            normal: m(|v| v.normal),
            paint: m(|v| v.paint),
            extra: v[0].extra * w[0] + v[1].extra * w[1] + v[2].extra * w[2],
        }
    }
}

/// A surface with its points on the picture.
#[derive(Debug, Clone, Default)]
pub(crate) struct Surface {
    pub vertices: Vec<Vertex>,
    pub triangles: Vec<[u32; 3]>,
    /// Pixel coordinates of the vertices.
    pub screen: Vec<(f32, f32)>,
}

impl Surface {
    /// A surface whose normals are averaged over the triangles, turned outward where `outward` says so (positive dot product).
    pub fn new(mut vertices: Vec<Vertex>, triangles: Vec<[u32; 3]>, camera: &Camera) -> Surface {
        for v in &mut vertices {
            v.normal = V3::ZERO;
        }
        for t in &triangles {
            let [a, b, c] = t.map(|i| vertices[i as usize].at);
            let n = (b - a).cross(c - a);
            for &i in t {
                vertices[i as usize].normal += n;
            }
        }
        for v in &mut vertices {
            v.normal = v.normal.unit();
        }
        Surface::with_normals(vertices, triangles, camera)
    }

    pub fn with_normals(vertices: Vec<Vertex>, triangles: Vec<[u32; 3]>, camera: &Camera) -> Surface {
        let screen = vertices.iter().map(|v| camera.project(v.at)).collect();
        Surface { vertices, triangles, screen }
    }

    /// A grid of `rows` × `columns` points, counter-clockwise seen from outside when rows go down and columns to the right.
    pub fn grid(
        rows: usize,
        columns: usize,
        camera: &Camera,
        mut at: impl FnMut(f32, f32) -> Vertex,
    ) -> Surface {
        let mut vertices = Vec::with_capacity(rows * columns);
        for r in 0..rows {
            for c in 0..columns {
                vertices.push(at(r as f32 / (rows - 1) as f32, c as f32 / (columns - 1) as f32));
            }
        }
        let mut triangles = Vec::new();
        for r in 0..rows - 1 {
            for c in 0..columns - 1 {
                let a = (r * columns + c) as u32;
                let b = a + columns as u32;
                triangles.push([a, b, a + 1]);
                triangles.push([a + 1, b, b + 1]);
            }
        }
        Surface::new(vertices, triangles, camera)
    }

    /// The part of the surface whose triangles `keep` accepts, by their vertex numbers.
    pub fn part(&self, keep: impl Fn(&[u32; 3]) -> bool) -> Surface {
        let mut new = vec![u32::MAX; self.vertices.len()];
        let mut out = Surface::default();
        for t in self.triangles.iter().filter(|t| keep(t)) {
            out.triangles.push(t.map(|i| {
                let slot = &mut new[i as usize];
                if *slot == u32::MAX {
                    *slot = out.vertices.len() as u32;
                    out.vertices.push(self.vertices[i as usize]);
                    out.screen.push(self.screen[i as usize]);
                }
                *slot
            }));
        }
        out
    }

    /// First and last pixel row that triangle `t` may touch.
    pub fn rows(&self, t: &[u32; 3]) -> (f32, f32) {
        let y = t.map(|i| self.screen[i as usize].1);
        (y[0].min(y[1]).min(y[2]), y[0].max(y[1]).max(y[2]))
    }

    pub fn at(&self, triangle: u32, w: [f32; 3]) -> Vertex {
        let [a, b, c] = self.triangles[triangle as usize].map(|i| &self.vertices[i as usize]);
        Vertex::mix3([a, b, c], w)
    }

    /// Weights of the triangle's corners at pixel (x, y); may be negative outside it.
    pub fn weights(&self, triangle: u32, x: f32, y: f32) -> [f32; 3] {
        let [a, b, c] = self.triangles[triangle as usize].map(|i| self.screen[i as usize]);
        let area = (b.0 - a.0) * (c.1 - a.1) - (b.1 - a.1) * (c.0 - a.0);
        let u = ((b.0 - x) * (c.1 - y) - (b.1 - y) * (c.0 - x)) / area;
        let v = ((c.0 - x) * (a.1 - y) - (c.1 - y) * (a.0 - x)) / area;
        [u, v, 1.0 - u - v]
    }
}

/// A rectangle of pixels with the nearest surface seen in each.
pub(crate) struct Sight {
    pub top: i32,
    pub width: i32,
    pub height: i32,
    /// Depth in the room, −∞ where nothing is.
    pub depth: Vec<f32>,
    /// (surface, triangle) or (MAX, MAX).
    pub seen: Vec<(u32, u32)>,
}

pub(crate) const NOTHING: (u32, u32) = (u32::MAX, u32::MAX);

impl Sight {
    pub fn new(top: i32, width: i32, height: i32) -> Sight {
        let n = (width * height) as usize;
        Sight { top, width, height, depth: vec![f32::NEG_INFINITY; n], seen: vec![NOTHING; n] }
    }

    pub fn clear(&mut self) {
        self.depth.fill(f32::NEG_INFINITY);
        self.seen.fill(NOTHING);
    }

    /// Enters triangle `t` of `surface`, its pixel coordinates multiplied by `zoom`; returns whether it touched a pixel.
    pub fn enter(&mut self, number: u32, surface: &Surface, t: u32, zoom: f32) -> bool {
        let ids = surface.triangles[t as usize];
        let [a, b, c] = ids.map(|i| {
            let p = surface.screen[i as usize];
            (p.0 * zoom, p.1 * zoom - self.top as f32)
        });
        let z = ids.map(|i| surface.vertices[i as usize].at.z);
        let area = (b.0 - a.0) * (c.1 - a.1) - (b.1 - a.1) * (c.0 - a.0);
        if area.abs() < 1e-9 {
            return false;
        }
        let x0 = (a.0.min(b.0).min(c.0) - 0.5).ceil().max(0.0) as i32;
        let x1 = ((a.0.max(b.0).max(c.0) - 0.5).floor() as i32).min(self.width - 1);
        let y0 = (a.1.min(b.1).min(c.1) - 0.5).ceil().max(0.0) as i32;
        let y1 = ((a.1.max(b.1).max(c.1) - 0.5).floor() as i32).min(self.height - 1);
        let inv = 1.0 / area;
        let (ux, uy) = ((b.1 - c.1) * inv, (c.0 - b.0) * inv);
        let (vx, vy) = ((c.1 - a.1) * inv, (a.0 - c.0) * inv);
        let mut touched = false;
        for y in y0..=y1 {
            // Relative to corners: products of whole coordinates would round away what small triangles are made of.
            let py = y as f32 + 0.5;
            let u0 = (0.5 - c.0) * ux + (py - c.1) * uy;
            let v0 = (0.5 - a.0) * vx + (py - a.1) * vy;
            for x in x0..=x1 {
                let (u, v) = (u0 + ux * x as f32, v0 + vx * x as f32);
                let w = 1.0 - u - v;
                // A hair's breadth of overlap closes the seams that rounding would leave.
                if u < -1e-4 || v < -1e-4 || w < -1e-4 {
                    continue;
                }
                let depth = u * z[0] + v * z[1] + w * z[2];
                let i = (y * self.width + x) as usize;
                if depth > self.depth[i] {
                    self.depth[i] = depth;
                    self.seen[i] = (number, t);
                    touched = true;
                }
            }
        }
        touched
    }
}

/// A point of a surface given only where it is.
pub(crate) fn vertex(at: V3) -> Vertex {
    Vertex { at, normal: v3(0.0, 0.0, 1.0), paint: at, extra: 1.0 }
}
