//! The first shape of the database.

use sea_orm_migration::prelude::*;

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0001_first"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create(manager, &mut tables(), &mut indexes()).await?;
        Ok(())
    }
}

/// Makes tables, then indexes on them.
pub(super) async fn create(
    manager: &SchemaManager<'_>,
    tables: &mut [TableCreateStatement],
    indexes: &mut [IndexCreateStatement],
) -> Result<(), DbErr> {
    for table in tables {
        manager.create_table(table.take()).await?;
    }
    for index in indexes {
        manager.create_index(index.take()).await?;
    }
    Ok(())
}

pub(super) fn index(
    name: &'static str,
    table: &'static str,
    columns: &[&'static str],
) -> IndexCreateStatement {
    let mut index = Index::create().name(name).table(table).take();
    for column in columns {
        index.col(*column);
    }
    index
}

pub(super) fn text(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).text().not_null().take()
}

pub(super) fn text_or_null(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).text().null().take()
}

pub(super) fn number(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).big_integer().not_null().take()
}

pub(super) fn number_or_null(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).big_integer().null().take()
}

pub(super) fn count(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).integer().not_null().take()
}

pub(super) fn flag(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).boolean().not_null().take()
}

pub(super) fn bytes(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).blob().not_null().take()
}

fn bytes_or_null(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).blob().null().take()
}

pub(super) fn id(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).uuid().not_null().take()
}

/// What every durable queue has: where a piece of work stands, when it is due, and who holds it.
fn queue() -> [ColumnDef; 7] {
    [
        text("status"),
        count("tries"),
        number("next_try_at"),
        text_or_null("lease_owner"),
        ColumnDef::new("lease_token").uuid().null().take(),
        number_or_null("lease_until"),
        text_or_null("last_error_code"),
    ]
}

fn table(
    name: &'static str,
    key: &[&'static str],
    columns: impl IntoIterator<Item = ColumnDef>,
) -> TableCreateStatement {
    let mut table = Table::create().table(name).take();
    for column in columns {
        table.col(column);
    }
    let mut primary = Index::create();
    for column in key {
        primary.col(*column);
    }
    table.primary_key(&mut primary).take()
}

/// A reference to a collection: what belongs to it goes with it.
pub(super) fn of_collection(mut table: TableCreateStatement) -> TableCreateStatement {
    table
        .foreign_key(
            ForeignKey::create()
                .from_col("collection")
                .to("collection", "id")
                .on_delete(ForeignKeyAction::Cascade),
        )
        .take()
}

fn of_exam_session(mut table: TableCreateStatement) -> TableCreateStatement {
    table.foreign_key(ForeignKey::create().from_col("exam_session").to("exam_session", "id")).take()
}

fn tables() -> Vec<TableCreateStatement> {
    let exam_session = [
        text("id"),
        text("name"),
        text("office_name"),
        text("office_phone"),
        text("standard"),
        count("attempts_allowed"),
        text("texts"),
        flag("open"),
        number("created_at"),
        number("updated_at"),
    ];
    let registration = [
        id("id"),
        text("exam_session"),
        text("external_id"),
        bytes("phone_hash"),
        bytes("number_hash"),
        bytes("name_hash"),
        bytes("details"),
        number("version"),
        number("created_at"),
        number("updated_at"),
    ];
    let collection = [
        id("id"),
        text("exam_session"),
        text("registration_id"),
        text("state"),
        text("machine"),
        bytes_or_null("particulars"),
        number("version"),
        number("created_at"),
        number("updated_at"),
    ];
    let sms_code = [
        id("id"),
        bytes("phone_hash"),
        bytes("code_hash"),
        count("tries_left"),
        number("expires_at"),
        number_or_null("used_at"),
        number("created_at"),
    ];
    let rate = [bytes("key_hash"), number("window"), number("window_start"), number("hits")];
    let message = [
        id("id"),
        text("kind"),
        bytes("content"),
        number_or_null("expires_at"),
        number("created_at"),
        number_or_null("done_at"),
    ];
    let session = [bytes("token_hash"), id("collection"), number("created_at"), number("expires_at")];
    let consent = [id("id"), id("collection"), text("kind"), text("text_version"), number("given_at")];
    let picture = [
        id("id"),
        id("collection"),
        text("kind"),
        text("object_key"),
        text("key_id"),
        bytes("sha256"),
        number("size"),
        text("media_type"),
        number("created_at"),
    ];
    let attempt = [
        id("id"),
        id("collection"),
        id("photo"),
        number("created_at"),
        number_or_null("asked_at"),
        number_or_null("answered_at"),
        text_or_null("platform_request_id"),
        ColumnDef::new("similarity").double().null().take(),
    ];
    let delivery = [
        id("id"),
        id("collection"),
        number("sequence"),
        text("kind"),
        bytes("payload"),
        number("created_at"),
        number_or_null("done_at"),
    ];
    let breaker = [
        text("partner"),
        count("failures"),
        number_or_null("opened_until"),
        flag("probing"),
        number("updated_at"),
    ];
    let journal = [id("id"), id("collection"), text("event"), text("actor"), text("details"), number("at")];
    vec![
        table("exam_session", &["id"], exam_session),
        of_exam_session(table("registration", &["id"], registration)),
        of_exam_session(table("collection", &["id"], collection)),
        table("sms_code", &["id"], sms_code),
        table("rate", &["key_hash", "window"], rate),
        table("message", &["id"], message.into_iter().chain(queue())),
        of_collection(table("session", &["token_hash"], session)),
        of_collection(table("consent", &["id"], consent)),
        of_collection(table("picture", &["id"], picture)),
        of_collection(table("attempt", &["id"], attempt.into_iter().chain(queue()))),
        of_collection(table("delivery", &["id"], delivery.into_iter().chain(queue()))),
        table("breaker", &["partner"], breaker),
        of_collection(table("journal", &["id"], journal)),
    ]
}

fn indexes() -> Vec<IndexCreateStatement> {
    let unique = |name, table, columns: &[&'static str]| index(name, table, columns).unique().take();
    vec![
        unique("registration_external_id", "registration", &["exam_session", "external_id"]),
        unique("registration_phone", "registration", &["exam_session", "phone_hash"]),
        unique("registration_number", "registration", &["exam_session", "number_hash"]),
        index("registration_name", "registration", &["exam_session", "name_hash"]),
        unique("collection_registration", "collection", &["exam_session", "registration_id"]),
        index("collection_state", "collection", &["exam_session", "state"]),
        index("sms_code_phone", "sms_code", &["phone_hash", "created_at"]),
        index("sms_code_expiry", "sms_code", &["expires_at"]),
        index("message_due", "message", &["status", "next_try_at"]),
        index("session_collection", "session", &["collection"]),
        index("session_expiry", "session", &["expires_at"]),
        index("consent_collection", "consent", &["collection"]),
        index("picture_latest", "picture", &["collection", "kind", "created_at"]),
        index("picture_age", "picture", &["kind", "created_at"]),
        index("attempt_due", "attempt", &["status", "next_try_at"]),
        index("attempt_collection", "attempt", &["collection"]),
        index("delivery_due", "delivery", &["status", "next_try_at"]),
        unique("delivery_sequence", "delivery", &["collection", "sequence"]),
        index("journal_collection", "journal", &["collection", "at"]),
    ]
}
