//! Draws portraits into a folder: `cargo run -p specimen --example portrait -- DIR [FIRST] [COUNT] [WIDTH] [DEFECT] [STRENGTH]`, each as
//! PNG with its alpha and its truth as JSON.

use std::{fs, path::PathBuf, time::Instant};

use anyhow::{Context, Result};
use specimen::{
    looks::{Looks, Sex},
    portrait::{Defect, PortraitScene, card_portrait, portrait},
};

const DEFECTS: [(&str, Defect); 18] = [
    ("closed_eyes", Defect::ClosedEyes),
    ("open_mouth", Defect::OpenMouth),
    ("turned_head", Defect::TurnedHead),
    ("tilted_head", Defect::TiltedHead),
    ("nodding_head", Defect::NoddingHead),
    ("smile", Defect::Smile),
    ("side_light", Defect::SideLight),
    ("busy_background", Defect::BusyBackground),
    ("second_face", Defect::SecondFace),
    ("blur", Defect::Blur),
    ("look_away", Defect::LookAway),
    ("tilted_shoulders", Defect::TiltedShoulders),
    ("fringe", Defect::Fringe),
    ("hair_over_eye", Defect::HairOverEye),
    ("hair_over_ears", Defect::HairOverEars),
    ("tinted_glasses", Defect::TintedGlasses),
    ("glasses_glare", Defect::GlassesGlare),
    ("headwear", Defect::Headwear),
];

fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let dir = PathBuf::from(words.first().context("name a folder")?);
    let number = |k: usize, or: u64| words.get(k).map_or(Ok(or), |w| w.parse());
    let (first, count, width) = (number(1, 0)?, number(2, 1)?, number(3, 3024)? as u32);
    let defect = words.get(4).and_then(|w| DEFECTS.iter().find(|d| d.0 == w));
    let strength: f32 = words.get(5).map_or(Ok(1.0), |w| w.parse())?;
    fs::create_dir_all(&dir)?;
    for seed in first..first + count {
        let sex = if seed.is_multiple_of(2) { Sex::Female } else { Sex::Male };
        let looks = Looks::from_seed(seed, sex, 18 + (seed * 17 % 43) as u8);
        let mut scene = PortraitScene::clean(seed).sized(width, width * 4 / 3);
        let mut name = format!("{seed:03}");
        if let Some((word, defect)) = defect {
            scene = scene.and_graded(*defect, strength);
            name = format!("{name}_{word}_{:03}", (strength * 100.0) as u32);
        }
        let begun = Instant::now();
        let picture = portrait(&looks, &scene);
        println!("{name}: {} ms", begun.elapsed().as_millis());
        picture.pixels.save(dir.join(format!("{name}.png")))?;
        picture.truth.alpha.save(dir.join(format!("{name}_alpha.png")))?;
        fs::write(dir.join(format!("{name}.json")), serde_json::to_string(&picture.truth)?)?;
        if defect.is_none() {
            card_portrait(&looks).save(dir.join(format!("{name}_card.png")))?;
        }
    }
    Ok(())
}
