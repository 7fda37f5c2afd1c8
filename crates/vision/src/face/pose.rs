//! How a head is held: a scaled-orthographic fit of MediaPipe's canonical face to the mesh.

use serde::Serialize;

use super::FaceMesh;

/// How a head is held, in degrees; all zero looks straight into the camera.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Pose {
    /// Positive turns the nose to the picture's right.
    pub yaw: f32,
    /// Positive lifts the chin.
    pub pitch: f32,
    /// Positive leans the head clockwise as the picture shows it.
    pub roll: f32,
}

/// Points that hardly move with expression, and where they lie on the canonical face: x to the picture's right, y up, z
/// towards the camera, in centimetres. From MediaPipe's `canonical_face_model` (Apache-2.0).
const RIGID: [(usize, [f32; 3]); 28] = [
    (33, [-4.446, 2.664, 3.173]),
    (133, [-1.856, 2.585, 3.758]),
    (362, [1.856, 2.585, 3.758]),
    (263, [4.446, 2.664, 3.173]),
    (168, [0.0, 3.271, 5.236]),
    (6, [0.0, 2.473, 5.789]),
    (197, [0.0, 1.728, 6.317]),
    (195, [0.0, 1.059, 6.775]),
    (5, [0.0, 0.366, 7.243]),
    (4, [0.0, -0.463, 7.587]),
    (1, [0.0, -1.127, 7.476]),
    (2, [0.0, -2.089, 6.058]),
    (98, [-1.406, -1.714, 5.241]),
    (327, [1.406, -1.714, 5.241]),
    (9, [0.0, 4.886, 5.385]),
    (8, [0.0, 4.019, 5.285]),
    (151, [0.0, 6.545, 5.027]),
    (10, [0.0, 8.262, 4.482]),
    (117, [-5.259, 0.946, 2.974]),
    (346, [5.259, 0.946, 2.974]),
    (50, [-4.766, -0.702, 3.535]),
    (280, [4.766, -0.702, 3.535]),
    (234, [-7.664, 0.673, -2.436]),
    (454, [7.664, 0.673, -2.436]),
    (127, [-7.743, 2.365, -2.005]),
    (356, [7.743, 2.365, -2.005]),
    (93, [-7.542, -1.049, -2.431]),
    (323, [7.542, -1.049, -2.431]),
];

/// What the fit says of faces that look straight ahead, in degrees of pitch, and how much of a nod it sees: the network draws faces
/// towards its own average, which looks straight ahead. By 640 drawn faces that nod by up to 24° (`--example poses`); what is left of the
/// error is ±3.4° for a nod, ±0.7° for a turn, ±0.3° for a tilt. Of level real faces the fit says −8 to +3.
const LEVEL_PITCH: f32 = -2.2;
const SHARE_OF_PITCH: f32 = 0.77;

/// The pose of a meshed face. Uses where the points lie and not the network's depths, which lean towards an average face.
#[must_use]
pub fn pose(mesh: &FaceMesh) -> Pose {
    let observed: Vec<Seen> = RIGID
        .iter()
        .filter_map(|(index, [x, y, z])| mesh.points.get(*index).map(|p| ([*x, -*y, -*z], [p.x, p.y])))
        .collect();
    let rows = orthographic(&observed);
    let fitted = from_rows(rows[0], rows[1]);
    Pose { pitch: (fitted.pitch - LEVEL_PITCH) / SHARE_OF_PITCH, ..fitted }
}

/// A point of the model, and where it is seen in the picture.
type Seen = ([f32; 3], [f32; 2]);

/// The 2 × 3 matrix that maps model points to picture points in the least-squares sense, both about their means.
fn orthographic(points: &[Seen]) -> [[f32; 3]; 2] {
    let count = points.len().max(1) as f32;
    let mean = |pick: &dyn Fn(&Seen) -> f32| points.iter().map(pick).sum::<f32>() / count;
    let model: [f32; 3] = std::array::from_fn(|i| mean(&|p| p.0[i]));
    let seen: [f32; 2] = std::array::from_fn(|i| mean(&|p| p.1[i]));
    let mut normal = [[0.0; 3]; 3];
    let mut right = [[0.0; 3]; 2];
    for (m, s) in points {
        let m: [f32; 3] = std::array::from_fn(|i| m[i] - model[i]);
        for i in 0..3 {
            for j in 0..3 {
                normal[i][j] += m[i] * m[j];
            }
            for (row, value) in right.iter_mut().enumerate() {
                value[i] += m[i] * (s[row] - seen[row]);
            }
        }
    }
    right.map(|column| solve(normal, column))
}

/// Cramer's rule.
fn solve(a: [[f32; 3]; 3], b: [f32; 3]) -> [f32; 3] {
    let det = |m: [[f32; 3]; 3]| {
        m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1]) - m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0])
            + m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0])
    };
    let whole = det(a);
    std::array::from_fn(|column| {
        let mut replaced = a;
        for (row, value) in b.iter().enumerate() {
            replaced[row][column] = *value;
        }
        det(replaced) / whole
    })
}

/// Angles from the rows that give the picture's x and y.
fn from_rows(x: [f32; 3], y: [f32; 3]) -> Pose {
    let length = |v: [f32; 3]| v.iter().map(|c| c * c).sum::<f32>().sqrt();
    let scale = (length(x) + length(y)) / 2.0;
    // The face looks along −z of the model: the third column tells where the nose points in the picture.
    let roll = y[0].atan2(x[0]);
    let (sin, cos) = roll.sin_cos();
    let (right, down) = (-x[2] / scale, -y[2] / scale);
    let (right, down) = (right * cos + down * sin, down * cos - right * sin);
    let ahead = (1.0 - right * right - down * down).max(0.0).sqrt();
    Pose {
        yaw: right.atan2(ahead).to_degrees(),
        pitch: (-down).clamp(-1.0, 1.0).asin().to_degrees(),
        roll: roll.to_degrees(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::face::{Eye, Point, Point3};

    /// The canonical face turned by the given angles, 20 pixels per centimetre.
    fn turned(yaw: f32, pitch: f32, roll: f32) -> FaceMesh {
        let (sy, cy) = yaw.to_radians().sin_cos();
        let (sp, cp) = pitch.to_radians().sin_cos();
        let (sr, cr) = roll.to_radians().sin_cos();
        let mut points = vec![Point3::default(); 468];
        for (index, [x, y, z]) in RIGID {
            let (x, y, z) = (x, -y, -z);
            let (y, z) = (y * cp + z * sp, z * cp - y * sp);
            let (x, z) = (x * cy - z * sy, z * cy + x * sy);
            let (x, y) = (x * cr - y * sr, y * cr + x * sr);
            points[index] = Point3 { x: 300.0 + 20.0 * x, y: 400.0 + 20.0 * y, z };
        }
        let eye = Eye { contour: Vec::new(), iris: [Point::default(); 5] };
        FaceMesh { points, presence: 1.0, right_eye: eye.clone(), left_eye: eye }
    }

    #[test]
    fn a_turned_canonical_face_gives_back_its_angles() {
        for (yaw, pitch, roll) in
            [(0.0, 0.0, 0.0), (20.0, 0.0, 0.0), (0.0, -15.0, 0.0), (0.0, 0.0, 12.0), (-18.0, 9.0, 5.0)]
        {
            let got = pose(&turned(yaw, pitch, roll));
            assert!(
                (got.yaw - yaw).abs() < 1.5
                    && (got.pitch * SHARE_OF_PITCH + LEVEL_PITCH - pitch).abs() < 1.5
                    && (got.roll - roll).abs() < 3.0,
                "{yaw} {pitch} {roll}: {got:?}"
            );
        }
    }

    #[test]
    fn angles_have_the_signs_that_they_promise() {
        // A turn to the picture's right moves the nose tip to the right of the eyes' middle.
        let mesh = turned(20.0, 0.0, 0.0);
        assert!(mesh.points[4].x > (mesh.points[33].x + mesh.points[263].x) / 2.0);
        // A lifted chin moves the nose tip up.
        assert!(turned(0.0, 15.0, 0.0).points[4].y < turned(0.0, 0.0, 0.0).points[4].y);
        // Leaning clockwise lowers the eye on the picture's right.
        let mesh = turned(0.0, 0.0, 10.0);
        assert!(mesh.points[263].y > mesh.points[33].y);
    }
}
