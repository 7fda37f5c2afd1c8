//! Who works at the office: an administrator's business, and everybody's own password.

use domain::{Deed, Role, office::password_will_do};
use zeroize::Zeroizing;

use super::{
    Officer, access, secrets,
    view::{Access, Staff},
};
use crate::{Service, Trouble};

impl Service {
    /// Everybody who has an account.
    ///
    /// # Errors
    /// [`Trouble::NotAllowed`].
    pub async fn staff(&self, officer: &Officer) -> Result<Vec<Staff>, Trouble> {
        officer.may(Deed::SeeStaff)?;
        let now = self.clock.now();
        Ok(self.store.all_staff().await?.into_iter().map(|staff| Staff::of(staff, now)).collect())
    }

    /// Makes an account, and tells once what its owner signs in with.
    ///
    /// # Errors
    /// [`Trouble::NotAllowed`], and those of [`add`](super::add_staff).
    pub async fn add_staff(&self, officer: &Officer, account: &str, role: Role) -> Result<Access, Trouble> {
        officer.may(Deed::AddStaff)?;
        access::add(&self.store, officer.account.as_str(), account, role, self.clock.now()).await
    }

    /// Gives an account another role, or takes its access or gives it back; its sessions end.
    ///
    /// # Errors
    /// [`Trouble::NotAllowed`], [`Trouble::NotFound`], [`Trouble::LastAdministrator`].
    pub async fn change_staff(
        &self,
        officer: &Officer,
        account: &str,
        role: Role,
        active: bool,
    ) -> Result<(), Trouble> {
        officer.may(Deed::ChangeStaff)?;
        let store::Staff { id, account, .. } = self.staff_named(account).await?;
        let now = self.clock.now();
        let tx = self.store.begin().await?;
        // First: whoever else changes an account waits here, so that two cannot take each other's access.
        let entry = officer
            .does(Deed::ChangeStaff)
            .on(account.as_str())
            .with("role", role.name())
            .with("active", active);
        tx.audit(&entry, now).await?;
        tx.change_staff(id, role, active, now).await?;
        if tx.count_active_staff(Role::Administrator).await? == 0 {
            tx.roll_back().await?;
            return Err(Trouble::LastAdministrator);
        }
        tx.revoke_staff_sessions_of(id).await?;
        Ok(tx.commit().await?)
    }

    /// Gives an account a new password and a new second factor, and tells them once; its sessions end.
    ///
    /// # Errors
    /// [`Trouble::NotAllowed`], [`Trouble::NotFound`].
    pub async fn reset_staff(&self, officer: &Officer, account: &str) -> Result<Access, Trouble> {
        officer.may(Deed::ResetStaff)?;
        let staff = self.staff_named(account).await?;
        let (access, secrets) = access::fresh(&staff.account).await?;
        let now = self.clock.now();
        let tx = self.store.begin().await?;
        tx.set_staff_secrets(staff.id, &secrets.password, Some(&secrets.totp), now).await?;
        tx.revoke_staff_sessions_of(staff.id).await?;
        tx.audit(&officer.does(Deed::ResetStaff).on(staff.account.as_str()), now).await?;
        tx.commit().await?;
        Ok(access)
    }

    /// Changes one's own password; all of one's sessions end, this one too.
    ///
    /// # Errors
    /// [`Trouble::SignInWrong`] if `current` is not the password, [`Trouble::PasswordWeak`]. A wrong one counts as when signing in.
    pub async fn change_password(
        &self,
        officer: &Officer,
        current: Zeroizing<String>,
        new: Zeroizing<String>,
    ) -> Result<(), Trouble> {
        officer.may(Deed::ChangePassword)?;
        password_will_do(&new, &officer.account).map_err(Trouble::PasswordWeak)?;
        let found = self.store.staff_by_account(&officer.account).await?;
        let (staff, known) = found.ok_or(Trouble::SessionExpired)?;
        let now = self.clock.now();
        if !self.take_try(staff.id, now).await? {
            return Err(Trouble::SignInWrong);
        }
        if !secrets::is_password(current, Some(known.password)).await? {
            self.was_wrong(&staff, now).await?;
            return Err(Trouble::SignInWrong);
        }
        let hash = secrets::hashed(new).await?;
        let tx = self.store.begin().await?;
        tx.set_staff_secrets(officer.id, &hash, None, now).await?;
        tx.revoke_staff_sessions_of(officer.id).await?;
        tx.audit(&officer.does(Deed::ChangePassword), now).await?;
        Ok(tx.commit().await?)
    }

    async fn staff_named(&self, account: &str) -> Result<store::Staff, Trouble> {
        let account = domain::Account::parse(account).ok_or(Trouble::NotFound)?;
        let (staff, _) = self.store.staff_by_account(&account).await?.ok_or(Trouble::NotFound)?;
        Ok(staff)
    }
}
