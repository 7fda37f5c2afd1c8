//! What the captures come to: shares read right, refused and caught.

use std::collections::BTreeMap;

use anyhow::Context as _;
use serde_json::Value;

use super::{
    calibration::Calibration,
    shots::{Field, KINDS, Kind, Shot},
};
use crate::figures::Rate;

/// The fields of both sides, with their names.
pub const FIELDS: [(&str, &str, &str); 9] = [
    ("name", "姓名", "name"),
    ("sex", "性别", "sex"),
    ("ethnicity", "民族", "ethnicity"),
    ("birth_date", "出生", "birth date"),
    ("address", "住址", "address"),
    ("number", "公民身份号码", "number"),
    ("authority", "签发机关", "authority"),
    ("valid_from", "有效期起", "valid from"),
    ("valid_until", "有效期止", "valid until"),
];

/// What became of one kind of defect.
pub struct KindRow {
    pub kind: &'static Kind,
    /// Refused by its own check.
    pub caught: Rate,
    /// Refused at all.
    pub refused: Rate,
    /// Seeds, strengths and sides of those that their own check let pass, with what refused them instead.
    pub missed: Vec<String>,
}

/// Everything that the documents show.
pub struct Figures {
    /// Usable captures, and how many of them were accepted.
    pub accepted: Rate,
    /// Of the accepted ones, those on which every field was read right.
    pub all_right: Rate,
    /// Of the accepted portrait sides, those with name and number right.
    pub name_and_number: Rate,
    /// Accepted portrait sides whose name has a character that the recogniser lacks: in hit, how many are right or doubted.
    pub rare: Rate,
    /// By field: right on accepted captures.
    pub fields: Vec<(usize, Rate)>,
    /// Numbers read wrong that pass the arithmetic, on any capture.
    pub false_numbers: usize,
    /// Why usable captures were refused, most often first.
    pub refusals: Vec<(String, usize)>,
    /// What was read wrong on accepted captures.
    pub wrong: Vec<String>,
    pub kinds: Vec<KindRow>,
    pub calibration: Calibration,
    /// Both readers on the captures that both read: by field of the other reader's, right by it and right by us.
    pub peer: Vec<(String, Rate, Rate)>,
    /// Whole sides right, by it and by us, whatever the checks say.
    pub peer_whole: (Rate, Rate),
}

fn add(rate: &mut Rate, hit: bool) {
    *rate = Rate { of: rate.of + 1, hit: rate.hit + usize::from(hit) };
}

impl Figures {
    /// Adds everything up; `peer` is what the other reader wrote, line by line.
    ///
    /// # Errors
    /// When that is no JSON.
    pub fn of(shots: &[Shot], peer: &str) -> anyhow::Result<Figures> {
        let usable: Vec<&Shot> = shots.iter().filter(|s| s.defect.is_none()).collect();
        let accepted: Vec<&Shot> = usable.iter().copied().filter(|s| s.accepted).collect();
        let rate = |shots: &[&Shot], hit: &dyn Fn(&Shot) -> bool| Rate {
            of: shots.len(),
            hit: shots.iter().filter(|s| hit(s)).count(),
        };
        let right = |s: &Shot, names: &[&str]| {
            s.fields.iter().filter(|f| names.contains(&f.name.as_str())).all(|f| s.is_right(f))
        };
        let every = |s: &Shot| s.fields.iter().all(|f| s.is_right(f));
        let portraits: Vec<&Shot> = accepted.iter().copied().filter(|s| s.side == "portrait").collect();
        let rare: Vec<&Shot> = portraits.iter().copied().filter(|s| s.rare).collect();
        let fields = (0..FIELDS.len())
            .map(|i| {
                let of = accepted.iter().flat_map(|s| s.fields.iter().map(move |f| (s, f)));
                let mut rate = Rate::default();
                of.filter(|(_, f)| f.name == FIELDS[i].0).for_each(|(s, f)| add(&mut rate, s.is_right(f)));
                (i, rate)
            })
            .collect();
        let mut refusals: BTreeMap<String, usize> = BTreeMap::new();
        for shot in usable.iter().filter(|s| !s.accepted) {
            let reasons: Vec<&str> = shot.failed.iter().map(|(id, _)| id.as_str()).collect();
            let told = match (shot.found, reasons.is_empty()) {
                (false, _) => "no card found".to_owned(),
                (true, true) => "arithmetic".to_owned(),
                (true, false) => reasons.join(" + "),
            };
            *refusals.entry(told).or_default() += 1;
        }
        let mut refusals: Vec<(String, usize)> = refusals.into_iter().collect();
        refusals.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let wrong = accepted
            .iter()
            .flat_map(|s| s.fields.iter().filter(move |f| !s.is_right(f)).map(move |f| told(s, f)))
            .collect();
        let false_numbers = shots
            .iter()
            .flat_map(|s| &s.fields)
            .filter(|f| f.name == "number" && f.read.as_ref().is_some_and(|read| *read != f.truth))
            .count();
        let (peer, peer_whole) = side_by_side(&usable, peer)?;
        Ok(Figures {
            accepted: rate(&usable, &|s| s.accepted),
            all_right: rate(&accepted, &every),
            name_and_number: rate(&portraits, &|s| right(s, &["name", "number"])),
            rare: rate(&rare, &|s| s.fields.iter().any(|f| f.name == "name" && s.is_right(f))),
            fields,
            false_numbers,
            refusals,
            wrong,
            kinds: kinds(shots),
            calibration: Calibration::of(&usable),
            peer,
            peer_whole,
        })
    }

    /// What is beyond the bounds that this project set itself.
    pub fn broken(&self) -> Vec<String> {
        let mut broken = Vec::new();
        let mut hold = |what: &str, holds: bool, rate: Rate| {
            if !holds {
                broken.push(format!("{what}: {} of {} ({:.2} %)", rate.hit, rate.of, 100.0 * rate.share()));
            }
        };
        hold("accepted captures with every field right", self.all_right.share() >= 0.99, self.all_right);
        hold("name and number right", self.name_and_number.share() >= 0.997, self.name_and_number);
        hold("usable captures accepted", self.accepted.share() >= 0.97, self.accepted);
        for row in &self.kinds {
            hold(row.kind.name, row.caught.share() >= 0.97, row.caught);
        }
        let sure = self.calibration.above;
        hold("right above a confidence of 0.99", sure.share() >= 0.99, sure);
        if self.false_numbers > 0 {
            broken.push(format!("{} misread numbers pass the arithmetic", self.false_numbers));
        }
        broken
    }
}

fn told(shot: &Shot, field: &Field) -> String {
    let read = field.read.as_deref().unwrap_or("–");
    format!("{} {}: {} → {} ({:.3})", shot.seed, field.name, field.truth, read, field.sure)
}

fn kinds(shots: &[Shot]) -> Vec<KindRow> {
    let rows = KINDS.iter().map(|kind| {
        let mut row = KindRow { kind, caught: Rate::default(), refused: Rate::default(), missed: Vec::new() };
        for shot in shots.iter().filter(|s| s.defect.as_deref() == Some(kind.name)) {
            let caught = shot.failed.iter().any(|(id, _)| id == kind.check.id());
            add(&mut row.caught, caught);
            add(&mut row.refused, !shot.accepted);
            if !caught {
                let others: Vec<&str> = shot.failed.iter().map(|(id, _)| id.as_str()).collect();
                let measure = shot.measured.iter().find(|(id, _)| id == kind.check.id());
                let measure = measure.map_or_else(|| "–".to_owned(), |(_, m)| format!("{m:.3}"));
                let found = if shot.found { others.join("+") } else { "no card found".to_owned() };
                row.missed
                    .push(format!("{} {} {:.2}: {measure} {found}", shot.seed, shot.side, shot.strength));
            }
        }
        row
    });
    rows.filter(|row| row.caught.of > 0).collect()
}

/// Both readers by field, and by whole sides.
type SideBySide = (Vec<(String, Rate, Rate)>, (Rate, Rate));

fn side_by_side(usable: &[&Shot], peer: &str) -> anyhow::Result<SideBySide> {
    let mut by_field: BTreeMap<String, (Rate, Rate)> = BTreeMap::new();
    let mut whole = (Rate::default(), Rate::default());
    for line in peer.lines() {
        let line: Value = serde_json::from_str(line).context("peer.jsonl")?;
        let Some(shot) = usable.iter().find(|s| s.file.as_deref() == line["file"].as_str()) else { continue };
        let Some(truth) = shot.peer_truth() else { continue };
        let mut all = true;
        for (name, printed) in truth["fields"].as_object().into_iter().flatten() {
            let theirs = line["fields"][name] == *printed;
            let of_ours =
                |f: &&Field| f.name == *name || (name == "validity" && f.name.starts_with("valid_"));
            // Here a rare name counts as wrong for both: neither has it.
            let ours = shot.fields.iter().filter(of_ours).all(|f| f.read.as_deref() == Some(&f.truth));
            let rates = by_field.entry(name.clone()).or_default();
            add(&mut rates.0, theirs);
            add(&mut rates.1, ours);
            all &= theirs;
        }
        add(&mut whole.0, all);
        add(&mut whole.1, shot.fields.iter().all(|f| f.read.as_deref() == Some(&f.truth)));
    }
    let rows = by_field.into_iter().map(|(name, (theirs, ours))| (name, theirs, ours)).collect();
    Ok((rows, whole))
}
