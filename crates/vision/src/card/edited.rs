//! `card_not_edited`: whether a row of values was laid over the picture afterwards.

use super::ink::Row;
use super::layout::{Seen, Side};
use super::rectify::Flat;
use super::{emblem, measure, portrait};

/// How unlike the rest of the card one row of values is, 0 for not at all, of the most unlike one, with its place in millimetres: how much
/// less grain its paper has, or how much sharper its print is than the other rows', as binary logarithms of the ratios. A patch of plain
/// colour has no grain, and print set on it afterwards no blur. More grain tells nothing, compression makes it beside print; and print is a
/// little sharper by itself ([`USUAL`]) where it is fine. `None` where too little paper is seen. A picture without grain anywhere, of sharp print, tells nothing.
pub(super) fn patch(seen: &Seen) -> Option<(f32, [f32; 4])> {
    let rows: Vec<Row> = match seen.side {
        Side::Portrait => portrait::printed_rows(&seen.flat),
        Side::Emblem => emblem::printed_rows(&seen.flat),
    };
    let grains: Vec<(f32, [f32; 4])> = rows
        .iter()
        .filter_map(|row| {
            let area = row.padded(0.3, 0.3);
            Some((grain(&seen.flat, area)?, area))
        })
        .collect();
    let sharper = sharpest(&seen.flat, &rows).map(|(sharper, row)| (sharper - USUAL, row.padded(0.3, 0.3)));
    // The card around the rows tells what is usual.
    let usual = grain(&seen.flat, [3.0, 3.0, 82.6, 51.0])?;
    let lost = |grain: f32| ((usual + LEAST) / (grain + LEAST)).log2().max(0.0);
    let grains = grains.into_iter().map(|(grain, area)| (lost(grain), area));
    grains.chain(sharper).max_by(|a, b| a.0.total_cmp(&b.0))
}

/// By how much a row's print may be sharper than the others' without a change, as a binary logarithm.
const USUAL: f32 = 0.32;

/// By how much the print of the sharpest row is sharper than that of the middle one of the others, as the binary logarithm of the ratio of
/// their blurs; none with less than two rows.
fn sharpest(flat: &Flat, rows: &[Row]) -> Option<(f32, Row)> {
    let blur = |row: &Row| Some((measure::blur_in(&flat.black, row.padded(0.4, 0.4))?, *row));
    let mut blurs: Vec<(f32, Row)> = rows.iter().filter_map(blur).collect();
    blurs.sort_by(|a, b| a.0.total_cmp(&b.0));
    let ((least, row), others) = blurs.split_first()?;
    let (middle, _) = others.get(others.len() / 2)?;
    Some(((middle / least).log2(), *row))
}

/// Grain, in grey levels, that is as good as none.
const LEAST: f32 = 0.25;
/// Fewest pixels of paper that tell.
const FEWEST: usize = 400;

/// Standard deviation of what paper has beyond the slope of its surroundings, in grey levels: the median of a second difference in both
/// directions, over places without print.
fn grain(flat: &Flat, area: [f32; 4]) -> Option<f32> {
    let [left, top, right, bottom] = super::rectify::pixels_of(&flat.black, area).map(|v| v as usize);
    let (width, height) = (flat.black.width() as usize, flat.black.height() as usize);
    let (left, top) = (left.max(3), top.max(3));
    let (right, bottom) = (right.min(width - 3), bottom.min(height - 3));
    let (ink, colour) = (flat.ink.as_raw(), flat.colour.as_raw().as_chunks::<3>().0);
    let luma = |i: usize| {
        let [r, g, b] = colour[i].map(i32::from);
        r + 2 * g + b
    };
    let mut counts = vec![0u32; 1024];
    let mut count = 0usize;
    for y in (top..bottom).step_by(2) {
        for x in (left..right).step_by(2) {
            let i = y * width + x;
            let paper = [i, i - 3, i + 3, i - 3 * width, i + 3 * width].iter().all(|k| ink[*k] > 228);
            if !paper {
                continue;
            }
            // Four times the value in the middle less those two pixels away, in quarters of a grey level.
            let around = luma(i - 2) + luma(i + 2) + luma(i - 2 * width) + luma(i + 2 * width);
            counts[(4 * luma(i) - around).unsigned_abs().min(1023) as usize] += 1;
            count += 1;
        }
    }
    if count < FEWEST {
        return None;
    }
    let mut below = 0;
    let middle = counts.iter().position(|n| {
        below += *n as usize;
        2 * below >= count
    })?;
    // Of independent noise the difference has √20 times the deviation; the median is 0.67 of it; luma is four times the mean.
    Some(middle as f32 / (4.0 * 0.6745 * 20.0f32.sqrt()))
}
