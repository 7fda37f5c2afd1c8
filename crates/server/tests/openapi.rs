//! The description that the console's types are made from is that of this server.

#![allow(clippy::unwrap_used)]

#[test]
fn the_consoles_copy_is_current() {
    let kept = include_str!("../../../apps/console/openapi.json");
    let now = serde_json::to_string_pretty(&server::openapi()).unwrap();
    assert_eq!(kept.trim_end(), now, "run: cargo run --example openapi > apps/console/openapi.json");
}

#[test]
fn every_operation_has_a_name_of_its_own() {
    let description = serde_json::to_value(server::openapi()).unwrap();
    let paths = description["paths"].as_object().unwrap().values();
    let mut names: Vec<&str> = paths
        .flat_map(|methods| methods.as_object().unwrap().values())
        .map(|operation| operation["operationId"].as_str().unwrap())
        .collect();
    let all = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all);
}
