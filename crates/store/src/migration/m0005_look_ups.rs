//! What look-ups are hashed with is noted beside the audit log's head; until this version it was always HMAC-SHA-256.

use sea_orm_migration::prelude::*;

use super::m0001_first::{text, text_or_null};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0005_look_ups"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // SQLite takes one change at a time.
        let algorithm = text("look_up_algorithm").default("hmac-sha-256").take();
        for column in [algorithm, text_or_null("look_up_hash")] {
            let mut change = Table::alter().table("audit_head").add_column(column).take();
            manager.alter_table(change.take()).await?;
        }
        Ok(())
    }
}
