//! `zhaoyan standards`: the photo standards that are there, and what one asks for.

use std::process::ExitCode;

use clap::Subcommand;
use domain::CheckId;

use crate::{config::Config, places};

/// Photo standards.
#[derive(Debug, Subcommand)]
pub enum Standards {
    /// List the standards.
    List,
    /// Show one standard: the photo, and the limits of every check.
    Show {
        /// Its id.
        id: String,
        /// Print it as JSON.
        #[arg(long)]
        json: bool,
    },
}

/// Runs it.
pub fn run(command: &Standards, config: &Config) -> anyhow::Result<ExitCode> {
    let dir = places::standards_dir(config.standards.dir.as_deref())?;
    match command {
        Standards::List => {
            for standard in places::standards(&dir)? {
                println!("{}\t{}\t{}", standard.id, standard.name.zh, standard.name.en);
            }
        }
        Standards::Show { id, json } => {
            let standard = places::standard(&dir, id)?;
            if *json {
                println!("{}", serde_json::to_string_pretty(&standard)?);
                return Ok(ExitCode::SUCCESS);
            }
            let photo = &standard.photo;
            println!("{}  {} / {}", standard.id, standard.name.zh, standard.name.en);
            println!("{} ({})", standard.source.title, standard.source.date);
            println!(
                "{} x {} px, {} dpi, JPEG of quality {} or more, {} to {} bytes",
                photo.width, photo.height, photo.dpi, photo.min_quality, photo.min_bytes, photo.max_bytes
            );
            for check in CheckId::ALL {
                for (part, limit) in standard.checks.get(check).into_iter().flatten() {
                    println!("{check}.{part}\t{}\t{}", limit.in_words(), check.title().zh);
                }
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}
