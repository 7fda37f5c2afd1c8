//! The register tells the drawn people apart with the product's own networks.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use partners::identity::Answer;
use sandbox::{
    SandboxConfig, VisionFaces,
    specimens::{Kind, Size, draw},
};
use uuid::Uuid;
use vision::model::{Models, models_dir};

use crate::running::Running;

fn models() -> Option<Models> {
    let dir = models_dir();
    if !dir.join("files").is_dir() {
        eprintln!("skipped: {} has no files; run `make models`", dir.display());
        return None;
    }
    Some(Models::open(&dir, 2).unwrap())
}

#[tokio::test]
async fn every_candidate_is_confirmed_with_a_good_portrait_and_refused_with_anothers() {
    let Some(models) = models() else { return };
    let sandbox = Running::with(SandboxConfig::default(), Arc::new(VisionFaces::new(models))).await;
    let begun = Instant::now();
    while sandbox.get("/healthz").await["register_filled"] != true {
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    eprintln!("the register was filled after {:?}", begun.elapsed());
    let begun = Instant::now();
    let mut wrong = Vec::new();
    let (mut least_same, mut most_other) = (100.0f32, 0.0f32);
    for (index, candidate) in sandbox.candidates.iter().enumerate() {
        let other = &sandbox.candidates[(index + 1) % sandbox.candidates.len()];
        for kind in [Kind::Portrait, Kind::OtherPerson] {
            let photo = draw(&candidate.person, &other.person, kind, Size::Small).unwrap();
            match (kind, sandbox.ask(index, Uuid::new_v4(), &photo).await) {
                (Kind::Portrait, Answer::Confirmed { similarity, .. }) => {
                    least_same = least_same.min(similarity);
                }
                (Kind::OtherPerson, Answer::SaysNo { similarity, .. }) => {
                    most_other = most_other.max(similarity.unwrap_or(0.0));
                }
                (kind, answer) => wrong.push((candidate.id.clone(), kind, answer)),
            }
        }
    }
    eprintln!("least same {least_same}, most other {most_other}, {:?}", begun.elapsed());
    assert!(wrong.is_empty(), "{wrong:#?}");
}
