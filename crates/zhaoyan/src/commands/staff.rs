//! `zhaoyan staff`: accounts for the office's console; the first administrator comes from here.

use std::process::ExitCode;

use anyhow::anyhow;
use clap::{Subcommand, builder::PossibleValuesParser};
use domain::Role;

use crate::{config::Config, wiring};

/// The office's people.
#[derive(Debug, Subcommand)]
pub enum Staff {
    /// Make an account, and print once what its owner signs in with: first password and second factor.
    Add {
        /// Its name: 2 to 32 lower-case letters, digits, dots, hyphens, underscores.
        account: String,
        /// What its owner may do; each may all that those before it may.
        #[arg(long, value_parser = PossibleValuesParser::new(Role::ALL.map(Role::name)))]
        role: String,
        /// Print one JSON object.
        #[arg(long)]
        json: bool,
    },
    /// List accounts.
    List,
}

/// Runs it.
pub async fn run(command: Staff, config: Config) -> anyhow::Result<ExitCode> {
    let store = wiring::store(&config).await?;
    match command {
        Staff::Add { account, role, json } => {
            let role = Role::parse(&role).ok_or_else(|| anyhow!("--role: no such role"))?;
            let access = service::office::add_staff(&store, ACTOR, &account, role, wiring::clock().now())
                .await
                .map_err(|trouble| anyhow!("{account}: {}", trouble.message().en))?;
            if json {
                println!("{}", serde_json::to_string(&access)?);
            } else {
                println!(
                    "account\t{}\npassword\t{}\nsecret\t{}\notpauth\t{}",
                    access.account, access.password, access.secret, access.otpauth
                );
                eprintln!(
                    "This is shown once. Enter the secret in an authenticator app; change the password after signing in."
                );
            }
        }
        Staff::List => {
            for staff in store.all_staff().await? {
                let active = if staff.active { "active" } else { "inactive" };
                println!("{}\t{}\t{active}", staff.account, staff.role);
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Who the audit log says it was.
const ACTOR: &str = "command";
