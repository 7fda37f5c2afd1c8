//! What was measured of a photo or a card, check by check.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{CheckId, Text};

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
