//! How long to wait before asking again: doubling, capped, with jitter, so that many waiting attempts do not ask in step.

use std::time::Duration;

/// A doubling back-off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// The first wait.
    pub first: Duration,
    /// The longest wait.
    pub most: Duration,
}

impl Backoff {
    /// The wait after `tries` fruitless tries (1 after the first): half of it certain, half of it jitter. `random` is in 0..1.
    pub fn after(&self, tries: u32, random: f64) -> Duration {
        let doubled =
            self.first.saturating_mul(1u32.checked_shl(tries.saturating_sub(1)).unwrap_or(u32::MAX));
        doubled.min(self.most).mul_f64(0.5 + 0.5 * random.clamp(0.0, 1.0))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const B: Backoff = Backoff { first: Duration::from_secs(1), most: Duration::from_secs(60) };

    #[test]
    fn it_doubles_up_to_its_cap() {
        let waits: Vec<u64> = (1..=8).map(|n| B.after(n, 1.0).as_secs()).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60]);
    }

    proptest! {
        #[test]
        fn it_is_never_beyond_the_cap_nor_below_half_the_first(tries in 0u32..u32::MAX, random in 0.0f64..1.0) {
            let wait = B.after(tries, random);
            prop_assert!(wait <= B.most && wait >= B.first / 2);
        }
    }
}
