//! Whether the key file fits the database: hashes cannot be made anew, so look-ups under another secret or another algorithm would find
//! nobody, and nobody would be told why.

use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, sea_query::Expr};

use crate::{
    KeyringError, LookUpMark, Store, StoreError, audit::HEAD, entity::audit_head, transfer::is_empty,
};

impl Store {
    /// Holds the keys against what the database notes of those that its hashes were made with; a database without records takes any, and
    /// notes them. Call it before anything else, after [`Store::migrate`].
    ///
    /// # Errors
    /// [`StoreError::Keyring`] if the keys are others.
    pub async fn check_look_ups(&self) -> Result<(), StoreError> {
        let head = audit_head::Entity::find_by_id(HEAD).one(&self.db()).await?.ok_or(StoreError::NotFound)?;
        let audit_head::Model { look_up_algorithm: algorithm, look_up_hash, .. } = head;
        let fits = match look_up_hash {
            Some(hash) => match self.keyring.must_be(&LookUpMark { algorithm, hash }) {
                Ok(()) => return Ok(()),
                other => other,
            },
            // From a version that noted nothing: the audit log, if there is one, tells.
            None => match self.keyring.must_hash_with(&algorithm) {
                Ok(()) if !self.first_audit_is_ours().await? => Err(KeyringError::OtherLookUp),
                other => other,
            },
        };
        if let Err(error) = fits
            && !is_empty(self.database()).await?
        {
            return Err(error.into());
        }
        let ours = self.keyring.mark();
        audit_head::Entity::update_many()
            .col_expr(audit_head::Column::LookUpAlgorithm, Expr::val(ours.algorithm))
            .col_expr(audit_head::Column::LookUpHash, Expr::val(ours.hash))
            .filter(audit_head::Column::Id.eq(HEAD))
            .exec(&self.db())
            .await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use sea_orm::ConnectionTrait as _;

    use super::*;
    use crate::{
        Algorithms, Keyring, NewAudit, StoreConfig,
        specimens::{SESSION, at, exam_session},
        testing::TestDatabase,
    };

    async fn under(database: &TestDatabase, keys: &str) -> Store {
        let keyring = Keyring::parse(keys).unwrap();
        Store::open(&StoreConfig { keyring, ..database.config() }).await.unwrap()
    }

    /// The same secrets for another hash.
    fn other_hash(keys: &str) -> String {
        let line = keys.lines().find(|line| line.starts_with("lookup")).unwrap();
        let secret = line.rsplit('"').nth(1).unwrap();
        let other = if line.contains("hmac-sm3") { "hmac-sha-256" } else { "hmac-sm3" };
        keys.replace(line, &format!("lookup = {{ algorithm = \"{other}\", secret = \"{secret}\" }}"))
    }

    #[tokio::test]
    async fn keys_that_do_not_fit_are_told_once_there_are_records() {
        for database in TestDatabase::each().await {
            let ours = database.key_file();
            let strange = Keyring::generate("test", Algorithms::International).unwrap();
            for keys in [other_hash(ours).as_str(), strange.as_str(), ours] {
                under(&database, keys).await.check_look_ups().await.unwrap();
            }
            database.store().put_exam_session(&exam_session(SESSION), at(0)).await.unwrap();
            let refused = async |keys: &str| under(&database, keys).await.check_look_ups().await.unwrap_err();
            let told = refused(&other_hash(ours)).await;
            assert!(matches!(told, StoreError::Keyring(KeyringError::OtherHash { .. })), "{told}");
            assert!(matches!(refused(&strange).await, StoreError::Keyring(_)));
            database.another_node().await.check_look_ups().await.unwrap();
        }
    }

    #[tokio::test]
    async fn a_database_from_before_is_told_by_its_audit_log() {
        for database in TestDatabase::both().await {
            let store = database.store();
            store.put_exam_session(&exam_session(SESSION), at(0)).await.unwrap();
            let tx = store.begin().await.unwrap();
            tx.audit(&NewAudit::new("li", "unmask"), at(1)).await.unwrap();
            tx.commit().await.unwrap();
            let forget = "UPDATE audit_head SET look_up_hash = NULL, look_up_algorithm = 'hmac-sha-256'";
            store.db().execute_unprepared(forget).await.unwrap();
            let ours = database.key_file();
            let told = under(&database, &other_hash(ours)).await.check_look_ups().await.unwrap_err();
            assert!(matches!(told, StoreError::Keyring(KeyringError::OtherHash { .. })), "{told}");
            let strange = Keyring::generate("test", Algorithms::International).unwrap();
            let told = under(&database, &strange).await.check_look_ups().await.unwrap_err();
            assert!(matches!(told, StoreError::Keyring(KeyringError::OtherLookUp)), "{told}");
            store.check_look_ups().await.unwrap();
            let head = audit_head::Entity::find_by_id(HEAD).one(&store.db()).await.unwrap().unwrap();
            assert_eq!(head.look_up_hash, Some(store.keyring().mark().hash));
        }
    }
}
