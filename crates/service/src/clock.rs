//! The clock, passed in, so that tests say what time it is.

use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp, Zoned, civil::Date, tz};

/// Tells the time.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;

    /// Today in China, where cards expire at the end of a day.
    fn today(&self) -> Date {
        local(self.now()).date()
    }
}

/// The hours by which China's one time zone is ahead of UTC, all year round.
pub const HOURS_AHEAD: i8 = 8;

/// An instant in the office's local time, which is China's.
pub fn local(at: Timestamp) -> Zoned {
    at.to_zoned(tz::offset(HOURS_AHEAD).to_time_zone())
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// A clock that a test sets.
#[derive(Debug)]
pub struct ManualClock(Mutex<Timestamp>);

impl ManualClock {
    /// A clock that stands at `at`.
    pub fn at(at: Timestamp) -> ManualClock {
        ManualClock(Mutex::new(at))
    }

    /// Moves it on.
    pub fn advance(&self, by: SignedDuration) {
        let mut now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *now = now.saturating_add(by).unwrap_or(*now);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_day_begins_at_midnight_in_china() {
        let clock = ManualClock::at("2026-11-22T15:59:59Z".parse().unwrap());
        assert_eq!(clock.today().to_string(), "2026-11-22");
        clock.advance(SignedDuration::from_secs(1));
        assert_eq!(clock.today().to_string(), "2026-11-23");
    }
}
