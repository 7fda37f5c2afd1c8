//! The subcommands, one file each.

pub mod audit;
pub mod backup;
pub mod candidate;
pub mod card;
pub mod exam_session;
pub mod face;
pub mod keys;
pub mod photo;
pub mod roster;
pub mod sandbox;
pub mod serve;
pub mod smoke;
pub mod staff;
pub mod standards;
pub mod worker;

use domain::Finding;
use serde_json::{Value, json};

/// A finding as `--json` prints it.
fn finding_json(finding: &Finding) -> Value {
    json!({
        "id": finding.id, "outcome": finding.outcome, "part": finding.part, "measure": finding.measure,
        "limit": finding.limit, "message": finding.message,
        "spot": finding.spot,
    })
}
