//! The photo: made and judged by the standard, shown, submitted or taken again.

use bytes::Bytes;
use domain::{CheckId, Decided, Finding, Outcome, Report, State, advice};
use store::{NewPicture, PictureKind};

use crate::{
    Service, Session, Trouble,
    card::{count_findings, failed},
    pictures,
    step::{Change, Decision, refused},
    verification::decide,
    view,
};

impl Service {
    /// 完成, 下一步: makes the ID photo and judges it; it replaces an earlier one.
    ///
    /// # Errors
    /// What is wrong with the file, [`Trouble::Busy`], or that the step is not due.
    pub async fn capture_photo(
        &self,
        session: &Session,
        picture: Bytes,
    ) -> Result<view::Collection, Trouble> {
        let (record, exam) = self.load(session).await?;
        record.collection.photo_judged(true).map_err(refused(&record, &exam))?;
        self.limit_uploads(session).await?;
        let standard = self.standard(&exam)?;
        let (sight, bytes) = (self.sight.clone(), picture.clone());
        let (report, shown) = self
            .in_turn("photo", session, move || -> Result<_, Trouble> {
                let seen = sight.photo(&bytes, &standard)?;
                let report = standard.judge(&seen.measures);
                Ok(match seen.made {
                    Some(jpeg) if report.accepted => (report, Some((PictureKind::Photo, jpeg))),
                    made => {
                        let report = if made.is_none() { unmakeable(report) } else { report };
                        (report, seen.preview.map(|jpeg| (PictureKind::Preview, jpeg)))
                    }
                })
            })
            .await??;
        count_findings("photo", &report);
        let now = self.clock.now();
        let capture = NewPicture {
            collection: session.collection,
            kind: PictureKind::Capture,
            media_type: pictures::media_type(&picture).to_owned(),
            bytes: picture,
        };
        let mut stored = vec![self.store.write_picture(capture, now).await?];
        if let Some((kind, jpeg)) = shown {
            let picture = NewPicture {
                collection: session.collection,
                kind,
                media_type: "image/jpeg".to_owned(),
                bytes: jpeg.into(),
            };
            stored.push(self.store.write_picture(picture, now).await?);
        }
        self.step(session, "photo_judged", |record, exam| {
            let next = record.collection.photo_judged(report.accepted).map_err(refused(record, exam))?;
            decide(record, Decided::RetakePhoto);
            record.collection = next;
            record.particulars.photo_report = Some(report.clone());
            record.particulars.verification_note = None;
            record.particulars.waiting = None;
            record.particulars.objections = None;
            record.particulars.taken_back = None;
            Ok(Decision::Write(Box::new(Change {
                pictures: stored.clone(),
                details: vec![("accepted", report.accepted.into()), ("failed", failed(&report))],
                ..Change::default()
            })))
        })
        .await
    }

    /// 提交照片.
    ///
    /// # Errors
    /// That the step is not due.
    pub async fn submit_photo(&self, session: &Session) -> Result<view::Collection, Trouble> {
        self.step(session, "photo_submitted", |record, exam| {
            if record.collection.state() == State::Consent {
                return Ok(Decision::Done);
            }
            record.collection = record.collection.photo_submitted().map_err(refused(record, exam))?;
            Ok(Decision::write())
        })
        .await
    }

    /// 重新拍照.
    ///
    /// # Errors
    /// That the step is not due.
    pub async fn retake_photo(&self, session: &Session) -> Result<view::Collection, Trouble> {
        self.step(session, "photo_retaken", |record, exam| {
            let next = record.collection.photo_retaken().map_err(refused(record, exam))?;
            decide(record, Decided::RetakePhoto);
            record.collection = next;
            record.particulars.photo_report = None;
            record.particulars.verification_note = None;
            record.particulars.waiting = None;
            Ok(Decision::write())
        })
        .await
    }
}

/// Where every check passed and still no file could be made within the standard's limits of bytes and quality, that is what fails.
fn unmakeable(report: Report) -> Report {
    if !report.accepted {
        return report;
    }
    let mut findings = report.findings;
    findings.retain(|f| f.id != CheckId::Framing);
    findings.push(Finding {
        id: CheckId::Framing,
        outcome: Outcome::Fail,
        part: None,
        measure: None,
        limit: String::new(),
        message: advice::no_file(),
        spot: None,
    });
    Report::new(findings)
}
