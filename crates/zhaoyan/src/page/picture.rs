//! One picture's part of the page: the capture under its layers, the ID photo under its limits, the findings.

use std::fmt::{self, Write as _};

use domain::{CheckId, Finding, Outcome, Report, Standard, standard::Limit};
use image::{
    RgbImage,
    codecs::jpeg::JpegEncoder,
    imageops::{self, FilterType},
};
use vision::{
    decode::Capture,
    photo::{Assessment, Map, NoPhoto},
};

use super::{Section, data_url, escape, layers, outcome};

/// Longest side of the capture on the page.
const SHOWN: u32 = 900;

/// What a picture's part is made of.
pub struct Picture<'a> {
    /// Its number in the batch, from 1.
    pub number: usize,
    /// The file's name.
    pub name: String,
    /// The upright capture.
    pub capture: &'a Capture,
    /// What was found out.
    pub assessment: &'a Assessment,
    /// Where; `None` without a face.
    pub map: Option<&'a Map>,
    /// The findings.
    pub report: &'a Report,
    /// What they were held against.
    pub standard: &'a Standard,
}

/// The part of a file that could not be judged.
pub fn unreadable(number: usize, name: String, error: &str) -> Section {
    let body = format!("<p class=\"not_assessed\">无法检测：<code>{}</code></p>", escape(error));
    Section { number, name, accepted: None, body }
}

/// A picture's part.
///
/// # Errors
/// When the capture cannot be encoded.
pub fn section(picture: &Picture<'_>) -> anyhow::Result<Section> {
    let mut body = String::from("<div class=\"pictures\">");
    // Failing ones first; each of them and of the warnings that shows somewhere gets a number.
    let rank = |f: &&Finding| {
        [Outcome::Fail, Outcome::Warn, Outcome::NotAssessed].iter().position(|o| *o == f.outcome)
    };
    let mut findings: Vec<&Finding> = picture.report.findings.iter().collect();
    findings.sort_by_key(|f| rank(f).unwrap_or(3));
    let told = findings.iter().filter(|f| rank(f).is_some_and(|r| r < 2));
    let placed: Vec<&Finding> = told.filter(|f| f.spot.is_some()).copied().collect();

    capture(&mut body, picture, &placed)?;
    photo(&mut body, picture)?;
    body.push_str("</div>");
    let passed = findings.iter().position(|f| f.outcome == Outcome::Pass).unwrap_or(findings.len());
    let (open, folded) = findings.split_at(passed);
    table(&mut body, picture.standard, open, &placed)?;
    if !folded.is_empty() {
        let n = folded.len();
        write!(body, "<details><summary>合格 {n} 项 <span lang=\"en\">{n} checks passed</span></summary>")?;
        table(&mut body, picture.standard, folded, &[])?;
        body.push_str("</details>");
    }
    let name = picture.name.clone();
    Ok(Section { number: picture.number, name, accepted: Some(picture.report.accepted), body })
}

/// A layer that can be shown and hidden.
struct Layer {
    class: &'static str,
    zh: &'static str,
    en: &'static str,
    /// Shown from the start where one of these did not pass; always if there are none.
    checks: &'static [CheckId],
}

const LAYERS: [Layer; 6] = [
    Layer { class: "spots", zh: "问题位置", en: "where it shows", checks: &[] },
    Layer {
        class: "frame",
        zh: "取景",
        en: "framing",
        checks: &[CheckId::Framing, CheckId::FaceSize, CheckId::Resolution],
    },
    Layer { class: "mesh", zh: "网格", en: "mesh", checks: &[CheckId::EyesOpen, CheckId::MouthClosed] },
    Layer { class: "pose", zh: "姿态", en: "pose", checks: &[CheckId::HeadPose] },
    Layer {
        class: "wall",
        zh: "背景色差",
        en: "background",
        checks: &[CheckId::BackgroundUniform, CheckId::BackgroundClear],
    },
    Layer { class: "glare", zh: "反光", en: "reflections", checks: &[CheckId::GlassesGlare] },
];

fn capture(body: &mut String, picture: &Picture<'_>, placed: &[&Finding]) -> anyhow::Result<()> {
    let pixels = &picture.capture.pixels;
    let small = shown(pixels);
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, 82).encode_image(&small)?;
    let (w, h) = small.dimensions();
    write!(body, "<figure style=\"flex-basis:{w}px\">")?;
    for layer in &LAYERS {
        if picture.map.is_none() && layer.class != "spots" {
            continue;
        }
        let wanted = |check: &CheckId| {
            let finding = picture.report.finding(*check);
            finding.is_some_and(|f| matches!(f.outcome, Outcome::Fail | Outcome::Warn))
        };
        let open = layer.checks.is_empty() || layer.checks.iter().any(wanted);
        toggle(body, picture.number, layer.class, layer.zh, layer.en, open)?;
    }
    write!(
        body,
        "<div class=\"view\"><img alt=\"原图 capture\" width=\"{w}\" height=\"{h}\" src=\"{}\">\
         <svg viewBox=\"0 0 {w} {h}\" aria-hidden=\"true\">",
        data_url("jpeg", &jpeg)
    )?;
    let (w, h) = (w as f32, h as f32);
    let scale = w / pixels.width().max(1) as f32;
    if let Some(map) = picture.map {
        layers::of_map(body, map, picture.assessment, [w, h], scale)?;
    }
    layers::spots(body, placed, [w, h])?;
    let (cw, ch) = (picture.capture.source.width, picture.capture.source.height);
    write!(
        body,
        "</svg></div><figcaption>原图 <span lang=\"en\">capture</span> {cw} × {ch}</figcaption></figure>"
    )?;
    Ok(())
}

fn toggle(body: &mut String, number: usize, class: &str, zh: &str, en: &str, open: bool) -> fmt::Result {
    let checked = if open { " checked" } else { "" };
    write!(
        body,
        "<input type=\"checkbox\" class=\"toggle {class}-toggle\" id=\"p{number}-{class}\"{checked}>\
         <label for=\"p{number}-{class}\">{zh} <span lang=\"en\">{en}</span></label>"
    )
}

/// The capture at the size of the page.
pub(super) fn shown(capture: &RgbImage) -> RgbImage {
    let (w, h) = capture.dimensions();
    let longest = w.max(h);
    if longest <= SHOWN {
        return capture.clone();
    }
    let side = |side: u32| (u64::from(side) * u64::from(SHOWN) / u64::from(longest)).max(1) as u32;
    // Averaged to twice the size first: filtering twelve megapixels takes longer than judging them.
    let (w, h) = (side(w), side(h));
    if longest > 2 * SHOWN {
        let larger = imageops::thumbnail(capture, 2 * w, 2 * h);
        return imageops::resize(&larger, w, h, FilterType::Triangle);
    }
    imageops::resize(capture, w, h, FilterType::Triangle)
}

fn photo(body: &mut String, picture: &Picture<'_>) -> fmt::Result {
    let made = match picture.assessment.made() {
        Ok(made) => made,
        Err(why) => {
            let (zh, en) = match why {
                NoPhoto::NoFace => ("没有可取景的人脸", "there is no face to frame"),
                NoPhoto::NoFit => (
                    "没有一个 JPEG 文件能同时满足标准的品质和字节数要求",
                    "no JPEG fits the standard's limits of quality and bytes",
                ),
            };
            return write!(
                body,
                "<figure><p class=\"not_assessed\">未能制作证件照：{zh}。<br>\
                 <span lang=\"en\">No ID photo could be made: {en}.</span></p></figure>"
            );
        }
    };
    let (w, h) = (made.width, made.height);
    write!(body, "<figure style=\"flex-basis:{w}px\">")?;
    toggle(body, picture.number, "limits", "标准线", "the standard's lines", true)?;
    write!(
        body,
        "<div class=\"view\"><img alt=\"证件照 ID photo\" width=\"{w}\" height=\"{h}\" src=\"{}\">\
         <svg viewBox=\"0 0 {w} {h}\" aria-hidden=\"true\">",
        data_url("jpeg", &made.jpeg)
    )?;
    if let Some(map) = picture.map {
        layers::limits(body, &map.in_photo, picture.standard)?;
    }
    write!(
        body,
        "</svg></div><figcaption>证件照 <span lang=\"en\">ID photo</span> {w} × {h}，{} bytes，JPEG {}</figcaption></figure>",
        made.jpeg.len(),
        made.quality
    )
}

/// The findings, those with a place first numbered as in `placed`.
pub(super) fn table(
    body: &mut String,
    standard: &Standard,
    findings: &[&Finding],
    placed: &[&Finding],
) -> fmt::Result {
    if findings.is_empty() {
        return Ok(());
    }
    body.push_str(
        "<table><thead><tr><th>位置 <span lang=\"en\">where</span><th>检测项 <span lang=\"en\">check</span>\
         <th>结果 <span lang=\"en\">outcome</span><th>测量值 <span lang=\"en\">measure</span>\
         <th>要求 <span lang=\"en\">limit</span><th>说明 <span lang=\"en\">message</span></tr></thead><tbody>",
    );
    for finding in findings {
        let (class, word) = outcome(finding.outcome);
        let place = match placed.iter().position(|p| p.id == finding.id) {
            Some(index) => format!("<span class=\"badge {class}\">{}</span>", index + 1),
            None => "—".to_owned(),
        };
        let title = finding.id.title();
        write!(
            body,
            "<tr><td class=\"count\">{place}<td>{}<span lang=\"en\">{}</span><code>{}</code><td class=\"verdict {class}\">{word}",
            escape(&title.zh),
            escape(&title.en),
            finding.id,
        )?;
        let part = finding.part.as_deref().unwrap_or("");
        let limit = standard.limit(finding.id, part);
        let unit = limit.map_or("", |l| l.unit.as_str());
        let measure = finding.measure.map_or_else(String::new, rounded);
        write!(
            body,
            "<td><code>{}</code> <span class=\"number\">{measure}</span> <span lang=\"en\">{}</span><td>{}{}",
            escape(part),
            escape(if measure.is_empty() { "" } else { unit }),
            escape(&finding.limit),
            without_warning(limit),
        )?;
        write!(
            body,
            "<td>{}<span lang=\"en\">{}</span></tr>",
            escape(&finding.message.zh),
            escape(&finding.message.en)
        )?;
    }
    body.write_str("</tbody></table>")
}

/// Where a warning begins, if that is not where the limit is.
fn without_warning(limit: Option<&Limit>) -> String {
    let Some(limit) = limit.filter(|l| l.min.or(l.max).is_some()) else { return String::new() };
    let (min, max) = (limit.warn_min, limit.warn_max);
    let within = Limit { min, max, ..Limit::default() }.in_words();
    if within.is_empty() {
        return String::new();
    }
    format!("<span class=\"warning\">提醒线 warning limit: {}</span>", escape(&within))
}

/// A measure with as many places as say something.
fn rounded(value: f64) -> String {
    let places = match value.abs() {
        _ if value.fract() == 0.0 => 0,
        v if v >= 100.0 => 0,
        v if v >= 10.0 => 1,
        v if v >= 1.0 => 2,
        _ => 3,
    };
    format!("{value:.places$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measures_are_rounded_to_what_they_say() {
        let told = [3.0, 231.46, -12.34, 1.005, 0.03416, f64::NAN].map(rounded);
        assert_eq!(told, ["3", "231", "-12.3", "1.00", "0.034", "NaN"]);
    }
}
