//! Identity cards: find the card in a capture, lay it flat, tell side and upright, read its fields, measure how well it was taken.

mod emblem;
mod fields;
mod find;
mod geometry;
mod ink;
mod kind;
mod labelled;
mod layout;
mod lookalikes;
mod measure;
mod names;
mod permanent;
mod permit;
mod portrait;
mod rectify;
mod simplified;
mod text;

use std::collections::BTreeMap;

use domain::{CardKind, CheckId, EmblemSide, Measures, PersonName, PortraitSide};
use image::RgbImage;

use crate::decode::Capture;
use crate::model::{ModelError, Models};

pub use geometry::Point;
pub use layout::Side;
pub use names::NameCell;

use layout::Seen;
use text::Reader;

/// What one side of a card told.
#[derive(Debug, Clone)]
pub struct CardReading<T> {
    /// The fields; what could not be read, or broke the card's arithmetic, is `None`. All are `None` when the other side was seen.
    pub side: T,
    /// Which side the picture shows.
    pub seen: Side,
    /// Of which kind the card is; a resident identity card's while only the other side was seen. The emblem side does not tell the
    /// forms of a permanent residence card apart surely.
    pub kind: CardKind,
    /// How sure each read field is, 0 to 1: `name`, `sex`, `ethnicity`, `birth_date`, `address`, `number`; `authority`,
    /// `valid_from`, `valid_until`; of other kinds also `travel_permit_number`, `issue_count`, `chinese_name`, `nationality`. The name's is below [`DOUBTFUL`] when its ink and its characters do not go together.
    pub confidence: BTreeMap<&'static str, f32>,
    /// The name glyph by glyph, in the order of reading; empty on the emblem side.
    pub name_cells: Vec<NameCell>,
    /// Measures of the capture, for `domain` to hold against limits:
    /// `card_side` (`swapped`: 1 when the other side was seen, else 0), `card_whole` (`margin`: least distance of a corner from the picture's
    /// border over the card's width, negative outside; `visible`: share of the card inside the picture), `card_sharp` (`blur`:
    /// standard deviation of the blur of printed strokes in millimetres), `card_glare` (`area`: share of the printed zones that is
    /// blown out), `card_readable` (`unread`: number of fields of the kind that could not be read), and on the portrait side
    /// `card_fields_agree` (`disagreeing`: how many of printed birth date, sex and nationality differ from those inside the number).
    pub measures: Measures,
    /// The card laid flat and upright, 1348 × 850 pixels (400 dpi).
    pub rectified: RgbImage,
    /// The card's corners in pixels of the capture: upper left, upper right, lower right, lower left as one reads the card.
    pub corners: [Point; 4],
    /// The portrait printed on the portrait side.
    pub portrait: Option<RgbImage>,
}

/// A name's confidence below this means: a rare character may be missing or misread, let a person look.
pub const DOUBTFUL: f32 = 0.5;

/// Why a picture gave no reading at all.
#[derive(Debug, thiserror::Error)]
pub enum CardError {
    /// Fewer pixels than any readable card has.
    #[error(
        "the picture has {width} x {height} pixels; a card cannot be read below {least} on the long side"
    )]
    TooSmall {
        /// Width of the picture.
        width: u32,
        /// Height of the picture.
        height: u32,
        /// Pixels that the long side needs.
        least: u32,
    },
    /// Nothing in the picture looks like an identity card.
    #[error("no identity card was found in the picture")]
    NoCard,
    /// The networks could not be opened or run.
    #[error(transparent)]
    Model(#[from] ModelError),
}

/// Least length in pixels of a capture's long side.
pub const LEAST_LONG_SIDE: u32 = 480;

/// Reads the portrait side (人像面).
///
/// # Errors
/// [`CardError`] when there is no card in the picture, or the networks fail. A card that is cropped, blurred, covered by glare or
/// shows its other side is no error: the measures tell.
pub fn read_portrait_side(
    models: &Models,
    capture: &Capture,
) -> Result<CardReading<PortraitSide>, CardError> {
    read_portrait_side_expecting(models, capture, None)
}

/// As [`read_portrait_side`], with the name that the registration holds: where characters of the card's name cannot be read, the
/// registered ones are taken if the pixels agree with them and with no character that resembles them. A name that differs from the
/// registered one in any character that was read is told as it was read.
///
/// # Errors
/// As [`read_portrait_side`].
pub fn read_portrait_side_expecting(
    models: &Models,
    capture: &Capture,
    name: Option<&PersonName>,
) -> Result<CardReading<PortraitSide>, CardError> {
    let reader = Reader::open(models)?;
    let seen = layout::see(&reader, &capture.pixels, Side::Portrait)?;
    let mut reading = start(&seen, Side::Portrait);
    if seen.side == Side::Portrait {
        let glyphs = models.glyphs();
        let kind = kind::of_portrait(&reader, &seen)?;
        let read = match kind {
            CardKind::PermanentResidence2017 | CardKind::PermanentResidence2023 => {
                permanent::read(&reader, &seen, kind)?
            }
            CardKind::ResidentIdentityCard | CardKind::ResidencePermit => {
                portrait::read(&reader, &seen, kind, name, glyphs.as_deref())?
            }
        };
        reading.kind = read.side.kind;
        reading.measures.put(CheckId::CardReadable, [("unread", read.unread())]);
        if let Some(disagreeing) = read.disagreeing() {
            reading.measures.put(CheckId::CardFieldsAgree, [("disagreeing", disagreeing)]);
        }
        reading.portrait = Some(layout::printed_portrait(&seen.flat));
        (reading.side, reading.confidence, reading.name_cells) =
            (read.side, read.confidence, read.name_cells);
    }
    Ok(reading)
}

/// Reads the emblem side (国徽面).
///
/// # Errors
/// As [`read_portrait_side`].
pub fn read_emblem_side(models: &Models, capture: &Capture) -> Result<CardReading<EmblemSide>, CardError> {
    let reader = Reader::open(models)?;
    let seen = layout::see(&reader, &capture.pixels, Side::Emblem)?;
    let mut reading = start(&seen, Side::Emblem);
    if seen.side == Side::Emblem {
        reading.kind = kind::of_emblem(&seen);
        let read = match reading.kind {
            CardKind::ResidentIdentityCard => emblem::read(&reader, &seen.flat)?,
            CardKind::ResidencePermit => permit::read_emblem(&reader, &seen.flat)?,
            CardKind::PermanentResidence2017 | CardKind::PermanentResidence2023 => {
                permanent::read_emblem(&reader, &seen.flat, reading.kind)?
            }
        };
        reading.measures.put(CheckId::CardReadable, [("unread", read.unread())]);
        (reading.side, reading.confidence) = (read.side, read.confidence);
    }
    Ok(reading)
}

/// The reading before its fields: what is seen, where, and how well.
fn start<T: Default>(seen: &Seen, expected: Side) -> CardReading<T> {
    let mut measures = measure::capture_measures(seen);
    let swapped = if seen.side == expected { 0.0 } else { 1.0 };
    measures.put(CheckId::CardSide, [("swapped", swapped)]);
    CardReading {
        side: T::default(),
        seen: seen.side,
        kind: CardKind::default(),
        confidence: BTreeMap::new(),
        name_cells: Vec::new(),
        measures,
        rectified: seen.flat.colour.clone(),
        corners: seen.corners,
        portrait: None,
    }
}
