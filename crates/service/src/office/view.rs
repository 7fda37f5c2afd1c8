//! What the office's API shows. Names, numbers, phones and addresses are masked everywhere but in [`Particulars`].

use std::{collections::BTreeMap, fmt};

use domain::{Account, CardKind, Item, Registration, Role, Text};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use store::{AuditEntry, CollectionRecord, ImportStatus, RegistrationRecord};
use utoipa::ToSchema;

use super::{
    rosters::{Report, SILENT},
    secrets,
};
use crate::{
    Trouble, entry, roster,
    view::{Document, Finding, Office, TextSchema},
};

/// Who is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Me {
    /// The account.
    pub account: String,
    /// `viewer`, `registrar`, `supervisor` or `administrator`.
    #[schema(value_type = String)]
    pub role: Role,
}

/// A session that has begun.
#[derive(Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SignedIn {
    /// The bearer token.
    pub token: String,
    /// Seconds without a request after which the session ends.
    pub idle_s: u64,
    /// Who.
    pub me: Me,
}

impl fmt::Debug for SignedIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SignedIn({})", self.me.account)
    }
}

/// What the owner of an account signs in with; told once.
#[derive(Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Access {
    /// The account.
    pub account: String,
    /// The first password.
    pub password: String,
    /// The second factor's secret in base 32, for typing it in.
    pub secret: String,
    /// The same as `otpauth://` address, for a QR code.
    pub otpauth: String,
}

impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Access({})", self.account)
    }
}

impl Access {
    pub(super) fn of(account: &Account, password: &str, secret: &[u8]) -> Result<Access, Trouble> {
        let totp = secrets::totp(secret, account)?;
        Ok(Access {
            account: account.to_string(),
            password: password.to_owned(),
            secret: totp.secret().to_base32(),
            otpauth: totp.to_url().map_err(|_| Trouble::Internal)?,
        })
    }
}

/// Somebody who has an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Staff {
    /// The account.
    pub account: String,
    /// `viewer`, `registrar`, `supervisor` or `administrator`.
    #[schema(value_type = String)]
    pub role: Role,
    /// Whether they work here still.
    pub active: bool,
    /// Nobody can sign in with this account for now.
    pub locked: bool,
    /// When the account was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
}

impl Staff {
    pub(super) fn of(staff: store::Staff, now: Timestamp) -> Staff {
        Staff {
            account: staff.account.to_string(),
            role: staff.role,
            active: staff.active,
            locked: staff.locked_until.is_some_and(|until| until > now),
            created_at: staff.created_at,
        }
    }
}

/// An exam session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Exam {
    /// Stable id.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// Whether candidates may log in to it.
    pub open: bool,
    /// Id of its photo standard.
    pub standard: String,
    /// How many registrations its roster holds.
    pub registrations: u64,
    /// How many collections are in which state; states without any are left out.
    pub states: BTreeMap<String, u64>,
}

/// A photo standard that may be chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct StandardName {
    /// Stable id.
    pub id: String,
    /// What it is called.
    #[schema(value_type = TextSchema)]
    pub name: Text,
}

/// An exam session with all that is set about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ExamDetails {
    /// Stable id.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// Whether candidates may log in to it.
    pub open: bool,
    /// Id of its photo standard.
    pub standard: String,
    /// Attempts allowed in a row.
    pub attempts_allowed: u8,
    /// Whom candidates ask.
    pub office: Office,
    /// 《用户协议》
    pub agreement: Document,
    /// 《隐私协议》
    pub privacy: Document,
    /// The consent to the face comparison.
    pub face_consent: Document,
    /// From when on nobody logs in to it any more.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub closes_at: Option<Timestamp>,
    /// The kinds of cards that are accepted; empty leaves it to the photo standard.
    pub cards: Vec<&'static str>,
    /// Where candidates reach their page; missing where it is the console's own address.
    pub entry_url: Option<String>,
    /// Which photos wait for a registrar's eye: `off`, `warned` or `every`.
    pub inspection: &'static str,
    /// Whether two registrars must pass a photo that waits.
    pub two_eyes: bool,
    /// The standards that may be chosen.
    pub standards: Vec<StandardName>,
    /// The kinds of cards that may be chosen.
    pub card_kinds: Vec<CardKindName>,
}

/// A kind of card that may be chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CardKindName {
    /// Stable id.
    pub id: &'static str,
    /// What it is called.
    #[schema(value_type = TextSchema)]
    pub name: Text,
}

impl ExamDetails {
    pub(super) fn of(
        exam: &store::ExamSession,
        entry_url: Option<&str>,
        standards: impl Iterator<Item = (String, Text)>,
    ) -> Result<ExamDetails, Trouble> {
        Ok(ExamDetails {
            id: exam.id.clone(),
            name: exam.name.clone(),
            open: exam.open,
            standard: exam.standard.clone(),
            attempts_allowed: exam.attempts_allowed,
            office: entry::office(exam),
            agreement: entry::document(&exam.agreement)?,
            privacy: entry::document(&exam.privacy)?,
            face_consent: entry::document(&exam.face_consent)?,
            closes_at: exam.closes_at,
            cards: exam.cards.iter().flatten().map(|kind| kind.id()).collect(),
            entry_url: entry_url.map(str::to_owned),
            inspection: exam.inspection.name(),
            two_eyes: exam.two_eyes,
            card_kinds: CardKind::ALL
                .iter()
                .map(|kind| CardKindName { id: kind.id(), name: kind.title() })
                .collect(),
            standards: standards.map(|(id, name)| StandardName { id, name }).collect(),
        })
    }
}

/// An entry of the audit log.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct AuditRow {
    /// Its number.
    pub number: i64,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// By whom.
    pub actor: String,
    /// What.
    pub deed: String,
    /// On what: an exam session and a registration's key, or an account.
    pub subject: Option<String>,
    /// What else is worth knowing.
    #[schema(value_type = Object)]
    pub details: Map<String, Value>,
}

/// A page of the audit log, the newest entry first.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct AuditPage {
    /// The entries.
    pub entries: Vec<AuditRow>,
    /// What `before` is for the next page; missing on the last.
    pub next: Option<i64>,
}

impl AuditPage {
    /// Of one entry more than a page holds, if there are so many.
    pub(super) fn of(entries: Vec<AuditEntry>, page: usize) -> AuditPage {
        let more = entries.len() > page;
        let rows = entries.into_iter().take(page).map(|entry| AuditRow {
            number: entry.number,
            at: entry.at,
            actor: entry.actor,
            deed: entry.deed,
            subject: entry.subject,
            details: entry.details,
        });
        let entries: Vec<AuditRow> = rows.collect();
        let next = entries.last().filter(|_| more).map(|last| last.number);
        AuditPage { entries, next }
    }
}

/// Whether the audit log is unbroken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AuditProof {
    /// Every entry is what was written, and none is missing.
    pub unbroken: bool,
    /// How many entries there are.
    pub entries: i64,
    /// The last one's hash: noted down, it proves later that nothing was cut off.
    pub hash: String,
    /// What is wrong.
    pub problem: Option<String>,
}

/// A candidate in a list, masked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CandidateRow {
    /// The registration system's own key.
    pub registration: String,
    /// 姓名; empty, like what follows, where it was cleared and the roster is not ours.
    pub name: String,
    /// 身份证号码
    pub number: String,
    /// 手机号码
    pub phone: String,
    /// 层次
    pub level: String,
    /// The collection's state; missing before the first login.
    pub state: Option<&'static str>,
    /// When the collection changed last.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub updated_at: Option<Timestamp>,
}

impl CandidateRow {
    pub(super) fn of(registration: &Registration, collection: Option<&CollectionRecord>) -> CandidateRow {
        CandidateRow {
            registration: registration.id.clone(),
            name: registration.name.masked(),
            number: registration.number.masked(),
            phone: registration.phone.masked(),
            level: registration.level.label().to_owned(),
            state: collection.map(|c| c.collection.state().name()),
            updated_at: collection.map(|c| c.updated_at),
        }
    }

    /// A collection knows its registration from the login until what was read is cleared.
    pub(super) fn of_collection(record: &CollectionRecord) -> CandidateRow {
        match &record.particulars.registration {
            Some(registration) => CandidateRow::of(registration, Some(record)),
            None => CandidateRow {
                registration: record.registration_id.clone(),
                name: String::new(),
                number: String::new(),
                phone: String::new(),
                level: String::new(),
                state: Some(record.collection.state().name()),
                updated_at: Some(record.updated_at),
            },
        }
    }
}

/// A page of candidates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Found {
    /// The rows.
    pub candidates: Vec<CandidateRow>,
    /// What `after` is for the next page; missing on the last.
    pub next: Option<String>,
}

/// Name, number, phone and address in full.
#[derive(Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Particulars {
    /// As the registration has them.
    pub registration: Option<Plain>,
    /// As the card has them.
    pub card: Option<Plain>,
}

/// One source's.
#[derive(Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Plain {
    /// 姓名
    pub name: String,
    /// 身份证号码
    pub number: String,
    /// 民族
    pub ethnicity: Option<String>,
    /// 住址
    pub address: Option<String>,
    /// 手机号码; a card has none.
    pub phone: Option<String>,
}

impl fmt::Debug for Particulars {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Particulars(***)")
    }
}

impl fmt::Debug for Plain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Plain(***)")
    }
}

impl Particulars {
    pub(super) fn of(
        roster: Option<&RegistrationRecord>,
        collection: Option<&CollectionRecord>,
    ) -> Particulars {
        let particulars = collection.map(|c| &c.particulars);
        let at_login = particulars.and_then(|p| p.registration.as_ref());
        let registration = roster.map(|r| &r.registration).or(at_login).map(|r| Plain {
            name: r.name.as_str().to_owned(),
            number: r.number.as_str().to_owned(),
            ethnicity: r.ethnicity.map(|e| e.name().to_owned()),
            address: r.address.clone(),
            phone: Some(r.phone.as_str().to_owned()),
        });
        let card = particulars.and_then(|p| p.identity_card.as_ref()).map(|card| Plain {
            name: card.name.as_str().to_owned(),
            number: card.number.as_str().to_owned(),
            ethnicity: card.ethnicity.map(|e| e.name().to_owned()),
            address: card.address.clone(),
            phone: None,
        });
        Particulars { registration, card }
    }
}

/// The whole story of a candidate, masked.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Story {
    /// The candidate.
    pub candidate: Option<CandidateRow>,
    /// The registration's version, which a correction names; missing where the roster is not ours.
    pub version: Option<i64>,
    /// How many attempts in a row were refused.
    pub refused: u8,
    /// How many are allowed.
    pub allowed: u8,
    /// In what card and registration differ.
    #[schema(value_type = Vec<String>)]
    pub differs: Vec<Item>,
    /// What was found about the card's portrait side.
    pub portrait_findings: Vec<Finding>,
    /// What was found about its emblem side.
    pub emblem_findings: Vec<Finding>,
    /// What was found about the last photo.
    pub photo_findings: Vec<Finding>,
    /// How alike the card's picture and the photo are, 0 to 100.
    pub similarity: Option<f64>,
    /// The questions put to the identity platform, oldest first.
    pub attempts: Vec<AttemptRow>,
    /// What was told to the registration system, oldest first.
    pub deliveries: Vec<DeliveryRow>,
    /// What was consented to, oldest first.
    pub consents: Vec<ConsentRow>,
    /// What happened, oldest first.
    pub events: Vec<EventRow>,
}

impl Story {
    /// The rows of attempts, deliveries, consents and events are still to come.
    pub(super) fn of(roster: Option<&RegistrationRecord>, collection: Option<&CollectionRecord>) -> Story {
        let particulars = collection.map(|c| &c.particulars);
        let findings = |report: Option<&domain::Report>| -> Vec<Finding> {
            report.map(|report| report.findings.iter().map(Finding::from).collect()).unwrap_or_default()
        };
        let attempts = collection.map(|c| c.collection.attempts());
        let candidate = match roster {
            Some(record) => Some(CandidateRow::of(&record.registration, collection)),
            None => collection.map(CandidateRow::of_collection),
        };
        Story {
            candidate,
            version: roster.map(|r| r.version),
            refused: attempts.map_or(0, |a| a.refused()),
            allowed: attempts.map_or(0, |a| a.allowed()),
            differs: particulars
                .map(|p| p.discrepancies.iter().map(|d| d.item).collect())
                .unwrap_or_default(),
            portrait_findings: findings(particulars.and_then(|p| p.portrait_side_report.as_ref())),
            emblem_findings: findings(particulars.and_then(|p| p.emblem_side_report.as_ref())),
            photo_findings: findings(particulars.and_then(|p| p.photo_report.as_ref())),
            similarity: particulars.and_then(|p| p.comparison.as_ref()).map(|c| c.similarity),
            attempts: Vec::new(),
            deliveries: Vec::new(),
            consents: Vec::new(),
            events: Vec::new(),
        }
    }
}

/// A question put to the identity platform.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct AttemptRow {
    /// Its id, which the platform knows as serial number.
    pub id: String,
    /// Where it stands.
    pub status: String,
    /// How often it was asked.
    pub tries: u32,
    /// When the candidate consented.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it ended.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub answered_at: Option<Timestamp>,
    /// The answer's code.
    pub code: Option<String>,
    /// Similarity 0 to 100, if the platform told one.
    pub similarity: Option<f64>,
}

impl From<&store::Attempt> for AttemptRow {
    fn from(attempt: &store::Attempt) -> AttemptRow {
        AttemptRow {
            id: attempt.id.to_string(),
            status: attempt.status.to_string(),
            tries: attempt.tries,
            created_at: attempt.created_at,
            answered_at: attempt.answered_at,
            code: attempt.last_error_code.clone(),
            similarity: attempt.similarity,
        }
    }
}

/// Something told to the registration system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DeliveryRow {
    /// Its place, from 1.
    pub sequence: u64,
    /// Where it stands.
    pub status: String,
    /// How often it was told.
    pub tries: u32,
    /// When it was queued.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it was taken.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub done_at: Option<Timestamp>,
    /// Why it was given back last.
    pub code: Option<String>,
}

impl From<&store::Delivery> for DeliveryRow {
    fn from(delivery: &store::Delivery) -> DeliveryRow {
        DeliveryRow {
            sequence: delivery.sequence,
            status: delivery.status.to_string(),
            tries: delivery.tries,
            created_at: delivery.created_at,
            done_at: delivery.done_at,
            code: delivery.last_error_code.clone(),
        }
    }
}

/// A consent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ConsentRow {
    /// `agreement`, `privacy` or `face_comparison`.
    pub kind: &'static str,
    /// The text's version.
    pub version: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub given_at: Timestamp,
}

impl From<&store::Consent> for ConsentRow {
    fn from(consent: &store::Consent) -> ConsentRow {
        ConsentRow {
            kind: consent.kind.as_str(),
            version: consent.version.clone(),
            given_at: consent.given_at,
        }
    }
}

/// Something that happened to a collection.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct EventRow {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// What.
    pub event: String,
    /// By whom: `candidate`, `worker` or an account.
    pub actor: String,
    /// What else is worth knowing.
    #[schema(value_type = Object)]
    pub details: Map<String, Value>,
}

impl From<store::EntryRecord> for EventRow {
    fn from(record: store::EntryRecord) -> EventRow {
        let store::Entry { event, actor, details, .. } = record.entry;
        EventRow { at: record.at, event, actor, details }
    }
}

/// An import of a roster.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct RosterImport {
    /// Its id.
    pub id: String,
    /// The file's name.
    pub file: String,
    /// Nothing was written: only what would be is told.
    pub dry_run: bool,
    /// `update` brings known registrations up to date, `keep` leaves them.
    pub existing: &'static str,
    /// The account of whoever began it.
    pub actor: String,
    /// `running`, `done`, `failed`, or `broken_off` if it was not heard of for long.
    pub state: &'static str,
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    pub started_at: Timestamp,
    /// When it ended.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub finished_at: Option<Timestamp>,
    /// Rows read so far.
    pub rows: u64,
    /// Rows that are new.
    pub added: u64,
    /// Rows that changed.
    pub changed: u64,
    /// Rows that were the same already.
    pub unchanged: u64,
    /// Rows that were known, and kept what they were.
    pub kept: u64,
    /// Rows that were not taken.
    pub refused: u64,
    /// The first 1,000 rows that were not taken, once it has ended.
    pub problems: Vec<RowProblem>,
    /// How the first ten rows were understood, masked.
    pub preview: Vec<Preview>,
    /// Why the file as a whole could not be read.
    #[schema(value_type = Option<TextSchema>)]
    pub failure: Option<Text>,
}

/// Why a row of a roster was not taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RowProblem {
    /// The row in the file, from 1.
    pub row: u64,
    /// The column's heading.
    pub column: String,
    /// What is wrong, and what to do.
    #[schema(value_type = TextSchema)]
    pub message: Text,
}

impl From<roster::RowProblem> for RowProblem {
    fn from(problem: roster::RowProblem) -> RowProblem {
        RowProblem { row: problem.row, column: problem.column.to_owned(), message: problem.problem }
    }
}

/// How a row of a roster was understood, masked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Preview {
    /// The row in the file, from 1.
    pub row: u64,
    /// 报名号
    pub registration: String,
    /// 姓名
    pub name: String,
    /// 身份证号码
    pub number: String,
    /// 手机号码
    pub phone: String,
    /// 层次
    pub level: String,
}

impl Preview {
    pub(super) fn of(row: u64, registration: &Registration) -> Preview {
        Preview {
            row,
            registration: registration.id.clone(),
            name: registration.name.masked(),
            number: registration.number.masked(),
            phone: registration.phone.masked(),
            level: registration.level.label().to_owned(),
        }
    }
}

impl RosterImport {
    pub(super) fn of(import: store::RosterImport, now: Timestamp) -> Result<RosterImport, Trouble> {
        let report: Report = serde_json::from_value(import.report).map_err(|_| Trouble::Internal)?;
        let silent = import.seen_at.saturating_add(SILENT).is_ok_and(|until| until < now);
        let state = match import.status {
            ImportStatus::Running if silent => "broken_off",
            status => status.as_str(),
        };
        Ok(RosterImport {
            id: import.id.to_string(),
            file: report.file,
            dry_run: import.how.dry_run,
            existing: if import.how.keep_known { "keep" } else { "update" },
            actor: import.actor,
            state,
            started_at: import.started_at,
            finished_at: import.finished_at,
            rows: import.progress.read,
            added: import.progress.added,
            changed: import.progress.changed,
            unchanged: import.progress.unchanged,
            kept: import.progress.kept,
            refused: import.progress.refused,
            problems: report.problems,
            preview: report.preview,
            failure: report.failure,
        })
    }
}

/// The photos that wait for a registrar's eye.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Inspections {
    /// How many wait.
    pub waiting: u64,
    /// Some of them: those first that one may decide, the oldest first.
    pub items: Vec<WaitingPhoto>,
}

/// A photo that waits for a registrar's eye.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct WaitingPhoto {
    /// Whose, masked.
    #[serde(flatten)]
    pub candidate: CandidateRow,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
    /// What the judge warns of.
    pub findings: Vec<Finding>,
    /// How alike the card's picture and the photo are, 0 to 100.
    pub similarity: Option<f64>,
    /// Accounts that have passed it.
    pub passed_by: Vec<String>,
    /// One has passed it oneself: another must look.
    pub mine: bool,
}

/// Where the candidate's page begins at the desk.
#[derive(Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AtDesk {
    /// Its address, or its path where it is the console's own address; good once and for two minutes.
    pub path: String,
}

impl fmt::Debug for AtDesk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AtDesk(***)")
    }
}
