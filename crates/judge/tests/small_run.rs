//! A small run ends well, says what it saw, and writes page and documents.

#![allow(clippy::unwrap_used)]

use std::{fs, process::Command};

#[test]
fn a_small_run_tells_rates_and_writes_page_and_documents() {
    let dir = tempfile::tempdir().unwrap();
    let run = Command::new(env!("CARGO_BIN_EXE_judge"))
        .args(["--people", "2", "--graded", "1", "--clean", "3", "--only", "border", "--only", "too small"])
        .args(["--testdata", "none", "--out"])
        .arg(dir.path())
        .arg("--docs")
        .arg(dir.path())
        .output()
        .unwrap();
    let told = String::from_utf8(run.stdout).unwrap();
    assert!(run.status.success(), "{told}\n{}", String::from_utf8_lossy(&run.stderr));
    assert!(told.contains("| border | `no_border_or_text` |"), "{told}");
    let page = fs::read_to_string(dir.path().join("index.html")).unwrap();
    assert!(page.contains("<svg") && page.contains("no_border_or_text"));
    for file in ["judge.md", "judge.zh-CN.md"] {
        assert!(fs::read_to_string(dir.path().join(file)).unwrap().contains("`resolution`"));
    }
}

#[test]
fn a_kind_that_is_none_is_told_with_those_that_are() {
    let run = Command::new(env!("CARGO_BIN_EXE_judge")).args(["--only", "hat"]).output().unwrap();
    assert!(!run.status.success());
    assert!(String::from_utf8(run.stderr).unwrap().contains("second face"));
}
