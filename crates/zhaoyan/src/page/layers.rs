//! What lies over the pictures, as SVG: coordinates are pixels of the picture as shown.

use std::fmt::{self, Write as _};

use domain::{CheckId, Finding, Outcome, Spot, Standard};
use vision::{
    face::Point,
    photo::{Assessment, Axes, Lines, Map, WallMap},
};

use super::{data_url, wall};

/// The layers of the capture that show how it was measured; it is shown at `size`, which is `scale` times its own.
pub fn of_map(
    svg: &mut String,
    map: &Map,
    assessment: &Assessment,
    size: [f32; 2],
    scale: f32,
) -> anyhow::Result<()> {
    if let Some(wall) = &map.wall {
        heat(svg, wall, size, scale)?;
    }
    mesh(svg, map, scale)?;
    frame(svg, map, scale)?;
    if let Some(face) = &assessment.face {
        let pose = face.pose;
        let words = [("转头 yaw", pose.yaw), ("俯仰 pitch", pose.pitch), ("歪头 roll", pose.roll)];
        axes(svg, &map.axes, scale, size[0], &words)?;
    }
    svg.push_str("<g class=\"glare\">");
    for spot in &map.glare {
        rectangle(svg, "", shown(*spot, size))?;
    }
    svg.push_str("</g>");
    Ok(())
}

fn heat(svg: &mut String, map: &WallMap, size: [f32; 2], scale: f32) -> anyhow::Result<()> {
    let rows = map.departures.len() / map.columns.max(1);
    let [width, height] = [map.columns, rows].map(|count| count as f32 * map.square);
    write!(
        svg,
        "<g class=\"wall\"><image x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\" preserveAspectRatio=\"none\" href=\"{}\"/>",
        map.origin.x * scale,
        map.origin.y * scale,
        width * scale,
        height * scale,
        data_url("png", &wall::png(map)?)
    )?;
    let steps = wall::SCALE.len();
    for (step, (value, [r, g, b, _])) in wall::SCALE.into_iter().enumerate() {
        let (x, y) = (size[0] - 46.0 * (steps - step) as f32 - 48.0, size[1] - 44.0);
        let more = if step + 1 == steps { "+" } else { "" };
        write!(
            svg,
            "<rect x=\"{x}\" y=\"{y}\" width=\"46\" height=\"16\" style=\"fill:rgb({r},{g},{b})\"/><text x=\"{x}\" y=\"{}\">{value}{more}</text>",
            y + 34.0
        )?;
    }
    write!(svg, "<text x=\"{}\" y=\"{}\">ΔE</text></g>", size[0] - 40.0, size[1] - 30.0)?;
    Ok(())
}

fn mesh(svg: &mut String, map: &Map, scale: f32) -> fmt::Result {
    svg.push_str("<g class=\"mesh\"><path class=\"lines\" d=\"");
    for line in &map.outlines {
        path(svg, line, scale)?;
    }
    svg.push_str("\"/><path class=\"dots\" d=\"");
    for p in &map.mesh {
        write!(svg, "M{:.1} {:.1}h0", p.x * scale, p.y * scale)?;
    }
    svg.push_str("\"/>");
    for (centre, diameter) in &map.irises {
        write!(
            svg,
            "<circle class=\"lines\" cx=\"{:.1}\" cy=\"{:.1}\" r=\"{:.1}\"/>",
            centre.x * scale,
            centre.y * scale,
            diameter * scale / 2.0
        )?;
    }
    svg.write_str("</g>")
}

fn frame(svg: &mut String, map: &Map, scale: f32) -> fmt::Result {
    svg.push_str("<g class=\"frame\">");
    let [a, b, c, d] = map.frame;
    lined(svg, "", &[a, b, c, d, a], scale)?;
    let Lines { hair_top, eyes, chin, sides } = &map.lines;
    for line in [hair_top, eyes, chin, &sides[0], &sides[1]] {
        lined(svg, "dashed", line, scale)?;
    }
    let names = [
        (hair_top[0], "头顶 hair top"),
        (eyes[0], "眼睛 eyes"),
        (chin[0], "下巴 chin"),
        (d, "证件照 ID photo"),
    ];
    for (at, words) in names {
        // Beside the frame where there is room.
        const ROOM: f32 = 170.0;
        let (x, y) = (at.x * scale, (at.y * scale - 5.0).max(18.0));
        let (x, anchor) = if x > ROOM { (x - 6.0, "end") } else { (x.max(0.0) + 8.0, "start") };
        write!(svg, "<text x=\"{x:.0}\" y=\"{y:.0}\" text-anchor=\"{anchor}\">{words}</text>")?;
    }
    svg.write_str("</g>")
}

fn axes(svg: &mut String, axes: &Axes, scale: f32, width: f32, words: &[(&str, f32)]) -> fmt::Result {
    svg.push_str("<g class=\"pose\">");
    for (class, tip) in [("right", axes.right), ("down", axes.down), ("ahead", axes.ahead)] {
        lined(svg, class, &[axes.origin, tip], scale)?;
    }
    // In the corner that the frame's names leave free.
    for (row, (word, degrees)) in words.iter().enumerate() {
        write!(svg, "<text x=\"{}\" y=\"{}\">{word} {degrees:+.1}°</text>", width - 12.0, 30 + 25 * row)?;
    }
    svg.write_str("</g>")
}

/// Radius of the circle with a finding's number.
const BADGE: f32 = 14.0;

/// Boxes where the findings show, with their numbers from 1.
pub fn spots(svg: &mut String, placed: &[&Finding], size: [f32; 2]) -> fmt::Result {
    let class = |finding: &Finding| if finding.outcome == Outcome::Fail { "fail" } else { "warn" };
    let mut boxes: Vec<(usize, &str, [f32; 4])> = placed
        .iter()
        .enumerate()
        .filter_map(|(index, finding)| Some((index + 1, class(finding), shown(finding.spot?, size))))
        .collect();
    // Small ones over large ones, and the numbers over all.
    boxes.sort_by(|(_, _, a), (_, _, b)| (b[2] * b[3]).total_cmp(&(a[2] * a[3])));
    svg.push_str("<g class=\"spots\">");
    for (_, class, place) in &boxes {
        for class in ["under", class] {
            rectangle(svg, class, *place)?;
        }
    }
    let mut taken: Vec<[f32; 2]> = Vec::new();
    for (number, class, place) in &boxes {
        let [x, y] = free_place(*place, &taken, size);
        taken.push([x, y]);
        write!(
            svg,
            "<circle class=\"{class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{BADGE}\"/><text x=\"{x:.1}\" y=\"{:.1}\">{number}</text>",
            y + 6.5
        )?;
    }
    svg.write_str("</g>")
}

/// Left, upper edge, width and height of a spot as shown: never so small that it is not seen.
fn shown(spot: Spot, size: [f32; 2]) -> [f32; 4] {
    let side = |at: f32, long: f32, whole: f32| {
        let more = (14.0 - long * whole).max(0.0);
        (at * whole - more / 2.0, long * whole + more)
    };
    let ((x, w), (y, h)) = (side(spot.left, spot.width, size[0]), side(spot.top, spot.height, size[1]));
    [x, y, w, h]
}

fn rectangle(svg: &mut String, class: &str, [x, y, w, h]: [f32; 4]) -> fmt::Result {
    write!(
        svg,
        "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{w:.1}\" height=\"{h:.1}\" rx=\"4\"/>"
    )
}

/// A place for a number at a box's corners, or along its upper edge, that no other number has.
fn free_place([x, y, w, h]: [f32; 4], taken: &[[f32; 2]], [width, height]: [f32; 2]) -> [f32; 2] {
    let inside = |p: [f32; 2]| [p[0].clamp(BADGE, width - BADGE), p[1].clamp(BADGE, height - BADGE)];
    let free = |p: &[f32; 2]| taken.iter().all(|t| (t[0] - p[0]).hypot(t[1] - p[1]) > 2.0 * BADGE);
    let corners = [[x, y], [x + w, y], [x + w, y + h], [x, y + h]];
    let beside = (1..12).map(|step| [x + step as f32 * 2.1 * BADGE, y]);
    corners.into_iter().chain(beside).map(inside).find(free).unwrap_or_else(|| inside([x, y]))
}

/// The standard's limits over the ID photo, and what was measured.
pub fn limits(svg: &mut String, measured: &Lines<f32>, standard: &Standard) -> fmt::Result {
    let (width, height) = (standard.photo.width as f32, standard.photo.height as f32);
    let range = |check, part: &str| {
        let limit = standard.limit(check, part)?;
        let least = limit.min.or(limit.warn_min)? as f32;
        Some((least, limit.max.or(limit.warn_max)? as f32))
    };
    svg.push_str("<g class=\"limits\">");
    let rows = [
        ("头顶 hair top", measured.hair_top, range(CheckId::Framing, "hair_top")),
        ("眼睛 eyes", measured.eyes, range(CheckId::Framing, "eye_line")),
    ];
    for (words, y, range) in rows {
        let mut limit = String::new();
        if let Some((least, most)) = range {
            let high = most - least;
            write!(
                svg,
                "<rect class=\"band\" x=\"1\" y=\"{least:.1}\" width=\"{:.1}\" height=\"{high:.1}\"/>",
                width - 2.0
            )?;
            limit = format!("{least:.0}..{most:.0}");
        }
        write!(
            svg,
            "<path d=\"M0 {y:.1}H{width}\"/><text x=\"6\" y=\"{:.1}\">{words} {y:.0}</text><text x=\"6\" y=\"{:.1}\">{limit}</text>",
            (y - 4.0).clamp(14.0, height - 20.0),
            (y + 14.0).clamp(28.0, height - 4.0)
        )?;
    }
    let [left, right] = measured.sides;
    let wide = right - left;
    let limit =
        range(CheckId::FaceSize, "width").map_or_else(String::new, |(a, b)| format!(" ({a:.0}..{b:.0})"));
    // The width is told under the chin.
    let y = (measured.chin + 14.0).min(height - 10.0);
    write!(
        svg,
        "<path d=\"M{left:.1} {:.1}V{y:.1}M{right:.1} {:.1}V{y:.1}M{left:.1} {y:.1}H{right:.1}\"/>\
         <text x=\"{:.1}\" y=\"{:.1}\">脸宽 face width {wide:.0}{limit}</text></g>",
        measured.eyes,
        measured.eyes,
        left + 4.0,
        (y + 15.0).min(height - 3.0)
    )
}

/// A line that is seen on any ground.
fn lined(svg: &mut String, class: &str, points: &[Point], scale: f32) -> fmt::Result {
    for class in ["under", class] {
        write!(svg, "<path class=\"{class}\" d=\"")?;
        path(svg, points, scale)?;
        svg.push_str("\"/>");
    }
    Ok(())
}

fn path(svg: &mut String, points: &[Point], scale: f32) -> fmt::Result {
    for (index, p) in points.iter().enumerate() {
        let command = if index == 0 { 'M' } else { 'L' };
        write!(svg, "{command}{:.1} {:.1}", p.x * scale, p.y * scale)?;
    }
    Ok(())
}
