//! Measures held against a standard: one finding for each check.

use super::{Measured, Measures, Standard};
use crate::{CardKind, CheckId, Finding, Outcome, Report, Text, advice};

impl Standard {
    /// Holds measures against the limits: one finding for each check of a photo.
    pub fn judge(&self, measures: &Measures) -> Report {
        Report::new(CheckId::of_photo().map(|check| self.judge_one(check, measures)).collect())
    }

    /// Holds measures of a card against the limits: one finding for each check that was measured.
    pub fn judge_card(&self, measures: &Measures) -> Report {
        Report::new(
            measures
                .checks()
                .filter(|c| c.is_of_card())
                .map(|check| self.judge_one(check, measures))
                .collect(),
        )
    }

    /// Whether a card of this kind, by its portrait side, is one of those that are accepted.
    pub fn judge_portrait_kind(&self, kind: CardKind) -> Finding {
        self.judge_kind(kind, |accepted| accepted == kind)
    }

    /// As [`Standard::judge_portrait_kind`], by the emblem side, which does not tell the forms of a permanent residence card apart.
    pub fn judge_emblem_kind(&self, kind: CardKind) -> Finding {
        self.judge_kind(kind, |accepted| accepted.shares_emblem_side(kind))
    }

    fn judge_kind(&self, kind: CardKind, is: impl Fn(CardKind) -> bool) -> Finding {
        let accepted = &self.card.accepted;
        let fine = accepted.iter().any(|kind| is(*kind));
        Finding {
            id: CheckId::CardKind,
            outcome: if fine { Outcome::Pass } else { Outcome::Fail },
            part: None,
            measure: None,
            limit: accepted.iter().map(|kind| kind.id()).collect::<Vec<_>>().join(", "),
            message: match fine {
                true => advice::fine(CheckId::CardKind),
                false => advice::kind_not_accepted(kind, accepted),
            },
            spot: None,
        }
    }

    fn judge_one(&self, check: CheckId, measures: &Measures) -> Finding {
        let not_assessed = |message: Text| Finding {
            id: check,
            outcome: Outcome::NotAssessed,
            part: None,
            measure: None,
            limit: String::new(),
            message,
            spot: None,
        };
        let parts = match measures.measured(check) {
            None => return not_assessed(Text::new("本项未检测。", "This was not assessed.")),
            Some(Measured::NotAssessed(why)) => return not_assessed(why.clone()),
            Some(Measured::Parts(parts)) => parts,
        };
        let Some(limits) = self.checks.get(&check) else {
            return not_assessed(Text::new(
                "照片标准对本项没有要求。",
                "The standard sets no limit for this.",
            ));
        };
        let rank = |o: Outcome| match o {
            Outcome::Fail => 0,
            Outcome::NotAssessed => 1,
            Outcome::Warn => 2,
            Outcome::Pass => 3,
        };
        let worst = limits
            .iter()
            .map(|(part, limit)| {
                let value = parts.get(part).copied().unwrap_or(f64::NAN);
                let (outcome, beyond) = limit.hold(value);
                (rank(outcome), limit.slack(value), part, limit, value, outcome, beyond)
            })
            .min_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
        let Some((_, _, part, limit, value, outcome, beyond)) = worst else {
            return not_assessed(Text::new(
                "照片标准对本项没有要求。",
                "The standard sets no limit for this.",
            ));
        };
        if outcome == Outcome::NotAssessed {
            return not_assessed(Text::new("本项无法可靠检测。", "This could not be measured reliably."));
        }
        Finding {
            id: check,
            outcome,
            part: Some(part.clone()),
            measure: Some(value),
            limit: limit.in_words(),
            message: match beyond {
                None => advice::fine(check),
                Some(beyond) => advice::for_part(check, part, beyond),
            },
            spot: measures.spot(check, part),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::Spot;

    fn chengkao() -> Standard {
        Standard::from_toml("chengkao.toml", include_str!("../../../../standards/chengkao.toml")).unwrap()
    }

    #[test]
    fn every_check_is_answered_even_when_nothing_was_measured() {
        let report = chengkao().judge(&Measures::default());
        assert_eq!(report.findings.len(), 29);
        assert!(report.findings.iter().all(|f| f.outcome == Outcome::NotAssessed));
    }

    #[test]
    fn a_measure_that_is_no_number_never_passes() {
        let mut m = Measures::default();
        m.put(CheckId::HeadPose, [("yaw", f64::NAN), ("pitch", 0.0), ("roll", 0.0)]);
        let report = chengkao().judge(&m);
        assert_eq!(report.finding(CheckId::HeadPose).unwrap().outcome, Outcome::NotAssessed);
    }

    #[test]
    fn a_part_that_was_not_measured_never_passes() {
        let mut m = Measures::default();
        m.put(CheckId::HeadPose, [("yaw", 1.0), ("pitch", 0.0)]);
        assert_eq!(chengkao().judge(&m).finding(CheckId::HeadPose).unwrap().outcome, Outcome::NotAssessed);
    }

    #[test]
    fn a_card_of_a_kind_that_is_not_accepted_fails_with_the_kinds_that_are() {
        let standard = chengkao();
        let outcome = |kind| standard.judge_portrait_kind(kind).outcome;
        assert_eq!(outcome(CardKind::ResidentIdentityCard), Outcome::Pass);
        assert_eq!(outcome(CardKind::ResidencePermit), Outcome::Pass);
        let finding = standard.judge_portrait_kind(CardKind::PermanentResidence2017);
        assert_eq!(finding.outcome, Outcome::Fail);
        let told = |words: &[&str], text: &str| words.iter().all(|word| text.contains(word));
        assert!(told(&["外国人永久居留身份证", "请用居民身份证或港澳台居民居住证"], &finding.message.zh));
        assert!(told(
            &["foreigner's permanent residence card", "resident identity card"],
            &finding.message.en
        ));
    }

    #[test]
    fn an_emblem_side_is_accepted_when_either_form_that_it_may_be_of_is() {
        let text = include_str!("../../../../standards/chengkao.toml");
        let text = format!("{text}\n[card]\naccepted = [\"permanent_residence_2023\"]\n");
        let standard = Standard::from_toml("chengkao.toml", &text).unwrap();
        let emblem = |kind| standard.judge_emblem_kind(kind).outcome;
        assert_eq!(emblem(CardKind::PermanentResidence2017), Outcome::Pass);
        assert_eq!(emblem(CardKind::ResidentIdentityCard), Outcome::Fail);
        assert_eq!(standard.judge_portrait_kind(CardKind::PermanentResidence2017).outcome, Outcome::Fail);
    }

    #[test]
    fn the_worst_part_decides_and_is_named() {
        let mut m = Measures::default();
        m.put(CheckId::HeadPose, [("yaw", 12.0), ("pitch", 25.0), ("roll", 0.0)]);
        let spot = |left: f32| Spot { left, top: 0.2, width: 0.1, height: 0.1 };
        m.put_spot(CheckId::HeadPose, "yaw", spot(0.1));
        m.put_spot(CheckId::HeadPose, "pitch", spot(0.5));
        let report = chengkao().judge(&m);
        let finding = report.finding(CheckId::HeadPose).unwrap();
        assert_eq!(
            (finding.outcome, finding.part.as_deref(), finding.measure),
            (Outcome::Fail, Some("pitch"), Some(25.0))
        );
        assert_eq!(finding.spot, Some(spot(0.5)));
        assert!(!report.accepted);
    }
}
