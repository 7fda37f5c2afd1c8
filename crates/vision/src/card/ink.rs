//! Where ink lies on a flat card: rows of print, groups within a row, and how many glyphs a row holds.

use image::GrayImage;

use super::rectify::PER_MM;

/// A rectangle of ink, in millimetres on the card.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Row {
    pub left: f32,
    pub top: f32,
    pub right: f32,
    pub bottom: f32,
}

impl Row {
    /// The row's vertical middle.
    pub fn middle(&self) -> f32 {
        (self.top + self.bottom) / 2.0
    }

    /// Height of the ink.
    pub fn height(&self) -> f32 {
        self.bottom - self.top
    }

    /// Width of the ink.
    pub fn width(&self) -> f32 {
        self.right - self.left
    }

    /// The row with `x` millimetres of paper at its ends and `y` above and below: left, top, right, bottom.
    pub fn padded(&self, x: f32, y: f32) -> [f32; 4] {
        [self.left - x, self.top - y, self.right + x, self.bottom + y]
    }
}

/// A part of a plane as ink and no ink.
struct Mask {
    left: u32,
    top: u32,
    width: usize,
    ink: Vec<bool>,
}

impl Mask {
    /// Splits the area (millimetres: left, top, right, bottom) halfway between paper and its darkest ink; none where all is paper.
    fn of(plane: &GrayImage, area: [f32; 4]) -> Option<Mask> {
        let px = |mm: f32, end: u32| ((mm * PER_MM).round().max(0.0) as u32).min(end);
        let (left, right) = (px(area[0], plane.width()), px(area[2], plane.width()));
        let (top, bottom) = (px(area[1], plane.height()), px(area[3], plane.height()));
        if right <= left || bottom <= top {
            return None;
        }
        let mut counts = [0usize; 256];
        for y in top..bottom {
            for x in left..right {
                counts[usize::from(plane.get_pixel(x, y)[0])] += 1;
            }
        }
        let few = (right - left) as usize * (bottom - top) as usize / 300;
        let mut below = 0;
        let darkest = counts.iter().position(|n| {
            below += n;
            below > few
        })?;
        let contrast = 255 - darkest;
        if contrast < 70 {
            return None;
        }
        let limit = 255 - contrast / 2;
        let mut ink = Vec::with_capacity((right - left) as usize * (bottom - top) as usize);
        for y in top..bottom {
            ink.extend((left..right).map(|x| usize::from(plane.get_pixel(x, y)[0]) < limit));
        }
        Some(Mask { left, top, width: (right - left) as usize, ink })
    }

    fn per_line(&self) -> Vec<usize> {
        self.ink.chunks_exact(self.width).map(|line| line.iter().filter(|i| **i).count()).collect()
    }

    fn per_column(&self) -> Vec<usize> {
        let mut counts = vec![0; self.width];
        for line in self.ink.chunks_exact(self.width) {
            for (count, ink) in counts.iter_mut().zip(line) {
                *count += usize::from(*ink);
            }
        }
        counts
    }
}

/// Spans of counts of at least `least`, joined over gaps of less than `gap` millimetres and dropped when shorter than `length`.
fn spans(counts: &[usize], least: usize, gap: f32, length: f32) -> Vec<(usize, usize)> {
    let mut found: Vec<(usize, usize)> = Vec::new();
    for (i, &count) in counts.iter().enumerate() {
        if count < least {
            continue;
        }
        match found.last_mut() {
            Some(last) if ((i - last.1) as f32) < gap * PER_MM => last.1 = i + 1,
            _ => found.push((i, i + 1)),
        }
    }
    found.retain(|(from, to)| (to - from) as f32 >= length * PER_MM);
    found
}

/// Rows of print in the area (millimetres: left, top, right, bottom), from top to bottom.
pub(super) fn rows(plane: &GrayImage, area: [f32; 4]) -> Vec<Row> {
    let Some(mask) = Mask::of(plane, area) else { return Vec::new() };
    let mut rows = Vec::new();
    for (from, to) in spans(&mask.per_line(), 3, 0.5, 1.0) {
        let (top, bottom) =
            ((mask.top as usize + from) as f32 / PER_MM, (mask.top as usize + to) as f32 / PER_MM);
        let groups = groups(plane, [area[0], top, area[2], bottom], 200.0);
        if let Some(row) = groups.first() {
            rows.push(Row { top, bottom, ..*row });
        }
    }
    rows
}

/// Groups of ink in the area that are at least `gap` millimetres apart, from left to right, each with the area's own height.
pub(super) fn groups(plane: &GrayImage, area: [f32; 4], gap: f32) -> Vec<Row> {
    let Some(mask) = Mask::of(plane, area) else { return Vec::new() };
    spans(&mask.per_column(), 2, gap, 0.25)
        .into_iter()
        .map(|(from, to)| Row {
            left: (mask.left as usize + from) as f32 / PER_MM,
            right: (mask.left as usize + to) as f32 / PER_MM,
            top: area[1],
            bottom: area[3],
        })
        .collect()
}

/// How many square glyphs of one size stand in the row: the number whose cell borders meet the least ink, with each cell between
/// 0.9 and 1.25 times as wide as the ink is high. A middle dot takes a cell of its own. 0 for an empty row.
pub(super) fn cells(plane: &GrayImage, row: &Row) -> u8 {
    let Some(mask) = Mask::of(plane, [row.left, row.top, row.right, row.bottom]) else { return 0 };
    let counts = mask.per_column();
    let width = counts.len() as f32;
    // A name of flat glyphs only is lower than its em; no card prints names below 2.9 mm or above 4.4 mm.
    let height = row.height().clamp(2.9, 4.4) * PER_MM;
    let mut best: Option<(f32, u8)> = None;
    for n in 1..=20u8 {
        // The ink of n glyphs lacks about a tenth of a cell: the bearings of the first and the last.
        let cell = width / (f32::from(n) - 0.1);
        let plausible = (0.9..1.25).contains(&(cell / height)) || (n == 1 && cell < 1.25 * height);
        if !plausible {
            continue;
        }
        let reach = (cell * 0.07).max(1.0) as i32;
        let mut crossed = 0.0;
        for border in 1..n {
            let x = (f32::from(border) - 0.05) * cell;
            let least = (-reach..=reach)
                .filter_map(|d| counts.get((x as i32 + d).max(0) as usize))
                .min()
                .copied()
                .unwrap_or(0);
            crossed += least as f32 / height;
        }
        // Cells near the usual 1.07 times the ink's height are preferred among equals.
        let cost = crossed / f32::from(n.max(2) - 1) + 0.3 * (cell / height - 1.07).abs();
        if best.is_none_or(|(least, _)| cost < least) {
            best = Some((cost, n));
        }
    }
    best.map_or(0, |b| b.1)
}

/// One of the `of` cells of a row, counted from 0.
pub(super) fn cell(row: &Row, number: usize, of: u8) -> Row {
    let width = row.width() / (f32::from(of.max(1)) - 0.1);
    let left = row.left + width * (number as f32 - 0.05);
    Row { left, right: left + width, ..*row }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use image::Luma;

    use super::*;

    /// A plane with boxes of ink, given in millimetres.
    fn plane(boxes: &[[f32; 4]]) -> GrayImage {
        let mut plane = GrayImage::from_pixel(1348, 850, Luma([250]));
        for area in boxes {
            let [left, top, right, bottom] = area.map(|mm| (mm * PER_MM) as u32);
            for y in top..bottom {
                for x in left..right {
                    plane.put_pixel(x, y, Luma([20]));
                }
            }
        }
        plane
    }

    #[test]
    fn rows_are_found_from_top_to_bottom() {
        let plane = plane(&[[14.0, 6.0, 24.0, 9.0], [14.0, 12.0, 17.0, 15.0], [30.0, 12.0, 33.0, 15.0]]);
        let rows = rows(&plane, [12.0, 3.0, 50.0, 40.0]);
        assert_eq!(rows.len(), 2);
        assert!((rows[1].right - 33.0).abs() < 0.2);
        assert_eq!(groups(&plane, [12.0, 12.0, 50.0, 15.0], 2.0).len(), 2);
    }

    #[test]
    fn blank_paper_has_no_rows() {
        assert!(rows(&plane(&[]), [12.0, 3.0, 50.0, 40.0]).is_empty());
    }

    #[test]
    fn three_glyphs_are_three_cells() {
        let glyphs: Vec<[f32; 4]> =
            (0..3).map(|i| 14.0 + 3.5 * i as f32).map(|x| [x, 6.0, x + 3.2, 9.3]).collect();
        let plane = plane(&glyphs);
        let row = rows(&plane, [12.0, 3.0, 50.0, 40.0])[0];
        assert_eq!(cells(&plane, &row), 3);
    }
}
