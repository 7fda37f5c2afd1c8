//! What a standard allows for one measure, and what comes of holding a value against it.

use serde::Serialize;

use crate::Outcome;

/// What a standard allows for one measure. Beyond `min` or `max` fails, beyond `warn_min` or `warn_max` warns.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Limit {
    /// Least value that passes.
    pub min: Option<f64>,
    /// Greatest value that passes.
    pub max: Option<f64>,
    /// Least value that passes without a warning.
    pub warn_min: Option<f64>,
    /// Greatest value that passes without a warning.
    pub warn_max: Option<f64>,
    /// Unit of the measure, for people; lengths in the photo are in `px`, whatever unit the file gives them in.
    pub unit: String,
}

/// On which side of a limit a measure lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beyond {
    /// Too little.
    Below,
    /// Too much.
    Above,
}

impl Limit {
    /// The outcome for a value, and the side on which it lies beyond.
    pub fn hold(&self, value: f64) -> (Outcome, Option<Beyond>) {
        let below = |bound: Option<f64>| bound.is_some_and(|b| value < b);
        let above = |bound: Option<f64>| bound.is_some_and(|b| value > b);
        if value.is_nan() {
            (Outcome::NotAssessed, None)
        } else if below(self.min) {
            (Outcome::Fail, Some(Beyond::Below))
        } else if above(self.max) {
            (Outcome::Fail, Some(Beyond::Above))
        } else if below(self.warn_min) {
            (Outcome::Warn, Some(Beyond::Below))
        } else if above(self.warn_max) {
            (Outcome::Warn, Some(Beyond::Above))
        } else {
            (Outcome::Pass, None)
        }
    }

    /// How much room is left to the nearer bound, relative to the limit's span; negative beyond it.
    pub(super) fn slack(&self, value: f64) -> f64 {
        let span = match (self.min, self.max) {
            (Some(min), Some(max)) if max > min => max - min,
            (Some(bound), _) | (_, Some(bound)) if bound != 0.0 => bound.abs(),
            _ => 1.0,
        };
        let low = self.min.map_or(f64::INFINITY, |min| (value - min) / span);
        let high = self.max.map_or(f64::INFINITY, |max| (max - value) / span);
        low.min(high)
    }

    /// The limit in numbers: `-10..10 deg`, `1 faces`, `at least 1`, `at most 0.3`.
    pub fn in_words(&self) -> String {
        let unit = if self.unit.is_empty() { String::new() } else { format!(" {}", self.unit) };
        match (self.min.or(self.warn_min), self.max.or(self.warn_max)) {
            (Some(min), Some(max)) if min == max => format!("{min}{unit}"),
            (Some(min), Some(max)) => format!("{min}..{max}{unit}"),
            (Some(min), None) => format!("at least {min}{unit}"),
            (None, Some(max)) => format!("at most {max}{unit}"),
            (None, None) => String::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn fails_exactly_beyond_its_limits(value in -100.0f64..100.0, min in -50.0f64..0.0, max in 0.0f64..50.0) {
            let limit = Limit { min: Some(min), max: Some(max), ..Limit::default() };
            let failed = limit.hold(value).0 == Outcome::Fail;
            prop_assert_eq!(failed, value < min || value > max);
            prop_assert_eq!(limit.slack(value) < 0.0, failed);
        }
    }
}
