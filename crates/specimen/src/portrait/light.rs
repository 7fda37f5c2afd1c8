//! Light on surfaces: a large main lamp, a weaker one from the other side, and light from everywhere.

use super::{
    Light,
    vector::{V3, v3},
};

/// The light of a scene, ready for shading.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lamps {
    pub main: V3,
    main_strength: f32,
    fill: V3,
    fill_strength: f32,
    ambient: f32,
    tint: V3,
}

impl Lamps {
    pub fn new(light: &Light, exposure: f32, tint: V3) -> Lamps {
        let toward = |azimuth: f32, elevation: f32| {
            let (a, e) = (azimuth.to_radians(), elevation.to_radians());
            v3(a.sin() * e.cos(), e.sin(), a.cos() * e.cos())
        };
        // What does not come from the main lamp or from everywhere comes from the fill, which a room lit from one side lacks.
        let even = (light.ambient / 0.4).min(1.0);
        Lamps {
            main: toward(light.azimuth, light.elevation),
            main_strength: exposure * (1.0 - light.ambient) * if even < 0.6 { 1.35 } else { 0.98 },
            fill: toward(-light.azimuth * 1.6 - 10.0 * light.azimuth.signum(), 4.0),
            fill_strength: exposure * 0.26 * even * even,
            ambient: exposure * light.ambient,
            tint,
        }
    }

    /// Light leaving a matt surface of colour `albedo` (linear). `wrap` lets light creep round the edge per colour, as it does
    /// under skin; `open` is the share of surroundings that the point sees, `lit` the share of the main lamp.
    pub fn matt(&self, n: V3, albedo: V3, wrap: V3, open: f32, lit: f32) -> V3 {
        let soft = |l: V3| {
            let d = n.dot(l);
            let per = |w: f32| ((d + w) / (1.0 + w)).max(0.0);
            v3(per(wrap.x), per(wrap.y), per(wrap.z))
        };
        let sky = 0.80 + 0.25 * n.y;
        let total = soft(self.main) * (self.main_strength * lit * (0.55 + 0.45 * open))
            + soft(self.fill) * (self.fill_strength * open)
            + v3(1.0, 1.0, 1.0) * (self.ambient * sky * open);
        // Light that reaches a hollow of skin has been through skin: it loses blue first.
        let hollow = 1.0 - open;
        albedo.by(total).by(self.tint).by(v3(1.0 + 0.06 * hollow, 1.0 - 0.03 * hollow, 1.0 - 0.05 * hollow))
    }

    /// Sheen of the main lamp and the fill on a surface of roughness `power` (Blinn 1977).
    pub fn sheen(&self, n: V3, view: V3, power: f32) -> f32 {
        let s = |l: V3| n.dot((l + view).unit()).max(0.0).powf(power);
        s(self.main) * self.main_strength + s(self.fill) * self.fill_strength
    }

    /// Diffuse and glossy light on a fibre that runs along `t` (Kajiya and Kay 1989).
    pub fn fibre(&self, t: V3, n: V3, view: V3, power: f32) -> (f32, f32) {
        let one = |l: V3, k: f32| {
            let across = |d: f32| (1.0 - d * d).max(0.0).sqrt();
            let facing = ((n.dot(l) + 0.4) / 1.4).max(0.0);
            (across(t.dot(l)) * facing * k, across(t.dot((l + view).unit())).powf(power) * facing * k)
        };
        let (a, b) = (one(self.main, self.main_strength), one(self.fill, self.fill_strength));
        (a.0 + b.0 + self.ambient * (0.7 + 0.3 * n.y), a.1 + b.1)
    }
}

/// sRGB 0 to 1 to linear light; the square stands in for the standard's curve both ways.
pub(crate) fn linear(srgb: [f32; 3]) -> V3 {
    v3(srgb[0] * srgb[0], srgb[1] * srgb[1], srgb[2] * srgb[2])
}

/// Linear light to picture values 0 to 1, with a soft shoulder so that nothing burns out.
pub(crate) fn picture(light: V3) -> V3 {
    let one = |v: f32| {
        let s = v.max(0.0).sqrt();
        if s < 0.84 { s } else { 0.84 + 0.15 * (1.0 - (-(s - 0.84) / 0.15).exp()) }
    };
    v3(one(light.x), one(light.y), one(light.z))
}
