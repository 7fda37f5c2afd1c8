//! Many pictures at once: worked on in parallel, told in the order in which they were given, counted up at the end.

use std::{
    collections::BTreeMap,
    io::{self, Write as _},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use domain::{CheckId, Outcome, Report};
use indicatif::{ProgressBar, ProgressStyle};

/// How many results of one worker may wait for those before them.
const WAITING: usize = 2;

/// Does `work` for each file and its number from 0, on `jobs` threads, and hands the results to `take` in the order of the files. Few results wait at
/// any time, however many files there are.
///
/// # Errors
/// The first error of `take`, which ends the work.
pub fn in_order<R: Send>(
    files: &[PathBuf],
    jobs: usize,
    work: impl Fn(usize, &Path) -> R + Sync,
    mut take: impl FnMut(&Path, R) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    thread::scope(|scope| {
        // Worker n of k takes every k-th file, so that the next result always comes from the next worker.
        let workers: Vec<mpsc::Receiver<R>> = (0..jobs.max(1))
            .map(|worker| {
                let (done, results) = mpsc::sync_channel(WAITING);
                let work = &work;
                scope.spawn(move || {
                    // Nobody listens any more once `take` has failed.
                    let mut own = files.iter().enumerate().skip(worker).step_by(jobs.max(1));
                    own.try_for_each(|(number, file)| done.send(work(number, file)))
                });
                results
            })
            .collect();
        for (file, results) in files.iter().zip(workers.iter().cycle()) {
            // A worker that panicked sends nothing; the scope passes its panic on.
            let Ok(result) = results.recv() else { break };
            take(file, result)?;
        }
        Ok(())
    })
}

/// What is told while a batch goes on: lines on the standard output, and a bar on the standard error if that is a terminal.
pub struct Voice(ProgressBar);

impl Voice {
    /// For that many pictures; a single one needs no bar.
    pub fn new(pictures: usize) -> Voice {
        let bar = if pictures > 1 { ProgressBar::new(pictures as u64) } else { ProgressBar::hidden() };
        let style = ProgressStyle::with_template("{bar:32} {pos}/{len}  {elapsed_precise} → {eta_precise}");
        if let Ok(style) = style {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(500));
        Voice(bar)
    }

    /// Lines for the standard output, and one picture more done.
    ///
    /// # Errors
    /// When they cannot be written: nobody may be reading any more.
    pub fn say(&self, lines: &str) -> io::Result<()> {
        self.0.inc(1);
        self.0.suspend(|| io::stdout().lock().write_all(lines.as_bytes()))
    }

    /// One for the standard error; it does not matter whether anybody reads it.
    pub fn complain(&self, line: &str) {
        self.0.suspend(|| writeln!(io::stderr().lock(), "{line}").ok());
    }

    /// Takes the bar away.
    pub fn end(&self) {
        self.0.finish_and_clear();
    }
}

/// Takes a closed standard output for a good end: whoever reads the lines has seen enough, `photo check … | head -1`.
pub fn quietly(done: anyhow::Result<ExitCode>) -> anyhow::Result<ExitCode> {
    let closed = |e: &anyhow::Error| {
        e.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe)
    };
    match done {
        Err(error) if closed(&error) => Ok(ExitCode::SUCCESS),
        done => done,
    }
}

/// What came of a batch.
pub struct Tally {
    /// Pictures that no check refused.
    pub accepted: usize,
    /// Pictures that some check refused.
    pub refused: usize,
    /// Files that could not be judged.
    pub unjudged: usize,
    /// How many pictures each check refused, and of how many more it warned.
    pub checks: BTreeMap<CheckId, [usize; 2]>,
    begun: Instant,
}

impl Tally {
    /// Begins to count.
    pub fn begin() -> Tally {
        Tally { accepted: 0, refused: 0, unjudged: 0, checks: BTreeMap::new(), begun: Instant::now() }
    }

    /// Counts a picture that was judged.
    pub fn add(&mut self, report: &Report) {
        *(if report.accepted { &mut self.accepted } else { &mut self.refused }) += 1;
        for finding in &report.findings {
            let kind = match finding.outcome {
                Outcome::Fail => 0,
                Outcome::Warn => 1,
                Outcome::Pass | Outcome::NotAssessed => continue,
            };
            self.checks.entry(finding.id).or_default()[kind] += 1;
        }
    }

    /// How many pictures there were.
    pub fn all(&self) -> usize {
        self.accepted + self.refused + self.unjudged
    }

    /// The checks that refused or warned, the most frequent first.
    pub fn reasons(&self) -> Vec<(CheckId, [usize; 2])> {
        let mut reasons: Vec<_> = self.checks.iter().map(|(check, counts)| (*check, *counts)).collect();
        reasons.sort_by_key(|(check, counts)| (std::cmp::Reverse(*counts), *check));
        reasons
    }

    /// 0 all accepted, 1 some refused, 2 some not judged.
    pub fn status(&self) -> u8 {
        if self.unjudged > 0 { 2 } else { u8::from(self.refused > 0) }
    }

    /// The batch in a few lines.
    pub fn in_words(&self) -> String {
        let (seconds, Tally { accepted, refused, unjudged, .. }) = (self.begun.elapsed().as_secs_f64(), self);
        let mut words = format!(
            "共 {n} 张：合格 {accepted}，不合格 {refused}，无法检测 {unjudged}，用时 {seconds:.1} 秒\n\
             {n} pictures: {accepted} accepted, {refused} not accepted, {unjudged} not judged, {seconds:.1} s",
            n = self.all()
        );
        for (check, [refused, _]) in self.reasons().into_iter().filter(|(_, counts)| counts[0] > 0).take(5) {
            let title = check.title();
            words += &format!("\n{refused:6} × {check} · {} · {}", title.zh, title.en);
        }
        words
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::atomic::{AtomicUsize, Ordering};

    use anyhow::bail;

    use super::*;

    fn files(count: usize) -> Vec<PathBuf> {
        (0..count).map(|i| PathBuf::from(i.to_string())).collect()
    }

    fn number(file: &Path) -> usize {
        file.to_string_lossy().parse().unwrap()
    }

    #[test]
    fn results_come_in_the_order_of_the_files_whoever_is_done_first() {
        for jobs in [1, 3, 40] {
            let mut told = Vec::new();
            let slow_first = |n: usize, file: &Path| {
                thread::sleep(Duration::from_millis(20 - n as u64));
                number(file)
            };
            in_order(&files(20), jobs, slow_first, |_, n| {
                told.push(n);
                Ok(())
            })
            .unwrap();
            assert_eq!(told, (0..20).collect::<Vec<_>>());
        }
    }

    #[test]
    fn nothing_is_worked_far_ahead_of_what_was_told_and_an_error_ends_it() {
        let worked = AtomicUsize::new(0);
        let end = in_order(
            &files(1000),
            4,
            |_, _| worked.fetch_add(1, Ordering::SeqCst),
            |file, _| {
                if number(file) == 3 {
                    bail!("enough");
                }
                Ok(())
            },
        );
        assert_eq!(end.unwrap_err().to_string(), "enough");
        assert!(worked.load(Ordering::SeqCst) <= 4 * (WAITING + 3), "{worked:?}");
    }
}
