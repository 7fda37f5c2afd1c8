//! Bends the canonical head into one person's: smooth fields over canonical space, so that skin, hair and eyes follow.

use crate::looks::Shape;

use super::{
    head::{EYE, MOUTH_Y},
    vector::{V3, bell, smooth, v3},
};

impl Shape {
    /// Where this person's head has the point that the canonical head has at `p`.
    pub(crate) fn bend(&self, p: V3) -> V3 {
        let side = if p.x < 0.0 { -1.0 } else { 1.0 };
        let ax = p.x.abs();
        let front = smooth(-4.0, 1.0, p.z);
        let mut d = V3::ZERO;

        let (ex, ey) = (ax + EYE.x, p.y - EYE.y);
        let eye = bell(ex / 2.0, ey / 1.4) * front;
        let lids = bell(ex / 2.4, ey / 0.95) * front;
        d.x += side
            * (eye * ex * (self.eye_width - 1.0)
                + bell(ex / 2.4, ey / 2.2) * smooth(0.2, 1.8, ax) * front * self.eye_spacing);
        // The upper lid takes most of the opening.
        d.y += lids * ey * (self.eye_height - 1.0) * if ey > 0.0 { 1.25 } else { 0.7 };
        d.y += bell(ex / 2.6, ey / 2.0) * front * self.eye_lift + eye * ex * self.eye_tilt;

        let brow = bell((ax - 3.2) / 3.2, (p.y - 4.9) / 1.2) * front;
        d.y += brow * self.brow_lift;
        d.z += brow * self.brow_ridge;

        d.y -= bell(ax / 2.3, (p.y + 1.0) / 1.9) * front * self.nose_length;
        d.x += p.x * (self.nose_width - 1.0) * bell(ax / 2.2, (p.y + 1.2) / 1.5) * front;
        d.z += self.nose_bridge * bell(ax / 1.0, (p.y - 1.9) / 2.2) * front;
        d.z += self.nose_tip * bell(ax / 1.5, (p.y + 0.9) / 1.3) * front;
        d.y += self.nose_upturn * bell(ax / 1.1, (p.y + 0.9) / 0.9) * front;

        let my = p.y - MOUTH_Y;
        d.x += p.x * (self.mouth_width - 1.0) * bell(ax / 3.4, my / 1.9) * front;
        d.y += self.mouth_lift * bell(ax / 3.2, my / 1.7) * front;
        let fullness = if my > 0.0 { self.upper_lip } else { self.lower_lip } - 1.0;
        d.y += my * fullness * bell(ax / 2.9, my / 1.5) * front;
        d.z += 0.35 * fullness * bell(ax / 2.0, my / 0.9) * front;
        d.y += self.corner_lift * bell((ax - 2.4) / 0.9, my / 0.9) * front;

        d.x += p.x * self.jaw * smooth(-0.5, -6.5, p.y);
        d.x += p.x * self.chin_width * smooth(-5.5, -9.0, p.y) * front;
        d.y -= self.chin_height * smooth(-5.3, -9.3, p.y);
        d.z += self.chin_forward * bell(ax / 2.6, (p.y + 8.6) / 1.6) * front;

        let cheekbone = bell((ax - 5.6) / 2.2, (p.y - 0.4) / 1.9) * front;
        d.x += side * cheekbone * self.cheekbones;
        d.z += cheekbone * self.cheekbones * 0.8;
        let cheek = bell((ax - 5.0) / 2.2, (p.y + 3.4) / 2.2) * front;
        d.x += side * cheek * self.cheek_fullness;
        d.z += cheek * self.cheek_fullness * 0.8;

        d.y += self.forehead * smooth(5.2, 9.5, p.y);
        let q = p + d;
        v3(q.x * self.width, q.y * self.height, q.z)
    }
}
