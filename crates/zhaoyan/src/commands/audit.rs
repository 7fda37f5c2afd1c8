//! `zhaoyan audit`: the office's audit log.

use std::process::ExitCode;

use anyhow::{Context as _, anyhow};
use clap::Subcommand;
use store::{AuditFilter, AuditHead};

use crate::{config::Config, wiring};

/// The audit log.
#[derive(Debug, Subcommand)]
pub enum Audit {
    /// Hold every entry against its hash, and print how many there are and the last one's hash; exits 1 where the log is broken.
    Verify {
        /// What an earlier run printed, NUMBER:HASH: that entry has to be there still, so that nothing was cut off.
        #[arg(long, value_name = "NUMBER:HASH")]
        noted: Option<String>,
    },
    /// Print the log, the newest entry first, one JSON object for each line.
    Export {
        /// At most so many entries.
        #[arg(long, default_value_t = u32::MAX)]
        most: u32,
    },
}

/// Runs it.
pub async fn run(command: Audit, config: Config) -> anyhow::Result<ExitCode> {
    let store = wiring::store(&config).await?;
    match command {
        Audit::Verify { noted } => {
            let noted = noted.as_deref().map(head).transpose()?;
            match store.verify_audit(noted.as_ref()).await? {
                Ok(AuditHead { number, hash }) => {
                    println!("{number}:{hash}");
                    Ok(ExitCode::SUCCESS)
                }
                Err(broken) => {
                    eprintln!("zhaoyan: the audit log is broken: {broken}");
                    Ok(ExitCode::from(1))
                }
            }
        }
        Audit::Export { most } => {
            /// Entries that are read at once.
            const PAGE: u64 = 1000;
            let (mut filter, mut left) = (AuditFilter::default(), u64::from(most));
            while left > 0 {
                let page = store.audit_page(&filter, left.min(PAGE)).await?;
                let Some(last) = page.last() else { break };
                filter.before = Some(last.number);
                left -= page.len() as u64;
                for entry in page {
                    let line = serde_json::json!({
                        "number": entry.number, "at": entry.at, "actor": entry.actor, "deed": entry.deed,
                        "subject": entry.subject, "details": entry.details, "hash": entry.hash,
                    });
                    println!("{line}");
                }
            }
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn head(text: &str) -> anyhow::Result<AuditHead> {
    let wrong = || anyhow!("--noted: write what `zhaoyan audit verify` printed, NUMBER:HASH");
    let (number, hash) = text.trim().split_once(':').ok_or_else(wrong)?;
    Ok(AuditHead { number: number.parse().with_context(|| wrong().to_string())?, hash: hash.to_owned() })
}
