//! Rounds for `bench/peers.py compare`, which lets them alternate with those of a peer, so that whatever else the machine does falls on all
//! alike: `photo_rounds THREADS FILE...`. Each line of the input that says `whole` has every file turned into report and photo, each that
//! says `parts` has the parts done that this cannot do without: decoding, the networks, encoding once. The answer is a line with the
//! milliseconds for all files together.

#[path = "../benches/parts/mod.rs"]
mod parts;

use std::{
    fs,
    io::{self, BufRead, Write},
    time::Instant,
};

use anyhow::{Context, Result, bail};
use domain::Standard;
use vision::{
    decode::{decode, decode_for},
    model::{ModelId, Models, models_dir},
    photo::assess,
};

fn main() -> Result<()> {
    let mut words = std::env::args().skip(1);
    let threads: usize = words.next().context("say how many threads")?.parse()?;
    let files: Vec<Vec<u8>> = words.map(fs::read).collect::<io::Result<_>>()?;
    let standard = Standard::from_toml("chengkao", include_str!("../../../standards/chengkao.toml"))?;
    let models = Models::open(&models_dir(), 1)?;
    let whole = |file: &[u8]| -> Result<Vec<u8>> {
        let assessment = assess(&models, &decode_for(file, &standard.photo)?, &standard)?;
        std::hint::black_box(standard.judge(&assessment.measures));
        Ok(assessment.photo.context("no photo was made")?.jpeg)
    };
    let photo = decode(&whole(files.first().context("name files")?)?)?.pixels;
    let parts = |file: &[u8], networks: fn(&Models) -> Result<()>| -> Result<()> {
        std::hint::black_box(decode_for(file, &standard.photo)?);
        networks(&models)?;
        std::hint::black_box(parts::encoded(&photo)?);
        Ok(())
    };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build()?;
    for line in io::stdin().lock().lines() {
        let begun = Instant::now();
        match line?.as_str() {
            "whole" => pool.install(|| files.iter().try_for_each(|file| whole(file).map(|_| ())))?,
            "parts" => pool.install(|| files.iter().try_for_each(|file| parts(file, side_by_side)))?,
            "alone" => pool.install(|| files.iter().try_for_each(|file| parts(file, one_by_one)))?,
            other => bail!("whole, parts or alone, not {other}"),
        }
        println!("{}", begun.elapsed().as_secs_f64() * 1e3);
        io::stdout().flush()?;
    }
    Ok(())
}

/// The networks as a photo of one person before an even wall needs them, side by side where none waits for another.
fn side_by_side(models: &Models) -> Result<()> {
    parts::infer(models, ModelId::FaceDetector)?;
    let iris = || parts::infer(models, ModelId::Iris);
    let face = || {
        parts::infer(models, ModelId::FaceMesh)?;
        let (right, left) = rayon::join(iris, iris);
        right.and(left)
    };
    let (face, matte) = rayon::join(face, || parts::infer(models, ModelId::Segmenter));
    face.and(matte)
}

/// The same networks, each alone.
fn one_by_one(models: &Models) -> Result<()> {
    use ModelId::{FaceDetector, FaceMesh, Iris, Segmenter};
    [FaceDetector, FaceMesh, Iris, Iris, Segmenter]
        .into_iter()
        .try_for_each(|model| parts::infer(models, model))
}
