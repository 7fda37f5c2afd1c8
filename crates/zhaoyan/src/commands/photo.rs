//! `zhaoyan photo check` and `zhaoyan photo make`: captures judged, and ID photos made of them, from the command line.

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use domain::{Outcome, Report, Standard};
use serde_json::{Value, json};
use vision::{
    decode,
    model::{Models, models_dir},
    photo::{self, Assessment, IdPhoto},
    sheet::{self, Paper},
};

use crate::{page, places};

/// Judging and making photos.
#[derive(Debug, Subcommand)]
pub enum Photo {
    /// Judge pictures against a standard. Exits 0 if all are accepted, 1 if some are not, 2 if some could not be judged.
    Check(Check),
    /// Make ID photos of pictures. The photo is made whatever the checks say; the exit status tells what they say.
    Make(Make),
    /// Make ID photos and lay copies of each on a sheet of paper, at true size, with cutting marks.
    Sheet(PrintSheet),
}

/// What both take.
#[derive(Debug, Args)]
pub struct Common {
    /// Pictures: JPEG, PNG or WebP.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Photo standard, see `zhaoyan standards list`.
    #[arg(long, default_value = "chengkao")]
    standard: String,
    /// Folder of standards.
    #[arg(long)]
    standards: Option<PathBuf>,
    /// One JSON object per line.
    #[arg(long)]
    json: bool,
}

/// `photo check`
#[derive(Debug, Args)]
pub struct Check {
    #[command(flatten)]
    common: Common,
    /// Write a self-contained page with pictures and findings.
    #[arg(long, value_name = "OUT.html")]
    report: Option<PathBuf>,
}

/// `photo make`
#[derive(Debug, Args)]
pub struct Make {
    #[command(flatten)]
    common: Common,
    /// Where to write: a file, or a folder if it ends in `/` or there are several pictures.
    #[arg(short, long, value_name = "OUT")]
    output: PathBuf,
    /// Background colour; one of the standard's if left out.
    #[arg(long, value_name = "RRGGBB", value_parser = colour)]
    background: Option<[u8; 3]>,
}

/// `photo sheet`
#[derive(Debug, Args)]
pub struct PrintSheet {
    #[command(flatten)]
    make: Make,
    /// The paper: 5in (127 × 89 mm), 6in (152 × 102 mm) or a4.
    #[arg(long, default_value = "6in", value_parser = paper)]
    paper: Paper,
}

fn paper(text: &str) -> Result<Paper, String> {
    let named = |paper: &Paper| paper.name().eq_ignore_ascii_case(text);
    Paper::ALL.into_iter().find(named).ok_or_else(|| "write 5in, 6in or a4".to_owned())
}

fn colour(text: &str) -> Result<[u8; 3], String> {
    let digits = text.trim_start_matches('#');
    let value = u32::from_str_radix(digits, 16).ok().filter(|_| digits.len() == 6);
    let [_, r, g, b] = value.ok_or("write six hexadecimal digits, such as 64C5FF")?.to_be_bytes();
    Ok([r, g, b])
}

/// One picture, judged.
pub struct Judged {
    /// The file.
    pub file: PathBuf,
    /// The upright capture.
    pub capture: decode::Capture,
    /// What was measured and made.
    pub assessment: Assessment,
    /// The findings.
    pub report: Report,
}

/// Runs the command.
pub fn run(command: Photo) -> anyhow::Result<ExitCode> {
    match command {
        Photo::Check(check) => run_check(&check),
        Photo::Make(make) => run_make(&make, &|_, made| {
            let extra = json!({"width": made.width, "height": made.height, "bytes": made.jpeg.len()});
            Ok((made.jpeg.clone(), extra))
        }),
        Photo::Sheet(sheet) => run_make(&sheet.make, &|standard, made| {
            let photo = decode::decode(&made.jpeg)?.pixels;
            let Some(printed) = sheet::sheet(&photo, standard.photo.dpi, sheet.paper) else {
                bail!("a photo of this standard is larger than the paper; take a larger one with --paper");
            };
            let [width, height] = printed.size;
            let extra = json!({
                "width": width, "height": height, "bytes": printed.jpeg.len(), "copies": printed.copies,
            });
            Ok((printed.jpeg, extra))
        }),
    }
}

struct Bench {
    models: Models,
    standard: Standard,
}

impl Bench {
    fn open(common: &Common) -> anyhow::Result<Bench> {
        let standards = places::standards_dir(common.standards.as_deref())?;
        let standard = places::standard(&standards, &common.standard)?;
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        Ok(Bench { models: Models::open(&models_dir(), threads)?, standard })
    }

    fn judge(&self, file: &Path, background: Option<[u8; 3]>) -> anyhow::Result<Judged> {
        let bytes = fs::read(file).context("the file cannot be read")?;
        let capture = decode::decode(&bytes)?;
        let background = background.unwrap_or(self.standard.photo.backgrounds[0]);
        let assessment = photo::assess_on(&self.models, &capture, &self.standard, background)?;
        let report = self.standard.judge(&assessment.measures);
        Ok(Judged { file: file.to_owned(), capture, assessment, report })
    }
}

/// The worst exit status met so far, and how it is told.
#[derive(Default)]
struct Tally(u8);

impl Tally {
    fn report(&mut self, accepted: bool) {
        self.0 = self.0.max(u8::from(!accepted));
    }

    fn unreadable(&mut self, file: &Path, error: &anyhow::Error, as_json: bool) {
        self.0 = 2;
        if as_json {
            println!("{}", json!({"file": file, "error": format!("{error:#}")}));
        } else {
            eprintln!("{}: {error:#}", file.display());
        }
    }
}

fn run_check(check: &Check) -> anyhow::Result<ExitCode> {
    let bench = Bench::open(&check.common)?;
    let mut tally = Tally::default();
    let mut sections = Vec::new();
    for file in &check.common.files {
        match bench.judge(file, None) {
            Ok(judged) => {
                tally.report(judged.report.accepted);
                tell(&judged, check.common.json, Value::Null);
                if check.report.is_some() {
                    sections.push(page::section(&judged)?);
                }
            }
            Err(error) => tally.unreadable(file, &error, check.common.json),
        }
    }
    if let Some(out) = &check.report {
        fs::write(out, page::whole(&bench.standard, &sections))
            .with_context(|| format!("{} cannot be written", out.display()))?;
    }
    Ok(ExitCode::from(tally.0))
}

/// What is written of a made photo: the file, and what is told about it.
type Finish<'a> = &'a dyn Fn(&Standard, &IdPhoto) -> anyhow::Result<(Vec<u8>, Value)>;

fn run_make(make: &Make, finish: Finish<'_>) -> anyhow::Result<ExitCode> {
    let bench = Bench::open(&make.common)?;
    let many = make.common.files.len() > 1;
    let into_folder = many || make.output.is_dir() || make.output.to_string_lossy().ends_with('/');
    if into_folder {
        fs::create_dir_all(&make.output)
            .with_context(|| format!("the folder {} cannot be made", make.output.display()))?;
    }
    let mut tally = Tally::default();
    let mut written = std::collections::HashSet::new();
    for file in &make.common.files {
        let made = bench.judge(file, make.background).and_then(|judged| {
            let Some(made) = &judged.assessment.photo else {
                bail!("no ID photo can be made of it: {}", first_reason(&judged.report));
            };
            let out = if into_folder {
                make.output.join(file.file_stem().unwrap_or_default()).with_extension("jpg")
            } else {
                make.output.clone()
            };
            if !written.insert(out.clone()) {
                bail!("{} was written already for a picture of the same name", out.display());
            }
            let (file, mut extra) = finish(&bench.standard, made)?;
            fs::write(&out, &file).with_context(|| format!("{} cannot be written", out.display()))?;
            extra["output"] = json!(out);
            Ok((judged, extra))
        });
        match made {
            Ok((judged, extra)) => {
                tally.report(judged.report.accepted);
                tell(&judged, make.common.json, extra);
            }
            Err(error) => tally.unreadable(file, &error, make.common.json),
        }
    }
    Ok(ExitCode::from(tally.0))
}

fn first_reason(report: &Report) -> String {
    report.failed().next().map_or_else(|| "no face could be framed".to_owned(), |f| f.message.en.clone())
}

fn tell(judged: &Judged, as_json: bool, extra: Value) {
    let Judged { file, assessment, report, .. } = judged;
    if as_json {
        let checks: Vec<Value> = report.findings.iter().map(super::finding_json).collect();
        let mut line = json!({
            "file": file, "accepted": report.accepted, "checks": checks, "face": assessment.face,
            "timing_ms": assessment.timing,
        });
        if let (Some(line), Value::Object(extra)) = (line.as_object_mut(), extra) {
            line.extend(extra);
        }
        println!("{line}");
        return;
    }
    println!("{}: {}", file.display(), if report.accepted { "合格 accepted" } else { "不合格 not accepted" });
    for finding in &report.findings {
        let measured = finding.measure.map_or_else(String::new, |m| format!(" {m:.3}"));
        let line = |word: &str| {
            let part = finding.part.as_deref().unwrap_or("");
            println!("  {word:4} {:20} {part}{measured} ({})", finding.id.id(), finding.limit);
            println!("       {}\n       {}", finding.message.zh, finding.message.en);
        };
        match finding.outcome {
            Outcome::Fail => line("fail"),
            Outcome::Warn => line("warn"),
            Outcome::Pass | Outcome::NotAssessed => {}
        }
    }
    if let Some(path) = extra.get("output").and_then(Value::as_str) {
        println!("  → {path}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colour_is_six_hexadecimal_digits() {
        assert_eq!(colour("64C5FF"), Ok([100, 197, 255]));
        assert_eq!(colour("#ffffff"), Ok([255, 255, 255]));
        assert!(colour("fff").is_err() && colour("gggggg").is_err() && colour("").is_err());
    }

    #[test]
    fn paper_is_named_as_shops_name_it() {
        assert_eq!(paper("A4"), Ok(Paper::A4));
        assert!(paper("letter").is_err());
    }
}
