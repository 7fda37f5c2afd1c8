//! Configuration: a TOML file, and `ZHAOYAN_*` variables over it. A wrong value is told by key and remedy, a secret never.

use std::{
    env,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context as _, anyhow, bail};
use partners::{
    Secret, identity::TencentFaceIdConfig, registration::HttpRegistrationConfig, sms::TencentSmsConfig,
    transport::TransportConfig,
};
use serde::Deserialize;
use toml::{Table, Value};

/// Everything that can be set. `deploy/zhaoyan.example.toml` tells what each key means.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    pub server: Server,
    pub database: Database,
    pub pictures: Pictures,
    pub keys: Keys,
    pub models: Models,
    pub standards: Standards,
    pub journey: Journey,
    pub comparison: Comparison,
    pub pixels: Pixels,
    pub sms: TencentSmsConfig,
    pub identity: TencentFaceIdConfig,
    pub registration: Registration,
    pub worker: Worker,
    pub retention: Retention,
    pub log: Log,
    pub traces: Traces,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Server {
    pub listen: SocketAddr,
    pub pages_dir: Option<PathBuf>,
    pub console_dir: Option<PathBuf>,
    pub console_listen: Option<SocketAddr>,
    pub trusted_proxies: usize,
    pub uploads_at_once: usize,
    pub max_connections: usize,
    pub head_timeout_s: u64,
    pub request_deadline_s: u64,
    pub leave_s: u64,
    pub drain_s: u64,
}

impl Default for Server {
    fn default() -> Server {
        Server {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            pages_dir: None,
            console_dir: None,
            console_listen: None,
            trusted_proxies: 0,
            uploads_at_once: 32,
            max_connections: 4096,
            head_timeout_s: 10,
            request_deadline_s: 180,
            leave_s: 0,
            drain_s: 25,
        }
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Database {
    pub url: Secret,
    pub max_connections: u32,
}

impl Default for Database {
    fn default() -> Database {
        Database { url: "sqlite://run/zhaoyan.db".into(), max_connections: 8 }
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Pictures {
    pub url: String,
    pub endpoint: String,
    pub region: String,
    pub access_key: String,
    pub secret_key: Secret,
    pub virtual_hosts: bool,
}

impl Default for Pictures {
    fn default() -> Pictures {
        Pictures {
            url: "run/pictures".to_owned(),
            endpoint: String::new(),
            region: String::new(),
            access_key: String::new(),
            secret_key: Secret::default(),
            virtual_hosts: false,
        }
    }
}

impl Pictures {
    pub fn s3(&self) -> store::S3Config {
        store::S3Config {
            endpoint: self.endpoint.clone(),
            region: self.region.clone(),
            access_key: self.access_key.clone(),
            secret_key: self.secret_key.expose().to_owned().into(),
            virtual_hosts: self.virtual_hosts,
        }
    }
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Keys {
    pub file: Option<PathBuf>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Models {
    pub dir: Option<PathBuf>,
    pub threads: usize,
}

impl Default for Models {
    fn default() -> Models {
        Models { dir: None, threads: 1 }
    }
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Standards {
    pub dir: Option<PathBuf>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Journey {
    pub exam_session: Option<String>,
    pub entry_url: Option<String>,
    pub session_hours: u64,
    pub code_again_s: u64,
    pub codes_per_day: u64,
    pub codes_per_address_hour: u64,
    pub logins_per_address_hour: u64,
    pub uploads_per_hour: u64,
}

impl Default for Journey {
    fn default() -> Journey {
        let rules = service::Rules::default();
        Journey {
            exam_session: None,
            entry_url: None,
            session_hours: rules.session_lifetime.as_secs() / 3600,
            code_again_s: rules.code_again.as_secs(),
            codes_per_day: rules.codes_per_day,
            codes_per_address_hour: rules.codes_per_address,
            logins_per_address_hour: rules.logins_per_address,
            uploads_per_hour: rules.uploads_per_collection,
        }
    }
}

/// The comparison of the card's picture with the photo, before an attempt is spent.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Comparison {
    pub warn_below: f64,
}

impl Default for Comparison {
    fn default() -> Comparison {
        Comparison { warn_below: service::Rules::default().warn_below }
    }
}

impl Journey {
    pub fn rules(&self, comparison: Comparison) -> service::Rules {
        service::Rules {
            warn_below: comparison.warn_below,
            exam_session: self.exam_session.clone(),
            entry_url: self.entry_url.as_deref().map(|url| url.trim_end_matches('/').to_owned()),
            session_lifetime: Duration::from_secs(self.session_hours * 3600),
            code_again: Duration::from_secs(self.code_again_s),
            codes_per_day: self.codes_per_day,
            codes_per_address: self.codes_per_address_hour,
            logins_per_address: self.logins_per_address_hour,
            uploads_per_collection: self.uploads_per_hour,
            ..service::Rules::default()
        }
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Pixels {
    pub workers: usize,
    pub wait_s: f64,
}

impl Default for Pixels {
    fn default() -> Pixels {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        Pixels { workers: cores, wait_s: 1.5 }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RegistrationSystem {
    /// The built-in roster.
    #[default]
    Roster,
    /// A system that speaks the contract of docs/registration-contract.md.
    Http,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Registration {
    pub system: RegistrationSystem,
    pub endpoint: String,
    pub key_id: String,
    pub secret: Secret,
    pub transport: TransportConfig,
}

impl Registration {
    pub fn http(&self) -> HttpRegistrationConfig {
        HttpRegistrationConfig {
            endpoint: self.endpoint.clone(),
            key_id: self.key_id.clone(),
            secret: self.secret.clone(),
            transport: self.transport.clone(),
        }
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Worker {
    pub metrics_listen: Option<SocketAddr>,
    pub parallel: usize,
    pub lease_ms: u64,
    pub poll_ms: u64,
    pub backoff_first_ms: u64,
    pub backoff_most_ms: u64,
    pub misconfigured_ms: u64,
    pub delayed_after: u32,
    pub breaker_failures: u32,
    pub breaker_open_ms: u64,
    pub sweep_s: u64,
}

impl Default for Worker {
    fn default() -> Worker {
        let settings = service::worker::Settings::default();
        let millis = |d: Duration| u64::try_from(d.as_millis()).unwrap_or(u64::MAX);
        Worker {
            metrics_listen: None,
            parallel: settings.parallel,
            lease_ms: millis(settings.lease),
            poll_ms: millis(settings.poll),
            backoff_first_ms: millis(settings.backoff.first),
            backoff_most_ms: millis(settings.backoff.most),
            misconfigured_ms: millis(settings.misconfigured),
            delayed_after: settings.delayed_after,
            breaker_failures: settings.breaker.failures,
            breaker_open_ms: millis(settings.breaker.open_for),
            sweep_s: settings.sweep.as_secs(),
        }
    }
}

impl Worker {
    pub fn settings(&self, retention: &Retention) -> service::worker::Settings {
        service::worker::Settings {
            parallel: self.parallel,
            lease: Duration::from_millis(self.lease_ms),
            poll: Duration::from_millis(self.poll_ms),
            backoff: service::Backoff {
                first: Duration::from_millis(self.backoff_first_ms),
                most: Duration::from_millis(self.backoff_most_ms),
            },
            misconfigured: Duration::from_millis(self.misconfigured_ms),
            delayed_after: self.delayed_after,
            breaker: store::BreakerPolicy {
                failures: self.breaker_failures,
                open_for: Duration::from_millis(self.breaker_open_ms),
            },
            sweep: Duration::from_secs(self.sweep_s),
            retention: retention.policy(),
            ..service::worker::Settings::default()
        }
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Retention {
    pub picture_days: u32,
    pub photo_days: u32,
    pub particulars_days: u32,
    pub done_work_days: u32,
    pub unfinished_days: u32,
    pub records_days: u32,
}

impl Default for Retention {
    fn default() -> Retention {
        Retention {
            picture_days: 30,
            photo_days: 365,
            particulars_days: 365,
            done_work_days: 30,
            unfinished_days: 90,
            records_days: 365,
        }
    }
}

impl Retention {
    fn policy(&self) -> store::Retention {
        let days = |days: u32| Some(Duration::from_secs(u64::from(days) * 24 * 3600));
        store::Retention {
            card_pictures: days(self.picture_days),
            captures: days(self.picture_days),
            photos: days(self.photo_days),
            particulars: days(self.particulars_days),
            done_work: days(self.done_work_days),
            unfinished: days(self.unfinished_days),
            records: days(self.records_days),
            ..store::Retention::default()
        }
    }

    /// As the built-in privacy notice says it.
    pub fn kept(&self) -> service::exam::Kept {
        service::exam::Kept {
            picture_days: self.picture_days,
            record_days: self.photo_days.max(self.particulars_days).max(self.records_days),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    #[default]
    Text,
    Json,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    pub level: String,
    pub format: LogFormat,
}

impl Default for Log {
    fn default() -> Log {
        Log { level: "info".to_owned(), format: LogFormat::Text }
    }
}

/// Where traces go.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Traces {
    pub endpoint: String,
    pub sample: f64,
}

impl Default for Traces {
    fn default() -> Traces {
        Traces { endpoint: String::new(), sample: 1.0 }
    }
}

/// Variables whose value is not text.
const NUMBERS: [&str; 20] = [
    "server.trusted_proxies",
    "server.uploads_at_once",
    "server.max_connections",
    "server.leave_s",
    "server.drain_s",
    "database.max_connections",
    "models.threads",
    "pixels.workers",
    "journey.session_hours",
    "journey.code_again_s",
    "journey.codes_per_day",
    "journey.codes_per_address_hour",
    "journey.logins_per_address_hour",
    "journey.uploads_per_hour",
    "worker.parallel",
    "worker.lease_ms",
    "worker.poll_ms",
    "worker.backoff_first_ms",
    "worker.backoff_most_ms",
    "worker.breaker_open_ms",
];

/// What may have a fraction, and the least and most of each.
const DECIMALS: [(&str, f64, f64); 4] = [
    ("identity.threshold", 0.0, 100.0),
    ("comparison.warn_below", 0.0, 100.0),
    ("pixels.wait_s", 0.1, 60.0),
    ("traces.sample", 0.0, 1.0),
];

/// Variables whose value is text.
const TEXTS: [&str; 34] = [
    "server.listen",
    "server.pages_dir",
    "server.console_dir",
    "server.console_listen",
    "journey.entry_url",
    "database.url",
    "pictures.url",
    "pictures.endpoint",
    "pictures.region",
    "pictures.access_key",
    "pictures.secret_key",
    "models.dir",
    "standards.dir",
    "journey.exam_session",
    "sms.endpoint",
    "sms.region",
    "sms.secret_id",
    "sms.secret_key",
    "sms.sdk_app_id",
    "sms.sign_name",
    "sms.template_id",
    "identity.endpoint",
    "identity.region",
    "identity.secret_id",
    "identity.secret_key",
    "registration.system",
    "registration.endpoint",
    "registration.key_id",
    "registration.secret",
    "worker.metrics_listen",
    "log.level",
    "log.format",
    "traces.endpoint",
    "keys.file",
];

/// `server.pages_dir` is `ZHAOYAN_SERVER_PAGES_DIR`; two variables are shared with the store and have its names.
fn variable(key: &str) -> String {
    match key {
        "keys.file" => "ZHAOYAN_KEY_FILE".to_owned(),
        "models.dir" => "ZHAOYAN_MODELS".to_owned(),
        key => format!("ZHAOYAN_{}", key.replace('.', "_").to_uppercase()),
    }
}

impl Config {
    /// Reads the file, if one is given, and the variables over it.
    ///
    /// # Errors
    /// Naming the key and what to write; a value is never repeated.
    pub fn load(file: Option<&Path>) -> anyhow::Result<Config> {
        let lookup = |variable: &str| env::var(variable).ok();
        match file {
            Some(path) => Config::read_file(path, lookup),
            None => Config::read("the environment", "", lookup),
        }
    }

    /// Reads a file alone, without the variables.
    ///
    /// # Errors
    /// As [`Config::load`].
    pub fn of_file(path: &Path) -> anyhow::Result<Config> {
        Config::read_file(path, |_| None)
    }

    fn read_file(path: &Path, lookup: impl Fn(&str) -> Option<String>) -> anyhow::Result<Config> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("the configuration file {} cannot be read", path.display()))?;
        Config::read(&path.display().to_string(), &text, lookup)
    }

    fn read(name: &str, text: &str, lookup: impl Fn(&str) -> Option<String>) -> anyhow::Result<Config> {
        // Once from the text alone, for then a mistake has a line.
        let told = |error: &toml::de::Error, text: &str| {
            let line = error.span().map(|s| text[..s.start.min(text.len())].matches('\n').count() + 1);
            match line {
                Some(line) => anyhow!("{name}, line {line}: {}", error.message()),
                None => anyhow!("{name}: {}", error.message()),
            }
        };
        toml::from_str::<Config>(text).map_err(|e| told(&e, text))?;
        let mut table: Table = toml::from_str(text).map_err(|e| told(&e, text))?;
        for key in TEXTS {
            if let Some(value) = lookup(&variable(key)) {
                put(&mut table, key, Value::String(value));
            }
        }
        for key in NUMBERS {
            if let Some(value) = lookup(&variable(key)) {
                let number: i64 = value
                    .trim()
                    .parse()
                    .map_err(|_| anyhow!("{}: write a whole number (it sets {key})", variable(key)))?;
                put(&mut table, key, Value::Integer(number));
            }
        }
        for (key, least, most) in DECIMALS {
            if let Some(value) = lookup(&variable(key)) {
                let number: f64 = value
                    .trim()
                    .parse()
                    .map_err(|_| anyhow!("{}: write a number from {least} to {most}", variable(key)))?;
                put(&mut table, key, Value::Float(number));
            }
        }
        let config: Config = Value::Table(table)
            .try_into()
            .map_err(|e: toml::de::Error| anyhow!("{name}: {}", e.message()))?;
        config.validate()?;
        Ok(config)
    }

    fn validate(&self) -> anyhow::Result<()> {
        let least: [(&str, u64); 9] = [
            ("server.uploads_at_once", self.server.uploads_at_once as u64),
            ("server.max_connections", self.server.max_connections as u64),
            ("server.request_deadline_s", self.server.request_deadline_s),
            ("pixels.workers", self.pixels.workers as u64),
            ("journey.session_hours", self.journey.session_hours),
            ("worker.parallel", self.worker.parallel as u64),
            ("worker.lease_ms", self.worker.lease_ms),
            ("worker.poll_ms", self.worker.poll_ms),
            ("retention.picture_days", u64::from(self.retention.picture_days)),
        ];
        if let Some((key, _)) = least.iter().find(|(_, value)| *value == 0) {
            bail!("{key}: write a number above 0");
        }
        let decimals = [
            f64::from(self.identity.threshold),
            self.comparison.warn_below,
            self.pixels.wait_s,
            self.traces.sample,
        ];
        for ((key, least, most), value) in DECIMALS.into_iter().zip(decimals) {
            if !(least..=most).contains(&value) {
                bail!("{key}: write a number from {least} to {most}");
            }
        }
        match &self.journey.entry_url {
            Some(url) if !url.starts_with("https://") && !url.starts_with("http://") => {
                bail!("journey.entry_url: write an address that begins with https:// or http://");
            }
            None if self.server.console_listen.is_some() => {
                bail!(
                    "journey.entry_url: where server.console_listen is set, write where candidates reach their page"
                );
            }
            _ => Ok(()),
        }
    }
}

fn put(table: &mut Table, key: &str, value: Value) {
    let Some((section, name)) = key.split_once('.') else { return };
    let section = table.entry(section).or_insert_with(|| Value::Table(Table::new()));
    if let Value::Table(section) = section {
        section.insert(name.to_owned(), value);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn none(_: &str) -> Option<String> {
        None
    }

    #[test]
    fn the_example_is_a_configuration() {
        let text = include_str!("../../../deploy/zhaoyan.example.toml");
        Config::read("zhaoyan.example.toml", text, none).unwrap();
    }

    fn files(folder: &Path) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let entries = entries.filter(|path| path.file_name().is_some_and(|name| name != "secrets"));
        entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
    }

    #[test]
    fn what_deploy_sets_is_configuration() {
        let mut known: Vec<String> =
            TEXTS.into_iter().chain(NUMBERS).chain(DECIMALS.map(|(key, ..)| key)).map(variable).collect();
        known.extend(["ZHAOYAN_CONFIG", "ZHAOYAN_KEYS", "ZHAOYAN_NAME_FONT"].map(str::to_owned));
        let (mut variables, mut configurations) = (0, 0);
        for path in files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy")) {
            let text = std::fs::read_to_string(&path).unwrap();
            for (at, _) in text.match_indices("ZHAOYAN_") {
                let name: String =
                    text[at..].chars().take_while(|c| c.is_ascii_uppercase() || *c == '_').collect();
                assert!(known.contains(&name), "{}: {name}", path.display());
                variables += 1;
            }
            let name = path.file_name().unwrap().to_string_lossy();
            if name.starts_with("zhaoyan") && name.ends_with(".toml") {
                Config::read(&path.display().to_string(), &text, none).unwrap();
                configurations += 1;
            }
        }
        assert!(variables >= 8 && configurations >= 3, "{variables} {configurations}");
    }

    #[test]
    fn a_variable_goes_over_the_file() {
        let lookup = |name: &str| match name {
            "ZHAOYAN_DATABASE_URL" => Some("postgres://db/zhaoyan".to_owned()),
            "ZHAOYAN_WORKER_LEASE_MS" => Some("250".to_owned()),
            "ZHAOYAN_SMS_SDK_APP_ID" => Some("1400000000".to_owned()),
            "ZHAOYAN_COMPARISON_WARN_BELOW" => Some("99.5".to_owned()),
            "ZHAOYAN_SMS_SECRET_ID" | "ZHAOYAN_SMS_SECRET_KEY" => Some("of-no-value".to_owned()),
            _ => None,
        };
        let config = Config::read("x.toml", "[database]\nurl = \"sqlite://a.db\"\n", lookup).unwrap();
        assert_eq!(config.database.url.expose(), "postgres://db/zhaoyan");
        assert_eq!(config.worker.lease_ms, 250);
        assert_eq!(config.journey.rules(config.comparison).warn_below, 99.5);
        assert_eq!(config.sms.sdk_app_id, "1400000000");
    }

    #[test]
    fn a_mistake_is_told_by_place_and_remedy_and_repeats_no_secret() {
        let error = Config::read("x.toml", "[server]\nlisten = 8080\n", none).unwrap_err().to_string();
        assert!(error.starts_with("x.toml, line 2:"), "{error}");
        let error =
            Config::read("x.toml", "[registration]\nsecret = \"hunter2\"\nsekret = \"hunter2\"\n", none)
                .unwrap_err()
                .to_string();
        assert!(error.contains("sekret") && !error.contains("hunter2"), "{error}");
        let error = Config::read("x.toml", "[worker]\nlease_ms = 0\n", none).unwrap_err().to_string();
        assert_eq!(error, "worker.lease_ms: write a number above 0");
        let text = "[comparison]\nwarn_below = 900\n";
        let error = Config::read("x.toml", text, none).unwrap_err().to_string();
        assert_eq!(error, "comparison.warn_below: write a number from 0 to 100");
        let lookup = |name: &str| (name == "ZHAOYAN_COMPARISON_WARN_BELOW").then(|| "low".to_owned());
        let error = Config::read("x.toml", "", lookup).unwrap_err().to_string();
        assert_eq!(error, "ZHAOYAN_COMPARISON_WARN_BELOW: write a number from 0 to 100");
        let lookup = |name: &str| (name == "ZHAOYAN_PIXELS_WORKERS").then(|| "many".to_owned());
        let error = Config::read("x.toml", "", lookup).unwrap_err().to_string();
        assert_eq!(error, "ZHAOYAN_PIXELS_WORKERS: write a whole number (it sets pixels.workers)");
    }

    #[test]
    fn the_configuration_shows_no_secret_when_printed() {
        let text = "[database]\nurl = \"postgres://u:hunter2@db/z\"\n[registration]\nsecret = \"hunter2\"\n";
        assert!(!format!("{:?}", Config::read("x.toml", text, none).unwrap()).contains("hunter2"));
    }
}
