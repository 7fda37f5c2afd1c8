//! Which pixels of a plane are marked, a bit for each.

use std::ops::Range;

use crate::plane::Plane;

/// Marks of the pixels of a plane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Marked {
    width: usize,
    height: usize,
    /// Each row begins with a number of its own; the first pixel is the last bit.
    words: Vec<u64>,
}

const BITS: usize = u64::BITS as usize;

/// Each bit alone.
const ONES: [u32; 32] = {
    let (mut ones, mut k) = ([0; 32], 0);
    while k < ones.len() {
        ones[k] = 1 << k;
        k += 1;
    }
    ones
};

impl Marked {
    /// Marks row by row: `marks` is given a row and a range of at most 64 of its columns, of which the first is its answer's last bit.
    pub fn of([width, height]: [usize; 2], mut marks: impl FnMut(usize, Range<usize>) -> u64) -> Marked {
        let starts = |y| (0..width).step_by(BITS).map(move |x| (y, x..(x + BITS).min(width)));
        let words = (0..height).flat_map(starts).map(|(y, columns)| marks(y, columns)).collect();
        Marked { width, height, words }
    }

    /// Those pixels of a plane whose values pass.
    pub fn where_passes(plane: &Plane, passes: impl Fn(f32) -> bool) -> Marked {
        /// So many at a time.
        const SOME: usize = 32;
        let mark = |values: &[f32; SOME]| {
            let marks = values.iter().zip(ONES).map(|(value, one)| if passes(*value) { one } else { 0 });
            u64::from(marks.fold(0, |word, mark| word | mark))
        };
        Marked::of([plane.width, plane.height], |y, columns| {
            let (many, rest) = plane.data[y * plane.width..][columns].as_chunks();
            let last = rest.iter().enumerate().fold(0, |word, (x, v)| word | u64::from(passes(*v)) << x);
            let words = many.iter().map(mark).chain([last]).zip((0..).step_by(SOME));
            // Nothing is left over after sixty-four.
            words.filter(|(_, at)| *at < BITS).fold(0, |all, (word, at)| all | word << at)
        })
    }

    /// Those marked pixels that hang together, side by side, with the pixel (x, y).
    pub fn connected(&self, (x, y): (usize, usize)) -> Marked {
        let mut found = Marked { words: vec![0; self.words.len()], ..*self };
        let runs: Vec<Vec<Range<usize>>> = (0..self.height).map(|y| self.runs(y).collect()).collect();
        let mut taken: Vec<Vec<bool>> = runs.iter().map(|runs| vec![false; runs.len()]).collect();
        // Run by run: each is taken whole, and those that touch it above and below are open.
        let mut open: Vec<(usize, Range<usize>)> = vec![(y, x..x + 1)];
        while let Some((y, touched)) = open.pop() {
            let (Some(runs), Some(taken)) = (runs.get(y), taken.get_mut(y)) else { continue };
            let first = runs.partition_point(|run| run.end <= touched.start);
            for (run, taken) in runs[first..].iter().zip(&mut taken[first..]) {
                if run.start >= touched.end {
                    break;
                }
                if !std::mem::replace(taken, true) {
                    found.mark(y, run.clone());
                    open.extend(y.checked_sub(1).map(|above| (above, run.clone())));
                    open.push((y + 1, run.clone()));
                }
            }
        }
        found
    }

    /// Marks a run of a row.
    fn mark(&mut self, y: usize, run: Range<usize>) {
        let length = self.width.div_ceil(BITS);
        for (i, word) in self.words[y * length..][..length].iter_mut().enumerate() {
            let [from, to] = [run.start, run.end].map(|x| x.saturating_sub(i * BITS).min(BITS));
            let below = |x: usize| if x == BITS { u64::MAX } else { (1 << x) - 1 };
            *word |= below(to) & !below(from);
        }
    }

    fn row(&self, y: usize) -> &[u64] {
        let length = self.width.div_ceil(BITS);
        &self.words[y * length..][..length]
    }

    /// Whether nothing is marked.
    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }

    /// Also what lies within so many rows and columns of a mark; at most 63.
    pub fn widened(&self, by: usize) -> Marked {
        let by = by.min(BITS - 1);
        let mut widened = Marked { words: Vec::with_capacity(self.words.len()), ..*self };
        let mut down = vec![0; self.width.div_ceil(BITS)];
        for y in 0..self.height {
            down.fill(0);
            for near in y.saturating_sub(by)..(y + by + 1).min(self.height) {
                down.iter_mut().zip(self.row(near)).for_each(|(word, near)| *word |= near);
            }
            for (i, own) in down.iter().enumerate() {
                let before = i.checked_sub(1).map_or(0, |i| down[i]);
                let after = down.get(i + 1).copied().unwrap_or_default();
                let last = (self.width - i * BITS).min(BITS);
                let along = (1..=by).fold(*own, |word, far| {
                    word | own << far | own >> far | before >> (BITS - far) | after << (BITS - far)
                });
                widened.words.push(along & u64::MAX >> (BITS - last));
            }
        }
        widened
    }

    /// The runs of marked pixels of a row.
    pub fn runs(&self, y: usize) -> impl Iterator<Item = Range<usize>> {
        let row = self.row(y);
        // The first place from `x` on whose mark is another than `value`.
        let until = move |x: usize, value: u64| {
            let mut bits = (row.get(x / BITS)? ^ value) >> (x % BITS) << (x % BITS);
            let mut word = x / BITS;
            while bits == 0 {
                word += 1;
                bits = row.get(word)? ^ value;
            }
            Some(word * BITS + bits.trailing_zeros() as usize)
        };
        let mut x = 0;
        std::iter::from_fn(move || {
            let from = until(x, 0)?;
            x = until(from, u64::MAX).map_or(self.width, |to| to.min(self.width));
            Some(from..x)
        })
    }
}

/// What of a row of so many pixels lies between some runs.
pub(crate) fn between(
    runs: impl Iterator<Item = Range<usize>>,
    width: usize,
) -> impl Iterator<Item = Range<usize>> {
    let mut from = 0;
    let ends = std::iter::once(width..width);
    runs.chain(ends)
        .map(move |run| std::mem::replace(&mut from, run.end)..run.start)
        .filter(|gap| !gap.is_empty())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_hangs_together_is_what_a_walk_from_the_place_reaches(
            width in 1usize..140,
            height in 1usize..9,
            values in prop::collection::vec(0.0f32..1.0, 140 * 9),
            place in (0usize..140, 0usize..9),
        ) {
            let plane = Plane::from_fn(width, height, |x, y| values[y * width + x]);
            let passes = |value: f32| value > 0.35;
            let place = (place.0 % width, place.1 % height);
            let found = plane.connected(place, passes);
            let mut reached = vec![false; width * height];
            let mut open = vec![place];
            while let Some((x, y)) = open.pop() {
                let inside = x < width && y < height && passes(plane.at(x, y));
                if inside && !std::mem::replace(&mut reached[y * width + x], true) {
                    open.extend([(x + 1, y), (x, y + 1), (x.wrapping_sub(1), y), (x, y.wrapping_sub(1))]);
                }
            }
            for y in 0..height {
                let found: Vec<usize> = found.runs(y).flatten().collect();
                let expected: Vec<usize> = (0..width).filter(|x| reached[y * width + x]).collect();
                prop_assert_eq!(found, expected);
            }
        }

        #[test]
        fn a_pixel_is_marked_with_what_lies_near(
            width in 1usize..200,
            height in 1usize..12,
            by in 0usize..8,
            marks in prop::collection::vec((0usize..200, 0usize..12), 0..12),
        ) {
            let marks: Vec<_> = marks.into_iter().filter(|(x, y)| *x < width && *y < height).collect();
            let marked = Marked::of([width, height], |y, columns| {
                let own = columns.clone().filter(|x| marks.contains(&(*x, y)));
                own.fold(0, |word, x| word | 1 << (x - columns.start))
            });
            let widened = marked.widened(by);
            for y in 0..height {
                let found: Vec<usize> = widened.runs(y).flatten().collect();
                let near = |x: &usize| marks.iter().any(|(mx, my)| mx.abs_diff(*x) <= by && my.abs_diff(y) <= by);
                let expected: Vec<usize> = (0..width).filter(near).collect();
                prop_assert_eq!(found, expected);
                let gaps: Vec<usize> = between(widened.runs(y), width).flatten().collect();
                prop_assert_eq!(gaps, (0..width).filter(|x| !near(x)).collect::<Vec<usize>>());
                // Runs do not touch.
                let runs: Vec<_> = widened.runs(y).collect();
                prop_assert!(runs.iter().zip(runs.iter().skip(1)).all(|(a, b)| a.end < b.start));
            }
        }
    }
}
