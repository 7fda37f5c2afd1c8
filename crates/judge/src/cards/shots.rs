//! Captures of cards, drawn and read.

use std::{
    fs,
    path::PathBuf,
    sync::atomic::{AtomicUsize, Ordering},
    time::Instant,
};

use anyhow::Context as _;
use domain::{CheckId, Measures, PersonName, Standard, ValidUntil};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use specimen::{
    capture::{CardDefect, CardScene, capture},
    card::{Side, emblem_side, portrait_side},
    people::{DRAWN_ON, Person},
};
use vision::{
    card::{CardError, CardReading, read_emblem_side, read_portrait_side_expecting, take},
    model::Models,
};

/// Where the seeds begin of usable captures, and of those with a defect.
const USABLE_FROM: u64 = 90_000;
const DEFECTS_FROM: u64 = 190_000;

/// What is wrong with a capture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong {
    /// In the picture.
    Drawn(CardDefect),
    /// The other side than the one asked for.
    OtherSide,
    /// The card itself.
    Expired,
}

/// A defect, what it is called, the check that has to refuse it, and the least strength at which it is drawn.
pub struct Kind {
    pub name: &'static str,
    pub zh: &'static str,
    pub wrong: Wrong,
    pub check: CheckId,
    pub least: f32,
}

const fn kind(name: &'static str, zh: &'static str, wrong: Wrong, check: CheckId, least: f32) -> Kind {
    Kind { name, zh, wrong, check, least }
}

use CheckId as C;
use Wrong::{Drawn, Expired, OtherSide};

/// Every defect.
pub const KINDS: &[Kind] = &[
    kind("cut off", "没拍全", Drawn(CardDefect::Cropped), C::CardWhole, 1.0),
    kind("out of focus", "模糊", Drawn(CardDefect::Blur), C::CardSharp, 0.6),
    kind("glare", "反光", Drawn(CardDefect::Glare), C::CardGlare, 0.5),
    kind("finger", "手指遮挡", Drawn(CardDefect::Finger), C::CardObstructed, 0.7),
    kind("photocopy", "黑白复印件", Drawn(CardDefect::Photocopy), C::CardNotPhotocopy, 0.9),
    kind("screen", "翻拍屏幕", Drawn(CardDefect::Screen), C::CardNotScreen, 0.5),
    kind("edited", "改过一项", Drawn(CardDefect::Edited), C::CardNotEdited, 1.0),
    kind("other side", "传反了", OtherSide, C::CardSide, 1.0),
    kind("expired", "已过期", Expired, C::CardExpired, 1.0),
];

/// One field: what is printed, what was read and how surely.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Field {
    pub name: String,
    pub truth: String,
    pub read: Option<String>,
    /// The confidence told; 0 for what was not read.
    pub sure: f32,
    /// The recogniser's own, before calibration.
    pub raw: f32,
}

/// One capture, read and judged.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Shot {
    /// Who was drawn.
    pub seed: u64,
    /// `portrait` or `emblem`: the side that is seen.
    pub side: String,
    /// What is wrong with it, of [`KINDS`]; `None` for a usable capture.
    pub defect: Option<String>,
    pub strength: f32,
    /// Whether the printed name has a character that the recogniser does not know.
    pub rare: bool,
    /// Whether a card was found at all.
    pub found: bool,
    /// No check failed.
    pub accepted: bool,
    /// Ids of the failing checks with their measures.
    pub failed: Vec<(String, Option<f64>)>,
    /// The measures of every check.
    pub measured: Vec<(String, f64)>,
    pub fields: Vec<Field>,
    /// From the file to its fields, milliseconds, with everything else that runs at the time.
    pub millis: f64,
    /// Its file for the other reader, if it got one.
    pub file: Option<String>,
}

impl Shot {
    /// What the other reader is held against.
    pub fn peer_truth(&self) -> Option<serde_json::Value> {
        let file = self.file.as_ref()?;
        let mut fields: serde_json::Map<String, serde_json::Value> = self
            .fields
            .iter()
            .filter(|f| !f.name.starts_with("valid_"))
            .map(|f| (f.name.clone(), f.truth.clone().into()))
            .collect();
        let of = |name: &str| self.fields.iter().find(|f| f.name == name).map(|f| f.truth.replace('-', "."));
        if let (Some(from), Some(until)) = (of("valid_from"), of("valid_until")) {
            fields.insert("validity".to_owned(), format!("{from}-{until}").into());
        }
        Some(serde_json::json!({ "file": file, "fields": fields }))
    }
}

/// What the reading needs.
pub struct Bench {
    pub models: Models,
    pub standard: Standard,
    /// Folder for the pictures that were read or judged wrongly.
    pub wrong: PathBuf,
    /// Folder for those that the other reader reads too.
    pub peer: PathBuf,
}

/// Most pictures that the other reader is given: it takes seconds for each.
const MOST_FOR_PEER: u64 = 200;

/// Draws and reads everything; each goes to `keep` as soon as it is there. Told: how many are done, of how many.
///
/// # Errors
/// When a network fails or nothing can be written.
pub fn shoot(
    bench: &Bench,
    count: u64,
    keep: &(dyn Fn(&Shot) -> anyhow::Result<()> + Sync),
    told: &(dyn Fn(usize, usize) + Sync),
) -> anyhow::Result<()> {
    let of_each = count.div_ceil(20);
    let total = (count + of_each * KINDS.len() as u64) as usize;
    let done = AtomicUsize::new(0);
    let step = |shot: Shot| {
        keep(&shot)?;
        told(done.fetch_add(1, Ordering::Relaxed) + 1, total);
        anyhow::Ok(())
    };
    let usable = (0..count).into_par_iter().map(|i| {
        let shown = if i % 2 == 0 { Side::Portrait } else { Side::Emblem };
        let scene = CardScene::varied(USABLE_FROM + i);
        let person = Person::from_seed(USABLE_FROM + i);
        bench.shot(&person, shown, shown, &scene, None, i < MOST_FOR_PEER).and_then(step)
    });
    let spoiled = (0..of_each * KINDS.len() as u64).into_par_iter().map(|i| {
        let (kind, i) = (&KINDS[(i % KINDS.len() as u64) as usize], i / KINDS.len() as u64);
        let seed = DEFECTS_FROM + i;
        let person = Person::from_seed(seed);
        let shown = if i % 2 == 0 { Side::Portrait } else { Side::Emblem };
        let strength = kind.least + (1.0 - kind.least) * ((i * 37 % 100) as f32 / 99.0);
        let scene = CardScene { strength, ..CardScene::clean(seed) };
        let (width, height) = (scene.width * 3 / 5, scene.height * 3 / 5);
        let shot = |person: &Person, shown, asked, scene: &CardScene| {
            bench.shot(person, shown, asked, scene, Some(kind), false).and_then(step)
        };
        match kind.wrong {
            Drawn(CardDefect::Edited) => {
                // Who changes a picture saves it well; and where the camera's own compression has left no grain, nothing tells.
                let scene = CardScene {
                    defect: Some(CardDefect::Edited),
                    noise: scene.noise.max(2.0),
                    jpeg_quality: scene.jpeg_quality.max(90),
                    ..scene
                };
                shot(&person, shown, shown, &scene.sized(width, height))
            }
            Drawn(defect) => {
                let scene = CardScene { defect: Some(defect), ..scene };
                // A screen is photographed by a phone, at its own pixels.
                let scene = if defect == CardDefect::Screen { scene } else { scene.sized(width, height) };
                shot(&person, shown, shown, &scene)
            }
            OtherSide => {
                let asked = if shown == Side::Portrait { Side::Emblem } else { Side::Portrait };
                shot(&person, shown, asked, &scene.sized(width, height))
            }
            Expired => {
                shot(&person.clone().expired(), Side::Emblem, Side::Emblem, &scene.sized(width, height))
            }
        }
    });
    usable.chain(spoiled).collect()
}

/// What came of reading one side.
struct Outcomes {
    measures: Measures,
    /// No field is missing, and the card's arithmetic holds.
    whole: bool,
    fields: Vec<Field>,
}

impl Bench {
    fn shot(
        &self,
        person: &Person,
        shown: Side,
        asked: Side,
        scene: &CardScene,
        kind: Option<&Kind>,
        for_peer: bool,
    ) -> anyhow::Result<Shot> {
        let (name, art) = match shown {
            Side::Portrait => ("portrait", portrait_side(person)?),
            Side::Emblem => ("emblem", emblem_side(person)?),
        };
        let jpeg = capture(&art, scene).jpeg();
        let begun = Instant::now();
        let outcomes = match asked {
            Side::Portrait => {
                // As in the journey, which knows whose card it asks for.
                let registered = PersonName::parse(&person.name).ok();
                let read = |c: &_| read_portrait_side_expecting(&self.models, c, registered.as_ref());
                take(&jpeg, read).map(|(_, r)| portrait(person, &r))
            }
            Side::Emblem => {
                take(&jpeg, |c| read_emblem_side(&self.models, c)).map(|(_, r)| emblem(person, &r))
            }
        };
        let millis = begun.elapsed().as_secs_f64() * 1e3;
        let (whole, measures, fields) = match outcomes {
            Ok(Outcomes { measures, whole, fields }) => (Some(whole), measures, fields),
            // Whatever was not found has its truth all the same.
            Err(CardError::NoCard { measures }) => (None, measures, truth(person, shown)),
            Err(error) => return Err(error.into()),
        };
        let report = self.standard.judge_card(&measures);
        let shot = Shot {
            seed: person.seed,
            side: name.to_owned(),
            defect: kind.map(|k| k.name.to_owned()),
            strength: scene.strength,
            rare: person.has_rare_character,
            found: whole.is_some(),
            accepted: report.accepted && whole == Some(true),
            failed: report.failed().map(|f| (f.id.id().to_owned(), f.measure)).collect(),
            measured: report
                .findings
                .iter()
                .filter_map(|f| Some((f.id.id().to_owned(), f.measure?)))
                .collect(),
            fields,
            millis,
            file: for_peer.then(|| format!("{}-{name}.jpg", person.seed)),
        };
        if let Some(file) = &shot.file {
            self.keep(&self.peer.join(file), &jpeg)?;
        }
        let caught = kind.is_some_and(|k| shot.failed.iter().any(|(id, _)| id == k.check.id()));
        let right = match kind {
            Some(_) => caught,
            None => shot.accepted && shot.fields.iter().all(|f| shot.is_right(f)),
        };
        if !right {
            let what = kind.map_or("usable", |k| k.name).replace(' ', "_");
            self.keep(&self.wrong.join(format!("{what}-{}-{name}.jpg", shot.seed)), &jpeg)?;
        }
        Ok(shot)
    }

    fn keep(&self, path: &std::path::Path, jpeg: &[u8]) -> anyhow::Result<()> {
        fs::write(path, jpeg).with_context(|| format!("{} cannot be written", path.display()))
    }
}

impl Shot {
    /// Whether a field was read as printed. A name with a character beyond the recogniser's alphabet cannot be: it is right that it is
    /// doubted, so that the candidate is asked.
    pub fn is_right(&self, field: &Field) -> bool {
        let asked = field.name == "name" && self.rare && field.sure < vision::card::DOUBTFUL;
        asked || field.read.as_deref() == Some(&field.truth)
    }
}

/// What is printed on one side, as nothing had been read.
fn truth(person: &Person, side: Side) -> Vec<Field> {
    let until = person.valid_until.map_or(ValidUntil::LongTerm, ValidUntil::Date);
    let printed = match side {
        Side::Portrait => vec![
            ("name", person.name.clone()),
            ("sex", person.sex_printed().to_owned()),
            ("ethnicity", person.ethnicity.clone()),
            ("birth_date", person.birth_date.to_string()),
            ("address", person.address.clone()),
            ("number", person.number.clone()),
        ],
        Side::Emblem => vec![
            ("authority", person.authority.clone()),
            ("valid_from", person.valid_from.to_string()),
            ("valid_until", String::from(until)),
        ],
    };
    let field = |(name, truth): (&str, String)| Field {
        name: name.to_owned(),
        truth,
        read: None,
        sure: 0.0,
        raw: 0.0,
    };
    printed.into_iter().map(field).collect()
}

/// The truth with what was read.
fn filled<T>(
    truth: Vec<Field>,
    reading: &CardReading<T>,
    read: impl Fn(&str) -> Option<String>,
) -> Vec<Field> {
    let sure =
        |of: &std::collections::BTreeMap<&'static str, f32>, name: &str| of.get(name).copied().unwrap_or(0.0);
    let fill = |field: Field| Field {
        read: read(&field.name),
        sure: sure(&reading.confidence, &field.name),
        raw: sure(&reading.raw_confidence, &field.name),
        ..field
    };
    truth.into_iter().map(fill).collect()
}

fn portrait(person: &Person, reading: &CardReading<domain::PortraitSide>) -> Outcomes {
    let side = &reading.side;
    let fields = filled(truth(person, Side::Portrait), reading, |name| match name {
        "name" => side.name.as_ref().map(|n| n.as_str().to_owned()),
        "sex" => side.sex.map(|s| s.label().to_owned()),
        "ethnicity" => side.ethnicity.map(|e| e.name().to_owned()),
        "birth_date" => side.birth_date.map(|d| d.to_string()),
        "address" => side.address.clone(),
        _ => side.number.as_ref().map(|n| n.as_str().to_owned()),
    });
    Outcomes { measures: reading.measures.clone(), whole: side.problems(DRAWN_ON).is_empty(), fields }
}

fn emblem(person: &Person, reading: &CardReading<domain::EmblemSide>) -> Outcomes {
    let side = &reading.side;
    let fields = filled(truth(person, Side::Emblem), reading, |name| match name {
        "authority" => side.authority.clone(),
        "valid_from" => side.valid_from.map(|d| d.to_string()),
        _ => side.valid_until.map(String::from),
    });
    let mut measures = reading.measures.clone();
    if let Some(days) = side.valid_until.and_then(|until| until.days_past(DRAWN_ON)) {
        measures.put(CheckId::CardExpired, [("days", f64::from(days))]);
    }
    Outcomes { measures, whole: side.problems(DRAWN_ON).is_empty(), fields }
}
