//! The bounded pool in which pictures are decoded and looked at: as many at once as there are cores, and a queue no longer than can be
//! served in time. Whoever comes beyond that is told at once when to come back, and comes back to the place that they had. It stays
//! theirs for the whole journey: who was sent away for the card's first side is not sent away again for each picture after it.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use store::CollectionId;
use tokio::sync::oneshot;

use crate::{
    Trouble,
    meters::{self, Counted},
};

/// Longest that anybody is asked to stay away, in seconds: the page sits through it by itself.
const AWAY_MOST_S: u64 = 30;
/// For how long a place is kept for somebody who does not come, and for how many. A journey's next picture takes a minute or two.
const KEPT: Duration = Duration::from_secs(600);
const KEPT_MOST: usize = 50_000;
/// How much later than told somebody may come back before others are not told to wait for them any more.
const LATE: Duration = Duration::from_secs(10);
/// How often places are looked through for those that nobody came back to.
const TIDIED: Duration = Duration::from_secs(5);
/// What a piece of work is taken to need before any was done, in seconds, and the share by which each one done changes that.
const FIRST_GUESS_S: f64 = 0.25;
const CHANGE: f64 = 0.05;

/// Whose turn it is.
#[derive(Debug, Clone, Copy)]
pub enum Whose {
    /// A candidate's who uploads: in the order in which they came, or were first told to come back.
    Upload(CollectionId),
    /// That of short work which somebody waits for who had their turn before: ahead of all uploads.
    Next,
}

/// The pool; cheap to clone.
#[derive(Clone)]
pub struct PixelPool {
    queue: Arc<Mutex<Queue>>,
}

/// When they came; `None` goes ahead of everybody. The number tells apart who came at once.
type Place = (Option<Instant>, u64);

struct Queue {
    running: usize,
    places: usize,
    patience: Duration,
    waiting: BTreeMap<Place, oneshot::Sender<Turn>>,
    kept: HashMap<CollectionId, Kept>,
    tidied: Instant,
    numbers: u64,
    /// What a piece of work took lately, in seconds.
    work_s: f64,
}

/// The place of a candidate who was once told to come back, and until when it is theirs.
struct Kept {
    place: Place,
    until: Instant,
    /// Until when they are expected back, if they are away.
    away: Option<Instant>,
}

impl Queue {
    /// Seconds until it is the turn of whoever has so many ahead.
    fn wait_s(&self, ahead: usize) -> f64 {
        (ahead + 1) as f64 * self.work_s / self.places as f64
    }

    /// The place of whoever comes; a new one is behind all others.
    fn place(&mut self, whose: Whose, now: Instant) -> Place {
        self.numbers += 1;
        let new = (Some(now), self.numbers);
        let Whose::Upload(collection) = whose else { return (None, self.numbers) };
        if now >= self.tidied + TIDIED {
            self.kept.retain(|_, kept| kept.until > now);
            self.tidied = now;
        }
        match self.kept.get_mut(&collection) {
            Some(kept) if kept.until > now => {
                (kept.until, kept.away) = (now + KEPT, None);
                kept.place
            }
            _ => new,
        }
    }

    /// Whether the turn of whoever comes now would not come in time; `None` if it would.
    fn too_late(&mut self, whose: Whose, place: Place, now: Instant) -> Option<Trouble> {
        let ahead = self.waiting.range(..place).count();
        (self.running == self.places && self.wait_s(ahead) > self.patience.as_secs_f64())
            .then(|| self.send_away(whose, place, now))
    }

    /// Sends somebody away, and says for how many seconds.
    fn send_away(&mut self, whose: Whose, place: Place, now: Instant) -> Trouble {
        let comes = |kept: &&Kept| kept.place < place && kept.away.is_some_and(|until| until > now);
        let elder = self.kept.values().filter(comes).count();
        let wait_s = self.wait_s(self.waiting.range(..place).count() + elder);
        // What is left of the wait then, they may spend in the queue.
        let after_s = ((wait_s - self.patience.as_secs_f64()).ceil() as u64).clamp(1, AWAY_MOST_S);
        if let Whose::Upload(collection) = whose
            && (self.kept.len() < KEPT_MOST || self.kept.contains_key(&collection))
        {
            let away = Some(now + Duration::from_secs(after_s) + LATE);
            self.kept.insert(collection, Kept { place, until: now + KEPT, away });
        }
        Trouble::Busy { after_s }
    }
}

/// A place among those that run; free for the next when dropped.
struct Turn(Option<Arc<Mutex<Queue>>>);

/// Lets begin whoever may.
fn call(queue: &Arc<Mutex<Queue>>, locked: &mut Queue) {
    while locked.running < locked.places {
        let Some((_, called)) = locked.waiting.pop_first() else { break };
        // Who went away in this moment has no turn to give back.
        match called.send(Turn(Some(queue.clone()))) {
            Ok(()) => locked.running += 1,
            Err(mut turn) => turn.0 = None,
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(queue) = self.0.take() {
            let mut locked = lock(&queue);
            locked.running -= 1;
            call(&queue, &mut locked);
        }
    }
}

/// A place among those that wait; given up when dropped.
struct Waiting<'a> {
    pool: &'a PixelPool,
    place: Place,
    called: oneshot::Receiver<Turn>,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        lock(&self.pool.queue).waiting.remove(&self.place);
    }
}

/// Counts whom we send away.
fn busy(step: &'static str, trouble: Trouble) -> Trouble {
    metrics::counter!(meters::PIXELS_BUSY, "step" => step).increment(1);
    trouble
}

fn lock(queue: &Mutex<Queue>) -> MutexGuard<'_, Queue> {
    queue.lock().unwrap_or_else(PoisonError::into_inner)
}

impl PixelPool {
    /// A pool in which `workers` pieces of work run at once, and work waits at most `patience` for its turn.
    pub fn new(workers: usize, patience: Duration) -> PixelPool {
        let queue = Queue {
            running: 0,
            places: workers.max(1),
            patience,
            waiting: BTreeMap::new(),
            kept: HashMap::new(),
            tidied: Instant::now(),
            numbers: 0,
            work_s: FIRST_GUESS_S,
        };
        PixelPool { queue: Arc::new(Mutex::new(queue)) }
    }

    /// How much work may run at once.
    pub(crate) fn places(&self) -> usize {
        lock(&self.queue).places
    }

    /// Says so where the turn of this candidate's next picture would not come in time, before anybody takes the trouble to receive it.
    ///
    /// # Errors
    /// [`Trouble::Busy`].
    pub(crate) fn expect(&self, step: &'static str, collection: CollectionId) -> Result<(), Trouble> {
        let (whose, now) = (Whose::Upload(collection), Instant::now());
        let mut queue = lock(&self.queue);
        let place = queue.place(whose, now);
        queue.too_late(whose, place, now).map_or(Ok(()), |trouble| Err(busy(step, trouble)))
    }

    /// Takes a place in the queue, where its turn will come in time.
    fn enqueue(&self, whose: Whose) -> Result<Waiting<'_>, Trouble> {
        let now = Instant::now();
        let mut queue = lock(&self.queue);
        let mut place = queue.place(whose, now);
        if let Some(trouble) = queue.too_late(whose, place, now) {
            return Err(trouble);
        }
        // A candidate may send two at once.
        if queue.waiting.contains_key(&place) {
            place.1 = queue.numbers;
        }
        let (call_us, called) = oneshot::channel();
        queue.waiting.insert(place, call_us);
        call(&self.queue, &mut queue);
        Ok(Waiting { pool: self, place, called })
    }

    async fn turn(&self, whose: Whose) -> Result<Turn, Trouble> {
        let mut waiting = self.enqueue(whose)?;
        let patience = lock(&self.queue).patience;
        match tokio::time::timeout(patience, &mut waiting.called).await {
            Ok(Ok(turn)) => Ok(turn),
            _ => Err(lock(&self.queue).send_away(whose, waiting.place, Instant::now())),
        }
    }

    /// Runs work on a thread of its own.
    ///
    /// # Errors
    /// [`Trouble::Busy`] when its turn would not come, or does not come, in time; [`Trouble::Internal`] when it panics.
    pub async fn run<T: Send + 'static>(
        &self,
        step: &'static str,
        whose: Whose,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Trouble> {
        let begun = Instant::now();
        let waiting = Counted::in_gauge(meters::PIXELS_WAITING);
        let turn = self.turn(whose).await;
        drop(waiting);
        let turn = turn.map_err(|trouble| busy(step, trouble))?;
        metrics::histogram!(meters::PIXELS_WAIT_SECONDS, "step" => step)
            .record(begun.elapsed().as_secs_f64());
        let begun = Instant::now();
        // The turn goes with the work: a client that goes away does not free a thread that still runs.
        let (span, queue) = (tracing::Span::current(), self.queue.clone());
        let done = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            let _running = Counted::in_gauge(meters::PIXELS_RUNNING);
            let done = span.in_scope(work);
            let mut queue = lock(&queue);
            queue.work_s += CHANGE * (begun.elapsed().as_secs_f64() - queue.work_s);
            done
        })
        .await;
        metrics::histogram!(meters::PIXELS_SECONDS, "step" => step).record(begun.elapsed().as_secs_f64());
        done.map_err(|_| {
            tracing::error!(step, "looking at a picture panicked");
            Trouble::Internal
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use tokio::task::JoinHandle;
    use uuid::Uuid;

    use super::*;

    fn somebody() -> Whose {
        Whose::Upload(CollectionId(Uuid::new_v4()))
    }

    /// Work of one who keeps a place of the pool until told to end.
    async fn holds(pool: &PixelPool) -> (mpsc::Sender<()>, JoinHandle<Result<(), Trouble>>) {
        let (end, until) = mpsc::channel::<()>();
        let (pool, begun) = (pool.clone(), Arc::new(tokio::sync::Notify::new()));
        let notify = begun.clone();
        let work = move || {
            notify.notify_one();
            let _ = until.recv();
        };
        let running = tokio::spawn(async move { pool.run("test", somebody(), work).await });
        begun.notified().await;
        (end, running)
    }

    fn waiting(pool: &PixelPool) -> usize {
        lock(&pool.queue).waiting.len()
    }

    async fn until(what: impl Fn() -> bool) {
        while !what() {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn work_beyond_the_pool_waits_its_turn_and_then_is_told_to_come_back() {
        let pool = PixelPool::new(1, Duration::from_millis(300));
        let (end, held) = holds(&pool).await;
        assert_eq!(pool.run("test", somebody(), || ()).await, Err(Trouble::Busy { after_s: 1 }));
        drop(end);
        assert_eq!(held.await.ok(), Some(Ok(())));
        assert_eq!(pool.run("test", somebody(), || 7).await, Ok(7));
    }

    #[tokio::test]
    async fn whose_turn_cannot_come_in_time_is_told_so_at_once() {
        let pool = PixelPool::new(1, Duration::from_secs(600));
        lock(&pool.queue).work_s = 400.0;
        let (end, held) = holds(&pool).await;
        let first = tokio::spawn({
            let pool = pool.clone();
            async move { pool.run("test", somebody(), || ()).await }
        });
        until(|| waiting(&pool) == 1).await;
        let (busy, late) = (Err(Trouble::Busy { after_s: AWAY_MOST_S }), CollectionId(Uuid::new_v4()));
        assert_eq!(pool.expect("test", late), busy.clone());
        assert_eq!(pool.run("test", Whose::Upload(late), || ()).await, busy);
        drop(end);
        assert_eq!((held.await.ok(), first.await.ok()), (Some(Ok(())), Some(Ok(()))));
    }

    /// In which order these have their turns, who all come while the one place is held, after `elder` was sent away.
    async fn turns(elder: Whose, come: &[(Whose, &'static str)]) -> Vec<&'static str> {
        let pool = PixelPool::new(1, Duration::from_secs(600));
        let (end, held) = holds(&pool).await;
        lock(&pool.queue).work_s = 1_000.0;
        assert_eq!(pool.run("test", elder, || ()).await, Err(Trouble::Busy { after_s: AWAY_MOST_S }));
        lock(&pool.queue).work_s = 0.1;
        let order = Arc::new(Mutex::new(Vec::new()));
        let mut came = Vec::new();
        for (n, &(whose, name)) in come.iter().enumerate() {
            let (pool_too, order) = (pool.clone(), order.clone());
            let note = move || order.lock().unwrap_or_else(PoisonError::into_inner).push(name);
            came.push(tokio::spawn(async move { pool_too.run("test", whose, note).await }));
            until(|| waiting(&pool) == n + 1).await;
        }
        drop(end);
        held.await.ok();
        for one in came {
            assert_eq!(one.await.ok(), Some(Ok(())));
        }
        order.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    #[tokio::test]
    async fn who_was_sent_away_comes_back_ahead_of_who_came_later() {
        let elder = somebody();
        let come =
            [(somebody(), "later"), (elder, "elder"), (Whose::Next, "short work"), (somebody(), "last")];
        assert_eq!(turns(elder, &come).await, ["short work", "elder", "later", "last"]);
    }

    #[tokio::test]
    async fn a_journey_waits_once() {
        let elder = somebody();
        let come = [(somebody(), "younger"), (elder, "elder"), (elder, "elder again")];
        assert_eq!(turns(elder, &come).await, ["elder", "elder again", "younger"]);
    }

    #[tokio::test]
    async fn who_goes_away_while_waiting_leaves_the_turn_to_others() {
        let pool = PixelPool::new(1, Duration::from_secs(600));
        let (end, held) = holds(&pool).await;
        let gone = tokio::spawn({
            let pool = pool.clone();
            async move { pool.run("test", somebody(), || ()).await }
        });
        until(|| waiting(&pool) == 1).await;
        gone.abort();
        gone.await.ok();
        assert_eq!(waiting(&pool), 0);
        // Called, and gone before hearing of it.
        let called = pool.enqueue(somebody()).ok();
        drop(end);
        held.await.ok();
        drop(called);
        assert_eq!(pool.run("test", somebody(), || 7).await, Ok(7));
    }

    #[tokio::test]
    async fn a_panic_is_ours_and_frees_its_place() {
        let pool = PixelPool::new(1, Duration::from_millis(500));
        let panicked =
            pool.run("test", somebody(), || -> () { std::panic::resume_unwind(Box::new(())) }).await;
        assert_eq!(panicked, Err(Trouble::Internal));
        assert_eq!(pool.run("test", somebody(), || 7).await, Ok(7));
    }
}
