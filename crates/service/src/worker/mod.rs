//! The background worker: asks the identity platform, delivers results, sends messages, sweeps. Any number of workers may run;
//! whatever one of them was doing when it died, another takes up.

pub(crate) mod attempts;
pub(crate) mod deliveries;
pub(crate) mod messages;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use jiff::Timestamp;
use partners::{identity::IdentityPlatform, registration::RegistrationSystem, sms::SmsSender};
use store::{BreakerPolicy, Permission, Retention, Store, StoreError};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::{Backoff, Clock, login::later, meters};

/// How often the audit log is looked over: it is read whole.
const AUDIT_AGAIN: Duration = Duration::from_secs(24 * 3600);

/// How the worker works. Tests shorten everything.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Its name in leases, for people who look at the database.
    pub name: String,
    /// Tasks for each queue.
    pub parallel: usize,
    /// How long work is held before others may take it up; held work that takes longer is prolonged.
    pub lease: Duration,
    /// How often an empty queue is looked at.
    pub poll: Duration,
    /// Waits between fruitless tries.
    pub backoff: Backoff,
    /// The wait where an operator must mend something first.
    pub misconfigured: Duration,
    /// Fruitless tries after which a candidate is told that it takes longer.
    pub delayed_after: u32,
    /// When a partner that fails is left alone, and for how long.
    pub breaker: BreakerPolicy,
    /// How often is swept.
    pub sweep: Duration,
    /// How long what is kept.
    pub retention: Retention,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            name: format!("worker-{}", std::process::id()),
            parallel: 4,
            lease: Duration::from_secs(60),
            poll: Duration::from_millis(500),
            backoff: Backoff { first: Duration::from_secs(1), most: Duration::from_secs(60) },
            misconfigured: Duration::from_secs(300),
            delayed_after: 2,
            breaker: BreakerPolicy { failures: 5, open_for: Duration::from_secs(20) },
            sweep: Duration::from_secs(600),
            retention: Retention::default(),
        }
    }
}

/// The worker.
pub struct Worker {
    /// Records and pictures.
    pub store: Store,
    /// Who is asked.
    pub identity: Arc<dyn IdentityPlatform>,
    /// By whom messages go.
    pub sms: Arc<dyn SmsSender>,
    /// Who is told.
    pub registration: Arc<dyn RegistrationSystem>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// How it works.
    pub settings: Settings,
}

/// The queues.
#[derive(Debug, Clone, Copy)]
enum Queue {
    Attempts,
    Deliveries,
    Messages,
}

impl Worker {
    /// Works until `shutdown` is cancelled, then finishes what it holds.
    pub async fn run(self: Arc<Self>, shutdown: CancellationToken) {
        let mut tasks = JoinSet::new();
        for queue in [Queue::Attempts, Queue::Deliveries, Queue::Messages] {
            for _ in 0..self.settings.parallel.max(1) {
                tasks.spawn(Arc::clone(&self).drain(queue, shutdown.clone()));
            }
        }
        tasks.spawn(Arc::clone(&self).sweep_regularly(shutdown));
        while tasks.join_next().await.is_some() {}
    }

    async fn drain(self: Arc<Self>, queue: Queue, shutdown: CancellationToken) {
        while !shutdown.is_cancelled() {
            let worked = match queue {
                Queue::Attempts => self.ask_once().await,
                Queue::Deliveries => self.deliver_once().await,
                Queue::Messages => self.send_once().await,
            };
            let pause = match worked {
                Ok(true) => continue,
                Ok(false) => self.settings.poll,
                // Somebody else has it: not worth a word.
                Err(StoreError::LeaseLost) => continue,
                Err(error) => {
                    tracing::error!(?queue, %error, "a piece of work could not be done; it stays in its queue");
                    self.settings.poll * 4
                }
            };
            tokio::select! {
                () = shutdown.cancelled() => {}
                () = tokio::time::sleep(pause.mul_f64(rand::random_range(0.75..1.25))) => {}
            }
        }
    }

    async fn sweep_regularly(self: Arc<Self>, shutdown: CancellationToken) {
        let mut looked_over: Option<Instant> = None;
        loop {
            self.sweep_once().await;
            if looked_over.is_none_or(|then| then.elapsed() >= AUDIT_AGAIN) {
                looked_over = Some(Instant::now());
                self.look_over_audit().await;
            }
            tokio::select! {
                () = shutdown.cancelled() => return,
                () = tokio::time::sleep(self.settings.sweep) => {}
            }
        }
    }

    /// Removes what is past its time; what failed is made up next time.
    pub async fn sweep_once(&self) {
        let now = self.clock.now();
        let swept = self.store.sweep(&self.settings.retention, now).await;
        let outcome = if swept.is_ok() { "done" } else { "failed" };
        metrics::counter!(meters::SWEEPS, "outcome" => outcome).increment(1);
        let swept = match swept {
            Ok(swept) => swept,
            Err(error) => return tracing::error!(%error, "sweeping failed; it is made up next time"),
        };
        for (kind, count) in swept.counts() {
            metrics::counter!(meters::SWEPT, "kind" => kind).increment(count);
        }
        metrics::gauge!(meters::SWEEP_LAST).set(now.as_second() as f64);
        tracing::debug!(?swept, "swept");
    }

    /// Holds the audit log against its hashes, so that somebody is told where nobody looks.
    pub async fn look_over_audit(&self) {
        let head = match self.store.verify_audit(None).await {
            Ok(looked) => looked,
            Err(error) => return tracing::error!(%error, "the audit log could not be looked over"),
        };
        metrics::gauge!(meters::AUDIT_LAST).set(self.clock.now().as_second() as f64);
        match head {
            Ok(head) => {
                metrics::gauge!(meters::AUDIT_UNBROKEN).set(1.0);
                metrics::gauge!(meters::AUDIT_ENTRIES).set(head.number as f64);
            }
            Err(broken) => {
                metrics::gauge!(meters::AUDIT_UNBROKEN).set(0.0);
                tracing::error!(%broken, "the audit log is broken");
            }
        }
    }

    /// When to try again after so many fruitless tries.
    fn again_at(&self, tries: u32) -> Timestamp {
        later(self.clock.now(), self.settings.backoff.after(tries, rand::random()))
    }

    fn again_when_mended(&self) -> Timestamp {
        later(self.clock.now(), self.settings.misconfigured.mul_f64(rand::random_range(0.75..1.25)))
    }

    /// `None` if the partner may be asked, else when the work is due again.
    async fn must_wait(&self, partner: &'static str) -> Result<Option<Timestamp>, StoreError> {
        let now = self.clock.now();
        Ok(match self.store.breaker_permission(partner, self.settings.lease, now).await? {
            Permission::Granted | Permission::Probe => None,
            Permission::Wait(until) => {
                Some(later(until, self.settings.backoff.first.mul_f64(rand::random())))
            }
        })
    }

    async fn partner_answered(&self, partner: &'static str) -> Result<(), StoreError> {
        self.store.breaker_succeeded(partner, self.clock.now()).await
    }

    async fn partner_failed(&self, partner: &'static str) -> Result<(), StoreError> {
        let breaker = self.store.breaker_failed(partner, self.settings.breaker, self.clock.now()).await?;
        if breaker.opened_until.is_some() {
            tracing::warn!(partner, failures = breaker.failures, "a partner is left alone for a while");
        }
        Ok(())
    }
}

/// Counts one piece of a queue's work.
fn count(meter: &'static str, queue: &'static str) {
    metrics::counter!(meter, "queue" => queue).increment(1);
}

/// Counts work that is done with.
fn finished(queue: &'static str, outcome: &'static str) {
    metrics::counter!(meters::QUEUE_FINISHED, "queue" => queue, "outcome" => outcome).increment(1);
}
