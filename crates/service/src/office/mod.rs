//! The office's side: who signs in, what they may do, and what they do. Every deed is held against the role here, whoever asks, and stands
//! in the audit log together with its effect.

mod access;
mod archive;
mod audit;
mod candidates;
mod desk;
pub mod downloads;
mod exams;
mod inspections;
pub mod numbers;
pub mod photos;
mod rosters;
mod secrets;
mod sign_in;
mod staff;
pub mod view;

use std::time::Duration;

use domain::{Account, Deed, Role};
use jiff::Timestamp;
use store::{NewAudit, StaffId};

pub use access::add as add_staff;
pub use candidates::{Correction, Search};
pub use inspections::Verdict;
pub use rosters::RosterPlace;
pub use sign_in::SignIn;

use crate::{Service, Trouble};

/// Most characters of a reason.
const LONGEST_REASON: usize = 500;

/// A person of the office with a live session.
#[derive(Debug, Clone)]
pub struct Officer {
    id: StaffId,
    account: Account,
    role: Role,
}

impl Officer {
    /// What they may do.
    pub fn role(&self) -> Role {
        self.role
    }

    /// Refuses a deed that their role does not allow.
    fn may(&self, deed: Deed) -> Result<(), Trouble> {
        if self.role.may(deed) {
            return Ok(());
        }
        metrics::counter!(crate::meters::OFFICE_REFUSED, "deed" => deed.name()).increment(1);
        Err(Trouble::NotAllowed)
    }

    /// The audit log's entry of a deed of theirs.
    fn does(&self, deed: Deed) -> NewAudit {
        NewAudit::new(self.account.as_str(), deed.name())
    }
}

/// A reason as it is kept: trimmed, not empty, not endless.
fn reason(text: &str) -> Result<&str, Trouble> {
    let reason = text.trim();
    if reason.is_empty() || reason.chars().count() > LONGEST_REASON {
        return Err(Trouble::ReasonMissing);
    }
    Ok(reason)
}

impl Service {
    /// The person of the office whose token this is.
    ///
    /// # Errors
    /// [`Trouble::SessionExpired`] for any token that reaches nobody, or was not used for too long.
    pub async fn officer(&self, token: &str) -> Result<Officer, Trouble> {
        let now = self.clock.now();
        let found = self
            .store
            .staff_session(
                token,
                before(now, self.rules.office_longest),
                before(now, self.rules.office_idle),
                now,
            )
            .await?;
        let staff = found.ok_or(Trouble::SessionExpired)?.staff;
        Ok(Officer { id: staff.id, account: staff.account, role: staff.role })
    }
}

fn before(now: Timestamp, by: Duration) -> Timestamp {
    now.saturating_sub(by).unwrap_or(Timestamp::MIN)
}
