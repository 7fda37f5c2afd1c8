//! `zhaoyan serve`: the API and the pages, with the worker in the same process if asked for.

use std::{process::ExitCode, time::Duration};

use anyhow::Context as _;
use clap::Args;
use server::{
    Serves,
    connections::{self, Bounds},
};
use tokio::net::TcpListener;

use crate::{config::Config, wiring};

/// `zhaoyan serve`
#[derive(Debug, Args)]
pub struct Serve {
    /// Address to listen on, instead of `server.listen`.
    #[arg(long)]
    listen: Option<std::net::SocketAddr>,
    /// Work in the background as well, in this process.
    #[arg(long)]
    worker: bool,
}

/// Serves until told to stop.
pub async fn run(serve: Serve, config: Config) -> anyhow::Result<ExitCode> {
    let leaving = wiring::shutdown()?;
    let shutdown = connections::after(leaving.clone(), Duration::from_secs(config.server.leave_s));
    let store = wiring::store(&config).await?;
    let service = wiring::service(&config, &store)?;
    let pages_dir = wiring::pages_dir(config.server.pages_dir.as_deref());
    match &pages_dir {
        Some(dir) => tracing::info!(dir = %dir.display(), "serving the pages"),
        None => {
            tracing::warn!("no pages were found: the API alone is served; build them or set server.pages_dir")
        }
    }
    let settings = server::Settings {
        pages_dir,
        console_dir: wiring::console_dir(config.server.console_dir.as_deref()),
        serves: if config.server.console_listen.is_some() { Serves::Candidates } else { Serves::Everybody },
        trusted_proxies: config.server.trusted_proxies,
        uploads_at_once: config.server.uploads_at_once,
        request_deadline: Duration::from_secs(config.server.request_deadline_s),
        leaving: leaving.clone(),
    };
    let listen = serve.listen.unwrap_or(config.server.listen);
    let listener = bound("server.listen", listen).await?;
    let bounds = Bounds {
        connections: config.server.max_connections,
        head: Duration::from_secs(config.server.head_timeout_s),
        drain: Duration::from_secs(config.server.drain_s),
        ..Bounds::default()
    };
    let worker =
        if serve.worker { Some(tokio::spawn(wiring::worker(&config, &store)?.run(leaving))) } else { None };
    let office = match config.server.console_listen {
        Some(listen) => {
            let listener = bound("server.console_listen", listen).await?;
            let settings = server::Settings { serves: Serves::Office, ..settings.clone() };
            let router = server::router(service.clone(), settings, shutdown.clone());
            Some(tokio::spawn(connections::serve(listener, router, bounds.clone(), shutdown.clone())))
        }
        None => None,
    };
    let router = server::router(service, settings, shutdown.clone());
    connections::serve(listener, router, bounds, shutdown).await;
    if let Some(office) = office {
        office.await.context("the console's listener broke down")?;
    }
    if let Some(worker) = worker {
        super::worker::drained(worker, Duration::from_secs(config.server.drain_s)).await;
    }
    store.close().await.context("the database did not close")?;
    tracing::info!("stopped");
    Ok(ExitCode::SUCCESS)
}

async fn bound(key: &str, listen: std::net::SocketAddr) -> anyhow::Result<TcpListener> {
    let listener = TcpListener::bind(listen)
        .await
        .with_context(|| format!("{key}: {listen} cannot be listened on; is another server running?"))?;
    tracing::info!(address = %listener.local_addr()?, key, "listening");
    Ok(listener)
}
