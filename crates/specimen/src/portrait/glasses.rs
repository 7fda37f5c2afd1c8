//! Glasses: rims, bridge and temples as strokes, lenses as surfaces that may be tinted or reflect a light.

use crate::looks::{Glasses, Looks};

use super::{
    camera::{Camera, Turn},
    head::point,
    light::{linear, picture},
    mesh::{Surface, Vertex, vertex},
    stroke::Stroke,
    vector::{V3, smooth, v3},
};

/// Frames on one head, not yet turned.
pub(crate) struct Frames<'a> {
    glasses: &'a Glasses,
    eyes: [V3; 2],
    front: f32,
}

impl<'a> Frames<'a> {
    /// Frames before the eyes of a bent head.
    pub fn new(glasses: &'a Glasses, rest: &[V3]) -> Frames<'a> {
        let middle = |pair: [usize; 2]| (rest[pair[0]] + rest[pair[1]]) * 0.5;
        Frames {
            glasses,
            eyes: [middle(point::LEFT_EYE), middle(point::RIGHT_EYE)],
            front: rest[168].z.max(rest[6].z) + 0.35,
        }
    }

    /// The lens's middle, across; rims stay clear of the bridge of the nose.
    fn middle(&self, side: usize) -> f32 {
        let eye = self.eyes[side];
        eye.x.signum() * eye.x.abs().max(self.glasses.width + 0.75)
    }

    /// A point of the lens: `angle` round its middle, `out` from 0 in the middle to 1 at the rim.
    fn at(&self, side: usize, angle: f32, out: f32) -> V3 {
        let power = 2.0 / self.glasses.squareness;
        let bent = |v: f32| v.signum() * v.abs().powf(power);
        let x = self.middle(side) + out * self.glasses.width * bent(angle.cos());
        let y = self.eyes[side].y - 0.35 + out * self.glasses.height * bent(angle.sin());
        // Frames curve with the face.
        v3(x, y, self.front - 0.035 * x * x)
    }

    /// One lens. paint is (right, up) of its middle in halves of its width and height, and its width in cm.
    pub fn lens(&self, side: usize, turn: &Turn, camera: &Camera) -> Surface {
        let middle = v3(self.middle(side), self.eyes[side].y - 0.35, 0.0);
        Surface::grid(8, 64, camera, |r, c| {
            let p = self.at(side, c * std::f32::consts::TAU, r * 0.985);
            let away = p - middle;
            let paint =
                v3(away.x / self.glasses.width, away.y / self.glasses.height, 2.0 * self.glasses.width);
            Vertex { paint, ..vertex(turn.point(p)) }
        })
    }
}

/// What a lens does to the light.
#[derive(Debug, Clone)]
pub(crate) struct Lens {
    /// sRGB of the tint, 0 to 1.
    pub tint: [f32; 3],
    /// Share of light that the tint keeps back, 0 to 1, in the upper half; the lower half keeps back `lower` of that.
    pub dark: f32,
    pub lower: f32,
    pub glare: Option<Glare>,
}

/// The reflection of a light in a lens.
#[derive(Debug, Clone)]
pub(crate) struct Glare {
    /// Its middle in halves of the lens's width and height.
    pub at: (f32, f32),
    /// Its half axes in cm.
    pub size: (f32, f32),
    pub turn: f32,
    /// 2 a round lamp to 8 a window.
    pub squareness: f32,
    pub bright: f32,
}

impl Lens {
    /// What is laid over the face behind, and how much of it.
    pub fn colour(&self, v: &Vertex) -> (V3, f32) {
        let (x, y, wide) = (v.paint.x, v.paint.y, v.paint.z * 0.5);
        let dark = self.dark * (self.lower + (1.0 - self.lower) * smooth(-0.6, 0.4, y));
        let tint = picture(linear(self.tint));
        let Some(glare) = &self.glare else { return (tint, dark) };
        let (dx, dy) = ((x - glare.at.0) * wide, (y - glare.at.1) * wide * 0.75);
        let (s, c) = glare.turn.sin_cos();
        let (u, w) = ((dx * c + dy * s) / glare.size.0, (dy * c - dx * s) / glare.size.1);
        let k = glare.squareness;
        let d = (u.abs().powf(k) + w.abs().powf(k)).powf(1.0 / k);
        // A bright middle with a soft rim, and a faint veil around it.
        let light = glare.bright * smooth(1.12, 0.86, d) + 0.10 * glare.bright * smooth(2.6, 1.0, d);
        let light = light.min(1.0);
        let cover = 1.0 - (1.0 - dark) * (1.0 - light);
        if cover <= 0.0 {
            return (tint, 0.0);
        }
        let mixed = (tint * (dark * (1.0 - light)) + v3(0.985, 0.99, 1.0) * light) * (1.0 / cover);
        (mixed, cover)
    }
}

/// Rims, bridge and temples, with the faint shadow that rims throw.
pub(crate) fn strokes(frames: &Frames, looks: &Looks, turn: &Turn, camera: &Camera, out: &mut Vec<Stroke>) {
    let glasses = frames.glasses;
    let colour = picture(linear(glasses.frame));
    let place = |p: V3| turn.point(p);
    let mut line = |a: V3, b: V3, rim: f32, alpha: f32, colour: V3| {
        let (a, b) = (place(a), place(b));
        let scale = camera.scale_at(a.z);
        out.push(Stroke::between(camera, a, b, rim * scale, rim * scale, colour, alpha));
    };
    let outline = |side: usize, k: usize| frames.at(side, k as f32 / 64.0 * std::f32::consts::TAU, 1.0);
    let shade = v3(0.18, 0.10, 0.08);
    let (rim, soft) = (glasses.rim, glasses.rim * 2.2 + 0.25);
    for side in 0..2 {
        for k in 0..64 {
            let down = v3(0.0, -0.28, -0.8);
            line(outline(side, k) + down, outline(side, k + 1) + down, soft, 0.014, shade);
        }
    }
    for side in 0..2 {
        for k in 0..64 {
            line(outline(side, k), outline(side, k + 1), rim, 0.97, colour);
        }
        for k in 6..26 {
            let up = v3(0.0, rim * 0.22, 0.02);
            line(outline(side, k) + up, outline(side, k + 1) + up, rim * 0.22, 0.28, v3(1.0, 1.0, 1.0));
        }
        let (x, eye) = (frames.middle(side), frames.eyes[side]);
        let sign = x.signum();
        let reach = x.abs() + glasses.width;
        let hinge = v3(x + sign * glasses.width, eye.y + 0.35, frames.front - 0.035 * reach.powi(2));
        let ear = v3(sign * 7.75 * looks.shape.width, eye.y + 0.9, -4.2);
        line(hinge, ear, rim.max(0.12), 0.95, colour);
    }
    let inner = |side: usize| {
        let x = frames.middle(side);
        v3(x - x.signum() * glasses.width, frames.eyes[side].y + 0.15, frames.front - 0.02)
    };
    let (a, b) = (inner(0), inner(1));
    let top = (a + b) * 0.5 + v3(0.0, 0.28, 0.1);
    for (from, to) in
        [(a, a.mix(top, 0.6)), (a.mix(top, 0.6), top), (top, b.mix(top, 0.6)), (b.mix(top, 0.6), b)]
    {
        line(from, to, rim.max(0.1), 0.97, colour);
    }
}
