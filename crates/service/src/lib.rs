//! The journey's use cases, one file per step, and the background worker.

mod backoff;
mod card;
pub mod clock;
mod comparison;
pub mod completion;
mod confirm;
mod entry;
pub mod exam;
pub mod judgement;
mod login;
pub mod meters;
pub mod office;
mod photo;
mod pictures;
pub mod pixels;
mod readiness;
pub mod roster;
pub mod sight;
pub mod status;
mod step;
pub mod trouble;
mod verification;
pub mod view;
mod viewing;
pub mod worker;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use domain::Standard;
use partners::registration::RegistrationSystem;
use store::{CollectionId, ExamSession, Store};

pub use backoff::Backoff;
pub use clock::{Clock, ManualClock, SystemClock};
pub use login::LogIn;
pub use partners::transport::caused_by;
pub use pictures::Picture;
pub use pixels::PixelPool;
pub use readiness::Readiness;
pub use sight::Sight;
pub use store::PictureKind;
pub use trouble::Trouble;

/// Most bytes of an uploaded picture.
pub const PICTURE_BYTES: usize = vision::decode::MAX_BYTES;

/// Limits and times of the journey that an operator may set.
#[derive(Debug, Clone, PartialEq)]
pub struct Rules {
    /// The exam session that is served; the open one that was added last if `None`.
    pub exam_session: Option<String>,
    /// How long a login code is good.
    pub code_lifetime: Duration,
    /// Tries with one code.
    pub code_tries: u32,
    /// After which time a phone may ask for another code.
    pub code_again: Duration,
    /// Codes for one phone within 24 hours.
    pub codes_per_day: u64,
    /// Codes asked for from one address within an hour; a school's candidates share one.
    pub codes_per_address: u64,
    /// Logins tried from one address within an hour.
    pub logins_per_address: u64,
    /// Pictures uploaded to one collection within an hour.
    pub uploads_per_collection: u64,
    /// How long a login lasts.
    pub session_lifetime: Duration,
    /// Sign-ins to the console tried from one address within an hour.
    pub sign_ins_per_address: u64,
    /// After so long without a request a session of the console ends;
    pub office_idle: Duration,
    /// and after so long in any case.
    pub office_longest: Duration,
    /// How long what is kept, as the privacy notices of exam sessions say it.
    pub kept: exam::Kept,
    /// Where candidates reach their page, without a slash at its end; `None` where it is the console's own address.
    pub entry_url: Option<String>,
    /// Similarity of the card's picture and the photo, 0 to 100, below which the candidate is warned before an attempt is spent;
    /// with 0 no faces are compared.
    pub warn_below: f64,
}

impl Default for Rules {
    fn default() -> Rules {
        Rules {
            exam_session: None,
            code_lifetime: Duration::from_secs(300),
            code_tries: 5,
            code_again: Duration::from_secs(60),
            codes_per_day: 10,
            codes_per_address: 200,
            logins_per_address: 600,
            uploads_per_collection: 120,
            session_lifetime: Duration::from_secs(12 * 3600),
            sign_ins_per_address: 120,
            office_idle: Duration::from_secs(15 * 60),
            office_longest: Duration::from_secs(12 * 3600),
            kept: exam::Kept { picture_days: 30, record_days: 365 },
            entry_url: None,
            warn_below: 9.0,
        }
    }
}

/// A candidate's live session: the one collection that it reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    collection: CollectionId,
    /// The account of whoever captures at the desk.
    actor: Option<String>,
}

impl Session {
    /// The collection.
    pub fn collection(&self) -> CollectionId {
        self.collection
    }
}

/// What the journey is made of.
pub struct Parts {
    /// Records and pictures.
    pub store: Store,
    /// Who registered, and who is told.
    pub registration: Arc<dyn RegistrationSystem>,
    /// Looks at pictures.
    pub sight: Arc<dyn Sight>,
    /// Photo standards by id.
    pub standards: BTreeMap<String, Arc<Standard>>,
    /// Where pictures are looked at.
    pub pixels: PixelPool,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Limits and times.
    pub rules: Rules,
}

/// The journey.
pub struct Service {
    store: Store,
    registration: Arc<dyn RegistrationSystem>,
    sight: Arc<dyn Sight>,
    standards: BTreeMap<String, Arc<Standard>>,
    pixels: PixelPool,
    clock: Arc<dyn Clock>,
    rules: Rules,
    readiness: readiness::Cache,
    status: status::Cache,
    refused: status::Refused,
    /// One roster at a time: it is held in memory.
    imports: Arc<tokio::sync::Semaphore>,
    downloads: office::downloads::Turns,
    numbers: office::numbers::Cache,
}

impl Service {
    /// The journey made of these parts.
    pub fn new(parts: Parts) -> Service {
        Service {
            store: parts.store,
            registration: parts.registration,
            sight: parts.sight,
            standards: parts.standards,
            pixels: parts.pixels,
            clock: parts.clock,
            rules: parts.rules,
            readiness: readiness::Cache::default(),
            status: status::Cache::default(),
            refused: status::Refused::default(),
            imports: Arc::new(tokio::sync::Semaphore::new(1)),
            downloads: office::downloads::Turns::default(),
            numbers: office::numbers::Cache::default(),
        }
    }

    /// The session of a token.
    ///
    /// # Errors
    /// [`Trouble::SessionExpired`] for any token that reaches nothing.
    pub async fn session(&self, token: &str) -> Result<Session, Trouble> {
        let found = self.store.session(token, self.clock.now()).await?;
        found.map(|s| Session { collection: s.collection, actor: s.actor }).ok_or(Trouble::SessionExpired)
    }

    /// The exam session that candidates come for now.
    async fn open_exam_session(&self) -> Result<ExamSession, Trouble> {
        let found = match &self.rules.exam_session {
            Some(id) => self.store.exam_session(id).await?.filter(|s| s.is_open(self.clock.now())),
            None => self.store.current_exam_session(self.clock.now()).await?,
        };
        found.ok_or(Trouble::NotOpen)
    }

    /// The exam session's photo standard, with the cards that the exam session accepts.
    fn standard(&self, exam: &ExamSession) -> Result<Arc<Standard>, Trouble> {
        let standard = self.standards.get(&exam.standard).ok_or_else(|| {
            tracing::error!(standard = %exam.standard, "the exam session names a standard that is not there");
            Trouble::Internal
        })?;
        Ok(match &exam.cards {
            Some(cards) if !cards.is_empty() => {
                let mut own = Standard::clone(standard);
                own.card.accepted.clone_from(cards);
                Arc::new(own)
            }
            _ => standard.clone(),
        })
    }
}
