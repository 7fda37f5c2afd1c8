//! The shape of one face: 468 mesh points (Kartynnik et al., 2019) and both irises (Ablavatski et al., 2020).

use image::RgbImage;

use super::{FaceBox, FaceError, Point, crop::Square};
use crate::model::{ModelError, ModelId, Models, Tensor, TensorView};

/// A mesh point: `x`, `y` in pixels of the picture, `z` depth in the same unit (smaller is nearer, 0 about at the
/// centre of the head).
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Point3 {
    /// To the right.
    pub x: f32,
    /// Downward.
    pub y: f32,
    /// Away from the camera.
    pub z: f32,
}

impl Point3 {
    /// The point without its depth.
    #[must_use]
    pub fn flat(self) -> Point {
        Point { x: self.x, y: self.y }
    }
}

/// One eye as the iris network sees it, in pixels of the picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Eye {
    /// 71 points. The first 16 outline the opening: 0..=8 along the lower lid from the outer to the inner corner,
    /// 9..=15 along the upper lid from the outer to the inner side, without the corners. Then socket and brow.
    pub contour: Vec<Point>,
    /// The iris: its centre, then where its edge is nearest the nose, uppermost, farthest from the nose and lowest.
    pub iris: [Point; 5],
}

impl Eye {
    /// The outline of the opening: along the lower lid, and back along the upper one. Empty without the contour.
    #[must_use]
    pub fn opening(&self) -> Vec<Point> {
        let lids = self.contour.get(..16).and_then(|lids| lids.split_at_checked(9));
        let (lower, upper) = lids.unwrap_or_default();
        lower.iter().chain(upper.iter().rev()).copied().collect()
    }

    /// Mean of the iris's horizontal and vertical diameter, in pixels.
    #[must_use]
    pub fn iris_diameter(&self) -> f32 {
        let [_, a, b, c, d] = self.iris;
        (distance(a, c) + distance(b, d)) / 2.0
    }
}

/// One face, point for point. "Right" and "left" are the person's.
#[derive(Debug, Clone, PartialEq)]
pub struct FaceMesh {
    /// The 468 points in MediaPipe's canonical order.
    pub points: Vec<Point3>,
    /// Probability that there is a face at all, 0..1.
    pub presence: f32,
    /// The person's right eye (left in the picture).
    pub right_eye: Eye,
    /// The person's left eye.
    pub left_eye: Eye,
}

/// See [`SAME_CROP`].
struct Tolerance {
    centre: f32,
    side: f32,
    turn: f32,
}

const MESH_INPUT: usize = 192;
const IRIS_INPUT: usize = 64;
/// How much larger than the detector's or the mesh's box the mesh network's crop is; MediaPipe's value.
const FACE_MARGIN: f32 = 1.5;
/// How far two crops of a face may differ and be as good: the distance of their centres and the difference of their sides,
/// relative to the larger side, and the sine of the angle between them.
const SAME_CROP: Tolerance = Tolerance { centre: 0.05, side: 0.1, turn: 0.05 };
/// How much larger than the distance of its corners an eye's crop is; MediaPipe's value.
const EYE_MARGIN: f32 = 2.3;
/// The second look at lips that may be open: crop relative to the mesh's box, and how far lower it lies relative to its
/// side. Of drawn bearded people it follows the mouths that the usual crop takes for beard.
const LIPS_MARGIN: f32 = 1.25;
const LIPS_LOWER: f32 = 0.08;
/// How far lips stand apart, relative to the mouth's width, where they may be open and where they surely are.
const LIPS_IN_DOUBT: std::ops::Range<f32> = 0.05..0.3;
/// Points of the inner lips, upper and lower, that lie above each other.
pub(crate) const INNER_LIPS: [(usize, usize); 5] = [(13, 14), (82, 87), (312, 317), (81, 178), (311, 402)];
/// Corners of the mouth.
const MOUTH_CORNERS: (usize, usize) = (61, 291);
/// All points of the lips.
const LIPS: [usize; 40] = [
    61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 185, 40, 39, 37, 0, 267, 269, 270, 409, 78, 95, 88,
    178, 87, 14, 317, 402, 318, 324, 308, 191, 80, 81, 82, 13, 312, 311, 310, 415,
];
/// Outer and inner corner of the person's right and left eye.
const RIGHT_CORNERS: (usize, usize) = (33, 133);
const LEFT_CORNERS: (usize, usize) = (263, 362);

/// Fits the mesh and the irises to a detected face: to the detector's box and, where that lies otherwise than a box about what was
/// found, again to this one, which makes the result independent of how the detector happened to place its own. Lips that may be open
/// are looked at once more from nearer.
///
/// # Errors
/// [`FaceError::Model`] when a network cannot be opened or run.
pub fn mesh(models: &Models, pixels: &RgbImage, face: &FaceBox) -> Result<FaceMesh, FaceError> {
    mesh_seen(models, &|square, out| square.sample(pixels, out), face)
}

/// What a square of the picture shows at so many pixels a side, as [`Square::sample`] tells it.
pub(crate) type See<'a> = &'a (dyn Fn(Square, usize) -> Vec<f32> + Sync);

/// As [`mesh`], of a picture that is known by what its squares show.
///
/// # Errors
/// As [`mesh`].
pub(crate) fn mesh_seen(models: &Models, see: See<'_>, face: &FaceBox) -> Result<FaceMesh, FaceError> {
    let detected = detected_square(face);
    let (mut points, mut presence) = fit(models, see, detected)?;
    let roll = angle(points[RIGHT_CORNERS.0].flat(), points[LEFT_CORNERS.0].flat());
    let square = Square::around(points.iter().map(|point| point.flat()), roll, FACE_MARGIN);
    if !as_good(detected, square) {
        (points, presence) = fit(models, see, square)?;
    }
    if LIPS_IN_DOUBT.contains(&lips_apart(&points)) {
        look_again_at_lips(models, see, &mut points)?;
    }
    let (right_eye, left_eye) = rayon::join(
        || eye(models, see, &points, RIGHT_CORNERS, Side::Right),
        || eye(models, see, &points, LEFT_CORNERS, Side::Left),
    );
    Ok(FaceMesh { points, presence, right_eye: right_eye?, left_eye: left_eye? })
}

/// Whether the network, which allows for so much, sees the same in both crops.
fn as_good(a: Square, b: Square) -> bool {
    let larger = a.side.max(b.side);
    distance(a.centre, b.centre) <= SAME_CROP.centre * larger
        && (a.side - b.side).abs() <= SAME_CROP.side * larger
        && (a.roll - b.roll).sin().abs() <= SAME_CROP.turn
}

/// How far the inner lips stand apart relative to the mouth's width.
fn lips_apart(points: &[Point3]) -> f32 {
    let between = |(a, b): (usize, usize)| distance(points[a].flat(), points[b].flat());
    INNER_LIPS.into_iter().map(between).fold(0.0, f32::max) / between(MOUTH_CORNERS).max(1e-3)
}

/// Fits the mesh to a nearer crop and takes the lips from there.
fn look_again_at_lips(models: &Models, see: See<'_>, points: &mut [Point3]) -> Result<(), FaceError> {
    let roll = angle(points[RIGHT_CORNERS.0].flat(), points[LEFT_CORNERS.0].flat());
    let mut square = Square::around(points.iter().map(|point| point.flat()), roll, LIPS_MARGIN);
    let (sin, cos) = roll.sin_cos();
    square.centre.x -= sin * LIPS_LOWER * square.side;
    square.centre.y += cos * LIPS_LOWER * square.side;
    let (nearer, _) = fit(models, see, square)?;
    for point in LIPS {
        points[point] = nearer[point];
    }
    Ok(())
}

/// The mesh network's probability that there is a face in the detector's box, 0..1.
pub(super) fn presence(models: &Models, pixels: &RgbImage, face: &FaceBox) -> Result<f32, FaceError> {
    fit(models, &|square, out| square.sample(pixels, out), detected_square(face))
        .map(|(_, presence)| presence)
}

fn detected_square(face: &FaceBox) -> Square {
    Square {
        centre: Point { x: face.x + face.width / 2.0, y: face.y + face.height / 2.0 },
        side: FACE_MARGIN * face.width.max(face.height),
        roll: angle(face.keypoints[0], face.keypoints[1]),
    }
}

fn fit(models: &Models, see: See<'_>, square: Square) -> Result<(Vec<Point3>, f32), FaceError> {
    let input = unit(see(square, MESH_INPUT));
    let outputs =
        models.get(ModelId::FaceMesh)?.run(&[TensorView::new(&[1, MESH_INPUT, MESH_INPUT, 3], &input)?])?;
    let [points, logit] = checked(&outputs, [468 * 3, 1])?;
    let edge = MESH_INPUT as f32;
    let points = points
        .chunks_exact(3)
        .map(|point| {
            let flat = square.to_picture(point[0] / edge, point[1] / edge);
            Point3 { x: flat.x, y: flat.y, z: point[2] / edge * square.side }
        })
        .collect();
    Ok((points, 1.0 / (1.0 + (-logit[0]).exp())))
}

#[derive(Clone, Copy, PartialEq)]
enum Side {
    Right,
    Left,
}

/// One eye. The network knows eyes whose outer corner is on the left of the picture: a left eye is mirrored for it, and
/// its points back again.
fn eye(
    models: &Models,
    see: See<'_>,
    points: &[Point3],
    (outer, inner): (usize, usize),
    side: Side,
) -> Result<Eye, FaceError> {
    let (outer, inner) = (points[outer].flat(), points[inner].flat());
    let roll = if side == Side::Right { angle(outer, inner) } else { angle(inner, outer) };
    let square = Square::around([outer, inner].into_iter(), roll, EYE_MARGIN);
    let mut input = unit(see(square, IRIS_INPUT));
    if side == Side::Left {
        for row in input.chunks_exact_mut(IRIS_INPUT * 3) {
            mirror(row);
        }
    }
    let outputs =
        models.get(ModelId::Iris)?.run(&[TensorView::new(&[1, IRIS_INPUT, IRIS_INPUT, 3], &input)?])?;
    let [contour, iris] = checked(&outputs, [71 * 3, 5 * 3])?;
    let edge = IRIS_INPUT as f32;
    let place = |point: &[f32]| {
        let u = point[0] / edge;
        square.to_picture(if side == Side::Left { 1.0 - u } else { u }, point[1] / edge)
    };
    Ok(Eye {
        contour: contour.chunks_exact(3).map(place).collect(),
        iris: std::array::from_fn(|index| place(&iris[index * 3..])),
    })
}

/// Turns a row of RGB values around.
fn mirror(row: &mut [f32]) {
    row.reverse();
    for pixel in row.chunks_exact_mut(3) {
        pixel.reverse();
    }
}

fn unit(mut values: Vec<f32>) -> Vec<f32> {
    for value in &mut values {
        *value /= 255.0;
    }
    values
}

fn checked(outputs: &[Tensor], lengths: [usize; 2]) -> Result<[&[f32]; 2], ModelError> {
    match outputs {
        [first, second] if [first.data().len(), second.data().len()] == lengths => {
            Ok([first.data(), second.data()])
        }
        _ => Err(ModelError::Run("a face network answered in another shape than it documents".to_owned())),
    }
}

/// The turn, clockwise, of the line from `from` to `to` against the horizontal.
fn angle(from: Point, to: Point) -> f32 {
    (to.y - from.y).atan2(to.x - from.x)
}

fn distance(a: Point, b: Point) -> f32 {
    (a.x - b.x).hypot(a.y - b.y)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mirroring_keeps_the_order_of_the_colours() {
        let mut row = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        mirror(&mut row);
        assert_eq!(row, [4.0, 5.0, 6.0, 1.0, 2.0, 3.0]);
    }
}
