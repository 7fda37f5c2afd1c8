//! Where a check looked, or found what it found: rectangles of the capture.

use domain::Spot;

use super::Subject;
use crate::{
    face::{FaceBox, Point},
    framing::eyes,
};

/// A rectangle in pixels of the capture: left, upper, right and lower edge. It may reach beyond the picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Area([f32; 4]);

impl Area {
    /// Around places of the capture.
    pub fn around(places: impl IntoIterator<Item = Point>) -> Area {
        let nothing = [f32::MAX, f32::MAX, f32::MIN, f32::MIN];
        Area(places.into_iter().fold(nothing, |[left, top, right, bottom], p| {
            [left.min(p.x), top.min(p.y), right.max(p.x), bottom.max(p.y)]
        }))
    }

    /// Around places of the working copy, wider on every side by a share of the distance between the eyes.
    pub fn of_copy(subject: &Subject<'_>, places: impl IntoIterator<Item = Point>, wider: f32) -> Area {
        let head = &subject.framing.head;
        let by = wider * head.inter_eye;
        Area::around(places.into_iter().flat_map(|p| {
            [Point { x: p.x - by, y: p.y - by }, Point { x: p.x + by, y: p.y + by }]
                .map(|corner| subject.work.in_capture(corner))
        }))
    }

    /// Around places given upright.
    pub fn of_upright(subject: &Subject<'_>, places: impl IntoIterator<Item = Point>, wider: f32) -> Area {
        let head = &subject.framing.head;
        Area::of_copy(subject, places.into_iter().map(|p| head.in_work(p)), wider)
    }

    /// Around points of the mesh.
    pub fn of_mesh(subject: &Subject<'_>, points: &[usize], wider: f32) -> Area {
        let places = points.iter().filter_map(|i| subject.mesh.points.get(*i)).map(|p| p.flat());
        Area::of_copy(subject, places, wider)
    }

    /// Around cells of a grid over the working copy, given by their numbers; `None` of none.
    pub fn of_cells(subject: &Subject<'_>, cells: &[usize], columns: usize, side: usize) -> Option<Area> {
        let corners = cells.iter().flat_map(|i| {
            let corner = |far: usize| Point {
                x: ((i % columns + far) * side) as f32,
                y: ((i / columns + far) * side) as f32,
            };
            [corner(0), corner(1)]
        });
        (!cells.is_empty()).then(|| Area::of_copy(subject, corners, 0.0))
    }

    /// A face as it was detected.
    pub fn of_face(face: &FaceBox) -> Area {
        Area([face.x, face.y, face.x + face.width, face.y + face.height])
    }

    /// What of it lies in a picture of that size.
    pub fn spot(self, size: (u32, u32)) -> Option<Spot> {
        Spot::within(self.0, [size.0, size.1])
    }
}

/// The face: what the mesh covers.
pub(super) fn face(subject: &Subject<'_>) -> Area {
    Area::of_copy(subject, subject.mesh.points.iter().map(|p| p.flat()), 0.0)
}

/// The head from the highest hair to the chin.
pub(super) fn head(subject: &Subject<'_>) -> Area {
    let head = &subject.framing.head;
    band(subject, head.hair_top, head.chin)
}

/// The head between two heights, upright.
pub(super) fn band(subject: &Subject<'_>, top: f32, bottom: f32) -> Area {
    let head = &subject.framing.head;
    let corner = |side: f32, y: f32| Point { x: head.middle + side * 0.55 * head.width, y };
    Area::of_upright(
        subject,
        [(-1.0, top), (1.0, top), (-1.0, bottom), (1.0, bottom)].map(|(s, y)| corner(s, y)),
        0.0,
    )
}

/// The opening of the person's right (0) or left (1) eye.
pub(super) fn eye(subject: &Subject<'_>, side: usize) -> Area {
    Area::of_mesh(subject, [&[33, 133], &[263, 362]][side], 0.16)
}

/// Both eyes, and what lies between.
pub(super) fn both_eyes(subject: &Subject<'_>) -> Area {
    Area::of_mesh(subject, &[33, 133, 263, 362], 0.16)
}

/// Where the lens before the person's right (0) or left (1) eye is on a face that wears glasses.
pub(super) fn lens(subject: &Subject<'_>, side: usize) -> Area {
    Area::of_copy(subject, [eyes(subject.mesh)[side]], 0.42)
}

/// The lips.
pub(super) fn mouth(subject: &Subject<'_>) -> Area {
    Area::of_mesh(subject, &[61, 291, 0, 17], 0.1)
}
