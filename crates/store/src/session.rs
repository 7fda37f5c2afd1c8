//! Logins: an opaque bearer token for the candidate, its keyed hash for the database.

use std::fmt;

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use jiff::Timestamp;
use sea_orm::{ActiveValue::Set, ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use zeroize::Zeroizing;

use crate::{
    CollectionId, KeyringError, Records, StoreError,
    entity::session,
    time::{from_millis, to_millis},
};

/// A bearer token: 32 random bytes, base64url. It exists here once, when it is made. `Debug` is masked.
#[derive(Clone)]
pub struct SessionToken(Zeroizing<String>);

impl SessionToken {
    /// A new one.
    pub(crate) fn generate() -> Result<SessionToken, KeyringError> {
        let mut bytes = Zeroizing::new([0u8; 32]);
        getrandom::fill(&mut *bytes).map_err(|_| KeyringError::Random)?;
        Ok(SessionToken(Zeroizing::new(BASE64_URL_SAFE_NO_PAD.encode(*bytes))))
    }

    /// The text that the candidate's page keeps.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SessionToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionToken(***)")
    }
}

/// A login: it reaches one collection and no other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The collection.
    pub collection: CollectionId,
    /// When the candidate logged in.
    pub created_at: Timestamp,
    /// When the login ends.
    pub expires_at: Timestamp,
    /// The account of whoever captures at the desk; `None` where the candidate logged in.
    pub actor: Option<String>,
}

impl Records {
    /// Logs a candidate in; `actor` is the account of whoever captures for them at the desk.
    ///
    /// # Errors
    /// What the database says.
    pub async fn create_session(
        &self,
        collection: CollectionId,
        actor: Option<&str>,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<SessionToken, StoreError> {
        let token = SessionToken::generate()?;
        let row = session::ActiveModel {
            token_hash: Set(self.token_hash(token.as_str())),
            collection: Set(collection.0),
            created_at: Set(to_millis(now)),
            expires_at: Set(to_millis(expires_at)),
            actor: Set(actor.map(str::to_owned)),
        };
        session::Entity::insert(row).exec_without_returning(&self.db()).await?;
        Ok(token)
    }

    /// The login of that token, unless it has ended.
    ///
    /// # Errors
    /// What the database says.
    pub async fn session(&self, token: &str, now: Timestamp) -> Result<Option<Session>, StoreError> {
        let row = session::Entity::find_by_id(self.token_hash(token))
            .filter(session::Column::ExpiresAt.gt(to_millis(now)))
            .one(&self.db())
            .await?;
        Ok(row.map(|row| Session {
            collection: CollectionId(row.collection),
            created_at: from_millis(row.created_at),
            expires_at: from_millis(row.expires_at),
            actor: row.actor,
        }))
    }

    /// Ends a login; one that is not there has ended already.
    ///
    /// # Errors
    /// What the database says.
    pub async fn revoke_session(&self, token: &str) -> Result<(), StoreError> {
        session::Entity::delete_by_id(self.token_hash(token)).exec(&self.db()).await?;
        Ok(())
    }

    /// Ends all logins to a collection, and says how many there were.
    ///
    /// # Errors
    /// What the database says.
    pub async fn revoke_all_sessions(&self, collection: CollectionId) -> Result<u64, StoreError> {
        let deleted = session::Entity::delete_many()
            .filter(session::Column::Collection.eq(collection.0))
            .exec(&self.db())
            .await?;
        Ok(deleted.rows_affected)
    }

    fn token_hash(&self, token: &str) -> Vec<u8> {
        self.keyring.look_up("session", token).to_vec()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use crate::{
        specimens::{at, collection},
        testing::TestDatabase,
    };

    #[tokio::test]
    async fn a_token_reaches_its_collection_until_it_ends() {
        for database in TestDatabase::both().await {
            let store = database.store();
            let (one, two) = (collection(&store, 1).await, collection(&store, 2).await);
            let token = store.create_session(one.id, None, at(100), at(0)).await.unwrap();
            let other = store.create_session(two.id, None, at(100), at(0)).await.unwrap();
            assert_ne!(token.as_str(), other.as_str());
            assert_eq!(format!("{token:?}"), "SessionToken(***)");
            let found = store.session(token.as_str(), at(99)).await.unwrap().unwrap();
            assert_eq!((found.collection, found.expires_at), (one.id, at(100)));
            assert_eq!(store.session(token.as_str(), at(100)).await.unwrap(), None);
            assert_eq!(store.session("", at(0)).await.unwrap(), None);
            assert_eq!(store.session(&token.as_str()[1..], at(0)).await.unwrap(), None);
        }
    }

    #[tokio::test]
    async fn revoking_ends_one_or_all() {
        for database in TestDatabase::both().await {
            let store = database.store();
            let (one, two) = (collection(&store, 1).await, collection(&store, 2).await);
            let token = |id| store.create_session(id, None, at(100), at(0));
            let (a, b, c) =
                (token(one.id).await.unwrap(), token(one.id).await.unwrap(), token(two.id).await.unwrap());
            store.revoke_session(a.as_str()).await.unwrap();
            store.revoke_session(a.as_str()).await.unwrap();
            assert_eq!(store.session(a.as_str(), at(1)).await.unwrap(), None);
            assert!(store.session(b.as_str(), at(1)).await.unwrap().is_some());
            assert_eq!(store.revoke_all_sessions(one.id).await.unwrap(), 1);
            assert_eq!(store.session(b.as_str(), at(1)).await.unwrap(), None);
            assert!(store.session(c.as_str(), at(1)).await.unwrap().is_some());
        }
    }
}
