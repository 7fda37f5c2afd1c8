//! How a capture was measured, for pages that show it: the mesh, the head's axes, the photo's frame, the wall, reflections.

use domain::Spot;

use crate::{
    checks::{self, Subject},
    face::{Eye, Point},
    framing::Framing,
};

/// Points and lines that the measures were read from, in pixels of the upright capture. "Right" and "left" are the person's.
#[derive(Debug, Clone)]
pub struct Map {
    /// The points of the face, in MediaPipe's canonical order.
    pub mesh: Vec<Point>,
    /// Lines along points of the mesh: the face, the lips, the lids, the brows, the nose's ridge.
    pub outlines: Vec<Vec<Point>>,
    /// Centre and diameter of the right and the left iris.
    pub irises: [(Point, f32); 2],
    /// How the head is held.
    pub axes: Axes,
    /// What the ID photo shows: its corners, clockwise from the upper left one.
    pub frame: [Point; 4],
    /// The lines that the framing goes by, each across the frame.
    pub lines: Lines<[Point; 2]>,
    /// The same in the ID photo: rows, and columns of the face's sides.
    pub in_photo: Lines<f32>,
    /// The wall, where there is enough of it.
    pub wall: Option<WallMap>,
    /// Reflections before the eyes.
    pub glare: Vec<Spot>,
}

/// The head's own directions as the picture shows them: straight ahead, `right` and `down` are the picture's, and `ahead` is a
/// point.
#[derive(Debug, Clone, Copy)]
pub struct Axes {
    /// The tip of the nose.
    pub origin: Point,
    /// One half of the face's width to the picture's right.
    pub right: Point,
    /// As far down.
    pub down: Point,
    /// As far out of the face.
    pub ahead: Point,
}

/// The lines that the framing goes by.
#[derive(Debug, Clone, Copy)]
pub struct Lines<T> {
    /// Highest hair.
    pub hair_top: T,
    /// Middle of the eyes.
    pub eyes: T,
    /// Chin.
    pub chin: T,
    /// The face's sides before the ears, the picture's left one first.
    pub sides: [T; 2],
}

/// How far the wall departs from its own smoothly lit colour, in squares.
#[derive(Debug, Clone)]
pub struct WallMap {
    /// Upper left corner.
    pub origin: Point,
    /// Edge of a square.
    pub square: f32,
    /// Squares in a row.
    pub columns: usize,
    /// Departure (CIELAB, ΔE 1976) of each square, row by row; `None` where there is no wall to look at.
    pub departures: Vec<Option<f32>>,
}

impl Map {
    pub(crate) fn of(subject: &Subject<'_>) -> Map {
        let framing = subject.framing;
        let mesh: Vec<Point> =
            subject.mesh.points.iter().map(|p| subject.work.in_capture(p.flat())).collect();
        let outline = |points: &&[usize]| points.iter().filter_map(|i| mesh.get(*i).copied()).collect();
        let iris =
            |eye: &Eye| (subject.work.in_capture(eye.iris[0]), eye.iris_diameter() / subject.work.scale);
        let [w, h] = framing.size.map(|side| side as f32);
        let place = |x: f32, y: f32| subject.work.in_capture(framing.in_work(Point { x, y }));
        let in_photo = Lines::in_photo(framing);
        let across = |y: f32| [place(0.0, y), place(w, y)];
        let glare = checks::glare(subject).unwrap_or_default();
        let size = subject.capture.pixels.dimensions();
        Map {
            outlines: OUTLINES.iter().map(outline).collect(),
            irises: [iris(&subject.mesh.right_eye), iris(&subject.mesh.left_eye)],
            axes: Axes::of(subject),
            frame: [place(0.0, 0.0), place(w, 0.0), place(w, h), place(0.0, h)],
            lines: Lines {
                hair_top: across(in_photo.hair_top),
                eyes: across(in_photo.eyes),
                chin: across(in_photo.chin),
                sides: in_photo.sides.map(|x| [place(x, in_photo.hair_top), place(x, in_photo.chin)]),
            },
            in_photo,
            wall: WallMap::of(subject),
            glare: glare.into_iter().filter_map(|(_, area)| area?.spot(size)).collect(),
            mesh,
        }
    }
}

impl Lines<f32> {
    fn in_photo(framing: &Framing) -> Lines<f32> {
        let head = &framing.head;
        let column = |side: f32| framing.eyes.x + framing.scale * (head.middle + side * head.width / 2.0);
        Lines {
            hair_top: framing.hair_top(),
            eyes: framing.eyes.y,
            chin: framing.eyes.y + framing.scale * head.chin,
            sides: [column(-1.0), column(1.0)],
        }
    }
}

impl Axes {
    fn of(subject: &Subject<'_>) -> Axes {
        let pose = subject.pose;
        let [yaw, pitch, roll] = [pose.yaw, pose.pitch, pose.roll].map(|d| d.to_radians().sin_cos());
        let nose = subject.mesh.points.get(4).copied().unwrap_or_default().flat();
        let length = subject.framing.head.width / 2.0;
        // x to the right, y down, z away from the camera: nodded, turned, leaned, and seen from far off.
        let seen = |[x, y, z]: [f32; 3]| {
            let (y, z) = (y * pitch.1 + z * pitch.0, z * pitch.1 - y * pitch.0);
            let x = x * yaw.1 - z * yaw.0;
            let (x, y) = (x * roll.1 - y * roll.0, y * roll.1 + x * roll.0);
            subject.work.in_capture(Point { x: nose.x + length * x, y: nose.y + length * y })
        };
        Axes {
            origin: seen([0.0; 3]),
            right: seen([1.0, 0.0, 0.0]),
            down: seen([0.0, 1.0, 0.0]),
            ahead: seen([0.0, 0.0, -1.0]),
        }
    }
}

impl WallMap {
    fn of(subject: &Subject<'_>) -> Option<WallMap> {
        /// Cells of the wall along a square's side.
        const CELLS: usize = 3;
        let wall = checks::Wall::of(subject)?;
        let [columns, rows] = wall.size.map(|side| side.div_ceil(CELLS));
        let mut sums = vec![(0.0f64, 0u32); columns * rows];
        for ([x, y], departure) in wall.departures(subject) {
            let (sum, count) = &mut sums[y / CELLS * columns + x / CELLS];
            *sum += departure;
            *count += 1;
        }
        let mean = |(sum, count): (f64, u32)| (count > 0).then(|| (sum / f64::from(count)) as f32);
        let side = (CELLS * checks::CELL) as f32;
        Some(WallMap {
            origin: subject.work.origin,
            square: side / subject.work.scale,
            columns,
            departures: sums.into_iter().map(mean).collect(),
        })
    }
}

/// Lines along points of the mesh; those that close end where they began.
const OUTLINES: [&[usize]; 10] = [
    // The face.
    &[
        10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152, 148,
        176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109, 10,
    ],
    // The lips' outer and inner edge.
    &[61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185, 61],
    &[78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308, 415, 310, 311, 312, 13, 82, 81, 80, 191, 78],
    // The lids of the right and the left eye.
    &[33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246, 33],
    &[263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388, 466, 263],
    // The brows' upper and lower edges.
    &[70, 63, 105, 66, 107],
    &[46, 53, 52, 65, 55],
    &[300, 293, 334, 296, 336],
    &[276, 283, 282, 295, 285],
    // The nose's ridge.
    &[168, 6, 197, 195, 5, 4, 1],
];
