//! The matte against drawn truth. ZHAOYAN_SEEDS sets how many people are drawn, ZHAOYAN_DUMP a folder for pictures to look at.

use image::{GrayImage, RgbImage};
use specimen::{
    people::Person,
    portrait::{Defect, PortraitScene, portrait},
};

use super::*;
use crate::{
    face,
    framing::{Framing, Head},
    id_photo,
    model::models_dir,
    work::{Halves, Work, averaged},
};

/// Mean absolute errors: of the refined matte and of the segmenter's mask merely enlarged, in the unknown band and over the picture.
struct Errors {
    band: [f64; 2],
    whole: [f64; 2],
}

/// Pixels to either side of what the truth leaves open that count as unknown.
const BAND: usize = 6;

fn truth_of(alpha: &GrayImage, work: &Work<'_>) -> Plane {
    let three =
        RgbImage::from_fn(alpha.width(), alpha.height(), |x, y| image::Rgb([alpha.get_pixel(x, y).0[0]; 3]));
    let (w, h) = work.pixels.dimensions();
    let far = [w, h].map(|side| side as f32 / work.scale);
    let area = [work.origin.x, work.origin.y, far[0], far[1]];
    let small = averaged(&three, area, [w, h]).unwrap();
    Plane::from_fn(w as usize, h as usize, |x, y| f32::from(small.get_pixel(x as u32, y as u32).0[0]) / 255.0)
}

fn errors(models: &Models, seed: u64, busy: bool) -> Errors {
    // Every second one large enough that the working copy is a halved one.
    let [w, h] = if seed.is_multiple_of(2) { [1008, 1344] } else { [1512, 2016] };
    let scene = PortraitScene::clean(seed).sized(w, h);
    let scene = if busy { scene.and(Defect::BusyBackground) } else { scene };
    let drawn = portrait(&Person::from_seed(seed).looks, &scene);
    let found = face::detect(models, &drawn.pixels).unwrap();
    let halves = Halves::of(&drawn.pixels);
    let work = Work::around(&halves, &found[0]);
    let matte = matte(models, &work, &work.face(&found[0])).unwrap();
    let truth = truth_of(&drawn.truth.alpha, &work);
    let raw = look::whole(models, &work.pixels).unwrap();
    let (u, v) = (raw.width as f32 / truth.width as f32, raw.height as f32 / truth.height as f32);
    let raw = Plane::from_fn(truth.width, truth.height, |x, y| {
        raw.sample((x as f32 + 0.5) * u, (y as f32 + 0.5) * v)
    });
    let open = Plane::from_fn(truth.width, truth.height, |x, y| {
        f32::from(u8::from((0.02..0.98).contains(&truth.at(x, y))))
    })
    .blurred(BAND);
    if let Ok(dir) = std::env::var("ZHAOYAN_DUMP") {
        let name = |what: &str| format!("{dir}/{seed}_{}_{what}.png", if busy { "busy" } else { "even" });
        work.pixels.save(name("work")).unwrap();
        for (what, plane) in [("truth", &truth), ("mask", &raw), ("alpha", &matte.alpha)] {
            let byte = |x: u32, y: u32| (plane.at(x as usize, y as usize) * 255.0) as u8;
            let (w, h) = work.pixels.dimensions();
            GrayImage::from_fn(w, h, |x, y| image::Luma([byte(x, y)])).save(name(what)).unwrap();
        }
    }
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
        assert!(band < 0.06f64.min(raw_band / 3.0) && whole < 0.004, "busy {busy}: {band} {whole}");
    }
}

/// The made photo of somebody before a saturated green wall against the same person cut out by the truth, both on white.
#[test]
fn a_green_wall_leaves_no_green_rim() {
    use palette::{IntoColor, Lab, Srgb, color_difference::Ciede2000};

    let seeds = std::env::var("ZHAOYAN_SEEDS").ok().and_then(|s| s.parse().ok()).unwrap_or(4u64);
    let models = Models::open(&models_dir(), 2).unwrap();
    let standard =
        domain::Standard::from_toml("chengkao", include_str!("../../../../standards/chengkao.toml")).unwrap();
    let mut rims = Vec::new();
    for seed in 900..900 + seeds {
        let before = |wall: [u8; 3]| {
            portrait(
                &Person::from_seed(seed).looks,
                &PortraitScene::clean(seed).sized(1512, 2016).before(wall),
            )
        };
        let (green, white) = (before([0, 177, 64]), before([255; 3]));
        let found = face::detect(&models, &green.pixels).unwrap();
        let halves = Halves::of(&green.pixels);
        let work = Work::around(&halves, &found[0]);
        let mesh = face::mesh(&models, &work.pixels, &work.face(&found[0])).unwrap();
        let matte = matte(&models, &work, &work.face(&found[0])).unwrap();
        let framing = Framing::solve(Head::read(&mesh, &matte, &work), &matte, &work, &standard);
        let rendered = |pixels: &RgbImage, matte: &Matte| {
            id_photo::render(pixels, &work, matte, &framing, [255; 3]).unwrap()
        };
        let whole = testing::matte(Plane::from_fn(matte.alpha.width, matte.alpha.height, |_, _| 1.0));
        let made = rendered(&green.pixels, &matte);
        let ideal = rendered(&white.pixels, &whole);
        let alpha =
            RgbImage::from_fn(1512, 2016, |x, y| image::Rgb([green.truth.alpha.get_pixel(x, y).0[0]; 3]));
        let alpha = rendered(&alpha, &whole);
        let lab = |p: &image::Rgb<u8>| -> Lab { Srgb::from(p.0).into_format::<f32>().into_color() };
        let rim: Vec<f32> = made
            .pixels()
            .zip(ideal.pixels())
            .zip(alpha.pixels())
            .filter(|(_, alpha)| (5..250).contains(&alpha.0[0]))
            .map(|((made, ideal), _)| lab(made).difference(lab(ideal)))
            .collect();
        rims.push(rim.iter().sum::<f32>() / rim.len() as f32);
        if let Ok(dir) = std::env::var("ZHAOYAN_DUMP") {
            for (what, picture) in [("made", &made), ("ideal", &ideal)] {
                picture.save(format!("{dir}/rim_{seed}_{what}.png")).unwrap();
            }
            green.pixels.save(format!("{dir}/rim_{seed}_green.png")).unwrap();
        }
    }
    let mean = rims.iter().sum::<f32>() / rims.len() as f32;
    println!("rim: {mean:.2} on average, {rims:.2?}");
    assert!(mean < 4.0, "{rims:?}");
}
