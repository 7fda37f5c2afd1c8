//! The figures as one self-contained page with plots.

use std::fmt::Write as _;

use domain::CheckId;

use crate::figures::{CheckRow, Figures, KindRow, Rate};

const STYLE: &str = "body{font:15px/1.5 system-ui,'Noto Sans CJK SC',sans-serif;margin:2rem auto;max-width:80rem;padding:0 1rem;color:#1b1f24}\
h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2.5rem}table{border-collapse:collapse}td,th{text-align:left;padding:.25rem .6rem;\
border-bottom:1px solid #e5e9ee;font-variant-numeric:tabular-nums}.bad{color:#b3261e;font-weight:600}.plots{display:grid;\
grid-template-columns:repeat(auto-fill,minmax(17rem,1fr));gap:1rem}figure{margin:0;border:1px solid #e5e9ee;border-radius:.4rem;padding:.6rem}\
figcaption{font-size:.85rem}svg{width:100%;height:auto;display:block}.confusion td{padding:0;width:1.5rem;height:1.5rem;border:1px solid #fff;\
font-size:.65rem;text-align:center}.confusion th{font-weight:400;font-size:.75rem;border:0;padding:.1rem .4rem}\
.confusion thead th{writing-mode:vertical-rl;transform:rotate(180deg)}";

/// The whole page.
pub fn page(figures: &Figures) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = write(&mut out, figures);
    out
}

fn write(out: &mut String, figures: &Figures) -> std::fmt::Result {
    write!(
        out,
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>照验 judge</title>\
         <style>{STYLE}</style><h1>How right the judge is · 检测结果的对错</h1><p>Clean pictures refused: {} of {} ({:.2} %).</p>",
        figures.clean_refused.hit,
        figures.clean_refused.of,
        figures.clean_refused.share() * 100.0
    )?;
    out.push_str("<ul>");
    for line in figures.broken() {
        write!(out, "<li class=\"bad\">{}</li>", escape(&line))?;
    }
    out.push_str(
        "</ul><h2>Measures: clean (green) and with the check's own defect (red)</h2><div class=\"plots\">",
    );
    for row in &figures.checks {
        histogram(out, figures, row)?;
    }
    out.push_str("</div><h2>Share caught by strength</h2><div class=\"plots\">");
    for row in figures.kinds.iter().filter(|k| k.curve.len() > 1) {
        curve(out, row)?;
    }
    out.push_str("</div><h2>Clean pictures refused, by people</h2>");
    groups(out, figures)?;
    out.push_str("<h2>Confusion: share of each defect's pictures that each check refused</h2>");
    confusion(out, figures)?;
    out.push_str("</html>\n");
    Ok(())
}

/// Both distributions of the deciding measure. Where parts differ in unit the deciding one is shown, whichever it was.
fn histogram(out: &mut String, figures: &Figures, row: &CheckRow) -> std::fmt::Result {
    const BINS: usize = 48;
    let [clean, spoiled] = &row.measures;
    let all: Vec<f64> = clean.iter().chain(spoiled).copied().filter(|v| v.is_finite()).collect();
    if all.is_empty() {
        return Ok(());
    }
    // The outermost percent on either side would squeeze the rest.
    let mut sorted = all.clone();
    sorted.sort_by(f64::total_cmp);
    let (low, high) = (sorted[sorted.len() / 100], sorted[sorted.len() - 1 - sorted.len() / 100]);
    let span = (high - low).max(1e-6);
    let x = |value: f64| 4.0 + 232.0 * ((value - low) / span).clamp(0.0, 1.0);
    write!(out, "<figure><svg viewBox=\"0 0 240 90\" role=\"img\" aria-label=\"{}\">", row.check)?;
    for (values, colour) in [(clean, "#1a6b34"), (spoiled, "#b3261e")] {
        let mut bins = [0usize; BINS];
        for value in values {
            bins[(((value - low) / span * BINS as f64) as usize).min(BINS - 1)] += 1;
        }
        let most = bins.iter().copied().max().unwrap_or(0).max(1) as f64;
        for (i, count) in bins.iter().enumerate().filter(|(_, count)| **count > 0) {
            let height = (78.0 * (*count as f64 / most).sqrt()).max(1.0);
            write!(
                out,
                "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"4.6\" height=\"{height:.1}\" fill=\"{colour}\" fill-opacity=\".55\"/>",
                4.0 + 232.0 * i as f64 / BINS as f64,
                80.0 - height
            )?;
        }
    }
    for limit in figures.standard.checks.get(&row.check).into_iter().flat_map(|parts| parts.values()) {
        for bound in [limit.min, limit.max].into_iter().flatten().filter(|b| (low..=high).contains(b)) {
            write!(
                out,
                "<line x1=\"{0:.1}\" x2=\"{0:.1}\" y1=\"0\" y2=\"80\" stroke=\"#1b1f24\" stroke-dasharray=\"3 2\"/>",
                x(bound)
            )?;
        }
    }
    write!(
        out,
        "<text x=\"4\" y=\"89\" font-size=\"8\">{low:.3}</text><text x=\"236\" y=\"89\" font-size=\"8\" text-anchor=\"end\">{high:.3}</text></svg>\
         <figcaption><code>{}</code> {}: caught {}, clean refused {}</figcaption></figure>",
        row.check,
        escape(&row.check.title().zh),
        told(row.caught),
        told(row.refused)
    )
}

fn curve(out: &mut String, row: &KindRow) -> std::fmt::Result {
    let x = |s: f32| 10.0 + 220.0 * f64::from(s);
    let y = |share: f64| 80.0 - 74.0 * share;
    write!(
        out,
        "<figure><svg viewBox=\"0 0 240 90\" role=\"img\" aria-label=\"{0}\"><path d=\"M10 80H230M10 6H230\" stroke=\"#c9d1d9\"/>\
         <rect x=\"{1:.1}\" y=\"6\" width=\"{2:.1}\" height=\"74\" fill=\"#e5e9ee\" fill-opacity=\".6\"/><polyline fill=\"none\" stroke=\"#0b57d0\" stroke-width=\"2\" points=\"",
        row.kind.name,
        x(row.kind.clear),
        x(1.0) - x(row.kind.clear)
    )?;
    for (strength, rate) in &row.curve {
        write!(out, "{:.1},{:.1} ", x(*strength), y(rate.share()))?;
    }
    write!(
        out,
        "\"/><text x=\"10\" y=\"89\" font-size=\"8\">0</text><text x=\"230\" y=\"89\" font-size=\"8\" text-anchor=\"end\">1</text></svg>\
         <figcaption>{} · {}: {}</figcaption></figure>",
        row.kind.zh,
        row.kind.name,
        told(row.caught)
    )
}

fn groups(out: &mut String, figures: &Figures) -> std::fmt::Result {
    out.push_str("<table><tr><th>people<th>pictures<th>refused</tr>");
    for row in &figures.groups {
        write!(out, "<tr><td>{} · {}<td>{}<td>{}</tr>", row.zh, row.en, row.refused.of, told(row.refused))?;
    }
    out.push_str("</table>");
    Ok(())
}

fn confusion(out: &mut String, figures: &Figures) -> std::fmt::Result {
    out.push_str("<table class=\"confusion\"><thead><tr><th></th>");
    for check in CheckId::of_photo() {
        write!(out, "<th>{check}</th>")?;
    }
    out.push_str("</tr></thead>");
    for (row, shares) in figures.kinds.iter().zip(&figures.confusion) {
        write!(out, "<tr><th>{} · {}</th>", row.kind.zh, row.kind.name)?;
        for (check, share) in CheckId::of_photo().zip(shares) {
            let hue = if row.kind.checks.contains(&check) { "26,107,52" } else { "179,38,30" };
            let told = if *share >= 0.005 { format!("{:.0}", share * 100.0) } else { String::new() };
            write!(out, "<td style=\"background:rgba({hue},{:.2})\">{told}</td>", share * 0.85)?;
        }
        out.push_str("</tr>");
    }
    out.push_str("</table>");
    Ok(())
}

fn told(rate: Rate) -> String {
    if rate.of == 0 {
        "–".to_owned()
    } else {
        format!("{:.1} % ({} / {})", rate.share() * 100.0, rate.hit, rate.of)
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
