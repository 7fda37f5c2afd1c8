//! Exports of ID photos: when, by whom, up to where. Only one that was read to its end says where the next one begins.

use jiff::Timestamp;
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, sea_query::Expr,
};

use crate::{
    PhotoExportId, Records, StoreError,
    entity::photo_export,
    time::{from_millis, to_millis},
};

/// An export that begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPhotoExport {
    /// The exam session.
    pub exam_session: String,
    /// By whom.
    pub account: String,
    /// Completions after this one are in it; all if `None`.
    pub since: Option<Timestamp>,
}

/// What an export took, told when its archive is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PhotosTaken {
    /// Completions after this one are for the next export.
    pub cut_off: Timestamp,
    /// Photos in the archive.
    pub photos: u64,
    /// Photos that were gone, or could not be named.
    pub missing: u64,
    /// Completions that were left for the next export, as one archive holds only so many.
    pub remaining: u64,
    /// Bytes of the photos.
    pub bytes: u64,
}

/// An export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhotoExport {
    /// The export.
    pub id: PhotoExportId,
    /// By whom.
    pub account: String,
    /// Completions after this one are in it; all if `None`.
    pub since: Option<Timestamp>,
    /// What it took, once its archive was closed.
    pub taken: Option<PhotosTaken>,
    /// When it began.
    pub started_at: Timestamp,
    /// When it had been read to its end; `None` if it never was.
    pub finished_at: Option<Timestamp>,
}

impl Records {
    /// Notes that an export begins.
    ///
    /// # Errors
    /// What the database says.
    pub async fn begin_photo_export(
        &self,
        new: &NewPhotoExport,
        now: Timestamp,
    ) -> Result<PhotoExportId, StoreError> {
        let id = PhotoExportId::generate();
        let row = photo_export::ActiveModel {
            id: Set(id.0),
            exam_session: Set(new.exam_session.clone()),
            account: Set(new.account.clone()),
            since: Set(new.since.map(to_millis)),
            cut_off: Set(None),
            photos: Set(0),
            missing: Set(0),
            remaining: Set(0),
            bytes: Set(0),
            started_at: Set(to_millis(now)),
            finished_at: Set(None),
        };
        photo_export::Entity::insert(row).exec_without_returning(&self.db()).await?;
        Ok(id)
    }

    /// Notes what an export took: its archive is closed.
    ///
    /// # Errors
    /// What the database says.
    pub async fn close_photo_export(&self, id: PhotoExportId, taken: &PhotosTaken) -> Result<(), StoreError> {
        use photo_export::Column as C;
        let count = |count: u64| Expr::val(i64::try_from(count).unwrap_or(i64::MAX));
        photo_export::Entity::update_many()
            .col_expr(C::CutOff, Expr::val(to_millis(taken.cut_off)))
            .col_expr(C::Photos, count(taken.photos))
            .col_expr(C::Missing, count(taken.missing))
            .col_expr(C::Remaining, count(taken.remaining))
            .col_expr(C::Bytes, count(taken.bytes))
            .filter(C::Id.eq(id.0))
            .exec(&self.db())
            .await?;
        Ok(())
    }

    /// Notes that an export was read to its end.
    ///
    /// # Errors
    /// What the database says.
    pub async fn finish_photo_export(&self, id: PhotoExportId, now: Timestamp) -> Result<(), StoreError> {
        use photo_export::Column as C;
        photo_export::Entity::update_many()
            .col_expr(C::FinishedAt, Expr::val(to_millis(now)))
            .filter(C::Id.eq(id.0))
            .filter(C::CutOff.is_not_null())
            .exec(&self.db())
            .await?;
        Ok(())
    }

    /// Where the export that was read to its end last had its cut-off.
    ///
    /// # Errors
    /// What the database says.
    pub async fn photos_exported_until(&self, exam_session: &str) -> Result<Option<Timestamp>, StoreError> {
        use photo_export::Column as C;
        let last = photo_export::Entity::find()
            .filter(C::ExamSession.eq(exam_session))
            .filter(C::FinishedAt.is_not_null())
            .order_by_desc(C::FinishedAt)
            .order_by_desc(C::Id)
            .one(&self.db())
            .await?;
        Ok(last.and_then(|row| row.cut_off).map(from_millis))
    }

    /// The latest exports of an exam session, the newest first.
    ///
    /// # Errors
    /// What the database says.
    pub async fn photo_exports(
        &self,
        exam_session: &str,
        limit: u64,
    ) -> Result<Vec<PhotoExport>, StoreError> {
        use photo_export::Column as C;
        let rows = photo_export::Entity::find()
            .filter(C::ExamSession.eq(exam_session))
            .order_by_desc(C::StartedAt)
            .order_by_desc(C::Id)
            .limit(limit)
            .all(&self.db())
            .await?;
        Ok(rows.into_iter().map(read).collect())
    }
}

fn read(row: photo_export::Model) -> PhotoExport {
    let taken = row.cut_off.map(|cut_off| PhotosTaken {
        cut_off: from_millis(cut_off),
        photos: row.photos.unsigned_abs(),
        missing: row.missing.unsigned_abs(),
        remaining: row.remaining.unsigned_abs(),
        bytes: row.bytes.unsigned_abs(),
    });
    PhotoExport {
        id: PhotoExportId(row.id),
        account: row.account,
        since: row.since.map(from_millis),
        taken,
        started_at: from_millis(row.started_at),
        finished_at: row.finished_at.map(from_millis),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{
        specimens::{SESSION, at, exam_session},
        testing::TestDatabase,
    };

    #[tokio::test]
    async fn only_one_that_was_closed_and_read_to_its_end_counts() {
        for database in TestDatabase::both().await {
            let store = database.store();
            store.put_exam_session(&exam_session(SESSION), at(0)).await.unwrap();
            let new = NewPhotoExport { exam_session: SESSION.into(), account: "li".into(), since: None };
            let taken = |second| PhotosTaken {
                cut_off: at(second),
                photos: 3,
                missing: 1,
                remaining: 0,
                bytes: 90_000,
            };
            let last = async || store.photos_exported_until(SESSION).await.unwrap();
            let one = store.begin_photo_export(&new, at(10)).await.unwrap();
            store.finish_photo_export(one, at(11)).await.unwrap();
            assert_eq!(last().await, None, "its archive was never closed");
            store.close_photo_export(one, &taken(10)).await.unwrap();
            assert_eq!(last().await, None, "nobody has read it");
            store.finish_photo_export(one, at(12)).await.unwrap();
            assert_eq!(last().await, Some(at(10)));
            let two = store.begin_photo_export(&new, at(20)).await.unwrap();
            store.close_photo_export(two, &taken(20)).await.unwrap();
            assert_eq!(last().await, Some(at(10)));
            let told = store.photo_exports(SESSION, 20).await.unwrap();
            assert_eq!(told.iter().map(|e| e.id).collect::<Vec<_>>(), [two, one]);
            assert_eq!((told[1].taken, told[1].finished_at), (Some(taken(10)), Some(at(12))));
            assert_eq!((told[0].taken, told[0].finished_at), (Some(taken(20)), None));
            assert_eq!(store.photo_exports("other", 20).await.unwrap(), []);
        }
    }
}
