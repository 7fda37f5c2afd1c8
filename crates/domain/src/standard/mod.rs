//! Photo standards: what a photo has to be, read from TOML files of which one may build on another.

mod draft;
mod error;
mod files;
mod finish;
mod judge;
mod limit;
mod measures;
mod near;
mod parts;
mod reader;
mod syntax;
mod toml_keys;

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

pub use self::{
    error::{Place, StandardError},
    files::StandardFiles,
    limit::{Beyond, Limit},
    measures::{Measured, Measures},
    parts::{PARTS, Part, Quantity},
};
use crate::{CardKind, CheckId, IdNumber, Text};

/// A photo standard (照片标准): what its TOML file says, completed by the one that it extends, lengths in pixels.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Standard {
    /// Stable id, the file's stem: `chengkao`.
    pub id: String,
    /// What it is called.
    pub name: Text,
    /// The standard or base whose keys it takes where it has none of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extends: Option<String>,
    /// Where its limits come from.
    pub source: Source,
    /// The file that is made.
    pub photo: PhotoFile,
    /// The identity cards that are accepted.
    pub card: CardRules,
    /// Limits by check, then by part of the check.
    pub checks: BTreeMap<CheckId, BTreeMap<String, Limit>>,
}

/// What a standard says about identity cards, beside the limits of their checks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CardRules {
    /// The kinds that are accepted, as the file orders them; never empty.
    pub accepted: Vec<CardKind>,
}

/// The public source of a standard.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Source {
    /// Title of the notice or norm.
    pub title: String,
    /// Who issued it.
    pub body: String,
    /// Its number, where it has one: `GA 461-2004`.
    pub number: Option<String>,
    /// When it was issued, ISO 8601: a year, a month or a day.
    pub date: String,
    /// When and against what the file's figures were compared; `None` where nobody did.
    pub verified: Option<Verified>,
}

/// A comparison of a standard's figures with its source.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Verified {
    /// The day, ISO 8601.
    pub on: String,
    /// What was compared with.
    pub against: Against,
    /// Where that was read.
    pub place: Option<String>,
}

/// What the figures of a standard were compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Against {
    /// The issuer's own publication.
    Original,
    /// Somebody's quotation of it.
    Quotation,
}

/// The file that a standard asks for.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PhotoFile {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Dots per inch, written into the file.
    pub dpi: u16,
    /// Fewest bytes; 0 where the standard sets none.
    pub min_bytes: usize,
    /// Most bytes; [`PhotoFile::ANY_BYTES`] where the standard sets none.
    #[serde(serialize_with = "bytes_or_null")]
    pub max_bytes: usize,
    /// Lowest JPEG quality, 1 to 100.
    pub min_quality: u8,
    /// Background colours allowed, sRGB; the first is the default.
    pub backgrounds: Vec<[u8; 3]>,
    /// File name, with `{number}` for the identity number.
    pub file_name: String,
}

fn bytes_or_null<S: Serializer>(bytes: &usize, serializer: S) -> Result<S::Ok, S::Error> {
    Some(*bytes).filter(|b| *b < PhotoFile::ANY_BYTES).serialize(serializer)
}

impl PhotoFile {
    /// More bytes than any photo takes: the standard sets no limit.
    pub const ANY_BYTES: usize = 100_000_000;

    /// The name that the standard asks for, of the photo of whoever has this number; a number's letters are capitals.
    pub fn named(&self, number: &IdNumber) -> String {
        self.file_name.replace("{number}", number.as_str())
    }

    /// Width and height on paper in millimetres, at the photo's dots per inch.
    pub fn millimetres(&self) -> [f64; 2] {
        [self.width, self.height].map(|px| f64::from(px) * MM_PER_INCH / f64::from(self.dpi))
    }

    /// The limits of the file's size: `20480 to 40960 bytes`, `any number of bytes`.
    pub fn bytes_in_words(&self) -> String {
        match (self.min_bytes, self.max_bytes) {
            (0, most) if most >= PhotoFile::ANY_BYTES => "any number of bytes".to_owned(),
            (0, most) => format!("at most {most} bytes"),
            (least, most) if most >= PhotoFile::ANY_BYTES => format!("at least {least} bytes"),
            (least, most) => format!("{least} to {most} bytes"),
        }
    }

    /// The backgrounds as `#RRGGBB`, the default first.
    pub fn backgrounds_in_hex(&self) -> Vec<String> {
        self.backgrounds.iter().map(|[r, g, b]| format!("#{r:02X}{g:02X}{b:02X}")).collect()
    }
}

const MM_PER_INCH: f64 = 25.4;

impl Standard {
    /// Reads a standard that extends none; `file` is named in errors. [`StandardFiles`] reads those that do.
    ///
    /// # Errors
    /// [`StandardError`] names file, place, key and remedy.
    pub fn from_toml(file: &str, text: &str) -> Result<Standard, StandardError> {
        let draft = reader::read(file, text)?;
        if let Some(extends) = &draft.extends {
            return Err(extends.wrong(
                "extends",
                "only this file was read: read the folder in which the other one is, or copy its keys",
            ));
        }
        finish::finish(draft)
    }

    /// The limit of one part of a check.
    pub fn limit(&self, check: CheckId, part: &str) -> Option<&Limit> {
        self.checks.get(&check)?.get(part)
    }
}
