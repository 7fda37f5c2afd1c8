//! `zhaoyan card read`: the fields of an identity card, from pictures of its sides.

use std::{fs, path::PathBuf, process::ExitCode};

use anyhow::Context as _;
use clap::{Args, Subcommand};
use domain::{CardKind, EmblemSide, Outcome, PortraitSide, card::Field};
use serde_json::{Value, json};
use service::{judgement, sight::CardSeen};
use vision::{
    card,
    decode::{self, Capture},
    model::{Models, models_dir},
};

use crate::places;

/// Identity cards.
#[derive(Debug, Subcommand)]
pub enum Card {
    /// Read the portrait side, and the emblem side if given. Exits 0 if everything was read and fits, 1 if something does not,
    /// 2 if a picture could not be judged.
    Read(Read),
}

/// `card read`
#[derive(Debug, Args)]
pub struct Read {
    /// Picture of the portrait side (人像面).
    #[arg(long, value_name = "FILE")]
    portrait: PathBuf,
    /// Picture of the emblem side (国徽面).
    #[arg(long, value_name = "FILE")]
    emblem: Option<PathBuf>,
    /// Photo standard that holds the limits for cards.
    #[arg(long, default_value = "chengkao")]
    standard: String,
    /// Folder of own standards; those that come with Zhaoyan stay known.
    #[arg(long, value_name = "DIR")]
    standards: Option<PathBuf>,
    /// One JSON object.
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub fn run(command: Card) -> anyhow::Result<ExitCode> {
    let Card::Read(read) = command;
    let standard = places::Shelf::open(read.standards.as_deref())?.standard(&read.standard)?;
    let models = Models::open(&models_dir(), std::thread::available_parallelism().map_or(1, usize::from))?;

    let portrait = card::read_portrait_side(&models, &capture(&read.portrait)?)
        .with_context(|| read.portrait.display().to_string())?;
    let seen = CardSeen::Card { side: portrait.side.clone(), measures: portrait.measures.clone() };
    let today = jiff::Zoned::now().date();
    let mut findings = judgement::portrait_side(&standard, &seen, today).findings;
    let mut out = json!({ "portrait": with_confidence(portrait_json(&portrait.side), &portrait.confidence) });

    if let Some(file) = &read.emblem {
        let emblem =
            card::read_emblem_side(&models, &capture(file)?).with_context(|| file.display().to_string())?;
        let seen = CardSeen::Card { side: emblem.side.clone(), measures: emblem.measures.clone() };
        findings.extend(judgement::emblem_side(&standard, &seen, today).findings);
        out["emblem"] = with_confidence(emblem_json(&emblem.side), &emblem.confidence);
    }
    let fine = findings.iter().all(|f| f.outcome != Outcome::Fail);
    if read.json {
        out["findings"] = findings.iter().map(super::finding_json).collect();
        println!("{out}");
    } else {
        for side in ["portrait", "emblem"] {
            for (field, value) in
                out[side].as_object().into_iter().flatten().filter(|(k, _)| *k != "confidence")
            {
                println!("{field:12} {}", shown(value));
            }
        }
        for finding in findings.iter().filter(|f| f.outcome == Outcome::Fail || f.outcome == Outcome::Warn) {
            println!("{:12} {}\n{:12} {}", finding.id.id(), finding.message.zh, "", finding.message.en);
        }
    }
    Ok(ExitCode::from(u8::from(!fine)))
}

/// A value for people to read.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => "—".to_owned(),
        other => other.to_string(),
    }
}

/// The fields of a resident identity card always, null where not read or not printed; those of other kinds where the card is of one.
fn portrait_json(side: &PortraitSide) -> Value {
    let mut json = json!({
        "kind": side.kind, "name": side.name, "sex": side.sex.map(|s| s.label()), "ethnicity": side.ethnicity,
        "birth_date": side.birth_date, "address": side.address, "number": side.number,
    });
    if side.kind.prints(Field::Nationality) {
        json["chinese_name"] = json!(side.chinese_name);
        json["nationality"] = json!(side.nationality);
        json["valid_from"] = json!(side.valid_from);
        json["valid_until"] = json!(side.valid_until);
    }
    json
}

/// As [`portrait_json`].
fn emblem_json(side: &EmblemSide) -> Value {
    let mut json = json!({
        "kind": side.kind, "authority": side.authority, "valid_from": side.valid_from, "valid_until": side.valid_until,
    });
    if side.kind == CardKind::ResidencePermit {
        json["travel_permit_number"] = json!(side.travel_permit_number);
        json["issue_count"] = json!(side.issue_count);
    }
    json
}

fn capture(file: &PathBuf) -> anyhow::Result<Capture> {
    let bytes = fs::read(file).with_context(|| file.display().to_string())?;
    decode::decode(&bytes).with_context(|| file.display().to_string())
}

fn with_confidence(mut side: Value, confidence: &std::collections::BTreeMap<&'static str, f32>) -> Value {
    let rounded: serde_json::Map<String, Value> = confidence
        .iter()
        .map(|(field, c)| ((*field).to_owned(), json!((f64::from(*c) * 1000.0).round() / 1000.0)))
        .collect();
    side["confidence"] = Value::Object(rounded);
    side
}
