//! People of the office: accounts, what they sign in with, and their sessions.

use std::fmt;

use domain::{Account, Role};
use jiff::Timestamp;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait as _, EntityTrait as _, PaginatorTrait as _, QueryFilter as _, QueryOrder as _,
    sea_query::{CaseStatement, Expr, ExprTrait as _},
};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::{
    Records, SessionToken, StaffId, StoreError,
    entity::{staff, staff_session},
    seal::Place,
    time::{from_millis, to_millis},
};

/// A person of the office.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Staff {
    /// The row.
    pub id: StaffId,
    /// The name that they sign in with.
    pub account: Account,
    /// What they may do.
    pub role: Role,
    /// Whether they work here still.
    pub active: bool,
    /// Until when nobody can sign in with this account.
    pub locked_until: Option<Timestamp>,
    /// When the account was made.
    pub created_at: Timestamp,
    /// When it changed last.
    pub updated_at: Timestamp,
}

/// What a person signs in with. `Debug` is masked.
#[derive(Clone)]
pub struct StaffSecrets {
    /// The password's argon2id hash, as a PHC string.
    pub password: String,
    /// The secret of the second factor (TOTP, RFC 6238).
    pub totp: Zeroizing<Vec<u8>>,
}

impl fmt::Debug for StaffSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StaffSecrets(***)")
    }
}

/// An account that is to be made.
#[derive(Debug, Clone)]
pub struct NewStaff {
    /// The name.
    pub account: Account,
    /// What they may do.
    pub role: Role,
    /// What they sign in with.
    pub secrets: StaffSecrets,
}

/// A live session of a person of the office.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffSession {
    /// Who.
    pub staff: Staff,
    /// When they signed in.
    pub created_at: Timestamp,
    /// When they were last seen before.
    pub seen_at: Timestamp,
}

impl Records {
    /// Makes an account.
    ///
    /// # Errors
    /// [`StoreError::Duplicate`] if the name is taken.
    pub async fn add_staff(&self, new: &NewStaff, now: Timestamp) -> Result<StaffId, StoreError> {
        let id = StaffId::generate();
        let row = staff::ActiveModel {
            id: Set(id.0),
            account: Set(new.account.as_str().to_owned()),
            role: Set(new.role.name().to_owned()),
            password: Set(new.secrets.password.clone()),
            totp: Set(self.keyring.seal(place(id.0), &new.secrets.totp)?),
            totp_step: Set(None),
            wrong: Set(0),
            locked_until: Set(None),
            active: Set(true),
            created_at: Set(to_millis(now)),
            updated_at: Set(to_millis(now)),
        };
        staff::Entity::insert(row).exec_without_returning(&self.db()).await.map_err(|error| {
            match StoreError::from(error) {
                StoreError::Duplicate(_) => StoreError::Duplicate("account"),
                other => other,
            }
        })?;
        Ok(id)
    }

    /// Everybody, by account.
    ///
    /// # Errors
    /// [`StoreError::Malformed`] for a role that this version does not know.
    pub async fn all_staff(&self) -> Result<Vec<Staff>, StoreError> {
        let rows = staff::Entity::find().order_by_asc(staff::Column::Account).all(&self.db()).await?;
        rows.into_iter().map(read).collect()
    }

    /// How many active people have this role.
    ///
    /// # Errors
    /// What the database says.
    pub async fn count_active_staff(&self, role: Role) -> Result<u64, StoreError> {
        let found = staff::Entity::find()
            .filter(staff::Column::Active.eq(true))
            .filter(staff::Column::Role.eq(role.name()));
        Ok(found.count(&self.db()).await?)
    }

    /// The person of an account, and what they sign in with.
    ///
    /// # Errors
    /// [`StoreError::Sealed`] if the second factor's secret cannot be opened.
    pub async fn staff_by_account(
        &self,
        account: &Account,
    ) -> Result<Option<(Staff, StaffSecrets)>, StoreError> {
        let row =
            staff::Entity::find().filter(staff::Column::Account.eq(account.as_str())).one(&self.db()).await?;
        row.map(|row| {
            let totp = self.keyring.open(place(row.id), &row.totp)?;
            let secrets = StaffSecrets { password: row.password.clone(), totp };
            Ok((read(row)?, secrets))
        })
        .transpose()
    }

    /// Takes a try with password or code, before it is known to be right: `false` if the account is locked, not active, or not there. The
    /// `in_a_row`-th locks the account until `locked_until`, and the count begins anew; a right one takes both back
    /// ([`Records::take_staff_code`], [`Records::set_staff_secrets`]). So tries made at once are counted like those one after another.
    ///
    /// # Errors
    /// What the database says.
    pub async fn take_staff_try(
        &self,
        id: StaffId,
        in_a_row: u32,
        locked_until: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        use staff::Column as C;
        let last = || Expr::col(C::Wrong).gte(i64::from(in_a_row) - 1);
        let locked = CaseStatement::new()
            .case(last(), Expr::val(to_millis(locked_until)))
            .finally(Expr::col(C::LockedUntil));
        let wrong = CaseStatement::new().case(last(), Expr::val(0)).finally(Expr::col(C::Wrong).add(1));
        let taken = staff::Entity::update_many()
            .col_expr(C::LockedUntil, locked.into())
            .col_expr(C::Wrong, wrong.into())
            .filter(C::Id.eq(id.0))
            .filter(C::Active.eq(true))
            .filter(C::LockedUntil.is_null().or(C::LockedUntil.lte(to_millis(now))))
            .exec(&self.db())
            .await?;
        Ok(taken.rows_affected == 1)
    }

    /// Takes the second factor's code of a step of time, which counts once: `false` if that step, or a later one, was taken before. What was
    /// wrong before is forgotten.
    ///
    /// # Errors
    /// What the database says.
    pub async fn take_staff_code(&self, id: StaffId, step: i64) -> Result<bool, StoreError> {
        use staff::Column as C;
        let taken = staff::Entity::update_many()
            .col_expr(C::TotpStep, Expr::val(step))
            .col_expr(C::Wrong, Expr::val(0))
            .col_expr(C::LockedUntil, Expr::val(None::<i64>))
            .filter(C::Id.eq(id.0))
            .filter(C::TotpStep.is_null().or(C::TotpStep.lt(step)))
            .exec(&self.db())
            .await?;
        Ok(taken.rows_affected == 1)
    }

    /// Gives an account another role, or takes its access or gives it back.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] without such an account.
    pub async fn change_staff(
        &self,
        id: StaffId,
        role: Role,
        active: bool,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        use staff::Column as C;
        let changed = staff::Entity::update_many()
            .col_expr(C::Role, Expr::val(role.name()))
            .col_expr(C::Active, Expr::val(active))
            .col_expr(C::UpdatedAt, Expr::val(to_millis(now)))
            .filter(C::Id.eq(id.0))
            .exec(&self.db())
            .await?;
        if changed.rows_affected == 1 { Ok(()) } else { Err(StoreError::NotFound) }
    }

    /// Gives an account another password, and another second factor if there is one; it is no longer locked.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] without such an account.
    pub async fn set_staff_secrets(
        &self,
        id: StaffId,
        password: &str,
        totp: Option<&[u8]>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        use staff::Column as C;
        let mut update = staff::Entity::update_many()
            .col_expr(C::Password, Expr::val(password))
            .col_expr(C::Wrong, Expr::val(0))
            .col_expr(C::LockedUntil, Expr::val(None::<i64>))
            .col_expr(C::UpdatedAt, Expr::val(to_millis(now)))
            .filter(C::Id.eq(id.0));
        if let Some(totp) = totp {
            update = update
                .col_expr(C::Totp, Expr::val(self.keyring.seal(place(id.0), totp)?))
                .col_expr(C::TotpStep, Expr::val(None::<i64>));
        }
        let changed = update.exec(&self.db()).await?;
        if changed.rows_affected == 1 { Ok(()) } else { Err(StoreError::NotFound) }
    }

    /// Signs a person in.
    ///
    /// # Errors
    /// What the database says.
    pub async fn create_staff_session(
        &self,
        id: StaffId,
        now: Timestamp,
    ) -> Result<SessionToken, StoreError> {
        let token = SessionToken::generate()?;
        let row = staff_session::ActiveModel {
            token_hash: Set(self.staff_token_hash(token.as_str())),
            staff: Set(id.0),
            created_at: Set(to_millis(now)),
            seen_at: Set(to_millis(now)),
        };
        staff_session::Entity::insert(row).exec_without_returning(&self.db()).await?;
        Ok(token)
    }

    /// The session of that token, if it began after `began_after`, was seen after `seen_after`, and its person works here still; now it was
    /// seen again.
    ///
    /// # Errors
    /// What the database says.
    pub async fn staff_session(
        &self,
        token: &str,
        began_after: Timestamp,
        seen_after: Timestamp,
        now: Timestamp,
    ) -> Result<Option<StaffSession>, StoreError> {
        use staff_session::Column as C;
        /// Seen again so soon it need not be written down.
        const SOON: i64 = 30_000;
        let hash = self.staff_token_hash(token);
        let row = staff_session::Entity::find_by_id(hash.clone())
            .filter(C::CreatedAt.gt(to_millis(began_after)))
            .filter(C::SeenAt.gt(to_millis(seen_after)))
            .one(&self.db())
            .await?;
        let Some(row) = row else { return Ok(None) };
        let person = staff::Entity::find_by_id(row.staff).one(&self.db()).await?;
        let Some(person) = person.filter(|person| person.active) else { return Ok(None) };
        if row.seen_at + SOON < to_millis(now) {
            staff_session::Entity::update_many()
                .col_expr(C::SeenAt, Expr::val(to_millis(now)))
                .filter(C::TokenHash.eq(hash))
                .exec(&self.db())
                .await?;
        }
        Ok(Some(StaffSession {
            staff: read(person)?,
            created_at: from_millis(row.created_at),
            seen_at: from_millis(row.seen_at),
        }))
    }

    /// Ends a session; one that is not there has ended already.
    ///
    /// # Errors
    /// What the database says.
    pub async fn revoke_staff_session(&self, token: &str) -> Result<(), StoreError> {
        staff_session::Entity::delete_by_id(self.staff_token_hash(token)).exec(&self.db()).await?;
        Ok(())
    }

    /// Ends all sessions of a person.
    ///
    /// # Errors
    /// What the database says.
    pub async fn revoke_staff_sessions_of(&self, id: StaffId) -> Result<(), StoreError> {
        staff_session::Entity::delete_many()
            .filter(staff_session::Column::Staff.eq(id.0))
            .exec(&self.db())
            .await?;
        Ok(())
    }

    fn staff_token_hash(&self, token: &str) -> Vec<u8> {
        self.keyring.look_up("staff session", token).to_vec()
    }
}

fn place(row: Uuid) -> Place {
    Place { table: "staff", column: "totp", row }
}

fn read(row: staff::Model) -> Result<Staff, StoreError> {
    Ok(Staff {
        id: StaffId(row.id),
        account: Account::parse(&row.account).ok_or(StoreError::Malformed("account"))?,
        role: Role::parse(&row.role).ok_or(StoreError::Malformed("role"))?,
        active: row.active,
        locked_until: row.locked_until.map(from_millis),
        created_at: from_millis(row.created_at),
        updated_at: from_millis(row.updated_at),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{Store, specimens::at, testing::TestDatabase};

    async fn li(store: &Store) -> StaffId {
        let secrets =
            StaffSecrets { password: "$argon2id$".into(), totp: b"twenty bytes of chance".to_vec().into() };
        let account = Account::parse("li").unwrap();
        store.add_staff(&NewStaff { account, role: Role::Registrar, secrets }, at(0)).await.unwrap()
    }

    async fn found(store: &Store) -> (Staff, StaffSecrets) {
        store.staff_by_account(&Account::parse("li").unwrap()).await.unwrap().unwrap()
    }

    #[tokio::test]
    async fn an_account_is_made_once_found_and_changed() {
        for database in TestDatabase::both().await {
            let store = database.store();
            let id = li(&store).await;
            let (person, secrets) = found(&store).await;
            assert_eq!((person.id, person.role, person.active), (id, Role::Registrar, true));
            assert_eq!(secrets.totp.as_slice(), b"twenty bytes of chance");
            let again = NewStaff { account: person.account, role: Role::Viewer, secrets };
            assert!(matches!(store.add_staff(&again, at(1)).await, Err(StoreError::Duplicate("account"))));
            store.change_staff(id, Role::Administrator, true, at(1)).await.unwrap();
            assert_eq!(store.count_active_staff(Role::Administrator).await.unwrap(), 1);
            store.set_staff_secrets(id, "$argon2id$other", Some(b"another"), at(2)).await.unwrap();
            let (person, secrets) = found(&store).await;
            assert_eq!((person.role, secrets.password.as_str()), (Role::Administrator, "$argon2id$other"));
            assert_eq!(secrets.totp.as_slice(), b"another");
            assert_eq!(store.all_staff().await.unwrap().len(), 1);
        }
    }

    #[tokio::test]
    async fn wrong_ones_in_a_row_lock_and_a_right_one_forgets_them() {
        for database in TestDatabase::both().await {
            let store = database.store();
            let id = li(&store).await;
            let wrong = || store.take_staff_try(id, 5, at(900), at(1));
            for _ in 0..4 {
                assert!(wrong().await.unwrap());
            }
            assert_eq!(found(&store).await.0.locked_until, None);
            assert!(store.take_staff_code(id, 7).await.unwrap());
            for _ in 0..4 {
                assert!(wrong().await.unwrap());
            }
            assert_eq!(found(&store).await.0.locked_until, None, "the count began anew");
            assert!(wrong().await.unwrap());
            assert_eq!(found(&store).await.0.locked_until, Some(at(900)));
            assert!(!wrong().await.unwrap());
            assert!(store.take_staff_try(id, 5, at(1800), at(900)).await.unwrap(), "the time is over");
            assert!(store.take_staff_code(id, 8).await.unwrap());
            assert_eq!(found(&store).await.0.locked_until, None);
            store.change_staff(id, Role::Viewer, false, at(901)).await.unwrap();
            assert!(!store.take_staff_try(id, 5, at(1800), at(902)).await.unwrap(), "not active");
        }
    }

    #[tokio::test]
    async fn tries_made_at_once_are_counted_like_those_one_after_another() {
        for database in TestDatabase::both().await {
            let store = database.store();
            let id = li(&store).await;
            let tries = (0..40).map(|_| store.take_staff_try(id, 5, at(900), at(1)));
            let taken: Vec<bool> = futures::future::try_join_all(tries).await.unwrap();
            assert_eq!(taken.iter().filter(|taken| **taken).count(), 5);
        }
    }

    #[tokio::test]
    async fn a_code_counts_once() {
        for database in TestDatabase::both().await {
            let store = database.store();
            let id = li(&store).await;
            assert!(store.take_staff_code(id, 7).await.unwrap());
            assert!(!store.take_staff_code(id, 7).await.unwrap());
            assert!(!store.take_staff_code(id, 6).await.unwrap(), "nor an older one");
            assert!(store.take_staff_code(id, 8).await.unwrap());
        }
    }

    #[tokio::test]
    async fn a_session_ends_when_it_is_idle_old_revoked_or_its_person_gone() {
        for database in TestDatabase::both().await {
            let store = database.store();
            let id = li(&store).await;
            let token = store.create_staff_session(id, at(0)).await.unwrap();
            // Fifteen minutes without being seen, twelve hours in all.
            let seen = |now: i64| {
                let (store, token) = (store.clone(), token.clone());
                async move {
                    store
                        .staff_session(token.as_str(), at(now - 43_200), at(now - 900), at(now))
                        .await
                        .unwrap()
                        .is_some()
                }
            };
            assert!(seen(800).await && seen(1600).await && seen(2400).await);
            assert!(!seen(3301).await, "idle");
            let token = store.create_staff_session(id, at(0)).await.unwrap();
            let found = |began: i64| {
                let (store, token) = (store.clone(), token.clone());
                async move { store.staff_session(token.as_str(), at(began), at(-900), at(1)).await.unwrap() }
            };
            assert!(found(-1).await.is_some() && found(0).await.is_none(), "old");
            store.change_staff(id, Role::Registrar, false, at(1)).await.unwrap();
            assert!(found(-1).await.is_none(), "gone");
            store.change_staff(id, Role::Registrar, true, at(1)).await.unwrap();
            store.revoke_staff_session(token.as_str()).await.unwrap();
            assert!(found(-1).await.is_none(), "revoked");
            let other = store.create_staff_session(id, at(0)).await.unwrap();
            store.revoke_staff_sessions_of(id).await.unwrap();
            assert!(store.staff_session(other.as_str(), at(-1), at(-1), at(1)).await.unwrap().is_none());
        }
    }
}
