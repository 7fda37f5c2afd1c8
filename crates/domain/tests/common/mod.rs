//! The shipped standards, as the tests read them.

use std::{collections::BTreeMap, fs, path::Path};

use domain::{Standard, standard::StandardFiles};

/// The files of `standards/` by their path inside it.
pub fn folder() -> BTreeMap<String, String> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../standards");
    let mut found = BTreeMap::new();
    for (folder, prefix) in [(dir.clone(), ""), (dir.join("base"), "base/")] {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|e| e == "toml") {
                let name = path.file_name().unwrap().to_string_lossy();
                found.insert(format!("{prefix}{name}"), fs::read_to_string(&path).unwrap());
            }
        }
    }
    found
}

pub fn files(texts: &BTreeMap<String, String>) -> StandardFiles {
    let mut files = StandardFiles::default();
    for (path, text) in texts {
        files.add(path, text.as_str());
    }
    files
}

pub fn shipped() -> Vec<Standard> {
    let files = files(&folder());
    files.ids().map(|id| files.standard(id).unwrap().unwrap()).collect()
}
