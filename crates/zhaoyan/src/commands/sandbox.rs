//! `zhaoyan sandbox`: the systems outside, simulated behind their real protocols.

use std::{net::SocketAddr, path::PathBuf, process::ExitCode, sync::Arc};

use anyhow::Context as _;
use clap::Args;
use sandbox::{SandboxConfig, VisionFaces};

use crate::{config::Config, wiring};

/// `zhaoyan sandbox`
#[derive(Debug, Args)]
pub struct Sandbox {
    /// Address to listen on.
    #[arg(long, default_value = "127.0.0.1:8090", env = "ZHAOYAN_SANDBOX_LISTEN")]
    listen: SocketAddr,
    /// Folder in which registrations survive a restart.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Id of the exam session that its registration system knows.
    #[arg(long, default_value = "sandbox")]
    exam_session: String,
    /// So many registrations beyond the planned ones, with nothing planted; for load.
    #[arg(long, value_name = "N", default_value_t = 0)]
    further: usize,
    /// Where the candidate's pages are, for a link.
    #[arg(long, value_name = "URL")]
    journey_url: Option<String>,
}

/// Simulates until told to stop.
pub async fn run(sandbox: Sandbox, config: Config) -> anyhow::Result<ExitCode> {
    let shutdown = wiring::shutdown()?;
    let settings = SandboxConfig {
        listen: sandbox.listen,
        data_dir: sandbox.data,
        exam_session: sandbox.exam_session,
        further: sandbox.further,
        journey_url: sandbox.journey_url,
        ..SandboxConfig::default()
    };
    let faces = Arc::new(VisionFaces::new(wiring::models(&config)?));
    let sandbox = sandbox::Sandbox::bind(settings, faces).await.context("the sandbox does not start")?;
    tracing::info!(address = %sandbox.address(), "the sandbox listens");
    sandbox.run(async move { shutdown.cancelled().await }).await?;
    Ok(ExitCode::SUCCESS)
}
