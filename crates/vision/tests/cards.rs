//! Drawn cards are read without error, and what is wrong with a capture shows in its own measure. `ZHAOYAN_SEEDS` sets how many
//! people are drawn (12), `ZHAOYAN_FIRST_SEED` the first of them (0).
#![allow(clippy::unwrap_used)]

use std::sync::LazyLock;
use std::time::Instant;

use domain::card::CardProblem;
use domain::{CheckId, EmblemSide, Measures, Outcome, PersonName, PortraitSide, Standard, ValidUntil};
use specimen::capture::{CardCapture, CardDefect, CardScene, capture};
use specimen::card::{CardArt, Side, emblem_side, portrait_side};
use specimen::people::{DRAWN_ON, Person};
use vision::card::{
    self, CardError, CardReading, DOUBTFUL, read_emblem_side, read_portrait_side,
    read_portrait_side_expecting,
};
use vision::decode::{Capture, decode};
use vision::model::{Models, models_dir};

fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable).ok().and_then(|v| v.parse().ok()).unwrap_or(default)
}

fn seeds() -> std::ops::Range<u64> {
    let first = number("ZHAOYAN_FIRST_SEED", 0);
    first..first + number("ZHAOYAN_SEEDS", 12)
}

/// Opened once, and the font's shapes made once, for all tests.
fn models() -> Models {
    static MODELS: LazyLock<Models> = LazyLock::new(|| Models::open(&models_dir(), 2).unwrap());
    MODELS.clone()
}

fn taken(art: &CardArt, scene: &CardScene) -> (CardCapture, Vec<u8>) {
    let capture = capture(art, scene);
    let jpeg = capture.jpeg();
    (capture, jpeg)
}

/// Reads an upload as the portrait side, at the resolution that this needs; corners in pixels of the file.
fn portrait_of(models: &Models, jpeg: &[u8]) -> Result<CardReading<PortraitSide>, CardError> {
    let (capture, mut reading) = card::take(jpeg, |capture| read_portrait_side(models, capture))?;
    reading.corners = reading.corners.map(|(x, y)| (x / capture.scale(), y / capture.scale()));
    Ok(reading)
}

/// As [`portrait_of`].
fn emblem_of(models: &Models, jpeg: &[u8]) -> Result<CardReading<EmblemSide>, CardError> {
    let (capture, mut reading) = card::take(jpeg, |capture| read_emblem_side(models, capture))?;
    reading.corners = reading.corners.map(|(x, y)| (x / capture.scale(), y / capture.scale()));
    Ok(reading)
}

/// Every other scene in the 12 megapixels of a phone, the others as a messenger may have scaled them.
fn scene(seed: u64) -> CardScene {
    let scene = CardScene::clean(seed);
    let (width, height) = (scene.width, scene.height);
    if seed.is_multiple_of(2) { scene } else { scene.sized(width * 3 / 5, height * 3 / 5) }
}

/// What went wrong, with how long readings took.
#[derive(Default)]
struct Tally {
    wrong: Vec<String>,
    addresses: usize,
    millis: Vec<u128>,
    corner: f32,
}

impl Tally {
    fn same(&mut self, what: &str, read: Option<String>, truth: &str) -> bool {
        let same = read.as_deref() == Some(truth);
        if !same {
            let line = format!("{what}: {truth} was read as {read:?}");
            eprintln!("{line}");
            self.wrong.push(line);
        }
        same
    }

    fn is(&mut self, what: &str, holds: bool) {
        if !holds {
            eprintln!("{what}");
            self.wrong.push(what.to_owned());
        }
    }

    fn timed<T>(&mut self, read: impl FnOnce() -> T) -> T {
        let start = Instant::now();
        let value = read();
        self.millis.push(start.elapsed().as_millis());
        value
    }

    /// Keeps the farthest that a corner was found from where it is, over the card's width.
    fn corners(&mut self, found: &[card::Point; 4], capture: &CardCapture) {
        let truth = &capture.truth.corners;
        let width = (truth[0].0 - truth[1].0).hypot(truth[0].1 - truth[1].1);
        for (f, t) in found.iter().zip(truth) {
            self.corner = self.corner.max((f.0 - t.0).hypot(f.1 - t.1) / width);
        }
    }

    fn report(&mut self, what: &str) {
        self.millis.sort_unstable();
        let median = self.millis.get(self.millis.len() / 2).copied().unwrap_or(0);
        let most = self.millis.last().copied().unwrap_or(0);
        println!(
            "{what}: {} people, {} wrong, {} addresses among them; readings took {median} ms (median), {most} ms (most); corners within {:.4} card widths",
            seeds().count(),
            self.wrong.len(),
            self.addresses,
            self.corner
        );
        for line in &self.wrong {
            println!("  {line}");
        }
    }
}

#[test]
fn portrait_sides_without_a_defect_are_read_without_error() {
    let models = models();
    let mut tally = Tally::default();
    for seed in seeds() {
        let person = Person::from_seed(seed);
        let (capture, shot) = taken(&portrait_side(&person).unwrap(), &scene(seed));
        let reading = match tally.timed(|| portrait_of(&models, &shot)) {
            Ok(reading) => reading,
            Err(error) => {
                tally.is(&format!("{seed}: {error}"), false);
                continue;
            }
        };
        tally.corners(&reading.corners, &capture);
        for finding in standard().judge_card(&reading.measures).findings {
            tally.is(
                &format!("{seed}: {} fails with {:?}", finding.id, finding.measure),
                finding.outcome == Outcome::Pass,
            );
        }
        let side = &reading.side;
        tally.same(
            &format!("{seed} number"),
            side.number.as_ref().map(|n| n.as_str().to_owned()),
            &person.number,
        );
        tally.same(&format!("{seed} sex"), side.sex.map(|s| s.label().to_owned()), person.sex_printed());
        tally.same(
            &format!("{seed} ethnicity"),
            side.ethnicity.map(|e| e.name().to_owned()),
            &person.ethnicity,
        );
        tally.same(
            &format!("{seed} birth date"),
            side.birth_date.map(|d| d.to_string()),
            &person.birth_date.to_string(),
        );
        if !tally.same(&format!("{seed} address"), side.address.clone(), &person.address) {
            tally.addresses += 1;
        }
        let doubted = reading.confidence.get("name").is_none_or(|sure| *sure < DOUBTFUL);
        if person.has_rare_character {
            tally.is(&format!("{seed}: the rare name {} is not doubted", person.name), doubted);
            let as_printed = side.name.as_ref().is_none_or(|n| {
                n.characters() == person.name.chars().count()
                    && n.as_str()
                        .chars()
                        .zip(person.name.chars())
                        .all(|(read, printed)| read == printed || read == PersonName::UNREAD)
            });
            tally.is(
                &format!("{seed}: {} was shortened or altered, {:?} cells", person.name, side.name_cells),
                as_printed,
            );
        } else {
            tally.same(
                &format!("{seed} name"),
                side.name.as_ref().map(|n| n.as_str().to_owned()),
                &person.name,
            );
            tally.is(&format!("{seed}: {} is doubted, {:?} cells", person.name, side.name_cells), !doubted);
        }
    }
    tally.report("portrait sides");
    // Addresses may fail in 2 of 100, everything else never.
    assert!(tally.addresses * 50 <= seeds().count());
    assert_eq!(tally.wrong.len(), tally.addresses);
}

#[test]
fn emblem_sides_without_a_defect_are_read_without_error() {
    let models = models();
    let mut tally = Tally::default();
    for seed in seeds() {
        let person = Person::from_seed(seed);
        let (capture, shot) = taken(&emblem_side(&person).unwrap(), &scene(seed + 1_000_000));
        let reading = match tally.timed(|| emblem_of(&models, &shot)) {
            Ok(reading) => reading,
            Err(error) => {
                tally.is(&format!("{seed}: {error}"), false);
                continue;
            }
        };
        tally.corners(&reading.corners, &capture);
        for finding in standard().judge_card(&reading.measures).findings {
            tally.is(
                &format!("{seed}: {} fails with {:?}", finding.id, finding.measure),
                finding.outcome == Outcome::Pass,
            );
        }
        let side = &reading.side;
        let until = person.valid_until.map_or(ValidUntil::LongTerm, ValidUntil::Date);
        tally.same(&format!("{seed} authority"), side.authority.clone(), &person.authority);
        tally.same(
            &format!("{seed} from"),
            side.valid_from.map(|d| d.to_string()),
            &person.valid_from.to_string(),
        );
        tally.same(&format!("{seed} until"), side.valid_until.map(String::from), &String::from(until));
        tally.is(&format!("{seed}: a valid card has problems"), side.problems(DRAWN_ON).is_empty());
    }
    tally.report("emblem sides");
    assert!(tally.wrong.is_empty());
}

#[test]
fn each_of_the_56_ethnicities_is_read() {
    let models = models();
    let mut tally = Tally::default();
    for (seed, name) in (0..).zip(domain::ethnicity::NAMES) {
        let person = Person { ethnicity: name.to_owned(), ..Person::from_seed(seed) };
        let scene = CardScene::clean(seed);
        let (_, shot) =
            taken(&portrait_side(&person).unwrap(), &scene.clone().sized(scene.width / 2, scene.height / 2));
        let read = tally.timed(|| portrait_of(&models, &shot)).ok().and_then(|r| r.side.ethnicity);
        tally.same("ethnicity", read.map(|e| e.name().to_owned()), name);
    }
    tally.report("ethnicities");
    assert!(tally.wrong.is_empty());
}

fn standard() -> Standard {
    Standard::from_toml("chengkao.toml", include_str!("../../../standards/chengkao.toml")).unwrap()
}

/// Reads the side that the art shows, as that side.
fn measured(models: &Models, side: Side, shot: &[u8]) -> Result<Measures, CardError> {
    Ok(match side {
        Side::Portrait => portrait_of(models, shot)?.measures,
        Side::Emblem => emblem_of(models, shot)?.measures,
    })
}

#[test]
fn every_planted_defect_fails_its_own_check() {
    let models = models();
    let standard = standard();
    let mut tally = Tally::default();
    // Seven pictures of each: half as many people.
    for seed in seeds().step_by(2) {
        let person = Person::from_seed(seed);
        let art = if seed % 4 == 0 { portrait_side(&person) } else { emblem_side(&person) }.unwrap();
        for (defect, check) in [
            (CardDefect::Cropped, CheckId::CardWhole),
            (CardDefect::Glare, CheckId::CardGlare),
            (CardDefect::Blur, CheckId::CardSharp),
            (CardDefect::Finger, CheckId::CardObstructed),
            (CardDefect::Photocopy, CheckId::CardNotPhotocopy),
            (CardDefect::Screen, CheckId::CardNotScreen),
            (CardDefect::Edited, CheckId::CardNotEdited),
        ] {
            let mut scene = CardScene { defect: Some(defect), ..scene(2 * seed + 1) };
            if defect == CardDefect::Edited {
                // Where compression has left no grain, nothing tells.
                (scene.noise, scene.jpeg_quality) = (scene.noise.max(2.0), 92);
            }
            if defect == CardDefect::Screen {
                // What a phone saw of its pixels does not outlive a messenger.
                let (width, height) = (scene.width * 5 / 3, scene.height * 5 / 3);
                scene = scene.sized(width, height);
            }
            let (_, shot) = taken(&art, &scene);
            match tally.timed(|| measured(&models, art.side, &shot)) {
                Ok(measures) => {
                    let failed = standard
                        .judge_card(&measures)
                        .findings
                        .into_iter()
                        .any(|f| f.id == check && f.outcome == Outcome::Fail);
                    tally.is(&format!("{seed} {:?}: {defect:?} has {:?}", art.side, measures), failed);
                }
                Err(error) => tally.is(&format!("{seed} {:?}: {defect:?}: {error}", art.side), false),
            }
        }
    }
    tally.report("planted defects");
    assert!(tally.wrong.is_empty());
}

#[test]
fn swapped_sides_turned_cards_and_expired_cards_are_told() {
    let models = models();
    let standard = standard();
    let mut tally = Tally::default();
    let fails = |measures: &Measures| {
        standard
            .judge_card(measures)
            .findings
            .iter()
            .any(|f| f.id == CheckId::CardSide && f.outcome == Outcome::Fail)
    };
    for seed in seeds() {
        let person = Person::from_seed(seed);
        let turned = scene(2 * seed + 1).turned((seed % 4) as u8);
        let (_, portrait) = taken(&portrait_side(&person).unwrap(), &turned);
        let (_, emblem) = taken(&emblem_side(&person.clone().expired()).unwrap(), &turned);
        match tally.timed(|| emblem_of(&models, &portrait)) {
            Ok(reading) => tally
                .is(&format!("{seed}: a portrait side passed for an emblem side"), fails(&reading.measures)),
            Err(error) => tally.is(&format!("{seed}: portrait side {error}"), false),
        }
        match tally.timed(|| portrait_of(&models, &emblem)) {
            Ok(reading) => tally
                .is(&format!("{seed}: an emblem side passed for a portrait side"), fails(&reading.measures)),
            Err(error) => tally.is(&format!("{seed}: emblem side {error}"), false),
        }
        match tally.timed(|| emblem_of(&models, &emblem)) {
            Ok(reading) => tally.is(
                &format!("{seed}: an expired card has {:?}", reading.side),
                reading.side.problems(DRAWN_ON) == vec![CardProblem::Expired],
            ),
            Err(error) => tally.is(&format!("{seed}: expired card {error}"), false),
        }
        match tally.timed(|| portrait_of(&models, &portrait)) {
            Ok(reading) => {
                tally.same(
                    &format!("{seed} turned"),
                    reading.side.number.map(|n| n.as_str().to_owned()),
                    &person.number,
                );
            }
            Err(error) => tally.is(&format!("{seed}: turned card {error}"), false),
        }
    }
    tally.report("swapped, turned, expired");
    assert!(tally.wrong.is_empty());
}

#[test]
fn a_card_is_found_across_the_grain_of_a_table() {
    // The lines of this table's grain outnumber and outweigh the card's long sides.
    let person = Person::from_seed(67);
    let (_, shot) = taken(&portrait_side(&person).unwrap(), &scene(135).turned(3));
    let reading = portrait_of(&models(), &shot).unwrap();
    assert_eq!(reading.side.number.unwrap().as_str(), person.number.as_str());
}

/// Usable captures that were once misread, whole and as `judge --cards` draws them.
#[test]
fn the_edge_of_a_shadow_is_neither_print_nor_the_side_of_a_card() {
    let models = models();
    let mut tally = Tally::default();
    // Across name and ethnicity.
    let person = Person::from_seed(90_304);
    let (_, shot) = taken(&portrait_side(&person).unwrap(), &CardScene::varied(90_304));
    let registered = PersonName::parse(&person.name).unwrap();
    let read = |capture: &Capture| read_portrait_side_expecting(&models, capture, Some(&registered));
    let side = card::take(&shot, read).unwrap().1.side;
    tally.same("name", side.name.map(String::from), &person.name);
    tally.same("ethnicity", side.ethnicity.map(|e| e.name().to_owned()), &person.ethnicity);
    // Across the term; and a paper's edge beside the card, farther out than the card's own.
    for seed in [90_269, 90_439] {
        let person = Person::from_seed(seed);
        let (capture, shot) = taken(&emblem_side(&person).unwrap(), &CardScene::varied(seed));
        let reading = emblem_of(&models, &shot).unwrap();
        tally.corners(&reading.corners, &capture);
        tally.same("authority", reading.side.authority, &person.authority);
        tally.same(
            "first day",
            reading.side.valid_from.map(|d| d.to_string()),
            &person.valid_from.to_string(),
        );
    }
    assert!(tally.wrong.is_empty());
    assert!(tally.corner < 0.02, "corners within {:.4} card widths", tally.corner);
}

#[test]
fn print_set_afterwards_is_told_by_its_sharpness_where_there_is_no_grain_to_lose() {
    let person = Person::from_seed(190_081);
    let scene = CardScene::clean(190_081);
    let (width, height) = (scene.width * 3 / 5, scene.height * 3 / 5);
    let scene = CardScene { noise: 0.0, jpeg_quality: 92, ..scene }.sized(width, height);
    let patch = |defect| {
        let (_, shot) = taken(&emblem_side(&person).unwrap(), &CardScene { defect, ..scene.clone() });
        emblem_of(&models(), &shot).unwrap().measures.get(CheckId::CardNotEdited, "patch").unwrap()
    };
    let (clean, edited) = (patch(None), patch(Some(CardDefect::Edited)));
    assert!(clean < 0.2 && edited > 0.6, "{clean} {edited}");
}

#[test]
fn a_screen_is_told_even_where_the_outline_of_its_card_is_not_found() {
    let scene = CardScene { defect: Some(CardDefect::Screen), strength: 0.93, ..CardScene::clean(190_005) };
    let (_, shot) = taken(&emblem_side(&Person::from_seed(190_005)).unwrap(), &scene);
    let measures = match emblem_of(&models(), &shot) {
        Ok(reading) => reading.measures,
        Err(CardError::NoCard { measures }) => measures,
        Err(error) => panic!("{error}"),
    };
    assert!(measures.get(CheckId::CardNotScreen, "moire").unwrap() > 20.0, "{measures:?}");
}

#[test]
fn a_number_that_is_guessed_is_not_told_though_its_arithmetic_holds() {
    let person = Person::from_seed(190_062);
    let scene = CardScene {
        defect: Some(CardDefect::Blur),
        strength: 0.6 + 0.4 * ((62 * 37 % 100) as f32 / 99.0),
        ..CardScene::clean(190_062)
    };
    let (width, height) = (scene.width * 3 / 5, scene.height * 3 / 5);
    let (_, shot) = taken(&portrait_side(&person).unwrap(), &scene.sized(width, height));
    let read = portrait_of(&models(), &shot).unwrap().side.number;
    assert!(read.as_ref().is_none_or(|number| number.as_str() == person.number), "{read:?}");
}

#[test]
fn what_is_no_card_is_called_so() {
    use image::{ImageFormat, Rgb, RgbImage};
    use std::io::Cursor;

    let models = models();
    let shot = |picture: &RgbImage| {
        let mut bytes = Cursor::new(Vec::new());
        picture.write_to(&mut bytes, ImageFormat::Png).unwrap();
        decode(bytes.get_ref()).unwrap()
    };
    let noise = RgbImage::from_fn(1200, 900, |x, y| {
        let h = (x.wrapping_mul(0x9e37_79b1) ^ y.wrapping_mul(0x85eb_ca6b)).wrapping_mul(0xc2b2_ae35);
        Rgb([(h >> 8) as u8, (h >> 16) as u8, (h >> 24) as u8])
    });
    let portrait = specimen::portrait::card_portrait(&Person::from_seed(1).looks);
    let portrait = image::imageops::resize(&portrait, 1074, 1323, image::imageops::FilterType::Triangle);
    // A white sheet of a card's proportions on a dark table.
    let sheet = RgbImage::from_fn(1600, 1200, |x, y| {
        if (300..1300).contains(&x) && (285..915).contains(&y) {
            Rgb([235, 235, 232])
        } else {
            Rgb([60, 50, 40])
        }
    });
    for (what, picture) in [
        ("a blank page", RgbImage::from_pixel(1600, 1200, Rgb([240, 240, 240]))),
        ("black", RgbImage::new(800, 600)),
        ("noise", noise),
        ("a portrait", portrait),
        ("a sheet of paper", sheet),
        ("a long strip", RgbImage::from_pixel(3000, 3, Rgb([9, 90, 200]))),
    ] {
        let capture = shot(&picture);
        assert!(matches!(read_portrait_side(&models, &capture), Err(CardError::NoCard { .. })), "{what}");
        assert!(matches!(read_emblem_side(&models, &capture), Err(CardError::NoCard { .. })), "{what}");
    }
    for side in [1, 20, 479] {
        let capture = shot(&RgbImage::new(side, side));
        assert!(matches!(read_portrait_side(&models, &capture), Err(CardError::TooSmall { .. })));
    }
}
