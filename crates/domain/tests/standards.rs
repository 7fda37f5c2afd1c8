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
        broken("min_bytes = 10240", "min_bytes = 51000"),
        broken("max_bytes = 51200", "max_bytes = 12288\nmin_quality = 100"),
        broken("name = { zh = \"样例\", en = \"Example\" }", "name = \"贵州\""),
        broken("[checks.framing]", "[checks.head_pose]\nyaw = 8\n[checks.framing]"),
        broken("hair_top = { min = 30, max = 60, unit = \"px\" }", "hair_top = 30"),
        broken("[checks.framing]", "[checks.illumination_even]\nbalance = 0.5\n[checks.framing]"),
        broken("width = 300", "width = \"300px\""),
        broken("[photo]", "[[photo]]"),
        broken("id = \"example\"", "id = \"My_Example 2\""),
        broken("id = \"example\"", "id = \"样例\""),
        broken("[photo]", "[card]\naccepted = [\"resident_identity_cards\"]\n[photo]"),
        broken("[photo]", "[card]\naccepted = [\"passport\"]\n[photo]"),
        broken("[photo]", "[card]\naccepted = []\n[photo]"),
        broken("[photo]", "[card]\naccepted = \"residence_permit\"\n[photo]"),
        broken("[photo]", "[card]\naccepted = [\"residence_permit\", \"residence_permit\"]\n[photo]"),
        broken("[photo]", "[card]\n[photo]"),
        broken("[photo]", "[card]\nkinds = [\"residence_permit\"]\n[photo]"),
    ]
    .join("\n");
    insta::assert_snapshot!(told);
}

#[test]
fn what_is_no_toml_is_told_in_words_for_who_writes_the_first_one() {
    let told = [
        // Chinese typing.
        broken("width = 300", "width ＝ 300"),
        broken("width = 300", "width = ３００"),
        broken("width = 300", "width：300"),
        broken("min = 30, max", "min = 30， max"),
        broken("min = 30", "min = －30"),
        broken("[photo]", "［photo］"),
        broken("[photo]", "【photo】"),
        broken("\"某考试院\"", "“某考试院”"),
        broken("\"某考试院\"", "\"某考试院”"),
        broken("height = 400", "　　height = 400"),
        broken("unit = \"px\" }", "unit = \"px\"｝"),
        broken("[\"#FFFFFF\"]", "[\"#FFFFFF\"、\"#000000\"]"),
        broken("width = 300", "\u{200b}width = 300"),
        broken("width = 300", "宽 = 300"),
        broken("\"某考试院\"", "某省，考试院"),
        // Units.
        broken("width = 300", "width = 567px"),
        broken("width = 300", "width = 567 像素"),
        broken("min = 30", "min = -30°"),
        broken("max_bytes = 51200", "max_bytes = 60KB"),
        broken("max_bytes = 51200", "max_bytes = 51,200"),
        broken("max_bytes = 51200", "max_bytes = 50*1024"),
        broken("min = 30, max = 60", "min = ±8"),
        // Keys.
        broken("width = 300", "width = 300\nheight = 400\nwidth = 390"),
        broken("[photo]", "[source]"),
        broken("min = 30", "min = 30, max = 40"),
        broken("width = 300", "width 300"),
        broken("width = 300", "width: 300"),
        broken("width = 300", "width ="),
        broken("width = 300", "// width"),
        broken("[photo]", "[photo"),
        // Quotes.
        broken("title = \"照片要求\"", "title = \"照片要求"),
        broken("title = \"照片要求\"", "title = \"\"\"照片要求"),
        broken("title = \"照片要求\"", "title = \"关于\"高考\"照片\""),
        broken("title = \"照片要求\"", "title = Requirements"),
        broken("title = \"照片要求\"", "title = \"C:\\docs\""),
        broken("\"#FFFFFF\"", "#FFFFFF"),
        // Brackets and ends of lines.
        broken("[\"#FFFFFF\"]", "[\"#FFFFFF\""),
        broken("unit = \"px\" }", "unit = \"px\""),
        broken("min = 30, max", "min = 30 max"),
        broken("width = 300", "width = 300;"),
        broken("width = 300", "width = 300,"),
        broken("width = 300", "width = 300 height = 400"),
        broken("min = 30", "min = .5"),
        broken("date = \"2025-08-01\"", "date = 2025-8-1"),
        broken("date = \"2025-08-01\"", "date = 2025-08-01"),
    ]
    .join("\n");
    insta::assert_snapshot!(told);
}

#[test]
fn signs_of_chinese_typing_are_right_in_texts_and_comments() {
    let mut texts = folder();
    let text = "\u{feff}# 注释，“全角”：＝［］\r\nid = \"mine\"\r\nextends = \"chengkao\"\r\n\
                name = { zh = \"我的，“考试”\", en = 'Mine’s' }\r\n[source]\r\ntitle = \"\"\"甲：“乙”\"\"\"\"\r\n\
                body = \"乙（丙）\"  # ，\r\ndate = \"2025\"\r\n";
    texts.insert("mine.toml".to_owned(), text.to_owned());
    assert_eq!(files(&texts).standard("mine").unwrap().unwrap().name.zh, "我的，“考试”");
    // Nor are they blamed when something else is wrong.
    texts.insert("mine.toml".to_owned(), format!("{text}[photo]\r\nwidth = 3px\r\n"));
    let told = files(&texts).standard("mine").unwrap_err().to_string();
    assert_eq!(told, "mine.toml:10:9: `width = 3px`: a number stands without its unit: write 3, not 3px");
}

#[test]
fn what_is_not_utf_8_is_told_how_to_be_saved() {
    let told = |content: &[u8]| {
        let mut files = files(&folder());
        files.add("mine.toml", content);
        files.standard("mine").unwrap_err().to_string()
    };
    let remedy = "the file is not UTF-8: save it as UTF-8 (in Notepad: 另存为 → 编码 UTF-8)";
    let gbk = b"id = \"mine\"\nname = { zh = \"\xb9\xf3\xd6\xdd\", en = \"Guizhou\" }\n";
    assert_eq!(told(gbk), format!("mine.toml: from line 2 on {remedy}"));
    let utf_16: Vec<u8> = "\u{feff}id = \"mine\"".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(told(&utf_16), format!("mine.toml: from line 1 on {remedy}"));
    assert_eq!(told(&utf_16[2..]), format!("mine.toml: {remedy}"));
}

#[test]
fn a_file_has_the_name_of_its_id_and_both_are_plain() {
    let mut texts = folder();
    texts.insert("My_Exam.toml".to_owned(), "id = \"my-exam\"".to_owned());
    let told = files(&texts).standard("My_Exam").unwrap_err().to_string();
    assert_eq!(told, "My_Exam.toml:1:6: id: it is not the file's name: rename the file to my-exam.toml");
}

#[test]
fn own_files_lie_over_those_that_are_shipped() {
    let own = |id: &str, extends: &str| {
        format!(
            "id = \"{id}\"\nextends = \"{extends}\"\nname = {{ zh = \"甲\", en = \"A\" }}\n\
             source = {{ title = \"甲\", body = \"乙\", date = \"2025\" }}\n[photo]\nmin_quality = 70\n"
        )
    };
    let mut mine = StandardFiles::default();
    mine.add("mine.toml", own("mine", "gangao"));
    mine.add("gaokao.toml", own("gaokao", "chengkao"));
    let all = mine.over(files(&folder()));
    let quality = |id| all.standard(id).unwrap().unwrap().photo.min_quality;
    assert_eq!((quality("mine"), quality("gaokao"), quality("chengkao")), (70, 70, 60));
    assert!(all.ids().any(|id| id == "mine") && all.ids().any(|id| id == "yicun"));
    assert_eq!(all.ids().count(), shipped().len() + 1);
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
    files.add("a.toml", "id = \"a\"\nextends = \"b\"");
    files.add("base/b.toml", "id = \"b\"\nextends = \"a\"");
    let told = files.standard("a").unwrap_err().to_string();
    assert_eq!(
        told,
        "base/b.toml:2:11: extends: this goes round in a circle, a → b → a: let one of them extend none"
    );
    assert!(files.standard("b").unwrap().is_none(), "a base is no standard");
    files.add("c.toml", "id = \"c\"\nextends = \"c\"");
    let told = files.standard("c").unwrap_err().to_string();
    assert_eq!(told, "c.toml:2:11: extends: this file would extend itself: give it another name and id");
}

#[test]
fn two_files_of_one_name_are_told_when_they_are_asked_for() {
    let mut files = files(&folder());
    files.add("base/yicun.toml", "id = \"yicun\"");
    let told = files.standard("yicun").unwrap_err().to_string();
    assert!(told.starts_with("base/yicun.toml: id: yicun.toml has the same name"), "{told}");
    assert!(files.standard("chengkao").unwrap().is_some());
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
        line in 0usize..80, piece in "[a-z_宽]{0,8}( = |＝)?[-0-9.\"'\\\\\\[\\]{}#，“”　％px度]{0,8}",
    ) {
        let mut lines: Vec<&str> = CHENGKAO.lines().collect();
        let at = line.min(lines.len() - 1);
        lines[at] = &piece;
        if let Err(error) = Standard::from_toml("x.toml", &lines.join("\n")) {
            prop_assert!(error.to_string().starts_with("x.toml"));
        }
    }
}
