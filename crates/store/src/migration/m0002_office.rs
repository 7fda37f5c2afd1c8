//! The office: who works there, their sessions, and the audit log.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

use super::m0001_first::{bytes, count, create, flag, id, index, number, number_or_null, text, text_or_null};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0002_office"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create(manager, &mut tables(), &mut indexes()).await?;
        let first = Query::insert()
            .into_table("audit_head")
            .columns(["id", "number", "hash"])
            .values_panic([1.into(), 0i64.into(), Vec::<u8>::new().into()])
            .take();
        manager.execute(first).await?;
        let database = manager.get_connection();
        let statements: &[&str] = match database.get_database_backend() {
            DbBackend::Postgres => &APPEND_ONLY_POSTGRES,
            _ => &APPEND_ONLY_SQLITE,
        };
        for statement in statements {
            database.execute_unprepared(statement).await?;
        }
        Ok(())
    }
}

const APPEND_ONLY_SQLITE: [&str; 2] = [
    "CREATE TRIGGER audit_unchanged BEFORE UPDATE ON audit \
     BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END",
    "CREATE TRIGGER audit_undeleted BEFORE DELETE ON audit \
     BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END",
];

const APPEND_ONLY_POSTGRES: [&str; 2] = [
    "CREATE FUNCTION audit_is_added_to() RETURNS trigger LANGUAGE plpgsql AS \
     $$ BEGIN RAISE EXCEPTION 'the audit log is only added to'; END $$",
    "CREATE TRIGGER audit_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON audit \
     FOR EACH STATEMENT EXECUTE FUNCTION audit_is_added_to()",
];

fn tables() -> [TableCreateStatement; 4] {
    let staff = Table::create()
        .table("staff")
        .col(id("id").primary_key().take())
        .col(text("account").unique_key().take())
        .col(text("role"))
        .col(text("password"))
        .col(bytes("totp"))
        .col(number_or_null("totp_step"))
        .col(count("wrong"))
        .col(number_or_null("locked_until"))
        .col(flag("active"))
        .col(number("created_at"))
        .col(number("updated_at"))
        .take();
    let session = Table::create()
        .table("staff_session")
        .col(bytes("token_hash").primary_key().take())
        .col(id("staff"))
        .col(number("created_at"))
        .col(number("seen_at"))
        .foreign_key(
            ForeignKey::create().from_col("staff").to("staff", "id").on_delete(ForeignKeyAction::Cascade),
        )
        .take();
    let audit = Table::create()
        .table("audit")
        .col(number("number").primary_key().take())
        .col(number("at"))
        .col(text("actor"))
        .col(text("deed"))
        .col(text_or_null("subject"))
        .col(text("details"))
        .col(bytes("hash"))
        .take();
    let head = Table::create()
        .table("audit_head")
        .col(count("id").primary_key().take())
        .col(number("number"))
        .col(bytes("hash"))
        .take();
    [staff, session, audit, head]
}

fn indexes() -> [IndexCreateStatement; 4] {
    [
        index("staff_session_staff", "staff_session", &["staff"]),
        index("audit_subject", "audit", &["subject", "number"]),
        index("audit_actor", "audit", &["actor", "number"]),
        index("audit_deed", "audit", &["deed", "number"]),
    ]
}
