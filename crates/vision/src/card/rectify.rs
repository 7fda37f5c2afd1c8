//! Lays a card flat: the quadrilateral becomes a rectangle of 400 dpi, in colour and as two planes with the paper's shading divided out.

use image::{GrayImage, Luma, Rgb, RgbImage};
use rayon::prelude::*;

use super::geometry::{Homography, Point};

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
/// Side of the cells, in pixels, in which the paper's brightness is taken.
const CELL: u32 = 32;

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
}

/// Lays flat what lies between the corners (upper left, upper right, lower right, lower left).
pub(super) fn flatten(pixels: &RgbImage, corners: &[Point; 4]) -> Flat {
    let map = Homography::onto(corners, WIDTH as f32, HEIGHT as f32);
    let mut colour = RgbImage::new(WIDTH, HEIGHT);
    let mut seen = GrayImage::new(WIDTH, HEIGHT);
    let row_bytes = WIDTH as usize * 3;
    colour
        .par_chunks_exact_mut(row_bytes)
        .zip(seen.par_chunks_exact_mut(WIDTH as usize))
        .enumerate()
        .for_each(|(y, (line, seen))| {
            // Two samples per pixel: a 12-megapixel capture has about twice this resolution.
            let y = y as f32;
            let upper = map.along(0.25, y + 0.25, 1.0);
            let lower = map.along(0.75, y + 0.75, 1.0);
            for ((first, second), (pixel, seen)) in
                upper.zip(lower).zip(line.chunks_exact_mut(3).zip(seen.iter_mut()))
            {
                let (Some(first), Some(second)) = (sample(pixels, first), sample(pixels, second)) else {
                    continue;
                };
                *seen = 255;
                for c in 0..3 {
                    pixel[c] = ((first[c] + second[c]) >> 9) as u8;
                }
            }
        });
    let (black, ink) = planes(&colour);
    Flat { colour, black, ink, seen }
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

impl Flat {
    /// The card turned by half a turn.
    pub fn upside_down(&self) -> Flat {
        use image::imageops::rotate180;
        Flat {
            colour: rotate180(&self.colour),
            black: rotate180(&self.black),
            ink: rotate180(&self.ink),
            seen: rotate180(&self.seen),
        }
    }
}

/// Divides the paper's local colour out of the picture: brightest and darkest channel as the paper's share of 255.
fn planes(colour: &RgbImage) -> (GrayImage, GrayImage) {
    let paper = paper(colour);
    let (mut black, mut ink) = (GrayImage::new(WIDTH, HEIGHT), GrayImage::new(WIDTH, HEIGHT));
    let rows = black.par_chunks_exact_mut(WIDTH as usize).zip(ink.par_chunks_exact_mut(WIDTH as usize));
    rows.enumerate().for_each(|(y, (black, ink))| {
        let under = paper.line(y as u32);
        let line = colour.as_raw().chunks_exact(3).skip(y * WIDTH as usize);
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
    columns: u32,
    rows: u32,
    cells: Vec<[f32; 3]>,
}

impl Paper {
    /// For each pixel of a line the factors, in 256ths, that make paper 255. Bilinear between the cells' centres; paper is taken to be
    /// no darker than 30, so that a dark table in the rounded corners is not blown up.
    fn line(&self, y: u32) -> Vec<[u32; 3]> {
        let place = |v: u32, n: u32| {
            let v = ((v as f32 + 0.5) / CELL as f32 - 0.5).clamp(0.0, n as f32 - 1.0);
            (v as u32, (v as u32 + 1).min(n - 1), v.fract())
        };
        let (top, bottom, fy) = place(y, self.rows);
        let between = |a: [f32; 3], b: [f32; 3], f: f32| -> [f32; 3] {
            std::array::from_fn(|c| a[c] + (b[c] - a[c]) * f)
        };
        let cell = |x: u32, y: u32| self.cells[(y * self.columns + x) as usize];
        let across: Vec<[f32; 3]> =
            (0..self.columns).map(|x| between(cell(x, top), cell(x, bottom), fy)).collect();
        (0..WIDTH)
            .map(|x| {
                let (left, right, fx) = place(x, self.columns);
                let paper = between(across[left as usize], across[right as usize], fx);
                paper.map(|c| (255.0 * 256.0 / c.max(30.0)) as u32)
            })
            .collect()
    }
}

/// Takes the 85th percentile of each channel in cells of 2 mm, spreads the brightest over its neighbours and smooths: strokes vanish,
/// shading stays.
fn paper(colour: &RgbImage) -> Paper {
    let (columns, rows) = (WIDTH.div_ceil(CELL), HEIGHT.div_ceil(CELL));
    let mut cells: Vec<[f32; 3]> = (0..columns * rows)
        .into_par_iter()
        .map(|i| {
            let (left, top) = ((i % columns) * CELL, (i / columns) * CELL);
            let mut values: [Vec<u8>; 3] = Default::default();
            for y in (top..(top + CELL).min(HEIGHT)).step_by(2) {
                for x in (left..(left + CELL).min(WIDTH)).step_by(2) {
                    let Rgb(pixel) = colour.get_pixel(x, y);
                    for c in 0..3 {
                        values[c].push(pixel[c]);
                    }
                }
            }
            values.map(|mut v| {
                let at = v.len() * 85 / 100;
                if v.is_empty() { 255.0 } else { f32::from(*v.select_nth_unstable(at).1) }
            })
        })
        .collect();
    let around = |cells: &[[f32; 3]], x: u32, y: u32, radius: u32| {
        let mut list = Vec::new();
        for ny in y.saturating_sub(radius)..=(y + radius).min(rows - 1) {
            for nx in x.saturating_sub(radius)..=(x + radius).min(columns - 1) {
                list.push(cells[(ny * columns + nx) as usize]);
            }
        }
        list
    };
    let each = |cells: &[[f32; 3]], radius: u32, join: &dyn Fn(&[[f32; 3]], usize) -> f32| -> Vec<[f32; 3]> {
        (0..columns * rows)
            .map(|i| {
                let near = around(cells, i % columns, i / columns, radius);
                std::array::from_fn(|c| join(&near, c))
            })
            .collect()
    };
    cells = each(&cells, 2, &|near, c| near.iter().map(|p| p[c]).fold(0.0, f32::max));
    cells = each(&cells, 2, &|near, c| near.iter().map(|p| p[c]).sum::<f32>() / near.len() as f32);
    Paper { columns, rows, cells }
}

/// A part of a plane, given in millimetres (left, top, right, bottom) and kept inside the card.
pub(super) fn part(plane: &GrayImage, area: [f32; 4]) -> GrayImage {
    let x = |mm: f32| ((mm * PER_MM).round().max(0.0) as u32).min(plane.width());
    let y = |mm: f32| ((mm * PER_MM).round().max(0.0) as u32).min(plane.height());
    let (left, top) = (x(area[0]), y(area[1]));
    let (width, height) = (x(area[2]).saturating_sub(left), y(area[3]).saturating_sub(top));
    if width == 0 || height == 0 {
        return GrayImage::from_pixel(1, 1, Luma([255]));
    }
    image::imageops::crop_imm(plane, left, top, width, height).to_image()
}
