//! A PostgreSQL cluster for the life of one test process: on a Unix socket in a temporary folder, without a port.

use std::{
    fs,
    os::unix::{fs::chown, process::CommandExt as _},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::OnceLock,
    time::{Duration, Instant},
};

/// A running cluster.
pub(super) struct Cluster {
    folder: PathBuf,
    /// The guard waits on the pipe that is its standard input. That breaks when this process ends, in whatever way; then the
    /// guard stops PostgreSQL and removes the folder. A static is never dropped, so nothing else could.
    _guard: Child,
}

/// Stops PostgreSQL when standard input ends.
const GUARD: &str = r#"
trap '' INT
"$1" -D "$2/data" -k "$2" -h '' -F -c max_connections=400 -c shared_buffers=32MB -c full_page_writes=off \
  -c synchronous_commit=off -c autovacuum=off >"$2/log" 2>&1 &
server=$!
cat >/dev/null
kill -QUIT "$server"
wait "$server"
rm -rf "$2"
"#;

/// The cluster of this process, started at the first call.
pub(super) fn shared() -> &'static Cluster {
    static SHARED: OnceLock<Cluster> = OnceLock::new();
    SHARED.get_or_init(Cluster::start)
}

impl Cluster {
    /// The URL of one of its databases.
    pub(super) fn url(&self, database: &str) -> String {
        let socket = self.folder.display().to_string().replace('/', "%2F");
        format!("postgres://zhaoyan@localhost/{database}?host={socket}")
    }

    /// Where its files lie.
    pub(super) fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn start() -> Cluster {
        let folder = tempfile::Builder::new()
            .prefix("zhaoyan-pg-")
            .tempdir_in("/tmp")
            .expect("a temporary folder")
            .keep();
        let user = unprivileged();
        if let Some((uid, gid)) = user {
            chown(&folder, Some(uid), Some(gid)).expect("the folder changes hands");
        }
        let command = |program: &Path| {
            let mut command = Command::new(program);
            command.current_dir("/").env("LC_ALL", "C");
            if let Some((uid, gid)) = user {
                command.uid(uid).gid(gid);
            }
            command
        };
        let made = command(&program("initdb"))
            .args(["--auth=trust", "--username=zhaoyan", "--encoding=UTF8", "--locale=C", "--no-sync", "-D"])
            .arg(folder.join("data"))
            .output()
            .expect("initdb runs");
        assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
        let mut guard = command(Path::new("/bin/sh"));
        // A process group of its own: Ctrl-C on the tests must not reach PostgreSQL before the guard.
        guard.args(["-c", GUARD, "guard"]).arg(program("postgres")).arg(&folder).process_group(0);
        let guard = guard
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("PostgreSQL's guard starts");
        let cluster = Cluster { _guard: guard, folder };
        cluster.wait_until_ready();
        cluster
    }

    fn wait_until_ready(&self) {
        let deadline = Instant::now() + Duration::from_secs(60);
        let pid_file = self.data().join("postmaster.pid");
        // The last line of this file is PostgreSQL's own word on its state.
        while !fs::read_to_string(&pid_file).is_ok_and(|text| text.trim_end().ends_with("ready")) {
            let log = || fs::read_to_string(self.folder.join("log")).unwrap_or_default();
            assert!(Instant::now() < deadline, "PostgreSQL does not start: {}", log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// User and group that PostgreSQL runs as: it refuses root.
fn unprivileged() -> Option<(u32, u32)> {
    use std::os::unix::fs::MetadataExt as _;
    let own = fs::metadata("/proc/self").map(|meta| meta.uid()).unwrap_or(1);
    if own != 0 {
        return None;
    }
    let users = fs::read_to_string("/etc/passwd").expect("/etc/passwd");
    let find = |name: &str| {
        let line = users.lines().find(|line| line.split(':').next() == Some(name))?;
        let mut fields = line.split(':').skip(2).map(str::parse);
        Some((fields.next()?.ok()?, fields.next()?.ok()?))
    };
    Some(find("postgres").or_else(|| find("nobody")).expect("a user other than root"))
}

/// A program of PostgreSQL's: the newest version's under `/usr/lib/postgresql`, or the one in `PATH`.
fn program(name: &str) -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut installed: Vec<(u32, PathBuf)> = versions
        .filter_map(|entry| {
            let version = entry.file_name().to_str()?.parse().ok()?;
            Some((version, entry.path().join("bin").join(name)))
        })
        .filter(|(_, path)| path.is_file())
        .collect();
    installed.sort();
    let in_path = || {
        let path = std::env::var_os("PATH")?;
        std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
    };
    installed
        .pop()
        .map(|(_, path)| path)
        .or_else(in_path)
        .unwrap_or_else(|| panic!("PostgreSQL's {name} is not installed: apt-get install postgresql"))
}
