//! The pictures that the warning before an attempt compares, of drawn people: the portrait cut from a photographed card, and the ID photo.

use std::{
    fs,
    path::Path,
    sync::atomic::{AtomicUsize, Ordering},
};

use anyhow::Context as _;
use domain::Standard;
use rayon::prelude::*;
use specimen::{
    capture::{CardScene, capture},
    card::portrait_side,
    people::Person,
    phone::phone_jpeg,
    portrait::{PortraitScene, portrait},
};
use vision::{
    card::read_portrait_side,
    decode::decode,
    model::Models,
    photo::{assess, take},
    preview::jpeg,
};

/// Where the seeds of these people begin.
const FROM: u64 = 90_000;

/// Draws `count` people and writes two pictures of each into `out`, named for `zhaoyan face distance-table`: `p90000_card.jpg`, cut by the
/// card reader from a capture of the card, and `p90000_photo.jpg`, made by the standard from a capture of another day. Says of how
/// many people both could be made.
pub fn write(
    models: &Models,
    standard: &Standard,
    count: u64,
    out: &Path,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> anyhow::Result<usize> {
    fs::create_dir_all(out).with_context(|| format!("{} cannot be made", out.display()))?;
    let done = AtomicUsize::new(0);
    let made: Vec<bool> = (0..count)
        .into_par_iter()
        .map(|number| {
            let made = pictures(models, standard, FROM + number, out)?;
            progress(done.fetch_add(1, Ordering::Relaxed) + 1, count as usize);
            Ok(made)
        })
        .collect::<anyhow::Result<_>>()?;
    Ok(made.into_iter().filter(|made| *made).count())
}

fn pictures(models: &Models, standard: &Standard, seed: u64, out: &Path) -> anyhow::Result<bool> {
    let person = Person::from_seed(seed);
    // A quarter of a phone's pixels: still more than the card is laid flat to, and drawn in a quarter of the time.
    let scene = CardScene::clean(seed);
    let scene = scene.clone().sized(scene.width / 2, scene.height / 2);
    let card = capture(&portrait_side(&person)?, &scene).jpeg();
    let on_card = read_portrait_side(models, &decode(&card)?).ok().and_then(|reading| reading.portrait);
    let drawn = portrait(&person.looks, &PortraitScene::clean(seed).sized(900, 1200));
    let (_, assessment, ()) = take(&phone_jpeg(&drawn.pixels, 92, 6), standard, |capture| {
        anyhow::Ok((assess(models, capture, standard)?, ()))
    })?;
    let (Some(on_card), Some(photo)) = (on_card.and_then(|pixels| jpeg(&pixels, 92)), assessment.photo)
    else {
        return Ok(false);
    };
    for (name, bytes) in [("card", &on_card), ("photo", &photo.jpeg)] {
        let path = out.join(format!("p{seed}_{name}.jpg"));
        fs::write(&path, bytes).with_context(|| format!("{} cannot be written", path.display()))?;
    }
    Ok(true)
}
