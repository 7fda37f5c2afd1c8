//! One person in one picture: the bent, moved and turned head with all that belongs to it, ready to be seen.

use crate::looks::{HairStyle, Looks};

use super::{
    Landmarks, Pose,
    body::{self, Clothes},
    camera::{Camera, Turn},
    extras::Extras,
    eye,
    glasses::{self, Frames},
    hair::{HairPaint, SHELLS},
    head::{Head, Morph, Part, SKULL, point},
    headwear::{self, Headwear},
    light::{Lamps, linear, picture},
    locks,
    mesh::{Surface, Vertex, vertex},
    noise::{hash, unit},
    skin::{SkinPaint, beard_zone},
    stroke::Stroke,
    vector::{V3, lerp, smooth, v3},
};

/// What a surface is made of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Material {
    Skin,
    LidRim,
    LipRim,
    Eyeball { inner: f32 },
    Cavity,
    Teeth,
    Tongue,
    Cloth,
    Collar,
    ScalpHair { level: f32 },
    HangingHair { level: f32 },
    Beard { level: f32 },
    Lens,
    Headwear,
    Brim,
}

/// A person ready to be seen.
pub(crate) struct Figure {
    pub solid: Vec<(Material, Surface)>,
    /// See-through shells, from the inside out.
    pub shells: Vec<(Material, Surface)>,
    /// Brows and lashes, then glasses.
    pub strokes: Vec<Stroke>,
    pub landmarks: Landmarks,
    pub camera: Camera,
    pub lamps: Lamps,
    turn: Turn,
    skin: SkinPaint,
    hair: HairPaint,
    clothes: Clothes,
    extras: Extras,
    looks: Looks,
    seed: u32,
}

/// How a person holds face and head, and where.
#[derive(Debug, Clone)]
pub(crate) struct Stance {
    pub pose: Pose,
    pub morphs: Vec<(Morph, f32)>,
    pub camera: Camera,
    pub clothes: Clothes,
    pub extras: Extras,
}

impl Figure {
    pub fn new(looks: &Looks, stance: &Stance, lamps: Lamps) -> Figure {
        let head = Head::get();
        let canon = head.canon();
        let moved = head.moved(&stance.morphs);
        let shape = &looks.shape;
        let rest: Vec<V3> = moved.iter().map(|&p| shape.bend(p)).collect();
        let turn = Turn::new(stance.pose);
        let camera = stance.camera;
        let posed: Vec<V3> = rest.iter().map(|&p| turn.point(p)).collect();
        let seed = hash(looks.seed as u32 ^ (looks.seed >> 32) as u32);
        let amount = |m: Morph| stance.morphs.iter().find(|x| x.0 == m).map_or(0.0, |x| x.1);
        let (shut, open) = (amount(Morph::CloseEyes), amount(Morph::OpenMouth));

        let vertices: Vec<Vertex> =
            posed.iter().zip(&canon).map(|(&at, &paint)| Vertex { paint, ..vertex(at) }).collect();
        let skin_triangles: Vec<[u32; 3]> =
            head.triangles.iter().filter(|t| t.1 == Part::Skin).map(|t| t.0).collect();
        let rim_triangles: Vec<[u32; 3]> =
            head.triangles.iter().filter(|t| t.1 == Part::Rim).map(|t| t.0).collect();
        let skin = Surface::new(vertices.clone(), skin_triangles, &camera);
        let rims = Surface::new(vertices, rim_triangles, &camera);
        let is_mouth = |t: &[u32; 3]| canon[t[0] as usize].y < 0.0;
        let rests: Vec<V3> =
            if shut > 0.5 { head.canon().iter().map(|&p| shape.bend(p)).collect() } else { rest.clone() };
        let extras = &stance.extras;
        let eyes = [0, 1].map(|side| eye::eyeball(side, &rests, extras.gaze, &turn, &camera));

        let mut shells = shells(looks, &skin, extras, &turn, &camera);
        let mut strokes = Vec::new();
        brows(looks, &canon, &skin, &camera, seed, &mut strokes);
        for side in 0..2 {
            strokes.extend(eye::lashes(side, &posed, &looks.eyes, shut, &turn, &camera, seed ^ 77));
        }
        if let Some(frames) = looks.glasses.as_ref().map(|g| Frames::new(g, &rests)) {
            glasses::strokes(&frames, looks, &turn, &camera, &mut strokes);
            if extras.lens.is_some() {
                shells.extend([0, 1].map(|side| (Material::Lens, frames.lens(side, &turn, &camera))));
            }
        }
        let landmarks = landmarks(looks, &posed, [eyes[0].pupil, eyes[1].pupil], &turn, &camera);

        let mut solid =
            vec![(Material::LidRim, rims.part(|t| !is_mouth(t))), (Material::LipRim, rims.part(is_mouth))];
        for (side, eye) in eyes.into_iter().enumerate() {
            solid.push((Material::Eyeball { inner: if side == 0 { 1.0 } else { -1.0 } }, eye.surface));
        }
        if open > 0.0 {
            solid.extend(mouth(shape, &turn, &camera, open));
        }
        for right in [false, true] {
            solid.push((Material::Skin, body::ear(looks, right, &turn, &camera)));
        }
        solid.push((Material::Skin, body::neck(looks, extras.shoulders, &turn, &camera)));
        solid.push((Material::Cloth, body::torso(looks, extras.shoulders, &camera)));
        if let Some(collar) = body::collar(looks, &stance.clothes, extras.shoulders, &camera) {
            solid.push((Material::Collar, collar));
        }
        solid.push((Material::Skin, skin));

        Figure {
            solid,
            shells,
            strokes,
            landmarks,
            camera,
            lamps,
            turn,
            skin: SkinPaint::new(looks, shut),
            hair: HairPaint::new(&looks.hair, looks.seed),
            clothes: stance.clothes.clone(),
            extras: stance.extras.clone(),
            looks: looks.clone(),
            seed,
        }
    }

    /// Picture values and cover of a point seen on a surface; `open` is the share of surroundings it sees.
    pub fn colour(&self, material: Material, v: &Vertex, open: f32) -> (V3, f32) {
        let view = self.camera.from(v.at);
        let mut v = *v;
        v.normal = v.normal.unit();
        if matches!(material, Material::Collar | Material::Cloth | Material::HangingHair { .. })
            && v.normal.dot(view) < 0.0
        {
            // The inside of a collar.
            v.normal = -v.normal;
        }
        let lamps = &self.lamps;
        let full = |c: V3| (c, 1.0);
        match material {
            Material::Skin => {
                let lit = if v.paint.y < -9.6 { self.lit_below_head(v.at) } else { 1.0 };
                full(self.skin.colour(&v, view, lamps, open * v.extra, lit))
            }
            Material::LidRim => {
                let albedo = linear(self.looks.skin.tone).by(v3(0.80, 0.50, 0.46));
                full(picture(lamps.matt(
                    v3(0.0, 0.3, 1.0).unit(),
                    albedo,
                    v3(0.4, 0.3, 0.3),
                    open * 0.75,
                    1.0,
                )))
            }
            Material::LipRim => {
                let albedo = linear(self.looks.skin.lips) * 0.6;
                full(picture(lamps.matt(v3(0.0, 0.0, 1.0), albedo, v3(0.3, 0.3, 0.3), open * 0.6, 0.7)))
            }
            Material::Eyeball { inner } => {
                full(eye::ball_colour(&v, inner, &self.looks.eyes, lamps, self.seed))
            }
            Material::Cavity => full(v3(0.13, 0.035, 0.035)),
            Material::Teeth => {
                let gap = (v.paint.x / 0.78 + 0.5).rem_euclid(1.0) - 0.5;
                let between = 1.0 - 0.35 * smooth(0.44, 0.5, gap.abs());
                full(picture(lamps.matt(
                    v.normal,
                    v3(0.62, 0.58, 0.50) * between,
                    v3(0.4, 0.4, 0.4),
                    0.7,
                    0.6,
                )))
            }
            Material::Tongue => {
                full(picture(lamps.matt(v.normal, v3(0.34, 0.10, 0.10), v3(0.4, 0.3, 0.3), 0.6, 0.5)))
            }
            Material::Cloth => {
                let lit = self.lit_below_head(v.at);
                match body::cloth_colour(&v, &self.clothes, view, lamps, open, lit) {
                    Some(c) => full(c),
                    None => {
                        let mut bare = v;
                        bare.paint = v3(v.paint.x, v.paint.y.min(-12.0), v.at.z);
                        full(self.skin.colour(&bare, view, lamps, open * 0.95, lit))
                    }
                }
            }
            Material::Collar => {
                let lit = self.lit_below_head(v.at);
                full(body::collar_colour(&v, &self.clothes, view, lamps, open, lit))
            }
            Material::ScalpHair { level } => self.hair.on_scalp(&v, level, &self.turn, view, lamps, open),
            Material::HangingHair { level } => {
                let lit = 0.55 + 0.45 * self.lit_below_head(v.at);
                self.hair.hanging(&v, level, view, lamps, open * lit * v.extra)
            }
            Material::Beard { level } => {
                let zone = v.extra;
                self.hair.beard(&v, level, zone, view, lamps, open)
            }
            Material::Lens => self.extras.lens.as_ref().map_or((V3::ZERO, 0.0), |lens| lens.colour(&v)),
            Material::Headwear | Material::Brim => {
                let lit = if v.paint.y < -8.0 { self.lit_below_head(v.at) } else { 1.0 };
                self.extras.headwear.as_ref().map_or((V3::ZERO, 0.0), |worn| {
                    worn.colour(&v, material == Material::Brim, view, lamps, open, lit, self.seed)
                })
            }
        }
    }

    /// Share of the main lamp that passes the head on its way to `p`.
    fn lit_below_head(&self, p: V3) -> f32 {
        let mut lit: f32 = 1.0;
        for (centre, radius) in [(v3(0.0, 1.5, -3.5), 7.9), (v3(0.0, -5.0, -0.2), 5.4)] {
            let to = self.turn.point(centre) - p;
            let along = to.dot(self.lamps.main);
            if along > 0.0 {
                let miss = (to.dot(to) - along * along).max(0.0).sqrt();
                lit = lit.min(smooth(radius - 3.2, radius + 3.6, miss));
            }
        }
        0.32 + 0.68 * lit
    }
}

/// Shells of scalp hair, hanging hair and beard, in drawing order.
fn shells(
    looks: &Looks,
    skin: &Surface,
    extras: &Extras,
    turn: &Turn,
    camera: &Camera,
) -> Vec<(Material, Surface)> {
    let hair = HairPaint::new(&looks.hair, looks.seed);
    let mut out = Vec::new();
    let end = match looks.hair.style {
        HairStyle::Bob => Some(-8.5),
        HairStyle::Long => Some(-34.0),
        _ => None,
    };
    let worn = extras.headwear.as_ref();
    if let Some(end) = end.filter(|_| !worn.is_some_and(Headwear::hides_all_hair)) {
        for k in 0..4 {
            let level = k as f32 / 3.0;
            out.push((Material::HangingHair { level }, hanging(looks, end, level, turn, camera)));
        }
    }
    let canon: Vec<V3> = skin.vertices.iter().map(|v| v.paint).collect();
    let beard = &looks.beard;
    if beard.moustache + beard.chin + beard.cheeks > 0.0 {
        let length: Vec<(f32, f32)> = canon
            .iter()
            .map(|&c| {
                let moustache = smooth(-4.5, -3.8, c.y) * smooth(3.9, 2.4, c.x.abs());
                let chin =
                    smooth(3.9, 1.6, c.x.abs() + 0.35 * (c.y + 6.5).max(0.0)) * smooth(-4.6, -5.6, c.y);
                let zone = beard_zone(c);
                let share = (beard.moustache * moustache).max(beard.chin * chin).max(beard.cheeks);
                (zone * smooth(0.0, 0.34, share), share)
            })
            .collect();
        let keep = |t: &[u32; 3]| t.iter().any(|&i| length[i as usize].0 > 0.04);
        for k in 0..4 {
            let level = k as f32 / 3.0;
            let lifted =
                lift(skin, camera, |i| length[i].0 * length[i].1 * (0.1 + 0.9 * level), |i| length[i].0);
            out.push((Material::Beard { level }, lifted.part(keep)));
        }
    }
    // Hair lies flat under a hat.
    let pressed = |c: V3| 1.0 - 0.8 * worn.map_or(0.0, |w| w.presses(c));
    let high: Vec<f32> = canon.iter().map(|&c| hair.scalp.height(c) * pressed(c)).collect();
    let grown: Vec<bool> = canon.iter().map(|&c| c.y > -8.0 && hair.scalp.depth(c) > -0.9).collect();
    let keep = |t: &[u32; 3]| t.iter().any(|&i| grown[i as usize]);
    for k in 0..SHELLS {
        let level = k as f32 / (SHELLS - 1) as f32;
        let lifted = lift(skin, camera, |i| high[i] * (0.06 + 0.94 * level), |_| 1.0);
        out.push((Material::ScalpHair { level }, lifted.part(keep)));
    }
    for lock in &extras.locks {
        for k in 0..4 {
            let level = k as f32 / 3.0;
            let surface = locks::surface(lock, looks, level, turn, camera);
            out.push((Material::HangingHair { level }, surface));
        }
    }
    if let Some(worn) = worn {
        let lifted = lift(skin, camera, |i| high[i] + worn.stands_off(canon[i]), |_| 1.0);
        let covered = |t: &[u32; 3]| t.iter().any(|&i| worn.reach(canon[i as usize]) > -0.6);
        out.push((Material::Headwear, lifted.part(covered)));
        out.extend(headwear::brim(worn, looks, turn, camera).map(|brim| (Material::Brim, brim)));
    }
    out
}

/// The surface moved out along its normals.
fn lift(skin: &Surface, camera: &Camera, by: impl Fn(usize) -> f32, extra: impl Fn(usize) -> f32) -> Surface {
    let vertices = skin
        .vertices
        .iter()
        .enumerate()
        .map(|(i, v)| Vertex { at: v.at + v.normal * by(i), extra: extra(i), ..*v })
        .collect();
    Surface::with_normals(vertices, skin.triangles.clone(), camera)
}

/// Hair behind the ears and the neck, down to height `end`.
fn hanging(looks: &Looks, end: f32, level: f32, turn: &Turn, camera: &Camera) -> Surface {
    let volume = looks.hair.volume;
    Surface::grid(60, 72, camera, |r, c| {
        // From behind one ear round the back to the other; seen from outside, columns run to the right.
        let angle = lerp(-1.72, -std::f32::consts::TAU + 1.72, 1.0 - c);
        let (s, f) = (angle.sin(), angle.cos());
        let y = lerp(7.5, end, r);
        let fall = smooth(5.0, -9.0, y);
        let wave = looks.hair.wave * 0.35 * (y * 0.6 + s * 2.0).sin() * fall;
        let tuck = smooth(-8.0, end.min(-9.0), y) * if end > -10.0 { 0.9 } else { 0.0 };
        let wide = 7.9 + 0.75 * volume * fall + wave + level * (0.9 + 0.4 * fall) * volume - tuck;
        let deep = 10.2 - 2.5 * fall + level;
        let p = v3(wide * s * looks.shape.width, y, SKULL.z + deep * f - 0.5);
        let follow = smooth(-22.0, -6.0, y);
        let mut v = vertex(p.mix(turn.point(p), follow));
        v.paint = v3(angle * 8.5, y, y - end);
        v.extra = 1.0 - 0.55 * smooth(0.35, 0.0, s.abs() - 0.5);
        v
    })
}

/// Hairs of both brows, on the skin.
fn brows(looks: &Looks, canon: &[V3], skin: &Surface, camera: &Camera, seed: u32, out: &mut Vec<Stroke>) {
    let brow = &looks.brows;
    let hair = linear(looks.hair.colour).mix(v3(0.35, 0.35, 0.36), (looks.hair.grey - 0.35).max(0.0) * 0.8);
    let colour = picture(hair * 1.1 + v3(0.006, 0.004, 0.003));
    let near = [-1.0f32, 1.0].map(|side| {
        let beside = |t: &&[u32; 3]| {
            let p = canon[t[0] as usize];
            p.z > 0.0 && p.x * side > 0.5 && (3.4..6.6).contains(&p.y)
        };
        skin.triangles.iter().filter(beside).collect::<Vec<_>>()
    });
    let on_skin = |x: f32, y: f32| {
        near[usize::from(x > 0.0)].iter().find_map(|t| {
            let [a, b, c] = t.map(|i| canon[i as usize]);
            let area = (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
            let u = ((b.x - x) * (c.y - y) - (b.y - y) * (c.x - x)) / area;
            let v = ((c.x - x) * (a.y - y) - (c.y - y) * (a.x - x)) / area;
            let w = 1.0 - u - v;
            (u >= -0.01 && v >= -0.01 && w >= -0.01).then(|| {
                let [a, b, c] = t.map(|i| &skin.vertices[i as usize]);
                Vertex::mix3([a, b, c], [u, v, w])
            })
        })
    };
    let count = (560.0 * brow.density * (0.6 + 0.6 * brow.thickness)) as u32;
    for side in [-1.0f32, 1.0] {
        for k in 0..count {
            let base = seed ^ (k * 31 + if side > 0.0 { 77_777 } else { 0 });
            let (t, across, j) = (unit(base), unit(base ^ 0x5555), unit(base ^ 0xAAAA));
            let x = lerp(1.35 + brow.inner, 5.55 * brow.length, t);
            // Rises to the outer third, falls to the tail.
            let arch = (0.62 + brow.arch) * (1.0 - ((t - 0.62) / 0.62).powi(2)) + brow.slant * (t - 0.5);
            let thick = brow.thickness * smooth(-0.12, 0.18, t) * smooth(1.08, 0.62, t) + 0.05;
            let y = 4.30 + arch + (across - 0.5) * thick;
            // Inner hairs stand, outer ones lie; upper ones lean down, lower ones up.
            let lie = lerp(1.25, -0.35, smooth(0.0, 0.75, t)) - (across - 0.5) * 0.9 + (j - 0.5) * 0.4;
            let long = lerp(0.42, 0.62, j) * (0.75 + 0.3 * brow.thickness);
            let (from, to) =
                (on_skin(side * x, y), on_skin(side * (x + lie.cos() * long), y + lie.sin() * long));
            if let (Some(a), Some(b)) = (from, to) {
                let scale = camera.scale_at(a.at.z);
                let lift = a.normal * 0.03;
                let alpha = (0.24 + 0.22 * j) * smooth(-0.03, 0.14, t + 0.01);
                // Skin between the hairs is shaded by them.
                if k % 5 == 0 {
                    out.push(Stroke::between(
                        camera,
                        a.at + lift,
                        b.at + lift,
                        0.30 * scale,
                        0.16 * scale,
                        colour,
                        0.075,
                    ));
                }
                out.push(Stroke::between(
                    camera,
                    a.at + lift,
                    b.at + lift,
                    0.044 * scale,
                    0.014 * scale,
                    colour,
                    alpha,
                ));
            }
        }
    }
}

/// What an open mouth shows.
fn mouth(shape: &crate::looks::Shape, turn: &Turn, camera: &Camera, open: f32) -> Vec<(Material, Surface)> {
    let place = |p: V3| turn.point(shape.bend(p));
    let sheet = |at: &dyn Fn(f32, f32) -> V3| {
        Surface::grid(12, 24, camera, |r, c| {
            let p = at(r, 2.0 * c - 1.0);
            Vertex { paint: p, ..vertex(place(p)) }
        })
    };
    let cavity = sheet(&|r, c| v3(2.5 * c * (1.0 - 0.55 * r), -2.8 - 4.8 * r, 1.5 - 2.5 * r));
    let teeth = sheet(&|r, c| v3(2.3 * c, -3.75 - 0.72 * r - 0.1 * c * c, 4.35 - 1.5 * c * c));
    let tongue = sheet(&|r, c| {
        let width = 1.55 * (1.0 - 0.25 * r);
        v3(width * c, -4.3 - 2.3 * open * (0.45 + 0.55 * r), 2.0 + 1.6 * r - 0.7 * c * c)
    });
    vec![(Material::Cavity, cavity), (Material::Teeth, teeth), (Material::Tongue, tongue)]
}

fn landmarks(looks: &Looks, posed: &[V3], pupils: [V3; 2], turn: &Turn, camera: &Camera) -> Landmarks {
    let at = |i: usize| camera.project(posed[i]);
    let middle = |pair: [usize; 2]| camera.project((posed[pair[0]] + posed[pair[1]]) * 0.5);
    Landmarks {
        left_eye: middle(point::LEFT_EYE),
        right_eye: middle(point::RIGHT_EYE),
        left_pupil: camera.project(pupils[0]),
        right_pupil: camera.project(pupils[1]),
        mouth_left: at(point::MOUTH[0]),
        mouth_right: at(point::MOUTH[1]),
        nose_tip: at(point::NOSE_TIP),
        chin: at(point::CHIN),
        hair_top: camera.project(turn.point(SKULL + v3(0.0, 9.5, 0.0))),
        face_left: at(point::CHEEKS[0]),
        face_right: at(point::CHEEKS[1]),
        left_ear: camera.project(body::ear_middle(looks, false, turn)),
        right_ear: camera.project(body::ear_middle(looks, true, turn)),
    }
}
