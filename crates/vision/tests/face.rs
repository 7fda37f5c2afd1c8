//! What is worn on and hangs over drawn faces, and what faces do: each clear defect is refused by its own check, its harmless
//! grade is not, and nobody is refused for hair, skin, age or clear glasses. ZHAOYAN_SEEDS sets how many people are drawn.

#![allow(clippy::unwrap_used)]

use std::sync::LazyLock;

use domain::{CheckId, Outcome, Report, standard::Standard};
use rayon::prelude::*;
use specimen::{
    looks::Looks,
    people::Person,
    phone::phone_jpeg,
    portrait::{Defect, PortraitScene, portrait},
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

/// A defect, the check that looks for it, a strength that nobody minds and one that everybody sees.
const GRADED: [(Defect, CheckId, f32, f32); 8] = [
    (Defect::LookAway, CheckId::Gaze, 0.2, 1.0),
    (Defect::Smile, CheckId::ExpressionNeutral, 0.2, 1.0),
    (Defect::HairOverEye, CheckId::EyesVisible, 0.0, 0.8),
    (Defect::Fringe, CheckId::EyebrowsVisible, 0.15, 0.6),
    (Defect::HairOverEars, CheckId::EarsVisible, 0.1, 1.0),
    (Defect::GlassesGlare, CheckId::GlassesGlare, 0.1, 0.7),
    (Defect::TintedGlasses, CheckId::TintedGlasses, 0.1, 1.0),
    (Defect::TiltedShoulders, CheckId::ShouldersLevel, 0.2, 1.0),
];

/// A change of looks, by name.
type Variant = (&'static str, fn(Looks) -> Looks);

/// People who are easily refused for what they are.
const VARIANTS: [Variant; 5] = [
    ("bald", Looks::bald),
    ("grey", |looks| looks.greyed(0.95)),
    ("thin rims", |looks| looks.in_glasses(0.05)),
    ("thick rims", |looks| looks.in_glasses(0.36)),
    ("as they are", |looks| looks),
];

fn seeds() -> std::ops::Range<u64> {
    let count = std::env::var("ZHAOYAN_SEEDS").ok().and_then(|s| s.parse().ok()).unwrap_or(2);
    700..700 + count
}

fn judged(looks: &Looks, scene: PortraitScene) -> Report {
    let drawn = portrait(looks, &scene.sized(1008, 1344));
    let capture = decode(&phone_jpeg(&drawn.pixels, 92, 6)).unwrap();
    STANDARD.judge(&assess(&MODELS, &capture, &STANDARD).unwrap().measures)
}

/// Whether a smile could not be looked for because hair hides the lips.
fn hidden_by_moustache(check: CheckId, outcome: Outcome) -> bool {
    check == CheckId::ExpressionNeutral && outcome == Outcome::NotAssessed
}

fn graded(seed: u64, defect: Defect, check: CheckId, strength: f32) -> (Outcome, Option<f64>) {
    let scene = PortraitScene::clean(seed).and_graded(defect, strength);
    let report = judged(&Person::from_seed(seed).looks, scene);
    let finding = report.finding(check).unwrap();
    (finding.outcome, finding.measure)
}

#[test]
fn every_clear_defect_of_the_face_is_refused_by_its_own_check_and_its_harmless_grade_is_not() {
    let cases: Vec<_> = seeds().flat_map(|seed| GRADED.map(|g| (seed, g))).collect();
    let wrong: Vec<String> = cases
        .into_par_iter()
        .flat_map_iter(|(seed, (defect, check, harmless, clear))| {
            [(harmless, false), (clear, true)].into_iter().filter_map(move |(strength, refused)| {
                let (outcome, measure) = graded(seed, defect, check, strength);
                let right = if refused { outcome == Outcome::Fail } else { outcome != Outcome::Fail };
                (!right && !hidden_by_moustache(check, outcome))
                    .then(|| format!("seed {seed} {defect:?} {strength}: {check} {outcome:?} at {measure:?}"))
            })
        })
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn nobody_is_refused_for_hair_skin_age_or_clear_glasses() {
    let cases: Vec<_> = seeds().flat_map(|seed| VARIANTS.map(|v| (seed, v))).collect();
    let wrong: Vec<String> = cases
        .into_par_iter()
        .flat_map_iter(|(seed, (name, change))| {
            let report = judged(&change(Person::from_seed(seed).looks), PortraitScene::clean(seed));
            GRADED.map(|g| report.finding(g.1).unwrap().clone()).into_iter().filter_map(move |f| {
                (f.outcome != Outcome::Pass && !hidden_by_moustache(f.id, f.outcome))
                    .then(|| format!("seed {seed}, {name}: {} {:?} at {:?}", f.id, f.outcome, f.measure))
            })
        })
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}
