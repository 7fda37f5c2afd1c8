//! Hair: where it grows, how it lies, and how its strands take the light. Hair is drawn as shells around the head, each
//! showing the strands long enough to reach it.

use crate::looks::{Hair, HairStyle};

use super::{
    head::{SKULL, SKULL_AXES},
    light::{Lamps, linear, picture},
    mesh::Vertex,
    noise::{hash, noise2},
    vector::{V3, lerp, smooth, v3},
};

/// Shells per head of hair; more look denser and cost more.
pub(crate) const SHELLS: usize = 6;

/// Which way the strands lie.
#[derive(Debug, Clone, Copy)]
enum Lie {
    /// Along great circles through this point of the unit skull.
    Pole(V3),
    /// To both sides of a parting at this x.
    Parting(f32),
}

/// Where hair grows on the skull and how high it stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scalp {
    lie: Lie,
    recession: f32,
    top: f32,
    sides: f32,
    part: f32,
    curls: f32,
    lean: f32,
    scalp_shade: f32,
    /// How uneven the strands' lengths are, 0 to 1.
    rough: f32,
}

impl Scalp {
    pub fn new(hair: &Hair) -> Scalp {
        use HairStyle::{Bob, Buzz, Crew, Curly, Long, Parted, SweptBack, Tied};
        let back = Lie::Pole(v3(0.0, -0.05, -1.0).unit());
        let parting = Lie::Parting(hair.part * 2.6);
        let crown = Lie::Pole(v3(hair.part * 0.15, 0.86, -0.5).unit());
        let aside = Lie::Pole(v3(hair.part * 0.72, 0.80, -0.05).unit());
        let (lie, top, sides) = match hair.style {
            Buzz => (crown, 0.35, 0.25),
            Crew => (crown, 1.5, 0.55),
            Parted => (aside, 2.0, 0.8),
            SweptBack => (back, 1.6, 0.6),
            Curly => (crown, 2.1, 1.2),
            Tied => (back, 1.15, 0.75),
            Bob | Long => (parting, 1.25, 1.1),
        };
        let v = if hair.style == Buzz { 1.0 } else { hair.volume };
        Scalp {
            lie,
            recession: hair.recession,
            top: top * v,
            sides: sides * v.sqrt(),
            part: match hair.style {
                Bob | Long => hair.part * 2.6,
                _ => f32::NAN,
            },
            curls: if hair.style == Curly { 1.0 } else { hair.wave * 0.25 },
            lean: match hair.style {
                Parted => -hair.part.signum() * 0.35,
                _ => 0.0,
            },
            scalp_shade: if hair.style == Buzz { 0.62 } else { 0.9 },
            rough: match hair.style {
                Tied => 0.16,
                Bob | Long => 0.22,
                SweptBack => 0.35,
                Parted => 0.5,
                Buzz | Crew => 0.75,
                Curly => 1.0,
            },
        }
    }

    /// Distance behind the hairline in cm of canonical space; negative on the face.
    pub fn depth(&self, c: V3) -> f32 {
        // Height of the hairline by the angle from straight ahead, around the skull's axis.
        const LINE: [(f32, f32); 12] = [
            (0.0, 8.9),
            (0.30, 9.0),
            (0.52, 8.9),
            (0.70, 7.6),
            (0.88, 6.2),
            (1.02, 5.0),
            (1.14, 2.2),
            (1.24, 0.6),
            (1.42, 1.3),
            (1.62, 4.2),
            (1.95, 2.0),
            (2.3, -5.0),
        ];
        let angle = c.x.abs().atan2(c.z - SKULL.z + 0.3);
        let k = LINE.iter().position(|p| p.0 > angle).unwrap_or(LINE.len());
        let line = if k == 0 || k == LINE.len() {
            LINE[LINE.len() - 1].1
        } else {
            let (a, b) = (LINE[k - 1], LINE[k]);
            lerp(a.1, b.1, smooth(a.0, b.0, angle))
        };
        let temples = 0.45 + 0.9 * smooth(0.15, 0.6, angle) - 0.6 * smooth(0.7, 1.05, angle);
        c.y - line - self.recession * temples * smooth(1.3, 0.9, angle)
    }

    /// How much the hair's roots colour the skin at `c`.
    pub fn root_shade(&self, c: V3) -> f32 {
        if c.y < -6.0 {
            return 0.0;
        }
        smooth(-0.45, 1.0, self.depth(c)) * self.scalp_shade
    }

    /// How high the hair stands over the skull at `c`, cm.
    pub fn height(&self, c: V3) -> f32 {
        let depth = self.depth(c);
        let up = smooth(0.25, 0.85, (c.y - SKULL.y) / SKULL_AXES.y);
        let mut h = lerp(self.sides, self.top, up) * smooth(-0.3, 2.6, depth);
        if self.part.is_finite() {
            h *= 0.55 + 0.45 * smooth(0.0, 2.2, (c.x - self.part).abs());
        }
        h *= 1.0 + self.lean * c.x / SKULL_AXES.x * up;
        h.max(0.03)
    }

    /// Place across and along the strands in cm, and the strands' direction in canonical space.
    fn strand(&self, c: V3) -> (f32, f32, V3) {
        let p = c - SKULL;
        let u = v3(p.x / SKULL_AXES.x, p.y / SKULL_AXES.y, p.z / SKULL_AXES.z).unit();
        match self.lie {
            Lie::Pole(pole) => {
                let side = if pole.y.abs() > 0.5 { v3(0.0, 0.0, 1.0) } else { v3(0.0, 1.0, 0.0) };
                let e1 = (side - pole * side.dot(pole)).unit();
                let e2 = pole.cross(e1);
                let away = u.dot(pole).clamp(-1.0, 1.0);
                let across = u.dot(e2).atan2(u.dot(e1));
                let along = (1.0 - away).max(0.0).sqrt() * 1.25;
                (across * 8.0 + along * 0.9, along * 9.0, (pole - u * away).unit())
            }
            Lie::Parting(x) => {
                let across = u.z.atan2(u.y);
                let along = (p.x - x).abs();
                let to = v3(if p.x < x { -1.0 } else { 1.0 }, -0.15, -0.25 * smooth(0.0, 4.0, along));
                (across * 9.0 + along * 0.25, along, (to - u * to.dot(u)).unit())
            }
        }
    }
}

/// Everything that one person's hair needs to be painted.
pub(crate) struct HairPaint {
    pub scalp: Scalp,
    colour: V3,
    grey: f32,
    wave: f32,
    seed: u32,
}

impl HairPaint {
    pub fn new(hair: &Hair, seed: u64) -> HairPaint {
        HairPaint {
            scalp: Scalp::new(hair),
            colour: linear(hair.colour),
            grey: hair.grey,
            wave: hair.wave,
            seed: hash(seed as u32 ^ 0x4841_4952),
        }
    }

    /// Colour and cover of the shell at `level` (0 at the skull to 1 outermost) over the scalp.
    pub fn on_scalp(
        &self,
        v: &Vertex,
        level: f32,
        turn: &super::camera::Turn,
        view: V3,
        lamps: &Lamps,
        open: f32,
    ) -> (V3, f32) {
        let c = v.paint;
        let (mut across, along, direction) = self.scalp.strand(c);
        let curls = self.scalp.curls;
        across += curls * 0.5 * ((along * 2.2 + noise2(across * 0.9, along * 0.4, self.seed) * 9.0).sin());
        let depth = self.scalp.depth(c);
        let clump = noise2(across * 2.1, along * 0.22, self.seed ^ 5);
        let strand = noise2(across * 13.0, along * 0.30, self.seed ^ 7);
        let hair = noise2(across * 27.0, along * 0.45, self.seed ^ 9);
        // Strands that grow at the line lie at different places: no edge as if cut out.
        let edge = depth + (clump - 0.5) * 0.3 + (strand - 0.5) * 0.4 + (hair - 0.5) * 0.75;
        let root = smooth(-0.4, 1.15, edge);
        let rough = self.scalp.rough;
        let reach = lerp(0.98, 0.36, rough) + rough * (0.42 * strand + 0.30 * clump) + 0.14 * hair;
        let mut cover = root * smooth(level - 0.16, level + 0.02, reach);
        if self.scalp.part.is_finite() {
            let line = (c.x - self.scalp.part + (clump - 0.5) * 0.12).abs();
            let ahead = smooth(-4.5, -1.5, c.z);
            cover *= 1.0 - ahead * smooth(0.16, 0.04, line) * 0.75;
        }
        if level > 0.1 {
            // Seen edge on, single hairs let the light through.
            cover *= smooth(0.02, 0.2, v.normal.dot(view));
        }
        let tangent = turn.direction(direction);
        let shade = 0.52 + 0.48 * level + 0.55 * (strand - 0.5) + 0.35 * (clump - 0.5) + 0.25 * (hair - 0.5);
        (self.light(across, strand, shade, tangent, v, view, lamps, open), cover)
    }

    /// Colour and cover of hair hanging behind the neck: paint.x runs across, paint.y along, paint.z tells the distance to the
    /// hair's own end.
    pub fn hanging(&self, v: &Vertex, level: f32, view: V3, lamps: &Lamps, open: f32) -> (V3, f32) {
        let (mut across, along) = (v.paint.x, v.paint.y);
        across +=
            self.wave * 0.35 * (along * 0.55 + noise2(across * 0.4, along * 0.1, self.seed) * 5.0).sin();
        let clump = noise2(across * 1.6, along * 0.10, self.seed ^ 15);
        let strand = noise2(across * 11.0, along * 0.13, self.seed ^ 17);
        let hair = noise2(across * 25.0, along * 0.2, self.seed ^ 19);
        let reach = 0.35 + 0.4 * strand + 0.3 * clump + 0.12 * hair;
        let tip = smooth(0.0, 1.6, v.paint.z + (strand - 0.5) * 1.6 + (clump - 0.5) * 1.4);
        let edge_on = if level > 0.1 { smooth(0.02, 0.2, v.normal.dot(view)) } else { 1.0 };
        let cover = smooth(level - 0.16, level + 0.02, reach) * tip * edge_on;
        let shade = 0.45 + 0.4 * level + 0.55 * (strand - 0.5) + 0.4 * (clump - 0.5) + 0.2 * (hair - 0.5);
        (self.light(across, strand, shade, v3(0.0, -1.0, 0.0), v, view, lamps, open), cover)
    }

    /// Colour and cover of a beard's shell.
    pub fn beard(&self, v: &Vertex, level: f32, zone: f32, view: V3, lamps: &Lamps, open: f32) -> (V3, f32) {
        let c = v.paint;
        let across = c.x + 0.07 * (c.y * 2.7 + noise2(c.x * 1.1, c.y, self.seed) * 6.0).sin();
        let along = c.y + c.z * 0.5;
        let strand = noise2(across * 17.0, along * 1.3, self.seed ^ 27);
        let clump = noise2(across * 3.0, along * 0.8, self.seed ^ 29);
        let reach = 0.3 + 0.5 * strand + 0.3 * clump;
        let edge_on = if level > 0.1 { smooth(0.02, 0.2, v.normal.dot(view)) } else { 1.0 };
        let cover = smooth(0.12, 1.0, zone + (strand - 0.5) * 0.32)
            * smooth(level - 0.2, level + 0.05, reach)
            * 0.86
            * edge_on;
        let shade = 0.55 + 0.35 * level + 0.6 * (strand - 0.5) + 0.3 * (clump - 0.5);
        let light = self.light(across, strand, shade, v3(0.0, -0.9, 0.3).unit(), v, view, lamps, open);
        (light, cover)
    }

    #[expect(clippy::too_many_arguments, reason = "one strand's place, its shade and the light on it")]
    fn light(
        &self,
        across: f32,
        strand: f32,
        shade: f32,
        tangent: V3,
        v: &Vertex,
        view: V3,
        lamps: &Lamps,
        open: f32,
    ) -> V3 {
        let lane = 0.25 + 0.5 * noise2(across * 19.0, 0.5, self.seed ^ 33);
        let grey = self.grey * (0.55 + 0.45 * smooth(lane - 0.2, lane + 0.2, self.grey));
        let colour = self.colour.mix(v3(0.36, 0.36, 0.37), grey);
        let (matt, gloss) = lamps.fibre(tangent, v.normal, view, 34.0);
        let sheen = gloss * (0.03 + 0.10 * strand * strand) * open;
        let tint = self.colour * 1.2 + v3(0.22, 0.22, 0.24) * (1.0 - 0.6 * self.grey);
        picture(colour * (1.55 * matt * shade.max(0.08) * (0.35 + 0.65 * open)) + tint * sheen)
    }
}
