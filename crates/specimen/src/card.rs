//! Draws both sides of a specimen identity card, 85.6 × 54 mm, marked 样本 SPECIMEN and bare of every emblem and security print.

use image::{Rgb, RgbImage, Rgba, RgbaImage};

use crate::font::{self, FontError, Fonts, Setting, Weight, mix};
use crate::people::Person;

/// Width of a card in millimetres (ISO/IEC 7810 ID-1, as GA 448 prints it).
pub const WIDTH_MM: f32 = 85.6;
/// Height of a card in millimetres.
pub const HEIGHT_MM: f32 = 54.0;
/// Dots per inch of a drawn card.
pub const DPI: f32 = 600.0;

const CORNER_RADIUS_MM: f32 = 3.18;
pub(crate) const LABEL: [u8; 3] = [52, 112, 168];
pub(crate) const VALUE: [u8; 3] = [22, 22, 26];
/// Characters of a full address line.
const ADDRESS_LINE_EM: f32 = 11.2;

/// Which side of a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// 人像面.
    Portrait,
    /// 国徽面.
    Emblem,
}

/// A drawn side of a card.
#[derive(Debug, Clone)]
pub struct CardArt {
    /// 2022 × 1276 pixels (600 dpi); transparent outside the rounded corners.
    pub pixels: RgbaImage,
    /// Which side it is.
    pub side: Side,
    /// The values printed on it, line by line, with where they are.
    pub texts: Vec<PrintedText>,
}

/// One printed line of a value.
#[derive(Debug, Clone, PartialEq)]
pub struct PrintedText {
    /// `name`, `sex`, `ethnicity`, `birth_date`, `address`, `number`, `authority` or `validity`, and on other kinds of cards
    /// `chinese_name`, `nationality`, `travel_permit_number` or `issue_count`; what takes several lines comes several times.
    pub field: &'static str,
    /// The text of the line.
    pub text: String,
    /// Left, top, width and height on the card, in millimetres.
    pub area: [f32; 4],
}

/// Pixels of `mm` millimetres at [`DPI`].
pub(crate) fn px(mm: f32) -> f32 {
    mm / 25.4 * DPI
}

pub(crate) struct Sheet {
    pub pixels: RgbaImage,
    pub fonts: Fonts,
    texts: Vec<PrintedText>,
}

impl Sheet {
    pub fn write(
        &mut self,
        text: &str,
        size_mm: f32,
        weight: Weight,
        colour: [u8; 3],
        at_mm: (f32, f32),
    ) -> f32 {
        let setting = Setting { em: px(size_mm), tracking: 0.0, weight, colour, opacity: 1.0 };
        font::paint(&mut self.pixels, &self.fonts, text, &setting, px(at_mm.0), px(at_mm.1))
    }

    pub fn label(&mut self, text: &str, left: f32, top: f32) {
        self.write(text, 2.75, Weight::Regular, LABEL, (left, top));
    }

    pub fn value(&mut self, field: &'static str, text: &str, size: f32, left: f32, top: f32) {
        let width = self.write(text, size, Weight::Regular, VALUE, (left, top));
        self.printed(field, text, [left, top, width / px(1.0), size]);
    }

    pub fn printed(&mut self, field: &'static str, text: &str, area: [f32; 4]) {
        self.texts.push(PrintedText { field, text: text.to_owned(), area });
    }

    pub fn finish(self, side: Side) -> CardArt {
        CardArt { pixels: self.pixels, side, texts: self.texts }
    }
}

/// Draws the portrait side: labels, values and the person's portrait.
///
/// # Errors
/// When the fonts are not installed.
pub fn portrait_side(person: &Person) -> Result<CardArt, FontError> {
    Ok(portrait_side_in(person, Fonts::open()?))
}

/// Draws the portrait side in a typeface of choice.
pub fn portrait_side_in(person: &Person, fonts: Fonts) -> CardArt {
    form(person, Some(&person.ethnicity), fonts)
}

/// The portrait side of the resident identity card, or without an ethnicity that of a residence permit.
pub(crate) fn form(person: &Person, ethnicity: Option<&str>, fonts: Fonts) -> CardArt {
    let mut sheet = blank([222, 234, 238], [240, 228, 226], [226, 236, 224], fonts);
    specimen_mark(&mut sheet, (22.5, 16.5), 2.8);
    specimen_mark(&mut sheet, (22.5, 39.9), 3.0);

    sheet.label("姓名", 5.3, 6.3);
    sheet.value("name", &person.name, 3.5, 14.6, 5.9);
    sheet.label("性别", 5.3, 12.6);
    sheet.value("sex", person.sex_printed(), 3.0, 14.6, 12.4);
    if let Some(ethnicity) = ethnicity {
        sheet.label("民族", 23.2, 12.6);
        sheet.value("ethnicity", ethnicity, 3.0, 31.2, 12.4);
    }

    let birth = person.birth_date;
    sheet.label("出生", 5.3, 20.6);
    sheet.value("birth_date", &birth.year().to_string(), 3.0, 14.6, 20.4);
    sheet.label("年", 22.9, 20.6);
    centred(&mut sheet, &birth.month().to_string(), 28.4, 20.4);
    sheet.label("月", 30.9, 20.6);
    centred(&mut sheet, &birth.day().to_string(), 36.2, 20.4);
    sheet.label("日", 38.7, 20.6);

    sheet.label("住址", 5.3, 26.9);
    let setting =
        Setting { em: px(3.0), tracking: 0.0, weight: Weight::Regular, colour: VALUE, opacity: 1.0 };
    let lines =
        wrap(&person.address, ADDRESS_LINE_EM * px(3.0), |text| font::width(&sheet.fonts, text, &setting));
    for (i, line) in lines.iter().enumerate() {
        sheet.value("address", line, 3.0, 14.6, 26.7 + 4.3 * i as f32);
    }

    sheet.label("公民身份号码", 5.3, 45.2);
    let setting = Setting { em: px(3.9), tracking: px(0.62), weight: Weight::Bold, ..setting };
    let (left, top) = (28.6, 44.5);
    let width = font::paint(&mut sheet.pixels, &sheet.fonts, &person.number, &setting, px(left), px(top));
    sheet.printed("number", &person.number, [left, top, width / px(1.0), 3.9]);

    paste_portrait(
        &mut sheet.pixels,
        &crate::portrait::card_portrait(&person.looks),
        [54.2, 6.6, 26.0, 32.0],
    );
    sheet.finish(Side::Portrait)
}

/// Draws the emblem side: titles, authority, validity, and a plain disc where the emblem would be.
///
/// # Errors
/// When the fonts are not installed.
pub fn emblem_side(person: &Person) -> Result<CardArt, FontError> {
    let mut sheet = blank([236, 226, 230], [228, 232, 240], [240, 234, 222], Fonts::open()?);
    disc(&mut sheet.pixels, (14.6, 13.8), 8.2, [196, 52, 46]);
    specimen_mark(&mut sheet, (13.0, 29.4), 4.2);
    let title =
        Setting { em: px(5.0), tracking: px(1.1), weight: Weight::Regular, colour: VALUE, opacity: 1.0 };
    font::paint(&mut sheet.pixels, &sheet.fonts, "中华人民共和国", &title, px(31.0), px(6.6));
    let title = Setting { em: px(7.0), tracking: px(1.9), ..title };
    font::paint(&mut sheet.pixels, &sheet.fonts, "居民身份证", &title, px(30.9), px(15.6));
    for (text, top) in [("签发机关", 39.3), ("有效期限", 45.9)] {
        sheet.write(text, 2.9, Weight::Bold, VALUE, (20.3, top));
    }
    sheet.value("authority", &person.authority, 2.9, 34.6, 39.3);
    sheet.value("validity", &person.validity(), 2.9, 34.6, 45.9);
    Ok(sheet.finish(Side::Emblem))
}

fn centred(sheet: &mut Sheet, text: &str, centre: f32, top: f32) {
    let setting =
        Setting { em: px(3.0), tracking: 0.0, weight: Weight::Regular, colour: VALUE, opacity: 1.0 };
    let width = font::width(&sheet.fonts, text, &setting) / px(1.0);
    sheet.value("birth_date", text, 3.0, centre - width / 2.0, top);
}

/// Breaks the text into the longest lines that fit `room`.
pub(crate) fn wrap(text: &str, room: f32, width: impl Fn(&str) -> f32) -> Vec<String> {
    let mut lines = vec![String::new()];
    for character in text.chars() {
        if let Some(line) = lines.last_mut() {
            line.push(character);
            if width(line) > room {
                line.pop();
                lines.push(character.to_string());
            }
        }
    }
    lines
}

/// The bare card: three pastel tones flowing into one another inside rounded corners.
pub(crate) fn blank(left: [u8; 3], middle: [u8; 3], right: [u8; 3], fonts: Fonts) -> Sheet {
    let (w, h) = (px(WIDTH_MM).round() as u32, px(HEIGHT_MM).round() as u32);
    let radius = px(CORNER_RADIUS_MM);
    let pixels = RgbaImage::from_fn(w, h, |x, y| {
        let (fx, fy) = (x as f32 + 0.5, y as f32 + 0.5);
        let along = (fx / w as f32 + 0.12 * (fy / h as f32 * 5.0).sin()).clamp(0.0, 1.0);
        let Rgb([r, g, b]) = match along {
            a if a < 0.5 => mix(left, middle, a * 2.0),
            a => mix(middle, right, a * 2.0 - 1.0),
        };
        let inset = |v: f32, end: f32| (radius - v).max(v - (end - radius)).max(0.0);
        let outside = inset(fx, w as f32).hypot(inset(fy, h as f32)) - radius;
        Rgba([r, g, b, ((0.5 - outside).clamp(0.0, 1.0) * 255.0) as u8])
    });
    Sheet { pixels, fonts, texts: Vec::new() }
}

/// 样本 SPECIMEN in pale red, set where no value is printed.
pub(crate) fn specimen_mark(sheet: &mut Sheet, at_mm: (f32, f32), size_mm: f32) {
    let setting = Setting {
        em: px(size_mm),
        tracking: px(0.25),
        weight: Weight::Bold,
        colour: [214, 96, 96],
        opacity: 0.42,
    };
    font::paint(&mut sheet.pixels, &sheet.fonts, "样本 SPECIMEN", &setting, px(at_mm.0), px(at_mm.1));
}

pub(crate) fn disc(pixels: &mut RgbaImage, centre_mm: (f32, f32), radius_mm: f32, colour: [u8; 3]) {
    let (cx, cy, radius) = (px(centre_mm.0), px(centre_mm.1), px(radius_mm));
    for (x, y, pixel) in pixels.enumerate_pixels_mut() {
        let cover = (radius + 0.5 - (x as f32 + 0.5 - cx).hypot(y as f32 + 0.5 - cy)).clamp(0.0, 1.0);
        if cover > 0.0 {
            let Rgb([r, g, b]) = mix([pixel[0], pixel[1], pixel[2]], colour, cover * 0.9);
            *pixel = Rgba([r, g, b, pixel[3]]);
        }
    }
}

/// Lays the portrait into `area` (left, top, width, height in millimetres); its white ground takes the card's colour.
pub(crate) fn paste_portrait(pixels: &mut RgbaImage, portrait: &RgbImage, area: [f32; 4]) {
    let [left, top, width, height] = area.map(px);
    let scaled = image::imageops::resize(
        portrait,
        width as u32,
        height as u32,
        image::imageops::FilterType::CatmullRom,
    );
    for (x, y, Rgb(ink)) in scaled.enumerate_pixels() {
        let pixel = pixels.get_pixel_mut(left as u32 + x, top as u32 + y);
        let multiplied: [u8; 3] =
            std::array::from_fn(|i| (u16::from(ink[i]) * u16::from(pixel[i]) / 255) as u8);
        *pixel = Rgba([multiplied[0], multiplied[1], multiplied[2], pixel[3]]);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn addresses_take_one_to_three_lines() {
        let mut lines = [0; 4];
        for seed in 0..24 {
            let person = Person::from_seed(seed);
            let art = portrait_side(&person).unwrap();
            let printed: Vec<&str> =
                art.texts.iter().filter(|t| t.field == "address").map(|t| t.text.as_str()).collect();
            assert_eq!(printed.concat(), person.address);
            lines[printed.len()] += 1;
        }
        assert!(lines[0] == 0 && lines[1] > 0 && lines[2] > 0 && lines[3] > 0, "{lines:?}");
    }

    #[test]
    fn every_printed_value_lies_on_the_card_beside_the_portrait() {
        for seed in 0..8 {
            let person = Person::from_seed(seed);
            for text in portrait_side(&person).unwrap().texts {
                let [left, top, width, height] = text.area;
                let room = if text.field == "number" { WIDTH_MM - 4.0 } else { 53.0 };
                assert!(
                    left > 10.0 && left + width < room && top + height < HEIGHT_MM - 4.0,
                    "{seed} {}",
                    text.field
                );
            }
        }
    }
}
