//! How far off the pose of drawn people is found, whose pose is known: `poses FIRST COUNT` draws that many, from that seed on. Every fourth head
//! is held straight, the others are raised or lowered by up to 24°. With the numbers of `vision::face::pose` that make up
//! for what the network does to a nod, the mean error of pitch is near nothing at every nod.

use anyhow::{Context, Result};
use rayon::prelude::*;
use specimen::{
    people::Person,
    portrait::{Defect, PortraitScene, portrait},
};
use vision::{
    face::{self, pose::Pose},
    model::{Models, models_dir},
};

/// A person's pose as found, as drawn, and whether they have a beard.
type Seen = (Pose, [f32; 3], bool);

fn main() -> Result<()> {
    let mut words = std::env::args().skip(1);
    let mut number =
        || words.next().context("say the first seed and how many")?.parse::<u64>().context("a number");
    let (first, count) = (number()?, number()?);
    let models = Models::open(&models_dir(), std::thread::available_parallelism()?.get())?;
    let seen: Vec<Seen> = (first..first + count)
        .into_par_iter()
        .filter_map(|seed| seen(&models, seed).transpose())
        .collect::<Result<_>>()?;
    println!("people {}, degrees: found less drawn, mean ± standard deviation, largest", seen.len());
    let error = |name: &str, of: &dyn Fn(&Seen) -> f32, which: &dyn Fn(&Seen) -> bool| {
        let errors: Vec<f32> = seen.iter().filter(|s| which(s)).map(of).collect();
        let count = errors.len().max(1) as f32;
        let mean = errors.iter().sum::<f32>() / count;
        let spread = (errors.iter().map(|e| (e - mean).powi(2)).sum::<f32>() / count).sqrt();
        let most = errors.iter().map(|e| e.abs()).fold(0.0, f32::max);
        println!("{name}: {mean:+.1} ± {spread:.1}, {most:.1}, of {}", errors.len());
    };
    let pitch = |(found, drawn, _): &Seen| found.pitch - drawn[1];
    error("yaw", &|(found, drawn, _)| found.yaw - drawn[0], &|_| true);
    error("roll", &|(found, drawn, _)| found.roll - drawn[2], &|_| true);
    error("pitch", &pitch, &|_| true);
    error("pitch, with a beard", &pitch, &|(.., beard)| *beard);
    for from in (-24..24).step_by(8) {
        let range = from as f32..from as f32 + 8.0;
        error(&format!("pitch, drawn {from} to {}", from + 8), &pitch, &|(_, drawn, _)| {
            range.contains(&drawn[1])
        });
    }
    Ok(())
}

fn seen(models: &Models, seed: u64) -> Result<Option<Seen>> {
    let looks = Person::from_seed(seed).looks;
    let scene = PortraitScene::clean(seed).sized(756, 1008);
    let scene = match seed % 4 {
        0 => scene,
        // Golden steps: however many are taken, they spread evenly.
        _ => scene.and_graded(Defect::NoddingHead, 0.7 * (seed as f32 * 0.618_034).fract()),
    };
    let drawn = portrait(&looks, &scene);
    let Some(found) = face::detect(models, &drawn.pixels)?.into_iter().next() else { return Ok(None) };
    let mesh = face::mesh(models, &drawn.pixels, &found)?;
    let pose = drawn.truth.pose;
    Ok(Some((face::pose::pose(&mesh), [pose.yaw, pose.pitch, pose.roll], looks.traits().beard)))
}
