//! The bounded pool in which pictures are decoded and looked at: as many at once as there are cores, a short queue, and a
//! told deadline instead of a growing one.

use std::{sync::Arc, time::Duration};

use tokio::sync::Semaphore;

use crate::{
    Trouble,
    meters::{self, Counted},
};

/// The pool; cheap to clone.
#[derive(Clone)]
pub struct PixelPool {
    workers: Arc<Semaphore>,
    places: usize,
    patience: Duration,
}

impl PixelPool {
    /// A pool of `workers`, where work waits at most `patience` for its turn.
    pub fn new(workers: usize, patience: Duration) -> PixelPool {
        let places = workers.max(1);
        PixelPool { workers: Arc::new(Semaphore::new(places)), places, patience }
    }

    /// How much work may run at once.
    pub(crate) fn places(&self) -> usize {
        self.places
    }

    /// Runs work on a thread of its own.
    ///
    /// # Errors
    /// [`Trouble::Busy`] when its turn does not come in time; [`Trouble::Internal`] when it panics.
    pub async fn run<T: Send + 'static>(
        &self,
        step: &'static str,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Trouble> {
        let begun = std::time::Instant::now();
        let waiting = Counted::in_gauge(meters::PIXELS_WAITING);
        let turn = tokio::time::timeout(self.patience, self.workers.clone().acquire_owned()).await;
        drop(waiting);
        let Ok(Ok(turn)) = turn else {
            metrics::counter!(meters::PIXELS_BUSY, "step" => step).increment(1);
            return Err(Trouble::Busy { after_s: self.patience.as_secs().clamp(2, 10) });
        };
        metrics::histogram!(meters::PIXELS_WAIT_SECONDS, "step" => step)
            .record(begun.elapsed().as_secs_f64());
        let begun = std::time::Instant::now();
        // The turn goes with the work: a client that goes away does not free a thread that still runs.
        let span = tracing::Span::current();
        let done = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            let _running = Counted::in_gauge(meters::PIXELS_RUNNING);
            span.in_scope(work)
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
    use super::*;

    #[tokio::test]
    async fn work_beyond_the_pool_waits_its_turn_and_then_is_told_to_come_back() {
        let pool = PixelPool::new(1, Duration::from_millis(50));
        let slow = tokio::spawn({
            let pool = pool.clone();
            async move { pool.run("test", || std::thread::sleep(Duration::from_millis(300))).await }
        });
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert_eq!(pool.run("test", || ()).await, Err(Trouble::Busy { after_s: 2 }));
        assert_eq!(slow.await.ok(), Some(Ok(())));
        assert_eq!(pool.run("test", || 7).await, Ok(7));
    }

    #[tokio::test]
    async fn a_panic_is_ours_and_frees_its_place() {
        let pool = PixelPool::new(1, Duration::from_millis(50));
        let panicked = pool.run("test", || -> () { std::panic::resume_unwind(Box::new(())) }).await;
        assert_eq!(panicked, Err(Trouble::Internal));
        assert_eq!(pool.run("test", || 7).await, Ok(7));
    }
}
