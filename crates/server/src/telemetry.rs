//! Metrics for Prometheus. Labels are step names, codes and states, never anything of a person.

use std::sync::OnceLock;

use axum::{extract::State, http::header, response::IntoResponse};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

use crate::App;

static RECORDER: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

/// Seconds, from a cached page to a verification that waits for the platform.
const BUCKETS: [f64; 12] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0];

/// Installs the process's recorder, once; a process that has another keeps it and shows no metrics here.
pub fn install() {
    RECORDER.get_or_init(|| PrometheusBuilder::new().set_buckets(&BUCKETS).ok()?.install_recorder().ok());
}

/// Everything recorded, with the queues' depths as they are now.
pub async fn metrics(State(app): State<App>) -> impl IntoResponse {
    service::record_depths(app.service.store()).await;
    rendered()
}

/// The same in a worker's process.
pub async fn of_worker(store: store::Store) -> impl IntoResponse {
    service::record_depths(&store).await;
    rendered()
}

fn rendered() -> impl IntoResponse {
    let text = RECORDER.get().and_then(Option::as_ref).map_or_else(String::new, |handle| {
        handle.run_upkeep();
        handle.render()
    });
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text)
}
