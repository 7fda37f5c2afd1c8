//! `background_clear`: whether things, other people or a shadow are behind the person.

use super::{
    Reading, Subject,
    groups::groups,
    wall::{CELL, Cell, Wall, cells_about},
};
use crate::{colour, face::Point, matte::BACKGROUND};

/// What departs from the wall's own smoothly lit colour hangs together in groups. `things`: area of the largest group whose
/// colour is another than the wall's, in hundredths of a square with the face's width as its side. `shadow`: how much darker
/// (L*) than the wall the darkest group is that has the wall's colour and at least the area of an ear; 0 without one. The wall's
/// texture alone is `background_uniform`. ISO/IEC 29794-5 has only the uniformity.
pub(super) fn measure(subject: &Subject<'_>, wall: &Wall) -> Reading {
    let mut kinds = kinds(wall);
    taken_for_hair(subject, wall, &mut kinds);
    let unit = (subject.framing.head.width / CELL as f32).powi(2);
    let ear = (0.03 * unit) as usize + 1;
    let (mut things, mut shadow) = (Vec::new(), (0.0f64, Vec::new()));
    let kind = |i: usize| Some(kinds[i].0).filter(|kind| *kind != Kind::Wall);
    for group in groups(wall.size, true, kind) {
        if kinds[group[0]].0 == Kind::Thing {
            if group.len() > things.len() {
                things = group;
            }
        } else if group.len() >= ear {
            let mut drops: Vec<f64> = group.iter().map(|i| kinds[*i].1).collect();
            let rank = drops.len() * 3 / 4;
            let drop = *drops.select_nth_unstable_by(rank, f64::total_cmp).1;
            if drop > shadow.0 {
                shadow = (drop, group);
            }
        }
    }
    Reading::from(vec![("things", 100.0 * things.len() as f64 / f64::from(unit)), ("shadow", shadow.0)])
        .with("things", wall.area(subject, &things))
        .with("shadow", wall.area(subject, &shadow.1))
}

/// What a cell shows.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    /// Not looked at, or the wall.
    Wall,
    /// The wall's colour with less light.
    Shadow,
    /// Another colour.
    Thing,
}

/// Kind, and drop of L*, of each cell of the working copy.
fn kinds(wall: &Wall) -> Vec<(Kind, f64)> {
    let mut kinds = vec![(Kind::Wall, 0.0); wall.size[0] * wall.size[1]];
    for cell in &wall.cells {
        kinds[cell.place[1] * wall.size[0] + cell.place[0]] = kind(wall, cell);
    }
    kinds
}

fn kind(wall: &Wall, cell: &Cell) -> (Kind, f64) {
    const DARKER: f64 = 4.0;
    const OTHER: f64 = 8.0;
    let wall = wall.wide.at(cell);
    let [l, a, b] = wall;
    let drop = l - cell.lab[0];
    // Less light takes colourfulness down in step with lightness.
    let share = ((cell.lab[0] + 16.0) / (l + 16.0)).clamp(0.0, 1.5);
    let [a, b] = [cell.lab[1] - a * share, cell.lab[2] - b * share];
    let tint = (a * a + b * b).sqrt();
    let of_wall = drop > 0.0 && tint < 3.0 + 0.12 * drop;
    let kind = match (of_wall, drop > DARKER) {
        (true, true) => Kind::Shadow,
        (true, false) => Kind::Wall,
        _ if cell.apart(wall) > OTHER => Kind::Thing,
        _ => Kind::Wall,
    };
    (kind, drop)
}

/// A shadow close to the head is easily taken for hair and kept with the person. Hair has strands; a shadow is as smooth as the wall.
fn taken_for_hair(subject: &Subject<'_>, wall: &Wall, kinds: &mut [(Kind, f64)]) {
    /// Drop of L* beyond which it is dark hair.
    const DARK: f64 = 42.0;
    /// Most that brightness, 0..255, goes up and down in a cell without strands.
    const SMOOTH: f32 = 9.0;
    /// Farthest from the face's middle that hair is looked for, in widths of the face.
    const MOST: f32 = 1.2;
    let (head, alpha) = (&subject.framing.head, &subject.matte.alpha);
    let around = [-MOST, MOST].map(|beside| {
        let x = head.middle + beside * head.width;
        [head.hair_top, head.chin].map(|y| head.in_work(Point { x, y }))
    });
    let [columns, rows] = cells_about(around.as_flattened(), wall.size);
    for y in rows {
        for x in columns.clone() {
            let middle = [x, y].map(|k| k * CELL + CELL / 2);
            if alpha.at(middle[0], middle[1]) < BACKGROUND {
                continue;
            }
            let centre = Point { x: middle[0] as f32, y: middle[1] as f32 };
            let at = head.upright(centre);
            let beside = (at.x - head.middle).abs() / head.width;
            let of_head = at.y > head.hair_top && at.y < head.chin && (0.45..MOST).contains(&beside);
            if !of_head || !subject.framing.shows(centre) {
                continue;
            }
            let pixels = &subject.work.pixels;
            let luma = (0..CELL * CELL).map(|i| {
                let (dx, dy) = ((i % CELL) as u32, (i / CELL) as u32);
                colour::luma(pixels.get_pixel((x * CELL) as u32 + dx, (y * CELL) as u32 + dy).0)
            });
            let (least, most) = luma.fold((f32::MAX, 0.0f32), |(a, b), v| (a.min(v), b.max(v)));
            if most - least > SMOOTH {
                continue;
            }
            let (kind, drop) = kind(wall, &Cell::read(subject, [x, y], wall.size));
            if kind == Kind::Shadow && drop < DARK {
                kinds[y * wall.size[0] + x] = (kind, drop);
            }
        }
    }
}
