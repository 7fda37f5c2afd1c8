//! Measures and the card's own arithmetic become one report for each side of the card.

use domain::{
    CardKind, CheckId, EmblemSide, Finding, Measures, Outcome, PortraitSide, Report, Standard, Text,
    ValidUntil, advice,
    card::{CardProblem, Field},
    standard::Beyond,
};
use jiff::civil::Date;

use crate::sight::CardSeen;

/// The report on a portrait side, on the given day.
pub fn portrait_side(standard: &Standard, seen: &CardSeen<PortraitSide>, today: Date) -> Report {
    match seen {
        CardSeen::NoCard { measures } => no_card(standard, measures),
        CardSeen::Card { side, measures } => {
            let measures = &with_expiry(measures, side.valid_until, today);
            let report = with_problems(standard.judge_card(measures), &side.problems(today));
            let kind = standard.judge_portrait_kind(side.kind);
            finished(report, kind, side.number.is_some(), side.kind, side.valid_until.is_some())
        }
    }
}

/// The report on an emblem side, on the given day.
pub fn emblem_side(standard: &Standard, seen: &CardSeen<EmblemSide>, today: Date) -> Report {
    match seen {
        CardSeen::NoCard { measures } => no_card(standard, measures),
        CardSeen::Card { side, measures } => {
            let measures = &with_expiry(measures, side.valid_until, today);
            let report = with_problems(standard.judge_card(measures), &side.problems(today));
            let kind = standard.judge_emblem_kind(side.kind);
            finished(report, kind, side.authority.is_some(), side.kind, side.valid_until.is_some())
        }
    }
}

/// The measures with the days since the last day of validity, where the side bears one.
fn with_expiry(measures: &Measures, until: Option<ValidUntil>, today: Date) -> Measures {
    let mut measures = measures.clone();
    if let Some(days) = until.and_then(|until| until.days_past(today)) {
        measures.put(CheckId::CardExpired, [("days", f64::from(days))]);
    }
    measures
}

/// The report with the finding about the card's kind, and that it has not expired where a last day was `dated`. A card of which nothing
/// was `read` counts as a resident identity card, and that is nothing to refuse.
fn finished(report: Report, kind: Finding, read: bool, is: CardKind, dated: bool) -> Report {
    let mut findings = report.findings;
    if findings.iter().any(|f| f.id == CheckId::CardSide && f.outcome == Outcome::Fail) {
        return Report::new(findings);
    }
    if read || is != CardKind::default() {
        // Whatever else is wrong with a card that will not do need not be told.
        if kind.outcome == Outcome::Fail {
            return Report::new(vec![kind]);
        }
        findings.push(kind);
    }
    // 长期, or a standard that leaves it to the card's arithmetic.
    findings.retain(|f| f.id != CheckId::CardExpired || f.outcome != Outcome::NotAssessed);
    if dated && findings.iter().all(|f| f.id != CheckId::CardExpired) {
        findings.push(Finding {
            outcome: Outcome::Pass,
            message: advice::fine(CheckId::CardExpired),
            ..failing(CheckId::CardExpired)
        });
    }
    Report::new(findings)
}

/// What is told when both sides were accepted and are still not one card.
pub(crate) fn not_one_card(problems: &[CardProblem]) -> Finding {
    let text = |zh, en| Finding { message: Text::new(zh, en), ..failing(CheckId::CardFieldsAgree) };
    if problems.contains(&CardProblem::Expired) {
        return failing(CheckId::CardExpired);
    }
    if problems.contains(&CardProblem::KindsDiffer) {
        return text(
            "两面不是同一种证件。请重新上传同一张证件的国徽面。",
            "The two sides are of different kinds of cards. Upload the emblem side of the same card.",
        );
    }
    text(
        "国徽面的有效期限与人像面的出生日期对不上，两面不像是同一张身份证。请重新上传同一张身份证的国徽面。",
        "The validity on the emblem side does not go with the birth date on the portrait side; these do not look like one card. Upload the emblem side of the same card.",
    )
}

/// That there is none, and what the picture by itself is refused for: a card on a screen has no outline to find.
fn no_card(standard: &Standard, measures: &Measures) -> Report {
    let message = Text::new(
        "图片里没有找到身份证。请把身份证平放在深色桌面上，让整张证件占满画面。",
        "No identity card was found in the picture. Lay the card flat on a dark surface and let it fill the picture.",
    );
    let refused = standard.judge_card(measures).findings.into_iter().filter(|f| f.outcome == Outcome::Fail);
    let missing = Finding { message, ..failing(CheckId::CardWhole) };
    Report::new(std::iter::once(missing).chain(refused).collect())
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
            CardProblem::FieldsDisagree | CardProblem::Expired | CardProblem::KindsDiffer => None,
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
        Field::Number => ("证件号码", "number"),
        Field::Nationality => ("国籍", "nationality"),
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
            ..EmblemSide::default()
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
        let report = portrait_side(&standard(), &seen, date(2026, 11, 23));
        assert_eq!(report.failed().map(|f| f.id).collect::<Vec<_>>(), vec![CheckId::CardSide]);
    }

    #[test]
    fn unread_fields_are_named() {
        let seen = CardSeen::Card { side: PortraitSide::default(), measures: Measures::default() };
        let report = portrait_side(&standard(), &seen, date(2026, 11, 23));
        assert!(report.finding(CheckId::CardReadable).unwrap().message.zh.contains("证件号码、姓名"));
    }

    fn foreigner() -> CardSeen<PortraitSide> {
        let first = "99912419900307251";
        let number = format!("{first}{}", domain::id_number::check_character(first).unwrap());
        let side = PortraitSide {
            kind: CardKind::PermanentResidence2023,
            name: domain::PersonName::parse("SPECIMEN, ANNA").ok(),
            number: domain::IdNumber::parse(&number).ok(),
            nationality: domain::Nationality::parse("CAN").ok(),
            valid_from: Some(date(2024, 1, 5)),
            valid_until: Some(ValidUntil::Date(date(2034, 1, 5))),
            ..PortraitSide::default()
        };
        CardSeen::Card { side, measures: Measures::default() }
    }

    fn accepting(kinds: &str) -> Standard {
        let text = include_str!("../../../standards/chengkao.toml");
        Standard::from_toml("chengkao.toml", &format!("{text}\n[card]\naccepted = {kinds}\n")).unwrap()
    }

    #[test]
    fn a_card_of_a_kind_that_is_not_accepted_is_refused_for_nothing_else() {
        let today = date(2035, 11, 23);
        let report = portrait_side(&standard(), &foreigner(), today);
        assert_eq!(report.failed().map(|f| f.id).collect::<Vec<_>>(), vec![CheckId::CardKind]);
        assert_eq!(report.findings.len(), 1, "that it expired as well is not told");
    }

    #[test]
    fn a_foreigners_card_is_accepted_where_the_standard_says_so_until_it_expires() {
        let standard = accepting("[\"resident_identity_card\", \"permanent_residence_2023\"]");
        let report = portrait_side(&standard, &foreigner(), date(2034, 1, 5));
        assert!(report.accepted, "{report:?}");
        assert_eq!(report.finding(CheckId::CardKind).unwrap().outcome, Outcome::Pass);
        let report = portrait_side(&standard, &foreigner(), date(2034, 1, 6));
        assert_eq!(report.failed().map(|f| f.id).collect::<Vec<_>>(), vec![CheckId::CardExpired]);
    }

    #[test]
    fn a_card_of_which_nothing_was_read_is_not_refused_for_its_kind() {
        let seen = CardSeen::Card { side: PortraitSide::default(), measures: Measures::default() };
        let report = portrait_side(&accepting("[\"residence_permit\"]"), &seen, date(2026, 11, 23));
        assert!(report.finding(CheckId::CardKind).is_none());
        assert!(!report.accepted);
    }

    #[test]
    fn sides_of_two_kinds_are_told_so() {
        let told = |problem| not_one_card(&[problem]);
        assert!(told(CardProblem::KindsDiffer).message.zh.contains("不是同一种证件"));
        assert_eq!(told(CardProblem::Expired).id, CheckId::CardExpired);
    }

    #[test]
    fn a_picture_without_a_card_is_refused() {
        let report = |moire: f64| {
            let mut measures = Measures::default();
            measures.put(CheckId::CardNotScreen, [("moire", moire)]);
            portrait_side(&standard(), &CardSeen::NoCard { measures }, date(2026, 11, 23))
        };
        let failed = |report: &Report| report.failed().map(|f| f.id).collect::<Vec<_>>();
        assert_eq!(failed(&report(9.0)), [CheckId::CardWhole]);
        assert_eq!(failed(&report(30.0)), [CheckId::CardWhole, CheckId::CardNotScreen]);
    }
}
