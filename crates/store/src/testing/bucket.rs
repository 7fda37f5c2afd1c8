//! A storage service that speaks S3, for the life of one test: Garage, on free ports of this machine, in a temporary folder.

use std::{
    fs,
    net::{SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use tempfile::TempDir;

use crate::S3Config;

/// The bucket that it has.
const BUCKET: &str = "pictures";
const ACCESS_KEY: &str = "GK000000000000000000000000";
const SECRET_KEY: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Ends Garage when standard input ends: with this process, in whatever way that ends.
const GUARD: &str = r#"
trap '' INT
"$1" -c "$2" server --single-node --default-bucket >"$2.log" 2>&1 &
server=$!
cat >/dev/null
kill -KILL "$server"
wait "$server"
"#;

/// A storage service with one empty bucket, gone when it is dropped.
///
/// Its functions panic with what went wrong: a test without its storage has failed.
pub struct Bucket {
    folder: TempDir,
    api: SocketAddr,
    running: Option<Child>,
}

impl Bucket {
    /// Starts one. Needs `garage` in `PATH`, or where `make test` puts it.
    pub async fn start() -> Bucket {
        let start = || {
            let folder = tempfile::tempdir().expect("a temporary folder");
            let free = || TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a free port");
            let (api, rpc) = (free(), free());
            let path = |name: &str| folder.path().join(name);
            let config = format!(
                "metadata_dir = {:?}\ndata_dir = {:?}\ndb_engine = \"sqlite\"\nreplication_factor = 1\n\
                 rpc_bind_addr = \"{rpc}\"\nrpc_secret = \"{SECRET_KEY}\"\n\
                 [s3_api]\ns3_region = \"test\"\napi_bind_addr = \"{api}\"\n",
                path("meta"),
                path("data"),
            );
            fs::write(path("garage.toml"), config).expect("a configuration");
            let mut bucket = Bucket { folder, api, running: None };
            bucket.resume();
            bucket
        };
        tokio::task::spawn_blocking(start).await.expect("Garage starts")
    }

    /// What a store's pictures are called there, under a prefix of their own.
    pub fn url(&self, prefix: &str) -> String {
        format!("s3://{BUCKET}/{prefix}")
    }

    /// How it is reached.
    pub fn s3(&self) -> S3Config {
        S3Config {
            endpoint: format!("http://{}", self.api),
            region: "test".to_owned(),
            access_key: ACCESS_KEY.to_owned(),
            secret_key: SECRET_KEY.to_owned().into(),
            virtual_hosts: false,
        }
    }

    /// An outage: it ends at once, and keeps what it holds.
    pub fn stop(&mut self) {
        if let Some(mut guard) = self.running.take() {
            drop(guard.stdin.take());
            guard.wait().expect("Garage ends");
        }
    }

    /// The end of an outage.
    pub fn resume(&mut self) {
        let config = self.folder.path().join("garage.toml");
        let mut guard = Command::new("/bin/sh");
        guard.args(["-c", GUARD, "guard"]).arg(program()).arg(&config);
        guard.env("GARAGE_DEFAULT_ACCESS_KEY", ACCESS_KEY).env("GARAGE_DEFAULT_SECRET_KEY", SECRET_KEY);
        guard.env("GARAGE_DEFAULT_BUCKET", BUCKET).env("RUST_LOG", "garage=info");
        let guard = guard.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        self.running = Some(guard.expect("Garage's guard starts"));
        let deadline = Instant::now() + Duration::from_secs(60);
        // It listens once the bucket is there.
        while TcpStream::connect(self.api).is_err() {
            let log = || fs::read_to_string(config.with_extension("toml.log")).unwrap_or_default();
            assert!(Instant::now() < deadline, "Garage does not start: {}", log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Bucket {
    fn drop(&mut self) {
        self.stop();
    }
}

fn program() -> PathBuf {
    let installed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.cache/garage/bin/garage");
    if installed.is_file() { installed } else { PathBuf::from("garage") }
}
