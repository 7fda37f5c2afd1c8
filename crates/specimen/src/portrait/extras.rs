//! What a scene's defects do to a person: where the eyes look, how hair falls, what is worn.

use rand::{Rng, SeedableRng, seq::IndexedRandom};
use rand_chacha::ChaCha8Rng;

use crate::looks::{Glasses, Looks};

use super::{
    Defect,
    glasses::{Glare, Lens},
    headwear::{COLOURS, Headwear, Kind},
    light::linear,
    locks::Lock,
    vector::lerp,
};

/// Additions to a person; the default adds nothing.
#[derive(Debug, Clone, Default)]
pub(crate) struct Extras {
    /// Degrees that the eyes look away from the camera, to the picture's right and up.
    pub gaze: (f32, f32),
    /// Degrees that the shoulders' line falls to the picture's right.
    pub shoulders: f32,
    pub locks: Vec<Lock>,
    pub lens: Option<Lens>,
    pub headwear: Option<Headwear>,
}

impl Extras {
    /// What `defects`, each with its strength, add; chances come from `seed`, the same ones whatever the defects.
    pub fn draw(defects: &[(Defect, f32)], seed: u64) -> Extras {
        let mut rng = ChaCha8Rng::seed_from_u64(seed ^ 0x6578_7472_6173);
        let strength = |d: Defect| defects.iter().find(|x| x.0 == d).map(|x| x.1);
        let side = if rng.random_bool(0.5) { 1.0f32 } else { -1.0 };
        let way = *[(1.0f32, 0.0f32), (-1.0, 0.0), (0.95, 0.3), (-0.95, 0.3), (0.95, -0.2)]
            .choose(&mut rng)
            .unwrap_or(&(1.0, 0.0));
        let both_ears = rng.random_bool(0.5);
        let long: f32 = rng.random_range(-14.0..-3.5);
        let tint = *TINTS.choose(&mut rng).unwrap_or(&TINTS[0]);
        let lower: f32 = if rng.random_bool(0.3) { rng.random_range(0.6..0.9) } else { 1.0 };
        let glare = Glare {
            at: (rng.random_range(-0.45..0.45), rng.random_range(-0.35..0.5)),
            size: (rng.random_range(0.8..1.5), rng.random_range(0.6..1.0)),
            turn: rng.random_range(-0.5..0.5),
            squareness: if rng.random_bool(0.5) { 2.0 } else { 7.0 },
            bright: rng.random_range(0.8..1.0),
        };
        let kind = *Kind::ALL.choose(&mut rng).unwrap_or(&Kind::Cap);
        let colour = linear(*COLOURS.choose(&mut rng).unwrap_or(&COLOURS[0]));
        let half: f32 = rng.random_range(5.2..6.4);

        let mut extras = Extras::default();
        if let Some(s) = strength(Defect::LookAway) {
            extras.gaze = (way.0 * 30.0 * s, way.1 * 30.0 * s);
        }
        if let Some(s) = strength(Defect::TiltedShoulders) {
            extras.shoulders = side * 15.0 * s;
        }
        if let Some(s) = strength(Defect::Fringe) {
            extras.locks.push(Lock::Fringe { from: -half, to: half, end: lerp(7.1, 1.7, s) });
        }
        if let Some(s) = strength(Defect::HairOverEye) {
            let (a, b) = (side * 0.6, side * 6.6);
            extras.locks.push(Lock::Fringe { from: a.min(b), to: a.max(b), end: lerp(5.2, 0.2, s) });
        }
        if let Some(s) = strength(Defect::HairOverEars) {
            for right in [false, true] {
                if both_ears || right == (side > 0.0) {
                    extras.locks.push(Lock::Curtain { right, edge: lerp(9.5, 7.0, s), end: long });
                }
            }
        }
        let tinted = strength(Defect::TintedGlasses);
        let glaring = strength(Defect::GlassesGlare);
        if tinted.is_some() || glaring.is_some() {
            let size = |k: f32, s: f32| k * s.max(0.02);
            extras.lens = Some(Lens {
                tint: tint.0,
                dark: tinted.map_or(0.0, |s| s * tint.1),
                lower,
                glare: glaring
                    .map(|s| Glare { size: (size(glare.size.0, s), size(glare.size.1, s)), ..glare }),
            });
        }
        extras.headwear = strength(Defect::Headwear).map(|size| Headwear { kind, colour, size });
        extras
    }

    /// Whether they need glasses to show.
    pub fn need_glasses(defects: &[(Defect, f32)]) -> bool {
        defects.iter().any(|(d, _)| matches!(d, Defect::TintedGlasses | Defect::GlassesGlare))
    }
}

/// Colours of tinted lenses (sRGB) and how much light the deepest tint keeps back.
const TINTS: [([f32; 3], f32); 7] = [
    ([0.07, 0.07, 0.08], 0.92),
    ([0.10, 0.10, 0.11], 0.80),
    ([0.17, 0.10, 0.05], 0.85),
    ([0.07, 0.13, 0.10], 0.85),
    ([0.09, 0.13, 0.30], 0.75),
    ([0.60, 0.42, 0.06], 0.60),
    ([0.62, 0.18, 0.30], 0.60),
];

/// The same person in glasses: those usually worn, or some that suit the seed.
pub(crate) fn in_glasses(looks: &Looks, seed: u64) -> Looks {
    let mut rng = ChaCha8Rng::seed_from_u64(seed ^ 0x676c_6173_7365);
    let mut looks = looks.clone();
    looks.glasses.get_or_insert_with(|| Glasses::draw(&mut rng));
    looks
}
