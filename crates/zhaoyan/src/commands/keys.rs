//! `zhaoyan keys`: the keys that personal data is encrypted under.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context as _;
use clap::{Subcommand, ValueEnum};
use store::Keyring;

use crate::{config::Config, wiring};

/// Keys.
#[derive(Debug, Subcommand)]
pub enum Keys {
    /// Write a new key file for its owner's eyes only. One that is there already is left alone.
    New {
        /// The file.
        file: PathBuf,
        /// Name of the first key; today's date if left out.
        #[arg(long)]
        id: Option<String>,
        /// What the keys are for: `international` is AES-256-GCM and HMAC-SHA-256, `national` is SM4-GCM and HMAC-SM3. What look-ups are
        /// hashed with cannot be changed any more once there are records.
        #[arg(long, value_enum, default_value_t = Algorithms::International)]
        algorithms: Algorithms,
    },
    /// Encrypt everything anew under the current key: the last step of a rotation. The system may run meanwhile; afterwards older keys may
    /// be taken out of the key file.
    Reencrypt,
}

/// The algorithms of a new key file.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Algorithms {
    /// AES-256-GCM and HMAC-SHA-256.
    International,
    /// SM4-GCM and HMAC-SM3.
    National,
}

impl From<Algorithms> for store::Algorithms {
    fn from(algorithms: Algorithms) -> store::Algorithms {
        match algorithms {
            Algorithms::International => store::Algorithms::International,
            Algorithms::National => store::Algorithms::National,
        }
    }
}

/// Encrypts everything anew.
pub async fn reencrypt(config: Config) -> anyhow::Result<ExitCode> {
    let done = wiring::store(&config).await?.reencrypt().await?;
    println!("{} values and {} pictures encrypted anew", done.values, done.pictures);
    Ok(ExitCode::SUCCESS)
}

/// Writes a new key file.
pub fn new(file: &Path, id: Option<String>, algorithms: Algorithms) -> anyhow::Result<ExitCode> {
    let id = id.unwrap_or_else(|| jiff::Timestamp::now().strftime("%Y-%m-%d").to_string());
    Keyring::generate_file(file, &id, algorithms.into()).with_context(|| {
        format!("{} cannot be made; if it is there already, it is left alone", file.display())
    })?;
    println!("{}", file.display());
    Ok(ExitCode::SUCCESS)
}
