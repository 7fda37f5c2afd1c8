//! `photo make` with a standard of one's own, and what it says when it makes none.

#![allow(clippy::unwrap_used)]

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use image::{Rgb, RgbImage};
use specimen::{
    people::Person,
    phone::phone_jpeg,
    portrait::{PortraitScene, portrait},
};

fn folder() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let person = portrait(&Person::from_seed(40).looks, &PortraitScene::clean(40).sized(900, 1200));
    fs::write(dir.path().join("person.jpg"), phone_jpeg(&person.pixels, 92, 6)).unwrap();
    let wall = RgbImage::from_pixel(600, 800, Rgb([200, 200, 196]));
    fs::write(dir.path().join("wall.jpg"), phone_jpeg(&wall, 92, 6)).unwrap();
    let own = "id = \"gz\"\nextends = \"any-size\"\nname = { zh = \"贵州\", en = \"Guizhou\" }\n\
               [source]\ntitle = \"照片要求\"\nbody = \"某考试院\"\ndate = \"2025\"\n\
               [photo]\nwidth = 390\nheight = 567\nmin_bytes = 15360\nmax_bytes = 61440\n\
               backgrounds = [\"#64C5FF\", \"#FFFFFF\"]\n";
    fs::write(dir.path().join("gz.toml"), own).unwrap();
    let strict = own.replace("\"gz\"", "\"strict\"").replace("min_bytes", "min_quality = 100\nmin_bytes");
    fs::write(dir.path().join("strict.toml"), strict).unwrap();
    dir
}

fn make(dir: &Path, picture: &str, options: &[&str]) -> Output {
    let arguments = ["photo", "make", picture, "--standards", ".", "-o", "out.jpg"];
    Command::new(env!("CARGO_BIN_EXE_zhaoyan"))
        .current_dir(dir)
        .args(arguments)
        .args(options)
        .output()
        .unwrap()
}

#[test]
fn a_standard_of_ones_own_is_made_and_why_another_is_not_is_told() {
    let dir = folder();
    let made = make(dir.path(), "person.jpg", &["--standard", "gz", "--json"]);
    let line: serde_json::Value = serde_json::from_slice(&made.stdout).unwrap();
    assert_eq!((line["width"].as_u64(), line["height"].as_u64()), (Some(390), Some(567)));
    assert!((15_360..=61_440).contains(&line["bytes"].as_u64().unwrap()), "{line}");
    assert!(dir.path().join("out.jpg").is_file());

    let complaint = |picture: &str, options: &[&str]| {
        let output = make(dir.path(), picture, options);
        assert_eq!(output.status.code(), Some(2), "{picture} {options:?}");
        String::from_utf8(output.stderr).unwrap()
    };
    assert_eq!(
        complaint("person.jpg", &["--standard", "strict"]),
        "person.jpg: no JPEG of 390 × 567 at quality ≥ 100 fits 15360..61440 bytes: change min_quality, min_bytes or \
         max_bytes of the standard\n"
    );
    let nobody = complaint("wall.jpg", &["--standard", "strict"]);
    assert!(nobody.starts_with("wall.jpg: no ID photo can be made of it: "), "{nobody}");
    assert_eq!(
        complaint("person.jpg", &["--standard", "gz", "--background", "FF0000"]),
        "zhaoyan: --background #FF0000 is none of `gz`: write one of #64C5FF, #FFFFFF\n"
    );
    let white = make(dir.path(), "person.jpg", &["--standard", "gz", "--background", "#FFFFFF"]);
    assert!(white.status.code().is_some_and(|status| status < 2));

    let page = Command::new(env!("CARGO_BIN_EXE_zhaoyan"))
        .current_dir(dir.path())
        .args([
            "photo",
            "check",
            "person.jpg",
            "--standards",
            ".",
            "--standard",
            "strict",
            "--report",
            "out.html",
        ])
        .output()
        .unwrap();
    assert!(page.status.code().is_some_and(|status| status < 2));
    let page = fs::read_to_string(dir.path().join("out.html")).unwrap();
    assert!(page.contains("No ID photo could be made: no JPEG fits"));
}
