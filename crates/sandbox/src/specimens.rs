//! Pictures to try the journey with, drawn on demand: each candidate's card and portraits, good ones and bad ones.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;
use domain::Text;
use serde::Serialize;
use specimen::{
    capture::{CardDefect, CardScene, capture},
    card::{emblem_side, portrait_side},
    people::Person,
    phone::phone_jpeg,
    portrait::{Defect, PortraitScene, portrait},
};
use tokio::sync::{OnceCell, Semaphore};

/// Which picture of a candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The card's portrait side, lying on a table.
    CardPortrait,
    /// The card's emblem side, lying on a table.
    CardEmblem,
    /// A portrait with nothing wrong.
    Portrait,
    /// Another portrait with nothing wrong.
    PortraitAgain,
    /// Eyes closed.
    ClosedEyes,
    /// Mouth open.
    OpenMouth,
    /// Head turned.
    TurnedHead,
    /// Head tilted.
    TiltedHead,
    /// Dark light from one side.
    SideLight,
    /// Things in the background.
    BusyBackground,
    /// A second face.
    SecondFace,
    /// Out of focus.
    Blur,
    /// Two reasons at once: eyes closed, background busy.
    TwoDefects,
    /// A good portrait of somebody else of the register.
    OtherPerson,
    /// The portrait side, cut off by the picture's edge.
    CardCropped,
    /// The portrait side with a highlight over the text.
    CardGlare,
    /// The portrait side out of focus.
    CardBlur,
    /// The portrait side of somebody else's card.
    CardOther,
}

impl Kind {
    /// All kinds, in the order of the journey.
    pub const ALL: [Kind; 18] = [
        Kind::CardPortrait,
        Kind::CardEmblem,
        Kind::Portrait,
        Kind::PortraitAgain,
        Kind::ClosedEyes,
        Kind::OpenMouth,
        Kind::TurnedHead,
        Kind::TiltedHead,
        Kind::SideLight,
        Kind::BusyBackground,
        Kind::SecondFace,
        Kind::Blur,
        Kind::TwoDefects,
        Kind::OtherPerson,
        Kind::CardCropped,
        Kind::CardGlare,
        Kind::CardBlur,
        Kind::CardOther,
    ];

    /// The name in URLs.
    pub fn name(self) -> &'static str {
        match self {
            Kind::CardPortrait => "card_portrait",
            Kind::CardEmblem => "card_emblem",
            Kind::Portrait => "portrait",
            Kind::PortraitAgain => "portrait_again",
            Kind::ClosedEyes => "closed_eyes",
            Kind::OpenMouth => "open_mouth",
            Kind::TurnedHead => "turned_head",
            Kind::TiltedHead => "tilted_head",
            Kind::SideLight => "side_light",
            Kind::BusyBackground => "busy_background",
            Kind::SecondFace => "second_face",
            Kind::Blur => "blur",
            Kind::TwoDefects => "two_defects",
            Kind::OtherPerson => "other_person",
            Kind::CardCropped => "card_cropped",
            Kind::CardGlare => "card_glare",
            Kind::CardBlur => "card_blur",
            Kind::CardOther => "card_other",
        }
    }

    /// The kind of that name.
    pub fn parse(name: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Said in words.
    pub fn text(self) -> Text {
        let (zh, en) = match self {
            Kind::CardPortrait => ("居民身份证人像面", "Identity card, portrait side"),
            Kind::CardEmblem => ("居民身份证国徽面", "Identity card, emblem side"),
            Kind::Portrait => ("合格照片", "Good portrait"),
            Kind::PortraitAgain => ("另一张合格照片", "Another good portrait"),
            Kind::ClosedEyes => ("闭眼", "Eyes closed"),
            Kind::OpenMouth => ("张嘴", "Mouth open"),
            Kind::TurnedHead => ("侧脸", "Head turned"),
            Kind::TiltedHead => ("歪头", "Head tilted"),
            Kind::SideLight => ("侧光偏暗", "Dark light from one side"),
            Kind::BusyBackground => ("背景杂乱", "Busy background"),
            Kind::SecondFace => ("两张人脸", "Second face"),
            Kind::Blur => ("模糊", "Out of focus"),
            Kind::TwoDefects => ("闭眼且背景杂乱", "Eyes closed and busy background"),
            Kind::OtherPerson => ("他人照片（核验不通过）", "Somebody else's portrait (refused)"),
            Kind::CardCropped => ("人像面，未拍全", "Portrait side, cropped"),
            Kind::CardGlare => ("人像面，反光", "Portrait side, glare"),
            Kind::CardBlur => ("人像面，模糊", "Portrait side, out of focus"),
            Kind::CardOther => ("他人证件人像面", "Somebody else's card, portrait side"),
        };
        Text::new(zh, en)
    }
}

/// How large a picture is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Size {
    /// As a phone takes it, 12 megapixels.
    Phone,
    /// For a page's overview.
    Small,
}

/// A picture could not be drawn.
#[derive(Debug, thiserror::Error)]
#[error("the specimen could not be drawn: {0}")]
pub struct NotDrawn(String);

/// Draws a picture and encodes it as a phone would (JPEG, for portraits with EXIF orientation). `other` stands in where the
/// picture is somebody else's. The same arguments give the same bytes.
///
/// # Errors
/// [`NotDrawn`] when the fonts of the card are not installed.
pub fn draw(person: &Person, other: &Person, kind: Kind, size: Size) -> Result<Vec<u8>, NotDrawn> {
    let seed = person.seed.wrapping_mul(31).wrapping_add(kind as u64);
    match kind {
        Kind::CardPortrait => card(person, false, CardScene::clean(seed), size),
        Kind::CardEmblem => card(person, true, CardScene::clean(seed), size),
        Kind::CardOther => card(other, false, CardScene::clean(seed), size),
        Kind::CardCropped => card(person, false, CardScene::with_defect(seed, CardDefect::Cropped), size),
        Kind::CardGlare => card(person, false, CardScene::with_defect(seed, CardDefect::Glare), size),
        Kind::CardBlur => card(person, false, CardScene::with_defect(seed, CardDefect::Blur), size),
        Kind::Portrait | Kind::PortraitAgain => Ok(face(person, PortraitScene::clean(seed), size)),
        Kind::OtherPerson => Ok(face(other, PortraitScene::clean(seed), size)),
        Kind::ClosedEyes => Ok(defective(person, seed, &[Defect::ClosedEyes], size)),
        Kind::OpenMouth => Ok(defective(person, seed, &[Defect::OpenMouth], size)),
        Kind::TurnedHead => Ok(defective(person, seed, &[Defect::TurnedHead], size)),
        Kind::TiltedHead => Ok(defective(person, seed, &[Defect::TiltedHead], size)),
        Kind::SideLight => Ok(defective(person, seed, &[Defect::SideLight], size)),
        Kind::BusyBackground => Ok(defective(person, seed, &[Defect::BusyBackground], size)),
        Kind::SecondFace => Ok(defective(person, seed, &[Defect::SecondFace], size)),
        Kind::Blur => Ok(defective(person, seed, &[Defect::Blur], size)),
        Kind::TwoDefects => Ok(defective(person, seed, &[Defect::ClosedEyes, Defect::BusyBackground], size)),
    }
}

fn defective(person: &Person, seed: u64, defects: &[Defect], size: Size) -> Vec<u8> {
    let scene = defects.iter().fold(PortraitScene::clean(seed), |scene, defect| scene.and(*defect));
    face(person, scene, size)
}

fn face(person: &Person, scene: PortraitScene, size: Size) -> Vec<u8> {
    match size {
        // Orientation 6: how a phone held upright stores what its sensor saw.
        Size::Phone => phone_jpeg(&portrait(&person.looks, &scene).pixels, 92, 6),
        Size::Small => phone_jpeg(&portrait(&person.looks, &scene.sized(300, 400)).pixels, 80, 1),
    }
}

fn card(person: &Person, emblem: bool, scene: CardScene, size: Size) -> Result<Vec<u8>, NotDrawn> {
    let art = if emblem { emblem_side(person) } else { portrait_side(person) };
    let art = art.map_err(|error| NotDrawn(error.to_string()))?;
    let scene = match size {
        Size::Phone => scene,
        Size::Small => {
            let (width, height) = (scene.width, scene.height);
            let longer = width.max(height).max(1);
            scene.sized(width * 480 / longer, height * 480 / longer)
        }
    };
    Ok(capture(&art, &scene).jpeg())
}

type Key = (usize, Kind, Size);
type Slot = Arc<OnceCell<Bytes>>;

/// Drawn pictures, the latest kept.
pub(crate) struct Specimens {
    drawn: Mutex<(HashMap<Key, Slot>, VecDeque<Key>)>,
    workers: Arc<Semaphore>,
}

/// Pictures kept; a 12-megapixel one weighs 1 to 4 MB.
const KEPT: usize = 96;

impl Specimens {
    pub(crate) fn new(workers: Arc<Semaphore>) -> Specimens {
        Specimens { drawn: Mutex::default(), workers }
    }

    fn slot(&self, key: Key) -> Slot {
        let mut drawn = self.drawn.lock().unwrap_or_else(PoisonError::into_inner);
        let (slots, order) = &mut *drawn;
        if let Some(slot) = slots.get(&key) {
            return slot.clone();
        }
        if order.len() >= KEPT
            && let Some(oldest) = order.pop_front()
        {
            slots.remove(&oldest);
        }
        order.push_back(key);
        slots.entry(key).or_default().clone()
    }

    /// The picture of candidate number `index`, drawn once however many ask at once.
    pub(crate) async fn get(
        &self,
        index: usize,
        person: &Person,
        other: &Person,
        kind: Kind,
        size: Size,
    ) -> Result<Bytes, NotDrawn> {
        let slot = self.slot((index, kind, size));
        let bytes = slot
            .get_or_try_init(|| async {
                let failed = |error: &dyn std::error::Error| NotDrawn(error.to_string());
                let _permit = self.workers.acquire().await.map_err(|e| failed(&e))?;
                let (person, other) = (person.clone(), other.clone());
                let job = move || draw(&person, &other, kind, size);
                tokio::task::spawn_blocking(job).await.map_err(|e| failed(&e))?.map(Bytes::from)
            })
            .await?;
        Ok(bytes.clone())
    }
}
