//! The checks: each file measures one thing about a photo, in named parts; a standard's limits decide.

mod area;
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
mod groups;
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
pub(crate) mod spectrum;
mod tinted_glasses;
mod wall;

pub(crate) use self::{
    area::Area,
    glasses_glare::spots as glare,
    no_border_or_text::Bars,
    single_face::counted,
    wall::{CELL, Wall},
};

use domain::{CheckId, Measures, Text};

use crate::{
    decode::Capture,
    face::{FaceBox, FaceMesh, pose::Pose},
    framing::Framing,
    matte::Matte,
    work::Work,
};

/// What is known about the person in a capture, found once and shared by the checks. Coordinates are those of the
/// working copy.
pub(crate) struct Subject<'a> {
    pub work: &'a Work<'a>,
    /// Pixels of the capture per pixel of the file that it came from.
    pub capture_scale: f32,
    pub mesh: &'a FaceMesh,
    pub pose: Pose,
    pub matte: &'a Matte,
    pub framing: &'a Framing,
    /// Those around the capture.
    pub bars: Bars,
    /// The capture itself, for what only shows at its own pixels.
    pub capture: &'a Capture,
    /// Background of the photo to be made, sRGB.
    pub background: [u8; 3],
}

/// One check's values by part.
type Parts = Vec<(&'static str, f64)>;

/// What a check read off a picture: its values, and where each was read if it is not about the picture as a whole.
struct Reading {
    parts: Parts,
    places: Vec<(&'static str, Area)>,
}

impl From<Parts> for Reading {
    fn from(parts: Parts) -> Reading {
        Reading { parts, places: Vec::new() }
    }
}

impl Reading {
    /// Values that were all read in one place.
    fn at(area: Area, parts: Parts) -> Reading {
        let places = parts.iter().map(|(part, _)| (*part, area)).collect();
        Reading { parts, places }
    }

    /// The same, with the place of one part; nothing without one.
    fn with(mut self, part: &'static str, area: Option<Area>) -> Reading {
        self.places.extend(area.map(|area| (part, area)));
        self
    }

    fn put(self, check: CheckId, size: (u32, u32), measures: &mut Measures) {
        measures.put(check, self.parts);
        for (part, area) in self.places {
            if let Some(spot) = area.spot(size) {
                measures.put_spot(check, part, spot);
            }
        }
    }
}

/// Measures everything: `found` are the faces, the main one first; `subject` is missing when there is none.
pub(crate) fn measure(found: &[FaceBox], subject: Option<&Subject<'_>>) -> Measures {
    use rayon::prelude::*;

    let mut measures = Measures::default();
    for check in CheckId::of_photo() {
        measures.put_not_assessed(check, why_not(check));
    }
    let size = subject.map_or((1, 1), |s| s.capture.pixels.dimensions());
    single_face::measure(found).put(CheckId::SingleFace, size, &mut measures);
    let Some(subject) = subject else { return measures };
    type Check = fn(&Subject<'_>) -> Option<Reading>;
    let checks: &[(CheckId, Check)] = &[
        (CheckId::Resolution, |s| Some(resolution::measure(s).into())),
        (CheckId::FaceSize, |s| Some(face_size::measure(s))),
        (CheckId::Framing, |s| Some(framing::measure(s))),
        (CheckId::HeadPose, |s| Some(head_pose::measure(s))),
        (CheckId::EyesOpen, eyes_open::measure),
        (CheckId::MouthClosed, |s| Some(mouth_closed::measure(s))),
        (CheckId::IlluminationEven, illumination_even::measure),
        (CheckId::Exposure, exposure::measure),
        (CheckId::Sharpness, sharpness::measure),
        (CheckId::ColourImage, |s| Some(colour_image::measure(s)?.into())),
        (CheckId::NaturalColour, natural_colour::measure),
        (CheckId::NoBorderOrText, |s| Some(no_border_or_text::measure(s))),
        (CheckId::ClothingContrast, clothing_contrast::measure),
        (CheckId::Compression, |s| Some(compression::measure(s)?.into())),
        (CheckId::Noise, |s| Some(noise::measure(s)?.into())),
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
    // The wall first: whoever else has time takes of the others, which can be had one by one.
    let (of_wall, others) = rayon::join(
        || {
            let wall = wall::Wall::of(subject);
            let clear = wall.as_ref().map(|w| background_clear::measure(subject, w));
            [
                (CheckId::BackgroundUniform, wall.as_ref().map(|w| background_uniform::measure(subject, w))),
                (CheckId::BackgroundClear, clear),
            ]
        },
        || checks.par_iter().map(|(id, check)| (*id, check(subject))).collect::<Vec<_>>(),
    );
    for (id, reading) in others.into_iter().chain(of_wall) {
        match reading {
            Some(reading) => reading.put(id, size, &mut measures),
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
