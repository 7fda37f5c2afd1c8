//! What the checks measure: every part that a limit can be set for, with its unit. A new measure is one line here.

use crate::CheckId;

/// One number that a check measures.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Part {
    /// The check.
    pub check: CheckId,
    /// The part's name: `hair_top`.
    pub name: &'static str,
    /// In what it is measured.
    pub quantity: Quantity,
}

/// In what a part is measured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Quantity {
    /// A length in the made photo; a standard gives it in pixels, in millimetres, or as a share of a side.
    Length,
    /// A plain number with its unit, which is empty where there is none, and the least and greatest value that can be measured.
    Number(&'static str, f64, f64),
}

impl Part {
    /// The parts of one check; none while the check has no fixed measures.
    pub fn of(check: CheckId) -> impl Iterator<Item = &'static Part> {
        PARTS.iter().filter(move |part| part.check == check)
    }
}

const fn length(check: CheckId, name: &'static str) -> Part {
    Part { check, name, quantity: Quantity::Length }
}

const fn number(check: CheckId, name: &'static str, unit: &'static str, least: f64, most: f64) -> Part {
    Part { check, name, quantity: Quantity::Number(unit, least, most) }
}

use CheckId as C;

/// Every part of every check that has fixed measures. `docs/standards.md` says what they mean.
pub const PARTS: &[Part] = &[
    number(C::SingleFace, "count", "faces", 0.0, 100.0),
    number(C::Resolution, "scale", "capture px per photo px", 0.0, 1000.0),
    number(C::Resolution, "inter_eye", "capture px", 0.0, 20_000.0),
    length(C::FaceSize, "width"),
    length(C::Framing, "hair_top"),
    length(C::Framing, "eye_line"),
    length(C::Framing, "head_height"),
    length(C::Framing, "centre"),
    number(C::Framing, "inside", "of the photo", 0.0, 1.0),
    number(C::Framing, "head_cut", "face widths", 0.0, 100.0),
    number(C::HeadPose, "yaw", "deg", -90.0, 90.0),
    number(C::HeadPose, "pitch", "deg", -90.0, 90.0),
    number(C::HeadPose, "roll", "deg", -180.0, 180.0),
    number(C::EyesOpen, "opening", "of eyes to chin", 0.0, 1.0),
    number(C::EyesOpen, "aspect", "of the eye's width", 0.0, 2.0),
    number(C::MouthClosed, "gap", "of eyes to chin", 0.0, 1.0),
    number(C::BackgroundUniform, "texture", "Delta E", 0.0, 250.0),
    number(C::BackgroundUniform, "objects", "of the background", 0.0, 1.0),
    number(C::BackgroundUniform, "range", "L*", 0.0, 100.0),
    number(C::IlluminationEven, "balance", "", 0.0, 1.0),
    number(C::IlluminationEven, "overlap", "", 0.0, 1.0),
    number(C::Exposure, "luminance", "", 0.0, 255.0),
    number(C::Exposure, "highlights", "of the face", 0.0, 1.0),
    number(C::Exposure, "shadows", "of the face", 0.0, 1.0),
    number(C::Sharpness, "blur", "px", 0.0, 100.0),
    number(C::ColourImage, "spread", "", 0.0, 200.0),
    number(C::NaturalColour, "skin", "Delta E", 0.0, 200.0),
    number(C::NaturalColour, "hue", "deg", -180.0, 180.0),
    number(C::NaturalColour, "eye_white", "Delta E", 0.0, 200.0),
    number(C::NoBorderOrText, "border", "of the capture's shorter side", 0.0, 1.0),
    number(C::NoBorderOrText, "text", "squares", 0.0, 100_000.0),
    number(C::ClothingContrast, "contrast", "Delta E", 0.0, 250.0),
    number(C::ClothingContrast, "edge", "% of the face's width", 0.0, 10_000.0),
    number(C::Compression, "quality", "JPEG quality", 1.0, 100.0),
    number(C::Compression, "blocks", "", 0.0, 2.0),
    number(C::Noise, "grain", "of 255", 0.0, 255.0),
    number(C::Noise, "blotches", "of 255", 0.0, 255.0),
    number(C::BackgroundClear, "things", "% of the face's square", 0.0, 10_000.0),
    number(C::BackgroundClear, "shadow", "L*", 0.0, 100.0),
    number(C::NotRephotographed, "moire", "dB", -30.0, 200.0),
    number(C::NotRephotographed, "frame", "", 0.0, 1.0),
    number(C::NotRetouched, "texture", "", 0.0, 1000.0),
    number(C::Gaze, "aside", "deg", -90.0, 90.0),
    number(C::ExpressionNeutral, "smile", "", -10.0, 10.0),
    number(C::EyesVisible, "covered", "of the eye's width", 0.0, 1.0),
    number(C::EyebrowsVisible, "covered", "of the brow's length", 0.0, 1.0),
    number(C::EarsVisible, "hidden", "of the ear's place", 0.0, 1.0),
    number(C::GlassesGlare, "spot", "of the eyes' distance squared", 0.0, 10.0),
    number(C::TintedGlasses, "light", "of the cheek's light", 0.0, 100.0),
    number(C::TintedGlasses, "colour", "", 0.0, 2.0),
    number(C::ShouldersLevel, "tilt", "deg", -90.0, 90.0),
    number(C::CardSide, "swapped", "sides", 0.0, 1.0),
    number(C::CardWhole, "margin", "card widths", -10.0, 10.0),
    number(C::CardWhole, "visible", "of the card", 0.0, 1.0),
    number(C::CardSharp, "blur", "mm", 0.0, 100.0),
    number(C::CardGlare, "area", "of the printed zones", 0.0, 1.0),
    number(C::CardObstructed, "covered", "of the printed zones", 0.0, 1.0),
    number(C::CardExpired, "days", "days", -40_000.0, 40_000.0),
    number(C::CardNotPhotocopy, "colour", "", 0.0, 1.0),
    number(C::CardNotScreen, "moire", "dB", -30.0, 200.0),
    number(C::CardNotEdited, "patch", "", 0.0, 1000.0),
    number(C::CardReadable, "unread", "fields", 0.0, 20.0),
    number(C::CardFieldsAgree, "disagreeing", "fields", 0.0, 20.0),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_is_explained_in_both_languages() {
        for docs in [
            include_str!("../../../../docs/standards.md"),
            include_str!("../../../../docs/standards.zh-CN.md"),
        ] {
            for part in PARTS {
                let row = docs.lines().any(|line| {
                    line.starts_with('|')
                        && line.contains(&format!("`{}`", part.check))
                        && line.contains(&format!("`{}`", part.name))
                });
                assert!(row, "{}.{} has no row of its own", part.check, part.name);
            }
        }
    }

    #[test]
    fn no_part_is_named_twice() {
        let mut seen = std::collections::HashSet::new();
        assert!(PARTS.iter().all(|part| seen.insert((part.check, part.name))));
    }
}
