//! The candidate's H5 pages and the console's, each from a directory of built files.

use std::path::PathBuf;

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderValue, Method, StatusCode, header},
    response::Response,
    routing::any,
};
use tower::ServiceExt;
use tower_http::{
    compression::CompressionLayer,
    services::{ServeDir, ServeFile},
};

#[derive(Clone)]
struct Pages {
    files: ServeDir,
    index: ServeFile,
}

/// Told where the candidate's pages are not there.
pub const CANDIDATES: &str = "The candidate's pages are not here. Build them, or set server.pages_dir.\n";
/// Told where the console's pages are not there.
pub const CONSOLE: &str = "The console's pages are not here. Build them, or set server.console_dir.\n";

/// Serves files; any other path without a file's ending is the pages' own routing and gets `index.html`.
pub fn router(dir: Option<PathBuf>, missing: &'static str) -> Router {
    let Some(dir) = dir else {
        return Router::new().fallback(any(move || async move { (StatusCode::NOT_FOUND, missing) }));
    };
    let pages = Pages {
        index: ServeFile::new(dir.join("index.html")).precompressed_gzip(),
        files: ServeDir::new(dir).precompressed_gzip(),
    };
    Router::new().fallback(any(page)).layer(CompressionLayer::new().gzip(true)).with_state(pages)
}

async fn page(State(pages): State<Pages>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let get = matches!(*request.method(), Method::GET | Method::HEAD);
    let (parts, _) = request.into_parts();
    let again = Request::from_parts(parts.clone(), Body::empty());
    let found = match pages.files.oneshot(Request::from_parts(parts, Body::empty())).await {
        Ok(response) => response.map(Body::new),
        Err(never) => match never {},
    };
    let is_page = !path.rsplit('/').next().unwrap_or_default().contains('.');
    let mut response = if found.status() == StatusCode::NOT_FOUND && get && is_page {
        match pages.index.oneshot(again).await {
            Ok(response) => response.map(Body::new),
            Err(never) => match never {},
        }
    } else {
        found
    };
    let keep = if response.status().is_success() && is_hashed(&path) {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
    response
}

/// Whether the file's name holds a hash of its content (`app-3fa94c1d.js`, `1.3fa94c1d.css`), so that it never changes.
fn is_hashed(path: &str) -> bool {
    let file = path.rsplit('/').next().unwrap_or_default();
    let Some((stem, _)) = file.rsplit_once('.') else { return false };
    stem.rsplit(['.', '-']).next().is_some_and(|h| {
        h.len() >= 8
            && h.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
            && h.bytes().any(|b| b.is_ascii_digit() || b.is_ascii_uppercase())
    }) && stem.contains(['.', '-'])
}

#[cfg(test)]
mod tests {
    use super::is_hashed;

    #[test]
    fn only_names_with_a_hash_are_kept_for_good() {
        assert!(is_hashed("/js/app-BxY3k2_9.js"));
        assert!(is_hashed("/static/1.3fa94c1d.css"));
        assert!(!is_hashed("/index.html"));
        assert!(!is_hashed("/static/example-portrait.jpg"));
    }
}
