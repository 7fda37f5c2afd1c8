//! Imports of rosters that the office has begun: how far they are and what came of them, on whichever node they run.

use jiff::Timestamp;
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, sea_query::Expr,
};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    ImportHow, Records, RosterImportId, StoreError,
    entity::roster_import,
    seal::Place,
    text_enum::text_enum,
    time::{from_millis, to_millis},
};

text_enum! {
    /// Where an import stands.
    pub enum ImportStatus {
        /// Rows are being read.
        Running = "running",
        /// All rows were read.
        Done = "done",
        /// The file as a whole could not be read.
        Failed = "failed",
    }
}

/// An import that begins.
#[derive(Debug, Clone, PartialEq)]
pub struct NewRosterImport {
    /// Into which exam session.
    pub exam_session: String,
    /// The account of whoever began it.
    pub actor: String,
    /// How.
    pub how: ImportHow,
    /// What is told about it from the beginning: the file's name; sealed.
    pub report: Value,
}

/// How far an import is: counts of rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ImportProgress {
    /// Read so far.
    pub read: u64,
    /// New.
    pub added: u64,
    /// Changed.
    pub changed: u64,
    /// The same already.
    pub unchanged: u64,
    /// Known, and kept what they were.
    pub kept: u64,
    /// Not taken.
    pub refused: u64,
}

/// An import. `Debug` does not show the report.
#[derive(Clone, PartialEq)]
pub struct RosterImport {
    /// The import.
    pub id: RosterImportId,
    /// Into which exam session.
    pub exam_session: String,
    /// The account of whoever began it.
    pub actor: String,
    /// How.
    pub how: ImportHow,
    /// Where it stands.
    pub status: ImportStatus,
    /// How far it is.
    pub progress: ImportProgress,
    /// What is told about the file and its rows.
    pub report: Value,
    /// When it began.
    pub started_at: Timestamp,
    /// When it was heard of last: one that is silent for long has broken off.
    pub seen_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
}

impl std::fmt::Debug for RosterImport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RosterImport({}, {}, {:?})", self.id, self.status, self.progress)
    }
}

impl Records {
    /// Notes that an import begins.
    ///
    /// # Errors
    /// What the database says.
    pub async fn begin_roster_import(
        &self,
        new: &NewRosterImport,
        now: Timestamp,
    ) -> Result<RosterImportId, StoreError> {
        let id = RosterImportId::generate();
        let row = roster_import::ActiveModel {
            id: Set(id.0),
            exam_session: Set(new.exam_session.clone()),
            actor: Set(new.actor.clone()),
            dry_run: Set(new.how.dry_run),
            keep_known: Set(new.how.keep_known),
            status: Set(ImportStatus::Running.as_str().to_owned()),
            read: Set(0),
            added: Set(0),
            changed: Set(0),
            unchanged: Set(0),
            kept: Set(0),
            refused: Set(0),
            report: Set(self.keyring.seal_json(place(id.0), &new.report)?),
            started_at: Set(to_millis(now)),
            seen_at: Set(to_millis(now)),
            finished_at: Set(None),
        };
        roster_import::Entity::insert(row).exec_without_returning(&self.db()).await?;
        Ok(id)
    }

    /// Notes how far an import is.
    ///
    /// # Errors
    /// What the database says.
    pub async fn note_roster_import(
        &self,
        id: RosterImportId,
        progress: &ImportProgress,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        use roster_import::Column as C;
        let mut update = roster_import::Entity::update_many().filter(C::Id.eq(id.0));
        for (column, value) in counts(progress) {
            update = update.col_expr(column, Expr::val(value));
        }
        update.col_expr(C::SeenAt, Expr::val(to_millis(now))).exec(&self.db()).await?;
        Ok(())
    }

    /// Notes that an import has ended, and how.
    ///
    /// # Errors
    /// What the database says.
    pub async fn end_roster_import(
        &self,
        id: RosterImportId,
        status: ImportStatus,
        progress: &ImportProgress,
        report: &Value,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        use roster_import::Column as C;
        let mut update = roster_import::Entity::update_many().filter(C::Id.eq(id.0));
        for (column, value) in counts(progress) {
            update = update.col_expr(column, Expr::val(value));
        }
        update
            .col_expr(C::Status, Expr::val(status.as_str()))
            .col_expr(C::Report, Expr::val(self.keyring.seal_json(place(id.0), report)?))
            .col_expr(C::SeenAt, Expr::val(to_millis(now)))
            .col_expr(C::FinishedAt, Expr::val(to_millis(now)))
            .exec(&self.db())
            .await?;
        Ok(())
    }

    /// An import of an exam session.
    ///
    /// # Errors
    /// [`StoreError::Sealed`] if its report cannot be opened.
    pub async fn roster_import(
        &self,
        exam_session: &str,
        id: RosterImportId,
    ) -> Result<Option<RosterImport>, StoreError> {
        let row = roster_import::Entity::find_by_id(id.0)
            .filter(roster_import::Column::ExamSession.eq(exam_session))
            .one(&self.db())
            .await?;
        row.map(|row| self.import_of(row)).transpose()
    }

    /// The latest imports of an exam session, the newest first.
    ///
    /// # Errors
    /// [`StoreError::Sealed`] if a report cannot be opened.
    pub async fn roster_imports(
        &self,
        exam_session: &str,
        limit: u64,
    ) -> Result<Vec<RosterImport>, StoreError> {
        let rows = roster_import::Entity::find()
            .filter(roster_import::Column::ExamSession.eq(exam_session))
            .order_by_desc(roster_import::Column::StartedAt)
            .order_by_desc(roster_import::Column::Id)
            .limit(limit)
            .all(&self.db())
            .await?;
        rows.into_iter().map(|row| self.import_of(row)).collect()
    }

    fn import_of(&self, row: roster_import::Model) -> Result<RosterImport, StoreError> {
        Ok(RosterImport {
            id: RosterImportId(row.id),
            report: self.keyring.open_json(place(row.id), &row.report)?,
            exam_session: row.exam_session,
            actor: row.actor,
            how: ImportHow { dry_run: row.dry_run, keep_known: row.keep_known },
            status: ImportStatus::parse(&row.status).ok_or(StoreError::Malformed("roster_import"))?,
            progress: ImportProgress {
                read: row.read.unsigned_abs(),
                added: row.added.unsigned_abs(),
                changed: row.changed.unsigned_abs(),
                unchanged: row.unchanged.unsigned_abs(),
                kept: row.kept.unsigned_abs(),
                refused: row.refused.unsigned_abs(),
            },
            started_at: from_millis(row.started_at),
            seen_at: from_millis(row.seen_at),
            finished_at: row.finished_at.map(from_millis),
        })
    }
}

fn counts(progress: &ImportProgress) -> [(roster_import::Column, i64); 6] {
    use roster_import::Column as C;
    let count = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    [
        (C::Read, count(progress.read)),
        (C::Added, count(progress.added)),
        (C::Changed, count(progress.changed)),
        (C::Unchanged, count(progress.unchanged)),
        (C::Kept, count(progress.kept)),
        (C::Refused, count(progress.refused)),
    ]
}

fn place(row: Uuid) -> Place {
    Place { table: "roster_import", column: "report", row }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;
    use crate::{
        specimens::{SESSION, at, exam_session},
        testing::TestDatabase,
    };

    #[tokio::test]
    async fn an_import_is_followed_from_any_node() {
        for database in TestDatabase::both().await {
            let store = database.store();
            store.put_exam_session(&exam_session(SESSION), at(0)).await.unwrap();
            let how = ImportHow { dry_run: true, keep_known: false };
            let new = NewRosterImport {
                exam_session: SESSION.into(),
                actor: "li".into(),
                how,
                report: json!({ "file": "名单.csv" }),
            };
            let id = store.begin_roster_import(&new, at(1)).await.unwrap();
            let half = ImportProgress { read: 500, added: 499, refused: 1, ..ImportProgress::default() };
            store.note_roster_import(id, &half, at(2)).await.unwrap();
            let other = database.another_node().await;
            let seen = other.roster_import(SESSION, id).await.unwrap().unwrap();
            assert_eq!((seen.status, seen.progress, seen.seen_at), (ImportStatus::Running, half, at(2)));
            assert_eq!((seen.how, seen.report, seen.finished_at), (how, new.report.clone(), None));
            let report = json!({ "problems": [] });
            store.end_roster_import(id, ImportStatus::Done, &half, &report, at(3)).await.unwrap();
            let listed = other.roster_imports(SESSION, 5).await.unwrap();
            assert_eq!((listed.len(), listed[0].status, &listed[0].report), (1, ImportStatus::Done, &report));
            assert_eq!(listed[0].finished_at, Some(at(3)));
            assert_eq!(other.roster_import("another", id).await.unwrap(), None, "of its own session only");
        }
    }
}
