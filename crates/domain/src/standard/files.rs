//! The files of a folder of standards, read together, so that one can extend another.

use std::collections::BTreeMap;

use super::{
    Standard,
    draft::Draft,
    error::{Place, StandardError},
    finish::finish,
    near, reader,
};

/// The files of a folder of standards: `NAME.toml` is a standard, `base/NAME.toml` holds keys for standards to extend and is none
/// itself. Each is read only when it is asked for, so that a broken one harms no other.
#[derive(Debug, Clone, Default)]
pub struct StandardFiles {
    files: BTreeMap<String, File>,
}

#[derive(Debug, Clone)]
struct File {
    path: String,
    base: bool,
    text: Result<String, StandardError>,
}

impl StandardFiles {
    /// Adds a file by its path inside the folder. What is wrong with it is told when it is asked for.
    pub fn add(&mut self, path: &str, content: impl Into<Vec<u8>>) {
        self.put(path, text(path, content.into()));
    }

    /// Adds a file that could not be read.
    pub fn add_unreadable(&mut self, path: &str, why: &str) {
        self.put(path, Err(unreadable(Place::file(path), format!("the file cannot be read: {why}"))));
    }

    fn put(&mut self, path: &str, mut text: Result<String, StandardError>) {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let id = name.strip_suffix(".toml").unwrap_or(name).to_owned();
        let mut base = folder == "base";
        if let Some(other) = self.files.get(&id) {
            let remedy = format!("{} has the same name: give one of the two another name and id", other.path);
            text = Err(Place::file(path).wrong("id", remedy));
            base &= other.base;
        }
        self.files.insert(id, File { path: path.to_owned(), base, text });
    }

    /// Lays these files over those of another folder: whatever is not found here is looked up there.
    #[must_use]
    pub fn over(mut self, below: StandardFiles) -> StandardFiles {
        for (id, file) in below.files {
            self.files.entry(id).or_insert(file);
        }
        self
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

    /// A file's draft on top of those that it extends; `trail` holds the ids on the way here.
    fn draft(&self, id: &str, file: &File, trail: &[&str]) -> Result<Draft, StandardError> {
        let draft = reader::read(&file.path, file.text.as_ref().map_err(Clone::clone)?)?;
        if draft.id.value != id {
            let remedy = if near::is_id(id) {
                format!("it is not the file's name: write id = \"{id}\", or rename the file")
            } else {
                format!("it is not the file's name: rename the file to {}.toml", draft.id.value)
            };
            return Err(draft.id.wrong("id", remedy));
        }
        let Some(extends) = draft.extends.clone() else { return Ok(draft) };
        let trail = [trail, &[id]].concat();
        let wanted = extends.value.as_str();
        if wanted == id {
            let remedy = "this file would extend itself: give it another name and id";
            return Err(extends.wrong("extends", remedy));
        }
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

fn unreadable(place: Place, message: String) -> StandardError {
    StandardError::File { place, message }
}

/// The text of a file, when it is one.
fn text(path: &str, content: Vec<u8>) -> Result<String, StandardError> {
    const REMEDY: &str = "save it as UTF-8 (in Notepad: 另存为 → 编码 UTF-8)";
    match String::from_utf8(content) {
        // UTF-16 of plain letters has a zero in every other byte.
        Ok(text) if text.contains('\0') => {
            Err(unreadable(Place::file(path), format!("the file is not UTF-8: {REMEDY}")))
        }
        Ok(text) => Ok(text),
        Err(error) => {
            let valid = error.utf8_error().valid_up_to();
            let line = error.as_bytes()[..valid].iter().filter(|byte| **byte == b'\n').count() + 1;
            let message = format!("from line {line} on the file is not UTF-8: {REMEDY}");
            Err(unreadable(Place::file(path), message))
        }
    }
}
