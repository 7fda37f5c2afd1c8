//! `background_uniform`: whether the wall behind the person is of one colour.

use super::{Parts, Subject};
use crate::{colour, face::Point, matte::BACKGROUND, plane::Plane};

/// The background is looked at in cells of this many pixels of the working copy.
const CELL: usize = 4;

/// How far the background inside the photo's frame departs from one smoothly lit colour, in CIELAB (ΔE 1976), over cells of
/// 4 × 4 pixels clear of the person: `texture`: nine of ten cells depart less than this from the best quadratic surface
/// through the background's colours, which takes up the falling-off of light along a wall. `objects`: share of cells that
/// depart by more than 12. `range`: how far that surface itself goes, between its darkest and lightest tenth. After the
/// background uniformity of ISO/IEC 29794-5, which takes gradients instead. `None` with too little background.
pub(super) fn measure(subject: &Subject<'_>) -> Option<Parts> {
    let cells = background(subject);
    if cells.len() < 150 {
        return None;
    }
    let surface = Surface::robust(&cells);
    let mut departures: Vec<f64> = cells.iter().map(|c| surface.departure(c)).collect();
    departures.sort_by(f64::total_cmp);
    let count = departures.len();
    let objects = departures.iter().filter(|d| **d > 12.0).count() as f64 / count as f64;
    let mut light: Vec<f64> = cells.iter().map(|c| surface.at(c)[0]).collect();
    light.sort_by(f64::total_cmp);
    Some(vec![
        ("texture", departures[count * 9 / 10]),
        ("objects", objects),
        ("range", light[count * 9 / 10] - light[count / 10]),
    ])
}

/// A cell of background: its place, −1..1, and its colour in CIELAB.
struct Cell {
    x: f64,
    y: f64,
    lab: [f64; 3],
}

fn background(subject: &Subject<'_>) -> Vec<Cell> {
    let alpha = &subject.matte.alpha;
    let (cw, ch) = (alpha.width / CELL, alpha.height / CELL);
    let cover = Plane::from_fn(cw, ch, |x, y| {
        let mut most = 0.0f32;
        for yy in 0..CELL {
            for xx in 0..CELL {
                most = most.max(alpha.at(x * CELL + xx, y * CELL + yy));
            }
        }
        if most > BACKGROUND { 1.0 } else { 0.0 }
    });
    // Loose hair and the matte's own uncertainty reach a little beyond the person.
    let margin = (0.07 * subject.framing.head.width / CELL as f32).ceil() as usize;
    let near = cover.blurred(margin);
    let raw = subject.work.pixels.as_raw();
    let table = colour::linear_table();
    let mut cells = Vec::new();
    for y in 0..ch {
        for x in 0..cw {
            let centre = Point { x: (x as f32 + 0.5) * CELL as f32, y: (y as f32 + 0.5) * CELL as f32 };
            if near.at(x, y) > 1e-4 || !subject.framing.shows(centre) {
                continue;
            }
            let mut sum = [0.0f32; 3];
            for yy in 0..CELL {
                for xx in 0..CELL {
                    let i = ((y * CELL + yy) * alpha.width + x * CELL + xx) * 3;
                    for (s, byte) in sum.iter_mut().zip(&raw[i..i + 3]) {
                        *s += table[usize::from(*byte)];
                    }
                }
            }
            let lab = colour::lab(sum.map(|s| s / (CELL * CELL) as f32)).map(f64::from);
            cells.push(Cell {
                x: 2.0 * x as f64 / cw as f64 - 1.0,
                y: 2.0 * y as f64 / ch as f64 - 1.0,
                lab,
            });
        }
    }
    cells
}

/// A quadratic surface for each of L*, a*, b*.
struct Surface([[f64; 6]; 3]);

impl Surface {
    /// Least squares, three times, each time leaving out more of the cells that depart most: what stands before the wall
    /// does not bend the wall.
    fn robust(cells: &[Cell]) -> Surface {
        let mut surface = Surface::fit(cells.iter());
        for keep in [0.8, 0.7] {
            let mut departures: Vec<f64> = cells.iter().map(|c| surface.departure(c)).collect();
            let rank = (departures.len() as f64 * keep) as usize;
            let (_, bound, _) = departures.select_nth_unstable_by(rank, f64::total_cmp);
            let bound = bound.max(2.0);
            surface = Surface::fit(cells.iter().filter(|c| surface.departure(c) <= bound));
        }
        surface
    }

    fn fit<'a>(cells: impl Iterator<Item = &'a Cell>) -> Surface {
        let mut normal = [[0.0; 6]; 6];
        let mut right = [[0.0; 6]; 3];
        for cell in cells {
            let basis = cell.basis();
            for i in 0..6 {
                for j in 0..6 {
                    normal[i][j] += basis[i] * basis[j];
                }
                for (column, value) in right.iter_mut().zip(cell.lab) {
                    column[i] += basis[i] * value;
                }
            }
        }
        // A trace of ridge keeps a narrow strip of background from swinging.
        let weight = normal[0][0];
        for (i, row) in normal.iter_mut().enumerate().skip(1) {
            row[i] += 1e-3 * weight;
        }
        Surface(right.map(|column| solve(normal, column)))
    }

    fn at(&self, cell: &Cell) -> [f64; 3] {
        let basis = cell.basis();
        self.0.map(|k| k.iter().zip(basis).map(|(k, b)| k * b).sum())
    }

    fn departure(&self, cell: &Cell) -> f64 {
        let expected = self.at(cell);
        cell.lab.iter().zip(expected).map(|(a, b)| (a - b) * (a - b)).sum::<f64>().sqrt()
    }
}

impl Cell {
    fn basis(&self) -> [f64; 6] {
        [1.0, self.x, self.y, self.x * self.x, self.x * self.y, self.y * self.y]
    }
}

/// Gaussian elimination with pivoting.
fn solve(mut a: [[f64; 6]; 6], mut b: [f64; 6]) -> [f64; 6] {
    for column in 0..6 {
        let pivot =
            (column..6).max_by(|i, j| a[*i][column].abs().total_cmp(&a[*j][column].abs())).unwrap_or(column);
        a.swap(column, pivot);
        b.swap(column, pivot);
        let pivot_row = a[column];
        let lead = pivot_row[column];
        if lead.abs() < 1e-12 {
            continue;
        }
        for row in 0..6 {
            if row != column {
                let factor = a[row][column] / lead;
                for (value, above) in a[row].iter_mut().zip(pivot_row) {
                    *value -= factor * above;
                }
                b[row] -= factor * b[column];
            }
        }
    }
    std::array::from_fn(|i| if a[i][i].abs() < 1e-12 { 0.0 } else { b[i] / a[i][i] })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wall(colour: impl Fn(f64, f64) -> [f64; 3]) -> Vec<Cell> {
        (0..40)
            .flat_map(|y| (0..30).map(move |x| (f64::from(x) / 15.0 - 1.0, f64::from(y) / 20.0 - 1.0)))
            .map(|(x, y)| Cell { x, y, lab: colour(x, y) })
            .collect()
    }

    #[test]
    fn light_falling_off_along_a_wall_is_no_departure() {
        let cells = wall(|x, y| [70.0 + 10.0 * x - 4.0 * y * y, 2.0, 5.0]);
        let surface = Surface::robust(&cells);
        assert!(cells.iter().all(|c| surface.departure(c) < 0.3));
    }

    #[test]
    fn an_object_before_the_wall_departs_and_does_not_bend_it() {
        let cells = wall(|x, y| if x > 0.5 && y > 0.4 { [30.0, 20.0, 0.0] } else { [80.0, 0.0, 4.0] });
        let surface = Surface::robust(&cells);
        assert!(cells.iter().all(|c| (surface.departure(c) > 30.0) == (c.lab[0] < 50.0)));
    }
}
