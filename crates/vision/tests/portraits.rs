//! Drawn candidates before the judge: clean ones are accepted, each defect is refused by its own check, made photos are as
//! the standard asks. ZHAOYAN_SEEDS sets how many people are drawn, ZHAOYAN_DEFECT names the one defect to be drawn.

#![allow(clippy::unwrap_used)]

use std::sync::LazyLock;

use domain::{CheckId, Outcome, Report, standard::Standard};
use image::RgbImage;
use rayon::prelude::*;
use specimen::{
    people::Person,
    phone::phone_jpeg,
    portrait::{Defect, PortraitScene, portrait},
};
use vision::{
    decode::{Capture, decode},
    face,
    model::{Models, models_dir},
    photo::{Assessment, assess, take},
};

static MODELS: LazyLock<Models> = LazyLock::new(|| Models::open(&models_dir(), 2).unwrap());
static STANDARD: LazyLock<Standard> = LazyLock::new(|| {
    Standard::from_toml("chengkao.toml", include_str!("../../../standards/chengkao.toml")).unwrap()
});

/// Each defect with the check that has to refuse it.
const DEFECTS: [(Defect, CheckId); 9] = [
    (Defect::ClosedEyes, CheckId::EyesOpen),
    (Defect::OpenMouth, CheckId::MouthClosed),
    (Defect::TurnedHead, CheckId::HeadPose),
    (Defect::TiltedHead, CheckId::HeadPose),
    (Defect::NoddingHead, CheckId::HeadPose),
    (Defect::SideLight, CheckId::IlluminationEven),
    (Defect::BusyBackground, CheckId::BackgroundUniform),
    (Defect::SecondFace, CheckId::SingleFace),
    (Defect::Blur, CheckId::Sharpness),
];

fn seeds() -> std::ops::Range<u64> {
    let count = std::env::var("ZHAOYAN_SEEDS").ok().and_then(|s| s.parse().ok()).unwrap_or(4);
    100..100 + count
}

fn captured(pixels: &RgbImage) -> Capture {
    decode(&phone_jpeg(pixels, 92, 6)).unwrap()
}

fn judged(scene: PortraitScene, seed: u64) -> (Assessment, Report) {
    let drawn = portrait(&Person::from_seed(seed).looks, &scene.sized(1512, 2016));
    let assessment = assess(&MODELS, &captured(&drawn.pixels), &STANDARD).unwrap();
    let report = STANDARD.judge(&assessment.measures);
    (assessment, report)
}

/// What failed, for messages.
fn failures(report: &Report) -> String {
    let of = |f: &domain::Finding| format!("{} {}={:?}", f.id, f.part.clone().unwrap_or_default(), f.measure);
    report.failed().map(of).collect::<Vec<_>>().join(", ")
}

#[test]
fn clean_portraits_are_accepted_and_every_measured_check_is_answered() {
    let refused: Vec<String> = seeds()
        .into_par_iter()
        .filter_map(|seed| {
            let (assessment, report) = judged(PortraitScene::clean(seed), seed);
            // A moustache may hide whether the mouth smiles.
            let fine = |f: &&domain::Finding| {
                f.outcome != Outcome::NotAssessed || f.id == CheckId::ExpressionNeutral
            };
            let answered = report.findings.iter().filter(fine).count();
            let fine = report.accepted && answered == 28 && assessment.photo.is_some();
            (!fine).then(|| format!("seed {seed}: {answered} answered, failed: {}", failures(&report)))
        })
        .collect();
    assert!(refused.is_empty(), "{refused:#?}");
}

#[test]
fn every_defect_is_refused_by_its_own_check() {
    let only = std::env::var("ZHAOYAN_DEFECT").ok();
    let wanted = |defect: &Defect| only.as_ref().is_none_or(|name| *name == format!("{defect:?}"));
    let cases: Vec<_> = seeds()
        .flat_map(|seed| DEFECTS.map(|(defect, check)| (seed, defect, check)))
        .filter(|(_, defect, _)| wanted(defect))
        .collect();
    assert!(!cases.is_empty(), "no defect is called {only:?}");
    let missed: Vec<String> = cases
        .into_par_iter()
        .filter_map(|(seed, defect, check)| {
            let (_, report) = judged(PortraitScene::with_defect(seed, defect), seed);
            let finding = report.finding(check).unwrap();
            (finding.outcome != Outcome::Fail).then(|| {
                format!("seed {seed} {defect:?}: {check} {:?} {:?}", finding.outcome, finding.measure)
            })
        })
        .collect();
    assert!(missed.is_empty(), "{missed:#?}");
}

#[test]
fn made_photos_are_as_the_standard_asks_by_a_second_reading() {
    let wrong: Vec<String> = seeds()
        .into_par_iter()
        .filter_map(|seed| {
            let (assessment, _) = judged(PortraitScene::clean(seed), seed);
            let photo = assessment.photo.unwrap();
            let read = decode(&photo.jpeg).unwrap();
            let file = &STANDARD.photo;
            assert_eq!((read.pixels.width(), read.pixels.height()), (file.width, file.height));
            assert!(
                (file.min_bytes..=file.max_bytes).contains(&photo.jpeg.len()),
                "{} bytes",
                photo.jpeg.len()
            );
            assert!(photo.quality >= file.min_quality);
            for (x, y) in [(2, 2), (477, 2), (240, 8)] {
                let corner = read.pixels.get_pixel(x, y).0;
                assert!(corner.iter().zip(photo.background).all(|(a, b)| a.abs_diff(b) < 4), "{corner:?}");
            }
            let faces = face::detect(&MODELS, &read.pixels).unwrap();
            let mesh = face::mesh(&MODELS, &read.pixels, &faces[0]).unwrap();
            let eyes = [33, 133, 263, 362].iter().map(|i| mesh.points[*i].y).sum::<f32>() / 4.0;
            let width = mesh.points[454].x - mesh.points[234].x;
            let level = (mesh.points[33].y - mesh.points[263].y).abs();
            let fine = (198.0..=302.0).contains(&eyes) && (176.0..=306.0).contains(&width) && level < 4.0;
            (!fine).then(|| format!("seed {seed}: eyes at {eyes}, face {width} wide, eyes {level} off level"))
        })
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_picture_without_a_face_counts_none_and_assesses_nothing_else() {
    let wall = RgbImage::from_pixel(900, 1200, image::Rgb([200, 205, 210]));
    let assessment = assess(&MODELS, &captured(&wall), &STANDARD).unwrap();
    let report = STANDARD.judge(&assessment.measures);
    assert_eq!((assessment.faces, assessment.photo), (0, None));
    assert_eq!(report.failed().map(|f| f.id).collect::<Vec<_>>(), [CheckId::SingleFace]);
}

#[test]
fn a_large_picture_is_decoded_as_large_as_the_person_is_far_away() {
    let person = |width: u32| {
        portrait(&Person::from_seed(100).looks, &PortraitScene::clean(100).sized(width, width / 3 * 4)).pixels
    };
    let near = person(3024);
    let mut far = RgbImage::from_pixel(3024, 4032, *near.get_pixel(8, 8));
    image::imageops::replace(&mut far, &person(1008), 1008, 1344);
    for (picture, scale, size) in [(near, 0.25, 0.3), (far, 1.0, 0.1)] {
        let (capture, assessment, ()) = take(&phone_jpeg(&picture, 92, 6), &STANDARD, |capture| {
            anyhow::Ok((assess(&MODELS, capture, &STANDARD)?, ()))
        })
        .unwrap();
        assert_eq!((capture.scale(), capture.source.width, capture.source.height), (scale, 3024, 4032));
        // Told in pixels of the file, whatever it was decoded to.
        let face = assessment.face.unwrap();
        assert!((face.bounds[2] / 3024.0 / size - 1.0).abs() < 0.35, "{:?}", face.bounds);
        assert!((face.right_eye[0] - 1512.0).abs() < 400.0 && face.right_eye[1] < 2200.0, "{face:?}");
        assert!(assessment.photo.is_some());
    }
}

#[test]
fn pictures_without_colour_are_refused() {
    let drawn = portrait(&Person::from_seed(7).looks, &PortraitScene::clean(7).sized(900, 1200)).pixels;
    let grey =
        |p: &image::Rgb<u8>| (u32::from(p[0]) * 54 + u32::from(p[1]) * 183 + u32::from(p[2]) * 19) >> 8;
    let toned = |by: [u32; 3]| {
        let mut picture = drawn.clone();
        for p in picture.pixels_mut() {
            let light = grey(p);
            p.0 = by.map(|k| (light * k / 100).min(255) as u8);
        }
        let assessment = assess(&MODELS, &captured(&picture), &STANDARD).unwrap();
        STANDARD.judge(&assessment.measures).finding(CheckId::ColourImage).unwrap().clone()
    };
    for tone in [[100, 100, 100], [107, 95, 78]] {
        let finding = toned(tone);
        assert_eq!(finding.outcome, Outcome::Fail, "{tone:?}: {:?}", finding.measure);
    }
}
