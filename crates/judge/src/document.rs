//! `docs/judge.md` and `docs/judge.zh-CN.md`: the figures for people who read the repository.

use std::fmt::Write as _;

use domain::{CheckId, Text};

use crate::figures::{Figures, Rate, Refusal};

/// A language of the documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    Chinese,
    English,
}

use Language::{Chinese, English};

impl Language {
    /// The document's file name.
    pub fn file(self) -> &'static str {
        match self {
            English => "judge.md",
            Chinese => "judge.zh-CN.md",
        }
    }

    fn of(self, text: &Text) -> &str {
        match self {
            Chinese => &text.zh,
            English => &text.en,
        }
    }

    /// The words in this language.
    pub fn say(self, zh: &'static str, en: &'static str) -> &'static str {
        match self {
            Chinese => zh,
            English => en,
        }
    }
}

fn percent(rate: Rate) -> String {
    if rate.of == 0 { "–".to_owned() } else { format!("{:.1} %", rate.share() * 100.0) }
}

/// The document. `portraits` are the lines about real pictures, if there were any.
pub fn document(figures: &Figures, language: Language, portraits: &[String], seconds: u64) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = write(&mut out, figures, language, portraits, seconds);
    out
}

fn write(
    out: &mut String,
    figures: &Figures,
    language: Language,
    portraits: &[String],
    seconds: u64,
) -> std::fmt::Result {
    let say = |zh, en| language.say(zh, en);
    let people = figures.kinds.first().map_or(0, |k| k.refused.of);
    let clean = figures.clean_refused.of;
    writeln!(out, "# {}\n", say("检测结果的对错", "How right the judge is"))?;
    writeln!(
        out,
        "{}\n",
        say(
            "[English](judge.md)\n\n本页由 `make judge` 生成，请勿手改。全部图片由程序绘制，真实情况已知；标准为 `chengkao`。",
            "[中文](judge.zh-CN.md)\n\nWritten by `make judge`; do not edit. All pictures are drawn, so the truth about them is known; the \
             standard is `chengkao`.",
        )
    )?;
    match language {
        Chinese => writeln!(
            out,
            "每种缺陷明显超限的图片约 {people} 张，合格图片 {clean} 张，用时 {} 分钟。\
             合格图片被拒 {} 张（{}）。\n",
            seconds / 60,
            figures.clean_refused.hit,
            percent(figures.clean_refused)
        )?,
        English => writeln!(
            out,
            "About {people} pictures with each defect clearly beyond its limit, {clean} without a defect; {} minutes. Of the clean \
             ones {} were refused ({}).\n",
            seconds / 60,
            figures.clean_refused.hit,
            percent(figures.clean_refused)
        )?,
    }
    writeln!(out, "## {}\n", say("逐项检测", "By check"))?;
    writeln!(
        out,
        "{}",
        say(
            "| 检测项 | 缺陷检出 | 合格被拒 | 合格被提醒 | 未作判断 |\n|---|---|---|---|---|",
            "| check | defects caught | clean refused | clean warned | clean not assessed |\n|---|---|---|---|---|",
        )
    )?;
    for row in &figures.checks {
        let star = if row.only_warns { say("（只提醒）", " (only warns)") } else { "" };
        writeln!(
            out,
            "| `{}` {}{star} | {} | {} | {} | {} |",
            row.check,
            language.of(&row.check.title()),
            percent(row.caught),
            percent(row.refused),
            percent(row.warned),
            row.unassessed
        )?;
    }
    writeln!(
        out,
        "\n{}\n",
        say(
            "`head_uncovered` 不检测：现有模型分不出深色帽子和头发，由工作人员审核。“未作判断”多为胡须遮住嘴唇的人。",
            "`head_uncovered` is not assessed: no network among the models tells a dark hat from hair; staff look at it. \"Not assessed\" \
             are mostly people whose moustache hides the lips.",
        )
    )?;
    writeln!(out, "## {}\n", say("逐种缺陷", "By defect"))?;
    writeln!(
        out,
        "{}",
        say(
            "| 缺陷 | 应检出的检测项 | 张数 | 由该项检出 | 未作判断 | 总共被拒 | 漏掉的（种子，程度，测量值） |\n|---|---|---|---|---|---|---|",
            "| defect | its check | pictures | caught by it | not assessed | refused at all | missed (seed, strength, measure) |\n|---|---|---|---|---|---|---|",
        )
    )?;
    for row in &figures.kinds {
        let ids: Vec<String> = row.kind.checks.iter().map(|c| format!("`{c}`")).collect();
        let missed: Vec<String> = row
            .missed
            .iter()
            .take(6)
            .map(|(seed, strength, m)| {
                let m = m.map_or_else(|| "–".to_owned(), |m| format!("{m:.3}"));
                format!("{seed}, {strength:.2}, {m}")
            })
            .collect();
        writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} | {} |",
            say(row.kind.zh, row.kind.name),
            ids.join(", "),
            row.caught.of,
            percent(row.caught),
            row.unassessed,
            percent(row.refused),
            missed.join("; ")
        )?;
    }
    writeln!(out, "\n## {}\n", say("谁会被错拒", "Who is refused wrongly"))?;
    writeln!(
        out,
        "{}",
        say(
            "| 人群 | 合格图片 | 被拒 |\n|---|---|---|",
            "| people | clean pictures | refused |\n|---|---|---|"
        )
    )?;
    for row in &figures.groups {
        writeln!(
            out,
            "| {} | {} | {} ({}) |",
            say(row.zh, row.en),
            row.refused.of,
            row.refused.hit,
            percent(row.refused)
        )?;
    }
    for Refusal { seed, failed } in &figures.clean_missed {
        let failed: Vec<String> = failed
            .iter()
            .map(|(c, m)| format!("`{c}` {}", m.map_or_else(String::new, |m| format!("{m:.3}"))))
            .collect();
        writeln!(out, "\n- {} {seed}: {}", say("种子", "seed"), failed.join(", "))?;
    }
    if !portraits.is_empty() {
        writeln!(out, "\n## {}\n", say("真人照片", "Real pictures"))?;
        for line in portraits {
            writeln!(out, "- {line}")?;
        }
    }
    writeln!(out, "\n## {}\n", say("混淆表", "Confusion"))?;
    writeln!(
        out,
        "{}\n",
        say(
            "每行一种缺陷，列出拒绝了其中至少 5 % 的检测项。",
            "For each defect the checks that refused at least 5 % of its pictures.",
        )
    )?;
    for (row, shares) in figures.kinds.iter().zip(&figures.confusion) {
        let mut hits: Vec<(CheckId, f64)> =
            CheckId::of_photo().zip(shares.iter().copied()).filter(|(_, s)| *s >= 0.05).collect();
        hits.sort_by(|a, b| b.1.total_cmp(&a.1));
        let hits: Vec<String> = hits.iter().map(|(c, s)| format!("`{c}` {:.0} %", s * 100.0)).collect();
        writeln!(out, "- {}: {}", say(row.kind.zh, row.kind.name), hits.join(", "))?;
    }
    Ok(())
}
