//! What a candidate is told about a check: what is wrong, and what to change.

use crate::{CheckId, Text, standard::Beyond};

/// The word for a check that passed.
pub fn fine(check: CheckId) -> Text {
    let title = check.title();
    Text::new(format!("{}：符合要求。", title.zh), format!("{}: fine.", capitalised(&title.en)))
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |c| c.to_uppercase().chain(chars).collect())
}

/// Advice for one part of a check that lies beyond its limit, on that side.
pub fn for_part(check: CheckId, part: &str, beyond: Beyond) -> Text {
    use Beyond::{Above, Below};
    use CheckId as C;
    let (zh, en) = match (check, part, beyond) {
        (C::SingleFace, _, Below) => (
            "没有找到人脸。请正对镜头，让整张脸都在画面里，光线要够亮。",
            "No face was found. Face the camera, with the whole face in the picture and enough light.",
        ),
        (C::SingleFace, _, Above) => (
            "照片里不止一个人。请让旁边和身后的人离开，墙上也不要有人像。",
            "There is more than one person. Ask others to step aside; no portraits on the wall either.",
        ),
        (C::NotRephotographed, "moire", _) => (
            "照片上有屏幕的网纹，像是对着屏幕拍的。请直接拍摄本人，不要翻拍手机或电脑。",
            "There is a screen's pattern in the picture. Photograph the person, not a phone or computer.",
        ),
        (C::NotRephotographed, "frame", _) => (
            "人像四周有边框，像是翻拍的相片或屏幕。请直接拍摄本人，身后也不要有门框、相框。",
            "There is a frame around the head, as of a print or screen. Photograph the person, with no door or picture frame behind.",
        ),
        (C::NotRephotographed, ..) => (
            "这像是翻拍的照片或屏幕。请直接拍摄本人。",
            "This looks like a picture of a print or a screen. Photograph the person directly.",
        ),
        (C::NoBorderOrText, "border", _) => (
            "照片四周加了边框。请上传相机拍的原图，不要截屏，不要加边。",
            "The picture has bars around it. Upload the camera's own picture, no screenshot, no frame.",
        ),
        (C::NoBorderOrText, "text", _) => (
            "照片上有文字、日期或水印。请关闭相机的日期和水印，换一面没有字的墙，重新拍。",
            "There is writing, a date or a watermark in the picture. Turn them off in the camera, choose a wall without writing, and take it again.",
        ),
        (C::NoBorderOrText, ..) => (
            "照片带有边框或文字。请上传没有加工过的原图。",
            "The picture has a border or text. Upload the original picture.",
        ),
        (C::ColourImage, ..) => (
            "这是黑白照片。请关闭黑白滤镜，拍彩色照片。",
            "The picture is black and white. Turn the filter off and take it in colour.",
        ),
        (C::Resolution, ..) => (
            "照片像素不够。请用原图上传，或走近一些再拍（距离 80 到 100 厘米）。",
            "The picture has too few pixels. Upload the original, or take it from 80 to 100 cm.",
        ),
        (C::HeadPose, "yaw", _) => (
            "头转向了一边。请把脸转正，鼻尖正对镜头。",
            "The head is turned to one side. Turn the face straight, nose towards the camera.",
        ),
        (C::HeadPose, "pitch", _) => (
            "抬头或低头了。请把手机举到与眼睛一样高，平视镜头。",
            "The head is raised or lowered. Hold the phone at eye height and look straight ahead.",
        ),
        (C::HeadPose, ..) => (
            "头歪了。请把头摆正，两眼一样高。",
            "The head is tilted. Keep it upright, both eyes at the same height.",
        ),
        (C::EyesOpen, ..) => {
            ("眼睛没有睁开。请自然睁大双眼再拍。", "The eyes are not open. Open both eyes naturally.")
        }
        (C::Gaze, ..) => ("眼睛没有看镜头。请看着镜头再拍。", "The eyes look away. Look into the camera."),
        (C::MouthClosed, ..) => (
            "嘴巴张开了。请自然闭上嘴，不要露出牙齿。",
            "The mouth is open. Close it naturally, without showing teeth.",
        ),
        (C::ExpressionNeutral, ..) => (
            "笑得太开了。请放松面部，自然闭嘴，看着镜头。",
            "The smile is too broad. Relax the face, close the mouth and look into the camera.",
        ),
        (C::HeadUncovered, ..) => ("请摘下帽子、头巾或头饰。", "Take off the hat, scarf or hair ornament."),
        (C::TintedGlasses, ..) => (
            "镜片有颜色或太暗。请摘下墨镜或有色眼镜，换无色镜片的眼镜再拍。",
            "The lenses are tinted or dark. Take off sunglasses or tinted glasses; clear lenses are fine.",
        ),
        (C::GlassesGlare, ..) => (
            "眼镜反光了。请换个位置避开灯和窗户，不要开闪光灯；也可以摘下眼镜再拍。",
            "The glasses reflect a light. Move away from lamps and windows, no flash, or take the glasses off.",
        ),
        (C::EyesVisible, ..) => (
            "头发挡住了眼睛。请把头发拨开，露出双眼。",
            "Hair covers the eyes. Move it aside so that both eyes show.",
        ),
        (C::EyebrowsVisible, ..) => {
            ("头发挡住了眉毛。请把刘海拨开，露出双眉。", "Hair covers the eyebrows. Move the fringe aside.")
        }
        (C::EarsVisible, ..) => {
            ("头发挡住了耳朵。请把两边的头发都拨到耳后。", "Hair covers an ear. Put it behind both ears.")
        }
        (C::IlluminationEven, ..) => (
            "脸上一边亮一边暗。请面向窗户或灯站好，不要让光从侧面照过来。",
            "One side of the face is darker. Face the window or lamp; avoid light from the side.",
        ),
        (C::Exposure, "luminance" | "highlights", Above) => (
            "脸上太亮。请离灯远一些，不要开闪光灯，避开直射阳光。",
            "The face is too bright. Move away from the lamp, no flash, no direct sun.",
        ),
        (C::Exposure, ..) => (
            "脸上太暗。请到更亮的地方，面向光源再拍。",
            "The face is too dark. Go where it is brighter and face the light.",
        ),
        (C::BackgroundUniform, "range", _) => (
            "墙面一边亮一边暗。请避开窗边和射灯，让墙面受光均匀。",
            "The wall is bright on one side and dark on the other. Move away from windows and spotlights.",
        ),
        (C::BackgroundUniform, ..) => (
            "背景颜色不单一。请站到一面纯色的墙前，离墙 30 厘米以上。",
            "The background is not of one colour. Stand before a plain wall, more than 30 cm from it.",
        ),
        (C::BackgroundClear, "shadow", _) => (
            "墙上有影子。请离墙远一些，关掉闪光灯，让光从正前方照过来。",
            "There is a shadow on the wall. Stand further from it, turn the flash off, and face the light.",
        ),
        (C::BackgroundClear, ..) => (
            "身后有东西或别的人。请换一面空墙，让旁人走开。",
            "There are things or people behind. Choose an empty wall and ask others to step aside.",
        ),
        (C::Sharpness, ..) => (
            "照片模糊。请擦干净镜头，对准脸点一下屏幕对焦，拿稳手机再拍。",
            "The picture is blurred. Wipe the lens, tap the face to focus, hold the phone still.",
        ),
        (C::FaceSize, _, Below) => ("脸太小。请走近一些再拍。", "The face is too small. Come closer."),
        (C::FaceSize, _, Above) => ("脸太大。请离远一些再拍。", "The face is too large. Step back."),
        (C::Framing, "inside" | "head_cut", _) => (
            "头部周围留的空间不够。请离远一些，让头顶和双肩都在画面里。",
            "There is too little room around the head. Step back: the top of the head and both shoulders belong in the picture.",
        ),
        (C::Framing, "hair_top", Below) => (
            "头顶离上边太近。请离远一些，头顶上方留出空间。",
            "The hair is too near the upper edge. Step back and leave room above the head.",
        ),
        (C::Framing, ..) => (
            "人像位置不合适。请让脸在画面正中，头顶和双肩都露出来。",
            "The head is not well placed. Keep the face in the middle, with hair and shoulders in the picture.",
        ),
        (C::ShouldersLevel, ..) => (
            "双肩不平。请坐直或站直，两肩放松，一样高。",
            "The shoulders are not level. Sit or stand straight, shoulders relaxed.",
        ),
        (C::ClothingContrast, "edge", _) => (
            "衣服和身后的墙分不清。请换一件颜色不同的衣服，或换一面墙。",
            "The clothes cannot be told from the wall. Wear another colour, or choose another wall.",
        ),
        (C::ClothingContrast, ..) => (
            "衣服和照片背景颜色太接近。请换一件深一些、颜色不同的衣服。",
            "The clothes are too close to the photo's background. Wear something darker, of another colour.",
        ),
        (C::NaturalColour, "eye_white", _) => (
            "照片整体偏色，眼白不白。请关闭滤镜，避开彩色灯光，在白天窗前拍。",
            "The whole picture is tinted, even the white of the eyes. Turn filters off, avoid coloured lamps, use daylight.",
        ),
        (C::NaturalColour, ..) => (
            "肤色不自然，照片偏色。请关闭滤镜和美颜，在白天自然光下拍。",
            "The skin's colour is not natural. Turn filters off and use daylight.",
        ),
        (C::Noise, ..) => (
            "光线太暗，照片上满是噪点。请到更亮的地方，或打开灯再拍。",
            "It was too dark: the picture is full of grain. Go where it is brighter, or turn the lights on.",
        ),
        (C::Compression, ..) => (
            "照片被压缩得太厉害，有方块。请上传原图；用微信传照片时勾选“原图”。",
            "The picture was compressed until it shows blocks. Upload the original; tick \"original\" when you send it by a messenger.",
        ),
        (C::NotRetouched, ..) => (
            "照片像是美颜或修过的，皮肤没有纹理。请关闭美颜，用手机自带的相机拍。",
            "The picture looks retouched: the skin has no texture. Turn beauty filters off and use the phone's own camera.",
        ),
        (C::CardSide, ..) => (
            "证件面传反了。人像面是印有照片和姓名的一面，国徽面是印有有效期限的一面。",
            "This is the other side of the card. The portrait side bears photo and name, the emblem side the validity.",
        ),
        (C::CardWhole, ..) => (
            "证件没有拍全。请把身份证四个角都放进画面里。",
            "The card is not whole. All four corners belong in the picture.",
        ),
        (C::CardSharp, ..) => (
            "证件拍得模糊。请把手机拿稳，等对焦清楚再拍。",
            "The card is blurred. Hold the phone still and wait for focus.",
        ),
        (C::CardGlare, ..) => (
            "证件上有反光。请换个角度，避开灯光，不要开闪光灯。",
            "Light reflects off the card. Change the angle, away from lamps, no flash.",
        ),
        (C::CardObstructed, ..) => {
            ("证件被挡住了。请不要用手指压住证件。", "Something covers the card. Keep fingers off it.")
        }
        (C::CardFieldsAgree, ..) => (
            "证件上的出生日期、性别与号码读出来不一致。请重新拍清楚一些。",
            "Birth date or sex as read do not fit the number. Take a clearer picture.",
        ),
        (C::CardExpired, ..) => (
            "这张身份证已经过期。请使用有效期内的身份证。",
            "This identity card has expired. Use a valid one.",
        ),
        (C::CardReadable, ..) => (
            "证件上的文字没有读清。请把证件放平，在亮处重新拍。",
            "The text on the card could not be read. Lay the card flat in good light and take it again.",
        ),
        (C::CardNotPhotocopy, ..) => {
            ("这像是复印件。请拍身份证原件。", "This looks like a photocopy. Photograph the card itself.")
        }
        (C::CardNotScreen, ..) => {
            ("这像是翻拍屏幕。请拍身份证原件。", "This looks like a screen. Photograph the card itself.")
        }
        (C::CardNotEdited, ..) => {
            ("照片像是修改过的。请上传原图。", "The picture looks edited. Upload the original.")
        }
    };
    Text::new(zh, en)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_check_has_advice_of_its_own() {
        let mut seen = std::collections::HashSet::new();
        for check in CheckId::ALL {
            let text = for_part(*check, "", Beyond::Below);
            assert!(text.zh.ends_with('。') && text.en.ends_with('.'), "{check}");
            assert!(seen.insert(text.zh), "{check} repeats another's advice");
        }
    }
}
