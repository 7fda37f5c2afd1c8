//! Spoils a drawn picture after it was taken, each flaw in a graded strength: colours, grain, files, screens, prints, edits,
//! and what stands behind the person.

mod backdrop;
mod camera;
mod colours;
mod edits;
mod files;
mod grain;
mod overlays;
mod prints;
mod raster;
mod screens;

use image::RgbImage;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

use crate::{font::FontError, portrait::Portrait};

/// What is wrong with a picture apart from the person in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Flaw {
    /// White balance far off, or a filter's tint over everything.
    ColourCast,
    /// Grey or sepia, stored as a colour picture.
    Toned,
    /// Taken in the dark: grain and blotches of colour.
    Grain,
    /// Saved at quality 40 down to 5, some at a messenger's size and enlarged again.
    Compression,
    /// Photographed off a screen: its pixels, their moiré, glare, sometimes the bezel.
    Screen,
    /// A paper print held in a hand in a room.
    Print,
    /// Skin smoothed and whitened by a beauty filter.
    Retouched,
    /// Plain bars on two or all sides.
    Border,
    /// A date stamp, a caption or a watermark.
    Text,
    /// A thing before the wall, beside the person.
    Thing,
    /// Somebody else behind the person, out of focus and half hidden.
    Bystander,
    /// The person's hard shadow on the wall.
    Shadow,
    /// Exposed far too little.
    TooDark,
    /// Exposed far too much.
    TooBright,
    /// Taken from so far away, or sent so small, that the face has few pixels.
    TooSmall,
    /// The picture's upper edge cuts the head.
    CutOff,
    /// Hair piled up so high that head and face cannot both have their size in the photo.
    TallHair,
}

impl Flaw {
    /// Every flaw.
    pub const ALL: [Flaw; 17] = [
        Flaw::ColourCast,
        Flaw::Toned,
        Flaw::Grain,
        Flaw::Compression,
        Flaw::Screen,
        Flaw::Print,
        Flaw::Retouched,
        Flaw::Border,
        Flaw::Text,
        Flaw::Thing,
        Flaw::Bystander,
        Flaw::Shadow,
        Flaw::TooDark,
        Flaw::TooBright,
        Flaw::TooSmall,
        Flaw::CutOff,
        Flaw::TallHair,
    ];
}

/// The picture with a flaw of `strength` 0 (hardly to be seen) to 1 (gross); from 0.6 on nobody would accept it. The same arguments
/// give the same pixels; the size is kept but by `TooSmall` and `CutOff`.
///
/// # Errors
/// [`FontError`] when text is to be drawn and there is no font.
pub fn flawed(picture: &Portrait, flaw: Flaw, strength: f32, seed: u64) -> Result<RgbImage, FontError> {
    let strength = strength.clamp(0.0, 1.0);
    let mut rng = ChaCha8Rng::seed_from_u64(seed ^ 0x666c_6177);
    let rng = &mut rng;
    Ok(match flaw {
        Flaw::ColourCast => colours::cast(&picture.pixels, strength, rng),
        Flaw::Toned => colours::toned(&picture.pixels, rng),
        Flaw::Grain => grain::grain(&picture.pixels, strength, rng),
        Flaw::Compression => files::compressed(&picture.pixels, strength, rng),
        Flaw::Screen => screens::screen(&picture.pixels, strength, rng),
        Flaw::Print => prints::print(picture, strength, rng),
        Flaw::Retouched => edits::retouched(picture, strength, rng),
        Flaw::Border => overlays::border(&picture.pixels, strength, rng),
        Flaw::Text => overlays::text(picture, strength, rng)?,
        Flaw::Thing => backdrop::thing(picture, strength, rng),
        Flaw::Bystander => backdrop::bystander(picture, strength, rng),
        Flaw::Shadow => backdrop::shadow(picture, strength, rng),
        Flaw::TooDark => camera::too_dark(picture, strength),
        Flaw::TooBright => camera::too_bright(picture, strength),
        Flaw::TooSmall => camera::too_small(picture, strength),
        Flaw::CutOff => camera::cut_off(picture, strength),
        Flaw::TallHair => backdrop::tall_hair(picture, strength, rng),
    })
}
