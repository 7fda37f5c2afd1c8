//! ID photos of drawn people by every standard, for a reader that shares no code with the maker.

use std::{
    fs,
    path::Path,
    sync::atomic::{AtomicUsize, Ordering},
};

use anyhow::{Context as _, bail};
use domain::{
    CheckId, Standard,
    standard::{Limit, PhotoFile, StandardFiles},
};
use rayon::prelude::*;
use serde_json::{Value, json};
use specimen::{
    people::Person,
    phone::phone_jpeg,
    portrait::{PortraitScene, portrait},
};
use vision::{
    model::Models,
    photo::{assess, take},
};

/// Where the seeds of these people begin.
const FROM: u64 = 70_000;

/// Draws `count` people, makes an ID photo of each by one standard after the other, and writes them into `out`, with
/// `photos.jsonl` beside them: file and what its standard asks for, a line each. Pictures of which no photo can be made
/// are named there with the reason.
pub fn write(
    models: &Models,
    standards: &Path,
    count: u64,
    out: &Path,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> anyhow::Result<()> {
    let standards = read(standards)?;
    fs::create_dir_all(out).with_context(|| format!("{} cannot be made", out.display()))?;
    let done = AtomicUsize::new(0);
    let lines: Vec<String> = (0..count)
        .into_par_iter()
        .map(|number| {
            let standard = &standards[number as usize % standards.len()];
            let line = photo(models, standard, FROM + number, out)?;
            progress(done.fetch_add(1, Ordering::Relaxed) + 1, count as usize);
            Ok(line.to_string())
        })
        .collect::<anyhow::Result<_>>()?;
    let listed = out.join("photos.jsonl");
    fs::write(&listed, lines.join("\n")).with_context(|| format!("{} cannot be written", listed.display()))
}

fn photo(models: &Models, standard: &Standard, seed: u64, out: &Path) -> anyhow::Result<Value> {
    let drawn = portrait(&Person::from_seed(seed).looks, &PortraitScene::clean(seed).sized(1512, 2016));
    let (_, assessment, ()) = take(&phone_jpeg(&drawn.pixels, 92, 6), standard, |capture| {
        anyhow::Ok((assess(models, capture, standard)?, ()))
    })?;
    let name = format!("{seed}-{}.jpg", standard.id);
    let accepted = standard.judge(&assessment.measures).accepted;
    let Some(photo) = assessment.photo else {
        return Ok(json!({"seed": seed, "standard": standard.id, "accepted": accepted, "file": null}));
    };
    let path = out.join(&name);
    fs::write(&path, &photo.jpeg).with_context(|| format!("{} cannot be written", path.display()))?;
    let PhotoFile { width, height, dpi, min_bytes, max_bytes, .. } = standard.photo;
    let range = |check, part| standard.limit(check, part).map(|Limit { min, max, .. }| [*min, *max]);
    Ok(json!({
        "seed": seed, "standard": standard.id, "accepted": accepted, "file": name, "width": width, "height": height,
        "dpi": dpi, "min_bytes": min_bytes, "max_bytes": max_bytes, "background": photo.background,
        "hair_top": range(CheckId::Framing, "hair_top"), "eye_line": range(CheckId::Framing, "eye_line"),
        "face_width": range(CheckId::FaceSize, "width"),
    }))
}

/// Every standard of a folder.
fn read(dir: &Path) -> anyhow::Result<Vec<Standard>> {
    let mut files = StandardFiles::default();
    for (folder, prefix) in [(dir.to_owned(), ""), (dir.join("base"), "base/")] {
        let entries =
            fs::read_dir(&folder).with_context(|| format!("{} cannot be read", folder.display()))?;
        for entry in entries {
            let path = entry?.path();
            if path.extension().is_some_and(|e| e == "toml") {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                files.add(&format!("{prefix}{name}"), fs::read(&path)?);
            }
        }
    }
    let standards: Vec<Standard> =
        files.ids().filter_map(|id| files.standard(id).transpose()).collect::<Result<_, _>>()?;
    if standards.is_empty() {
        bail!("{} holds no standards", dir.display());
    }
    Ok(standards)
}
