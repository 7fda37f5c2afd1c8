//! WebP, lossy and lossless.

use std::io::{Cursor, ErrorKind};

use image::RgbImage;
use image_webp::{DecodingError, WebPDecoder};

use super::{DecodeError, Format, MAX_PIXELS, Orientation, Stored, admit, png::on_white};

pub(super) fn decode(bytes: &[u8]) -> Result<Stored, DecodeError> {
    let promised = bytes.get(4..8).and_then(|b| b.try_into().ok()).map_or(0, u32::from_le_bytes) as usize;
    if promised > bytes.len().saturating_sub(8) {
        return Err(DecodeError::Truncated);
    }
    let mut decoder = WebPDecoder::new(Cursor::new(bytes)).map_err(error)?;
    let (width, height) = decoder.dimensions();
    admit(width, height)?;
    decoder.set_memory_limit(MAX_PIXELS as usize * 4);
    let mut buffer = vec![0; decoder.output_buffer_size().ok_or(DecodeError::Damaged)?];
    decoder.read_image(&mut buffer).map_err(error)?;
    let orientation = match decoder.exif_metadata() {
        Ok(Some(exif)) => Orientation::from_exif(exif.strip_prefix(b"Exif\0\0").unwrap_or(&exif)),
        _ => Orientation::Upright,
    };
    let pixels = if decoder.has_alpha() {
        buffer.chunks_exact(4).flat_map(|p| [p[0], p[1], p[2]].map(|c| on_white(c, p[3]))).collect()
    } else {
        buffer
    };
    let pixels = RgbImage::from_raw(width, height, pixels).ok_or(DecodeError::Damaged)?;
    Ok(Stored {
        pixels,
        size: [width, height],
        format: Format::Webp,
        orientation,
        quality: None,
        greyscale: false,
    })
}

fn error(error: DecodingError) -> DecodeError {
    match error {
        DecodingError::IoError(e) if e.kind() == ErrorKind::UnexpectedEof => DecodeError::Truncated,
        _ => DecodeError::Damaged,
    }
}
