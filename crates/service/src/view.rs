//! What the API shows: the shapes of `docs/http.md`, built from records and the domain's values.

use domain::{Level, Text};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// How [`domain::Text`] looks to the API's description.
#[derive(ToSchema)]
#[schema(as = Text)]
pub struct TextSchema {
    /// Simplified Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

/// The exam session (考次).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ExamSession {
    /// Stable id.
    pub id: String,
    /// What it is called.
    pub name: String,
}

/// The admissions office (成招办), whom candidates ask.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Office {
    /// What it is called.
    pub name: String,
    /// Its phone.
    pub phone: String,
}

/// A text to which a candidate consents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Document {
    /// The version that a consent names.
    pub version: String,
    /// Its title.
    #[schema(value_type = TextSchema)]
    pub title: Text,
    /// Plain text, paragraphs parted by a blank line.
    #[schema(value_type = TextSchema)]
    pub body: Text,
}

/// The photo standard in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct StandardInShort {
    /// Stable id.
    pub id: String,
    /// What it is called.
    #[schema(value_type = TextSchema)]
    pub name: Text,
    /// Width of the ID photo in pixels.
    pub width: u32,
    /// Height of the ID photo in pixels.
    pub height: u32,
}

/// Limits of an uploaded picture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PictureLimits {
    /// Most bytes of a file.
    pub picture_bytes: usize,
    /// Most pixels, width times height.
    pub picture_pixels: u64,
}

/// The login code's shape and times.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CodeShape {
    /// Digits.
    pub length: usize,
    /// Seconds for which a code is good.
    pub lifetime_s: u64,
    /// Seconds after which another may be asked for.
    pub again_after_s: u64,
}

/// What the pages need before login.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Entry {
    /// The exam session.
    pub exam_session: ExamSession,
    /// Whom to ask.
    pub office: Office,
    /// 《用户协议》
    pub agreement: Document,
    /// 《隐私协议》
    pub privacy: Document,
    /// The separate consent to the face comparison.
    pub face_consent: Document,
    /// The photo standard.
    pub standard: StandardInShort,
    /// Limits of uploads.
    pub limits: PictureLimits,
    /// The login code.
    pub code: CodeShape,
}

/// The answer to a request for a login code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CodeSent {
    /// Whether a registration holds the phone.
    pub registered: bool,
    /// What to do now, or whom to ask.
    #[schema(value_type = TextSchema)]
    pub message: Text,
    /// Seconds after which another may be asked for.
    pub again_after_s: u64,
}

/// The answer to a login.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct LoggedIn {
    /// The session's opaque token.
    pub token: String,
    /// When the session ends.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Timestamp,
    /// Where the candidate stands.
    pub collection: Collection,
}

/// One check's result, in words.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Finding {
    /// The check's id.
    pub id: &'static str,
    /// What it is called.
    #[schema(value_type = TextSchema)]
    pub title: Text,
    /// `pass`, `warn`, `fail` or `not_assessed`.
    #[schema(value_type = String)]
    pub outcome: domain::Outcome,
    /// The part of the check that decided.
    pub part: Option<String>,
    /// The deciding measure.
    pub measure: Option<f64>,
    /// The limit; empty where there is none.
    pub limit: String,
    /// What it means and what to change.
    #[schema(value_type = TextSchema)]
    pub message: Text,
    /// Where in the picture it shows, in shares of its width and height; missing where it is about the whole of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<SpotSchema>)]
    pub spot: Option<domain::Spot>,
    /// Its number among the photo's reasons that are told now, 1 the most important; missing for all others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rank: Option<u8>,
}

/// A rectangle of the upright picture.
#[derive(ToSchema)]
#[schema(as = Spot)]
#[allow(dead_code)]
pub(crate) struct SpotSchema {
    /// Left edge, 0..1.
    left: f32,
    /// Upper edge, 0..1.
    top: f32,
    /// Width, 0..1.
    width: f32,
    /// Height, 0..1.
    height: f32,
}

impl From<&domain::Finding> for Finding {
    fn from(f: &domain::Finding) -> Finding {
        Finding {
            id: f.id.id(),
            title: f.id.title(),
            outcome: f.outcome,
            part: f.part.clone(),
            measure: f.measure.filter(|m| m.is_finite()),
            limit: f.limit.clone(),
            message: f.message.clone(),
            spot: f.spot,
            rank: None,
        }
    }
}

/// A side of the card as uploaded.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct CardSide {
    /// Nothing stands against it.
    pub accepted: bool,
    /// What was found.
    pub findings: Vec<Finding>,
    /// Whether a stored picture can be fetched.
    pub picture: bool,
}

/// What was read off the card.
#[derive(Clone, PartialEq, Serialize, ToSchema)]
pub struct CardRead {
    /// The kind of card: `resident_identity_card`, `residence_permit`, `permanent_residence_2017`, `permanent_residence_2023`.
    pub kind: &'static str,
    /// 姓名, with □ for a glyph that could not be read.
    pub name: String,
    /// The name glyph by glyph.
    pub name_cells: Vec<NameCell>,
    /// The Chinese name on a foreigner's card; missing where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chinese_name: Option<String>,
    /// 身份证号码
    pub number: String,
    /// 民族; missing where the kind has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ethnicity: Option<String>,
    /// 国籍, of a foreigner's card.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nationality: Option<String>,
    /// 住址; missing where the kind has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// A character of the name is still to be typed, or its ink holds another number of glyphs.
    pub name_doubtful: bool,
}

/// One glyph of the name.
#[derive(Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct NameCell {
    /// The character; null where it could not be read and is to be typed.
    pub character: Option<char>,
    /// Whether the candidate types this one; the others cannot be changed.
    pub typed: bool,
}

impl std::fmt::Debug for NameCell {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "NameCell(typed: {})", self.typed)
    }
}

impl std::fmt::Debug for CardRead {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CardRead(*)")
    }
}

/// The card.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Card {
    /// 人像面
    pub portrait: Option<CardSide>,
    /// 国徽面
    pub emblem: Option<CardSide>,
    /// What was read, from the confirmation on.
    pub read: Option<CardRead>,
}

/// An item in which card and registration differ.
#[derive(Clone, PartialEq, Serialize, ToSchema)]
pub struct Discrepancy {
    /// `name`, `number`, `ethnicity` or `address`.
    #[schema(value_type = String)]
    pub item: domain::Item,
    /// `blocking` or `advisory`.
    #[schema(value_type = String)]
    pub weight: domain::Weight,
    /// The card's value.
    pub card: String,
    /// The registration's value.
    pub registration: String,
}

impl std::fmt::Debug for Discrepancy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Discrepancy({:?})", self.item)
    }
}

/// The photo as judged.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Photo {
    /// No check failed.
    pub accepted: bool,
    /// Every check.
    pub findings: Vec<Finding>,
    /// What to change, at most three, most important first: the findings with a rank.
    #[schema(value_type = Vec<TextSchema>)]
    pub advice: Vec<Text>,
    /// How many further things there are to change once these are mended.
    pub more: usize,
    /// Whether an ID photo was made and can be fetched.
    pub made: bool,
}

/// The count of attempts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Attempts {
    /// Allowed in a row.
    pub allowed: u8,
    /// Used.
    pub used: u8,
    /// Left.
    pub left: u8,
}

/// How the verification stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum VerificationStatus {
    /// The photo waits for somebody of the office to look at it; then the platform is asked.
    Inspection,
    /// The office needs another photo; no attempt was counted.
    NotPassed,
    /// The platform is being asked.
    Waiting,
    /// The platform does not answer; nothing is lost, no attempt is counted.
    Delayed,
    /// The platform could not use the photo; another is needed, no attempt was counted.
    PhotoUnusable,
    /// The platform cannot verify this person, whatever the photo; the office can. No attempt was counted.
    CannotVerify,
}

/// The verification under way, or why the last one came to nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Verification {
    /// How it stands.
    pub status: VerificationStatus,
    /// The same in words.
    #[schema(value_type = TextSchema)]
    pub message: Text,
}

/// A warning: the photo looks unlike the card's picture. Nothing was asked and nothing counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Comparison {
    /// Whether the card's picture can be fetched, to be looked at beside the photo.
    pub card_face: bool,
    /// The same in words.
    #[schema(value_type = TextSchema)]
    pub message: Text,
}

/// A completed collection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Completed {
    /// `platform` or `desk`.
    #[schema(value_type = String)]
    pub by: domain::collection::CompletedBy,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// Items that the registration system may overwrite with the card's.
    #[schema(value_type = Vec<String>)]
    pub overwrites: Vec<domain::Item>,
    /// The candidate goes on to the prior-degree check.
    pub prior_degree_check: bool,
}

/// Where the candidate stands: the answer to every step.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Collection {
    /// Grows with every change.
    pub version: i64,
    /// The state's stable name.
    pub state: &'static str,
    /// The exam session.
    pub exam_session: ExamSession,
    /// Whom to ask.
    pub office: Office,
    /// 层次
    #[schema(value_type = String)]
    pub level: Level,
    /// The card.
    pub card: Card,
    /// Where card and registration differ.
    pub discrepancies: Vec<Discrepancy>,
    /// In state `blocked`: the office has corrected the registration, collecting again is possible.
    pub corrected: bool,
    /// The photo.
    pub photo: Option<Photo>,
    /// The count of attempts.
    pub attempts: Attempts,
    /// In state `warned`: the photo looks unlike the card's picture.
    pub comparison: Option<Comparison>,
    /// The verification.
    pub verification: Option<Verification>,
    /// Set once completed.
    pub completed: Option<Completed>,
    /// Where the candidate stands and what to do next.
    #[schema(value_type = TextSchema)]
    pub message: Text,
}
