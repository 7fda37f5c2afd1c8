//! The description that the console's types are made from is that of this server.

#![allow(clippy::unwrap_used)]

#[test]
fn the_consoles_copy_is_current() {
    let kept = include_str!("../../../apps/console/openapi.json");
    let now = serde_json::to_string_pretty(&server::openapi()).unwrap();
    assert_eq!(kept.trim_end(), now, "run: cargo run --example openapi > apps/console/openapi.json");
}
