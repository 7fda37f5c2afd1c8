//! Every target holds for every input of its corpus: what a fuzzer found once is never met again.
#![allow(clippy::unwrap_used)]

use std::{collections::BTreeSet, fs, path::PathBuf};

use fuzz_targets::{TARGETS, Target};

fn fuzz() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fuzz")
}

fn names_in(folder: &str) -> BTreeSet<String> {
    let entries = fs::read_dir(fuzz().join(folder)).unwrap().flatten();
    entries.map(|entry| entry.path().file_stem().unwrap().to_str().unwrap().to_owned()).collect()
}

fn run(name: &str, target: Target) {
    let mut inputs: Vec<PathBuf> =
        fs::read_dir(fuzz().join("corpus").join(name)).unwrap().map(|entry| entry.unwrap().path()).collect();
    inputs.sort();
    assert!(!inputs.is_empty(), "{name} has no input");
    for input in inputs {
        // Shown only when the target panics.
        println!("{}", input.display());
        target(&fs::read(&input).unwrap());
    }
}

/// A test for each target, so that they run side by side, and a list of those.
macro_rules! corpora {
    ($($name:ident)*) => {
        $(#[test]
        fn $name() {
            run(stringify!($name), fuzz_targets::$name);
        })*
        const TESTED: &[&str] = &[$(stringify!($name)),*];
    };
}

corpora! { card decode exif json photo roster_csv roster_sheets roster_xlsx texts upload }

#[test]
fn every_target_has_a_corpus_a_fuzzer_and_a_test_and_nothing_else_has() {
    let targets: BTreeSet<String> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(targets, TESTED.iter().map(|name| (*name).to_owned()).collect());
    assert_eq!(targets, names_in("corpus"));
    assert_eq!(targets, names_in("fuzz_targets"));
    let manifest = fs::read_to_string(fuzz().join("Cargo.toml")).unwrap();
    for name in targets {
        let fuzzer = format!("[[bin]]\nname = \"{name}\"\npath = \"fuzz_targets/{name}.rs\"\n");
        assert!(manifest.contains(&fuzzer), "fuzz/Cargo.toml names no {name}");
        let source = fs::read_to_string(fuzz().join(format!("fuzz_targets/{name}.rs"))).unwrap();
        assert!(source.contains(&format!("fuzz_targets::{name}(")), "{name}.rs runs another target");
    }
}

#[test]
fn the_corpora_stay_small() {
    let sizes = names_in("corpus").into_iter().flat_map(|name| {
        let inputs = fs::read_dir(fuzz().join("corpus").join(name)).unwrap();
        inputs.map(|input| input.unwrap().metadata().unwrap().len())
    });
    assert!(sizes.sum::<u64>() < 1_000_000);
}
