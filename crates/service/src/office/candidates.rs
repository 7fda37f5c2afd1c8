//! Candidates as the office sees them: found, told as a whole, corrected, reopened, completed at the desk.

use domain::{Collection, Deed, Ethnicity, IdNumber, Level, PersonName, PhoneNumber, Refusal, Registration};
use partners::registration::Completion;
use store::{CollectionRecord, Entry, NewAudit, PictureKind, RegistrationRecord, StoreError};

use super::{
    Officer, reason,
    view::{CandidateRow, Found, Particulars, Story},
};
use crate::{Picture, Service, Trouble, completion, completion::Completed};

/// Rows of a page.
const PAGE: u64 = 50;
/// How often a deed is decided anew when others were quicker.
const TRIES: u32 = 4;

/// What is looked for; the first that is set counts, and without any the roster is told from its beginning.
#[derive(Default)]
pub struct Search {
    /// The registration system's own key, exactly.
    pub registration: Option<String>,
    /// An identity number, exactly.
    pub number: Option<String>,
    /// A phone number, exactly.
    pub phone: Option<String>,
    /// A name, exactly.
    pub name: Option<String>,
    /// The name of a state: collections in it.
    pub state: Option<String>,
    /// The last row of the page before.
    pub after: Option<String>,
}

/// A corrected registration: what is set is changed.
#[derive(Default)]
pub struct Correction {
    /// The version that was looked at.
    pub version: i64,
    /// 姓名
    pub name: Option<String>,
    /// 身份证号码
    pub number: Option<String>,
    /// 民族
    pub ethnicity: Option<String>,
    /// 住址
    pub address: Option<String>,
    /// 手机号码
    pub phone: Option<String>,
    /// 层次
    pub level: Option<String>,
    /// Why.
    pub reason: String,
}

impl Service {
    /// Looks for candidates of an exam session.
    ///
    /// # Errors
    /// [`Trouble::NotAllowed`]; [`Trouble::FieldMalformed`] for a number, name or phone that is none.
    pub async fn find_candidates(
        &self,
        officer: &Officer,
        exam: &str,
        search: &Search,
    ) -> Result<Found, Trouble> {
        officer.may(Deed::SeeCandidates)?;
        let malformed = |field| move |_| Trouble::FieldMalformed { field };
        let one = |found: Option<RegistrationRecord>| found.into_iter().collect::<Vec<_>>();
        let registrations = if let Some(key) = &search.registration {
            one(self.store.registration(exam, key.trim()).await?)
        } else if let Some(number) = &search.number {
            let number = IdNumber::parse(number).map_err(|_| Trouble::FieldMalformed { field: "number" })?;
            one(self.store.registration_by_number(exam, &number).await?)
        } else if let Some(phone) = &search.phone {
            let phone = PhoneNumber::parse(phone).map_err(malformed("phone"))?;
            one(self.store.registration_by_phone(exam, &phone).await?)
        } else if let Some(name) = &search.name {
            let name = PersonName::parse(name).map_err(|_| Trouble::FieldMalformed { field: "name" })?;
            // All on one page: no name has so many bearers among the candidates of one office that they would not fit.
            let named = self.store.registrations_by_name(exam, &name).await?;
            return Ok(Found { candidates: self.rows(exam, &named).await?, next: None });
        } else if let Some(state) = &search.state {
            let after = match &search.after {
                Some(id) => Some(id.parse().map_err(|_| Trouble::MalformedRequest)?),
                None => None,
            };
            let found = self.store.collections(exam, Some(state), after, PAGE + 1).await?;
            let next = (found.len() > PAGE as usize).then(|| found[PAGE as usize - 1].id.to_string());
            let candidates =
                found.iter().take(PAGE as usize).filter_map(CandidateRow::of_collection).collect();
            return Ok(Found { candidates, next });
        } else {
            self.store.registrations(exam, search.after.as_deref(), PAGE + 1).await?
        };
        let next = (registrations.len() > PAGE as usize)
            .then(|| registrations[PAGE as usize - 1].registration.id.clone());
        let page = &registrations[..registrations.len().min(PAGE as usize)];
        Ok(Found { candidates: self.rows(exam, page).await?, next })
    }

    async fn rows(&self, exam: &str, page: &[RegistrationRecord]) -> Result<Vec<CandidateRow>, Trouble> {
        let keys: Vec<&str> = page.iter().map(|r| r.registration.id.as_str()).collect();
        let collections = self.store.collections_of(exam, &keys).await?;
        let row = |r: &RegistrationRecord| {
            let collection = collections.iter().find(|c| c.registration_id == r.registration.id);
            CandidateRow::of(&r.registration, collection)
        };
        Ok(page.iter().map(row).collect())
    }

    /// The whole story of a candidate, masked.
    ///
    /// # Errors
    /// [`Trouble::NotAllowed`], [`Trouble::NotFound`].
    pub async fn candidate(&self, officer: &Officer, exam: &str, key: &str) -> Result<Story, Trouble> {
        officer.may(Deed::SeeCandidates)?;
        let (roster, collection) = self.both(exam, key).await?;
        let mut story = Story::of(roster.as_ref(), collection.as_ref());
        if let Some(record) = &collection {
            story.attempts = self.store.attempts(record.id).await?.iter().map(Into::into).collect();
            story.deliveries = self.store.deliveries(record.id).await?.iter().map(Into::into).collect();
            story.consents = self.store.consents(record.id).await?.iter().map(Into::into).collect();
            story.events = self.store.journal(record.id).await?.into_iter().map(Into::into).collect();
        }
        Ok(story)
    }

    /// Name, number, phone and address of a candidate in full; that they were looked at is on record.
    ///
    /// # Errors
    /// [`Trouble::NotAllowed`], [`Trouble::NotFound`].
    pub async fn unmask(&self, officer: &Officer, exam: &str, key: &str) -> Result<Particulars, Trouble> {
        officer.may(Deed::Unmask)?;
        let (roster, collection) = self.both(exam, key).await?;
        self.put_on_record(&on(officer.does(Deed::Unmask), exam, key)).await?;
        Ok(Particulars::of(roster.as_ref(), collection.as_ref()))
    }

    /// The latest picture of a kind; that it was looked at is on record.
    ///
    /// # Errors
    /// [`Trouble::NotAllowed`]; [`Trouble::NotFound`] if there is none (any more).
    pub async fn picture_for_office(
        &self,
        officer: &Officer,
        exam: &str,
        key: &str,
        kind: PictureKind,
    ) -> Result<Picture, Trouble> {
        officer.may(Deed::SeePicture)?;
        let record = self.store.collection_of(exam, key).await?.ok_or(Trouble::NotFound)?;
        let picture = self.latest_picture(record.id, kind).await?;
        let entry = on(officer.does(Deed::SeePicture), exam, key).with("kind", kind.as_str());
        self.put_on_record(&entry).await?;
        Ok(picture)
    }

    /// Puts a look into the audit log.
    async fn put_on_record(&self, entry: &NewAudit) -> Result<(), StoreError> {
        let tx = self.store.begin().await?;
        tx.audit(entry, self.clock.now()).await?;
        tx.commit().await
    }

    async fn both(
        &self,
        exam: &str,
        key: &str,
    ) -> Result<(Option<RegistrationRecord>, Option<CollectionRecord>), Trouble> {
        let roster = self.store.registration(exam, key).await?;
        let collection = self.store.collection_of(exam, key).await?;
        if roster.is_none() && collection.is_none() {
            return Err(Trouble::NotFound);
        }
        Ok((roster, collection))
    }

    /// Corrects a registration of the built-in roster. A candidate whom it stopped goes on by collecting again.
    ///
    /// # Errors
    /// [`Trouble::NotAllowed`], [`Trouble::NotFound`], [`Trouble::ReasonMissing`], [`Trouble::FieldMalformed`],
    /// [`Trouble::HeldByAnother`], [`Trouble::ChangedMeanwhile`]; [`Trouble::RegistrationElsewhere`] where the roster is not ours.
    pub async fn correct_registration(
        &self,
        officer: &Officer,
        exam: &str,
        key: &str,
        correction: &Correction,
    ) -> Result<(), Trouble> {
        officer.may(Deed::CorrectRegistration)?;
        let why = reason(&correction.reason)?;
        if !self.registration.is_our_roster() {
            return Err(Trouble::RegistrationElsewhere);
        }
        let record = self.store.registration(exam, key).await?.ok_or(Trouble::NotFound)?;
        let corrected = corrected(&record.registration, correction)?;
        let changed = changed(&record.registration, &corrected);
        if changed.is_empty() {
            return Ok(());
        }
        let now = self.clock.now();
        let tx = self.store.begin().await?;
        match tx.correct_registration(record.id, correction.version, &corrected, now).await {
            Err(StoreError::Duplicate(_)) => return Err(Trouble::HeldByAnother),
            done => done?,
        };
        if let Some(collection) = tx.collection_of(exam, key).await? {
            let entry = Entry::new(collection.id, "registration_corrected", officer.account.as_str());
            tx.note(&entry.with("fields", changed.clone()), now).await?;
        }
        let entry = on(officer.does(Deed::CorrectRegistration), exam, key);
        tx.audit(&entry.with("fields", changed).with("reason", why), now).await?;
        Ok(tx.commit().await?)
    }

    /// Reopens a collection that has failed: the attempts begin anew.
    ///
    /// # Errors
    /// [`Trouble::NotAllowed`], [`Trouble::NotFound`], [`Trouble::ReasonMissing`], [`Trouble::OutOfOrder`] unless it has failed.
    pub async fn reopen(&self, officer: &Officer, exam: &str, key: &str, why: &str) -> Result<(), Trouble> {
        officer.may(Deed::Reopen)?;
        let why = reason(why)?;
        self.decide(officer, Deed::Reopen, exam, key, why, "reopened", Collection::reopened).await
    }

    /// Completes a collection that has an acceptable photo, without the face comparison.
    ///
    /// # Errors
    /// [`Trouble::NotAllowed`], [`Trouble::NotFound`], [`Trouble::ReasonMissing`], [`Trouble::OutOfOrder`] without such a photo.
    pub async fn complete_at_desk(
        &self,
        officer: &Officer,
        exam: &str,
        key: &str,
        why: &str,
    ) -> Result<(), Trouble> {
        officer.may(Deed::CompleteAtDesk)?;
        let why = reason(why)?;
        self.decide(
            officer,
            Deed::CompleteAtDesk,
            exam,
            key,
            why,
            "completed_at_desk",
            Collection::completed_at_desk,
        )
        .await
    }

    /// Changes a collection as a person of the office decides: state, journal, audit log and, once complete, the delivery in one
    /// transaction, on the collection as it is now.
    #[allow(clippy::too_many_arguments)]
    async fn decide(
        &self,
        officer: &Officer,
        deed: Deed,
        exam: &str,
        key: &str,
        why: &str,
        event: &'static str,
        next: fn(Collection, &str) -> Result<Collection, Refusal>,
    ) -> Result<(), Trouble> {
        for _ in 0..TRIES {
            let mut record = self.store.collection_of(exam, key).await?.ok_or(Trouble::NotFound)?;
            let before = record.collection.state().name();
            record.collection =
                next(record.collection, why).map_err(|_| Trouble::OutOfOrder { state: before })?;
            let now = self.clock.now();
            let state = record.collection.state();
            let photo = match state {
                domain::State::Completed { .. } => {
                    let photo = self.store.latest_picture(record.id, PictureKind::Photo).await?;
                    Some(photo.ok_or(Trouble::NotFound)?)
                }
                _ => None,
            };
            let tx = self.store.begin().await?;
            match tx.save_collection(&mut record, now).await {
                Err(StoreError::Conflict) => {
                    tx.roll_back().await?;
                    continue;
                }
                saved => saved?,
            }
            let actor = officer.account.as_str();
            tx.note(&Entry::new(record.id, event, actor).with("state", state.name()), now).await?;
            if let Some(photo) = photo {
                let completed = Completed::of(&record, Completion::AtDesk, photo.id, now);
                let delivery = completed.delivery(&record).map_err(|_| Trouble::Internal)?;
                tx.enqueue_delivery(&delivery, now).await?;
                tx.note(&Entry::new(record.id, completion::EVENT, actor).with("by", "desk"), now).await?;
            }
            tx.audit(&on(officer.does(deed), exam, key).with("reason", why), now).await?;
            tx.commit().await?;
            return Ok(());
        }
        Err(Trouble::ChangedMeanwhile)
    }
}

/// An audit entry about a candidate.
fn on(entry: NewAudit, exam: &str, key: &str) -> NewAudit {
    entry.on(format!("{exam}/{key}"))
}

/// The registration with what the correction sets.
fn corrected(before: &Registration, correction: &Correction) -> Result<Registration, Trouble> {
    let wrong = |field| Trouble::FieldMalformed { field };
    let mut after = before.clone();
    if let Some(name) = &correction.name {
        after.name = PersonName::parse(name).map_err(|_| wrong("name"))?;
    }
    if let Some(number) = &correction.number {
        after.number = IdNumber::parse(number).map_err(|_| wrong("number"))?;
    }
    if let Some(ethnicity) = &correction.ethnicity {
        after.ethnicity = match ethnicity.trim() {
            "" => None,
            text => Some(Ethnicity::parse(text).map_err(|_| wrong("ethnicity"))?),
        };
    }
    if let Some(address) = &correction.address {
        /// Longer than any address.
        const LONGEST: usize = 200;
        if address.chars().count() > LONGEST {
            return Err(wrong("address"));
        }
        after.address = Some(address.trim().to_owned()).filter(|address| !address.is_empty());
    }
    if let Some(phone) = &correction.phone {
        after.phone = PhoneNumber::parse(phone).map_err(|_| wrong("phone"))?;
    }
    if let Some(level) = &correction.level {
        after.level = Level::parse(level).ok_or(wrong("level"))?;
    }
    Ok(after)
}

/// The names of what a correction changes; never the values.
fn changed(before: &Registration, after: &Registration) -> Vec<&'static str> {
    let fields = [
        ("name", before.name != after.name),
        ("number", before.number != after.number),
        ("ethnicity", before.ethnicity != after.ethnicity),
        ("address", before.address != after.address),
        ("phone", before.phone != after.phone),
        ("level", before.level != after.level),
    ];
    fields.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect()
}
