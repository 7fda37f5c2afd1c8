//! `zhaoyan card read`: the fields of an identity card, from pictures of its sides.

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context as _;
use clap::{Args, Subcommand};
use domain::{CardKind, EmblemSide, Finding, Outcome, PortraitSide, card::Field};
use image::{
    RgbImage,
    codecs::jpeg::{JpegEncoder, PixelDensity},
};
use serde_json::{Value, json};
use service::{judgement, sight::CardSeen};
use vision::{
    card::{self, CardError, CardReading, Point, Printed},
    decode::Capture,
    model::{Models, models_dir},
};

use crate::{page, places};

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
    /// Write the portrait side laid flat, as a JPEG of 400 dpi; the emblem side goes beside it, `-emblem` before the ending.
    #[arg(long, value_name = "JPG")]
    rectified: Option<PathBuf>,
    /// Write a self-contained page: what was seen where, findings, and fields with their confidence.
    #[arg(long, value_name = "HTML")]
    report: Option<PathBuf>,
}

/// Runs the command.
pub fn run(command: Card) -> anyhow::Result<ExitCode> {
    let Card::Read(read) = command;
    let standard = places::Shelf::open(read.standards.as_deref())?.standard(&read.standard)?;
    let models = Models::open(&models_dir(), std::thread::available_parallelism().map_or(1, usize::from))?;

    let (capture, portrait) = take(&read.portrait, |capture| card::read_portrait_side(&models, capture))?;
    let seen = CardSeen::Card { side: portrait.side.clone(), measures: portrait.measures.clone() };
    let today = jiff::Zoned::now().date();
    let report = judgement::portrait_side(&standard, &seen, today);
    let mut out = json!({ "portrait": with_confidence(portrait_json(&portrait.side), &portrait.confidence) });
    let mut sides = vec![(read.portrait.as_path(), capture, Flat::of(portrait), report)];

    if let Some(file) = &read.emblem {
        let (capture, emblem) = take(file, |capture| card::read_emblem_side(&models, capture))?;
        let seen = CardSeen::Card { side: emblem.side.clone(), measures: emblem.measures.clone() };
        let report = judgement::emblem_side(&standard, &seen, today);
        out["emblem"] = with_confidence(emblem_json(&emblem.side), &emblem.confidence);
        sides.push((file.as_path(), capture, Flat::of(emblem), report));
    }
    if let Some(path) = &read.rectified {
        for (i, (_, _, flat, _)) in sides.iter().enumerate() {
            write_flat(&beside(path, i > 0), &flat.pixels)?;
        }
    }
    if let Some(path) = &read.report {
        let titles = [("人像面", "portrait side"), ("国徽面", "emblem side")];
        let described: Vec<page::card::Side<'_>> = sides
            .iter()
            .zip(titles)
            .zip(["portrait", "emblem"])
            .map(|(((file, capture, flat, report), title), key)| page::card::Side {
                title,
                file: file.file_name().unwrap_or_default().to_string_lossy().into_owned(),
                capture: &capture.pixels,
                corners: flat.corners,
                rectified: &flat.pixels,
                printed: &flat.printed,
                fields: fields(&out[key]),
                report,
            })
            .collect();
        let html = page::card::page(&described, &standard)?;
        fs::write(path, html).with_context(|| format!("{} cannot be written", path.display()))?;
    }
    let findings: Vec<Finding> = sides.into_iter().flat_map(|(.., report)| report.findings).collect();
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

/// The card laid flat, and where things are on it.
struct Flat {
    pixels: RgbImage,
    corners: [Point; 4],
    printed: Vec<Printed>,
}

impl Flat {
    fn of<T>(reading: CardReading<T>) -> Flat {
        Flat { pixels: reading.rectified, corners: reading.corners, printed: reading.printed }
    }
}

/// The path, or the one beside it for the emblem side.
fn beside(path: &Path, emblem: bool) -> PathBuf {
    if !emblem {
        return path.to_owned();
    }
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let ending = path.extension().map_or_else(String::new, |e| format!(".{}", e.to_string_lossy()));
    path.with_file_name(format!("{stem}-emblem{ending}"))
}

fn write_flat(path: &Path, pixels: &RgbImage) -> anyhow::Result<()> {
    let mut jpeg = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut jpeg, 92);
    encoder.set_pixel_density(PixelDensity::dpi(400));
    encoder.encode_image(pixels)?;
    fs::write(path, jpeg).with_context(|| format!("{} cannot be written", path.display()))
}

/// A side's fields as told in JSON: name, value, confidence.
fn fields(side: &Value) -> Vec<(&str, Option<String>, Option<f32>)> {
    let told = side.as_object().into_iter().flatten().filter(|(name, _)| *name != "confidence");
    told.map(|(name, value)| {
        let sure = side["confidence"][name].as_f64().map(|sure| sure as f32);
        let value = match name.as_str() {
            "kind" => value.as_str().and_then(CardKind::of_id).map(|kind| kind.title().zh.to_string()),
            _ => Some(value).filter(|value| !value.is_null()).map(shown),
        };
        (name.as_str(), value, sure)
    })
    .collect()
}

/// Reads a file as one side of a card.
fn take<T>(
    file: &Path,
    look: impl Fn(&Capture) -> Result<CardReading<T>, CardError>,
) -> anyhow::Result<(Capture, CardReading<T>)> {
    let bytes = fs::read(file).with_context(|| file.display().to_string())?;
    card::take(&bytes, look).with_context(|| file.display().to_string())
}

fn with_confidence(mut side: Value, confidence: &std::collections::BTreeMap<&'static str, f32>) -> Value {
    let rounded: serde_json::Map<String, Value> = confidence
        .iter()
        .map(|(field, c)| ((*field).to_owned(), json!((f64::from(*c) * 1000.0).round() / 1000.0)))
        .collect();
    side["confidence"] = Value::Object(rounded);
    side
}
