//! Whether what candidates wait for takes longer the more registrations there are:
//!
//!     growth KEY_FILE fill DATABASE REGISTRATIONS
//!     growth KEY_FILE time SMALL SMALL_REGISTRATIONS LARGE LARGE_REGISTRATIONS
//!
//! `time` ends with 1 when the median of a function is slower on the large database by more than the limit.

use std::{collections::BTreeMap, fs, path::Path, time::Duration};

use anyhow::{Context as _, bail};
use jiff::Timestamp;
use store::{
    Keyring, S3Config, Store, StoreConfig,
    testing::growth::{self, CANDIDATES},
};

/// How many times as long a function may take on the large database.
const LIMIT: f64 = 1.3;
/// How many times as long a sweep may take that finds nothing. Nobody waits for it, and most of its time PostgreSQL plans a score of
/// statements, which takes a little longer over large tables; one that read such a table would take hundreds of times as long.
const SWEEP_LIMIT: f64 = 2.0;
/// A difference of less is the clock's and the scheduler's, not the database's: it is printed and marked, and does not count.
const FLOOR: Duration = Duration::from_micros(30);
/// Candidates that only warm up.
const WARM_UP: u32 = 100;

/// Times of each function, in the order of their first call: on the small database, on the large one.
#[derive(Default)]
struct Times {
    order: Vec<&'static str>,
    of: BTreeMap<&'static str, [Vec<Duration>; 2]>,
}

impl Times {
    fn add(&mut self, database: usize, name: &'static str, took: Duration) {
        if !self.of.contains_key(name) {
            self.order.push(name);
        }
        self.of.entry(name).or_default()[database].push(took);
    }

    /// Prints the table; gives the functions that are over the limit.
    fn print(&self, title: &str, limit: f64) -> Vec<&'static str> {
        println!("\n{title}\n");
        println!(
            "| function | calls | small, median µs | large, median µs | ratio | small, p95 µs | large, p95 µs |"
        );
        println!("|---|--:|--:|--:|--:|--:|--:|");
        let mut over = Vec::new();
        for name in &self.order {
            let mut times = self.of[name].clone();
            times.iter_mut().for_each(|times| times.sort_unstable());
            let at = |database: usize, share: f64| {
                let times: &[Duration] = &times[database];
                times[((times.len() - 1) as f64 * share) as usize]
            };
            let (small, large) = (at(0, 0.5), at(1, 0.5));
            let ratio = large.as_secs_f64() / small.as_secs_f64();
            let slower = large.saturating_sub(small);
            let mark = match (ratio > limit, slower > FLOOR) {
                (true, true) => {
                    over.push(*name);
                    " over"
                }
                (true, false) => " (below the floor)",
                _ => "",
            };
            let micros = |time: Duration| time.as_micros();
            println!(
                "| `{name}` | {} | {} | {} | {ratio:.2}{mark} | {} | {} |",
                times[0].len(),
                micros(small),
                micros(large),
                micros(at(0, 0.95)),
                micros(at(1, 0.95)),
            );
        }
        over
    }
}

fn config(keyring: Keyring, database_url: &str) -> StoreConfig {
    StoreConfig {
        database_url: database_url.to_owned(),
        pictures: "memory:".to_owned(),
        s3: S3Config::default(),
        keyring,
        max_connections: 4,
    }
}

fn keyring(path: &Path) -> anyhow::Result<Keyring> {
    if !path.exists() {
        fs::write(path, &*Keyring::generate("bench", store::Algorithms::International)?)?;
    }
    Ok(Keyring::parse(&fs::read_to_string(path)?)?)
}

/// Candidates in their turn, each on both databases, now the one first, now the other: what else the machine does hits both.
async fn time(databases: [(Store, u32); 2]) -> anyhow::Result<()> {
    let mut warming = Times::default();
    let (mut first, mut again, mut swept, mut warm, mut counted) =
        (Times::default(), Times::default(), Times::default(), Times::default(), Times::default());
    let turns = |n: u32| if n.is_multiple_of(2) { [0, 1] } else { [1, 0] };
    for n in 0..WARM_UP {
        for d in turns(n) {
            let (store, registrations) = &databases[d];
            let who = growth::candidate(n, *registrations);
            growth::hot(store, &who, Timestamp::now(), &mut |name, took| warming.add(d, name, took)).await;
        }
    }
    for times in [&mut first, &mut again] {
        for n in WARM_UP..CANDIDATES {
            for d in turns(n) {
                let (store, registrations) = &databases[d];
                let who = growth::candidate(n, *registrations);
                growth::hot(store, &who, Timestamp::now(), &mut |name, took| times.add(d, name, took)).await;
            }
        }
    }
    for n in 0..60 {
        for d in turns(n) {
            let (store, registrations) = &databases[d];
            let who = growth::candidate(n, *registrations);
            growth::sweep(store, Timestamp::now(), &mut |name, took| swept.add(d, name, took)).await;
            growth::warm(store, &who, &mut |name, took| warm.add(d, name, took)).await;
        }
    }
    for n in 0..3 {
        for d in turns(n) {
            growth::counts(&databases[d].0, &mut |name, took| counted.add(d, name, took)).await;
        }
    }
    let mut over = first.print("Hot, each candidate's rows for the first time", LIMIT);
    over.extend(again.print("Hot, the same candidates once more", LIMIT));
    over.extend(swept.print("A sweep that finds nothing to do", SWEEP_LIMIT));
    warm.print("The office's searches and lists (no limit)", f64::INFINITY);
    counted.print("What counts all rows (no limit)", f64::INFINITY);
    if !over.is_empty() {
        bail!("takes too much longer: {}", over.join(", "));
    }
    println!(
        "\nNothing hot takes more than {LIMIT} times as long, nor a sweep more than {SWEEP_LIMIT} times."
    );
    Ok(())
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        [keys, "fill", database, registrations] => {
            let config = config(keyring(Path::new(keys))?, database);
            growth::fill(&config, registrations.parse()?, Timestamp::now()).await;
        }
        [keys, "time", small, few, large, many] => {
            let keyring = keyring(Path::new(keys))?;
            let few: u32 = few.parse().context("a number")?;
            let many: u32 = many.parse().context("a number")?;
            let small = Store::open(&config(keyring.clone(), small)).await?;
            let large = Store::open(&config(keyring, large)).await?;
            time([(small, few), (large, many)]).await?;
        }
        _ => bail!("growth KEY_FILE fill DATABASE REGISTRATIONS, or time SMALL FEW LARGE MANY"),
    }
    Ok(())
}
