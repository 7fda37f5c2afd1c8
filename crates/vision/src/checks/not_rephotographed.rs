//! `not_rephotographed`: whether the capture shows a screen or a print instead of a person.

use super::{
    Area, Reading, Subject,
    spectrum::{self, SIDE},
};
use crate::{face::Point, matte::BACKGROUND};

/// `moire`: how far the strongest repeating structure on the wall rises above its surroundings in the power spectrum of up to eight
/// patches of 128 × 128 pixels of the capture, in decibels, in the middle one of the patches: the pixels of a screen, their beat
/// with the sensor's, the dots of a print; grain and plaster have nothing that repeats. `frame`: support of the third-best of four
/// straight edges that enclose the head, 0 none, 1 unbroken: a bezel or the margin of a sheet. Bars that an editor laid around the
/// picture are none (`no_border_or_text`). ISO/IEC 29794-5 has no such component; ISO/IEC 30107 calls these
/// presentation attacks. Without enough wall only `frame` is measured.
pub(super) fn measure(subject: &Subject<'_>) -> Option<Reading> {
    let (framed, sheet) = if subject.bars.are_laid() { (0.0, None) } else { frame(subject) };
    let moire = moire(subject);
    let mut parts = vec![("frame", framed)];
    parts.extend(moire.map(|(value, _)| ("moire", value)));
    Some(Reading::from(parts).with("frame", sheet).with("moire", moire.map(|(_, patch)| patch)))
}

/// Cycles in a patch below which structure is the light's own.
const LOWEST: f32 = 7.0;
/// Most patches, and fewest that tell.
const PATCHES: (usize, usize) = (8, 3);

/// The strength of what repeats on the wall, and the patch that shows it.
fn moire(subject: &Subject<'_>) -> Option<(f64, Area)> {
    let corners = patches(subject);
    if corners.len() < PATCHES.1 {
        return None;
    }
    let (moire, which) = spectrum::middle_peak(&subject.capture.pixels, &corners, LOWEST)?;
    let corner = corners[which];
    let ends = [0, SIDE].map(|far| Point { x: (corner[0] + far) as f32, y: (corner[1] + far) as f32 });
    Some((f64::from(moire), Area::around(ends)))
}

/// Upper left corners, in the capture, of patches that show nothing but background, spread over both sides of the head.
fn patches(subject: &Subject<'_>) -> Vec<[usize; 2]> {
    let (w, h) = subject.capture.pixels.dimensions();
    let head = &subject.framing.head;
    let alpha = &subject.matte.alpha;
    let clear = |x: usize, y: usize| {
        let p = subject.work.in_copy(Point { x: x as f32, y: y as f32 });
        let inside = p.x >= 0.0 && p.y >= 0.0 && p.x < alpha.width as f32 && p.y < alpha.height as f32;
        inside && alpha.at(p.x as usize, p.y as usize) < BACKGROUND
    };
    let mut found: Vec<[usize; 2]> = Vec::new();
    for across in [1.0, 1.35, 0.8, 1.65] {
        for down in [-0.8, -0.35, -1.2, 0.1] {
            for side in [-1.0, 1.0] {
                let x = head.eyes.x + side * across * head.width;
                let at = subject.work.in_capture(Point { x, y: head.eyes.y + down * head.width });
                let half = SIDE as f32 / 2.0;
                if at.x < half || at.y < half || at.x + half >= w as f32 || at.y + half >= h as f32 {
                    continue;
                }
                let corner = [(at.x - half) as usize, (at.y - half) as usize];
                let apart =
                    |c: &[usize; 2]| c[0].abs_diff(corner[0]).max(c[1].abs_diff(corner[1])) >= SIDE / 2;
                let steps = [0, SIDE / 2, SIDE - 1];
                let wall =
                    steps.iter().all(|dx| steps.iter().all(|dy| clear(corner[0] + dx, corner[1] + dy)));
                if wall && found.iter().all(apart) {
                    found.push(corner);
                }
                if found.len() == PATCHES.0 {
                    return found;
                }
            }
        }
    }
    found
}

/// Long side of the small copy in which edges are sought.
const SMALL: usize = 180;

/// How well four edges enclose the head, and what the three best of them and the picture's own edge enclose.
fn frame(subject: &Subject<'_>) -> (f64, Option<Area>) {
    let pixels = &subject.capture.pixels;
    let (w, h) = pixels.dimensions();
    let shrink = (w.max(h) as f32 / SMALL as f32).max(1.0);
    let (sw, sh) = ((w as f32 / shrink) as usize, (h as f32 / shrink) as usize);
    if sw < 32 || sh < 32 {
        return (0.0, None);
    }
    // A few pixels of each cell are enough for edges that run through the picture.
    let places = |count: usize, side: u32| -> Vec<[usize; 2]> {
        let place = |v: f32| ((v * shrink) as u32).min(side - 1) as usize;
        (0..count).map(|k| [0.25, 0.75].map(|part| place(k as f32 + part))).collect()
    };
    let (columns, rows) = (places(sw, w), places(sh, h));
    let (lines, _) = pixels.as_raw().as_chunks::<3>();
    let mut small = Vec::with_capacity(sw * sh);
    for row in &rows {
        let [above, below] = row.map(|y| &lines[y * w as usize..][..w as usize]);
        small.extend(columns.iter().map(|[left, right]| -> [f32; 3] {
            let four = [above[*left], above[*right], below[*left], below[*right]];
            let sum = |c: usize| four.iter().map(|pixel| u16::from(pixel[c])).sum::<u16>();
            std::array::from_fn(|c| f32::from(sum(c)) / 4.0)
        }));
    }
    // The head, which no edge of a sheet or screen crosses.
    let head = &subject.framing.head;
    let corner = |x: f32, y: f32| {
        let p = subject.work.in_capture(Point { x: head.eyes.x + x * head.width, y: head.eyes.y + y });
        (
            (p.x / shrink).clamp(2.0, sw as f32 - 3.0) as usize,
            (p.y / shrink).clamp(2.0, sh as f32 - 3.0) as usize,
        )
    };
    let (x0, y0) = corner(-0.55, head.hair_top);
    let (x1, y1) = corner(0.55, head.chin);
    let at = |x: usize, y: usize| small[y * sw + x];
    let flipped = |u: usize, v: usize| at(v, u);
    let edges = [
        edge(at, sh, 1..x0, (y0, y1)),
        edge(at, sh, x1..sw - 2, (y0, y1)),
        edge(flipped, sw, 1..y0, (x0, x1)),
        edge(flipped, sw, y1..sh - 2, (x0, x1)),
    ];
    let mut support = edges.map(|(support, _)| support);
    support.sort_by(f64::total_cmp);
    let third = support[1];
    let line = |side: usize, else_at: u32| match edges[side] {
        (support, at) if support >= third => at as f32 * shrink,
        _ => else_at as f32,
    };
    let sheet = [Point { x: line(0, 0), y: line(2, 0) }, Point { x: line(1, w), y: line(3, h) }];
    (third, Some(Area::around(sheet)))
}

/// The best nearly upright line through columns `across` of a picture with `long` rows: the share of its rows that step there, in
/// one direction or, before a motley room, in any; and its column, halfway. Only lines that run past the head in whole length count: rows from a
/// little before to a little after it.
fn edge(
    at: impl Fn(usize, usize) -> [f32; 3],
    long: usize,
    across: std::ops::Range<usize>,
    head: (usize, usize),
) -> (f64, usize) {
    const STEP: f32 = 9.0;
    const SLANT: i32 = 5;
    if across.len() < 2 {
        return (0.0, across.start);
    }
    let room = (head.1 - head.0) / 4;
    let (from, to) = (head.0.saturating_sub(room), (head.1 + room).min(long));
    let rows = to.saturating_sub(from);
    if rows < 12 {
        return (0.0, across.start);
    }
    let width = across.len();
    let mut changes = vec![[0.0f32; 3]; rows * width];
    for v in 0..rows {
        for (u, x) in across.clone().enumerate() {
            let (a, b) = (at(x - 1, from + v), at(x + 1, from + v));
            changes[v * width + u] = std::array::from_fn(|c| b[c] - a[c]);
        }
    }
    // What grain changes from pixel to pixel is no step.
    let mut usual: Vec<f32> = changes.iter().map(|d| d[1].abs()).collect();
    let rank = usual.len() / 2;
    let step = STEP.max(3.0 * *usual.select_nth_unstable_by(rank, f32::total_cmp).1);
    // Which way each place steps, by channel: −1, 0, 1; and whether it does at all.
    let way = |d: f32| if d.abs() > step { d.signum() as i16 } else { 0 };
    let steps: Vec<[i16; 4]> = changes
        .iter()
        .map(|d| {
            let [r, g, b] = d.map(way);
            [r, g, b, i16::from([r, g, b] != [0; 3])]
        })
        .collect();
    let (mut best, mut motley) = ((0i32, 0), (0i32, 0));
    for slant in -SLANT..=SLANT {
        // Up to ten in a hundred off the upright.
        let lean = slant as f32 * 0.02;
        // Of each line, by where it crosses the middle: how many steps each way, by channel, and how many in any way.
        let mut sums = vec![[0i16; 4]; width];
        for (v, line) in steps.chunks_exact(width).enumerate() {
            let shift = (lean * (v as f32 - rows as f32 / 2.0)).round() as isize;
            let (to, from) = (shift.min(0).unsigned_abs().min(width), shift.max(0) as usize);
            let line = &line[from.min(width)..];
            for (sum, step) in sums[to..].as_flattened_mut().iter_mut().zip(line.as_flattened()) {
                *sum += step;
            }
        }
        for (u, [r, g, b, any]) in sums.into_iter().enumerate() {
            let most = r.abs().max(g.abs()).max(b.abs());
            for (greatest, value) in [(&mut best, i32::from(most)), (&mut motley, i32::from(any))] {
                if value > greatest.0 {
                    *greatest = (value, u);
                }
            }
        }
    }
    // Grain and clutter step everywhere: only what a line has beyond them counts.
    let everywhere = steps.iter().filter(|s| s[3] != 0).count() as f64 / steps.len() as f64;
    let share = |count: i32| f64::from(count) / rows as f64;
    let in_any = 0.96 * (share(motley.0) - everywhere) / (1.0 - everywhere).max(0.05);
    let (support, u) = if in_any > share(best.0) { (in_any, motley.1) } else { (share(best.0), best.1) };
    (support, across.start + u)
}
