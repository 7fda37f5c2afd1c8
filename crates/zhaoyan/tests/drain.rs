//! A node that is told to stop says so to its proxy first, finishes what is in flight, and goes.

#![allow(clippy::unwrap_used)]

use std::{
    fs,
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

struct Node(Child);

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.0.kill();
    }
}

fn ask(address: &str, path: &str) -> Option<String> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    Some(answer)
}

fn wait_for(what: &str, mut done: impl FnMut() -> bool) {
    let until = Instant::now() + Duration::from_secs(120);
    while !done() {
        assert!(Instant::now() < until, "{what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn readyz_says_no_first_and_requests_in_flight_and_new_ones_are_answered() {
    let dir = tempfile::tempdir().unwrap();
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let config = format!(
        "[server]\nlisten = {address:?}\nleave_s = 3\n[database]\nurl = \"sqlite:x.db\"\n[pictures]\nurl = \"pictures\"\n\
         [keys]\nfile = \"keys.toml\"\n[log]\nlevel = \"error\"\n"
    );
    fs::write(dir.path().join("zhaoyan.toml"), config).unwrap();
    let zhaoyan = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_zhaoyan"));
        command.current_dir(dir.path()).args(["--config", "zhaoyan.toml"]).args(arguments);
        for name in ["ZHAOYAN_KEYS", "ZHAOYAN_KEY_FILE", "ZHAOYAN_SERVER_LISTEN"] {
            command.env_remove(name);
        }
        command
    };
    assert!(zhaoyan(&["keys", "new", "keys.toml"]).output().unwrap().status.success());
    let exam = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/exam-session.example.toml");
    let set = zhaoyan(&["exam-session", "set", exam.to_str().unwrap()]).output().unwrap();
    assert!(set.status.success(), "{}", String::from_utf8_lossy(&set.stderr));

    let mut node = Node(zhaoyan(&["serve"]).stdout(Stdio::null()).spawn().unwrap());
    wait_for("the node is ready", || {
        ask(&address, "/readyz").is_some_and(|told| told.starts_with("HTTP/1.1 200"))
    });

    // Half of a request is there when the node is told to stop.
    let body = r#"{"phone":"1"}"#;
    let mut in_flight = TcpStream::connect(&address).unwrap();
    in_flight.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    write!(
        in_flight,
        "POST /api/v1/login/code HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{}",
        body.len(),
        &body[..5]
    )
    .unwrap();
    let told = Command::new("kill").args(["-TERM", &node.0.id().to_string()]).status().unwrap();
    assert!(told.success());

    wait_for("readyz says no", || {
        ask(&address, "/readyz").is_some_and(|told| told.starts_with("HTTP/1.1 503"))
    });
    // Whoever the proxy still sends here is served.
    assert!(ask(&address, "/api/v1/entry").unwrap().starts_with("HTTP/1.1 200"));
    wait_for("new connections are refused", || TcpStream::connect(&address).is_err());
    assert_eq!(node.0.try_wait().unwrap(), None, "it waits for what is in flight");
    write!(in_flight, "{}", &body[5..]).unwrap();
    let mut answer = String::new();
    in_flight.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 400") && answer.contains("phone_malformed"), "{answer}");
    let status = node.0.wait().unwrap();
    assert!(status.success(), "{status}");
}
