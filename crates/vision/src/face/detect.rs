//! Finding faces: BlazeFace (Bazarevsky et al., 2019, short range) over the whole picture and over overlapping tiles.

use image::RgbImage;
use rayon::prelude::*;

use super::{FaceError, crop, mesh};
use crate::{
    model::{Model, ModelId, Models, TensorView},
    work::Halves,
};

/// A point in a picture, in pixels from the upper left corner.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Point {
    /// To the right.
    pub x: f32,
    /// Downward.
    pub y: f32,
}

/// A face as the detector sees it; coordinates in pixels of the picture, possibly beyond its edges.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FaceBox {
    /// The detector's confidence, 0..1.
    pub score: f32,
    /// Left edge.
    pub x: f32,
    /// Upper edge (about the brows: the detector's box leaves out forehead and hair).
    pub y: f32,
    /// Width.
    pub width: f32,
    /// Height.
    pub height: f32,
    /// The person's right eye, left eye, nose tip, mouth centre, right ear tragion, left ear tragion.
    pub keypoints: [Point; 6],
}

/// The network's input edge, in pixels.
const INPUT: usize = 128;
/// Numbers per anchor: a box and six keypoints.
const CODE: usize = 16;
/// Below this score MediaPipe drops a candidate.
const LEAST_SCORE: f32 = 0.5;
/// Candidates that overlap by more than this (intersection over union) are one face.
const SAME_FACE: f32 = 0.3;
/// A face found again in a tile, perhaps cut by its edge, overlaps the first by this much of the smaller box.
const SAME_FACE_CUT: f32 = 0.4;
/// Tiles are cut from a copy that is halved until its longer edge is at most this, so that one shrinking serves all.
const WORKING: f32 = 1280.0;
/// The look at the whole, which the network sees much smaller anyway, takes place in a copy whose longer edge is at most this.
const WHOLE: f32 = crop::AS_GOOD * INPUT as f32;
/// Below this probability the mesh sees no face where a tile's candidate is.
const LEAST_PRESENCE: f32 = 0.5;

/// The faces in a picture, the most prominent (largest, weighted by score) first; none is an empty list.
///
/// The whole picture shows faces of about a sixth of its longer edge and up; tiles of half that edge are searched for
/// the people behind the candidate, and where nothing at all was found tiles of three tenths of it, which show faces
/// down to some twentieth. Tiles that show nothing but wall and the candidate's own body are passed over. What only a
/// tile shows counts when the mesh network sees a face there, too.
///
/// # Errors
/// [`FaceError::Model`] when a network cannot be opened or run.
pub fn detect(models: &Models, pixels: &RgbImage) -> Result<Vec<FaceBox>, FaceError> {
    detect_among(models, &Halves::of(pixels))
}

/// As [`detect`], in a picture whose halves are of use afterwards.
///
/// # Errors
/// As [`detect`].
pub(crate) fn detect_among(models: &Models, halves: &Halves<'_>) -> Result<Vec<FaceBox>, FaceError> {
    let (width, height) = halves.dimensions();
    if width == 0 || height == 0 {
        return Ok(Vec::new());
    }
    let network = models.get(ModelId::FaceDetector)?;
    let anchors = anchors();
    let (small, scale) = halves.at_most(width.max(height) as f32, WORKING);
    let (width, height) = (small.width() as f32, small.height() as f32);
    let longer = width.max(height);

    let faces = search_whole(network.as_ref(), &anchors, halves)?;
    let mut faces: Vec<FaceBox> = faces.into_iter().map(|face| scaled(face, scale)).collect();
    let relief = Relief::of(small, &faces);
    for part in [0.5, 0.3] {
        if part < 0.5 && !faces.is_empty() {
            break;
        }
        let tiles: Vec<Tile> = tiles(width, height, longer * part)
            .into_iter()
            .filter(|tile| relief.may_show_a_face(*tile))
            .collect();
        let found = tiles
            .par_iter()
            .map(|tile| search(network.as_ref(), &anchors, small, *tile))
            .collect::<Result<Vec<_>, FaceError>>()?;
        let mut more = found.concat();
        more.sort_by(|a, b| b.score.total_cmp(&a.score));
        for face in more {
            let known = faces.iter().any(|known| overlap(known, &face).1 > SAME_FACE_CUT);
            if !known && mesh::presence(models, small, &face)? > LEAST_PRESENCE {
                faces.push(face);
            }
        }
    }
    faces.sort_by(|a, b| prominence(b).total_cmp(&prominence(a)));
    Ok(faces.into_iter().map(|face| scaled(face, 1.0 / scale)).collect())
}

/// Where a picture is anything but smooth, and no known person's, in cells: on an empty wall nobody needs to be looked for.
struct Relief {
    columns: usize,
    rows: usize,
    rough: Vec<bool>,
}

impl Relief {
    /// Edge of a cell, in pixels: a face that a tile shows is several of them wide.
    const CELL: usize = 16;
    /// Cells whose lightest and darkest pixel differ by no more, as the eye weighs colours, are smooth: a face has eyes, a mouth and
    /// an outline.
    const SMOOTH: u8 = 24;
    /// About a face that was found, so much of its width to each side, and upward, is its own head; everything below is its body.
    const OWN: f32 = 1.1;
    /// So many cells that are not smooth may show a face, and with fewer there is none.
    const LEAST: usize = 6;

    fn of(picture: &RgbImage, known: &[FaceBox]) -> Relief {
        let [columns, rows] = [picture.width(), picture.height()].map(|side| side as usize / Self::CELL);
        let middle = |cell: usize| (cell as f32 + 0.5) * Self::CELL as f32;
        let own = |row: usize, column: usize| {
            let (x, y) = (middle(column), middle(row));
            known.iter().any(|face| {
                let (middle, reach) = (face.x + face.width / 2.0, Self::OWN * face.width);
                let below = face.y + face.height;
                let beside = if y > below { reach + (y - below) } else { reach };
                (x - middle).abs() < beside && y > face.y - Self::OWN * face.height
            })
        };
        let cells = (0..rows).flat_map(|row| (0..columns).map(move |column| (row, column)));
        let rough = cells.map(|(row, column)| !own(row, column) && Self::is_rough(picture, row, column));
        Relief { columns, rows, rough: rough.collect() }
    }

    fn is_rough(picture: &RgbImage, row: usize, column: usize) -> bool {
        let (mut least, mut most) = (u8::MAX, 0);
        // Every second pixel, across and down, tells as much.
        for y in (row * Self::CELL..(row + 1) * Self::CELL).step_by(2) {
            let at = (y * picture.width() as usize + column * Self::CELL) * 3;
            for [r, g, b, ..] in picture.as_raw()[at..at + Self::CELL * 3].as_chunks::<6>().0 {
                let grey = ((u16::from(*r) + 2 * u16::from(*g) + u16::from(*b)) / 4) as u8;
                (least, most) = (least.min(grey), most.max(grey));
            }
        }
        most.saturating_sub(least) > Self::SMOOTH
    }

    /// Whether a tile has enough of it.
    fn may_show_a_face(&self, tile: Tile) -> bool {
        let cell = Self::CELL as f32;
        let range = |from: f32, cells: usize| {
            let first = (from / cell).max(0.0) as usize;
            first.min(cells)..(((from + tile.side) / cell).max(0.0) as usize).min(cells)
        };
        let columns = range(tile.left, self.columns);
        let rough =
            range(tile.top, self.rows).flat_map(|row| &self.rough[row * self.columns..][columns.clone()]);
        rough.filter(|rough| **rough).take(Self::LEAST).count() == Self::LEAST
    }
}

fn prominence(face: &FaceBox) -> f32 {
    face.score * face.width * face.height
}

fn scaled(face: FaceBox, scale: f32) -> FaceBox {
    FaceBox {
        score: face.score,
        x: face.x * scale,
        y: face.y * scale,
        width: face.width * scale,
        height: face.height * scale,
        keypoints: face.keypoints.map(|point| Point { x: point.x * scale, y: point.y * scale }),
    }
}

/// A square part of the picture.
#[derive(Debug, Clone, Copy)]
struct Tile {
    left: f32,
    top: f32,
    side: f32,
}

/// Tiles of the given edge over the whole picture, overlapping by at least half.
fn tiles(width: f32, height: f32, side: f32) -> Vec<Tile> {
    let starts = |extent: f32| {
        let room = extent - side;
        if room <= 0.0 {
            return vec![room / 2.0];
        }
        let steps = (room / (side / 2.0)).ceil();
        (0..=steps as u32).map(|step| room * step as f32 / steps).collect()
    };
    let columns = starts(width);
    starts(height)
        .into_iter()
        .flat_map(|top| columns.iter().map(move |&left| Tile { left, top, side }))
        .collect()
}

/// The faces that a look at the whole picture shows, in its pixels.
fn search_whole(
    network: &dyn Model,
    anchors: &[Point],
    halves: &Halves<'_>,
) -> Result<Vec<FaceBox>, FaceError> {
    let (width, height) = halves.dimensions();
    let (small, scale) = halves.at_most(width.max(height) as f32, WHOLE);
    let (width, height) = (small.width() as f32, small.height() as f32);
    let side = width.max(height);
    let whole = Tile { left: (width - side) / 2.0, top: (height - side) / 2.0, side };
    let found = search(network, anchors, small, whole)?;
    Ok(found.into_iter().map(|face| scaled(face, 1.0 / scale)).collect())
}

/// The faces in one tile, in pixels of the picture.
fn search(
    network: &dyn Model,
    anchors: &[Point],
    pixels: &RgbImage,
    tile: Tile,
) -> Result<Vec<FaceBox>, FaceError> {
    let half = tile.side / 2.0;
    let centre = Point { x: tile.left + half, y: tile.top + half };
    let mut input = crop::Square { centre, side: tile.side, roll: 0.0 }.sample(pixels, INPUT);
    for value in &mut input {
        *value = *value / 127.5 - 1.0;
    }
    let outputs = network.run(&[TensorView::new(&[1, INPUT, INPUT, 3], &input)?])?;
    let [codes, logits] = outputs.as_slice() else { return Ok(Vec::new()) };
    Ok(merge(decode(anchors, codes.data(), logits.data(), tile)))
}

/// The centres of the 896 anchors in 0..1: two in each cell of a 16 × 16 grid, six in each of an 8 × 8 grid.
fn anchors() -> Vec<Point> {
    [(16_u16, 2), (8, 6)]
        .into_iter()
        .flat_map(|(cells, per_cell)| {
            let middle = move |cell: u16| (f32::from(cell) + 0.5) / f32::from(cells);
            (0..cells).flat_map(move |row| {
                (0..cells).flat_map(move |column| {
                    std::iter::repeat_n(Point { x: middle(column), y: middle(row) }, per_cell)
                })
            })
        })
        .collect()
}

fn decode(anchors: &[Point], codes: &[f32], logits: &[f32], tile: Tile) -> Vec<FaceBox> {
    let edge = INPUT as f32;
    anchors
        .iter()
        .zip(codes.chunks_exact(CODE))
        .zip(logits)
        .filter_map(|((anchor, code), logit)| {
            let score = 1.0 / (1.0 + (-logit).exp());
            if score < LEAST_SCORE {
                return None;
            }
            let point = |at: usize| Point {
                x: tile.left + (code[at] / edge + anchor.x) * tile.side,
                y: tile.top + (code[at + 1] / edge + anchor.y) * tile.side,
            };
            let (centre, width, height) = (point(0), code[2] / edge * tile.side, code[3] / edge * tile.side);
            Some(FaceBox {
                score,
                x: centre.x - width / 2.0,
                y: centre.y - height / 2.0,
                width,
                height,
                keypoints: std::array::from_fn(|index| point(4 + 2 * index)),
            })
        })
        .collect()
}

/// Weighted non-maximum suppression: candidates of one face become their mean, weighted by score.
fn merge(mut candidates: Vec<FaceBox>) -> Vec<FaceBox> {
    candidates.sort_by(|a, b| b.score.total_cmp(&a.score));
    let mut faces = Vec::new();
    while let Some(best) = candidates.first().copied() {
        let (same, others): (Vec<_>, Vec<_>) =
            candidates.into_iter().partition(|other| overlap(&best, other).0 > SAME_FACE);
        candidates = others;
        let total: f32 = same.iter().map(|face| face.score).sum();
        if total <= 0.0 || same.is_empty() {
            // A box without extent overlaps not even itself.
            candidates.retain(|other| other != &best);
            continue;
        }
        let mean =
            |value: &dyn Fn(&FaceBox) -> f32| same.iter().map(|f| value(f) * f.score).sum::<f32>() / total;
        faces.push(FaceBox {
            score: best.score,
            x: mean(&|f| f.x),
            y: mean(&|f| f.y),
            width: mean(&|f| f.width),
            height: mean(&|f| f.height),
            keypoints: std::array::from_fn(|index| Point {
                x: mean(&|f| f.keypoints[index].x),
                y: mean(&|f| f.keypoints[index].y),
            }),
        });
    }
    faces
}

/// Intersection over union, and over the smaller box.
fn overlap(a: &FaceBox, b: &FaceBox) -> (f32, f32) {
    let width = (a.x + a.width).min(b.x + b.width) - a.x.max(b.x);
    let height = (a.y + a.height).min(b.y + b.height) - a.y.max(b.y);
    if width <= 0.0 || height <= 0.0 {
        return (0.0, 0.0);
    }
    let (shared, first, second) = (width * height, a.width * a.height, b.width * b.height);
    (shared / (first + second - shared), shared / first.min(second))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn face(score: f32, x: f32, side: f32) -> FaceBox {
        FaceBox { score, x, y: 0.0, width: side, height: side, keypoints: [Point::default(); 6] }
    }

    #[test]
    fn anchors_fill_both_grids() {
        let anchors = anchors();
        assert_eq!(anchors.len(), 896);
        assert_eq!(anchors[2], Point { x: 1.5 / 16.0, y: 0.5 / 16.0 });
        assert_eq!(anchors[895], Point { x: 7.5 / 8.0, y: 7.5 / 8.0 });
    }

    #[test]
    fn a_code_of_zero_sits_on_its_anchor() {
        let tile = Tile { left: 100.0, top: 50.0, side: 256.0 };
        let mut code = [0.0; CODE];
        code[2] = 64.0;
        code[3] = 32.0;
        let found = decode(&[Point { x: 0.5, y: 0.25 }], &code, &[4.0], tile);
        assert_eq!((found[0].x, found[0].y), (100.0 + 128.0 - 64.0, 50.0 + 64.0 - 32.0));
        assert_eq!(found[0].keypoints[5], Point { x: 228.0, y: 114.0 });
        assert!(decode(&[Point::default()], &code, &[-0.1], tile).is_empty());
    }

    #[test]
    fn candidates_of_one_face_become_one() {
        let merged = merge(vec![face(0.6, 2.0, 10.0), face(0.9, 0.0, 10.0), face(0.8, 50.0, 10.0)]);
        assert_eq!(merged.len(), 2);
        assert!((merged[0].x - 0.8).abs() < 1e-5 && (merged[0].score - 0.9).abs() < 1e-6);
    }

    #[test]
    fn boxes_without_extent_end_the_merging_too() {
        assert!(merge(vec![face(0.9, 0.0, 0.0), face(0.9, 0.0, 0.0)]).is_empty());
    }

    #[test]
    fn tiles_reach_every_edge() {
        let tiles = tiles(1024.0, 768.0, 512.0);
        assert_eq!(tiles.len(), 6);
        assert!(tiles.iter().any(|t| t.left == 512.0 && t.top == 256.0));
        assert_eq!(super::tiles(1024.0, 300.0, 512.0).len(), 3);
    }
}
