//! From the recogniser's confidence to one that says how often a field is right.

/// Raw confidences and how often fields read with them are right: straight lines between. Of 8,893 fields of drawn captures that were read
/// with 0.5 or more, 8,891 were right (`docs/reading.md`), the two wrong ones at 0.99, for a row that was not seen and a label read along; so these are the
/// shares that such counts still allow in each range, and not 1. Below [`super::DOUBTFUL`] a confidence is a mark of doubt, and stays as it is.
const KNOTS: [(f32, f32); 5] = [(0.5, 0.93), (0.7, 0.985), (0.85, 0.995), (0.95, 0.998), (1.0, 0.9995)];

/// The calibrated confidence of a field, 0 to 1.
pub(super) fn calibrated(raw: f32) -> f32 {
    let raw = raw.clamp(0.0, 1.0);
    if raw < KNOTS[0].0 {
        return raw;
    }
    let above = KNOTS.iter().position(|(from, _)| *from >= raw).unwrap_or(KNOTS.len() - 1).max(1);
    let ((a, from), (b, to)) = (KNOTS[above - 1], KNOTS[above]);
    from + (to - from) * (raw - a) / (b - a)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_of_the_one_is_more_of_the_other_and_doubt_stays_doubt() {
        let told: Vec<f32> = (0..=100).map(|i| calibrated(i as f32 / 100.0)).collect();
        assert!(told.windows(2).all(|pair| pair[0] < pair[1]));
        assert!((calibrated(0.4) - 0.4).abs() < 1e-6 && told[100] < 1.0);
    }
}
