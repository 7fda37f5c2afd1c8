//! Print sheets: copies of one ID photo on photo paper, at their true size, with cutting marks.

use image::{Rgb, RgbImage, imageops};
use jpeg_encoder::{ColorType, Encoder, PixelDensity, SamplingFactor};

/// Paper that photo shops and printers take; millimetres.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Paper {
    /// 5 inch, 3R: 127 × 89 mm.
    FiveInch,
    /// 6 inch, 4R: 152 × 102 mm.
    SixInch,
    /// A4 (ISO 216): 297 × 210 mm.
    A4,
}

impl Paper {
    /// Every paper.
    pub const ALL: [Paper; 3] = [Paper::FiveInch, Paper::SixInch, Paper::A4];

    /// The word for it on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Paper::FiveInch => "5in",
            Paper::SixInch => "6in",
            Paper::A4 => "a4",
        }
    }

    /// Long and short side, in millimetres.
    pub fn sides(self) -> [f32; 2] {
        match self {
            Paper::FiveInch => [127.0, 89.0],
            Paper::SixInch => [152.0, 102.0],
            Paper::A4 => [297.0, 210.0],
        }
    }
}

/// Where the copies lie, in pixels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// Width and height of the sheet.
    pub sheet: [u32; 2],
    /// Width and height of a photo.
    pub photo: [u32; 2],
    /// Upper left corners, row by row.
    pub places: Vec<[u32; 2]>,
}

/// Printers leave this much of the edge blank, in millimetres.
const MARGIN: f32 = 4.0;
/// Room for a cutting mark between two photos, in millimetres.
const GAP: f32 = 3.0;
/// Length of a cutting mark, in millimetres.
const MARK: f32 = 2.0;
const MARK_COLOUR: Rgb<u8> = Rgb([120, 120, 120]);
const QUALITY: u8 = 95;

impl Layout {
    /// As many copies of a photo of `photo` pixels at `dpi` as the paper holds, lying or standing, in the middle of it.
    /// `None` if not one fits.
    pub fn of(paper: Paper, photo: [u32; 2], dpi: u16) -> Option<Layout> {
        let pixels = |mm: f32| (mm / 25.4 * f32::from(dpi)).round() as u32;
        let [long, short] = paper.sides().map(pixels);
        let (margin, gap) = (pixels(MARGIN), pixels(GAP));
        let [standing, lying] = [[short, long], [long, short]].map(|sheet| {
            let count = |room: u32, side: u32| {
                room.saturating_sub(2 * margin).saturating_add(gap) / (side + gap).max(1)
            };
            let counts = [count(sheet[0], photo[0]), count(sheet[1], photo[1])];
            let start: [u32; 2] = std::array::from_fn(|i| {
                sheet[i].saturating_sub(counts[i] * (photo[i] + gap)).saturating_add(gap) / 2
            });
            let at = |i: usize, n: u32| start[i] + n * (photo[i] + gap);
            let places = (0..counts[1])
                .flat_map(|row| (0..counts[0]).map(move |column| [column, row]))
                .map(|[column, row]| [at(0, column), at(1, row)])
                .collect();
            Layout { sheet, photo, places }
        });
        let best = if standing.places.len() > lying.places.len() { standing } else { lying };
        (!best.places.is_empty()).then_some(best)
    }
}

/// A sheet to print.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// The file: JPEG with the density that prints it at true size.
    pub jpeg: Vec<u8>,
    /// Width and height in pixels.
    pub size: [u32; 2],
    /// How many copies are on it.
    pub copies: usize,
}

/// Copies of an ID photo on paper. `None` if the photo is larger than the paper.
pub fn sheet(photo: &RgbImage, dpi: u16, paper: Paper) -> Option<Sheet> {
    let layout = Layout::of(paper, [photo.width(), photo.height()], dpi)?;
    let mut pixels = RgbImage::from_pixel(layout.sheet[0], layout.sheet[1], Rgb([255; 3]));
    let length = (MARK / 25.4 * f32::from(dpi)).round() as u32;
    for place in &layout.places {
        mark(&mut pixels, *place, layout.photo, length);
    }
    // Photos come last, so that no mark reaches into one.
    for [x, y] in &layout.places {
        imageops::replace(&mut pixels, photo, i64::from(*x), i64::from(*y));
    }
    let (width, height) = (u16::try_from(layout.sheet[0]).ok()?, u16::try_from(layout.sheet[1]).ok()?);
    let mut jpeg = Vec::with_capacity(1 << 20);
    let mut encoder = Encoder::new(&mut jpeg, QUALITY);
    encoder.set_density(PixelDensity::dpi(dpi));
    encoder.set_sampling_factor(SamplingFactor::F_1_1);
    encoder.encode(pixels.as_raw(), width, height, ColorType::Rgb).ok()?;
    Some(Sheet { jpeg, size: layout.sheet, copies: layout.places.len() })
}

/// Lines outside the corners, in line with the edges.
fn mark(pixels: &mut RgbImage, [x, y]: [u32; 2], [width, height]: [u32; 2], length: u32) {
    let (w, h) = (pixels.width(), pixels.height());
    let mut dot = |x: u32, y: u32| {
        if x < w && y < h {
            pixels.put_pixel(x, y, MARK_COLOUR);
        }
    };
    for step in 1..=length {
        for column in [x, x + width - 1] {
            dot(column, y.saturating_sub(step));
            dot(column, y + height - 1 + step);
        }
        for row in [y, y + height - 1] {
            dot(x.saturating_sub(step), row);
            dot(x + width - 1 + step, row);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn papers_hold_what_photo_shops_put_on_them() {
        // 一寸 25 × 35 mm and 二寸 35 × 49 mm at 300 dpi.
        let copies = |paper, photo| Layout::of(paper, photo, 300).unwrap().places.len();
        assert_eq!(copies(Paper::FiveInch, [295, 413]), 9);
        assert_eq!(copies(Paper::SixInch, [413, 579]), 4);
        assert_eq!(copies(Paper::A4, [295, 413]), 50);
    }

    #[test]
    fn photos_are_there_pixel_for_pixel_before_encoding_and_marks_lie_outside() {
        let photo = RgbImage::from_pixel(295, 413, Rgb([10, 120, 200]));
        let sheet = sheet(&photo, 300, Paper::FiveInch).unwrap();
        let read = crate::decode::decode(&sheet.jpeg).unwrap().pixels;
        assert_eq!([read.width(), read.height()], sheet.size);
        let layout = Layout::of(Paper::FiveInch, [295, 413], 300).unwrap();
        for [x, y] in layout.places {
            let middle = read.get_pixel(x + 147, y + 206).0;
            assert!(middle.iter().zip([10u8, 120, 200]).all(|(a, b)| a.abs_diff(b) < 4), "{middle:?}");
            let marked = read.get_pixel(x, y - 10).0;
            assert!(marked[0] < 190, "a cutting mark stands above the corner: {marked:?}");
            let blank = read.get_pixel(x + 147, y - 10).0;
            assert!(blank[0] > 240, "nothing above the middle of the edge: {blank:?}");
        }
    }

    #[test]
    fn a_photo_larger_than_the_paper_has_no_sheet() {
        assert_eq!(Layout::of(Paper::FiveInch, [2000, 2000], 300), None);
    }

    proptest! {
        #[test]
        fn copies_keep_the_margin_and_each_other_apart(
            paper in prop::sample::select(Paper::ALL.to_vec()),
            photo in [50u32..900, 50u32..900],
            dpi in 72u16..600,
        ) {
            let Some(layout) = Layout::of(paper, photo, dpi) else { return Ok(()) };
            let margin = (MARGIN / 25.4 * f32::from(dpi)) as u32;
            for (i, a) in layout.places.iter().enumerate() {
                for axis in 0..2 {
                    prop_assert!(a[axis] >= margin.saturating_sub(1));
                    prop_assert!(a[axis] + photo[axis] + margin <= layout.sheet[axis] + 2);
                }
                for b in &layout.places[..i] {
                    prop_assert!((0..2).any(|axis| a[axis].abs_diff(b[axis]) > photo[axis]));
                }
            }
        }
    }
}
