//! Tells the kinds of cards apart: a portrait side by its number or else by its labels, an emblem side by its title and stars.

use domain::{CardKind, IdNumber};
use image::GrayImage;

use super::ink;
use super::layout::Seen;
use super::permanent;
use super::rectify::{Flat, PER_MM};
use super::text::Reader;
use crate::model::ModelError;

/// Where a foreigner's card has the label 国籍, and a resident's its address; where the former has 有效期限. Millimetres: left, top, right,
/// bottom.
const NATIONALITY_LABEL: [f32; 4] = [5.5, 27.8, 24.0, 31.6];
const VALIDITY_LABEL: [f32; 4] = [5.5, 36.4, 33.0, 39.9];
/// Where the card of 2023 has its stars.
const STARS: [f32; 4] = [58.0, 26.0, 76.0, 38.0];

/// The kind of the card whose portrait side is seen. Whether it is a resident identity card or a permit is certain only where the first
/// reading of the number is one.
pub(super) fn of_portrait(reader: &Reader, seen: &Seen) -> Result<CardKind, ModelError> {
    let flat = &seen.flat;
    let line = seen.number.clone().unwrap_or_default();
    if let Ok(number) = IdNumber::parse(&line.text()) {
        return Ok(number.card_kind());
    }
    if says(reader, &flat.ink, NATIONALITY_LABEL, &["国籍", "ationa"])?
        || says(reader, &flat.ink, VALIDITY_LABEL, &["有效期", "eriod"])?
    {
        // A number of 2017 begins with letters, which are no digits however they are read.
        let letters = permanent::number_line(reader, flat)?.text();
        let leading = letters.chars().take(3).filter(char::is_ascii_alphabetic).count();
        return Ok(if leading >= 2 {
            CardKind::PermanentResidence2017
        } else {
            CardKind::PermanentResidence2023
        });
    }
    // Between the others further readings of the number decide, where there are any; this is for when there are none.
    let permit = ["81", "82", "83"].iter().any(|code| line.text().starts_with(code));
    Ok(if permit { CardKind::ResidencePermit } else { CardKind::ResidentIdentityCard })
}

/// Whether one of the words is read in the area.
fn says(reader: &Reader, plane: &GrayImage, area: [f32; 4], words: &[&str]) -> Result<bool, ModelError> {
    for row in ink::rows(plane, area).iter().take(2) {
        let text = reader.steps_in(plane, row.padded(0.6, 0.4))?.read().text();
        if words.iter().any(|word| text.contains(word)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The kind of the card whose emblem side is seen, by the title as read.
pub(super) fn of_emblem(seen: &Seen) -> CardKind {
    let has = |characters: &str| characters.chars().filter(|c| seen.title.contains(*c)).count();
    if has("外永久留") >= 2 {
        return if has_stars(&seen.flat) {
            CardKind::PermanentResidence2023
        } else {
            CardKind::PermanentResidence2017
        };
    }
    if has("港澳台湾住") >= 2 { CardKind::ResidencePermit } else { CardKind::ResidentIdentityCard }
}

/// Whether enough of the stars' place is yellow: blue lies far below red and green, more so than on the paper of this light.
fn has_stars(flat: &Flat) -> bool {
    let [left, top, right, bottom] = STARS.map(|mm| (mm * PER_MM) as u32);
    let mut shares: Vec<f32> = Vec::new();
    for y in (top..bottom).step_by(3) {
        for x in (left..right).step_by(3) {
            let [r, g, b] = flat.colour.get_pixel(x, y).0.map(f32::from);
            shares.push(b / r.min(g).max(1.0));
        }
    }
    if shares.is_empty() {
        return false;
    }
    let middle = shares.len() * 7 / 10;
    let paper = *shares.select_nth_unstable_by(middle, f32::total_cmp).1;
    let yellow = shares.iter().filter(|share| **share < 0.75 * paper).count();
    yellow * 25 > shares.len()
}
