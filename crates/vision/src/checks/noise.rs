//! `noise`: how much grain the photo will show.

use super::{Parts, Subject};
use crate::{
    colour,
    plane::{self, Plane},
};

/// Grain is read off tiles of this many pixels of the working copy.
const TILE: usize = 12;

/// `grain`: standard deviation of the brightness's grain, steps of 255, at the photo's resolution, in the calmer third of the tiles
/// about the face, of which every second row is looked at (Immerkær, Fast noise variance estimation, 1996: what a mask insensitive to
/// slopes leaves). `blotches`: the same of colour (the larger of B−Y and R−Y), in cells of 3 × 3 pixels, where a phone's own denoising
/// leaves it. ISO/IEC 29794-5 has no such component. `None` with too few tiles that are neither black nor burnt out.
pub(super) fn measure(subject: &Subject<'_>) -> Option<Parts> {
    let head = &subject.framing.head;
    let pixels = &subject.work.pixels;
    let (w, h) = (pixels.width() as usize, pixels.height() as usize);
    let reach = |from: f32, to: f32, most: usize| (from.max(0.0) as usize, (to.max(0.0) as usize).min(most));
    let (left, right) = reach(head.eyes.x - 0.9 * head.width, head.eyes.x + 0.9 * head.width, w);
    let (top, bottom) =
        reach(head.eyes.y + head.hair_top - 0.2 * head.width, head.eyes.y + 1.2 * head.chin, h);
    let (width, height) = (right.saturating_sub(left), bottom.saturating_sub(top));
    let row = |y: usize| pixels.as_raw()[((top + y) * w + left) * 3..][..width * 3].as_chunks().0;
    let mut lumas = Plane::filled(width, TILE, 0.0);
    let (mut grain, mut blotches) = (Vec::new(), Vec::new());
    // Every second row of tiles tells as much.
    for y in (0..height.saturating_sub(TILE)).step_by(2 * TILE) {
        for (y, lumas) in (y..).zip(lumas.data.chunks_exact_mut(width.max(1))) {
            colour::lumas(row(y), lumas);
        }
        for x in (0..width.saturating_sub(TILE)).step_by(TILE) {
            let mut tile = [[0.0f32; TILE]; TILE];
            let mut tint = [[[0.0f32; TILE / 3]; TILE / 3]; 2];
            for (j, tile) in tile.iter_mut().enumerate() {
                tile.copy_from_slice(&lumas.data[j * width + x..][..TILE]);
                let cells = row(y + j)[x..].as_chunks::<3>().0.iter().zip(tile.as_chunks::<3>().0);
                for (i, (three, luma)) in cells.enumerate() {
                    let [r, b] = [0, 2].map(|c| three.iter().map(|pixel| u16::from(pixel[c])).sum::<u16>());
                    let luma: f32 = luma.iter().sum();
                    tint[0][j / 3][i] += f32::from(r) - luma;
                    tint[1][j / 3][i] += f32::from(b) - luma;
                }
            }
            let mean = plane::sum(tile.as_flattened()) / (TILE * TILE) as f32;
            if (25.0..=235.0).contains(&mean) {
                grain.push(residue(&tile));
                // Sums of nine.
                blotches.push(residue(&tint[0]).max(residue(&tint[1])) / 9.0);
            }
        }
    }
    if grain.len() < 10 {
        return None;
    }
    // Where the photo has fewer pixels than the working copy, several are averaged into one.
    let shrunk = f64::from(subject.framing.scale.min(1.0));
    let calm = |mut values: Vec<f32>| {
        let rank = values.len() / 3;
        f64::from(*values.select_nth_unstable_by(rank, f32::total_cmp).1)
    };
    Some(vec![("grain", calm(grain) * shrunk), ("blotches", calm(blotches) * shrunk)])
}

/// Standard deviation of the grain in a tile.
pub(super) fn residue<const N: usize>(tile: &[[f32; N]; N]) -> f32 {
    // Column by column: a single sum would wait for itself.
    let mut sums = [0.0f32; N];
    for y in 1..N - 1 {
        for x in 1..N - 1 {
            let corners = tile[y - 1][x - 1] + tile[y - 1][x + 1] + tile[y + 1][x - 1] + tile[y + 1][x + 1];
            let sides = tile[y - 1][x] + tile[y + 1][x] + tile[y][x - 1] + tile[y][x + 1];
            sums[x] += (corners - 2.0 * sides + 4.0 * tile[y][x]).abs();
        }
    }
    let sum: f32 = sums.iter().sum();
    (std::f32::consts::PI / 2.0).sqrt() * sum / (6.0 * ((N - 2) * (N - 2)) as f32)
}
