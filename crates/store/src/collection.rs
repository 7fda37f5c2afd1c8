//! Collections (采集): the state machine's state in the open, everything personal sealed, each change a compare-and-set.

use std::{collections::BTreeMap, fmt, time::Duration};

use domain::{
    Comparison, Discrepancy, EmblemSide, IdentityCard, Level, Objection, PortraitSide, Registration, Report,
    TakenBack,
};
use jiff::Timestamp;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    sea_query::{Expr, ExprTrait as _, OnConflict},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    CollectionId, Records, StoreError,
    entity::collection,
    seal::Place,
    time::{from_millis, to_millis},
};

/// One candidate's collection in one exam session. `Debug` shows nothing personal.
#[derive(Clone, PartialEq)]
pub struct CollectionRecord {
    /// The collection.
    pub id: CollectionId,
    /// The exam session.
    pub exam_session: String,
    /// The registration system's own key of the registration.
    pub registration_id: String,
    /// Where it stands.
    pub collection: domain::Collection,
    /// What was read and found, sealed in the database.
    pub particulars: Particulars,
    /// Counts changes: grows by one with each [`Records::save_collection`].
    pub version: i64,
    /// When the candidate first logged in.
    pub created_at: Timestamp,
    /// When it changed last.
    pub updated_at: Timestamp,
}

/// Which collections are looked for: those that are all of what is set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CollectionFilter {
    /// In the state of that name.
    pub state: Option<String>,
    /// Of that level.
    pub level: Option<Level>,
    /// Changed at that time or later.
    pub from: Option<Timestamp>,
    /// Changed before that time.
    pub until: Option<Timestamp>,
}

/// An inspection that has begun: the photo waits for a registrar's eye.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AwaitingEye {
    /// Since when.
    pub since: Timestamp,
    /// Accounts that have passed it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub passed_by: Vec<String>,
}

/// What a registrar said against a photo.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Objections {
    /// Against what.
    pub to: Vec<Objection>,
    /// In the registrar's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// What the office took back for a new one, and what the candidate is told of why.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Takeback {
    /// What.
    pub what: TakenBack,
    /// In the registrar's words.
    pub reason: String,
}

/// What a collection holds of the person: the card as read, the findings. `Debug` is masked.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Particulars {
    /// The registration as it was at the last login.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registration: Option<Registration>,
    /// The portrait side as read, accepted or not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub portrait_side: Option<PortraitSide>,
    /// What was found about the portrait side.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub portrait_side_report: Option<Report>,
    /// The emblem side as read, accepted or not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub emblem_side: Option<EmblemSide>,
    /// What was found about the emblem side.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub emblem_side_report: Option<Report>,
    /// Both sides together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identity_card: Option<IdentityCard>,
    /// In what the card differs from the registration.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub discrepancies: Vec<Discrepancy>,
    /// What was found about the last photo.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub photo_report: Option<Report>,
    /// The last comparison of the card's picture with the photo, and what the candidate did about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comparison: Option<Comparison>,
    /// While it waits for a registrar's eye.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waiting: Option<AwaitingEye>,
    /// What a registrar said against the last photo.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub objections: Option<Objections>,
    /// What the office took back last, until there is a new one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub taken_back: Option<Takeback>,
    /// What the last verification said, or why a registrar decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verification_note: Option<String>,
}

impl fmt::Debug for CollectionRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CollectionRecord({}, {:?}, version {})", self.id, self.collection, self.version)
    }
}

impl fmt::Debug for Particulars {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Particulars(***)")
    }
}

impl Records {
    /// The collection of a registration; made, at the card, when it is not there. Two logins at once get the same one.
    ///
    /// # Errors
    /// What the database says.
    pub async fn find_or_create_collection(
        &self,
        exam_session: &str,
        registration_id: &str,
        attempts_allowed: u8,
        now: Timestamp,
    ) -> Result<CollectionRecord, StoreError> {
        use collection::Column as C;
        if let Some(found) = self.collection_of(exam_session, registration_id).await? {
            return Ok(found);
        }
        let machine = domain::Collection::new(attempts_allowed);
        let row = collection::ActiveModel {
            id: Set(CollectionId::generate().0),
            exam_session: Set(exam_session.to_owned()),
            registration_id: Set(registration_id.to_owned()),
            state: Set(machine.state().name().to_owned()),
            machine: Set(machine_text(&machine)?),
            level: Set(None),
            particulars: Set(None),
            version: Set(1),
            created_at: Set(to_millis(now)),
            updated_at: Set(to_millis(now)),
        };
        collection::Entity::insert(row)
            .on_conflict(OnConflict::columns([C::ExamSession, C::RegistrationId]).do_nothing().to_owned())
            .exec_without_returning(&self.db())
            .await?;
        self.collection_of(exam_session, registration_id).await?.ok_or(StoreError::NotFound)
    }

    /// The collection of that id.
    ///
    /// # Errors
    /// [`StoreError::Sealed`] if its particulars cannot be opened.
    pub async fn collection(&self, id: CollectionId) -> Result<Option<CollectionRecord>, StoreError> {
        let row = collection::Entity::find_by_id(id.0).one(&self.db()).await?;
        row.map(|row| self.collection_from(row)).transpose()
    }

    /// The collection of a registration, by the registration system's own key.
    ///
    /// # Errors
    /// [`StoreError::Sealed`] if its particulars cannot be opened.
    pub async fn collection_of(
        &self,
        exam_session: &str,
        registration_id: &str,
    ) -> Result<Option<CollectionRecord>, StoreError> {
        let row = collection::Entity::find()
            .filter(collection::Column::ExamSession.eq(exam_session))
            .filter(collection::Column::RegistrationId.eq(registration_id))
            .one(&self.db())
            .await?;
        row.map(|row| self.collection_from(row)).transpose()
    }

    /// The collections of some registrations, by the registration system's own keys; those that are there, in no order.
    ///
    /// # Errors
    /// [`StoreError::Sealed`] if one's particulars cannot be opened.
    pub async fn collections_of(
        &self,
        exam_session: &str,
        registration_ids: &[&str],
    ) -> Result<Vec<CollectionRecord>, StoreError> {
        let rows = collection::Entity::find()
            .filter(collection::Column::ExamSession.eq(exam_session))
            .filter(collection::Column::RegistrationId.is_in(registration_ids.iter().copied()))
            .all(&self.db())
            .await?;
        rows.into_iter().map(|row| self.collection_from(row)).collect()
    }

    /// The states' names of the collections of some registrations, by the registration system's own keys, read without opening anything.
    ///
    /// # Errors
    /// What the database says.
    pub async fn collection_states(
        &self,
        exam_session: &str,
        registration_ids: &[&str],
    ) -> Result<BTreeMap<String, String>, StoreError> {
        use collection::Column as C;
        let states = collection::Entity::find()
            .filter(C::ExamSession.eq(exam_session))
            .filter(C::RegistrationId.is_in(registration_ids.iter().copied()))
            .select_only()
            .columns([C::RegistrationId, C::State])
            .into_tuple::<(String, String)>()
            .all(&self.db())
            .await?;
        Ok(states.into_iter().collect())
    }

    /// The collections of those ids that are there, in no order.
    ///
    /// # Errors
    /// [`StoreError::Sealed`] if one's particulars cannot be opened.
    pub async fn collections_with_ids(
        &self,
        ids: &[CollectionId],
    ) -> Result<Vec<CollectionRecord>, StoreError> {
        let rows = collection::Entity::find()
            .filter(collection::Column::Id.is_in(ids.iter().map(|id| id.0)))
            .all(&self.db())
            .await?;
        rows.into_iter().map(|row| self.collection_from(row)).collect()
    }

    /// Saves state and particulars, if nobody else has since the record was read; `record` then has the new version.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if somebody has: read it again and decide anew.
    pub async fn save_collection(
        &self,
        record: &mut CollectionRecord,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        use collection::Column as C;
        let particulars = if record.particulars == Particulars::default() {
            None
        } else {
            Some(self.keyring.seal_json(place(record.id.0), &record.particulars)?)
        };
        let mut update = collection::Entity::update_many();
        if let Some(registration) = &record.particulars.registration {
            update = update.col_expr(C::Level, Expr::val(registration.level.label()));
        }
        let saved = update
            .col_expr(C::State, Expr::val(record.collection.state().name()))
            .col_expr(C::Machine, Expr::val(machine_text(&record.collection)?))
            .col_expr(C::Particulars, Expr::val(particulars))
            .col_expr(C::Version, Expr::val(record.version + 1))
            .col_expr(C::UpdatedAt, Expr::val(to_millis(now)))
            .filter(C::Id.eq(record.id.0))
            .filter(C::Version.eq(record.version))
            .exec(&self.db())
            .await?;
        if saved.rows_affected != 1 {
            return Err(StoreError::Conflict);
        }
        record.version += 1;
        record.updated_at = from_millis(to_millis(now));
        Ok(())
    }

    /// The version that a collection has now, read without opening anything; `None` if there is none.
    ///
    /// # Errors
    /// What the database says.
    pub async fn collection_version(&self, id: CollectionId) -> Result<Option<i64>, StoreError> {
        let version = collection::Entity::find_by_id(id.0)
            .select_only()
            .column(collection::Column::Version)
            .into_tuple::<i64>()
            .one(&self.db())
            .await?;
        Ok(version)
    }

    /// Waits until a collection has another version than the one seen, and returns it: what server-sent events are fed from.
    ///
    /// It asks by primary key every `interval`, so whichever node made the change, every node sees it; nothing is held in
    /// the process. The caller bounds the wait with a time-out.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] if there is no such collection.
    pub async fn collection_changed(
        &self,
        id: CollectionId,
        seen: i64,
        interval: Duration,
    ) -> Result<i64, StoreError> {
        loop {
            match self.collection_version(id).await? {
                None => return Err(StoreError::NotFound),
                Some(version) if version != seen => return Ok(version),
                Some(_) => tokio::time::sleep(interval).await,
            }
        }
    }

    /// A page of an exam session's collections in the order of their making, of one state's name or of all.
    ///
    /// # Errors
    /// [`StoreError::Sealed`] if one cannot be opened.
    pub async fn collections(
        &self,
        exam_session: &str,
        state: Option<&str>,
        after: Option<CollectionId>,
        limit: u64,
    ) -> Result<Vec<CollectionRecord>, StoreError> {
        use collection::Column as C;
        let mut query = collection::Entity::find().filter(C::ExamSession.eq(exam_session));
        if let Some(state) = state {
            query = query.filter(C::State.eq(state));
        }
        if let Some(after) = after {
            query = query.filter(C::Id.gt(after.0));
        }
        let rows = query.order_by_asc(C::Id).limit(limit).all(&self.db()).await?;
        rows.into_iter().map(|row| self.collection_from(row)).collect()
    }

    /// A page of an exam session's collections that are what the filter says, in the order of the registration system's keys, beginning
    /// after that key.
    ///
    /// # Errors
    /// [`StoreError::Sealed`] if one cannot be opened.
    pub async fn find_collections(
        &self,
        exam_session: &str,
        filter: &CollectionFilter,
        after: Option<&str>,
        limit: u64,
    ) -> Result<Vec<CollectionRecord>, StoreError> {
        use collection::Column as C;
        let mut query = collection::Entity::find()
            .filter(C::ExamSession.eq(exam_session))
            .filter(C::RegistrationId.gt(after.unwrap_or("")));
        if let Some(state) = &filter.state {
            query = query.filter(C::State.eq(state.as_str()));
        }
        if let Some(level) = filter.level {
            query = query.filter(C::Level.eq(level.label()));
        }
        if let Some(from) = filter.from {
            query = query.filter(C::UpdatedAt.gte(to_millis(from)));
        }
        if let Some(until) = filter.until {
            query = query.filter(C::UpdatedAt.lt(to_millis(until)));
        }
        let rows = query.order_by_asc(C::RegistrationId).limit(limit).all(&self.db()).await?;
        rows.into_iter().map(|row| self.collection_from(row)).collect()
    }

    /// The collections of an exam session that have been in a state for longest, that one first.
    ///
    /// # Errors
    /// [`StoreError::Sealed`] if one cannot be opened.
    pub async fn collections_waiting(
        &self,
        exam_session: &str,
        state: &str,
        limit: u64,
    ) -> Result<Vec<CollectionRecord>, StoreError> {
        use collection::Column as C;
        let rows = collection::Entity::find()
            .filter(C::ExamSession.eq(exam_session))
            .filter(C::State.eq(state))
            .order_by_asc(C::UpdatedAt)
            .order_by_asc(C::Id)
            .limit(limit)
            .all(&self.db())
            .await?;
        rows.into_iter().map(|row| self.collection_from(row)).collect()
    }

    /// Puts the level in the open where a row was written before it lay there.
    pub(crate) async fn fill_collection_levels(&self) -> Result<(), StoreError> {
        use collection::Column as C;
        let mut after = Uuid::nil();
        loop {
            let rows = collection::Entity::find()
                .filter(C::Level.is_null())
                .filter(C::Particulars.is_not_null())
                .filter(C::Id.gt(after))
                .order_by_asc(C::Id)
                .limit(500)
                .all(&self.db())
                .await?;
            let Some(last) = rows.last() else { return Ok(()) };
            after = last.id;
            for row in rows {
                let id = row.id;
                let Some(registration) = self.collection_from(row)?.particulars.registration else {
                    continue;
                };
                collection::Entity::update_many()
                    .col_expr(C::Level, Expr::val(registration.level.label()))
                    .filter(C::Id.eq(id))
                    .exec(&self.db())
                    .await?;
            }
        }
    }

    /// How many collections of an exam session are in which state.
    ///
    /// # Errors
    /// What the database says.
    pub async fn collections_by_state(
        &self,
        exam_session: &str,
    ) -> Result<BTreeMap<String, u64>, StoreError> {
        use collection::Column as C;
        let counts = collection::Entity::find()
            .filter(C::ExamSession.eq(exam_session))
            .select_only()
            .column(C::State)
            .column_as(Expr::col(C::Id).count(), "count")
            .group_by(C::State)
            .into_tuple::<(String, i64)>()
            .all(&self.db())
            .await?;
        Ok(counts.into_iter().map(|(state, count)| (state, count.unsigned_abs())).collect())
    }

    fn collection_from(&self, row: collection::Model) -> Result<CollectionRecord, StoreError> {
        let particulars = match &row.particulars {
            Some(sealed) => self.keyring.open_json(place(row.id), sealed)?,
            None => Particulars::default(),
        };
        Ok(CollectionRecord {
            id: CollectionId(row.id),
            exam_session: row.exam_session,
            registration_id: row.registration_id,
            collection: serde_json::from_str(&row.machine)
                .map_err(|_| StoreError::Malformed("collection"))?,
            particulars,
            version: row.version,
            created_at: from_millis(row.created_at),
            updated_at: from_millis(row.updated_at),
        })
    }
}

fn machine_text(machine: &domain::Collection) -> Result<String, StoreError> {
    serde_json::to_string(machine).map_err(|_| StoreError::Malformed("collection"))
}

fn place(row: Uuid) -> Place {
    Place { table: "collection", column: "particulars", row }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{
        specimens::{SESSION, at, collection, exam_session, registration},
        testing::TestDatabase,
    };

    use domain::collection::Side;

    use crate::Entry;

    #[tokio::test]
    async fn logins_at_once_get_the_same_one() {
        for database in TestDatabase::both().await {
            let nodes = [database.store(), database.another_node().await];
            nodes[0].put_exam_session(&exam_session(SESSION), at(0)).await.unwrap();
            let logins = (0..12).map(|n| nodes[n % 2].find_or_create_collection(SESSION, "R1", 5, at(0)));
            let found = futures::future::try_join_all(logins).await.unwrap();
            assert!(found.iter().all(|c| c.id == found[0].id && c.version == 1));
            let other = nodes[0].find_or_create_collection(SESSION, "R2", 5, at(0)).await.unwrap();
            assert_ne!(other.id, found[0].id);
        }
    }

    #[tokio::test]
    async fn of_two_who_change_the_same_version_one_is_told() {
        for database in TestDatabase::both().await {
            let store = database.store();
            let mut mine = collection(&store, 1).await;
            let mut theirs = mine.clone();
            mine.collection = mine.collection.card_side_captured(Side::Portrait, true).unwrap();
            theirs.collection = theirs.collection.card_side_captured(Side::Emblem, true).unwrap();
            store.save_collection(&mut mine, at(1)).await.unwrap();
            assert!(matches!(store.save_collection(&mut theirs, at(1)).await, Err(StoreError::Conflict)));
            assert_eq!((mine.version, theirs.version), (2, 1));
            assert_eq!(store.collection(mine.id).await.unwrap().unwrap(), mine);
        }
    }

    #[tokio::test]
    async fn many_writers_that_retry_on_conflict_lose_nothing() {
        for database in TestDatabase::both().await {
            let nodes = [database.store(), database.another_node().await];
            let id = collection(&nodes[0], 1).await.id;
            let writers = (0..8).map(|n| {
                let store = nodes[n % 2].clone();
                tokio::spawn(async move {
                    loop {
                        let mut record = store.collection(id).await.unwrap().unwrap();
                        let note = record.particulars.verification_note.take().unwrap_or_default();
                        record.particulars.verification_note = Some(format!("{note}{n}"));
                        match store.save_collection(&mut record, at(1)).await {
                            Err(StoreError::Conflict) => {}
                            other => return other.unwrap(),
                        }
                    }
                })
            });
            futures::future::try_join_all(writers).await.unwrap();
            let record = nodes[0].collection(id).await.unwrap().unwrap();
            let mut note: Vec<char> = record.particulars.verification_note.unwrap().chars().collect();
            note.sort_unstable();
            assert_eq!((record.version, note.iter().collect::<String>()), (9, "01234567".to_owned()));
        }
    }

    #[tokio::test]
    async fn particulars_come_back_whole_and_debug_hides_them() {
        for database in TestDatabase::both().await {
            let store = database.store();
            let mut record = collection(&store, 1).await;
            let of = registration(1);
            record.particulars.portrait_side = Some(PortraitSide {
                name: Some(of.name.clone()),
                number: Some(of.number.clone()),
                address: of.address.clone(),
                ..PortraitSide::default()
            });
            record.particulars.photo_report = Some(Report::new(vec![]));
            store.save_collection(&mut record, at(1)).await.unwrap();
            let read = store.collection(record.id).await.unwrap().unwrap();
            assert_eq!(read, record);
            let text = format!("{read:?} {:?}", read.particulars);
            assert!(!text.contains("样本路") && !text.contains(of.name.as_str()), "{text}");
        }
    }

    #[tokio::test]
    async fn a_transaction_that_is_dropped_leaves_no_trace() {
        for database in TestDatabase::both().await {
            let store = database.store();
            let record = collection(&store, 1).await;
            let tx = store.begin().await.unwrap();
            let mut next = record.clone();
            tx.save_collection(&mut next, at(1)).await.unwrap();
            tx.note(&Entry::new(record.id, "tried", "candidate"), at(1)).await.unwrap();
            drop(tx);
            assert_eq!(store.collection(record.id).await.unwrap().unwrap(), record);
            assert_eq!(store.journal(record.id).await.unwrap(), []);
        }
    }

    #[tokio::test]
    async fn who_waits_for_a_change_sees_what_another_node_does() {
        for database in TestDatabase::both().await {
            let (here, there) = (database.store(), database.another_node().await);
            let mut record = collection(&here, 1).await;
            let (id, seen) = (record.id, record.version);
            let waiting =
                tokio::spawn(
                    async move { here.collection_changed(id, seen, Duration::from_millis(5)).await },
                );
            tokio::time::sleep(Duration::from_millis(30)).await;
            assert!(!waiting.is_finished());
            there.save_collection(&mut record, at(1)).await.unwrap();
            let version =
                tokio::time::timeout(Duration::from_secs(5), waiting).await.unwrap().unwrap().unwrap();
            assert_eq!(version, 2);
            let nobody =
                there.collection_changed(CollectionId::generate(), 1, Duration::from_millis(5)).await;
            assert!(matches!(nobody, Err(StoreError::NotFound)));
        }
    }

    #[tokio::test]
    async fn they_are_listed_by_state_and_counted() {
        for database in TestDatabase::both().await {
            let store = database.store();
            for n in 0..5 {
                collection(&store, n).await;
            }
            crate::specimens::verifying(&store, 3).await;
            let page = store.collections(SESSION, Some("card"), None, 3).await.unwrap();
            let rest = store.collections(SESSION, Some("card"), Some(page[2].id), 3).await.unwrap();
            assert_eq!((page.len(), rest.len()), (3, 1));
            let counts = store.collections_by_state(SESSION).await.unwrap();
            assert_eq!(counts, BTreeMap::from([("card".to_owned(), 4), ("verifying".to_owned(), 1)]));
        }
    }
}
