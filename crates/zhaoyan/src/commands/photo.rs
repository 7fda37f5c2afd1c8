//! `zhaoyan photo check` and `zhaoyan photo make`: captures judged, and ID photos made of them, from the command line.

use std::{
    collections::HashSet,
    fs,
    num::NonZeroUsize,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::{Arc, OnceLock},
    thread,
};

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use domain::{Outcome, Report, Standard, standard::PhotoFile};
use serde_json::{Value, json};
use vision::{
    decode,
    model::{ModelError, Models, models_dir},
    photo::{self, AssessError, Assessment, IdPhoto, NoPhoto},
    sheet::{self, Paper},
};

use crate::{
    batch::{self, Tally, Voice},
    page::{self, Page, Picture},
    places,
};

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
    /// Folder of own standards; those that come with Zhaoyan stay known.
    #[arg(long, value_name = "DIR")]
    standards: Option<PathBuf>,
    /// One JSON object per line.
    #[arg(long)]
    json: bool,
    /// How many pictures are judged at once; as many as there are cores if left out.
    #[arg(long, value_name = "N")]
    jobs: Option<NonZeroUsize>,
}

/// `photo check`
#[derive(Debug, Args)]
pub struct Check {
    #[command(flatten)]
    common: Common,
    /// Write a self-contained page that shows each picture, what was found and where.
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
    /// Background colour, one of the standard's: 64C5FF or #64C5FF; the first of them if left out.
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

/// Runs the command.
pub fn run(command: Photo) -> anyhow::Result<ExitCode> {
    batch::quietly(match command {
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
    })
}

impl Common {
    fn standard(&self) -> anyhow::Result<Standard> {
        places::Shelf::open(self.standards.as_deref())?.standard(&self.standard)
    }
}

/// What the pictures are judged with.
struct Bench {
    models: Arc<OnceLock<Result<Models, ModelError>>>,
    /// Opens them; until it is done the process must not end, or it would pull the ground from under what still runs.
    opening: Option<thread::JoinHandle<()>>,
    standard: Standard,
    /// How many pictures are judged at once.
    jobs: usize,
}

impl Bench {
    fn open(common: &Common, standard: Standard) -> anyhow::Result<Bench> {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let jobs = common.jobs.map_or(cores, usize::from).min(common.files.len());
        // Cores are shared by the pictures if there are several, else by the inferences of one.
        let threads = if jobs > 1 { 1 } else { cores };
        let models = Arc::new(OnceLock::new());
        let opened = Arc::clone(&models);
        // Meanwhile the first picture is read and decoded.
        let opening = thread::spawn(move || {
            let opened = opened.get_or_init(|| Models::open(&models_dir(), threads));
            if let Ok(models) = opened {
                models.prepare_for_photos();
            }
        });
        let bench = Bench { models, opening: Some(opening), standard, jobs };
        if jobs > 1 {
            // Told once, not for each picture.
            bench.models()?;
        }
        Ok(bench)
    }

    /// The networks, as soon as they are there.
    fn models(&self) -> Result<&Models, AssessError> {
        self.models.wait().as_ref().map_err(|error| AssessError::Model(error.clone()))
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        if let Some(opening) = self.opening.take() {
            opening.join().ok();
        }
    }
}

fn read(file: &Path) -> anyhow::Result<Vec<u8>> {
    fs::read(file).context("the file cannot be read")
}

fn run_check(check: &Check) -> anyhow::Result<ExitCode> {
    let Check { common, report } = check;
    let bench = Bench::open(common, common.standard()?)?;
    let mut page = report.as_deref().map(Page::begin).transpose()?;
    let (voice, mut tally) = (Voice::new(common.files.len()), Tally::begin());
    let look = |file: &Path, number: usize| {
        let (capture, assessment, map) = photo::take(&read(file)?, &bench.standard, |capture| {
            if report.is_some() {
                anyhow::Ok(photo::assess_mapped(bench.models()?, capture, &bench.standard)?)
            } else {
                Ok((photo::assess(bench.models()?, capture, &bench.standard)?, None))
            }
        })?;
        let judged = Judged { report: bench.standard.judge(&assessment.measures), assessment };
        let section = report.is_some().then(|| {
            page::section(&Picture {
                number,
                name: file.display().to_string(),
                capture: &capture,
                assessment: &judged.assessment,
                map: map.as_ref(),
                report: &judged.report,
                standard: &bench.standard,
            })
        });
        Ok((judged, section.transpose()?))
    };
    let work = |index: usize, file: &Path| (index + 1, look(file, index + 1));
    batch::in_order(&common.files, bench.jobs, work, |file, (number, looked)| {
        let section = match looked {
            Ok((judged, section)) => {
                tally.add(&judged.report);
                voice.say(&judged.lines(file, common.json, Value::Null))?;
                section
            }
            Err(error) => {
                unjudged(file, &error, common.json, &voice, &mut tally)?;
                Some(page::unreadable(number, file.display().to_string(), &format!("{error:#}")))
            }
        };
        page.as_mut().zip(section).map_or(Ok(()), |(page, section)| page.add(&section))
    })?;
    if let Some(page) = page {
        page.finish(&bench.standard, &tally)?;
    }
    Ok(end(&voice, &tally))
}

/// What is written of a made photo: the file, and what is told about it.
type Finish<'a> = &'a (dyn Fn(&Standard, &IdPhoto) -> anyhow::Result<(Vec<u8>, Value)> + Sync);

fn run_make(make: &Make, finish: Finish<'_>) -> anyhow::Result<ExitCode> {
    let Make { common, output, background } = make;
    let standard = common.standard()?;
    let background = allowed(*background, &standard)?;
    let bench = Bench::open(common, standard)?;
    let many = common.files.len() > 1;
    let into_folder = many || output.is_dir() || output.to_string_lossy().ends_with('/');
    if into_folder {
        fs::create_dir_all(output)
            .with_context(|| format!("the folder {} cannot be made", output.display()))?;
    }
    let look = |_: usize, file: &Path| {
        let (_, assessment, ()) = photo::take(&read(file)?, &bench.standard, |capture| {
            anyhow::Ok((photo::assess_on(bench.models()?, capture, &bench.standard, background)?, ()))
        })?;
        let judged = Judged { report: bench.standard.judge(&assessment.measures), assessment };
        let made = match judged.assessment.made() {
            Ok(made) => made,
            Err(NoPhoto::NoFace) => {
                bail!("no ID photo can be made of it: {}", first_reason(&judged.report))
            }
            Err(NoPhoto::NoFit) => bail!(no_fit(&bench.standard.photo)),
        };
        let (bytes, extra) = finish(&bench.standard, made)?;
        Ok((judged, bytes, extra))
    };
    let (voice, mut tally) = (Voice::new(common.files.len()), Tally::begin());
    let mut written = HashSet::new();
    batch::in_order(&common.files, bench.jobs, look, |file, looked| {
        let made = looked.and_then(|(judged, bytes, mut extra)| {
            let out = if into_folder {
                output.join(file.file_stem().unwrap_or_default()).with_extension("jpg")
            } else {
                output.clone()
            };
            if !written.insert(out.clone()) {
                bail!("{} was written already for a picture of the same name", out.display());
            }
            fs::write(&out, &bytes).with_context(|| format!("{} cannot be written", out.display()))?;
            extra["output"] = json!(out);
            Ok((judged, extra))
        });
        match made {
            Ok((judged, extra)) => {
                tally.add(&judged.report);
                Ok(voice.say(&judged.lines(file, common.json, extra))?)
            }
            Err(error) => unjudged(file, &error, common.json, &voice, &mut tally),
        }
    })?;
    Ok(end(&voice, &tally))
}

/// The background that is asked for, or the standard's first.
fn allowed(wanted: Option<[u8; 3]>, standard: &Standard) -> anyhow::Result<[u8; 3]> {
    let backgrounds = &standard.photo.backgrounds;
    match wanted {
        None => Ok(backgrounds[0]),
        Some(wanted) if backgrounds.contains(&wanted) => Ok(wanted),
        Some([r, g, b]) => bail!(
            "--background #{r:02X}{g:02X}{b:02X} is none of `{}`: write one of {}",
            standard.id,
            standard.photo.backgrounds_in_hex().join(", ")
        ),
    }
}

fn first_reason(report: &Report) -> String {
    report.failed().next().map_or_else(|| "no face could be framed".to_owned(), |f| f.message.en.clone())
}

/// That no file meets the standard's limits, and which keys set them.
fn no_fit(file: &PhotoFile) -> String {
    let most = if file.max_bytes < PhotoFile::ANY_BYTES { file.max_bytes.to_string() } else { String::new() };
    format!(
        "no JPEG of {} × {} at quality ≥ {} fits {}..{most} bytes: change min_quality, min_bytes or max_bytes of the \
         standard",
        file.width, file.height, file.min_quality, file.min_bytes
    )
}

fn unjudged(
    file: &Path,
    error: &anyhow::Error,
    as_json: bool,
    voice: &Voice,
    tally: &mut Tally,
) -> anyhow::Result<()> {
    tally.unjudged += 1;
    if as_json {
        return Ok(voice.say(&format!("{}\n", json!({"file": file, "error": format!("{error:#}")})))?);
    }
    voice.complain(&format!("{}: {error:#}", file.display()));
    Ok(voice.say("")?)
}

/// The last words about a batch, and its exit status.
fn end(voice: &Voice, tally: &Tally) -> ExitCode {
    voice.end();
    if tally.all() > 1 {
        voice.complain(&tally.in_words());
    }
    ExitCode::from(tally.status())
}

/// A picture that was judged; its pixels are gone.
struct Judged {
    assessment: Assessment,
    report: Report,
}

impl Judged {
    /// What is told about it, each line ended.
    fn lines(&self, file: &Path, as_json: bool, extra: Value) -> String {
        let Judged { assessment, report } = self;
        if as_json {
            let checks: Vec<Value> = report.findings.iter().map(super::finding_json).collect();
            let mut line = json!({
                "file": file, "accepted": report.accepted, "checks": checks, "face": assessment.face,
                "timing_ms": assessment.timing,
            });
            if let (Some(line), Value::Object(extra)) = (line.as_object_mut(), extra) {
                line.extend(extra);
            }
            return format!("{line}\n");
        }
        let verdict = if report.accepted { "合格 accepted" } else { "不合格 not accepted" };
        let mut lines = format!("{}: {verdict}\n", file.display());
        for finding in &report.findings {
            let word = match finding.outcome {
                Outcome::Fail => "fail",
                Outcome::Warn => "warn",
                Outcome::Pass | Outcome::NotAssessed => continue,
            };
            let measured = finding.measure.map_or_else(String::new, |m| format!(" {m:.3}"));
            let (part, message) = (finding.part.as_deref().unwrap_or(""), &finding.message);
            lines += &format!(
                "  {word:4} {:20} {part}{measured} ({})\n       {}\n       {}\n",
                finding.id.id(),
                finding.limit,
                message.zh,
                message.en
            );
        }
        if let Some(path) = extra.get("output").and_then(Value::as_str) {
            lines += &format!("  → {path}\n");
        }
        lines
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
