//! The audit log, for those who may read it.

use domain::Deed;
use store::AuditFilter;

use super::{
    Officer,
    view::{AuditPage, AuditProof},
};
use crate::{Service, Trouble};

/// Entries of a page.
const PAGE: u64 = 100;

impl Service {
    /// A page of the log, the newest entry first.
    ///
    /// # Errors
    /// [`Trouble::NotAllowed`].
    pub async fn audit(&self, officer: &Officer, filter: &AuditFilter) -> Result<AuditPage, Trouble> {
        officer.may(Deed::SeeAudit)?;
        let entries = self.store.audit_page(filter, PAGE + 1).await?;
        Ok(AuditPage::of(entries, PAGE as usize))
    }

    /// Holds every entry against its hash.
    ///
    /// # Errors
    /// [`Trouble::NotAllowed`]; what is wrong with the log is in the proof.
    pub async fn verify_audit(&self, officer: &Officer) -> Result<AuditProof, Trouble> {
        officer.may(Deed::VerifyAudit)?;
        Ok(match self.store.verify_audit(None).await? {
            Ok(head) => AuditProof { unbroken: true, entries: head.number, hash: head.hash, problem: None },
            Err(broken) => {
                tracing::error!(%broken, "the audit log is broken");
                AuditProof {
                    unbroken: false,
                    entries: 0,
                    hash: String::new(),
                    problem: Some(broken.to_string()),
                }
            }
        })
    }
}
