//! Drawn-up records for tests: nobody's name, nobody's number. Behind feature `testing`.

#![allow(clippy::unwrap_used)]

use domain::{Ethnicity, IdNumber, Level, PersonName, PhoneNumber, Registration, id_number::check_character};
use jiff::Timestamp;
use uuid::Uuid;

use crate::{
    AttemptId, CollectionRecord, ConsentText, ExamSession, NewPicture, Office, PictureKind, Records, Store,
};

/// The exam session that they belong to.
pub const SESSION: &str = "specimen-2026";

/// So many seconds after some beginning.
pub fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_795_000_000 + seconds).unwrap()
}

/// An open exam session.
pub fn exam_session(id: &str) -> ExamSession {
    let text = |name: &str| ConsentText { version: "1".into(), text: name.into() };
    ExamSession {
        id: id.into(),
        name: "样本考次".into(),
        office: Office { name: "样本成招办".into(), phone: "010-00000000".into() },
        standard: "chengkao".into(),
        attempts_allowed: 5,
        agreement: text("用户协议"),
        privacy: text("隐私协议"),
        face_consent: text("人脸比对"),
        open: true,
        closes_at: None,
        cards: None,
        inspection: domain::Inspection::Off,
        two_eyes: false,
    }
}

/// The n-th drawn-up registration, n up to 999.
pub fn registration(n: u32) -> Registration {
    let first = format!("11000019900307{n:03}");
    let number = format!("{first}{}", check_character(&first).unwrap());
    let family = ["赵", "钱", "孙", "李", "周", "吴", "郑", "王"][n as usize % 8];
    Registration {
        id: format!("R{n:06}"),
        name: PersonName::parse(&format!("{family}样本·龑{n}")).unwrap(),
        number: IdNumber::parse(&number).unwrap(),
        ethnicity: Ethnicity::parse("维吾尔").ok(),
        address: Some(format!("某省某市样本路{n}号院第三单元")),
        phone: PhoneNumber::parse(&format!("139{n:08}")).unwrap(),
        level: Level::JuniorCollegeToBachelor,
    }
}

/// The collection of the n-th registration, in an exam session that is made when it is not there.
pub async fn collection(records: &Records, n: u32) -> CollectionRecord {
    records.put_exam_session(&exam_session(SESSION), at(0)).await.unwrap();
    records.find_or_create_collection(SESSION, &registration(n).id, 5, at(0)).await.unwrap()
}

/// A collection whose attempt waits to be asked, as 同意并提交 leaves it.
pub async fn verifying(store: &Store, n: u32) -> (CollectionRecord, AttemptId) {
    let mut record = collection(store, n).await;
    let attempt = AttemptId::generate();
    record.collection = asked(record.collection, attempt.0);
    let photo = store.put_picture(picture(&record, PictureKind::Photo, b"photo"), at(0)).await.unwrap();
    let tx = store.begin().await.unwrap();
    tx.save_collection(&mut record, at(0)).await.unwrap();
    tx.enqueue_attempt(attempt, record.id, photo.id, at(0)).await.unwrap();
    tx.commit().await.unwrap();
    (record, attempt)
}

/// A collection that the platform confirmed.
pub fn completed(attempt: Uuid) -> domain::Collection {
    asked(domain::Collection::new(5), attempt).platform_confirmed(attempt).unwrap()
}

fn asked(begun: domain::Collection, attempt: Uuid) -> domain::Collection {
    use domain::collection::Side;
    begun
        .card_side_captured(Side::Portrait, true)
        .and_then(|c| c.card_side_captured(Side::Emblem, true))
        .and_then(domain::Collection::card_handed_in)
        .and_then(|c| c.card_confirmed(&[]))
        .and_then(|c| c.photo_judged(true))
        .and_then(domain::Collection::photo_submitted)
        .and_then(|c| c.consented(attempt))
        .unwrap()
}

/// A picture of a collection.
pub fn picture(record: &CollectionRecord, kind: PictureKind, bytes: &'static [u8]) -> NewPicture {
    NewPicture { collection: record.id, kind, media_type: "image/jpeg".into(), bytes: bytes.into() }
}
