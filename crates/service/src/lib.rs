//! The journey's use cases, one file per step, and the background worker.

pub mod trouble;
pub mod view;

use std::net::IpAddr;

use bytes::Bytes;
use domain::collection::Side;

pub use trouble::Trouble;

/// Most bytes of an uploaded picture.
pub const PICTURE_BYTES: usize = 20 * 1024 * 1024;

/// A candidate's live session.
#[derive(Debug, Clone)]
pub struct Session;

/// A login as sent.
pub struct LogIn {
    /// As typed.
    pub phone: String,
    /// Six digits.
    pub code: String,
    /// The version of 《用户协议》 agreed to.
    pub agreement_version: String,
    /// The version of 《隐私协议》 agreed to.
    pub privacy_version: String,
}

/// Which stored picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PictureKind;

impl PictureKind {
    /// The kind of that name.
    pub fn parse(_: &str) -> Option<PictureKind> {
        None
    }
}

/// A stored picture.
pub struct Picture {
    /// The file.
    pub bytes: Bytes,
    /// Its media type.
    pub media_type: &'static str,
}

/// What answers.
#[derive(Debug, Clone, Copy)]
pub struct Readiness {
    /// The database.
    pub database: bool,
    /// The object storage.
    pub pictures: bool,
    /// The networks.
    pub models: bool,
    /// An exam session is set.
    pub exam_session: bool,
}

impl Readiness {
    /// Everything answers.
    pub fn all(&self) -> bool {
        self.database && self.pictures && self.models && self.exam_session
    }
}

/// The journey.
pub struct Service;

#[allow(missing_docs, clippy::missing_errors_doc)]
impl Service {
    pub async fn entry(&self) -> Result<view::Entry, Trouble> {
        Err(Trouble::Internal)
    }
    pub async fn request_code(&self, _: &str, _: Option<IpAddr>) -> Result<view::CodeSent, Trouble> {
        Err(Trouble::Internal)
    }
    pub async fn log_in(&self, _: LogIn, _: Option<IpAddr>) -> Result<view::LoggedIn, Trouble> {
        Err(Trouble::Internal)
    }
    pub async fn log_out(&self, _: &str) -> Result<(), Trouble> {
        Err(Trouble::Internal)
    }
    pub async fn session(&self, _: &str) -> Result<Session, Trouble> {
        Err(Trouble::SessionExpired)
    }
    pub async fn collection(&self, _: &Session) -> Result<view::Collection, Trouble> {
        Err(Trouble::Internal)
    }
    pub async fn version(&self, _: &Session) -> Result<i64, Trouble> {
        Err(Trouble::Internal)
    }
    pub async fn capture_card_side(
        &self,
        _: &Session,
        _: Side,
        _: Bytes,
    ) -> Result<view::Collection, Trouble> {
        Err(Trouble::Internal)
    }
    pub async fn hand_in_card(&self, _: &Session) -> Result<view::Collection, Trouble> {
        Err(Trouble::Internal)
    }
    pub async fn confirm_card(&self, _: &Session) -> Result<view::Collection, Trouble> {
        Err(Trouble::Internal)
    }
    pub async fn retake_card(&self, _: &Session) -> Result<view::Collection, Trouble> {
        Err(Trouble::Internal)
    }
    pub async fn collect_again(&self, _: &Session) -> Result<view::Collection, Trouble> {
        Err(Trouble::Internal)
    }
    pub async fn advisory_seen(&self, _: &Session) -> Result<view::Collection, Trouble> {
        Err(Trouble::Internal)
    }
    pub async fn capture_photo(&self, _: &Session, _: Bytes) -> Result<view::Collection, Trouble> {
        Err(Trouble::Internal)
    }
    pub async fn submit_photo(&self, _: &Session) -> Result<view::Collection, Trouble> {
        Err(Trouble::Internal)
    }
    pub async fn retake_photo(&self, _: &Session) -> Result<view::Collection, Trouble> {
        Err(Trouble::Internal)
    }
    pub async fn begin_verification(&self, _: &Session, _: &str) -> Result<view::Collection, Trouble> {
        Err(Trouble::Internal)
    }
    pub async fn picture(&self, _: &Session, _: PictureKind) -> Result<Picture, Trouble> {
        Err(Trouble::NotFound)
    }
    pub async fn readiness(&self) -> Readiness {
        Readiness { database: false, pictures: false, models: false, exam_session: false }
    }
    pub async fn record_depths(&self) {}
}
