//! Tickets for downloads: a browser fetches a file with an address alone, so the address is a secret that is good once and not for long.

use jiff::Timestamp;
use sea_orm::{ActiveValue::Set, ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use serde_json::Value;

use crate::{Records, SessionToken, StoreError, entity::download, time::to_millis};

/// What a ticket stands for.
#[derive(Debug, Clone, PartialEq)]
pub struct Download {
    /// Who asked for it.
    pub account: String,
    /// What they asked for.
    pub wanted: Value,
}

impl Records {
    /// Makes a ticket, good until then.
    ///
    /// # Errors
    /// What the database says.
    pub async fn put_download(
        &self,
        download: &Download,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<SessionToken, StoreError> {
        let token = SessionToken::generate()?;
        let row = download::ActiveModel {
            token_hash: Set(self.ticket_hash(token.as_str())),
            account: Set(download.account.clone()),
            wanted: Set(download.wanted.to_string()),
            created_at: Set(to_millis(now)),
            expires_at: Set(to_millis(expires_at)),
        };
        download::Entity::insert(row).exec_without_returning(&self.db()).await?;
        Ok(token)
    }

    /// What a ticket stands for, unless it was used or is stale.
    ///
    /// # Errors
    /// What the database says.
    pub async fn download(&self, ticket: &str, now: Timestamp) -> Result<Option<Download>, StoreError> {
        let row = download::Entity::find_by_id(self.ticket_hash(ticket))
            .filter(download::Column::ExpiresAt.gt(to_millis(now)))
            .one(&self.db())
            .await?;
        row.map(|row| {
            let wanted = serde_json::from_str(&row.wanted).map_err(|_| StoreError::Malformed("download"))?;
            Ok(Download { account: row.account, wanted })
        })
        .transpose()
    }

    /// Uses a ticket up: `false` if somebody was quicker.
    ///
    /// # Errors
    /// What the database says.
    pub async fn use_download(&self, ticket: &str) -> Result<bool, StoreError> {
        let used = download::Entity::delete_by_id(self.ticket_hash(ticket)).exec(&self.db()).await?;
        Ok(used.rows_affected == 1)
    }

    fn ticket_hash(&self, ticket: &str) -> Vec<u8> {
        self.keyring.look_up("download", ticket).to_vec()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;
    use crate::{Retention, specimens::at, testing::TestDatabase};

    #[tokio::test]
    async fn a_ticket_is_good_once_for_its_time_on_any_node_and_swept_after_it() {
        for database in TestDatabase::both().await {
            let (store, other) = (database.store(), database.another_node().await);
            let wanted = Download { account: "li".to_owned(), wanted: json!({ "what": "roster" }) };
            let put = async || store.put_download(&wanted, at(60), at(0)).await.unwrap();
            let (ticket, stale) = (put().await, put().await);
            assert_ne!(ticket.as_str(), stale.as_str());
            assert_eq!(other.download(ticket.as_str(), at(59)).await.unwrap(), Some(wanted.clone()));
            assert_eq!(store.download(ticket.as_str(), at(60)).await.unwrap(), None);
            assert_eq!(store.download("", at(0)).await.unwrap(), None);
            let (one, two) =
                tokio::join!(store.use_download(ticket.as_str()), other.use_download(ticket.as_str()));
            assert_eq!(usize::from(one.unwrap()) + usize::from(two.unwrap()), 1);
            assert_eq!(store.download(ticket.as_str(), at(1)).await.unwrap(), None);
            let retention = Retention::default();
            assert_eq!(store.sweep(&retention, at(59)).await.unwrap().expired, 0);
            assert_eq!(store.sweep(&retention, at(60)).await.unwrap().expired, 1);
            assert!(!store.use_download(stale.as_str()).await.unwrap());
        }
    }
}
