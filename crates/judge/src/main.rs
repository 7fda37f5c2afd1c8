//! `judge`: how right the checks are. Draws people with every defect and without any, judges the pictures against the first standard,
//! and writes what came of it as a page with plots and as a document.

mod cards;
mod document;
mod faces;
mod figures;
mod kinds;
mod names;
mod page;
mod photos;
mod shots;

use std::{
    fs,
    io::{IsTerminal as _, Write as _},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::atomic::{AtomicUsize, Ordering},
    time::Instant,
};

use anyhow::Context as _;
use clap::Parser;
use domain::{Outcome, standard::Standard};
use vision::{
    decode::decode,
    model::{Models, models_dir},
    photo::assess,
};

use crate::{document::Language, shots::Bench};

/// Draws pictures with known defects, judges them, and tells how often the judge is right. Exits 1 when a bound is broken.
#[derive(Debug, Parser)]
struct Arguments {
    /// People drawn with each defect, clearly beyond its limit.
    #[arg(long, default_value_t = 200)]
    people: u64,
    /// Of these, how many are drawn with weaker defects too, for the curves.
    #[arg(long, default_value_t = 8)]
    graded: u64,
    /// People drawn without a defect.
    #[arg(long, default_value_t = 1000)]
    clean: u64,
    /// Only this kind of defect; may be given several times.
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,
    /// Folder for the page with plots.
    #[arg(long, default_value = "target/judge")]
    out: PathBuf,
    /// Folder in which judge.md and judge.zh-CN.md are written; none are if left out.
    #[arg(long)]
    docs: Option<PathBuf>,
    /// Instead of judging: make this many ID photos by all standards, into the folder, for another reader to check.
    #[arg(long, value_name = "COUNT")]
    photos: Option<u64>,
    /// Instead of judging: draw this many people, and write the portrait on the card and the ID photo of each into the folder, for
    /// `zhaoyan face distance-table`.
    #[arg(long, value_name = "COUNT", conflicts_with = "photos")]
    faces: Option<u64>,
    /// Instead of judging: read this many names with rare characters, alone and against registrations; exits 1 when a bound is broken.
    #[arg(long, value_name = "COUNT")]
    names: Option<u64>,
    /// Font file in which these are drawn, instead of the specimens' own.
    #[arg(long, value_name = "FILE")]
    names_font: Option<PathBuf>,
    /// Instead of judging photos: draw and read this many usable captures of cards, and a twentieth as many with each defect, into
    /// the folder.
    #[arg(long, value_name = "COUNT")]
    cards: Option<u64>,
    /// Tell what a run with `--cards` came to, beside what another reader has written into the folder's `peer`.
    #[arg(long)]
    cards_told: bool,
    /// Folder of the standards that photos are made by.
    #[arg(long, default_value = "standards")]
    standards: PathBuf,
    /// Folder of real pictures with a truth.json, judged as well if it is there.
    #[arg(long, default_value = "../shared/testdata")]
    testdata: PathBuf,
}

fn main() -> anyhow::Result<ExitCode> {
    let arguments = Arguments::parse();
    if arguments.cards_told {
        let broken = cards::tell(&arguments.out, arguments.docs.as_ref())?;
        return verdict(&broken);
    }
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    // Cards are read one on each core.
    let models = Models::open(&models_dir(), if arguments.cards.is_some() { 1 } else { threads })?;
    let told = AtomicUsize::new(0);
    if let Some(count) = arguments.photos {
        let show = |done, total| progress(&told, done, total);
        photos::write(&models, &arguments.standards, count, &arguments.out, &show)?;
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(count) = arguments.names {
        let show = |done, total| progress(&told, done, total);
        let run = names::run(&models, count, arguments.names_font.as_deref(), &show)?;
        print!("{run}");
        for line in run.broken() {
            println!("BEYOND THE BOUNDS: {line}");
        }
        return Ok(ExitCode::from(u8::from(!run.broken().is_empty())));
    }
    let standard = Standard::from_toml("chengkao.toml", include_str!("../../../standards/chengkao.toml"))?;
    if let Some(count) = arguments.cards {
        cards::read(models, standard, count, &arguments.out)?;
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(count) = arguments.faces {
        let show = |done, total| progress(&told, done, total);
        let made = faces::write(&models, &standard, count, &arguments.out, &show)?;
        println!("{made} of {count} people, two pictures each: {}", arguments.out.display());
        return Ok(ExitCode::SUCCESS);
    }
    let bench = Bench { models, standard, wrong: arguments.out.join("wrong") };
    let plan = shots::Plan {
        people: arguments.people,
        graded: arguments.graded.min(arguments.people),
        clean: arguments.clean,
        only: arguments.only.clone(),
    };
    let begun = Instant::now();
    let shots = shots::shoot(&bench, &plan, &|done, total| progress(&told, done, total))?;
    let seconds = begun.elapsed().as_secs();
    let portraits = real(&bench, &arguments.testdata)?;
    let figures = figures::figures(&shots, bench.standard);

    fs::create_dir_all(&arguments.out)
        .with_context(|| format!("{} cannot be made", arguments.out.display()))?;
    let lines: Vec<String> = shots.iter().map(|shot| shot.json().to_string()).collect();
    let listed = arguments.out.join("shots.jsonl");
    fs::write(&listed, lines.join("\n"))
        .with_context(|| format!("{} cannot be written", listed.display()))?;
    let page = arguments.out.join("index.html");
    fs::write(&page, page::page(&figures))
        .with_context(|| format!("{} cannot be written", page.display()))?;
    if let Some(docs) = &arguments.docs {
        for language in [Language::English, Language::Chinese] {
            let path = docs.join(language.file());
            let text = document::document(&figures, language, &portraits, seconds);
            fs::write(&path, text).with_context(|| format!("{} cannot be written", path.display()))?;
        }
    }
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "{}", document::document(&figures, Language::English, &portraits, seconds))?;
    writeln!(stdout, "plots: {}; picture by picture: {}", page.display(), listed.display())?;
    drop(stdout);
    verdict(&figures.broken())
}

/// Tells which bounds are broken; 1 if any is.
fn verdict(broken: &[String]) -> anyhow::Result<ExitCode> {
    let mut stdout = std::io::stdout().lock();
    for line in broken {
        writeln!(stdout, "BEYOND THE BOUNDS: {line}")?;
    }
    Ok(ExitCode::from(u8::from(!broken.is_empty())))
}

/// A line that grows on a terminal, a line for each twentieth elsewhere.
fn progress(told: &AtomicUsize, done: usize, total: usize) {
    let twentieth = done * 20 / total.max(1);
    if std::io::stderr().is_terminal() {
        eprint!("\r{done} of {total}");
        if done == total {
            eprintln!();
        }
    } else if told.fetch_max(twentieth, Ordering::Relaxed) < twentieth {
        eprintln!("{done} of {total}");
    }
}

/// What the judge says of each real picture, a line each; none without the folder.
fn real(bench: &Bench, dir: &Path) -> anyhow::Result<Vec<String>> {
    let Ok(truth) = fs::read_to_string(dir.join("truth.json")) else { return Ok(Vec::new()) };
    let truth: serde_json::Value = serde_json::from_str(&truth).context("truth.json")?;
    let mut lines = Vec::new();
    for (name, said) in truth.as_object().into_iter().flatten().filter(|(name, _)| name.ends_with(".jpg")) {
        let bytes = fs::read(dir.join("portraits").join(name)).with_context(|| name.clone())?;
        let report =
            bench.standard.judge(&assess(&bench.models, &decode(&bytes)?, &bench.standard)?.measures);
        let listed = |key: &str| -> Vec<&str> {
            said[key].as_array().into_iter().flatten().filter_map(serde_json::Value::as_str).collect()
        };
        let outcome = |id: &str| report.findings.iter().find(|f| f.id.id() == id).map(|f| f.outcome);
        let failed = |id: &str| outcome(id) == Some(Outcome::Fail);
        let any = listed("fail_any");
        let right = listed("pass").iter().all(|id| !failed(id))
            && listed("fail").iter().all(|id| failed(id))
            && (any.is_empty() || any.iter().any(|id| failed(id)));
        let refused: Vec<&str> = report.failed().map(|f| f.id.id()).collect();
        let word = if right { "as the truth says" } else { "NOT as the truth says" };
        lines.push(format!(
            "{name}: {word}; refused by {}",
            if refused.is_empty() { "none".to_owned() } else { refused.join(", ") }
        ));
    }
    Ok(lines)
}
