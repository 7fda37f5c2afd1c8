//! What a drawn person looks like: every trait that stays with the person from picture to picture, drawn from a seed.

use rand::{Rng, SeedableRng};
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
    pub(crate) skin: [f32; 3],
}

impl Looks {
    /// The looks of `seed`; the same arguments give the same looks for ever. Meant for ages 18 to 60; others are clamped.
    pub fn from_seed(seed: u64, sex: Sex, age: u8) -> Looks {
        let mut rng = ChaCha8Rng::seed_from_u64(seed ^ 0x6c6f_6f6b_73);
        let age = age.clamp(18, 60);
        let tone: f32 = rng.random();
        Looks { seed, sex, age, skin: [0.9 - 0.4 * tone, 0.75 - 0.4 * tone, 0.65 - 0.4 * tone] }
    }

    /// Sex.
    pub fn sex(&self) -> Sex {
        self.sex
    }

    /// Age in years, 18 to 60.
    pub fn age(&self) -> u8 {
        self.age
    }
}
