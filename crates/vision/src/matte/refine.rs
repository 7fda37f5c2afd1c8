//! The outline at full resolution. What the mask leaves open is decided by colour: of the colours of person and wall
//! around a pixel, the pair that explains it best tells how much of it is person (after Gastal and Oliveira, Shared
//! Sampling for Real-Time Alpha Matting, 2010). A guided filter, weighted by how sure that is, carries it to the edges
//! of the working copy (He, Sun, Tang, Guided Image Filtering, 2013).

use std::{ops::Range, sync::LazyLock};

use image::RgbImage;
use rayon::prelude::*;

use super::{
    COARSER,
    guided::{Guided, Model, light},
};
use crate::{
    marked::Marked,
    plane::{Plane, any, beside, mixed, told},
};

// Everything but the last step works on the halved working copy (He and Sun, Fast Guided Filter, 2015).

/// The mask is averaged over this radius, in pixels of that copy, before it is believed.
const AROUND: usize = 2;
/// Below this, after that, a pixel is surely wall, and person above its counterpart: before an even wall, where colour
/// decides better than the mask, and before a busy one, where the mask does.
const SURE: [f32; 2] = [0.02, 0.2];
/// A wall whose coded colours change by more than this over a few pixels is busy there;
const CHANGE: u8 = 15;
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
/// so far beyond the first colour that is found,
const ON: i32 = 8;
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
/// After the colours the mask is believed from this part of those shares on;
const OPEN: f32 = 1.0 / 3.0;
/// so much, and its counterpart, before any wall.
const DECIDED: f32 = SURE[0] * OPEN;
/// The filter's answer below this is wall, and person above its counterpart; again before an even wall and a busy one.
const END: [f32; 2] = [0.015, 0.1];

/// The share of the person in each pixel of the working copy, from a mask of the size of the halved one.
pub(super) fn refined(work: &RgbImage, half: &RgbImage, mask: &Plane, busy: &Busy) -> Plane {
    let near = mask.blurred(AROUND);
    let states = states(&near, busy);
    let (alpha, trust) = Samples { half, mask, states: &states }.guesses();
    // What is open is felt by the pixels beside it, and these are told from what lies beside them.
    let told = open(&near, busy).widened(1);
    let filter = Guided::new(half, [&alpha, &trust], told.widened(1));
    let (w, h) = (work.width() as usize, work.height() as usize);
    let columns = (0..w).map(|x| beside((x as f32 + 0.5) / COARSER as f32, near.width)).collect();
    let outline = Outline { work, near: &near, busy, told, columns };
    let band = near.height.div_ceil(rayon::current_num_threads()).max(64);
    let bands: Vec<Vec<f32>> = (0..near.height.div_ceil(band))
        .into_par_iter()
        .map(|index| {
            let rows = index * band..((index + 1) * band).min(near.height);
            // The first has room for all.
            let mut alphas = Vec::with_capacity(if index == 0 { w * h } else { rows.len() * COARSER * w });
            // Each row of the smaller copy is two of the working copy's, of which the last may be missing.
            filter.rows(rows, |y, models| {
                let begin = alphas.len();
                alphas.resize(begin + COARSER.min(h - y * COARSER) * w, 0.0);
                outline.decide(y, &mut alphas[begin..]);
                outline.fill(y, models, &mut alphas[begin..]);
            });
            alphas
        })
        .collect();
    let joined = bands.into_iter().reduce(|mut all, band| {
        all.extend(band);
        all
    });
    Plane { width: w, height: h, data: joined.unwrap_or_default() }
}

/// The pixels of the halved working copy that the averaged mask leaves open.
fn open(near: &Plane, busy: &Busy) -> Marked {
    Marked::of([near.width, near.height], |y, columns| {
        let values = &near.data[y * near.width..][columns.clone()];
        // Most pixels are decided before any wall.
        let [least, most] = [DECIDED, 1.0 - DECIDED];
        if !any(values, |near| (*near >= least) & (*near <= most)) {
            return 0;
        }
        let is_open = |x: usize, near: &f32| !is_sure(*near, || busy.at(columns.start + x, y));
        values.iter().enumerate().fold(0, |word, (x, near)| word | u64::from(is_open(x, near)) << x)
    })
}

/// The working copy about the outline.
struct Outline<'a> {
    work: &'a RgbImage,
    /// The mask, averaged; of the halved working copy.
    near: &'a Plane,
    busy: &'a Busy,
    /// The pixels of that copy that are told one by one.
    told: Marked,
    /// Where the columns of the working copy lie in the halved one.
    columns: Vec<(usize, usize, f32)>,
}

impl Outline<'_> {
    /// The rows of the working copy, all wall, that a row of the halved one stands for, as if nothing were open.
    fn decide(&self, y: usize, rows: &mut [f32]) {
        /// So many pixels are looked at together.
        const AT_ONCE: usize = 16;
        let decided = |near: &f32| f32::from(*near > 0.5);
        let near = &self.near.data[y * self.near.width..][..self.near.width];
        let (first, others) = rows.split_at_mut(self.columns.len());
        for (row, near) in first.chunks_mut(COARSER * AT_ONCE).zip(near.chunks(AT_ONCE)) {
            // Wall they are already.
            if !any(near, |near| *near > 0.5) {
                continue;
            }
            let (pairs, last) = row.as_chunks_mut::<COARSER>();
            pairs.iter_mut().zip(near).for_each(|(out, near)| *out = [decided(near); COARSER]);
            last.iter_mut().zip(near.last()).for_each(|(out, near)| *out = decided(near));
        }
        others.chunks_exact_mut(first.len()).for_each(|row| row.copy_from_slice(first));
    }

    /// What is open of them, by the models of that row, and of those above and below.
    fn fill(&self, y: usize, models: [&[Model]; 3], rows: &mut [f32]) {
        let (w, h) = (self.columns.len(), self.near.height);
        let mask = |y: usize| &self.near.data[y * self.near.width..][..self.near.width];
        let masks = [mask(y.saturating_sub(1)), mask(y), mask((y + 1).min(h - 1))];
        let (mut near, mut fitted) = (vec![0.0; self.near.width], vec![[0.0; 4]; self.near.width]);
        for run in self.told.runs(y) {
            let seen = run.start.saturating_sub(1)..(run.end + 1).min(near.len());
            for (k, row) in rows.chunks_mut(w).enumerate() {
                // The first lies a quarter of the way from this row to that above, the second to that below.
                let (above, share) = [(0, 0.75), (1, 0.25)][k];
                for x in seen.clone() {
                    let (a, b) = (masks[above][x], masks[above + 1][x]);
                    near[x] = a + share * (b - a);
                    fitted[x] = mixed(models[above][x], models[above + 1][x], share);
                }
                let pixels = self.work.as_raw()[(y * COARSER + k) * w * 3..].as_chunks::<3>().0;
                for x in run.start * COARSER..(run.end * COARSER).min(w) {
                    let column = self.columns[x];
                    let certain = told(&near, column);
                    let busy = || self.busy.at(x / COARSER, y);
                    if is_sure(certain, busy) {
                        row[x] = f32::from(certain > 0.5);
                        continue;
                    }
                    let (before, after, share) = column;
                    let [a, b, c, rest] = mixed(fitted[before], fitted[after], share);
                    let [r, g, bl] = light(pixels[x]);
                    let end = between(END, busy());
                    row[x] = ramp([end, 1.0 - end], a * r + b * g + c * bl + rest);
                }
            }
        }
    }
}

/// Whether the averaged mask decides a pixel alone, given how busy the wall is there.
#[inline(always)]
fn is_sure(near: f32, busy: impl Fn() -> f32) -> bool {
    // Most pixels are decided before any wall.
    if !(DECIDED..=1.0 - DECIDED).contains(&near) {
        return true;
    }
    let sure = between(SURE, busy()) * OPEN;
    !(sure..=1.0 - sure).contains(&near)
}

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
        /// Every second pixel of so many rows' first tells as much as all of them.
        const ROWS: usize = 4;
        const SOMEWHERE: f32 = 0.02;
        let [square, reach] = AROUND_WALL;
        let (w, h, pixels) = (mask.width, mask.height, half.as_raw().as_chunks::<3>().0);
        let size = [w.div_ceil(square), h.div_ceil(square)];
        let (mut wall, mut changes) =
            (Plane::filled(size[0], size[1], 0.0), Plane::filled(size[0], size[1], 0.0));
        let is_wall = |share: f32| share < 0.01;
        let differs = |a: [u8; 3], b: [u8; 3]| {
            a.iter().zip(b).fold(false, |differs, (a, b)| differs | (a.abs_diff(b) > CHANGE))
        };
        for y in (0..h).step_by(ROWS) {
            let rows = [y, (y + STEP).min(h - 1)];
            let [here, below] = rows.map(|y| &pixels[y * w..][..w]);
            let [mask, mask_below] = rows.map(|y| &mask.data[y * w..][..w]);
            let cells = y / square * size[0]..(y / square + 1) * size[0];
            let (wall, changes) = (&mut wall.data[cells.clone()], &mut changes.data[cells]);
            for x in (y / ROWS % 2..w).step_by(2) {
                if !is_wall(mask[x]) {
                    continue;
                }
                let beside = (x + STEP).min(w - 1);
                let changed = (is_wall(mask[beside]) && differs(here[x], here[beside]))
                    || (is_wall(mask_below[x]) && differs(here[x], below[x]));
                wall[x / square] += 1.0;
                changes[x / square] += f32::from(changed);
            }
        }
        let share = |changes: f32, wall: f32| if wall > 0.1 { ramp(BUSY, changes / wall) } else { 1.0 };
        let wall = wall.blurred(reach);
        let squares = changes.blurred(reach).with(&wall, share);
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
                (0..rows).any(|row| any(&states[row * w..][columns.clone()], |state| *state == State::Open))
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
        // The least cost, and its alpha, what that leaves unexplained, and how far apart its colours are.
        let mut best: Option<[f32; 4]> = None;
        for (front, far) in person {
            for (behind, deep) in wall {
                let (alpha, rest, apart) = unmixed(seen, *front, *behind);
                let cost = rest / (SAME * SAME)
                    + COSTS[0] * (far / nearest_person + deep / nearest_wall)
                    + COSTS[1] * (alpha - own).abs()
                    + COSTS[2] * alpha.min(1.0 - alpha);
                if best.as_ref().is_none_or(|[least, ..]| cost < *least) {
                    best = Some([cost, alpha, rest, apart]);
                }
            }
        }
        let Some([_, alpha, rest, apart]) = best else { return Guess { alpha: own, trust: DOUBT } };
        let trust = (-rest / (2.0 * SAME * SAME)).exp() * ramp(APART, apart);
        // Where the colours do not tell, the mask does.
        Guess { alpha: own + trust * (alpha - own), trust: trust.max(DOUBT) }
    }

    /// The nearest colours of the person, and the nearest two of the wall, in each direction. The directions turn from
    /// square to square, so that neighbours together see more than each alone.
    fn look_around(&self, x: usize, y: usize, seen: &mut Around) {
        let (w, h) = (self.mask.width as i32, self.mask.height as i32);
        seen.person.clear();
        seen.wall.clear();
        for [cos, sin] in &RAYS[x / TOGETHER % 3 + y / TOGETHER % 3 * 3] {
            let (mut met, mut last, mut walls, mut until) = (false, 0, 0, FAR as i32);
            for step in (1..NEAR_STEPS).chain((NEAR_STEPS..FAR as i32).step_by(2)) {
                // 1/1024 of a pixel is near enough.
                let (px, py) = (x as i32 + ((cos * step) >> 10), y as i32 + ((sin * step) >> 10));
                if px < 0 || py < 0 || px >= w || py >= h || (met && walls == 2) || step > until {
                    break;
                }
                let at = (py * w + px) as usize;
                match self.states[at] {
                    State::Person if !met => {
                        add(&mut seen.person, self.colour(at), step as f32);
                        met = true;
                        until = until.min(step + ON);
                    }
                    State::Wall if walls == 0 || (walls == 1 && step >= last + 4) => {
                        add(&mut seen.wall, self.colour(at), step as f32);
                        last = step;
                        until = until.min(step + ON);
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
