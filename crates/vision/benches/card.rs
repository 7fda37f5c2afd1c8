//! One side of an identity card from a 12-megapixel JPEG to its fields, in process, with one thread and with two. Writes its pictures
//! and what is printed on them to target/bench/cards for `bench/peers.py compare`.
#![allow(clippy::unwrap_used, missing_docs)]

use std::{fs, path::Path};

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use specimen::{
    capture::{CardScene, capture},
    card::{Side, emblem_side, portrait_side},
    people::Person,
};
use vision::{
    card::{read_emblem_side, read_portrait_side, take},
    model::{Models, models_dir},
};

const SEEDS: [u64; 4] = [100, 101, 104, 105];

/// A picture of one side, and whose it is.
struct Shot {
    side: Side,
    person: Person,
    jpeg: Vec<u8>,
}

/// Drawn once, as a phone stores them, with the truth beside them.
fn shots() -> Vec<Shot> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/bench/cards");
    fs::create_dir_all(&folder).unwrap();
    let mut truth = Vec::new();
    let mut shots = Vec::new();
    for seed in SEEDS {
        let person = Person::from_seed(seed);
        for side in [Side::Portrait, Side::Emblem] {
            let name = format!("{seed}-{}.jpg", if side == Side::Portrait { "portrait" } else { "emblem" });
            let path = folder.join(&name);
            let jpeg = fs::read(&path).unwrap_or_else(|_| {
                let art = match side {
                    Side::Portrait => portrait_side(&person),
                    Side::Emblem => emblem_side(&person),
                };
                let jpeg = capture(&art.unwrap(), &CardScene::clean(seed)).jpeg();
                fs::write(&path, &jpeg).unwrap();
                jpeg
            });
            let fields = match side {
                Side::Portrait => serde_json::json!({
                    "name": person.name, "sex": person.sex_printed(), "ethnicity": person.ethnicity,
                    "birth_date": person.birth_date, "address": person.address, "number": person.number,
                }),
                Side::Emblem => {
                    serde_json::json!({ "authority": person.authority, "validity": person.validity() })
                }
            };
            truth.push(serde_json::json!({ "file": name, "fields": fields }).to_string());
            shots.push(Shot { side, person: person.clone(), jpeg });
        }
    }
    fs::write(folder.join("truth.jsonl"), truth.join("\n")).unwrap();
    shots
}

/// Reads the picture, and holds what was read against what is printed.
fn read(models: &Models, shot: &Shot) {
    let person = &shot.person;
    match shot.side {
        Side::Portrait => {
            let (_, reading) = take(&shot.jpeg, |c| read_portrait_side(models, c)).unwrap();
            let side = reading.side;
            assert_eq!(side.number.unwrap().as_str(), person.number);
            assert_eq!(side.name.unwrap().as_str(), person.name);
            assert_eq!(side.address.unwrap(), person.address);
            assert_eq!(side.ethnicity.unwrap().name(), person.ethnicity);
            assert_eq!(side.birth_date.unwrap(), person.birth_date);
            assert_eq!(side.sex.unwrap().label(), person.sex_printed());
        }
        Side::Emblem => {
            let (_, reading) = take(&shot.jpeg, |c| read_emblem_side(models, c)).unwrap();
            assert_eq!(reading.side.authority.unwrap(), person.authority);
            assert_eq!(reading.side.valid_from.unwrap(), person.valid_from);
        }
    }
}

fn card(c: &mut Criterion) {
    let shots = shots();
    let mut group = c.benchmark_group("card");
    group.sample_size(15);
    for threads in [1, 2] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let models = Models::open(&models_dir(), 1).unwrap();
        for (name, side) in [("portrait", Side::Portrait), ("emblem", Side::Emblem)] {
            group.bench_function(BenchmarkId::new(name, threads), |b| {
                b.iter(|| {
                    pool.install(|| shots.iter().filter(|s| s.side == side).for_each(|s| read(&models, s)));
                });
            });
        }
    }
    group.finish();
}

criterion_group!(benches, card);
criterion_main!(benches);
