//! The matte against drawn truth. ZHAOYAN_SEEDS sets how many people are drawn.

use image::{GrayImage, RgbImage};
use specimen::{
    people::Person,
    portrait::{Defect, PortraitScene, portrait},
};

use super::*;
use crate::{
    face,
    model::models_dir,
    work::{Work, shrink},
};

/// Mean absolute errors: of the refined matte and of the segmenter's mask merely enlarged, in the unknown band and over the picture.
struct Errors {
    band: [f64; 2],
    whole: [f64; 2],
}

/// Pixels to either side of what the truth leaves open that count as unknown.
const BAND: usize = 6;

fn truth_of(alpha: &GrayImage, work: &Work) -> Plane {
    let three =
        RgbImage::from_fn(alpha.width(), alpha.height(), |x, y| image::Rgb([alpha.get_pixel(x, y).0[0]; 3]));
    let (w, h) = work.pixels.dimensions();
    let area = [work.origin.x, work.origin.y, w as f32 / work.scale[0], h as f32 / work.scale[1]];
    let small = shrink(&three, area, [w, h]);
    Plane::from_fn(w as usize, h as usize, |x, y| f32::from(small.get_pixel(x as u32, y as u32).0[0]) / 255.0)
}

fn errors(models: &Models, seed: u64, busy: bool) -> Errors {
    let scene = PortraitScene::clean(seed).sized(1008, 1344);
    let scene = if busy { scene.and(Defect::BusyBackground) } else { scene };
    let drawn = portrait(&Person::from_seed(seed).looks, &scene);
    let found = face::detect(models, &drawn.pixels).unwrap();
    let work = Work::around(&drawn.pixels, &found[0]);
    let mesh = face::mesh(models, &work.pixels, &work.face(&found[0])).unwrap();
    let matte = matte(models, &work.pixels, mesh.points[4].flat()).unwrap();
    let truth = truth_of(&drawn.truth.alpha, &work);
    let raw = segment(models, &work.pixels).unwrap().resized(truth.width, truth.height);
    let open = Plane::from_fn(truth.width, truth.height, |x, y| {
        f32::from(u8::from((0.02..0.98).contains(&truth.at(x, y))))
    })
    .blurred(BAND);
    let mean = |alpha: &Plane, of: &dyn Fn(usize) -> bool| {
        let picked: Vec<f64> = (0..truth.data.len())
            .filter(|i| of(*i))
            .map(|i| f64::from((alpha.data[i] - truth.data[i]).abs()))
            .collect();
        picked.iter().sum::<f64>() / picked.len().max(1) as f64
    };
    let both = |of: &dyn Fn(usize) -> bool| [&matte.alpha, &raw].map(|alpha| mean(alpha, of));
    let unknown = |i: usize| open.data[i] > 1e-3;
    Errors { band: both(&unknown), whole: both(&|_| true) }
}

#[test]
fn the_matte_is_near_the_drawn_truth_on_even_and_on_busy_walls() {
    let seeds = std::env::var("ZHAOYAN_SEEDS").ok().and_then(|s| s.parse().ok()).unwrap_or(4u64);
    let models = Models::open(&models_dir(), 2).unwrap();
    for busy in [false, true] {
        let all: Vec<Errors> = (900..900 + seeds).map(|seed| errors(&models, seed, busy)).collect();
        let mean = |of: &dyn Fn(&Errors) -> f64| all.iter().map(of).sum::<f64>() / all.len() as f64;
        let [band, raw_band] = [0, 1].map(|k| mean(&|e| e.band[k]));
        let [whole, raw_whole] = [0, 1].map(|k| mean(&|e| e.whole[k]));
        println!(
            "busy {busy}: unknown band {band:.4} (mask alone {raw_band:.4}), whole picture {whole:.5} (mask alone {raw_whole:.5})"
        );
        // A furnished room is refused anyway; there the matte has to be no worse than the mask that it starts from.
        let bounds = if busy { [raw_band, raw_whole] } else { [0.06f64.min(raw_band / 3.0), 0.004] };
        assert!(band < bounds[0] && whole < bounds[1], "busy {busy}: {band} {whole}");
    }
}
