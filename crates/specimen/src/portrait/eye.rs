//! Eyes: the ball with iris, pupil and catchlight, and the lashes on the lids.

use crate::looks::Eyes;

use super::{
    camera::{Camera, Turn},
    head::{EYE, Head},
    light::{Lamps, linear, picture},
    mesh::{Surface, Vertex, vertex},
    noise::{noise2, unit},
    stroke::Stroke,
    vector::{V3, smooth, v3},
};

/// Radius of the drawn eyeball, a little larger than life so that it fills the opening to its corners, cm.
const BALL: f32 = 1.62;
const IRIS: f32 = 0.635;

/// One eye of a bent and posed head.
pub(crate) struct Eyeball {
    pub surface: Surface,
    /// Where the pupil is, in the room.
    pub pupil: V3,
}

/// Builds the eyeball behind opening `side` (0 left, 1 right). `rest` is the head bent with open eyes, not yet turned; `gaze` is
/// how far the eyes look away from the camera, in degrees to the picture's right and up.
pub(crate) fn eyeball(side: usize, rest: &[V3], gaze: (f32, f32), turn: &Turn, camera: &Camera) -> Eyeball {
    let lids = &Head::get().openings[side];
    let n = lids.len() as f32;
    let middle = lids.iter().fold(V3::ZERO, |s, &i| s + rest[i as usize]) * (1.0 / n);
    // As far forward as the lids let it.
    let room = |p: V3| {
        let beside = (p.x - middle.x).powi(2) + (p.y - middle.y).powi(2);
        p.z - (BALL * BALL - beside).max(0.0).sqrt()
    };
    let depth = lids.iter().map(|&i| room(rest[i as usize])).fold(f32::MAX, f32::min);
    let centre = v3(middle.x, middle.y + 0.02, depth - 0.04);
    // Both eyes look at the camera, which is nearer than infinity.
    let inward = -middle.x / 95.0;
    let (aside, above) = (gaze.0.to_radians(), gaze.1.to_radians());
    let look = v3(inward + aside.tan(), 0.01 + above.tan(), 1.0).unit();
    let right = v3(look.z, 0.0, -look.x);
    let up = look.cross(right);
    let upper: Vec<(f32, f32)> = {
        let mut line: Vec<(f32, f32)> = lids
            .iter()
            .map(|&i| rest[i as usize])
            .filter(|p| p.y > middle.y - 0.03)
            .map(|p| (p.x, p.y))
            .collect();
        line.sort_by(|a, b| a.0.total_cmp(&b.0));
        line
    };
    let lid_at = |x: f32| {
        let k = upper.partition_point(|p| p.0 < x).clamp(1, upper.len() - 1);
        let (a, b) = (upper[k - 1], upper[k]);
        a.1 + (b.1 - a.1) * ((x - a.0) / (b.0 - a.0).max(1e-3)).clamp(0.0, 1.0)
    };
    let surface = Surface::grid(44, 44, camera, |r, c| {
        let (y, x) = (0.97 - 1.94 * r, -0.97 + 1.94 * c);
        // The square grid onto the disc, then onto the half ball.
        let (dx, dy) = (x * (1.0 - y * y / 2.0).sqrt(), y * (1.0 - x * x / 2.0).sqrt());
        let dz = (1.0 - dx * dx - dy * dy).max(0.0).sqrt();
        let p = centre + (right * dx + up * dy + look * dz) * BALL;
        // A little deeper than it is, lest it peep through a thin lid.
        let mut v = vertex(turn.point(p - v3(0.0, 0.0, 0.25)));
        v.paint = v3(dx * BALL, dy * BALL, p.x - middle.x);
        v.extra = lid_at(p.x) - p.y;
        v
    });
    Eyeball { surface, pupil: turn.point(centre + look * BALL) }
}

/// Colour of a point of the eyeball as the picture shows it.
pub(crate) fn ball_colour(v: &Vertex, inner: f32, eyes: &Eyes, lamps: &Lamps, seed: u32) -> V3 {
    let (x, y) = (v.paint.x, v.paint.y);
    let r = x.hypot(y);
    let angle = y.atan2(x);
    // The white is never white: pinkish to the corners, with a few veins.
    let corner = smooth(0.55, 1.45, v.paint.z.abs());
    let vein = smooth(0.62, 0.8, noise2(x * 3.0 + 9.0, y * 9.0, seed)) * corner;
    let mut albedo = v3(0.66, 0.63, 0.61).mix(v3(0.60, 0.44, 0.40), 0.45 * corner + 0.18 * vein);
    // The pink flesh of the inner corner.
    let flesh = smooth(0.92, 1.25, v.paint.z * inner);
    albedo = albedo.mix(v3(0.55, 0.27, 0.24), flesh * 0.85);

    let iris = linear(eyes.iris);
    let fibres = noise2(angle * 9.0 + 40.0, r * 2.2, seed ^ 3) * 0.6
        + noise2(angle * 24.0 + 80.0, r * 5.0, seed ^ 4) * 0.4;
    let bright = 0.75 + 1.0 * fibres * smooth(0.22, 0.5, r);
    let limbus = smooth(0.46, 0.64, r);
    // Light from above leaves the cornea through the lower half.
    let lower = 1.0 + 0.65 * smooth(0.25, -0.5, y);
    let ring = (iris * (1.05 * bright * lower)).mix(iris * 0.25, limbus);
    albedo = albedo.mix(ring, smooth(IRIS + 0.035, IRIS - 0.03, r));
    albedo = albedo.mix(v3(0.004, 0.004, 0.004), smooth(0.275, 0.235, r));

    let shade = 0.22 + 0.78 * smooth(-0.08, 0.46, v.extra);
    let n = (v.normal + v3(0.0, 0.0, 0.6)).unit();
    let matt = picture(lamps.matt(n, albedo, v3(0.4, 0.4, 0.4), shade, 0.6 + 0.4 * shade));
    // The window that every eye in a well-lit room reflects.
    let (cx, cy) = (0.20 * lamps.main.x.signum() * (0.4 + lamps.main.x.abs()).min(1.0), 0.20);
    let d = ((x - cx) / 0.105).abs().max(((y - cy) / 0.125).abs());
    let glint = smooth(1.15, 0.8, d) * 0.88 * smooth(0.02, 0.12, v.extra);
    matt.mix(v3(0.97, 0.98, 1.0), glint)
}

/// Lashes and the dark line they make on the lids. `posed` holds the head's vertices in the room.
pub(crate) fn lashes(
    side: usize,
    posed: &[V3],
    eyes: &Eyes,
    shut: f32,
    turn: &Turn,
    camera: &Camera,
    seed: u32,
) -> Vec<Stroke> {
    let lids = &Head::get().openings[side];
    let canon = Head::get().canon();
    let sign = if side == 0 { -1.0 } else { 1.0 };
    let centre_x = EYE.x * -sign;
    let dark = v3(0.085, 0.06, 0.055);
    let mut out = Vec::new();
    let n = lids.len();
    let line = |i: usize| posed[lids[i % n] as usize];
    let is_upper = |i: usize| canon[lids[i % n] as usize].y > EYE.y + 0.05;
    for i in 0..n {
        let (a, b) = (line(i), line(i + 1));
        let upper = is_upper(i) && is_upper(i + 1);
        let scale = camera.scale_at(a.z);
        let away = ((canon[lids[i] as usize].x - centre_x) * sign / 1.3).clamp(-1.0, 1.0);
        let (width, alpha) = if upper {
            ((0.065 + 0.05 * eyes.lashes) * (0.8 + 0.3 * away), 0.86)
        } else {
            (0.03 + 0.012 * eyes.lashes, 0.26 + 0.14 * eyes.lashes + 0.3 * shut)
        };
        let lift = v3(0.0, if upper { 0.012 } else { -0.02 }, 0.05);
        out.push(Stroke::between(camera, a + lift, b + lift, width * scale, width * scale, dark, alpha));
    }
    let count = (26.0 + 30.0 * eyes.lashes) as u32;
    for k in 0..count * 2 {
        let upper = k % 2 == 0;
        let t = unit(seed ^ (k * 7 + side as u32 * 991));
        let i = (t * n as f32) as usize % n;
        if is_upper(i) != upper || (!upper && k % 4 != 1) {
            continue;
        }
        let away = ((canon[lids[i] as usize].x - centre_x) * sign / 1.3).clamp(-1.0, 1.0);
        let j = unit(seed ^ (k * 13 + 5));
        let long = (0.13 + 0.22 * eyes.lashes)
            * (0.6 + 0.4 * j)
            * (0.65 + 0.45 * away)
            * if upper { 1.0 } else { 0.5 };
        let rise = if upper { 1.0 - 1.75 * shut } else { -1.0 };
        let tip = v3(sign * (away * 0.75 + 0.15 * (j - 0.5)) * long, rise * 0.75 * long, 0.6 * long);
        let a = posed[lids[i] as usize] + v3(0.0, 0.0, 0.04);
        let b = a + turn.direction(tip);
        let scale = camera.scale_at(a.z);
        out.push(Stroke::between(
            camera,
            a,
            b,
            0.040 * scale,
            0.010 * scale,
            dark,
            if upper { 0.75 } else { 0.4 },
        ));
    }
    out
}
