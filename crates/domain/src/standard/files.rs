//! The files of a folder of standards, read together, so that one can extend another.

use std::collections::BTreeMap;

use super::{
    Standard,
    draft::Draft,
    error::{Place, StandardError},
    finish::finish,
    near, reader,
};

/// The texts of a folder of standards: `NAME.toml` is a standard, `base/NAME.toml` holds keys for standards to extend and is none
/// itself. Each is read only when it is asked for, so that a broken one harms no other.
#[derive(Debug, Clone, Default)]
pub struct StandardFiles {
    files: BTreeMap<String, File>,
}

#[derive(Debug, Clone)]
struct File {
    path: String,
    base: bool,
    text: String,
}

impl StandardFiles {
    /// Adds a file by its path inside the folder.
    ///
    /// # Errors
    /// [`StandardError`] when another file has the same name.
    pub fn add(&mut self, path: &str, text: impl Into<String>) -> Result<(), StandardError> {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let id = name.strip_suffix(".toml").unwrap_or(name).to_owned();
        if let Some(other) = self.files.get(&id) {
            let remedy = format!("{} has the same name: give one of the two another name and id", other.path);
            return Err(Place::file(path).wrong("id", remedy));
        }
        self.files.insert(id, File { path: path.to_owned(), base: folder == "base", text: text.into() });
        Ok(())
    }

    /// The ids of the standards, sorted; bases are none.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.files.iter().filter(|(_, file)| !file.base).map(|(id, _)| id.as_str())
    }

    /// Reads one standard with all that it extends; `None` when there is none of that id.
    ///
    /// # Errors
    /// [`StandardError`] names file, place, key and remedy.
    pub fn standard(&self, id: &str) -> Result<Option<Standard>, StandardError> {
        match self.files.get(id) {
            Some(file) if !file.base => Ok(Some(finish(self.draft(id, file, &[])?)?)),
            _ => Ok(None),
        }
    }

    /// Reads every standard, sorted by id.
    ///
    /// # Errors
    /// As [`StandardFiles::standard`], for the first that is broken.
    pub fn all(&self) -> Result<Vec<Standard>, StandardError> {
        self.ids().filter_map(|id| self.standard(id).transpose()).collect()
    }

    /// A file's draft on top of those that it extends; `trail` holds the ids on the way here.
    fn draft(&self, id: &str, file: &File, trail: &[&str]) -> Result<Draft, StandardError> {
        let draft = reader::read(&file.path, &file.text)?;
        if draft.id.value != id {
            let remedy = format!("it is not the file's name: write id = \"{id}\", or rename the file");
            return Err(draft.id.wrong("id", remedy));
        }
        let Some(extends) = draft.extends.clone() else { return Ok(draft) };
        let trail = [trail, &[id]].concat();
        let wanted = extends.value.as_str();
        if trail.contains(&wanted) {
            let circle = [trail.as_slice(), &[wanted]].concat().join(" → ");
            let remedy = format!("this goes round in a circle, {circle}: let one of them extend none");
            return Err(extends.wrong("extends", remedy));
        }
        let Some(base) = self.files.get(wanted) else {
            let known = self.files.keys().map(String::as_str).filter(|known| *known != id);
            let remedy = format!("there is no file `{wanted}.toml`: {}", near::meant(wanted, known));
            return Err(extends.wrong("extends", remedy));
        };
        draft.upon(self.draft(wanted, base, &trail)?)
    }
}
