//! Logs: to standard error, as text or JSON, without personal data.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

use crate::config::{Log, LogFormat};

/// Installs the log, and a panic hook that tells where and not what: a panic's words may quote what was worked on.
pub fn install(log: &Log) {
    // The migrator tells at each start that there was nothing to do.
    let filter = EnvFilter::try_new(format!("sea_orm_migration=warn,{}", log.level))
        .unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let installed = match log.format {
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
        LogFormat::Text => builder.with_ansi(std::io::stderr().is_terminal()).compact().try_init(),
    };
    if installed.is_err() {
        return;
    }
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let words = panic.payload().downcast_ref::<&'static str>().copied().unwrap_or("");
        tracing::error!(place, words, "a panic");
    }));
}
