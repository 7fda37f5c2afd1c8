//! `models.toml`: which file is which network, and the hash it must have.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::{ModelError, ModelId};

#[derive(Debug, Deserialize)]
struct Listing {
    runtime: Pinned,
    alphabet: Pinned,
    font: Pinned,
    model: BTreeMap<String, Pinned>,
}

#[derive(Debug, Deserialize)]
struct Pinned {
    file: PathBuf,
    sha256: String,
}

/// The parsed catalogue and the folder of the files that it names.
#[derive(Debug)]
pub(super) struct Catalogue {
    path: PathBuf,
    files: PathBuf,
    listing: Listing,
}

impl Catalogue {
    pub(super) fn read(dir: &Path) -> Result<Self, ModelError> {
        let path = dir.join("models.toml");
        let text = String::from_utf8(read(&path)?)
            .map_err(|e| ModelError::Catalogue { path: path.clone(), reason: e.to_string() })?;
        let listing = toml::from_str(&text)
            .map_err(|e| ModelError::Catalogue { path: path.clone(), reason: e.to_string() })?;
        Ok(Self { path, files: dir.join("files"), listing })
    }

    /// The path of the runtime's shared library, verified.
    pub(super) fn runtime(&self) -> Result<PathBuf, ModelError> {
        self.verified(&self.listing.runtime)?;
        let path = self.files.join(&self.listing.runtime.file);
        path.canonicalize().map_err(|_| ModelError::Missing(path))
    }

    /// The bytes of a network, verified.
    pub(super) fn model(&self, id: ModelId) -> Result<Vec<u8>, ModelError> {
        let pinned = self.listing.model.get(id.key()).ok_or_else(|| ModelError::Catalogue {
            path: self.path.clone(),
            reason: format!("it lists no model {}", id.key()),
        })?;
        self.verified(pinned)
    }

    /// The text recognizer's characters, one a line, verified.
    pub(super) fn alphabet(&self) -> Result<String, ModelError> {
        let pinned = &self.listing.alphabet;
        String::from_utf8(self.verified(pinned)?)
            .map_err(|_| ModelError::Altered(self.files.join(&pinned.file)))
    }

    /// The font that names are held against, verified.
    pub(super) fn font(&self) -> Result<Vec<u8>, ModelError> {
        self.verified(&self.listing.font)
    }

    fn verified(&self, pinned: &Pinned) -> Result<Vec<u8>, ModelError> {
        let path = self.files.join(&pinned.file);
        let bytes = read(&path)?;
        if hex::encode(Sha256::digest(&bytes)) == pinned.sha256 {
            Ok(bytes)
        } else {
            Err(ModelError::Altered(path))
        }
    }
}

fn read(path: &Path) -> Result<Vec<u8>, ModelError> {
    fs::read(path).map_err(|e| match e.kind() {
        io::ErrorKind::NotFound => ModelError::Missing(path.to_owned()),
        _ => ModelError::Load(format!("{}: {e}", path.display())),
    })
}
