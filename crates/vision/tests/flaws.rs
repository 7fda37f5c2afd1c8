//! Pictures spoiled after they were taken: each flaw is refused by its own check, from the strength on at which nobody would accept
//! it. ZHAOYAN_SEEDS sets how many people are drawn.

#![allow(clippy::unwrap_used)]

use std::sync::LazyLock;

use domain::{CheckId, Outcome, Report, standard::Standard};
use image::RgbImage;
use rayon::prelude::*;
use specimen::{
    flaw::{Flaw, flawed},
    people::Person,
    phone::phone_jpeg,
    portrait::{PortraitScene, portrait},
};
use vision::{
    decode::decode,
    model::{Models, models_dir},
    photo::assess,
};

static MODELS: LazyLock<Models> = LazyLock::new(|| Models::open(&models_dir(), 2).unwrap());
static STANDARD: LazyLock<Standard> = LazyLock::new(|| {
    Standard::from_toml("chengkao.toml", include_str!("../../../standards/chengkao.toml")).unwrap()
});

/// Each flaw with the checks of which one has to refuse it.
const FLAWS: [(Flaw, &[CheckId]); 11] = [
    (Flaw::ColourCast, &[CheckId::NaturalColour]),
    (Flaw::Toned, &[CheckId::ColourImage]),
    (Flaw::Grain, &[CheckId::Noise]),
    (Flaw::Compression, &[CheckId::Compression]),
    (Flaw::Screen, &[CheckId::NotRephotographed]),
    (Flaw::Print, &[CheckId::NotRephotographed]),
    (Flaw::Border, &[CheckId::NoBorderOrText]),
    (Flaw::Text, &[CheckId::NoBorderOrText]),
    (Flaw::Thing, &[CheckId::BackgroundClear]),
    // Somebody whose face is to be seen is counted, somebody else is a thing.
    (Flaw::Bystander, &[CheckId::BackgroundClear, CheckId::SingleFace]),
    (Flaw::Shadow, &[CheckId::BackgroundClear]),
];

fn seeds() -> std::ops::Range<u64> {
    let count = std::env::var("ZHAOYAN_SEEDS").ok().and_then(|s| s.parse().ok()).unwrap_or(2);
    300..300 + count
}

fn report(pixels: &RgbImage, quality: u8) -> Report {
    let capture = decode(&phone_jpeg(pixels, quality, 1)).unwrap();
    STANDARD.judge(&assess(&MODELS, &capture, &STANDARD).unwrap().measures)
}

/// What a check came to, for messages.
fn told(report: &Report, check: CheckId) -> String {
    let finding = report.finding(check).unwrap();
    format!("{check} {:?} {:?} {:?}", finding.outcome, finding.part, finding.measure)
}

#[test]
fn every_flaw_is_refused_by_its_own_check() {
    let missed: Vec<String> = seeds()
        .into_par_iter()
        .flat_map_iter(|seed| {
            let looks = Person::from_seed(seed).looks;
            let drawn = portrait(&looks, &PortraitScene::clean(seed).sized(1512, 2016));
            FLAWS.into_iter().filter_map(move |(flaw, checks)| {
                let report = report(&flawed(&drawn, flaw, 0.9, seed).unwrap(), 92);
                let failed = |c: &CheckId| report.finding(*c).unwrap().outcome == Outcome::Fail;
                (!checks.iter().any(failed))
                    .then(|| format!("seed {seed} {flaw:?}: {}", told(&report, checks[0])))
            })
        })
        .collect();
    assert!(missed.is_empty(), "{missed:#?}");
}

#[test]
fn smoothed_skin_is_pointed_out() {
    let missed: Vec<String> = seeds()
        .into_par_iter()
        .filter_map(|seed| {
            let looks = Person::from_seed(seed).looks;
            let drawn = portrait(&looks, &PortraitScene::clean(seed).sized(1512, 2016));
            let report = report(&flawed(&drawn, Flaw::Retouched, 0.9, seed).unwrap(), 92);
            let warned = report.finding(CheckId::NotRetouched).unwrap().outcome == Outcome::Warn;
            (!warned).then(|| format!("seed {seed}: {}", told(&report, CheckId::NotRetouched)))
        })
        .collect();
    assert!(missed.is_empty(), "{missed:#?}");
}

#[test]
fn white_clothes_are_refused_on_white_and_darker_ones_are_not() {
    let wrong: Vec<String> = seeds()
        .into_par_iter()
        .flat_map_iter(|seed| {
            let looks = Person::from_seed(seed).looks;
            [([252; 3], Outcome::Fail), ([150; 3], Outcome::Pass)].into_iter().filter_map(
                move |(colour, expected)| {
                    let scene = PortraitScene::clean(seed).sized(1512, 2016).wearing(colour);
                    let report = report(&portrait(&looks, &scene).pixels, 92);
                    let outcome = report.finding(CheckId::ClothingContrast).unwrap().outcome;
                    (outcome != expected).then(|| {
                        format!("seed {seed} {colour:?}: {}", told(&report, CheckId::ClothingContrast))
                    })
                },
            )
        })
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_file_stored_far_too_small_is_refused_by_its_own_tables() {
    let drawn = portrait(&Person::from_seed(9).looks, &PortraitScene::clean(9).sized(1512, 2016));
    for (quality, refused) in [(12, true), (75, false)] {
        let report = report(&drawn.pixels, quality);
        let failed = report.finding(CheckId::Compression).unwrap().outcome == Outcome::Fail;
        assert_eq!(failed, refused, "quality {quality}: {}", told(&report, CheckId::Compression));
    }
}
