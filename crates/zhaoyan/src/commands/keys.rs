//! `zhaoyan keys`: the keys that personal data is encrypted under.

use std::{path::PathBuf, process::ExitCode};

use anyhow::Context as _;
use clap::Subcommand;
use store::Keyring;

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
}

/// Runs it.
pub fn run(keys: Keys) -> anyhow::Result<ExitCode> {
    let Keys::New { file, id } = keys;
    let id = id.unwrap_or_else(|| jiff::Timestamp::now().strftime("%Y-%m-%d").to_string());
    Keyring::generate_file(&file, &id).with_context(|| {
        format!("{} cannot be made; if it is there already, it is left alone", file.display())
    })?;
    println!("{}", file.display());
    Ok(ExitCode::SUCCESS)
}
