//! Finds cards in a picture: straight edges are voted for, put together into quadrilaterals of a card's proportions, and refined.

use image::RgbImage;

use super::geometry::{Line, Point, area, distance, is_convex};
use crate::work::averaged;

/// Long side, in pixels, of the reduced picture in which edges are looked for.
const LONG: u32 = 640;
/// Width over height of a card.
pub(super) const RATIO: f32 = 85.6 / 54.0;
/// Edge strength, in grey levels per pixel of the reduced picture, from which an edge counts in full.
const FULL_EDGE: f32 = 8.0;
/// Share of a side taken up by the rounded corner at either end.
const CORNER: f32 = 0.07;

/// A quadrilateral that may be a card.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    /// Corners in pixels of the picture, clockwise; the first side is a long one of the card.
    pub corners: [Point; 4],
    /// How well the picture's edges support it, 0 to 1.
    pub score: f32,
}

/// Which edges count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    /// As they are in the picture.
    Plain,
    /// By their share of the brightness around, and faint ones too: a card in the shade, or on white paper.
    Faint,
}

impl Look {
    /// How many candidates are worth a look.
    fn most(self) -> usize {
        match self {
            Look::Plain => 4,
            Look::Faint => 8,
        }
    }

    /// What a gradient is multiplied by where the picture is this bright.
    fn weight(self, brightness: f32) -> f32 {
        match self {
            Look::Plain => 1.0,
            Look::Faint => 800.0 / (brightness + 20.0),
        }
    }

    /// How often the picture is smoothed before.
    fn smoothings(self) -> usize {
        match self {
            Look::Plain => 2,
            // The pixels of a screen are as strong as the edge of a card that it shows.
            Look::Faint => 6,
        }
    }
}

/// The quadrilaterals best supported by edges, best first, a few, to within a few pixels; none in a picture without long
/// straight edges. [`refined`] places the one that is used.
pub(super) fn candidates(pixels: &RgbImage, look: Look) -> Vec<Candidate> {
    let Some((small, factor)) = reduce(pixels) else { return Vec::new() };
    let edges = Edges::of(&small, look);
    let mut found = quads(&edges);
    found.sort_by(|a, b| b.score.total_cmp(&a.score));
    let mut kept: Vec<Candidate> = Vec::new();
    for candidate in found {
        let size = distance(candidate.corners[0], candidate.corners[1]);
        let apart = |other: &Candidate| {
            let nearest = |p: Point| other.corners.iter().map(|&q| distance(p, q)).fold(f32::MAX, f32::min);
            candidate.corners.iter().any(|&c| nearest(c) > 0.04 * size)
        };
        if kept.iter().all(apart) {
            kept.push(candidate);
            if kept.len() == look.most() {
                break;
            }
        }
    }
    for candidate in &mut kept {
        candidate.corners = candidate.corners.map(|(x, y)| (x * factor, y * factor));
    }
    kept
}

/// The picture at [`LONG`] pixels, and how many of its pixels make one of these.
fn reduce(pixels: &RgbImage) -> Option<(RgbImage, f32)> {
    let (w, h) = pixels.dimensions();
    let long = w.max(h);
    if long <= LONG {
        return Some((pixels.clone(), 1.0));
    }
    let factor = long as f32 / LONG as f32;
    let to = |v: u32| ((v as f32 / factor).round() as u32).max(1);
    Some((averaged(pixels, [0.0, 0.0, w as f32, h as f32], [to(w), to(h)])?, factor))
}

/// The gradient of the channel in which it is steepest, per pixel.
struct Edges {
    width: i32,
    height: i32,
    gradient: Vec<(f32, f32)>,
}

impl Edges {
    fn of(picture: &RgbImage, look: Look) -> Edges {
        let (w, h) = (picture.width() as usize, picture.height() as usize);
        let mut gradient = vec![(0.0f32, 0.0f32); w * h];
        for channel in 0..3 {
            let plane: Vec<f32> = picture.pixels().map(|p| f32::from(p[channel])).collect();
            let plane = (0..look.smoothings()).fold(plane, |plane, _| smooth(&plane, w, h));
            for y in 1..h.saturating_sub(1) {
                for x in 1..w.saturating_sub(1) {
                    let i = y * w + x;
                    let half = look.weight(plane[i]) / 2.0;
                    let gx = (plane[i + 1] - plane[i - 1]) * half;
                    let gy = (plane[i + w] - plane[i - w]) * half;
                    let (ox, oy) = gradient[i];
                    if gx * gx + gy * gy > ox * ox + oy * oy {
                        gradient[i] = (gx, gy);
                    }
                }
            }
        }
        Edges { width: w as i32, height: h as i32, gradient }
    }

    fn at(&self, x: i32, y: i32) -> (f32, f32) {
        if x < 0 || y < 0 || x >= self.width || y >= self.height {
            return (0.0, 0.0);
        }
        self.gradient[(y * self.width + x) as usize]
    }

    /// The strongest lines by a Hough vote in which each edge pixel votes only for lines along its own edge. Lines along the
    /// strongest one and lines across it are counted apart: the grain of a table has no end of lines in its one direction.
    fn lines(&self) -> Vec<Line> {
        const ANGLES: usize = 180;
        const EACH_WAY: usize = 24;
        let (cx, cy) = (self.width as f32 / 2.0, self.height as f32 / 2.0);
        let reach = cx.hypot(cy).ceil() as i32 + 1;
        let rows = (2 * reach + 1) as usize;
        let mut votes = vec![0.0f32; ANGLES * rows];
        let directions: Vec<(f32, f32)> = (0..ANGLES)
            .map(|a| {
                let (sin, cos) = (a as f32).to_radians().sin_cos();
                (cos, sin)
            })
            .collect();
        for y in 2..self.height - 2 {
            for x in 2..self.width - 2 {
                let (gx, gy) = self.at(x, y);
                let strength = gx.hypot(gy);
                if strength < 2.0 || !self.is_ridge(x, y, gx, gy) {
                    continue;
                }
                let angle = gy.atan2(gx).to_degrees().rem_euclid(180.0).round() as i32;
                for offset in -2..=2 {
                    let a = (angle + offset).rem_euclid(180) as usize;
                    let (nx, ny) = directions[a];
                    let d = (x as f32 - cx) * nx + (y as f32 - cy) * ny;
                    let row = (d.round() as i32 + reach).clamp(0, 2 * reach) as usize;
                    votes[a * rows + row] += strength.min(FULL_EDGE);
                }
            }
        }
        // The most votes of each angle, so that not all are looked through for each line.
        let most = |votes: &[f32], a: usize| {
            let of_angle = votes[a * rows..][..rows].iter().enumerate();
            of_angle
                .fold((0, f32::MIN), |best, (row, value)| if *value > best.1 { (row, *value) } else { best })
        };
        let mut peaks: Vec<(usize, f32)> = (0..ANGLES).map(|a| most(&votes, a)).collect();
        let mut lines: Vec<Line> = Vec::new();
        let mut ways = [0usize; 2];
        while ways.iter().any(|n| *n < EACH_WAY) {
            let Some((a, &(row, value))) = peaks.iter().enumerate().max_by(|a, b| a.1.1.total_cmp(&b.1.1))
            else {
                break;
            };
            if value < FULL_EDGE * 0.08 * self.width.min(self.height) as f32 {
                break;
            }
            let (a, row) = (a as i32, row as i32);
            let (nx, ny) = directions[a as usize];
            let line = Line { nx, ny, d: (row - reach) as f32 + cx * nx + cy * ny };
            let across = lines.first().is_some_and(|strongest| strongest.angle_to(&line) > 45.0);
            let way = &mut ways[usize::from(across)];
            if *way < EACH_WAY {
                *way += 1;
                lines.push(line);
            }
            for da in -4..=4 {
                let angle = a + da;
                // Beyond half a turn the same line has the opposite normal.
                let middle = if (0..180).contains(&angle) { row } else { 2 * reach - row };
                let angle = angle.rem_euclid(180) as usize;
                for r in (middle - 5).max(0)..=(middle + 5).min(2 * reach) {
                    votes[angle * rows + r as usize] = 0.0;
                }
                peaks[angle] = most(&votes, angle);
            }
        }
        lines
    }

    /// Whether the gradient is no weaker than at the neighbours across the edge.
    fn is_ridge(&self, x: i32, y: i32, gx: f32, gy: f32) -> bool {
        let (dx, dy) = if gx.abs() > 2.0 * gy.abs() {
            (1, 0)
        } else if gy.abs() > 2.0 * gx.abs() {
            (0, 1)
        } else if gx * gy > 0.0 {
            (1, 1)
        } else {
            (1, -1)
        };
        let square = |(a, b): (f32, f32)| a * a + b * b;
        let own = gx * gx + gy * gy;
        own >= square(self.at(x + dx, y + dy)) && own >= square(self.at(x - dx, y - dy))
    }

    /// How much of the straight line from `a` to `b`, its ends left out, lies on an edge of one direction: 0 to 1. None when less
    /// than a third of it is in the picture.
    fn support(&self, a: Point, b: Point) -> Option<f32> {
        const SAMPLES: usize = 48;
        let line = Line::through(a, b)?;
        let (mut sum, mut seen) = (0.0, 0);
        for i in 0..SAMPLES {
            let t = CORNER + (1.0 - 2.0 * CORNER) * (i as f32 + 0.5) / SAMPLES as f32;
            let (x, y) = (a.0 + (b.0 - a.0) * t, a.1 + (b.1 - a.1) * t);
            if x < 2.0 || y < 2.0 || x > self.width as f32 - 3.0 || y > self.height as f32 - 3.0 {
                continue;
            }
            seen += 1;
            let mut best = 0.0f32;
            for step in -2..=2 {
                let (sx, sy) = (x + line.nx * step as f32, y + line.ny * step as f32);
                let (gx, gy) = self.at(sx.round() as i32, sy.round() as i32);
                let along = gx * line.nx + gy * line.ny;
                if along.abs() > best.abs() {
                    best = along;
                }
            }
            sum += (best / FULL_EDGE).clamp(-1.0, 1.0);
        }
        (seen * 3 >= SAMPLES).then(|| (sum / seen as f32).abs())
    }
}

/// One pass of the binomial filter 1-2-1 in both directions.
fn smooth(plane: &[f32], w: usize, h: usize) -> Vec<f32> {
    let mut across = plane.to_vec();
    for y in 0..h {
        for x in 1..w.saturating_sub(1) {
            let i = y * w + x;
            across[i] = (plane[i - 1] + 2.0 * plane[i] + plane[i + 1]) / 4.0;
        }
    }
    let mut down = across.clone();
    for y in 1..h.saturating_sub(1) {
        for x in 0..w {
            let i = y * w + x;
            down[i] = (across[i - w] + 2.0 * across[i] + across[i + w]) / 4.0;
        }
    }
    down
}

/// Two lines that may be opposite sides; `border` says which of them are borders of the picture.
struct Pair {
    lines: [Line; 2],
    border: [bool; 2],
}

/// All quadrilaterals of a card's proportions from the picture's strongest lines, and those that the border cuts on one side.
fn quads(edges: &Edges) -> Vec<Candidate> {
    let (w, h) = (edges.width as f32, edges.height as f32);
    let mut lines: Vec<(Line, bool)> = edges.lines().into_iter().map(|l| (l, false)).collect();
    for (nx, ny, d) in [(1.0, 0.0, 0.0), (1.0, 0.0, w), (0.0, 1.0, 0.0), (0.0, 1.0, h)] {
        lines.push((Line { nx, ny, d }, true));
    }
    let centre = (w / 2.0, h / 2.0);
    let mut pairs = Vec::new();
    for (i, a) in lines.iter().enumerate() {
        for b in &lines[i + 1..] {
            let same = if a.0.nx * b.0.nx + a.0.ny * b.0.ny < 0.0 { -1.0 } else { 1.0 };
            let gap = (a.0.distance(centre) - same * b.0.distance(centre)).abs();
            if a.0.angle_to(&b.0) < 20.0 && gap > 0.15 * w.min(h) && !(a.1 && b.1) {
                pairs.push(Pair { lines: [a.0, b.0], border: [a.1, b.1] });
            }
        }
    }
    let mut found = Vec::new();
    for (i, first) in pairs.iter().enumerate() {
        for second in &pairs[i + 1..] {
            if first.lines[0].angle_to(&second.lines[0]) > 60.0 {
                found.extend(quad(edges, first, second));
            }
        }
    }
    found
}

/// The quadrilateral between two pairs of lines, if it can be a card.
fn quad(edges: &Edges, first: &Pair, second: &Pair) -> Option<Candidate> {
    let (w, h) = (edges.width as f32, edges.height as f32);
    let borders = [first.border[0], second.border[0], first.border[1], second.border[1]];
    if borders.iter().filter(|b| **b).count() > 1 {
        return None;
    }
    // Side i runs from corner i to corner i + 1 and lies on sides[i].
    let mut sides = [first.lines[0], second.lines[0], first.lines[1], second.lines[1]];
    let mut border = borders.iter().position(|b| *b);
    let at = |sides: &[Line; 4], i: usize| sides[(i + 3) % 4].crossing(&sides[i]);
    let mut corners = [at(&sides, 0)?, at(&sides, 1)?, at(&sides, 2)?, at(&sides, 3)?];
    if area(&corners) < 0.0 {
        sides.swap(1, 3);
        border = border.map(|b| [0, 3, 2, 1][b]);
        corners = [at(&sides, 0)?, at(&sides, 1)?, at(&sides, 2)?, at(&sides, 3)?];
    }
    let within = |&(x, y): &Point| x > -0.4 * w && x < 1.4 * w && y > -0.4 * h && y < 1.4 * h;
    if !is_convex(&corners) || area(&corners) < 0.05 * w * h || !corners.iter().all(within) {
        return None;
    }
    let mut support = [0.0f32; 4];
    let length = |c: &[Point; 4], i: usize| distance(c[i], c[(i + 1) % 4]);
    if let Some(cut) = border {
        corners = complete(&corners, cut)?;
    }
    let (across, down) =
        (length(&corners, 0) + length(&corners, 2), length(&corners, 1) + length(&corners, 3));
    let ratio = if across > down { across / down } else { down / across };
    if !(1.25..2.0).contains(&ratio) {
        return None;
    }
    for i in 0..2 {
        let opposite = length(&corners, i) / length(&corners, i + 2);
        if !(0.6..1.67).contains(&opposite) {
            return None;
        }
    }
    for (i, value) in support.iter_mut().enumerate() {
        *value = match border {
            Some(cut) if cut == i => 0.4,
            _ => edges.support(corners[i], corners[(i + 1) % 4])?,
        };
        if *value < 0.15 {
            return None;
        }
    }
    let mean = support.iter().sum::<f32>() / 4.0;
    let least = support.iter().copied().fold(f32::MAX, f32::min);
    let size = (area(&corners) / (w * h)).sqrt().min(1.0);
    let score = 0.5 * (mean + least) + 0.05 * size - 0.3 * (ratio / RATIO).ln().abs();
    if across < down {
        corners.rotate_left(1);
    }
    Some(Candidate { corners, score: score.clamp(0.0, 1.0) })
}

/// Moves the side that is the picture's border to where a card of the visible opposite side's length would end.
fn complete(corners: &[Point; 4], cut: usize) -> Option<[Point; 4]> {
    let [near_a, near_b, far_b, far_a] = [(cut + 2) % 4, (cut + 3) % 4, cut, (cut + 1) % 4];
    // The sides that run from the whole side to the cut one: near_b to far_b, near_a to far_a.
    let whole = distance(corners[near_a], corners[near_b]);
    let seen = (distance(corners[near_a], corners[far_a]) + distance(corners[near_b], corners[far_b])) / 2.0;
    let length = if seen < whole / RATIO * 1.02 { whole / RATIO } else { whole * RATIO };
    if seen < 0.3 * length || seen > 1.05 * length {
        return None;
    }
    let mut moved = *corners;
    for (near, far) in [(near_a, far_a), (near_b, far_b)] {
        let (from, to) = (corners[near], corners[far]);
        let stretch = length / distance(from, to).max(1.0);
        moved[far] = (from.0 + (to.0 - from.0) * stretch, from.1 + (to.1 - from.1) * stretch);
    }
    Some(moved)
}

/// The candidate's corners with each side moved onto the steepest edge nearby in the full picture.
pub(super) fn refined(pixels: &RgbImage, candidate: &Candidate) -> [Point; 4] {
    // The size of a pixel of the reduced picture.
    let reach = (pixels.width().max(pixels.height()) as f32 / LONG as f32).max(1.0);
    let corners = candidate.corners;
    let fitted: Vec<Line> = (0..4)
        .filter_map(|i| {
            let (a, b) = (corners[i], corners[(i + 1) % 4]);
            let line = Line::through(a, b)?;
            Some(fit(pixels, a, b, &line, 3.0 * reach + 2.0).unwrap_or(line))
        })
        .collect();
    let [top, right, bottom, left] = fitted[..] else { return corners };
    let crossings =
        [left.crossing(&top), top.crossing(&right), right.crossing(&bottom), bottom.crossing(&left)];
    let [Some(a), Some(b), Some(c), Some(d)] = crossings else { return corners };
    let moved = [a, b, c, d];
    let near =
        moved.iter().zip(corners).all(|(m, c)| distance(*m, c) < 0.1 * distance(corners[0], corners[1]));
    if near && is_convex(&moved) { moved } else { corners }
}

/// Fits a line to the steepest brightness steps within `reach` pixels of the side from `a` to `b`.
fn fit(pixels: &RgbImage, a: Point, b: Point, line: &Line, reach: f32) -> Option<Line> {
    const SAMPLES: usize = 90;
    let steps = reach.ceil() as i32;
    // The step is taken between means of this many pixels on either side, which noise and grain do not survive.
    let span = (steps / 4).clamp(1, 6);
    let mut points: Vec<(Point, f32)> = Vec::with_capacity(SAMPLES);
    for i in 0..SAMPLES {
        let t = CORNER + (1.0 - 2.0 * CORNER) * (i as f32 + 0.5) / SAMPLES as f32;
        let (x, y) = (a.0 + (b.0 - a.0) * t, a.1 + (b.1 - a.1) * t);
        let profile: Vec<f32> = (-steps - span..=steps + span)
            .map(|s| brightness(pixels, x + line.nx * s as f32, y + line.ny * s as f32, (-line.ny, line.nx)))
            .collect::<Option<_>>()
            .unwrap_or_default();
        if profile.is_empty() {
            continue;
        }
        let mut sums = vec![0.0];
        for value in &profile {
            sums.push(sums[sums.len() - 1] + value);
        }
        let step_at = |i: usize| {
            let s = span as usize;
            (sums[i + s] - 2.0 * sums[i] + sums[i - s]) / span as f32
        };
        let (first, last) = (span as usize, profile.len() - span as usize);
        let best = (first..=last).max_by(|&i, &j| step_at(i).abs().total_cmp(&step_at(j).abs()))?;
        let offset = best as f32 - 0.5 - (steps + span) as f32;
        points.push(((x + line.nx * offset, y + line.ny * offset), step_at(best)));
    }
    // Steps of the less common direction are something else than the card's side.
    let brighter: f32 = points.iter().map(|p| p.1).sum();
    points.retain(|p| p.1 * brighter > 0.0 && p.1.abs() > 3.0);
    if points.len() < SAMPLES / 5 {
        return None;
    }
    consensus(&points.iter().map(|p| p.0).collect::<Vec<_>>(), (reach / 12.0).max(1.0))
}

/// Mean brightness of three pixels along the side; none outside the picture.
fn brightness(pixels: &RgbImage, x: f32, y: f32, along: (f32, f32)) -> Option<f32> {
    let mut sum = 0.0;
    for s in [-1.5f32, 0.0, 1.5] {
        let (px, py) = (x + along.0 * s, y + along.1 * s);
        if px < 0.0 || py < 0.0 {
            return None;
        }
        let pixel = pixels.get_pixel_checked(px as u32, py as u32)?;
        sum += f32::from(pixel[0]) + f32::from(pixel[1]) + f32::from(pixel[2]);
    }
    Some(sum / 9.0)
}

/// The line that most points lie on, within `tolerance`, fitted to those by least squares.
fn consensus(points: &[Point], tolerance: f32) -> Option<Line> {
    let mut best: Option<(usize, Line)> = None;
    let n = points.len();
    for i in 0..n.min(40) {
        for k in 1..4 {
            // Far-apart pairs, spread evenly over the side.
            let (from, to) = (i * n / 80, n - 1 - (i * k * 7 % (n / 2).max(1)));
            let Some(line) = Line::through(points[from], points[to]) else { continue };
            let on = points.iter().filter(|p| line.distance(**p).abs() < tolerance).count();
            if best.is_none_or(|(most, _)| on > most) {
                best = Some((on, line));
            }
        }
    }
    let (on, line) = best?;
    if on * 3 < n {
        return None;
    }
    let near: Vec<Point> =
        points.iter().copied().filter(|p| line.distance(*p).abs() < tolerance * 1.5).collect();
    least_squares(&near)
}

/// The line of least squared distances.
fn least_squares(points: &[Point]) -> Option<Line> {
    let n = points.len() as f32;
    let (mx, my) = points.iter().fold((0.0, 0.0), |(x, y), p| (x + p.0 / n, y + p.1 / n));
    let (mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0);
    for (x, y) in points {
        let (dx, dy) = (x - mx, y - my);
        (xx, xy, yy) = (xx + dx * dx, xy + dx * dy, yy + dy * dy);
    }
    let along = 0.5 * (2.0 * xy).atan2(xx - yy);
    Line::through((mx, my), (mx + along.cos(), my + along.sin()))
}
