//! What a candidate is told about a check: what is wrong, and what to change.

use crate::{CardKind, CheckId, Text, standard::Beyond};

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
        (C::SingleFace, "count", Below) => (
            "没有找到人脸。请正对镜头，让整张脸都在画面里，脸上光线要亮。",
            "No face was found. Face the camera, with the whole face in the picture and enough light.",
        ),
        (C::SingleFace, "count", Above) => (
            "照片里不止一个人。请让旁边和身后的人离开，墙上也不要有人像。",
            "There is more than one person. Ask others to step aside; no portraits on the wall either.",
        ),
        (C::NotRephotographed, "moire", Above) => (
            "照片上有屏幕的网纹，像是对着手机或电脑屏幕拍的。请直接对着本人拍。",
            "The picture shows the pattern of a screen, as if taken of a phone or computer. Photograph the person directly.",
        ),
        (C::NotRephotographed, "frame", Above) => (
            "头的四周有一圈边框，像是翻拍的相片。请直接对着本人拍，身后不要有门框、窗框和相框。",
            "There is a frame around the head, as of a print. Photograph the person, with no door, window or picture frame behind.",
        ),
        (C::NoBorderOrText, "border", Above) => (
            "照片四周有边框。请上传相机拍的原图，不要用截屏，也不要加边框。",
            "The picture has bars along its edges. Upload the camera's own picture, no screenshot, no frame added.",
        ),
        (C::NoBorderOrText, "text", Above) => (
            "照片上或墙上有文字。请关掉相机的日期和水印，站到没有字的墙前重新拍。",
            "There is writing in the picture. Turn off the camera's date and watermark, and stand before a wall without writing.",
        ),
        (C::ColourImage, "spread", Below) => (
            "这是黑白照片。请关掉相机的黑白效果或滤镜，拍彩色照片。",
            "The picture is black and white. Turn that effect or filter off and take it in colour.",
        ),
        (C::Resolution, "scale", Below) => (
            "照片里的人太小，放大就不清楚了。请在 80 到 100 厘米处拍；从相册选的，要选没有缩小过的原图。",
            "The person is too small in the picture. Take it from 80 to 100 cm, or choose the original from the album, not a smaller copy.",
        ),
        (C::Resolution, "inter_eye", Below) => (
            "照片里的脸太小，看不清眼睛。请走近一些，在 80 到 100 厘米处拍。",
            "The face is too small to see the eyes clearly. Come closer: take it from 80 to 100 cm.",
        ),
        (C::Compression, "quality", Below) => (
            "照片被压缩过，不够清楚。请上传相机拍的原图；用微信传照片时，要勾选“原图”。",
            "The picture was compressed and lost detail. Upload the camera's own picture; when sending it by WeChat, tick \"full image\".",
        ),
        (C::Compression, "blocks", Above) => (
            "照片上有小方块，多半是转发过几次。请上传相机拍的原图，不要用转发来的。",
            "The picture shows small squares, as after being forwarded. Upload the camera's own picture, not a forwarded one.",
        ),
        (C::NotRetouched, "texture", Below) => (
            "皮肤太光滑，像是用过美颜或修过图。请关掉美颜，用手机自带的相机拍。",
            "The skin is too smooth, as after a beauty filter. Turn it off and use the phone's own camera.",
        ),
        (C::HeadPose, "yaw", _) => (
            "头转向了一边。请把脸转正，鼻尖正对镜头。",
            "The head is turned to one side. Turn the face straight, nose towards the camera.",
        ),
        (C::HeadPose, "pitch", Above) => (
            "头仰得太高。请稍微收一点下巴，把手机举到与眼睛一样高，平视镜头。",
            "The chin is too high. Lower it a little, hold the phone at eye height and look straight ahead.",
        ),
        (C::HeadPose, "pitch", Below) => (
            "头太低。请稍微抬起下巴，把手机举到与眼睛一样高，平视镜头。",
            "The head is bent down. Lift the chin a little, hold the phone at eye height and look straight ahead.",
        ),
        (C::HeadPose, "roll", _) => (
            "头歪了。请把头摆正，两只眼睛一样高；手机也要拿正。",
            "The head is tilted. Keep it upright, both eyes at the same height, and hold the phone straight.",
        ),
        (C::Framing, "inside", Below) => (
            "身体没有拍全。请离远一些，让头顶和双肩都在画面里。",
            "Part of the body is missing. Step back: the top of the head and both shoulders belong in the picture.",
        ),
        (C::Framing, "head_cut", Above) => (
            "头没有拍全，被画面的边切掉了。请离远一些，头的上面和两边都留出空。",
            "The edge of the picture cuts off part of the head. Step back and leave room above and beside it.",
        ),
        (C::Framing, "hair_top", Below) => (
            "头顶上方空得太少。请离远一些，让头顶上方多留一点空。",
            "There is too little room above the hair. Step back and leave more room above the head.",
        ),
        (C::Framing, "hair_top", Above) => (
            "头顶上方空得太多。请走近一些，让头靠近画面的上半部。",
            "There is too much room above the hair. Come closer, with the head in the upper half of the picture.",
        ),
        (C::Framing, "eye_line", Below) => (
            "眼睛的位置太高。请平视镜头，不要仰头，把手机举到与眼睛一样高，头顶要露全。",
            "The eyes lie too high. Hold the phone at eye height, chin not raised, with the whole top of the head showing.",
        ),
        (C::Framing, "eye_line", Above) => (
            "眼睛的位置太低。请平视镜头，不要低头；头发盘得高的，请放低。",
            "The eyes lie too low. Look straight ahead without bending the head; hair that is piled high should come down.",
        ),
        (C::Framing, "head_height", Below) => (
            "头在照片里占得太少。请平视镜头，不要仰头，头顶和下巴都要露全。",
            "The head takes too little of the photo. Look straight ahead, chin not raised, everything from hair to chin in view.",
        ),
        (C::Framing, "head_height", Above) => (
            "头在照片里占得太多。请把盘高的头发放低，摘下头上的东西，再重新拍。",
            "The head takes too much of the photo. Let down hair that is piled high, take off ornaments, and take it again.",
        ),
        (C::Framing, "centre", _) => (
            "眼睛不在照片正中。请把脸和身体都转正，正对镜头。",
            "The eyes are not in the middle of the photo. Turn face and body straight towards the camera.",
        ),
        (C::FaceSize, "width", Below) => (
            "脸在照片里太窄。请正对镜头，把盘高的头发放低，摘下头上的东西。",
            "The face is too narrow in the photo. Face the camera, let down hair that is piled high, take off ornaments.",
        ),
        (C::FaceSize, "width", Above) => (
            "脸在照片里太大。请离远一些再拍，距离 80 到 100 厘米，四周留出空。",
            "The face is too large in the photo. Step back to 80 to 100 cm, with room all around.",
        ),
        (C::BackgroundClear, "things", Above) => (
            "身后有东西或别的人。请换一面什么都没有的墙，让旁边的人走开。",
            "There are things or people behind. Choose an empty wall and ask others to step aside.",
        ),
        (C::BackgroundClear, "shadow", Above) => (
            "墙上有影子。请离墙 30 厘米以上，关掉闪光灯，让光从正前方照过来。",
            "There is a shadow on the wall. Stand more than 30 cm from it, turn the flash off, and face the light.",
        ),
        (C::BackgroundUniform, "texture", Above) => (
            "身后的墙有花纹，颜色不均匀。请换一面纯色的墙，离墙 30 厘米以上。",
            "The wall behind has a pattern. Choose a plain wall of one colour, and stand more than 30 cm from it.",
        ),
        (C::BackgroundUniform, "objects", Above) => (
            "身后不止一种颜色。请避开门、窗、柜子和墙上的东西，站到一面纯色的墙前。",
            "There is more than one colour behind. Stand before a plain wall, away from doors, windows and furniture.",
        ),
        (C::BackgroundUniform, "range", Above) => (
            "墙面一边亮一边暗。请避开窗边和射灯，换到墙面亮度一样的地方。",
            "The wall is bright on one side and dark on the other. Move away from windows and spotlights.",
        ),
        (C::IlluminationEven, "balance", Below) => (
            "脸上一边亮一边暗。请面向窗户或灯站好，不要让光从侧面照过来。",
            "One side of the face is darker. Face the window or lamp; avoid light from the side.",
        ),
        (C::IlluminationEven, "overlap", Below) => (
            "两边脸颊的明暗差得太多。请正对窗户或灯，让光从正前方照过来。",
            "The two cheeks are not equally bright. Face the window or lamp, so that the light comes from straight ahead.",
        ),
        (C::Exposure, "luminance", Below) => (
            "脸上太暗。请到更亮的地方，面向窗户或灯再拍。",
            "The face is too dark. Go where it is brighter and face the window or lamp.",
        ),
        (C::Exposure, "luminance", Above) => (
            "脸上太亮。请离灯远一些，不要开闪光灯，避开直射的阳光。",
            "The face is too bright. Move away from the lamp, no flash, no direct sun.",
        ),
        (C::Exposure, "shadows", Above) => (
            "脸上有大片黑影。请面向窗户或灯站好，身后不要有很亮的光。",
            "Much of the face lies in deep shadow. Face the window or lamp, with no bright light behind.",
        ),
        (C::Exposure, "highlights", Above) => (
            "脸上有反光发白的地方。请擦干脸上的油和汗，不要开闪光灯，避开强光。",
            "Parts of the face shine white. Wipe off sweat and oil, turn the flash off, avoid strong light.",
        ),
        (C::Noise, "grain", Above) => (
            "光线太暗，照片上有很多小颗粒。请到更亮的地方，或打开灯再拍。",
            "It was too dark: the picture is full of grain. Go where it is brighter, or turn the lights on.",
        ),
        (C::Noise, "blotches", Above) => (
            "光线太暗，照片上有杂色的斑点。请打开灯，或白天到窗边面向窗户拍。",
            "It was too dark: the picture has coloured specks. Turn the lights on, or face a window in daylight.",
        ),
        (C::NaturalColour, "skin", Above) => (
            "肤色不自然。请关掉滤镜和美颜，白天面向窗户拍。",
            "The skin's colour is not natural. Turn filters off and face a window in daylight.",
        ),
        (C::NaturalColour, "hue", Below) => (
            "脸上颜色发红、发紫。请关掉滤镜，避开彩色的灯，白天面向窗户拍。",
            "The face looks red or purple. Turn filters off, avoid coloured lamps, and face a window in daylight.",
        ),
        (C::NaturalColour, "hue", Above) => (
            "脸上颜色发黄、发绿。请关掉滤镜，避开黄色的灯，白天面向窗户拍。",
            "The face looks yellow or green. Turn filters off, avoid yellow lamps, and face a window in daylight.",
        ),
        (C::NaturalColour, "eye_white", Above) => (
            "整张照片颜色不对，眼白都不白了。请关掉滤镜，避开彩色的灯，白天面向窗户拍。",
            "The whole picture is tinted, even the white of the eyes. Turn filters off, avoid coloured lamps, use daylight.",
        ),
        (C::Sharpness, "blur", Above) => (
            "照片模糊。请擦干净镜头，在屏幕上点一下脸，拿稳手机再拍。",
            "The picture is blurred. Wipe the lens, tap the face on the screen, and hold the phone still.",
        ),
        (C::HeadUncovered, ..) => (
            "头上戴了东西。请摘下帽子、头巾或头饰再拍。",
            "There is something on the head. Take off the hat, scarf or hair ornament.",
        ),
        (C::TintedGlasses, "light", Below) => (
            "镜片太暗，看不清眼睛。请摘下墨镜，换无色镜片的眼镜，或不戴眼镜拍。",
            "The lenses are too dark to see the eyes. Take the sunglasses off; glasses with clear lenses are fine.",
        ),
        (C::TintedGlasses, "colour", Above) => (
            "镜片有颜色。请换无色镜片的眼镜，或摘下眼镜再拍。",
            "The lenses are coloured. Wear glasses with clear lenses, or take them off.",
        ),
        (C::GlassesGlare, "spot", Above) => (
            "眼镜反光了。请换个位置，让镜片上没有灯和窗户的亮光，不要开闪光灯；也可以摘下眼镜拍。",
            "The glasses reflect a light. Move until no lamp or window shows in them, no flash, or take them off.",
        ),
        (C::EyesVisible, "covered", Above) => (
            "头发挡住了眼睛。请把头发拨开或夹起来，露出眉毛和眼睛。",
            "Hair covers the eyes. Move it aside or pin it up so that brows and eyes show.",
        ),
        (C::EyebrowsVisible, "covered", Above) => (
            "头发挡住了眉毛。请把刘海拨开或夹起来，露出两边的眉毛。",
            "Hair covers the eyebrows. Move the fringe aside or pin it up so that both brows show.",
        ),
        (C::EarsVisible, "hidden", Above) => (
            "耳朵被挡住了。请把两边的头发都拨到耳后，露出双耳。",
            "An ear is covered. Put the hair behind both ears so that they show.",
        ),
        (C::ClothingContrast, "contrast", Below) => (
            "衣服和证件照的背景颜色太接近。请换一件颜色明显不同的衣服，最好是深色的。",
            "The clothes are too close in colour to the photo's background. Wear another colour, best a dark one.",
        ),
        (C::ClothingContrast, "edge", Above) => (
            "衣服和身后的墙分不清。请换一件颜色不同的衣服，或换一面墙。",
            "The clothes cannot be told from the wall. Wear another colour, or choose another wall.",
        ),
        // Two ways to measure one thing.
        (C::EyesOpen, "opening" | "aspect", Below) => (
            "眼睛闭着，或睁得不够大。请自然睁大双眼，看着镜头再拍。",
            "The eyes are shut or not open enough. Open both eyes naturally and look into the camera.",
        ),
        (C::Gaze, "aside", _) => {
            ("眼睛看向了旁边。请看着镜头再拍。", "The eyes look to the side. Look into the camera.")
        }
        (C::ExpressionNeutral, "smile", Above) => (
            "笑得太明显了。请放松面部，闭上嘴，看着镜头。",
            "The smile is too broad. Relax the face, close the mouth and look into the camera.",
        ),
        (C::MouthClosed, "gap", Above) => (
            "嘴巴张开了。请自然闭上嘴，不要露出牙齿。",
            "The mouth is open. Close it naturally, without showing teeth.",
        ),
        (C::ShouldersLevel, "tilt", _) => (
            "双肩不一样高。请坐直或站直，两肩放松、放平。",
            "The shoulders are not level. Sit or stand straight, shoulders relaxed.",
        ),
        (C::CardSide, ..) => (
            "证件面传反了。人像面是印有照片和姓名的一面，国徽面是印有有效期限的一面。",
            "This is the other side of the card. The portrait side bears photo and name, the emblem side the validity.",
        ),
        (C::CardKind, ..) => (
            "本次考试不收这种证件。请用公告里写明的证件。",
            "This exam does not accept this kind of card. Use one that its notice names.",
        ),
        (C::CardWhole, ..) => (
            "证件没有拍全。请把身份证四个角都放进画面里。",
            "The card is not whole. All four corners belong in the picture.",
        ),
        (C::CardSharp, ..) => (
            "证件拍得模糊。请把手机拿稳，等画面清楚了再拍。",
            "The card is blurred. Hold the phone still and wait until the picture is clear.",
        ),
        (C::CardGlare, ..) => (
            "证件上有反光。请换个角度，避开灯光，不要开闪光灯。",
            "Light reflects off the card. Change the angle, away from lamps, no flash.",
        ),
        (C::CardObstructed, ..) => (
            "证件上的字被挡住了。请把证件放在桌面上，手指和别的东西都不要压住字。",
            "Something covers the print on the card. Lay it on a table, and keep fingers and things off the print.",
        ),
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
        (C::CardNotPhotocopy, ..) => (
            "这像是黑白复印件，或开了黑白效果。请关掉黑白效果，拍身份证原件。",
            "This looks like a black-and-white copy, or that effect is on. Turn it off and photograph the card itself.",
        ),
        (C::CardNotScreen, ..) => (
            "这像是对着屏幕拍的。请直接拍身份证原件；原件的照片可以从相册上传。",
            "This looks like a picture of a screen. Photograph the card itself, or upload its picture from the album.",
        ),
        (C::CardNotEdited, ..) => (
            "证件上有的地方像是后来改过的。请重新拍身份证，上传没有改动过的原图。",
            "Part of the card looks changed afterwards. Take the card again and upload the picture as it is.",
        ),
        // What no standard limits on that side, so that nobody has been told how to mend it.
        _ => return unmet(check),
    };
    Text::new(zh, en)
}

/// The words where there are none for the part.
fn unmet(check: CheckId) -> Text {
    let title = check.title();
    Text::new(
        format!("这一项不符合要求：{}。请重新拍照。", title.zh),
        format!("This is not as it has to be: {}. Take the picture again.", title.en),
    )
}

/// What is told about a card of a kind that the exam does not accept: which it is, and which are.
pub fn kind_not_accepted(kind: CardKind, accepted: &[CardKind]) -> Text {
    let titles: Vec<Text> = accepted.iter().map(|kind| kind.title()).collect();
    let zh: Vec<&str> = titles.iter().map(|title| title.zh.as_str()).collect();
    let en: Vec<&str> = titles.iter().map(|title| title.en.as_str()).collect();
    let this = kind.title();
    Text::new(
        format!("这是{}，本次考试不收。请用{}；没有的，请问工作人员。", this.zh, zh.join("或")),
        format!(
            "This is a {}, which this exam does not accept. Use a {}; if you have none, ask the office.",
            this.en,
            en.join(" or a ")
        ),
    )
}

/// What is told when a person of the office does not pass a photo for what a check looks for.
pub fn objected(check: CheckId) -> Text {
    let title = check.title();
    Text::new(
        format!("工作人员看过照片，认为没有做到“{}”。请改好后重新拍照。", title.zh),
        format!(
            "The office has looked at the photo and finds this is not met: {}. Change it and take another photo.",
            title.en
        ),
    )
}

/// What is told when every check passed and still no file could be made within the standard's limits of bytes and quality.
pub fn no_file() -> Text {
    Text::new(
        "这张照片做不出大小合格的证件照。请换一面干净的墙，在均匀的光线下重新拍。",
        "No ID photo of the required size can be made of this picture. Take another before a plain wall in even light.",
    )
}
