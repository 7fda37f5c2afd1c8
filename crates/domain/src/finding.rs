//! Findings and reports: a measure held against a limit, with advice that a candidate can act on.

use serde::{Deserialize, Serialize};

use crate::{CheckId, Text};

/// What a check came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Within the limit.
    Pass,
    /// Within the limit, but near it.
    Warn,
    /// Beyond the limit.
    Fail,
    /// Not measured, or not measurable honestly.
    NotAssessed,
}

/// One check's result.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// The check.
    pub id: CheckId,
    /// What it came to.
    pub outcome: Outcome,
    /// Which part of the check decided (yaw, pitch, roll …); `None` where nothing was measured.
    pub part: Option<String>,
    /// The deciding measure, in the limit's unit.
    pub measure: Option<f64>,
    /// The limit in words of numbers, `-10..10 deg`; empty where the standard sets none.
    pub limit: String,
    /// What it means and what to change.
    pub message: Text,
    /// Where in the picture it shows; `None` where it is about the whole of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spot: Option<Spot>,
}

/// A rectangle of the upright capture, in shares of its width and height, 0..1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Spot {
    /// Left edge.
    pub left: f32,
    /// Upper edge.
    pub top: f32,
    /// Width.
    pub width: f32,
    /// Height.
    pub height: f32,
}

impl Spot {
    /// The rectangle from `left`, `top` to `right`, `bottom`, in pixels of a picture of that size: what of it lies inside;
    /// `None` where nothing does, or where a number is none.
    pub fn within([left, top, right, bottom]: [f32; 4], [width, height]: [u32; 2]) -> Option<Spot> {
        let share = |at: f32, side: u32| (at / side as f32).clamp(0.0, 1.0);
        let (left, right) = (share(left, width), share(right, width));
        let (top, bottom) = (share(top, height), share(bottom, height));
        let spot = Spot { left, top, width: right - left, height: bottom - top };
        // Comparisons with what is no number are false.
        (right > left && bottom > top).then_some(spot)
    }
}

/// All findings about one photo or one side of a card.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// No check failed.
    pub accepted: bool,
    /// One finding for each check, in the order of [`CheckId`].
    pub findings: Vec<Finding>,
}

impl Report {
    /// Sorts the findings by importance and derives `accepted`.
    pub fn new(mut findings: Vec<Finding>) -> Report {
        findings.sort_by_key(|f| f.id);
        let accepted = findings.iter().all(|f| f.outcome != Outcome::Fail);
        Report { accepted, findings }
    }

    /// The failing findings, most important first.
    pub fn failed(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|f| f.outcome == Outcome::Fail)
    }

    /// The finding of one check.
    pub fn finding(&self, id: CheckId) -> Option<&Finding> {
        self.findings.iter().find(|f| f.id == id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spot_is_what_lies_inside_the_picture() {
        let size = [200, 400];
        let spot = |rect| Spot::within(rect, size);
        assert_eq!(
            spot([-50.0, 100.0, 100.0, 900.0]),
            Some(Spot { left: 0.0, top: 0.25, width: 0.5, height: 0.75 })
        );
        for nothing in [
            [210.0, 0.0, 260.0, 10.0],
            [20.0, 10.0, 20.0, 30.0],
            [f32::MAX, f32::MAX, f32::MIN, f32::MIN],
            [f32::NAN, 0.0, 10.0, 10.0],
        ] {
            assert_eq!(spot(nothing), None, "{nothing:?}");
        }
    }
}
