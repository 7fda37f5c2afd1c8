//! Drawn cards of every kind are told apart and read without error. `ZHAOYAN_SEEDS` sets how many holders of each are drawn (4),
//! `ZHAOYAN_FIRST_SEED` the first of them (0).
#![allow(clippy::unwrap_used)]

use std::sync::LazyLock;

use domain::{CardKind, CheckId, Outcome, Standard, ValidUntil};
use specimen::capture::{CardScene, capture};
use specimen::card::CardArt;
use specimen::foreigner::{self, Foreigner, Form};
use specimen::looks::Sex;
use specimen::people::{DRAWN_ON, Person};
use specimen::permit::{self, PermitHolder};
use vision::card::{self, CardReading, DOUBTFUL, read_emblem_side, read_portrait_side};
use vision::decode::{Capture, decode};
use vision::model::{Models, models_dir};

fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable).ok().and_then(|v| v.parse().ok()).unwrap_or(default)
}

fn seeds() -> std::ops::Range<u64> {
    let first = number("ZHAOYAN_FIRST_SEED", 0);
    first..first + number("ZHAOYAN_SEEDS", 4)
}

/// Opened once, and the font's shapes made once, for all tests.
fn models() -> Models {
    static MODELS: LazyLock<Models> = LazyLock::new(|| Models::open(&models_dir(), 2).unwrap());
    MODELS.clone()
}

fn standard() -> Standard {
    Standard::from_toml("chengkao.toml", include_str!("../../../standards/chengkao.toml")).unwrap()
}

fn taken(art: &CardArt, seed: u64) -> Capture {
    let scene = CardScene::clean(seed);
    let (width, height) = (scene.width, scene.height);
    let scene = if seed.is_multiple_of(2) { scene } else { scene.sized(width * 3 / 5, height * 3 / 5) };
    decode(&capture(art, &scene).jpeg()).unwrap()
}

/// What went wrong.
#[derive(Default)]
struct Tally {
    wrong: Vec<String>,
    fields: usize,
}

impl Tally {
    fn same(&mut self, what: String, read: Option<String>, truth: &str) {
        self.fields += 1;
        if read.as_deref() != Some(truth) {
            self.wrong.push(format!("{what}: {truth} was read as {read:?}"));
        }
    }

    fn is(&mut self, what: String, holds: bool) {
        if !holds {
            self.wrong.push(what);
        }
    }

    /// The capture's own measures stand against nothing, and the reading shows the kind.
    fn seen<T>(&mut self, what: &str, reading: &CardReading<T>, kind: CardKind) {
        self.is(format!("{what}: taken for {:?}", reading.kind), reading.kind == kind);
        for finding in standard().judge_card(&reading.measures).findings {
            self.is(
                format!("{what}: {} fails with {:?}", finding.id, finding.measure),
                finding.outcome == Outcome::Pass,
            );
        }
    }

    fn report(&self, what: &str) {
        println!("{what}: {} holders, {} fields, {} wrong", seeds().count(), self.fields, self.wrong.len());
        for line in &self.wrong {
            println!("  {line}");
        }
        assert!(self.wrong.is_empty());
    }
}

fn text<T: ToString>(value: Option<T>) -> Option<String> {
    value.map(|value| value.to_string())
}

#[test]
fn residence_permits_are_read_without_error() {
    let models = models();
    let mut tally = Tally::default();
    for seed in seeds() {
        let holder = PermitHolder::from_seed(seed);
        let person = &holder.person;
        let shot = taken(&permit::portrait_side(&holder).unwrap(), seed);
        match read_portrait_side(&models, &shot) {
            Ok(reading) => {
                tally.seen(&format!("{seed} portrait"), &reading, CardKind::ResidencePermit);
                let side = &reading.side;
                tally.same(
                    format!("{seed} number"),
                    side.number.as_ref().map(|n| n.as_str().into()),
                    &person.number,
                );
                tally.same(format!("{seed} sex"), side.sex.map(|s| s.label().into()), person.sex_printed());
                tally.same(format!("{seed} birth"), text(side.birth_date), &person.birth_date.to_string());
                tally.same(format!("{seed} address"), side.address.clone(), &person.address);
                tally.is(format!("{seed} has an ethnicity"), side.ethnicity.is_none());
                if person.has_rare_character {
                    let doubted = reading.confidence.get("name").is_none_or(|sure| *sure < DOUBTFUL);
                    tally.is(format!("{seed}: the rare name is not doubted"), doubted);
                } else {
                    let name = side.name.as_ref().map(|n| n.as_str().into());
                    tally.same(format!("{seed} name"), name, &person.name);
                }
                tally
                    .is(format!("{seed}: {:?}", side.problems(DRAWN_ON)), side.problems(DRAWN_ON).is_empty());
            }
            Err(error) => tally.is(format!("{seed} portrait: {error}"), false),
        }
        let shot = taken(&permit::emblem_side(&holder).unwrap(), seed + 1_000_000);
        match read_emblem_side(&models, &shot) {
            Ok(reading) => {
                tally.seen(&format!("{seed} emblem"), &reading, CardKind::ResidencePermit);
                let side = &reading.side;
                tally.same(format!("{seed} authority"), side.authority.clone(), &person.authority);
                tally.same(format!("{seed} from"), text(side.valid_from), &person.valid_from.to_string());
                let until = String::from(ValidUntil::Date(person.valid_until.unwrap()));
                tally.same(format!("{seed} until"), side.valid_until.map(String::from), &until);
                tally.same(
                    format!("{seed} travel permit"),
                    side.travel_permit_number.clone(),
                    &holder.travel_permit_number,
                );
                tally.same(format!("{seed} issues"), text(side.issue_count), &holder.issue_count.to_string());
                tally
                    .is(format!("{seed}: {:?}", side.problems(DRAWN_ON)), side.problems(DRAWN_ON).is_empty());
            }
            Err(error) => tally.is(format!("{seed} emblem: {error}"), false),
        }
    }
    tally.report("residence permits");
}

fn permanent_residence_cards(form: Form, kind: CardKind) {
    let models = models();
    let mut tally = Tally::default();
    for seed in seeds() {
        let holder = Foreigner::from_seed(seed, form);
        let shot = taken(&foreigner::portrait_side(&holder).unwrap(), seed);
        match read_portrait_side(&models, &shot) {
            Ok(reading) => {
                tally.seen(&format!("{seed} portrait"), &reading, kind);
                let side = &reading.side;
                tally.same(
                    format!("{seed} number"),
                    side.number.as_ref().map(|n| n.as_str().into()),
                    &holder.number,
                );
                tally.same(
                    format!("{seed} name"),
                    side.name.as_ref().map(|n| n.as_str().into()),
                    &holder.name,
                );
                if let Some(name) = &holder.chinese_name {
                    let read = side.chinese_name.as_ref().map(|n| n.as_str().into());
                    tally.same(format!("{seed} Chinese name"), read, name);
                } else {
                    tally.is(format!("{seed} has a Chinese name"), side.chinese_name.is_none());
                }
                let sex = if holder.sex == Sex::Female { "女" } else { "男" };
                tally.same(format!("{seed} sex"), side.sex.map(|s| s.label().into()), sex);
                tally.same(format!("{seed} birth"), text(side.birth_date), &holder.birth_date.to_string());
                let nationality = side.nationality.map(|n| n.code().into());
                tally.same(format!("{seed} nationality"), nationality, holder.nationality.0);
                tally.same(format!("{seed} from"), text(side.valid_from), &holder.valid_from.to_string());
                let until = holder.valid_until.to_string();
                tally.same(format!("{seed} until"), side.valid_until.map(String::from), &until);
                tally
                    .is(format!("{seed}: {:?}", side.problems(DRAWN_ON)), side.problems(DRAWN_ON).is_empty());
            }
            Err(error) => tally.is(format!("{seed} portrait: {error}"), false),
        }
        let shot = taken(&foreigner::emblem_side(&holder).unwrap(), seed + 1_000_000);
        match read_emblem_side(&models, &shot) {
            Ok(reading) => {
                tally.seen(&format!("{seed} emblem"), &reading, kind);
                tally.same(format!("{seed} authority"), reading.side.authority.clone(), holder.authority);
            }
            Err(error) => tally.is(format!("{seed} emblem: {error}"), false),
        }
    }
    tally.report("permanent residence cards");
}

#[test]
fn permanent_residence_cards_of_2017_are_read_without_error() {
    permanent_residence_cards(Form::Of2017, CardKind::PermanentResidence2017);
}

#[test]
fn permanent_residence_cards_of_2023_are_read_without_error() {
    permanent_residence_cards(Form::Of2023, CardKind::PermanentResidence2023);
}

#[test]
fn resident_identity_cards_are_never_taken_for_another_kind() {
    let models = models();
    let mut tally = Tally::default();
    for seed in seeds() {
        let person = Person::from_seed(seed);
        let shot = taken(&specimen::card::portrait_side(&person).unwrap(), seed);
        let kind = read_portrait_side(&models, &shot).map(|reading| reading.kind);
        tally.is(format!("{seed}: portrait {kind:?}"), matches!(kind, Ok(CardKind::ResidentIdentityCard)));
        let shot = taken(&specimen::card::emblem_side(&person).unwrap(), seed + 1_000_000);
        let kind = read_emblem_side(&models, &shot).map(|reading| reading.kind);
        tally.is(format!("{seed}: emblem {kind:?}"), matches!(kind, Ok(CardKind::ResidentIdentityCard)));
    }
    tally.report("resident identity cards");
}

#[test]
fn a_kind_that_is_not_accepted_fails_its_own_check_and_sides_are_told_apart() {
    let models = models();
    let holder = Foreigner::from_seed(3, Form::Of2023);
    let portrait = taken(&foreigner::portrait_side(&holder).unwrap(), 3);
    let emblem = taken(&foreigner::emblem_side(&holder).unwrap(), 3);
    let kind = read_portrait_side(&models, &portrait).unwrap().kind;
    let finding = standard().judge_portrait_kind(kind);
    assert_eq!((finding.id, finding.outcome), (CheckId::CardKind, Outcome::Fail));
    let kind = read_emblem_side(&models, &emblem).unwrap().kind;
    assert_eq!(standard().judge_emblem_kind(kind).outcome, Outcome::Fail);
    assert_eq!(read_emblem_side(&models, &portrait).unwrap().seen, card::Side::Portrait);
    assert_eq!(read_portrait_side(&models, &emblem).unwrap().seen, card::Side::Emblem);
}
