//! The head that every drawn head is bent from: the canonical face, closed to a skull, refined to a smooth surface once.

use std::{collections::HashMap, sync::LazyLock};

use super::vector::{V3, bell, smooth, v3};

/// Corner of the mouth, eye corners and so on, by the face mesh's numbers.
pub(crate) mod point {
    pub const LEFT_EYE: [usize; 2] = [33, 133];
    pub const RIGHT_EYE: [usize; 2] = [263, 362];
    pub const MOUTH: [usize; 2] = [61, 291];
    pub const NOSE_TIP: usize = 1;
    pub const CHIN: usize = 152;
    pub const CHEEKS: [usize; 2] = [234, 454];
    pub const LIPS: [usize; 20] =
        [61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291, 375, 321, 405, 314, 17, 84, 181, 91, 146];
}

/// Facial movements, each a displacement of the whole surface in canonical space.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Morph {
    CloseEyes,
    OpenMouth,
    Smile,
}

const MORPHS: usize = 3;
/// Position, then one displacement per morph.
type Row = [V3; 1 + MORPHS];

/// What a part of the head's surface is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Skin,
    /// The thickness of lids and lips, seen inside the openings.
    Rim,
}

/// The refined head in canonical space, eyes open, lips closed, no identity.
pub(crate) struct Head {
    rows: Vec<Row>,
    pub triangles: Vec<([u32; 3], Part)>,
    /// For the vertices of rims: which vertex they hang from, and where the opening's centre is.
    rims: Vec<(u32, u32, usize)>,
    /// Closed loops of vertices around left eye, right eye, mouth, in order.
    pub openings: [Vec<u32>; 3],
}

/// Middle of the skull in canonical space.
pub(crate) const SKULL: V3 = v3(0.0, 4.2, -5.2);
/// Half axes of the skull.
pub(crate) const SKULL_AXES: V3 = v3(8.15, 9.7, 10.2);
/// Middle of the left eye's opening (the right one mirrors it).
pub(crate) const EYE: V3 = v3(-3.18, 2.63, 3.8);
/// Where the lips meet.
pub(crate) const MOUTH_Y: f32 = -4.27;

const OVAL: [u32; 36] = [
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152, 148, 176,
    149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
];
const INNER_LIPS: [[usize; 2]; 9] =
    [[13, 14], [82, 87], [81, 178], [80, 88], [191, 95], [312, 317], [311, 402], [310, 318], [415, 324]];
const UPPER_LIP_RINGS: [&[usize]; 3] = [
    &[12, 268, 271, 272, 407, 38, 41, 42, 183],
    &[11, 302, 303, 304, 408, 72, 73, 74, 184],
    &[0, 267, 269, 270, 37, 39, 40],
];
const LOWER_LIP_RINGS: [&[usize]; 3] = [
    &[15, 86, 179, 89, 96, 316, 403, 319, 325],
    &[16, 85, 180, 90, 77, 315, 404, 320, 307],
    &[17, 84, 181, 91, 314, 405, 321],
];
/// Upper lid points with the lower lid points under them, then the two rings above, for the left and the right eye.
const LIDS: [[[usize; 2]; 7]; 2] = [
    [[246, 7], [161, 163], [160, 144], [159, 145], [158, 153], [157, 154], [173, 155]],
    [[466, 249], [388, 390], [387, 373], [386, 374], [385, 380], [384, 381], [398, 382]],
];
const LID_RINGS: [[[usize; 7]; 2]; 2] = [
    [[247, 30, 29, 27, 28, 56, 190], [113, 225, 224, 223, 222, 221, 189]],
    [[467, 260, 259, 257, 258, 286, 414], [342, 445, 444, 443, 442, 441, 413]],
];
const EYE_LOOPS: [[u32; 16]; 2] = [
    [33, 246, 161, 160, 159, 158, 157, 173, 133, 155, 154, 153, 145, 144, 163, 7],
    [263, 466, 388, 387, 386, 385, 384, 398, 362, 382, 381, 380, 374, 373, 390, 249],
];
const MOUTH_LOOP: [u32; 20] =
    [78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308, 324, 318, 402, 317, 14, 87, 178, 88, 95];
/// The ring of points above the right eye, where the upper lid folds.
pub(crate) const LID_FOLDS: [usize; 9] = [463, 414, 286, 258, 257, 259, 260, 467, 359];

const CREASES: [u32; 6] = [33, 133, 263, 362, 78, 308];

static HEAD: LazyLock<Head> = LazyLock::new(Head::build);

impl Head {
    pub fn get() -> &'static Head {
        &HEAD
    }

    /// Vertices of the surface in canonical space with `morphs` applied; the first 468 are the face mesh's points.
    pub fn moved(&self, morphs: &[(Morph, f32)]) -> Vec<V3> {
        let mut out: Vec<V3> = self
            .rows
            .iter()
            .map(|row| morphs.iter().fold(row[0], |p, (m, k)| p + row[1 + *m as usize] * *k))
            .collect();
        let centres: Vec<V3> = self
            .openings
            .iter()
            .map(|l| l.iter().fold(V3::ZERO, |s, &i| s + out[i as usize]) * (1.0 / l.len() as f32))
            .collect();
        for &(rim, edge, opening) in &self.rims {
            let p = out[edge as usize];
            let inward = centres[opening] - p;
            let eye = opening < 2;
            let reach: f32 = if eye { 0.055 } else { 0.0 };
            let flat = v3(inward.x, inward.y, 0.0).unit() * reach.min(inward.len() * 0.5);
            out[rim as usize] = p + flat + v3(0.0, 0.0, if eye { -0.8 } else { -1.1 });
        }
        out
    }

    /// Vertices in canonical space at rest: the coordinates in which skin, lips and hair are painted.
    pub fn canon(&self) -> Vec<V3> {
        self.moved(&[])
    }

    fn build() -> Head {
        let (mut rest, mut triangles) = parse();
        close_lips(&mut rest);
        cut(&mut triangles, &EYE_LOOPS[0]);
        cut(&mut triangles, &EYE_LOOPS[1]);
        cut(&mut triangles, &MOUTH_LOOP);
        add_skull(&mut rest, &mut triangles);
        let mut rows: Vec<Row> = rest.iter().map(|&p| [p, V3::ZERO, open_mouth(p), smile(p)]).collect();
        close_eyes(&rest, &mut rows);
        open_lips(&rest, &mut rows);
        for _ in 0..3 {
            (rows, triangles) = refine(&rows, &triangles);
        }
        let loops = border_loops(&triangles);
        let near = |c: V3| {
            loops
                .iter()
                .min_by(|a, b| {
                    let d = |l: &Vec<u32>| {
                        (l.iter().fold(V3::ZERO, |s, &i| s + rows[i as usize][0]) * (1.0 / l.len() as f32)
                            - c)
                            .len()
                    };
                    d(a).total_cmp(&d(b))
                })
                .cloned()
                .unwrap_or_default()
        };
        let openings = [near(EYE), near(v3(-EYE.x, EYE.y, EYE.z)), near(v3(0.0, MOUTH_Y, 5.0))];
        let mut triangles: Vec<([u32; 3], Part)> = triangles.into_iter().map(|t| (t, Part::Skin)).collect();
        let mut rims = Vec::new();
        for (opening, loop_) in openings.iter().enumerate() {
            let first = rows.len() as u32;
            let n = loop_.len() as u32;
            for (k, &edge) in loop_.iter().enumerate() {
                rims.push((first + k as u32, edge, opening));
                rows.push(rows[edge as usize]);
            }
            for k in 0..n {
                let next = (k + 1) % n;
                let (a, b) = (loop_[k as usize], loop_[next as usize]);
                triangles.push(([b, a, first + k], Part::Rim));
                triangles.push(([b, first + k, first + next], Part::Rim));
            }
        }
        Head { rows, triangles, rims, openings }
    }
}

fn parse() -> (Vec<V3>, Vec<[u32; 3]>) {
    let (mut points, mut triangles) = (Vec::new(), Vec::new());
    for line in include_str!("canonical_face.txt").lines() {
        let mut words = line.split(' ');
        let kind = words.next();
        let n: Vec<f32> = words.filter_map(|w| w.parse().ok()).collect();
        match (kind, n.as_slice()) {
            (Some("v"), &[x, y, z]) => points.push(v3(x, y, z)),
            (Some("f"), &[a, b, c]) => triangles.push([a as u32, b as u32, c as u32]),
            _ => {}
        }
    }
    (points, triangles)
}

/// The canonical lips stand apart; bring them together, the rings around following less and less.
fn close_lips(rest: &mut [V3]) {
    for [upper, lower] in INNER_LIPS {
        let gap = rest[upper].y - rest[lower].y;
        let middle = (rest[upper] + rest[lower]) * 0.5;
        rest[upper] = v3(middle.x, middle.y + 0.01, middle.z + 0.02);
        rest[lower] = v3(middle.x, middle.y - 0.01, middle.z - 0.02);
        for (ring, follow) in [(0, 0.85), (1, 0.45), (2, 0.12)] {
            for (rings, sign) in [(UPPER_LIP_RINGS, -1.0), (LOWER_LIP_RINGS, 1.0)] {
                let x = middle.x;
                if let Some(&i) = rings[ring]
                    .iter()
                    .min_by(|a, b| (rest[**a].x - x).abs().total_cmp(&(rest[**b].x - x).abs()))
                {
                    rest[i].y += sign * gap * 0.5 * follow;
                }
            }
        }
    }
}

fn cut(triangles: &mut Vec<[u32; 3]>, opening: &[u32]) {
    triangles.retain(|t| !t.iter().all(|i| opening.contains(i)));
}

/// Rings from the face's oval over the skull to its back.
fn add_skull(rest: &mut Vec<V3>, triangles: &mut Vec<[u32; 3]>) {
    const STEPS: [f32; 6] = [0.07, 0.17, 0.32, 0.5, 0.68, 0.85];
    let by_axes = |p: V3| v3(p.x / SKULL_AXES.x, p.y / SKULL_AXES.y, p.z / SKULL_AXES.z);
    let back = v3(0.0, 0.0, -1.0);
    let n = OVAL.len() as u32;
    let mut previous: Vec<u32> = OVAL.to_vec();
    for step in STEPS {
        let first = rest.len() as u32;
        for &i in &OVAL {
            let p = rest[i as usize];
            let from = by_axes(p - SKULL).unit();
            let angle = from.dot(back).clamp(-1.0, 1.0).acos();
            let at = |t: f32| {
                let d = (from * ((1.0 - t) * angle).sin() + back * (t * angle).sin())
                    * (1.0 / angle.sin().max(1e-3));
                SKULL + d.unit().by(SKULL_AXES)
            };
            let surplus = p - at(0.0);
            rest.push(at(step) + surplus * (1.0 - smooth(0.0, 0.55, step)));
        }
        for k in 0..n {
            let next = (k + 1) % n;
            let (a, b) = (previous[k as usize], previous[next as usize]);
            triangles.push([a, b, first + k]);
            triangles.push([b, first + next, first + k]);
        }
        previous = (first..first + n).collect();
    }
    let pole = rest.len() as u32;
    rest.push(SKULL + v3(0.0, 0.0, -SKULL_AXES.z));
    for k in 0..n {
        triangles.push([previous[k as usize], previous[((k + 1) % n) as usize], pole]);
    }
}

/// How far the lower jaw takes a point along, 0 to 1.
fn jaw_share(p: V3) -> f32 {
    let ax = p.x.abs();
    let line = MOUTH_Y + (ax - 2.2).max(0.0) * 0.75;
    let soft = 0.5 + ax * 0.75;
    smooth(0.0, soft, line - p.y) * smooth(-6.5, -1.5, p.z)
}

fn jaw_turn(p: V3) -> V3 {
    const ANGLE: f32 = 0.36;
    const HINGE: V3 = v3(0.0, 0.5, -2.5);
    let r = p - HINGE;
    let (s, c) = ANGLE.sin_cos();
    v3(0.0, r.y * c - r.z * s - r.y, r.z * c + r.y * s - r.z)
}

fn open_mouth(p: V3) -> V3 {
    jaw_turn(p) * jaw_share(p)
}

/// Lips part at the very seam, which the jaw's smooth share cannot know.
fn open_lips(rest: &[V3], rows: &mut [Row]) {
    let m = 1 + Morph::OpenMouth as usize;
    let lift = |i: usize| v3(0.0, 0.12, 0.0) * smooth(2.3, 0.6, rest[i].x.abs());
    let share = |i: usize| 0.35 + 0.65 * smooth(2.3, 0.9, rest[i].x.abs());
    for [upper, lower] in INNER_LIPS {
        rows[upper][m] = lift(upper);
        rows[lower][m] = jaw_turn(rest[lower]) * share(lower);
    }
    for ring in UPPER_LIP_RINGS.into_iter().flatten() {
        rows[*ring][m] = lift(*ring);
    }
    for ring in LOWER_LIP_RINGS.into_iter().flatten() {
        rows[*ring][m] = jaw_turn(rest[*ring]) * share(*ring);
    }
    for corner in [61, 76, 62, 78, 291, 306, 292, 308] {
        rows[corner][m] = jaw_turn(rest[corner]) * 0.3;
    }
}

fn smile(p: V3) -> V3 {
    let side = p.x.signum();
    let corner = bell((p.x.abs() - 2.5) / 1.5, (p.y - MOUTH_Y) / 1.3) * smooth(0.0, 1.6, p.x.abs());
    let cheek = bell((p.x.abs() - 4.0) / 1.6, (p.y + 0.9) / 1.5);
    v3(side * 0.55, 0.5, -0.25) * corner + v3(side * 0.05, 0.22, 0.3) * cheek
}

fn close_eyes(rest: &[V3], rows: &mut [Row]) {
    let m = 1 + Morph::CloseEyes as usize;
    for eye in 0..2 {
        for (k, [upper, lower]) in LIDS[eye].into_iter().enumerate() {
            let (u, l) = (rest[upper], rest[lower]);
            let meet = l + v3(0.0, -0.05, 0.0);
            rows[lower][m] = v3(0.0, -0.06, 0.0);
            let down = meet - u;
            rows[upper][m] = down + v3(0.0, 0.02, 0.05);
            for (ring, follow, bulge) in [(0, 0.62, 0.16), (1, 0.16, 0.04)] {
                rows[LID_RINGS[eye][ring][k]][m] = v3(down.x, down.y, 0.0) * follow + v3(0.0, 0.0, bulge);
            }
        }
    }
}

/// One step of Loop's subdivision (Loop 1987) with open borders smoothed as curves and crease corners kept.
fn refine(rows: &[Row], triangles: &[[u32; 3]]) -> (Vec<Row>, Vec<[u32; 3]>) {
    struct Edge {
        middle: u32,
        across: Vec<u32>,
    }
    let add = |a: &Row, b: &Row, k: f32| -> Row { std::array::from_fn(|i| a[i] + b[i] * k) };
    let zero: Row = [V3::ZERO; 1 + MORPHS];
    let mut edges: HashMap<(u32, u32), Edge> = HashMap::new();
    let mut order = Vec::new();
    let key = |a: u32, b: u32| (a.min(b), a.max(b));
    for t in triangles {
        for k in 0..3 {
            let (a, b, c) = (t[k], t[(k + 1) % 3], t[(k + 2) % 3]);
            let next = (rows.len() + order.len()) as u32;
            let edge = edges.entry(key(a, b)).or_insert_with(|| {
                order.push(key(a, b));
                Edge { middle: next, across: Vec::with_capacity(2) }
            });
            edge.across.push(c);
        }
    }
    let mut around: Vec<Vec<u32>> = vec![Vec::new(); rows.len()];
    let mut border: Vec<Vec<u32>> = vec![Vec::new(); rows.len()];
    for &(a, b) in &order {
        around[a as usize].push(b);
        around[b as usize].push(a);
        if edges[&(a, b)].across.len() == 1 {
            border[a as usize].push(b);
            border[b as usize].push(a);
        }
    }
    let sum = |of: &[u32], k: f32| of.iter().fold(zero, |s, &i| add(&s, &rows[i as usize], k));
    let mut out: Vec<Row> = (0..rows.len())
        .map(|i| {
            if CREASES.contains(&(i as u32)) {
                return rows[i];
            }
            let (of, k) = if border[i].len() == 2 {
                (&border[i], 0.125)
            } else {
                let n = around[i].len();
                (&around[i], if n == 3 { 0.1875 } else { 0.375 / n as f32 })
            };
            add(&sum(of, k), &rows[i], 1.0 - k * of.len() as f32)
        })
        .collect();
    for &(a, b) in &order {
        let across = &edges[&(a, b)].across;
        out.push(if across.len() == 2 {
            add(&sum(&[a, b], 0.375), &sum(across, 0.125), 1.0)
        } else {
            sum(&[a, b], 0.5)
        });
    }
    let mut finer = Vec::with_capacity(triangles.len() * 4);
    for t in triangles {
        let m: [u32; 3] = std::array::from_fn(|k| edges[&key(t[k], t[(k + 1) % 3])].middle);
        finer.push([t[0], m[0], m[2]]);
        finer.push([t[1], m[1], m[0]]);
        finer.push([t[2], m[2], m[1]]);
        finer.push(m);
    }
    (out, finer)
}

/// The closed chains of edges that only one triangle has.
fn border_loops(triangles: &[[u32; 3]]) -> Vec<Vec<u32>> {
    let mut directed: HashMap<(u32, u32), ()> = HashMap::new();
    for t in triangles {
        for k in 0..3 {
            directed.insert((t[k], t[(k + 1) % 3]), ());
        }
    }
    let mut next: HashMap<u32, u32> =
        directed.keys().filter(|(a, b)| !directed.contains_key(&(*b, *a))).map(|&(a, b)| (a, b)).collect();
    let mut loops = Vec::new();
    while let Some(&start) = next.keys().min() {
        let mut chain = Vec::new();
        let mut at = start;
        while let Some(to) = next.remove(&at) {
            chain.push(at);
            at = to;
        }
        loops.push(chain);
    }
    loops
}
