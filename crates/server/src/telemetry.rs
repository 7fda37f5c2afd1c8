//! Metrics for Prometheus: `service::meters` says which there are. Labels are step names, codes and states, never anything of a person.

use std::{sync::OnceLock, thread, time::Duration};

use axum::{extract::State, http::header, response::IntoResponse};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use metrics_process::Collector;
use service::meters;

use crate::App;

static RECORDER: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

/// Seconds, from a cached page to a verification that waits for the platform. The alerts' limits are among them.
const BUCKETS: [f64; 12] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 15.0, 60.0];

/// How often what was observed is put into buckets where nobody asks for it, so that it does not pile up.
const UPKEEP: Duration = Duration::from_secs(20);

/// Installs the process's recorder, once; a process that has another keeps it and shows no metrics here.
pub fn install() {
    RECORDER.get_or_init(|| {
        let handle = PrometheusBuilder::new().set_buckets(&BUCKETS).ok()?.install_recorder().ok()?;
        Collector::default().describe();
        meters::describe();
        metrics::gauge!(meters::BUILD_INFO, "version" => env!("CARGO_PKG_VERSION")).set(1.0);
        let kept = handle.clone();
        thread::spawn(move || {
            loop {
                thread::sleep(UPKEEP);
                kept.run_upkeep();
            }
        });
        Some(handle)
    });
}

/// Everything recorded, with the queues as they are now.
pub async fn metrics(State(app): State<App>) -> impl IntoResponse {
    app.service.observe().await;
    rendered()
}

/// The same in a worker's process.
pub async fn of_worker(store: store::Store) -> impl IntoResponse {
    meters::observe(&store, jiff::Timestamp::now()).await;
    rendered()
}

fn rendered() -> impl IntoResponse {
    let text = RECORDER.get().and_then(Option::as_ref).map_or_else(String::new, |handle| {
        Collector::default().collect();
        handle.run_upkeep();
        handle.render()
    });
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text)
}
