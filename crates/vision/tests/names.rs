//! Names with characters that the recogniser does not know are never shorter than their ink nor other than printed, and the
//! registration's name settles them only where the pixels agree. `ZHAOYAN_SEEDS` sets how many names are drawn (6).
#![allow(clippy::unwrap_used)]

use std::sync::LazyLock;

use domain::PersonName;
use specimen::capture::{CardScene, capture};
use specimen::card::portrait_side;
use specimen::font::Fonts;
use specimen::names::RareName;
use specimen::people::Person;
use vision::card::{NameCell, read_portrait_side, read_portrait_side_expecting, take};
use vision::decode::{Capture, decode};
use vision::model::{Models, models_dir};

fn seeds() -> std::ops::Range<u64> {
    0..std::env::var("ZHAOYAN_SEEDS").ok().and_then(|v| v.parse().ok()).unwrap_or(6)
}

/// Opened once, and the font's shapes made once, for all tests.
fn models() -> Models {
    static MODELS: LazyLock<Models> = LazyLock::new(|| Models::open(&models_dir(), 2).unwrap());
    MODELS.clone()
}

fn taken(person: &Person) -> Capture {
    let scene = CardScene::clean(person.seed);
    let (width, height) = (scene.width * 3 / 5, scene.height * 3 / 5);
    decode(&capture(&portrait_side(person).unwrap(), &scene.sized(width, height)).jpeg()).unwrap()
}

fn named(name: &str) -> Person {
    Person { name: name.to_owned(), ..Person::from_seed(5) }
}

fn name(text: &str) -> PersonName {
    PersonName::parse(text).unwrap()
}

/// Whether each cell is what is printed in its place, or unknown.
fn agrees(cells: &[NameCell], printed: &str) -> bool {
    cells.len() == printed.chars().count()
        && cells.iter().zip(printed.chars()).all(|(cell, p)| cell.character.is_none_or(|c| c == p))
}

/// Dense characters in a soft capture: by their shapes others are nearer, but the recogniser has no doubt, and the registration says the same.
#[test]
fn what_is_surely_read_and_registered_is_not_asked_for() {
    let models = models();
    for seed in [90_222, 90_548, 90_682, 91_544] {
        let person = Person::from_seed(seed);
        let shot = capture(&portrait_side(&person).unwrap(), &CardScene::varied(seed)).jpeg();
        let registered = name(&person.name);
        let read = |capture: &Capture| read_portrait_side_expecting(&models, capture, Some(&registered));
        let (_, reading) = take(&shot, read).unwrap();
        assert_eq!(reading.side.name.map(String::from).as_deref(), Some(person.name.as_str()));
    }
}

#[test]
fn no_glyph_is_dropped_or_taken_for_another() {
    let models = models();
    for seed in seeds() {
        let drawn = RareName::from_seed(seed);
        let printed = &drawn.person.name;
        let reading = read_portrait_side(&models, &taken(&drawn.person)).unwrap();
        assert!(agrees(&reading.name_cells, printed), "{printed}: {:?}", reading.name_cells);
        if let Some(read) = reading.side.name {
            let unread = read.unread().len();
            assert_eq!(read.characters(), printed.chars().count(), "{printed}");
            assert!(unread > 0 || read.as_str() == printed, "{printed} was read as {}", read.as_str());
        }
    }
}

/// These were once believed: a lookalike that the recogniser is surer of than of the character itself, one that it takes a glyph for only
/// between others, and a bracket.
#[test]
fn what_unknown_characters_are_taken_for_is_not_believed() {
    let models = models();
    for printed in ["廖睎", "肖𦥑慧", "任梅猓"] {
        let drawn = (0..1000).map(RareName::from_seed).find(|drawn| drawn.person.name == printed).unwrap();
        let scene = CardScene::clean(drawn.person.seed);
        let sharp = decode(&capture(&portrait_side(&drawn.person).unwrap(), &scene).jpeg()).unwrap();
        for shot in [sharp, taken(&drawn.person)] {
            for expected in [None, Some(name(printed)), Some(name("王芳")), Some(name("王小芳"))] {
                let reading = read_portrait_side_expecting(&models, &shot, expected.as_ref()).unwrap();
                assert!(agrees(&reading.name_cells, printed), "{printed}: {:?}", reading.name_cells);
            }
        }
    }
}

#[test]
fn the_registrations_name_is_taken_where_the_pixels_agree_and_a_similar_one_is_not() {
    let (models, fonts) = (models(), Fonts::open().unwrap());
    let (mut took, mut all) = (0, 0);
    for seed in seeds() {
        let drawn = RareName::from_seed(seed);
        let printed = drawn.person.name.as_str();
        let shot = taken(&drawn.person);
        let expecting = |expected: &str| {
            read_portrait_side_expecting(&models, &shot, Some(&name(expected))).unwrap().side.name
        };
        all += 1;
        took += usize::from(expecting(printed) == Some(name(printed)));
        let similar = drawn.misspelt(&fonts, seed as usize);
        assert_ne!(expecting(&similar), Some(name(&similar)), "{printed}");
    }
    assert!(took * 10 >= all * 9, "{took} of {all}");
}

#[test]
fn pairs_that_are_easily_confused_are_kept_apart_both_ways() {
    let models = models();
    for (rare, common) in [("李赟", "李赞"), ("王淼", "王森"), ("赵嬿", "赵燕"), ("孙龑", "孙龚")]
    {
        for (printed, registered) in [(rare, common), (common, rare)] {
            let shot = taken(&named(printed));
            let read =
                |expected: &str| read_portrait_side_expecting(&models, &shot, Some(&name(expected))).unwrap();
            let wrong = read(registered);
            assert_ne!(wrong.side.name, Some(name(registered)), "{printed} passed for {registered}");
            assert!(agrees(&wrong.name_cells, printed), "{printed}: {:?}", wrong.name_cells);
            assert_eq!(read(printed).side.name, Some(name(printed)));
        }
    }
}

#[test]
fn a_name_that_was_read_is_told_as_read_whatever_is_expected() {
    let models = models();
    let shot = taken(&named("陈伟"));
    for expected in ["陈炜", "陈伟明", "陈", "王伟", "陈□"] {
        let reading = read_portrait_side_expecting(&models, &shot, Some(&name(expected))).unwrap();
        assert_eq!(reading.side.name, Some(name("陈伟")), "{expected} was expected");
        assert!(reading.name_cells.iter().all(|cell| !cell.from_registration));
    }
}

#[test]
fn what_the_font_lacks_is_left_to_the_candidate() {
    let models = models();
    // Of extension B, in the font of the specimens but not in the one that names are held against.
    let printed = "陈𠀋";
    let reading =
        read_portrait_side_expecting(&models, &taken(&named(printed)), Some(&name(printed))).unwrap();
    assert_eq!(reading.side.name, Some(name("陈□")));
}
