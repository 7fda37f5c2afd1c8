//! Signing in with name, password and the code of a second factor; signing out.

use std::net::IpAddr;

use domain::{
    Account, Deed,
    office::{LOCKED_MINUTES, WRONG_IN_A_ROW},
};
use jiff::Timestamp;
use store::{NewAudit, Staff, StaffId, StaffSecrets, StoreError};
use zeroize::Zeroizing;

use super::{
    Officer, secrets,
    view::{Me, SignedIn},
};
use crate::{Service, Trouble, login::later};

/// What somebody signs in with, as sent.
pub struct SignIn {
    /// The account.
    pub account: String,
    /// The password.
    pub password: Zeroizing<String>,
    /// Six digits of the second factor.
    pub code: String,
}

impl Service {
    /// Signs somebody in. Whatever is wrong, the answer is the same, and takes as long: it tells nobody which accounts there are.
    ///
    /// # Errors
    /// [`Trouble::SignInWrong`], [`Trouble::TooManyRequests`].
    pub async fn sign_in(&self, with: SignIn, from: Option<IpAddr>) -> Result<SignedIn, Trouble> {
        self.limit_address("sign_in_address", from, self.rules.sign_ins_per_address).await?;
        let found = match Account::parse(&with.account) {
            Some(account) => self.store.staff_by_account(&account).await?,
            None => None,
        };
        let known = found.as_ref().map(|(_, secrets)| secrets.password.clone());
        let now = self.clock.now();
        // The try is counted before it is looked at, so that many at once are not more than a few.
        let may = match &found {
            Some((staff, _)) => self.take_try(staff.id, now).await?,
            None => false,
        };
        let right = secrets::is_password(with.password, known).await?;
        let Some((staff, StaffSecrets { totp, .. })) = found.filter(|_| may) else {
            return Err(Trouble::SignInWrong);
        };
        let seconds = u64::try_from(now.as_second()).unwrap_or_default();
        let code: String = with.code.chars().filter(|c| !c.is_whitespace()).collect();
        let step = secrets::totp(&totp, &staff.account)?.check(&code, seconds).filter(|_| right);
        let signed_in = match step {
            Some(step) => self.let_officer_in(&staff, i64::try_from(step).unwrap_or(i64::MAX), now).await?,
            None => None,
        };
        if signed_in.is_none() {
            self.was_wrong(&staff, now).await?;
        }
        signed_in.ok_or(Trouble::SignInWrong)
    }

    /// Nobody, if the code was used before.
    async fn let_officer_in(
        &self,
        staff: &Staff,
        step: i64,
        now: Timestamp,
    ) -> Result<Option<SignedIn>, StoreError> {
        let tx = self.store.begin().await?;
        if !tx.take_staff_code(staff.id, step).await? {
            tx.roll_back().await?;
            return Ok(None);
        }
        let token = tx.create_staff_session(staff.id, now).await?;
        tx.audit(&NewAudit::new(staff.account.as_str(), Deed::SignIn.name()), now).await?;
        tx.commit().await?;
        metrics::counter!(crate::meters::OFFICE_SIGN_INS, "outcome" => "in").increment(1);
        Ok(Some(SignedIn {
            token: token.as_str().to_owned(),
            idle_s: self.rules.office_idle.as_secs(),
            me: Me { account: staff.account.to_string(), role: staff.role },
        }))
    }

    /// Whether somebody may try a password or code now; it counts until it is found right.
    pub(super) async fn take_try(&self, id: StaffId, now: Timestamp) -> Result<bool, StoreError> {
        let until = later(now, std::time::Duration::from_secs(60 * u64::from(LOCKED_MINUTES)));
        self.store.take_staff_try(id, WRONG_IN_A_ROW, until, now).await
    }

    /// Puts a wrong try on record.
    pub(super) async fn was_wrong(&self, staff: &Staff, now: Timestamp) -> Result<(), StoreError> {
        metrics::counter!(crate::meters::OFFICE_SIGN_INS, "outcome" => "wrong").increment(1);
        let tx = self.store.begin().await?;
        let entry = NewAudit::new(staff.account.as_str(), Deed::SignIn.name()).with("outcome", "wrong");
        tx.audit(&entry, now).await?;
        tx.commit().await
    }

    /// Ends a session.
    ///
    /// # Errors
    /// [`Trouble::Internal`].
    pub async fn sign_out(&self, officer: &Officer, token: &str) -> Result<(), Trouble> {
        let tx = self.store.begin().await?;
        tx.revoke_staff_session(token).await?;
        tx.audit(&officer.does(Deed::SignOut), self.clock.now()).await?;
        Ok(tx.commit().await?)
    }

    /// Who is signed in.
    pub fn me(&self, officer: &Officer) -> Me {
        Me { account: officer.account.to_string(), role: officer.role }
    }
}
