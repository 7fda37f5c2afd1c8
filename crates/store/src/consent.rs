//! Consents: what a candidate agreed to, in which version, when.

use jiff::Timestamp;
use sea_orm::{ActiveValue::Set, ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _};

use crate::{
    CollectionId, ConsentId, Records, StoreError,
    entity::consent,
    text_enum::text_enum,
    time::{from_millis, to_millis},
};

text_enum! {
    /// What is consented to.
    pub enum ConsentKind {
        /// 《用户协议》
        Agreement = "agreement",
        /// 《隐私协议》
        Privacy = "privacy",
        /// The face comparison, which has its own consent.
        FaceComparison = "face_comparison",
    }
}

/// A consent that was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consent {
    /// The consent.
    pub id: ConsentId,
    /// What to.
    pub kind: ConsentKind,
    /// In which version of the text.
    pub version: String,
    /// When.
    pub given_at: Timestamp,
}

impl Records {
    /// Records a consent. Each time anew: a later consent does not replace an earlier one.
    ///
    /// # Errors
    /// What the database says.
    pub async fn record_consent(
        &self,
        collection: CollectionId,
        kind: ConsentKind,
        version: &str,
        now: Timestamp,
    ) -> Result<ConsentId, StoreError> {
        let id = ConsentId::generate();
        let row = consent::ActiveModel {
            id: Set(id.0),
            collection: Set(collection.0),
            kind: Set(kind.as_str().to_owned()),
            text_version: Set(version.to_owned()),
            given_at: Set(to_millis(now)),
        };
        consent::Entity::insert(row).exec_without_returning(&self.db()).await?;
        Ok(id)
    }

    /// All consents of a collection, oldest first.
    ///
    /// # Errors
    /// What the database says.
    pub async fn consents(&self, collection: CollectionId) -> Result<Vec<Consent>, StoreError> {
        let rows = consent::Entity::find()
            .filter(consent::Column::Collection.eq(collection.0))
            .order_by_asc(consent::Column::GivenAt)
            .order_by_asc(consent::Column::Id)
            .all(&self.db())
            .await?;
        rows.into_iter()
            .map(|row| {
                Ok(Consent {
                    id: ConsentId(row.id),
                    kind: ConsentKind::parse(&row.kind).ok_or(StoreError::Malformed("consent"))?,
                    version: row.text_version,
                    given_at: from_millis(row.given_at),
                })
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{
        specimens::{at, collection},
        testing::TestDatabase,
    };

    #[tokio::test]
    async fn each_consent_stays_on_record_with_version_and_time() {
        for database in TestDatabase::both().await {
            let store = database.store();
            let one = collection(&store, 1).await;
            store.record_consent(one.id, ConsentKind::Privacy, "1", at(1)).await.unwrap();
            store.record_consent(one.id, ConsentKind::FaceComparison, "3", at(2)).await.unwrap();
            store.record_consent(one.id, ConsentKind::Privacy, "2", at(3)).await.unwrap();
            let all = store.consents(one.id).await.unwrap();
            let told: Vec<_> = all.iter().map(|c| (c.kind, c.version.as_str(), c.given_at)).collect();
            use ConsentKind::{FaceComparison, Privacy};
            assert_eq!(told, [(Privacy, "1", at(1)), (FaceComparison, "3", at(2)), (Privacy, "2", at(3))]);
        }
    }
}
