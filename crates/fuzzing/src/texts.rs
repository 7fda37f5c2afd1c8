//! What people type, and what a card's rows are taken for.

use domain::{Ethnicity, IdNumber, Level, Nationality, PersonName, PhoneNumber, ValidUntil};
use jiff::civil::date;

/// What is taken for a phone number, an identity number, a name, an ethnicity or a nationality is taken again, as the same, in the form
/// in which it is kept; its masked form shows nothing but what it may; a name keeps its bound and can be completed only by characters that
/// were typed for those that could not be read.
pub fn texts(data: &[u8]) {
    let text = &*String::from_utf8_lossy(data);
    if let Ok(phone) = PhoneNumber::parse(text) {
        assert_eq!(PhoneNumber::parse(phone.as_str()).as_ref(), Ok(&phone));
        assert_eq!(phone.masked().len(), phone.as_str().len());
    }
    if let Ok(number) = IdNumber::parse(text) {
        assert_eq!(IdNumber::parse(number.as_str()).as_ref(), Ok(&number));
        assert!(number.as_str().is_ascii());
        assert!(number.fits_birth_date(number.birth_date()));
        assert_eq!(number.masked().len(), number.as_str().len());
        let _ = (number.card_kind(), number.sex(), number.nationality(), number.is_specimen());
    }
    if let Ok(name) = PersonName::parse(text) {
        assert_eq!(PersonName::parse(name.as_str()).as_ref(), Ok(&name), "{:?}", name.as_str());
        assert!((1..=60).contains(&name.characters()));
        assert!(!name.as_str().contains(char::is_control));
        assert!(name.agrees_with(&name));
        assert_eq!(name.masked().chars().count(), name.characters());
        let typed: Vec<String> = text.chars().rev().take(name.unread().len()).map(String::from).collect();
        if let Ok(whole) = name.with_typed(&typed) {
            assert_eq!((whole.unread().len(), whole.characters()), (0, name.characters()));
        }
    }
    if let Ok(ethnicity) = Ethnicity::parse(text) {
        assert_eq!(Ethnicity::parse(ethnicity.name()), Ok(ethnicity));
    }
    if let Ok(nationality) = Nationality::parse(text) {
        assert_eq!(Nationality::parse(nationality.code()), Ok(nationality));
    }
    if let Some(level) = Level::parse(text) {
        assert_eq!(Level::parse(level.label()), Some(level));
    }
    if let Ok(until) = ValidUntil::try_from(text.to_owned()) {
        assert_eq!(ValidUntil::try_from(String::from(until)).ok(), Some(until));
        let _ = until.days_past(date(2026, 1, 1));
    }
}
