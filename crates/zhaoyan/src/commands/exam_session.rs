//! `zhaoyan exam-session`: what an office runs, who is asked, and the texts that candidates agree to.

use std::{path::PathBuf, process::ExitCode};

use anyhow::{Context as _, bail};
use clap::Subcommand;
use service::exam::ExamFile;

use crate::{config::Config, wiring};

/// Exam sessions.
#[derive(Debug, Subcommand)]
pub enum ExamSession {
    /// Write an exam session, new or known, from a file such as deploy/exam-session.example.toml.
    Set {
        /// The file.
        file: PathBuf,
    },
    /// List exam sessions, the newest first.
    List,
}

/// Runs it.
pub async fn run(command: ExamSession, config: Config) -> anyhow::Result<ExitCode> {
    match command {
        ExamSession::Set { file } => {
            let text = std::fs::read_to_string(&file)
                .with_context(|| format!("{} cannot be read", file.display()))?;
            let exam = ExamFile::parse(&text)
                .and_then(|exam| exam.exam_session(config.retention.kept()))
                .map_err(|error| anyhow::anyhow!("{}: {error}", file.display()))?;
            let standards = wiring::standards(&config)?;
            if !standards.contains_key(&exam.standard) {
                let known: Vec<&str> = standards.keys().map(String::as_str).collect();
                bail!("{}: standard: write one of {}", file.display(), known.join(", "));
            }
            let store = wiring::store(&config).await?;
            store.put_exam_session(&exam, wiring::clock().now()).await?;
            println!("{}", exam.id);
        }
        ExamSession::List => {
            for exam in wiring::store(&config).await?.exam_sessions().await? {
                let open = if exam.open { "open" } else { "closed" };
                println!("{}\t{open}\t{}\t{}", exam.id, exam.standard, exam.name);
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}
