//! Measures and the card's own arithmetic become one report for each side of the card.

use domain::{
    CheckId, EmblemSide, Finding, Outcome, PortraitSide, Report, Standard, Text, ValidUntil, advice,
    card::{CardProblem, Field},
    standard::Beyond,
};
use jiff::civil::Date;

use crate::sight::CardSeen;

/// The report on a portrait side.
pub fn portrait_side(standard: &Standard, seen: &CardSeen<PortraitSide>) -> Report {
    match seen {
        CardSeen::NoCard => no_card(),
        CardSeen::Card { side, measures } => with_problems(standard.judge_card(measures), &side.problems()),
    }
}

/// The report on an emblem side, on the given day.
pub fn emblem_side(standard: &Standard, seen: &CardSeen<EmblemSide>, today: Date) -> Report {
    match seen {
        CardSeen::NoCard => no_card(),
        CardSeen::Card { side, measures } => {
            let mut measures = measures.clone();
            match side.valid_until {
                Some(ValidUntil::Date(last)) => {
                    let days = last.until(today).map_or(0, |span| span.get_days());
                    measures.put(CheckId::CardExpired, [("days", f64::from(days))]);
                }
                Some(ValidUntil::LongTerm) | None => {}
            }
            let mut report = with_problems(standard.judge_card(&measures), &side.problems(today));
            if side.valid_until == Some(ValidUntil::LongTerm) {
                report.findings.push(Finding {
                    outcome: Outcome::Pass,
                    message: advice::fine(CheckId::CardExpired),
                    ..failing(CheckId::CardExpired)
                });
            }
            Report::new(report.findings)
        }
    }
}

fn no_card() -> Report {
    let message = Text::new(
        "图片里没有找到身份证。请把身份证平放在深色桌面上，让整张证件占满画面。",
        "No identity card was found in the picture. Lay the card flat on a dark surface and let it fill the picture.",
    );
    Report::new(vec![Finding { message, ..failing(CheckId::CardWhole) }])
}

fn failing(check: CheckId) -> Finding {
    Finding {
        id: check,
        outcome: Outcome::Fail,
        part: None,
        measure: None,
        limit: String::new(),
        message: advice::for_part(check, "", Beyond::Above),
        spot: None,
    }
}

fn with_problems(report: Report, problems: &[CardProblem]) -> Report {
    let fails = |check| report.finding(check).is_some_and(|f| f.outcome == Outcome::Fail);
    // On the other side of the card there is nothing to read: to say so as well would only confuse.
    if fails(CheckId::CardSide) {
        return Report::new(report.findings.into_iter().filter(|f| f.id == CheckId::CardSide).collect());
    }
    // The standard's limit says so as well, with the days.
    let told_expired = fails(CheckId::CardExpired);
    let mut findings = report.findings;
    let mut put = |finding: Finding| {
        findings.retain(|f| f.id != finding.id);
        findings.push(finding);
    };
    let unread: Vec<Field> = problems
        .iter()
        .filter_map(|p| match p {
            CardProblem::Unread(field) => Some(*field),
            CardProblem::ValidityImplausible => Some(Field::Validity),
            CardProblem::FieldsDisagree | CardProblem::Expired => None,
        })
        .collect();
    if !unread.is_empty() {
        put(Finding {
            measure: Some(unread.len() as f64),
            part: Some("unread".to_owned()),
            message: unread_message(&unread),
            ..failing(CheckId::CardReadable)
        });
    }
    if problems.contains(&CardProblem::FieldsDisagree) {
        put(failing(CheckId::CardFieldsAgree));
    }
    if problems.contains(&CardProblem::Expired) && !told_expired {
        put(failing(CheckId::CardExpired));
    }
    Report::new(findings)
}

fn unread_message(fields: &[Field]) -> Text {
    let names = fields.iter().map(|f| match f {
        Field::Name => ("姓名", "name"),
        Field::Ethnicity => ("民族", "ethnicity"),
        Field::Address => ("住址", "address"),
        Field::Number => ("公民身份号码", "number"),
        Field::Authority => ("签发机关", "authority"),
        Field::Validity => ("有效期限", "validity"),
    });
    let (zh, en): (Vec<_>, Vec<_>) = names.unzip();
    Text::new(
        format!("证件上的{}没有读清。请把证件放平，在亮处重新拍。", zh.join("、")),
        format!(
            "The card's {} could not be read. Lay the card flat in good light and take it again.",
            en.join(", ")
        ),
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use domain::Measures;
    use jiff::civil::date;

    use super::*;

    fn standard() -> Standard {
        let text = include_str!("../../../standards/chengkao.toml");
        Standard::from_toml("chengkao.toml", text).unwrap()
    }

    fn emblem(until: Date) -> CardSeen<EmblemSide> {
        let side = EmblemSide {
            authority: Some("某市公安局".into()),
            valid_from: Some(until.with().year(until.year() - 10).build().unwrap()),
            valid_until: Some(ValidUntil::Date(until)),
        };
        CardSeen::Card { side, measures: Measures::default() }
    }

    #[test]
    fn an_expired_card_is_told_apart_from_an_unreadable_one() {
        let report = emblem_side(&standard(), &emblem(date(2020, 1, 5)), date(2026, 11, 23));
        assert_eq!(report.failed().map(|f| f.id).collect::<Vec<_>>(), vec![CheckId::CardExpired]);
        let report = emblem_side(&standard(), &emblem(date(2030, 1, 5)), date(2026, 11, 23));
        assert!(report.accepted);
        assert_eq!(report.finding(CheckId::CardExpired).unwrap().outcome, Outcome::Pass);
    }

    #[test]
    fn the_other_side_of_the_card_is_the_only_thing_told() {
        let mut measures = Measures::default();
        measures.put(CheckId::CardSide, [("swapped", 1.0)]);
        let seen = CardSeen::Card { side: PortraitSide::default(), measures };
        let report = portrait_side(&standard(), &seen);
        assert_eq!(report.failed().map(|f| f.id).collect::<Vec<_>>(), vec![CheckId::CardSide]);
    }

    #[test]
    fn unread_fields_are_named() {
        let seen = CardSeen::Card { side: PortraitSide::default(), measures: Measures::default() };
        let report = portrait_side(&standard(), &seen);
        assert!(report.finding(CheckId::CardReadable).unwrap().message.zh.contains("公民身份号码、姓名"));
    }

    #[test]
    fn a_picture_without_a_card_is_refused() {
        assert!(!portrait_side(&standard(), &CardSeen::NoCard).accepted);
    }
}
