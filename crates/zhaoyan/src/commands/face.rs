//! `zhaoyan face compare`: how alike the faces of two pictures are.

use std::{fs, path::PathBuf, process::ExitCode};

use anyhow::Context as _;
use clap::Subcommand;
use serde_json::json;
use vision::{
    compare::{self, Descriptor},
    decode,
    model::{Models, models_dir},
};

/// Face comparison.
#[derive(Debug, Subcommand)]
pub enum Face {
    /// Compare the main faces of two pictures. Exits 0 if they look like one person, 1 if not, 2 if that cannot be said.
    Compare {
        /// One picture.
        a: PathBuf,
        /// The other.
        b: PathBuf,
        /// One JSON object.
        #[arg(long)]
        json: bool,
    },
}

/// Similarity from which two faces count as one person's.
const SAME_PERSON: f32 = 50.0;

/// Runs the command.
pub fn run(command: Face) -> anyhow::Result<ExitCode> {
    let Face::Compare { a, b, json } = command;
    let models = Models::open(&models_dir(), std::thread::available_parallelism().map_or(1, usize::from))?;
    let distance = describe(&models, &a)?.distance(&describe(&models, &b)?);
    let similarity = compare::similarity(distance);
    let same_person = similarity >= SAME_PERSON;
    if json {
        println!(
            "{}",
            json!({"similarity": round(similarity, 1.0), "same_person": same_person, "distance": round(distance, 3.0)})
        );
    } else {
        let word = if same_person {
            "像同一人 looks like one person"
        } else {
            "不像同一人 looks like two people"
        };
        println!("{similarity:.1} / 100  {word}");
    }
    Ok(ExitCode::from(u8::from(!same_person)))
}

fn round(value: f32, digits: f32) -> f64 {
    let scale = 10f64.powf(f64::from(digits));
    (f64::from(value) * scale).round() / scale
}

fn describe(models: &Models, file: &PathBuf) -> anyhow::Result<Descriptor> {
    let context = || format!("{}", file.display());
    let bytes = fs::read(file).with_context(context)?;
    let capture = decode::decode(&bytes).with_context(context)?;
    compare::descriptor(models, &capture.pixels).with_context(context)
}
