//! Collections (采集): the state machine's state in the open, everything personal sealed, each change a compare-and-set.

use std::{collections::BTreeMap, fmt, time::Duration};

use domain::{Discrepancy, EmblemSide, IdentityCard, PortraitSide, Report};
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

/// What a collection holds of the person: the card as read, the findings. `Debug` is masked.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Particulars {
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
        let saved = collection::Entity::update_many()
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
