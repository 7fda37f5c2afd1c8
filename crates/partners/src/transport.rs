//! HTTP as every partner is called: time-outs, no redirects, pooled connections, a limit on what an answer may weigh.

use std::{error::Error as _, path::PathBuf, time::Duration};

use bytes::{Bytes, BytesMut};
use serde::Deserialize;

/// Answers beyond this are not read to their end.
pub const MAX_ANSWER_BYTES: usize = 1 << 20;

/// How a partner is reached.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TransportConfig {
    /// Milliseconds until a connection must stand.
    pub connect_timeout_ms: u64,
    /// Milliseconds until the whole answer must be here, connection included.
    pub timeout_ms: u64,
    /// Forward proxy, such as `http://proxy:3128`; none unless set here (the environment's is not used).
    pub proxy: Option<String>,
    /// PEM file of certificate authorities to trust besides the system's, such as an office's own.
    pub ca_file: Option<PathBuf>,
}

impl Default for TransportConfig {
    fn default() -> Self {
        TransportConfig { connect_timeout_ms: 3_000, timeout_ms: 15_000, proxy: None, ca_file: None }
    }
}

/// The header that tells a partner for which request of ours it is asked.
pub const CAUSE_HEADER: &str = "x-request-id";

tokio::task_local! {
    static CAUSE: String;
}

/// Work, whose questions to partners bear this random id: what they noted about it is then found again.
pub async fn caused_by<F: Future>(id: String, work: F) -> F::Output {
    CAUSE.scope(id, work).await
}

/// The id that the work under way was given by [`caused_by`].
pub fn cause() -> Option<String> {
    CAUSE.try_with(Clone::clone).ok()
}

/// The configuration gives no usable client.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The endpoint is not an absolute http(s) URL.
    #[error("the endpoint of {partner} is not an http or https URL")]
    Endpoint {
        /// Which partner.
        partner: &'static str,
    },
    /// A setting that has no default is empty.
    #[error("{setting} of {partner} is not set")]
    Missing {
        /// Which partner.
        partner: &'static str,
        /// Which setting.
        setting: &'static str,
    },
    /// TLS or the proxy could not be set up.
    #[error("the HTTP client could not be set up: {0}")]
    Client(String),
}

/// Why there is no answer. Nothing of it is the candidate's doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// No answer in time.
    #[error("no answer in time")]
    Timeout,
    /// No connection: refused, unresolved, or TLS failed.
    #[error("no connection")]
    Connect,
    /// The connection broke in the middle.
    #[error("the connection broke")]
    Broken,
    /// The answer weighs more than [`MAX_ANSWER_BYTES`].
    #[error("the answer is too large")]
    TooLarge,
}

impl TransportError {
    /// A stable code for records and metrics.
    pub fn code(self) -> &'static str {
        match self {
            TransportError::Timeout => "transport.timeout",
            TransportError::Connect => "transport.connect",
            TransportError::Broken => "transport.broken",
            TransportError::TooLarge => "transport.too_large",
        }
    }
}

impl From<reqwest::Error> for TransportError {
    fn from(error: reqwest::Error) -> Self {
        if error.is_timeout() {
            TransportError::Timeout
        } else if error.is_connect() {
            TransportError::Connect
        } else {
            TransportError::Broken
        }
    }
}

/// A client of the given limits for `endpoint`.
///
/// # Errors
/// [`ConfigError::Client`] if TLS or the proxy cannot be set up.
pub fn client(endpoint: &url::Url, config: &TransportConfig) -> Result<reqwest::Client, ConfigError> {
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("zhaoyan/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(Duration::from_millis(config.connect_timeout_ms))
        .timeout(Duration::from_millis(config.timeout_ms))
        .redirect(reqwest::redirect::Policy::none())
        .pool_idle_timeout(Duration::from_secs(60))
        .pool_max_idle_per_host(8)
        .no_proxy();
    if endpoint.scheme() == "http" && config.proxy.is_none() {
        // Nothing will be encrypted, so a machine without certificate authorities need not have any.
        builder = builder.tls_certs_only([]);
    } else if let Some(file) = &config.ca_file {
        let unusable = || ConfigError::Client(format!("{} holds no PEM certificates", file.display()));
        let pem = std::fs::read(file).map_err(|_| unusable())?;
        let authorities = reqwest::Certificate::from_pem_bundle(&pem).map_err(|_| unusable())?;
        if authorities.is_empty() {
            return Err(unusable());
        }
        builder = builder.tls_certs_merge(authorities);
    }
    if let Some(proxy) = &config.proxy {
        let proxy = reqwest::Proxy::all(proxy).map_err(|_| ConfigError::Client("the proxy's URL".into()))?;
        builder = builder.proxy(proxy);
    }
    builder.build().map_err(|error| {
        let cause = error.source().map_or_else(|| error.to_string(), ToString::to_string);
        ConfigError::Client(cause)
    })
}

/// An endpoint as configured, with its `Host` header value.
///
/// # Errors
/// [`ConfigError::Endpoint`] unless it is an absolute http or https URL with a host.
pub fn endpoint(partner: &'static str, text: &str) -> Result<(url::Url, String), ConfigError> {
    let wrong = || ConfigError::Endpoint { partner };
    let url = url::Url::parse(text).map_err(|_| wrong())?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(wrong());
    }
    let host = url.host_str().ok_or_else(wrong)?;
    let host = match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    };
    Ok((url, host))
}

/// Reads an answer's body up to [`MAX_ANSWER_BYTES`].
///
/// # Errors
/// [`TransportError`] as the connection fails or the answer is too large.
pub async fn body(mut answer: reqwest::Response) -> Result<Bytes, TransportError> {
    let mut body = BytesMut::new();
    while let Some(chunk) = answer.chunk().await? {
        if body.len() + chunk.len() > MAX_ANSWER_BYTES {
            return Err(TransportError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use axum::{Router, body::Bytes, response::Redirect, routing::get};

    use super::*;

    async fn serving(router: Router) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async { axum::serve(listener, router).await });
        url
    }

    #[tokio::test]
    async fn an_answer_is_read_up_to_its_limit() {
        let sized = |size: usize| get(move || async move { Bytes::from(vec![b'x'; size]) });
        let router =
            Router::new().route("/fits", sized(MAX_ANSWER_BYTES)).route("/not", sized(MAX_ANSWER_BYTES + 1));
        let url = serving(router).await;
        let client = client(&url.parse().unwrap(), &TransportConfig::default()).unwrap();
        let read = async |path| body(client.get(format!("{url}{path}")).send().await.unwrap()).await;
        assert_eq!(read("/fits").await.unwrap().len(), MAX_ANSWER_BYTES);
        assert_eq!(read("/not").await, Err(TransportError::TooLarge));
    }

    #[tokio::test]
    async fn a_redirect_is_not_followed() {
        let router = Router::new()
            .route("/", get(|| async { Redirect::temporary("/elsewhere") }))
            .route("/elsewhere", get(|| async { "never asked" }));
        let url = serving(router).await;
        let client = client(&url.parse().unwrap(), &TransportConfig::default()).unwrap();
        let answer = client.get(url).send().await.unwrap();
        assert_eq!(answer.status(), 307);
    }

    #[test]
    fn an_endpoint_names_a_host() {
        let host = |text| endpoint("p", text).map(|(_, host)| host).ok();
        assert_eq!(host("https://sms.tencentcloudapi.com").as_deref(), Some("sms.tencentcloudapi.com"));
        assert_eq!(host("https://a.example:443/x").as_deref(), Some("a.example"));
        assert_eq!(host("http://127.0.0.1:8090").as_deref(), Some("127.0.0.1:8090"));
        for wrong in ["", "sms.tencentcloudapi.com", "ftp://a", "file:///etc/passwd"] {
            assert_eq!(host(wrong), None, "{wrong}");
        }
    }
}
