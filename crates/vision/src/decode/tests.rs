#![allow(clippy::unwrap_used)]
use std::io::Cursor;

use image::{DynamicImage, GrayImage, ImageFormat, Luma, Rgb, RgbImage, Rgba, RgbaImage};
use proptest::prelude::*;

use super::*;

fn picture() -> RgbImage {
    RgbImage::from_fn(48, 32, |x, y| Rgb([(x * 5) as u8, (y * 7) as u8, 90]))
}

fn encoded(image: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    image.into().write_to(&mut out, format).unwrap();
    out.into_inner()
}

fn jpeg(quality: u8) -> Vec<u8> {
    let mut out = Vec::new();
    jpeg_encoder::Encoder::new(&mut out, quality)
        .encode(picture().as_raw(), 48, 32, jpeg_encoder::ColorType::Rgb)
        .unwrap();
    out
}

/// A JPEG with an EXIF block that says `orientation`, stored as `picture`.
fn jpeg_oriented(orientation: u8) -> Vec<u8> {
    oriented(&picture(), orientation, false)
}

fn oriented(stored: &RgbImage, orientation: u8, progressive: bool) -> Vec<u8> {
    let mut tiff = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\0\0\0\0\0\0\0".to_vec();
    tiff[25] = orientation;
    let mut out = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut out, 95);
    encoder.add_app_segment(1, tiff).unwrap();
    encoder.set_progressive(progressive);
    let [width, height] = [stored.width(), stored.height()].map(|side| u16::try_from(side).unwrap());
    encoder.encode(stored.as_raw(), width, height, jpeg_encoder::ColorType::Rgb).unwrap();
    out
}

#[test]
fn png_and_lossless_webp_keep_every_pixel() {
    for (format, name) in [(ImageFormat::Png, Format::Png), (ImageFormat::WebP, Format::Webp)] {
        let capture = decode(&encoded(picture(), format)).unwrap();
        assert_eq!((capture.pixels, capture.source.format), (picture(), name));
    }
}

#[test]
fn jpeg_quality_is_read_off_the_tables() {
    for quality in [35, 60, 75, 92] {
        let capture = decode(&jpeg(quality)).unwrap();
        assert_eq!(capture.source.quality, Some(quality));
        assert!(!capture.source.greyscale);
    }
}

#[test]
fn exif_turns_the_picture_upright() {
    let capture = decode(&jpeg_oriented(6)).unwrap();
    assert_eq!(capture.source.orientation, Orientation::Rotate90);
    assert_eq!((capture.pixels.width(), capture.source.width, capture.source.height), (32, 32, 48));
    let corner = capture.pixels.get_pixel(31, 0).0;
    assert!(corner[0] < 12 && corner[1] < 12, "the stored first pixel is now upper right: {corner:?}");
}

#[test]
fn a_second_frame_is_damage() {
    let file = jpeg_oriented(1);
    let frame = file.windows(2).position(|pair| pair == [0xFF, 0xC0]).unwrap();
    let length = 2 + usize::from(u16::from_be_bytes([file[frame + 2], file[frame + 3]]));
    let mut twice = file.clone();
    twice.splice(frame..frame, file[frame..frame + length].to_vec());
    assert!(decode(&file).is_ok());
    assert!(matches!(decode(&twice), Err(DecodeError::Damaged)), "{:?}", decode(&twice).err());
}

fn wanted(width: u32, height: u32) -> PhotoFile {
    PhotoFile {
        width,
        height,
        dpi: 300,
        min_bytes: 0,
        max_bytes: 1 << 20,
        min_quality: 60,
        backgrounds: vec![[255; 3]],
        file_name: "{number}.jpg".into(),
    }
}

fn large(width: u32, height: u32, progressive: bool) -> Vec<u8> {
    let stored = RgbImage::from_fn(width, height, |x, y| Rgb([(x / 8) as u8, (y / 8) as u8, 90]));
    oriented(&stored, 6, progressive)
}

#[test]
fn a_large_jpeg_is_halved_as_often_as_its_photo_allows() {
    // Stored lying, 2401 × 1803; one and a half times the photo's width is what the shorter side keeps.
    for progressive in [false, true] {
        let file = large(2401, 1803, progressive);
        let whole = decode(&file).unwrap();
        for (width, size, scale) in [
            (1202, (1803, 2401), 1.0),
            (600, (902, 1201), 0.5),
            (300, (451, 601), 0.25),
            (9, (226, 301), 0.125),
        ] {
            let capture = decode_for(&file, &wanted(width, 2 * width)).unwrap();
            assert_eq!(capture.pixels.dimensions(), size, "{width}");
            assert!((capture.scale() - scale).abs() < 0.002, "{width}: {}", capture.scale());
            assert_eq!(capture.source, whole.source, "the file is told of as it is");
            let (x, y) = (size.0 / 3, size.1 / 4);
            let seen = capture.pixels.get_pixel(x, y).0;
            let there = whole.pixels.get_pixel((x as f32 / scale) as u32, (y as f32 / scale) as u32).0;
            assert!((0..3).all(|c| seen[c].abs_diff(there[c]) < 5), "{width}: {seen:?} {there:?}");
        }
    }
}

#[test]
fn what_was_cut_short_is_told_of_at_every_scale() {
    let file = large(2401, 1803, false);
    for keep in [file.len() - 5, file.len() / 2] {
        assert_eq!(decode_for(&file[..keep], &wanted(200, 400)).unwrap_err(), DecodeError::Truncated);
    }
}

#[test]
fn a_file_of_endless_scans_is_refused_unread() {
    let file = large(1600, 1200, true);
    let scan = file.windows(2).rposition(|w| w == [0xFF, 0xDA]).unwrap();
    let (before, last) = (&file[..scan], &file[scan..file.len() - 2]);
    let many = [before, &last.repeat(600), &[0xFF, 0xD9]].concat();
    let begun = Instant::now();
    assert_eq!(decode(&many).unwrap_err(), DecodeError::Damaged);
    assert!(begun.elapsed() < Duration::from_secs(2));
}

#[test]
fn transparency_becomes_white() {
    let image = RgbaImage::from_fn(8, 8, |x, _| Rgba([200, 0, 0, if x < 4 { 0 } else { 255 }]));
    for format in [ImageFormat::Png, ImageFormat::WebP] {
        let pixels = decode(&encoded(image.clone(), format)).unwrap().pixels;
        assert_eq!((pixels.get_pixel(0, 0).0, pixels.get_pixel(7, 7).0), ([255; 3], [200, 0, 0]));
    }
}

#[test]
fn one_channel_is_told_as_greyscale() {
    let grey = GrayImage::from_fn(16, 16, |x, _| Luma([x as u8 * 16]));
    for format in [ImageFormat::Png, ImageFormat::Jpeg] {
        let capture = decode(&encoded(grey.clone(), format)).unwrap();
        assert!(capture.source.greyscale, "{format:?}");
        assert!(capture.pixels.pixels().all(|p| p[0] == p[1] && p[1] == p[2]));
    }
}

#[test]
fn a_file_cut_short_is_told_as_such() {
    for bytes in [jpeg(80), encoded(picture(), ImageFormat::Png), encoded(picture(), ImageFormat::WebP)] {
        for keep in [bytes.len() - 5, bytes.len() / 2] {
            assert_eq!(
                decode(&bytes[..keep]).unwrap_err(),
                DecodeError::Truncated,
                "{keep} of {}",
                bytes.len()
            );
        }
    }
}

#[test]
fn a_picture_beyond_the_pixel_limit_is_refused_by_its_header() {
    let mut png = encoded(picture(), ImageFormat::Png);
    png[16..24].copy_from_slice(&[0, 0, 0x75, 0x30, 0, 0, 0x75, 0x30]);
    let crc = crc(&png[12..29]).to_be_bytes();
    png[29..33].copy_from_slice(&crc);
    assert_eq!(decode(&png).unwrap_err(), DecodeError::TooManyPixels { width: 30_000, height: 30_000 });

    let mut jpeg = jpeg(80);
    let sof = jpeg.windows(2).position(|w| w == [0xFF, 0xC0]).unwrap();
    jpeg[sof + 5..sof + 9].copy_from_slice(&[0x23, 0x28, 0x23, 0x28]);
    assert_eq!(decode(&jpeg).unwrap_err(), DecodeError::TooManyPixels { width: 9000, height: 9000 });
}

fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |c, _| if c & 1 == 1 { (c >> 1) ^ 0xEDB8_8320 } else { c >> 1 })
    })
}

#[test]
fn too_many_bytes_are_refused_unread() {
    assert_eq!(
        decode(&vec![0xFF; MAX_BYTES + 1]).unwrap_err(),
        DecodeError::TooManyBytes { bytes: MAX_BYTES + 1 }
    );
}

#[test]
fn other_kinds_are_refused_by_name() {
    let cases: [(&[u8], DecodeError); 9] = [
        (b"", DecodeError::Empty),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", DecodeError::Heic),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic", DecodeError::Heic),
        (b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf", DecodeError::Avif),
        (b"\0\0\0\x18ftypisom\0\0\0\0mp41", DecodeError::Unsupported { kind: "video" }),
        (b"GIF89a......", DecodeError::Unsupported { kind: "GIF" }),
        (b"%PDF-1.7", DecodeError::Unsupported { kind: "PDF" }),
        (b" <svg xmlns", DecodeError::Unsupported { kind: "SVG" }),
        (b"hello, I am a text", DecodeError::NotAnImage),
    ];
    for (bytes, error) in cases {
        assert_eq!(decode(bytes).unwrap_err(), error);
    }
}

#[test]
fn a_png_bomb_in_its_side_chunks_is_not_inflated() {
    let mut png = encoded(picture(), ImageFormat::Png);
    // A profile of almost all the 64 MiB that the decoder may keep: kilobytes in the file.
    let mut packed = flate2::write::ZlibEncoder::new(b"k\0\0".to_vec(), flate2::Compression::best());
    std::io::Write::write_all(&mut packed, &vec![0; (64 << 20) - 100]).unwrap();
    let packed = packed.finish().unwrap();
    let mut chunk = b"iCCP".to_vec();
    chunk.extend(&packed);
    let mut whole = (chunk.len() as u32 - 4).to_be_bytes().to_vec();
    whole.extend(&chunk);
    whole.extend(crc(&chunk).to_be_bytes());
    png.splice(33..33, whole);
    let quickest = |of: &dyn Fn()| {
        let timed = |_| {
            let begun = Instant::now();
            of();
            begun.elapsed()
        };
        (0..5).map(timed).min().unwrap()
    };
    let inflating = quickest(&|| {
        std::io::copy(&mut flate2::read::ZlibDecoder::new(&packed[3..]), &mut std::io::sink()).unwrap();
    });
    let decoding = quickest(&|| assert_eq!(decode(&png).unwrap().pixels, picture()));
    assert!(decoding < inflating, "{decoding:?}, and inflating alone {inflating:?}");
}

proptest! {
    #[test]
    fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600), head in 0usize..5) {
        let heads: [&[u8]; 5] = [b"", b"\xFF\xD8\xFF", b"\x89PNG\r\n\x1A\n\0\0\0\x0DIHDR", b"RIFF\0\0\0\0WEBPVP8 ", b"\0\0\0\x18ftyp"];
        let mut file = heads[head].to_vec();
        file.extend(bytes);
        let _ = decode(&file);
    }

    #[test]
    fn damaged_files_never_panic(which in 0usize..3, edits in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8), keep in 0.3f64..1.0) {
        let mut bytes = match which {
            0 => jpeg_oriented(6),
            1 => encoded(picture(), ImageFormat::Png),
            _ => encoded(picture(), ImageFormat::WebP),
        };
        for (index, value) in edits {
            let at = index.index(bytes.len());
            bytes[at] = value;
        }
        bytes.truncate((bytes.len() as f64 * keep) as usize);
        let _ = decode(&bytes);
        let _ = decode_enough(&bytes, Enough { shorter_side: 2, pixels: 0 });
    }
}
