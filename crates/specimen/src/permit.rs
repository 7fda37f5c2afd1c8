//! Draws residence permits of Hong Kong, Macao and Taiwan residents: the form of the resident identity card without an ethnicity.

use jiff::ToSpan;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::card::{self, CardArt, Side, VALUE, px};
use crate::font::{self, FontError, Fonts, Setting, Weight};
use crate::people::{DRAWN_ON, Person, number_for};

/// A drawn person with a residence permit.
#[derive(Debug, Clone)]
pub struct PermitHolder {
    /// Who it is. The ethnicity is not printed; number and validity are those of the permit.
    pub person: Person,
    /// The name of the permit, the title of its emblem side.
    pub title: &'static str,
    /// 通行证号码: X and eight digits. Issued ones begin with H, M or a digit.
    pub travel_permit_number: String,
    /// 签发次数, 1 to 9.
    pub issue_count: u8,
}

/// Division codes with the title of the permit. Issued permits all bear 810000, 820000 or 830000, so that here a whole province does
/// not tell a specimen: 9999 is no place of GB/T 2260.
const REGIONS: [(u32, &str); 3] =
    [(819_999, "港澳居民居住证"), (829_999, "港澳居民居住证"), (839_999, "台湾居民居住证")];

impl PermitHolder {
    /// Draws the holder of `seed`; the same seed draws the same one for ever.
    pub fn from_seed(seed: u64) -> PermitHolder {
        let mut rng = ChaCha8Rng::seed_from_u64(seed ^ 0x7065_726d_6974);
        let (division, title) = REGIONS[rng.random_range(0..REGIONS.len())];
        let mut person = Person::from_seed(seed);
        let serial = person.number.get(14..17).and_then(|serial| serial.parse().ok()).unwrap_or(0);
        person.number = number_for(division, person.birth_date, serial);
        person.valid_from = DRAWN_ON - rng.random_range(30..1_700i64).days();
        person.valid_until = Some(person.valid_from + 5.years());
        PermitHolder {
            person,
            title,
            travel_permit_number: format!("X{:08}", rng.random_range(0..100_000_000)),
            issue_count: rng.random_range(1..10),
        }
    }
}

/// Draws the portrait side.
///
/// # Errors
/// When the fonts are not installed.
pub fn portrait_side(holder: &PermitHolder) -> Result<CardArt, FontError> {
    Ok(card::form(&holder.person, None, Fonts::open()?))
}

/// Draws the emblem side: titles, authority, validity, number of the travel permit, count of issues, and a plain disc.
///
/// # Errors
/// When the fonts are not installed.
pub fn emblem_side(holder: &PermitHolder) -> Result<CardArt, FontError> {
    let mut sheet = card::blank([226, 236, 232], [232, 232, 240], [238, 236, 226], Fonts::open()?);
    card::disc(&mut sheet.pixels, (14.6, 13.8), 8.2, [196, 52, 46]);
    card::specimen_mark(&mut sheet, (13.0, 28.4), 4.2);
    let title =
        Setting { em: px(5.0), tracking: px(1.1), weight: Weight::Regular, colour: VALUE, opacity: 1.0 };
    font::paint(&mut sheet.pixels, &sheet.fonts, "中华人民共和国", &title, px(31.0), px(6.6));
    let title = Setting { em: px(5.6), tracking: px(1.0), ..title };
    font::paint(&mut sheet.pixels, &sheet.fonts, holder.title, &title, px(30.9), px(15.6));
    for (text, left, top) in [
        ("签发机关", 20.3, 37.2),
        ("有效期限", 20.3, 41.9),
        ("通行证号码", 20.3, 46.6),
        ("签发次数", 60.2, 46.6),
    ] {
        sheet.write(text, 2.9, Weight::Bold, VALUE, (left, top));
    }
    sheet.value("authority", &holder.person.authority, 2.9, 34.6, 37.2);
    sheet.value("validity", &holder.person.validity(), 2.9, 34.6, 41.9);
    sheet.value("travel_permit_number", &holder.travel_permit_number, 2.9, 37.5, 46.6);
    sheet.value("issue_count", &format!("{:02}", holder.issue_count), 2.9, 74.5, 46.6);
    Ok(sheet.finish(Side::Emblem))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn numbers_name_no_place_and_permits_are_valid_for_five_years() {
        for seed in 0..60 {
            let PermitHolder { person, .. } = PermitHolder::from_seed(seed);
            assert!(["81", "82", "83"].contains(&&person.number[..2]));
            assert_eq!(&person.number[2..6], "9999", "issued permits have 0000");
            let until = person.valid_until.unwrap();
            assert!(until > DRAWN_ON && until.year() - person.valid_from.year() == 5);
        }
    }

    #[test]
    fn a_permit_prints_no_ethnicity() {
        let art = portrait_side(&PermitHolder::from_seed(1)).unwrap();
        assert!(art.texts.iter().all(|text| text.field != "ethnicity"));
        assert!(art.texts.iter().any(|text| text.field == "sex"));
    }
}
