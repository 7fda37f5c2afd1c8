//! A font's Han characters as shapes, and how a glyph seen in a picture stands to one of them and to those that resemble it.
//!
//! Shapes are directions of gradients, pooled on a coarse grid after normalising the ink by its moments (Liu et al., Handwritten digit
//! recognition: investigation of normalization and feature extraction techniques, Pattern Recognition 37, 2004): width of strokes and
//! proportions of a typeface matter little to them, so that a card need not be printed in the font that it is held against.

use std::sync::OnceLock;

use ab_glyph::{Font, FontVec, PxScale, point};
use domain::name::is_han;

/// Side of the square onto which ink is normalised.
const SIDE: usize = 48;
/// Pooling cells along each side.
const CELLS: usize = 8;
/// Directions that a gradient is split into.
const DIRECTIONS: usize = 8;
/// Numbers that describe a shape.
const LENGTH: usize = CELLS * CELLS * DIRECTIONS;
/// A shape has the length 1 as a vector; its numbers are kept in this many parts of 1.
const PARTS: f32 = 1000.0;
/// Em in pixels at which the font is drawn, and the blur, in such pixels, of an ordinary capture.
const EM: f32 = 64.0;
const BLUR: f32 = 1.2;
/// Rivals of a character: those of the font that resemble it most.
const RIVALS: usize = 64;
/// Shapes less than this apart are one shape, drawn for two code points: no picture can tell them apart.
const SAME: f32 = 0.004;

/// Ink cut out of a picture.
#[derive(Debug, Clone)]
pub(crate) struct Patch {
    /// Pixels of a line.
    pub width: usize,
    /// How dark each pixel is, line by line: 0 paper, 1 ink.
    pub ink: Vec<f32>,
    /// Em of the writing in pixels.
    pub em: f32,
}

/// How a glyph seen in a picture stands to a character.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Likeness {
    /// Squared distance between the shapes: 0 the same, 2 nothing in common.
    pub distance: f32,
    /// By how much the character is nearer than any rival, over the rival's own distance from the character: 1 for the character's own
    /// shape, 0 halfway between it and a rival, -1 for the rival's shape.
    pub lead: f32,
}

/// The shape of one glyph.
type Shape = [u8; LENGTH];

/// Fonts and the shapes of their Han characters; the first font that has a character draws it.
pub(crate) struct Glyphs {
    fonts: Vec<FontVec>,
    index: OnceLock<Vec<(char, Shape)>>,
}

impl Glyphs {
    /// Glyphs of these fonts, each the bytes of a TrueType or OpenType file; of a collection the first face is taken. A file that is no
    /// font is left out and told of.
    pub fn new(files: Vec<Vec<u8>>) -> Glyphs {
        let opened = files.into_iter().filter_map(|bytes| {
            FontVec::try_from_vec_and_index(bytes, 0)
                .inspect_err(|_| tracing::error!("a font for names is damaged: run `make models`"))
                .ok()
        });
        Glyphs { fonts: opened.collect(), index: OnceLock::new() }
    }

    /// Makes the shapes of all characters now.
    pub fn prepare(&self) {
        self.index();
    }

    fn font_of(&self, character: char) -> Option<&FontVec> {
        self.fonts.iter().find(|font| font.glyph_id(character).0 != 0)
    }

    /// How the ink stands to `character` and to what resembles it; none for a character that no font has.
    pub fn likeness(&self, patch: &Patch, character: char) -> Option<Likeness> {
        let own = self.shape_of(character)?;
        let seen = shape(patch)?;
        let index = self.index();
        // Of each character: how far from the one in question, and how far from what is seen.
        let mut rivals: Vec<(f32, f32)> = index
            .iter()
            .filter(|(other, _)| *other != character)
            .map(|(_, other)| (apart(&own, other), apart(&seen, other)))
            .filter(|(from_own, _)| *from_own > SAME)
            .collect();
        let nearest = rivals.iter().copied().min_by(|a, b| a.1.total_cmp(&b.1));
        if rivals.len() > RIVALS {
            rivals.select_nth_unstable_by(RIVALS, |a, b| a.0.total_cmp(&b.0));
            rivals.truncate(RIVALS);
        }
        let distance = apart(&own, &seen);
        let lead = rivals
            .into_iter()
            .chain(nearest)
            .map(|(from_own, from_seen)| (from_seen - distance) / from_own)
            .fold(1.0, f32::min);
        Some(Likeness { distance, lead })
    }

    /// How much nearer the ink is to `one` than to `other`, over the distance between the two: 1 for the shape of the one, -1 for that of
    /// the other; none where a font lacks either, or draws both alike.
    pub fn nearer(&self, patch: &Patch, one: char, other: char) -> Option<f32> {
        let (one, other, seen) = (self.shape_of(one)?, self.shape_of(other)?, shape(patch)?);
        let between = apart(&one, &other);
        (between > SAME).then(|| (apart(&seen, &other) - apart(&seen, &one)) / between)
    }

    /// The shapes of all Han characters of the fonts. Takes seconds when first asked for.
    fn index(&self) -> &[(char, Shape)] {
        self.index.get_or_init(|| {
            let mut characters: Vec<char> = self
                .fonts
                .iter()
                .flat_map(|font| font.codepoint_ids().map(|(_, character)| character))
                .filter(|c| is_han(*c))
                .collect();
            characters.sort_unstable();
            characters.dedup();
            // Threads of its own: a pool's, waiting for this, might take up a name that waits for it too.
            let threads = std::thread::available_parallelism().map_or(1, usize::from);
            let shapes = |part: &[char]| {
                part.iter().filter_map(|c| Some((*c, self.shape_of(*c)?))).collect::<Vec<_>>()
            };
            std::thread::scope(|scope| {
                let parts: Vec<_> = characters
                    .chunks(characters.len().div_ceil(threads).max(1))
                    .map(|part| scope.spawn(move || shapes(part)))
                    .collect();
                parts.into_iter().flat_map(|part| part.join().unwrap_or_default()).collect()
            })
        })
    }

    fn shape_of(&self, character: char) -> Option<Shape> {
        shape(&self.draw(character)?)
    }

    fn draw(&self, character: char) -> Option<Patch> {
        let font = self.font_of(character)?;
        // ab_glyph scales by ascent minus descent.
        let scale = PxScale::from(EM * font.height_unscaled() / font.units_per_em()?);
        let glyph = font.glyph_id(character).with_scale_and_position(scale, point(0.0, 0.0));
        let outline = font.outline_glyph(glyph)?;
        let bounds = outline.px_bounds();
        const PAD: usize = 4;
        let (width, height) = (bounds.width() as usize + 2 * PAD, bounds.height() as usize + 2 * PAD);
        let mut ink = vec![0.0; width * height];
        outline.draw(|x, y, coverage| {
            if let Some(pixel) = ink.get_mut((y as usize + PAD) * width + x as usize + PAD) {
                *pixel = coverage;
            }
        });
        Some(Patch { width, ink: blurred(&ink, width, BLUR), em: EM })
    }
}

/// Squared distance between two shapes.
fn apart(a: &Shape, b: &Shape) -> f32 {
    let sum: u32 = a.iter().zip(b).map(|(a, b)| u32::from(a.abs_diff(*b)).pow(2)).sum();
    sum as f32 / (PARTS * PARTS)
}

/// The shape of the ink; none where there is none.
fn shape(patch: &Patch) -> Option<Shape> {
    let square = blurred(&normalised(patch)?, SIDE, 0.8);
    let mut planes = vec![0.0f32; DIRECTIONS * SIDE * SIDE];
    for y in 1..SIDE - 1 {
        for x in 1..SIDE - 1 {
            let at = |x: usize, y: usize| square[y * SIDE + x];
            let (across, down) = (at(x + 1, y) - at(x - 1, y), at(x, y + 1) - at(x, y - 1));
            let steep = across.hypot(down);
            if steep < 1e-3 {
                continue;
            }
            let turn = down.atan2(across) / std::f32::consts::TAU * DIRECTIONS as f32;
            let (below, share) = (turn.floor(), turn - turn.floor());
            let below = (below as i32).rem_euclid(DIRECTIONS as i32) as usize;
            planes[below * SIDE * SIDE + y * SIDE + x] += steep * (1.0 - share);
            planes[(below + 1) % DIRECTIONS * SIDE * SIDE + y * SIDE + x] += steep * share;
        }
    }
    let weights = weights();
    let mut pooled = [0.0f32; LENGTH];
    for (plane, into) in planes.chunks_exact(SIDE * SIDE).zip(pooled.chunks_exact_mut(CELLS * CELLS)) {
        for (y, line) in plane.chunks_exact(SIDE).enumerate() {
            if line.iter().all(|v| *v == 0.0) {
                continue;
            }
            let across: [f32; CELLS] =
                std::array::from_fn(|g| weights[g].iter().zip(line).map(|(w, v)| w * v).sum());
            for (g, into) in into.chunks_exact_mut(CELLS).enumerate() {
                for (sum, value) in into.iter_mut().zip(across) {
                    *sum += weights[g][y] * value;
                }
            }
        }
    }
    // The root of a histogram: strong edges count for less against faint ones.
    let total: f32 = pooled.iter().sum();
    (total > 0.0).then(|| pooled.map(|v| ((v / total).sqrt() * PARTS).round().min(255.0) as u8))
}

/// How much each line (or column) of the square counts in each pooling cell.
fn weights() -> &'static [[f32; SIDE]; CELLS] {
    static WEIGHTS: OnceLock<[[f32; SIDE]; CELLS]> = OnceLock::new();
    WEIGHTS.get_or_init(|| {
        let step = SIDE as f32 / CELLS as f32;
        std::array::from_fn(|cell| {
            let middle = (cell as f32 + 0.5) * step;
            let bell: [f32; SIDE] =
                std::array::from_fn(|i| (-0.5 * ((i as f32 + 0.5 - middle) / (0.62 * step)).powi(2)).exp());
            let sum: f32 = bell.iter().sum();
            bell.map(|w| w / sum)
        })
    })
}

/// The ink on a square: its centre of mass in the middle, its spread the same for every glyph, within bounds that keep a 一 flat.
fn normalised(patch: &Patch) -> Option<Vec<f32>> {
    let height = patch.ink.len() / patch.width.max(1);
    let (mut mass, mut x, mut y, mut xx, mut yy) = (0.0f64, 0.0f64, 0.0f64, 0.0f64, 0.0f64);
    for (row, line) in patch.ink.chunks_exact(patch.width.max(1)).enumerate() {
        for (column, ink) in line.iter().enumerate() {
            let (ink, column, row) = (f64::from(*ink), column as f64, row as f64);
            mass += ink;
            x += ink * column;
            y += ink * row;
            xx += ink * column * column;
            yy += ink * row * row;
        }
    }
    if mass < 1.0 {
        return None;
    }
    let (x, y) = (x / mass, y / mass);
    let step = |square: f64, mean: f64| {
        let spread = (square / mass - mean * mean).max(0.0).sqrt() as f32;
        spread.clamp(0.17 * patch.em, 0.33 * patch.em) / (0.225 * SIDE as f32)
    };
    let (across, down) = (step(xx, x), step(yy, y));
    let at = |x: i32, y: i32| {
        let inside = x >= 0 && y >= 0 && (x as usize) < patch.width && (y as usize) < height;
        if inside { patch.ink[y as usize * patch.width + x as usize] } else { 0.0 }
    };
    let middle = SIDE as f32 / 2.0;
    let mut square = Vec::with_capacity(SIDE * SIDE);
    for row in 0..SIDE {
        let sy = (row as f32 + 0.5 - middle) * down + y as f32;
        for column in 0..SIDE {
            let sx = (column as f32 + 0.5 - middle) * across + x as f32;
            let (left, top) = (sx.floor(), sy.floor());
            let (fx, fy) = (sx - left, sy - top);
            let (left, top) = (left as i32, top as i32);
            let upper = at(left, top) * (1.0 - fx) + at(left + 1, top) * fx;
            let lower = at(left, top + 1) * (1.0 - fx) + at(left + 1, top + 1) * fx;
            square.push(upper * (1.0 - fy) + lower * fy);
        }
    }
    Some(square)
}

/// Gaussian blur; what lies outside is paper.
fn blurred(ink: &[f32], width: usize, sigma: f32) -> Vec<f32> {
    let reach = (3.0 * sigma).ceil() as usize;
    let bell: Vec<f32> =
        (0..=2 * reach).map(|i| (-0.5 * ((i as f32 - reach as f32) / sigma).powi(2)).exp()).collect();
    let sum: f32 = bell.iter().sum();
    let height = ink.len() / width.max(1);
    let mut across = vec![0.0; ink.len()];
    for (line, out) in ink.chunks_exact(width).zip(across.chunks_exact_mut(width)) {
        for (i, weight) in bell.iter().enumerate() {
            let (from, to) = (reach.saturating_sub(i), (width + reach).saturating_sub(i).min(width));
            for x in from..to {
                out[x] += weight / sum * line[x + i - reach];
            }
        }
    }
    let mut down = vec![0.0; ink.len()];
    for y in 0..height {
        for (i, weight) in bell.iter().enumerate() {
            let Some(from) = (y + i).checked_sub(reach).filter(|from| *from < height) else { continue };
            let (out, line) = (&mut down[y * width..][..width], &across[from * width..][..width]);
            for (out, value) in out.iter_mut().zip(line) {
                *out += weight / sum * value;
            }
        }
    }
    down
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::model::testing::models;

    fn scaled(patch: &Patch, by: f32) -> Patch {
        let height = patch.ink.len() / patch.width;
        let (width, lines) = ((patch.width as f32 * by) as usize, (height as f32 * by) as usize);
        let ink = (0..lines * width)
            .map(|i| {
                let (x, y) = ((i % width) as f32 / by, (i / width) as f32 / by);
                patch.ink[(y as usize).min(height - 1) * patch.width + (x as usize).min(patch.width - 1)]
            })
            .collect();
        Patch { width, ink, em: patch.em * by }
    }

    #[test]
    fn a_glyph_of_another_size_is_nearest_to_its_own_character() {
        let Some(glyphs) = models().and_then(|m| m.glyphs()) else { return };
        for (character, similar) in [('赟', '赞'), ('淼', '森'), ('嬿', '燕'), ('龑', '龚'), ('㛃', '洁')]
        {
            let seen = scaled(&glyphs.draw(character).unwrap(), 0.8);
            let own = glyphs.likeness(&seen, character).unwrap();
            let other = glyphs.likeness(&seen, similar).unwrap();
            assert!(own.distance < 0.03 && own.lead > 0.5, "{character} {own:?}");
            assert!(other.lead < -0.2, "{character} for {similar}: {other:?}");
        }
    }

    #[test]
    fn paper_and_what_no_font_has_are_like_nothing() {
        let Some(glyphs) = models().and_then(|m| m.glyphs()) else { return };
        let paper = Patch { width: 40, ink: vec![0.0; 1600], em: 40.0 };
        assert_eq!(glyphs.likeness(&paper, '王'), None);
        let drawn = glyphs.draw('王').unwrap();
        assert_eq!(glyphs.likeness(&drawn, '\u{2a6d6}'), None);
    }

    #[test]
    fn without_a_font_there_is_no_likeness() {
        let none = Glyphs::new(vec![b"no font".to_vec()]);
        assert!(none.draw('王').is_none());
    }
}
