//! Pictures drawn and judged.

use std::{
    fs,
    path::PathBuf,
    sync::atomic::{AtomicUsize, Ordering},
};

use anyhow::Context as _;
use domain::{CheckId, Outcome, Standard};
use image::RgbImage;
use rayon::prelude::*;
use specimen::{
    looks::{Looks, Traits},
    people::Person,
    phone::phone_jpeg,
    portrait::{PortraitScene, portrait},
};
use vision::{
    model::Models,
    photo::{assess, take},
};

use crate::kinds::{KINDS, Kind};

/// What a run draws.
#[derive(Debug, Clone)]
pub struct Plan {
    /// People drawn with each defect at clear strength.
    pub people: u64,
    /// Of these, how many are drawn at each of [`GRADES`] as well.
    pub graded: u64,
    /// People drawn without a defect.
    pub clean: u64,
    /// Only kinds with one of these names; all if empty.
    pub only: Vec<String>,
}

/// Strengths at which the curves are drawn, besides the clear ones.
pub const GRADES: [f32; 5] = [0.05, 0.2, 0.4, 0.6, 0.8];

/// Where the seeds of clean people begin; those with defects begin at 0 of another range.
const CLEAN_FROM: u64 = 50_000;
const DEFECTS_FROM: u64 = 10_000;

/// One picture, judged.
#[derive(Debug, Clone)]
pub struct Shot {
    /// Index into [`KINDS`]; `None` for a clean picture.
    pub kind: Option<usize>,
    /// Who was drawn.
    pub seed: u64,
    /// How strong the defect is.
    pub strength: f32,
    /// Whether that is clearly beyond the limit.
    pub clear: bool,
    /// What others see of the person.
    pub traits: Traits,
    /// No check failed.
    pub accepted: bool,
    /// Outcome and deciding measure of each check.
    pub findings: Vec<(CheckId, Outcome, Option<f64>)>,
}

impl Shot {
    /// What a check came to.
    pub fn outcome(&self, check: CheckId) -> Outcome {
        self.findings.iter().find(|f| f.0 == check).map_or(Outcome::NotAssessed, |f| f.1)
    }

    /// The shot for other programs: who, what is wrong, and each check's outcome and measure.
    pub fn json(&self) -> serde_json::Value {
        let findings: serde_json::Map<String, serde_json::Value> = self
            .findings
            .iter()
            .map(|(check, outcome, measure)| (check.id().to_owned(), serde_json::json!([outcome, measure])))
            .collect();
        serde_json::json!({
            "kind": self.kind.map(|k| KINDS[k].name), "seed": self.seed, "strength": self.strength, "clear": self.clear,
            "accepted": self.accepted, "findings": findings,
        })
    }
}

/// What the judging needs.
pub struct Bench {
    pub models: Models,
    pub standard: Standard,
    /// Folder for the pictures that were judged wrongly.
    pub wrong: PathBuf,
}

impl Bench {
    fn shot(&self, pixels: &RgbImage, seed: u64, traits: Traits) -> anyhow::Result<Shot> {
        let jpeg = phone_jpeg(pixels, 88 + (seed % 8) as u8, 1 + (seed % 2) as u8 * 5);
        let (_, assessment, ()) = take(&jpeg, &self.standard, |capture| {
            anyhow::Ok((assess(&self.models, capture, &self.standard)?, ()))
        })?;
        let report = self.standard.judge(&assessment.measures);
        Ok(Shot {
            kind: None,
            seed,
            strength: 0.0,
            clear: false,
            traits,
            accepted: report.accepted,
            findings: report.findings.iter().map(|f| (f.id, f.outcome, f.measure)).collect(),
        })
    }

    /// Keeps a picture that was judged wrongly, to be looked at.
    fn keep_wrong(&self, shot: &Shot, pixels: &RgbImage) -> anyhow::Result<()> {
        let caught = |kind: usize| {
            KINDS[kind].checks.iter().any(|c| matches!(shot.outcome(*c), Outcome::Fail | Outcome::Warn))
        };
        let right = shot.kind.map_or(shot.accepted, |kind| !shot.clear || caught(kind));
        if right {
            return Ok(());
        }
        let what = shot.kind.map_or("clean", |kind| KINDS[kind].name).replace([' ', ','], "_");
        let path = self.wrong.join(format!("{what}_{}_{:.0}.jpg", shot.seed, 100.0 * shot.strength));
        fs::create_dir_all(&self.wrong)
            .and_then(|()| fs::write(&path, phone_jpeg(pixels, 92, 1)))
            .with_context(|| format!("{} cannot be written", path.display()))
    }
}

/// Draws and judges everything that the plan asks for. Told: how many are done, of how many.
///
/// # Errors
/// When a model is missing or a name in `only` is none.
pub fn shoot(bench: &Bench, plan: &Plan, told: &(dyn Fn(usize, usize) + Sync)) -> anyhow::Result<Vec<Shot>> {
    let kinds = chosen(&plan.only)?;
    let grades = kinds.iter().filter(|(_, k)| k.graded()).count() * GRADES.len();
    let total = plan.people as usize * kinds.len() + plan.graded as usize * grades + plan.clean as usize;
    let done = AtomicUsize::new(0);
    let step = |shot| {
        told(done.fetch_add(1, Ordering::Relaxed) + 1, total);
        shot
    };
    let spoiled = (0..plan.people).into_par_iter().map(|person| -> anyhow::Result<Vec<Shot>> {
        let seed = DEFECTS_FROM + person;
        let looks = Person::from_seed(seed).looks;
        let mut base = None;
        let mut shots = Vec::new();
        for (index, kind) in &kinds {
            // Every person has the defect a little differently strong, from the least clear to the gross.
            let share = ((person * 37 + *index as u64 * 11) % 100) as f32 / 99.0;
            let clear = kind.clear + (1.0 - kind.clear) * share;
            let graded = kind.graded() && person < plan.graded;
            let grades = GRADES.into_iter().filter(|_| graded).map(|s| (s, s >= kind.clear));
            for (strength, clear) in std::iter::once((clear, true)).chain(grades) {
                let pixels = kind.picture(&looks, seed, strength, &mut base)?;
                let shot = bench.shot(&pixels, seed, looks.traits())?;
                let shot = Shot { kind: Some(*index), strength, clear, ..shot };
                bench.keep_wrong(&shot, &pixels)?;
                shots.push(step(shot));
            }
        }
        Ok(shots)
    });
    let clean = (0..plan.clean).into_par_iter().map(|person| -> anyhow::Result<Vec<Shot>> {
        let seed = CLEAN_FROM + person;
        let looks = varied(Person::from_seed(seed).looks, person);
        // As phones and messengers send them; a few in all twelve megapixels.
        let width = if person % 50 == 7 { 3024 } else { [1008, 1512, 1200][person as usize % 3] };
        let scene = PortraitScene::clean(seed).sized(width, width * 4 / 3);
        let pixels = portrait(&looks, &scene).pixels;
        let shot = bench.shot(&pixels, seed, looks.traits())?;
        bench.keep_wrong(&shot, &pixels)?;
        Ok(vec![step(shot)])
    });
    let all: Vec<Vec<Shot>> = spoiled.chain(clean).collect::<anyhow::Result<_>>()?;
    Ok(all.into_iter().flatten().collect())
}

/// People who are easily refused for what they are are drawn more often than chance would.
fn varied(looks: Looks, person: u64) -> Looks {
    match person % 10 {
        0 => looks.bald(),
        1 => looks.greyed(0.95),
        2 => looks.in_glasses(0.36),
        3 => looks.in_glasses(0.05),
        _ => looks,
    }
}

fn chosen(only: &[String]) -> anyhow::Result<Vec<(usize, &'static Kind)>> {
    let known = || KINDS.iter().map(|k| k.name).collect::<Vec<_>>().join(", ");
    for name in only {
        KINDS
            .iter()
            .find(|k| k.name == name)
            .with_context(|| format!("there is no kind `{name}`; known are: {}", known()))?;
    }
    let wanted = |kind: &Kind| only.is_empty() || only.iter().any(|name| name == kind.name);
    Ok(KINDS.iter().enumerate().filter(|(_, k)| wanted(k)).collect())
}
