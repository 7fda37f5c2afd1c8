//! Making an account: from the console, and the first one from the command line.

use domain::{Account, Deed, Role};
use jiff::Timestamp;
use store::{NewAudit, NewStaff, StaffSecrets, Store, StoreError};

use super::{secrets, view::Access};
use crate::Trouble;

/// Makes an account for somebody, and tells once what they sign in with. `actor` is who does it.
///
/// # Errors
/// [`Trouble::AccountMalformed`], [`Trouble::AccountTaken`].
pub async fn add(
    store: &Store,
    actor: &str,
    account: &str,
    role: Role,
    now: Timestamp,
) -> Result<Access, Trouble> {
    let account = Account::parse(account).ok_or(Trouble::AccountMalformed)?;
    let (access, secrets) = fresh(&account).await?;
    let entry = NewAudit::new(actor, Deed::AddStaff.name()).on(account.as_str()).with("role", role.name());
    let tx = store.begin().await?;
    match tx.add_staff(&NewStaff { account, role, secrets }, now).await {
        Err(StoreError::Duplicate(_)) => return Err(Trouble::AccountTaken),
        added => added?,
    };
    tx.audit(&entry, now).await?;
    tx.commit().await?;
    Ok(access)
}

/// A new password and a new second factor for an account: as its owner is told them, and as they are kept.
pub(super) async fn fresh(account: &Account) -> Result<(Access, StaffSecrets), Trouble> {
    let (password, totp) = (secrets::first_password(account)?, secrets::new_secret()?);
    let access = Access::of(account, &password, &totp)?;
    Ok((access, StaffSecrets { password: secrets::hashed(password).await?, totp }))
}
