//! Which of a report's failing findings a candidate is told: those that another one explains are left out until it is mended.

use crate::{CheckId, Finding, Report};

use CheckId as C;

/// A check that, where it fails, is the only thing told: nothing else can be relied on.
const ALONE: &[CheckId] = &[C::SingleFace];

/// A check, or some parts of it.
struct Of {
    check: CheckId,
    /// All parts where empty.
    parts: &'static [&'static str],
}

const fn any(check: CheckId) -> Of {
    Of { check, parts: &[] }
}

const fn only(check: CheckId, parts: &'static [&'static str]) -> Of {
    Of { check, parts }
}

/// Cause and effect: where both fail, mending the first mends the second, or shows whether it was wrong at all. Only what is
/// beyond doubt: whatever is not here is told.
const EXPLAINS: &[(Of, Of)] = &[
    // A screen has a surface, colours and a light of its own.
    (only(C::NotRephotographed, &["moire"]), any(C::Resolution)),
    (only(C::NotRephotographed, &["moire"]), any(C::Compression)),
    (only(C::NotRephotographed, &["moire"]), any(C::NotRetouched)),
    (only(C::NotRephotographed, &["moire"]), any(C::BackgroundClear)),
    (only(C::NotRephotographed, &["moire"]), any(C::BackgroundUniform)),
    (only(C::NotRephotographed, &["moire"]), any(C::IlluminationEven)),
    (only(C::NotRephotographed, &["moire"]), any(C::Exposure)),
    (only(C::NotRephotographed, &["moire"]), any(C::Noise)),
    (only(C::NotRephotographed, &["moire"]), any(C::NaturalColour)),
    (only(C::NotRephotographed, &["moire"]), any(C::Sharpness)),
    // So has a print, and both have edges.
    (any(C::NotRephotographed), only(C::NoBorderOrText, &["border"])),
    // Grey skin has no natural colour.
    (any(C::ColourImage), any(C::NaturalColour)),
    // Enlarged pixels are blurred, and the original has more of them and was not compressed.
    (any(C::Resolution), any(C::Compression)),
    (any(C::Resolution), any(C::Sharpness)),
    // Shoulders are measured against the eyes, and a turned or raised head is narrower or shorter and off the middle.
    (any(C::HeadPose), any(C::FaceSize)),
    (any(C::HeadPose), only(C::Framing, &["centre", "eye_line", "head_height", "hair_top"])),
    (any(C::HeadPose), any(C::ShouldersLevel)),
    // Both are solved at once: a capture that is too narrow or hair that is too high shows in either.
    (any(C::Framing), any(C::FaceSize)),
    // Things and shadows on the wall give it other colours as well.
    (any(C::BackgroundClear), only(C::BackgroundUniform, &["texture", "objects"])),
    // Shelves, windows and patterns have strokes, as writing has.
    (only(C::BackgroundUniform, &["texture", "objects"]), only(C::NoBorderOrText, &["text"])),
    // The dark or the lit side of a face lit from one side.
    (any(C::IlluminationEven), only(C::Exposure, &["shadows", "highlights"])),
    // Grain comes from too little light.
    (any(C::Exposure), any(C::Noise)),
    // Behind dark lenses nothing about the eyes can be read.
    (any(C::TintedGlasses), any(C::GlassesGlare)),
    (any(C::TintedGlasses), any(C::EyesVisible)),
    (any(C::TintedGlasses), any(C::EyesOpen)),
    (any(C::TintedGlasses), any(C::Gaze)),
    (any(C::TintedGlasses), only(C::NaturalColour, &["eye_white"])),
    // The hair that hangs over the eyes hangs over the brows.
    (any(C::EyesVisible), any(C::EyebrowsVisible)),
    // Shut eyes look nowhere and show no white.
    (any(C::EyesOpen), any(C::Gaze)),
    (any(C::EyesOpen), only(C::NaturalColour, &["eye_white"])),
    // Laughing opens the mouth.
    (any(C::ExpressionNeutral), any(C::MouthClosed)),
];

impl Of {
    fn holds(&self, finding: &Finding) -> bool {
        let named = || finding.part.as_deref().is_some_and(|part| self.parts.contains(&part));
        self.check == finding.id && (self.parts.is_empty() || named())
    }
}

fn explains(cause: &Finding, effect: &Finding) -> bool {
    (ALONE.contains(&cause.id) && cause.id != effect.id)
        || EXPLAINS.iter().any(|(of, explained)| of.holds(cause) && explained.holds(effect))
}

impl Report {
    /// The failing findings that a candidate is told, most important first: those that another one explains are left out.
    pub fn reasons(&self) -> Vec<&Finding> {
        self.failed().filter(|effect| !self.failed().any(|cause| explains(cause, effect))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::standard::Part;

    #[test]
    fn no_check_explains_itself_by_any_way_round() {
        fn leads(from: CheckId, to: CheckId, steps: usize) -> bool {
            let mut effects = EXPLAINS.iter().filter(|(cause, _)| cause.check == from);
            steps > 0 && effects.any(|(_, effect)| effect.check == to || leads(effect.check, to, steps - 1))
        }
        for check in CheckId::of_photo() {
            assert!(!leads(check, check, 10), "{check}");
        }
    }

    #[test]
    fn every_part_named_is_one_that_is_measured() {
        for (cause, effect) in EXPLAINS {
            for of in [cause, effect] {
                for part in of.parts {
                    assert!(Part::of(of.check).any(|p| p.name == *part), "{}.{part}", of.check);
                }
            }
        }
        assert!(CheckId::of_photo().next().is_some_and(|first| ALONE == [first]));
    }
}
