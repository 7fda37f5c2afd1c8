//! `zhaoyan roster`: the built-in roster, from and to CSV or XLSX.

use std::{path::PathBuf, process::ExitCode};

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use serde_json::json;
use service::roster::{self, RosterFile, Unfollowed};
use store::{ImportHow, Store};

use crate::{config::Config, wiring};

/// The built-in roster.
#[derive(Debug, Subcommand)]
pub enum Roster {
    /// Take registrations from a file. Rows that cannot be taken are told by row and column; exits 1 if there are any.
    Import(File),
    /// Write the roster, with the state of each collection, to a file.
    Export(File),
}

/// What both take.
#[derive(Debug, Args)]
pub struct File {
    /// A .csv or .xlsx file with the columns 报名号, 姓名, 身份证号码, 民族, 住址, 手机号码, 层次.
    file: PathBuf,
    /// Id of the exam session; the one that candidates come for if left out.
    #[arg(long, value_name = "ID")]
    exam_session: Option<String>,
    /// Print one JSON object for each line.
    #[arg(long)]
    json: bool,
}

/// Runs it.
pub async fn run(command: Roster, config: Config) -> anyhow::Result<ExitCode> {
    let store = wiring::store(&config).await?;
    match command {
        Roster::Import(file) => import(&store, &config, file).await,
        Roster::Export(file) => {
            let exam = exam_session(&store, &config, file.exam_session.as_deref()).await?;
            let rows = roster::export(&store, &exam, &file.file)
                .await
                .with_context(|| file.file.display().to_string())?;
            if file.json {
                println!("{}", json!({ "rows": rows }));
            } else {
                println!("{rows} rows");
            }
            Ok(ExitCode::SUCCESS)
        }
    }
}

async fn import(store: &Store, config: &Config, file: File) -> anyhow::Result<ExitCode> {
    let exam = exam_session(store, config, file.exam_session.as_deref()).await?;
    let read = async {
        let source = RosterFile::at(&file.file)?;
        let (how, clock) = (ImportHow::default(), wiring::clock());
        roster::import(store, &exam, &source, how, clock.as_ref(), &mut Unfollowed).await
    };
    let imported = read.await.with_context(|| file.file.display().to_string())?;
    for problem in &imported.problems {
        if file.json {
            let line = json!({ "row": problem.row, "column": problem.column, "problem": problem.problem.en, "message": problem.problem });
            println!("{line}");
        } else {
            eprintln!("row {}, {}: {}", problem.row, problem.column, problem.problem.en);
        }
    }
    let counts = imported.counts;
    if counts.refused > imported.problems.len() as u64 && !file.json {
        eprintln!("and {} more", counts.refused - imported.problems.len() as u64);
    }
    if file.json {
        let line = json!({
            "added": counts.added, "changed": counts.changed, "unchanged": counts.unchanged, "refused": counts.refused,
        });
        println!("{line}");
    } else {
        println!(
            "{} added, {} changed, {} unchanged, {} not taken",
            counts.added, counts.changed, counts.unchanged, counts.refused
        );
    }
    Ok(if counts.refused == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn exam_session(store: &Store, config: &Config, given: Option<&str>) -> anyhow::Result<String> {
    if let Some(id) = given.or(config.journey.exam_session.as_deref()) {
        return match store.exam_session(id).await? {
            Some(exam) => Ok(exam.id),
            None => bail!("there is no exam session `{id}`: see `zhaoyan exam-session list`"),
        };
    }
    let current = store.current_exam_session(wiring::clock().now()).await?;
    Ok(current.context("no exam session is open: set one with `zhaoyan exam-session set FILE`")?.id)
}
