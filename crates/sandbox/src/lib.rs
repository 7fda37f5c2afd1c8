//! The systems outside, simulated behind their real protocols, for trying Zhaoyan out and for its tests. Never for real candidates.

mod api;
mod config;
mod faces;
mod office;
mod outbox;
mod pages;
mod platform;
mod registration;
pub mod seed;
mod server;
pub mod specimens;
pub mod switches;
mod vendor;

pub use config::{PartnerConfigs, SandboxConfig};
pub use faces::{Faces, FacesError, Seen, VisionFaces};
pub use seed::{Planted, SeededCandidate, seed};
pub use server::{Sandbox, SandboxError, serve};
