//! PNG, expanded to 8-bit RGB; text and profiles are never inflated, so that only the pixels can cost memory.

use std::io::{Cursor, ErrorKind};

use image::RgbImage;
use png::{ColorType, Decoder, DecodingError, Transformations};

use super::{DecodeError, Format, Orientation, Stored, admit};

pub(super) fn decode(bytes: &[u8]) -> Result<Stored, DecodeError> {
    let mut decoder = Decoder::new(Cursor::new(bytes));
    decoder.set_transformations(Transformations::EXPAND | Transformations::STRIP_16);
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    let header = decoder.read_header_info().map_err(error)?;
    let (width, height) = (header.width, header.height);
    admit(width, height)?;
    let greyscale = matches!(header.color_type, ColorType::Grayscale | ColorType::GrayscaleAlpha);
    let mut reader = decoder.read_info().map_err(error)?;
    let mut buffer = vec![0; reader.output_buffer_size().ok_or(DecodeError::Damaged)?];
    let frame = reader.next_frame(&mut buffer).map_err(error)?;
    if (frame.width, frame.height) != (width, height) {
        return Err(DecodeError::Damaged);
    }
    let orientation =
        reader.info().exif_metadata.as_deref().map_or(Orientation::Upright, Orientation::from_exif);
    let pixels = match frame.color_type {
        ColorType::Rgb => buffer,
        ColorType::Rgba => {
            buffer.chunks_exact(4).flat_map(|p| [p[0], p[1], p[2]].map(|c| on_white(c, p[3]))).collect()
        }
        ColorType::Grayscale => buffer.iter().flat_map(|&grey| [grey; 3]).collect(),
        ColorType::GrayscaleAlpha => buffer.chunks_exact(2).flat_map(|p| [on_white(p[0], p[1]); 3]).collect(),
        ColorType::Indexed => return Err(DecodeError::Damaged),
    };
    let pixels = RgbImage::from_raw(width, height, pixels).ok_or(DecodeError::Damaged)?;
    Ok(Stored { pixels, size: [width, height], format: Format::Png, orientation, quality: None, greyscale })
}

/// One channel composited on white.
pub(super) fn on_white(channel: u8, alpha: u8) -> u8 {
    let (c, a) = (u32::from(channel), u32::from(alpha));
    ((c * a + 255 * (255 - a) + 127) / 255) as u8
}

fn error(error: DecodingError) -> DecodeError {
    match error {
        DecodingError::IoError(e) if e.kind() == ErrorKind::UnexpectedEof => DecodeError::Truncated,
        _ => DecodeError::Damaged,
    }
}
