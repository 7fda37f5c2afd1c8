//! The comparison of the card's picture with the photo, before an attempt is spent: it warns, and never decides.

use serde::{Deserialize, Serialize};

/// What the candidate did about a warning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decided {
    /// 重新拍照: took, or began to take, another photo.
    RetakePhoto,
    /// 仍然提交: had the platform asked.
    SubmitAllTheSame,
}

/// One comparison, as it is kept for the office. No feature of a face is in it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// How alike the two faces are, 0 to 100; docs/faces.md derives the scale.
    pub similarity: f64,
    /// The limit that was in force: below it the candidate is warned.
    pub warn_below: f64,
    /// What the candidate then did; nothing yet, or there was no warning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided: Option<Decided>,
}

impl Comparison {
    /// A comparison just made.
    #[must_use]
    pub fn new(similarity: f64, warn_below: f64) -> Comparison {
        Comparison { similarity, warn_below, decided: None }
    }

    /// Whether the two look clearly unlike. A similarity that is no number warns of nothing.
    #[must_use]
    pub fn warns(&self) -> bool {
        self.similarity < self.warn_below
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_warning_is_below_the_limit_and_a_limit_of_none_warns_of_nothing() {
        assert!(Comparison::new(8.9, 9.0).warns());
        assert!(!Comparison::new(9.0, 9.0).warns());
        assert!(!Comparison::new(0.0, 0.0).warns());
        assert!(!Comparison::new(f64::NAN, 9.0).warns());
    }

    #[test]
    fn the_kept_form_is_stable() {
        let made = Comparison::new(4.5, 9.0);
        let kept = serde_json::to_string(&made).unwrap();
        assert_eq!(kept, r#"{"similarity":4.5,"warn_below":9.0}"#);
        assert_eq!(serde_json::from_str::<Comparison>(&kept).unwrap(), made);
        let decided = Comparison { decided: Some(Decided::SubmitAllTheSame), ..made };
        let kept = serde_json::to_string(&decided).unwrap();
        assert!(kept.ends_with(r#""decided":"submit_all_the_same"}"#), "{kept}");
    }
}
