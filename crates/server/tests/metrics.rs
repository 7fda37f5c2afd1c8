//! Metrics through the public face: what `service::meters` declares is what is exposed, and nothing else.

#![allow(clippy::unwrap_used, missing_docs)]

mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::{EXAM, Shows, Stage, ask_again, office::Person, ok, says_no};
use domain::Role;
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::json;
use service::meters::{self, Kind, Meter, Values};

/// Measured by the networks' own eyes, which these tests do without: `zhaoyan/tests/seeing.rs` sees it.
const BY_REAL_EYES: &[&str] = &[meters::PIXEL_STAGE_SECONDS];
/// What only too many at once bring about.
const OF_CROWDS: &[&str] = &[meters::PIXELS_BUSY, meters::UPLOADS_REFUSED];

/// One line of the exposition.
struct Sample {
    series: String,
    labels: BTreeMap<String, String>,
    value: f64,
}

fn sample(line: &str) -> Sample {
    let (series, value) = line.rsplit_once(' ').unwrap();
    let (name, labels) = series.split_once('{').unwrap_or((series, ""));
    let labels = labels.trim_end_matches('}').split("\",").filter(|label| !label.is_empty());
    let label = |label: &str| {
        let (name, value) = label.split_once("=\"").unwrap();
        (name.to_owned(), value.trim_end_matches('"').to_owned())
    };
    Sample { series: name.to_owned(), labels: labels.map(label).collect(), value: value.parse().unwrap() }
}

/// The metric that a series belongs to: a histogram has three.
fn metric(series: &str) -> Option<&'static Meter> {
    meters::ALL.iter().find(|meter| match meter.kind {
        Kind::Histogram => {
            ["_bucket", "_sum", "_count"].iter().any(|end| series == format!("{}{end}", meter.name))
        }
        Kind::Counter | Kind::Gauge => series == meter.name,
    })
}

async fn exposed(stage: &Stage) -> String {
    stage.client.get(stage.url("/metrics")).send().await.unwrap().text().await.unwrap()
}

#[tokio::test]
async fn every_declared_metric_is_exposed_and_every_exposed_one_declared() {
    let stage = Stage::on_sqlite().await;
    // A journey with everything that may go wrong in it.
    let first = stage.candidate(1).await;
    first.shows("/collection/card/portrait", Shows::NoCard).await;
    first.up_to_confirmation(1).await;
    first.step("/collection/card/confirm").await;
    first.shows("/collection/photo", Shows::FaultyPhoto).await;
    stage.platform.will([ask_again(), says_no()]);
    first.photo_up_to_verification().await;
    stage.work().await;
    stage.clock.advance(SignedDuration::from_secs(120));
    stage.work().await;
    assert_eq!(first.collection().await["state"], "refused");
    stage.candidate(2).await.up_to_verification().await;
    stage.work().await;
    assert_eq!(stage.ask_for_code("13900000000").await.status(), 202);
    stage.work().await;
    stage.worker.sweep_once().await;
    stage.worker.look_over_audit().await;
    // And the office.
    let viewer = Person::hired(&stage, "li", Role::Viewer).await;
    viewer.sees(&format!("/exams/{EXAM}/numbers")).await;
    assert_eq!(viewer.send(Method::GET, "/audit", None).await.status(), 403);
    let registrar = Person::hired(&stage, "wang", Role::Registrar).await;
    let ticket = ok(
        registrar.post(&format!("/exams/{EXAM}/roster/export"), json!({ "format": "csv" })).await,
        "export",
    )
    .await;
    let roster = stage.client.get(stage.url(ticket["path"].as_str().unwrap())).send().await.unwrap();
    assert_eq!(roster.status(), 200);
    roster.bytes().await.unwrap();
    exposed(&stage).await;

    let text = exposed(&stage).await;
    let mut seen = BTreeSet::new();
    let mut values: BTreeMap<(&str, &str), BTreeSet<String>> = BTreeMap::new();
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let Sample { series, labels, value } = sample(line);
        let meter = metric(&series).unwrap_or_else(|| panic!("{line} is declared nowhere"));
        assert!(value >= 0.0, "{line}");
        seen.insert(meter.name);
        let own: Vec<&str> = labels.keys().map(String::as_str).filter(|name| *name != "le").collect();
        let mut declared: Vec<&str> = meter.labels.iter().map(|label| label.name).collect();
        declared.sort_unstable();
        assert_eq!(own, declared, "{line}");
        for label in meter.labels {
            let value = &labels[label.name];
            values.entry((meter.name, label.name)).or_default().insert(value.clone());
            match label.values {
                Values::These(known) => assert!(known.contains(&value.as_str()), "{line}"),
                Values::Open(_, _, most) => {
                    assert!(values[&(meter.name, label.name)].len() <= most, "{line}")
                }
            }
        }
    }
    let unseen: Vec<&str> = (meters::ALL.iter().map(|meter| meter.name))
        .filter(|name| !seen.contains(name) && !BY_REAL_EYES.contains(name) && !OF_CROWDS.contains(name))
        .collect();
    assert_eq!(unseen, [] as [&str; 0], "declared, and never recorded");
    for meter in meters::ALL.iter().filter(|meter| seen.contains(meter.name)) {
        assert!(text.contains(&format!("# HELP {} {}", meter.name, meter.en)), "{} is explained", meter.name);
        assert!(text.contains(&format!("# TYPE {} {}", meter.name, meter.kind.name())), "{}", meter.name);
    }

    // What was done is what is told.
    let told = |wanted: &str| {
        let line = text.lines().find(|line| line.starts_with(wanted));
        sample(line.unwrap_or_else(|| panic!("{wanted} in {text}"))).value
    };
    assert_eq!(told("zhaoyan_partner_requests_total{partner=\"identity\",outcome=\"says_no\"}"), 1.0);
    assert_eq!(told("zhaoyan_queue_retries_total{queue=\"attempts\"}"), 1.0);
    assert_eq!(told("zhaoyan_queue_finished_total{queue=\"attempts\",outcome=\"confirmed\"}"), 1.0);
    assert_eq!(
        told("zhaoyan_queue_finished_total{queue=\"messages\",outcome=\"expired\"}"),
        1.0,
        "not registered"
    );
    assert_eq!(told("zhaoyan_audit_unbroken"), 1.0);
    assert_eq!(told("zhaoyan_pixels_running"), 0.0);
    assert_eq!(told("zhaoyan_requests_running"), 1.0, "the one that asks");
    assert!(told("zhaoyan_checks_total{step=\"photo\",check=\"head_pose\",outcome=\"fail\"}") == 1.0);
}
