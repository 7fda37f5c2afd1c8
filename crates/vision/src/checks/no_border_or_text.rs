//! `no_border_or_text`: whether somebody laid bars around the picture or writing over it.

use image::RgbImage;

use super::{
    Area, Reading, Subject,
    groups::{groups, largest},
};
use crate::{face::Point, matte::BACKGROUND, work::thirds};

/// `border`: width of the widest bar of one colour along an edge of the capture, as a share of its shorter side; 0 without
/// one. `text`: how many squares of background that touch, sides a seventh of the face's width, hold thin strokes both upright
/// and level, as characters do. Writing over the person is not counted: clothes may bear some. ISO/IEC 29794-5 has neither.
pub(super) fn measure(subject: &Subject<'_>) -> Reading {
    let (border, bar) = subject.bars.widest(&subject.capture.pixels);
    let (text, squares) = strokes(subject);
    Reading::from(vec![("border", border), ("text", text)]).with("border", bar).with("text", squares)
}

/// Lines along an edge, by distance from it.
struct Edge<'a> {
    picture: &'a RgbImage,
    /// 0 left, 1 top, 2 right, 3 bottom.
    side: usize,
}

impl Edge<'_> {
    const SAMPLES: u32 = 64;

    fn line(&self, depth: u32) -> impl Iterator<Item = [u8; 3]> + '_ {
        let (w, h) = self.picture.dimensions();
        (0..Self::SAMPLES).map(move |i| {
            let along = |side: u32| ((2 * i + 1) * side) / (2 * Self::SAMPLES);
            let (x, y) = match self.side {
                0 => (depth, along(h)),
                1 => (along(w), depth),
                2 => (w - 1 - depth, along(h)),
                _ => (along(w), h - 1 - depth),
            };
            self.picture.get_pixel(x, y).0
        })
    }

    /// How many lines from the edge on are of one colour, where these end all at once; 0 where they do not.
    fn bar(&self, most: u32) -> u32 {
        const ALIKE: i32 = 14;
        const OTHER: i32 = 24;
        const STRIDE: usize = 4;
        let mut lines: Vec<[u8; 3]> = self.line(0).collect();
        lines.sort_by_key(|p| p.iter().map(|v| u32::from(*v)).sum::<u32>());
        let colour = lines[lines.len() / 2];
        let apart =
            |p: [u8; 3]| p.iter().zip(colour).map(|(a, b)| (i32::from(*a) - i32::from(b)).abs()).max();
        let share = |depth: u32, test: &dyn Fn(i32) -> bool| {
            self.line(depth).filter(|p| apart(*p).is_some_and(test)).count() as f32 / Self::SAMPLES as f32
        };
        let other = |depth: &u32| share(*depth, &|d| d <= ALIKE) < 0.95;
        // In strides first: before an even wall there is no end.
        let Some(beyond) = (0..most).step_by(STRIDE).find(other) else { return 0 };
        let depth = ((beyond + 1).saturating_sub(STRIDE as u32)..beyond).find(other).unwrap_or(beyond);
        // An edge is smeared over a few lines by scaling and compression.
        let after = (depth + 3).min(most);
        if depth >= 2 && share(after, &|d| d >= OTHER) > 0.7 { depth } else { 0 }
    }
}

/// The bars along the edges of a picture: width in pixels, 0 of none; left, top, right, bottom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bars([u32; 4]);

impl Bars {
    /// Those of a picture.
    pub fn of(picture: &RgbImage) -> Bars {
        let shorter = picture.width().min(picture.height());
        if shorter < 64 {
            return Bars([0; 4]);
        }
        Bars([0, 1, 2, 3].map(|side| Edge { picture, side }.bar(shorter / 5)))
    }

    /// Width of the widest one as a share of the picture's shorter side, and where it lies.
    fn widest(self, picture: &RgbImage) -> (f64, Option<Area>) {
        let (side, widest) =
            (0..4).map(|side| (side, self.0[side])).max_by_key(|(_, width)| *width).unwrap_or((0, 0));
        let (w, h, bar) = (picture.width() as f32, picture.height() as f32, widest as f32);
        let [left, top, right, bottom] =
            [[0.0, 0.0, bar, h], [0.0, 0.0, w, bar], [w - bar, 0.0, w, h], [0.0, h - bar, w, h]][side];
        let place = Area::around([Point { x: left, y: top }, Point { x: right, y: bottom }]);
        (f64::from(widest) / f64::from(picture.width().min(picture.height())), (widest > 0).then_some(place))
    }

    /// Whether they lie along two edges at least, which are straight as nothing photographed is.
    pub(super) fn are_laid(self) -> bool {
        self.0.iter().filter(|width| **width > 0).count() >= 2
    }
}

/// How many squares with strokes touch, and where they lie.
fn strokes(subject: &Subject<'_>) -> (f64, Option<Area>) {
    /// A stroke differs from both sides by this much, and by so many times what neighbours usually differ by.
    const STANDS_OUT: (i32, i32) = (14, 6);
    /// Pixels of the working copy that are averaged into one, so that grain is none.
    const SHRINK: usize = 3;
    /// Every second of those is looked at.
    const STEP: usize = 2;
    let face = subject.framing.head.width / SHRINK as f32;
    let small = thirds(&subject.work.pixels);
    let [w, h] = [small.width(), small.height()].map(|side| side as usize);
    let raw = small.as_raw();
    let alpha = &subject.matte.alpha;
    let square = (face / 7.0).max(6.0) as usize;
    let reach = (0.04 * face).max(2.0) as usize;
    let middle = SHRINK / 2;
    let clear = |x: usize, y: usize| alpha.at(x * SHRINK + middle, y * SHRINK + middle) < BACKGROUND;
    let at = |x: usize, y: usize| -> [i32; 3] {
        let i = (y * w + x) * 3;
        [raw[i], raw[i + 1], raw[i + 2]].map(i32::from)
    };
    let mut usual: Vec<i32> = (reach..h.saturating_sub(reach))
        .step_by(7)
        .flat_map(|y| (reach..w).step_by(7).map(move |x| (x, y)))
        .filter(|(x, y)| clear(*x, *y) && clear(x - reach, *y))
        .map(|(x, y)| (0..3).map(|c| (at(x, y)[c] - at(x - reach, y)[c]).abs()).max().unwrap_or(0))
        .collect();
    if usual.is_empty() {
        return (0.0, None);
    }
    let rank = usual.len() / 2;
    let stands_out = STANDS_OUT.0.max(STANDS_OUT.1 * *usual.select_nth_unstable(rank).1);
    let stroke = |here: [u8; 3], a: [u8; 3], b: [u8; 3]| {
        (0..3).any(|c| {
            let [here, a, b] = [here, a, b].map(|pixel| i32::from(pixel[c]));
            let (p, q) = (here - a, here - b);
            let least = p.abs().min(q.abs());
            least >= stands_out && p.signum() == q.signum() && (p - q).abs() < least
        })
    };
    let columns = w.div_ceil(square);
    let rows = h.div_ceil(square);
    let mut counts = vec![[0u32; 3]; columns * rows];
    for y in (reach..h.saturating_sub(reach)).step_by(STEP) {
        let rows = [y, y - reach, y + reach];
        let [here, above, below] = rows.map(|y| raw[y * w * 3..][..w * 3].as_chunks::<3>().0);
        let shares = rows.map(|y| &alpha.data[(y * SHRINK + middle) * alpha.width..][..alpha.width]);
        let clear = |row: usize, x: usize| shares[row][x * SHRINK + middle] < BACKGROUND;
        for x in (reach..w.saturating_sub(reach)).step_by(STEP) {
            let beside = [x - reach, x + reach];
            if !(clear(0, x) && clear(1, x) && clear(2, x) && beside.iter().all(|x| clear(0, *x))) {
                continue;
            }
            let count = &mut counts[y / square * columns + x / square];
            count[0] += 1;
            count[1] += u32::from(stroke(here[x], here[beside[0]], here[beside[1]]));
            count[2] += u32::from(stroke(here[x], above[x], below[x]));
        }
    }
    let least = (square / STEP).pow(2) as u32 / 3;
    let holds = |c: &[u32; 3]| c[0] >= least && c[1] * 20 >= c[0] && c[2] * 20 >= c[0];
    // Writing is a row of them.
    let squares = largest(groups([columns, rows], true, |i| holds(&counts[i]).then_some(())));
    (squares.len() as f64, Area::of_cells(subject, &squares, columns, square * SHRINK))
}

#[cfg(test)]
mod tests {
    use image::Rgb;

    use super::*;

    #[test]
    fn bars_are_found_and_a_wall_with_a_head_before_it_has_none() {
        let wall = |x: u32, y: u32| {
            let head = (x as i32 - 150).pow(2) + (y as i32 - 260).pow(2) < 90 * 90;
            if head { Rgb([90, 60, 50]) } else { Rgb([200 + (x % 3) as u8, 203, 205 - (y % 4) as u8]) }
        };
        let clean = RgbImage::from_fn(300, 400, wall);
        let barred_above =
            RgbImage::from_fn(300, 400, |x, y| if (12..388).contains(&y) { wall(x, y) } else { Rgb([0; 3]) });
        let (none, above_and_below) = (Bars::of(&clean), Bars::of(&barred_above));
        assert_eq!((none.widest(&clean), none.are_laid()), ((0.0, None), false));
        assert_eq!((above_and_below, above_and_below.are_laid()), (Bars([0, 12, 0, 12]), true));
    }
}
