//! Draws cards and their captures into a folder: `cargo run -p specimen --example draw_cards -- FOLDER FIRST_SEED COUNT`.

use std::path::PathBuf;

use specimen::capture::{CardDefect, CardScene, capture};
use specimen::card::{emblem_side, portrait_side};
use specimen::foreigner::{self, Foreigner, Form};
use specimen::people::Person;
use specimen::permit::{self, PermitHolder};

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().unwrap_or_else(|| "cards".into()));
    let first: u64 = arguments.next().map_or(Ok(0), |a| a.parse())?;
    let count: u64 = arguments.next().map_or(Ok(4), |a| a.parse())?;
    std::fs::create_dir_all(&folder)?;
    for seed in first..first + count {
        let holder = PermitHolder::from_seed(seed);
        permit::portrait_side(&holder)?.pixels.save(folder.join(format!("{seed}-permit-portrait.png")))?;
        permit::emblem_side(&holder)?.pixels.save(folder.join(format!("{seed}-permit-emblem.png")))?;
        for (year, form) in [(2017, Form::Of2017), (2023, Form::Of2023)] {
            let holder = Foreigner::from_seed(seed, form);
            let file = |side: &str| folder.join(format!("{seed}-foreigner-{year}-{side}.png"));
            foreigner::portrait_side(&holder)?.pixels.save(file("portrait"))?;
            foreigner::emblem_side(&holder)?.pixels.save(file("emblem"))?;
        }
        let person = Person::from_seed(seed);
        for (name, art) in [("portrait", portrait_side(&person)?), ("emblem", emblem_side(&person)?)] {
            art.pixels.save(folder.join(format!("{seed}-{name}.png")))?;
            let scenes = [
                ("clean", CardScene::clean(seed)),
                ("cropped", CardScene::with_defect(seed, CardDefect::Cropped)),
                ("glare", CardScene::with_defect(seed, CardDefect::Glare)),
                ("blur", CardScene::with_defect(seed, CardDefect::Blur)),
                ("finger", CardScene::with_defect(seed, CardDefect::Finger)),
                ("photocopy", CardScene::with_defect(seed, CardDefect::Photocopy)),
                ("screen", CardScene::with_defect(seed, CardDefect::Screen)),
                ("edited", CardScene::with_defect(seed, CardDefect::Edited)),
                ("varied", CardScene::varied(seed)),
            ];
            for (kind, scene) in scenes {
                let jpeg = capture(&art, &scene).jpeg();
                std::fs::write(folder.join(format!("{seed}-{name}-{kind}.jpg")), jpeg)?;
            }
        }
    }
    Ok(())
}
