//! The `zhaoyan` binary: one program for the server, the worker, the sandbox and the tools.

mod batch;
mod commands;
mod config;
mod logging;
mod page;
mod places;
mod traces;
mod wiring;

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};

use crate::{commands as c, config::Config};

/// 照验 — collects the identity photo of an exam candidate: card read, photo made and judged, person verified.
#[derive(Debug, Parser)]
#[command(name = "zhaoyan", version, propagate_version = true)]
struct Cli {
    /// Configuration file; deploy/zhaoyan.example.toml tells every key.
    #[arg(long, global = true, env = "ZHAOYAN_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve candidates: API and pages.
    Serve(c::serve::Serve),
    /// Work in the background: ask the identity platform, deliver results, send messages, delete what is past its time.
    Worker,
    /// Simulate the systems outside, for trying out and for tests. Never for real candidates.
    Sandbox(c::sandbox::Sandbox),
    /// Set up and list exam sessions.
    #[command(subcommand)]
    ExamSession(c::exam_session::ExamSession),
    /// Import and export the built-in roster.
    #[command(subcommand)]
    Roster(c::roster::Roster),
    /// Show photo standards.
    #[command(subcommand)]
    Standards(c::standards::Standards),
    /// Make accounts for the office's console.
    #[command(subcommand)]
    Staff(c::staff::Staff),
    /// Read the office's audit log, and prove it unbroken.
    #[command(subcommand)]
    Audit(c::audit::Audit),
    Backup(c::backup::Backup),
    Restore(c::backup::Restore),
    MigrateStore(c::backup::MigrateStore),
    /// Make the keys that personal data is encrypted under.
    #[command(subcommand)]
    Keys(c::keys::Keys),
    /// Judge and make photos.
    #[command(subcommand)]
    Photo(c::photo::Photo),
    /// Read identity cards.
    #[command(subcommand)]
    Card(c::card::Card),
    /// All that is kept of one candidate: copy it out, delete it.
    #[command(subcommand)]
    Candidate(c::candidate::Candidate),
    /// Compare faces.
    #[command(subcommand)]
    Face(c::face::Face),
    /// Walk a deployment through whole journeys with specimen pictures.
    Smoke(c::smoke::Smoke),
}

/// As many heaps as cores. By default glibc keeps eight for every core, each with free room of its own: over an import of half a million
/// rows the process grew by 76 MiB more.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn share_heaps() {
    let cores = std::thread::available_parallelism().map_or(1, |n| n.get());
    #[expect(unsafe_code, reason = "libc's one door to this setting; it takes two numbers")]
    // SAFETY: no memory is handed over, and no other thread runs yet.
    unsafe {
        libc::mallopt(libc::M_ARENA_MAX, i32::try_from(cores).unwrap_or(i32::MAX));
    }
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn share_heaps() {}

fn main() -> ExitCode {
    share_heaps();
    let cli = Cli::parse();
    match run(cli) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("zhaoyan: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    match cli.command {
        Command::Photo(photo) => c::photo::run(photo),
        Command::Card(card) => c::card::run(card),
        Command::Face(face) => c::face::run(face),
        Command::Keys(c::keys::Keys::New { file, id, algorithms }) => c::keys::new(&file, id, algorithms),
        other => {
            let config = Config::load(cli.config.as_deref())?;
            let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
            let _traces = logging::install(&config, runtime.handle())?;
            runtime.block_on(run_async(other, config))
        }
    }
}

async fn run_async(command: Command, config: Config) -> anyhow::Result<ExitCode> {
    match command {
        Command::Serve(serve) => c::serve::run(serve, config).await,
        Command::Worker => c::worker::run(config).await,
        Command::Sandbox(sandbox) => c::sandbox::run(sandbox, config).await,
        Command::ExamSession(exam_session) => c::exam_session::run(exam_session, config).await,
        Command::Roster(roster) => c::roster::run(roster, config).await,
        Command::Standards(standards) => c::standards::run(&standards, &config),
        Command::Staff(staff) => c::staff::run(staff, config).await,
        Command::Audit(audit) => c::audit::run(audit, config).await,
        Command::Candidate(candidate) => c::candidate::run(candidate, config).await,
        Command::Backup(backup) => c::backup::backup(backup, config).await,
        Command::Restore(restore) => c::backup::restore(restore, config).await,
        Command::MigrateStore(migrate) => c::backup::migrate_store(migrate, config).await,
        Command::Smoke(smoke) => c::smoke::run(smoke).await,
        Command::Keys(_) => c::keys::reencrypt(config).await,
        Command::Photo(_) | Command::Card(_) | Command::Face(_) => Ok(ExitCode::SUCCESS),
    }
}
