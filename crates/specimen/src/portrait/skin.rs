//! Paints skin: colour zones, lips, nostrils, lid folds, wrinkles, moles, stubble and pores, in canonical coordinates.

use crate::looks::{Looks, Sex};

use super::{
    hair::Scalp,
    head::{EYE, Head, LID_FOLDS, MOUTH_Y, point},
    light::{Lamps, linear, picture},
    mesh::Vertex,
    noise::{noise2, noise3},
    vector::{V3, bell, ridge, segment_distance, smooth, v3},
};

/// A line pressed into the skin, given for the right half of the face and mirrored.
struct Fold {
    line: Vec<(f32, f32)>,
    width: f32,
    depth: f32,
    /// x from, x to, y from, y to, beyond which it does not reach.
    reach: [f32; 4],
}

impl Fold {
    fn new(line: Vec<(f32, f32)>, width: f32, depth: f32) -> Fold {
        let m = width * 3.0;
        let reach = [
            line.iter().map(|p| p.0).fold(f32::MAX, f32::min) - m,
            line.iter().map(|p| p.0).fold(f32::MIN, f32::max) + m,
            line.iter().map(|p| p.1).fold(f32::MAX, f32::min) - m,
            line.iter().map(|p| p.1).fold(f32::MIN, f32::max) + m,
        ];
        Fold { line, width, depth, reach }
    }

    /// How deep the fold is here, 0 to `depth`; it fades toward its ends.
    fn at(&self, x: f32, y: f32) -> f32 {
        let [x0, x1, y0, y1] = self.reach;
        if x < x0 || x > x1 || y < y0 || y > y1 {
            return 0.0;
        }
        let n = self.line.len() - 1;
        let (mut best, mut along) = (f32::MAX, 0.0);
        for (k, pair) in self.line.windows(2).enumerate() {
            let d = segment_distance(x, y, pair[0], pair[1]);
            if d < best {
                best = d;
                along = (k as f32 + 0.5) / n as f32;
            }
        }
        let ends = smooth(0.0, 0.22, along) * smooth(1.0, 0.78, along);
        self.depth * (0.15 + 0.85 * ends) * ridge(best / self.width)
    }
}

/// Everything that skin of one person needs to be painted.
pub(crate) struct SkinPaint {
    tone: V3,
    lips: V3,
    redness: f32,
    freckles: f32,
    stubble: f32,
    stubble_colour: V3,
    moles: Vec<[f32; 4]>,
    folds: Vec<Fold>,
    lip_outline: Vec<(f32, f32)>,
    seam: Vec<(f32, f32)>,
    makeup: f32,
    beard_shadow: bool,
    scalp: Scalp,
    hair_colour: V3,
    seed: u32,
}

impl SkinPaint {
    /// `shut` tells how far the eyes are closed, 0 to 1: a closed lid has no fold.
    pub fn new(looks: &Looks, shut: f32) -> SkinPaint {
        let canon = Head::get().canon();
        let skin = &looks.skin;
        let flat = |i: &usize| (canon[*i].x, canon[*i].y);
        let mouth = &Head::get().openings[2];
        let mut seam: Vec<(f32, f32)> = mouth
            .iter()
            .map(|&i| (canon[i as usize].x, canon[i as usize].y))
            .filter(|p| p.1 > MOUTH_Y - 0.35)
            .collect();
        seam.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut folds = vec![
            // The fold of the upper lid.
            Fold::new(
                LID_FOLDS.iter().map(flat).map(|p| (p.0.abs(), p.1 + 0.06)).collect(),
                0.055,
                0.6 * looks.eyes.crease * (1.0 - 0.85 * shut),
            ),
            // Around the wing of the nose.
            Fold::new(vec![(1.35, -0.1), (1.72, -0.5), (1.86, -1.0), (1.7, -1.5), (1.35, -1.75)], 0.13, 0.30),
            // Under the lower lip.
            Fold::new(vec![(-1.3, -6.05), (0.0, -6.2), (1.3, -6.05)], 0.32, 0.16),
        ];
        let bags = skin.eye_bags;
        folds.push(Fold::new(
            vec![(1.75, 2.25), (2.2, 1.75), (3.0, 1.42), (3.9, 1.5), (4.6, 1.95)],
            0.14,
            0.10 + 0.30 * bags,
        ));
        let w = skin.wrinkles;
        folds.push(Fold::new(
            vec![(1.95, -1.5), (2.5, -2.2), (3.0, -3.1), (3.3, -4.0), (3.35, -4.8)],
            0.24,
            0.07 + 0.30 * w,
        ));
        if w > 0.15 {
            let k = (w - 0.15) / 0.85;
            for (y, bend) in [(5.9, 0.25), (6.55, 0.3), (7.2, 0.25)] {
                let line = (-4..=4).map(|i| {
                    let x = i as f32 * 0.95;
                    (x, y + bend * (1.0 - (x / 3.0) * (x / 3.0) * 0.5) - 0.1 * (x * 2.0 + y).sin())
                });
                folds.push(Fold::new(line.collect(), 0.095, 0.30 * k));
            }
            for (dy, len) in [(0.5, 0.8), (0.05, 1.0), (-0.4, 0.85)] {
                let line = vec![(4.85, 2.7 + dy * 0.4), (5.3, 2.65 + dy * 0.9), (4.9 + len, 2.6 + dy * 1.4)];
                folds.push(Fold::new(line, 0.06, 0.24 * k));
            }
            folds.push(Fold::new(vec![(0.42, 3.9), (0.5, 4.5), (0.42, 5.2)], 0.07, 0.3 * k));
            folds.push(Fold::new(vec![(2.75, -4.7), (3.05, -5.5), (3.1, -6.3)], 0.2, 0.22 * k));
        }
        let tone = linear(skin.tone);
        let hair_colour = linear(looks.hair.colour).mix(v3(0.42, 0.42, 0.43), looks.hair.grey * 0.8);
        SkinPaint {
            tone,
            lips: linear(skin.lips),
            redness: skin.redness,
            freckles: skin.freckles,
            stubble: looks.beard.stubble,
            stubble_colour: hair_colour,
            moles: skin.moles.clone(),
            folds,
            lip_outline: rounded(&point::LIPS.iter().map(flat).collect::<Vec<_>>()),
            seam,
            makeup: looks.eyes.makeup,
            beard_shadow: looks.sex == Sex::Male,
            scalp: Scalp::new(&looks.hair),
            hair_colour,
            seed: looks.seed as u32 ^ (looks.seed >> 32) as u32,
        }
    }

    /// Signed distance to the lips' outline in canonical cm, positive on the lips.
    fn on_lips(&self, x: f32, y: f32) -> f32 {
        if x.abs() > 3.4 || (y - MOUTH_Y).abs() > 2.0 {
            return -1.0;
        }
        let mut nearest = f32::MAX;
        let mut inside = false;
        let mut a = self.lip_outline[self.lip_outline.len() - 1];
        for &b in &self.lip_outline {
            nearest = nearest.min(segment_distance(x, y, a, b));
            if (a.1 > y) != (b.1 > y) && x < (b.0 - a.0) * (y - a.1) / (b.1 - a.1) + a.0 {
                inside = !inside;
            }
            a = b;
        }
        if inside { nearest } else { -nearest }
    }

    fn seam_y(&self, x: f32) -> f32 {
        match self.seam.iter().position(|p| p.0 > x) {
            Some(k) if k > 0 => {
                let (a, b) = (self.seam[k - 1], self.seam[k]);
                a.1 + (b.1 - a.1) * (x - a.0) / (b.0 - a.0).max(1e-4)
            }
            _ => MOUTH_Y,
        }
    }

    /// Colour of a point of skin as the picture shows it. `open` and `lit` as for [`Lamps::matt`].
    pub fn colour(&self, v: &Vertex, view: V3, lamps: &Lamps, open: f32, lit: f32) -> V3 {
        let c = v.paint;
        let (x, y, ax) = (c.x, c.y, c.x.abs());
        let front = smooth(-2.5, 1.5, c.z);
        let seed = self.seed;

        // Unevenness of skin at three sizes.
        let broad = noise3(c * 0.55, seed) - 0.5;
        let fine = noise3(c * 3.1, seed ^ 11) - 0.5;
        let pores = noise2(x * 21.0, (y + c.z * 0.6) * 21.0, seed ^ 23) - 0.5;
        let mut n = v.normal;
        let slope = noise2(x * 13.0 + 40.0, (y + c.z * 0.5) * 13.0, seed ^ 31) - 0.5;
        n = (n + v3(pores, slope, 0.0) * (0.05 * front + 0.01)).unit();

        // Blood shows on cheeks, nose, ears and chin; bone shows paler on the brow.
        let cheek = bell((ax - 4.2) / 1.9, (y + 0.8) / 1.7) * front;
        let nose = bell(x / 1.4, (y + 1.0) / 1.2) * front;
        let chin = bell(x / 1.8, (y + 7.8) / 1.1) * front;
        let ear = smooth(8.1, 8.5, ax);
        let sockets = bell((ax + EYE.x) / 1.7, (y - 2.4) / 1.3) * front;
        let red = (0.75 * cheek + 0.7 * nose + 0.35 * chin + 0.9 * ear + 0.3 * sockets + broad * 0.5)
            * self.redness;
        let mut albedo = self.tone.by(v3(1.0 + 0.03 * red, 1.0 - 0.115 * red, 1.0 - 0.10 * red));
        albedo = albedo * (1.0 + 0.045 * broad + 0.05 * fine + 0.055 * pores - 0.06 * sockets);
        let yellow = bell(x / 4.5, (y - 7.0) / 1.8) * front;
        albedo = albedo.by(v3(1.0, 1.0, 1.0 - 0.04 * yellow));

        if self.freckles > 0.0 && front > 0.5 {
            let zone = bell(ax / 5.0, (y - 0.4) / 2.4);
            let spot = smooth(0.70, 0.80, noise2(x * 4.3, y * 4.3, seed ^ 41)) * zone * self.freckles;
            albedo = albedo.by(v3(1.0 - 0.28 * spot, 1.0 - 0.42 * spot, 1.0 - 0.5 * spot));
        }
        if self.beard_shadow {
            let zone = beard_zone(c);
            if zone > 0.01 {
                let grain = smooth(0.45, 0.85, noise2(x * 17.0, (y + c.z * 0.4) * 17.0, seed ^ 53));
                let shade = zone * self.stubble;
                let cool = v3(1.0 - 0.20 * shade, 1.0 - 0.15 * shade, 1.0 - 0.09 * shade);
                albedo = albedo.by(cool).mix(self.stubble_colour, 0.36 * shade * grain);
            }
        }
        if self.makeup > 0.0 {
            let lid = bell((ax + EYE.x) / 1.6, (y - 3.35) / 0.55) * front * self.makeup;
            albedo = albedo.by(v3(1.0 - 0.28 * lid, 1.0 - 0.42 * lid, 1.0 - 0.36 * lid));
        }
        for &[mx, my, r, dark] in &self.moles {
            let d = (x - mx).hypot(y - my);
            if d < r * 1.5 && c.z > 0.0 {
                let m = smooth(r, r * 0.6, d) * dark;
                albedo = albedo.by(v3(1.0 - 0.72 * m, 1.0 - 0.82 * m, 1.0 - 0.86 * m));
            }
        }

        let mut shut = 0.0;
        if front > 0.3 {
            for fold in &self.folds {
                // Folds that cross the middle are given whole, the others for the right half.
                shut += fold.at(if fold.line[0].0 < 0.0 { x } else { ax }, y);
            }
        }
        let hollow = (shut * front).min(0.9);
        let mut open = open * (1.0 - hollow * 0.55);
        albedo = albedo.by(v3(1.0 - 0.10 * hollow, 1.0 - 0.22 * hollow, 1.0 - 0.26 * hollow));
        // The inner corner under the brow, and the nostrils, see little of the room.
        open *= 1.0 - 0.22 * bell((ax - 1.75) / 0.7, (y - 3.1) / 0.9) * front;
        let nostril = bell((ax - 0.88) / 0.42, (y + 1.58) / 0.2) * front;
        let dark = smooth(0.25, 0.75, nostril);
        open *= 1.0 - 0.55 * bell((ax - 0.8) / 0.9, (y + 1.85) / 0.3) * front;

        let lips = self.on_lips(x, y);
        let lip = smooth(-0.07, 0.09, lips + fine * 0.05) * front;
        let mut gloss = 0.045 + 0.06 * nose + 0.022 * bell(x / 3.0, (y - 6.5) / 1.6) + 0.015 * cheek;
        let mut power = 18.0;
        if lip > 0.0 {
            let wrinkle = noise2(x * 7.0, y * 0.9, seed ^ 61) - 0.5;
            let from_seam = y - self.seam_y(x);
            let edge = smooth(0.0, 0.5, lips);
            let upper = if from_seam > 0.0 { 0.80 } else { 1.0 };
            let own = self.lips * (upper * (0.86 + 0.14 * edge) * (1.0 + 0.22 * wrinkle));
            albedo = albedo.mix(own, lip * (0.62 + 0.38 * edge));
            open *= 1.0 - lip * 0.72 * ridge(from_seam / 0.11);
            n = (n + v3(wrinkle * 0.22, 0.0, 0.0) * lip).unit();
            gloss += 0.055 * lip;
            power = 18.0 + 22.0 * lip;
        }
        let corner = bell((ax - 2.5) / 0.28, (y - MOUTH_Y) / 0.2) * front;
        open *= 1.0 - 0.35 * corner;

        let under_hair = self.scalp.root_shade(c) * (1.0 - ear);
        albedo = albedo.mix(self.hair_colour, under_hair);

        let wrap = v3(0.42, 0.26, 0.20);
        let mut light = lamps.matt(n, albedo, wrap, open, lit);
        let rim = (1.0 - n.dot(view).max(0.0)).powi(4);
        let shine = lamps.sheen(n, view, power)
            * gloss
            * (1.0 + fine + pores)
            * open
            * lit.max(0.3)
            * (1.0 - under_hair);
        light += v3(shine, shine, shine * 1.02);
        light = light * (1.0 - 0.16 * rim);
        picture(light).mix(v3(0.10, 0.045, 0.04), dark * 0.82)
    }
}

/// Where a man's beard grows, 0 to 1, in canonical space.
pub(crate) fn beard_zone(c: V3) -> f32 {
    let ax = c.x.abs();
    let jaw = smooth(-3.4, -5.2, c.y - 0.42 * (ax - 3.0).max(0.0)) * smooth(-3.6, -1.2, c.z);
    let moustache = bell(ax / 2.9, (c.y + 3.05) / 0.72) * 1.15;
    let lips = bell(c.x / 2.5, (c.y - MOUTH_Y) / 0.72);
    let side = smooth(6.2, 7.0, ax) * smooth(1.5, -1.0, c.y) * smooth(-4.2, -3.0, c.z);
    let under = smooth(-9.5, -10.6, c.y);
    ((jaw.max(moustache).max(side)) * (1.0 - lips).max(0.0) * (1.0 - under)).clamp(0.0, 1.0)
}

/// The closed outline through `points` with three points between each two (Catmull and Rom 1974).
fn rounded(points: &[(f32, f32)]) -> Vec<(f32, f32)> {
    let n = points.len();
    let mut out = Vec::with_capacity(n * 4);
    for k in 0..n {
        let [a, b, c, d] = [(k + n - 1) % n, k, (k + 1) % n, (k + 2) % n].map(|i| points[i]);
        for s in 0..4 {
            let t = s as f32 / 4.0;
            let one = |a: f32, b: f32, c: f32, d: f32| {
                0.5 * (2.0 * b
                    + (c - a) * t
                    + (2.0 * a - 5.0 * b + 4.0 * c - d) * t * t
                    + (3.0 * b - a - 3.0 * c + d) * t * t * t)
            };
            out.push((one(a.0, b.0, c.0, d.0), one(a.1, b.1, c.1, d.1)));
        }
    }
    out
}
