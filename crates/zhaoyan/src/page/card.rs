//! The page of `card read --report`: each side's capture with its outline and the rows that were read, the flat card, findings and fields.

use std::fmt::{self, Write as _};

use domain::{Finding, Outcome, Report, Standard};
use image::{RgbImage, codecs::jpeg::JpegEncoder};
use vision::card::{Point, Printed};

use super::{STYLE, data_url, escape, layers, picture, verdict};

/// What is printed on cards, in their order: id, Chinese, English. Ids that are not here are shown as they are.
const FIELDS: [(&str, &str, &str); 15] = [
    ("kind", "证件种类", "kind of card"),
    ("name", "姓名", "name"),
    ("chinese_name", "中文姓名", "Chinese name"),
    ("sex", "性别", "sex"),
    ("ethnicity", "民族", "ethnicity"),
    ("birth_date", "出生日期", "birth date"),
    ("nationality", "国籍", "nationality"),
    ("address", "住址", "address"),
    ("number", "证件号码", "number"),
    ("authority", "签发机关", "authority"),
    ("validity", "有效期限", "validity"),
    ("valid_from", "有效期起", "valid from"),
    ("valid_until", "有效期止", "valid until"),
    ("travel_permit_number", "通行证号码", "travel permit number"),
    ("issue_count", "签发次数", "count of issues"),
];

/// Place among the fields, and what it is called in Chinese and English.
fn called(id: &str) -> (usize, &str, &str) {
    let place = FIELDS.iter().position(|(known, ..)| *known == id);
    place.map_or((FIELDS.len(), id, id), |place| (place, FIELDS[place].1, FIELDS[place].2))
}

/// One side, read and judged.
pub struct Side<'a> {
    /// What it is called, in Chinese and in English.
    pub title: (&'static str, &'static str),
    /// The file's name.
    pub file: String,
    /// The capture as it was read.
    pub capture: &'a RgbImage,
    /// The card's corners in it.
    pub corners: [Point; 4],
    /// The card laid flat.
    pub rectified: &'a RgbImage,
    /// Where print was found.
    pub printed: &'a [Printed],
    /// The fields as read: what it is called, the value, how sure it is.
    pub fields: Vec<(&'a str, Option<String>, Option<f32>)>,
    /// The findings.
    pub report: &'a Report,
}

/// The whole page.
///
/// # Errors
/// When a picture cannot be encoded.
pub fn page(sides: &[Side<'_>], standard: &Standard) -> anyhow::Result<String> {
    let mut html = format!(
        "<!doctype html>\n<html lang=\"zh-CN\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>身份证识读报告</title><style>{STYLE}</style>\n\
         <h1>身份证识读报告 <span lang=\"en\">Report on an identity card</span></h1><p>标准 <code>{}</code> · zhaoyan {}</p>\n",
        escape(&standard.id),
        env!("CARGO_PKG_VERSION")
    );
    for side in sides {
        section(&mut html, side, standard)?;
    }
    html.push_str("</html>\n");
    Ok(html)
}

fn section(html: &mut String, side: &Side<'_>, standard: &Standard) -> anyhow::Result<()> {
    let ((zh, en), (class, word)) = (side.title, verdict(Some(side.report.accepted)));
    write!(
        html,
        "<section><h2>{zh} <span lang=\"en\">{en}</span> · {} <span class=\"verdict {class}\">{word}</span></h2><div class=\"pictures\">",
        escape(&side.file)
    )?;
    let rank = |f: &&Finding| {
        [Outcome::Fail, Outcome::Warn, Outcome::NotAssessed, Outcome::Pass]
            .iter()
            .position(|o| *o == f.outcome)
    };
    let mut findings: Vec<&Finding> = side.report.findings.iter().collect();
    findings.sort_by_key(rank);
    let told = findings.iter().filter(|f| matches!(f.outcome, Outcome::Fail | Outcome::Warn));
    let placed: Vec<&Finding> = told.filter(|f| f.spot.is_some()).copied().collect();

    let small = picture::shown(side.capture);
    let scale = small.width() as f32 / side.capture.width().max(1) as f32;
    figure(html, &small, "原图 <span lang=\"en\">capture</span>", |svg, size| {
        outline(svg, &side.corners.map(|(x, y)| [x * scale, y * scale]))?;
        for row in side.printed {
            outline(svg, &row.in_capture.map(|(x, y)| [x * scale, y * scale]))?;
        }
        svg.push_str("</g>");
        layers::spots(svg, &placed, size)?;
        svg.write_str("<g>")
    })?;
    let small = picture::shown(side.rectified);
    let scale = small.width() as f32 / side.rectified.width().max(1) as f32;
    figure(html, &small, "展平 <span lang=\"en\">laid flat</span>", |svg, _| {
        for row in side.printed {
            let [left, top, right, bottom] = row.on_card.map(|v| v * scale);
            outline(svg, &[[left, top], [right, top], [right, bottom], [left, bottom]])?;
            write!(svg, "<text x=\"{left:.0}\" y=\"{:.0}\">{}</text>", top - 3.0, called(row.field).1)?;
        }
        Ok(())
    })?;
    html.push_str("</div>");
    fields(html, &side.fields)?;
    picture::table(html, standard, &findings, &placed)?;
    html.push_str("</section>\n");
    Ok(())
}

/// A picture with what lies over it.
fn figure(
    html: &mut String,
    pixels: &RgbImage,
    caption: &str,
    over: impl FnOnce(&mut String, [f32; 2]) -> fmt::Result,
) -> anyhow::Result<()> {
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, 85).encode_image(pixels)?;
    let (w, h) = pixels.dimensions();
    write!(
        html,
        "<figure style=\"flex-basis:{w}px\"><div class=\"view\"><img alt=\"\" width=\"{w}\" height=\"{h}\" src=\"{}\">\
         <svg viewBox=\"0 0 {w} {h}\" aria-hidden=\"true\"><g class=\"frame\">",
        data_url("jpeg", &jpeg)
    )?;
    over(html, [w as f32, h as f32])?;
    write!(html, "</g></svg></div><figcaption>{caption}</figcaption></figure>")?;
    Ok(())
}

fn outline(svg: &mut String, corners: &[[f32; 2]; 4]) -> fmt::Result {
    for class in ["under", ""] {
        write!(svg, "<path class=\"{class}\" d=\"")?;
        for (i, [x, y]) in corners.iter().enumerate() {
            write!(svg, "{}{x:.1} {y:.1}", if i == 0 { 'M' } else { 'L' })?;
        }
        svg.write_str("Z\"/>")?;
    }
    Ok(())
}

fn fields(html: &mut String, fields: &[(&str, Option<String>, Option<f32>)]) -> fmt::Result {
    html.push_str(
        "<table><thead><tr><th>项目 <span lang=\"en\">field</span><th>读出 <span lang=\"en\">read</span>\
         <th class=\"count\">可信度 <span lang=\"en\">confidence</span></tr></thead><tbody>",
    );
    let mut fields: Vec<_> = fields.iter().collect();
    fields.sort_by_key(|(name, ..)| called(name).0);
    for (name, value, sure) in fields {
        let (_, zh, en) = called(name);
        let sure = sure.map_or_else(String::new, |sure| format!("{sure:.3}"));
        let value = value.as_deref().map_or_else(|| "—".to_owned(), escape);
        write!(html, "<tr><td>{zh} <span lang=\"en\">{en}</span><td>{value}<td class=\"count\">{sure}</tr>")?;
    }
    html.write_str("</tbody></table>")
}
