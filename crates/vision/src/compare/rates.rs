//! How often a limit of the distance is wrong: false matches among different people, false non-matches among one person's pictures.
//! Terms as in ISO/IEC 19795-1.

/// Distances of pairs whose truth is known.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Distances {
    /// Between two pictures of one person, in ascending order.
    same: Vec<f32>,
    /// Between pictures of different people, in ascending order.
    different: Vec<f32>,
}

/// Where both rates are the same, or nearest to it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EqualError {
    /// The mean of both rates there, 0 to 1.
    pub rate: f64,
    /// The distance at which it is reached.
    pub distance: f32,
}

impl Distances {
    /// From pairs of one person and of different people, in any order; what is no number is left out.
    #[must_use]
    pub fn new(mut same: Vec<f32>, mut different: Vec<f32>) -> Distances {
        for kind in [&mut same, &mut different] {
            kind.retain(|distance| distance.is_finite());
            kind.sort_by(f32::total_cmp);
        }
        Distances { same, different }
    }

    /// Distances of one person's pictures, ascending.
    #[must_use]
    pub fn same(&self) -> &[f32] {
        &self.same
    }

    /// Distances of different people's pictures, ascending.
    #[must_use]
    pub fn different(&self) -> &[f32] {
        &self.different
    }

    /// Share of different people's pairs that are at most so far apart, 0 to 1; `None` without such pairs.
    #[must_use]
    pub fn false_match(&self, limit: f32) -> Option<f64> {
        share(&self.different, |distance| distance <= limit)
    }

    /// Share of one person's pairs that are farther apart, 0 to 1; `None` without such pairs.
    #[must_use]
    pub fn false_non_match(&self, limit: f32) -> Option<f64> {
        share(&self.same, |distance| distance <= limit).map(|within| 1.0 - within)
    }

    /// The equal error rate; `None` unless there are pairs of both kinds.
    #[must_use]
    pub fn equal_error(&self) -> Option<EqualError> {
        let at = |distance: &f32| {
            let rates = (self.false_match(*distance)?, self.false_non_match(*distance)?);
            Some(((rates.0 - rates.1).abs(), (rates.0 + rates.1) / 2.0, *distance))
        };
        // The rates change only at distances that occur; of several that do equally well the smallest is told.
        let all = self.same.iter().chain(&self.different).filter_map(at);
        let best =
            all.min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)).then(a.2.total_cmp(&b.2)))?;
        Some(EqualError { rate: best.1, distance: best.2 })
    }
}

/// The distance that a share of 0 to 1 of ascending distances does not exceed; `None` if there are none.
#[must_use]
pub fn quantile(ascending: &[f32], share: f64) -> Option<f32> {
    let last = ascending.len().checked_sub(1)?;
    let index = (share.clamp(0.0, 1.0) * ascending.len() as f64).ceil() as usize;
    ascending.get(index.saturating_sub(1).min(last)).copied()
}

fn share(ascending: &[f32], within: impl Fn(f32) -> bool) -> Option<f64> {
    let count = ascending.partition_point(|&distance| within(distance));
    (!ascending.is_empty()).then(|| count as f64 / ascending.len() as f64)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn rates_count_pairs_on_the_wrong_side_of_the_limit() {
        let distances = Distances::new(vec![0.5, 0.3, 0.7, 0.4], vec![0.9, 0.6, 1.0, 0.8, f32::NAN]);
        assert_eq!(distances.different().len(), 4);
        let rates =
            |limit| (distances.false_match(limit).unwrap(), distances.false_non_match(limit).unwrap());
        assert_eq!(rates(0.2), (0.0, 1.0));
        assert_eq!(rates(0.55), (0.0, 0.25));
        assert_eq!(rates(0.65), (0.25, 0.25));
        assert_eq!(rates(0.7), (0.25, 0.0));
        assert_eq!(rates(1.0), (1.0, 0.0));
        assert_eq!(distances.equal_error(), Some(EqualError { rate: 0.25, distance: 0.6 }));
    }

    #[test]
    fn people_who_are_told_apart_have_an_equal_error_of_nothing() {
        let apart = Distances::new(vec![0.2, 0.4], vec![0.6, 0.8]);
        assert_eq!(apart.equal_error(), Some(EqualError { rate: 0.0, distance: 0.4 }));
        assert_eq!(Distances::new(vec![0.2], vec![]).equal_error(), None);
        assert_eq!(Distances::default().false_match(0.5), None);
    }

    #[test]
    fn a_quantile_is_the_distance_that_a_share_does_not_exceed() {
        let ascending: Vec<f32> = (1..=100).map(|n| n as f32).collect();
        assert_eq!(quantile(&ascending, 0.99), Some(99.0));
        assert_eq!(quantile(&ascending, 0.5), Some(50.0));
        assert_eq!((quantile(&ascending, 0.0), quantile(&ascending, 1.0)), (Some(1.0), Some(100.0)));
        assert_eq!(quantile(&[], 0.5), None);
    }
}
