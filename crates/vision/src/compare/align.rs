//! Cutting a face out the way the descriptor network was trained on: dlib's alignment, as `face-api` does it.

use crate::face::{FaceMesh, Point, crop::Square};

/// The mesh points that stand for dlib's landmarks of the right eye (36 to 41), left eye (42 to 47) and mouth (48 to 67).
const RIGHT_EYE: [usize; 6] = [33, 160, 158, 133, 153, 144];
const LEFT_EYE: [usize; 6] = [362, 385, 387, 263, 373, 380];
const MOUTH: [usize; 20] =
    [61, 40, 37, 0, 267, 270, 291, 321, 314, 17, 84, 91, 78, 81, 13, 311, 308, 402, 14, 178];

/// The distance from eyes to mouth, as a part of the crop's edge.
const EYES_TO_MOUTH: f32 = 0.45;
/// How far down the crop the mean of eyes and mouth lies; across, it lies in the middle.
const DOWN: f32 = 0.43;

/// The square to cut out. Unlike `face-api`, which leaves a tilted head tilted, it is turned upright as dlib does it.
pub(super) fn square(mesh: &FaceMesh) -> Square {
    let mean = |indices: &[usize]| {
        let points = indices.iter().filter_map(|&index| mesh.points.get(index));
        let sum = points.fold((0.0, 0.0), |sum, point| (sum.0 + point.x, sum.1 + point.y));
        Point { x: sum.0 / indices.len() as f32, y: sum.1 / indices.len() as f32 }
    };
    let (right, left, mouth) = (mean(&RIGHT_EYE), mean(&LEFT_EYE), mean(&MOUTH));
    let reach = |eye: Point| (mouth.x - eye.x).hypot(mouth.y - eye.y);
    let side = (reach(right) + reach(left)) / 2.0 / EYES_TO_MOUTH;
    let roll = (left.y - right.y).atan2(left.x - right.x);
    let middle = Point { x: (right.x + left.x + mouth.x) / 3.0, y: (right.y + left.y + mouth.y) / 3.0 };
    let anchored = Square { centre: middle, side, roll };
    // The crop's centre lies below the mean by what DOWN is short of one half.
    Square { centre: anchored.to_picture(0.5, 1.0 - DOWN), ..anchored }
}
