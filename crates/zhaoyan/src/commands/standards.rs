//! `zhaoyan standards`: the photo standards that are there, and what one asks for.

use std::{collections::BTreeSet, path::PathBuf, process::ExitCode};

use clap::{Args, Subcommand};
use domain::{
    CheckId, Standard,
    standard::{Against, Source},
};
use serde_json::json;

use crate::{
    batch::{self, Voice},
    config::Config,
    places::Shelf,
};

/// Where the standards are.
#[derive(Debug, Args)]
pub struct Folder {
    /// Folder of own standards; those that come with Zhaoyan stay known.
    #[arg(long, value_name = "DIR")]
    standards: Option<PathBuf>,
}

/// Photo standards.
#[derive(Debug, Subcommand)]
pub enum Standards {
    /// List the standards: id, names, photo, source. Exits 2 if some file is broken; the others are listed.
    List {
        #[command(flatten)]
        folder: Folder,
        /// One JSON object per line.
        #[arg(long)]
        json: bool,
    },
    /// Show one standard: the photo, and the limits of every check.
    Show {
        /// Its id.
        id: String,
        #[command(flatten)]
        folder: Folder,
        /// Print it as JSON.
        #[arg(long)]
        json: bool,
    },
}

/// Runs it.
pub fn run(command: &Standards, config: &Config) -> anyhow::Result<ExitCode> {
    let (Standards::List { folder, json } | Standards::Show { folder, json, .. }) = command;
    let shelf = Shelf::open(folder.standards.as_deref().or(config.standards.dir.as_deref()))?;
    batch::quietly(match command {
        Standards::List { .. } => list(&shelf, *json),
        Standards::Show { id, .. } => shelf.standard(id).and_then(|standard| {
            let text = if *json { serde_json::to_string(&standard)? + "\n" } else { in_full(&standard) };
            Voice::new(1).say(&text)?;
            Ok(ExitCode::SUCCESS)
        }),
    })
}

/// Every standard that is right; of the others, what to mend.
fn list(shelf: &Shelf, json: bool) -> anyhow::Result<ExitCode> {
    let voice = Voice::new(1);
    // One broken base breaks all that extend it, and is told once.
    let mut broken = BTreeSet::new();
    for standard in shelf.each() {
        match standard {
            Ok(standard) => {
                let line = if json { in_short_json(&standard) } else { in_short(&standard) };
                voice.say(&format!("{line}\n"))?;
            }
            Err(error) => {
                broken.insert(error.to_string());
            }
        }
    }
    for words in shelf.hints.iter().chain(&broken) {
        voice.complain(words);
    }
    Ok(ExitCode::from(if broken.is_empty() { 0 } else { 2 }))
}

/// One line of the list, fields set apart by tabs.
fn in_short(standard: &Standard) -> String {
    let (photo, source) = (&standard.photo, &standard.source);
    [
        standard.id.clone(),
        standard.name.zh.clone(),
        standard.name.en.clone(),
        format!("{} x {} px", photo.width, photo.height),
        format!("{} dpi", photo.dpi),
        photo.bytes_in_words(),
        photo.backgrounds_in_hex().join(" "),
        in_words(source),
    ]
    .join("\t")
}

fn in_short_json(standard: &Standard) -> String {
    json!({
        "id": standard.id, "name": standard.name, "photo": standard.photo, "source": standard.source,
    })
    .to_string()
}

/// Body, title, number and date.
fn in_words(source: &Source) -> String {
    let number = source.number.as_ref().map_or_else(String::new, |n| format!(", {n}"));
    format!("{}: {}{number} ({})", source.body, source.title, source.date)
}

fn verified(source: &Source) -> String {
    let Some(verified) = &source.verified else {
        return "figures not compared with the source".to_owned();
    };
    let against = match verified.against {
        Against::Original => "the original",
        Against::Quotation => "a quotation",
    };
    let place = verified.place.as_ref().map_or_else(String::new, |p| format!(" ({p})"));
    format!("figures compared with {against} on {}{place}", verified.on)
}

fn in_full(standard: &Standard) -> String {
    let photo = &standard.photo;
    let [width, height] = photo.millimetres();
    let mut lines = vec![
        format!("{}  {} / {}", standard.id, standard.name.zh, standard.name.en),
        in_words(&standard.source),
        verified(&standard.source),
    ];
    lines.extend(standard.extends.as_ref().map(|extends| format!("extends {extends}")));
    lines.push(format!(
        "{} x {} px, {} dpi ({width:.1} x {height:.1} mm), JPEG of quality {} or more, {}",
        photo.width,
        photo.height,
        photo.dpi,
        photo.min_quality,
        photo.bytes_in_words()
    ));
    lines.push(format!(
        "backgrounds {}, file name {}",
        photo.backgrounds_in_hex().join(" "),
        photo.file_name
    ));
    for check in CheckId::ALL {
        for (part, limit) in standard.checks.get(check).into_iter().flatten() {
            lines.push(format!("{check}.{part}\t{}\t{}", limit.in_words(), check.title().zh));
        }
    }
    lines.join("\n") + "\n"
}
