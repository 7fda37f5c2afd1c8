//! The few real pictures beside the repository: what their `truth.json` says holds for the checks that measure. Skipped with
//! a message where the pictures are absent; ZHAOYAN_TESTDATA names another folder.

#![allow(clippy::unwrap_used)]

use std::{collections::BTreeMap, path::PathBuf};

use domain::{CheckId, Outcome, standard::Standard};
use vision::{
    decode::decode,
    model::{Models, models_dir},
    photo::assess,
};

fn folder() -> PathBuf {
    std::env::var_os("ZHAOYAN_TESTDATA").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/testdata"),
        PathBuf::from,
    )
}

#[test]
fn real_pictures_are_judged_as_anybody_would() {
    let folder = folder();
    let Ok(truth) = std::fs::read_to_string(folder.join("truth.json")) else {
        println!("skipped: no test pictures in {}", folder.display());
        return;
    };
    let truth: BTreeMap<String, serde_json::Value> = serde_json::from_str(&truth).unwrap();
    let models = Models::open(&models_dir(), 2).unwrap();
    let standard =
        Standard::from_toml("chengkao.toml", include_str!("../../../standards/chengkao.toml")).unwrap();
    let mut wrong = Vec::new();
    for (name, expected) in truth.iter().filter(|(name, _)| name.ends_with(".jpg")) {
        let capture = decode(&std::fs::read(folder.join("portraits").join(name)).unwrap()).unwrap();
        let assessment = assess(&models, &capture, &standard).unwrap();
        assert!(assessment.photo.is_some(), "{name}: no photo was made");
        let report = standard.judge(&assessment.measures);
        let outcome = |id: &str| report.finding(id.parse::<CheckId>().unwrap()).unwrap().clone();
        let listed = |key: &str| -> Vec<String> {
            let list = expected.get(key).and_then(|v| v.as_array()).cloned().unwrap_or_default();
            list.iter().map(|v| v.as_str().unwrap().to_owned()).collect()
        };
        for id in listed("pass") {
            let finding = outcome(&id);
            if finding.outcome == Outcome::Fail {
                wrong.push(format!("{name}: {id} fails at {:?}", finding.measure));
            }
        }
        for id in listed("fail") {
            let finding = outcome(&id);
            if finding.outcome != Outcome::Fail {
                wrong.push(format!("{name}: {id} is {:?} at {:?}", finding.outcome, finding.measure));
            }
        }
        let any = listed("fail_any");
        if !any.is_empty() && any.iter().all(|id| outcome(id).outcome != Outcome::Fail) {
            wrong.push(format!("{name}: none of {any:?} fails"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
