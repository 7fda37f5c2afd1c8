//! The client's address, as far as the configured proxies vouch for it.

use std::net::{IpAddr, SocketAddr};

use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{HeaderMap, request::Parts},
};

use crate::{App, problem::Problem};

/// The client's address; unknown where the server runs behind something that tells none.
pub struct ClientAddress(pub Option<IpAddr>);

impl FromRequestParts<App> for ClientAddress {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<ClientAddress, Problem> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|c| c.0.ip());
        Ok(ClientAddress(client(&parts.headers, peer, app.trusted_proxies)))
    }
}

/// Each proxy appends the address that it saw; the last `trusted` entries were written by ours, so the client is the first of
/// those. What stands before them anybody may have invented.
fn client(headers: &HeaderMap, peer: Option<IpAddr>, trusted: usize) -> Option<IpAddr> {
    if trusted == 0 {
        return peer;
    }
    let told: Vec<&str> = headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(','))
        .map(str::trim)
        .collect();
    // With fewer entries than proxies somebody came round them, or one is set up wrong: the limits then hold for the peer.
    let entry =
        told.len().checked_sub(trusted).and_then(|place| told.get(place).copied()).unwrap_or_default();
    entry.parse().ok().or_else(|| entry.parse::<SocketAddr>().ok().map(|a| a.ip())).or(peer)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn seen(forwarded: &[&str], trusted: usize) -> Option<String> {
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append("x-forwarded-for", value.parse().unwrap());
        }
        client(&headers, Some("192.0.2.1".parse().unwrap()), trusted).map(|a| a.to_string())
    }

    #[test]
    fn without_proxies_the_header_is_not_believed() {
        assert_eq!(seen(&["198.51.100.7"], 0).as_deref(), Some("192.0.2.1"));
    }

    #[test]
    fn the_entry_that_our_proxy_wrote_counts_whatever_stands_before_it() {
        assert_eq!(seen(&["203.0.113.9, 198.51.100.7"], 1).as_deref(), Some("198.51.100.7"));
        assert_eq!(seen(&["203.0.113.9", "198.51.100.7, 10.0.0.1"], 2).as_deref(), Some("198.51.100.7"));
    }

    #[test]
    fn with_fewer_entries_than_proxies_or_none_that_is_an_address_the_peer_counts() {
        for (forwarded, trusted) in [(&[][..], 1), (&["198.51.100.7"], 2), (&["unknown"], 1)] {
            assert_eq!(seen(forwarded, trusted).as_deref(), Some("192.0.2.1"));
        }
    }
}
