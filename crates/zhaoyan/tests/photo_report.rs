//! `photo check` on a batch of drawn pictures: the lines, the page, and that findings point at what was drawn.

#![allow(clippy::unwrap_used)]

use std::{
    fs,
    path::Path,
    process::{Command, Output, Stdio},
    sync::LazyLock,
};

use image::RgbImage;
use serde_json::Value;
use specimen::{
    flaw::{Flaw, flawed},
    looks::Looks,
    people::Person,
    phone::phone_jpeg,
    portrait::{Defect, Landmarks, PortraitScene, portrait},
};

const SEED: u64 = 40;
/// A name that would become markup if it were not escaped.
const UNREADABLE: &str = "<b>not&a\"picture.jpg";
const FILES: [&str; 5] = ["closed-eyes.jpg", "glare.jpg", UNREADABLE, "second-face.jpg", "thing.jpg"];

/// Left, top, right, lower edge in shares of the picture.
type Box = [f64; 4];

/// What came of one run over [`FILES`].
struct Run {
    lines: Vec<Value>,
    summary: String,
    page: String,
    status: Option<i32>,
    /// Where the drawn pictures differ from the same person's without a defect: second face, thing.
    drawn: [Box; 2],
    marks: Landmarks,
    size: [f64; 2],
}

static RUN: LazyLock<Run> = LazyLock::new(|| {
    let dir = tempfile::tempdir().unwrap();
    let looks = Person::from_seed(SEED).looks;
    let draw = |looks: &Looks, defect: Option<Defect>| {
        let clean = PortraitScene::clean(SEED).sized(900, 1200);
        portrait(looks, &defect.into_iter().fold(clean, PortraitScene::and))
    };
    let clean = draw(&looks, None);
    let second = draw(&looks, Some(Defect::SecondFace)).pixels;
    let thing = flawed(&clean, Flaw::Thing, 0.9, SEED).unwrap();
    let drawn = [&second, &thing].map(|picture| difference(&clean.pixels, picture));
    let pictures = [
        (FILES[0], draw(&looks, Some(Defect::ClosedEyes)).pixels),
        (FILES[1], draw(&looks.clone().in_glasses(0.05), Some(Defect::GlassesGlare)).pixels),
        (FILES[3], second),
        (FILES[4], thing),
    ];
    for (name, picture) in &pictures {
        fs::write(dir.path().join(name), phone_jpeg(picture, 92, 6)).unwrap();
    }
    fs::write(dir.path().join(UNREADABLE), "not a picture").unwrap();
    let output = check(dir.path(), &["--json", "--jobs", "4", "--report", "out.html"], &FILES);
    Run {
        lines: String::from_utf8(output.stdout)
            .unwrap()
            .lines()
            .map(|l| serde_json::from_str(l).unwrap())
            .collect(),
        summary: String::from_utf8(output.stderr).unwrap(),
        page: fs::read_to_string(dir.path().join("out.html")).unwrap(),
        status: output.status.code(),
        drawn,
        marks: clean.truth.landmarks,
        size: [900.0, 1200.0],
    }
});

fn command(dir: &Path, options: &[&str], files: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_zhaoyan"));
    command.current_dir(dir).args(["photo", "check"]).args(options).args(files);
    command
}

fn check(dir: &Path, options: &[&str], files: &[&str]) -> Output {
    command(dir, options, files).output().unwrap()
}

/// What encloses the pixels that differ.
fn difference(a: &RgbImage, b: &RgbImage) -> Box {
    let (w, h) = a.dimensions();
    let other = a
        .enumerate_pixels()
        .filter(|(x, y, p)| p.0.iter().zip(b.get_pixel(*x, *y).0).any(|(p, q)| p.abs_diff(q) > 30));
    other.fold([1.0, 1.0, 0.0, 0.0], |[l, t, r, d]: Box, (x, y, _)| {
        let (x, y) = (f64::from(x) / f64::from(w), f64::from(y) / f64::from(h));
        [l.min(x), t.min(y), r.max(x), d.max(y)]
    })
}

/// Where a check of the picture with that name shows its finding.
fn spot(name: &str, check: &str) -> Box {
    let line = RUN.lines.iter().find(|line| line["file"] == name).unwrap();
    let finding = line["checks"].as_array().unwrap().iter().find(|c| c["id"] == check).unwrap();
    assert_eq!(finding["outcome"], "fail", "{finding}");
    let [left, top, width, height] =
        ["left", "top", "width", "height"].map(|key| finding["spot"][key].as_f64().unwrap());
    [left, top, left + width, top + height]
}

fn middle([left, top, right, lower]: Box) -> [f64; 2] {
    [(left + right) / 2.0, (top + lower) / 2.0]
}

/// Distance of a spot's middle from the nearer eye, in distances between the eyes.
fn from_an_eye(spot: Box) -> f64 {
    let Run { marks, size, .. } = &*RUN;
    let [x, y] = middle(spot);
    let eyes = [marks.left_eye, marks.right_eye].map(|(x, y)| [f64::from(x), f64::from(y)]);
    let apart = (eyes[1][0] - eyes[0][0]).hypot(eyes[1][1] - eyes[0][1]);
    let near = |eye: [f64; 2]| (x * size[0] - eye[0]).hypot(y * size[1] - eye[1]) / apart;
    near(eyes[0]).min(near(eyes[1]))
}

/// The part that two boxes share, of the area that both cover together.
fn overlap(a: Box, b: Box) -> f64 {
    let area = |[l, t, r, d]: Box| (r - l).max(0.0) * (d - t).max(0.0);
    let shared = area([a[0].max(b[0]), a[1].max(b[1]), a[2].min(b[2]), a[3].min(b[3])]);
    shared / (area(a) + area(b) - shared)
}

#[test]
fn findings_point_at_what_was_drawn() {
    let closed = spot("closed-eyes.jpg", "eyes_open");
    assert!(from_an_eye(closed) < 0.15, "{closed:?}");
    let glare = spot("glare.jpg", "glasses_glare");
    assert!(from_an_eye(glare) < 0.45, "{glare:?}");
    let [second_face, thing] = RUN.drawn;
    let other = spot("second-face.jpg", "single_face");
    let [x, y] = middle(other);
    assert!(
        (second_face[0]..second_face[2]).contains(&x) && (second_face[1]..second_face[3]).contains(&y),
        "{other:?} {second_face:?}"
    );
    let found = spot("thing.jpg", "background_clear");
    assert!(overlap(found, thing) > 0.4, "{found:?} {thing:?}");
}

#[test]
fn lines_keep_the_order_and_a_summary_ends_the_batch() {
    let files: Vec<&str> = RUN.lines.iter().map(|line| line["file"].as_str().unwrap()).collect();
    assert_eq!(files, FILES);
    assert!(RUN.lines[2]["error"].is_string());
    assert_eq!(RUN.status, Some(2));
    assert!(RUN.summary.contains("5 pictures: 0 accepted, 4 not accepted, 1 not judged"), "{}", RUN.summary);
    assert!(RUN.summary.contains("1 × single_face"), "{}", RUN.summary);
}

#[test]
fn the_page_shows_every_picture_by_itself() {
    let page = &RUN.page;
    assert_eq!(page.matches("<section id=\"p").count(), FILES.len());
    assert!(page.contains("&lt;b&gt;not&amp;a&quot;picture.jpg") && !page.contains("<b>not"));
    // Captures and ID photos of four pictures, and their walls.
    assert_eq!(page.matches("data:image/jpeg;base64,").count(), 8);
    assert_eq!(page.matches("data:image/png;base64,").count(), 4);
    for layer in ["spots", "frame", "mesh", "pose", "wall", "glare", "limits"] {
        assert_eq!(page.matches(&format!("<g class=\"{layer}\">")).count(), 4, "{layer}");
    }
    assert!(page.contains("<span class=\"badge fail\">1</span>") && page.contains("<details>"));
    for outside in ["src=\"http", "href=\"http", "<script", "<link", "url("] {
        assert!(!page.contains(outside), "{outside}");
    }
}

#[test]
fn a_reader_that_goes_away_ends_it_quietly() {
    let dir = tempfile::tempdir().unwrap();
    let names: Vec<String> = (0..200).map(|i| format!("{i}.jpg")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    // Several times: it ends while networks are still being opened.
    for _ in 0..8 {
        let mut child = command(dir.path(), &["--json"], &names)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let end = child.wait_with_output().unwrap();
        assert_eq!((end.status.code(), String::from_utf8_lossy(&end.stderr).as_ref()), (Some(0), ""));
    }
}
