//! The card: each side captured and judged, 确定, 重新录入, 重新采集.

use bytes::Bytes;
use domain::{
    EmblemSide, Finding, IdentityCard, Outcome, PortraitSide, Report, State, collection::Side, discrepancy,
};
use store::{CollectionRecord, ExamSession, NewPicture, PictureKind};

use crate::{
    Service, Session, Trouble, judgement, meters, pictures,
    sight::CardSeen,
    step::{Change, Decision, refused},
    view,
};

/// What a capture of one side came to.
enum Read {
    Portrait(Option<PortraitSide>, Report, Option<Vec<u8>>),
    Emblem(Option<EmblemSide>, Report),
}

impl Read {
    fn report(&self) -> &Report {
        match self {
            Read::Portrait(_, report, _) | Read::Emblem(_, report) => report,
        }
    }
}

impl Service {
    /// 点击上传人像面, 点击上传国徽面: reads and judges the capture; it replaces an earlier one.
    ///
    /// # Errors
    /// What is wrong with the file, [`Trouble::Busy`], or that the step is not due.
    pub async fn capture_card_side(
        &self,
        session: &Session,
        side: Side,
        picture: Bytes,
    ) -> Result<view::Collection, Trouble> {
        let (record, exam) = self.load(session).await?;
        record.collection.card_side_captured(side, true).map_err(refused(&record, &exam))?;
        self.limit_uploads(session).await?;
        let standard = self.standard(&exam)?;
        let (sight, today, bytes) = (self.sight.clone(), self.clock.today(), picture.clone());
        let name = record.particulars.registration.as_ref().map(|r| r.name.clone());
        let (step, kind) = match side {
            Side::Portrait => ("card_portrait", PictureKind::CardPortrait),
            Side::Emblem => ("card_emblem", PictureKind::CardEmblem),
        };
        let read = self
            .in_turn(step, session, move || -> Result<Read, Trouble> {
                Ok(match side {
                    Side::Portrait => {
                        let seen = sight.portrait_side(&bytes, name.as_ref())?;
                        let report = judgement::portrait_side(&standard, &seen.card, today);
                        Read::Portrait(fields(seen.card), report, seen.face)
                    }
                    Side::Emblem => {
                        let seen = sight.emblem_side(&bytes)?;
                        let report = judgement::emblem_side(&standard, &seen, today);
                        Read::Emblem(fields(seen), report)
                    }
                })
            })
            .await??;
        count_findings(step, read.report());
        let now = self.clock.now();
        let capture = NewPicture {
            collection: session.collection,
            kind,
            media_type: pictures::media_type(&picture).to_owned(),
            bytes: picture,
        };
        let mut stored = vec![self.store.write_picture(capture, now).await?];
        if let Read::Portrait(_, Report { accepted: true, .. }, Some(face)) = &read {
            let face = NewPicture {
                collection: session.collection,
                kind: PictureKind::CardFace,
                media_type: "image/jpeg".to_owned(),
                bytes: face.clone().into(),
            };
            stored.push(self.store.write_picture(face, now).await?);
        }
        let event = match side {
            Side::Portrait => "card_portrait_captured",
            Side::Emblem => "card_emblem_captured",
        };
        self.step(session, event, |record, exam| {
            let accepted = read.report().accepted;
            record.collection =
                record.collection.card_side_captured(side, accepted).map_err(refused(record, exam))?;
            let particulars = &mut record.particulars;
            match &read {
                Read::Portrait(side, report, _) => {
                    particulars.portrait_side.clone_from(side);
                    particulars.portrait_side_report = Some(report.clone());
                }
                Read::Emblem(side, report) => {
                    particulars.emblem_side.clone_from(side);
                    particulars.emblem_side_report = Some(report.clone());
                }
            }
            Ok(Decision::Write(Box::new(Change {
                pictures: stored.clone(),
                details: vec![("accepted", accepted.into()), ("failed", failed(read.report()))],
                ..Change::default()
            })))
        })
        .await
    }

    /// 确定: both sides become one card, which is shown for confirmation. Sides that cannot be of one card go back to the
    /// candidate with the reason.
    ///
    /// # Errors
    /// That the step is not due.
    pub async fn hand_in_card(&self, session: &Session) -> Result<view::Collection, Trouble> {
        let today = self.clock.today();
        self.step(session, "card_handed_in", |record, exam| {
            if record.collection.state() == State::Confirm {
                return Ok(Decision::Done);
            }
            let next = record.collection.card_handed_in().map_err(refused(record, exam))?;
            let particulars = &mut record.particulars;
            let portrait = particulars.portrait_side.clone().unwrap_or_default();
            let emblem = particulars.emblem_side.clone().unwrap_or_default();
            match IdentityCard::assemble(&portrait, &emblem, today) {
                Ok(card) if card.sides_belong_together() => {
                    particulars.identity_card = Some(card);
                    particulars.taken_back = None;
                    record.collection = next;
                }
                Ok(_) => refuse_emblem(record, exam, judgement::not_one_card(&[]))?,
                Err(problems) => {
                    // Both were accepted when they were captured; only the day can have changed since, or they are of two cards.
                    let seen = CardSeen::Card { side: emblem, measures: domain::Measures::default() };
                    let standard = self.standard(exam)?;
                    let report = judgement::emblem_side(&standard, &seen, today);
                    let failed = report.failed().next().cloned();
                    let finding = failed.unwrap_or_else(|| judgement::not_one_card(&problems));
                    refuse_emblem(record, exam, finding)?;
                }
            }
            Ok(Decision::write())
        })
        .await
    }

    /// Takes what the candidate typed for the glyphs of the name that could not be read, one character for each, in their order. Typing
    /// again replaces it, also after the name as typed did not agree with the registration.
    ///
    /// # Errors
    /// [`Trouble::NameMalformed`], or that the step is not due.
    pub async fn type_name(
        &self,
        session: &Session,
        characters: &[String],
    ) -> Result<view::Collection, Trouble> {
        self.step(session, "card_name_typed", |record, exam| {
            let next = record.collection.name_typed().map_err(refused(record, exam))?;
            let card = record.particulars.identity_card.as_ref();
            let Some(card) = card.filter(|card| !card.name_to_type().is_empty()) else {
                return Err(refused(record, exam)(domain::Refusal::OutOfOrder));
            };
            let card = card.with_name_typed(characters).map_err(|_| Trouble::NameMalformed)?;
            let count = card.name_typed.len();
            record.particulars.identity_card = Some(card);
            record.particulars.discrepancies = Vec::new();
            record.collection = next;
            Ok(Decision::Write(Box::new(Change {
                details: vec![("characters", count.into())],
                ..Change::default()
            })))
        })
        .await
    }

    /// 重新录入: both sides anew.
    ///
    /// # Errors
    /// That the step is not due.
    pub async fn retake_card(&self, session: &Session) -> Result<view::Collection, Trouble> {
        self.step(session, "card_retaken", |record, exam| {
            record.collection = record.collection.card_retaken().map_err(refused(record, exam))?;
            forget_card(record);
            Ok(Decision::write())
        })
        .await
    }

    /// 重新采集, after the office has corrected the registration.
    ///
    /// # Errors
    /// [`Trouble::StillBlocked`], [`Trouble::RegistrationUnavailable`], or that the step is not due.
    pub async fn collect_again(&self, session: &Session) -> Result<view::Collection, Trouble> {
        let (record, exam) = self.load(session).await?;
        let begun_anew = matches!(record.collection.state(), State::Card { portrait: false, emblem: false });
        if begun_anew && record.particulars.portrait_side_report.is_none() {
            return self.view(&record, &exam).await;
        }
        record.collection.collected_again(&[]).map_err(refused(&record, &exam))?;
        let now = self.registration_now(&record, &exam).await?;
        self.step(session, "collected_again", |record, exam| {
            let card = record.particulars.identity_card.as_ref();
            let found = card.map(|card| discrepancy::compare(card, &now)).unwrap_or_default();
            record.collection = record.collection.collected_again(&found).map_err(refused(record, exam))?;
            forget_card(record);
            record.particulars.registration = Some(now.clone());
            Ok(Decision::write())
        })
        .await
    }

    pub(crate) async fn limit_uploads(&self, session: &Session) -> Result<(), Trouble> {
        const HOUR: std::time::Duration = std::time::Duration::from_secs(3600);
        let (limit, now) = (self.rules.uploads_per_collection, self.clock.now());
        let hit = self.store.rate_hit("upload", &session.collection.to_string(), HOUR, limit, now).await?;
        if hit.allowed {
            return Ok(());
        }
        let after_s = u64::try_from(hit.until.duration_since(now).as_secs()).unwrap_or(0).max(1);
        Err(Trouble::TooManyRequests { after_s })
    }
}

fn fields<T>(seen: CardSeen<T>) -> Option<T> {
    match seen {
        CardSeen::Card { side, .. } => Some(side),
        CardSeen::NoCard { .. } => None,
    }
}

pub(crate) fn forget_card(record: &mut CollectionRecord) {
    let particulars = &mut record.particulars;
    particulars.portrait_side = None;
    particulars.portrait_side_report = None;
    particulars.emblem_side = None;
    particulars.emblem_side_report = None;
    particulars.identity_card = None;
    particulars.discrepancies = Vec::new();
}

fn refuse_emblem(record: &mut CollectionRecord, exam: &ExamSession, finding: Finding) -> Result<(), Trouble> {
    record.collection =
        record.collection.card_side_captured(Side::Emblem, false).map_err(refused(record, exam))?;
    let report = record.particulars.emblem_side_report.take();
    let mut findings = report.map(|r| r.findings).unwrap_or_default();
    findings.retain(|f| f.id != finding.id);
    findings.push(finding);
    record.particulars.emblem_side_report = Some(Report::new(findings));
    Ok(())
}

/// The ids of the checks that failed, for the journal.
pub(crate) fn failed(report: &Report) -> serde_json::Value {
    report.failed().map(|f| f.id.id()).collect::<Vec<_>>().into()
}

pub(crate) fn count_findings(step: &'static str, report: &Report) {
    let accepted = if report.accepted { "yes" } else { "no" };
    metrics::counter!(meters::JUDGED, "step" => step, "accepted" => accepted).increment(1);
    for finding in &report.findings {
        let outcome = match finding.outcome {
            Outcome::Pass => "pass",
            Outcome::Warn => "warn",
            Outcome::Fail => "fail",
            Outcome::NotAssessed => "not_assessed",
        };
        metrics::counter!(meters::CHECKS, "step" => step, "check" => finding.id.id(), "outcome" => outcome)
            .increment(1);
    }
}
