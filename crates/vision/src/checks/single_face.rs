//! `single_face`: how many faces the picture shows.

use super::{Area, Reading};
use crate::face::FaceBox;

/// A face counts from this share of the main face's width on: smaller ones are passers-by or pictures far off, which end
/// with the background.
const LEAST_SHARE: f32 = 0.35;

/// The main face and those that count beside it.
///
/// ISO/IEC 29794-5 "single face present" compares the two largest faces; here every face counts that is at least
/// [`LEAST_SHARE`] as wide as the largest.
pub(crate) fn counted(faces: &[FaceBox]) -> usize {
    let widest = faces.iter().map(|f| f.width).fold(0.0, f32::max);
    faces.iter().filter(|f| f.width >= LEAST_SHARE * widest).count()
}

/// `count`: faces that count; the first found is the main one.
pub(super) fn measure(found: &[FaceBox]) -> Reading {
    let count = counted(found);
    let widest = |a: &&FaceBox, b: &&FaceBox| a.width.total_cmp(&b.width);
    let other = found.iter().skip(1).max_by(widest).filter(|_| count > 1);
    Reading::from(vec![("count", count as f64)]).with("count", other.map(Area::of_face))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::face::Point;

    fn face(width: f32) -> FaceBox {
        FaceBox { score: 0.9, x: 0.0, y: 0.0, width, height: width, keypoints: [Point::default(); 6] }
    }

    #[test]
    fn small_faces_far_behind_do_not_count() {
        assert_eq!(counted(&[]), 0);
        assert_eq!(counted(&[face(300.0), face(60.0)]), 1);
        assert_eq!(counted(&[face(300.0), face(130.0), face(60.0)]), 2);
    }
}
