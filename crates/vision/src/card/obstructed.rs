//! `card_obstructed`: what lies on the card's print and is no card.

use super::layout::Side;
use super::rectify::Flat;

/// Where a side prints what is read, with its labels, in millimetres.
fn zones(side: Side) -> [[f32; 4]; 2] {
    match side {
        Side::Portrait => [[4.5, 4.5, 52.0, 41.0], [4.5, 43.5, 81.5, 50.0]],
        Side::Emblem => [[29.0, 4.5, 78.0, 24.5], [19.0, 37.5, 72.0, 50.0]],
    }
}

/// Where a side bears a picture, whose colours say nothing.
fn pictured(side: Side) -> [f32; 4] {
    match side {
        Side::Portrait => [53.0, 5.0, 81.5, 40.0],
        Side::Emblem => [4.5, 4.0, 24.5, 24.0],
    }
}

/// How far the ground's colour may be from the card's, in natural logarithms of the ratio of two channels: skin is twice as far.
const HUE: f32 = 0.13;
/// How dark it may be against the card around, in natural logarithms. A shadow takes half of the light.
const DARK: f32 = -1.0;
/// Fewest cells that are a thing.
const FEWEST: usize = 4;

/// Share of the printed zones under something that is no card, 0 to 1, and around where. The ground's colour, in cells of 2 mm, is held against
/// a surface of the second degree through that of the whole card, which follows the light and the card's own tints; what departs
/// from it in hue, or is much darker, is something else.
pub(super) fn covered(flat: &Flat, side: Side) -> (f32, Option<[f32; 4]>) {
    let ground = &flat.ground;
    let within = |[left, top, right, bottom]: [f32; 4], (x, y): (f32, f32)| {
        x > left && x < right && y > top && y < bottom
    };
    let middle = |i: usize| {
        let at = |cell: usize| (cell as f32 + 0.5) * ground.side;
        (at(i % ground.columns), at(i / ground.columns))
    };
    let own: Vec<usize> = (0..ground.cells.len())
        .filter(|i| {
            let at = middle(*i);
            let whole = [0.0, 0.0, 85.0, 53.5];
            let reach = 0.5 * ground.side;
            let inside =
                [(-reach, -reach), (reach, -reach), (reach, reach), (-reach, reach)].iter().all(|d| {
                    let (x, y) = ((at.0 + d.0), (at.1 + d.1));
                    let px = |mm: f32| (mm * super::rectify::PER_MM).max(0.0) as u32;
                    flat.seen.get_pixel_checked(px(x), px(y)).is_some_and(|seen| seen[0] > 0)
                });
            within(whole, at) && !within(pictured(side), at) && inside
        })
        .collect();
    let hues = |i: usize| {
        let [r, g, b] = ground.cells[i].map(|c| (c + 2.0).ln());
        [r - g, b - g, g]
    };
    let zoned = |i: usize| zones(side).iter().any(|zone| within(*zone, middle(i)));
    let Some(surface) = Surface::through(&own, &middle, &hues) else { return (0.0, None) };
    let mut strange = vec![false; ground.cells.len()];
    for &i in &own {
        let [red, blue, light] = surface.departure(middle(i), hues(i));
        strange[i] = red.abs() > HUE || blue.abs() > HUE || light < DARK;
    }
    let mut covered = Vec::new();
    for thing in things(&strange, ground.columns) {
        if thing.len() >= FEWEST {
            covered.extend(thing.into_iter().filter(|i| zoned(*i)));
        }
    }
    let all = own.iter().filter(|i| zoned(**i)).count();
    let half = ground.side / 2.0;
    let around = covered.iter().map(|i| middle(*i)).fold(
        [f32::MAX, f32::MAX, f32::MIN, f32::MIN],
        |[left, top, right, bottom], (x, y)| {
            [left.min(x - half), top.min(y - half), right.max(x + half), bottom.max(y + half)]
        },
    );
    (covered.len() as f32 / all.max(1) as f32, (!covered.is_empty()).then_some(around))
}

/// Cells that hang together by their sides.
fn things(strange: &[bool], columns: usize) -> Vec<Vec<usize>> {
    let mut left = strange.to_vec();
    let mut found = Vec::new();
    for start in 0..left.len() {
        if !left[start] {
            continue;
        }
        left[start] = false;
        let mut thing = vec![start];
        let mut next = 0;
        while let Some(&i) = thing.get(next) {
            next += 1;
            let column = i % columns;
            let beside = [
                (column > 0).then(|| i - 1),
                (column + 1 < columns).then_some(i + 1),
                i.checked_sub(columns),
                Some(i + columns).filter(|i| *i < left.len()),
            ];
            for k in beside.into_iter().flatten() {
                if left[k] {
                    left[k] = false;
                    thing.push(k);
                }
            }
        }
        found.push(thing);
    }
    found
}

/// Three surfaces of the second degree over the card.
struct Surface {
    coefficients: [[f64; 3]; 6],
}

/// The terms of the second degree at a place on the card.
fn terms((x, y): (f32, f32)) -> [f64; 6] {
    let (x, y) = (f64::from(x) / 42.8 - 1.0, f64::from(y) / 27.0 - 1.0);
    [1.0, x, y, x * x, x * y, y * y]
}

impl Surface {
    /// Through most of the cells, by least squares: those farthest away are left out, three times.
    fn through(
        cells: &[usize],
        place: &dyn Fn(usize) -> (f32, f32),
        value: &dyn Fn(usize) -> [f32; 3],
    ) -> Option<Surface> {
        let mut kept = cells.to_vec();
        let mut surface = Surface::fitted(&kept, place, value)?;
        for _ in 0..4 {
            let far = |i: usize| {
                let [red, blue, light] = surface.departure(place(i), value(i));
                // A shadow's edge is no reason to leave a cell out before a strange hue is.
                red.abs().max(blue.abs()).max(0.15 * light.abs())
            };
            let mut distances: Vec<(f32, usize)> = cells.iter().map(|i| (far(*i), *i)).collect();
            distances.sort_by(|a, b| a.0.total_cmp(&b.0));
            let usual = distances.get(distances.len() / 2)?.0;
            kept = distances.iter().take_while(|d| d.0 <= (3.0 * usual).max(0.02)).map(|d| d.1).collect();
            surface = Surface::fitted(&kept, place, value)?;
        }
        Some(surface)
    }

    fn fitted(
        cells: &[usize],
        place: &dyn Fn(usize) -> (f32, f32),
        value: &dyn Fn(usize) -> [f32; 3],
    ) -> Option<Surface> {
        // Normal equations with three right sides, solved by elimination.
        let mut rows = [[0.0f64; 9]; 6];
        for &i in cells {
            let (terms, values) = (terms(place(i)), value(i));
            for (row, of_row) in rows.iter_mut().zip(terms) {
                row.iter_mut().zip(terms).for_each(|(sum, term)| *sum += of_row * term);
                row[6..].iter_mut().zip(values).for_each(|(sum, value)| *sum += of_row * f64::from(value));
            }
        }
        for pivot in 0..6 {
            let best = (pivot..6).max_by(|a, b| rows[*a][pivot].abs().total_cmp(&rows[*b][pivot].abs()))?;
            rows.swap(pivot, best);
            if rows[pivot][pivot].abs() < 1e-9 {
                return None;
            }
            for other in 0..6 {
                if other != pivot {
                    let factor = rows[other][pivot] / rows[pivot][pivot];
                    let from = rows[pivot];
                    rows[other].iter_mut().zip(from).for_each(|(value, from)| *value -= factor * from);
                }
            }
        }
        let coefficients = std::array::from_fn(|i| std::array::from_fn(|k| rows[i][6 + k] / rows[i][i]));
        Some(Surface { coefficients })
    }

    /// How far values at a place are from the surfaces.
    fn departure(&self, place: (f32, f32), values: [f32; 3]) -> [f32; 3] {
        let terms = terms(place);
        std::array::from_fn(|k| {
            let expected: f64 = self.coefficients.iter().zip(terms).map(|(c, term)| c[k] * term).sum();
            values[k] - expected as f32
        })
    }
}
