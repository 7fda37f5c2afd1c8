//! `face distance-table` and `face compare`: every pair of a folder, what cannot be compared, and the truth of the real pictures.

#![allow(clippy::unwrap_used)]

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use image::{Rgb, RgbImage};
use serde_json::Value;
use specimen::{
    people::Person,
    phone::phone_jpeg,
    portrait::{PortraitScene, card_portrait, portrait},
};
use vision::model::{Models, models_dir};

fn models_are_there() -> bool {
    let there = Models::open(&models_dir(), 1).is_ok();
    if !there {
        eprintln!("skipped: there are no models in {}; run `make models`", models_dir().display());
    }
    there
}

fn face(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_zhaoyan")).arg("face").args(arguments).output().unwrap()
}

fn lines(output: &Output) -> Vec<Value> {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Two pictures of each of three drawn people, a picture of nobody, one that is none, and a note.
fn folder() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for seed in [1u64, 4, 9] {
        let person = Person::from_seed(seed);
        let taken = portrait(&person.looks, &PortraitScene::clean(seed + 50).sized(600, 800)).pixels;
        for (kind, pixels) in [("card", card_portrait(&person.looks)), ("photo", taken)] {
            fs::write(dir.path().join(format!("p{seed}_{kind}.jpg")), phone_jpeg(&pixels, 92, 1)).unwrap();
        }
    }
    let wall = RgbImage::from_pixel(600, 800, Rgb([200, 200, 196]));
    fs::write(dir.path().join("wall.JPG"), phone_jpeg(&wall, 92, 1)).unwrap();
    fs::write(dir.path().join("words.png"), "no picture").unwrap();
    fs::write(dir.path().join("notes.txt"), "not looked at").unwrap();
    dir
}

fn table(dir: &Path, more: &[&str]) -> Output {
    face(&[&["distance-table", dir.to_str().unwrap()], more].concat())
}

#[test]
fn every_pair_of_a_folder_is_told_and_who_is_shown_tells_one_person_from_different_people() {
    if !models_are_there() {
        return;
    }
    let dir = folder();
    let output = table(dir.path(), &["--json"]);
    assert_eq!(output.status.code(), Some(2), "two files could not be compared");
    let complaints = String::from_utf8(output.stderr.clone()).unwrap();
    assert!(complaints.contains("wall.JPG: no face was found"), "{complaints}");
    assert!(complaints.contains("words.png"), "{complaints}");
    let mut told = lines(&output);
    let figures = told.pop().unwrap();
    assert_eq!(told.len(), 15, "six pictures, the others go on");
    assert_eq!((&figures["pictures"], &figures["people"]), (&6.into(), &3.into()));
    assert_eq!(figures["left_out"].as_array().unwrap().len(), 2);
    assert_eq!((&figures["same"]["pairs"], &figures["different"]["pairs"]), (&3.into(), &12.into()));
    let farthest_same = told.iter().filter(|p| p["same_person"] == true);
    let farthest_same = farthest_same.map(|p| p["distance"].as_f64().unwrap()).fold(0.0, f64::max);
    assert!((figures["same"]["most"].as_f64().unwrap() - farthest_same).abs() < 0.001);
    for rates in figures["rates"].as_array().unwrap() {
        let limit = rates["distance"].as_f64().unwrap();
        let beyond =
            told.iter().filter(|p| p["same_person"] == true && p["distance"].as_f64().unwrap() > limit);
        assert!((rates["false_non_match"].as_f64().unwrap() - beyond.count() as f64 / 3.0).abs() < 1e-9);
    }
    assert!(figures["equal_error"]["rate"].as_f64().unwrap() <= 0.5);

    let words = table(dir.path(), &[]);
    let words = String::from_utf8(words.stdout).unwrap();
    assert!(words.contains("p4_card.jpg") && words.contains("equal error rate"), "{words}");
}

#[test]
fn a_folder_with_too_many_or_no_pictures_is_told_before_anything_is_compared() {
    let dir = folder();
    let many = table(dir.path(), &["--most", "3"]);
    assert_eq!(many.status.code(), Some(2));
    let told = String::from_utf8(many.stderr).unwrap();
    assert!(told.contains("there are 8 pictures, and at most 3 are compared"), "{told}");
    let empty = tempfile::tempdir().unwrap();
    let told = String::from_utf8(table(empty.path(), &[]).stderr).unwrap();
    assert!(told.contains("holds no pictures"), "{told}");
    let told = String::from_utf8(table(&empty.path().join("none"), &[]).stderr).unwrap();
    assert!(told.contains("cannot be read"), "{told}");
}

#[test]
fn the_real_pictures_pairs_come_out_as_anybody_would_say() {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/testdata"));
    let Ok(truth) = fs::read_to_string(folder.join("truth.json")) else {
        eprintln!("skipped: ../shared/testdata is absent");
        return;
    };
    if !models_are_there() {
        return;
    }
    let truth: Value = serde_json::from_str(&truth).unwrap();
    let picture = |name: &Value| folder.join("portraits").join(name.as_str().unwrap());
    for (key, same) in [("same_person", true), ("different_people", false)] {
        for pair in truth[key].as_array().unwrap() {
            let (a, b) = (picture(&pair[0]), picture(&pair[1]));
            let output = face(&["compare", a.to_str().unwrap(), b.to_str().unwrap(), "--json"]);
            let told = lines(&output);
            assert_eq!(told[0]["same_person"], same, "{pair}");
            assert_eq!(output.status.code(), Some(i32::from(!same)));
            let warned = told[0]["similarity"].as_f64().unwrap() < service::Rules::default().warn_below;
            assert_eq!(warned, !same, "{pair}: the warning's default limit");
        }
    }
}
