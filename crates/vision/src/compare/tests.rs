//! One person is nearer to themselves than to anybody else.
#![allow(clippy::unwrap_used)]

use std::{collections::BTreeMap, path::PathBuf};

use specimen::{
    people::Person,
    portrait::{PortraitScene, card_portrait, portrait},
};

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
                descriptor(&models, &pixels).unwrap()
            };
            known.entry(name.clone()).or_insert_with(|| of(&name)).clone()
        };
        let pairs = truth[key].as_array().unwrap();
        pairs.iter().map(|pair| describe(&pair[0]).distance(&describe(&pair[1]))).collect()
    };
    let same = distances("same_person");
    let different = distances("different_people");
    assert!(same.iter().all(|&distance| distance < 0.5), "{same:?}");
    assert!(different.iter().all(|&distance| distance > 0.7), "{different:?}");
}

#[test]
fn a_drawn_person_is_nearest_to_their_own_card_picture() {
    let Some(models) = models() else { return };
    let people: Vec<_> = (0..4).map(Person::from_seed).collect();
    let register: Vec<_> =
        people.iter().map(|person| descriptor(&models, &card_portrait(&person.looks)).unwrap()).collect();
    for (index, person) in people.iter().enumerate() {
        let taken = portrait(&person.looks, &PortraitScene::clean(index as u64 + 100).sized(756, 1008));
        let seen = descriptor(&models, &taken.pixels).unwrap();
        let distances: Vec<_> = register.iter().map(|other| seen.distance(other)).collect();
        assert!(distances[index] < 0.2, "{index}: {distances:?}");
        assert!(
            distances.iter().enumerate().all(|(other, &far)| other == index || far > 0.25),
            "{distances:?}"
        );
    }
}

#[test]
fn similarity_falls_from_one_person_to_different_people() {
    assert!(similarity(0.0) > 99.0 && similarity(0.45) > 88.0);
    assert!((similarity(0.6) - SAME_PERSON).abs() < 0.01);
    assert!(similarity(0.8) < 6.0 && similarity(2.0) >= 0.0);
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
