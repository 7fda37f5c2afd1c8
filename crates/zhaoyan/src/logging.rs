//! Logs: to standard error, as text or JSON, without personal data.

use std::io::IsTerminal;

use tokio::runtime::Handle;
use tracing_subscriber::{EnvFilter, Layer as _, layer::SubscriberExt as _, util::SubscriberInitExt as _};

use crate::{
    config::{Config, LogFormat},
    traces::{self, Traces},
};

/// Installs the log, the traces where they are wanted, and a panic hook that tells where and not what: a panic's words may quote what was
/// worked on.
///
/// # Errors
/// When traces are to go where they cannot.
pub fn install(config: &Config, runtime: &Handle) -> anyhow::Result<Option<Traces>> {
    let log = &config.log;
    // The migrator tells at each start that there was nothing to do.
    let filter = EnvFilter::try_new(format!("sea_orm_migration=warn,{}", log.level))
        .unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let lines = match log.format {
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
        LogFormat::Text => lines.with_ansi(std::io::stderr().is_terminal()).compact().boxed(),
    };
    let (layer, kept) = traces::layer(&config.traces, runtime)?.unzip();
    if tracing_subscriber::registry().with(lines.with_filter(filter)).with(layer).try_init().is_err() {
        return Ok(kept);
    }
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let words = panic.payload().downcast_ref::<&'static str>().copied().unwrap_or("");
        tracing::error!(place, words, "a panic");
    }));
    Ok(kept)
}
