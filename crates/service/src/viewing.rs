//! From a record to what the candidate is shown.

use domain::{
    Discrepancy, IdentityCard, Item, Level, PersonName, Registration, Report, State, TakenBack, Text,
    collection::CompletedBy, discrepancy,
};
use jiff::Timestamp;
use store::{CollectionRecord, ExamSession, Particulars, PictureKind};

use crate::{Service, Session, Trouble, entry, view};

/// How many pieces of advice a candidate is given at once.
const ADVICE: usize = 3;

/// Words of [`Particulars::verification_note`].
pub(crate) mod note {
    /// The platform does not answer.
    pub const DELAYED: &str = "delayed";
    /// The platform could not use the photo.
    pub const PHOTO_UNUSABLE: &str = "photo_unusable";
    /// The platform cannot verify this person.
    pub const CANNOT_VERIFY: &str = "cannot_verify";
}

impl Service {
    /// Where the candidate stands.
    ///
    /// # Errors
    /// [`Trouble::SessionExpired`] if the collection is gone.
    pub async fn collection(&self, session: &Session) -> Result<view::Collection, Trouble> {
        let (record, exam) = self.load(session).await?;
        self.view(&record, &exam).await
    }

    /// The collection's version, which grows with every change.
    ///
    /// # Errors
    /// [`Trouble::SessionExpired`] if the collection is gone.
    pub async fn version(&self, session: &Session) -> Result<i64, Trouble> {
        self.store.collection_version(session.collection).await?.ok_or(Trouble::SessionExpired)
    }

    pub(crate) async fn view(
        &self,
        record: &CollectionRecord,
        exam: &ExamSession,
    ) -> Result<view::Collection, Trouble> {
        let particulars = &record.particulars;
        let state = record.collection.state();
        // What was read is cleared some time after the end; a new login brings the registration back.
        let registration = particulars.registration.as_ref().ok_or(Trouble::SessionExpired)?;
        let (discrepancies, corrected) = match state {
            State::Blocked => self.discrepancies_now(particulars, registration, exam).await,
            _ => (particulars.discrepancies.clone(), false),
        };
        let completed = match state {
            State::Completed { by } => {
                Some(completed(by, self.completed_at(record).await?, particulars, registration.level))
            }
            _ => None,
        };
        let attempts = record.collection.attempts();
        let after_card = !matches!(state, State::Card { .. });
        Ok(view::Collection {
            version: record.version,
            state: state.name(),
            exam_session: entry::exam_session(exam),
            office: entry::office(exam),
            level: registration.level,
            card: view::Card {
                portrait: self
                    .card_side(record, particulars.portrait_side_report.as_ref(), PictureKind::CardPortrait)
                    .await?,
                emblem: self
                    .card_side(record, particulars.emblem_side_report.as_ref(), PictureKind::CardEmblem)
                    .await?,
                read: particulars.identity_card.as_ref().filter(|_| after_card).map(|card| view::CardRead {
                    kind: card.kind.id(),
                    name: card.name.as_str().to_owned(),
                    name_cells: name_cells(card),
                    chinese_name: card.chinese_name.as_ref().map(|name| name.as_str().to_owned()),
                    number: card.number.as_str().to_owned(),
                    ethnicity: card.ethnicity.map(|ethnicity| ethnicity.name().to_owned()),
                    nationality: card.nationality.map(|n| format!("{}/{}", n.name(), n.code())),
                    address: card.address.clone(),
                    name_doubtful: card.name_is_doubtful(),
                }),
            },
            message: message(record, exam, corrected, registration.level),
            discrepancies: discrepancies.into_iter().map(shown).collect(),
            corrected,
            photo: particulars.photo_report.as_ref().map(photo),
            attempts: view::Attempts {
                allowed: attempts.allowed(),
                used: attempts.refused(),
                left: attempts.left(),
            },
            comparison: match state {
                State::Warned => Some(self.warning(record).await?),
                _ => None,
            },
            verification: verification(state, particulars, exam),
            completed,
        })
    }

    /// While blocked, the office may correct the registration at any time, so it is asked anew each time somebody looks.
    async fn discrepancies_now(
        &self,
        particulars: &Particulars,
        registration: &Registration,
        exam: &ExamSession,
    ) -> (Vec<Discrepancy>, bool) {
        let before = || (particulars.discrepancies.clone(), false);
        let Some(card) = &particulars.identity_card else { return before() };
        match self.find_registration(exam, &registration.phone).await {
            Ok(Some(now)) => {
                let found = discrepancy::compare(card, &now);
                if discrepancy::any_blocking(&found) {
                    (found, false)
                } else {
                    (particulars.discrepancies.clone(), true)
                }
            }
            Ok(None) | Err(_) => before(),
        }
    }

    async fn card_side(
        &self,
        record: &CollectionRecord,
        report: Option<&Report>,
        kind: PictureKind,
    ) -> Result<Option<view::CardSide>, Trouble> {
        let Some(report) = report else { return Ok(None) };
        Ok(Some(view::CardSide {
            accepted: report.accepted,
            findings: report.findings.iter().map(view::Finding::from).collect(),
            picture: self.store.latest_picture(record.id, kind).await?.is_some(),
        }))
    }

    async fn warning(&self, record: &CollectionRecord) -> Result<view::Comparison, Trouble> {
        let card_face = self.store.latest_picture(record.id, PictureKind::CardFace).await?.is_some();
        Ok(view::Comparison { card_face, message: looks_unlike() })
    }

    async fn completed_at(&self, record: &CollectionRecord) -> Result<Timestamp, Trouble> {
        let journal = self.store.journal(record.id).await?;
        let completed = journal.iter().rev().find(|e| e.entry.event == crate::completion::EVENT);
        Ok(completed.map_or(record.updated_at, |e| e.at))
    }
}

fn looks_unlike() -> Text {
    Text::new(
        "这张照片与身份证上的照片看起来不像同一个人，提交后很可能核验不通过。请确认上传的是本人近照；确实是本人的，可以仍然提交。",
        "This photo and the picture on your identity card do not look like one person; the verification would probably refuse it. If the photo is a recent one of yourself, you may submit it all the same.",
    )
}

fn name_cells(card: &IdentityCard) -> Vec<view::NameCell> {
    let places = card.name_to_type();
    let characters = card.name.as_str().chars().enumerate();
    characters
        .map(|(i, c)| view::NameCell {
            character: (c != PersonName::UNREAD).then_some(c),
            typed: places.contains(&i),
        })
        .collect()
}

fn completed(by: CompletedBy, at: Timestamp, particulars: &Particulars, level: Level) -> view::Completed {
    let overwrites: Vec<Item> = particulars.discrepancies.iter().map(|d| d.item).collect();
    view::Completed { by, at, overwrites, prior_degree_check: level.needs_prior_degree_check() }
}

fn shown(found: Discrepancy) -> view::Discrepancy {
    view::Discrepancy {
        item: found.item,
        weight: found.weight,
        card: found.card,
        registration: found.registration,
    }
}

fn photo(report: &Report) -> view::Photo {
    let reasons = report.reasons();
    let told = &reasons[..reasons.len().min(ADVICE)];
    let rank = |id| told.iter().zip(1..).find(|(reason, _)| reason.id == id).map(|(_, rank)| rank);
    view::Photo {
        accepted: report.accepted,
        findings: report
            .findings
            .iter()
            .map(|f| view::Finding { rank: rank(f.id), ..view::Finding::from(f) })
            .collect(),
        advice: told.iter().map(|f| f.message.clone()).collect(),
        more: reasons.len() - told.len(),
        made: report.accepted,
    }
}

fn verification(state: State, particulars: &Particulars, exam: &ExamSession) -> Option<view::Verification> {
    use view::VerificationStatus as S;
    let status = match (state, particulars.verification_note.as_deref()) {
        (State::Inspection, _) => S::Inspection,
        (State::Card { .. }, _) if particulars.taken_back.is_some() => S::NotPassed,
        (State::Photo, _) if photo_not_passed(particulars) => S::NotPassed,
        (State::Verifying { .. }, Some(note::DELAYED)) => S::Delayed,
        (State::Verifying { .. }, _) => S::Waiting,
        (State::Photo, Some(note::PHOTO_UNUSABLE)) => S::PhotoUnusable,
        (State::Review | State::Photo, Some(note::CANNOT_VERIFY)) => S::CannotVerify,
        _ => return None,
    };
    let message = match status {
        S::Waiting => Text::new(
            "正在核验身份，请稍候。可以离开本页，结果会保存。",
            "Your identity is being verified. You may leave this page; the result will be kept.",
        ),
        S::Delayed => Text::new(
            "可信身份认证平台暂时没有应答，系统会继续自动核验。没有丢失任何内容，也不计入核验次数，可以稍后再来看结果。",
            "The identity platform does not answer just now; the system keeps asking. Nothing is lost and no attempt is counted. Come back later for the result.",
        ),
        S::Inspection => Text::new(
            "照片已经提交，正在等工作人员查看，通过后会自动送去核验。可以离开本页，稍后再来看结果。",
            "Your photo is handed in and waits for somebody of the office to look at it; then it goes on by itself. You may leave this page and come back later.",
        ),
        S::NotPassed => not_passed(particulars),
        S::PhotoUnusable => Text::new(
            "可信身份认证平台无法使用这张照片，请重新拍一张。这次不计入核验次数。",
            "The identity platform cannot use this photo. Take another; this was not counted as an attempt.",
        ),
        S::CannotVerify => Text::new(
            format!(
                "可信身份认证平台没有可供比对的信息，换照片也不能解决。请联系成招办到窗口办理，电话 {}。这次不计入核验次数。",
                exam.office.phone
            ),
            format!(
                "The identity platform has nothing to compare with, and another photo would not help. Ask the admissions office to complete it at the desk: {}. This was not counted as an attempt.",
                exam.office.phone
            ),
        ),
    };
    Some(view::Verification { status, message })
}

/// Whether the office needs another photo.
fn photo_not_passed(particulars: &Particulars) -> bool {
    let taken = particulars.taken_back.as_ref().is_some_and(|taken| taken.what == TakenBack::Photo);
    taken || particulars.objections.is_some()
}

/// What the office needs once more and why: what to change, then its own words.
fn not_passed(particulars: &Particulars) -> Text {
    let objections = particulars.objections.as_ref();
    let taken = particulars.taken_back.as_ref();
    let (mut zh, mut en) = match taken.map(|taken| taken.what) {
        Some(TakenBack::Card) => (
            "工作人员请您重新上传身份证两面。".to_owned(),
            "The office asks you to upload both sides of your card again.".to_owned(),
        ),
        _ => (
            "工作人员看过照片，需要重新拍一张，不计入核验次数。".to_owned(),
            "The office has looked at your photo and needs another one; no attempt was counted.".to_owned(),
        ),
    };
    for advice in objections.iter().flat_map(|o| &o.to).map(|objection| objection.advice()) {
        zh.push_str(&advice.zh);
        en.push(' ');
        en.push_str(&advice.en);
    }
    let note = objections.and_then(|o| o.note.as_deref()).or(taken.map(|taken| taken.reason.as_str()));
    if let Some(note) = note {
        zh.push_str(&format!("工作人员说明：{note}"));
        en.push_str(&format!(" The office says: {note}"));
    }
    Text::new(zh, en)
}

/// One sentence: where the candidate stands and what to do next.
fn message(record: &CollectionRecord, exam: &ExamSession, corrected: bool, level: Level) -> Text {
    let phone = &exam.office.phone;
    let attempts = record.collection.attempts();
    let particulars = &record.particulars;
    match record.collection.state() {
        State::Card { portrait: true, emblem: true } => Text::new(
            "身份证两面都已通过，请点“确定”。",
            "Both sides of the card are accepted. Choose 确定 (OK).",
        ),
        State::Card { .. } if particulars.taken_back.is_some() => not_passed(particulars),
        State::Card { .. } => {
            Text::new("请上传身份证人像面和国徽面。", "Upload both sides of your identity card.")
        }
        State::Confirm if particulars.identity_card.as_ref().is_some_and(|c| c.confirmable().is_err()) => {
            Text::new(
                "姓名中有系统没有认出的字，请对照身份证填写，再确认身份信息。",
                "A character of your name could not be read. Enter it as on your card, then check the rest.",
            )
        }
        State::Confirm => Text::new(
            "请确认身份信息与身份证一致。",
            "Check that what was read agrees with your identity card.",
        ),
        State::Blocked if corrected => Text::new(
            "报名信息已经更正，请点“重新采集”。",
            "Your registration has been corrected. Choose 重新采集 (collect again).",
        ),
        State::Blocked => Text::new(
            format!("姓名或身份证号码与报名信息不一致，请联系成招办更正报名信息，电话 {phone}。"),
            format!(
                "Name or number differ from your registration. Ask the admissions office to correct it: {phone}."
            ),
        ),
        State::Advisory => Text::new(
            "民族或住址与报名信息不一致，采集完成后可能以身份证上的内容更新报名信息。",
            "Ethnicity or address differ from your registration, which may be updated with the card's on completion.",
        ),
        State::Photo if photo_not_passed(particulars) => {
            Text::new("请按工作人员的说明重新拍照。", "Take another photo as the office says.")
        }
        State::Inspection => {
            Text::new("照片正在等工作人员查看。", "Your photo waits for the office to look at it.")
        }
        State::Photo if particulars.verification_note.as_deref() == Some(note::PHOTO_UNUSABLE) => Text::new(
            "可信身份认证平台无法使用上一张照片，请重新拍照，不计入核验次数。",
            "The identity platform could not use the last photo. Take another; no attempt was counted.",
        ),
        State::Photo if particulars.photo_report.as_ref().is_some_and(|r| !r.accepted) => Text::new(
            "照片不符合要求，请按提示重新拍照。",
            "The photo is not acceptable. Change what is said below and take another.",
        ),
        State::Photo => Text::new("请拍摄或上传照片。", "Take or upload your photo."),
        State::Review if particulars.verification_note.as_deref() == Some(note::CANNOT_VERIFY) => Text::new(
            format!("平台无法核验，请联系成招办到窗口办理，电话 {phone}。"),
            format!(
                "The platform cannot verify you. Ask the admissions office to complete it at the desk: {phone}."
            ),
        ),
        State::Review => Text::new(
            "照片符合要求。满意请提交，不满意可以重新拍照。",
            "The photo is acceptable. Submit it, or take another if you do not like it.",
        ),
        State::Consent => Text::new(
            "请阅读人脸比对同意书，同意后提交核验。",
            "Read the consent to the face comparison, and submit if you agree.",
        ),
        State::Warned => Text::new(
            "照片与身份证上的照片看起来不像同一个人。请对照两张照片，重新拍照，或者仍然提交。",
            "The photo and the picture on your card do not look like one person. Look at both, then take another photo or submit all the same.",
        ),
        State::Verifying { .. } if particulars.verification_note.as_deref() == Some(note::DELAYED) => {
            Text::new(
                "平台暂时没有应答，系统会继续自动核验，不计入次数。",
                "The platform does not answer just now; the system keeps asking, and no attempt is counted.",
            )
        }
        State::Verifying { .. } => Text::new("正在核验身份，请稍候。", "Your identity is being verified."),
        State::Refused => Text::new(
            format!("身份核验不通过，请重新拍照。还可以核验 {} 次。", attempts.left()),
            format!(
                "The verification was refused. Take another photo; {} attempts are left.",
                attempts.left()
            ),
        ),
        State::Completed { .. } if level.needs_prior_degree_check() => Text::new(
            "提交成功。请回到报名系统，继续进行前置学历验证。",
            "Done. Go back to the registration system and go on with the prior-degree check.",
        ),
        State::Completed { .. } => Text::new(
            "提交成功。请回到报名系统查看报名信息。",
            "Done. Go back to the registration system to see your registration.",
        ),
        State::Failed => Text::new(
            format!(
                "连续 {} 次核验不通过，采集失败，不能继续报名和采集。请联系成招办，电话 {phone}。",
                attempts.allowed()
            ),
            format!(
                "After {} refusals in a row the collection has failed; registration cannot go on. Ask the admissions office: {phone}.",
                attempts.allowed()
            ),
        ),
    }
}
