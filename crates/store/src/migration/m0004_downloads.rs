//! Downloads: their tickets, and the exports of photos; and what the numbers of an exam session are counted by. Those count from this version
//! on: what a journal held before is not counted.

use sea_orm_migration::prelude::*;

use super::m0001_first::{bytes, count, create, id, index, number, number_or_null, of_collection, text};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0004_downloads"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create(manager, &mut tables(), &mut indexes()).await?;
        Ok(())
    }
}

fn tables() -> [TableCreateStatement; 4] {
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
    let milestone = Table::create()
        .table("milestone")
        .col(id("collection"))
        .col(text("name"))
        .col(text("exam_session"))
        .col(number("at"))
        .col(count("well"))
        .primary_key(Index::create().col("collection").col("name"))
        .take();
    let refusal = Table::create()
        .table("refusal")
        .col(id("id").primary_key().take())
        .col(id("collection"))
        .col(text("exam_session"))
        .col(text("capture"))
        .col(text("check_id"))
        .col(number("at"))
        .take();
    [download, photo_export, of_collection(milestone), of_collection(refusal)]
}

fn indexes() -> [IndexCreateStatement; 5] {
    [
        index("download_expiry", "download", &["expires_at"]),
        index("photo_export_exam", "photo_export", &["exam_session", "started_at"]),
        index("journal_event", "journal", &["event", "at", "collection"]),
        index("milestone_count", "milestone", &["exam_session", "name", "at", "well"]),
        index("refusal_count", "refusal", &["exam_session", "capture", "check_id", "at"]),
    ]
}
