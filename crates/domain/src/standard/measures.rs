//! What was measured of a photo or a card, check by check.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{CheckId, Spot, Text};

/// What was measured, by check: named parts, or the reason why not; and where in the picture.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Measures {
    checks: BTreeMap<CheckId, Measured>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    spots: BTreeMap<CheckId, BTreeMap<String, Spot>>,
}

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
        self.checks.insert(check, Measured::Parts(parts));
    }

    /// Records that a check could not be measured.
    pub fn put_not_assessed(&mut self, check: CheckId, why: Text) {
        self.checks.insert(check, Measured::NotAssessed(why));
    }

    /// Records where in the picture a part was measured, or what it counts was found.
    pub fn put_spot(&mut self, check: CheckId, part: &str, spot: Spot) {
        self.spots.entry(check).or_default().insert(part.to_owned(), spot);
    }

    /// Where a part was measured.
    pub fn spot(&self, check: CheckId, part: &str) -> Option<Spot> {
        self.spots.get(&check)?.get(part).copied()
    }

    /// What was measured for a check.
    pub fn measured(&self, check: CheckId) -> Option<&Measured> {
        self.checks.get(&check)
    }

    /// The checks, in their order.
    pub fn checks(&self) -> impl Iterator<Item = CheckId> + '_ {
        self.checks.keys().copied()
    }

    /// One part's value.
    pub fn get(&self, check: CheckId, part: &str) -> Option<f64> {
        match self.checks.get(&check)? {
            Measured::Parts(parts) => parts.get(part).copied(),
            Measured::NotAssessed(_) => None,
        }
    }
}
