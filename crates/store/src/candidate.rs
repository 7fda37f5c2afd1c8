//! All that is kept of one candidate: copied out for them, and deleted, at their request.

use std::collections::BTreeMap;

use domain::Registration;
use jiff::Timestamp;
use object_store::{ObjectStoreExt as _, path::Path};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _,
    sea_query::{Expr, ExprTrait as _, Query},
};

use crate::{
    Attempt, CollectionId, CollectionRecord, Consent, Delivery, EntryRecord, NewAudit, Picture, Records,
    Store, StoreError, Tx,
    entity::{attempt, collection, delivery, picture, registration, sms_code},
    lease::{QUEUED, RUNNING},
    picture::{delete_object, from_row},
};

/// What hangs on a collection, each after what hangs on it.
const OF_COLLECTION: [&str; 9] = [
    "session",
    "desk_ticket",
    "consent",
    "attempt",
    "delivery",
    "journal",
    "milestone",
    "refusal",
    "picture",
];

/// All that is kept of one candidate in one exam session.
#[derive(Debug, Clone, PartialEq)]
pub struct CandidateCopy {
    /// From the built-in roster, if it is there.
    pub registration: Option<Registration>,
    /// The collection, if it was begun.
    pub collection: Option<CollectionCopy>,
}

/// All that is kept of one collection.
#[derive(Debug, Clone, PartialEq)]
pub struct CollectionCopy {
    /// State and particulars.
    pub record: CollectionRecord,
    /// What was agreed to, oldest first.
    pub consents: Vec<Consent>,
    /// What the identity platform was asked, oldest first.
    pub attempts: Vec<Attempt>,
    /// What the registration system was told, in order.
    pub deliveries: Vec<Delivery>,
    /// What happened, oldest first.
    pub journal: Vec<EntryRecord>,
    /// All pictures, oldest first; [`Records::read_picture`] opens them.
    pub pictures: Vec<Picture>,
}

/// Whose data is to be deleted, by whom, why.
#[derive(Debug, Clone, Copy)]
pub struct Deletion<'a> {
    /// The exam session.
    pub exam_session: &'a str,
    /// The registration system's own key.
    pub registration: &'a str,
    /// From the built-in roster too. Otherwise the candidate may log in and begin anew.
    pub roster_too: bool,
    /// By whom, as the audit log names them.
    pub actor: &'a str,
    /// Why; goes into the audit log.
    pub reason: &'a str,
}

/// What was deleted, and the entry of the audit log that says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deleted {
    /// Rows of each table.
    pub rows: BTreeMap<&'static str, u64>,
    /// Number of the entry in the audit log.
    pub entry: i64,
}

/// Why nothing was deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotDeleted {
    /// Nothing is kept under this key.
    #[error("nothing is kept of such a candidate: look the registration's key up in the console")]
    Unknown,
    /// The identity platform is being asked.
    #[error("the identity platform is being asked just now: delete when its answer is there")]
    BeingVerified,
    /// The result is on its way.
    #[error("the result is still on its way to the registration system: delete when it has arrived")]
    BeingDelivered,
}

impl Records {
    /// All that is kept of one candidate; `None` if nothing is.
    ///
    /// # Errors
    /// [`StoreError::Sealed`] if a value cannot be opened.
    pub async fn candidate_copy(
        &self,
        exam_session: &str,
        registration: &str,
    ) -> Result<Option<CandidateCopy>, StoreError> {
        let registered = self.registration(exam_session, registration).await?.map(|r| r.registration);
        let collection = match self.collection_of(exam_session, registration).await? {
            Some(record) => Some(CollectionCopy {
                consents: self.consents(record.id).await?,
                attempts: self.attempts(record.id).await?,
                deliveries: self.deliveries(record.id).await?,
                journal: self.journal(record.id).await?,
                pictures: self.pictures_of(record.id).await?,
                record,
            }),
            None => None,
        };
        let kept = registered.is_some() || collection.is_some();
        Ok(kept.then_some(CandidateCopy { registration: registered, collection }))
    }

    /// All pictures of a collection, oldest first.
    ///
    /// # Errors
    /// What the database says.
    pub async fn pictures_of(&self, collection: CollectionId) -> Result<Vec<Picture>, StoreError> {
        let rows = picture::Entity::find()
            .filter(picture::Column::Collection.eq(collection.0))
            .order_by_asc(picture::Column::CreatedAt)
            .order_by_asc(picture::Column::Id)
            .all(&self.db())
            .await?;
        rows.into_iter().map(from_row).collect()
    }
}

impl Store {
    /// Deletes all that is kept of one candidate, pictures first, and leaves an entry in the audit log that says how much it was. What the
    /// registration system was told is not in reach.
    ///
    /// If storage or database fail on the way, some pictures may be gone already: ask again, and the rest goes.
    ///
    /// # Errors
    /// What the database or the storage says.
    pub async fn delete_candidate(
        &self,
        wanted: &Deletion<'_>,
        now: Timestamp,
    ) -> Result<Result<Deleted, NotDeleted>, StoreError> {
        let tx = self.begin().await?;
        let record = tx.collection_of(wanted.exam_session, wanted.registration).await?;
        let mut rows = match record {
            None => BTreeMap::new(),
            Some(record) => match tx.delete_collection(record.id).await? {
                Ok(rows) => rows,
                Err(not_deleted) => {
                    tx.roll_back().await?;
                    return Ok(Err(not_deleted));
                }
            },
        };
        if wanted.roster_too {
            rows.extend(tx.delete_registration(wanted.exam_session, wanted.registration).await?);
        }
        if rows.is_empty() {
            tx.roll_back().await?;
            return Ok(Err(NotDeleted::Unknown));
        }
        let mut entry = NewAudit::new(wanted.actor, domain::Deed::DeleteCandidate.name())
            .on(wanted.registration)
            .with("exam_session", wanted.exam_session)
            .with("reason", wanted.reason);
        for (table, deleted) in &rows {
            entry = entry.with(table, *deleted);
        }
        let entry = tx.audit(&entry, now).await?;
        tx.commit().await?;
        Ok(Ok(Deleted { rows, entry }))
    }
}

impl Tx {
    /// Deletes a collection with all that hangs on it: pictures out of the storage first, each looked for afterwards, then the rows.
    pub(crate) async fn delete_collection(
        &self,
        id: CollectionId,
    ) -> Result<Result<BTreeMap<&'static str, u64>, NotDeleted>, StoreError> {
        // Whoever saves it at the same moment waits for this transaction, and then finds it gone.
        collection::Entity::update_many()
            .col_expr(collection::Column::Version, Expr::col(collection::Column::Version).add(1))
            .filter(collection::Column::Id.eq(id.0))
            .exec(&self.db())
            .await?;
        if self.is_open::<attempt::Entity>(attempt::Column::Collection, attempt::Column::Status, id).await? {
            return Ok(Err(NotDeleted::BeingVerified));
        }
        if self
            .is_open::<delivery::Entity>(delivery::Column::Collection, delivery::Column::Status, id)
            .await?
        {
            return Ok(Err(NotDeleted::BeingDelivered));
        }
        for picture in self.pictures_of(id).await? {
            let key = Path::from(picture.object_key.as_str());
            delete_object(&self.objects, &key).await?;
            match self.objects.head(&key).await {
                Err(object_store::Error::NotFound { .. }) => {}
                Ok(_) => return Err(StoreError::Conflict),
                Err(error) => return Err(error.into()),
            }
        }
        let mut rows = BTreeMap::new();
        for table in OF_COLLECTION {
            let column = Expr::col("collection").eq(id.0);
            let deleted =
                self.db().execute(&Query::delete().from_table(table).and_where(column).take()).await?;
            rows.insert(table, deleted.rows_affected());
        }
        let gone = collection::Entity::delete_by_id(id.0).exec(&self.db()).await?;
        rows.insert("collection", gone.rows_affected);
        Ok(Ok(rows))
    }

    async fn is_open<E: sea_orm::EntityTrait>(
        &self,
        collection: E::Column,
        status: E::Column,
        id: CollectionId,
    ) -> Result<bool, StoreError> {
        let open: Option<i32> = E::find()
            .select_only()
            .expr_as(Expr::val(1), "open")
            .filter(collection.eq(id.0))
            .filter(status.is_in([QUEUED, RUNNING]))
            .limit(1)
            .into_tuple()
            .one(&self.db())
            .await?;
        Ok(open.is_some())
    }

    /// Deletes a registration of the built-in roster, and the codes that were sent to its phone.
    async fn delete_registration(
        &self,
        exam_session: &str,
        registration: &str,
    ) -> Result<BTreeMap<&'static str, u64>, StoreError> {
        let Some(record) = self.registration(exam_session, registration).await? else {
            return Ok(BTreeMap::new());
        };
        let phone = self.keyring.phone_hash(&record.registration.phone).to_vec();
        let codes = sms_code::Entity::delete_many()
            .filter(sms_code::Column::PhoneHash.eq(phone))
            .exec(&self.db())
            .await?;
        let gone = registration::Entity::delete_by_id(record.id.0).exec(&self.db()).await?;
        Ok(BTreeMap::from([("sms_code", codes.rows_affected), ("registration", gone.rows_affected)]))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{
        AuditFilter, ConsentKind, Entry, ImportHow, NewDelivery, PictureKind,
        specimens::{SESSION, at, collection, exam_session, picture, registration, verifying},
        testing::TestDatabase,
    };
    use serde_json::json;
    use std::time::Duration;

    fn deletion(registration: &str, roster_too: bool) -> Deletion<'_> {
        Deletion { exam_session: SESSION, registration, roster_too, actor: "command", reason: "asked for" }
    }

    async fn registered(store: &Store, n: u32) -> CollectionRecord {
        store.put_exam_session(&exam_session(SESSION), at(0)).await.unwrap();
        let rows = [registration(n)];
        store.import_registrations(SESSION, &rows, ImportHow::default(), at(0)).await.unwrap();
        collection(store, n).await
    }

    #[tokio::test]
    async fn of_one_candidate_nothing_is_left_and_the_audit_log_says_so() {
        for database in TestDatabase::both().await {
            let store = database.store();
            let (one, other) = (registered(&store, 1).await, registered(&store, 2).await);
            let mut objects = Vec::new();
            for record in [&one, &other] {
                store.record_consent(record.id, ConsentKind::Privacy, "1", at(1)).await.unwrap();
                store.create_session(record.id, None, at(100), at(1)).await.unwrap();
                store.note(&Entry::new(record.id, "logged_in", "candidate"), at(1)).await.unwrap();
                store.put_sms_code(&registration(1).phone, "123456", 5, at(100), at(1)).await.unwrap();
                for kind in [PictureKind::CardPortrait, PictureKind::Photo] {
                    let put = store.put_picture(picture(record, kind, b"x"), at(1)).await.unwrap();
                    objects.push(database.pictures().join(put.object_key));
                }
            }
            let key = registration(1).id;
            let copy = store.candidate_copy(SESSION, &key).await.unwrap().unwrap();
            assert_eq!(copy.registration, Some(registration(1)));
            let kept = copy.collection.unwrap();
            assert_eq!((kept.consents.len(), kept.journal.len(), kept.pictures.len()), (1, 1, 2));

            let done = store.delete_candidate(&deletion(&key, true), at(2)).await.unwrap().unwrap();
            assert_eq!((done.rows["picture"], done.rows["collection"], done.rows["registration"]), (2, 1, 1));
            assert_eq!(store.candidate_copy(SESSION, &key).await.unwrap(), None);
            assert_eq!(objects.iter().map(|o| o.exists()).collect::<Vec<_>>(), [false, false, true, true]);
            let log = store.audit_page(&AuditFilter::default(), 10).await.unwrap();
            assert_eq!((log[0].number, log[0].deed.as_str()), (done.entry, "delete_candidate"));
            assert_eq!(log[0].details["picture"], 2);
            // The other one has all that was there, and may go as well, but not twice.
            let other = registration(2).id;
            assert_eq!(
                store
                    .candidate_copy(SESSION, &other)
                    .await
                    .unwrap()
                    .unwrap()
                    .collection
                    .unwrap()
                    .pictures
                    .len(),
                2
            );
            let again = store.delete_candidate(&deletion(&key, true), at(3)).await.unwrap();
            assert_eq!(again, Err(NotDeleted::Unknown));
            // Without the roster's row the candidate can begin anew.
            store.delete_candidate(&deletion(&other, false), at(4)).await.unwrap().unwrap();
            assert!(store.registration(SESSION, &other).await.unwrap().is_some());
        }
    }

    #[tokio::test]
    async fn what_is_under_way_is_not_deleted() {
        for database in TestDatabase::both().await {
            let store = database.store();
            let (record, attempt) = verifying(&store, 1).await;
            let photo = store.attempt(attempt).await.unwrap().unwrap().photo;
            let asked =
                || async { store.delete_candidate(&deletion(&registration(1).id, false), at(9)).await };
            assert_eq!(asked().await.unwrap(), Err(NotDeleted::BeingVerified));
            let other = collection(&store, 2).await;
            let told = NewDelivery { collection: other.id, kind: "completed".into(), payload: json!({}) };
            store.enqueue_delivery(&told, at(2)).await.unwrap();
            let second = registration(2).id;
            let asked = || async { store.delete_candidate(&deletion(&second, false), at(9)).await.unwrap() };
            assert_eq!(asked().await, Err(NotDeleted::BeingDelivered));
            let claimed = store.claim_delivery("w", at(3), Duration::from_secs(60)).await.unwrap().unwrap();
            store.complete_delivery(&claimed, at(4)).await.unwrap();
            assert!(asked().await.is_ok());
            // Of the one that was refused nothing is gone.
            let kept = store.picture(photo).await.unwrap().unwrap();
            assert!(store.read_picture(&kept).await.is_ok());
            assert!(store.collection(record.id).await.unwrap().is_some());
        }
    }
}
