//! Tells from its first bytes what a file is, and refuses by name what is not decoded.

use super::DecodeError;

/// The kinds that are decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Jpeg,
    Png,
    Webp,
}

const UNSUPPORTED: &[(&[u8], &str)] = &[
    (b"GIF8", "GIF"),
    (b"BM", "BMP"),
    (b"%PDF", "PDF"),
    (b"II*\0", "TIFF or camera raw"),
    (b"MM\0*", "TIFF or camera raw"),
    (b"8BPS", "Photoshop"),
    (b"\0\0\x01\0", "ICO"),
    (b"\0\0\0\x0CJXL \r\n\x87\n", "JPEG XL"),
    (b"\xFF\x0A", "JPEG XL"),
    (b"\0\0\0\x0CjP  \r\n\x87\n", "JPEG 2000"),
    (b"\xFF\x4F\xFF\x51", "JPEG 2000"),
    (b"PK\x03\x04", "ZIP or office"),
    (b"\x1A\x45\xDF\xA3", "video"),
];

/// What the file is.
pub(super) fn kind(bytes: &[u8]) -> Result<Kind, DecodeError> {
    if bytes.starts_with(b"\xFF\xD8") {
        return Ok(Kind::Jpeg);
    }
    if bytes.starts_with(b"\x89PNG\r\n\x1A\n") {
        return Ok(Kind::Png);
    }
    if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        return Ok(Kind::Webp);
    }
    if bytes.get(4..8) == Some(b"ftyp") {
        return Err(by_brand(bytes));
    }
    let start = bytes.iter().position(|b| !b.is_ascii_whitespace()).unwrap_or(0);
    let text = bytes.get(start..).unwrap_or_default();
    if text.starts_with(b"<svg") || text.starts_with(b"<?xml") {
        return Err(DecodeError::Unsupported { kind: "SVG" });
    }
    match UNSUPPORTED.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        Some(&(_, kind)) => Err(DecodeError::Unsupported { kind }),
        None => Err(DecodeError::NotAnImage),
    }
}

/// An ISO base media file by the brands in its `ftyp` box (ISO/IEC 14496-12 §4.3, 23008-12 annex B).
fn by_brand(bytes: &[u8]) -> DecodeError {
    let length = bytes.get(..4).and_then(|b| b.try_into().ok()).map_or(0, u32::from_be_bytes) as usize;
    let end = length.clamp(12, 256).min(bytes.len());
    let brands = || bytes.get(8..end).unwrap_or_default().chunks_exact(4);
    let any = |wanted: &[&[u8; 4]]| brands().any(|brand| wanted.iter().any(|w| brand == w.as_slice()));
    if any(&[b"avif", b"avis"]) {
        DecodeError::Avif
    } else if any(&[
        b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1", b"heif",
    ]) {
        DecodeError::Heic
    } else {
        DecodeError::Unsupported { kind: "video" }
    }
}
