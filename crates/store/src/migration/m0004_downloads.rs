//! Downloads: their tickets, and the exports of photos; and the indexes that the numbers of an exam session are counted by.

use sea_orm_migration::prelude::*;

use super::m0001_first::{bytes, id, number, number_or_null, text};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0004_downloads"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for mut table in tables() {
            manager.create_table(table.take()).await?;
        }
        for mut index in indexes() {
            manager.create_index(index.take()).await?;
        }
        Ok(())
    }
}

fn tables() -> [TableCreateStatement; 2] {
    let download = Table::create()
        .table("download")
        .col(bytes("token_hash").primary_key().take())
        .col(text("account"))
        .col(text("wanted"))
        .col(number("created_at"))
        .col(number("expires_at"))
        .take();
    let photo_export = Table::create()
        .table("photo_export")
        .col(id("id").primary_key().take())
        .col(text("exam_session"))
        .col(text("account"))
        .col(number_or_null("since"))
        .col(number_or_null("cut_off"))
        .col(number("photos"))
        .col(number("missing"))
        .col(number("remaining"))
        .col(number("bytes"))
        .col(number("started_at"))
        .col(number_or_null("finished_at"))
        .foreign_key(ForeignKey::create().from_col("exam_session").to("exam_session", "id"))
        .take();
    [download, photo_export]
}

fn indexes() -> [IndexCreateStatement; 3] {
    let index = |name: &'static str, table: &'static str, columns: &[&'static str]| {
        let mut index = Index::create().name(name).table(table).take();
        for column in columns {
            index.col(*column);
        }
        index
    };
    [
        index("download_expiry", "download", &["expires_at"]),
        index("photo_export_exam", "photo_export", &["exam_session", "started_at"]),
        index("journal_event", "journal", &["event", "at", "collection"]),
    ]
}
