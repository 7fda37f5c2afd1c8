//! Deleting what is no longer needed, on the operator's schedule, and what broken writes left behind.

use std::{
    collections::HashSet,
    fs, io,
    time::{Duration, SystemTime},
};

use futures::TryStreamExt as _;
use jiff::Timestamp;
use object_store::path::Path;
use sea_orm::{
    ColumnTrait as _, Condition, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    sea_query::{Expr, ExprTrait as _, Order, Query},
};
use uuid::Uuid;

use crate::{
    CollectionId, NewAudit, PictureKind, Store, StoreError,
    entity::{
        attempt, collection, delivery, desk_ticket, download, exam_session, message, picture, rate,
        registration, roster_import, session, sms_code, staff_session,
    },
    lease,
    picture::{PREFIX, delete_object, from_row, off_the_runtime},
    time::{span, to_millis},
};

/// Milliseconds of a day.
const A_DAY: i64 = 86_400_000;

/// Pictures that are looked at in one go.
const BATCH: u64 = 500;

/// States of collections that have ended.
const ENDED: [&str; 2] = ["completed", "failed"];

/// How long what is kept. `None` keeps it for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Pictures of the card and the face on it, from their upload.
    pub card_pictures: Option<Duration>,
    /// Captures, from their upload.
    pub captures: Option<Duration>,
    /// ID photos, from their making.
    pub photos: Option<Duration>,
    /// What was read off the card and found about the photo, from the end of the collection.
    pub particulars: Option<Duration>,
    /// Messages and deliveries that are done, from then.
    pub done_work: Option<Duration>,
    /// Collections that were never finished, from their last change: with all that hangs on them. The candidate may begin anew.
    pub unfinished: Option<Duration>,
    /// Everything of an exam session, roster included, from its end.
    pub records: Option<Duration>,
    /// Pictures that a newer one replaced, and objects that no row knows: not before they have this age, for somebody may be
    /// using or just making them.
    pub grace: Duration,
}

impl Default for Retention {
    /// A month for what was only needed on the way, photos for good, an hour of grace.
    fn default() -> Retention {
        let month = Some(Duration::from_secs(30 * 24 * 3600));
        Retention {
            card_pictures: month,
            captures: month,
            photos: None,
            particulars: month,
            done_work: month,
            unfinished: None,
            records: None,
            grace: Duration::from_secs(3600),
        }
    }
}

/// What a sweep removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// Pictures past their time, or replaced.
    pub pictures: u64,
    /// Objects that no row knew, and files whose writing was never finished.
    pub orphans: u64,
    /// Collections whose particulars were cleared.
    pub particulars: u64,
    /// Logins, codes, counters and tickets that had run out.
    pub expired: u64,
    /// Messages and deliveries that were done.
    pub done_work: u64,
    /// Collections, with all that hung on them.
    pub collections: u64,
    /// Registrations of the built-in roster.
    pub registrations: u64,
}

impl Swept {
    /// Every kind of what was removed, by its stable name.
    pub fn counts(&self) -> [(&'static str, u64); 7] {
        [
            ("pictures", self.pictures),
            ("orphans", self.orphans),
            ("particulars", self.particulars),
            ("expired", self.expired),
            ("done_work", self.done_work),
            ("collections", self.collections),
            ("registrations", self.registrations),
        ]
    }
}

impl Store {
    /// Removes what is past its time. Several nodes may sweep at once; a sweep that breaks off is made up by the next.
    ///
    /// A photo that an open attempt or delivery needs is never removed.
    ///
    /// # Errors
    /// What the database or the storage says.
    pub async fn sweep(&self, retention: &Retention, now: Timestamp) -> Result<Swept, StoreError> {
        let before = |age: Duration| to_millis(now).saturating_sub(span(age));
        let mut swept = Swept::default();
        let by_age = [
            (PictureKind::CardPortrait, retention.card_pictures),
            (PictureKind::CardEmblem, retention.card_pictures),
            (PictureKind::CardFace, retention.card_pictures),
            (PictureKind::Capture, retention.captures),
            (PictureKind::Preview, retention.captures),
            (PictureKind::Photo, retention.photos),
        ];
        for (kind, age) in by_age {
            if let Some(age) = age {
                let of_age = Condition::all()
                    .add(picture::Column::Kind.eq(kind.as_str()))
                    .add(picture::Column::CreatedAt.lt(before(age)));
                swept.pictures += self.delete_pictures(of_age).await?;
            }
        }
        swept.pictures += self.delete_pictures(replaced(before(retention.grace))).await?;
        swept.orphans = self.delete_orphans(before(retention.grace)).await?;
        swept.orphans += self.delete_unfinished(before(retention.grace)).await?;
        if let Some(age) = retention.particulars {
            swept.particulars = self.clear_particulars(before(age), to_millis(now)).await?;
        }
        swept.expired = self.delete_expired(to_millis(now)).await?;
        if let Some(age) = retention.done_work {
            swept.done_work = self.delete_done_work(before(age)).await?;
        }
        if let Some(age) = retention.unfinished {
            let unfinished = Condition::all()
                .add(collection::Column::State.is_not_in(ENDED))
                .add(collection::Column::UpdatedAt.lt(before(age)));
            swept.collections += self.delete_collections(unfinished).await?;
        }
        if let Some(age) = retention.records {
            for exam in self.exam_sessions_ended(before(age)).await? {
                swept.collections +=
                    self.delete_collections(collection::Column::ExamSession.eq(exam.as_str())).await?;
                swept.registrations += self.delete_registrations(&exam).await?;
            }
        }
        self.prove(&swept, now).await?;
        Ok(swept)
    }

    /// Deletes pictures, the oldest first. In that order an index has them: without it PostgreSQL, which expects more rows of age than there
    /// are, would rather read the whole table until it has found a batch.
    async fn delete_pictures(&self, condition: Condition) -> Result<u64, StoreError> {
        let mut deleted = 0;
        loop {
            let rows = picture::Entity::find()
                .filter(condition.clone())
                .filter(needed_no_more())
                .order_by_asc(picture::Column::CreatedAt)
                .limit(BATCH)
                .all(&self.db())
                .await?;
            if rows.is_empty() {
                return Ok(deleted);
            }
            for row in rows {
                self.delete_picture(&from_row(row)?).await?;
                deleted += 1;
            }
        }
    }

    pub(crate) async fn delete_orphans(&self, before: i64) -> Result<u64, StoreError> {
        let prefix = Path::from(PREFIX);
        let mut listed = self.objects.list(Some(&prefix)).try_chunks(BATCH as usize);
        let mut deleted = 0;
        while let Some(objects) = listed.try_next().await.map_err(|e| StoreError::Pictures(e.1))? {
            let old: Vec<(Uuid, Path)> = objects
                .into_iter()
                .filter(|object| object.last_modified.timestamp_millis() < before)
                .filter_map(|object| Some((object.location.filename()?.parse().ok()?, object.location)))
                .collect();
            if old.is_empty() {
                continue;
            }
            let known: HashSet<Uuid> = picture::Entity::find()
                .filter(picture::Column::Id.is_in(old.iter().map(|(id, _)| *id)))
                .select_only()
                .column(picture::Column::Id)
                .into_tuple::<Uuid>()
                .all(&self.db())
                .await?
                .into_iter()
                .collect();
            for (id, key) in old {
                if !known.contains(&id) {
                    delete_object(&self.objects, &key).await?;
                    deleted += 1;
                }
            }
        }
        Ok(deleted)
    }

    /// What a process left that ended while it wrote a picture into the folder. The storage's own list hides these files.
    async fn delete_unfinished(&self, before: i64) -> Result<u64, StoreError> {
        let Some(folder) = self.folder.clone() else { return Ok(0) };
        off_the_runtime(move || {
            unfinished(&folder.join(PREFIX), before).map_err(|source| {
                StoreError::Pictures(object_store::Error::Generic { store: "folder", source: source.into() })
            })
        })
        .await
    }

    /// Clears particulars, those of the collections that ended first before others, a batch at a time: nobody waits long for the rows, and an
    /// index has them in that order, whatever PostgreSQL expects how many there are.
    async fn clear_particulars(&self, before: i64, now: i64) -> Result<u64, StoreError> {
        use collection::Column as C;
        let mut cleared = 0;
        for state in ENDED {
            let of_age = Condition::all()
                .add(C::State.eq(state))
                .add(C::UpdatedAt.lt(before))
                .add(C::Particulars.is_not_null());
            loop {
                let some = Query::select()
                    .column(C::Id)
                    .from(collection::Entity)
                    .cond_where(of_age.clone())
                    .order_by(C::UpdatedAt, Order::Asc)
                    .limit(BATCH)
                    .take();
                // What changed in the meantime is of age no more.
                let done = collection::Entity::update_many()
                    .col_expr(C::Particulars, Expr::val(None::<Vec<u8>>))
                    .col_expr(C::Version, Expr::col(C::Version).add(1))
                    .col_expr(C::UpdatedAt, Expr::val(now))
                    .filter(C::Id.in_subquery(some))
                    .filter(of_age.clone())
                    .exec(&self.db())
                    .await?
                    .rows_affected;
                cleared += done;
                if done == 0 {
                    break;
                }
            }
        }
        Ok(cleared)
    }

    async fn delete_expired(&self, now: i64) -> Result<u64, StoreError> {
        let db = self.db();
        let sessions = session::Entity::delete_many().filter(session::Column::ExpiresAt.lte(now)).exec(&db);
        let codes = sms_code::Entity::delete_many().filter(sms_code::Column::ExpiresAt.lte(now)).exec(&db);
        let ended = Expr::col(rate::Column::WindowStart).add(Expr::col(rate::Column::Window)).lte(now);
        let rates = rate::Entity::delete_many().filter(ended).exec(&db);
        // No session of the office lives longer without being seen.
        let idle = staff_session::Column::SeenAt.lt(now - A_DAY);
        let office = staff_session::Entity::delete_many().filter(idle).exec(&db);
        let tickets = download::Entity::delete_many().filter(download::Column::ExpiresAt.lte(now)).exec(&db);
        let passed = sessions.await?.rows_affected + codes.await?.rows_affected + rates.await?.rows_affected;
        let at_desk = desk_ticket::Entity::delete_many()
            .filter(desk_ticket::Column::ExpiresAt.lte(now))
            .exec(&db)
            .await?
            .rows_affected;
        Ok(passed + office.await?.rows_affected + tickets.await?.rows_affected + at_desk)
    }

    /// Deletes collections with all that hangs on them, but none of which somebody is being asked or told.
    async fn delete_collections(&self, condition: impl Into<Condition>) -> Result<u64, StoreError> {
        let (condition, mut after, mut deleted) = (condition.into(), Uuid::nil(), 0);
        loop {
            let rows = collection::Entity::find()
                .filter(condition.clone())
                .filter(collection::Column::Id.gt(after))
                .order_by_asc(collection::Column::Id)
                .limit(BATCH)
                .all(&self.db())
                .await?;
            let Some(last) = rows.last() else { return Ok(deleted) };
            after = last.id;
            for row in rows {
                let tx = self.begin().await?;
                // What changed in the meantime is looked at again the next time.
                let same = tx.collection_version(CollectionId(row.id)).await? == Some(row.version);
                if same && tx.delete_collection(CollectionId(row.id)).await?.is_ok() {
                    tx.commit().await?;
                    deleted += 1;
                } else {
                    tx.roll_back().await?;
                }
            }
        }
    }

    /// Exam sessions that were closed, by their time or by hand, before then.
    async fn exam_sessions_ended(&self, before: i64) -> Result<Vec<String>, StoreError> {
        use exam_session::Column as C;
        let by_time = C::ClosesAt.lt(before);
        let by_hand = Condition::all().add(C::Open.eq(false)).add(C::UpdatedAt.lt(before));
        let ended = exam_session::Entity::find()
            .filter(Condition::any().add(by_time).add(by_hand))
            .select_only()
            .column(C::Id)
            .into_tuple()
            .all(&self.db())
            .await?;
        Ok(ended)
    }

    /// Deletes an exam session's roster, and what was told about its imports, once no collection is left.
    async fn delete_registrations(&self, exam: &str) -> Result<u64, StoreError> {
        let left = collection::Entity::find()
            .filter(collection::Column::ExamSession.eq(exam))
            .one(&self.db())
            .await?;
        if left.is_some() {
            return Ok(0);
        }
        roster_import::Entity::delete_many()
            .filter(roster_import::Column::ExamSession.eq(exam))
            .filter(roster_import::Column::FinishedAt.is_not_null())
            .exec(&self.db())
            .await?;
        let mut deleted = 0;
        loop {
            let some = Query::select()
                .column(registration::Column::Id)
                .from(registration::Entity)
                .and_where(registration::Column::ExamSession.eq(exam))
                .limit(BATCH)
                .take();
            let gone = registration::Entity::delete_many()
                .filter(registration::Column::Id.in_subquery(some))
                .exec(&self.db())
                .await?
                .rows_affected;
            deleted += gone;
            if gone == 0 {
                return Ok(deleted);
            }
        }
    }

    /// Notes in the audit log what a sweep removed of people's data.
    async fn prove(&self, swept: &Swept, now: Timestamp) -> Result<(), StoreError> {
        let mut entry = NewAudit::new("worker", domain::Deed::Sweep.name());
        for (name, count) in
            swept.counts().into_iter().filter(|(name, count)| *name != "expired" && *count > 0)
        {
            entry = entry.with(name, count);
        }
        if entry.details.is_empty() {
            return Ok(());
        }
        let tx = self.begin().await?;
        tx.audit(&entry, now).await?;
        tx.commit().await
    }

    async fn delete_done_work(&self, before: i64) -> Result<u64, StoreError> {
        let db = self.db();
        let messages = message::Entity::delete_many().filter(message::Column::DoneAt.lt(before)).exec(&db);
        let deliveries =
            delivery::Entity::delete_many().filter(delivery::Column::DoneAt.lt(before)).exec(&db);
        Ok(messages.await?.rows_affected + deliveries.await?.rows_affected)
    }
}

/// A newer picture of the same kind is there, and this one is of age.
fn replaced(before: i64) -> Condition {
    Condition::all().add(picture::Column::CreatedAt.lt(before)).add(picture::Column::ReplacedAt.is_not_null())
}

/// No open attempt verifies it, and no open delivery of its collection may still send it.
fn needed_no_more() -> Condition {
    let of_attempt = Query::select()
        .column(attempt::Column::Photo)
        .from(attempt::Entity)
        .and_where(lease::open("attempt"))
        .take();
    let of_delivery = Query::select()
        .column(delivery::Column::Collection)
        .from(delivery::Entity)
        .and_where(lease::open("delivery"))
        .take();
    Condition::all()
        .add(picture::Column::Id.not_in_subquery(of_attempt))
        .add(picture::Column::Collection.not_in_subquery(of_delivery))
}

/// Deletes files in the collections' folders that are called `UUID#NUMBER` and were last written before that time.
fn unfinished(pictures: &std::path::Path, before: i64) -> io::Result<u64> {
    let mut deleted = 0;
    for folder in listed(pictures)? {
        for file in listed(&folder)? {
            let name = file.file_name().and_then(|name| name.to_str()).and_then(|name| name.split_once('#'));
            let staged = name.is_some_and(|(id, number)| {
                id.parse::<Uuid>().is_ok() && number.bytes().all(|byte| byte.is_ascii_digit())
            });
            if !staged {
                continue;
            }
            // One that is gone by now was finished.
            let Some(written) = if_there(fs::metadata(&file).and_then(|file| file.modified()))? else {
                continue;
            };
            let age = written.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
            if span(age) < before && if_there(fs::remove_file(&file))?.is_some() {
                deleted += 1;
            }
        }
    }
    Ok(deleted)
}

/// What lies in a folder; nothing if there is no such folder.
fn listed(folder: &std::path::Path) -> io::Result<Vec<std::path::PathBuf>> {
    match fs::read_dir(folder) {
        Ok(entries) => entries.map(|entry| Ok(entry?.path())).collect(),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            Ok(Vec::new())
        }
        Err(error) => Err(error),
    }
}

fn if_there<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{
        specimens::{SESSION, at, collection, exam_session, picture, registration, verifying},
        testing::TestDatabase,
    };

    use serde_json::json;

    use crate::{Answer, AttemptOutcome, AuditFilter, ImportHow, NewDelivery, NewPicture};

    const DAY: Duration = Duration::from_secs(24 * 3600);

    /// Objects carry the storage's own clock, so this test goes by it too.
    fn now() -> Timestamp {
        Timestamp::now()
    }

    fn policy() -> Retention {
        Retention {
            card_pictures: Some(30 * DAY),
            captures: Some(30 * DAY),
            photos: None,
            particulars: Some(30 * DAY),
            done_work: Some(30 * DAY),
            unfinished: Some(90 * DAY),
            records: Some(365 * DAY),
            grace: DAY,
        }
    }

    #[tokio::test]
    async fn pictures_go_when_their_time_is_over_and_photos_stay() {
        for database in TestDatabase::both().await {
            let store = database.store();
            let record = collection(&store, 1).await;
            for kind in
                [PictureKind::CardPortrait, PictureKind::Capture, PictureKind::Preview, PictureKind::Photo]
            {
                store.put_picture(picture(&record, kind, b"x"), now()).await.unwrap();
            }
            assert_eq!(store.sweep(&policy(), now() + 29 * DAY).await.unwrap().pictures, 0);
            assert_eq!(store.sweep(&policy(), now() + 31 * DAY).await.unwrap().pictures, 3);
            let latest = |kind| store.latest_picture(record.id, kind);
            assert!(latest(PictureKind::Photo).await.unwrap().is_some());
            assert_eq!(latest(PictureKind::CardPortrait).await.unwrap(), None);
        }
    }

    #[tokio::test]
    async fn a_replaced_picture_goes_after_the_grace_but_not_while_it_is_needed() {
        for database in TestDatabase::both().await {
            let store = database.store();
            let (record, attempt) = verifying(&store, 1).await;
            let other = collection(&store, 2).await;
            let put =
                |record, second| store.put_picture(picture(record, PictureKind::Photo, b"x"), at(second));
            let (verified, replaced) =
                (store.attempt(attempt).await.unwrap().unwrap().photo, put(&other, 1).await.unwrap());
            put(&record, 2).await.unwrap();
            put(&other, 2).await.unwrap();
            let told = NewDelivery { collection: other.id, kind: "completed".into(), payload: json!({}) };
            store.enqueue_delivery(&told, at(2)).await.unwrap();
            let soon = at(3) + DAY;
            assert_eq!(store.sweep(&policy(), at(3)).await.unwrap().pictures, 0);
            assert_eq!(store.sweep(&policy(), soon).await.unwrap().pictures, 0);
            let delivery = store.claim_delivery("w", soon, DAY).await.unwrap().unwrap();
            store.complete_delivery(&delivery, soon).await.unwrap();
            assert_eq!(store.sweep(&policy(), soon).await.unwrap().pictures, 1);
            assert_eq!(store.picture(replaced.id).await.unwrap(), None);
            assert!(store.picture(verified).await.unwrap().is_some());
        }
    }

    #[tokio::test]
    async fn an_object_without_a_row_goes_after_the_grace() {
        for database in TestDatabase::both().await {
            let store = database.store();
            let record = collection(&store, 1).await;
            let orphan: NewPicture = picture(&record, PictureKind::Photo, b"x");
            let orphan = store.write_picture(orphan, now()).await.unwrap();
            let kept = store.put_picture(picture(&record, PictureKind::Photo, b"x"), now()).await.unwrap();
            assert_eq!(store.sweep(&policy(), now()).await.unwrap().orphans, 0);
            assert_eq!(store.sweep(&policy(), now() + 2 * DAY).await.unwrap().orphans, 1);
            assert!(!database.pictures().join(&orphan.object_key).exists());
            assert!(database.pictures().join(&kept.object_key).exists());
        }
    }

    #[tokio::test]
    async fn a_file_that_was_never_finished_goes_after_the_grace() {
        let database = TestDatabase::sqlite().await;
        let store = database.store();
        let record = collection(&store, 1).await;
        let kept = store.put_picture(picture(&record, PictureKind::Photo, b"x"), now()).await.unwrap();
        let file = database.pictures().join(&kept.object_key);
        // As the storage calls it while it writes.
        let torn = file.with_file_name(format!("{}#1", Uuid::now_v7()));
        let stranger = file.with_file_name("notes#1");
        for path in [&torn, &stranger] {
            fs::write(path, b"half").unwrap();
        }
        assert_eq!(store.sweep(&policy(), now()).await.unwrap().orphans, 0);
        assert!(torn.exists(), "somebody may be writing it");
        assert_eq!(store.sweep(&policy(), now() + 2 * DAY).await.unwrap().orphans, 1);
        assert!(!torn.exists() && stranger.exists() && file.exists());
    }

    #[tokio::test]
    async fn particulars_go_after_the_end_and_what_ran_out_goes_at_once() {
        for database in TestDatabase::both().await {
            let store = database.store();
            let (mut ended, attempt) = verifying(&store, 1).await;
            ended.collection = ended.collection.platform_confirmed(attempt.0).unwrap();
            let mut under_way = collection(&store, 2).await;
            for record in [&mut ended, &mut under_way] {
                record.particulars.verification_note = Some("a note".into());
                store.save_collection(record, at(0)).await.unwrap();
            }
            store.create_session(ended.id, None, at(100), at(0)).await.unwrap();
            let phone = registration(1).phone;
            store.put_sms_code(&phone, "123456", 5, at(100), at(0)).await.unwrap();
            store.rate_hit("sms", phone.as_str(), Duration::from_secs(100), 1, at(0)).await.unwrap();
            assert_eq!(store.sweep(&policy(), at(99)).await.unwrap(), Swept::default());
            assert_eq!(store.sweep(&policy(), at(100)).await.unwrap().expired, 3);
            assert_eq!(store.sweep(&policy(), at(1) + 30 * DAY).await.unwrap().particulars, 1);
            let read = |id| store.collection(id);
            assert_eq!(read(ended.id).await.unwrap().unwrap().particulars.verification_note, None);
            assert!(read(under_way.id).await.unwrap().unwrap().particulars.verification_note.is_some());
        }
    }

    #[tokio::test]
    async fn what_was_never_finished_goes_whole_and_an_ended_exam_session_with_its_roster() {
        for database in TestDatabase::both().await {
            let store = database.store();
            let (mut ended, attempt) = verifying(&store, 1).await;
            let roster = [registration(1), registration(2)];
            store.import_registrations(SESSION, &roster, ImportHow::default(), at(0)).await.unwrap();
            let answer =
                |outcome| Answer { outcome, platform_request_id: None, similarity: None, code: None };
            let claimed = store.claim_attempt("w", at(0), DAY).await.unwrap().unwrap();
            ended.collection = ended.collection.platform_confirmed(attempt.0).unwrap();
            store
                .finish_attempt(&claimed, &answer(AttemptOutcome::Confirmed), &mut ended, &[], &[], at(0))
                .await
                .unwrap();
            let begun = collection(&store, 2).await;
            let photo = store.put_picture(picture(&begun, PictureKind::Photo, b"x"), at(0)).await.unwrap();
            let there = |id| store.collection(id);

            assert_eq!(store.sweep(&policy(), at(0) + 89 * DAY).await.unwrap().collections, 0);
            assert_eq!(store.sweep(&policy(), at(1) + 90 * DAY).await.unwrap().collections, 1);
            assert_eq!(there(begun.id).await.unwrap(), None);
            assert!(!database.pictures().join(&photo.object_key).exists());
            assert!(there(ended.id).await.unwrap().is_some());
            assert_eq!(store.count_registrations(SESSION).await.unwrap(), 2);

            let mut exam = exam_session(SESSION);
            exam.closes_at = Some(at(0) + 10 * DAY);
            store.put_exam_session(&exam, at(0)).await.unwrap();
            assert_eq!(store.sweep(&policy(), at(0) + 374 * DAY).await.unwrap().registrations, 0);
            let last = store.sweep(&policy(), at(1) + 375 * DAY).await.unwrap();
            assert_eq!((last.collections, last.registrations), (1, 2));
            assert_eq!(there(ended.id).await.unwrap(), None);
            let log = store.audit_page(&AuditFilter::default(), 1).await.unwrap();
            assert_eq!((log[0].actor.as_str(), log[0].deed.as_str()), ("worker", "sweep"));
            assert_eq!(log[0].details["registrations"], 2);
            // Nothing more to remove, nothing to be told.
            assert_eq!(store.sweep(&policy(), at(2) + 375 * DAY).await.unwrap(), Swept::default());
            assert_eq!(store.audit_page(&AuditFilter::default(), 1).await.unwrap()[0].number, log[0].number);
        }
    }
}
