//! Where the files that come with the binary are found: beside it, or in a folder above.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use domain::Standard;

/// The folder `name` beside the executable, in a folder above it, or in the working folder.
pub fn beside(name: &str) -> Option<PathBuf> {
    let executable = std::env::current_exe().ok();
    let above = executable.iter().flat_map(|path| path.ancestors().skip(1).map(Path::to_owned));
    above.chain(std::env::current_dir().ok()).map(|folder| folder.join(name)).find(|folder| folder.is_dir())
}

/// The folder of standards: the one given, or `standards/` beside the binary.
pub fn standards_dir(given: Option<&Path>) -> anyhow::Result<PathBuf> {
    match given {
        Some(dir) => Ok(dir.to_owned()),
        None => beside("standards")
            .context("no folder `standards` was found beside the binary: name it with --standards"),
    }
}

/// Every standard of a folder, by id.
pub fn standards(dir: &Path) -> anyhow::Result<Vec<Standard>> {
    let mut found = Vec::new();
    for entry in
        std::fs::read_dir(dir).with_context(|| format!("the folder {} cannot be read", dir.display()))?
    {
        let path = entry?.path();
        if path.extension().is_some_and(|e| e == "toml") {
            found.push(standard_file(&path)?);
        }
    }
    found.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(found)
}

/// The standard of that id.
pub fn standard(dir: &Path, id: &str) -> anyhow::Result<Standard> {
    let all = standards(dir)?;
    let ids: Vec<String> = all.iter().map(|s| s.id.clone()).collect();
    match all.into_iter().find(|s| s.id == id) {
        Some(standard) => Ok(standard),
        None => bail!("there is no standard `{id}`; known are: {}", ids.join(", ")),
    }
}

fn standard_file(path: &Path) -> anyhow::Result<Standard> {
    let file = path.file_name().unwrap_or_default().to_string_lossy();
    let text = std::fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
    let standard = Standard::from_toml(&file, &text)?;
    if path.file_stem().is_none_or(|stem| stem.to_string_lossy() != standard.id) {
        bail!("{file}: id: write the file's own name, without .toml");
    }
    Ok(standard)
}
