//! The self-contained page of `photo check --report`: each capture beside its ID photo and its findings.

use std::fmt::Write as _;

use base64::Engine as _;
use domain::{Outcome, Standard};
use image::{DynamicImage, ImageFormat, imageops::FilterType};

use crate::commands::photo::Judged;

const STYLE: &str = "body{font:16px/1.5 system-ui,'Noto Sans CJK SC',sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem;color:#1b1f24}\
h1{font-size:1.5rem}section{border-top:1px solid #c9d1d9;padding:1.5rem 0}.pictures{display:flex;gap:1rem;align-items:flex-start}\
.pictures img{max-height:20rem;border:1px solid #c9d1d9}table{border-collapse:collapse;width:100%;margin-top:1rem}\
td,th{text-align:left;padding:.35rem .5rem;border-bottom:1px solid #e5e9ee;vertical-align:top}\
.fail{color:#b3261e;font-weight:600}.warn{color:#8a5a00}.pass{color:#1a6b34}.not_assessed{color:#6b7280}.number{font-variant-numeric:tabular-nums}";

/// One picture's part of the page.
pub fn section(judged: &Judged) -> anyhow::Result<String> {
    let thumbnail =
        DynamicImage::ImageRgb8(judged.capture.pixels.clone()).resize(480, 480, FilterType::Triangle);
    let mut small = std::io::Cursor::new(Vec::new());
    thumbnail.write_to(&mut small, ImageFormat::Jpeg)?;
    let mut html = String::new();
    let verdict = if judged.report.accepted {
        ("pass", "合格 · accepted")
    } else {
        ("fail", "不合格 · not accepted")
    };
    let name = escape(&judged.file.display().to_string());
    write!(
        html,
        "<section><h2>{name} <span class=\"{}\">{}</span></h2><div class=\"pictures\">",
        verdict.0, verdict.1
    )?;
    write!(
        html,
        "<figure><img alt=\"capture\" src=\"{}\"><figcaption>原图</figcaption></figure>",
        data_url(small.get_ref())
    )?;
    if let Some(made) = &judged.assessment.photo {
        write!(
            html,
            "<figure><img alt=\"ID photo\" src=\"{}\"><figcaption>证件照 {} × {}, {} bytes</figcaption></figure>",
            data_url(&made.jpeg),
            made.width,
            made.height,
            made.jpeg.len()
        )?;
    }
    html.push_str("</div><table><thead><tr><th>检测项<th>结果<th>测量值<th>要求<th>说明</tr></thead><tbody>");
    for finding in &judged.report.findings {
        let (class, word) = match finding.outcome {
            Outcome::Pass => ("pass", "合格"),
            Outcome::Warn => ("warn", "提醒"),
            Outcome::Fail => ("fail", "不合格"),
            Outcome::NotAssessed => ("not_assessed", "未检测"),
        };
        let measure = finding.measure.map_or_else(String::new, |m| format!("{m:.3}"));
        let part = finding.part.as_deref().unwrap_or("");
        write!(
            html,
            "<tr><td>{}<br><code>{}</code><td class=\"{class}\">{word}<td class=\"number\">{part} {measure}<td>{}<td>{}<br>{}</tr>",
            escape(&finding.id.title().zh),
            finding.id,
            escape(&finding.limit),
            escape(&finding.message.zh),
            escape(&finding.message.en)
        )?;
    }
    html.push_str("</tbody></table></section>");
    Ok(html)
}

/// The page around its sections.
pub fn whole(standard: &Standard, sections: &[String]) -> String {
    format!(
        "<!doctype html><html lang=\"zh-CN\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>照验 Zhaoyan</title><style>{STYLE}</style><h1>照片检测报告 · {}</h1><p>{}</p>{}</html>\n",
        escape(&standard.name.zh),
        escape(&standard.source.title),
        sections.concat()
    )
}

fn data_url(jpeg: &[u8]) -> String {
    format!("data:image/jpeg;base64,{}", base64::engine::general_purpose::STANDARD.encode(jpeg))
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_cannot_become_markup() {
        assert_eq!(escape("<b>&\".jpg"), "&lt;b&gt;&amp;&quot;.jpg");
    }
}
