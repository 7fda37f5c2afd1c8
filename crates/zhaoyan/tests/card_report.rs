//! `card read` on drawn pictures: fields, the flat card, and the page.

#![allow(clippy::unwrap_used)]

use std::{fs, process::Command};

use serde_json::Value;
use specimen::{
    capture::{CardScene, capture},
    card::{emblem_side, portrait_side},
    people::Person,
};

#[test]
fn both_sides_are_told_laid_flat_and_shown_with_their_rows() {
    let dir = tempfile::tempdir().unwrap();
    let person = Person::from_seed(3);
    let scene = |seed| CardScene::clean(seed).sized(1600, 1200);
    // A name that would become markup if it were not escaped.
    for (name, art) in [("p&q.jpg", portrait_side(&person)), ("e.jpg", emblem_side(&person))] {
        fs::write(dir.path().join(name), capture(&art.unwrap(), &scene(3)).jpeg()).unwrap();
    }
    let output = Command::new(env!("CARGO_BIN_EXE_zhaoyan"))
        .current_dir(dir.path())
        .env_remove("ZHAOYAN_CONFIG")
        .args(["card", "read", "--portrait", "p&q.jpg", "--emblem", "e.jpg", "--json"])
        .args(["--rectified", "flat.jpg", "--report", "out.html"])
        .output()
        .unwrap();
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(told["portrait"]["number"], person.number.as_str());
    assert_eq!(told["emblem"]["authority"], person.authority.as_str());
    let sure = told["portrait"]["confidence"]["number"].as_f64().unwrap();
    assert!((0.9..1.0).contains(&sure), "{sure}");

    for name in ["flat.jpg", "flat-emblem.jpg"] {
        let flat = image::open(dir.path().join(name)).unwrap();
        assert_eq!((flat.width(), flat.height()), (1348, 850), "{name}");
    }

    let page = fs::read_to_string(dir.path().join("out.html")).unwrap();
    assert!(page.contains("p&amp;q.jpg") && !page.contains("p&q.jpg"));
    assert!(page.contains(&person.number) && page.contains(&person.authority));
    assert_eq!(page.matches("data:image/jpeg").count(), 4, "two captures and two flat cards");
    assert!(!page.contains("http://") && !page.contains("https://"), "self-contained");
    for id in ["card_sharp", "card_obstructed", "card_not_screen", "card_expired"] {
        assert!(page.contains(id), "{id}");
    }
}
