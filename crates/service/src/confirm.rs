//! 确认无误: the card is compared with the registration as it is now; and 确定,去采集 after an advisory discrepancy.

use domain::{Registration, State, discrepancy};
use store::{CollectionRecord, ExamSession};

use crate::{
    Service, Session, Trouble,
    step::{Change, Decision, refused},
    view,
};

impl Service {
    /// 确认无误.
    ///
    /// # Errors
    /// [`Trouble::RegistrationUnavailable`], or that the step is not due.
    pub async fn confirm_card(&self, session: &Session) -> Result<view::Collection, Trouble> {
        let (record, exam) = self.load(session).await?;
        if confirmed_just_before(&record) {
            return self.view(&record, &exam).await;
        }
        record.collection.card_confirmed(&[]).map_err(refused(&record, &exam))?;
        if let Some(card) = &record.particulars.identity_card {
            card.confirmable().map_err(refused(&record, &exam))?;
        }
        let now = self.registration_now(&record, &exam).await?;
        self.step(session, "card_confirmed", |record, exam| {
            if confirmed_just_before(record) {
                return Ok(Decision::Done);
            }
            let card = record.particulars.identity_card.as_ref().ok_or_else(|| {
                tracing::error!(collection = %record.id, "a collection at the confirmation holds no card");
                Trouble::Internal
            })?;
            card.confirmable().map_err(refused(record, exam))?;
            let found = discrepancy::compare(card, &now);
            record.collection = record.collection.card_confirmed(&found).map_err(refused(record, exam))?;
            record.particulars.registration = Some(now.clone());
            let items: Vec<String> = found.iter().map(|d| format!("{:?}", d.item).to_lowercase()).collect();
            record.particulars.discrepancies = found;
            Ok(Decision::Write(Box::new(Change {
                details: vec![("discrepancies", items.into())],
                ..Change::default()
            })))
        })
        .await
    }

    /// 确定,去采集.
    ///
    /// # Errors
    /// That the step is not due.
    pub async fn advisory_seen(&self, session: &Session) -> Result<view::Collection, Trouble> {
        self.step(session, "advisory_seen", |record, exam| {
            if at_first_photo(record) && !record.particulars.discrepancies.is_empty() {
                return Ok(Decision::Done);
            }
            record.collection = record.collection.advisory_seen().map_err(refused(record, exam))?;
            Ok(Decision::write())
        })
        .await
    }

    /// The registration as the registration system holds it now; the phone must still lead to the same one.
    pub(crate) async fn registration_now(
        &self,
        record: &CollectionRecord,
        exam: &ExamSession,
    ) -> Result<Registration, Trouble> {
        let known = record.particulars.registration.as_ref().ok_or(Trouble::SessionExpired)?;
        let found = self.find_registration(exam, &known.phone).await?;
        let found = found.ok_or_else(|| Trouble::PhoneUnknown { office_phone: exam.office.phone.clone() })?;
        if found.id == record.registration_id { Ok(found) } else { Err(Trouble::SessionExpired) }
    }
}

fn at_first_photo(record: &CollectionRecord) -> bool {
    record.collection.state() == State::Photo && record.particulars.photo_report.is_none()
}

fn confirmed_just_before(record: &CollectionRecord) -> bool {
    matches!(record.collection.state(), State::Blocked | State::Advisory)
        || at_first_photo(record) && record.particulars.discrepancies.is_empty()
}
