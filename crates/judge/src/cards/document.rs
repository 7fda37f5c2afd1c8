//! `docs/reading.md` and `docs/reading.zh-CN.md`: how right cards are read, for people who read the repository.

use std::fmt::Write as _;

use super::{
    calibration::Bin,
    figures::{FIELDS, Figures},
};
use crate::{
    document::Language::{self, Chinese, English},
    figures::Rate,
};

fn percent(rate: Rate) -> String {
    if rate.of == 0 {
        "–".to_owned()
    } else {
        format!("{:.2} % ({} / {})", rate.share() * 100.0, rate.hit, rate.of)
    }
}

/// The document.
pub fn document(figures: &Figures, language: Language) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = write(&mut out, figures, language);
    out
}

fn write(out: &mut String, figures: &Figures, language: Language) -> std::fmt::Result {
    let say = |zh, en| language.say(zh, en);
    writeln!(out, "# {}\n", say("身份证识读的对错", "How right cards are read"))?;
    writeln!(
        out,
        "{}\n",
        say(
            "[English](reading.md)\n\n本页由 `make read` 生成，请勿手改。证件和照片全部由程序绘制，真实内容已知；限值用标准 `chengkao`。",
            "[中文](reading.zh-CN.md)\n\nWritten by `make read`; do not edit. Cards and captures are drawn, so what they say is known; limits are \
             those of the standard `chengkao`.",
        )
    )?;
    let n = figures.accepted.of;
    match language {
        Chinese => writeln!(
            out,
            "可用照片 {n} 张，两面各半：倾斜最大 35 度，任意方向，桌面杂乱，有影子，光线冷暖不一，有噪点，手抖，JPEG 品质 60 到 95，\
             200 万到 1200 万像素；镜头和手抖合起来的模糊不超过 0.15 毫米。读的时候像报名系统一样知道报名姓名（与证件相同；不同的见 [names.md](names.md)）。\n"
        )?,
        English => writeln!(
            out,
            "{n} usable captures, half of them of either side: tilts up to 35 degrees, any turn, busy tables, shadows, warm and cold light, \
             noise, camera shake, JPEG of quality 60 to 95, two to twelve megapixels; the blur of lens and hand together stays \
             below 0.15 mm on the card. They are read as in the journey, knowing the registration's name, which here is the card's; for \
             those that differ see [names.md](names.md).\n"
        )?,
    }
    writeln!(out, "| {} | |\n|---|---|", say("结果", "result"))?;
    for (zh, en, rate) in [
        ("可用照片被接受", "usable captures accepted", figures.accepted),
        ("接受的照片中各项全对", "accepted captures with every field right", figures.all_right),
        (
            "接受的人像面中姓名和号码都对",
            "accepted portrait sides with name and number right",
            figures.name_and_number,
        ),
        (
            "其中姓名有识别模型没有的字：由报名姓名对证笔画认定，或请考生自己填写",
            "of these, names with a character that the recogniser lacks: settled by the registration's, or asked of the candidate",
            figures.rare,
        ),
        (
            "可信度 0.99 以上的项目读对",
            "fields told with a confidence above 0.99 that are right",
            figures.calibration.above,
        ),
    ] {
        writeln!(out, "| {} | {} |", say(zh, en), percent(rate))?;
    }
    writeln!(
        out,
        "| {} | {} |\n",
        say("读错而校验码仍对的号码（全部照片）", "misread numbers that pass the arithmetic, on any capture"),
        figures.false_numbers
    )?;
    writeln!(out, "## {}\n", say("逐项", "By field"))?;
    writeln!(
        out,
        "| {} | {} |\n|---|---|",
        say("项目", "field"),
        say("接受的照片中读对", "right on accepted captures")
    )?;
    for (i, rate) in &figures.fields {
        writeln!(out, "| {} | {} |", say(FIELDS[*i].1, FIELDS[*i].2), percent(*rate))?;
    }
    if !figures.wrong.is_empty() {
        writeln!(
            out,
            "\n{}\n",
            say("读错的（种子，项目，可信度）：", "Read wrong (seed, field, confidence):")
        )?;
        for line in &figures.wrong {
            writeln!(out, "- {line}")?;
        }
    }
    writeln!(out, "\n## {}\n", say("可用而被拒", "Usable and refused"))?;
    if figures.refusals.is_empty() {
        writeln!(out, "{}", say("没有。", "None."))?;
    }
    for (reason, count) in &figures.refusals {
        writeln!(out, "- {reason}: {count}")?;
    }
    defects(out, figures, language)?;
    peer(out, figures, language)?;
    calibration(out, figures, language)?;
    writeln!(out, "## {}\n", say("假设", "What is assumed"))?;
    writeln!(
        out,
        "{}",
        say(
            "绘制的证件没有真证的底纹、微缩文字和光变图案。`card_not_photocopy` 假设真证的栏目名是蓝色、国徽是红色；彩色复印件它看不出来。\
             `card_not_screen` 的限值按没有底纹的证件定，真证的细线要另行测量后再定。`card_not_edited` 只看底面的颗粒和印字的清晰度：改动后又重度压缩、\
             或原图既无颗粒又不模糊的，看不出来；绘制的改动以品质 90 以上保存。",
            "Drawn cards have no guilloche, microprint or optically variable ink. `card_not_photocopy` assumes that real cards have blue \
             labels and a red emblem; a copy in colour is not told by it. The limit of `card_not_screen` was set on cards without fine \
             lines, and has to be set anew on real ones. `card_not_edited` looks at the grain of the ground and at the sharpness of the \
             print: what was strongly compressed after the change, or had neither grain nor blur before, is not told; the drawn changes \
             were saved at quality 90 and above.",
        )
    )
}

fn defects(out: &mut String, figures: &Figures, language: Language) -> std::fmt::Result {
    let say = |zh, en| language.say(zh, en);
    writeln!(out, "\n## {}\n", say("有缺陷的照片", "Captures with a defect"))?;
    writeln!(
        out,
        "| {} | {} | {} | {} | {} |\n|---|---|---|---|---|",
        say("缺陷", "defect"),
        say("应拒的检测项", "its check"),
        say("由该项拒绝", "refused by it"),
        say("总共被拒", "refused at all"),
        say(
            "漏掉的（种子，面，程度，测量值，其他理由）",
            "missed (seed, side, strength, measure, other reasons)"
        )
    )?;
    for row in &figures.kinds {
        writeln!(
            out,
            "| {} | `{}` | {} | {} | {} |",
            say(row.kind.zh, row.kind.name),
            row.kind.check,
            percent(row.caught),
            percent(row.refused),
            row.missed.iter().take(5).cloned().collect::<Vec<_>>().join("; ")
        )?;
    }
    Ok(())
}

fn peer(out: &mut String, figures: &Figures, language: Language) -> std::fmt::Result {
    if figures.peer.is_empty() {
        return Ok(());
    }
    let say = |zh, en| language.say(zh, en);
    let n = figures.peer_whole.0.of;
    writeln!(out, "\n## {}\n", say("与 RapidOCR 对比", "Beside RapidOCR"))?;
    match language {
        Chinese => writeln!(
            out,
            "前 {n} 张可用照片，不论是否被接受，也交给 RapidOCR 1.4.4（同样的网络、同样的运行库，整张图检测文字）加一个直接的解析器。\
             有生僻字的姓名两边都算错。\n"
        )?,
        English => writeln!(
            out,
            "The first {n} usable captures, accepted or not, through RapidOCR 1.4.4 (the same networks on the same runtime, text detected over \
             the whole picture) and a straightforward parser. Names with characters beyond the alphabet count as wrong for both.\n"
        )?,
    }
    writeln!(out, "| {} | 照验 Zhaoyan | RapidOCR |\n|---|---|---|", say("读对", "right"))?;
    for (name, theirs, ours) in &figures.peer {
        writeln!(out, "| `{name}` | {} | {} |", percent(*ours), percent(*theirs))?;
    }
    let (theirs, ours) = figures.peer_whole;
    writeln!(out, "| {} | {} | {} |", say("整面全对", "whole sides"), percent(ours), percent(theirs))?;
    writeln!(out, "\n{}", say("用时对比见 `make bench`。", "Timings: `make bench`."))
}

fn calibration(out: &mut String, figures: &Figures, language: Language) -> std::fmt::Result {
    let say = |zh, en| language.say(zh, en);
    writeln!(out, "\n## {}\n", say("可信度是否可信", "Calibration"))?;
    writeln!(
        out,
        "![{}](reading-calibration.svg)\n",
        say("读对的比例与可信度", "share right over confidence")
    )?;
    writeln!(
        out,
        "{}\n",
        say(
            "识别模型自己的可信度经 `crates/vision/src/card/calibration.rs` 里的一张小表换算。下表是全部可用照片上读出的项目。",
            "The recogniser's own confidence goes through one small table, `crates/vision/src/card/calibration.rs`. These are all fields read on \
             usable captures.",
        )
    )?;
    writeln!(
        out,
        "| {} | {} | {} | {} | {} | {} |\n|---|---|---|---|---|---|",
        say("可信度从", "confidence from"),
        say("项目数", "fields"),
        say("平均可信度", "mean"),
        say("读对", "right"),
        say("换算前：项目数", "before: fields"),
        say("换算前：读对", "before: right")
    )?;
    let mean = |bin: &Bin| bin.sum / bin.right.of.max(1) as f64;
    let share = |bin: &Bin| {
        if bin.right.of == 0 { "–".to_owned() } else { format!("{:.4}", bin.right.share()) }
    };
    for (told, raw) in figures.calibration.told.iter().zip(&figures.calibration.raw) {
        writeln!(
            out,
            "| {} | {} | {:.4} | {} | {} | {} |",
            told.from,
            told.right.of,
            mean(told),
            share(told),
            raw.right.of,
            share(raw)
        )?;
    }
    writeln!(out, "\n{}\n", say("换算前，按项目（读对 / 项目数）：", "Before, by field (right of fields):"))?;
    let edges: Vec<String> = figures.calibration.raw.iter().map(|bin| format!("{} ", bin.from)).collect();
    writeln!(out, "| | {}|\n|---|{}", edges.join("| "), "---|".repeat(edges.len()))?;
    for (name, bins) in &figures.calibration.by_field {
        let cells: Vec<String> = bins.iter().map(|b| format!("{} / {}", b.right.hit, b.right.of)).collect();
        writeln!(out, "| `{name}` | {} |", cells.join(" | "))?;
    }
    writeln!(out)
}
