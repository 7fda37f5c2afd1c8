//! What some wear on their heads: caps, woollen hats, bands and scarves.

use crate::looks::Looks;

use super::{
    body::fabric,
    camera::{Camera, Turn},
    head::{SKULL, SKULL_AXES},
    light::Lamps,
    mesh::{Surface, Vertex, vertex},
    noise::noise2,
    vector::{V3, lerp, smooth, v3},
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// With a brim over the forehead.
    Cap,
    /// Knitted, without a brim.
    Beanie,
    /// Across the hair, from ear to ear.
    Band,
    /// Over hair, ears and neck.
    Scarf,
}

impl Kind {
    pub const ALL: [Kind; 4] = [Kind::Cap, Kind::Beanie, Kind::Band, Kind::Scarf];
}

/// One piece of headwear.
#[derive(Debug, Clone)]
pub(crate) struct Headwear {
    pub kind: Kind,
    /// Linear light.
    pub colour: V3,
    /// How much of the head it takes, 0 to 1: how deep a hat sits, how wide a band is.
    pub size: f32,
}

/// Colours that headwear comes in, sRGB.
pub(crate) const COLOURS: [[f32; 3]; 10] = [
    [0.72, 0.12, 0.14],
    [0.10, 0.14, 0.30],
    [0.09, 0.09, 0.10],
    [0.90, 0.89, 0.86],
    [0.50, 0.50, 0.52],
    [0.55, 0.48, 0.33],
    [0.14, 0.34, 0.22],
    [0.86, 0.52, 0.60],
    [0.58, 0.38, 0.22],
    [0.16, 0.42, 0.66],
];

impl Headwear {
    /// Distance inside the covered part in cm of canonical space; negative outside.
    pub fn reach(&self, c: V3) -> f32 {
        let angle = c.x.abs().atan2(c.z - SKULL.z);
        match self.kind {
            Kind::Cap | Kind::Beanie => {
                let low = if self.kind == Kind::Cap { 6.5 } else { 6.1 };
                let front = lerp(8.6, low, self.size);
                // Lower behind than in front, over the ears.
                c.y - lerp(front, 4.3, smooth(0.4, 1.5, angle)) + 1.5 * smooth(1.7, 2.8, angle)
            }
            Kind::Band => {
                let half = lerp(0.4, 2.0, self.size);
                // A plane through both ears, leaning back from the forehead.
                half - ((c.z + 4.0) * 0.86 - (c.y - 3.0) * 0.28 - 1.6).abs() - 20.0 * smooth(2.6, 1.8, c.y)
            }
            Kind::Scarf => {
                let low = lerp(8.4, 7.0, self.size);
                let (x, y) = (c.x / 6.9, if c.y > 0.0 { c.y / low } else { c.y / 9.9 });
                let face = ((x * x + y * y).sqrt() - 1.0) * 7.0;
                if c.z < -2.2 { 3.0 } else { face }
            }
        }
    }

    /// How much the hair at `c` is pressed down, 0 to 1.
    pub fn presses(&self, c: V3) -> f32 {
        smooth(-0.4, 0.6, self.reach(c))
    }

    /// How far the cloth stands off from what is under it, cm.
    pub fn stands_off(&self, c: V3) -> f32 {
        let crown = smooth(5.0, 12.0, c.y);
        match self.kind {
            Kind::Cap => 0.35 + 0.9 * crown,
            Kind::Beanie => 0.4 + 1.5 * crown,
            Kind::Band => 0.3,
            // Roomy enough for the ears.
            Kind::Scarf => 0.45 + 1.9 * smooth(5.5, 2.5, (c.y - 0.8).abs()) * smooth(-1.0, -3.5, c.z),
        }
    }

    /// Whether no hair shows at all.
    pub fn hides_all_hair(&self) -> bool {
        self.kind == Kind::Scarf
    }

    /// Colour and cover of a point on it.
    #[expect(clippy::too_many_arguments, reason = "one place of cloth and the light on it")]
    pub fn colour(
        &self,
        v: &Vertex,
        brim: bool,
        view: V3,
        lamps: &Lamps,
        open: f32,
        lit: f32,
        seed: u32,
    ) -> (V3, f32) {
        let c = v.paint;
        let angle = c.x.atan2(c.z - SKULL.z);
        let edge = if brim { 1.0 } else { self.reach(c) };
        let cover = smooth(-0.05, 0.05, edge);
        let mut colour = self.colour;
        let mut open = open;
        match self.kind {
            Kind::Beanie => {
                let rib = 0.5 + 0.5 * (angle * 60.0).sin();
                open *= 0.72 + 0.28 * rib;
                // The rolled brim.
                open *= 1.0 - 0.4 * smooth(0.35, 0.0, (edge - 2.4).abs());
            }
            Kind::Cap if brim => {
                // Its underside sees the face, not the lamp.
                open *= if v.normal.y < 0.1 { 0.5 } else { 1.0 };
                colour = colour * (0.8 + 0.2 * smooth(0.1, 0.3, c.y));
            }
            Kind::Cap => {
                let seam = (angle / 1.047).fract().abs();
                open *= 1.0 - 0.25 * smooth(0.04, 0.0, (seam - 0.5).abs());
            }
            Kind::Band => {
                let fold = noise2(c.x * 0.9, (c.z + c.y) * 0.6, seed ^ 0x62);
                open *= 0.85 + 0.3 * (fold - 0.5);
            }
            Kind::Scarf => {
                let fold = noise2(angle * 5.0 + c.y * 0.5, c.y * 0.35, seed ^ 0x73);
                open *= 0.85 + 0.4 * (fold - 0.5);
            }
        }
        open *= 1.0 - 0.3 * smooth(0.25, 0.0, edge);
        (fabric(v, colour, angle * 8.0, c.y, seed ^ 0x68, view, lamps, open, lit), cover)
    }
}

/// The stiff brim of a cap, or the cloth of a scarf around the neck.
pub(crate) fn brim(worn: &Headwear, looks: &Looks, turn: &Turn, camera: &Camera) -> Option<Surface> {
    match worn.kind {
        Kind::Cap => Some(Surface::grid(14, 40, camera, |r, c| {
            let angle = lerp(-0.82, 0.82, c);
            let line = lerp(8.6, 6.5, worn.size) + 0.35;
            let base =
                v3((SKULL_AXES.x + 0.9) * angle.sin(), line, SKULL.z + (SKULL_AXES.z + 0.5) * angle.cos());
            let long = 5.6 * (1.0 - (angle / 0.84).powi(2)).max(0.0).sqrt();
            let curve = -0.9 * (angle / 0.82).powi(2) - 0.16 * long * r;
            let p = base + v3(0.12 * angle * long * r, curve * r - 0.1, long * r);
            Vertex { paint: v3(p.x, r, p.z), ..vertex(turn.point(looks.shape.bend(p))) }
        })),
        Kind::Scarf => Some(Surface::grid(30, 96, camera, |r, c| {
            let angle = (c - 0.5) * std::f32::consts::TAU;
            let (s, f) = (angle.sin(), angle.cos());
            let roll = (r * std::f32::consts::PI).sin();
            let wide = lerp(6.6, 8.0, r) + 0.4 * roll;
            let front = smooth(-0.2, 0.8, f);
            let y = lerp(-6.5 - 3.4 * front, -15.0 - 1.5 * front, r);
            let deep = lerp(5.6, 7.4, r) + 0.8 * roll;
            let p = v3(
                wide * s * looks.shape.width,
                y - looks.shape.chin_height.max(0.0) * front,
                -4.4 + deep * f,
            );
            let follow = smooth(0.9, 0.1, r);
            Vertex { paint: v3(p.x, y, p.z - 6.0), ..vertex(p.mix(turn.point(p), follow)) }
        })),
        Kind::Beanie | Kind::Band => None,
    }
}
