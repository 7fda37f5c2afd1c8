//! What the shots come to: rates by check and by kind, and who is refused.

use domain::{CheckId, Outcome, Standard};
use specimen::looks::{HairLook, SkinTone, Traits};

use crate::{
    kinds::{KINDS, Kind},
    shots::{GRADES, Shot},
};

/// So many of so many.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rate {
    pub of: usize,
    pub hit: usize,
}

impl Rate {
    fn count<'a>(shots: impl Iterator<Item = &'a Shot>, hit: impl Fn(&Shot) -> bool) -> Rate {
        shots.fold(Rate::default(), |r, s| Rate { of: r.of + 1, hit: r.hit + usize::from(hit(s)) })
    }

    /// The share, 0 to 1; 0 of nothing.
    pub fn share(self) -> f64 {
        if self.of == 0 { 0.0 } else { self.hit as f64 / self.of as f64 }
    }
}

/// What became of one kind of defect.
pub struct KindRow {
    pub index: usize,
    pub kind: &'static Kind,
    /// Clear ones refused (or, where the standard only warns, pointed out) by one of their own checks, of those assessed.
    pub caught: Rate,
    /// Clear ones that their own check would not assess.
    pub unassessed: usize,
    /// Clear ones refused by any check at all.
    pub refused: Rate,
    /// Seeds and strengths of those that got away, and the measure.
    pub missed: Vec<(u64, f32, Option<f64>)>,
    /// Share caught at each of [`GRADES`] and, last, of the clear ones.
    pub curve: Vec<(f32, Rate)>,
}

/// What one check does.
pub struct CheckRow {
    pub check: CheckId,
    /// Clear defects of its kinds that it caught.
    pub caught: Rate,
    /// Clean pictures that it refused.
    pub refused: Rate,
    /// Clean pictures that it pointed out without refusing them.
    pub warned: Rate,
    /// Clean pictures that it did not assess.
    pub unassessed: usize,
    /// Measures of clean pictures and of clear defects of its kinds.
    pub measures: [Vec<f64>; 2],
    /// The standard only warns for it.
    pub only_warns: bool,
}

/// A clean picture that was refused: who was drawn, and the failing checks with their measures.
pub struct Refusal {
    pub seed: u64,
    pub failed: Vec<(CheckId, Option<f64>)>,
}

/// How one group of people fares with clean pictures.
pub struct GroupRow {
    pub zh: &'static str,
    pub en: &'static str,
    pub refused: Rate,
}

/// Everything that the page and the document show.
pub struct Figures {
    pub standard: Standard,
    pub kinds: Vec<KindRow>,
    pub checks: Vec<CheckRow>,
    pub clean_refused: Rate,
    /// Clean people who were refused.
    pub clean_missed: Vec<Refusal>,
    pub groups: Vec<GroupRow>,
    /// For each kind, for each photo check: share of its clear pictures that the check refused.
    pub confusion: Vec<Vec<f64>>,
}

fn only_warns(standard: &Standard, check: CheckId) -> bool {
    let limits = standard.checks.get(&check);
    limits.is_some_and(|parts| parts.values().all(|l| l.min.is_none() && l.max.is_none()))
}

fn caught(standard: &Standard, shot: &Shot, check: CheckId) -> bool {
    match shot.outcome(check) {
        Outcome::Fail => true,
        Outcome::Warn => only_warns(standard, check),
        Outcome::Pass | Outcome::NotAssessed => false,
    }
}

fn measure(shot: &Shot, check: CheckId) -> Option<f64> {
    shot.findings.iter().find(|f| f.0 == check).and_then(|f| f.2)
}

/// Adds everything up.
pub fn figures(shots: &[Shot], standard: Standard) -> Figures {
    let clean: Vec<&Shot> = shots.iter().filter(|s| s.kind.is_none()).collect();
    let mut kinds = Vec::new();
    let mut confusion = Vec::new();
    for (index, kind) in KINDS.iter().enumerate() {
        let of_kind: Vec<&Shot> = shots.iter().filter(|s| s.kind == Some(index)).collect();
        if of_kind.is_empty() {
            continue;
        }
        let by_own = |s: &Shot| kind.checks.iter().any(|c| caught(&standard, s, *c));
        // A check that says that it cannot tell is not wrong: staff look at the picture. How often is told, and bounded.
        let silent = |s: &Shot| kind.checks.iter().all(|c| s.outcome(*c) == Outcome::NotAssessed);
        let assessed = |s: &&&Shot| s.clear && !silent(s);
        let own = kind.checks[0];
        let at = |strength: f32| {
            Rate::count(
                of_kind.iter().copied().filter(|s| !silent(s) && (s.strength - strength).abs() < 1e-6),
                by_own,
            )
        };
        let clear_rate = Rate::count(of_kind.iter().filter(assessed).copied(), by_own);
        let mut curve: Vec<(f32, Rate)> =
            if kind.graded() { GRADES.map(|g| (g, at(g))).to_vec() } else { Vec::new() };
        curve.retain(|(_, rate)| rate.of > 0);
        curve.push((1.0, clear_rate));
        kinds.push(KindRow {
            index,
            kind,
            caught: clear_rate,
            unassessed: of_kind.iter().filter(|s| s.clear && silent(s)).count(),
            refused: Rate::count(of_kind.iter().copied().filter(|s| s.clear), |s| !s.accepted),
            missed: of_kind
                .iter()
                .filter(assessed)
                .filter(|s| !by_own(s))
                .map(|s| (s.seed, s.strength, measure(s, own)))
                .collect(),
            curve,
        });
        confusion.push(
            CheckId::of_photo()
                .map(|c| {
                    let clear = of_kind.iter().copied().filter(|s| s.clear);
                    Rate::count(clear, |s| caught(&standard, s, c)).share()
                })
                .collect(),
        );
    }
    let checks = CheckId::of_photo()
        .map(|check| {
            let own: Vec<&KindRow> = kinds.iter().filter(|k| k.kind.checks[0] == check).collect();
            let caught = own
                .iter()
                .fold(Rate::default(), |r, k| Rate { of: r.of + k.caught.of, hit: r.hit + k.caught.hit });
            let of_clean = |outcome| Rate::count(clean.iter().copied(), |s| s.outcome(check) == outcome);
            let spoiled = shots.iter().filter(|s| s.clear && own.iter().any(|k| Some(k.index) == s.kind));
            CheckRow {
                check,
                caught,
                refused: of_clean(Outcome::Fail),
                warned: of_clean(Outcome::Warn),
                unassessed: of_clean(Outcome::NotAssessed).hit,
                measures: [
                    clean.iter().filter_map(|s| measure(s, check)).collect(),
                    spoiled.filter_map(|s| measure(s, check)).collect(),
                ],
                only_warns: only_warns(&standard, check),
            }
        })
        .collect();
    let clean_missed = clean
        .iter()
        .filter(|s| !s.accepted)
        .map(|s| {
            let failed = s.findings.iter().filter(|f| f.1 == Outcome::Fail).map(|f| (f.0, f.2));
            Refusal { seed: s.seed, failed: failed.collect() }
        })
        .collect();
    Figures {
        kinds,
        checks,
        clean_refused: Rate::count(clean.iter().copied(), |s| !s.accepted),
        clean_missed,
        groups: groups(&clean),
        confusion,
        standard,
    }
}

/// A group of people: its names, and who belongs to it.
type Group = (&'static str, &'static str, fn(&Traits) -> bool);

const GROUPS: [Group; 13] = [
    ("浅肤色", "light skin", |t| t.skin == SkinTone::Light),
    ("中等肤色", "middle skin", |t| t.skin == SkinTone::Middle),
    ("深肤色", "dark skin", |t| t.skin == SkinTone::Dark),
    ("光头", "bald", |t| t.hair == HairLook::None),
    ("短发", "short hair", |t| t.hair == HairLook::Short),
    ("中等长度头发", "middle hair", |t| t.hair == HairLook::Middle),
    ("长发", "long hair", |t| t.hair == HairLook::Long),
    ("花白头发", "grey hair", |t| t.grey),
    ("胡须", "beard", |t| t.beard),
    ("皱纹、眼袋", "wrinkles, bags", |t| t.lined),
    ("雀斑", "freckles", |t| t.freckled),
    ("戴眼镜", "glasses", |t| t.glasses),
    ("不戴眼镜", "no glasses", |t| !t.glasses),
];

fn groups(clean: &[&Shot]) -> Vec<GroupRow> {
    GROUPS
        .iter()
        .map(|(zh, en, belongs)| GroupRow {
            zh,
            en,
            refused: Rate::count(clean.iter().copied().filter(|s| belongs(&s.traits)), |s| !s.accepted),
        })
        .filter(|row| row.refused.of > 0)
        .collect()
}

/// The greatest share of clear defects that their own check may leave to the staff.
pub const MOST_UNASSESSED: f64 = 0.3;
/// The least share of clear defects caught, and the greatest shares of clean pictures refused: by one check, by all, and beyond
/// the average by group.
pub const LEAST_CAUGHT: f64 = 0.98;
pub const MOST_REFUSED_BY_ONE: f64 = 0.01;
pub const MOST_REFUSED: f64 = 0.02;
pub const MOST_APART: f64 = 0.01;

impl Figures {
    /// What is beyond the bounds, in English; empty when all is well.
    pub fn broken(&self) -> Vec<String> {
        let percent = |share: f64| format!("{:.1} %", share * 100.0);
        let mut broken = Vec::new();
        for row in &self.kinds {
            if row.caught.of > 0 && row.caught.share() < LEAST_CAUGHT {
                broken.push(format!(
                    "{}: {} of {} caught by {}",
                    row.kind.name, row.caught.hit, row.caught.of, row.kind.checks[0]
                ));
            }
            let asked = row.caught.of + row.unassessed;
            if row.unassessed as f64 > MOST_UNASSESSED * asked as f64 {
                broken.push(format!("{}: {} of {asked} not assessed", row.kind.name, row.unassessed));
            }
        }
        for row in &self.checks {
            if row.refused.share() > MOST_REFUSED_BY_ONE {
                broken.push(format!(
                    "{} refuses {} of clean pictures",
                    row.check,
                    percent(row.refused.share())
                ));
            }
        }
        if self.clean_refused.share() > MOST_REFUSED {
            broken.push(format!("{} of clean pictures are refused", percent(self.clean_refused.share())));
        }
        for group in &self.groups {
            if group.refused.share() > self.clean_refused.share() + MOST_APART {
                broken.push(format!(
                    "{}: {} of {} clean pictures refused, {} on average",
                    group.en,
                    group.refused.hit,
                    group.refused.of,
                    percent(self.clean_refused.share())
                ));
            }
        }
        broken
    }
}
