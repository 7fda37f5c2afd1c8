//! Identity cards: find the card in a capture, lay it flat, tell side and upright, read its fields, measure how well it was taken.

mod calibration;
mod colour;
mod edited;
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
mod obstructed;
mod permanent;
mod permit;
mod portrait;
mod rectify;
mod screen;
mod simplified;
mod text;

use std::collections::BTreeMap;

use domain::{CardKind, CheckId, EmblemSide, Measures, PersonName, PortraitSide};
use image::RgbImage;

use crate::decode::{Capture, DecodeError, decode, decode_for_card};
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
    /// `valid_from`, `valid_until`; of other kinds also `travel_permit_number`, `issue_count`, `chinese_name`, `nationality`. The name's
    /// is below [`DOUBTFUL`] when its ink and its characters do not go together. How often fields of a confidence are right,
    /// `docs/reading.md` tells.
    pub confidence: BTreeMap<&'static str, f32>,
    /// The same as the recogniser has it by itself, which is what the calibration is fitted to.
    pub raw_confidence: BTreeMap<&'static str, f32>,
    /// The name glyph by glyph, in the order of reading; empty on the emblem side.
    pub name_cells: Vec<NameCell>,
    /// Measures of the capture, for `domain` to hold against limits:
    /// `card_side` (`swapped`: 1 when the other side was seen, else 0), `card_whole` (`margin`: least distance of a corner from the picture's
    /// border over the card's width, negative outside; `visible`: share of the card inside the picture), `card_sharp` (`blur`:
    /// standard deviation of the blur of printed strokes in millimetres), `card_glare` (`area`: share of the printed zones that is
    /// blown out), `card_obstructed` (`covered`: share of the printed zones under something that is no card), `card_not_photocopy`
    /// (`colour`: how coloured the coloured print is, 0 to 1; missing where none is seen), `card_not_screen` (`moire`: how far what
    /// repeats on the card rises above its surroundings in the power spectrum, decibels), `card_not_edited` (`patch`: how much
    /// less grain than the card, or sharper print than the other rows, one row of values has, as a binary logarithm), `card_readable` (`unread`: number of
    /// fields of the kind that could not be read), and on the portrait side `card_fields_agree` (`disagreeing`: how many of printed
    /// birth date, sex and nationality differ from those inside the number).
    pub measures: Measures,
    /// The card laid flat and upright, 1348 × 850 pixels (400 dpi).
    pub rectified: RgbImage,
    /// The card's corners in pixels of the capture: upper left, upper right, lower right, lower left as one reads the card.
    pub corners: [Point; 4],
    /// Where the fields' print was found.
    pub printed: Vec<Printed>,
    /// The portrait printed on the portrait side.
    pub portrait: Option<RgbImage>,
}

/// Where a row of a field's print lies.
#[derive(Debug, Clone, Copy)]
pub struct Printed {
    /// The field, as in [`CardReading::confidence`]; `validity` for both ends of the term.
    pub field: &'static str,
    /// Left, top, right, bottom in pixels of the flat card.
    pub on_card: [f32; 4],
    /// Upper left, upper right, lower right, lower left in pixels of the capture.
    pub in_capture: [Point; 4],
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
    NoCard {
        /// What can be measured without one: `card_not_screen`, as in [`CardReading::measures`].
        measures: Measures,
    },
    /// The networks could not be opened or run.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The file is no usable picture.
    #[error(transparent)]
    Decode(#[from] DecodeError),
}

/// Pixels of the capture per millimetre of the card below which it is worth decoding more of the file: about 230 dpi.
const FEW_PER_MM: f32 = 9.0;

impl<T> CardReading<T> {
    /// Takes over the recogniser's confidences.
    fn sure(&mut self, raw: BTreeMap<&'static str, f32>) {
        self.confidence = raw.iter().map(|(field, raw)| (*field, calibration::calibrated(*raw))).collect();
        self.raw_confidence = raw;
    }

    /// Whether a larger picture of the same may tell more: the card is small in this one, or a field was not read or is doubtful.
    fn asks_for_more(&self) -> bool {
        let width = geometry::distance(self.corners[0], self.corners[1]);
        let height = geometry::distance(self.corners[0], self.corners[3]);
        let small = (width / rectify::WIDTH_MM).min(height / rectify::HEIGHT_MM) < FEW_PER_MM;
        let unread = self.measures.get(CheckId::CardReadable, "unread").is_some_and(|n| n > 0.0);
        let disagree = self.measures.get(CheckId::CardFieldsAgree, "disagreeing").is_some_and(|n| n > 0.0);
        small || unread || disagree || self.confidence.values().any(|sure| *sure < DOUBTFUL)
    }
}

/// Decodes an upload as small as a card that fills the picture allows, and reads it with `look`; once more at full resolution where
/// that may tell more, because the card is small in the picture or a field is doubtful.
///
/// # Errors
/// Those of [`decode_for_card`], and those of `look`.
pub fn take<T, E: From<DecodeError>>(
    bytes: &[u8],
    look: impl Fn(&Capture) -> Result<CardReading<T>, E>,
) -> Result<(Capture, CardReading<T>), E> {
    let small = decode_for_card(bytes)?;
    let reading = look(&small)?;
    if small.scale() >= 1.0 || !reading.asks_for_more() {
        return Ok((small, reading));
    }
    let whole = decode(bytes)?;
    let reading = look(&whole)?;
    Ok((whole, reading))
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
    let mut reading = start(&capture.pixels, &seen, Side::Portrait);
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
        reading.side = read.side;
        reading.sure(read.confidence);
        reading.name_cells = read.name_cells;
        reading.printed = printed(&seen, &read.places);
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
    let mut reading = start(&capture.pixels, &seen, Side::Emblem);
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
        reading.side = read.side;
        reading.sure(read.confidence);
        reading.printed = printed(&seen, &read.places);
    }
    Ok(reading)
}

/// The rows' places on the flat card and in the capture.
fn printed(seen: &Seen, places: &[(&'static str, ink::Row)]) -> Vec<Printed> {
    let map = geometry::Homography::onto(&seen.corners, rectify::WIDTH_MM, rectify::HEIGHT_MM);
    let row = |(field, row): &(&'static str, ink::Row)| {
        let [left, top, right, bottom] = row.padded(0.4, 0.4);
        let at = |x: f32, y: f32| map.along(x, y, 1.0).next().unwrap_or_default();
        Printed {
            field,
            on_card: [left, top, right, bottom].map(|mm| mm * rectify::PER_MM),
            in_capture: [at(left, top), at(right, top), at(right, bottom), at(left, bottom)],
        }
    };
    places.iter().map(row).collect()
}

/// The reading before its fields: what is seen, where, and how well.
fn start<T: Default>(pixels: &RgbImage, seen: &Seen, expected: Side) -> CardReading<T> {
    let mut measures = measure::capture_measures(pixels, seen);
    let swapped = if seen.side == expected { 0.0 } else { 1.0 };
    measures.put(CheckId::CardSide, [("swapped", swapped)]);
    CardReading {
        side: T::default(),
        seen: seen.side,
        kind: CardKind::default(),
        confidence: BTreeMap::new(),
        raw_confidence: BTreeMap::new(),
        name_cells: Vec::new(),
        printed: Vec::new(),
        measures,
        rectified: seen.flat.colour.clone(),
        corners: seen.corners,
        portrait: None,
    }
}
