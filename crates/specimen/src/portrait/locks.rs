//! Locks of hair that hang over brows, eyes or ears.

use crate::looks::Looks;

use super::{
    camera::{Camera, Turn},
    head::{SKULL, SKULL_AXES},
    mesh::{Surface, vertex},
    vector::{V3, lerp, smooth, v3},
};

/// Hair that falls over a part of the head, in canonical cm.
#[derive(Debug, Clone)]
pub(crate) enum Lock {
    /// Over the forehead, from x to x, down to height `end`.
    Fringe { from: f32, to: f32, end: f32 },
    /// Over one side of the head: forward to `edge` (the x where it begins, before the ear's 7.6 to 9.2), down to `end`.
    Curtain { right: bool, edge: f32, end: f32 },
}

/// One shell of a lock (`level` 0 innermost to 1 outermost), painted as hanging hair.
pub(crate) fn surface(lock: &Lock, looks: &Looks, level: f32, turn: &Turn, camera: &Camera) -> Surface {
    match *lock {
        Lock::Fringe { from, to, end } => fringe(looks, from, to, end, level, turn, camera),
        Lock::Curtain { right, edge, end } => curtain(looks, right, edge, end, level, turn, camera),
    }
}

/// How far the skull's shape reaches forward at (x, y), `more` cm larger all round; below its widest it hangs straight.
fn before_skull(x: f32, y: f32, more: f32) -> f32 {
    let (ax, ay, az) = (SKULL_AXES.x + more, SKULL_AXES.y + more, SKULL_AXES.z + more);
    let up = ((y - SKULL.y).max(0.0) / ay).min(0.99);
    SKULL.z + az * (1.0 - (x / ax).powi(2) - up * up).max(0.0).sqrt()
}

fn fringe(looks: &Looks, from: f32, to: f32, end: f32, level: f32, turn: &Turn, camera: &Camera) -> Surface {
    Surface::grid(40, 60, camera, |r, c| {
        let (x, y) = (lerp(from, to, c), lerp(11.8, end, r));
        // Thicker where it leaves the scalp; always before the brow's ridge.
        let out = 0.55 + 0.5 * looks.shape.brow_ridge.max(0.0) + (0.15 + 0.5 * smooth(6.0, 9.5, y)) * level;
        let sides = smooth(5.5, 7.0, x.abs());
        let p = v3(x, y, before_skull(x, y, out) + 0.55 * (1.0 - sides) * smooth(8.0, 5.0, y));
        let mut v = vertex(turn.point(looks.shape.bend(p)));
        // Its sides end in strands as its lower edge does.
        let inside = (x - from).min(to - x);
        v.paint = v3(x * 1.3 + 40.0, y, ((y - end) * 1.6).min(inside * 1.4));
        v.extra = 1.0;
        v
    })
}

fn curtain(
    looks: &Looks,
    right: bool,
    edge: f32,
    end: f32,
    level: f32,
    turn: &Turn,
    camera: &Camera,
) -> Surface {
    let side = if right { 1.0 } else { -1.0 };
    Surface::grid(60, 40, camera, |r, c| {
        let y = lerp(9.5, end, r);
        let fall = smooth(6.5, 1.5, y);
        let width = looks.shape.width;
        // At the scalp it follows the skull; from there it hangs outside the ear.
        let angle = lerp(1.05, 2.2, c);
        let skull = v3(
            (SKULL_AXES.x + 0.7 + level * 0.6)
                * angle.sin()
                * (1.0 - ((y - SKULL.y).max(0.0) / 10.4).powi(2)).max(0.0).sqrt(),
            y,
            SKULL.z + 10.2 * angle.cos(),
        );
        let bow = (c * std::f32::consts::PI).sin();
        let hung =
            v3(lerp(edge, 9.6, c.sqrt()) + 0.5 * bow + 0.35 * level, y, lerp(-0.6, -7.5, c) + 0.3 * level);
        let p = skull.mix(hung, fall);
        let p = v3(side * p.x * width, p.y, p.z);
        let follow = smooth(-22.0, -6.0, y);
        let mut v = vertex(p.mix(turn.point(p), follow));
        v.paint = v3(angle * 8.5 + if right { 0.0 } else { 60.0 }, y, (y - end).min(c * 9.0 + 0.35));
        v.extra = 0.72 + 0.28 * smooth(0.0, 0.3, c);
        // Strands lie outward, whichever way the grid winds.
        v.normal = V3::ZERO;
        v
    })
}
