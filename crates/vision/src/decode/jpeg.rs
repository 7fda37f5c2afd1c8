//! JPEG: the header's facts from a walk over the markers; the pixels from libjpeg-turbo where they are wanted smaller, which it
//! does while decoding, and else from zune-jpeg.

use image::RgbImage;
use turbojpeg::{Decompressor, Image, PixelFormat, ScalingFactor};
use zune_jpeg::{
    JpegDecoder,
    errors::{DecodeErrors, UnsupportedSchemes},
    zune_core::{bytestream::ZCursor, colorspace::ColorSpace, options::DecoderOptions},
};

use super::{DecodeError, Enough, Format, MAX_PIXELS, Orientation, Stored, admit};

/// Longest side that is read; wide enough for every picture within the pixel limit that is not a ribbon.
const MAX_SIDE: usize = 65_500;

/// The work that a file's scans may ask for, in pixels: one with many scans over many pixels would keep a processor busy for
/// minutes, and no camera writes such a file.
const MAX_SCANNED: u64 = 20 * MAX_PIXELS;

/// Decodes a file at the resolution that is enough.
pub(super) fn decode(bytes: &[u8], enough: Enough) -> Result<Stored, DecodeError> {
    let header = Header::read(bytes)?;
    admit(header.width, header.height)?;
    if header.scans * u64::from(header.width) * u64::from(header.height) > MAX_SCANNED {
        return Err(DecodeError::Damaged);
    }
    let stored = |pixels| Stored {
        pixels,
        size: [header.width, header.height],
        format: Format::Jpeg,
        orientation: header.exif.map_or(Orientation::Upright, Orientation::from_exif),
        quality: header.luminance.as_ref().map(quality),
        greyscale: header.components == 1,
    };
    let shorter = header.width.min(header.height);
    let large = u64::from(header.width) * u64::from(header.height) > enough.pixels;
    let halved = (1..=3).rev().find(|halvings| large && shorter >> halvings >= enough.shorter_side);
    // What libjpeg-turbo finds fault with gets a second opinion.
    match halved.and_then(|halvings| smaller(bytes, &header, 1 << halvings)) {
        Some(pixels) => Ok(stored(pixels)),
        None => whole(bytes).map(stored),
    }
}

/// The picture at one part in `parts` of its width and height; `None` if anything is odd about it.
fn smaller(bytes: &[u8], header: &Header<'_>, parts: usize) -> Option<RgbImage> {
    let mut decompressor = Decompressor::new().ok()?;
    let scale = ScalingFactor::new(1, parts);
    decompressor.set_scaling_factor(scale).ok()?;
    let (width, height) = (scale.scale(header.width as usize), scale.scale(header.height as usize));
    let mut pixels = vec![0; width * height * 3];
    let image =
        Image { pixels: pixels.as_mut_slice(), width, pitch: width * 3, height, format: PixelFormat::RGB };
    decompressor.decompress(bytes, image).ok()?;
    RgbImage::from_raw(u32::try_from(width).ok()?, u32::try_from(height).ok()?, pixels)
}

/// The picture as it is stored.
fn whole(bytes: &[u8]) -> Result<RgbImage, DecodeError> {
    let options = DecoderOptions::new_fast()
        .set_strict_mode(false)
        .set_max_width(MAX_SIDE)
        .set_max_height(MAX_SIDE)
        .jpeg_set_out_colorspace(ColorSpace::RGB);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().map_err(error)?;
    let (width, height) =
        decoder.info().map(|i| (u32::from(i.width), u32::from(i.height))).ok_or(DecodeError::Damaged)?;
    admit(width, height)?;
    let size = decoder.output_buffer_size().ok_or(DecodeError::Damaged)?;
    if size as u64 > MAX_PIXELS * 3 {
        return Err(DecodeError::Damaged);
    }
    let mut buffer = vec![0; size];
    decoder.decode_into(&mut buffer).map_err(error)?;
    RgbImage::from_raw(width, height, buffer).ok_or(DecodeError::Damaged)
}

fn error(error: DecodeErrors) -> DecodeError {
    match error {
        DecodeErrors::Unsupported(
            UnsupportedSchemes::LosslessHuffman
            | UnsupportedSchemes::ExtendedSequentialHuffman
            | UnsupportedSchemes::ExtendedSequentialDctArithmetic
            | UnsupportedSchemes::ProgressiveDctArithmetic
            | UnsupportedSchemes::LosslessArithmetic,
        ) => DecodeError::Unsupported { kind: "lossless or arithmetic-coded JPEG" },
        DecodeErrors::ExhaustedData | DecodeErrors::IoErrors(_) => DecodeError::Truncated,
        _ => DecodeError::Damaged,
    }
}

/// What the markers say (ITU-T T.81 annex B).
struct Header<'a> {
    width: u32,
    height: u32,
    components: u8,
    /// How many times entropy-coded data begins.
    scans: u64,
    /// The EXIF block, without the `Exif\0\0` before it.
    exif: Option<&'a [u8]>,
    /// Quantisation table 0, in zigzag order.
    luminance: Option<[u16; 64]>,
}

impl<'a> Header<'a> {
    /// Walks the markers to the end-of-image marker. A file without one was cut off in transfer.
    fn read(bytes: &'a [u8]) -> Result<Header<'a>, DecodeError> {
        let mut header = Header { width: 0, height: 0, components: 0, scans: 0, exif: None, luminance: None };
        let mut at = 2;
        loop {
            let offset =
                memchr::memchr(0xFF, bytes.get(at..).unwrap_or_default()).ok_or(DecodeError::Truncated)?;
            at += offset + 1;
            let marker = *bytes.get(at).ok_or(DecodeError::Truncated)?;
            match marker {
                // Stuffed byte, restart, fill byte, temporary: no segment follows.
                0x00 | 0x01 | 0xD0..=0xD8 => at += 1,
                0xFF => {}
                0xD9 if header.components > 0 => return Ok(header),
                0xD9 => at += 1,
                _ => {
                    let segment = bytes
                        .get(at + 1..at + 3)
                        .map(|b| usize::from(u16::from_be_bytes([b[0], b[1]])))
                        .and_then(|length| bytes.get(at + 3..(at + 1 + length.max(2))))
                        .ok_or(DecodeError::Truncated)?;
                    match marker {
                        0xC0..=0xCF if !matches!(marker, 0xC4 | 0xC8 | 0xCC) => header.frame(segment)?,
                        0xDB => header.tables(segment),
                        0xDA => header.scans += 1,
                        0xE1 => header.exif = header.exif.or(segment.strip_prefix(b"Exif\0\0")),
                        _ => {}
                    }
                    at += 3 + segment.len();
                }
            }
        }
    }

    fn frame(&mut self, segment: &[u8]) -> Result<(), DecodeError> {
        let &[_, h1, h0, w1, w0, components, ..] = segment else { return Err(DecodeError::Damaged) };
        // A second frame: decoders take the first one's size, and we would have bounded another.
        if self.components > 0 {
            return Err(DecodeError::Damaged);
        }
        self.height = u32::from(u16::from_be_bytes([h1, h0]));
        self.width = u32::from(u16::from_be_bytes([w1, w0]));
        self.components = components;
        if components == 0 { Err(DecodeError::Damaged) } else { Ok(()) }
    }

    fn tables(&mut self, mut segment: &[u8]) {
        while let Some((&kind, rest)) = segment.split_first() {
            let wide = kind >> 4 != 0;
            let Some((values, rest)) = rest.split_at_checked(if wide { 128 } else { 64 }) else { return };
            segment = rest;
            if kind & 15 == 0 && self.luminance.is_none() {
                let mut table = [0; 64];
                for (i, slot) in table.iter_mut().enumerate() {
                    *slot = if wide {
                        u16::from_be_bytes([values[2 * i], values[2 * i + 1]])
                    } else {
                        u16::from(values[i])
                    };
                }
                self.luminance = Some(table);
            }
        }
    }
}

/// ITU-T T.81 table K.1, in zigzag order.
const LUMINANCE: [u16; 64] = [
    16, 11, 12, 14, 12, 10, 16, 14, 13, 14, 18, 17, 16, 19, 24, 40, 26, 24, 22, 22, 24, 49, 35, 37, 29, 40,
    58, 51, 61, 60, 57, 51, 56, 55, 64, 72, 92, 78, 64, 68, 87, 69, 55, 56, 80, 109, 81, 87, 95, 98, 103,
    104, 103, 62, 77, 113, 121, 112, 100, 120, 92, 101, 103, 99,
];

/// The libjpeg quality whose luminance table is nearest.
fn quality(table: &[u16; 64]) -> u8 {
    let distance = |quality: u32| -> u32 {
        let scale = if quality < 50 { 5000 / quality } else { 200 - 2 * quality };
        let of = |base: u16| ((u32::from(base) * scale + 50) / 100).clamp(1, 255);
        LUMINANCE.iter().zip(table).map(|(base, have)| of(*base).abs_diff(u32::from(*have))).sum()
    };
    (1..=100).min_by_key(|q| distance(*q)).map_or(1, |q| q as u8)
}
