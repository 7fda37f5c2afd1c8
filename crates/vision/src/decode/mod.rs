//! Uploaded bytes become upright RGB pixels: formats recognised, limits held before anything is allocated, EXIF applied.

mod jpeg;
mod orientation;
mod png;
mod sniff;
mod webp;

use std::time::{Duration, Instant};

use domain::standard::PhotoFile;
use image::RgbImage;
use serde::Serialize;

pub use orientation::Orientation;
use sniff::Kind;

/// Most bytes that an upload may have.
pub const MAX_BYTES: usize = 20 * 1024 * 1024;
/// Most pixels that an upload may have.
pub const MAX_PIXELS: u64 = 50_000_000;

/// A decoded upload (原图).
#[derive(Debug, Clone)]
pub struct Capture {
    /// Upright, 8 bits a channel; an alpha channel was composited on white. May be smaller than the file: see [`decode_for`].
    pub pixels: RgbImage,
    /// What the file said about itself.
    pub source: SourceInfo,
    /// How long decoding took.
    pub decoding: Duration,
}

impl Capture {
    /// Pixels of the decoded picture per pixel of the file, at most 1: a decoder may leave out resolution that nothing needs.
    #[must_use]
    pub fn scale(&self) -> f32 {
        self.pixels.width() as f32 / self.source.width.max(1) as f32
    }
}

/// The file that a capture came from.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SourceInfo {
    /// Its format.
    pub format: Format,
    /// Width of the upright picture in the file's own pixels.
    pub width: u32,
    /// Height of the upright picture in the file's own pixels.
    pub height: u32,
    /// Size of the file.
    pub bytes: usize,
    /// How the stored picture had to be turned.
    pub orientation: Orientation,
    /// JPEG quality 1..=100 as libjpeg counts it, estimated from the luminance quantisation table; `None` for other formats.
    pub quality: Option<u8>,
    /// The file stores one channel of brightness and no colour.
    pub greyscale: bool,
}

/// Formats that are decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// JPEG, baseline or progressive.
    Jpeg,
    /// PNG; of an animation the first picture.
    Png,
    /// WebP, lossy or lossless; of an animation the first picture.
    Webp,
}

/// Why an upload is not a picture that can be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// Nothing was uploaded.
    #[error("the file is empty")]
    Empty,
    /// More than [`MAX_BYTES`].
    #[error("the file has {bytes} bytes; at most {MAX_BYTES} are allowed")]
    TooManyBytes {
        /// Size of the file.
        bytes: usize,
    },
    /// More than [`MAX_PIXELS`], told from the header alone.
    #[error("the picture has {width} x {height} pixels; at most {MAX_PIXELS} are allowed")]
    TooManyPixels {
        /// Width by the header.
        width: u32,
        /// Height by the header.
        height: u32,
    },
    /// HEIC or HEIF, as iPhones and some Android phones store pictures.
    #[error("HEIC pictures cannot be read; upload a JPEG")]
    Heic,
    /// AVIF.
    #[error("AVIF pictures cannot be read; upload a JPEG")]
    Avif,
    /// A picture or document of a known kind that is not accepted.
    #[error("{kind} files are not accepted; upload a JPEG, PNG or WebP")]
    Unsupported {
        /// The kind, such as `GIF` or `PDF`.
        kind: &'static str,
    },
    /// None of the known kinds.
    #[error("the file is not a picture")]
    NotAnImage,
    /// The file ends before the picture does.
    #[error("the picture is incomplete: the file ends too early")]
    Truncated,
    /// The format is known and its content breaks the format's rules.
    #[error("the picture is damaged")]
    Damaged,
}

/// A picture as stored, before it is turned upright.
struct Stored {
    pixels: RgbImage,
    /// Width and height in the file.
    size: [u32; 2],
    format: Format,
    orientation: Orientation,
    quality: Option<u8>,
    greyscale: bool,
}

/// Decodes an upload. Never panics, whatever the bytes; refuses by the header before it allocates for the pixels.
///
/// # Errors
/// [`DecodeError`], one variant for each thing that a user can be told.
pub fn decode(bytes: &[u8]) -> Result<Capture, DecodeError> {
    decode_at_least(bytes, u32::MAX)
}

/// As [`decode`], at the resolution that a photo of this size usually needs: a JPEG of more than four megapixels is halved as
/// often as its shorter side keeps one and a half times the photo's, which is what a person shows who fills the picture as
/// guided. Most of its pixels are there only to be averaged away, and leaving them out takes less than half the time.
///
/// # Errors
/// As [`decode`].
pub fn decode_for(bytes: &[u8], photo: &PhotoFile) -> Result<Capture, DecodeError> {
    decode_at_least(bytes, photo.width.min(photo.height) * 3 / 2)
}

/// Fewest pixels of a capture's shorter side at which a card that fills most of it shows 300 dpi.
const CARD_SHORTER_SIDE: u32 = 1400;

/// As [`decode`], at the resolution that reading an identity card usually needs: a JPEG of more than four megapixels is halved as
/// often as a card that fills the picture as guided still has 300 dpi. [`crate::card::take`] asks for more where it does not.
///
/// # Errors
/// As [`decode`].
pub fn decode_for_card(bytes: &[u8]) -> Result<Capture, DecodeError> {
    decode_at_least(bytes, CARD_SHORTER_SIDE)
}

/// As [`decode`]; a JPEG of more than four megapixels is halved as often as its shorter side keeps so many pixels.
pub(crate) fn decode_at_least(bytes: &[u8], shorter_side: u32) -> Result<Capture, DecodeError> {
    decode_enough(bytes, Enough { shorter_side, pixels: SMALL })
}

/// As [`decode`]; a JPEG of any size is halved as often as its shorter side keeps so many pixels. The other doors do that for
/// large ones only, which a fuzzer rarely makes. Behind feature `fuzzing`.
///
/// # Errors
/// As [`decode`].
#[cfg(feature = "fuzzing")]
pub fn decode_halved(bytes: &[u8], shorter_side: u32) -> Result<Capture, DecodeError> {
    decode_enough(bytes, Enough { shorter_side, pixels: 0 })
}

/// A picture of at most so many pixels is decoded as it is: that takes little time, and most of those are copies whose history
/// (saved anew, enlarged, smoothed) shows only at their own pixels. Phones take larger ones.
const SMALL: u64 = 4_000_000;

/// What resolution is enough.
#[derive(Debug, Clone, Copy)]
struct Enough {
    /// A JPEG is halved as often as its shorter side keeps so many pixels,
    shorter_side: u32,
    /// if it has more pixels than this altogether.
    pixels: u64,
}

fn decode_enough(bytes: &[u8], enough: Enough) -> Result<Capture, DecodeError> {
    let begun = Instant::now();
    if bytes.is_empty() {
        return Err(DecodeError::Empty);
    }
    if bytes.len() > MAX_BYTES {
        return Err(DecodeError::TooManyBytes { bytes: bytes.len() });
    }
    let stored = match sniff::kind(bytes)? {
        Kind::Jpeg => jpeg::decode(bytes, enough)?,
        Kind::Png => png::decode(bytes)?,
        Kind::Webp => webp::decode(bytes)?,
    };
    let [width, height] = stored.orientation.upright_size(stored.size);
    let source = SourceInfo {
        format: stored.format,
        width,
        height,
        bytes: bytes.len(),
        orientation: stored.orientation,
        quality: stored.quality,
        greyscale: stored.greyscale,
    };
    let pixels = stored.orientation.upright(stored.pixels);
    Ok(Capture { pixels, source, decoding: begun.elapsed() })
}

/// Holds a header's size against the limits.
fn admit(width: u32, height: u32) -> Result<(), DecodeError> {
    if width == 0 || height == 0 {
        Err(DecodeError::Damaged)
    } else if u64::from(width) * u64::from(height) > MAX_PIXELS {
        Err(DecodeError::TooManyPixels { width, height })
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
