//! Faces: where they are, their points, their pose.

pub(crate) mod crop;
pub mod detect;
pub mod mesh;
pub mod pose;

pub(crate) use detect::detect_among;
pub use detect::{FaceBox, Point, detect};
pub use mesh::{Eye, FaceMesh, Point3, mesh};
pub(crate) use mesh::{INNER_LIPS, mesh_seen};

use crate::model::ModelError;

/// Why a face could not be measured.
#[derive(Debug, thiserror::Error)]
pub enum FaceError {
    /// A network is missing or failed.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// There is no face where one was asked for.
    #[error("no face was found")]
    NoFace,
}
