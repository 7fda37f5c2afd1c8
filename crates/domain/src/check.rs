//! The checks by their stable ids: those of a photo, in the order in which a candidate should mend them, and those of a card.
//!
//! This order is the only one: reports, advice and pages follow it. Which failing check explains which other is in
//! [`crate::reasons`].

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

macro_rules! checks {
    ($($variant:ident = $id:literal, $zh:literal, $en:literal;)*) => {
        /// One thing that is checked (检测项). The order is that of importance to the candidate.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum CheckId {
            $(#[doc = concat!("`", $id, "`: ", $zh, ", ", $en, ".")] $variant,)*
        }

        impl CheckId {
            /// Every check.
            pub const ALL: &'static [CheckId] = &[$(CheckId::$variant,)*];

            /// The stable id.
            pub fn id(self) -> &'static str {
                match self { $(CheckId::$variant => $id,)* }
            }

            /// What it is called, in Chinese and in English.
            pub fn title(self) -> crate::Text {
                match self { $(CheckId::$variant => crate::Text::new($zh, $en),)* }
            }
        }
    };
}

checks! {
    // Without exactly one person nothing else is told.
    SingleFace = "single_face", "照片中只有一人", "one face";
    // Another picture is needed, whatever this one shows.
    NotRephotographed = "not_rephotographed", "非翻拍", "not a picture of a picture";
    NoBorderOrText = "no_border_or_text", "无边框文字", "no border or text";
    ColourImage = "colour_image", "彩色照片", "colour picture";
    Resolution = "resolution", "像素足够", "enough pixels";
    Compression = "compression", "压缩适度", "not compressed too much";
    NotRetouched = "not_retouched", "未美颜修图", "not retouched";
    // How the head stands in the picture: much of what follows is read off it.
    HeadPose = "head_pose", "头部端正", "head straight";
    Framing = "framing", "人像位置", "position in the frame";
    FaceSize = "face_size", "人脸大小", "size of the face";
    // Another place or other light: what has to be prepared before the shutter.
    BackgroundClear = "background_clear", "背景无杂物", "nothing in the background";
    BackgroundUniform = "background_uniform", "背景单一", "background of one colour";
    IlluminationEven = "illumination_even", "面部光线均匀", "even light on the face";
    Exposure = "exposure", "亮度适中", "right brightness";
    Noise = "noise", "噪点少", "little noise";
    NaturalColour = "natural_colour", "色彩真实", "true colours";
    Sharpness = "sharpness", "面部清晰", "face in focus";
    // What is worn, and hair.
    HeadUncovered = "head_uncovered", "未戴帽子头饰", "nothing on the head";
    TintedGlasses = "tinted_glasses", "非有色眼镜", "no tinted glasses";
    GlassesGlare = "glasses_glare", "眼镜无反光", "no glare on glasses";
    EyesVisible = "eyes_visible", "眼睛无遮挡", "eyes not covered";
    EyebrowsVisible = "eyebrows_visible", "眉毛露出", "eyebrows visible";
    EarsVisible = "ears_visible", "双耳露出", "ears visible";
    ClothingContrast = "clothing_contrast", "衣服与背景有区分", "clothes distinct from the background";
    // The moment of the shutter: the next picture often has it right by itself.
    EyesOpen = "eyes_open", "双眼睁开", "eyes open";
    Gaze = "gaze", "目视前方", "eyes looking ahead";
    ExpressionNeutral = "expression_neutral", "表情自然", "neutral expression";
    MouthClosed = "mouth_closed", "嘴巴闭合", "mouth closed";
    ShouldersLevel = "shoulders_level", "双肩平齐", "shoulders level";
    // Cards.
    CardSide = "card_side", "证件面正确", "the right side of the card";
    CardKind = "card_kind", "证件种类可用", "a kind of card that is accepted";
    CardWhole = "card_whole", "证件完整", "the whole card in the picture";
    CardSharp = "card_sharp", "证件清晰", "card in focus";
    CardGlare = "card_glare", "证件无反光", "no glare on the card";
    CardObstructed = "card_obstructed", "证件无遮挡", "nothing on the card";
    CardFieldsAgree = "card_fields_agree", "证件信息一致", "the card's fields agree";
    CardExpired = "card_expired", "证件在有效期内", "card not expired";
    CardReadable = "card_readable", "证件可识读", "card could be read";
    CardNotPhotocopy = "card_not_photocopy", "非复印件", "not a photocopy";
    CardNotScreen = "card_not_screen", "非屏幕翻拍", "not from a screen";
    CardNotEdited = "card_not_edited", "未经修改", "not edited";
}

impl CheckId {
    /// Whether the check is one of a card.
    pub fn is_of_card(self) -> bool {
        self >= CheckId::CardSide
    }

    /// The checks of a photo, DESIGN's list.
    pub fn of_photo() -> impl Iterator<Item = CheckId> {
        CheckId::ALL.iter().copied().filter(|c| !c.is_of_card())
    }
}

impl fmt::Display for CheckId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

impl FromStr for CheckId {
    type Err = ();
    fn from_str(s: &str) -> Result<Self, ()> {
        CheckId::ALL.iter().copied().find(|c| c.id() == s).ok_or(())
    }
}
