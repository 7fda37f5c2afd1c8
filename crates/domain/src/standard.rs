//! Photo standards: read from TOML, and measures held against their limits.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{CheckId, Finding, Outcome, Report, Text, advice};

/// A photo standard (照片标准), as its TOML file says.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Standard {
    /// Stable id, the file's stem: `chengkao`.
    pub id: String,
    /// What it is called.
    pub name: Text,
    /// Where its limits come from.
    pub source: Source,
    /// The file that is made.
    pub photo: PhotoFile,
    /// Limits by check, then by part of the check.
    pub checks: BTreeMap<CheckId, BTreeMap<String, Limit>>,
}

/// The public source of a standard.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Title of the notice or norm.
    pub title: String,
    /// Its date, or the date when it was read, ISO 8601.
    pub date: String,
}

/// The file that a standard asks for.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct PhotoFile {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Dots per inch, written into the file.
    pub dpi: u16,
    /// Fewest bytes.
    pub min_bytes: usize,
    /// Most bytes.
    pub max_bytes: usize,
    /// Lowest JPEG quality, 1 to 100.
    pub min_quality: u8,
    /// Background colours allowed, sRGB; the first is the default.
    pub backgrounds: Vec<[u8; 3]>,
    /// File name, with `{number}` for the identity number.
    pub file_name: String,
}

/// What a standard allows for one measure. Beyond `min` or `max` fails, beyond `warn_min` or `warn_max` warns.
#[derive(Debug, Clone, PartialEq, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// Least value that passes.
    pub min: Option<f64>,
    /// Greatest value that passes.
    pub max: Option<f64>,
    /// Least value that passes without a warning.
    pub warn_min: Option<f64>,
    /// Greatest value that passes without a warning.
    pub warn_max: Option<f64>,
    /// Unit of the measure, for people.
    #[serde(default)]
    pub unit: String,
}

/// Why a file is not a standard.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum StandardError {
    /// Not TOML, or not of the schema; the message names line and key.
    #[error("{file}: {message}")]
    Syntax {
        /// The file.
        file: String,
        /// What the parser says.
        message: String,
    },
    /// A value that cannot be meant.
    #[error("{file}: {key}: {remedy}")]
    Value {
        /// The file.
        file: String,
        /// The key in the file.
        key: String,
        /// What to write instead.
        remedy: String,
    },
}

/// On which side of a limit a measure lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beyond {
    /// Too little.
    Below,
    /// Too much.
    Above,
}

/// What was measured, by check: named parts, or the reason why not.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Measures(pub BTreeMap<CheckId, Measured>);

/// One check's measures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measured {
    /// Values by part, in the units that the check's documentation says.
    Parts(BTreeMap<String, f64>),
    /// Not measurable here, and why.
    NotAssessed(Text),
}

impl Measures {
    /// Records one check's parts.
    pub fn put(&mut self, check: CheckId, parts: impl IntoIterator<Item = (&'static str, f64)>) {
        let parts = parts.into_iter().map(|(k, v)| (k.to_owned(), v)).collect();
        self.0.insert(check, Measured::Parts(parts));
    }

    /// Records that a check could not be measured.
    pub fn put_not_assessed(&mut self, check: CheckId, why: Text) {
        self.0.insert(check, Measured::NotAssessed(why));
    }

    /// One part's value.
    pub fn get(&self, check: CheckId, part: &str) -> Option<f64> {
        match self.0.get(&check)? {
            Measured::Parts(parts) => parts.get(part).copied(),
            Measured::NotAssessed(_) => None,
        }
    }
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
    fn slack(&self, value: f64) -> f64 {
        let span = match (self.min, self.max) {
            (Some(min), Some(max)) if max > min => max - min,
            (Some(bound), _) | (_, Some(bound)) if bound != 0.0 => bound.abs(),
            _ => 1.0,
        };
        let low = self.min.map_or(f64::INFINITY, |min| (value - min) / span);
        let high = self.max.map_or(f64::INFINITY, |max| (max - value) / span);
        low.min(high)
    }

    /// The limit in numbers: `-10..10 deg`, `at least 1`, `at most 0.3`.
    pub fn in_words(&self) -> String {
        let unit = if self.unit.is_empty() { String::new() } else { format!(" {}", self.unit) };
        match (self.min.or(self.warn_min), self.max.or(self.warn_max)) {
            (Some(min), Some(max)) => format!("{min}..{max}{unit}"),
            (Some(min), None) => format!("at least {min}{unit}"),
            (None, Some(max)) => format!("at most {max}{unit}"),
            (None, None) => String::new(),
        }
    }
}

impl Standard {
    /// Reads a standard; `file` is named in errors.
    ///
    /// # Errors
    /// [`StandardError`] names file, key and remedy.
    pub fn from_toml(file: &str, text: &str) -> Result<Standard, StandardError> {
        let standard: Standard = toml::from_str(text)
            .map_err(|e| StandardError::Syntax { file: file.to_owned(), message: e.to_string() })?;
        standard.validate(file)?;
        Ok(standard)
    }

    fn validate(&self, file: &str) -> Result<(), StandardError> {
        let wrong = |key: &str, remedy: &str| {
            Err(StandardError::Value { file: file.into(), key: key.into(), remedy: remedy.into() })
        };
        let photo = &self.photo;
        if !(100..=4000).contains(&photo.width) || !(100..=4000).contains(&photo.height) {
            return wrong("photo.width, photo.height", "write pixels between 100 and 4000");
        }
        if photo.min_bytes >= photo.max_bytes {
            return wrong("photo.min_bytes", "write a number below photo.max_bytes");
        }
        if !(1..=100).contains(&photo.min_quality) {
            return wrong("photo.min_quality", "write a JPEG quality between 1 and 100");
        }
        if photo.backgrounds.is_empty() {
            return wrong("photo.backgrounds", "write at least one colour, such as [255, 255, 255]");
        }
        if !photo.file_name.contains("{number}") {
            return wrong("photo.file_name", "write {number} where the identity number belongs");
        }
        for (check, parts) in &self.checks {
            for (part, limit) in parts {
                let key = format!("checks.{check}.{part}");
                let bounds = [limit.min, limit.max, limit.warn_min, limit.warn_max];
                if bounds.iter().all(Option::is_none) {
                    return wrong(&key, "write min, max, warn_min or warn_max");
                }
                if bounds.iter().flatten().any(|b| !b.is_finite()) {
                    return wrong(&key, "write finite numbers");
                }
                if limit.min.zip(limit.max).is_some_and(|(min, max)| min > max) {
                    return wrong(&key, "min is greater than max: exchange them");
                }
            }
        }
        for (check, part) in
            [(CheckId::Framing, "hair_top"), (CheckId::Framing, "eye_line"), (CheckId::FaceSize, "width")]
        {
            let both = self.limit(check, part).is_some_and(|l| l.min.is_some() && l.max.is_some());
            if !both {
                return wrong(
                    &format!("checks.{check}.{part}"),
                    "write both min and max, in pixels: the photo is framed by them",
                );
            }
        }
        Ok(())
    }

    /// The limit of one part of a check.
    pub fn limit(&self, check: CheckId, part: &str) -> Option<&Limit> {
        self.checks.get(&check)?.get(part)
    }

    /// Holds measures against the limits: one finding for each check of a photo.
    pub fn judge(&self, measures: &Measures) -> Report {
        Report::new(CheckId::of_photo().map(|check| self.judge_one(check, measures)).collect())
    }

    /// Holds measures of a card against the limits: one finding for each check that was measured.
    pub fn judge_card(&self, measures: &Measures) -> Report {
        Report::new(
            measures
                .0
                .keys()
                .filter(|c| c.is_of_card())
                .map(|check| self.judge_one(*check, measures))
                .collect(),
        )
    }

    fn judge_one(&self, check: CheckId, measures: &Measures) -> Finding {
        let not_assessed = |message: Text| Finding {
            id: check,
            outcome: Outcome::NotAssessed,
            part: None,
            measure: None,
            limit: String::new(),
            message,
        };
        let parts = match measures.0.get(&check) {
            None => return not_assessed(Text::new("本项未检测。", "This was not assessed.")),
            Some(Measured::NotAssessed(why)) => return not_assessed(why.clone()),
            Some(Measured::Parts(parts)) => parts,
        };
        let Some(limits) = self.checks.get(&check) else {
            return not_assessed(Text::new(
                "照片标准对本项没有要求。",
                "The standard sets no limit for this.",
            ));
        };
        let rank = |o: Outcome| match o {
            Outcome::Fail => 0,
            Outcome::NotAssessed => 1,
            Outcome::Warn => 2,
            Outcome::Pass => 3,
        };
        let worst = limits
            .iter()
            .map(|(part, limit)| {
                let value = parts.get(part).copied().unwrap_or(f64::NAN);
                let (outcome, beyond) = limit.hold(value);
                (rank(outcome), limit.slack(value), part, limit, value, outcome, beyond)
            })
            .min_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
        let Some((_, _, part, limit, value, outcome, beyond)) = worst else {
            return not_assessed(Text::new(
                "照片标准对本项没有要求。",
                "The standard sets no limit for this.",
            ));
        };
        if outcome == Outcome::NotAssessed {
            return not_assessed(Text::new("本项无法可靠检测。", "This could not be measured reliably."));
        }
        Finding {
            id: check,
            outcome,
            part: Some(part.clone()),
            measure: Some(value),
            limit: limit.in_words(),
            message: match beyond {
                None => advice::fine(check),
                Some(beyond) => advice::for_part(check, part, beyond),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;

    fn chengkao() -> Standard {
        Standard::from_toml("chengkao.toml", include_str!("../../../standards/chengkao.toml")).unwrap()
    }

    #[test]
    fn every_check_is_answered_even_when_nothing_was_measured() {
        let report = chengkao().judge(&Measures::default());
        assert_eq!(report.findings.len(), 29);
        assert!(report.findings.iter().all(|f| f.outcome == Outcome::NotAssessed));
    }

    #[test]
    fn a_measure_that_is_no_number_never_passes() {
        let mut m = Measures::default();
        m.put(CheckId::HeadPose, [("yaw", f64::NAN), ("pitch", 0.0), ("roll", 0.0)]);
        let report = chengkao().judge(&m);
        assert_eq!(report.finding(CheckId::HeadPose).unwrap().outcome, Outcome::NotAssessed);
    }

    #[test]
    fn a_part_that_was_not_measured_never_passes() {
        let mut m = Measures::default();
        m.put(CheckId::HeadPose, [("yaw", 1.0), ("pitch", 0.0)]);
        assert_eq!(chengkao().judge(&m).finding(CheckId::HeadPose).unwrap().outcome, Outcome::NotAssessed);
    }

    #[test]
    fn the_worst_part_decides_and_is_named() {
        let mut m = Measures::default();
        m.put(CheckId::HeadPose, [("yaw", 12.0), ("pitch", 25.0), ("roll", 0.0)]);
        let report = chengkao().judge(&m);
        let finding = report.finding(CheckId::HeadPose).unwrap();
        assert_eq!(
            (finding.outcome, finding.part.as_deref(), finding.measure),
            (Outcome::Fail, Some("pitch"), Some(25.0))
        );
        assert!(!report.accepted);
    }

    #[test]
    fn a_broken_standard_is_told_by_file_key_and_remedy() {
        let text =
            include_str!("../../../standards/chengkao.toml").replace("min_quality = 60", "min_quality = 0");
        let error = Standard::from_toml("x.toml", &text).unwrap_err().to_string();
        assert_eq!(error, "x.toml: photo.min_quality: write a JPEG quality between 1 and 100");
    }

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
