//! `zhaoyan worker`: verification, deliveries, messages, sweeping.

use std::{process::ExitCode, time::Duration};

use anyhow::Context as _;
use server::connections::{self, Bounds};
use tokio::{net::TcpListener, task::JoinHandle};

use crate::{config::Config, wiring};

/// Works until told to stop.
pub async fn run(config: Config) -> anyhow::Result<ExitCode> {
    let shutdown = wiring::shutdown()?;
    let store = wiring::store(&config).await?;
    let worker = wiring::worker(&config, &store)?;
    if let Some(listen) = config.worker.metrics_listen {
        let listener = TcpListener::bind(listen)
            .await
            .with_context(|| format!("worker.metrics_listen: {listen} cannot be listened on"))?;
        let probes = server::worker_probes(store.clone());
        tokio::spawn(connections::serve(listener, probes, Bounds::default(), shutdown.clone()));
    }
    tracing::info!("working");
    let working = tokio::spawn(worker.run(shutdown.clone()));
    shutdown.cancelled().await;
    drained(working, Duration::from_secs(config.server.drain_s)).await;
    tracing::info!("stopped");
    Ok(ExitCode::SUCCESS)
}

/// Waits for work in hand to be finished; what takes longer keeps its lease until that runs out, and another takes it up.
pub async fn drained(mut working: JoinHandle<()>, most: Duration) {
    if tokio::time::timeout(most, &mut working).await.is_err() {
        tracing::warn!(
            "work in hand was not finished in time; it is taken up again when its lease has run out"
        );
        working.abort();
    }
}
