//! Every metric there is: names, labels, what they mean, and the values that their labels may have. `docs/metrics.md` is written from here.

use domain::CheckId;
use jiff::Timestamp;
use store::{Store, StoreError};

/// How a metric moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Only up.
    Counter,
    /// Up and down.
    Gauge,
    /// Counted by size.
    Histogram,
}

impl Kind {
    /// As Prometheus names it.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        }
    }
}

/// What a label may say: never anything that comes from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Values {
    /// These and no others.
    These(&'static [&'static str]),
    /// Names that are kept elsewhere in the code: what they are, in English and Chinese, and how many there may be.
    Open(&'static str, &'static str, usize),
}

/// A label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Label {
    /// Its name.
    pub name: &'static str,
    /// What it may say.
    pub values: Values,
}

/// A metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Meter {
    /// Its name.
    pub name: &'static str,
    /// How it moves.
    pub kind: Kind,
    /// Its labels.
    pub labels: &'static [Label],
    /// What it means.
    pub en: &'static str,
    /// The same in Chinese.
    pub zh: &'static str,
}

use Values::{Open, These};

const METHODS: &[&str] = &["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "other"];
const PATH: Values = Open("a route's template", "路由模板", 120);
const STATUS: Values = Open("the status", "状态码", 40);
const CAPTURES: &[&str] = &["card_portrait", "card_emblem", "photo"];
const PIXEL_STEPS: &[&str] = &["card_portrait", "card_emblem", "photo", "comparison"];
const STAGES: &[&str] =
    &["decode", "face", "mesh", "matte", "frame", "checks", "encode", "preview", "read", "cut", "describe"];
const OUTCOMES: &[&str] = &["pass", "warn", "fail", "not_assessed"];

/// The queues.
pub const QUEUES: &[&str] = &["attempts", "deliveries", "messages"];
const FINISHED: &[&str] = &[
    "confirmed",
    "refused",
    "unusable",
    "withdrawn",
    "taken",
    "taken_before",
    "sent",
    "unsendable",
    "expired",
];

/// The systems outside.
pub const PARTNERS: &[&str] = &["identity", "registration", "sms"];
const ANSWERS: &[&str] = &[
    "confirmed",
    "says_no",
    "picture_unusable",
    "cannot_verify",
    "ask_again",
    "misconfigured",
    "taken",
    "taken_before",
    "unavailable",
    "refused",
    "found",
    "not_found",
    "lookup_failed",
    "sent",
    "number_refused",
];

macro_rules! meters {
    ($($constant:ident: $kind:ident $name:literal [$($label:literal: $values:expr),* $(,)?], $en:literal, $zh:literal;)*) => {
        $(#[doc = $en] pub const $constant: &str = $name;)*

        /// All of them.
        pub const ALL: &[Meter] = &[$(Meter {
            name: $name,
            kind: Kind::$kind,
            labels: &[$(Label { name: $label, values: $values }),*],
            en: $en,
            zh: $zh,
        }),*];
    };
}

meters! {
    // HTTP
    REQUEST_SECONDS: Histogram "zhaoyan_request_seconds" ["method": These(METHODS), "path": PATH, "status": STATUS],
        "Seconds until the head of an answer, by the route's template (`pages` for everything else).",
        "到开始应答为止的秒数，按路由模板区分（其余一律记作 `pages`）。";
    REQUESTS_RUNNING: Gauge "zhaoyan_requests_running" [],
        "Requests that are being answered now.", "正在应答的请求数。";
    PROBLEMS: Counter "zhaoyan_problems_total" ["code": Open("a problem's code", "问题代码", 120)],
        "Answers that tell a problem, by its code.", "告知问题的应答数，按问题代码区分。";
    CONNECTIONS: Gauge "zhaoyan_connections" [], "Connections that are open.", "已建立的连接数。";
    CONNECTIONS_MOST: Gauge "zhaoyan_connections_most" [],
        "Connections that may be open at once, over all listeners.", "允许同时建立的连接数（所有监听地址合计）。";
    UPLOADS_HELD: Gauge "zhaoyan_uploads_held_bytes" [],
        "Room that candidates' uploads take in memory now.", "考生上传的图片现在占用的内存。";
    UPLOADS_MOST: Gauge "zhaoyan_uploads_most_bytes" [],
        "Room that candidates' uploads may take in memory.", "考生上传的图片最多可占用的内存。";
    UPLOADS_REFUSED: Counter "zhaoyan_uploads_refused_total" ["why": These(&["full", "one_candidate"])],
        "Uploads that found no place: there is no room, or one candidate has theirs already.",
        "没有位置而被拒绝的上传：位置已满，或同一考生的位置已用完。";
    // The journey
    STEP_SECONDS: Histogram "zhaoyan_step_seconds" ["step": Open("the journal's name of a step", "步骤在日志表里的名称", 40)],
        "Seconds that a step of the journey took to decide and write.", "流程中一步从判断到写入所用的秒数。";
    CODES: Counter "zhaoyan_codes_total" ["registered": These(&["true", "false"])],
        "Login codes that were asked for, by whether the phone is registered.", "请求的登录验证码数，按手机号是否已报名区分。";
    JUDGED: Counter "zhaoyan_judged_total" ["step": These(CAPTURES), "accepted": These(&["yes", "no"])],
        "Pictures judged.", "判定过的图片数。";
    CHECKS: Counter "zhaoyan_checks_total" ["step": These(CAPTURES), "check": Open("a check's id", "检查项编号", CheckId::ALL.len()),
        "outcome": These(OUTCOMES)],
        "What each check of a judged picture came to.", "每项检查的结果数。";
    COMPARISONS: Counter "zhaoyan_comparisons_total" ["outcome": These(&["warned", "alike", "no_face", "failed", "too_slow"])],
        "Comparisons of the card's picture with the photo.", "证件照片与所拍照片的比对次数，按结果区分。";
    COMPARISON_SECONDS: Histogram "zhaoyan_comparison_seconds" [],
        "Seconds of a comparison, waiting included.", "一次比对所用的秒数，含等待。";
    // Pixel work
    PIXELS_RUNNING: Gauge "zhaoyan_pixels_running" [], "Pictures that are being looked at now.", "正在处理的图片数。";
    PIXELS_WAITING: Gauge "zhaoyan_pixels_waiting" [], "Pictures that wait for their turn.", "排队等待处理的图片数。";
    PIXELS_MOST: Gauge "zhaoyan_pixels_most" [], "Pictures that may be looked at at once.", "允许同时处理的图片数。";
    PIXELS_BUSY: Counter "zhaoyan_pixels_busy_total" ["step": These(PIXEL_STEPS)],
        "Pictures whose turn did not come in time; their candidates are told to try again.",
        "没有等到处理、请考生稍后再试的图片数。";
    PIXELS_WAIT_SECONDS: Histogram "zhaoyan_pixels_wait_seconds" ["step": These(PIXEL_STEPS)],
        "Seconds that a picture waited for its turn.", "图片排队等待的秒数。";
    PIXELS_SECONDS: Histogram "zhaoyan_pixels_seconds" ["step": These(PIXEL_STEPS)],
        "Seconds that a picture was looked at.", "处理一张图片所用的秒数。";
    PIXEL_STAGE_SECONDS: Histogram "zhaoyan_pixel_stage_seconds" ["step": These(PIXEL_STEPS), "stage": These(STAGES)],
        "Seconds of one stage of looking at a picture; stages that run side by side have their own time each.",
        "处理图片时一个阶段所用的秒数；并行的阶段各计各的时间。";
    // Queues
    QUEUE_DEPTH: Gauge "zhaoyan_queue_depth" ["queue": These(QUEUES), "status": These(&["queued", "running"])],
        "Work that is not done yet, in the database: the same from every process.", "数据库里尚未完成的任务数；每个进程给出的数相同。";
    QUEUE_DUE_SECONDS: Gauge "zhaoyan_queue_oldest_due_seconds" ["queue": These(QUEUES)],
        "For how long the queue's longest-due work has been waiting for a worker; 0 if none is due.",
        "队列中到期最久的任务已等待后台进程多少秒；没有到期的任务时为 0。";
    QUEUE_OPEN_SECONDS: Gauge "zhaoyan_queue_oldest_open_seconds" ["queue": These(QUEUES)],
        "Age of the queue's oldest work that is not done, fruitless tries included; 0 if there is none.",
        "队列中最早的未完成任务存在了多少秒，含没有结果的尝试；没有任务时为 0。";
    QUEUE_CLAIMS: Counter "zhaoyan_queue_claims_total" ["queue": These(QUEUES)],
        "Work that a worker took up.", "后台进程领取的任务数。";
    QUEUE_RETRIES: Counter "zhaoyan_queue_retries_total" ["queue": These(QUEUES)],
        "Work that was given back to be tried again.", "退回队列等待重试的次数。";
    QUEUE_FINISHED: Counter "zhaoyan_queue_finished_total" ["queue": These(QUEUES), "outcome": These(FINISHED)],
        "Work that was finished, by how it ended.", "结束的任务数，按结果区分。";
    // Partners
    PARTNER_REQUESTS: Counter "zhaoyan_partner_requests_total" ["partner": These(PARTNERS), "outcome": These(ANSWERS)],
        "Questions to the systems outside, by what came of them.", "对外部系统的请求数，按结果区分。";
    PARTNER_SECONDS: Histogram "zhaoyan_partner_seconds" ["partner": These(PARTNERS)],
        "Seconds until a system outside answered, or did not.", "外部系统应答（或没有应答）所用的秒数。";
    BREAKER_OPEN: Gauge "zhaoyan_partner_breaker_open" ["partner": These(PARTNERS)],
        "1 while a system outside failed so often that it is left alone.", "外部系统连续失败、暂停请求期间为 1。";
    BREAKER_FAILURES: Gauge "zhaoyan_partner_failures_in_a_row" ["partner": These(PARTNERS)],
        "Failures in a row of a system outside.", "外部系统连续失败的次数。";
    // The office
    OFFICE_SIGN_INS: Counter "zhaoyan_office_sign_ins_total" ["outcome": These(&["in", "wrong"])],
        "Tries to sign in to the console.", "登录工作台的尝试数。";
    OFFICE_REFUSED: Counter "zhaoyan_office_refused_total" ["deed": Open("a deed's name", "操作名称", 60)],
        "Deeds that a role did not allow.", "角色不允许而被拒绝的操作数。";
    DOWNLOADS: Counter "zhaoyan_downloads_total" [], "Downloads that were begun.", "开始的下载数。";
    NUMBERS_SECONDS: Histogram "zhaoyan_numbers_seconds" [],
        "Seconds that counting for a board took.", "为看板统计所用的秒数。";
    // Database and upkeep
    DATABASE_CONNECTIONS: Gauge "zhaoyan_database_connections" ["state": These(&["in_use", "idle"])],
        "Connections to the database that this process has.", "本进程的数据库连接数。";
    DATABASE_CONNECTIONS_MOST: Gauge "zhaoyan_database_connections_most" [],
        "Connections to the database that this process may have.", "本进程允许的数据库连接数。";
    DATABASE_ANSWERS: Gauge "zhaoyan_database_answers" [],
        "1 if the database answered when these numbers were asked for.", "取这些数字时数据库有应答为 1。";
    SWEEPS: Counter "zhaoyan_sweeps_total" ["outcome": These(&["done", "failed"])],
        "Sweeps of what is past its time.", "清理过期内容的次数。";
    SWEPT: Counter "zhaoyan_swept_total" ["kind": These(&["pictures", "orphans", "particulars", "expired", "done_work", "collections", "registrations"])],
        "What sweeps removed.", "清理掉的内容数。";
    SWEEP_LAST: Gauge "zhaoyan_sweep_last_success_timestamp_seconds" [],
        "When this process last swept to the end, Unix time.", "本进程上次完成清理的时间（Unix 时间）。";
    AUDIT_UNBROKEN: Gauge "zhaoyan_audit_unbroken" [],
        "1 if the audit log held against its hashes when it was looked over last, else 0.",
        "上次核对时审计日志与散列一致为 1，否则为 0。";
    AUDIT_LAST: Gauge "zhaoyan_audit_last_check_timestamp_seconds" [],
        "When this process last looked the audit log over, Unix time.", "本进程上次核对审计日志的时间（Unix 时间）。";
    AUDIT_ENTRIES: Gauge "zhaoyan_audit_entries" [],
        "Entries of the audit log when it was looked over last.", "上次核对时审计日志的条数。";
    // The process
    BUILD_INFO: Gauge "zhaoyan_build_info" ["version": Open("the version", "版本", 1)],
        "1, with the version that runs.", "恒为 1，标签给出正在运行的版本。";
    CPU_SECONDS: Counter "process_cpu_seconds_total" [],
        "Seconds of processor time that the process used.", "进程用掉的处理器时间（秒）。";
    MEMORY: Gauge "process_resident_memory_bytes" [], "Bytes of memory that the process holds.", "进程占用的内存字节数。";
    VIRTUAL_MEMORY: Gauge "process_virtual_memory_bytes" [],
        "Bytes of addresses that the process has reserved.", "进程保留的地址空间字节数。";
    VIRTUAL_MEMORY_MOST: Gauge "process_virtual_memory_max_bytes" [],
        "Bytes of addresses that the process may reserve.", "允许进程保留的地址空间字节数。";
    OPEN_FILES: Gauge "process_open_fds" [], "Files and sockets that are open.", "打开的文件和套接字数。";
    OPEN_FILES_MOST: Gauge "process_max_fds" [],
        "Files and sockets that may be open.", "允许打开的文件和套接字数。";
    THREADS: Gauge "process_threads" [], "Threads of the process.", "进程的线程数。";
    STARTED: Gauge "process_start_time_seconds" [], "When the process began, Unix time.", "进程启动的时间（Unix 时间）。";
}

/// Tells the process's recorder what each metric means.
pub fn describe() {
    for meter in ALL {
        match meter.kind {
            Kind::Counter => metrics::describe_counter!(meter.name, meter.en),
            Kind::Gauge => metrics::describe_gauge!(meter.name, meter.en),
            Kind::Histogram => metrics::describe_histogram!(meter.name, meter.en),
        }
    }
}

/// Records what is so at this moment: queues, breakers and connections as the database and its pool tell.
pub async fn observe(store: &Store, now: Timestamp) {
    let answers = match observe_records(store, now).await {
        Ok(()) => 1.0,
        Err(error) => {
            tracing::warn!(%error, "queues and breakers could not be counted");
            0.0
        }
    };
    metrics::gauge!(DATABASE_ANSWERS).set(answers);
    let pool = store.pool();
    metrics::gauge!(DATABASE_CONNECTIONS, "state" => "in_use").set(f64::from(pool.in_use));
    metrics::gauge!(DATABASE_CONNECTIONS, "state" => "idle").set(f64::from(pool.idle));
    metrics::gauge!(DATABASE_CONNECTIONS_MOST).set(f64::from(pool.most));
}

async fn observe_records(store: &Store, now: Timestamp) -> Result<(), StoreError> {
    let since = |then: Option<Timestamp>| then.map_or(0.0, |then| (now - then).get_seconds().max(0) as f64);
    for (queue, state) in QUEUES.iter().copied().zip(store.queue_states().await?) {
        metrics::gauge!(QUEUE_DEPTH, "queue" => queue, "status" => "queued").set(state.queued as f64);
        metrics::gauge!(QUEUE_DEPTH, "queue" => queue, "status" => "running").set(state.running as f64);
        metrics::gauge!(QUEUE_DUE_SECONDS, "queue" => queue).set(since(state.due_since));
        metrics::gauge!(QUEUE_OPEN_SECONDS, "queue" => queue).set(since(state.open_since));
    }
    for partner in PARTNERS.iter().copied() {
        let breaker = store.breaker(partner).await?;
        let open = breaker.as_ref().is_some_and(|b| b.opened_until.is_some());
        metrics::gauge!(BREAKER_OPEN, "partner" => partner).set(f64::from(u8::from(open)));
        metrics::gauge!(BREAKER_FAILURES, "partner" => partner)
            .set(breaker.map_or(0.0, |b| f64::from(b.failures)));
    }
    Ok(())
}

/// Counts in a gauge what is under way, for as long as it lives.
#[derive(Debug)]
pub struct Counted(&'static str, f64);

impl Counted {
    /// One more, until this is dropped.
    pub fn in_gauge(gauge: &'static str) -> Counted {
        Counted::so_many(gauge, 1.0)
    }

    /// So many more, until this is dropped.
    pub fn so_many(gauge: &'static str, many: f64) -> Counted {
        metrics::gauge!(gauge).increment(many);
        Counted(gauge, many)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        metrics::gauge!(self.0).decrement(self.1);
    }
}

/// Notes what came of a question to a system outside, and how long it took.
pub(crate) fn asked(partner: &'static str, outcome: &'static str, took: std::time::Duration) {
    metrics::counter!(PARTNER_REQUESTS, "partner" => partner, "outcome" => outcome).increment(1);
    metrics::histogram!(PARTNER_SECONDS, "partner" => partner).record(took.as_secs_f64());
}

/// Where `docs/metrics.md` and `docs/metrics.zh-CN.md` tell of each metric: tables, one row each.
pub fn table(chinese: bool) -> String {
    let head = if chinese {
        "| 指标 | 类型 | 标签 | 含义 |\n|---|---|---|---|\n"
    } else {
        "| metric | kind | labels | meaning |\n|---|---|---|---|\n"
    };
    let mut text = head.to_owned();
    for meter in ALL {
        let labels: Vec<String> = (meter.labels.iter())
            .map(|label| match (label.values, chinese) {
                (These(values), false) => format!("`{}`: {}", label.name, values.join(", ")),
                (These(values), true) => format!("`{}`：{}", label.name, values.join("、")),
                (Open(en, _, _), false) => format!("`{}`: {en}", label.name),
                (Open(_, zh, _), true) => format!("`{}`：{zh}", label.name),
            })
            .collect();
        let (labels, meaning) =
            if chinese { (labels.join("；"), meter.zh) } else { (labels.join("; "), meter.en) };
        text.push_str(&format!("| `{}` | {} | {labels} | {meaning} |\n", meter.name, meter.kind.name()));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_once_and_as_prometheus_likes_them() {
        let mut names: Vec<&str> = ALL.iter().map(|meter| meter.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), ALL.len());
        for meter in ALL {
            assert_eq!(meter.kind == Kind::Counter, meter.name.ends_with("_total"), "{}", meter.name);
            assert!(meter.kind != Kind::Histogram || meter.name.ends_with("_seconds"), "{}", meter.name);
        }
    }

    #[test]
    fn the_documents_tell_of_each_metric() {
        let documents = [
            (include_str!("../../../docs/metrics.md"), false),
            (include_str!("../../../docs/metrics.zh-CN.md"), true),
        ];
        for (document, chinese) in documents {
            let table = table(chinese);
            assert!(document.contains(&table), "put this table into docs/metrics:\n{table}");
        }
    }
    /// Every metric's name in a text, with what stands in braces behind it.
    fn mentioned(text: &str) -> Vec<(&str, &str)> {
        let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let starts = text.match_indices(|c: char| word(c)).map(|(at, _)| at);
        let starts = starts.filter(|at| !text[..*at].ends_with(word));
        let words =
            starts.map(|at| text[at..].split_once(|c: char| !word(c)).map_or(&text[at..], |(name, _)| name));
        words
            .filter(|name| name.starts_with("zhaoyan_") || name.starts_with("process_"))
            .map(|name| {
                let at = name.as_ptr() as usize - text.as_ptr() as usize + name.len();
                let braces = text[at..].strip_prefix('{').and_then(|rest| rest.split_once('}'));
                (name, braces.map_or("", |(inside, _)| inside))
            })
            .collect()
    }

    fn meter(name: &str) -> Option<&'static Meter> {
        ALL.iter().find(|meter| match meter.kind {
            Kind::Histogram => ["_bucket", "_sum", "_count"]
                .iter()
                .any(|end| name.strip_suffix(end).is_some_and(|name| name == meter.name)),
            Kind::Counter | Kind::Gauge => name == meter.name,
        })
    }

    #[test]
    fn dashboard_and_alerts_ask_for_what_there_is() {
        let dashboard = include_str!("../../../deploy/monitoring/dashboard.json").replace("\\\"", "\"");
        let alerts = include_str!("../../../deploy/monitoring/alerts.yml");
        let mut asked = std::collections::BTreeSet::new();
        for text in [dashboard.as_str(), alerts] {
            let mentioned = mentioned(text);
            assert!(mentioned.len() > 25);
            for (name, selected) in mentioned {
                let meter = meter(name);
                assert!(meter.is_some(), "{name} is declared nowhere");
                let Some(meter) = meter else { continue };
                asked.insert(meter.name);
                for selector in selected.split("\",").filter(|selector| !selector.is_empty()) {
                    // `=`, `!=`, `=~` or `!~`, and then the value in quotes.
                    let (label, rest) = selector.split_at(selector.find(['=', '!']).unwrap_or(0));
                    if label == "job" {
                        continue;
                    }
                    let known = meter.labels.iter().find(|known| known.name == label);
                    assert!(known.is_some(), "{name} has no label {label}");
                    let exactly = rest.strip_prefix('!').unwrap_or(rest).strip_prefix("=\"");
                    let exactly = exactly.map(|value| value.trim_end_matches('"'));
                    if let (Some(These(values)), Some(value)) = (known.map(|known| known.values), exactly) {
                        assert!(values.contains(&value), "{name} never has {label} {value}");
                    }
                }
            }
        }
        let ours = ALL.iter().map(|meter| meter.name).filter(|name| name.starts_with("zhaoyan_"));
        let unasked: Vec<&str> = ours.filter(|name| !asked.contains(name)).collect();
        assert_eq!(unasked, [] as [&str; 0], "nobody looks at these");
        assert!(
            serde_json::from_str::<serde_json::Value>(include_str!(
                "../../../deploy/monitoring/dashboard.json"
            ))
            .is_ok()
        );
    }

    #[test]
    fn every_alert_is_explained_in_both_languages() {
        let alerts = include_str!("../../../deploy/monitoring/alerts.yml");
        let named: Vec<&str> =
            alerts.lines().filter_map(|line| line.trim().strip_prefix("- alert: ")).collect();
        assert!(named.len() > 20);
        for document in
            [include_str!("../../../docs/alerts.md"), include_str!("../../../docs/alerts.zh-CN.md")]
        {
            let explained: Vec<&str> = document.lines().filter_map(|line| line.strip_prefix("## ")).collect();
            assert_eq!(explained, named);
        }
        for name in named {
            assert!(alerts.contains(&format!("runbook: docs/alerts.md#{}", name.to_lowercase())), "{name}");
        }
    }
}
