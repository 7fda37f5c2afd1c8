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

#[test]
fn a_running_deployment_goes_over_to_sm4_and_back_and_keeps_its_hash() {
    let dir = an_empty_place();
    let run = |arguments: &[&str]| told(zhaoyan(dir.path(), arguments));
    let keys = |text: &str| fs::write(dir.path().join("keys.toml"), text).unwrap();
    assert_eq!(run(&["keys", "new", "keys.toml", "--id", "aes"]).0, Some(0));
    assert_eq!(run(&["keys", "new", "other.toml", "--id", "sm4", "--algorithms", "national"]).0, Some(0));
    assert_eq!(run(&["staff", "add", "li", "--role", "viewer"]).0, Some(0));
    let (_, noted, _) = run(&["audit", "verify"]);
    let read = |name: &str| fs::read_to_string(dir.path().join(name)).unwrap();
    let (aes, national) = (read("keys.toml"), read("other.toml"));
    let line =
        |text: &str, start: &str| text.lines().find(|line| line.starts_with(start)).unwrap().to_owned();
    let sm4 = line(&national, "\"sm4\"");
    assert!(sm4.contains("algorithm = \"sm4-gcm\""), "{}", sm4.len());

    let both = format!("{aes}{sm4}\n").replace("current = \"aes\"", "current = \"sm4\"");
    keys(&both);
    let moved = (Some(0), "1 values and 0 pictures encrypted anew\n".to_owned(), String::new());
    assert_eq!(run(&["keys", "reencrypt"]), moved);
    // Only SM4 is left, and opens everything.
    keys(&both.replace(&line(&aes, "\"aes\""), ""));
    assert_eq!(run(&["staff", "list"]).1, "li\tviewer\tactive\n");
    assert_eq!(run(&["audit", "verify", "--noted", noted.trim()]).1, noted);
    keys(&format!("{aes}{sm4}\n"));
    assert_eq!(run(&["keys", "reencrypt"]), moved);
    keys(&aes);
    assert_eq!(run(&["keys", "reencrypt"]).1, "0 values and 0 pictures encrypted anew\n");

    // The hash cannot follow: neither its algorithm nor its secret.
    let lookup = line(&aes, "lookup");
    let secret = lookup.split('"').nth(1).unwrap();
    keys(&aes.replace(&lookup, &format!("lookup = {{ algorithm = \"hmac-sm3\", secret = \"{secret}\" }}")));
    let (status, _, errors) = run(&["staff", "list"]);
    assert_eq!(status, Some(2));
    for part in [
        "keys.file keys.toml does not go with the database",
        "`lookup` is for hmac-sm3",
        "hashed with hmac-sha-256",
        "write algorithm = \"hmac-sha-256\"",
    ] {
        assert!(errors.contains(part), "{errors}");
    }
    assert!(!errors.contains(secret), "a secret is told");
    keys(
        &national
            .replace(&line(&national, "lookup"), "lookup = \"AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=\""),
    );
    let (status, _, errors) = run(&["staff", "list"]);
    assert_eq!(status, Some(2));
    assert!(errors.contains("`lookup` is not the secret"), "{errors}");
}
