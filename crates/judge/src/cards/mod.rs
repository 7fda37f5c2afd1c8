//! `judge --cards`: how right cards are read and judged. Draws captures of cards, usable ones and ones with a defect, reads them, and adds up
//! what came of it, beside what another reader made of the same pictures.

mod calibration;
mod document;
mod figures;
mod shots;

use std::{
    fs::{self, File},
    io::Write as _,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError, atomic::AtomicUsize},
};

use anyhow::Context as _;
use domain::Standard;
use vision::model::Models;

use crate::document::Language;
use figures::Figures;
use shots::{Bench, Shot};

/// What one run writes, line by line.
const LISTED: &str = "captures.jsonl";
/// Folder, inside the run's, of the pictures that another reader reads too.
const PEER: &str = "peer";

/// Draws and reads `count` usable captures, and a twentieth as many with each defect; what came of each goes into `out`.
///
/// # Errors
/// When a network fails or nothing can be written.
pub fn read(models: Models, standard: Standard, count: u64, out: &Path) -> anyhow::Result<()> {
    let bench = Bench { models, standard, wrong: out.join("wrong"), peer: out.join(PEER) };
    for folder in [&bench.wrong, &bench.peer] {
        fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    }
    let told = AtomicUsize::new(0);
    // Written as they come: a run of an hour that breaks off has not been for nothing.
    let listed = Mutex::new(create(&out.join(LISTED))?);
    let truth = Mutex::new(create(&out.join(PEER).join("truth.jsonl"))?);
    let line = |file: &Mutex<File>, line: &str| {
        writeln!(file.lock().unwrap_or_else(PoisonError::into_inner), "{line}")
    };
    shots::shoot(
        &bench,
        count,
        &|shot| {
            line(&listed, &serde_json::to_string(shot)?)?;
            Ok(shot.peer_truth().map_or(Ok(()), |told| line(&truth, &told.to_string()))?)
        },
        &|done, total| crate::progress(&told, done, total),
    )
}

fn create(path: &Path) -> anyhow::Result<File> {
    File::create(path).with_context(|| format!("{} cannot be written", path.display()))
}

/// Adds up what a run has written into `out`, and what the other reader has, if it has; `docs` is where the documents go. Returns the bounds
/// that are broken.
///
/// # Errors
/// When there is no run, or nothing can be written.
pub fn tell(out: &Path, docs: Option<&PathBuf>) -> anyhow::Result<Vec<String>> {
    let listed = out.join(LISTED);
    let text = fs::read_to_string(&listed).with_context(|| format!("{} cannot be read", listed.display()))?;
    let shots: Vec<Shot> =
        text.lines().map(serde_json::from_str).collect::<Result<_, _>>().context("captures.jsonl")?;
    let peer = fs::read_to_string(out.join(PEER).join("peer.jsonl")).unwrap_or_default();
    let figures = Figures::of(&shots, &peer)?;
    if let Some(docs) = docs {
        for language in [Language::English, Language::Chinese] {
            let name = language.say("reading.zh-CN.md", "reading.md");
            write(&docs.join(name), &document::document(&figures, language))?;
        }
        write(&docs.join("reading-calibration.svg"), &calibration::plot(&figures.calibration))?;
    }
    writeln!(std::io::stdout().lock(), "{}", document::document(&figures, Language::English))?;
    Ok(figures.broken())
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    fs::write(path, text).with_context(|| format!("{} cannot be written", path.display()))
}
