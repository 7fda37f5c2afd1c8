//! Neck, ears and clothed shoulders.

use rand::{Rng, SeedableRng, seq::IndexedRandom};
use rand_chacha::ChaCha8Rng;

use super::{
    camera::{Camera, Turn},
    light::{Lamps, linear, picture},
    mesh::{Surface, Vertex, vertex},
    noise::noise2,
    vector::{V3, lerp, ridge, smooth, v3},
};
use crate::looks::{Looks, Shape};

/// What the person wears in a scene.
#[derive(Debug, Clone)]
pub(crate) struct Clothes {
    pub cut: Cut,
    pub colour: V3,
    pub under: V3,
    seed: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cut {
    CrewNeck,
    Shirt,
    Hoodie,
    Jacket,
}

impl Clothes {
    /// Clothes that stand out from any wall drawn here: never pale.
    pub fn draw(seed: u64) -> Clothes {
        const COLOURS: [[f32; 3]; 14] = [
            [0.13, 0.15, 0.20],
            [0.10, 0.17, 0.34],
            [0.40, 0.10, 0.13],
            [0.12, 0.28, 0.22],
            [0.28, 0.28, 0.30],
            [0.20, 0.34, 0.50],
            [0.45, 0.28, 0.17],
            [0.34, 0.16, 0.34],
            [0.10, 0.10, 0.11],
            [0.55, 0.22, 0.16],
            [0.16, 0.38, 0.42],
            [0.42, 0.40, 0.22],
            [0.25, 0.20, 0.16],
            [0.52, 0.30, 0.38],
        ];
        const UNDER: [[f32; 3]; 3] = [[0.86, 0.87, 0.89], [0.62, 0.72, 0.84], [0.80, 0.74, 0.66]];
        let mut rng = ChaCha8Rng::seed_from_u64(seed ^ 0x636c_6f74_6865);
        let cuts = [Cut::CrewNeck, Cut::CrewNeck, Cut::Shirt, Cut::Shirt, Cut::Hoodie, Cut::Jacket];
        Clothes {
            cut: cuts.choose(&mut rng).copied().unwrap_or(Cut::CrewNeck),
            colour: linear(COLOURS.choose(&mut rng).copied().unwrap_or(COLOURS[0])),
            under: linear(UNDER.choose(&mut rng).copied().unwrap_or(UNDER[0])),
            seed: rng.random(),
        }
    }
}

impl Clothes {
    /// The same cut in another colour, inside and out.
    pub fn dyed(mut self, colour: [u8; 3]) -> Clothes {
        self.colour = linear(colour.map(|v| f32::from(v) / 255.0));
        self.under = self.colour;
        self
    }
}

/// Where the neck ends and clothes begin: a slanted ring, lower in front.
fn neck_ring(shape: &Shape, angle: f32) -> V3 {
    let front = angle.cos();
    v3(5.75 * shape.neck * angle.sin(), -13.1 - 1.6 * front, -5.4 + (5.4 * shape.neck) * front)
}

/// Angle 0 is in front, positive to the picture's right; columns run from the back over the left to the back.
fn around(column: f32) -> f32 {
    (column - 0.5) * std::f32::consts::TAU
}

/// A point of the body when the line of the shoulders is lowered, in degrees, on the picture's right.
fn leant(p: V3, degrees: f32) -> V3 {
    if degrees == 0.0 {
        return p;
    }
    const MIDDLE: V3 = v3(0.0, -15.0, -5.4);
    let (s, c) = degrees.to_radians().sin_cos();
    let r = p - MIDDLE;
    MIDDLE + v3(r.x * c + r.y * s, r.y * c - r.x * s, r.z)
}

/// The neck from inside the head down into the collar; its upper end follows the head.
pub(crate) fn neck(looks: &Looks, leaning: f32, turn: &Turn, camera: &Camera) -> Surface {
    let shape = &looks.shape;
    Surface::grid(40, 64, camera, |r, c| {
        let angle = around(c);
        let (s, f) = (angle.sin(), angle.cos());
        let low = neck_ring(shape, angle);
        let high = v3(5.35 * shape.neck * s, -3.0, -5.0 + 4.7 * shape.neck * f);
        let mut p = high.mix(low + v3(-s * 0.8, -3.0, -f * 2.4), r);
        // The neck is slimmest below the jaw; its front carries larynx and muscle.
        let waist = 1.0 - 0.045 * (std::f32::consts::PI * r).sin();
        p.x *= waist;
        let muscle = ridge((angle.abs() - 0.75 + 0.5 * r) / 0.22) * smooth(0.2, 0.6, r);
        let larynx = ridge(angle / 0.16)
            * ridge((r - 0.62) / 0.12)
            * if looks.sex == crate::looks::Sex::Male { 0.42 } else { 0.1 };
        p += v3(s, 0.0, f) * (0.28 * muscle + larynx);
        let follow = smooth(0.95, 0.25, r);
        let mut v = vertex(leant(p, leaning).mix(turn.point(p), follow));
        v.paint = v3(p.x, p.y.min(-9.7) - 1.0, p.z);
        // Under the jaw little light arrives.
        v.extra = 0.62 + 0.38 * smooth(-9.0, -14.5, p.y - 1.6 * (1.0 - f));
        v
    })
}

/// Both ears, as shells with a rim and a hollow.
pub(crate) fn ear(looks: &Looks, right: bool, turn: &Turn, camera: &Camera) -> Surface {
    let shape = &looks.shape;
    let side = if right { 1.0 } else { -1.0 };
    let root = shape.bend(v3(side * 7.55, 0.95, -4.1));
    let spread = shape.ear_spread;
    // Along the ear away from the head, up along it, and out of its face.
    let away = v3(side * spread.sin(), 0.0, -spread.cos());
    let up = v3(side * 0.12, 0.98, -0.18).unit();
    let face = v3(side * spread.cos() * 0.75, 0.0, spread.sin()).unit();
    let size = shape.ear_size;
    let mut surface = Surface::grid(22, 48, camera, |r, c| {
        let r = 1.0 - r;
        let phi = (if right { c } else { 1.0 - c }) * std::f32::consts::TAU;
        let (s, k) = phi.sin_cos();
        // Wide above, narrow at the lobe.
        let wide = 1.75 * (1.0 + 0.14 * s) * if k < 0.0 { 0.8 } else { 1.0 };
        let tall = 3.05;
        let rim = ridge((r - 0.88) / 0.10) * smooth(-0.95, -0.3, s + 0.6 * k.max(0.0));
        let fold = ridge((r - 0.62) / 0.10) * smooth(-0.6, 0.2, k) * 0.7;
        let bowl = (1.0 - smooth(0.0, 0.55, r)) * smooth(-0.9, 0.1, 0.3 - s * 0.4);
        let lobe = smooth(-0.55, -0.95, s) * smooth(0.4, 0.8, r);
        let lift = 0.34 * rim + 0.22 * fold - 0.55 * bowl + 0.18 * lobe - 0.25 * smooth(0.9, 1.0, r);
        let p = root + (away * (1.15 + k * r * wide) + up * (s * r * tall) + face * (lift + 0.1)) * size;
        let mut v = vertex(turn.point(p));
        v.paint = v3(side * 8.7, p.y + s * r, -5.0 + k * r);
        v.extra = 0.92 - 0.42 * bowl + 0.12 * rim - 0.14 * (1.0 - rim) * smooth(0.6, 0.8, r) * (1.0 - lobe);
        v
    });
    // An ear is seen from its face whichever way the grid winds.
    let out = turn.direction(face);
    let mean = surface.vertices.iter().fold(V3::ZERO, |s, v| s + v.normal);
    if mean.dot(out) < 0.0 {
        surface.vertices.iter_mut().for_each(|v| v.normal = -v.normal);
    }
    surface
}

/// Middle of the ear in the room.
pub(crate) fn ear_middle(looks: &Looks, right: bool, turn: &Turn) -> V3 {
    let side = if right { 1.0 } else { -1.0 };
    let root = looks.shape.bend(v3(side * 7.55, 0.95, -4.1));
    let spread = looks.shape.ear_spread;
    turn.point(root + v3(side * spread.sin(), 0.0, -spread.cos()) * (1.4 * looks.shape.ear_size))
}

/// Shoulders and chest. paint is (x, y, distance below the neckline).
pub(crate) fn torso(looks: &Looks, leaning: f32, camera: &Camera) -> Surface {
    // Half width, height, half depth by the way down the shoulder.
    const PROFILE: [[f32; 4]; 9] = [
        [0.0, 5.6, -12.3, 5.2],
        [0.12, 7.0, -13.2, 5.9],
        [0.26, 10.2, -15.0, 6.9],
        [0.40, 14.2, -16.9, 7.8],
        [0.54, 17.9, -19.1, 8.7],
        [0.66, 20.4, -22.3, 9.5],
        [0.76, 21.6, -26.5, 10.4],
        [0.86, 22.2, -33.0, 11.2],
        [1.0, 22.9, -62.0, 11.8],
    ];
    let shape = &looks.shape;
    Surface::grid(80, 96, camera, |r, c| {
        let angle = around(c);
        let k = PROFILE.iter().position(|p| p[0] > r).unwrap_or(PROFILE.len() - 1).max(1);
        // A smooth curve through the profile (Catmull and Rom 1974).
        let at = |i: isize, f: usize| PROFILE[i.clamp(0, PROFILE.len() as isize - 1) as usize][f];
        let i = k as isize - 1;
        let t = ((r - at(i, 0)) / (at(i + 1, 0) - at(i, 0))).clamp(0.0, 1.0);
        let curve = |f: usize| {
            let (a, b, c, d) = (at(i - 1, f), at(i, f), at(i + 1, f), at(i + 2, f));
            0.5 * (2.0 * b
                + (c - a) * t
                + (2.0 * a - 5.0 * b + 4.0 * c - d) * t * t
                + (3.0 * b - a - 3.0 * c + d) * t * t * t)
        };
        let girth = lerp(shape.neck, shape.shoulders, smooth(0.0, 0.4, r));
        let (wide, y, deep) =
            (curve(1) * girth, curve(2), curve(3) * lerp(shape.neck * 1.04, 1.0, smooth(0.0, 0.5, r)));
        // Rounder at the neck, boxier at the shoulders.
        let power = lerp(1.0, 0.78, smooth(0.1, 0.6, r));
        let (s, f) = (angle.sin(), angle.cos());
        let bent = |v: f32| v.signum() * v.abs().powf(power);
        let slope = -2.1 * f * (1.0 - smooth(0.0, 0.75, r))
            - 1.2 * f.max(0.0) * smooth(0.0, 0.35, r) * (1.0 - smooth(0.4, 0.9, r));
        let p =
            v3(wide * bent(s), y + slope, -5.6 + deep * bent(f) + 1.2 * smooth(0.45, 0.9, r) * f.max(0.0));
        let mut v = vertex(leant(p, leaning));
        v.paint = v3(p.x, p.y, r * 14.0);
        v
    })
}

/// The collar around the neck; empty for clothes without one. paint is (angle, way across 0 to 1, 0).
pub(crate) fn collar(looks: &Looks, clothes: &Clothes, leaning: f32, camera: &Camera) -> Option<Surface> {
    let shape = &looks.shape;
    match clothes.cut {
        Cut::CrewNeck => Some(Surface::grid(14, 96, camera, |r, c| {
            let angle = around(c);
            let ring = neck_ring(shape, angle);
            let out = v3(angle.sin(), 0.0, angle.cos());
            let bulge = (r * std::f32::consts::PI).sin() * 0.35;
            let p = ring + out * (0.55 + 1.15 * r + bulge * 0.4) + v3(0.0, 0.35 - 1.5 * r + bulge, 0.0);
            let mut v = vertex(leant(p, leaning));
            v.paint = v3(angle, r, 0.0);
            v
        })),
        Cut::Hoodie => Some(Surface::grid(20, 96, camera, |r, c| {
            let angle = around(c);
            let ring = neck_ring(shape, angle);
            let out = v3(angle.sin(), 0.0, angle.cos());
            let roll = (r * std::f32::consts::PI).sin();
            let back = 0.5 - 0.5 * angle.cos();
            let p = ring
                + out * (0.5 + 2.9 * r + 0.6 * roll)
                + v3(0.0, 0.3 - 2.6 * r + roll * (1.2 + 1.6 * back), 0.0);
            let mut v = vertex(leant(p, leaning));
            v.paint = v3(angle, r, 0.0);
            v
        })),
        Cut::Shirt | Cut::Jacket => Some(Surface::grid(16, 120, camera, |r, c| {
            // Open in front: two leaves whose points lie on the chest.
            let turn = std::f32::consts::TAU * (0.008 + 0.984 * c);
            let angle = if c < 0.5 { turn } else { turn - std::f32::consts::TAU };
            let ring = neck_ring(shape, angle);
            let out = v3(angle.sin(), 0.0, angle.cos());
            let point = ridge(angle / 0.5);
            let standing = 1.6 - 0.7 * point;
            let fall = 3.0 + 3.4 * point;
            let p = ring
                + out * (0.45 + 1.75 * r + 0.35 * (r * std::f32::consts::PI).sin())
                + v3(angle.signum() * point * (0.1 + 2.2 * r), standing - fall * r, point * (0.3 + 1.3 * r));
            let mut v = vertex(leant(p, leaning));
            v.paint = v3(angle, r, 0.0);
            v
        })),
    }
}

/// Colour of cloth on the torso, or `None` where the neckline leaves skin bare.
pub(crate) fn cloth_colour(
    v: &Vertex,
    clothes: &Clothes,
    view: V3,
    lamps: &Lamps,
    open: f32,
    lit: f32,
) -> Option<V3> {
    let (x, y, below) = (v.paint.x, v.paint.y, v.paint.z);
    let s = clothes.seed;
    let front = v.normal.z > -0.2;
    let mut colour = clothes.colour;
    let mut open = open;
    let throat = -14.8;
    // The sleeves' seams and the folds under the arms.
    let arm = x.abs() - 16.2 - 0.06 * (y + 24.0);
    if front && clothes.cut != Cut::Hoodie {
        open *= 1.0 - 0.22 * ridge(arm / 0.14) * smooth(-17.5, -19.0, y);
    }
    open *= 1.0 - 0.5 * ridge(arm / 0.55) * smooth(-27.0, -31.0, y);
    match clothes.cut {
        Cut::CrewNeck | Cut::Hoodie => {}
        Cut::Shirt => {
            let gap = 1.1 + 0.9 * smooth(throat - 4.2, throat, y);
            if front && y > throat - 4.4 && x.abs() < gap * smooth(throat - 4.6, throat - 0.5, y) {
                return None;
            }
            if below < 0.3 {
                return None;
            }
            if front && y < throat - 3.6 {
                let edge = (x.abs() - 1.25).abs();
                open *= 1.0 - 0.4 * ridge(edge / 0.09);
                let step = (y + 21.5).rem_euclid(7.5) - 3.75;
                let button = x.hypot(step);
                colour = colour.mix(clothes.under * 0.8, smooth(0.50, 0.42, button));
                open *= 1.0 - 0.45 * ridge((button - 0.5) / 0.1);
            }
        }
        Cut::Jacket => {
            let depth = (throat - y).max(0.0);
            let opening = (5.4 - depth * 0.235).max(0.0);
            if front && x.abs() < opening {
                let gap = (1.5 - depth * 0.4).max(0.0);
                if depth < 3.8 && x.abs() < gap {
                    return None;
                }
                colour = clothes.under;
                open *= 0.72 + 0.28 * smooth(0.0, 1.6, opening - x.abs());
                open *= 1.0 - 0.3 * ridge((x.abs() - 1.2) / 0.08) * smooth(3.5, 4.5, depth);
            } else if front {
                let lapel = opening + 5.6 * smooth(1.0, 9.0, depth) * smooth(24.0, 8.0, depth);
                let edge = x.abs() - lapel;
                open *= 1.0 - 0.45 * ridge(edge / 0.16) * smooth(1.5, 4.0, depth);
                colour = colour * if edge < 0.0 { 1.10 } else { 1.0 };
            }
            if below < 0.3 {
                return None;
            }
        }
    }
    Some(fabric(v, colour, x, y, s, view, lamps, open, lit))
}

/// Colour of the collar.
pub(crate) fn collar_colour(
    v: &Vertex,
    clothes: &Clothes,
    view: V3,
    lamps: &Lamps,
    open: f32,
    lit: f32,
) -> V3 {
    let (angle, across) = (v.paint.x, v.paint.y);
    let mut open = open;
    let mut colour = clothes.colour;
    match clothes.cut {
        Cut::CrewNeck => {
            let rib = 0.5 + 0.5 * (angle * 95.0).sin();
            open *= 0.84 + 0.16 * rib;
            open *= 1.0 - 0.45 * smooth(0.9, 1.0, across);
        }
        Cut::Hoodie => open *= 1.0 - 0.5 * smooth(0.2, 0.0, across) - 0.3 * smooth(0.92, 1.0, across),
        Cut::Shirt | Cut::Jacket => {
            if clothes.cut == Cut::Jacket {
                colour = clothes.under;
            }
            let seam = ridge((across - 0.90) / 0.012);
            open *= 1.0 - 0.28 * seam - 0.4 * smooth(0.975, 1.0, across);
        }
    }
    fabric(v, colour * 1.04, angle * 6.0, across * 3.0, clothes.seed, view, lamps, open, lit)
}

/// Woven cloth of one colour at (x, y), in cm of the cloth.
#[expect(clippy::too_many_arguments, reason = "one place of cloth and the light on it")]
pub(crate) fn fabric(
    v: &Vertex,
    colour: V3,
    x: f32,
    y: f32,
    seed: u32,
    view: V3,
    lamps: &Lamps,
    open: f32,
    lit: f32,
) -> V3 {
    // Broad folds run down from the shoulders; the weave only breaks the evenness.
    let fold =
        noise2(x * 0.22 + y * 0.06, y * 0.09, seed) + 0.5 * noise2(x * 0.5 - y * 0.12, y * 0.16, seed ^ 3);
    let near = noise2((x + 0.5) * 0.22 + y * 0.06, y * 0.09, seed)
        + 0.5 * noise2((x + 0.5) * 0.5 - y * 0.12, y * 0.16, seed ^ 3);
    let weave = noise2(x * 15.0, y * 15.0, seed ^ 5) - 0.5;
    let n = (v.normal + v3((fold - near) * 1.3 + weave * 0.06, weave * 0.05, 0.0)).unit();
    let albedo = (colour + v3(0.006, 0.006, 0.007)) * (1.0 + 0.16 * weave);
    let mut light = lamps.matt(n, albedo, v3(0.25, 0.25, 0.25), open, lit);
    let fuzz = (1.0 - n.dot(view).max(0.0)).powi(3);
    light += (albedo * 0.25 + v3(0.006, 0.006, 0.006)) * (fuzz * open);
    picture(light)
}
