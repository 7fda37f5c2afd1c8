//! Whole deployments: copied to another database and storage (a backup, a restore, a move), row by row and picture by picture.
//!
//! Rows and objects are copied as they lie, sealed; each picture is opened on the way and held against its hash. A copy is taken in one
//! snapshot. A move holds writers back while the rows are copied, and then lets none through any more, so that nothing is written where
//! nobody will look.

use std::{collections::BTreeMap, pin::pin, time::Duration};

use futures::{StreamExt as _, TryStreamExt as _, stream};
use jiff::Timestamp;
use object_store::{ObjectStoreExt as _, path::Path};
use sea_orm::{
    AccessMode, ColumnTrait as _, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend,
    EntityTrait as _, IsolationLevel, QueryFilter as _, QueryOrder as _, QueryResult, QuerySelect as _,
    SqliteTransactionMode, Statement, StreamTrait as _, TransactionOptions, TransactionTrait as _,
    TryGetable,
    sea_query::{Expr, Query, Value},
};
use uuid::Uuid;

use crate::{
    Picture, PictureId, Store, StoreError, entity::picture, picture::from_row, seal::key_id_of,
    time::to_millis,
};

/// All tables, each after those that it refers to.
const TABLES: [&str; 23] = [
    "exam_session",
    "registration",
    "collection",
    "sms_code",
    "rate",
    "message",
    "session",
    "consent",
    "picture",
    "attempt",
    "delivery",
    "breaker",
    "journal",
    "staff",
    "staff_session",
    "audit",
    "audit_head",
    "roster_import",
    "desk_ticket",
    "download",
    "photo_export",
    "milestone",
    "refusal",
];
/// Rows that are inserted at once.
const ROWS: usize = 200;
/// Pictures that are asked for at once, and that travel at once.
const PICTURES: u64 = 500;
const AT_ONCE: usize = 8;
/// Bytes at the beginning of an object that tell the key it is sealed under.
const HEAD: u64 = 2 + 255;
/// Nodes' clocks are not further apart than this.
const SKEW_MS: i64 = 3_600_000;
/// What a database says to whoever would write after a move.
pub(crate) const MOVED: &str = "this deployment has moved to another database";

/// What was copied.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Transferred {
    /// Rows by table.
    pub rows: BTreeMap<&'static str, u64>,
    /// What became of the pictures.
    pub pictures: PicturesTransferred,
}

/// What became of the pictures of a copy.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PicturesTransferred {
    /// Copied now, each held against its hash.
    pub copied: u64,
    /// They lay there already.
    pub known: u64,
    /// Deleted while the copy was made, and so from the copy.
    pub deleted: u64,
    /// Their rows are there, their objects are not, or are not what they were: the pictures are lost.
    pub lost: Vec<PictureId>,
}

/// Who is told how far a copy is.
pub trait Watcher: Send {
    /// So many rows of a table are copied.
    fn rows(&mut self, table: &'static str, rows: u64);
    /// So many pictures are looked after.
    fn pictures(&mut self, pictures: u64);
}

/// Nobody is told.
pub struct Unwatched;

impl Watcher for Unwatched {
    fn rows(&mut self, _: &'static str, _: u64) {}
    fn pictures(&mut self, _: u64) {}
}

impl Store {
    /// Copies everything to an empty, migrated store, as it is at one moment; writers are not held up.
    ///
    /// Pictures that lie there already are taken as they are: they never change.
    ///
    /// # Errors
    /// [`StoreError::Configuration`] if the target holds records; what database or storage say.
    pub async fn copy_to(
        &self,
        target: &Store,
        watcher: &mut dyn Watcher,
    ) -> Result<Transferred, StoreError> {
        must_have_our_keys(self, target)?;
        let source = self.snapshot().await?;
        let rows = copy_all_rows(&source, target, watcher).await?;
        source.rollback().await?;
        let mut pictures = self.copy_pictures(target, target, None, watcher).await?;
        self.forget_deleted(target, &mut pictures).await?;
        Ok(Transferred { rows, pictures })
    }

    /// Moves everything to an empty, migrated store. The pictures travel first, while work goes on; then writers are held back, the rows
    /// follow, and from then on this database takes nothing any more: whoever writes is told [`StoreError::Moved`].
    ///
    /// # Errors
    /// As [`Store::copy_to`]; then nothing has moved, and work goes on here.
    pub async fn move_to(
        &self,
        target: &Store,
        now: Timestamp,
        watcher: &mut dyn Watcher,
    ) -> Result<Transferred, StoreError> {
        must_have_our_keys(self, target)?;
        must_be_empty(target).await?;
        let mut pictures = self.copy_pictures(self, target, None, watcher).await?;
        let source = self.held().await?;
        let rows = copy_all_rows(&source, target, watcher).await?;
        let since = to_millis(now) - SKEW_MS;
        let late = self.copy_pictures(target, target, Some(since), watcher).await?;
        for statement in barriers(self.backend()) {
            source.execute_unprepared(&statement).await?;
        }
        source.commit().await?;
        pictures.copied += late.copied;
        pictures.lost.extend(late.lost);
        self.forget_deleted(target, &mut pictures).await?;
        Ok(Transferred { rows, pictures })
    }

    /// Takes a move back: this database takes writes again. What was written at the other place stays there.
    ///
    /// # Errors
    /// What the database says.
    pub async fn undo_move(&self) -> Result<(), StoreError> {
        let tx = self.database().begin().await?;
        for statement in without_barriers(self.backend()) {
            tx.execute_unprepared(&statement).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Deletes the objects that no row knows: pictures that an earlier copy to the same place held.
    ///
    /// # Errors
    /// What database or storage say.
    pub async fn forget_unknown_pictures(&self) -> Result<u64, StoreError> {
        self.delete_orphans(i64::MAX).await
    }

    fn backend(&self) -> DbBackend {
        self.database().get_database_backend()
    }

    async fn snapshot(&self) -> Result<DatabaseTransaction, StoreError> {
        let options = match self.backend() {
            DbBackend::Sqlite => TransactionOptions {
                sqlite_transaction_mode: Some(SqliteTransactionMode::Deferred),
                ..TransactionOptions::default()
            },
            _ => TransactionOptions {
                isolation_level: Some(IsolationLevel::RepeatableRead),
                access_mode: Some(AccessMode::ReadOnly),
                ..TransactionOptions::default()
            },
        };
        Ok(self.database().begin_with_options(options).await?)
    }

    /// A transaction beside which nobody writes; reading goes on.
    async fn held(&self) -> Result<DatabaseTransaction, StoreError> {
        /// PostgreSQL's locks are taken table by table: if somebody writes in another order, we step back, long before the database finds the
        /// deadlock after a second and breaks one of the two off.
        const STEP_BACK: &str = "SET LOCAL lock_timeout = '200ms'";
        const TRIES: u32 = 300;
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let all = TABLES.map(quoted).join(", ");
        let mut tries = 0;
        loop {
            let tx = self.database().begin_with_options(options).await?;
            if self.backend() == DbBackend::Sqlite {
                return Ok(tx);
            }
            tx.execute_unprepared(STEP_BACK).await?;
            match tx.execute_unprepared(&format!("LOCK TABLE {all} IN SHARE ROW EXCLUSIVE MODE")).await {
                Ok(_) => return Ok(tx),
                Err(error) if tries == TRIES => return Err(error.into()),
                Err(_) => tx.rollback().await?,
            }
            tries += 1;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Copies the pictures that `rows_of` knows, of those created since, and which are not there yet.
    async fn copy_pictures(
        &self,
        rows_of: &Store,
        target: &Store,
        since: Option<i64>,
        watcher: &mut dyn Watcher,
    ) -> Result<PicturesTransferred, StoreError> {
        let mut done = PicturesTransferred::default();
        let mut seen = 0;
        let mut after = Uuid::nil();
        loop {
            let rows = picture::Entity::find()
                .filter(picture::Column::Id.gt(after))
                .filter(picture::Column::CreatedAt.gte(since.unwrap_or(i64::MIN)))
                .order_by_asc(picture::Column::Id)
                .limit(PICTURES)
                .all(rows_of.database())
                .await?;
            let Some(last) = rows.last() else { return Ok(done) };
            after = last.id;
            let mut fates = stream::iter(rows)
                .map(|row| async move {
                    let picture = from_row(row)?;
                    Ok::<_, StoreError>((picture.id, self.copy_picture(&picture, target).await?))
                })
                .buffer_unordered(AT_ONCE);
            while let Some((id, fate)) = fates.try_next().await? {
                match fate {
                    Fate::Copied => done.copied += 1,
                    Fate::Known => done.known += 1,
                    Fate::Lost => done.lost.push(id),
                }
                seen += 1;
                watcher.pictures(seen);
            }
        }
    }

    async fn copy_picture(&self, picture: &Picture, target: &Store) -> Result<Fate, StoreError> {
        let key = Path::from(picture.object_key.as_str());
        // Pictures never change, but a rotation of keys seals them anew under the same name.
        match target.objects.get_range(&key, 0..HEAD).await {
            Ok(head) if key_id_of(&head) == Ok(picture.key_id.as_str()) => return Ok(Fate::Known),
            Ok(_) | Err(object_store::Error::NotFound { .. }) => {}
            Err(other) => return Err(other.into()),
        }
        match self.read_sealed_picture(picture).await {
            Ok(sealed) => {
                target.objects.put(&key, sealed.into()).await?;
                Ok(Fate::Copied)
            }
            Err(StoreError::NotFound | StoreError::Sealed(_)) => Ok(Fate::Lost),
            Err(other) => Err(other),
        }
    }

    /// Lost are only those whose rows are still here: the others were deleted while the copy was made, and go from it too.
    async fn forget_deleted(
        &self,
        target: &Store,
        pictures: &mut PicturesTransferred,
    ) -> Result<(), StoreError> {
        for id in std::mem::take(&mut pictures.lost) {
            if self.picture(id).await?.is_some() {
                pictures.lost.push(id);
            } else if let Some(gone) = target.picture(id).await? {
                target.delete_picture(&gone).await?;
                pictures.deleted += 1;
            }
        }
        Ok(())
    }
}

enum Fate {
    Copied,
    Known,
    Lost,
}

fn quoted(name: &str) -> String {
    format!("\"{name}\"")
}

/// A copy can be used only under the keys that it was sealed with.
fn must_have_our_keys(source: &Store, target: &Store) -> Result<(), StoreError> {
    let place = crate::picture::place(Uuid::nil());
    let opened = target.keyring.open(place, &source.keyring.seal(place, b"keys")?).map(drop);
    let told = |why: &dyn std::fmt::Display| {
        let told = format!("the keys (keys.file) of both places have to be the same ones: {why}");
        StoreError::Configuration(told)
    };
    opened.map_err(|why| told(&why))?;
    target.keyring.must_be(&source.keyring.mark()).map_err(|why| told(&why))
}

async fn must_be_empty(target: &Store) -> Result<(), StoreError> {
    if is_empty(target.database()).await? {
        return Ok(());
    }
    Err(StoreError::Configuration(
        "the database to copy to holds records already: name an empty one".to_owned(),
    ))
}

/// Whether a database holds no records yet.
pub(crate) async fn is_empty(database: &DatabaseConnection) -> Result<bool, StoreError> {
    for table in TABLES.iter().filter(|table| **table != "audit_head") {
        let any = Query::select().expr(Expr::val(1)).from(*table).limit(1).take();
        if database.query_one(&any).await?.is_some() {
            return Ok(false);
        }
    }
    Ok(true)
}

async fn copy_all_rows(
    source: &DatabaseTransaction,
    target: &Store,
    watcher: &mut dyn Watcher,
) -> Result<BTreeMap<&'static str, u64>, StoreError> {
    must_be_empty(target).await?;
    let into = target.database().begin().await?;
    into.execute(&Query::delete().from_table("audit_head").take()).await?;
    let mut counts = BTreeMap::new();
    for table in TABLES {
        counts.insert(table, copy_rows(source, &into, table, watcher).await?);
    }
    into.commit().await?;
    Ok(counts)
}

/// What a column holds, as its database reads it.
#[derive(Clone, Copy)]
enum Kind {
    Text,
    Number,
    Count,
    Real,
    Flag,
    Bytes,
    Id,
}

impl Kind {
    /// By the type's name in `information_schema`, or as SQLite's tables were declared.
    fn of(declared: &str, backend: DbBackend) -> Option<Kind> {
        Some(match declared {
            "text" | "varchar" | "character varying" => Kind::Text,
            "integer" if backend == DbBackend::Postgres => Kind::Count,
            "bigint" | "integer" => Kind::Number,
            "double" | "double precision" => Kind::Real,
            "boolean" => Kind::Flag,
            "blob" | "bytea" => Kind::Bytes,
            "uuid_text" | "uuid" => Kind::Id,
            _ => return None,
        })
    }

    fn read(self, row: &QueryResult, column: usize) -> Result<Value, StoreError> {
        fn get<T: TryGetable>(row: &QueryResult, column: usize) -> Result<Option<T>, StoreError> {
            Ok(row.try_get_by_index(column)?)
        }
        Ok(match self {
            Kind::Text => Value::String(get(row, column)?),
            Kind::Number => Value::BigInt(get(row, column)?),
            Kind::Count => Value::BigInt(get::<i32>(row, column)?.map(i64::from)),
            Kind::Real => Value::Double(get(row, column)?),
            Kind::Flag => Value::Bool(get(row, column)?),
            Kind::Bytes => Value::Bytes(get(row, column)?),
            Kind::Id => Value::Uuid(get(row, column)?),
        })
    }
}

async fn columns(
    source: &DatabaseTransaction,
    table: &'static str,
) -> Result<Vec<(String, Kind)>, StoreError> {
    let backend = ConnectionTrait::get_database_backend(source);
    let question = match backend {
        DbBackend::Sqlite => {
            format!("SELECT name, lower(type) FROM pragma_table_info('{table}') ORDER BY cid")
        }
        _ => format!(
            "SELECT column_name::text, data_type::text FROM information_schema.columns \
             WHERE table_schema = current_schema() AND table_name = '{table}' ORDER BY ordinal_position"
        ),
    };
    let rows = source.query_all_raw(Statement::from_string(backend, question)).await?;
    let column = |row: QueryResult| {
        let (name, declared): (String, String) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        let kind = Kind::of(&declared, backend).ok_or(StoreError::Malformed("table"))?;
        Ok((name, kind))
    };
    rows.into_iter().map(column).collect()
}

async fn copy_rows(
    source: &DatabaseTransaction,
    into: &DatabaseTransaction,
    table: &'static str,
    watcher: &mut dyn Watcher,
) -> Result<u64, StoreError> {
    let columns = columns(source, table).await?;
    let names: Vec<String> = columns.iter().map(|(name, _)| name.clone()).collect();
    let mut all = Query::select();
    all.from(table).columns(names.clone());
    let rows = source.stream(&all).await?;
    let mut rows = pin!(rows.try_chunks(ROWS));
    let mut count = 0;
    while let Some(chunk) = rows.next().await {
        let chunk = chunk.map_err(|error| error.1)?;
        let mut insert = Query::insert().into_table(table).columns(names.clone()).take();
        for row in &chunk {
            let values: Result<Vec<Value>, StoreError> =
                columns.iter().enumerate().map(|(place, (_, kind))| kind.read(row, place)).collect();
            insert.values_panic(values?.into_iter().map(Expr::val));
        }
        into.execute(&insert).await?;
        count += chunk.len() as u64;
        watcher.rows(table, count);
    }
    Ok(count)
}

/// Statements after which a database refuses every write, by [`MOVED`].
fn barriers(backend: DbBackend) -> Vec<String> {
    match backend {
        DbBackend::Sqlite => TABLES
            .iter()
            .flat_map(|table| {
                ["INSERT", "UPDATE", "DELETE"].map(|deed| {
                    format!(
                        "CREATE TRIGGER \"moved_{table}_{deed}\" BEFORE {deed} ON \"{table}\" \
                         BEGIN SELECT RAISE(ABORT, '{MOVED}'); END"
                    )
                })
            })
            .collect(),
        _ => std::iter::once(format!(
            "CREATE FUNCTION it_has_moved() RETURNS trigger LANGUAGE plpgsql AS \
             $$ BEGIN RAISE EXCEPTION '{MOVED}'; END $$"
        ))
        .chain(TABLES.iter().map(|table| {
            format!(
                "CREATE TRIGGER moved BEFORE INSERT OR UPDATE OR DELETE ON \"{table}\" \
                 FOR EACH STATEMENT EXECUTE FUNCTION it_has_moved()"
            )
        }))
        .collect(),
    }
}

fn without_barriers(backend: DbBackend) -> Vec<String> {
    match backend {
        DbBackend::Sqlite => TABLES
            .iter()
            .flat_map(|table| {
                ["INSERT", "UPDATE", "DELETE"]
                    .map(|deed| format!("DROP TRIGGER IF EXISTS \"moved_{table}_{deed}\""))
            })
            .collect(),
        // With what hangs on it.
        _ => vec!["DROP FUNCTION IF EXISTS it_has_moved CASCADE".to_owned()],
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{
        Algorithms, Entry, ImportHow, Keyring, NewAudit, NewDelivery, NewMessage, PictureKind, StoreConfig,
        specimens::{SESSION, at, collection, picture, registration, verifying},
        testing::{Bucket, TestDatabase},
    };

    /// An empty database of another kind or the same, under the keys of the first.
    async fn beside(database: &TestDatabase, other: &TestDatabase) -> Store {
        let config = StoreConfig { keyring: database.config().keyring, ..other.config() };
        Store::open(&config).await.unwrap()
    }

    /// Something in most tables.
    async fn full(store: &Store) {
        for n in 0..7 {
            let (record, _) = verifying(store, n).await;
            let tx = store.begin().await.unwrap();
            tx.note(&Entry::new(record.id, "photo_submitted", "candidate"), at(1)).await.unwrap();
            let payload = serde_json::json!({ "n": n });
            tx.enqueue_delivery(
                &NewDelivery { collection: record.id, kind: "completed".into(), payload },
                at(2),
            )
            .await
            .unwrap();
            tx.audit(&NewAudit::new("someone", "unmask").on("a subject"), at(3)).await.unwrap();
            tx.commit().await.unwrap();
            store.create_session(record.id, None, at(300), at(1)).await.unwrap();
            let of = registration(n);
            store.put_sms_code(&of.phone, "830417", 5, at(300), at(1)).await.unwrap();
            let message = NewMessage {
                kind: "code".into(),
                phone: of.phone.clone(),
                parameters: vec!["x".into()],
                expires_at: None,
            };
            store.enqueue_message(&message, at(1)).await.unwrap();
        }
        let roster: Vec<_> = (0..450).map(registration).collect();
        store.import_registrations(SESSION, &roster, ImportHow::default(), at(0)).await.unwrap();
    }

    /// All rows as text, by SQLite itself, which knows nothing of how they were copied.
    async fn told_by_sqlite(database: &TestDatabase) -> BTreeMap<&'static str, Vec<String>> {
        let connection = sea_orm::Database::connect(&database.config().database_url).await.unwrap();
        let mut told = BTreeMap::new();
        for table in TABLES {
            let ask = |sql: String| connection.query_all_raw(Statement::from_string(DbBackend::Sqlite, sql));
            let names = ask(format!(
                "SELECT 'quote(\"' || name || '\")' FROM pragma_table_info('{table}') ORDER BY name"
            ))
            .await
            .unwrap();
            let names: Vec<String> = names.iter().map(|row| row.try_get_by_index(0).unwrap()).collect();
            let rows = ask(format!("SELECT {} FROM \"{table}\"", names.join(" || ',' || "))).await.unwrap();
            let mut rows: Vec<String> = rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect();
            rows.sort();
            told.insert(table, rows);
        }
        told
    }

    #[tokio::test]
    async fn every_table_is_copied() {
        for database in TestDatabase::both().await {
            let store = database.store();
            let question = match store.backend() {
                DbBackend::Sqlite => "SELECT name FROM sqlite_master WHERE type = 'table'",
                _ => {
                    "SELECT table_name::text FROM information_schema.tables WHERE table_schema = current_schema()"
                }
            };
            let rows = store
                .database()
                .query_all_raw(Statement::from_string(store.backend(), question))
                .await
                .unwrap();
            let mut there: Vec<String> = rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect();
            there.retain(|table| table != "seaql_migrations" && !table.starts_with("sqlite_"));
            there.sort();
            let mut copied = TABLES.map(str::to_owned);
            copied.sort();
            assert_eq!(there, copied);
        }
    }

    #[tokio::test]
    async fn a_copy_to_another_kind_of_database_and_back_is_the_same_in_every_row_and_picture() {
        let [first, second] = TestDatabase::both().await;
        let third = TestDatabase::sqlite().await;
        let store = first.store();
        full(&store).await;
        let (middle, last) = (beside(&first, &second).await, beside(&first, &third).await);
        let there = store.copy_to(&middle, &mut Unwatched).await.unwrap();
        let back = middle.copy_to(&last, &mut Unwatched).await.unwrap();
        assert_eq!(there, back);
        assert_eq!(
            (there.rows["registration"], there.rows["collection"], there.rows["audit_head"]),
            (450, 7, 1)
        );
        assert_eq!(there.pictures, PicturesTransferred { copied: 7, ..PicturesTransferred::default() });
        assert_eq!(told_by_sqlite(&first).await, told_by_sqlite(&third).await);
        assert_eq!(last.verify_audit(None).await.unwrap().unwrap().number, 7);
        for n in 0..7 {
            let record = last.collection_of(SESSION, &registration(n).id).await.unwrap().unwrap();
            let photo = last.latest_picture(record.id, PictureKind::Photo).await.unwrap().unwrap();
            assert_eq!(&last.read_picture(&photo).await.unwrap()[..], b"photo");
        }
        let again = store.copy_to(&middle, &mut Unwatched).await.unwrap_err();
        assert!(again.to_string().contains("holds records already"), "{again}");
    }

    #[tokio::test]
    async fn pictures_that_are_lost_are_told_and_known_ones_are_not_copied_again() {
        let (first, second, third) =
            (TestDatabase::sqlite().await, TestDatabase::sqlite().await, TestDatabase::sqlite().await);
        let store = first.store();
        let record = collection(&store, 1).await;
        let mut put = Vec::new();
        for bytes in [&b"kept"[..], b"gone", b"altered", b"deleted"] {
            put.push(store.put_picture(picture(&record, PictureKind::Photo, bytes), at(1)).await.unwrap());
        }
        let file = |place: usize| first.pictures().join(&put[place].object_key);
        std::fs::remove_file(file(1)).unwrap();
        let mut bytes = std::fs::read(file(2)).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        std::fs::write(file(2), bytes).unwrap();
        let target = beside(&first, &second).await;
        let done = store.copy_to(&target, &mut Unwatched).await.unwrap().pictures;
        let mut lost = vec![put[1].id, put[2].id];
        lost.sort();
        assert_eq!((done.copied, done.known, done.deleted), (2, 0, 0));
        assert_eq!(
            {
                let mut told = done.lost;
                told.sort();
                told
            },
            lost
        );

        store.delete_picture(&put[3]).await.unwrap();
        let config = StoreConfig {
            pictures: second.config().pictures,
            keyring: first.config().keyring,
            ..third.config()
        };
        let later = Store::open(&config).await.unwrap();
        let done = store.copy_to(&later, &mut Unwatched).await.unwrap().pictures;
        assert_eq!((done.copied, done.known, done.lost.len()), (0, 1, 2));
        assert_eq!(
            later.forget_unknown_pictures().await.unwrap(),
            1,
            "what was deleted here is deleted from the copy"
        );
        assert_eq!(&later.read_picture(&put[0]).await.unwrap()[..], b"kept");
    }

    #[tokio::test]
    async fn other_keys_are_told_before_anything_is_copied() {
        let (first, second) = (TestDatabase::sqlite().await, TestDatabase::sqlite().await);
        full(&first.store()).await;
        let told = first.store().copy_to(&second.store(), &mut Unwatched).await.unwrap_err().to_string();
        assert!(told.contains("keys.file"), "{told}");
        let keys = Keyring::parse(&Keyring::generate("other", Algorithms::International).unwrap()).unwrap();
        let other = Store::open(&StoreConfig { keyring: keys, ..second.config() }).await.unwrap();
        assert!(first.store().move_to(&other, at(1), &mut Unwatched).await.is_err());
        collection(&first.store(), 900).await;
    }

    #[tokio::test]
    async fn what_was_written_while_a_deployment_moved_is_at_the_other_place() {
        let [first, second] = TestDatabase::both().await;
        let [third, fourth] = TestDatabase::both().await;
        for (from, to) in [(&first, &second), (&fourth, &third)] {
            let source = from.store();
            let before = collection(&source, 0).await;
            let writers: Vec<_> = (1..5)
                .map(|writer| {
                    let (source, record) = (source.clone(), before.clone());
                    tokio::spawn(async move {
                        let mut written = Vec::new();
                        for n in 0..100_000 {
                            let new = picture(&record, PictureKind::Capture, b"while it moved");
                            match source.put_picture(new, at(5)).await {
                                Ok(picture) => written.push(picture.id),
                                Err(StoreError::Moved) => break,
                                Err(other) => panic!("writer {writer}, {n}: {other}"),
                            }
                        }
                        written
                    })
                })
                .collect();
            tokio::time::sleep(Duration::from_millis(300)).await;
            let target = beside(from, to).await;
            let done = source.move_to(&target, at(5), &mut Unwatched).await.unwrap();
            assert!(done.pictures.lost.is_empty());
            let mut count = 0;
            for writer in writers {
                for id in writer.await.unwrap() {
                    let there = target.picture(id).await.unwrap().unwrap();
                    assert_eq!(&target.read_picture(&there).await.unwrap()[..], b"while it moved");
                    count += 1;
                }
            }
            assert!(count > 10, "{count} were written");
            // One that was there, and was told as moved before it was acknowledged, may have come along.
            let moved = done.rows["picture"];
            assert!((count..=count + 4).contains(&moved), "{moved} of {count}");
            let refused = source.find_or_create_collection(SESSION, "another", 5, at(6)).await.unwrap_err();
            assert!(matches!(refused, StoreError::Moved) && refused.is_passing(), "{refused}");
            source.undo_move().await.unwrap();
            source.find_or_create_collection(SESSION, "another", 5, at(6)).await.unwrap();
        }
    }

    #[tokio::test]
    async fn pictures_move_into_a_bucket_and_back() {
        let (first, second, third) =
            (TestDatabase::sqlite().await, TestDatabase::postgres().await, TestDatabase::sqlite().await);
        let bucket = Bucket::start().await;
        full(&first.store()).await;
        let config = StoreConfig {
            pictures: bucket.url("a/b"),
            s3: bucket.s3(),
            keyring: first.config().keyring,
            ..second.config()
        };
        let there = Store::open(&config).await.unwrap();
        let done = first.store().move_to(&there, at(9), &mut Unwatched).await.unwrap();
        assert_eq!((done.pictures.copied, done.pictures.lost.len()), (7, 0));
        let back = beside(&first, &third).await;
        assert_eq!(there.copy_to(&back, &mut Unwatched).await.unwrap().pictures.copied, 7);
        assert_eq!(told_by_sqlite(&first).await, told_by_sqlite(&third).await);
    }
}
