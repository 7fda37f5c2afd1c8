//! Which of a report's failing findings a candidate is told: those that another one explains are left out until it is mended.

use crate::{CheckId, Finding, Report};

use CheckId as C;

/// A check that, where it fails, is the only thing told: nothing else can be relied on.
const ALONE: &[CheckId] = &[C::SingleFace];

/// That one check's failing explains another's: mending the first mends the second, or shows whether it was wrong at all.
struct Explains {
    cause: CheckId,
    effect: CheckId,
    /// The parts of the effect that it explains; all of them where empty.
    parts: &'static [&'static str],
}

const fn all(cause: CheckId, effect: CheckId) -> Explains {
    Explains { cause, effect, parts: &[] }
}

const fn only(cause: CheckId, effect: CheckId, parts: &'static [&'static str]) -> Explains {
    Explains { cause, effect, parts }
}

/// Only what is beyond doubt: whatever is not here is told.
const EXPLAINS: &[Explains] = &[
    // A screen or a print has a surface, edges, colours and a light of its own.
    all(C::NotRephotographed, C::NoBorderOrText),
    all(C::NotRephotographed, C::Resolution),
    all(C::NotRephotographed, C::Compression),
    all(C::NotRephotographed, C::NotRetouched),
    all(C::NotRephotographed, C::BackgroundClear),
    all(C::NotRephotographed, C::BackgroundUniform),
    all(C::NotRephotographed, C::IlluminationEven),
    all(C::NotRephotographed, C::Exposure),
    all(C::NotRephotographed, C::Noise),
    all(C::NotRephotographed, C::NaturalColour),
    all(C::NotRephotographed, C::Sharpness),
    // Grey skin has no natural colour.
    all(C::ColourImage, C::NaturalColour),
    // Enlarged pixels are blurred, and the original has more of them and was not compressed.
    all(C::Resolution, C::Compression),
    all(C::Resolution, C::Sharpness),
    // Shoulders are measured against the eyes, and a turned or raised head is narrower or shorter and off the middle.
    all(C::HeadPose, C::FaceSize),
    only(C::HeadPose, C::Framing, &["centre", "eye_line", "head_height", "hair_top"]),
    all(C::HeadPose, C::ShouldersLevel),
    // Both are solved at once: a capture that is too narrow or hair that is too high shows in either.
    all(C::Framing, C::FaceSize),
    // Things and shadows on the wall give it other colours as well.
    only(C::BackgroundClear, C::BackgroundUniform, &["texture", "objects"]),
    // The dark or the lit side of a face lit from one side.
    only(C::IlluminationEven, C::Exposure, &["shadows", "highlights"]),
    // Grain comes from too little light.
    all(C::Exposure, C::Noise),
    // Behind dark lenses nothing about the eyes can be read.
    all(C::TintedGlasses, C::GlassesGlare),
    all(C::TintedGlasses, C::EyesVisible),
    all(C::TintedGlasses, C::EyesOpen),
    all(C::TintedGlasses, C::Gaze),
    // The hair that hangs over the eyes hangs over the brows.
    all(C::EyesVisible, C::EyebrowsVisible),
    // Shut eyes look nowhere.
    all(C::EyesOpen, C::Gaze),
    // Laughing opens the mouth.
    all(C::ExpressionNeutral, C::MouthClosed),
];

impl Explains {
    fn holds(&self, cause: &Finding, effect: &Finding) -> bool {
        let of_part = || effect.part.as_deref().is_some_and(|part| self.parts.contains(&part));
        self.cause == cause.id && self.effect == effect.id && (self.parts.is_empty() || of_part())
    }
}

fn explains(cause: &Finding, effect: &Finding) -> bool {
    ALONE.contains(&cause.id) || EXPLAINS.iter().any(|row| row.holds(cause, effect))
}

impl Report {
    /// The failing findings that a candidate is told, most important first: those that an earlier one explains are left out.
    pub fn reasons(&self) -> Vec<&Finding> {
        let mut told: Vec<&Finding> = Vec::new();
        for finding in self.failed() {
            if !told.iter().any(|cause| explains(cause, finding)) {
                told.push(finding);
            }
        }
        told
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::standard::Part;

    #[test]
    fn causes_stand_before_what_they_explain() {
        for row in EXPLAINS {
            assert!(row.cause < row.effect, "{} after {}", row.cause, row.effect);
            for part in row.parts {
                assert!(Part::of(row.effect).any(|p| p.name == *part), "{}.{part}", row.effect);
            }
        }
        assert!(CheckId::of_photo().next().is_some_and(|first| ALONE == [first]));
    }
}
