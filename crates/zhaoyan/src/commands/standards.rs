//! `zhaoyan standards`: the photo standards that are there, and what one asks for.

use std::process::ExitCode;

use clap::Subcommand;
use domain::{
    CheckId, Standard,
    standard::{Against, Source},
};
use serde_json::json;

use crate::{config::Config, places};

/// Photo standards.
#[derive(Debug, Subcommand)]
pub enum Standards {
    /// List the standards: id, names, photo, source.
    List {
        /// One JSON object per line.
        #[arg(long)]
        json: bool,
    },
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
        Standards::List { json } => {
            for standard in places::standards(&dir)? {
                println!("{}", if *json { in_short_json(&standard) } else { in_short(&standard) });
            }
        }
        Standards::Show { id, json } => {
            let standard = places::standard(&dir, id)?;
            if *json {
                println!("{}", serde_json::to_string(&standard)?);
            } else {
                show(&standard);
            }
        }
    }
    Ok(ExitCode::SUCCESS)
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

fn show(standard: &Standard) {
    let photo = &standard.photo;
    println!("{}  {} / {}", standard.id, standard.name.zh, standard.name.en);
    println!("{}", in_words(&standard.source));
    println!("{}", verified(&standard.source));
    if let Some(extends) = &standard.extends {
        println!("extends {extends}");
    }
    let [width, height] = photo.millimetres();
    println!(
        "{} x {} px, {} dpi ({width:.1} x {height:.1} mm), JPEG of quality {} or more, {}",
        photo.width,
        photo.height,
        photo.dpi,
        photo.min_quality,
        photo.bytes_in_words()
    );
    println!("backgrounds {}, file name {}", photo.backgrounds_in_hex().join(" "), photo.file_name);
    for check in CheckId::ALL {
        for (part, limit) in standard.checks.get(check).into_iter().flatten() {
            println!("{check}.{part}\t{}\t{}", limit.in_words(), check.title().zh);
        }
    }
}
