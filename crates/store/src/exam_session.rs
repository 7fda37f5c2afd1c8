//! Exam sessions (考次): what an office runs, and the texts that candidates agree to in it.

use std::fmt;

use domain::{CardKind, Inspection};
use jiff::Timestamp;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    sea_query::{ExprTrait as _, OnConflict},
};
use serde::{Deserialize, Serialize};

use crate::{
    Records, StoreError,
    entity::exam_session,
    time::{from_millis, to_millis},
};

/// An exam session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExamSession {
    /// A short name that the operator chose, `chengkao-2026`.
    pub id: String,
    /// What candidates see.
    pub name: String,
    /// Whom candidates ask.
    pub office: Office,
    /// Id of the photo standard.
    pub standard: String,
    /// Attempts allowed in a row, 1 to 255.
    pub attempts_allowed: u8,
    /// 《用户协议》
    pub agreement: ConsentText,
    /// 《隐私协议》
    pub privacy: ConsentText,
    /// The text of the separate consent to the face comparison.
    pub face_consent: ConsentText,
    /// Whether candidates may log in to it.
    pub open: bool,
    /// From when on nobody logs in to it any more, open or not.
    pub closes_at: Option<Timestamp>,
    /// The kinds of cards that are accepted; `None` leaves it to the photo standard.
    pub cards: Option<Vec<CardKind>>,
    /// Which photos wait for a registrar's eye.
    pub inspection: Inspection,
    /// Whether two registrars must pass a photo that waits.
    pub two_eyes: bool,
}

impl ExamSession {
    /// Whether candidates log in to it at that time.
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.open && self.closes_at.is_none_or(|closes| now < closes)
    }
}

/// The admissions office (成招办) of an exam session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Office {
    /// Its name.
    pub name: String,
    /// Its public phone number, as it is shown.
    pub phone: String,
}

/// A text that is consented to, in one version.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentText {
    /// The version that a consent names.
    pub version: String,
    /// The text.
    pub text: String,
}

impl fmt::Debug for ConsentText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ConsentText({})", self.version)
    }
}

#[derive(Serialize, Deserialize)]
struct Texts {
    agreement: ConsentText,
    privacy: ConsentText,
    face_consent: ConsentText,
}

impl Records {
    /// Writes an exam session, new or known.
    ///
    /// # Errors
    /// What the database says.
    pub async fn put_exam_session(&self, session: &ExamSession, now: Timestamp) -> Result<(), StoreError> {
        let texts = Texts {
            agreement: session.agreement.clone(),
            privacy: session.privacy.clone(),
            face_consent: session.face_consent.clone(),
        };
        let row = exam_session::ActiveModel {
            id: Set(session.id.clone()),
            name: Set(session.name.clone()),
            office_name: Set(session.office.name.clone()),
            office_phone: Set(session.office.phone.clone()),
            standard: Set(session.standard.clone()),
            attempts_allowed: Set(i32::from(session.attempts_allowed)),
            texts: Set(serde_json::to_string(&texts).map_err(|_| StoreError::Malformed("texts"))?),
            open: Set(session.open),
            closes_at: Set(session.closes_at.map(to_millis)),
            cards: Set(session
                .cards
                .as_ref()
                .map(serde_json::to_string)
                .transpose()
                .map_err(|_| StoreError::Malformed("cards"))?),
            inspection: Set(session.inspection.name().to_owned()),
            two_eyes: Set(session.two_eyes),
            created_at: Set(to_millis(now)),
            updated_at: Set(to_millis(now)),
        };
        use exam_session::Column as C;
        exam_session::Entity::insert(row)
            .on_conflict(
                OnConflict::column(C::Id)
                    .update_columns([
                        C::Name,
                        C::OfficeName,
                        C::OfficePhone,
                        C::Standard,
                        C::AttemptsAllowed,
                        C::Texts,
                        C::Open,
                        C::ClosesAt,
                        C::Cards,
                        C::Inspection,
                        C::TwoEyes,
                        C::UpdatedAt,
                    ])
                    .to_owned(),
            )
            .exec_without_returning(&self.db())
            .await?;
        Ok(())
    }

    /// The exam session of that id.
    ///
    /// # Errors
    /// What the database says.
    pub async fn exam_session(&self, id: &str) -> Result<Option<ExamSession>, StoreError> {
        let row = exam_session::Entity::find_by_id(id).one(&self.db()).await?;
        row.map(from_row).transpose()
    }

    /// The exam session that was added last of those open at that time: the one that candidates come for.
    ///
    /// # Errors
    /// What the database says.
    pub async fn current_exam_session(&self, now: Timestamp) -> Result<Option<ExamSession>, StoreError> {
        use exam_session::Column as C;
        let row = exam_session::Entity::find()
            .filter(C::Open.eq(true))
            .filter(C::ClosesAt.is_null().or(C::ClosesAt.gt(to_millis(now))))
            .order_by_desc(exam_session::Column::CreatedAt)
            .order_by_desc(exam_session::Column::Id)
            .one(&self.db())
            .await?;
        row.map(from_row).transpose()
    }

    /// All exam sessions, the newest first.
    ///
    /// # Errors
    /// What the database says.
    pub async fn exam_sessions(&self) -> Result<Vec<ExamSession>, StoreError> {
        let rows = exam_session::Entity::find()
            .order_by_desc(exam_session::Column::CreatedAt)
            .order_by_desc(exam_session::Column::Id)
            .all(&self.db())
            .await?;
        rows.into_iter().map(from_row).collect()
    }
}

fn from_row(row: exam_session::Model) -> Result<ExamSession, StoreError> {
    let texts: Texts = serde_json::from_str(&row.texts).map_err(|_| StoreError::Malformed("texts"))?;
    Ok(ExamSession {
        id: row.id,
        name: row.name,
        office: Office { name: row.office_name, phone: row.office_phone },
        standard: row.standard,
        attempts_allowed: u8::try_from(row.attempts_allowed).unwrap_or(u8::MAX),
        agreement: texts.agreement,
        privacy: texts.privacy,
        face_consent: texts.face_consent,
        open: row.open,
        closes_at: row.closes_at.map(from_millis),
        cards: row
            .cards
            .as_deref()
            .map(serde_json::from_str)
            .transpose()
            .map_err(|_| StoreError::Malformed("cards"))?,
        inspection: Inspection::parse(&row.inspection).ok_or(StoreError::Malformed("inspection"))?,
        two_eyes: row.two_eyes,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{
        specimens::{at, exam_session},
        testing::TestDatabase,
    };

    #[tokio::test]
    async fn what_was_put_comes_back_and_is_changed_by_putting_again() {
        for database in TestDatabase::both().await {
            let store = database.store();
            assert_eq!(store.exam_session("a").await.unwrap(), None);
            let mut session = exam_session("a");
            store.put_exam_session(&session, at(0)).await.unwrap();
            session.office.phone = "010-11111111".into();
            session.closes_at = Some(at(9));
            session.cards = Some(vec![CardKind::ResidentIdentityCard]);
            (session.inspection, session.two_eyes) = (Inspection::Warned, true);
            session.privacy = ConsentText { version: "2".into(), text: "新文本".into() };
            store.put_exam_session(&session, at(1)).await.unwrap();
            assert_eq!(store.exam_session("a").await.unwrap(), Some(session.clone()));
            assert_eq!(store.exam_sessions().await.unwrap(), [session]);
        }
    }

    #[tokio::test]
    async fn the_current_one_is_the_newest_that_is_open() {
        for database in TestDatabase::both().await {
            let store = database.store();
            store.put_exam_session(&exam_session("old"), at(0)).await.unwrap();
            store.put_exam_session(&exam_session("new"), at(1)).await.unwrap();
            let closed = ExamSession { open: false, ..exam_session("closed") };
            store.put_exam_session(&closed, at(2)).await.unwrap();
            // Editing an old one does not make it the newest.
            store.put_exam_session(&exam_session("old"), at(3)).await.unwrap();
            let current = async |now| store.current_exam_session(at(now)).await.unwrap().map(|s| s.id);
            assert_eq!(current(4).await.as_deref(), Some("new"));
            let ends = ExamSession { closes_at: Some(at(9)), ..exam_session("new") };
            store.put_exam_session(&ends, at(5)).await.unwrap();
            assert_eq!(current(8).await.as_deref(), Some("new"));
            assert_eq!(current(9).await.as_deref(), Some("old"), "its time is over");
            assert_eq!((ends.is_open(at(8)), ends.is_open(at(9))), (true, false));
        }
    }
}
