//! How heads are held and how the camera sees them.

use super::{
    Pose,
    vector::{V3, v3},
};

/// The point that a head turns around, near the top of the neck.
const PIVOT: V3 = v3(0.0, -6.0, -5.0);
/// Distance from the camera to the middle of the head, cm: what the photo page tells people to keep.
const DISTANCE: f32 = 92.0;

/// A rotation of the head.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Turn {
    rows: [V3; 3],
}

impl Turn {
    pub fn new(pose: Pose) -> Turn {
        let (ys, yc) = pose.yaw.to_radians().sin_cos();
        let (ps, pc) = pose.pitch.to_radians().sin_cos();
        let (rs, rc) = pose.roll.to_radians().sin_cos();
        let turn = |v: V3| {
            let v = v3(v.x, v.y * pc + v.z * ps, v.z * pc - v.y * ps);
            let v = v3(v.x * yc + v.z * ys, v.y, v.z * yc - v.x * ys);
            v3(v.x * rc + v.y * rs, v.y * rc - v.x * rs, v.z)
        };
        let (x, y, z) = (turn(v3(1.0, 0.0, 0.0)), turn(v3(0.0, 1.0, 0.0)), turn(v3(0.0, 0.0, 1.0)));
        Turn { rows: [v3(x.x, y.x, z.x), v3(x.y, y.y, z.y), v3(x.z, y.z, z.z)] }
    }

    pub fn direction(&self, v: V3) -> V3 {
        v3(self.rows[0].dot(v), self.rows[1].dot(v), self.rows[2].dot(v))
    }

    pub fn point(&self, p: V3) -> V3 {
        self.direction(p - PIVOT) + PIVOT
    }
}

/// A pinhole camera that looks along −z from in front of the eyes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Camera {
    /// Pixel on which the point (0, `level`, 0) falls.
    pub origin: (f32, f32),
    pub level: f32,
    /// Pixels per centimetre at depth 0.
    pub scale: f32,
}

impl Camera {
    pub fn project(&self, p: V3) -> (f32, f32) {
        let k = self.scale_at(p.z);
        (self.origin.0 + p.x * k, self.origin.1 - (p.y - self.level) * k)
    }

    /// Pixels per centimetre at depth `z`.
    pub fn scale_at(&self, z: f32) -> f32 {
        self.scale * DISTANCE / (DISTANCE - z)
    }

    /// Unit direction from `p` to the camera.
    pub fn from(&self, p: V3) -> V3 {
        (v3(0.0, self.level, DISTANCE) - p).unit()
    }
}
