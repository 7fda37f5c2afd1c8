//! What can be wrong with a drawn picture, and which check has to say so.

use domain::CheckId;
use image::RgbImage;
use specimen::{
    flaw::{Flaw, flawed},
    looks::Looks,
    portrait::{Defect, Portrait, PortraitScene, portrait},
};

/// How a picture gets its defect.
#[derive(Debug, Clone, Copy)]
pub enum Make {
    /// Drawn with it.
    Drawn(Defect),
    /// Spoiled after it was taken.
    Spoiled(Flaw),
    /// Clothes of the photo's own background.
    WhiteClothes,
}

/// One kind of defect.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    /// Short name in tables.
    pub name: &'static str,
    /// In Chinese.
    pub zh: &'static str,
    /// How it is made.
    pub make: Make,
    /// The checks of which one has to refuse it; the first is counted as its own.
    pub checks: &'static [CheckId],
    /// The strength from which on the defect is clearly beyond the standard's limit.
    pub clear: f32,
}

const fn kind(
    name: &'static str,
    zh: &'static str,
    make: Make,
    checks: &'static [CheckId],
    clear: f32,
) -> Kind {
    Kind { name, zh, make, checks, clear }
}

use CheckId as C;
use Make::{Drawn, Spoiled};

/// Every kind. Headwear is drawn as well, but no check measures it.
pub const KINDS: &[Kind] = &[
    kind("second face", "另有一人", Drawn(Defect::SecondFace), &[C::SingleFace], 1.0),
    kind("screen", "翻拍屏幕", Spoiled(Flaw::Screen), &[C::NotRephotographed], 0.8),
    kind("print", "翻拍相纸", Spoiled(Flaw::Print), &[C::NotRephotographed], 0.8),
    kind("border", "边框", Spoiled(Flaw::Border), &[C::NoBorderOrText], 0.6),
    kind("text", "文字水印", Spoiled(Flaw::Text), &[C::NoBorderOrText], 0.8),
    kind("grey or toned", "黑白、单色调", Spoiled(Flaw::Toned), &[C::ColourImage], 0.0),
    kind("too small", "像素太少", Spoiled(Flaw::TooSmall), &[C::Resolution], 0.6),
    kind("turned head", "转头", Drawn(Defect::TurnedHead), &[C::HeadPose], 0.7),
    kind("tilted head", "歪头", Drawn(Defect::TiltedHead), &[C::HeadPose], 0.85),
    kind("raised or lowered head", "抬头低头", Drawn(Defect::NoddingHead), &[C::HeadPose], 1.0),
    kind("closed eyes", "闭眼", Drawn(Defect::ClosedEyes), &[C::EyesOpen], 1.0),
    kind("looking away", "眼看别处", Drawn(Defect::LookAway), &[C::Gaze], 0.9),
    kind("open mouth", "张嘴", Drawn(Defect::OpenMouth), &[C::MouthClosed], 0.9),
    kind("broad smile", "大笑", Drawn(Defect::Smile), &[C::ExpressionNeutral], 0.9),
    kind("tinted glasses", "有色眼镜", Drawn(Defect::TintedGlasses), &[C::TintedGlasses], 0.9),
    kind("glare on glasses", "眼镜反光", Drawn(Defect::GlassesGlare), &[C::GlassesGlare], 0.7),
    kind("hair over an eye", "头发遮眼", Drawn(Defect::HairOverEye), &[C::EyesVisible], 0.8),
    kind("fringe over brows", "刘海遮眉", Drawn(Defect::Fringe), &[C::EyebrowsVisible], 0.6),
    kind("hair over ears", "头发遮耳", Drawn(Defect::HairOverEars), &[C::EarsVisible], 0.9),
    kind("side light", "侧光", Drawn(Defect::SideLight), &[C::IlluminationEven], 0.9),
    kind("too dark", "太暗", Spoiled(Flaw::TooDark), &[C::Exposure], 0.7),
    kind("too bright", "太亮", Spoiled(Flaw::TooBright), &[C::Exposure], 0.7),
    kind("room behind", "背景杂乱", Drawn(Defect::BusyBackground), &[C::BackgroundUniform], 1.0),
    kind("thing behind", "背景有物", Spoiled(Flaw::Thing), &[C::BackgroundClear], 0.8),
    kind("bystander", "背景有人", Spoiled(Flaw::Bystander), &[C::BackgroundClear, C::SingleFace], 0.8),
    kind("shadow on the wall", "墙上影子", Spoiled(Flaw::Shadow), &[C::BackgroundClear], 0.8),
    kind("out of focus", "模糊", Drawn(Defect::Blur), &[C::Sharpness], 0.8),
    kind("hair piled up", "头发高耸", Spoiled(Flaw::TallHair), &[C::FaceSize], 0.7),
    kind("head cut off", "头顶被裁", Spoiled(Flaw::CutOff), &[C::Framing], 0.4),
    kind("sloping shoulders", "歪肩", Drawn(Defect::TiltedShoulders), &[C::ShouldersLevel], 0.9),
    kind("white clothes", "白衣白底", Make::WhiteClothes, &[C::ClothingContrast], 1.0),
    kind("colour cast", "偏色", Spoiled(Flaw::ColourCast), &[C::NaturalColour], 0.8),
    kind("grain", "噪点", Spoiled(Flaw::Grain), &[C::Noise], 0.7),
    kind("compression", "过度压缩", Spoiled(Flaw::Compression), &[C::Compression], 0.9),
    kind("smoothed skin", "磨皮", Spoiled(Flaw::Retouched), &[C::NotRetouched], 0.8),
];

impl Kind {
    /// Whether it is there in grades, or there or not.
    pub fn graded(&self) -> bool {
        !matches!(
            self.make,
            Drawn(Defect::SecondFace | Defect::BusyBackground) | Make::WhiteClothes | Spoiled(Flaw::Toned)
        )
    }

    /// The picture of a person with this defect. `base` is the person's clean picture, drawn when it is first needed.
    ///
    /// # Errors
    /// When text is to be drawn and there is no font.
    pub fn picture(
        &self,
        looks: &Looks,
        seed: u64,
        strength: f32,
        base: &mut Option<Portrait>,
    ) -> anyhow::Result<RgbImage> {
        let clean = || PortraitScene::clean(seed);
        Ok(match self.make {
            Drawn(defect) => portrait(looks, &clean().and_graded(defect, strength).sized(1008, 1344)).pixels,
            Make::WhiteClothes => {
                let white = [250 + (seed % 6) as u8; 3];
                portrait(looks, &clean().wearing(white).sized(1008, 1344)).pixels
            }
            Spoiled(flaw) => {
                let base = base.get_or_insert_with(|| portrait(looks, &clean().sized(1512, 2016)));
                flawed(base, flaw, strength, seed)?
            }
        })
    }
}
