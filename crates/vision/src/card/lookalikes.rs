//! Characters for which the recogniser takes glyphs that it does not know, and how sure it must be to be believed.

use std::collections::HashMap;
use std::sync::OnceLock;

/// One line for each certainty in log odds, with the characters that need it, and that are taken for characters that names have: those of the
/// Table of General Standard Chinese Characters (2013) and of GB 2312. Made by `scripts/lookalikes.py` from what the ignored test below
/// prints: every Han character of the font that is not in the recogniser's alphabet was set behind a surname and read as names are
/// read; where all readings of the line agreed on one known character, that one is listed, with a certainty above the impostor's. Some were set
/// higher by hand, after drawn names.
const OF_NAMES: &str = include_str!("lookalikes.txt");
/// Likewise of all other characters, seldom seen anywhere: the more that is needed because of them.
const OF_OTHERS: &str = include_str!("lookalikes-rare.txt");

/// The [`certainty`] that the readings of the character must reach; none when no unknown glyph is taken for it. Where the character is the
/// one that is `registered`, it suffices to tell it from what names have.
pub(super) fn needed_for(character: char, registered: Option<char>) -> Option<f32> {
    static NEEDED: OnceLock<[HashMap<char, f32>; 2]> = OnceLock::new();
    let [names, others] = NEEDED.get_or_init(|| [OF_NAMES, OF_OTHERS].map(listed));
    let of_names = names.get(&character).copied();
    let of_others = others.get(&character).copied().filter(|_| registered != Some(character));
    of_names.into_iter().chain(of_others).reduce(f32::max)
}

fn listed(list: &str) -> HashMap<char, f32> {
    let lines = list.lines().filter_map(|line| line.split_once(' '));
    let parsed = lines.filter_map(|(sure, characters)| Some((sure.parse::<f32>().ok()?, characters)));
    parsed.flat_map(|(sure, characters)| characters.chars().map(move |c| (c, sure))).collect()
}

/// Mean log odds of a character over its readings, a reading of something else given as 0.
pub(super) fn certainty(probabilities: &[f32]) -> f32 {
    let log_odds = |p: &f32| {
        let p = p.clamp(0.0025, 0.9999);
        (p / (1.0 - p)).ln()
    };
    probabilities.iter().map(log_odds).sum::<f32>() / probabilities.len().max(1) as f32
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use image::{GrayImage, Luma, Rgba, RgbaImage};
    use specimen::font::{Fonts, Setting, Weight, paint};

    use super::super::names::{GLYPH_CROPS, NAME_CROPS};
    use super::super::rectify::PER_MM;
    use super::super::{ink, text::Reader};
    use super::*;
    use crate::model::{Models, models_dir};

    #[test]
    fn a_known_impostors_double_needs_more_certainty_than_others() {
        assert!(needed_for('翠', None).unwrap() > certainty(&[0.99; 5]));
        assert!(needed_for('一', None).is_none());
    }

    #[test]
    fn what_is_registered_is_not_held_against_characters_that_names_do_not_have() {
        // 眀 is read as 明; 舂, which is in the Table, as 春.
        assert!(needed_for('明', None) > needed_for('明', Some('明')));
        assert!(needed_for('明', None) == needed_for('明', Some('日')));
        assert!(needed_for('春', None) == needed_for('春', Some('春')));
    }

    #[test]
    fn one_reading_of_something_else_outweighs_much() {
        assert!(certainty(&[0.999, 0.999, 0.0]) < certainty(&[0.95, 0.95, 0.95]));
    }

    fn line(fonts: &Fonts, text: &str, blur: f32) -> GrayImage {
        let mut sheet = RgbaImage::from_pixel(500, 160, Rgba([250, 250, 250, 255]));
        let setting = Setting {
            em: 3.5 * PER_MM,
            tracking: 0.0,
            weight: Weight::Regular,
            colour: [24, 24, 28],
            opacity: 1.0,
        };
        paint(&mut sheet, fonts, text, &setting, 60.0, 50.0);
        let grey = GrayImage::from_fn(500, 160, |x, y| Luma([sheet.get_pixel(x, y)[0]]));
        image::imageops::blur(&grey, blur)
    }

    /// Prints, for each character of the file named in `ZHAOYAN_CHARACTERS`, what it is read as behind a surname when all readings of the
    /// line agree, and how certainly: once for the characters beyond the alphabet, once for those that they were read as.
    #[test]
    #[ignore = "prints what scripts/lookalikes.py takes, in about 40 minutes of a core for the whole font"]
    fn readings_of_characters() {
        let reader = Reader::open(&Models::open(&models_dir(), 2).unwrap()).unwrap();
        let fonts = Fonts::open().unwrap();
        let characters = std::fs::read_to_string(std::env::var("ZHAOYAN_CHARACTERS").unwrap()).unwrap();
        for character in characters.chars().filter(|c| fonts.has(*c)) {
            for blur in [0.9, 1.4] {
                let plane = line(&fonts, &format!("王{character}"), blur);
                let Some(row) = ink::rows(&plane, [1.0, 1.0, 30.0, 10.0]).first().copied() else { continue };
                let read = |row: ink::Row, (across, down), at: usize| {
                    let read = reader.steps_in(&plane, row.padded(across, down)).unwrap().read();
                    read.characters.get(at).map_or((' ', 0.0), |c| (c.glyph, c.sure))
                };
                let mut readings: Vec<(char, f32)> =
                    NAME_CROPS.iter().map(|crop| read(row, *crop, 1)).collect();
                let glyph = readings[0].0;
                if glyph == ' ' || readings.iter().any(|r| r.0 != glyph) {
                    continue;
                }
                let alone = ink::cell(&row, 1, ink::cells(&plane, &row));
                readings.extend(GLYPH_CROPS.iter().map(|crop| read(alone, *crop, 0)));
                let probabilities: Vec<f32> =
                    readings.iter().map(|r| if r.0 == glyph { r.1 } else { 0.0 }).collect();
                println!("{character} {glyph} {:.2}", certainty(&probabilities));
            }
        }
    }
}
