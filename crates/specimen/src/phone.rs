//! Stores a picture as a phone does: JPEG, pixels in the sensor's order, the way up told by EXIF.

use image::{RgbImage, imageops};
use jpeg_encoder::{ColorType, Encoder, EncodingError, SamplingFactor};

/// Encodes the upright `picture` at `quality` (1 to 100, 4:2:0) with its pixels stored so that EXIF `orientation` (1 to 8, TIFF 6.0
/// tag 0x0112) brings them upright; another value counts as 1. Sides over 65 535 px cannot be encoded and give an empty file.
pub fn phone_jpeg(picture: &RgbImage, quality: u8, orientation: u8) -> Vec<u8> {
    encode(picture, quality, orientation).unwrap_or_default()
}

fn encode(picture: &RgbImage, quality: u8, orientation: u8) -> Result<Vec<u8>, EncodingError> {
    let orientation = if (1..=8).contains(&orientation) { orientation } else { 1 };
    let stored = as_stored(picture, orientation);
    let too_large = |_| EncodingError::Write("picture too large for JPEG".into());
    let (width, height) = (
        u16::try_from(stored.width()).map_err(too_large)?,
        u16::try_from(stored.height()).map_err(too_large)?,
    );
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, quality.clamp(1, 100));
    encoder.set_sampling_factor(SamplingFactor::R_4_2_0);
    encoder.add_exif_metadata(&exif(orientation))?;
    encoder.encode(stored.as_raw(), width, height, ColorType::Rgb)?;
    Ok(bytes)
}

/// The inverse of what a reader does for each orientation.
fn as_stored(picture: &RgbImage, orientation: u8) -> RgbImage {
    match orientation {
        2 => imageops::flip_horizontal(picture),
        3 => imageops::rotate180(picture),
        4 => imageops::flip_vertical(picture),
        5 => imageops::flip_horizontal(&imageops::rotate90(picture)),
        6 => imageops::rotate270(picture),
        7 => imageops::flip_horizontal(&imageops::rotate270(picture)),
        8 => imageops::rotate90(picture),
        _ => picture.clone(),
    }
}

/// A little-endian TIFF block with one IFD of one entry, the orientation.
fn exif(orientation: u8) -> Vec<u8> {
    let mut tiff = b"II*\0\x08\0\0\0\x01\0".to_vec();
    tiff.extend_from_slice(&0x0112u16.to_le_bytes());
    tiff.extend_from_slice(&3u16.to_le_bytes());
    tiff.extend_from_slice(&1u32.to_le_bytes());
    tiff.extend_from_slice(&[orientation, 0, 0, 0]);
    tiff.extend_from_slice(&0u32.to_le_bytes());
    tiff
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::io::Cursor;

    use image::{DynamicImage, ImageDecoder, ImageReader, Rgb};

    use super::*;

    #[test]
    fn every_orientation_is_read_upright() {
        // Red above, blue below at the left, green below at the right: no two orientations look alike.
        let upright = RgbImage::from_fn(64, 96, |x, y| match (y < 48, x < 32) {
            (true, _) => Rgb([220, 30, 30]),
            (false, true) => Rgb([30, 30, 220]),
            (false, false) => Rgb([30, 220, 30]),
        });
        for orientation in 1..=8 {
            let bytes = phone_jpeg(&upright, 92, orientation);
            let mut decoder =
                ImageReader::new(Cursor::new(&bytes)).with_guessed_format().unwrap().into_decoder().unwrap();
            let told = decoder.orientation().unwrap();
            assert_eq!(told.to_exif(), orientation);
            let mut read = DynamicImage::from_decoder(decoder).unwrap();
            read.apply_orientation(told);
            let read = read.to_rgb8();
            assert_eq!(read.dimensions(), (64, 96));
            for at in [(10, 10), (50, 10), (10, 80), (50, 80)] {
                let (a, b) = (upright.get_pixel(at.0, at.1).0, read.get_pixel(at.0, at.1).0);
                assert!(
                    a.iter().zip(b).all(|(a, b)| a.abs_diff(b) < 24),
                    "orientation {orientation}: {a:?} read as {b:?}"
                );
            }
        }
    }

    #[test]
    fn a_picture_too_large_for_jpeg_gives_an_empty_file() {
        assert!(phone_jpeg(&RgbImage::new(65_536, 1), 90, 1).is_empty());
    }
}
