//! The worker's promises: no attempt asked twice at once, none lost with its worker, deliveries until they are taken.

#![allow(clippy::unwrap_used, missing_docs)]

mod common;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use common::{Stage, ask_again, says_no};
use domain::{PhoneNumber, Registration};
use futures::future::join_all;
use jiff::SignedDuration;
use partners::{
    identity::Answer,
    registration::{CollectionResult, Pushed, RegistrationError, RegistrationSystem},
    sms::SmsError,
};
use service::worker::{Settings, Worker};
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

fn worker_like(stage: &Stage, name: &str, registration: Arc<dyn RegistrationSystem>) -> Arc<Worker> {
    Arc::new(Worker {
        store: stage.store.clone(),
        identity: stage.platform.clone(),
        sms: stage.sms.clone(),
        registration,
        clock: stage.clock.clone(),
        settings: Settings { name: name.to_owned(), ..stage.worker.settings.clone() },
    })
}

#[tokio::test]
async fn several_workers_never_ask_one_attempt_twice() {
    for stage in Stage::on_both().await {
        *stage.platform.slow.lock().unwrap() = Duration::from_millis(20);
        let mut candidates = Vec::new();
        for n in 40..48 {
            let candidate = stage.candidate(n).await;
            candidate.up_to_verification().await;
            candidates.push(candidate);
        }
        let workers: Vec<_> = (0..4)
            .map(|i| worker_like(&stage, &format!("w{i}"), stage.worker.registration.clone()))
            .collect();
        join_all(workers.iter().map(|worker| async move { while worker.ask_once().await.unwrap() {} })).await;
        let mut asked = stage.platform.asked.lock().unwrap().clone();
        assert_eq!(asked.len(), 8);
        asked.sort();
        asked.dedup();
        assert_eq!(asked.len(), 8);
        for candidate in &candidates {
            assert_eq!(candidate.collection().await["state"], "completed");
        }
    }
}

#[tokio::test]
async fn an_attempt_whose_worker_died_is_taken_up_when_its_lease_has_run_out_and_counted_once() {
    for stage in Stage::on_both().await {
        let candidate = stage.candidate(50).await;
        candidate.up_to_verification().await;
        // A worker that claims and is never heard of again.
        let lease = stage.worker.settings.lease;
        let now = service::Clock::now(stage.clock.as_ref());
        let lost = stage.store.claim_attempt("dead", now, lease).await.unwrap().unwrap();
        assert!(!stage.worker.ask_once().await.unwrap(), "held by the dead one for now");
        stage.clock.advance(SignedDuration::from_secs(61));
        stage.platform.will([says_no()]);
        stage.work().await;
        assert_eq!(stage.platform.asked.lock().unwrap().as_slice(), &[lost.id.0]);
        assert_eq!(candidate.collection().await["attempts"]["used"], 1);
        // The dead one comes back with an answer of its own: too late.
        let answer = store::Answer {
            outcome: store::AttemptOutcome::Refused,
            platform_request_id: None,
            similarity: None,
            code: None,
        };
        assert!(stage.store.close_attempt(&lost, &answer, now).await.is_err());
        assert_eq!(candidate.collection().await["attempts"]["used"], 1);
    }
}

#[tokio::test]
async fn a_login_while_the_platform_is_asked_does_not_lose_the_answer() {
    let stage = Stage::on_sqlite().await;
    let candidate = stage.candidate(51).await;
    candidate.up_to_verification().await;
    *stage.platform.slow.lock().unwrap() = Duration::from_millis(400);
    let again = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        // The registration changes, so that the login saves the collection.
        let record = stage.store.registration(common::EXAM, "r051").await.unwrap().unwrap();
        let mut changed = record.registration.clone();
        changed.address = None;
        stage
            .store
            .correct_registration(record.id, record.version, &changed, record.updated_at)
            .await
            .unwrap();
        stage.clock.advance(SignedDuration::from_secs(61));
        stage.candidate(51).await
    };
    let (asked, _) = tokio::join!(stage.worker.ask_once(), again);
    asked.unwrap();
    assert_eq!(candidate.collection().await["state"], "completed");
}

#[tokio::test]
async fn a_platform_that_keeps_failing_is_left_alone_for_a_while() {
    let stage = Stage::on_sqlite().await;
    let breaker = store::BreakerPolicy { failures: 2, open_for: Duration::from_secs(20) };
    let worker = Worker {
        settings: Settings { breaker, ..stage.worker.settings.clone() },
        store: stage.store.clone(),
        identity: stage.platform.clone(),
        sms: stage.sms.clone(),
        registration: stage.worker.registration.clone(),
        clock: stage.clock.clone(),
    };
    stage.platform.will((0..2).map(|_| ask_again()));
    for n in 52..56 {
        stage.candidate(n).await.up_to_verification().await;
    }
    while worker.ask_once().await.unwrap() {}
    assert_eq!(stage.platform.asked.lock().unwrap().len(), 2, "the third and fourth were not asked");
    for _ in 0..6 {
        stage.clock.advance(SignedDuration::from_secs(21));
        while worker.ask_once().await.unwrap() {}
    }
    for n in 52..56 {
        let record = stage.store.collection_of(common::EXAM, &format!("r{n:03}")).await.unwrap().unwrap();
        assert_eq!(record.collection.state().name(), "completed");
        assert_eq!(record.collection.attempts().refused(), 0);
    }
}

#[tokio::test]
async fn a_misconfigured_platform_costs_no_attempt() {
    let stage = Stage::on_sqlite().await;
    stage.platform.will([Answer::Misconfigured { code: "AuthFailure.SignatureFailure".to_owned() }]);
    let candidate = stage.candidate(56).await;
    candidate.up_to_verification().await;
    stage.work().await;
    stage.clock.advance(SignedDuration::from_secs(60));
    assert!(!stage.worker.ask_once().await.unwrap(), "a long pause");
    stage.clock.advance(SignedDuration::from_secs(400));
    stage.work().await;
    assert_eq!(candidate.collection().await["state"], "completed");
}

/// Takes results only at the third time of asking, and forgets to say so once.
#[derive(Default)]
struct Stubborn {
    heard: Mutex<Vec<CollectionResult>>,
}

#[async_trait]
impl RegistrationSystem for Stubborn {
    async fn find_by_phone(
        &self,
        _: &str,
        _: &PhoneNumber,
    ) -> Result<Option<Registration>, RegistrationError> {
        Ok(None)
    }

    async fn push(&self, result: &CollectionResult) -> Result<Pushed, RegistrationError> {
        let mut heard = self.heard.lock().await;
        heard.push(result.clone());
        match heard.len() {
            1 => Err(RegistrationError::Unavailable { code: "transport.timeout".to_owned() }),
            2 => Err(RegistrationError::Refused { code: "closed".to_owned() }),
            _ => Ok(Pushed::TakenBefore),
        }
    }
}

#[tokio::test]
async fn a_result_is_told_until_it_is_taken_under_one_key() {
    let stage = Stage::on_sqlite().await;
    stage.candidate(57).await.up_to_verification().await;
    while stage.worker.ask_once().await.unwrap() {}
    let stubborn = Arc::new(Stubborn::default());
    let worker = worker_like(&stage, "d", stubborn.clone());
    for _ in 0..3 {
        while worker.deliver_once().await.unwrap() {}
        stage.clock.advance(SignedDuration::from_secs(400));
    }
    let heard = stubborn.heard.lock().await;
    assert_eq!(heard.len(), 3);
    assert!(heard.iter().all(|r| *r == heard[0]), "the same result under the same idempotency key");
    assert_eq!(heard[0].photo, common::made(common::Shows::GoodPhoto));
    assert_eq!(stage.store.queue_depths().await.unwrap().deliveries, 0);
}

#[tokio::test]
async fn a_code_is_sent_again_after_a_failure_and_not_after_it_has_run_out() {
    let stage = Stage::on_sqlite().await;
    let phone = common::person(58).phone.as_str().to_owned();
    let fails = || SmsError::AskAgain { code: "transport.timeout".to_owned() };
    stage.sms.fails.lock().unwrap().push_back(fails());
    stage.ask_for_code(&phone).await;
    assert_eq!(stage.code_of(&phone).await, None);
    stage.clock.advance(SignedDuration::from_secs(2));
    assert!(stage.code_of(&phone).await.is_some());
    stage.sms.sent.lock().unwrap().clear();
    stage.clock.advance(SignedDuration::from_secs(61));
    stage.sms.fails.lock().unwrap().push_back(fails());
    stage.ask_for_code(&phone).await;
    assert_eq!(stage.code_of(&phone).await, None);
    stage.clock.advance(SignedDuration::from_secs(301));
    assert_eq!(stage.code_of(&phone).await, None);
    assert_eq!(stage.store.queue_depths().await.unwrap().messages, 0);
}

#[tokio::test]
async fn a_worker_that_is_told_to_stop_finishes_what_it_holds() {
    let stage = Stage::on_sqlite().await;
    *stage.platform.slow.lock().unwrap() = Duration::from_millis(300);
    let candidate = stage.candidate(59).await;
    candidate.up_to_verification().await;
    let shutdown = CancellationToken::new();
    let running = tokio::spawn(stage.worker.clone().run(shutdown.clone()));
    while stage.platform.asked.lock().unwrap().is_empty() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    shutdown.cancel();
    running.await.unwrap();
    assert_eq!(candidate.collection().await["state"], "completed");
}

#[tokio::test]
async fn one_persons_daily_limit_does_not_close_the_platform_to_others() {
    let stage = Stage::on_sqlite().await;
    let breaker = store::BreakerPolicy { failures: 1, open_for: Duration::from_secs(20) };
    let worker = Worker {
        settings: Settings { breaker, ..stage.worker.settings.clone() },
        store: stage.store.clone(),
        identity: stage.platform.clone(),
        sms: stage.sms.clone(),
        registration: stage.worker.registration.clone(),
        clock: stage.clock.clone(),
    };
    stage.platform.will([Answer::AskAgain { code: "FailedOperation.IdentityAuthLimitExceeded".to_owned() }]);
    let limited = stage.candidate(57).await;
    limited.up_to_verification().await;
    assert!(worker.ask_once().await.unwrap());
    let other = stage.candidate(58).await;
    other.up_to_verification().await;
    while worker.ask_once().await.unwrap() {}
    assert_eq!(other.collection().await["state"], "completed");
    let waiting = limited.collection().await;
    assert_eq!((&waiting["state"], &waiting["attempts"]["used"]), (&"verifying".into(), &0.into()));
}

#[tokio::test]
async fn a_queue_tells_how_long_its_work_has_been_waiting() {
    for stage in Stage::on_both().await {
        let [attempts, ..] = stage.store.queue_states().await.unwrap();
        assert_eq!((attempts.queued, attempts.running, attempts.open_since), (0, 0, None));
        let now = service::Clock::now(stage.clock.as_ref());
        stage.candidate(3).await.up_to_verification().await;
        stage.platform.will([ask_again()]);
        stage.worker.ask_once().await.unwrap();
        let [attempts, deliveries, messages] = stage.store.queue_states().await.unwrap();
        assert_eq!((attempts.queued, attempts.running, attempts.open_since), (1, 0, Some(now)));
        assert!(attempts.due_since > Some(now), "given back, and due later: {attempts:?}");
        stage.clock.advance(SignedDuration::from_secs(120));
        let later = service::Clock::now(stage.clock.as_ref());
        stage.store.claim_attempt("w", later, Duration::from_secs(60)).await.unwrap().unwrap();
        let [attempts, ..] = stage.store.queue_states().await.unwrap();
        assert_eq!((attempts.queued, attempts.running, attempts.due_since), (0, 1, None));
        assert_eq!((deliveries.queued, messages.queued), (0, 0));
        // One that is being given back counts as in use for a moment.
        let mut pool = stage.store.pool();
        for _ in 0..500 {
            if pool.idle > 0 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
            pool = stage.store.pool();
        }
        assert!(pool.in_use + pool.idle <= pool.most && pool.idle > 0, "{pool:?}");
    }
}
