//! Turns figures and a backdrop into pixels, band by band in parallel.

use image::{GrayImage, RgbImage};
use rayon::prelude::*;

use super::{
    backdrop::Backdrop,
    figure::{Figure, Material},
    mesh::{NOTHING, Sight, Surface},
    vector::{V3, lerp, smooth, v3},
};

/// Rows per band.
const BAND: usize = 64;
/// One pixel in the map of openness stands for this many of the picture's.
const COARSE: f32 = 12.0;

/// How open to the room each point is, from how much nearer its surroundings are (Luft, Colditz and Deussen 2006), coarse.
struct Openness {
    width: i32,
    height: i32,
    /// Mean depth around, for a narrow and a wide surrounding.
    around: [Vec<f32>; 2],
}

impl Openness {
    fn new(figure: &Figure, width: u32, height: u32) -> Openness {
        let (w, h) = ((width as f32 / COARSE).ceil() as i32, (height as f32 / COARSE).ceil() as i32);
        let mut sight = Sight::new(0, w, h);
        for (_, surface) in &figure.solid {
            for t in 0..surface.triangles.len() as u32 {
                sight.enter(0, surface, t, 1.0 / COARSE);
            }
        }
        let scale = figure.camera.scale / COARSE;
        let around = [0.9, 3.0].map(|cm| spread(&sight.depth, w, h, (cm * scale).max(1.0) as i32));
        Openness { width: w, height: h, around }
    }

    fn at(&self, x: f32, y: f32, depth: f32) -> f32 {
        let (px, py) = ((x / COARSE - 0.5).max(0.0), (y / COARSE - 0.5).max(0.0));
        let (ix, iy) = ((px as i32).min(self.width - 2), (py as i32).min(self.height - 2));
        let (tx, ty) = ((px - ix as f32).min(1.0), (py - iy as f32).min(1.0));
        let mut open = 1.0;
        for (map, (reach, most)) in self.around.iter().zip([(1.1, 0.42), (4.5, 0.45)]) {
            let get = |dx: i32, dy: i32| map[((iy + dy) * self.width + ix + dx) as usize];
            let near = lerp(lerp(get(0, 0), get(1, 0), tx), lerp(get(0, 1), get(1, 1), tx), ty);
            open *= 1.0 - most * smooth(0.0, 1.0, (near - depth) / reach);
        }
        open
    }
}

/// Mean of the known depths within `radius` (a box run twice), the depth itself where nothing is known.
fn spread(depth: &[f32], w: i32, h: i32, radius: i32) -> Vec<f32> {
    let mut sum: Vec<f32> = depth.iter().map(|&d| if d.is_finite() { d } else { 0.0 }).collect();
    let mut weight: Vec<f32> = depth.iter().map(|&d| if d.is_finite() { 1.0 } else { 0.0 }).collect();
    for _ in 0..2 {
        for map in [&mut sum, &mut weight] {
            box_blur(map, w, h, radius);
        }
    }
    sum.iter().zip(&weight).map(|(s, k)| if *k > 1e-3 { s / k } else { -100.0 }).collect()
}

fn box_blur(map: &mut [f32], w: i32, h: i32, radius: i32) {
    let mut run = |start: i32, step: i32, n: i32| {
        let line: Vec<f32> = (0..n).map(|k| map[(start + k * step) as usize]).collect();
        let mut total: f32 = line.iter().take(radius as usize + 1).sum();
        for k in 0..n {
            map[(start + k * step) as usize] = total / (2 * radius + 1) as f32;
            if k + radius + 1 < n {
                total += line[(k + radius + 1) as usize];
            }
            if k >= radius {
                total -= line[(k - radius) as usize];
            }
        }
    };
    for y in 0..h {
        run(y * w, 1, w);
    }
    for x in 0..w {
        run(x, w, h);
    }
}

/// For every band, the triangles of each surface that may touch it.
struct Bins(Vec<Vec<Vec<u32>>>);

impl Bins {
    fn new<'a>(surfaces: impl Iterator<Item = &'a Surface>, bands: usize) -> Bins {
        Bins(
            surfaces
                .map(|surface| {
                    let mut by_band = vec![Vec::new(); bands];
                    for (k, t) in surface.triangles.iter().enumerate() {
                        let (top, bottom) = surface.rows(t);
                        // One more row on each side is drawn for the lens's softness.
                        let first = ((top - 2.0) / BAND as f32).floor().max(0.0) as usize;
                        let last = ((bottom + 2.0) / BAND as f32).floor();
                        if last >= 0.0 {
                            for band in by_band.iter_mut().take(last as usize + 1).skip(first) {
                                band.push(k as u32);
                            }
                        }
                    }
                    by_band
                })
                .collect(),
        )
    }
}

/// Draws `figures`, back to front, before `backdrop`. Returns the pixels and how much of each people cover.
pub(crate) fn draw(
    figures: &[Figure],
    backdrop: &Backdrop,
    width: u32,
    height: u32,
) -> (RgbImage, GrayImage) {
    let bands = (height as usize).div_ceil(BAND);
    let prepared: Vec<(&Figure, Bins, Bins, Openness)> = figures
        .par_iter()
        .map(|f| {
            let solid = Bins::new(f.solid.iter().map(|s| &s.1), bands);
            let shells = Bins::new(f.shells.iter().map(|s| &s.1), bands);
            (f, solid, shells, Openness::new(f, width, height))
        })
        .collect();
    let w = width as usize;
    let mut pixels = RgbImage::new(width, height);
    let mut cover = GrayImage::new(width, height);
    pixels.par_chunks_mut(w * 3 * BAND).zip(cover.par_chunks_mut(w * BAND)).enumerate().for_each(
        |(band, (out, out_cover))| {
            let rows = out_cover.len() / w;
            let mut canvas = Canvas::new(band, w, rows);
            for (figure, solid, shells, openness) in &prepared {
                canvas.add(figure, band, solid, shells, openness);
            }
            canvas.finish(backdrop, height, out, out_cover);
        },
    );
    (pixels, cover)
}

/// One band with one more row above and below, people alone.
struct Canvas {
    top: i32,
    width: usize,
    rows: usize,
    /// Their colour times how much of the pixel they cover.
    colour: Vec<V3>,
    cover: Vec<f32>,
}

impl Canvas {
    fn new(band: usize, width: usize, rows: usize) -> Canvas {
        let n = width * (rows + 2);
        let top = (band * BAND) as i32 - 1;
        Canvas { top, width, rows, colour: vec![V3::ZERO; n], cover: vec![0.0; n] }
    }

    fn add(&mut self, figure: &Figure, band: usize, solid: &Bins, shells: &Bins, openness: &Openness) {
        if solid.0.iter().chain(&shells.0).all(|s| s[band].is_empty()) {
            return;
        }
        let (w, h) = (self.width as i32, self.rows as i32 + 2);
        let mut sight = Sight::new(self.top, w, h);
        for (number, (_, surface)) in figure.solid.iter().enumerate() {
            for &t in &solid.0[number][band] {
                sight.enter(number as u32, surface, t, 1.0);
            }
        }
        let (across, top) = (self.width, self.top);
        let shade = |parts: &[(Material, Surface)], (number, t): (u32, u32), i: usize| {
            let (x, y) = ((i % across) as f32 + 0.5, (i / across) as f32 + top as f32 + 0.5);
            let (material, surface) = &parts[number as usize];
            let v = surface.at(t, surface.weights(t, x, y));
            figure.colour(*material, &v, openness.at(x, y, v.at.z))
        };
        let mut painted: Vec<(usize, V3, f32)> = Vec::new();
        for (i, &seen) in sight.seen.iter().enumerate() {
            if seen != NOTHING {
                let (c, a) = shade(&figure.solid, seen, i);
                painted.push((i, c, a));
            }
        }
        self.lay(&mut painted);
        for stroke in &figure.strokes {
            stroke.draw(w, self.top, self.top + h, |x, y, cover, depth| {
                let i = ((y - self.top) * w + x) as usize;
                if sight.depth[i] < depth + 0.45 {
                    painted.push((i, stroke.colour, cover));
                }
            });
        }
        self.lay(&mut painted);
        let mut shell = Sight::new(self.top, w, h);
        for number in 0..figure.shells.len() {
            let triangles = &shells.0[number][band];
            if triangles.is_empty() {
                continue;
            }
            shell.clear();
            for &t in triangles {
                shell.enter(number as u32, &figure.shells[number].1, t, 1.0);
            }
            for (i, &seen) in shell.seen.iter().enumerate() {
                if seen != NOTHING && shell.depth[i] > sight.depth[i] - 0.02 {
                    let (c, a) = shade(&figure.shells, seen, i);
                    painted.push((i, c, a));
                }
            }
            self.lay(&mut painted);
        }
    }

    /// Lays what was painted over what is there.
    fn lay(&mut self, painted: &mut Vec<(usize, V3, f32)>) {
        for (i, c, a) in painted.drain(..) {
            self.colour[i] = self.colour[i].mix(c, a);
            self.cover[i] += a - self.cover[i] * a;
        }
    }

    /// Softens as a lens does (1-2-1 both ways), lays the people before the backdrop as light adds up, and writes the band's
    /// own rows.
    fn finish(&self, backdrop: &Backdrop, height: u32, out: &mut [u8], out_cover: &mut [u8]) {
        let w = self.width;
        let mut line = vec![V3::ZERO; w];
        let mut line_cover = vec![0.0f32; w];
        for y in 0..self.rows {
            let i = (y + 1) * w;
            for x in 0..w {
                line[x] = (self.colour[i - w + x] + self.colour[i + w + x]) * 0.25 + self.colour[i + x] * 0.5;
                line_cover[x] =
                    (self.cover[i - w + x] + self.cover[i + w + x]) * 0.25 + self.cover[i + x] * 0.5;
            }
            for x in 0..w {
                let (l, r) = (x.saturating_sub(1), (x + 1).min(w - 1));
                let c = (line[l] + line[r]) * 0.25 + line[x] * 0.5;
                let a = (line_cover[l] + line_cover[r]) * 0.25 + line_cover[x] * 0.5;
                let byte = |v: f32| (v * 255.0 + 0.5).clamp(0.0, 255.0) as u8;
                let down = (self.top + 1 + y as i32) as f32 + 0.5;
                let behind = || backdrop.at((x as f32 + 0.5) / w as f32, down / height as f32);
                let c = match a {
                    a if a <= 0.0 => behind(),
                    a if a >= 1.0 => c,
                    a => encoded(decoded(behind()).mix(decoded(c * (1.0 / a)), a)),
                };
                let o = (y * w + x) * 3;
                out[o] = byte(c.x);
                out[o + 1] = byte(c.y);
                out[o + 2] = byte(c.z);
                out_cover[y * w + x] = byte(a);
            }
        }
    }
}

/// Picture values to light, as sRGB defines it (IEC 61966-2-1).
fn decoded(v: V3) -> V3 {
    let one = |v: f32| if v <= 0.04045 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) };
    v3(one(v.x), one(v.y), one(v.z))
}

/// Light to picture values.
fn encoded(light: V3) -> V3 {
    let one = |v: f32| if v <= 0.003_130_8 { v * 12.92 } else { 1.055 * v.powf(1.0 / 2.4) - 0.055 };
    v3(one(light.x), one(light.y), one(light.z))
}

/// Enlarges by Catmull and Rom's cubic (Keys 1981, a = −1/2), `C` bytes per pixel.
pub(crate) fn enlarge<const C: usize>(from: &[u8], size: (u32, u32), to: (u32, u32)) -> Vec<u8> {
    let (w, h, out_w, out_h) = (size.0 as usize, size.1 as usize, to.0 as usize, to.1 as usize);
    let taps = |k: usize, n: usize, out_n: usize| {
        let at = (k as f32 + 0.5) * n as f32 / out_n as f32 - 0.5;
        let t = at - at.floor();
        let first = at.floor() as isize - 1;
        let index: [usize; 4] =
            std::array::from_fn(|i| (first + i as isize).clamp(0, n as isize - 1) as usize);
        let (t2, t3) = (t * t, t * t * t);
        let weight = [
            (2.0 * t2 - t - t3) * 0.5,
            (3.0 * t3 - 5.0 * t2 + 2.0) * 0.5,
            (4.0 * t2 + t - 3.0 * t3) * 0.5,
            (t3 - t2) * 0.5,
        ];
        (index, weight)
    };
    let columns: Vec<([usize; 4], [f32; 4])> = (0..out_w).map(|x| taps(x, w, out_w)).collect();
    let mut out = vec![0u8; out_w * out_h * C];
    out.par_chunks_mut(out_w * C).enumerate().for_each_init(
        || vec![0.0f32; w * C],
        |line, (y, row)| {
            let (index, weight) = taps(y, h, out_h);
            let rows = index.map(|i| &from[i * w * C..(i + 1) * w * C]);
            for (x, sum) in line.iter_mut().enumerate() {
                *sum = f32::from(rows[0][x]) * weight[0]
                    + f32::from(rows[1][x]) * weight[1]
                    + f32::from(rows[2][x]) * weight[2]
                    + f32::from(rows[3][x]) * weight[3];
            }
            for ((index, weight), pixel) in columns.iter().zip(row.chunks_exact_mut(C)) {
                for (c, value) in pixel.iter_mut().enumerate() {
                    let sum: f32 = (0..4).map(|i| line[index[i] * C + c] * weight[i]).sum();
                    *value = (sum + 0.5).clamp(0.0, 255.0) as u8;
                }
            }
        },
    );
    out
}
