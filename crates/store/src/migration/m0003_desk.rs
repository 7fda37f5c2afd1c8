//! The desk: when an exam session closes, which cards it takes and which photos are inspected; levels in the open, so that they can be
//! looked for; imports of rosters; captures at the desk.

use sea_orm_migration::prelude::*;

use super::m0001_first::{bytes, create, flag, id, index, number, number_or_null, text, text_or_null};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0003_desk"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, mut column) in columns() {
            let mut change = Table::alter().table(table).add_column(column.take()).take();
            manager.alter_table(change.take()).await?;
        }
        create(manager, &mut tables(), &mut indexes()).await?;
        Ok(())
    }
}

fn columns() -> [(&'static str, ColumnDef); 7] {
    [
        ("exam_session", number_or_null("closes_at")),
        ("exam_session", text_or_null("cards")),
        ("exam_session", text("inspection").default("off").take()),
        ("exam_session", flag("two_eyes").default(false).take()),
        ("registration", text_or_null("level")),
        ("collection", text_or_null("level")),
        ("session", text_or_null("actor")),
    ]
}

fn tables() -> [TableCreateStatement; 2] {
    let import = Table::create()
        .table("roster_import")
        .col(id("id").primary_key().take())
        .col(text("exam_session"))
        .col(text("actor"))
        .col(flag("dry_run"))
        .col(flag("keep_known"))
        .col(text("status"))
        .col(number("read"))
        .col(number("added"))
        .col(number("changed"))
        .col(number("unchanged"))
        .col(number("kept"))
        .col(number("refused"))
        .col(bytes("report"))
        .col(number("started_at"))
        .col(number("seen_at"))
        .col(number_or_null("finished_at"))
        .foreign_key(ForeignKey::create().from_col("exam_session").to("exam_session", "id"))
        .take();
    let ticket = Table::create()
        .table("desk_ticket")
        .col(bytes("hash").primary_key().take())
        .col(id("collection"))
        .col(text("actor"))
        .col(number("expires_at"))
        .foreign_key(
            ForeignKey::create()
                .from_col("collection")
                .to("collection", "id")
                .on_delete(ForeignKeyAction::Cascade),
        )
        .take();
    [import, ticket]
}

fn indexes() -> [IndexCreateStatement; 5] {
    [
        index("collection_found", "collection", &["exam_session", "state", "registration_id"]),
        index("collection_changed", "collection", &["exam_session", "updated_at"]),
        index("registration_level", "registration", &["exam_session", "level", "external_id"]),
        index("roster_import_exam", "roster_import", &["exam_session", "started_at"]),
        index("desk_ticket_expiry", "desk_ticket", &["expires_at"]),
    ]
}
