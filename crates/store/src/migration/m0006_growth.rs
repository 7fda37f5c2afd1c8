//! What keeps the sweep and the start as quick with millions of rows as with thousands: indexes that hold only what they look for, and the
//! mark of pictures that a newer one replaced.

use sea_orm_migration::prelude::*;

use super::m0001_first::{index, number_or_null};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0006_growth"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut replaced = Table::alter().table("picture").add_column(number_or_null("replaced_at")).take();
        manager.alter_table(replaced.take()).await?;
        for statement in STATEMENTS {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        for (name, table, columns) in INDEXES {
            manager.create_index(index(name, table, columns)).await?;
        }
        Ok(())
    }
}

/// The last two are for what goes with its collection.
const INDEXES: [(&str, &str, &[&str]); 4] = [
    ("message_done", "message", &["done_at"]),
    ("delivery_done", "delivery", &["done_at"]),
    ("refusal_collection", "refusal", &["collection"]),
    ("desk_ticket_collection", "desk_ticket", &["collection"]),
];

/// Indexes on some rows, and on what is computed; both databases read them alike.
const STATEMENTS: [&str; 12] = [
    "UPDATE picture SET replaced_at = created_at WHERE EXISTS (SELECT 1 FROM picture AS newer \
     WHERE newer.collection = picture.collection AND newer.kind = picture.kind \
     AND newer.created_at > picture.created_at)",
    // Whoever takes work goes through what is open, the longest due first, and not through all that ever was.
    "CREATE INDEX attempt_open ON attempt (next_try_at, id) WHERE status IN ('queued', 'running')",
    "CREATE INDEX delivery_open ON delivery (next_try_at, id) WHERE status IN ('queued', 'running')",
    "CREATE INDEX message_open ON message (next_try_at, id) WHERE status IN ('queued', 'running')",
    "DROP INDEX attempt_due",
    "DROP INDEX delivery_due",
    "DROP INDEX message_due",
    "CREATE INDEX picture_replaced ON picture (created_at) WHERE replaced_at IS NOT NULL",
    "CREATE INDEX collection_ended ON collection (state, updated_at) WHERE particulars IS NOT NULL",
    "CREATE INDEX collection_without_level ON collection (id) WHERE level IS NULL AND particulars IS NOT NULL",
    "CREATE INDEX registration_without_level ON registration (id) WHERE level IS NULL",
    "CREATE INDEX rate_end ON rate ((window_start + \"window\"))",
];
