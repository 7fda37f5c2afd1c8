//! The outline at full resolution. What the mask leaves open is decided by colour: of the colours of person and wall
//! around a pixel, the pair that explains it best tells how much of it is person (after Gastal and Oliveira, Shared
//! Sampling for Real-Time Alpha Matting, 2010). A guided filter, weighted by how sure that is, carries it to the edges
//! of the working copy (He, Sun, Tang, Guided Image Filtering, 2013).

use std::{ops::Range, sync::LazyLock};

use image::RgbImage;
use rayon::prelude::*;

use super::COARSER;
use crate::plane::{Fours, Plane, beside, mixed, told};

// Everything but the last step works on the halved working copy (He and Sun, Fast Guided Filter, 2015).

/// The mask is averaged over this radius, in pixels of that copy, before it is believed.
const AROUND: usize = 2;
/// Below this, after that, a pixel is surely wall, and person above its counterpart: before an even wall, where colour
/// decides better than the mask, and before a busy one, where the mask does.
const SURE: [f32; 2] = [0.02, 0.2];
/// A wall whose colours change by this much over a few pixels is busy there;
const CHANGE: f32 = 0.06;
/// it is even where this share of it changes, and altogether busy where that does,
const BUSY: [f32; 2] = [0.01, 0.08];
/// counted in squares of so many pixels of the smaller copy, within so many squares.
const AROUND_WALL: [usize; 2] = [8, 3];
/// Squares of so many pixels a side look for colours together,
const TOGETHER: usize = 3;
/// in this many directions,
const DIRECTIONS: usize = 8;
/// at most this far, in pixels of the smaller copy,
const FAR: usize = 24;
/// and pixel by pixel only as far as this.
const NEAR_STEPS: i32 = 8;
/// Colours, 0..1 a channel, that are nearer to each other than this are the same.
const SAME: f32 = 0.04;
/// Of samples that differ by less than this in each channel one is enough.
const ALIKE: f32 = 0.012;
/// What a pair costs for being farther than the nearest, for leaving the mask's opinion, for a mixture instead of one
/// of its colours.
const COSTS: [f32; 3] = [0.1, 1.0, 1.0];
/// Between pairs of colours that are nearer than the first nothing can be told, farther than the second everything.
const APART: [f32; 2] = [0.02, 0.08];
/// Radius of the guided filter's window on the smaller copy.
const RADIUS: usize = 2;
/// Contrast, squared and in 0..1, under which the filter smooths.
const EPSILON: f32 = 1e-4;
/// The filter's answer below this is wall, and person above its counterpart; again before an even wall and a busy one.
const END: [f32; 2] = [0.015, 0.1];

/// Edge of the tiles, in pixels of the smaller copy, that are filtered as far as anything in them is open.
const TILE: usize = 32;
/// The filter looks this far beyond a tile.
const MARGIN: usize = 2 * RADIUS + 1;

/// The share of the person in each pixel of the working copy, from a mask of the size of the halved one.
pub(super) fn refined(work: &RgbImage, half: &RgbImage, mask: &Plane, busy: &Busy) -> Plane {
    let near = mask.blurred(AROUND);
    let states = states(&near, busy);
    let outline = Outline { work, half, near: &near, busy };
    let (alpha, trust) = Samples { half, mask, states: &states }.guesses();
    let corners: Vec<[usize; 2]> = (0..mask.height)
        .step_by(TILE)
        .flat_map(|top| (0..mask.width).step_by(TILE).map(move |left| [left, top]))
        .collect();
    let filtered = |corner: &[usize; 2]| {
        let part = outline.open(*corner)?;
        Some((part, outline.filtered(part, &alpha, &trust)))
    };
    let (w, h) = (work.width() as usize, work.height() as usize);
    // What is decided outside the parts; each row of the smaller copy is two of the working copy's.
    let decided = |near: &f32| f32::from(*near > 0.5);
    let outside = |y: usize, row: &mut [f32]| {
        let near = &near.data[y / COARSER * near.width..][..near.width];
        let (pairs, last) = row.as_chunks_mut::<COARSER>();
        pairs.iter_mut().zip(near).for_each(|(out, near)| *out = [decided(near); COARSER]);
        last.iter_mut().zip(near.last()).for_each(|(out, near)| *out = decided(near));
    };
    let (filtered, mut refined) = rayon::join(
        || corners.par_iter().filter_map(filtered).collect::<Vec<_>>(),
        || Plane::from_rows(w, h, outside),
    );
    for (Part { from: [left, top], .. }, filtered) in &filtered {
        for (y, row) in filtered.data.chunks_exact(filtered.width).enumerate() {
            let at = (top * COARSER + y) * w + left * COARSER;
            refined.data[at..at + row.len()].copy_from_slice(row);
        }
    }
    refined
}

/// A part of the halved working copy.
#[derive(Debug, Clone, Copy)]
struct Part {
    /// Left and upper edge.
    from: [usize; 2],
    /// Right and lower edge, no longer inside.
    to: [usize; 2],
}

/// What the filter sees.
struct Outline<'a> {
    work: &'a RgbImage,
    half: &'a RgbImage,
    /// The mask, averaged.
    near: &'a Plane,
    busy: &'a Busy,
}

impl Outline<'_> {
    /// The part of a tile in which anything, or something just beside, is open; `None` without any.
    fn open(&self, [left, top]: [usize; 2]) -> Option<Part> {
        let (w, h) = (self.near.width, self.near.height);
        let mut part: Option<Part> = None;
        for y in top.saturating_sub(1)..(top + TILE + 1).min(h) {
            let columns = left.saturating_sub(1)..(left + TILE + 1).min(w);
            for (x, near) in columns.clone().zip(&self.near.data[y * w..][columns]) {
                if !is_sure(*near, || self.busy.at(x, y)) {
                    let Part { from, to } = part.unwrap_or(Part { from: [x, y], to: [x, y] });
                    part = Some(Part {
                        from: [from[0].min(x), from[1].min(y)],
                        to: [to[0].max(x), to[1].max(y)],
                    });
                }
            }
        }
        // What is open is felt by the pixels beside it.
        let Part { from, to } = part?;
        let (first, end) = ([left, top], [(left + TILE).min(w), (top + TILE).min(h)]);
        Some(Part {
            from: [0, 1].map(|k| from[k].saturating_sub(1).max(first[k])),
            to: [0, 1].map(|k| (to[k] + 2).min(end[k])),
        })
    }

    /// A part of the answer, in pixels of the working copy.
    fn filtered(
        &self,
        Part { from: [left, top], to: [right, bottom] }: Part,
        alpha: &Plane,
        trust: &Plane,
    ) -> Plane {
        let (w, h) = (self.near.width, self.near.height);
        let (x0, y0) = (left.saturating_sub(MARGIN), top.saturating_sub(MARGIN));
        let (x1, y1) = ((right + MARGIN).min(w), (bottom + MARGIN).min(h));
        let size = [x1 - x0, y1 - y0];
        let mut seen = Vec::with_capacity(size[0] * size[1]);
        for y in y0..y1 {
            let row = y * w + x0..y * w + x1;
            let known = alpha.data[row.clone()].iter().zip(&trust.data[row.clone()]);
            seen.extend(row.zip(known).map(|(i, (alpha, trust))| Seen {
                light: light(self.half, i),
                alpha: *alpha,
                trust: *trust,
            }));
        }
        let model = guided(&seen, size);
        let (full_w, full_h) = (self.work.width() as usize, self.work.height() as usize);
        let (from_x, from_y) = (left * COARSER, top * COARSER);
        let (to_x, to_y) = ((right * COARSER).min(full_w), (bottom * COARSER).min(full_h));
        let step = 1.0 / COARSER as f32;
        let mut filtered = Plane::filled(to_x - from_x, to_y - from_y, 0.0);
        let columns: Vec<_> =
            (from_x..to_x).map(|x| beside((x as f32 + 0.5) * step - x0 as f32, size[0])).collect();
        let mut near = Vec::with_capacity(size[0]);
        for (row, y) in filtered.data.chunks_exact_mut(to_x - from_x).zip(from_y..) {
            let (above, below, between_rows) = beside((y as f32 + 0.5) * step - y0 as f32, size[1]);
            let mask = |y: usize| &self.near.data[(y0 + y) * w + x0..][..size[0]];
            near.clear();
            near.extend(mask(above).iter().zip(mask(below)).map(|(a, b)| a + between_rows * (b - a)));
            let [above, below] = [above, below].map(|y| &model.data[y * size[0]..][..size[0]]);
            for ((out, x), column) in row.iter_mut().zip(from_x..).zip(&columns) {
                let certain = told(&near, *column);
                let busy = || self.busy.at(x / COARSER, y / COARSER);
                if is_sure(certain, busy) {
                    *out = f32::from(certain > 0.5);
                    continue;
                }
                let (before, after, share) = *column;
                let model = |column: usize| mixed(above[column], below[column], between_rows);
                let [a, b, c, rest] = mixed(model(before), model(after), share);
                let [r, g, bl] = light(self.work, y * full_w + x);
                let end = between(END, busy());
                *out = ramp([end, 1.0 - end], a * r + b * g + c * bl + rest);
            }
        }
        filtered
    }
}

/// Whether the averaged mask decides a pixel alone, given how busy the wall is there.
#[inline(always)]
fn is_sure(near: f32, busy: impl Fn() -> f32) -> bool {
    // Most pixels are decided before any wall.
    if !(SURE[0] / 3.0..=1.0 - SURE[0] / 3.0).contains(&near) {
        return true;
    }
    let sure = between(SURE, busy()) / 3.0;
    !(sure..=1.0 - sure).contains(&near)
}

/// A pixel in about linear light (squares of coded values), 0..1.
fn light(picture: &RgbImage, i: usize) -> [f32; 3] {
    let raw = &picture.as_raw()[i * 3..i * 3 + 3];
    [raw[0], raw[1], raw[2]].map(|c| LIGHT[usize::from(c)])
}

static LIGHT: [f32; 256] = {
    let (mut squares, mut coded) = ([0.0; 256], 0);
    while coded < 256 {
        let value = coded as f32 / 255.0;
        squares[coded] = value * value;
        coded += 1;
    }
    squares
};

/// How busy the wall is about each place, 0..1; where there is none, as busy as can be. Told for squares of pixels.
#[derive(Debug)]
pub(super) struct Busy {
    squares: Plane,
    /// The wall is even as good as everywhere.
    pub nowhere: bool,
}

impl Busy {
    /// About a pixel of the halved working copy.
    fn at(&self, x: usize, y: usize) -> f32 {
        self.squares.at(x / AROUND_WALL[0], y / AROUND_WALL[0])
    }

    /// Of the halved working copy, where the mask sees nobody.
    pub fn of(half: &RgbImage, mask: &Plane) -> Busy {
        const STEP: usize = 3;
        const SOMEWHERE: f32 = 0.02;
        let [square, reach] = AROUND_WALL;
        let (w, h, raw) = (mask.width, mask.height, half.as_raw());
        let size = [w.div_ceil(square), h.div_ceil(square)];
        let (mut wall, mut changes) =
            (Plane::filled(size[0], size[1], 0.0), Plane::filled(size[0], size[1], 0.0));
        let is_wall = |i: usize| mask.data[i] < 0.01;
        let differs = |i: usize, to: usize| {
            let (a, b) = (&raw[i * 3..i * 3 + 3], &raw[to * 3..to * 3 + 3]);
            a.iter().zip(b).any(|(a, b)| f32::from(a.abs_diff(*b)) > CHANGE * 255.0)
        };
        for y in (0..h).step_by(2) {
            for x in (y / 2 % 2..w).step_by(2) {
                let i = y * w + x;
                if !is_wall(i) {
                    continue;
                }
                let cell = y / square * size[0] + x / square;
                wall.data[cell] += 1.0;
                let (beside, below) = (y * w + (x + STEP).min(w - 1), (y + STEP).min(h - 1) * w + x);
                let changes_to = |to: usize| is_wall(to) && differs(i, to);
                changes.data[cell] += f32::from(changes_to(beside) || changes_to(below));
            }
        }
        let share = |changes: f32, wall: f32| if wall > 0.1 { ramp(BUSY, changes / wall) } else { 1.0 };
        let (wall, squares) = (wall.blurred(reach), changes.blurred(reach).with(&wall.blurred(reach), share));
        let busy = wall.data.iter().zip(&squares.data).filter(|(wall, busy)| **wall > 0.1 && **busy > 0.1);
        let nowhere = busy.count() as f32 <= SOMEWHERE * squares.data.len() as f32;
        Busy { squares, nowhere }
    }
}

/// What is known of a pixel before colours are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Wall,
    Open,
    Person,
}

/// The state of each pixel of the halved working copy, by the averaged mask.
fn states(near: &Plane, busy: &Busy) -> Vec<State> {
    let [square, _] = AROUND_WALL;
    let mut states = vec![State::Open; near.data.len()];
    let width = near.width.max(1);
    states.par_chunks_exact_mut(width).with_min_len(32).enumerate().for_each(|(y, row)| {
        let row = row.chunks_mut(square).zip(near.data[y * width..][..width].chunks(square));
        for (x, (states, near)) in row.enumerate() {
            // The same all over the square.
            let sure = between(SURE, busy.squares.at(x, y / square));
            for (state, near) in states.iter_mut().zip(near) {
                let person = if *near >= 1.0 - sure { State::Person } else { State::Open };
                *state = if *near <= sure { State::Wall } else { person };
            }
        }
    });
    states
}

/// What is said of a pixel before the filter.
#[derive(Debug, Clone, Copy)]
struct Guess {
    alpha: f32,
    /// How sure that is, above 0, at most 1.
    trust: f32,
}

/// Least trust, so that an average of nothing but doubt is still one.
const DOUBT: f32 = 0.02;

/// A colour seen from a pixel, and how far away.
type Sample = ([f32; 3], f32);

/// Where colours are sampled.
struct Samples<'a> {
    half: &'a RgbImage,
    mask: &'a Plane,
    states: &'a [State],
}

impl Samples<'_> {
    /// Alpha and trust for each pixel of the halved working copy.
    fn guesses(&self) -> (Plane, Plane) {
        /// In so many columns together nothing is open more often than not.
        const STRETCH: usize = 16 * TOGETHER;
        let (w, h) = (self.mask.width, self.mask.height);
        let (mut alpha, mut trust) = (Plane::filled(w, h, 0.0), Plane::filled(w, h, 1.0));
        let rows = alpha.data.par_chunks_mut(w * TOGETHER).zip(trust.data.par_chunks_mut(w * TOGETHER));
        rows.with_min_len(4).enumerate().for_each_init(Around::default, |seen, (index, (alpha, trust))| {
            let top = index * TOGETHER;
            let states = &self.states[top * w..][..alpha.len()];
            for (alpha, state) in alpha.iter_mut().zip(states) {
                *alpha = if *state == State::Person { 1.0 } else { 0.0 };
            }
            let rows = alpha.len() / w;
            let stretches = (0..w).step_by(STRETCH).map(|left| left..(left + STRETCH).min(w));
            let is_open = |columns: &Range<usize>| {
                let open = |row: usize| {
                    let states = &states[row * w..][columns.clone()];
                    states.iter().fold(false, |open, state| open | (*state == State::Open))
                };
                (0..rows).any(open)
            };
            for left in stretches.filter(is_open).flat_map(|columns| columns.step_by(TOGETHER)) {
                let mut looked = false;
                for y in 0..rows {
                    for at in y * w + left..y * w + (left + TOGETHER).min(w) {
                        if states[at] != State::Open {
                            continue;
                        }
                        if !looked {
                            self.look_around(left, top, seen);
                            looked = true;
                        }
                        let guess = self.guess(top * w + at, seen);
                        (alpha[at], trust[at]) = (guess.alpha, guess.trust);
                    }
                }
            }
        });
        (alpha, trust)
    }

    fn colour(&self, i: usize) -> [f32; 3] {
        let raw = &self.half.as_raw()[i * 3..i * 3 + 3];
        [raw[0], raw[1], raw[2]].map(|c| f32::from(c) * (1.0 / 255.0))
    }

    fn guess(&self, i: usize, Around { person, wall }: &Around) -> Guess {
        let own = self.mask.data[i];
        let nearest = |of: &[Sample]| of.iter().map(|s| s.1).fold(f32::MAX, f32::min);
        let (nearest_person, nearest_wall) = (nearest(person), nearest(wall));
        let seen = self.colour(i);
        let mut best: Option<(f32, Guess)> = None;
        for (front, far) in person {
            for (behind, deep) in wall {
                let (alpha, rest, apart) = unmixed(seen, *front, *behind);
                let cost = rest / (SAME * SAME)
                    + COSTS[0] * (far / nearest_person + deep / nearest_wall)
                    + COSTS[1] * (alpha - own).abs()
                    + COSTS[2] * alpha.min(1.0 - alpha);
                if best.as_ref().is_none_or(|(least, _)| cost < *least) {
                    let trust = (-rest / (2.0 * SAME * SAME)).exp() * ramp(APART, apart);
                    // Where the colours do not tell, the mask does.
                    let alpha = own + trust * (alpha - own);
                    best = Some((cost, Guess { alpha, trust: trust.max(DOUBT) }));
                }
            }
        }
        best.map_or(Guess { alpha: own, trust: DOUBT }, |(_, guess)| guess)
    }

    /// The nearest colours of the person, and the nearest two of the wall, in each direction. The directions turn from
    /// square to square, so that neighbours together see more than each alone.
    fn look_around(&self, x: usize, y: usize, seen: &mut Around) {
        let (w, h) = (self.mask.width as i32, self.mask.height as i32);
        seen.person.clear();
        seen.wall.clear();
        for [cos, sin] in &RAYS[x / TOGETHER % 3 + y / TOGETHER % 3 * 3] {
            let (mut met, mut last, mut walls) = (false, 0, 0);
            for step in (1..NEAR_STEPS).chain((NEAR_STEPS..FAR as i32).step_by(2)) {
                // 1/1024 of a pixel is near enough.
                let (px, py) = (x as i32 + ((cos * step) >> 10), y as i32 + ((sin * step) >> 10));
                if px < 0 || py < 0 || px >= w || py >= h || (met && walls == 2) {
                    break;
                }
                let at = (py * w + px) as usize;
                match self.states[at] {
                    State::Person if !met => {
                        add(&mut seen.person, self.colour(at), step as f32);
                        met = true;
                    }
                    State::Wall if walls == 0 || (walls == 1 && step >= last + 4) => {
                        add(&mut seen.wall, self.colour(at), step as f32);
                        last = step;
                        walls += 1;
                    }
                    _ => {}
                }
            }
        }
    }
}

/// The colours seen from one pixel.
#[derive(Default)]
struct Around {
    person: Vec<Sample>,
    wall: Vec<Sample>,
}

/// Adds a sample, unless its colour was seen already: then the nearer one is kept.
fn add(samples: &mut Vec<Sample>, colour: [f32; 3], far: f32) {
    let same = |other: &[f32; 3]| (0..3).all(|c| (colour[c] - other[c]).abs() < ALIKE);
    match samples.iter_mut().find(|(other, _)| same(other)) {
        Some(known) if known.1 <= far => {}
        Some(known) => *known = (colour, far),
        None => samples.push((colour, far)),
    }
}

/// The directions in which colours are looked for, turned by a ninth of their distance for each of nine kinds of squares; cosine
/// and sine in 1/1024.
static RAYS: LazyLock<[[[i32; 2]; DIRECTIONS]; 9]> = LazyLock::new(|| {
    std::array::from_fn(|turn| {
        std::array::from_fn(|direction| {
            let share = (direction as f32 + turn as f32 / 9.0) / DIRECTIONS as f32;
            let (sin, cos) = (share * std::f32::consts::TAU).sin_cos();
            [cos, sin].map(|v| (v * 1024.0).round() as i32)
        })
    })
});

/// The share of `front` in the mixture of two colours that is nearest to `seen`, what of it stays unexplained, squared,
/// and how far the two are apart. Light adds up, picture values do not; their squares are near enough to light.
fn unmixed(seen: [f32; 3], front: [f32; 3], behind: [f32; 3]) -> (f32, f32, f32) {
    let light = |c: [f32; 3]| c.map(|v| v * v);
    let (s, f, b) = (light(seen), light(front), light(behind));
    let (mut along, mut length, mut apart) = (0.0, 0.0, 0.0);
    for c in 0..3 {
        along += (s[c] - b[c]) * (f[c] - b[c]);
        length += (f[c] - b[c]) * (f[c] - b[c]);
        apart += (front[c] - behind[c]) * (front[c] - behind[c]);
    }
    let alpha = (along / (length + 1e-4)).clamp(0.0, 1.0);
    let rest = (0..3).map(|c| seen[c] - (b[c] + alpha * (f[c] - b[c])).sqrt()).map(|d| d * d).sum();
    (alpha, rest, apart.sqrt())
}

/// What the filter is given of a pixel.
struct Seen {
    light: [f32; 3],
    alpha: f32,
    /// How much it counts.
    trust: f32,
}

/// The guided filter's local linear model of alpha about each pixel: three slopes and a constant, alpha = a · light + b.
fn guided(seen: &[Seen], size: [usize; 2]) -> Fours {
    let rows = |y: usize| &seen[y * size[0]..][..size[0]];
    let (mut weights, mut models) = (Vec::with_capacity(seen.len()), Vec::with_capacity(seen.len()));
    // Sums, weighted by trust: of the weights, of alpha, of light, of its products, and of those with alpha.
    let moments = |y: usize, row: &mut [[f32; 16]]| {
        for (to, Seen { light: [r, g, b], alpha, trust }) in row.iter_mut().zip(rows(y)) {
            let [wr, wg, wb] = [r, g, b].map(|c| c * trust);
            *to = [
                *trust,
                alpha * trust,
                wr,
                wg,
                wb,
                wr * r,
                wr * g,
                wr * b,
                wg * g,
                wg * b,
                wb * b,
                wr * alpha,
                wg * alpha,
                wb * alpha,
                // Sixteen are added as fast as fourteen, or faster.
                0.0,
                0.0,
            ];
        }
    };
    summed(size, moments, |y, row| {
        for (sums, seen) in row.iter().zip(rows(y)) {
            let share = 1.0 / sums[0];
            let [_, alpha, r, g, b, rr, rg, rb, gg, gb, bb, ra, ga, ba, ..] = sums.map(|sum| sum * share);
            let variances = [rr - r * r, rg - r * g, rb - r * b, gg - g * g, gb - g * b, bb - b * b];
            let [kr, kg, kb] = solved(variances, [ra - r * alpha, ga - g * alpha, ba - b * alpha]);
            models.push([kr, kg, kb, alpha - kr * r - kg * g - kb * b].map(|k| k * seen.trust));
            weights.push(share);
        }
    });
    let mut data = Vec::with_capacity(seen.len());
    let models = |y: usize, row: &mut [[f32; 4]]| row.copy_from_slice(&models[y * size[0]..][..size[0]]);
    summed(size, models, |y, row| {
        let shares = &weights[y * size[0]..];
        data.extend(row.iter().zip(shares).map(|(sums, share)| sums.map(|sum| sum * share)));
    });
    Fours { width: size[0], height: size[1], data }
}

/// Sums over squares of 2 [`RADIUS`] + 1 pixels, cut at the edges, row by row: `values` fills in a row of what is summed, `take` is
/// given a row of sums.
fn summed<const N: usize>(
    [w, h]: [usize; 2],
    values: impl Fn(usize, &mut [[f32; N]]),
    mut take: impl FnMut(usize, &[[f32; N]]),
) {
    const ROWS: usize = 2 * RADIUS + 1;
    let add = |to: &mut [f32; N], from: &[f32; N], sign: f32| {
        for (sum, value) in to.iter_mut().zip(from) {
            *sum += sign * value;
        }
    };
    let (mut row, mut total) = (vec![[0.0; N]; w], vec![[0.0; N]; w]);
    // The last rows, each summed along itself; what leaves is taken off again.
    let mut last = vec![[0.0; N]; ROWS * w];
    for y in 0..h + RADIUS {
        let along = &mut last[y % ROWS * w..][..w];
        total.iter_mut().zip(&*along).for_each(|(total, leaves)| add(total, leaves, -1.0));
        if y < h {
            values(y, &mut row);
            let mut sum = [0.0; N];
            row[..RADIUS.min(w)].iter().for_each(|enters| add(&mut sum, enters, 1.0));
            for x in 0..w {
                if let Some(enters) = row.get(x + RADIUS) {
                    add(&mut sum, enters, 1.0);
                }
                if let Some(leaves) = x.checked_sub(RADIUS + 1) {
                    add(&mut sum, &row[leaves], -1.0);
                }
                along[x] = sum;
                add(&mut total[x], &sum, 1.0);
            }
        } else {
            along.fill([0.0; N]);
        }
        if let Some(middle) = y.checked_sub(RADIUS) {
            take(middle, &total);
        }
    }
}

/// Solves (S + ε) a = c for a symmetric S, given as xx, xy, xz, yy, yz, zz.
fn solved([xx, xy, xz, yy, yz, zz]: [f32; 6], c: [f32; 3]) -> [f32; 3] {
    let (xx, yy, zz) = (xx + EPSILON, yy + EPSILON, zz + EPSILON);
    let cofactors = [
        [yy * zz - yz * yz, xz * yz - xy * zz, xy * yz - xz * yy],
        [xz * yz - xy * zz, xx * zz - xz * xz, xy * xz - xx * yz],
        [xy * yz - xz * yy, xy * xz - xx * yz, xx * yy - xy * xy],
    ];
    let determinant = xx * cofactors[0][0] + xy * cofactors[0][1] + xz * cofactors[0][2];
    cofactors.map(|row| row.iter().zip(c).map(|(k, c)| k * c).sum::<f32>() / determinant.max(1e-12))
}

/// The first for 0, the second for 1, straight between.
fn between([none, all]: [f32; 2], share: f32) -> f32 {
    none + share * (all - none)
}

/// 0 below the first, 1 above the second, straight between.
fn ramp([low, high]: [f32; 2], value: f32) -> f32 {
    ((value - low) / (high - low)).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use image::Rgb;

    use super::*;
    use crate::work::halved;

    #[test]
    fn the_wall_between_strands_of_hair_is_wall() {
        // Strands four pixels wide, four apart, in the rim from 100 to 136; the mask is a mere ramp there.
        let strand = |x: u32| x < 100 || (x < 136 && x % 8 < 4);
        let work =
            RgbImage::from_fn(
                240,
                64,
                |x, _| if strand(x) { Rgb([40, 30, 25]) } else { Rgb([200, 198, 190]) },
            );
        let mask = Plane::from_fn(120, 32, |x, _| (1.0 - (x as f32 - 46.0) / 24.0).clamp(0.0, 1.0));
        let alpha = refined(&work, &halved(&work), &mask, &Busy::of(&halved(&work), &mask));
        for (strand, gap) in [(106, 110), (114, 118), (122, 126)] {
            let (hair, wall) = (alpha.at(strand, 30), alpha.at(gap, 30));
            assert!(wall < 0.15 && hair > 0.85, "{strand}: {hair}, {gap}: {wall}");
        }
    }

    #[test]
    fn the_refined_edge_follows_the_picture() {
        // The mask is off by eight pixels; the picture's edge is at 200.
        let work = RgbImage::from_fn(400, 400, |x, _| if x < 200 { Rgb([30; 3]) } else { Rgb([220; 3]) });
        let mask = Plane::from_fn(200, 200, |x, _| 1.0 - ((x as f32 - 86.0) / 20.0).clamp(0.0, 1.0));
        let alpha = refined(&work, &halved(&work), &mask, &Busy::of(&halved(&work), &mask));
        assert_eq!((alpha.at(197, 200), alpha.at(203, 200)), (1.0, 0.0));
    }

    #[test]
    fn where_colours_do_not_tell_the_mask_does() {
        let work = RgbImage::from_pixel(400, 400, Rgb([90, 80, 70]));
        let mask = Plane::from_fn(200, 200, |x, _| 1.0 - ((x as f32 - 92.0) / 16.0).clamp(0.0, 1.0));
        let alpha = refined(&work, &halved(&work), &mask, &Busy::of(&halved(&work), &mask));
        let middle = alpha.at(200, 200);
        assert!((0.3..0.7).contains(&middle) && alpha.at(190, 200) > middle && middle > alpha.at(210, 200));
    }
}
