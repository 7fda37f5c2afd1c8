//! `zhaoyan candidate`: all that is kept of one candidate, copied out for them or deleted, at their request.

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use domain::Deed;
use serde_json::json;
use store::{CandidateCopy, Deletion, NewAudit, Store};

use crate::{config::Config, wiring};

/// By whom, as the audit log names whoever uses the command line.
const COMMAND: &str = "command";

/// One candidate's data.
#[derive(Debug, Subcommand)]
pub enum Candidate {
    /// Write all that is kept of a candidate into a new folder: candidate.json and every picture, open to its owner alone.
    Copy {
        #[command(flatten)]
        whose: Whose,
        /// A folder that is not there yet.
        folder: PathBuf,
    },
    /// Delete all that is kept of a candidate, for good. The audit log keeps how much it was, by whom and why.
    Delete {
        #[command(flatten)]
        whose: Whose,
        /// From the built-in roster too. Otherwise the candidate may log in and begin anew.
        #[arg(long)]
        roster_too: bool,
    },
}

/// Whose, and why.
#[derive(Debug, Args)]
pub struct Whose {
    /// The registration system's own key (报名号).
    #[arg(long, value_name = "KEY")]
    registration: String,
    /// Id of the exam session.
    #[arg(long, value_name = "ID")]
    exam_session: String,
    /// Why, such as the number of the request; goes into the audit log, so nothing personal.
    #[arg(long)]
    reason: String,
}

/// Runs it.
pub async fn run(command: Candidate, config: Config) -> anyhow::Result<ExitCode> {
    let store = wiring::store(&config).await?;
    match command {
        Candidate::Copy { whose, folder } => copy(&store, &whose, &folder).await,
        Candidate::Delete { whose, roster_too } => delete(&store, &whose, roster_too).await,
    }
}

async fn copy(store: &Store, whose: &Whose, folder: &Path) -> anyhow::Result<ExitCode> {
    let Some(copy) = store.candidate_copy(&whose.exam_session, &whose.registration).await? else {
        bail!("{}", store::NotDeleted::Unknown);
    };
    private_folder(folder)
        .with_context(|| format!("{}: name a folder that is not there yet", folder.display()))?;
    let told = serde_json::to_vec_pretty(&as_json(&copy))?;
    fs::write(folder.join("candidate.json"), told)?;
    let pictures = copy.collection.iter().flat_map(|c| &c.pictures);
    for (picture, name) in pictures.zip(names(&copy)) {
        fs::write(folder.join(name), store.read_picture(picture).await?)?;
    }
    let entry = NewAudit::new(COMMAND, Deed::CopyCandidate.name())
        .on(whose.registration.as_str())
        .with("exam_session", whose.exam_session.as_str())
        .with("reason", whose.reason.as_str());
    let tx = store.begin().await?;
    tx.audit(&entry, wiring::clock().now()).await?;
    tx.commit().await?;
    println!("{}: candidate.json and {} pictures", folder.display(), names(&copy).len());
    Ok(ExitCode::SUCCESS)
}

async fn delete(store: &Store, whose: &Whose, roster_too: bool) -> anyhow::Result<ExitCode> {
    let wanted = Deletion {
        exam_session: &whose.exam_session,
        registration: &whose.registration,
        roster_too,
        actor: COMMAND,
        reason: &whose.reason,
    };
    let done = store.delete_candidate(&wanted, wiring::clock().now()).await??;
    for (table, rows) in done.rows.iter().filter(|(_, rows)| **rows > 0) {
        println!("{table}: {rows} deleted");
    }
    println!(
        "entry {} of the audit log keeps this; ask the registration system to delete what it was told, and begin a new backup",
        done.entry
    );
    Ok(ExitCode::SUCCESS)
}

fn private_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Names of the pictures' files, in the pictures' order.
fn names(copy: &CandidateCopy) -> Vec<String> {
    let pictures = copy.collection.iter().flat_map(|c| &c.pictures);
    pictures
        .enumerate()
        .map(|(at, picture)| {
            let ending = picture.media_type.rsplit('/').next().unwrap_or("bin").replace("jpeg", "jpg");
            format!("{:02}-{}.{ending}", at + 1, picture.kind)
        })
        .collect()
}

fn as_json(copy: &CandidateCopy) -> serde_json::Value {
    let collection = copy.collection.as_ref().map(|kept| {
        let pictures: Vec<_> = kept
            .pictures
            .iter()
            .zip(names(copy))
            .map(|(picture, name)| json!({"file": name, "kind": picture.kind.as_str(), "at": picture.created_at}))
            .collect();
        json!({
            "state": kept.record.collection,
            "begun_at": kept.record.created_at,
            "changed_at": kept.record.updated_at,
            "particulars": kept.record.particulars,
            "consents": kept.consents.iter()
                .map(|c| json!({"to": c.kind.as_str(), "version": c.version, "at": c.given_at}))
                .collect::<Vec<_>>(),
            "attempts": kept.attempts.iter()
                .map(|a| json!({"status": a.status.as_str(), "begun_at": a.created_at, "answered_at": a.answered_at,
                    "similarity": a.similarity}))
                .collect::<Vec<_>>(),
            "told_to_registration_system": kept.deliveries.iter()
                .map(|d| json!({"kind": d.kind, "told": d.payload, "at": d.done_at}))
                .collect::<Vec<_>>(),
            "journal": kept.journal.iter()
                .map(|e| json!({"at": e.at, "event": e.entry.event, "by": e.entry.actor, "details": e.entry.details}))
                .collect::<Vec<_>>(),
            "pictures": pictures,
        })
    });
    json!({ "registration": copy.registration, "collection": collection })
}
