//! What can go wrong between a network's file and its answer.

use std::path::PathBuf;

/// Why a network could not be opened or run.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ModelError {
    /// `models.toml` or a file that it names is not there.
    #[error("the model file {} is missing; run `make models` to fetch it", .0.display())]
    Missing(PathBuf),
    /// A file is there but is not the pinned one.
    #[error("the model file {} is not the pinned one (its SHA-256 differs); run `make models` to restore it", .0.display())]
    Altered(PathBuf),
    /// `models.toml` cannot be understood.
    #[error("{} cannot be used: {reason}; restore it and run `make models`", path.display())]
    Catalogue {
        /// The catalogue's path.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The inference runtime or a network does not load.
    #[error("the inference runtime does not load: {0}; run `make models` to restore it")]
    Load(String),
    /// An inference failed.
    #[error("an inference failed: {0}")]
    Run(String),
}
