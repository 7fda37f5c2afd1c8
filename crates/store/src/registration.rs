//! The built-in roster: registrations (报名信息) of an exam session, everything personal sealed, found by keyed hashes.

use std::{
    collections::{HashMap, HashSet},
    fmt,
};

use domain::{IdNumber, Level, PersonName, PhoneNumber, Registration};
use futures::{Stream, TryStreamExt as _, stream};
use jiff::Timestamp;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    sea_query::{Expr, ExprTrait as _, OnConflict, Query},
};
use uuid::Uuid;

use crate::{
    Keyring, LookUpHash, Records, RegistrationId, StoreError,
    entity::registration,
    seal::Place,
    time::{from_millis, to_millis},
};

/// Most registrations in one call of [`Records::import_registrations`]: a statement's parameters are limited.
const BATCH: usize = 500;

/// A registration as it is kept. `Debug` shows ids only.
#[derive(Clone, PartialEq, Eq)]
pub struct RegistrationRecord {
    /// The row.
    pub id: RegistrationId,
    /// The exam session.
    pub exam_session: String,
    /// What the registration system holds; `registration.id` is its own key.
    pub registration: Registration,
    /// Counts changes; a correction names the version that it corrects.
    pub version: i64,
    /// When it was imported first.
    pub created_at: Timestamp,
    /// When it changed last.
    pub updated_at: Timestamp,
}

impl fmt::Debug for RegistrationRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RegistrationRecord({}, version {})", self.id, self.version)
    }
}

/// What an import did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportOutcome {
    /// Rows that are new.
    pub added: usize,
    /// Rows that changed.
    pub changed: usize,
    /// Rows that were the same already.
    pub unchanged: usize,
    /// Rows that were known, and kept what they were.
    pub kept: usize,
    /// Rows that were not taken: their place in the batch, and why.
    pub refused: Vec<(usize, ImportRefusal)>,
}

/// How an import goes about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ImportHow {
    /// Nothing is written: only what would be is told.
    pub dry_run: bool,
    /// What is known already stays what it is.
    pub keep_known: bool,
}

/// Why a row of a roster was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ImportRefusal {
    /// Candidates log in by phone: one phone leads to one registration.
    #[error("another registration of this exam session holds this phone number")]
    PhoneTaken,
    /// A number belongs to one person, who registers once.
    #[error("another registration of this exam session holds this identity number")]
    NumberTaken,
    /// The same key twice in one batch.
    #[error("the same registration appears twice")]
    Twice,
}

struct Hashes {
    phone: LookUpHash,
    number: LookUpHash,
    name: LookUpHash,
}

impl Hashes {
    fn of(keyring: &Keyring, registration: &Registration) -> Hashes {
        Hashes {
            phone: keyring.phone_hash(&registration.phone),
            number: keyring.number_hash(&registration.number),
            name: keyring.name_hash(&registration.name),
        }
    }
}

impl Keyring {
    /// The look-up hash of a phone number.
    pub fn phone_hash(&self, phone: &PhoneNumber) -> LookUpHash {
        self.look_up("phone", phone.as_str())
    }

    /// The look-up hash of an identity number.
    pub fn number_hash(&self, number: &IdNumber) -> LookUpHash {
        self.look_up("number", number.as_str())
    }

    /// The look-up hash of a name.
    pub fn name_hash(&self, name: &PersonName) -> LookUpHash {
        self.look_up("name", name.as_str())
    }
}

impl Records {
    /// Adds registrations to the roster, or brings known ones (by the registration system's key) up to date. Takes any
    /// number; call it inside a transaction to have all or none, and batch by batch to stream a long roster.
    /// Known ones stay what they are where `how` keeps them, and nothing at all is written where it only tries.
    ///
    /// A row that clashes with another in phone or number is left out and reported; the others are taken.
    ///
    /// # Errors
    /// [`StoreError::Duplicate`] if another import ran at the same time and took a phone or number first: repeat.
    pub async fn import_registrations(
        &self,
        exam_session: &str,
        registrations: &[Registration],
        how: ImportHow,
        now: Timestamp,
    ) -> Result<ImportOutcome, StoreError> {
        let mut outcome = ImportOutcome::default();
        for (n, batch) in registrations.chunks(BATCH).enumerate() {
            self.import_batch(exam_session, batch, n * BATCH, how, now, &mut outcome).await?;
        }
        Ok(outcome)
    }

    async fn import_batch(
        &self,
        exam_session: &str,
        batch: &[Registration],
        offset: usize,
        how: ImportHow,
        now: Timestamp,
        outcome: &mut ImportOutcome,
    ) -> Result<(), StoreError> {
        use registration::Column as C;
        let hashes: Vec<Hashes> = batch.iter().map(|r| Hashes::of(&self.keyring, r)).collect();
        let kept = |condition| {
            registration::Entity::find().filter(C::ExamSession.eq(exam_session)).filter(condition)
        };
        let rows = kept(C::ExternalId.is_in(batch.iter().map(|r| r.id.as_str()))).all(&self.db()).await?;
        let known: HashMap<&str, &registration::Model> =
            rows.iter().map(|row| (row.external_id.as_str(), row)).collect();
        let holders = |column: C, hash: fn(&Hashes) -> LookUpHash| {
            kept(column.is_in(hashes.iter().map(|h| hash(h).to_vec())))
                .select_only()
                .columns([column, C::ExternalId])
                .into_tuple::<(Vec<u8>, String)>()
        };
        let mut phones: HashMap<Vec<u8>, String> =
            holders(C::PhoneHash, |h| h.phone).all(&self.db()).await?.into_iter().collect();
        let mut numbers: HashMap<Vec<u8>, String> =
            holders(C::NumberHash, |h| h.number).all(&self.db()).await?.into_iter().collect();

        let mut seen = HashSet::new();
        let mut changes = Vec::new();
        for (n, (registration, hashes)) in batch.iter().zip(&hashes).enumerate() {
            let taken = |by: &HashMap<Vec<u8>, String>, hash: LookUpHash| {
                by.get(hash.0.as_slice()).is_some_and(|holder| *holder != registration.id)
            };
            let refusal = if !seen.insert(registration.id.as_str()) {
                Some(ImportRefusal::Twice)
            } else if taken(&phones, hashes.phone) {
                Some(ImportRefusal::PhoneTaken)
            } else if taken(&numbers, hashes.number) {
                Some(ImportRefusal::NumberTaken)
            } else {
                None
            };
            if let Some(refusal) = refusal {
                outcome.refused.push((offset + n, refusal));
                continue;
            }
            phones.insert(hashes.phone.to_vec(), registration.id.clone());
            numbers.insert(hashes.number.to_vec(), registration.id.clone());
            let known = known.get(registration.id.as_str());
            if known.is_some() && how.keep_known {
                outcome.kept += 1;
                continue;
            }
            if let Some(row) = known
                && self.registration_of((*row).clone())?.registration == *registration
            {
                outcome.unchanged += 1;
                continue;
            }
            let id = known.map_or_else(RegistrationId::generate, |row| RegistrationId(row.id));
            let version = known.map_or(1, |row| row.version + 1);
            if known.is_some() {
                outcome.changed += 1;
            } else {
                outcome.added += 1;
            }
            changes.push(registration::ActiveModel {
                id: Set(id.0),
                exam_session: Set(exam_session.to_owned()),
                external_id: Set(registration.id.clone()),
                phone_hash: Set(hashes.phone.to_vec()),
                number_hash: Set(hashes.number.to_vec()),
                name_hash: Set(hashes.name.to_vec()),
                level: Set(Some(registration.level.label().to_owned())),
                details: Set(self.keyring.seal_json(place(id.0), registration)?),
                version: Set(version),
                created_at: Set(to_millis(now)),
                updated_at: Set(to_millis(now)),
            });
        }
        if changes.is_empty() || how.dry_run {
            return Ok(());
        }
        registration::Entity::insert_many(changes)
            .on_conflict(
                OnConflict::columns([C::ExamSession, C::ExternalId])
                    .update_columns([
                        C::PhoneHash,
                        C::NumberHash,
                        C::NameHash,
                        C::Level,
                        C::Details,
                        C::Version,
                        C::UpdatedAt,
                    ])
                    .to_owned(),
            )
            .exec_without_returning(&self.db())
            .await?;
        Ok(())
    }

    /// The registration that gave this phone number.
    ///
    /// # Errors
    /// [`StoreError::Sealed`] if it cannot be opened.
    pub async fn registration_by_phone(
        &self,
        exam_session: &str,
        phone: &PhoneNumber,
    ) -> Result<Option<RegistrationRecord>, StoreError> {
        let hash = self.keyring.phone_hash(phone).to_vec();
        self.one_registration(exam_session, registration::Column::PhoneHash.eq(hash)).await
    }

    /// The registration of this identity number.
    ///
    /// # Errors
    /// [`StoreError::Sealed`] if it cannot be opened.
    pub async fn registration_by_number(
        &self,
        exam_session: &str,
        number: &IdNumber,
    ) -> Result<Option<RegistrationRecord>, StoreError> {
        let hash = self.keyring.number_hash(number).to_vec();
        self.one_registration(exam_session, registration::Column::NumberHash.eq(hash)).await
    }

    /// The registration of the registration system's own key.
    ///
    /// # Errors
    /// [`StoreError::Sealed`] if it cannot be opened.
    pub async fn registration(
        &self,
        exam_session: &str,
        registration_id: &str,
    ) -> Result<Option<RegistrationRecord>, StoreError> {
        self.one_registration(exam_session, registration::Column::ExternalId.eq(registration_id)).await
    }

    async fn one_registration(
        &self,
        exam_session: &str,
        condition: Expr,
    ) -> Result<Option<RegistrationRecord>, StoreError> {
        let row = registration::Entity::find()
            .filter(registration::Column::ExamSession.eq(exam_session))
            .filter(condition)
            .one(&self.db())
            .await?;
        row.map(|row| self.registration_of(row)).transpose()
    }

    /// Registrations with this name, at most [`BATCH`] of them.
    ///
    /// # Errors
    /// [`StoreError::Sealed`] if one cannot be opened.
    pub async fn registrations_by_name(
        &self,
        exam_session: &str,
        name: &PersonName,
    ) -> Result<Vec<RegistrationRecord>, StoreError> {
        let rows = registration::Entity::find()
            .filter(registration::Column::ExamSession.eq(exam_session))
            .filter(registration::Column::NameHash.eq(self.keyring.name_hash(name).to_vec()))
            .limit(BATCH as u64)
            .all(&self.db())
            .await?;
        // Put in order here: asked to, SQLite walks the whole roster in that order instead of looking the name up.
        let found: Result<Vec<RegistrationRecord>, StoreError> =
            rows.into_iter().map(|row| self.registration_of(row)).collect();
        let mut found = found?;
        found.sort_unstable_by(|a, b| a.registration.id.cmp(&b.registration.id));
        Ok(found)
    }

    /// A page of the roster in the order of the registration system's keys, beginning after that key.
    ///
    /// # Errors
    /// [`StoreError::Sealed`] if one cannot be opened.
    pub async fn registrations(
        &self,
        exam_session: &str,
        after: Option<&str>,
        limit: u64,
    ) -> Result<Vec<RegistrationRecord>, StoreError> {
        let rows = registration::Entity::find()
            .filter(registration::Column::ExamSession.eq(exam_session))
            .filter(registration::Column::ExternalId.gt(after.unwrap_or("")))
            .order_by_asc(registration::Column::ExternalId)
            .limit(limit)
            .all(&self.db())
            .await?;
        rows.into_iter().map(|row| self.registration_of(row)).collect()
    }

    /// A page of the roster in the same order: of one level or of all, and only those without a collection
    /// where `only_unbegun` says so.
    ///
    /// # Errors
    /// [`StoreError::Sealed`] if one cannot be opened.
    pub async fn find_registrations(
        &self,
        exam_session: &str,
        level: Option<Level>,
        only_unbegun: bool,
        after: Option<&str>,
        limit: u64,
    ) -> Result<Vec<RegistrationRecord>, StoreError> {
        use registration::Column as C;
        let mut query = registration::Entity::find()
            .filter(C::ExamSession.eq(exam_session))
            .filter(C::ExternalId.gt(after.unwrap_or("")));
        if let Some(level) = level {
            query = query.filter(C::Level.eq(level.label()));
        }
        if only_unbegun {
            let column = |table: &'static str, column: &'static str| Expr::col((table, column));
            let begun = Query::select()
                .expr(Expr::val(1))
                .from("collection")
                .and_where(column("collection", "exam_session").eq(column("registration", "exam_session")))
                .and_where(column("collection", "registration_id").eq(column("registration", "external_id")))
                .take();
            query = query.filter(Expr::exists(begun).not());
        }
        let rows = query.order_by_asc(C::ExternalId).limit(limit).all(&self.db()).await?;
        rows.into_iter().map(|row| self.registration_of(row)).collect()
    }

    /// The registrations of some keys of the registration system; those that are there, in no order.
    ///
    /// # Errors
    /// [`StoreError::Sealed`] if one cannot be opened.
    pub async fn registrations_of(
        &self,
        exam_session: &str,
        keys: &[&str],
    ) -> Result<Vec<RegistrationRecord>, StoreError> {
        let rows = registration::Entity::find()
            .filter(registration::Column::ExamSession.eq(exam_session))
            .filter(registration::Column::ExternalId.is_in(keys.iter().copied()))
            .all(&self.db())
            .await?;
        rows.into_iter().map(|row| self.registration_of(row)).collect()
    }

    /// Puts the level in the open where a row was written before it lay there.
    pub(crate) async fn fill_registration_levels(&self) -> Result<(), StoreError> {
        use registration::Column as C;
        loop {
            let rows = registration::Entity::find()
                .filter(C::Level.is_null())
                .limit(BATCH as u64)
                .all(&self.db())
                .await?;
            if rows.is_empty() {
                return Ok(());
            }
            for row in rows {
                let id = row.id;
                let level = self.registration_of(row)?.registration.level;
                registration::Entity::update_many()
                    .col_expr(C::Level, Expr::val(level.label()))
                    .filter(C::Id.eq(id))
                    .exec(&self.db())
                    .await?;
            }
        }
    }

    /// The whole roster, page by page, for exports.
    pub fn export_registrations<'a>(
        &'a self,
        exam_session: &'a str,
    ) -> impl Stream<Item = Result<RegistrationRecord, StoreError>> + Send + 'a {
        stream::try_unfold(None::<String>, move |after| async move {
            let page = self.registrations(exam_session, after.as_deref(), BATCH as u64).await?;
            let last = page.last().map(|record| record.registration.id.clone());
            Ok::<_, StoreError>(last.map(|last| (stream::iter(page.into_iter().map(Ok)), Some(last))))
        })
        .try_flatten()
    }

    /// How many registrations an exam session has.
    ///
    /// # Errors
    /// What the database says.
    pub async fn count_registrations(&self, exam_session: &str) -> Result<u64, StoreError> {
        use sea_orm::PaginatorTrait as _;
        let found = registration::Entity::find().filter(registration::Column::ExamSession.eq(exam_session));
        Ok(found.count(&self.db()).await?)
    }

    /// Writes a corrected registration, whole: by the office after a blocking discrepancy, or with the card's ethnicity and
    /// address after an advisory one. `corrected.id` stays what it was.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if it changed since that version; [`StoreError::Duplicate`] if another registration holds the
    /// new phone or number (on PostgreSQL the transaction around it is then lost).
    pub async fn correct_registration(
        &self,
        id: RegistrationId,
        version: i64,
        corrected: &Registration,
        now: Timestamp,
    ) -> Result<i64, StoreError> {
        use registration::Column as C;
        let hashes = Hashes::of(&self.keyring, corrected);
        let updated = registration::Entity::update_many()
            .col_expr(C::PhoneHash, Expr::val(hashes.phone.to_vec()))
            .col_expr(C::NumberHash, Expr::val(hashes.number.to_vec()))
            .col_expr(C::NameHash, Expr::val(hashes.name.to_vec()))
            .col_expr(C::Level, Expr::val(corrected.level.label()))
            .col_expr(C::Details, Expr::val(self.keyring.seal_json(place(id.0), corrected)?))
            .col_expr(C::Version, Expr::val(version + 1))
            .col_expr(C::UpdatedAt, Expr::val(to_millis(now)))
            .filter(C::Id.eq(id.0))
            .filter(C::Version.eq(version))
            .filter(C::ExternalId.eq(corrected.id.as_str()))
            .exec(&self.db())
            .await
            .map_err(|e| match StoreError::from(e) {
                StoreError::Duplicate(_) => StoreError::Duplicate("phone or number"),
                other => other,
            })?;
        if updated.rows_affected == 1 { Ok(version + 1) } else { Err(StoreError::Conflict) }
    }

    fn registration_of(&self, row: registration::Model) -> Result<RegistrationRecord, StoreError> {
        Ok(RegistrationRecord {
            id: RegistrationId(row.id),
            registration: self.keyring.open_json(place(row.id), &row.details)?,
            exam_session: row.exam_session,
            version: row.version,
            created_at: from_millis(row.created_at),
            updated_at: from_millis(row.updated_at),
        })
    }
}

fn place(row: Uuid) -> Place {
    Place { table: "registration", column: "details", row }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use sea_orm::ConnectionTrait as _;

    use super::*;
    use crate::{
        Store,
        specimens::{SESSION, at, exam_session, registration},
        testing::TestDatabase,
    };

    async fn roster(database: &TestDatabase, size: u32) -> Store {
        let store = database.store();
        store.put_exam_session(&exam_session(SESSION), at(0)).await.unwrap();
        let all: Vec<Registration> = (0..size).map(registration).collect();
        let outcome = store.import_registrations(SESSION, &all, ImportHow::default(), at(0)).await.unwrap();
        assert_eq!(outcome, ImportOutcome { added: size as usize, ..ImportOutcome::default() });
        store
    }

    #[tokio::test]
    async fn it_is_found_by_key_phone_number_and_name_in_its_own_session_only() {
        for database in TestDatabase::each().await {
            let store = roster(&database, 3).await;
            store.put_exam_session(&exam_session("other"), at(0)).await.unwrap();
            let one = registration(1);
            let found = store.registration_by_phone(SESSION, &one.phone).await.unwrap().unwrap();
            assert_eq!(found.registration, one);
            assert_eq!(store.registration(SESSION, &one.id).await.unwrap().unwrap(), found);
            assert_eq!(store.registration_by_number(SESSION, &one.number).await.unwrap().unwrap(), found);
            assert_eq!(store.registrations_by_name(SESSION, &one.name).await.unwrap(), [found]);
            assert_eq!(store.registration_by_phone("other", &one.phone).await.unwrap(), None);
            assert_eq!(store.registration_by_phone(SESSION, &registration(9).phone).await.unwrap(), None);
        }
    }

    #[tokio::test]
    async fn importing_again_changes_only_what_changed() {
        for database in TestDatabase::both().await {
            let store = roster(&database, 3).await;
            let before = store.registration(SESSION, &registration(1).id).await.unwrap().unwrap();
            let mut again: Vec<Registration> = (0..4).map(registration).collect();
            again[1].phone = registration(101).phone;
            let outcome =
                store.import_registrations(SESSION, &again, ImportHow::default(), at(9)).await.unwrap();
            assert_eq!((outcome.added, outcome.changed, outcome.unchanged), (1, 1, 2));
            let after = store.registration_by_phone(SESSION, &again[1].phone).await.unwrap().unwrap();
            assert_eq!((after.id, after.version, after.created_at), (before.id, 2, before.created_at));
            assert_eq!(store.registration_by_phone(SESSION, &registration(1).phone).await.unwrap(), None);
        }
    }

    #[tokio::test]
    async fn a_clashing_row_is_reported_and_the_others_are_taken() {
        for database in TestDatabase::both().await {
            let store = roster(&database, 2).await;
            let phone_taken = Registration { phone: registration(0).phone, ..registration(10) };
            let number_taken = Registration { number: registration(1).number, ..registration(11) };
            let within_batch = Registration { phone: registration(12).phone, ..registration(13) };
            let batch = [
                phone_taken,
                number_taken,
                registration(12),
                within_batch,
                registration(12),
                registration(14),
            ];
            let outcome =
                store.import_registrations(SESSION, &batch, ImportHow::default(), at(1)).await.unwrap();
            use ImportRefusal::{NumberTaken, PhoneTaken, Twice};
            assert_eq!(outcome.refused, [(0, PhoneTaken), (1, NumberTaken), (3, PhoneTaken), (4, Twice)]);
            assert_eq!((outcome.added, store.count_registrations(SESSION).await.unwrap()), (2, 4));
        }
    }

    #[tokio::test]
    async fn levels_of_rows_from_before_are_filled_in_at_the_next_start() {
        for database in TestDatabase::both().await {
            let store = roster(&database, 3).await;
            let mut record = crate::specimens::collection(&store, 1).await;
            record.particulars.registration = Some(registration(1));
            store.save_collection(&mut record, at(1)).await.unwrap();
            crate::specimens::collection(&store, 2).await;
            for table in ["registration", "collection"] {
                let forget = Query::update().table(table).value("level", Expr::val(None::<String>)).take();
                store.db().execute(&forget).await.unwrap();
            }
            let level = Level::JuniorCollegeToBachelor;
            let filter = crate::CollectionFilter { level: Some(level), ..Default::default() };
            let found = async || {
                let roster = store.find_registrations(SESSION, Some(level), false, None, 9).await.unwrap();
                (roster.len(), store.find_collections(SESSION, &filter, None, 9).await.unwrap().len())
            };
            assert_eq!(found().await, (0, 0));
            store.migrate().await.unwrap();
            assert_eq!(found().await, (3, 1));
        }
    }

    #[tokio::test]
    async fn a_correction_needs_the_version_that_it_corrects() {
        for database in TestDatabase::both().await {
            let store = roster(&database, 2).await;
            let record = store.registration(SESSION, &registration(0).id).await.unwrap().unwrap();
            let corrected = Registration {
                name: PersonName::parse("王𬀩龑").unwrap(),
                ..record.registration.clone()
            };
            let correct = |version| store.correct_registration(record.id, version, &corrected, at(5));
            assert_eq!(correct(1).await.unwrap(), 2);
            assert!(matches!(correct(1).await, Err(StoreError::Conflict)));
            let now = store.registration(SESSION, &corrected.id).await.unwrap().unwrap();
            assert_eq!((now.registration, now.version, now.updated_at), (corrected.clone(), 2, at(5)));
            assert_eq!(store.registrations_by_name(SESSION, &corrected.name).await.unwrap().len(), 1);
            let taken = Registration { phone: registration(1).phone, ..corrected };
            let refused = store.correct_registration(record.id, 2, &taken, at(6)).await;
            assert!(matches!(refused, Err(StoreError::Duplicate(_))));
        }
    }

    #[tokio::test]
    async fn an_export_has_every_registration_once_in_order() {
        for database in TestDatabase::both().await {
            let store = roster(&database, 999).await;
            let all: Vec<RegistrationRecord> =
                store.export_registrations(SESSION).try_collect().await.unwrap();
            assert!(
                all.iter().map(|r| &r.registration).eq((0..999).map(registration).collect::<Vec<_>>().iter())
            );
            let page = store.registrations(SESSION, Some(&registration(499).id), 2).await.unwrap();
            assert_eq!(page[0].registration, registration(500));
        }
    }
}
