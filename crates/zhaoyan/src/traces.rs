//! Traces over OTLP (HTTP, protobuf), where a collector is named. A trace begins with us: ids that clients send are not taken over, and none
//! are handed to partners, who have the request's id instead.

use std::time::Duration;

use anyhow::Context as _;
use async_trait::async_trait;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::{
    Resource,
    trace::{Sampler, SdkTracerProvider},
};
use tokio::runtime::Handle;
use tracing::{Level, Metadata, Subscriber};
use tracing_subscriber::{Layer, filter::FilterFn, registry::LookupSpan};

use crate::config;

/// The collector is patient; who waits for it at the end is not.
const PATIENCE: Duration = Duration::from_secs(5);

/// What runs until the process ends; the spans still held are sent when it is dropped.
pub struct Traces(SdkTracerProvider);

impl Drop for Traces {
    fn drop(&mut self) {
        if let Err(error) = self.0.shutdown_with_timeout(PATIENCE) {
            tracing::debug!(%error, "the last spans were not sent");
        }
    }
}

/// Our client, in our runtime: the exporter calls from a thread of its own.
#[derive(Debug)]
struct Client {
    client: reqwest::Client,
    runtime: Handle,
}

#[async_trait]
impl HttpClient for Client {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (head, body) = request.into_parts();
        let call = self.client.request(head.method, head.uri.to_string()).headers(head.headers).body(body);
        // Sending begins with a timer, which only a thread of the runtime has.
        let sent = self.runtime.spawn(async move {
            let answer = call.send().await?;
            let status = answer.status();
            Ok::<_, reqwest::Error>((status, answer.bytes().await?))
        });
        let (status, body) = sent.await??;
        Ok(Response::builder().status(status).body(body)?)
    }
}

/// Ours, and nothing that is only there for finding faults: what libraries say about themselves is no part of a trace.
fn is_ours(metadata: &Metadata<'_>) -> bool {
    let ours = ["zhaoyan", "server", "service", "store", "partners", "vision"];
    let from = metadata.target().split("::").next().unwrap_or_default();
    *metadata.level() <= Level::INFO && ours.contains(&from)
}

/// The layer that makes traces, and what keeps it going; nothing where no collector is named.
///
/// # Errors
/// When the address is none.
pub fn layer<S>(
    traces: &config::Traces,
    runtime: &Handle,
) -> anyhow::Result<Option<(impl Layer<S> + use<S>, Traces)>>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    if traces.endpoint.is_empty() {
        return Ok(None);
    }
    let client =
        reqwest::Client::builder().timeout(PATIENCE).no_proxy().build().context("traces.endpoint")?;
    let exporter = SpanExporter::builder()
        .with_http()
        .with_http_client(Client { client, runtime: runtime.clone() })
        .with_endpoint(&traces.endpoint)
        .build()
        .context("traces.endpoint: write the collector's address, such as http://127.0.0.1:4318/v1/traces")?;
    let resource = Resource::builder_empty().with_service_name("zhaoyan").build();
    let provider = SdkTracerProvider::builder()
        .with_batch_exporter(exporter)
        .with_sampler(Sampler::TraceIdRatioBased(traces.sample))
        .with_resource(resource)
        .build();
    let layer = tracing_opentelemetry::layer()
        .with_tracer(provider.tracer("zhaoyan"))
        .with_location(false)
        .with_threads(false)
        .with_filter(FilterFn::new(is_ours));
    Ok(Some((layer, Traces(provider))))
}
