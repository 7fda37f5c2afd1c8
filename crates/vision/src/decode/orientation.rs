//! EXIF orientation: how a camera was held, undone.

use image::RgbImage;
use rayon::prelude::*;
use serde::Serialize;

/// What has to be done to the stored picture to see it upright (EXIF 2.32, tag 0x0112).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Orientation {
    /// 1: nothing.
    #[default]
    Upright,
    /// 2: mirror left to right.
    MirrorHorizontal,
    /// 3: turn by 180°.
    Rotate180,
    /// 4: mirror top to bottom.
    MirrorVertical,
    /// 5: mirror over the falling diagonal.
    Transpose,
    /// 6: turn clockwise by 90°.
    Rotate90,
    /// 7: mirror over the rising diagonal.
    Transverse,
    /// 8: turn counter-clockwise by 90°.
    Rotate270,
}

impl Orientation {
    /// By the tag's value; anything else than 2 to 8 means upright.
    #[must_use]
    pub fn from_tag(value: u32) -> Orientation {
        match value {
            2 => Orientation::MirrorHorizontal,
            3 => Orientation::Rotate180,
            4 => Orientation::MirrorVertical,
            5 => Orientation::Transpose,
            6 => Orientation::Rotate90,
            7 => Orientation::Transverse,
            8 => Orientation::Rotate270,
            _ => Orientation::Upright,
        }
    }

    /// From an EXIF block (the TIFF structure, without the `Exif\0\0` that JPEG puts before it). A broken block means upright.
    pub(super) fn from_exif(tiff: &[u8]) -> Orientation {
        let Ok(exif) = exif::Reader::new().read_raw(tiff.to_vec()) else { return Orientation::Upright };
        let tag = exif
            .get_field(exif::Tag::Orientation, exif::In::PRIMARY)
            .and_then(|field| field.value.get_uint(0))
            .unwrap_or(1);
        Orientation::from_tag(tag)
    }

    fn swaps_sides(self) -> bool {
        matches!(self, Self::Transpose | Self::Rotate90 | Self::Transverse | Self::Rotate270)
    }

    /// Width and height of the upright picture.
    pub(super) fn upright_size(self, [width, height]: [u32; 2]) -> [u32; 2] {
        if self.swaps_sides() { [height, width] } else { [width, height] }
    }

    /// The stored position of the upright picture's pixel (x, y); `w`, `h` are the stored size.
    fn origin(self, x: usize, y: usize, w: usize, h: usize) -> (usize, usize) {
        match self {
            Self::Upright => (x, y),
            Self::MirrorHorizontal => (w - 1 - x, y),
            Self::Rotate180 => (w - 1 - x, h - 1 - y),
            Self::MirrorVertical => (x, h - 1 - y),
            Self::Transpose => (y, x),
            Self::Rotate90 => (y, h - 1 - x),
            Self::Transverse => (w - 1 - y, h - 1 - x),
            Self::Rotate270 => (w - 1 - y, x),
        }
    }

    /// The upright picture. Quarter turns go in bands of rows, so that the column-wise reads stay in the cache.
    pub(super) fn upright(self, stored: RgbImage) -> RgbImage {
        const BAND: usize = 32;
        if self == Self::Upright {
            return stored;
        }
        let (w, h) = (stored.width() as usize, stored.height() as usize);
        let (out_w, out_h) = if self.swaps_sides() { (h, w) } else { (w, h) };
        let source = stored.as_raw();
        let mut out = RgbImage::new(out_w as u32, out_h as u32);
        out.par_chunks_mut(out_w * 3 * BAND).enumerate().for_each(|(band, rows)| {
            let height = rows.len() / (out_w * 3);
            for x0 in (0..out_w).step_by(BAND) {
                for row in 0..height {
                    for x in x0..(x0 + BAND).min(out_w) {
                        let (sx, sy) = self.origin(x, band * BAND + row, w, h);
                        let (from, to) = ((sy * w + sx) * 3, (row * out_w + x) * 3);
                        rows[to..to + 3].copy_from_slice(&source[from..from + 3]);
                    }
                }
            }
        });
        out
    }
}

#[cfg(test)]
mod tests {
    use image::Rgb;

    use super::*;

    /// 3 × 2, numbered by rows.
    fn numbered() -> RgbImage {
        RgbImage::from_fn(3, 2, |x, y| Rgb([(y * 3 + x) as u8, 0, 0]))
    }

    fn rows(image: &RgbImage) -> Vec<Vec<u8>> {
        image.rows().map(|row| row.map(|p| p.0[0]).collect()).collect()
    }

    #[test]
    fn every_orientation_is_undone_as_exif_defines_it() {
        let expected: [(u32, &[&[u8]]); 8] = [
            (1, &[&[0, 1, 2], &[3, 4, 5]]),
            (2, &[&[2, 1, 0], &[5, 4, 3]]),
            (3, &[&[5, 4, 3], &[2, 1, 0]]),
            (4, &[&[3, 4, 5], &[0, 1, 2]]),
            (5, &[&[0, 3], &[1, 4], &[2, 5]]),
            (6, &[&[3, 0], &[4, 1], &[5, 2]]),
            (7, &[&[5, 2], &[4, 1], &[3, 0]]),
            (8, &[&[2, 5], &[1, 4], &[0, 3]]),
        ];
        for (tag, want) in expected {
            assert_eq!(rows(&Orientation::from_tag(tag).upright(numbered())), want, "tag {tag}");
        }
    }

    #[test]
    fn large_pictures_turn_like_small_ones() {
        let image = RgbImage::from_fn(131, 77, |x, y| Rgb([x as u8, y as u8, 0]));
        let turned = Orientation::Rotate90.upright(image.clone());
        assert_eq!(turned, image::imageops::rotate90(&image));
    }
}
