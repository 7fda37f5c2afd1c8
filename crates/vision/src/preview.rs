//! A capture made small, upright and free of what its file said about itself: to be looked at, with spots marked on it.

use image::RgbImage;
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

use crate::{decode::Capture, work::averaged};

/// Most pixels across and down: twice what a phone's page shows.
pub const MOST: [u32; 2] = [720, 1080];
const QUALITY: u8 = 80;

/// The capture as a JPEG of at most [`MOST`] pixels, in the capture's proportions; never enlarged.
pub fn preview(capture: &Capture) -> Option<Vec<u8>> {
    let (w, h) = capture.pixels.dimensions();
    let share = (MOST[0] as f32 / w as f32).min(MOST[1] as f32 / h as f32).min(1.0);
    let [width, height] = [w, h].map(|side| ((side as f32 * share).round() as u32).max(1));
    let small;
    let pixels = if share < 1.0 {
        small = averaged(&capture.pixels, [0.0, 0.0, w as f32, h as f32], [width, height])?;
        &small
    } else {
        &capture.pixels
    };
    jpeg(pixels, QUALITY)
}

/// Pixels as a JPEG of a quality of 1 to 100, colours at half the resolution; `None` above 65,535 pixels a side.
pub fn jpeg(pixels: &RgbImage, quality: u8) -> Option<Vec<u8>> {
    let mut jpeg = Vec::with_capacity(96 * 1024);
    let mut encoder = Encoder::new(&mut jpeg, quality);
    encoder.set_sampling_factor(SamplingFactor::F_2_2);
    let (width, height) = (u16::try_from(pixels.width()).ok()?, u16::try_from(pixels.height()).ok()?);
    encoder.encode(pixels.as_raw(), width, height, ColorType::Rgb).ok()?;
    Some(jpeg)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use image::Rgb;

    use super::*;
    use crate::decode::decode;

    /// A phone's file that is stored lying and says so; its upright upper left corner is red.
    fn lying(width: u16, height: u16) -> Vec<u8> {
        let (w, h) = (u32::from(width), u32::from(height));
        // Turned clockwise, the lower left corner comes to lie in the upper left.
        let stored = RgbImage::from_fn(w, h, |x, y| {
            if x < w / 4 && y >= h - h / 4 { Rgb([220, 20, 20]) } else { Rgb([90, 120, 150]) }
        });
        let mut tiff = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\0\0\0\0\0\0\0".to_vec();
        tiff[25] = 6;
        let mut out = Vec::new();
        let mut encoder = Encoder::new(&mut out, 95);
        encoder.add_app_segment(1, tiff).unwrap();
        encoder.encode(stored.as_raw(), width, height, ColorType::Rgb).unwrap();
        out
    }

    #[test]
    fn it_is_upright_small_and_says_nothing_of_the_file() {
        let file = lying(2000, 1500);
        let small = preview(&decode(&file).unwrap()).unwrap();
        let shown = decode(&small).unwrap();
        assert_eq!(shown.pixels.dimensions(), (720, 960));
        assert_eq!(shown.source.orientation, crate::decode::Orientation::Upright);
        assert!(!small.windows(4).any(|w| w == b"Exif"));
        let corner = shown.pixels.get_pixel(20, 20).0;
        assert!(corner[0] > 180 && corner[2] < 80, "{corner:?}");
    }

    #[test]
    fn it_stays_within_its_bounds_and_is_never_enlarged() {
        for (size, wanted) in
            [((1500, 600), (432, 1080)), ((3000, 300), (108, 1080)), ((200, 100), (100, 200))]
        {
            let shown = decode(&preview(&decode(&lying(size.0, size.1)).unwrap()).unwrap()).unwrap();
            assert_eq!(shown.pixels.dimensions(), wanted);
        }
    }
}
