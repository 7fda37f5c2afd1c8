//! From the recogniser's confidence to one that says how often a field is right.

/// Raw confidences and how often fields read with them are taken to be right: straight lines between. Set by hand, too few captures have
/// been read to fit it; `make read` prints what it is to be fitted to. Below [`super::DOUBTFUL`] a confidence is a mark of doubt, and
/// stays as it is.
const KNOTS: [(f32, f32); 5] = [(0.5, 0.5), (0.7, 0.9), (0.85, 0.97), (0.95, 0.992), (1.0, 0.999)];

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
