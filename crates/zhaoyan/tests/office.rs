//! The first administrator and the audit log, from the command line.

#![allow(clippy::unwrap_used)]

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

fn zhaoyan(dir: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_zhaoyan"));
    command.current_dir(dir).args(["--config", "zhaoyan.toml"]).args(arguments);
    for name in ["ZHAOYAN_KEYS", "ZHAOYAN_KEY_FILE"] {
        command.env_remove(name);
    }
    command.output().unwrap()
}

/// Exit status, standard output, standard error.
fn told(output: Output) -> (Option<i32>, String, String) {
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// A folder with a configuration, and nothing else.
fn an_empty_place() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let config = "[database]\nurl = \"sqlite:office.db\"\n[pictures]\nurl = \"pictures\"\n[keys]\nfile = \"keys.toml\"\n";
    fs::write(dir.path().join("zhaoyan.toml"), config).unwrap();
    dir
}

#[test]
fn the_first_administrator_is_made_told_once_and_on_record() {
    let dir = an_empty_place();
    let run = |arguments: &[&str]| told(zhaoyan(dir.path(), arguments));
    assert_eq!(run(&["keys", "new", "keys.toml"]).0, Some(0));

    let (status, empty, _) = run(&["audit", "verify"]);
    assert_eq!((status, empty.as_str()), (Some(0), "0:\n"));
    let (status, access, errors) = run(&["staff", "add", "Chief", "--role", "administrator", "--json"]);
    assert_eq!(status, Some(0), "{errors}");
    let access: serde_json::Value = serde_json::from_str(&access).unwrap();
    assert_eq!(access["account"], "chief");
    assert!(access["otpauth"].as_str().unwrap().contains(access["secret"].as_str().unwrap()));
    let (status, _, errors) = run(&["staff", "add", "chief", "--role", "viewer"]);
    assert_eq!(status, Some(2));
    assert!(errors.contains("chief: There is such an account already."), "{errors}");
    let (status, _, errors) = run(&["staff", "add", "li", "--role", "king"]);
    assert_eq!(status, Some(2));
    assert!(errors.contains("viewer, registrar, supervisor, administrator"), "{errors}");
    assert_eq!(run(&["staff", "list"]).1, "chief\tadministrator\tactive\n");

    let (status, noted, _) = run(&["audit", "verify"]);
    assert!(status == Some(0) && noted.starts_with("1:"), "{noted}");
    let (_, exported, _) = run(&["audit", "export"]);
    let entry: serde_json::Value = serde_json::from_str(exported.trim()).unwrap();
    assert_eq!(
        (&entry["actor"], &entry["deed"], &entry["subject"]),
        (&"command".into(), &"add_staff".into(), &"chief".into())
    );
    for secret in ["password", "secret"] {
        assert!(!exported.contains(access[secret].as_str().unwrap()), "the log holds no {secret}");
    }

    assert_eq!(run(&["staff", "add", "li", "--role", "viewer"]).0, Some(0));
    assert_eq!(run(&["audit", "verify", "--noted", noted.trim()]).0, Some(0));
    let (status, _, errors) = run(&["audit", "verify", "--noted", "3:00"]);
    assert_eq!(status, Some(1));
    assert!(errors.contains("entry 3 is missing"), "{errors}");
    let (status, _, errors) = run(&["audit", "verify", "--noted", "x"]);
    assert_eq!(status, Some(2));
    assert!(errors.contains("NUMBER:HASH"), "{errors}");
}

#[test]
fn keys_are_rotated_while_everything_stays_readable() {
    let dir = an_empty_place();
    let run = |arguments: &[&str]| told(zhaoyan(dir.path(), arguments));
    for (file, id) in [("keys.toml", "old"), ("other.toml", "new")] {
        assert_eq!(run(&["keys", "new", file, "--id", id]).0, Some(0));
    }
    assert_eq!(run(&["staff", "add", "li", "--role", "viewer"]).0, Some(0));
    // As the key file says: the new key is added and named as the current one.
    let read = |name: &str| fs::read_to_string(dir.path().join(name)).unwrap();
    let new_key = read("other.toml").lines().find(|line| line.starts_with("\"new\"")).unwrap().to_owned();
    let old_key = read("keys.toml").lines().find(|line| line.starts_with("\"old\"")).unwrap().to_owned();
    let both = read("keys.toml").replace("current = \"old\"", "current = \"new\"") + &new_key + "\n";
    fs::write(dir.path().join("keys.toml"), &both).unwrap();
    let (status, printed, errors) = run(&["keys", "reencrypt"]);
    assert_eq!((status, printed.as_str()), (Some(0), "1 values and 0 pictures encrypted anew\n"), "{errors}");
    fs::write(dir.path().join("keys.toml"), both.replace(&old_key, "")).unwrap();
    let (status, printed, errors) = run(&["keys", "reencrypt"]);
    assert_eq!((status, printed.as_str()), (Some(0), "0 values and 0 pictures encrypted anew\n"), "{errors}");
}
