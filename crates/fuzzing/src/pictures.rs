//! Uploaded pictures: decoding, the way up, and all that becomes of a photo.

use std::sync::LazyLock;

use domain::{CheckId, Standard};
use vision::{
    decode::{
        Capture, DecodeError, Format, MAX_PIXELS, Orientation, decode as whole, decode_for, decode_for_card,
        decode_halved,
    },
    photo::assess_mapped,
};

use crate::networks::{self, STREAM};

/// The standard that is judged by.
pub(crate) static STANDARD: LazyLock<Standard> = LazyLock::new(|| {
    let text = include_str!("../../../standards/chengkao.toml");
    Standard::from_toml("chengkao.toml", text).expect("the standard is one")
});

/// Larger pictures are decoded once only: their pixels were looked at when they were small.
const SMALL: u64 = 1 << 18;
/// Larger pictures are not looked at for persons and cards, which takes a second each.
const LARGEST_LOOKED_AT: u64 = 1 << 20;

/// Whatever the bytes, decoding ends; the picture has no more pixels than are allowed, and those that the header says, in the format
/// that was told; decoding again gives the same; the scaled decoder gives the same facts, at least so many pixels as were asked for, and
/// refuses what the other refuses by the header.
pub fn decode(data: &[u8]) {
    let first = whole(data);
    if let Ok(capture) = &first {
        holds(capture, data);
        assert_eq!(capture.pixels.dimensions(), (capture.source.width, capture.source.height));
    }
    if first.as_ref().is_ok_and(|capture| pixels(capture) > SMALL) {
        for smaller in [decode_for(data, &STANDARD.photo), decode_for_card(data)].into_iter().flatten() {
            holds(&smaller, data);
        }
        return;
    }
    assert_eq!(seen(&first), seen(&whole(data)), "a second decoding differs");
    for shorter_side in [1, 8, 40] {
        match (&first, decode_halved(data, shorter_side)) {
            (Ok(full), Ok(halved)) => {
                holds(&halved, data);
                assert_eq!(full.source, halved.source);
                let (least, whole) = (shortest(&halved), shortest(full));
                assert!(
                    least >= shorter_side.min(whole),
                    "{least} of {whole}, {shorter_side} were asked for"
                );
            }
            // libjpeg-turbo may find a picture where the other decoder finds none; the limits hold.
            (Err(_), Ok(halved)) => holds(&halved, data),
            (Err(full), Err(halved)) => assert_eq!(full, &halved),
            (Ok(_), Err(halved)) => panic!("whole it is a picture, smaller it is {halved:?}"),
        }
    }
}

/// What must hold of every capture.
fn holds(capture: &Capture, data: &[u8]) {
    let source = &capture.source;
    assert!(u64::from(source.width) * u64::from(source.height) <= MAX_PIXELS);
    assert!(pixels(capture) > 0 && pixels(capture) <= MAX_PIXELS);
    assert!(capture.pixels.width() <= source.width && capture.pixels.height() <= source.height);
    assert_eq!(capture.pixels.as_raw().len() as u64, 3 * pixels(capture), "no more memory than its pixels");
    assert_eq!(source.bytes, data.len());
    assert!(source.quality.is_none_or(|quality| (1..=100).contains(&quality)));
    assert!(source.format == Format::Jpeg || source.quality.is_none());
}

fn pixels(capture: &Capture) -> u64 {
    u64::from(capture.pixels.width()) * u64::from(capture.pixels.height())
}

fn shortest(capture: &Capture) -> u32 {
    capture.pixels.width().min(capture.pixels.height())
}

/// What can be compared of a decoding.
fn seen(decoded: &Result<Capture, DecodeError>) -> Result<(&[u8], (u32, u32)), &DecodeError> {
    decoded.as_ref().map(|capture| (capture.pixels.as_raw().as_slice(), capture.pixels.dimensions()))
}

/// A picture of 16 × 8 pixels without EXIF.
static PLAIN: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let pixels: Vec<u8> = (0..16 * 8 * 3).map(|i| (i * 2 / 3) as u8).collect();
    let mut file = Vec::new();
    let encoder = jpeg_encoder::Encoder::new(&mut file, 85);
    encoder.encode(&pixels, 16, 8, jpeg_encoder::ColorType::Rgb).expect("memory takes a picture");
    file
});

/// The bytes as EXIF block of a picture: whatever stands in it, the picture is decoded, in one of the eight ways up and no other, and
/// lies or stands as that way has it.
pub fn exif(data: &[u8]) {
    let block = &data[..data.len().min(65_527)];
    let length = (block.len() as u16 + 8).to_be_bytes();
    let file = [&PLAIN[..2], &[0xFF, 0xE1], &length, b"Exif\0\0", block, &PLAIN[2..]].concat();
    let capture = whole(&file).expect("an EXIF block spoils no picture");
    use Orientation::{Rotate90, Rotate270, Transpose, Transverse};
    let stands = matches!(capture.source.orientation, Transpose | Rotate90 | Transverse | Rotate270);
    assert_eq!(capture.pixels.dimensions(), if stands { (8, 16) } else { (16, 8) });
    let plain = whole(&PLAIN).expect("it is a picture");
    let sum = |capture: &Capture| capture.pixels.as_raw().iter().map(|value| u64::from(*value)).sum::<u64>();
    assert_eq!(sum(&plain), sum(&capture), "turning keeps every pixel");
}

/// A picture to look at, and what the networks are to say of it: the first bytes direct them, the others are the file.
pub(crate) fn looked_at(data: &[u8]) -> Option<(&[u8], Capture)> {
    let (stream, file) = data.split_at_checked(STREAM)?;
    let capture = whole(file).ok().filter(|capture| pixels(capture) <= LARGEST_LOOKED_AT)?;
    Some((stream, capture))
}

/// Whatever the picture shows and whatever the networks say of it, there is an assessment: one entry for each check, which the standard
/// can judge; a photo made is a JPEG of the standard's size, within its limits of bytes and quality; without a face there is none.
pub fn photo(data: &[u8]) {
    let Some((stream, capture)) = looked_at(data) else { return };
    let (found, map) =
        assess_mapped(&networks::directed_by(stream), &capture, &STANDARD).expect("the networks answer");
    for check in CheckId::of_photo() {
        assert!(found.measures.measured(check).is_some(), "{check:?} is not told of");
    }
    let _ = STANDARD.judge(&found.measures);
    assert_eq!(found.face.is_some(), map.is_some());
    assert!(found.face.is_some() || found.photo.is_none());
    if let Some(photo) = &found.photo {
        let file = &STANDARD.photo;
        assert!((file.min_bytes..=file.max_bytes).contains(&photo.jpeg.len()));
        assert!((file.min_quality..=100).contains(&photo.quality));
        let made = whole(&photo.jpeg).expect("a photo can be decoded");
        assert_eq!(made.pixels.dimensions(), (file.width, file.height));
    }
}
