//! From recognised characters to a card's values: dates, terms, folded text.

use domain::ValidUntil;
use jiff::civil::Date;
use unicode_normalization::UnicodeNormalization;

/// Full-width forms become half-width, spaces go.
pub(super) fn folded(text: &str) -> String {
    text.nfkc().filter(|c| !c.is_whitespace()).collect()
}

/// Whether the character is the dot of a name, however the recogniser writes it.
pub(super) fn is_dot(c: char) -> bool {
    matches!(c, '·' | '•' | '‧' | '∙' | '・' | '.' | '．' | '●')
}

fn digit_groups(text: &str) -> Vec<String> {
    folded(text).split(|c: char| !c.is_ascii_digit()).filter(|g| !g.is_empty()).map(str::to_owned).collect()
}

/// The digits of a text, full-width ones folded.
pub(super) fn digits(text: &str) -> String {
    folded(text).chars().filter(char::is_ascii_digit).collect()
}

/// A birth date as printed: year, month and day, without leading zeros, parted by 年, 月, 日 or anything else that is no digit.
pub(super) fn birth_date(text: &str) -> Option<Date> {
    let groups = digit_groups(text);
    let [year, month, day] = &groups[..] else { return None };
    if year.len() != 4 || month.len() > 2 || day.len() > 2 {
        return None;
    }
    date(year, month, day)
}

/// Whether the digits are those of the date printed without leading zeros. This needs no signs between them to be read.
pub(super) fn prints(date: Date, digits: &str) -> bool {
    format!("{}{}{}", date.year(), date.month(), date.day()) == digits
}

/// A date as foreigners' cards print it, `1983.01.09`: only the digits count.
pub(super) fn dotted_date(text: &str) -> Option<Date> {
    let digits = digits(text);
    (digits.len() == 8).then(|| date(&digits[..4], &digits[4..6], &digits[6..])).flatten()
}

fn date(year: &str, month: &str, day: &str) -> Option<Date> {
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

/// The validity term: `2021.06.01-2031.06.01` or `2021.06.01-长期`. Only the digits and 长期 count, so points and the dash may be misread.
pub(super) fn validity(text: &str) -> Option<(Date, ValidUntil)> {
    let digits = digits(text);
    let day = |at: usize| {
        let part = digits.get(at..at + 8)?;
        date(&part[..4], &part[4..6], &part[6..])
    };
    let from = day(0)?;
    match digits.len() {
        8 if text.contains(['长', '期']) => Some((from, ValidUntil::LongTerm)),
        16 => Some((from, ValidUntil::Date(day(8)?))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use domain::ValidUntil;
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_printed_birth_date_is_read() {
        assert_eq!(birth_date("1983年11月29日"), Some(date(1983, 11, 29)));
        assert_eq!(birth_date("１９８３ 年 1 月 9 日"), Some(date(1983, 1, 9)));
    }

    #[test]
    fn a_day_that_does_not_exist_is_none() {
        assert_eq!(birth_date("1983年2月29日"), None);
        assert_eq!(validity("2021.02.30-2031.02.30"), None);
    }

    #[test]
    fn digits_run_together_still_confirm_a_date() {
        assert!(prints(date(1983, 1, 29), "1983129"));
        assert!(!prints(date(1983, 11, 29), "1983129"));
        assert_eq!(birth_date("1983129"), None);
    }

    #[test]
    fn a_dotted_date_is_its_eight_digits() {
        assert_eq!(dotted_date("1983.01.09"), Some(date(1983, 1, 9)));
        assert_eq!(dotted_date("1983。01，09"), Some(date(1983, 1, 9)));
        assert_eq!(dotted_date("1983.1.9"), None);
    }

    #[test]
    fn terms_end_on_a_day_or_never() {
        assert_eq!(
            validity("2021.06.01-2031.06.01"),
            Some((date(2021, 6, 1), ValidUntil::Date(date(2031, 6, 1))))
        );
        assert_eq!(validity("2021.06.01-长期"), Some((date(2021, 6, 1), ValidUntil::LongTerm)));
        assert_eq!(validity("2021.06.01-2031.06.0"), None);
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text in "\\PC{0,40}") {
            let _ = (birth_date(&text), validity(&text), folded(&text));
        }
    }
}
