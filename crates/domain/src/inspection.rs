//! Which photos wait for a registrar's eye before the identity platform is asked.

use serde::{Deserialize, Serialize};

use crate::{CheckId, Comparison, Outcome, Report, Text};

/// Which photos are inspected (审核).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Inspection {
    /// None.
    #[default]
    Off,
    /// Those with a warning: a check that warns, or looking unlike the card's picture.
    Warned,
    /// Every one.
    Every,
}

impl Inspection {
    /// Every way, by its stable name.
    pub const ALL: [(&str, Inspection); 3] =
        [("off", Inspection::Off), ("warned", Inspection::Warned), ("every", Inspection::Every)];

    /// The stable name.
    pub fn name(self) -> &'static str {
        match self {
            Inspection::Off => "off",
            Inspection::Warned => "warned",
            Inspection::Every => "every",
        }
    }

    /// The way of that stable name.
    pub fn parse(name: &str) -> Option<Inspection> {
        Inspection::ALL.into_iter().find(|(known, _)| *known == name).map(|(_, way)| way)
    }

    /// Whether a photo with these findings waits.
    pub fn wants(self, report: Option<&Report>, compared: Option<&Comparison>) -> bool {
        let warns = |report: &Report| report.findings.iter().any(|f| f.outcome == Outcome::Warn);
        match self {
            Inspection::Off => false,
            Inspection::Warned => report.is_some_and(warns) || compared.is_some_and(Comparison::warns),
            Inspection::Every => true,
        }
    }
}

/// Why a registrar does not pass a photo.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Objection {
    /// It does not show the person of the card.
    Unlike,
    /// What the registrar's own words say.
    Other,
    /// What a check looks for and did not find.
    #[serde(untagged)]
    Check(CheckId),
}

impl Objection {
    /// The objection of that stable name: a check of a photo, `unlike` or `other`.
    pub fn parse(name: &str) -> Option<Objection> {
        match name {
            "unlike" => Some(Objection::Unlike),
            "other" => Some(Objection::Other),
            check => check.parse().ok().filter(|check: &CheckId| !check.is_of_card()).map(Objection::Check),
        }
    }

    /// The stable name.
    pub fn name(self) -> &'static str {
        match self {
            Objection::Check(check) => check.id(),
            Objection::Unlike => "unlike",
            Objection::Other => "other",
        }
    }

    /// What the candidate is to change.
    pub fn advice(self) -> Text {
        match self {
            Objection::Check(check) => crate::advice::objected(check),
            Objection::Other => Text::new("请按工作人员的说明改好。", "Mend what the office says."),
            Objection::Unlike => Text::new(
                "照片与身份证上的照片不像同一个人。请上传本人的近照。",
                "The photo and the picture on the card do not look like one person. Upload a recent photo of yourself.",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::Finding;

    #[test]
    fn a_warning_makes_a_photo_wait_where_the_office_wants_it() {
        let finding = |outcome| Finding {
            id: CheckId::EarsVisible,
            outcome,
            part: None,
            measure: None,
            limit: String::new(),
            message: Text::new("", ""),
            spot: None,
        };
        let fine = Report::new(vec![finding(Outcome::Pass), finding(Outcome::NotAssessed)]);
        let warned = Report::new(vec![finding(Outcome::Warn)]);
        let (like, unlike) = (Comparison::new(80.0, 20.0), Comparison::new(10.0, 20.0));
        assert!(!Inspection::Off.wants(Some(&warned), Some(&unlike)));
        assert!(!Inspection::Warned.wants(Some(&fine), Some(&like)));
        assert!(!Inspection::Warned.wants(None, None));
        assert!(Inspection::Warned.wants(Some(&warned), Some(&like)));
        assert!(Inspection::Warned.wants(Some(&fine), Some(&unlike)));
        assert!(Inspection::Every.wants(Some(&fine), None));
    }

    #[test]
    fn ways_and_objections_are_told_by_their_names() {
        for (name, way) in Inspection::ALL {
            assert_eq!((way.name(), Inspection::parse(name)), (name, Some(way)));
            assert_eq!(serde_json::to_value(way).unwrap(), name);
        }
        let checks = CheckId::of_photo().map(Objection::Check);
        for objection in checks.chain([Objection::Unlike, Objection::Other]) {
            assert_eq!(Objection::parse(objection.name()), Some(objection));
            let kept = serde_json::to_value(objection).unwrap();
            assert_eq!(kept, objection.name());
            assert_eq!(serde_json::from_value::<Objection>(kept).unwrap(), objection);
            let advice = objection.advice();
            assert!(advice.zh.ends_with('。') && advice.en.ends_with('.'), "{}", objection.name());
        }
        assert_eq!(Objection::parse("card_sharp"), None, "a card is not objected to here");
    }
}
