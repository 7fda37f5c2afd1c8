//! Where the files that come with the binary are found: beside it, or in a folder above.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use domain::{Standard, standard::StandardFiles};

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
    Ok(standard_files(dir)?.all()?)
}

/// The standard of that id.
pub fn standard(dir: &Path, id: &str) -> anyhow::Result<Standard> {
    let files = standard_files(dir)?;
    match files.standard(id)? {
        Some(standard) => Ok(standard),
        None => {
            let known: Vec<&str> = files.ids().collect();
            bail!("there is no standard `{id}`; known are: {}", known.join(", "))
        }
    }
}

/// The files of a folder of standards, and of the folder `base` in it.
fn standard_files(dir: &Path) -> anyhow::Result<StandardFiles> {
    let mut files = StandardFiles::default();
    let base = dir.join("base");
    let folders = [Some((dir, "")), base.is_dir().then_some((base.as_path(), "base/"))];
    for (folder, prefix) in folders.into_iter().flatten() {
        for entry in std::fs::read_dir(folder)
            .with_context(|| format!("the folder {} cannot be read", folder.display()))?
        {
            let path = entry?.path();
            if path.extension().is_none_or(|e| e != "toml") {
                continue;
            }
            let text = std::fs::read_to_string(&path)
                .with_context(|| format!("{} cannot be read", path.display()))?;
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            files.add(&format!("{prefix}{name}"), text)?;
        }
    }
    Ok(files)
}
