//! `zhaoyan keys`: the keys that personal data is encrypted under.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context as _;
use clap::Subcommand;
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
    },
    /// Encrypt everything anew under the current key: the last step of a rotation. The system may run meanwhile; afterwards older keys may
    /// be taken out of the key file.
    Reencrypt,
}

/// Encrypts everything anew.
pub async fn reencrypt(config: Config) -> anyhow::Result<ExitCode> {
    let done = wiring::store(&config).await?.reencrypt().await?;
    println!("{} values and {} pictures encrypted anew", done.values, done.pictures);
    Ok(ExitCode::SUCCESS)
}

/// Writes a new key file.
pub fn new(file: &Path, id: Option<String>) -> anyhow::Result<ExitCode> {
    let id = id.unwrap_or_else(|| jiff::Timestamp::now().strftime("%Y-%m-%d").to_string());
    Keyring::generate_file(file, &id).with_context(|| {
        format!("{} cannot be made; if it is there already, it is left alone", file.display())
    })?;
    println!("{}", file.display());
    Ok(ExitCode::SUCCESS)
}
