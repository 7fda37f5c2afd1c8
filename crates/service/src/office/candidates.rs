//! Candidates as the office sees them: found, told as a whole, corrected, reopened, completed at the desk.

use domain::{
    Collection, Deed, Ethnicity, IdNumber, Level, PersonName, PhoneNumber, Refusal, Registration, State,
    TakenBack, collection::CompletedBy,
};
use jiff::Timestamp;
use partners::registration::Completion;
use serde_json::Value;
use store::{
    AttemptId, CollectionFilter, CollectionRecord, Entry, NewAudit, PictureKind, RegistrationRecord,
    StoreError, Takeback,
};

use super::{
    Officer, reason,
    view::{CandidateRow, Found, Particulars, Story},
};
use crate::{Picture, Service, Trouble, card::forget_card, completion, completion::Completed};

/// Rows of a page.
const PAGE: u64 = 50;
/// How often a deed is decided anew when others were quicker.
const TRIES: u32 = 4;

/// The name of a state that no collection is in: the candidate has not begun.
const UNBEGUN: &str = "none";

/// What is looked for. Of key, number, phone and name the first that is set counts alone; state, level and time are all held; without any
/// the roster is told from its beginning.
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
    /// The name of a state: collections in it; `none` for registrations without a collection.
    pub state: Option<String>,
    /// 层次
    pub level: Option<String>,
    /// Collections that changed last at that time or later.
    pub from: Option<Timestamp>,
    /// Collections that changed last before that time.
    pub until: Option<Timestamp>,
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
        } else {
            let level = match &search.level {
                Some(level) => Some(Level::parse(level).ok_or(Trouble::FieldMalformed { field: "level" })?),
                None => None,
            };
            let state = search.state.as_deref().filter(|state| *state != UNBEGUN);
            let after = search.after.as_deref();
            if state.is_some() || search.from.is_some() || search.until.is_some() {
                let (from, until) = (search.from, search.until);
                let filter = CollectionFilter { state: state.map(str::to_owned), level, from, until };
                let found = self.store.find_collections(exam, &filter, after, PAGE + 1).await?;
                return self.rows_of_collections(exam, &found).await;
            }
            let unbegun = search.state.is_some();
            self.store.find_registrations(exam, level, unbegun, after, PAGE + 1).await?
        };
        let next = (registrations.len() > PAGE as usize)
            .then(|| registrations[PAGE as usize - 1].registration.id.clone());
        let page = &registrations[..registrations.len().min(PAGE as usize)];
        Ok(Found { candidates: self.rows(exam, page).await?, next })
    }

    /// What was read of a candidate may be gone by now; the roster still has the registration.
    async fn rows_of_collections(&self, exam: &str, found: &[CollectionRecord]) -> Result<Found, Trouble> {
        let page = &found[..found.len().min(PAGE as usize)];
        let next =
            (found.len() > page.len()).then(|| page.last().map(|c| c.registration_id.clone())).flatten();
        let keys: Vec<&str> = page.iter().map(|c| c.registration_id.as_str()).collect();
        let roster = self.store.registrations_of(exam, &keys).await?;
        let row = |collection: &CollectionRecord| match roster
            .iter()
            .find(|r| r.registration.id == collection.registration_id)
        {
            Some(record) => CandidateRow::of(&record.registration, Some(collection)),
            None => CandidateRow::of_collection(collection),
        };
        Ok(Found { candidates: page.iter().map(row).collect(), next })
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
    pub(super) async fn put_on_record(&self, entry: &NewAudit) -> Result<(), StoreError> {
        let tx = self.store.begin().await?;
        tx.audit(entry, self.clock.now()).await?;
        tx.commit().await
    }

    pub(super) async fn both(
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
            if corrected.phone != record.registration.phone {
                // Whoever holds the phone that was wrong is logged in no longer.
                tx.revoke_all_sessions(collection.id).await?;
            }
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
        let ruling = Ruling::new(Deed::Reopen, "reopened").because(why);
        self.rule(officer, exam, key, &ruling, |record| moved(record, |c| c.reopened(why))).await
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
        let ruling = Ruling::new(Deed::CompleteAtDesk, "completed_at_desk").because(why);
        self.rule(officer, exam, key, &ruling, |record| {
            record.particulars.waiting = None;
            moved(record, |c| c.completed_at_desk(why))
        })
        .await
    }

    /// Takes the card or the photo of a collection back for a new one; the candidate is told the reason.
    ///
    /// # Errors
    /// [`Trouble::NotAllowed`], [`Trouble::NotFound`], [`Trouble::ReasonMissing`], [`Trouble::OutOfOrder`] where there is nothing to
    /// take back.
    pub async fn take_back(
        &self,
        officer: &Officer,
        exam: &str,
        key: &str,
        what: TakenBack,
        why: &str,
    ) -> Result<(), Trouble> {
        officer.may(Deed::TakeBack)?;
        let why = reason(why)?;
        let (event, name) = match what {
            TakenBack::Card => ("card_taken_back", "card"),
            TakenBack::Photo => ("photo_taken_back", "photo"),
        };
        let ruling = Ruling::new(Deed::TakeBack, event).because(why).with("what", name);
        self.rule(officer, exam, key, &ruling, |record| {
            moved(record, |c| c.taken_back(what, why))?;
            if what == TakenBack::Card {
                forget_card(record);
            }
            let particulars = &mut record.particulars;
            particulars.photo_report = None;
            particulars.comparison = None;
            particulars.verification_note = None;
            particulars.waiting = None;
            particulars.objections = None;
            particulars.taken_back = Some(Takeback { what, reason: why.to_owned() });
            Ok(())
        })
        .await
    }

    /// Tells the registration system of a completed collection once more.
    ///
    /// # Errors
    /// [`Trouble::NotAllowed`], [`Trouble::NotFound`], [`Trouble::ReasonMissing`], [`Trouble::OutOfOrder`] unless it is completed.
    pub async fn redeliver(
        &self,
        officer: &Officer,
        exam: &str,
        key: &str,
        why: &str,
    ) -> Result<(), Trouble> {
        officer.may(Deed::Redeliver)?;
        let why = reason(why)?;
        let ruling = Ruling::new(Deed::Redeliver, "delivered_again").because(why);
        self.rule(officer, exam, key, &ruling, |record| match record.collection.state() {
            State::Completed { .. } => Ok(()),
            _ => Err(Refusal::OutOfOrder),
        })
        .await
    }

    /// Changes a collection as a person of the office decides: state, journal, audit log, and what the state that it comes to demands (the
    /// delivery of what is complete, the attempt that begins) in one transaction, on the collection as it is now.
    pub(super) async fn rule(
        &self,
        officer: &Officer,
        exam: &str,
        key: &str,
        ruling: &Ruling<'_>,
        change: impl Fn(&mut CollectionRecord) -> Result<(), Refusal>,
    ) -> Result<(), Trouble> {
        for _ in 0..TRIES {
            let mut record = self.store.collection_of(exam, key).await?.ok_or(Trouble::NotFound)?;
            let before = record.collection.state().name();
            change(&mut record).map_err(|_| Trouble::OutOfOrder { state: before })?;
            let now = self.clock.now();
            let state = record.collection.state();
            let photo = match state {
                State::Completed { .. } | State::Verifying { .. } => {
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
            let entry = Entry::new(record.id, ruling.event, actor).with("state", state.name());
            let entry =
                ruling.details.iter().fold(entry, |entry, (name, value)| entry.with(name, value.clone()));
            tx.note(&entry, now).await?;
            match (state, photo) {
                (State::Completed { by }, Some(photo)) => {
                    let completion = match by {
                        CompletedBy::Desk => Completion::AtDesk,
                        CompletedBy::Platform => Completion::Verified,
                    };
                    let completed = Completed::of(&record, completion, photo.id, now);
                    let delivery = completed.delivery(&record).map_err(|_| Trouble::Internal)?;
                    tx.enqueue_delivery(&delivery, now).await?;
                    if before != state.name() {
                        tx.note(&Entry::new(record.id, completion::EVENT, actor).with("by", "desk"), now)
                            .await?;
                    }
                }
                (State::Verifying { attempt }, Some(photo)) => {
                    tx.enqueue_attempt(AttemptId(attempt), record.id, photo.id, now).await?;
                }
                _ => {}
            }
            let entry = on(officer.does(ruling.deed), exam, key);
            let entry =
                ruling.details.iter().fold(entry, |entry, (name, value)| entry.with(name, value.clone()));
            let entry = ruling.reason.iter().fold(entry, |entry, why| entry.with("reason", *why));
            tx.audit(&entry, now).await?;
            tx.commit().await?;
            return Ok(());
        }
        Err(Trouble::ChangedMeanwhile)
    }
}

/// What a person of the office decides about a collection.
pub(super) struct Ruling<'a> {
    deed: Deed,
    event: &'static str,
    reason: Option<&'a str>,
    details: Vec<(&'static str, Value)>,
}

impl<'a> Ruling<'a> {
    /// A deed, and the journal's name for what it does.
    pub(super) fn new(deed: Deed, event: &'static str) -> Ruling<'a> {
        Ruling { deed, event, reason: None, details: Vec::new() }
    }

    /// Why; the audit log has it, the journal does not.
    pub(super) fn because(self, reason: &'a str) -> Ruling<'a> {
        Ruling { reason: Some(reason), ..self }
    }

    /// A detail for both.
    pub(super) fn with(mut self, name: &'static str, value: impl Into<Value>) -> Ruling<'a> {
        self.details.push((name, value.into()));
        self
    }
}

/// Moves the state machine on.
pub(super) fn moved(
    record: &mut CollectionRecord,
    next: impl Fn(Collection) -> Result<Collection, Refusal>,
) -> Result<(), Refusal> {
    record.collection = next(record.collection)?;
    Ok(())
}

/// An audit entry about a candidate.
pub(super) fn on(entry: NewAudit, exam: &str, key: &str) -> NewAudit {
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
