//! Where the files that come with the binary are found: beside it, or in a folder above.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use domain::{
    Standard,
    standard::{StandardError, StandardFiles},
};

/// The folder `name` beside the executable, in a folder above it, or in the working folder.
pub fn beside(name: &str) -> Option<PathBuf> {
    let executable = std::env::current_exe().ok();
    let above = executable.iter().flat_map(|path| path.ancestors().skip(1).map(Path::to_owned));
    above.chain(std::env::current_dir().ok()).map(|folder| folder.join(name)).find(|folder| folder.is_dir())
}

/// The photo standards that can be asked for: those of the folder that is named, laid over those that come with the binary.
pub struct Shelf {
    files: StandardFiles,
    folders: Vec<PathBuf>,
    /// What is told of files that look like standards and are not read.
    pub hints: Vec<String>,
}

impl Shelf {
    /// Looks into the folder that is named, if one is, and into `standards/` beside the binary.
    ///
    /// # Errors
    /// When a folder cannot be read, or there is none.
    pub fn open(named: Option<&Path>) -> anyhow::Result<Shelf> {
        let folders: Vec<PathBuf> =
            named.map(Path::to_owned).into_iter().chain(beside("standards")).collect();
        if folders.is_empty() {
            bail!("no folder `standards` was found beside the binary: name it with --standards");
        }
        let mut shelf = Shelf { files: StandardFiles::default(), folders: Vec::new(), hints: Vec::new() };
        for folder in folders {
            shelf.files = std::mem::take(&mut shelf.files).over(files(&folder, &mut shelf.hints)?);
            shelf.folders.push(folder);
        }
        Ok(shelf)
    }

    /// Every standard by id, each with what is wrong with it where something is.
    pub fn each(&self) -> impl Iterator<Item = Result<Standard, StandardError>> {
        self.files.ids().filter_map(|id| self.files.standard(id).transpose())
    }

    /// The standard of that id.
    ///
    /// # Errors
    /// When it is broken, or there is none.
    pub fn standard(&self, id: &str) -> anyhow::Result<Standard> {
        if let Some(standard) = self.files.standard(id)? {
            return Ok(standard);
        }
        let folders: Vec<String> = self.folders.iter().map(|folder| folder.display().to_string()).collect();
        let known: Vec<&str> = self.files.ids().collect();
        let mut words = format!("there is no standard `{id}` in {}", folders.join(" or "));
        if let Some(id) = id.strip_suffix(".toml") {
            words += &format!("; a standard is named without .toml: write {id}");
        }
        for hint in &self.hints {
            words += &format!("; {hint}");
        }
        bail!("{words}; known are: {}", known.join(", "))
    }
}

/// The files of a folder of standards, and of the folder `base` in it.
fn files(dir: &Path, hints: &mut Vec<String>) -> anyhow::Result<StandardFiles> {
    if dir.is_file() {
        bail!("{} is a file: name the folder in which it is", dir.display());
    }
    let mut files = StandardFiles::default();
    let base = dir.join("base");
    let folders = [Some((dir, "")), base.is_dir().then_some((base.as_path(), "base/"))];
    for (folder, prefix) in folders.into_iter().flatten() {
        for entry in std::fs::read_dir(folder)
            .with_context(|| format!("the folder {} cannot be read", folder.display()))?
        {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if path.is_dir() {
                continue;
            }
            if name.ends_with(".toml") {
                match std::fs::read(&path) {
                    Ok(content) => files.add(&format!("{prefix}{name}"), content),
                    Err(error) => files.add_unreadable(&format!("{prefix}{name}"), &error.to_string()),
                }
            } else if let Some(hint) = hint(&name) {
                hints.push(hint);
            }
        }
    }
    Ok(files)
}

/// What is told of a file that was probably meant to be a standard.
fn hint(name: &str) -> Option<String> {
    let small = name.to_lowercase();
    let stem = small.strip_suffix(".txt").unwrap_or(&small).strip_suffix(".toml")?;
    let why =
        if small.ends_with(".txt") { "ends in .txt: Windows hides the ending" } else { "ends in capitals" };
    Some(format!("{name} is not read, for it {why}; rename it to {stem}.toml"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_windows_made_longer_is_told() {
        let told = hint("gz.toml.txt");
        let words =
            "gz.toml.txt is not read, for it ends in .txt: Windows hides the ending; rename it to gz.toml";
        assert_eq!(told.as_deref(), Some(words));
        assert!(hint("GZ.TOML").is_some_and(|told| told.ends_with("rename it to gz.toml")));
        assert_eq!([hint("readme.txt"), hint("gz.toml.bak"), hint("gz.toml~")], [None, None, None]);
    }
}
