//! One person is nearer to themselves than to anybody else.
#![allow(clippy::unwrap_used)]

use std::{collections::BTreeMap, path::PathBuf};

use super::*;
use crate::model::testing::models;

#[test]
fn real_pictures_of_one_person_are_nearer_than_of_two() {
    let Some(models) = models() else { return };
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/testdata"));
    let Ok(truth) = std::fs::read_to_string(folder.join("truth.json")) else {
        eprintln!("skipped: ../shared/testdata is absent");
        return;
    };
    let truth: serde_json::Value = serde_json::from_str(&truth).unwrap();
    let mut known = BTreeMap::new();
    let mut distances = |key: &str| -> Vec<f32> {
        let mut describe = |name: &serde_json::Value| {
            let name = name.as_str().unwrap().to_owned();
            let of = |name: &String| {
                let pixels = read(&folder.join("portraits").join(name));
                let t = std::time::Instant::now();
                let faces = face::detect(&models, &pixels).unwrap();
                eprintln!("{name} {:?} {:?} {:?}", pixels.dimensions(), t.elapsed(), faces);
                let m = face::mesh(&models, &pixels, &faces[0]).unwrap();
                eprintln!("{:?} {} {:?} {:?}", t.elapsed(), m.presence, m.right_eye.iris, m.left_eye.iris);
                descriptor(&models, &pixels).unwrap()
            };
            known.entry(name.clone()).or_insert_with(|| of(&name)).clone()
        };
        let pairs = truth[key].as_array().unwrap();
        pairs.iter().map(|pair| describe(&pair[0]).distance(&describe(&pair[1]))).collect()
    };
    let same = distances("same_person");
    let different = distances("different_people");
    eprintln!("{same:?} {different:?}");
    assert!(same.iter().all(|&distance| distance < 0.5), "{same:?}");
    assert!(different.iter().all(|&distance| distance > 0.7), "{different:?}");
}

#[test]
fn a_picture_without_a_face_has_no_descriptor() {
    let Some(models) = models() else { return };
    let wall = RgbImage::from_pixel(640, 480, image::Rgb([200, 210, 220]));
    assert!(matches!(descriptor(&models, &wall), Err(CompareError::NoFace)));
}

/// A picture whatever its name says it is.
fn read(path: &std::path::Path) -> RgbImage {
    let reader = image::ImageReader::open(path).unwrap().with_guessed_format().unwrap();
    reader.decode().unwrap().into_rgb8()
}
