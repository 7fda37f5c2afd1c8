//! Times at the edge of the database: Unix milliseconds in it, [`Timestamp`] outside.

use std::time::Duration;

use jiff::Timestamp;

/// The instant as the database keeps it.
pub(crate) fn to_millis(at: Timestamp) -> i64 {
    at.as_millisecond()
}

/// The instant that the database kept; one beyond what a timestamp can hold becomes the nearest that it can.
pub(crate) fn from_millis(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(millis).unwrap_or(if millis < 0 { Timestamp::MIN } else { Timestamp::MAX })
}

/// Milliseconds of a span of time.
pub(crate) fn span(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX / 4)
}
