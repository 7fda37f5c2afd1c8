//! Lays a card flat: the quadrilateral becomes a rectangle of 400 dpi, in colour and as two planes with the paper's shading divided out.

use image::{GrayImage, RgbImage};
use rayon::prelude::*;

use super::geometry::{Homography, Point, distance};

/// Pixels per millimetre of the flat card: 400 dpi.
pub(super) const PER_MM: f32 = 400.0 / 25.4;
/// Width of a card in millimetres.
pub(super) const WIDTH_MM: f32 = 85.6;
/// Height of a card in millimetres.
pub(super) const HEIGHT_MM: f32 = 54.0;
/// Width of the flat card in pixels.
pub(super) const WIDTH: u32 = 1348;
/// Height of the flat card in pixels.
pub(super) const HEIGHT: u32 = 850;
/// Side of the cells, in millimetres, in which the paper's brightness is taken.
const CELL_MM: f32 = 2.0;
/// Pixels per millimetre of a first glance.
pub(super) const GLANCE_PER_MM: f32 = 4.0;

/// A card laid flat.
#[derive(Debug, Clone)]
pub(super) struct Flat {
    /// The card as photographed.
    pub colour: RgbImage,
    /// Brightest channel over the paper's, 255 for paper: only black ink is dark, coloured labels are faint, pale marks are gone.
    pub black: GrayImage,
    /// Darkest channel over the paper's: ink of every colour is dark.
    pub ink: GrayImage,
    /// 255 where the card lies inside the picture.
    pub seen: GrayImage,
    /// What lies under the print, by cells.
    pub ground: Ground,
}

/// The colour of what lies under the print in square cells, row by row: the 85th percentile of each channel, 0 to 255.
#[derive(Debug, Clone)]
pub(super) struct Ground {
    pub columns: usize,
    pub cells: Vec<[f32; 3]>,
    /// Side of a cell in millimetres.
    pub side: f32,
}

/// Lays flat what lies between the corners (upper left, upper right, lower right, lower left).
pub(super) fn flatten(pixels: &RgbImage, corners: &[Point; 4]) -> Flat {
    let (colour, seen) = straighten(pixels, corners, [WIDTH, HEIGHT]);
    let cell = (CELL_MM * PER_MM).round() as u32;
    let ground = Ground::of(&colour, cell);
    let (black, ink) = planes(&colour, &Paper::over(&ground, cell));
    Flat { colour, black, ink, seen, ground }
}

/// A coarse look at what lies between the corners, at [`GLANCE_PER_MM`]: its ink and where it lies inside the picture, as in [`Flat`].
pub(super) fn glance(pixels: &RgbImage, corners: &[Point; 4]) -> (GrayImage, GrayImage) {
    let size = [WIDTH_MM, HEIGHT_MM].map(|mm| (mm * GLANCE_PER_MM) as u32);
    let (colour, seen) = straighten(pixels, corners, size);
    let cell = (CELL_MM * GLANCE_PER_MM).round() as u32;
    (planes(&colour, &Paper::over(&Ground::of(&colour, cell), cell)).1, seen)
}

/// The quadrilateral as a rectangle of that size, and 255 where it lies inside the picture.
fn straighten(pixels: &RgbImage, corners: &[Point; 4], [width, height]: [u32; 2]) -> (RgbImage, GrayImage) {
    let map = Homography::onto(corners, width as f32, height as f32);
    let mut colour = RgbImage::new(width, height);
    let mut seen = GrayImage::new(width, height);
    // One sample for each pixel, or two where the capture has clearly more of them.
    let fine = distance(corners[0], corners[1]) > 1.4 * width as f32;
    colour
        .par_chunks_exact_mut(width as usize * 3)
        .zip(seen.par_chunks_exact_mut(width as usize))
        .with_min_len(32)
        .enumerate()
        .for_each(|(y, (line, seen))| {
            let y = y as f32;
            if fine {
                let places = map.along(0.25, y + 0.25, 1.0).zip(map.along(0.75, y + 0.75, 1.0));
                for ((first, second), (pixel, seen)) in
                    places.zip(line.as_chunks_mut::<3>().0.iter_mut().zip(seen.iter_mut()))
                {
                    let (Some(first), Some(second)) = (sample(pixels, first), sample(pixels, second)) else {
                        continue;
                    };
                    *seen = 255;
                    *pixel = std::array::from_fn::<u8, 3, _>(|c| ((first[c] + second[c]) >> 9) as u8);
                }
            } else {
                let places = map.along(0.5, y + 0.5, 1.0);
                for (place, (pixel, seen)) in
                    places.zip(line.as_chunks_mut::<3>().0.iter_mut().zip(seen.iter_mut()))
                {
                    let Some(value) = sample(pixels, place) else { continue };
                    *seen = 255;
                    *pixel = value.map(|v| (v >> 8) as u8);
                }
            }
        });
    (colour, seen)
}

/// Bilinear sample of each channel, in 256ths; none outside the picture.
fn sample(pixels: &RgbImage, (x, y): Point) -> Option<[u32; 3]> {
    let (x, y) = (x - 0.5, y - 0.5);
    let (w, h) = (pixels.width() as usize, pixels.height() as usize);
    if !(x >= 0.0 && y >= 0.0) {
        return None;
    }
    let (left, top) = (x as usize, y as usize);
    if left + 1 >= w || top + 1 >= h {
        return None;
    }
    let (fx, fy) = (((x - left as f32) * 16.0) as u32, ((y - top as f32) * 16.0) as u32);
    let start = (top * w + left) * 3;
    let upper = pixels.as_raw().get(start..start + 6)?;
    let lower = pixels.as_raw().get(start + w * 3..start + w * 3 + 6)?;
    Some(std::array::from_fn(|c| {
        let above = u32::from(upper[c]) * (16 - fx) + u32::from(upper[c + 3]) * fx;
        let below = u32::from(lower[c]) * (16 - fx) + u32::from(lower[c + 3]) * fx;
        above * (16 - fy) + below * fy
    }))
}

/// Divides the paper's local colour out of the picture: brightest and darkest channel as the paper's share of 255.
fn planes(colour: &RgbImage, paper: &Paper) -> (GrayImage, GrayImage) {
    let (width, height) = colour.dimensions();
    let (mut black, mut ink) = (GrayImage::new(width, height), GrayImage::new(width, height));
    let rows = black.par_chunks_exact_mut(width as usize).zip(ink.par_chunks_exact_mut(width as usize));
    rows.with_min_len(32).enumerate().for_each(|(y, (black, ink))| {
        let under = paper.line(y as u32, width);
        let line = colour.as_raw().as_chunks::<3>().0[y * width as usize..].iter();
        for (((pixel, share), black), ink) in line.zip(&under).zip(black.iter_mut()).zip(ink.iter_mut()) {
            let of = |c: usize| (u32::from(pixel[c]) * share[c]) >> 8;
            let (r, g, b) = (of(0), of(1), of(2));
            *black = r.max(g).max(b).min(255) as u8;
            *ink = r.min(g).min(b).min(255) as u8;
        }
    });
    (black, ink)
}

/// The paper's colour on a coarse grid.
struct Paper {
    /// Side of a cell in pixels.
    cell: u32,
    columns: u32,
    rows: u32,
    cells: Vec<[f32; 3]>,
}

impl Ground {
    fn of(colour: &RgbImage, cell: u32) -> Ground {
        let (width, height) = colour.dimensions();
        let (columns, rows) = (width.div_ceil(cell), height.div_ceil(cell));
        let step = (cell / 12).max(1) as usize;
        let raw = colour.as_raw().as_chunks::<3>().0;
        let cells: Vec<[f32; 3]> = (0..columns * rows)
            .into_par_iter()
            .with_min_len(64)
            .map(|i| {
                let (left, top) = ((i % columns) * cell, (i / columns) * cell);
                let (right, bottom) = ((left + cell).min(width), (top + cell).min(height));
                let mut values: [Vec<u8>; 3] = Default::default();
                for y in (top..bottom).step_by(step) {
                    let line = &raw[(y * width) as usize..][left as usize..right as usize];
                    for pixel in line.iter().step_by(step) {
                        values.iter_mut().zip(pixel).for_each(|(values, value)| values.push(*value));
                    }
                }
                values.map(|mut v| {
                    let at = v.len() * 85 / 100;
                    if v.is_empty() { 255.0 } else { f32::from(*v.select_nth_unstable(at).1) }
                })
            })
            .collect();
        Ground { columns: columns as usize, cells, side: cell as f32 * WIDTH_MM / width as f32 }
    }
}

impl Paper {
    /// The brightest of the ground's cells around each, and of these the least: strokes vanish, and the edge of a shadow stays where it is.
    fn over(ground: &Ground, cell: u32) -> Paper {
        let (columns, rows) = (ground.columns as u32, (ground.cells.len() / ground.columns.max(1)) as u32);
        let spread = |cells: &[[f32; 3]], join: fn(f32, f32) -> f32| -> Vec<[f32; 3]> {
            // Rows, then columns: both ways of joining can be done one after the other.
            let (columns, rows) = (columns as usize, rows as usize);
            let pass = |cells: &[[f32; 3]], at: &dyn Fn(usize, usize) -> usize, long: usize, lines: usize| {
                let mut out = vec![[0.0; 3]; cells.len()];
                for line in 0..lines {
                    for i in 0..long {
                        let near = i.saturating_sub(2)..=(i + 2).min(long - 1);
                        let own = cells[at(line, i)];
                        out[at(line, i)] = near
                            .map(|k| cells[at(line, k)])
                            .fold(own, |a, b| std::array::from_fn(|c| join(a[c], b[c])));
                    }
                }
                out
            };
            let across = pass(cells, &|line, i| line * columns + i, columns, rows);
            pass(&across, &|line, i| i * columns + line, rows, columns)
        };
        let cells = spread(&spread(&ground.cells, f32::max), f32::min);
        Paper { cell, columns, rows, cells }
    }

    /// For each pixel of a line the factors, in 256ths, that make paper 255. Bilinear between the cells' centres; paper is taken to be
    /// no darker than 30, so that a dark table in the rounded corners is not blown up.
    fn line(&self, y: u32, width: u32) -> Vec<[u32; 3]> {
        let place = |v: u32, n: u32| {
            let v = ((v as f32 + 0.5) / self.cell as f32 - 0.5).clamp(0.0, n as f32 - 1.0);
            (v as u32, (v as u32 + 1).min(n - 1), v.fract())
        };
        let (top, bottom, fy) = place(y, self.rows);
        let between = |a: [f32; 3], b: [f32; 3], f: f32| -> [f32; 3] {
            std::array::from_fn(|c| a[c] + (b[c] - a[c]) * f)
        };
        let cell = |x: u32, y: u32| self.cells[(y * self.columns + x) as usize];
        let across: Vec<[f32; 3]> =
            (0..self.columns).map(|x| between(cell(x, top), cell(x, bottom), fy)).collect();
        (0..width)
            .map(|x| {
                let (left, right, fx) = place(x, self.columns);
                let paper = between(across[left as usize], across[right as usize], fx);
                paper.map(|c| (255.0 * 256.0 / c.max(30.0)) as u32)
            })
            .collect()
    }
}

/// Left, top, right and bottom pixel of a part of a plane, given in millimetres and kept inside the card.
pub(super) fn pixels_of(plane: &GrayImage, area: [f32; 4]) -> [u32; 4] {
    let x = |mm: f32| ((mm * PER_MM).round().max(0.0) as u32).min(plane.width());
    let y = |mm: f32| ((mm * PER_MM).round().max(0.0) as u32).min(plane.height());
    let (left, top) = (x(area[0]), y(area[1]));
    [left, top, x(area[2]).max(left), y(area[3]).max(top)]
}
