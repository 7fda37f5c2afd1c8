//! The checks: each file measures one thing about a photo, in named parts; a standard's limits decide.

mod background_clear;
mod background_uniform;
mod clothing_contrast;
mod colour_image;
mod compression;
mod ears_visible;
mod exposure;
mod expression_neutral;
mod eyebrows_visible;
mod eyes_open;
mod eyes_visible;
mod face_size;
mod framing;
mod gaze;
mod glasses_glare;
mod head_pose;
mod illumination_even;
mod mouth_closed;
mod natural_colour;
mod no_border_or_text;
mod noise;
mod not_rephotographed;
mod not_retouched;
mod patch;
mod resolution;
mod sharpness;
mod shoulders_level;
mod single_face;
mod skin;
mod spectrum;
mod tinted_glasses;
mod wall;

pub(crate) use single_face::counted;

use domain::{CheckId, Measures, Text};

use crate::{
    decode::Capture,
    face::{FaceMesh, pose::Pose},
    framing::Framing,
    matte::Matte,
    work::Work,
};

/// What is known about the person in a capture, found once and shared by the checks. Coordinates are those of the
/// working copy.
pub(crate) struct Subject<'a> {
    pub work: &'a Work,
    /// Pixels of the capture per pixel of the file that it came from.
    pub capture_scale: f32,
    pub mesh: &'a FaceMesh,
    pub pose: Pose,
    pub matte: &'a Matte,
    pub framing: &'a Framing,
    /// The capture itself, for what only shows at its own pixels.
    pub capture: &'a Capture,
    /// Background of the photo to be made, sRGB.
    pub background: [u8; 3],
}

/// One check's values by part.
type Parts = Vec<(&'static str, f64)>;

/// Measures everything: `faces` is how many count, `subject` is missing when there is none.
pub(crate) fn measure(faces: usize, subject: Option<&Subject<'_>>) -> Measures {
    use rayon::prelude::*;

    let mut measures = Measures::default();
    for check in CheckId::of_photo() {
        measures.put_not_assessed(check, why_not(check));
    }
    measures.put(CheckId::SingleFace, single_face::measure(faces));
    let Some(subject) = subject else { return measures };
    type Check = fn(&Subject<'_>) -> Option<Parts>;
    let checks: &[(CheckId, Check)] = &[
        (CheckId::Resolution, |s| Some(resolution::measure(s))),
        (CheckId::FaceSize, |s| Some(face_size::measure(s))),
        (CheckId::Framing, |s| Some(framing::measure(s))),
        (CheckId::HeadPose, |s| Some(head_pose::measure(s))),
        (CheckId::EyesOpen, eyes_open::measure),
        (CheckId::MouthClosed, |s| Some(mouth_closed::measure(s))),
        (CheckId::IlluminationEven, illumination_even::measure),
        (CheckId::Exposure, exposure::measure),
        (CheckId::Sharpness, sharpness::measure),
        (CheckId::ColourImage, colour_image::measure),
        (CheckId::NaturalColour, natural_colour::measure),
        (CheckId::NoBorderOrText, |s| Some(no_border_or_text::measure(s))),
        (CheckId::ClothingContrast, clothing_contrast::measure),
        (CheckId::Compression, compression::measure),
        (CheckId::Noise, noise::measure),
        (CheckId::NotRephotographed, not_rephotographed::measure),
        (CheckId::NotRetouched, not_retouched::measure),
        (CheckId::Gaze, gaze::measure),
        (CheckId::ExpressionNeutral, expression_neutral::measure),
        (CheckId::EyesVisible, eyes_visible::measure),
        (CheckId::EyebrowsVisible, eyebrows_visible::measure),
        (CheckId::EarsVisible, ears_visible::measure),
        (CheckId::GlassesGlare, glasses_glare::measure),
        (CheckId::TintedGlasses, tinted_glasses::measure),
        (CheckId::ShouldersLevel, shoulders_level::measure),
    ];
    let (others, of_wall) = rayon::join(
        || checks.par_iter().map(|(id, check)| (*id, check(subject))).collect::<Vec<_>>(),
        || {
            let wall = wall::Wall::of(subject);
            let clear = wall.as_ref().map(|w| background_clear::measure(subject, w));
            [
                (CheckId::BackgroundUniform, wall.as_ref().map(background_uniform::measure)),
                (CheckId::BackgroundClear, clear),
            ]
        },
    );
    for (id, parts) in others.into_iter().chain(of_wall) {
        match parts {
            Some(parts) => measures.put(id, parts),
            None => measures.put_not_assessed(id, unreliable()),
        }
    }
    measures
}

fn unreliable() -> Text {
    Text::new("本项无法可靠检测。", "This could not be measured reliably in this picture.")
}

/// Why a check has no measure.
fn why_not(check: CheckId) -> Text {
    use CheckId as C;
    let (zh, en) = match check {
        C::SingleFace
        | C::Resolution
        | C::FaceSize
        | C::Framing
        | C::HeadPose
        | C::EyesOpen
        | C::MouthClosed
        | C::BackgroundUniform
        | C::IlluminationEven
        | C::Exposure
        | C::Sharpness
        | C::ColourImage
        | C::NaturalColour
        | C::NoBorderOrText
        | C::ClothingContrast
        | C::Compression
        | C::Noise
        | C::BackgroundClear
        | C::NotRephotographed
        | C::NotRetouched
        | C::Gaze
        | C::ExpressionNeutral
        | C::EyesVisible
        | C::EyebrowsVisible
        | C::EarsVisible
        | C::GlassesGlare
        | C::TintedGlasses
        | C::ShouldersLevel => {
            ("没有找到人脸，本项无法检测。", "No face was found, so this could not be measured.")
        }
        C::HeadUncovered => (
            "帽子和头饰目前不检测：深色帽子与头发难以可靠区分，由工作人员审核。",
            "Headwear is not measured: a dark hat cannot be told from hair reliably. Staff look at it.",
        ),
        _ => (
            "本项目前不自动检测，由工作人员审核。",
            "This is not measured automatically yet; staff look at it.",
        ),
    };
    Text::new(zh, en)
}
