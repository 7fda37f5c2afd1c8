//! Nodes of two versions on one database, and that every migration leaves the version before its ground.

#![allow(clippy::unwrap_used)]

use std::{collections::BTreeMap, time::Duration};

use domain::PhoneNumber;
use sea_orm::{ConnectionTrait as _, DatabaseConnection, DbBackend, Statement, TransactionTrait as _, Value};

use super::*;
use crate::{BreakerPolicy, NewMessage, Store, StoreConfig, specimens::at, testing::TestDatabase};

const LEASE: Duration = Duration::from_secs(60);

/// The version before the last migration.
struct Before;

impl MigratorTrait for Before {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        let mut all = Migrator::migrations();
        all.pop();
        all
    }
}

/// A migration of statements.
struct Statements(&'static str, &'static [&'static str]);

impl MigrationName for Statements {
    fn name(&self) -> &str {
        self.0
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Statements {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for statement in self.1 {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        Ok(())
    }
}

/// The next version: it adds to tables that are in use.
struct Next;

impl MigratorTrait for Next {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        const ADDS: &[&str] = &[
            "ALTER TABLE message ADD COLUMN note text",
            "ALTER TABLE message ADD COLUMN colour text NOT NULL DEFAULT 'red'",
            "CREATE TABLE further (id integer PRIMARY KEY)",
            "CREATE INDEX message_colour ON message (colour)",
        ];
        let mut all = Migrator::migrations();
        all.push(Box::new(Statements("m9001_adds", ADDS)));
        all
    }
}

/// The version after the next: it takes away what the next one does not use any more.
struct AfterNext;

impl MigratorTrait for AfterNext {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        let mut all = Next::migrations();
        all.push(Box::new(Statements(
            "m9002_forgets_needs_9001",
            &["ALTER TABLE breaker DROP COLUMN updated_at"],
        )));
        all
    }
}

/// A node with one connection, so that its statements stay prepared.
async fn node(database: &TestDatabase) -> Store {
    let config = StoreConfig { max_connections: 1, ..database.config() };
    Store::open(&config).await.unwrap()
}

fn message() -> NewMessage {
    NewMessage {
        kind: "code".to_owned(),
        phone: PhoneNumber::parse("13800000001").unwrap(),
        parameters: vec!["123456".to_owned()],
        expires_at: None,
    }
}

async fn send_one(store: &Store) {
    let sent = store.claim_message("w", at(1), LEASE).await.unwrap().unwrap();
    store.complete_message(&sent, at(2)).await.unwrap();
}

async fn applied(database: &DatabaseConnection) -> Vec<String> {
    let models = Migrator::get_migration_models(database).await.unwrap();
    models.into_iter().map(|model| model.version).collect()
}

fn names<M: MigratorTrait>() -> Vec<String> {
    M::migrations().iter().map(|one| one.name().to_owned()).collect()
}

#[tokio::test]
async fn nodes_that_start_at_once_migrate_once() {
    for from_old in [false, true] {
        for database in TestDatabase::both_empty().await {
            if from_old {
                node(&database).await.migrate_by::<Before>().await.unwrap();
                node(&database).await.enqueue_message(&message(), at(0)).await.unwrap();
            }
            let nodes = [node(&database).await, node(&database).await, node(&database).await];
            let (a, b, c) = tokio::join!(nodes[0].migrate(), nodes[1].migrate(), nodes[2].migrate());
            for result in [a, b, c] {
                result.unwrap();
            }
            assert_eq!(applied(nodes[0].database()).await, names::<Migrator>());
            if from_old {
                send_one(&nodes[1]).await;
            }
        }
    }
}

/// What a node of the version before the last migration says to the database, in its own words.
struct OldNode(Store);

impl OldNode {
    async fn say(&self, text: &str, values: impl IntoIterator<Item = Value>) -> Vec<sea_orm::QueryResult> {
        let database = self.0.database();
        let backend = database.get_database_backend();
        let mut text = text.to_owned();
        if backend == DbBackend::Postgres {
            for n in 1..=text.matches('?').count() {
                text = text.replacen('?', &format!("${n}"), 1);
            }
        }
        database.query_all_raw(Statement::from_sql_and_values(backend, text, values)).await.unwrap()
    }

    async fn fails(&self, partner: &str, failures: i32) {
        let inserted = self
            .say(
                "INSERT INTO breaker (partner, failures, opened_until, probing, updated_at) VALUES (?, ?, ?, ?, ?) \
                 RETURNING partner, failures, opened_until, probing, updated_at",
                [partner.into(), failures.into(), Value::BigInt(Some(9)), false.into(), 5i64.into()],
            )
            .await;
        assert_eq!(inserted[0].try_get_by_index::<i32>(1).unwrap(), failures);
    }

    async fn failures(&self, partner: &str) -> i32 {
        let rows = self
            .say("SELECT partner, failures, probing FROM breaker WHERE partner = ?", [partner.into()])
            .await;
        rows[0].try_get_by_index(1).unwrap()
    }
}

#[tokio::test]
async fn a_node_of_the_version_before_goes_on_while_another_migrates() {
    const POLICY: BreakerPolicy = BreakerPolicy { failures: 3, open_for: Duration::from_secs(30) };
    for database in TestDatabase::both_empty().await {
        let old = OldNode(node(&database).await);
        old.0.migrate_by::<Before>().await.unwrap();
        old.fails("sms", 2).await;
        assert_eq!(old.failures("sms").await, 2);

        let new = node(&database).await;
        new.migrate().await.unwrap();
        // The old node's prepared statements, and what it writes from now on.
        assert_eq!(old.failures("sms").await, 2);
        old.fails("identity", 7).await;

        let seen = new.breaker("identity").await.unwrap().unwrap();
        assert_eq!((seen.failures, seen.since), (7, None));
        assert_eq!(new.breaker_failed("sms", POLICY, at(60)).await.unwrap().since, Some(at(60)));
        assert_eq!(old.failures("sms").await, 3);
        // The old one closes a breaker in its own words; the new one does not take the time before for that of the next failure.
        old.say("UPDATE breaker SET failures = 0, opened_until = NULL WHERE partner = ?", ["sms".into()])
            .await;
        assert_eq!(new.breaker("sms").await.unwrap().unwrap().since, None);
        assert_eq!(new.breaker_failed("sms", POLICY, at(90)).await.unwrap().since, Some(at(90)));
    }
}

#[tokio::test]
async fn this_version_goes_on_in_the_next_ones_shape_and_is_told_when_it_cannot() {
    for database in TestDatabase::both_empty().await {
        let ours = node(&database).await;
        ours.migrate().await.unwrap();
        for _ in 0..4 {
            ours.enqueue_message(&message(), at(0)).await.unwrap();
        }
        send_one(&ours).await;

        let next = node(&database).await;
        next.migrate_by::<Next>().await.unwrap();
        send_one(&ours).await;
        ours.enqueue_message(&message(), at(0)).await.unwrap();
        send_one(&next).await;
        // One that dies and starts again finds the newer shape, and leaves it.
        let again = node(&database).await;
        again.migrate().await.unwrap();
        send_one(&again).await;
        assert_eq!(applied(next.database()).await, names::<Next>());

        // The version after the next may take away what the next does not use; ours is one too old for that.
        node(&database).await.migrate_by::<AfterNext>().await.unwrap();
        next.migrate_by::<Next>().await.unwrap();
        let refused = again.migrate().await.unwrap_err();
        assert!(
            matches!(&refused, StoreError::TooNew(last) if last == "m9002_forgets_needs_9001"),
            "{refused}"
        );
        assert!(refused.to_string().contains("start the newer version"), "{refused}");
    }
}

#[test]
fn a_history_that_is_not_ours_is_refused() {
    let known = names::<Migrator>();
    let with = |name: &str| known.iter().cloned().chain([name.to_owned()]).collect::<Vec<_>>();
    assert_eq!(standing(&known, &known).unwrap(), Standing::Ours);
    assert_eq!(standing(&known[..2], &known).unwrap(), Standing::Ours);
    assert_eq!(standing(&with("m9001_adds"), &known).unwrap(), Standing::Newer);
    assert!(standing(&with("m0002_other"), &known).is_err());
    assert!(standing(&with("somebody_elses"), &known).is_err());
    assert!(standing(&["m9001_adds".to_owned()], &known).is_err());
}

/// Columns by table and name: what they are, and whether a row may leave them out; and unique indexes by table.
async fn shape(database: &DatabaseConnection) -> BTreeMap<(String, String), (String, bool)> {
    let statements = match database.get_database_backend() {
        DbBackend::Postgres => [
            "SELECT table_name::text, column_name::text, \
             data_type || ' ' || is_nullable || ' ' || coalesce(column_default, ''), \
             CASE WHEN is_nullable = 'YES' OR column_default IS NOT NULL THEN 1 ELSE 0 END \
             FROM information_schema.columns WHERE table_schema = 'public'",
            "SELECT tablename::text, indexname::text, indexdef, 0 FROM pg_indexes \
             WHERE schemaname = 'public' AND indexdef LIKE 'CREATE UNIQUE%'",
        ],
        _ => [
            "SELECT m.name, p.name, p.type || ' ' || p.\"notnull\" || ' ' || coalesce(p.dflt_value, ''), \
             CASE WHEN p.\"notnull\" = 0 AND p.pk = 0 OR p.dflt_value IS NOT NULL THEN 1 ELSE 0 END \
             FROM sqlite_master m JOIN pragma_table_info(m.name) p WHERE m.type = 'table'",
            "SELECT m.name, i.name, 'unique', 0 FROM sqlite_master m JOIN pragma_index_list(m.name) i \
             WHERE m.type = 'table' AND i.\"unique\" = 1",
        ],
    };
    let mut shape = BTreeMap::new();
    for statement in statements {
        let backend = database.get_database_backend();
        for row in database.query_all_raw(Statement::from_string(backend, statement)).await.unwrap() {
            let text = |index| row.try_get_by_index::<String>(index).unwrap();
            let optional = row.try_get_by_index::<i32>(3).unwrap() == 1;
            shape.insert((text(0), text(1)), (text(2), optional));
        }
    }
    shape
}

/// What a migration did that a node of the version before would stumble over.
fn taken(
    before: &BTreeMap<(String, String), (String, bool)>,
    after: &BTreeMap<(String, String), (String, bool)>,
) -> Vec<String> {
    let gone = before.iter().filter(|(what, was)| after.get(what) != Some(was));
    let tables: Vec<&String> = before.keys().map(|(table, _)| table).collect();
    let asked = after
        .iter()
        .filter(|(what, (_, optional))| !before.contains_key(what) && !optional && tables.contains(&&what.0));
    let told = |word: &str, (table, name): &(String, String)| format!("{word} {table}.{name}");
    gone.map(|(what, _)| told("changed or gone:", what))
        .chain(asked.map(|(what, _)| told("demanded of every row:", what)))
        .collect()
}

#[tokio::test]
async fn every_migration_only_adds() {
    for database in TestDatabase::both_empty().await {
        let connection = database.store().database().clone();
        let mut before = shape(&connection).await;
        assert!(before.is_empty(), "{before:?}");
        for name in names::<Migrator>() {
            Migrator::up(&connection, Some(1)).await.unwrap();
            let after = shape(&connection).await;
            assert!(after.len() > before.len() || name.contains("_needs_"), "{name} is seen");
            if !name.contains("_needs_") {
                assert_eq!(taken(&before, &after), Vec::<String>::new(), "{name}");
            }
            before = after;
        }
        // The same eyes see what takes away.
        for (statement, seen) in [
            ("ALTER TABLE breaker DROP COLUMN since", "changed or gone: breaker.since"),
            ("ALTER TABLE breaker RENAME COLUMN probing TO probe", "changed or gone: breaker.probing"),
            ("CREATE UNIQUE INDEX one_kind ON message (kind)", "demanded of every row: message.one_kind"),
            ("DROP TABLE download", "changed or gone: download.account"),
        ] {
            let before = shape(&connection).await;
            // SQLite looks for a column in the shape that this very connection of the pool saw last, so it is made to look again.
            let one = connection.begin().await.unwrap();
            one.execute_unprepared("SELECT 1 FROM breaker").await.unwrap();
            one.execute_unprepared(statement).await.unwrap();
            one.commit().await.unwrap();
            let found = taken(&before, &shape(&connection).await);
            assert!(found.iter().any(|told| told == seen), "{statement}: {found:?}");
        }
    }
}
