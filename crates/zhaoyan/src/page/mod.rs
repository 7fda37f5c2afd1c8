//! The self-contained pages of `photo check --report`, what came of the batch and then each picture with what was found in it and where, and
//! of `card read --report`.

pub mod card;
mod layers;
mod picture;
mod wall;

use std::{
    fmt::Write as _,
    fs::File,
    io::{self, BufWriter, Read as _, Seek as _, Write as _},
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use base64::Engine as _;
use domain::{Outcome, Standard};

pub use self::picture::{Picture, section, unreadable};
use crate::batch::Tally;

const STYLE: &str = include_str!("style.css");

/// A page in the making. Each picture's part goes to a file as soon as it is there, so that a large batch takes no memory.
pub struct Page {
    out: PathBuf,
    sections: BufWriter<File>,
    contents: String,
}

/// One picture's part of the page.
pub struct Section {
    /// The picture's number in the batch, from 1.
    pub number: usize,
    /// The file's name.
    pub name: String,
    /// Accepted or not; `None` for a file that could not be judged.
    pub accepted: Option<bool>,
    /// Everything below the heading.
    pub body: String,
}

impl Page {
    /// Begins the page that is to become `out`.
    ///
    /// # Errors
    /// When nothing can be written where it is to lie.
    pub fn begin(out: &Path) -> anyhow::Result<Page> {
        let folder = out.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let sections = tempfile::tempfile_in(folder)
            .with_context(|| format!("nothing can be written into {}", folder.display()))?;
        Ok(Page { out: out.to_owned(), sections: BufWriter::new(sections), contents: String::new() })
    }

    /// Adds a picture's part.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn add(&mut self, section: &Section) -> anyhow::Result<()> {
        let (n, name, (class, word)) = (section.number, escape(&section.name), verdict(section.accepted));
        write!(
            self.contents,
            "<tr><td class=\"count\">{n}<td><a href=\"#p{n}\">{name}</a><td class=\"verdict {class}\">{word}</tr>"
        )?;
        write!(
            self.sections,
            "<section id=\"p{n}\"><h2>{n} · {name} <span class=\"verdict {class}\">{word}</span></h2>"
        )?;
        self.sections.write_all(section.body.as_bytes())?;
        Ok(self.sections.write_all(b"</section>\n")?)
    }

    /// Writes the page.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(self, standard: &Standard, tally: &Tally) -> anyhow::Result<()> {
        let mut sections = self.sections.into_inner().map_err(io::IntoInnerError::into_error)?;
        sections.rewind()?;
        let head = head(standard, tally, &self.contents)?;
        let mut whole = head.as_bytes().chain(sections).chain(&b"</html>\n"[..]);
        File::create(&self.out)
            .and_then(|mut file| io::copy(&mut whole, &mut file))
            .with_context(|| format!("{} cannot be written", self.out.display()))?;
        Ok(())
    }
}

/// Everything before the first picture.
fn head(standard: &Standard, tally: &Tally, contents: &str) -> anyhow::Result<String> {
    let mut html = String::new();
    let (id, name, source) = (escape(&standard.id), &standard.name, &standard.source);
    let (zh, en) = (escape(&name.zh), escape(&name.en));
    let Tally { accepted, refused, unjudged, .. } = tally;
    write!(
        html,
        "<!doctype html>\n<html lang=\"zh-CN\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>照片检测报告 · {zh}</title><style>{STYLE}</style>\n\
         <h1>照片检测报告 <span lang=\"en\">Report on photos</span></h1>\
         <p>照片标准：<strong>{zh}</strong> <code>{id}</code> <span lang=\"en\">{en}</span></p>\
         <p>{}，{}，{}</p>\
         <p>共 {n} 张：<span class=\"pass\">✓ 合格 {accepted}</span>，<span class=\"fail\">✕ 不合格 {refused}</span>，\
         <span class=\"not_assessed\">○ 无法检测 {unjudged}</span>\
         <br><span lang=\"en\">{n} pictures: {accepted} accepted, {refused} not accepted, {unjudged} not judged</span></p>\
         <p>{} · zhaoyan {}</p>\n<div class=\"summary\">",
        escape(&source.body),
        escape(&source.title),
        escape(&source.date),
        jiff::Zoned::now().strftime("%Y-%m-%d %H:%M"),
        env!("CARGO_PKG_VERSION"),
        n = tally.all(),
    )?;
    let reasons = tally.reasons();
    if !reasons.is_empty() {
        html.push_str(
            "<table><thead><tr><th>检测项 <span lang=\"en\">check</span><th class=\"count\">不合格 <span lang=\"en\">refused</span>\
             <th class=\"count\">提醒 <span lang=\"en\">warned</span></tr></thead><tbody>",
        );
    }
    for (check, [refused, warned]) in &reasons {
        let title = check.title();
        write!(
            html,
            "<tr><td>{}<span lang=\"en\">{}</span> <code>{check}</code><td class=\"count fail\">{refused}<td class=\"count warn\">{warned}</tr>",
            escape(&title.zh),
            escape(&title.en),
        )?;
    }
    if !reasons.is_empty() {
        html.push_str("</tbody></table>");
    }
    writeln!(
        html,
        "<table><thead><tr><th class=\"count\"><th>照片 <span lang=\"en\">picture</span><th>结论 <span lang=\"en\">verdict</span></tr></thead>\
         <tbody>{contents}</tbody></table></div>"
    )?;
    Ok(html)
}

fn verdict(accepted: Option<bool>) -> (&'static str, &'static str) {
    match accepted {
        Some(true) => ("pass", "✓ 合格 <span lang=\"en\">accepted</span>"),
        Some(false) => ("fail", "✕ 不合格 <span lang=\"en\">not accepted</span>"),
        None => ("not_assessed", "○ 无法检测 <span lang=\"en\">not judged</span>"),
    }
}

/// Class and words of an outcome.
fn outcome(outcome: Outcome) -> (&'static str, &'static str) {
    match outcome {
        Outcome::Pass => ("pass", "✓ 合格 <span lang=\"en\">pass</span>"),
        Outcome::Warn => ("warn", "! 提醒 <span lang=\"en\">warning</span>"),
        Outcome::Fail => ("fail", "✕ 不合格 <span lang=\"en\">fail</span>"),
        Outcome::NotAssessed => ("not_assessed", "○ 未检测 <span lang=\"en\">not assessed</span>"),
    }
}

fn data_url(kind: &str, bytes: &[u8]) -> String {
    format!("data:image/{kind};base64,{}", base64::engine::general_purpose::STANDARD.encode(bytes))
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
