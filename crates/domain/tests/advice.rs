//! What candidates are told: every wording, in both languages, and which are told at once.

#![allow(clippy::unwrap_used)]

mod common;

use std::{collections::HashMap, fmt::Write as _};

use common::shipped;
use domain::{
    CheckId, Measures, Standard, Text, advice,
    standard::{Beyond, PARTS},
};

/// Parts of which too little and too much are mirror images of each other, and told alike: a picture may itself be mirrored.
const MIRRORED: [(CheckId, &str); 5] = [
    (CheckId::HeadPose, "yaw"),
    (CheckId::HeadPose, "roll"),
    (CheckId::Framing, "centre"),
    (CheckId::Gaze, "aside"),
    (CheckId::ShouldersLevel, "tilt"),
];
/// Parts that measure one thing in two ways.
const ALIKE: [(CheckId, [&str; 2]); 2] =
    [(CheckId::EyesOpen, ["opening", "aspect"]), (CheckId::CardWhole, ["margin", "visible"])];

/// Every part that a shipped standard limits, on each side that it limits, in the order of importance.
fn told() -> Vec<(CheckId, &'static str, Beyond)> {
    let all = shipped();
    let limits = |check, part| all.iter().filter_map(move |s: &Standard| s.limit(check, part));
    let mut found = Vec::new();
    for check in CheckId::ALL {
        for part in PARTS.iter().filter(|part| part.check == *check) {
            if limits(*check, part.name).any(|l| l.min.or(l.warn_min).is_some()) {
                found.push((*check, part.name, Beyond::Below));
            }
            if limits(*check, part.name).any(|l| l.max.or(l.warn_max).is_some()) {
                found.push((*check, part.name, Beyond::Above));
            }
        }
    }
    found
}

/// What is told where there are no words for a part.
fn generic(check: CheckId) -> Text {
    advice::for_part(check, "no such part", Beyond::Below)
}

#[test]
fn every_wording() {
    let mut page = String::new();
    let mut last = None;
    for (check, part, beyond) in told() {
        if last.replace(check) != Some(check) {
            let title = check.title();
            writeln!(page, "\n{check}: {} | {}", title.zh, title.en).unwrap();
        }
        let text = advice::for_part(check, part, beyond);
        writeln!(page, "  {part} {beyond:?}\n    {}\n    {}", text.zh, text.en).unwrap();
    }
    let without_parts = CheckId::ALL.iter().filter(|check| PARTS.iter().all(|part| part.check != **check));
    for check in without_parts {
        let (title, text) = (check.title(), generic(*check));
        writeln!(page, "\n{check}: {} | {}\n    {}\n    {}", title.zh, title.en, text.zh, text.en).unwrap();
    }
    let none = advice::no_file();
    writeln!(page, "\nno file of the required size\n    {}\n    {}", none.zh, none.en).unwrap();
    insta::assert_snapshot!(page);
}

#[test]
fn every_part_that_a_standard_limits_has_words_of_its_own() {
    let mut seen: HashMap<String, (CheckId, &str)> = HashMap::new();
    for (check, part, beyond) in told() {
        let text = advice::for_part(check, part, beyond);
        if !check.is_of_card() {
            assert_ne!(text, generic(check), "{check}.{part} {beyond:?}");
        }
        for words in [text.zh, text.en] {
            if let Some(other) = seen.insert(words.clone(), (check, part)) {
                let mirrored = other == (check, part) && MIRRORED.contains(&other);
                let alike = ALIKE.iter().any(|(c, p)| {
                    *c == check && other.0 == check && p.contains(&part) && p.contains(&other.1)
                });
                assert!(mirrored || alike, "{check}.{part} and {}.{} both say: {words}", other.0, other.1);
            }
        }
    }
}

#[test]
fn words_are_short_and_plain() {
    // What only those who build such systems would say.
    const JARGON: [&str; 12] = [
        "像素",
        "分辨率",
        "对焦",
        "曝光",
        "噪点",
        "色温",
        "算法",
        "pixel",
        "resolution",
        "exposure",
        "noise",
        "Delta",
    ];
    for (check, part, beyond) in told() {
        let Text { zh, en } = advice::for_part(check, part, beyond);
        assert!(zh.chars().count() <= 60, "{check}.{part}: {zh}");
        assert!(en.split_whitespace().count() <= 30, "{check}.{part}: {en}");
        assert!(zh.ends_with('。') && en.ends_with('.'), "{check}.{part}");
        for word in JARGON.into_iter().chain([check.id(), part].into_iter().filter(|w| w.contains('_'))) {
            assert!(!zh.contains(word) && !en.contains(word), "{check}.{part} says {word}");
        }
    }
}

/// The checks that a candidate is told, in order, when these parts have these values and all else is fine.
fn reasons(beyond: &[(CheckId, &'static str, f64)]) -> Vec<&'static str> {
    let standard = shipped().into_iter().find(|s| s.id == "chengkao").unwrap();
    let mut measures = Measures::default();
    for (check, limits) in standard.checks.iter().filter(|(check, _)| !check.is_of_card()) {
        measures.put(
            *check,
            limits.iter().map(|(part, limit)| {
                let name = PARTS.iter().find(|p| p.check == *check && p.name == part).unwrap().name;
                let given = beyond.iter().find(|(c, p, _)| c == check && *p == name);
                let fine = match (limit.min, limit.max) {
                    (Some(min), Some(max)) => (min + max) / 2.0,
                    (Some(min), None) => 2.0 * min,
                    (None, Some(max)) => max / 2.0,
                    (None, None) => limit.warn_min.or(limit.warn_max).unwrap(),
                };
                (name, given.map_or(fine, |(_, _, value)| *value))
            }),
        );
    }
    let report = standard.judge(&measures);
    assert_eq!(report.failed().count(), beyond.len(), "{beyond:?}");
    report.reasons().iter().map(|f| f.id.id()).collect()
}

#[test]
fn without_exactly_one_person_nothing_else_is_told() {
    use CheckId as C;
    let others = [(C::NotRephotographed, "moire", 30.0), (C::EyesOpen, "aspect", 0.05)];
    for count in [0.0, 2.0] {
        let all: Vec<_> = others.into_iter().chain([(C::SingleFace, "count", count)]).collect();
        assert_eq!(reasons(&all), ["single_face"]);
    }
    assert_eq!(reasons(&others), ["not_rephotographed", "eyes_open"]);
}

#[test]
fn another_picture_comes_first_then_the_head_the_place_what_is_worn_and_the_moment() {
    use CheckId as C;
    let beyond = [
        (C::EyesOpen, "aspect", 0.05),
        (C::EarsVisible, "hidden", 0.9),
        (C::BackgroundClear, "things", 9.0),
        (C::HeadPose, "yaw", 25.0),
        (C::ColourImage, "spread", 0.1),
    ];
    assert_eq!(
        reasons(&beyond),
        ["colour_image", "head_pose", "background_clear", "ears_visible", "eyes_open"]
    );
}

#[test]
fn what_another_reason_explains_is_not_told_as_well() {
    use CheckId as C;
    let grey = [(C::ColourImage, "spread", 0.1), (C::NaturalColour, "skin", 9.0)];
    assert_eq!(reasons(&grey), ["colour_image"]);
    let tilted = [(C::HeadPose, "roll", 20.0), (C::ShouldersLevel, "tilt", -20.0)];
    assert_eq!(reasons(&tilted), ["head_pose"]);
    let near = [(C::Framing, "head_cut", 0.6), (C::FaceSize, "width", 330.0)];
    assert_eq!(reasons(&near), ["framing"]);
    let laughing = [(C::ExpressionNeutral, "smile", 1.4), (C::MouthClosed, "gap", 0.2)];
    assert_eq!(reasons(&laughing), ["expression_neutral"]);
    let sunglasses =
        [(C::TintedGlasses, "light", 0.1), (C::EyesOpen, "aspect", 0.05), (C::Gaze, "aside", 30.0)];
    assert_eq!(reasons(&sunglasses), ["tinted_glasses"]);
    let dim = [(C::Exposure, "luminance", 20.0), (C::Noise, "grain", 9.0)];
    assert_eq!(reasons(&dim), ["exposure"]);
    let thing = [(C::BackgroundClear, "things", 9.0), (C::BackgroundUniform, "objects", 0.2)];
    assert_eq!(reasons(&thing), ["background_clear"]);
    let shelves = [thing[0], thing[1], (C::NoBorderOrText, "text", 40.0)];
    assert_eq!(reasons(&shelves), ["background_clear"]);
    let shut = [(C::EyesOpen, "aspect", 0.05), (C::NaturalColour, "eye_white", 12.0)];
    assert_eq!(reasons(&shut), ["eyes_open"]);
}

#[test]
fn what_only_looks_explained_is_told() {
    use CheckId as C;
    let cut = [(C::HeadPose, "yaw", 25.0), (C::Framing, "head_cut", 0.6)];
    assert_eq!(reasons(&cut), ["head_pose", "framing"], "a turned head cuts nothing off");
    let off = [(C::HeadPose, "yaw", 25.0), (C::Framing, "centre", 60.0)];
    assert_eq!(reasons(&off), ["head_pose"]);
    let wall = [(C::BackgroundClear, "things", 9.0), (C::BackgroundUniform, "range", 40.0)];
    assert_eq!(reasons(&wall), ["background_clear", "background_uniform"]);
    let watermark = [(C::NoBorderOrText, "text", 20.0), (C::BackgroundClear, "things", 4.0)];
    assert_eq!(
        reasons(&watermark),
        ["no_border_or_text", "background_clear"],
        "the wall itself is of one colour"
    );
    let print = [(C::NotRephotographed, "frame", 0.95), (C::BackgroundClear, "things", 9.0)];
    assert_eq!(
        reasons(&print),
        ["not_rephotographed", "background_clear"],
        "a door frame may be among the things"
    );
    let side = [(C::IlluminationEven, "balance", 0.2), (C::Exposure, "luminance", 20.0)];
    assert_eq!(reasons(&side), ["illumination_even", "exposure"]);
}
