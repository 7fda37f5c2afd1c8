//! Draws foreigners and their permanent residence cards in the forms of 2017 and 2023.
//!
//! Where what stands was taken from public descriptions of both forms and an open generator of test cards; colours and pattern are
//! this crate's own.

use image::{Rgb, RgbaImage};
use jiff::ToSpan;
use jiff::civil::{Date, date};
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::card::{self, CardArt, LABEL, Sheet, Side, VALUE, px};
use crate::font::{self, FontError, Fonts, Setting, Weight, mix};
use crate::looks::{Looks, Sex};
use crate::people::{DRAWN_ON, number_for};

/// The form of a permanent residence card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Form {
    /// Of 2017: three letters and twelve digits.
    Of2017,
    /// Of 2023, the five-star card: 18 digits.
    Of2023,
}

/// A drawn foreigner with a permanent residence card.
#[derive(Debug, Clone)]
pub struct Foreigner {
    /// The seed that draws this one again.
    pub seed: u64,
    /// The card's form.
    pub form: Form,
    /// The name in Latin letters: `SURNAME, GIVEN NAMES`; a long one takes two lines.
    pub name: String,
    /// The Chinese name, which about half have.
    pub chinese_name: Option<String>,
    /// Sex.
    pub sex: Sex,
    /// Date of birth, 1970 to 1999.
    pub birth_date: Date,
    /// Nationality: three letters and three digits of ISO 3166-1, Chinese name.
    pub nationality: (&'static str, u32, &'static str),
    /// The number, with a valid check digit and a place that does not exist.
    pub number: String,
    /// First day of validity.
    pub valid_from: Date,
    /// Last day of validity.
    pub valid_until: Date,
    /// The issuing authority.
    pub authority: &'static str,
    /// What the foreigner looks like.
    pub looks: Looks,
}

const NATIONALITIES: &[(&str, u32, &str)] = &[
    ("CAN", 124, "加拿大"),
    ("USA", 840, "美国"),
    ("GBR", 826, "英国"),
    ("FRA", 250, "法国"),
    ("DEU", 276, "德国"),
    ("JPN", 392, "日本"),
    ("KOR", 410, "韩国"),
    ("AUS", 36, "澳大利亚"),
    ("NZL", 554, "新西兰"),
    ("SGP", 702, "新加坡"),
    ("MYS", 458, "马来西亚"),
    ("RUS", 643, "俄罗斯"),
    ("PAK", 586, "巴基斯坦"),
    ("VNM", 704, "越南"),
    ("KAZ", 398, "哈萨克斯坦"),
    ("BRA", 76, "巴西"),
    ("ITA", 380, "意大利"),
    ("IND", 356, "印度"),
    ("NGA", 566, "尼日利亚"),
    ("MUS", 480, "毛里求斯"),
    ("AUT", 40, "奥地利"),
    ("AFG", 4, "阿富汗"),
];

const SURNAMES: &[&str] = &[
    "SMITH",
    "MILLER",
    "TANAKA",
    "KIM",
    "PETROV",
    "GARCIA",
    "SILVA",
    "NGUYEN",
    "HAYES",
    "O'NEILL",
    "LEE",
    "WEBER",
    "ROSSI",
    "DUBOIS",
    "KHAN",
    "IVANOVA",
    "JOHANSSON",
    "VAN DER BERG",
    "QUINN",
    "LIM",
];
const LONG_SURNAMES: &[&str] =
    &["FITZGERALD-WILLOUGHBY", "VAN DEN BROECK-HALS", "RODRIGUES D'ALMEIDA", "ABDULRAHMANOV-KHASIMI"];
const GIVEN_WOMEN: &[&str] =
    &["ANNA", "MARIA", "YUKI", "SOPHIE", "GRACE", "ELENA", "JULIA", "MIN-JI", "ALICE", "FATIMA", "ZOE"];
const GIVEN_MEN: &[&str] =
    &["JOHN", "PAUL", "KENJI", "LUCAS", "DAVID", "IVAN", "ALI", "JUN-HO", "PETER", "OMAR", "FELIX"];
const LONG_GIVEN: &[&str] =
    &["ALEXANDRA JOSEPHINE", "MAXIMILIAN FREDERICK", "CHRISTOPHER JAMES", "ELISABETH MARGARETE"];
const CHINESE_NAMES: &[&str] =
    &["史安娜", "米乐", "田中雪", "金民智", "高思飞", "白路", "李明华", "魏柏", "林雅", "何杰"];

impl Foreigner {
    /// Draws the foreigner of `seed` with a card of that form; the same seed draws the same one for ever.
    pub fn from_seed(seed: u64, form: Form) -> Foreigner {
        let mut rng = ChaCha8Rng::seed_from_u64(seed ^ 0x0066_6f72_6569_676e);
        let sex = if rng.random_bool(0.5) { Sex::Female } else { Sex::Male };
        let nationality = NATIONALITIES.choose(&mut rng).copied().unwrap_or(NATIONALITIES[0]);
        let name = name(&mut rng, sex);
        let chinese_name = rng.random_bool(0.5).then(|| pick(&mut rng, CHINESE_NAMES).to_owned());
        let birth_date = date(1970, 1, 1) + rng.random_range(0..10_950i64).days();
        let serial = rng.random_range(0..500u32) * 2 + u32::from(sex == Sex::Male);
        let (first, last) = match form {
            Form::Of2017 => (date(2017, 6, 16), date(2023, 11, 30)),
            Form::Of2023 => (date(2023, 12, 1), DRAWN_ON - 30.days()),
        };
        let days = first.until(last).map_or(1, |span| i64::from(span.get_days()).max(1));
        let valid_from = first + rng.random_range(0..days).days();
        // Which of the two is the rule could not be found out.
        let valid_until = valid_from + 10.years() - i64::from(rng.random_bool(0.5)).days();
        Foreigner {
            seed,
            form,
            name,
            chinese_name,
            sex,
            birth_date,
            nationality,
            number: match form {
                Form::Of2017 => number_of_2017(nationality.0, birth_date, serial % 10),
                Form::Of2023 => number_for(999_000 + nationality.1, birth_date, serial),
            },
            valid_from,
            valid_until,
            authority: match form {
                Form::Of2017 => "中华人民共和国公安部",
                Form::Of2023 => "中华人民共和国国家移民管理局",
            },
            looks: Looks::from_seed(seed, sex, 40),
        }
    }

    /// The validity term as the portrait side prints it.
    pub fn validity(&self) -> String {
        format!("{}-{}", dotted(self.valid_from), dotted(self.valid_until))
    }
}

/// The number of the form of 2017: nationality, 9999 where issued ones name a city, birth date, order, check digit of ICAO 9303.
pub fn number_of_2017(nationality: &str, birth: Date, order: u32) -> String {
    let body =
        format!("{nationality}9999{:02}{:02}{:02}{order}", birth.year() % 100, birth.month(), birth.day());
    let values = body.chars().filter_map(|c| c.to_digit(36));
    let check = values.zip([7, 3, 1].into_iter().cycle()).map(|(value, weight)| value * weight).sum::<u32>();
    format!("{body}{}", check % 10)
}

fn dotted(day: Date) -> String {
    format!("{:04}.{:02}.{:02}", day.year(), day.month(), day.day())
}

fn pick(rng: &mut ChaCha8Rng, list: &[&'static str]) -> &'static str {
    list.choose(rng).copied().unwrap_or_default()
}

fn name(rng: &mut ChaCha8Rng, sex: Sex) -> String {
    let given = if sex == Sex::Female { GIVEN_WOMEN } else { GIVEN_MEN };
    if rng.random_bool(0.2) {
        return format!("{}, {}", pick(rng, LONG_SURNAMES), pick(rng, LONG_GIVEN));
    }
    let (surname, first) = (pick(rng, SURNAMES), pick(rng, given));
    if rng.random_bool(0.3) {
        format!("{surname}, {first} {}", pick(rng, given))
    } else {
        format!("{surname}, {first}")
    }
}

/// Millimetres that a line of the name has.
const NAME_ROOM: f32 = 45.0;
/// Em of the name in millimetres.
const NAME_SIZE: f32 = 3.1;

/// Draws the portrait side: names, sex, birth date, nationality, validity, number and portrait.
///
/// # Errors
/// When the fonts are not installed.
pub fn portrait_side(holder: &Foreigner) -> Result<CardArt, FontError> {
    let mut sheet = match holder.form {
        Form::Of2017 => card::blank([226, 238, 228], [238, 236, 222], [222, 234, 230], Fonts::open()?),
        Form::Of2023 => card::blank([236, 230, 240], [226, 234, 242], [240, 232, 226], Fonts::open()?),
    };
    card::specimen_mark(&mut sheet, (26.0, 34.6), 2.6);
    card::specimen_mark(&mut sheet, (27.0, 27.4), 2.6);
    label(&mut sheet, "姓名/Name", 7.0, 6.4);
    let top = latin_name(&mut sheet, &holder.name, 9.2);
    if let Some(name) = &holder.chinese_name {
        sheet.value("chinese_name", name, 3.1, 7.0, top);
    }
    label(&mut sheet, "性别/Sex", 7.0, 21.2);
    label(&mut sheet, "出生日期/Date of Birth", 26.0, 21.2);
    sheet.value("sex", if holder.sex == Sex::Female { "女/F" } else { "男/M" }, 2.9, 7.0, 23.8);
    sheet.value("birth_date", &dotted(holder.birth_date), 2.9, 26.0, 23.8);
    label(&mut sheet, "国籍/Nationality", 7.0, 29.2);
    let (code, _, state) = holder.nationality;
    sheet.value("nationality", &format!("{state}/{code}"), 2.9, 7.0, 31.8);
    label(&mut sheet, "有效期限/Period of Validity", 7.0, 37.4);
    sheet.value("validity", &holder.validity(), 2.9, 7.0, 40.0);
    label(&mut sheet, "证件号码/ID No.", 7.0, 45.6);
    let setting =
        Setting { em: px(3.9), tracking: px(0.62), weight: Weight::Bold, colour: VALUE, opacity: 1.0 };
    let (left, top) = (26.0, 44.5);
    let width = font::paint(&mut sheet.pixels, &sheet.fonts, &holder.number, &setting, px(left), px(top));
    sheet.printed("number", &holder.number, [left, top, width / px(1.0), 3.9]);
    let portrait = crate::portrait::card_portrait(&holder.looks);
    card::paste_portrait(&mut sheet.pixels, &portrait, [55.6, 6.3, 26.0, 33.0]);
    Ok(sheet.finish(Side::Portrait))
}

fn label(sheet: &mut Sheet, text: &str, left: f32, top: f32) {
    sheet.write(text, 2.1, Weight::Regular, LABEL, (left, top));
}

/// Prints the name in one or two lines and returns where the next line begins.
fn latin_name(sheet: &mut Sheet, name: &str, top: f32) -> f32 {
    let lines = name_lines(&sheet.fonts, name);
    for (i, line) in lines.iter().enumerate() {
        sheet.value("name", line, NAME_SIZE, 7.0, top + 3.8 * i as f32);
    }
    top + 3.8 * lines.len() as f32 + 0.4
}

/// Breaks a name between words into lines that fit.
fn name_lines(fonts: &Fonts, name: &str) -> Vec<String> {
    let setting =
        Setting { em: px(NAME_SIZE), tracking: 0.0, weight: Weight::Regular, colour: VALUE, opacity: 1.0 };
    let mut lines: Vec<String> = Vec::new();
    for word in name.split(' ') {
        let joined = lines.last().map(|line| format!("{line} {word}"));
        match joined.filter(|line| font::width(fonts, line, &setting) < px(NAME_ROOM)) {
            Some(joined) => {
                lines.pop();
                lines.push(joined);
            }
            None => lines.push(word.to_owned()),
        }
    }
    lines
}

/// Draws the emblem side: titles, authority and a plain disc, in the form of 2023 with five stars.
///
/// # Errors
/// When the fonts are not installed.
pub fn emblem_side(holder: &Foreigner) -> Result<CardArt, FontError> {
    let mut sheet = card::blank([228, 238, 236], [236, 232, 226], [230, 230, 240], Fonts::open()?);
    card::disc(&mut sheet.pixels, (14.6, 13.8), 8.2, [196, 52, 46]);
    card::specimen_mark(&mut sheet, (13.0, 29.4), 4.2);
    let title =
        Setting { em: px(5.0), tracking: px(1.1), weight: Weight::Regular, colour: VALUE, opacity: 1.0 };
    font::paint(&mut sheet.pixels, &sheet.fonts, "中华人民共和国", &title, px(31.0), px(6.6));
    let title = Setting { em: px(4.2), tracking: px(0.5), ..title };
    font::paint(&mut sheet.pixels, &sheet.fonts, "外国人永久居留身份证", &title, px(31.0), px(14.6));
    sheet.write("FOREIGN PERMANENT RESIDENT ID CARD", 2.1, Weight::Regular, VALUE, (31.2, 21.0));
    if holder.form == Form::Of2023 {
        for (left, top, radius) in
            [(64.0, 31.6, 4.2), (70.6, 28.0, 1.4), (73.4, 30.4, 1.4), (73.4, 33.4, 1.4), (70.6, 35.8, 1.4)]
        {
            star(&mut sheet.pixels, (left, top), radius);
        }
    }
    sheet.write("签发机关", 2.9, Weight::Bold, VALUE, (20.3, 44.6));
    sheet.value("authority", holder.authority, 2.9, 34.6, 44.6);
    Ok(sheet.finish(Side::Emblem))
}

/// A yellow star of five points.
fn star(pixels: &mut RgbaImage, centre_mm: (f32, f32), radius_mm: f32) {
    use std::f32::consts::{PI, TAU};
    const FIFTH: f32 = PI / 5.0;
    let (cx, cy, radius) = (px(centre_mm.0), px(centre_mm.1), px(radius_mm));
    // The inner corners of a pentagram lie at this share of the radius.
    const INNER: f32 = 0.382;
    for (x, y, pixel) in pixels.enumerate_pixels_mut() {
        let (dx, dy) = (x as f32 + 0.5 - cx, cy - y as f32 - 0.5);
        if dx.hypot(dy) > radius {
            continue;
        }
        // Folded into the wedge between a point, on the axis, and its inner corner.
        let angle = (dx.atan2(dy) + TAU).rem_euclid(2.0 * FIFTH);
        let angle = angle.min(2.0 * FIFTH - angle);
        let (u, v) = (dx.hypot(dy) * angle.cos(), dx.hypot(dy) * angle.sin());
        let (iu, iv) = (radius * INNER * FIFTH.cos(), radius * INNER * FIFTH.sin());
        if (radius - u) * iv - (radius - iu) * v > 0.0 {
            let Rgb([r, g, b]) = mix([pixel[0], pixel[1], pixel[2]], [236, 186, 40], 0.85);
            (pixel[0], pixel[1], pixel[2]) = (r, g, b);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn one_seed_is_one_foreigner() {
        for form in [Form::Of2017, Form::Of2023] {
            let (a, b) = (Foreigner::from_seed(5, form), Foreigner::from_seed(5, form));
            assert_eq!((a.name, a.number, a.valid_from), (b.name, b.number, b.valid_from));
        }
    }

    #[test]
    fn numbers_name_a_place_that_does_not_exist_and_cards_are_valid() {
        for seed in 0..60 {
            let holder = Foreigner::from_seed(seed, Form::Of2017);
            assert_eq!((holder.number.len(), &holder.number[3..7]), (15, "9999"));
            assert_eq!(&holder.number[..3], holder.nationality.0);
            assert!(holder.valid_until > DRAWN_ON && holder.valid_from.year() <= 2023);
            let holder = Foreigner::from_seed(seed, Form::Of2023);
            assert_eq!((holder.number.len(), &holder.number[..3]), (18, "999"));
            assert_eq!(holder.number[3..6].parse::<u32>().unwrap(), holder.nationality.1);
            assert!(holder.valid_until > DRAWN_ON && holder.valid_from <= DRAWN_ON);
        }
    }

    #[test]
    fn long_names_take_two_lines_and_none_takes_more() {
        let fonts = Fonts::open().unwrap();
        let mut lines = [0; 4];
        for seed in 0..200 {
            let holder = Foreigner::from_seed(seed, Form::Of2023);
            let printed = name_lines(&fonts, &holder.name);
            assert_eq!(printed.join(" "), holder.name);
            lines[printed.len()] += 1;
        }
        assert!(lines[0] == 0 && lines[1] > 100 && lines[2] > 20 && lines[3] == 0, "{lines:?}");
    }

    #[test]
    fn every_printed_value_lies_beside_the_portrait() {
        for seed in 0..3 {
            let art = portrait_side(&Foreigner::from_seed(seed, Form::Of2023)).unwrap();
            for text in art.texts.iter().filter(|text| text.field != "number") {
                assert!(text.area[0] + text.area[2] < 55.0, "{seed} {}", text.field);
            }
        }
    }
}
