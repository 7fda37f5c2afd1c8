//! The shipped standards all load and say where they come from; broken ones are told what to mend; framing goes with the size.

#![allow(clippy::unwrap_used)]

mod common;

use std::collections::BTreeMap;

use common::{files, folder, shipped};
use domain::{
    CheckId, Standard,
    standard::{PhotoFile, StandardFiles},
};
use proptest::prelude::*;

const CHENGKAO: &str = include_str!("../../../standards/chengkao.toml");

/// What is said when `text` stands in the folder as `example.toml`.
fn refusal(text: &str) -> String {
    let mut texts = folder();
    texts.insert("example.toml".to_owned(), text.to_owned());
    files(&texts).standard("example").unwrap_err().to_string()
}

/// A standard that is right, with one piece of it exchanged.
fn broken(from: &str, to: &str) -> String {
    const RIGHT: &str = r##"id = "example"
extends = "any-size"
name = { zh = "样例", en = "Example" }

[source]
title = "照片要求"
body = "某考试院"
date = "2025-08-01"

[photo]
width = 300
height = 400
min_bytes = 10240
max_bytes = 51200
backgrounds = ["#FFFFFF"]
file_name = "{number}.jpg"

[checks.framing]
hair_top = { min = 30, max = 60, unit = "px" }
"##;
    assert!(RIGHT.contains(from), "{from}");
    refusal(&RIGHT.replacen(from, to, 1))
}

#[test]
fn at_least_thirty_standards_are_shipped_each_with_its_source() {
    let all = shipped();
    assert!(all.len() >= 30, "{}", all.len());
    for standard in &all {
        let source = &standard.source;
        assert!(
            !source.title.is_empty() && !source.body.is_empty() && source.date.len() >= 4,
            "{}",
            standard.id
        );
    }
    let provinces = all.iter().filter(|s| s.id.starts_with("chengkao-")).count();
    assert!(provinces >= 6, "{provinces}");
}

#[test]
fn no_two_standards_have_one_name() {
    let mut seen = BTreeMap::new();
    for standard in shipped() {
        for name in [standard.name.zh, standard.name.en] {
            if let Some(other) = seen.insert(name.clone(), standard.id.clone()) {
                panic!("{name} is both {other} and {}", standard.id);
            }
        }
    }
}

#[test]
fn a_standard_needs_no_other_file_and_reads_the_same_from_the_folder() {
    let alone = Standard::from_toml("chengkao.toml", CHENGKAO).unwrap();
    assert_eq!(files(&folder()).standard("chengkao").unwrap().unwrap(), alone);
    assert_eq!((alone.photo.width, alone.photo.height, alone.photo.dpi), (480, 640, 300));
    assert_eq!((alone.photo.min_bytes, alone.photo.max_bytes, alone.photo.min_quality), (20_480, 40_960, 60));
    assert_eq!(alone.photo.backgrounds, [[255, 255, 255], [100, 197, 255], [240, 240, 240]]);
    let px = |check, part| alone.limit(check, part).map(|l| (l.min.unwrap(), l.max.unwrap()));
    assert_eq!(px(CheckId::Framing, "hair_top"), Some((50.0, 110.0)));
    assert_eq!(px(CheckId::Framing, "eye_line"), Some((200.0, 300.0)));
    assert_eq!(px(CheckId::FaceSize, "width"), Some((180.0, 300.0)));
}

#[test]
fn a_head_can_be_framed_by_every_standard() {
    // From the hair's top to the eyes a head measures 0.6 to 1 widths of the face; some such head has to fit.
    for standard in shipped() {
        let range = |check, part| standard.limit(check, part).and_then(|l| l.min.zip(l.max)).unwrap();
        let (hair, eyes) = (range(CheckId::Framing, "hair_top"), range(CheckId::Framing, "eye_line"));
        let width = range(CheckId::FaceSize, "width");
        let fits = (0..=100).any(|step| {
            let face = width.0 + (width.1 - width.0) * f64::from(step) / 100.0;
            (60..=100).any(|tall| {
                let tall = face * f64::from(tall) / 100.0;
                hair.0.max(eyes.0 - tall) <= hair.1.min(eyes.1 - tall)
            })
        });
        assert!(fits, "{}: hair {hair:?}, eyes {eyes:?}, width {width:?}", standard.id);
    }
}

#[test]
fn paper_sizes_become_the_pixels_that_studios_print() {
    let files = files(&folder());
    for (id, size) in [
        ("yicun", (295, 413)),
        ("xiaoyicun", (260, 378)),
        ("dayicun", (390, 567)),
        ("ercun", (413, 579)),
        ("xiaoercun", (413, 531)),
        ("jiashizheng", (260, 378)),
    ] {
        let photo = files.standard(id).unwrap().unwrap().photo;
        assert_eq!((photo.width, photo.height), size, "{id}");
    }
}

#[test]
fn what_a_notice_does_not_say_is_no_limit() {
    let photo = files(&folder()).standard("yicun").unwrap().unwrap().photo;
    assert_eq!((photo.min_bytes, photo.max_bytes), (0, PhotoFile::ANY_BYTES));
    assert_eq!(photo.bytes_in_words(), "any number of bytes");
    assert_eq!(serde_json::to_value(&photo).unwrap()["max_bytes"], serde_json::Value::Null);
}

#[test]
fn keys_are_inherited_written_anew_and_dropped() {
    let mut texts = folder();
    texts.insert(
        "mine.toml".to_owned(),
        r##"id = "mine"
extends = "gangao"
without = ["photo.min_bytes", "checks.exposure", "checks.framing.head_height"]
name = { zh = "我的", en = "Mine" }
[source]
title = "甲"
body = "乙"
date = "2025"
[checks.head_pose]
yaw = { min = -5, max = 5 }
"##
        .to_owned(),
    );
    let files = files(&texts);
    let (mine, base) = (files.standard("mine").unwrap().unwrap(), files.standard("gangao").unwrap().unwrap());
    assert_eq!((mine.photo.min_bytes, mine.photo.max_bytes), (0, base.photo.max_bytes));
    assert!(mine.limit(CheckId::Exposure, "luminance").is_none());
    assert!(mine.limit(CheckId::Framing, "head_height").is_none());
    assert_eq!(mine.limit(CheckId::Framing, "hair_top"), base.limit(CheckId::Framing, "hair_top"));
    let yaw = mine.limit(CheckId::HeadPose, "yaw").unwrap();
    assert_eq!((yaw.max, yaw.warn_max, yaw.unit.as_str()), (Some(5.0), None, "deg"));
    assert_eq!(mine.limit(CheckId::HeadPose, "roll"), base.limit(CheckId::HeadPose, "roll"));
    assert_eq!(mine.extends.as_deref(), Some("gangao"));
}

#[test]
fn a_broken_standard_is_told_what_to_mend() {
    let told = [
        broken("width = 300", "widht = 300"),
        broken("width = 300", "width = 30"),
        broken("width = 300", "width_mm = 25\nwidth = 295"),
        broken("width = 300\n", ""),
        broken("unit = \"px\"", "unit = \"pixels\""),
        broken(", unit = \"px\"", ""),
        broken("min = 30, max = 60", "min = 60, max = 30"),
        broken("min = 30, max = 60", "min = 30, max = 60, warn_max = 70"),
        broken("min = 30, max = 60, ", ""),
        broken("max = 60", "max = 600"),
        broken("[checks.framing]", "[checks.framming]"),
        broken("hair_top", "hair_tip"),
        broken("min_bytes = 10240", "min_bytes = 60000"),
        broken("max_bytes = 51200", "max_bytes = 500"),
        broken("\"#FFFFFF\"", "\"#FFFFF\""),
        broken("\"#FFFFFF\"", "[255, 255, 256]"),
        broken("[source]", "[sources]"),
        broken("[source]\ntitle = \"照片要求\"\nbody = \"某考试院\"\ndate = \"2025-08-01\"\n", ""),
        broken("2025-08-01", "1 August 2025"),
        broken("{number}", "{name}"),
        broken("{number}.jpg", "{number}.png"),
        broken("any-size", "anysize"),
        broken("any-size", "chengkao"),
        broken("id = \"example\"", "id = \"other\""),
        broken("extends = \"any-size\"", "extends = \"any-size\"\nwithout = [\"checks.framing.center\"]"),
        broken("height = 400", "height = 400,"),
        broken("[checks.framing]", "[checks.head_pose]\nyaw = { max = 10, unit = \"%\" }\n[checks.framing]"),
        broken("extends = \"any-size\"\n", ""),
    ]
    .join("\n");
    insta::assert_snapshot!(told);
}

#[test]
fn what_the_docs_show_is_read_at_the_first_try() {
    for docs in [include_str!("../../../docs/standards.md"), include_str!("../../../docs/standards.zh-CN.md")]
    {
        let blocks: Vec<String> = docs
            .split("```toml\n")
            .skip(1)
            .filter_map(|rest| rest.split_once("```"))
            .map(|(block, _)| block.lines().map(|line| format!("{}\n", line.trim_start())).collect())
            .collect();
        assert_eq!(blocks.len(), 2);
        let text = blocks.concat();
        let mut texts = folder();
        texts.insert("my-exam.toml".to_owned(), text.clone());
        let mine = files(&texts).standard("my-exam").unwrap().unwrap();
        assert_eq!((mine.photo.width, mine.photo.height), (358, 441));
        assert_eq!(mine.limit(CheckId::Framing, "hair_top").unwrap().max, Some(47.2));
        texts.insert("my-exam.toml".to_owned(), text.replace("width = 358", "widht = 358"));
        let told = files(&texts).standard("my-exam").unwrap_err().to_string();
        assert!(docs.contains(&told), "{told}");
    }
}

#[test]
fn a_circle_is_told() {
    let mut files = StandardFiles::default();
    files.add("a.toml", "id = \"a\"\nextends = \"b\"").unwrap();
    files.add("base/b.toml", "id = \"b\"\nextends = \"a\"").unwrap();
    let told = files.standard("a").unwrap_err().to_string();
    assert_eq!(
        told,
        "base/b.toml:2:11: extends: this goes round in a circle, a → b → a: let one of them extend none"
    );
    assert!(files.standard("b").unwrap().is_none(), "a base is no standard");
    assert!(
        files.add("a.toml", "").unwrap_err().to_string().starts_with("a.toml: id: a.toml has the same name")
    );
}

#[test]
fn one_file_alone_cannot_extend() {
    let told = Standard::from_toml("x.toml", "id = \"x\"\nextends = \"y\"").unwrap_err().to_string();
    assert!(told.starts_with("x.toml:2:11: extends: only this file was read"), "{told}");
}

proptest! {
    #[test]
    fn framing_goes_with_the_size(width in 100u32..2000, height in 100u32..2000) {
        let mut texts = folder();
        texts.insert("sized.toml".to_owned(), format!(
            "id = \"sized\"\nextends = \"any-size\"\nname = {{ zh = \"甲\", en = \"A\" }}\n\
             source = {{ title = \"甲\", body = \"乙\", date = \"2025\" }}\n\
             [photo]\nwidth = {width}\nheight = {height}\nbackgrounds = [\"#FFFFFF\"]\n"));
        let standard = files(&texts).standard("sized").unwrap().unwrap();
        for (check, part, of, side) in [
            (CheckId::Framing, "hair_top", 50.0 / 640.0, height),
            (CheckId::Framing, "eye_line", 200.0 / 640.0, height),
            (CheckId::FaceSize, "width", 180.0 / 480.0, width),
        ] {
            let min = standard.limit(check, part).unwrap().min.unwrap();
            prop_assert!((min - of * f64::from(side)).abs() <= 0.05 + 1e-9);
        }
    }

    #[test]
    fn whatever_is_written_is_read_or_told_with_the_file(
        line in 0usize..80, piece in "[a-z_]{0,8}( = )?[-0-9.\"\\[\\]{}#]{0,8}",
    ) {
        let mut lines: Vec<&str> = CHENGKAO.lines().collect();
        let at = line.min(lines.len() - 1);
        lines[at] = &piece;
        if let Err(error) = Standard::from_toml("x.toml", &lines.join("\n")) {
            prop_assert!(error.to_string().starts_with("x.toml"));
        }
    }
}
