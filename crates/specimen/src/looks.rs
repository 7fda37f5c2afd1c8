//! What a drawn person looks like: every trait that stays with the person from picture to picture, drawn from a seed.

use rand::{Rng, SeedableRng, seq::IndexedRandom};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

/// Sex of a drawn person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sex {
    /// 女
    Female,
    /// 男
    Male,
}

/// A drawn person's face, skin, eyes, hair and glasses. Clothes, wall and light belong to the scene.
#[derive(Debug, Clone, PartialEq)]
pub struct Looks {
    pub(crate) seed: u64,
    pub(crate) sex: Sex,
    pub(crate) age: u8,
    pub(crate) shape: Shape,
    pub(crate) skin: Skin,
    pub(crate) brows: Brows,
    pub(crate) eyes: Eyes,
    pub(crate) hair: Hair,
    pub(crate) beard: Beard,
    pub(crate) glasses: Option<Glasses>,
}

/// What others see of a person at a glance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Traits {
    /// How light the skin is.
    pub skin: SkinTone,
    /// The hair on the head.
    pub hair: HairLook,
    /// More than two fifths of the hair are grey.
    pub grey: bool,
    /// Grown hair on lip or chin.
    pub beard: bool,
    /// Deep wrinkles or bags under the eyes.
    pub lined: bool,
    /// Freckles.
    pub freckled: bool,
    /// Clear glasses.
    pub glasses: bool,
}

/// Lightness of a drawn skin, coded: light from 0.72 on, middle from 0.55 on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum SkinTone {
    Light,
    Middle,
    Dark,
}

/// How hair is worn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HairLook {
    /// Bald.
    None,
    /// Up to two centimetres.
    Short,
    /// Parted, combed back, or curly.
    Middle,
    /// To the jaw or longer, or tied.
    Long,
}

/// How the face differs from the canonical one; lengths in centimetres of canonical space, the rest as factors around 0.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Shape {
    pub width: f32,
    pub height: f32,
    pub jaw: f32,
    pub chin_width: f32,
    pub chin_height: f32,
    pub chin_forward: f32,
    pub cheekbones: f32,
    pub cheek_fullness: f32,
    pub forehead: f32,
    pub eye_width: f32,
    pub eye_height: f32,
    pub eye_spacing: f32,
    pub eye_lift: f32,
    pub eye_tilt: f32,
    pub brow_lift: f32,
    pub brow_ridge: f32,
    pub nose_length: f32,
    pub nose_width: f32,
    pub nose_bridge: f32,
    pub nose_tip: f32,
    pub nose_upturn: f32,
    pub mouth_width: f32,
    pub mouth_lift: f32,
    pub upper_lip: f32,
    pub lower_lip: f32,
    pub corner_lift: f32,
    pub ear_size: f32,
    pub ear_spread: f32,
    pub neck: f32,
    pub shoulders: f32,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Skin {
    /// sRGB, 0 to 1.
    pub tone: [f32; 3],
    pub redness: f32,
    pub lips: [f32; 3],
    pub freckles: f32,
    /// Canonical x, y, radius in cm, darkness.
    pub moles: Vec<[f32; 4]>,
    /// 0 none to 1 deep.
    pub wrinkles: f32,
    pub eye_bags: f32,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Brows {
    pub thickness: f32,
    pub arch: f32,
    pub slant: f32,
    pub length: f32,
    pub density: f32,
    pub inner: f32,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Eyes {
    /// sRGB, 0 to 1.
    pub iris: [f32; 3],
    pub crease: f32,
    pub lashes: f32,
    pub makeup: f32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HairStyle {
    /// A few millimetres everywhere.
    Buzz,
    /// Short sides, a centimetre or two on top, brushed forward and up.
    Crew,
    /// Parted at one side and combed over.
    Parted,
    /// Combed back from the forehead.
    SweptBack,
    /// Short and curly.
    Curly,
    /// Drawn back and tied behind.
    Tied,
    /// Parted, behind the ears, down to the jaw.
    Bob,
    /// Parted, behind the ears, down over the back.
    Long,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Hair {
    pub style: HairStyle,
    /// sRGB, 0 to 1.
    pub colour: [f32; 3],
    pub grey: f32,
    pub volume: f32,
    /// How far the hairline stands back, cm; the temples more than the middle.
    pub recession: f32,
    /// −1 parted at the picture's left to 1 at its right.
    pub part: f32,
    pub wave: f32,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Beard {
    /// Shade of shaved hair under the skin, 0 to 1.
    pub stubble: f32,
    /// Length of grown hair on lip and chin, cm; 0 shaved.
    pub moustache: f32,
    pub chin: f32,
    pub cheeks: f32,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Glasses {
    /// sRGB, 0 to 1.
    pub frame: [f32; 3],
    /// 2 round to 5 almost rectangular.
    pub squareness: f32,
    pub width: f32,
    pub height: f32,
    pub rim: f32,
}

impl Glasses {
    pub(crate) fn draw(rng: &mut ChaCha8Rng) -> Glasses {
        Glasses {
            frame: FRAMES.choose(rng).copied().unwrap_or(FRAMES[0]),
            squareness: rng.random_range(2.1..4.5),
            width: rng.random_range(2.35..2.75),
            height: rng.random_range(1.65..2.1),
            rim: rng.random_range(0.07..0.24),
        }
    }
}

impl Looks {
    /// The looks of `seed`; the same arguments give the same looks for ever. Meant for ages 18 to 60; others are clamped.
    pub fn from_seed(seed: u64, sex: Sex, age: u8) -> Looks {
        let age = age.clamp(18, 60);
        let mut rng = ChaCha8Rng::seed_from_u64(seed ^ 0x006c_6f6f_6b73);
        let woman = sex == Sex::Female;
        let years = f32::from(age - 18) / 42.0;
        let shape = shape(&mut rng, woman, years);
        let skin = skin(&mut rng, woman, years);
        let hair = hair(&mut rng, woman, years);
        let brows = Brows {
            thickness: if woman { rng.random_range(0.30..0.62) } else { rng.random_range(0.45..0.95) },
            arch: if woman { rng.random_range(0.0..0.36) } else { rng.random_range(-0.15..0.25) },
            slant: rng.random_range(-0.25..0.3),
            length: rng.random_range(0.88..1.1),
            density: rng.random_range(0.5..1.15),
            inner: rng.random_range(-0.35..0.3),
        };
        let eyes = Eyes {
            iris: IRISES.choose(&mut rng).copied().unwrap_or(IRISES[0]),
            crease: if rng.random_bool(0.35) {
                rng.random_range(0.0..0.2)
            } else {
                rng.random_range(0.5..1.0)
            },
            lashes: if woman { rng.random_range(0.6..1.0) } else { rng.random_range(0.2..0.5) },
            makeup: if woman && rng.random_bool(0.3) { rng.random_range(0.2..0.7) } else { 0.0 },
        };
        let beard = beard(&mut rng, woman, years);
        let glasses = rng.random_bool(0.26).then(|| Glasses::draw(&mut rng));
        Looks { seed, sex, age, shape, skin, brows, eyes, hair, beard, glasses }
    }

    /// Sex.
    pub fn sex(&self) -> Sex {
        self.sex
    }

    /// Age in years, 18 to 60.
    pub fn age(&self) -> u8 {
        self.age
    }

    /// The same person without a hair on the head.
    pub fn bald(mut self) -> Looks {
        self.hair.style = HairStyle::Buzz;
        self.hair.recession = 30.0;
        self
    }

    /// The same person with hair of another grey, 0 as grown to 1 white.
    pub fn greyed(mut self, grey: f32) -> Looks {
        self.hair.grey = grey.clamp(0.0, 1.0);
        self
    }

    /// The same person in clear glasses whose rims are so thick, in cm.
    pub fn in_glasses(mut self, rim: f32) -> Looks {
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed ^ 0x676c_6173_7365);
        let glasses = self.glasses.get_or_insert_with(|| Glasses::draw(&mut rng));
        glasses.rim = rim;
        self
    }

    /// What others see at a glance, for comparing groups of people.
    pub fn traits(&self) -> Traits {
        let [r, g, b] = self.skin.tone;
        let light = 0.2126 * r + 0.7152 * g + 0.0722 * b;
        Traits {
            skin: match light {
                l if l >= 0.72 => SkinTone::Light,
                l if l >= 0.55 => SkinTone::Middle,
                _ => SkinTone::Dark,
            },
            hair: if self.hair.recession > 20.0 {
                HairLook::None
            } else {
                match self.hair.style {
                    HairStyle::Buzz | HairStyle::Crew => HairLook::Short,
                    HairStyle::Parted | HairStyle::SweptBack | HairStyle::Curly => HairLook::Middle,
                    HairStyle::Tied | HairStyle::Bob | HairStyle::Long => HairLook::Long,
                }
            },
            grey: self.hair.grey > 0.4,
            beard: self.beard.moustache > 0.0 || self.beard.chin > 0.0,
            lined: self.skin.wrinkles > 0.4 || self.skin.eye_bags > 0.6,
            freckled: self.skin.freckles > 0.0,
            glasses: self.glasses.is_some(),
        }
    }

    /// Whether the person wears glasses (clear ones, in every picture).
    pub fn wears_glasses(&self) -> bool {
        self.glasses.is_some()
    }
}

/// Mostly dark brown, as among the candidates.
const IRISES: [[f32; 3]; 8] = [
    [0.20, 0.12, 0.08],
    [0.16, 0.10, 0.07],
    [0.26, 0.16, 0.09],
    [0.32, 0.20, 0.11],
    [0.22, 0.13, 0.08],
    [0.40, 0.27, 0.14],
    [0.18, 0.11, 0.08],
    [0.30, 0.22, 0.14],
];
const FRAMES: [[f32; 3]; 6] = [
    [0.06, 0.06, 0.07],
    [0.10, 0.08, 0.08],
    [0.28, 0.15, 0.09],
    [0.50, 0.42, 0.30],
    [0.35, 0.36, 0.39],
    [0.14, 0.16, 0.28],
];

/// Between −1 and 1, the ends as likely as the middle: drawn people must differ more than real ones do.
fn spread(rng: &mut ChaCha8Rng) -> f32 {
    rng.random_range(-1.0..1.0)
}

fn shape(rng: &mut ChaCha8Rng, woman: bool, years: f32) -> Shape {
    let male = if woman { 0.0 } else { 1.0 };
    Shape {
        width: 0.985 + 0.055 * spread(rng) + 0.02 * male,
        height: 0.995 + 0.045 * spread(rng),
        jaw: -0.07 + 0.10 * spread(rng) + 0.09 * male + 0.03 * years,
        chin_width: -0.05 + 0.22 * spread(rng) + 0.10 * male,
        chin_height: -0.1 + 0.7 * spread(rng) + 0.25 * male,
        chin_forward: 0.4 * spread(rng),
        cheekbones: 0.38 * spread(rng),
        cheek_fullness: 0.42 * spread(rng) + 0.12 * years,
        forehead: 0.6 * spread(rng),
        eye_width: 1.11 + 0.11 * spread(rng),
        eye_height: 1.50 + 0.26 * spread(rng) - 0.16 * male - 0.12 * years,
        eye_spacing: 0.26 * spread(rng),
        eye_lift: 0.25 * spread(rng),
        eye_tilt: 0.04 + 0.11 * spread(rng),
        brow_lift: 0.38 * spread(rng) - 0.12 * male,
        brow_ridge: 0.25 * spread(rng) + 0.2 * male,
        nose_length: 0.12 + 0.5 * spread(rng),
        nose_width: 0.97 + 0.20 * spread(rng) + 0.06 * male,
        nose_bridge: 0.38 * spread(rng) - 0.1,
        nose_tip: 0.5 * spread(rng) - 0.25,
        nose_upturn: 0.4 * spread(rng),
        mouth_width: 0.97 + 0.16 * spread(rng) + 0.03 * male,
        mouth_lift: 0.3 * spread(rng),
        upper_lip: 0.97 + 0.34 * spread(rng) - 0.15 * years,
        lower_lip: 1.0 + 0.38 * spread(rng) - 0.1 * years,
        corner_lift: 0.16 * spread(rng) - 0.05 * years,
        ear_size: 0.97 + 0.13 * spread(rng) + 0.06 * years,
        ear_spread: 0.62 + 0.22 * spread(rng),
        neck: 0.92 + 0.06 * spread(rng) + 0.11 * male,
        shoulders: 0.88 + 0.05 * spread(rng) + 0.11 * male,
    }
}

fn skin(rng: &mut ChaCha8Rng, woman: bool, years: f32) -> Skin {
    // Light to dark along measured-looking tones; light ones are drawn more often.
    const TONES: [[f32; 3]; 6] = [
        [0.930, 0.795, 0.715],
        [0.905, 0.755, 0.655],
        [0.880, 0.710, 0.590],
        [0.800, 0.610, 0.480],
        [0.680, 0.480, 0.360],
        [0.520, 0.350, 0.255],
    ];
    let at = 5.0 * rng.random::<f32>().powf(1.35);
    let (i, t) = ((at as usize).min(4), at - at.floor());
    let tone: [f32; 3] = std::array::from_fn(|c| TONES[i][c] + (TONES[i + 1][c] - TONES[i][c]) * t);
    let warm = 0.018 * spread(rng);
    let tone = [tone[0], tone[1] + warm * 0.4, tone[2] - warm];
    let painted = woman && rng.random_bool(0.35);
    let lips = if painted {
        let red: f32 = rng.random_range(0.72..0.9) * tone[0];
        [red, red * rng.random_range(0.25..0.5), red * rng.random_range(0.32..0.52)]
    } else {
        let pale: f32 = rng.random_range(0.0..1.0);
        [tone[0] * (0.80 + 0.06 * pale), tone[1] * (0.57 + 0.14 * pale), tone[2] * (0.58 + 0.14 * pale)]
    };
    let moles = (0..rng.random_range(0..4u8))
        .map(|_| {
            let side = if rng.random_bool(0.5) { 1.0 } else { -1.0 };
            [
                side * rng.random_range(0.8..5.8f32),
                *[-7.0, -5.9, -2.4, -0.6, 0.6, 6.2].choose(rng).unwrap_or(&0.0)
                    + rng.random_range(-0.5..0.5f32),
                rng.random_range(0.08..0.2f32),
                rng.random_range(0.4..0.85f32),
            ]
        })
        .collect();
    Skin {
        tone,
        redness: rng.random_range(0.3..1.2),
        lips,
        freckles: if rng.random_bool(0.15) { rng.random_range(0.3..0.9) } else { 0.0 },
        moles,
        wrinkles: (years * 1.15 - 0.12 + rng.random_range(-0.1..0.1f32)).clamp(0.0, 1.0),
        eye_bags: (0.12 + 0.7 * years + rng.random_range(-0.12..0.25f32)).clamp(0.0, 1.0),
    }
}

fn hair(rng: &mut ChaCha8Rng, woman: bool, years: f32) -> Hair {
    use HairStyle::{Bob, Buzz, Crew, Curly, Long, Parted, SweptBack, Tied};
    let styles: &[HairStyle] = if woman {
        &[Tied, Tied, Bob, Bob, Long, Long, Long, Parted]
    } else {
        &[Buzz, Crew, Crew, Parted, Parted, SweptBack, Curly]
    };
    const COLOURS: [[f32; 3]; 8] = [
        [0.075, 0.065, 0.065],
        [0.09, 0.075, 0.07],
        [0.12, 0.09, 0.075],
        [0.17, 0.115, 0.085],
        [0.10, 0.085, 0.085],
        [0.24, 0.155, 0.105],
        [0.36, 0.24, 0.15],
        [0.30, 0.13, 0.09],
    ];
    let style = styles.choose(rng).copied().unwrap_or(Parted);
    // Dyed hair is a younger person's and mostly a woman's.
    let natural = if woman { 8 } else { 6 };
    let colour = COLOURS[..natural].choose(rng).copied().unwrap_or(COLOURS[0]);
    let greying: f32 = rng.random_range(-0.45..0.5);
    let side: f32 = if rng.random_bool(0.5) { 1.0 } else { -1.0 };
    Hair {
        style,
        colour,
        grey: (years * 1.1 - 0.45 + greying).clamp(0.0, 0.95) * if woman { 0.6 } else { 1.0 },
        volume: rng.random_range(0.65..1.35),
        recession: if woman {
            rng.random_range(-0.3..0.5)
        } else {
            rng.random_range(-0.2..0.7) + years * rng.random_range(0.0..2.4f32)
        },
        part: side * rng.random_range(0.25..0.9f32),
        wave: rng.random_range(0.0..1.0),
    }
}

fn beard(rng: &mut ChaCha8Rng, woman: bool, years: f32) -> Beard {
    let none = Beard { stubble: 0.0, moustache: 0.0, chin: 0.0, cheeks: 0.0 };
    if woman {
        return none;
    }
    let stubble = rng.random_range(0.05..0.75);
    let grown = |rng: &mut ChaCha8Rng| rng.random_range(0.25..0.6f32);
    match rng.random_range(0..100u8) {
        0..=9 => Beard { stubble, moustache: grown(rng), ..none },
        10..=17 => Beard { stubble, moustache: grown(rng), chin: grown(rng), cheeks: 0.0 },
        18..=25 if years > 0.1 => {
            Beard { stubble, moustache: grown(rng), chin: grown(rng) + 0.15, cheeks: grown(rng) }
        }
        _ => Beard { stubble, ..none },
    }
}
