//! Writes the first inputs of every corpus: `cargo run -p fuzz-targets --example seeds`. Drawn people only; what a fuzzer found is put
//! beside them by hand and is never written over.
#![allow(clippy::unwrap_used)]

use std::{
    fs,
    io::{Cursor, Write as _},
    path::PathBuf,
};

use anyhow::Result;
use image::{DynamicImage, GrayImage, ImageFormat, Luma, RgbImage, RgbaImage, imageops};
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
use rust_xlsxwriter::Workbook;
use specimen::{
    capture::{CardDefect, CardScene, capture},
    card::{emblem_side, portrait_side},
    foreigner::{self, Foreigner, Form},
    people::Person,
    portrait::{Defect, PortraitScene, portrait},
};
use zip::{ZipWriter, write::SimpleFileOptions};

fn put(target: &str, name: &str, bytes: &[u8]) -> Result<()> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(target);
    fs::create_dir_all(&folder)?;
    Ok(fs::write(folder.join(name), bytes)?)
}

fn main() -> Result<()> {
    pictures()?;
    exif()?;
    looked_at()?;
    requests()?;
    rosters()?;
    texts()
}

fn encoded(image: impl Into<DynamicImage>, format: ImageFormat) -> Result<Vec<u8>> {
    let mut out = Cursor::new(Vec::new());
    image.into().write_to(&mut out, format)?;
    Ok(out.into_inner())
}

fn jpeg(
    width: u16,
    height: u16,
    of: impl Fn(u32, u32) -> [u8; 3],
    set: impl Fn(&mut Encoder<&mut Vec<u8>>),
) -> Vec<u8> {
    let pixels = RgbImage::from_fn(width.into(), height.into(), |x, y| image::Rgb(of(x, y)));
    let mut out = Vec::new();
    let mut encoder = Encoder::new(&mut out, 80);
    set(&mut encoder);
    encoder.encode(pixels.as_raw(), width, height, ColorType::Rgb).unwrap();
    out
}

/// A TIFF block with these entries of eight bytes after the tag: kind, count, value.
fn tiff(entries: &[(u16, u16, u32, u32)], next: u32) -> Vec<u8> {
    let mut block = b"MM\0*\0\0\0\x08".to_vec();
    block.extend((entries.len() as u16).to_be_bytes());
    for (tag, kind, count, value) in entries {
        block.extend(tag.to_be_bytes());
        block.extend(kind.to_be_bytes());
        block.extend(count.to_be_bytes());
        block.extend(value.to_be_bytes());
    }
    block.extend(next.to_be_bytes());
    block
}

fn pictures() -> Result<()> {
    let slope = |x: u32, y: u32| [(x * 5) as u8, (y * 7) as u8, 90];
    let plain = jpeg(48, 32, slope, |_| ());
    put("decode", "baseline.jpg", &plain)?;
    let progressive = jpeg(48, 32, slope, |e| {
        e.set_progressive(true);
        e.set_sampling_factor(SamplingFactor::F_2_1);
    });
    put("decode", "progressive.jpg", &progressive)?;
    let restarts = jpeg(48, 32, slope, |e| {
        e.set_restart_interval(2);
        e.set_sampling_factor(SamplingFactor::F_2_2);
    });
    put("decode", "restarts.jpg", &restarts)?;
    let turned = jpeg(48, 32, slope, |e| {
        let block = [b"Exif\0\0".to_vec(), tiff(&[(0x0112, 3, 1, 6 << 16)], 0)].concat();
        e.add_app_segment(1, block).unwrap();
    });
    put("decode", "turned.jpg", &turned)?;
    let large = jpeg(
        2401,
        1803,
        |_, _| [90, 90, 90],
        |e| {
            e.set_progressive(true);
            e.set_sampling_factor(SamplingFactor::F_2_2);
            e.set_optimized_huffman_tables(true);
        },
    );
    put("decode", "large.jpg", &large)?;
    let grey = GrayImage::from_fn(16, 16, |x, _| Luma([x as u8 * 16]));
    put("decode", "grey.jpg", &encoded(grey.clone(), ImageFormat::Jpeg)?)?;
    put("decode", "cut.jpg", &plain[..plain.len() / 2])?;
    put("decode", "no-end.jpg", &plain[..plain.len() - 2])?;
    let frame = plain.windows(2).position(|pair| pair == [0xFF, 0xC0]).unwrap();
    let length = 2 + usize::from(u16::from_be_bytes([plain[frame + 2], plain[frame + 3]]));
    let mut twice = plain.clone();
    twice.splice(frame..frame, plain[frame..frame + length].to_vec());
    put("decode", "second-frame.jpg", &twice)?;
    let sized = |w: u16, h: u16| {
        let mut file = plain.clone();
        file[frame + 5..frame + 7].copy_from_slice(&h.to_be_bytes());
        file[frame + 7..frame + 9].copy_from_slice(&w.to_be_bytes());
        file
    };
    put("decode", "too-many-pixels.jpg", &sized(9000, 9000))?;
    put("decode", "larger-than-it-is.jpg", &sized(300, 200))?;
    put("decode", "no-height.jpg", &sized(48, 0))?;
    let scan = progressive.windows(2).rposition(|pair| pair == [0xFF, 0xDA]).unwrap();
    let (before, last) = (&progressive[..scan], &progressive[scan..progressive.len() - 2]);
    put("decode", "many-scans.jpg", &[before, &last.repeat(40), &[0xFF, 0xD9]].concat())?;

    let picture = RgbImage::from_fn(48, 32, |x, y| image::Rgb(slope(x, y)));
    let clear = RgbaImage::from_fn(20, 12, |x, y| image::Rgba([200, y as u8, 0, (x * 12) as u8]));
    for (format, name) in [(ImageFormat::Png, "png"), (ImageFormat::WebP, "webp")] {
        let file = encoded(picture.clone(), format)?;
        put("decode", &format!("plain.{name}"), &file)?;
        put("decode", &format!("cut.{name}"), &file[..file.len() / 2])?;
        put("decode", &format!("clear.{name}"), &encoded(clear.clone(), format)?)?;
        put("decode", &format!("grey.{name}"), &encoded(grey.clone(), format)?)?;
    }
    let many = GrayImage::from_pixel(7000, 7000, Luma([0]));
    put("decode", "unpacks-to-many.png", &encoded(many, ImageFormat::Png)?)?;
    for (name, head) in [("heic", &b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"[..]), ("svg", &b" <svg xmlns"[..])] {
        put("decode", name, head)?;
    }
    Ok(())
}

fn exif() -> Result<()> {
    for way in [0, 1, 6, 8, 9] {
        put("exif", &format!("way-{way}"), &tiff(&[(0x0112, 3, 1, way << 16)], 0))?;
    }
    put("exif", "as-long", &tiff(&[(0x0112, 4, 1, 5)], 0))?;
    put("exif", "as-text", &tiff(&[(0x0112, 2, 2, 0x3600_0000)], 0))?;
    put("exif", "none-of-it", &tiff(&[(0x0112, 3, 0, 6 << 16)], 0))?;
    put("exif", "more-than-there-is", &tiff(&[(0x0112, 3, u32::MAX, 8)], 0))?;
    put("exif", "twice", &tiff(&[(0x0112, 3, 1, 6 << 16), (0x0112, 3, 1, 3 << 16)], 0))?;
    put("exif", "in-a-circle", &tiff(&[(0x0112, 3, 1, 6 << 16), (0x8769, 4, 1, 8)], 8))?;
    put("exif", "little-endian", b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0")?;
    put("exif", "empty", b"")
}

/// What directs the networks: each step of a row reads the next byte, and this class of the alphabet is a digit.
fn directed(side: u8, text: &[u8]) -> Vec<u8> {
    let mut stream = vec![255u8; 512];
    stream[0] = side;
    for (i, class) in text.iter().enumerate() {
        stream[8 + 3 * i] = *class;
    }
    stream
}

fn small_jpeg(pixels: &RgbImage, width: u32) -> Vec<u8> {
    let height = (pixels.height() * width / pixels.width()) & !1;
    let small = imageops::resize(pixels, width, height, imageops::FilterType::Triangle);
    let mut out = Vec::new();
    let encoder = Encoder::new(&mut out, 60);
    encoder.encode(small.as_raw(), width as u16, height as u16, ColorType::Rgb).unwrap();
    out
}

fn looked_at() -> Result<()> {
    let person = Person::from_seed(3);
    let number: Vec<u8> = person.number.bytes().map(|c| if c == b'X' { 11 } else { c - b'0' + 1 }).collect();
    let scenes = [
        ("clean", CardScene::clean(3)),
        ("cropped", CardScene::with_defect(3, CardDefect::Cropped)),
        ("finger", CardScene::with_defect(3, CardDefect::Finger)),
    ];
    for (name, scene) in &scenes {
        let taken = capture(&portrait_side(&person)?, scene);
        let file = small_jpeg(&image::load_from_memory(&taken.jpeg())?.to_rgb8(), 560);
        put("card", &format!("portrait-{name}"), &[directed(0, &number), file].concat())?;
    }
    let taken = capture(&emblem_side(&person)?, &CardScene::clean(4));
    let file = small_jpeg(&image::load_from_memory(&taken.jpeg())?.to_rgb8(), 560);
    put("card", "emblem", &[directed(1, &number), file.clone()].concat())?;
    put("card", "emblem-as-portrait", &[directed(0, &number), file].concat())?;
    let holder = Foreigner::from_seed(2, Form::Of2023);
    let flat = DynamicImage::from(foreigner::portrait_side(&holder)?.pixels).to_rgb8();
    put("card", "foreigner-flat", &[directed(0, &number), small_jpeg(&flat, 500)].concat())?;
    let nothing = RgbImage::from_pixel(500, 300, image::Rgb([128; 3]));
    put("card", "nothing", &[directed(0, &number), small_jpeg(&nothing, 500)].concat())?;

    let scenes =
        [("clean", PortraitScene::clean(5)), ("busy", PortraitScene::with_defect(5, Defect::BusyBackground))];
    for (name, scene) in scenes {
        let drawn = portrait(&person.looks, &scene.sized(480, 640));
        let file = small_jpeg(&drawn.pixels, 420);
        for faces in 0..3u8 {
            let mut stream = vec![0u8; 512];
            stream[1] = faces;
            for face in 0..usize::from(faces) {
                let at = 2 + face * 19;
                // An anchor near the middle; sure; a box of a third of the picture with eyes in it.
                stream[at..at + 3].copy_from_slice(&[1, 8 + 40 * face as u8, 255]);
                stream[at + 3..at + 19].copy_from_slice(&[
                    127, 127, 170, 170, 117, 117, 137, 117, 127, 127, 127, 140, 110, 120, 145, 120,
                ]);
            }
            stream[63] = 255;
            put("photo", &format!("{name}-{faces}"), &[stream, file.clone()].concat())?;
        }
    }
    Ok(())
}

fn requests() -> Result<()> {
    let form = |parts: &str, end: &str| format!("multipart/form-data; boundary=b\n{parts}{end}");
    let file = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"r.csv\"\r\n\r\nabc\r\n";
    let other = "--b\r\nContent-Disposition: form-data; name=\"other\"\r\n\r\nx\r\n";
    put("upload", "file", form(file, "--b--\r\n").as_bytes())?;
    put("upload", "after-another", form(&format!("{other}{file}"), "--b--\r\n").as_bytes())?;
    put("upload", "none", form(other, "--b--\r\n").as_bytes())?;
    put("upload", "no-end", form(file, "").as_bytes())?;
    put("upload", "empty", form(&file.replace("abc", ""), "--b--\r\n").as_bytes())?;
    put("upload", "no-boundary", b"multipart/form-data\n--b--")?;
    put("upload", "no-form", b"application/json\n{}")?;
    let named = file.replace("filename=\"r.csv\"", "filename*=UTF-8''%E8%A1%A8.xlsx");
    put("upload", "named-in-chinese", form(&named, "--b--\r\n").as_bytes())?;
    let bodies = [
        ("code", r#"{"phone":"138 0000 0001"}"#),
        ("login", r#"{"phone":"1","code":"000000","agreement_version":"v","privacy_version":"v"}"#),
        ("name", r#"{"characters":["\u4e00","\ud842\udfb7"]}"#),
        ("staff", r#"{"account":"a","name":"b","role":"registrar"}"#),
        (
            "exam",
            r#"{"name":"成人高考","open":true,"closes_at":"2026-09-01T00:00:00Z","attempts_allowed":5}"#,
        ),
        ("search", r#"{"text":"样本","states":["done"],"after":null,"limit":1e400}"#),
        ("twice", r#"{"phone":"1","phone":"2"}"#),
        ("half-a-pair", r#"{"phone":"\ud842"}"#),
        ("reason", r#"{"reason":"x","photo":"00000000-0000-0000-0000-000000000000","version":-1}"#),
    ];
    for (name, body) in bodies {
        put("json", name, body.as_bytes())?;
    }
    put("json", "deep", "[".repeat(4000).as_bytes())?;
    put("json", "too-long", format!("{{\"phone\":\"{}\"}}", "1".repeat(17_000)).as_bytes())
}

const HEADINGS: [&str; 7] = ["报名号", "姓名", "身份证号", "民族", "住址", "手机号", "层次"];

fn roster() -> Vec<[String; 7]> {
    let person = |seed: u64| {
        let person = Person::from_seed(seed);
        let phone = format!("1380000{seed:04}");
        let id = format!("r{seed}");
        [&id, &person.name, &person.number, "汉族", "某省某市某路1号", &phone, "专升本"].map(str::to_owned)
    };
    vec![HEADINGS.map(str::to_owned), person(1), person(2), person(3)]
}

fn rosters() -> Result<()> {
    let rows = roster();
    let csv = rows.iter().map(|row| row.join(",")).collect::<Vec<_>>().join("\r\n");
    put("roster_csv", "utf-8.csv", csv.as_bytes())?;
    put("roster_csv", "utf-8-marked.csv", format!("\u{feff}{csv}").as_bytes())?;
    let chinese = encoding_rs::GB18030.encode(&csv).0.into_owned();
    put("roster_csv", "gb18030.csv", &chinese)?;
    put("roster_csv", "gb18030-cut.csv", &chinese[..chinese.len() - 1])?;
    put("roster_csv", "gb18030-broken.csv", &[chinese.as_slice(), b"\n\x81\x30\x81,\xff\xfe"].concat())?;
    put("roster_csv", "quoted.csv", csv.replace("某省", "\"某\n\"\"省").replace("1号", "1号\"").as_bytes())?;
    put("roster_csv", "open-quotation.csv", csv.replace("某省", "\"某省").as_bytes())?;
    put("roster_csv", "long-cell.csv", csv.replace("某省", &"某".repeat(3000)).as_bytes())?;
    put("roster_csv", "blank-lines.csv", csv.replace("\r\n", "\n\n \n,,\n").as_bytes())?;
    put("roster_csv", "no-headings.csv", b"\n\n\n")?;

    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (line, row) in (0..).zip(&rows) {
        for (column, cell) in (0..).zip(row) {
            sheet.write_string(line, column, cell)?;
        }
    }
    let xlsx = book.save_to_buffer()?;
    put("roster_xlsx", "whole.xlsx", &xlsx)?;
    put("roster_xlsx", "cut.xlsx", &xlsx[..xlsx.len() / 2])?;
    put("roster_xlsx", "locked.xls", &[&[0xd0, 0xcf, 0x11, 0xe0][..], &[0; 60]].concat())?;

    let cells = |row: &[String; 7]| {
        row.iter().map(|cell| format!("<c t=\"inlineStr\"><is><t>{cell}</t></is></c>")).collect::<String>()
    };
    let inline: String = rows.iter().map(|row| format!("<row>{}</row>", cells(row))).collect();
    let sheet = format!("<worksheet><sheetData>{inline}</sheetData></worksheet>");
    let texts: String = rows.iter().flatten().map(|cell| format!("<si><t>{cell}</t></si>")).collect();
    let shared = format!("<sst uniqueCount=\"9999999999999999\">{texts}</sst>");
    let places: String = (0..4)
        .map(|row| {
            let cell = |column: u8| {
                let letter = char::from(b'A' + column);
                format!("<c r=\"{letter}{}\" t=\"s\"><v>{}</v></c>", row + 1, row * 7 + u32::from(column))
            };
            format!("<row r=\"{}\">{}</row>", row + 1, (0..7).map(cell).collect::<String>())
        })
        .collect();
    let by_place = format!("<worksheet>{places}</worksheet>");
    let parts = |sheet: &str, shared: &str| [sheet.as_bytes(), &[255], shared.as_bytes()].concat();
    put("roster_sheets", "inline", sheet.as_bytes())?;
    put("roster_sheets", "shared", &parts(&by_place, &shared))?;
    put("roster_sheets", "text-is-missing", &parts(&by_place, "<sst/>"))?;
    put(
        "roster_sheets",
        "far-away",
        b"<row r='4294967295'><c r='XFD1'><v>1e16</v></c><c r='XFDXFD1'/></row>",
    )?;
    put("roster_sheets", "own-entities", b"<!DOCTYPE a [<!ENTITY b 'cc'>]><row><c><v>&b;</v></c></row>")?;
    put("roster_sheets", "escaped", b"<row><c t='str'><v>_x000D__xD842__x005F_&#x1F600;</v></c></row>")?;
    put("roster_sheets", "deep", "<a>".repeat(40).as_bytes())?;
    let places: &[u8] = br#"<workbook xmlns:r="r"><sheets><sheet r:id="s"/></sheets></workbook>"#;
    put("roster_sheets", "no-relations", &[&b""[..], b"", places, b"<Relationships/>"].join(&[255][..]))?;

    let bomb = format!("<worksheet><row><c><v>{}</v></c></row></worksheet>", " ".repeat(20_000_000));
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let package = r#"<Relationships><Relationship Id="b" Type="http://x/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
    let relations = r#"<Relationships><Relationship Id="s" Type="http://x/worksheet" Target="sheet.xml"/></Relationships>"#;
    for (name, content) in [
        ("_rels/.rels", package.as_bytes()),
        ("xl/workbook.xml", places),
        ("xl/_rels/workbook.xml.rels", relations.as_bytes()),
        ("xl/sheet.xml", bomb.as_bytes()),
    ] {
        zip.start_file(name, SimpleFileOptions::default())?;
        zip.write_all(content)?;
    }
    put("roster_xlsx", "unpacks-to-much.xlsx", &zip.finish()?.into_inner())
}

fn texts() -> Result<()> {
    let person = Person::from_seed(1);
    let texts = [
        ("phone", "+86 138-0000 0001"),
        ("phone-wide", "１３８００００００００１"),
        ("number", person.number.as_str()),
        ("number-of-2017", "USA110190010101"),
        ("name", "欧阳□明"),
        ("name-of-minority", "买买提•阿卜力孜"),
        ("name-latin", "SMITH, JOHN  PAUL"),
        ("name-accents", "a \u{301}\u{2025}\u{200b}ﬁ"),
        ("ethnicity", "维吾尔族"),
        ("nationality", "法国"),
        ("level", "专升本"),
        ("until", "2036-02-29"),
        ("long-term", "长期"),
        ("farthest-day", "-009999-01-01"),
    ];
    for (name, text) in texts {
        put("texts", name, text.as_bytes())?;
    }
    put("texts", "no-utf-8", b"\xff\xfe\x00")
}
