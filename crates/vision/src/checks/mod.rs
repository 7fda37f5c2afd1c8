//! The checks: each file measures one thing about a photo, in named parts; a standard's limits decide.

mod background_uniform;
mod colour_image;
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
mod resolution;
mod sharpness;
mod shoulders_level;
mod single_face;
mod skin;
mod tinted_glasses;

pub(crate) use single_face::counted;

use domain::{CheckId, Measures, Text};

use crate::{
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
        (CheckId::BackgroundUniform, background_uniform::measure),
        (CheckId::IlluminationEven, illumination_even::measure),
        (CheckId::Exposure, exposure::measure),
        (CheckId::Sharpness, sharpness::measure),
        (CheckId::ColourImage, colour_image::measure),
        (CheckId::Gaze, gaze::measure),
        (CheckId::ExpressionNeutral, expression_neutral::measure),
        (CheckId::EyesVisible, eyes_visible::measure),
        (CheckId::EyebrowsVisible, eyebrows_visible::measure),
        (CheckId::EarsVisible, ears_visible::measure),
        (CheckId::GlassesGlare, glasses_glare::measure),
        (CheckId::TintedGlasses, tinted_glasses::measure),
        (CheckId::ShouldersLevel, shoulders_level::measure),
    ];
    let measured: Vec<_> = checks.par_iter().map(|(id, check)| (*id, check(subject))).collect();
    for (id, parts) in measured {
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
        C::BackgroundClear => (
            "背景杂物目前不单独检测；背景是否单一见“背景单一”。",
            "Things in the background are not measured on their own yet; see the background's uniformity.",
        ),
        C::NotRephotographed => (
            "是否翻拍目前不检测，由工作人员审核。",
            "Pictures of pictures are not detected yet; staff look at it.",
        ),
        C::NotRetouched => {
            ("是否美颜修图目前不检测，由工作人员审核。", "Retouching is not detected yet; staff look at it.")
        }
        _ => (
            "本项目前不自动检测，由工作人员审核。",
            "This is not measured automatically yet; staff look at it.",
        ),
    };
    Text::new(zh, en)
}
