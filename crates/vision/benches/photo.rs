//! A 12-megapixel JPEG to report and ID photo, in process, with one thread and with two; and its parts alone: decoding, each network,
//! encoding once. Writes its pictures to target/bench for `bench/peers.py compare`, which times the whole beside a peer.
#![allow(clippy::unwrap_used, missing_docs)]

mod parts;

use std::{fs, path::Path};

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use domain::Standard;
use specimen::{
    people::Person,
    phone::phone_jpeg,
    portrait::{PortraitScene, portrait},
};
use vision::{
    decode::{decode, decode_for},
    model::{ModelId, Models, models_dir},
    photo::{Timing, assess},
};

const SEEDS: [u64; 2] = [100, 101];

/// The pictures: drawn once, as a phone stores them.
fn pictures() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/bench");
    fs::create_dir_all(&folder).unwrap();
    SEEDS
        .map(|seed| {
            let path = folder.join(format!("{seed}.jpg"));
            if let Ok(bytes) = fs::read(&path) {
                return bytes;
            }
            let drawn = portrait(&Person::from_seed(seed).looks, &PortraitScene::clean(seed));
            let bytes = phone_jpeg(&drawn.pixels, 95, 1);
            fs::write(&path, &bytes).unwrap();
            bytes
        })
        .into()
}

fn made_of(bytes: &[u8], standard: &Standard) -> Vec<u8> {
    let models = Models::open(&models_dir(), 1).unwrap();
    assess(&models, &decode_for(bytes, &standard.photo).unwrap(), standard).unwrap().photo.unwrap().jpeg
}

fn photo(c: &mut Criterion) {
    let standard = Standard::from_toml("chengkao", include_str!("../../../standards/chengkao.toml")).unwrap();
    let pictures = pictures();
    let made = decode(&made_of(&pictures[0], &standard)).unwrap().pixels;
    let mut group = c.benchmark_group("photo");
    group.sample_size(15);
    for threads in [1, 2] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let models = Models::open(&models_dir(), 1).unwrap();
        group.bench_function(BenchmarkId::new("whole", threads), |b| {
            b.iter(|| {
                pool.install(|| {
                    for bytes in &pictures {
                        let capture = decode_for(bytes, &standard.photo).unwrap();
                        let assessment = assess(&models, &capture, &standard).unwrap();
                        assert!(assessment.photo.is_some());
                        std::hint::black_box(standard.judge(&assessment.measures));
                    }
                });
            });
        });
    }
    let models = Models::open(&models_dir(), 1).unwrap();
    for id in [ModelId::FaceDetector, ModelId::FaceMesh, ModelId::Iris, ModelId::Segmenter] {
        group.bench_function(BenchmarkId::new("network", id.key()), |b| {
            b.iter(|| parts::infer(&models, id).unwrap())
        });
    }
    group.bench_function("decode", |b| b.iter(|| decode_for(&pictures[0], &standard.photo).unwrap()));
    group.bench_function("encode", |b| b.iter(|| parts::encoded(&made).unwrap()));
    group.finish();
    // Where the time goes: the medians of some rounds.
    for threads in [1, 2] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let mut rounds: Vec<Timing> = (0..24)
            .map(|round| {
                let bytes = &pictures[round % pictures.len()];
                let capture = decode_for(bytes, &standard.photo).unwrap();
                pool.install(|| assess(&models, &capture, &standard)).unwrap().timing
            })
            .collect();
        let mut median = |of: fn(&Timing) -> f64| {
            rounds.sort_by(|a, b| of(a).total_cmp(&of(b)));
            of(&rounds[rounds.len() / 2])
        };
        println!(
            "stages with {threads} threads, ms: decode {:.1}, detect {:.1}, mesh {:.1}, matte {:.1}, frame {:.1}, measure {:.1}, make {:.1}; total {:.1}",
            median(|t| t.decode),
            median(|t| t.detect),
            median(|t| t.mesh),
            median(|t| t.matte),
            median(|t| t.frame),
            median(|t| t.measure),
            median(|t| t.make),
            median(|t| t.total),
        );
    }
}

criterion_group!(benches, photo);
criterion_main!(benches);
