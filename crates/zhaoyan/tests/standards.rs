//! `standards list` and `show` on a folder of one's own, as somebody fills it who writes the first standard.

#![allow(clippy::unwrap_used)]

use std::{
    fs,
    path::Path,
    process::{Command, Output, Stdio},
};

fn zhaoyan(dir: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_zhaoyan"));
    command.current_dir(dir).args(arguments).env_remove("ZHAOYAN_CONFIG").env_remove("ZHAOYAN_STANDARDS_DIR");
    command
}

/// Exit status, standard output, standard error.
fn told(output: Output) -> (Option<i32>, String, String) {
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

fn own(id: &str, extends: &str) -> String {
    format!(
        "id = \"{id}\"\nextends = \"{extends}\"\nname = {{ zh = \"贵州 {id}\", en = \"Guizhou {id}\" }}\n\
         [source]\ntitle = \"照片要求\"\nbody = \"某考试院\"\ndate = \"2025\"\n\
         [photo]\nwidth = 390\nheight = 567\nbackgrounds = [\"#64C5FF\"]\n"
    )
}

#[test]
fn a_folder_of_one_file_lies_over_what_is_shipped() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("own")).unwrap();
    fs::write(dir.path().join("own/gz.toml"), own("gz", "any-size")).unwrap();
    let run = |arguments: &[&str]| told(zhaoyan(dir.path(), arguments).output().unwrap());

    let (status, shown, errors) = run(&["standards", "show", "gz", "--standards", "own"]);
    assert_eq!((status, errors.as_str()), (Some(0), ""));
    assert!(shown.contains("extends any-size\n390 x 567 px") && shown.contains("head_pose.yaw\t-10..10 deg"));
    assert!(shown.contains("single_face.count\t1 faces"), "{shown}");

    let (status, listed, errors) = run(&["standards", "list", "--standards", "own"]);
    assert_eq!((status, errors.as_str()), (Some(0), ""));
    let ids: Vec<&str> = listed.lines().filter_map(|line| line.split('\t').next()).collect();
    assert!(ids.contains(&"gz") && ids.contains(&"chengkao") && ids.is_sorted(), "{ids:?}");

    assert_eq!(run(&["standards", "show", "yicun", "--standards", "own"]).0, Some(0));
    assert_eq!(run(&["standards", "show", "gz"]).0, Some(2), "without the folder there is none");

    // The configuration's folder is one of one's own as well.
    fs::write(dir.path().join("zhaoyan.toml"), "[standards]\ndir = \"own\"\n").unwrap();
    assert_eq!(run(&["--config", "zhaoyan.toml", "standards", "show", "gz"]).1, shown);
    let by_variable = zhaoyan(dir.path(), &["standards", "show", "gz"])
        .env("ZHAOYAN_STANDARDS_DIR", "own")
        .output()
        .unwrap();
    assert_eq!(told(by_variable).1, shown);
}

#[test]
fn broken_files_are_told_and_the_good_ones_listed() {
    let dir = tempfile::tempdir().unwrap();
    let put = |name: &str, content: &[u8]| fs::write(dir.path().join(name), content).unwrap();
    put("gz.toml", own("gz", "any-size").as_bytes());
    put("wide.toml", own("wide", "any-size").replace("width = 390", "width ＝ 390").as_bytes());
    put("gbk.toml", b"id = \"gbk\"\nname = { zh = \"\xb9\xf3\xd6\xdd\", en = \"Guizhou\" }\n");
    put("later.toml.txt", own("later", "any-size").as_bytes());
    let run = |arguments: &[&str]| told(zhaoyan(dir.path(), arguments).output().unwrap());

    let (status, listed, errors) = run(&["standards", "list", "--json", "--standards", "."]);
    assert_eq!(status, Some(2));
    let ids: Vec<String> = listed
        .lines()
        .map(|line| {
            serde_json::from_str::<serde_json::Value>(line).unwrap()["id"].as_str().unwrap().to_owned()
        })
        .collect();
    assert!(ids.iter().any(|id| id == "gz") && ids.iter().any(|id| id == "yicun"), "{ids:?}");
    assert_eq!(
        errors,
        "later.toml.txt is not read, for it ends in .txt: Windows hides the ending; rename it to later.toml\n\
         gbk.toml: from line 2 on the file is not UTF-8: save it as UTF-8 (in Notepad: 另存为 → 编码 UTF-8)\n\
         wide.toml:9:7: `width ＝ 390`: the sign `＝` is full-width: write the half-width `=`\n"
    );
    assert_eq!(run(&["standards", "show", "gz", "--standards", "."]).0, Some(0));

    let (status, _, errors) = run(&["standards", "show", "later", "--standards", "."]);
    assert_eq!(status, Some(2));
    assert!(errors.starts_with("zhaoyan: there is no standard `later` in . or "), "{errors}");
    assert!(errors.contains("rename it to later.toml; known are: ") && errors.contains(", gz, "), "{errors}");
    let (_, _, errors) = run(&["standards", "show", "gz.toml", "--standards", "."]);
    assert!(errors.contains("a standard is named without .toml: write gz;"), "{errors}");
    let (status, _, errors) = run(&["standards", "list", "--standards", "gz.toml"]);
    assert_eq!(
        (status, errors.as_str()),
        (Some(2), "zhaoyan: gz.toml is a file: name the folder in which it is\n")
    );
}

#[test]
fn one_broken_base_is_told_once() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("base")).unwrap();
    fs::write(dir.path().join("base/any-size.toml"), "id = \"any-size\n").unwrap();
    let list = zhaoyan(dir.path(), &["standards", "list", "--standards", "."]).output().unwrap();
    let (status, listed, errors) = told(list);
    assert_eq!((status, errors.lines().count()), (Some(2), 1), "{errors}");
    assert!(errors.starts_with("base/any-size.toml:1:6: "), "{errors}");
    assert!(listed.contains("chengkao\t"));
}

#[test]
fn a_reader_that_goes_away_ends_it_quietly() {
    let dir = tempfile::tempdir().unwrap();
    for arguments in [["standards", "list", "--json"], ["standards", "show", "chengkao"]] {
        let mut child =
            zhaoyan(dir.path(), &arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let (status, _, errors) = told(child.wait_with_output().unwrap());
        assert_eq!((status, errors.as_str()), (Some(0), ""), "{arguments:?}");
    }
}
