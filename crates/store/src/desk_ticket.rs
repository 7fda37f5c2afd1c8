//! Tickets that let the candidate's page begin at the desk: good once, for one collection, and for a short time.

use jiff::Timestamp;
use sea_orm::{ActiveValue::Set, ColumnTrait as _, EntityTrait as _, QueryFilter as _};

use crate::{CollectionId, Records, SessionToken, StoreError, entity::desk_ticket, time::to_millis};

impl Records {
    /// A ticket to a collection for an account of the office.
    ///
    /// # Errors
    /// What the database says.
    pub async fn create_desk_ticket(
        &self,
        collection: CollectionId,
        actor: &str,
        expires_at: Timestamp,
    ) -> Result<SessionToken, StoreError> {
        let ticket = SessionToken::generate()?;
        let row = desk_ticket::ActiveModel {
            hash: Set(self.desk_ticket_hash(ticket.as_str())),
            collection: Set(collection.0),
            actor: Set(actor.to_owned()),
            expires_at: Set(to_millis(expires_at)),
        };
        desk_ticket::Entity::insert(row).exec_without_returning(&self.db()).await?;
        Ok(ticket)
    }

    /// What a ticket leads to, which it still does afterwards.
    ///
    /// # Errors
    /// What the database says.
    pub async fn desk_ticket(
        &self,
        ticket: &str,
        now: Timestamp,
    ) -> Result<Option<(CollectionId, String)>, StoreError> {
        let row = desk_ticket::Entity::find_by_id(self.desk_ticket_hash(ticket))
            .filter(desk_ticket::Column::ExpiresAt.gt(to_millis(now)))
            .one(&self.db())
            .await?;
        Ok(row.map(|row| (CollectionId(row.collection), row.actor)))
    }

    /// Uses a ticket up: the collection that it leads to, and the account that it was made for. `None` for one that is used, has ended, or
    /// never was.
    ///
    /// # Errors
    /// What the database says.
    pub async fn use_desk_ticket(
        &self,
        ticket: &str,
        now: Timestamp,
    ) -> Result<Option<(CollectionId, String)>, StoreError> {
        let found = self.desk_ticket(ticket, now).await?;
        // Of two that come at once, one deletes it.
        let hash = self.desk_ticket_hash(ticket);
        let deleted = desk_ticket::Entity::delete_by_id(hash).exec(&self.db()).await?;
        Ok(found.filter(|_| deleted.rows_affected == 1))
    }

    fn desk_ticket_hash(&self, ticket: &str) -> Vec<u8> {
        self.keyring.look_up("desk_ticket", ticket).to_vec()
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
    async fn a_ticket_is_good_once_and_not_for_long() {
        for database in TestDatabase::both().await {
            let store = database.store();
            let one = collection(&store, 1).await;
            let ticket = store.create_desk_ticket(one.id, "li", at(60)).await.unwrap();
            assert_eq!(store.use_desk_ticket("another", at(1)).await.unwrap(), None);
            let nodes = [database.another_node().await, database.another_node().await];
            let uses = nodes.iter().map(|node| node.use_desk_ticket(ticket.as_str(), at(59)));
            let used = futures::future::try_join_all(uses).await.unwrap();
            let led: Vec<_> = used.into_iter().flatten().collect();
            assert_eq!(led, [(one.id, "li".to_owned())]);
            let late = store.create_desk_ticket(one.id, "li", at(60)).await.unwrap();
            assert_eq!(store.use_desk_ticket(late.as_str(), at(60)).await.unwrap(), None);
        }
    }
}
