//! The wall behind the person as the photo shows it: cells of background, and the smoothly lit colour that most of them have.

use std::ops::Range;

use super::{
    Area, Subject,
    groups::{groups, largest},
};
use crate::{
    colour,
    face::Point,
    marked::{Marked, between},
    matte::BACKGROUND,
    plane::Plane,
};

/// The background is looked at in cells of this many pixels of the working copy.
pub(crate) const CELL: usize = 4;

/// How far beyond the photo's frame the wall is looked at, in shares of its width.
const BEYOND: f32 = 0.3;

/// The cells of background clear of the person.
pub(crate) struct Wall {
    /// Those inside the photo's frame.
    pub cells: Vec<Cell>,
    /// Column and row of those a little beyond it.
    beyond: Vec<[usize; 2]>,
    /// Surface of those inside.
    pub surface: Surface,
    /// Surface of all: a shadow that fills one side of the frame does not bend it.
    pub wide: Surface,
    /// Cells of the whole working copy, across and down.
    pub size: [usize; 2],
}

/// A cell of background.
pub(crate) struct Cell {
    /// Place, −1..1 over the working copy.
    pub x: f64,
    pub y: f64,
    /// Column and row.
    pub place: [usize; 2],
    /// Its mean colour, CIELAB.
    pub lab: [f64; 3],
}

impl Wall {
    /// The wall of a subject; `None` with too little background.
    pub fn of(subject: &Subject<'_>) -> Option<Wall> {
        let (inside, beyond, size) = background(subject);
        if inside.len() < 150 {
            return None;
        }
        let cells: Vec<Cell> = inside.into_iter().map(|place| Cell::read(subject, place, size)).collect();
        let surface = Surface::robust(&cells.iter().step_by(thinned(cells.len())).collect::<Vec<_>>());
        let step = thinned(cells.len() + beyond.len());
        let others = beyond.iter().skip((step - cells.len() % step) % step).step_by(step);
        let others: Vec<Cell> = others.map(|place| Cell::read(subject, *place, size)).collect();
        let wide = Surface::robust(&cells.iter().step_by(step).chain(&others).collect::<Vec<_>>());
        Some(Wall { cells, beyond, surface, wide, size })
    }

    /// All cells, also those beyond the photo's frame, with how far they depart from the wall's colour.
    pub fn departures(&self, subject: &Subject<'_>) -> impl Iterator<Item = ([usize; 2], f64)> {
        let beyond = self.beyond.iter().map(|place| {
            let cell = Cell::read(subject, *place, self.size);
            (*place, self.wide.departure(&cell))
        });
        self.cells.iter().map(|cell| (cell.place, self.wide.departure(cell))).chain(beyond)
    }

    /// Where some cells lie, given by their numbers in the working copy; `None` of none.
    pub fn area(&self, subject: &Subject<'_>, cells: &[usize]) -> Option<Area> {
        Area::of_cells(subject, cells, self.size[0], CELL)
    }

    /// Where the most squares of the wall inside the frame hang together whose cells have a value of at least so much in the mean;
    /// one value for each cell.
    pub fn region(
        &self,
        subject: &Subject<'_>,
        values: impl Iterator<Item = f64>,
        least: f64,
    ) -> Option<Area> {
        /// Cells along a square's side.
        const SQUARE: usize = 8;
        let [columns, rows] = self.size.map(|side| side.div_ceil(SQUARE));
        let mut sums = vec![(0.0f64, 0.0f64); columns * rows];
        for (cell, value) in self.cells.iter().zip(values) {
            let (sum, count) = &mut sums[cell.place[1] / SQUARE * columns + cell.place[0] / SQUARE];
            *sum += value;
            *count += 1.0;
        }
        let beyond = |i: usize| (sums[i].1 > 0.0 && sums[i].0 / sums[i].1 >= least).then_some(());
        let squares = largest(groups([columns, rows], true, beyond));
        Area::of_cells(subject, &squares, columns, SQUARE * CELL)
    }
}

/// A thousand cells say as much as all of them; the step shares no factor with a row's length for long.
fn thinned(cells: usize) -> usize {
    cells / 1000 + 1
}

/// Column and row of a cell.
type Place = [usize; 2];

/// The cells of background inside the photo's frame, those a little beyond it, and how many cells there are across and down.
fn background(subject: &Subject<'_>) -> (Vec<Place>, Vec<Place>, [usize; 2]) {
    let alpha = &subject.matte.alpha;
    let (cw, ch) = (alpha.width / CELL, alpha.height / CELL);
    let cover = Plane::from_rows(cw, ch, |y, covered| {
        for row in alpha.data.chunks_exact(alpha.width).skip(y * CELL).take(CELL) {
            for (covered, alphas) in covered.iter_mut().zip(row.chunks_exact(CELL)) {
                // The most of them instead of any: without an early end there is nothing to guess wrong.
                let most =
                    alphas.iter().fold(0.0, |most: f32, alpha| if *alpha > most { *alpha } else { most });
                *covered = if most > BACKGROUND { 1.0 } else { *covered };
            }
        }
    });
    // Loose hair and the matte's own uncertainty reach a little beyond the person.
    let margin = (0.07 * subject.framing.head.width / CELL as f32).ceil() as usize;
    let near = Marked::where_passes(&cover, |cover| cover > 0.0).widened(margin);
    let (mut inside, mut beyond) = (Vec::new(), Vec::new());
    let wide = BEYOND * subject.framing.size[0] as f32;
    let corners = [-wide, subject.framing.size[0] as f32 + wide]
        .map(|x| [0.0, subject.framing.size[1] as f32].map(|y| subject.framing.in_work(Point { x, y })));
    let [columns, rows] = cells_about(corners.as_flattened(), [cw, ch]);
    for y in rows {
        for x in between(near.runs(y), cw).flatten().filter(|x| columns.contains(x)) {
            let centre = Point { x: (x as f32 + 0.5) * CELL as f32, y: (y as f32 + 0.5) * CELL as f32 };
            if subject.framing.shows(centre) {
                inside.push([x, y]);
            } else if subject.framing.shows_within(centre, wide) {
                beyond.push([x, y]);
            }
        }
    }
    (inside, beyond, [cw, ch])
}

/// The columns and rows of cells that hold some places of the working copy, and all between them, of so many across and down.
pub(super) fn cells_about(places: &[Point], size: [usize; 2]) -> [Range<usize>; 2] {
    [0, 1].map(|k| {
        let along = |p: &Point| [p.x, p.y][k] / CELL as f32;
        let least = places.iter().map(along).fold(f32::MAX, f32::min).max(0.0) as usize;
        let most = places.iter().map(along).fold(0.0, f32::max) as usize + 1;
        least.min(size[k])..most.min(size[k])
    })
}

/// A quadratic surface for each of L*, a*, b*.
pub(crate) struct Surface([[f64; 6]; 3]);

impl Surface {
    /// Least squares, three times, each time leaving out more of the cells that depart most: what stands before the wall
    /// does not bend the wall.
    fn robust(cells: &[&Cell]) -> Surface {
        let mut surface = Surface::fit(cells.iter().copied());
        for keep in [0.8, 0.7] {
            let mut departures: Vec<f64> = cells.iter().map(|c| surface.departure(c)).collect();
            let rank = (departures.len() as f64 * keep) as usize;
            let (_, bound, _) = departures.select_nth_unstable_by(rank, f64::total_cmp);
            let bound = bound.max(2.0);
            surface = Surface::fit(cells.iter().copied().filter(|c| surface.departure(c) <= bound));
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

    pub fn at(&self, cell: &Cell) -> [f64; 3] {
        let basis = cell.basis();
        self.0.map(|k| k.iter().zip(basis).map(|(k, b)| k * b).sum())
    }

    pub fn departure(&self, cell: &Cell) -> f64 {
        cell.apart(self.at(cell))
    }
}

impl Cell {
    /// The cell at a column and row of a working copy that has so many of them.
    pub fn read(subject: &Subject<'_>, place: [usize; 2], size: [usize; 2]) -> Cell {
        const HALF: usize = CELL / 2;
        let table = colour::linear_table();
        let half = &subject.work.half;
        let width = half.width() as usize;
        let mut sum = [0.0f32; 3];
        for row in place[1] * HALF..(place[1] + 1) * HALF {
            let at = (row * width + place[0] * HALF) * 3;
            for pixel in half.as_raw()[at..at + HALF * 3].as_chunks::<3>().0 {
                for (s, byte) in sum.iter_mut().zip(pixel) {
                    *s += table[usize::from(*byte)];
                }
            }
        }
        let along = |k: usize| 2.0 * place[k] as f64 / size[k] as f64 - 1.0;
        let lab = colour::lab(sum.map(|s| s / (HALF * HALF) as f32)).map(f64::from);
        Cell { x: along(0), y: along(1), place, lab }
    }

    /// How far its colour is from another, ΔE.
    pub fn apart(&self, other: [f64; 3]) -> f64 {
        self.lab.iter().zip(other).map(|(a, b)| (a - b) * (a - b)).sum::<f64>().sqrt()
    }

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
            .map(|(x, y)| Cell { x, y, place: [0, 0], lab: colour(x, y) })
            .collect()
    }

    #[test]
    fn light_falling_off_along_a_wall_is_no_departure() {
        let cells = wall(|x, y| [70.0 + 10.0 * x - 4.0 * y * y, 2.0, 5.0]);
        let surface = Surface::robust(&cells.iter().collect::<Vec<_>>());
        assert!(cells.iter().all(|c| surface.departure(c) < 0.3));
    }

    #[test]
    fn an_object_before_the_wall_departs_and_does_not_bend_it() {
        let cells = wall(|x, y| if x > 0.5 && y > 0.4 { [30.0, 20.0, 0.0] } else { [80.0, 0.0, 4.0] });
        let surface = Surface::robust(&cells.iter().collect::<Vec<_>>());
        assert!(cells.iter().all(|c| (surface.departure(c) > 30.0) == (c.lab[0] < 50.0)));
    }
}
