//! How the databases go about what is asked while candidates are collected: no statement may read a growing table from one end to the other.
//! The statements are those that really ran, heard on the way to the database and then explained with the same values.

#![allow(clippy::unwrap_used)]

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use jiff::Timestamp;
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement, TransactionTrait as _};
use serde_json::Value;

use crate::{
    Store, StoreConfig,
    testing::{TestDatabase, growth},
};

/// Enough for the planners to have a choice.
const REGISTRATIONS: u32 = 4_000;

/// Tables that stay small: the office's own, the partners', the exam sessions.
const SMALL: [&str; 8] = [
    "exam_session",
    "breaker",
    "staff",
    "staff_session",
    "audit_head",
    "roster_import",
    "photo_export",
    "seaql_migrations",
];
/// Columns that most rows have in common: who looks by them alone looks at all rows.
const COMMON: [&str; 2] = ["exam_session", "kind"];
/// Indexes that hold nothing but what is looked for, so that reading them whole is right.
const ONLY_WHAT_IS_LOOKED_FOR: [&str; 5] = [
    "registration_without_level",
    "collection_without_level",
    "attempt_open",
    "delivery_open",
    "message_open",
];

type Heard = Arc<Mutex<Vec<Statement>>>;

async fn grown(database: &TestDatabase) -> StoreConfig {
    let pictures = "memory:".to_owned();
    let config = StoreConfig { pictures, ..database.config() };
    growth::fill(&config, REGISTRATIONS, Timestamp::now()).await;
    config
}

fn listening(store: &Store) -> (Store, Heard) {
    let heard = Heard::default();
    let ear = heard.clone();
    (store.watched(move |statement| ear.lock().unwrap().push(statement.clone())), heard)
}

/// Whole tables that a statement would read.
async fn scans(database: &DatabaseConnection, statement: &Statement) -> Vec<String> {
    let explain = |how: &str| Statement { sql: format!("{how} {}", statement.sql), ..statement.clone() };
    if database.get_database_backend() == DbBackend::Postgres {
        let tx = database.begin().await.unwrap();
        // Small as the tables are here, reading them whole would be cheap: what is read whole now has no index that fits.
        tx.execute_unprepared("SET LOCAL enable_seqscan = off").await.unwrap();
        whole_in_plan(&tx, explain("EXPLAIN (FORMAT JSON)")).await
    } else {
        let rows = database.query_all_raw(explain("EXPLAIN QUERY PLAN")).await.unwrap();
        let steps = rows.iter().map(|row| row.try_get::<String>("", "detail").unwrap());
        steps.filter(|step| whole_sqlite(step)).collect()
    }
}

/// Tables that PostgreSQL reads whole for a statement that ran so often that it is planned without regard to the values, with all ways open.
async fn scans_of_any_values(database: &DatabaseConnection, statement: &Statement) -> Vec<String> {
    let tx = database.begin().await.unwrap();
    tx.execute_unprepared("SET LOCAL plan_cache_mode = force_generic_plan").await.unwrap();
    tx.execute_unprepared(&format!("PREPARE any_values AS {}", statement.sql)).await.unwrap();
    let values = vec!["NULL"; statement.values.as_ref().map_or(0, |values| values.0.len())].join(", ");
    let explain = format!("EXPLAIN (FORMAT JSON) EXECUTE any_values ({values})");
    let found = whole_in_plan(&tx, Statement::from_string(DbBackend::Postgres, explain)).await;
    tx.execute_unprepared("DEALLOCATE any_values").await.unwrap();
    found
}

/// Whole tables in the plan that PostgreSQL tells.
async fn whole_in_plan(tx: &impl ConnectionTrait, explain: Statement) -> Vec<String> {
    let row = tx.query_one_raw(explain).await.unwrap().unwrap();
    let mut found = Vec::new();
    whole_postgres(&row.try_get_by_index::<Value>(0).unwrap()[0]["Plan"], "", &mut found);
    found
}

fn whole_postgres(node: &Value, of: &str, found: &mut Vec<String>) {
    let text = |name: &str| node[name].as_str().unwrap_or_default();
    let table = if text("Relation Name").is_empty() { of } else { text("Relation Name") };
    let whole = match text("Node Type") {
        "Seq Scan" => true,
        "Index Scan" | "Index Only Scan" | "Bitmap Index Scan" => {
            !ONLY_WHAT_IS_LOOKED_FOR.contains(&text("Index Name")) && !narrows(text("Index Cond"))
        }
        _ => false,
    };
    if whole && !SMALL.contains(&table) {
        found.push(format!("{} of {table} by {}", text("Node Type"), text("Index Cond")));
    }
    for child in node["Plans"].as_array().into_iter().flatten() {
        whole_postgres(child, table, found);
    }
}

fn whole_sqlite(step: &str) -> bool {
    let mut words = step.split(' ');
    let (what, table) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let free = SMALL.contains(&table)
        || step.contains("CONSTANT ROW")
        || ONLY_WHAT_IS_LOOKED_FOR.iter().any(|index| step.contains(index));
    let whole = match what {
        "SCAN" => true,
        "SEARCH" => !narrows(step.split_once('(').map_or("", |(_, condition)| condition)),
        _ => false,
    };
    whole && !free
}

/// Whether a condition on an index is about more than what most rows have in common.
fn narrows(condition: &str) -> bool {
    condition.split(" AND ").any(|part| {
        let column: String = part
            .trim_start_matches('(')
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || *c == '_' || *c == '<')
            .collect();
        !column.is_empty() && !COMMON.contains(&column.trim_end_matches('<'))
    })
}

fn can_be_explained(statement: &Statement) -> bool {
    ["SELECT", "INSERT", "UPDATE", "DELETE", "WITH"].iter().any(|verb| statement.sql.starts_with(verb))
}

#[tokio::test]
async fn nothing_that_candidates_or_workers_wait_for_reads_a_growing_table_whole() {
    for database in TestDatabase::both().await {
        let config = grown(&database).await;
        let (store, heard) = listening(&Store::open(&config).await.unwrap());
        let mut ran: Vec<(&str, Vec<Statement>)> = Vec::new();
        let mut told =
            |name: &'static str, _: Duration| ran.push((name, std::mem::take(&mut *heard.lock().unwrap())));
        let who = growth::candidate(7, REGISTRATIONS);
        // Twice: a candidate comes back.
        growth::hot(&store, &who, Timestamp::now(), &mut told).await;
        growth::hot(&store, &who, Timestamp::now(), &mut told).await;
        growth::sweep(&store, Timestamp::now(), &mut told).await;
        growth::warm(&store, &who, &mut told).await;
        store.migrate().await.unwrap();
        told("migrate", Duration::ZERO);

        let (mut explained, mut whole) = (0, Vec::new());
        for statistics in [false, true] {
            // A connection of its own, which plans by what there is now.
            let explainer = Database::connect(&config.database_url).await.unwrap();
            for (name, statements) in &ran {
                assert!(!statements.is_empty(), "{name} was not heard");
                for statement in statements.iter().filter(|s| can_be_explained(s)) {
                    explained += 1;
                    for scan in scans(&explainer, statement).await {
                        whole.push(format!(
                            "{name} (statistics: {statistics}): {scan}\n    {}",
                            statement.sql
                        ));
                    }
                }
            }
            // Statistics may lead a planner astray, too: of all that is done, none is open.
            explainer.execute_unprepared("ANALYZE").await.unwrap();
            explainer.close().await.unwrap();
        }
        assert!(explained > 60, "{explained}");
        assert!(whole.is_empty(), "postgres: {}\n{}", database.is_postgres(), whole.join("\n"));
    }
}

/// Found by `make bench-growth`: a sweep that had nothing to do read all pictures and all collections, as PostgreSQL expected many of age.
#[tokio::test]
async fn a_sweep_goes_to_what_is_of_age_by_an_index_whatever_its_values() {
    let database = TestDatabase::postgres().await;
    let config = grown(&database).await;
    let (store, heard) = listening(&Store::open(&config).await.unwrap());
    growth::sweep(&store, Timestamp::now(), &mut |_, _| ()).await;
    let explainer = Database::connect(&config.database_url).await.unwrap();
    let heard = std::mem::take(&mut *heard.lock().unwrap());
    for begins in ["SELECT \"picture\"", "UPDATE \"collection\""] {
        let asked: Vec<_> = heard.iter().filter(|statement| statement.sql.starts_with(begins)).collect();
        assert!(!asked.is_empty(), "{begins} was not heard");
        for statement in asked {
            let whole = scans_of_any_values(&explainer, statement).await;
            assert!(whole.is_empty(), "{whole:?}\n{}", statement.sql);
        }
    }
}

#[tokio::test]
async fn a_table_that_is_read_whole_is_noticed() {
    for database in TestDatabase::both().await {
        let explainer = Database::connect(&database.config().database_url).await.unwrap();
        let reads = |sql: &str| Statement::from_string(explainer.get_database_backend(), sql);
        for (sql, whole) in [
            ("SELECT * FROM registration WHERE version = 3", 1),
            ("SELECT * FROM registration WHERE exam_session = 'x' AND version = 3", 1),
            ("SELECT * FROM registration WHERE exam_session = 'x' AND external_id = 'y'", 0),
            ("SELECT * FROM picture WHERE kind = 'photo' AND size > 3", 1),
            ("SELECT * FROM picture WHERE kind = 'photo' AND created_at < 3", 0),
            ("DELETE FROM attempt WHERE answered_at < 3", 1),
            ("SELECT * FROM exam_session WHERE name = 'x'", 0),
        ] {
            assert_eq!(scans(&explainer, &reads(sql)).await.len(), whole, "{sql}");
        }
    }
}
