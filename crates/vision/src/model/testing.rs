//! The networks for tests, where `make models` has been run.

use super::{Models, models_dir};

/// The opened networks; nothing, with a word on it, where the files are absent.
pub(crate) fn models() -> Option<Models> {
    let dir = models_dir();
    if !dir.join("files").is_dir() {
        eprintln!("skipped: {} has no files; run `make models`", dir.display());
        return None;
    }
    match Models::open(&dir, 1) {
        Ok(models) => Some(models),
        Err(error) => panic!("{error}"),
    }
}
