//! The journal of a collection: what happened, when, by whom. Entries are added, never changed.

use jiff::Timestamp;
use sea_orm::{ActiveValue::Set, ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _};
use serde_json::{Map, Value};

use crate::{
    CollectionId, EntryId, Records, StoreError,
    entity::journal,
    time::{from_millis, to_millis},
};

/// An entry to be made. Nothing personal belongs in it: names of states, codes, counts.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Whose.
    pub collection: CollectionId,
    /// What happened: `photo_submitted`.
    pub event: String,
    /// By whom: `candidate`, `worker`, or a registrar's account.
    pub actor: String,
    /// What else is worth knowing.
    pub details: Map<String, Value>,
}

impl Entry {
    /// An entry without details.
    pub fn new(collection: CollectionId, event: impl Into<String>, actor: impl Into<String>) -> Entry {
        Entry { collection, event: event.into(), actor: actor.into(), details: Map::new() }
    }

    /// With one detail more.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Entry {
        self.details.insert(name.to_owned(), value.into());
        self
    }
}

/// An entry that was made.
#[derive(Debug, Clone, PartialEq)]
pub struct EntryRecord {
    /// The entry's id.
    pub id: EntryId,
    /// When.
    pub at: Timestamp,
    /// What.
    pub entry: Entry,
}

impl Records {
    /// Adds an entry to the journal, and counts it for the numbers of its exam session.
    ///
    /// # Errors
    /// What the database says.
    pub async fn note(&self, entry: &Entry, now: Timestamp) -> Result<EntryId, StoreError> {
        let id = EntryId::generate();
        let row = journal::ActiveModel {
            id: Set(id.0),
            collection: Set(entry.collection.0),
            event: Set(entry.event.clone()),
            actor: Set(entry.actor.clone()),
            details: Set(Value::Object(entry.details.clone()).to_string()),
            at: Set(to_millis(now)),
        };
        journal::Entity::insert(row).exec_without_returning(&self.db()).await?;
        self.count_entry(entry, now).await?;
        Ok(id)
    }

    /// The journal of a collection, oldest entry first.
    ///
    /// # Errors
    /// What the database says.
    pub async fn journal(&self, collection: CollectionId) -> Result<Vec<EntryRecord>, StoreError> {
        let rows = journal::Entity::find()
            .filter(journal::Column::Collection.eq(collection.0))
            .order_by_asc(journal::Column::At)
            .order_by_asc(journal::Column::Id)
            .all(&self.db())
            .await?;
        rows.into_iter()
            .map(|row| {
                let details =
                    serde_json::from_str(&row.details).map_err(|_| StoreError::Malformed("journal"))?;
                Ok(EntryRecord {
                    id: EntryId(row.id),
                    at: from_millis(row.at),
                    entry: Entry { collection, event: row.event, actor: row.actor, details },
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
    async fn entries_come_back_in_order_with_their_details() {
        for database in TestDatabase::both().await {
            let store = database.store();
            let id = collection(&store, 1).await.id;
            let entries = [
                Entry::new(id, "platform_refused", "worker").with("left", 4),
                Entry::new(id, "reopened", "registrar"),
            ];
            for (n, entry) in entries.iter().enumerate() {
                store.note(entry, at(n as i64)).await.unwrap();
            }
            let read = store.journal(id).await.unwrap();
            assert!(read.iter().map(|r| &r.entry).eq(&entries));
            assert_eq!(read[1].at, at(1));
        }
    }
}
