//! Where the photo is cut from the capture: upright by the eyes, and placed by hair top, eye line and face width at once.

use domain::{CheckId, standard::Standard};

use crate::{
    face::{FaceMesh, Point},
    matte::Matte,
    work::Work,
};

/// Above this alpha a pixel is the person.
const PERSON: f32 = 0.5;
/// What the photo misses is counted in squares of this many of its pixels.
const STEP: u32 = 8;

/// What of a face the framing goes by; upright coordinates are those of the working copy, turned about the eyes' middle so
/// that the eyes are level, with the origin there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Head {
    /// Middle between the eyes' centres, in the working copy.
    pub eyes: Point,
    /// Sine and cosine of the turn, clockwise, of the line through the eyes.
    pub turn: (f32, f32),
    /// Distance between the eyes' centres.
    pub inter_eye: f32,
    /// Width of the face between the cheek contours before the ears (mesh points 234 and 454), upright.
    pub width: f32,
    /// Middle of the face's width, upright x.
    pub middle: f32,
    /// Upright y of the highest hair (negative).
    pub hair_top: f32,
    /// Upright y of the chin.
    pub chin: f32,
    /// How much of the head the capture's edges cut, in widths of the face.
    pub cut: f32,
}

/// The centres of the person's right and left eye, between the corners of each.
pub(crate) fn eyes(mesh: &FaceMesh) -> [Point; 2] {
    [(33, 133), (263, 362)].map(|(outer, inner)| {
        let (a, b) = (mesh.points[outer], mesh.points[inner]);
        Point { x: (a.x + b.x) / 2.0, y: (a.y + b.y) / 2.0 }
    })
}

impl Head {
    /// Reads a head off mesh and matte.
    pub fn read(mesh: &FaceMesh, matte: &Matte, work: &Work<'_>) -> Head {
        let [right, left] = eyes(mesh);
        let mut head = Head {
            eyes: Point { x: (right.x + left.x) / 2.0, y: (right.y + left.y) / 2.0 },
            turn: (left.y - right.y).atan2(left.x - right.x).sin_cos(),
            inter_eye: (left.x - right.x).hypot(left.y - right.y),
            width: 1.0,
            middle: 0.0,
            hair_top: 0.0,
            chin: 0.0,
            cut: 0.0,
        };
        let [a, b] = [234, 454].map(|i| head.upright(mesh.points[i].flat()));
        head.width = (b.x - a.x).abs().max(1.0);
        head.middle = (a.x + b.x) / 2.0;
        head.chin = head.upright(mesh.points[152].flat()).y;
        let forehead = head.upright(mesh.points[10].flat()).y;
        head.hair_top = head.hair_top(matte).min(forehead);
        head.cut = head.cut_at(matte, work).len() as f32 / head.width;
        head
    }

    /// A place of the working copy in upright coordinates.
    pub fn upright(&self, p: Point) -> Point {
        let (sin, cos) = self.turn;
        let (x, y) = (p.x - self.eyes.x, p.y - self.eyes.y);
        Point { x: x * cos + y * sin, y: y * cos - x * sin }
    }

    /// A place in upright coordinates in the working copy: the inverse of [`Self::upright`].
    pub fn in_work(&self, p: Point) -> Point {
        let (sin, cos) = self.turn;
        Point { x: self.eyes.x + p.x * cos - p.y * sin, y: self.eyes.y + p.x * sin + p.y * cos }
    }

    /// The highest row, upright, in which the person is more than a stray hair.
    fn hair_top(&self, matte: &Matte) -> f32 {
        let reach = 0.8 * self.width;
        let mut rows = vec![0u32; (4.0 * self.width) as usize + 2];
        let (w, h) = (matte.alpha.width, matte.alpha.height);
        let least = (0.06 * self.width) as u32 + 1;
        // Nothing else can lie above the eyes and near the head's middle, however it is turned.
        let most = rows.len() as f32;
        let slant = self.turn.0.abs() * most;
        let inside = |v: f32, side: usize| (v.max(0.0) as usize).min(side);
        let columns = inside(self.eyes.x - 1.3 * self.width - slant, w)
            ..inside(self.eyes.x + 1.3 * self.width + slant, w);
        for y in inside(self.eyes.y - most, h)..inside(self.eyes.y + self.width + 1.0, h) {
            // No row of the picture from here on reaches above this upright one: what lies above is counted.
            let reached = (y as f32 - self.eyes.y) * self.turn.1 - slant;
            if y % 16 == 0
                && let Some(above) = rows.get((-reached).max(0.0) as usize + 1..)
                && let Some(found) = above.iter().rposition(|count| *count >= least)
            {
                let row = rows.len() - above.len() + found;
                return -(row as f32) - 1.0;
            }
            for x in columns.clone() {
                if matte.alpha.at(x, y) > PERSON {
                    let p = self.upright(Point { x: x as f32 + 0.5, y: y as f32 + 0.5 });
                    let of_head = p.y < 0.0 && (p.x - self.middle).abs() < reach;
                    if let Some(row) = rows.get_mut(-p.y as usize).filter(|_| of_head) {
                        *row += 1;
                    }
                }
            }
        }
        rows.iter().rposition(|count| *count >= least).map_or(0.0, |row| -(row as f32) - 1.0)
    }

    /// Pixels of the head on the capture's edges.
    pub fn cut_at(&self, matte: &Matte, work: &Work<'_>) -> Vec<Point> {
        let alpha = &matte.alpha;
        let (w, h) = (alpha.width, alpha.height);
        let [left, top, right, _] = work.edges;
        let of_head = |x: usize, y: usize| {
            let p = self.upright(Point { x: x as f32 + 0.5, y: y as f32 + 0.5 });
            alpha.at(x, y) > PERSON && p.y < self.chin && (p.x - self.middle).abs() < 1.2 * self.width
        };
        let above = (0..w).filter(|_| top).map(|x| (x, 0));
        let beside = |x: usize, edge: bool| (0..h).filter(move |_| edge).map(move |y| (x, y));
        above
            .chain(beside(0, left))
            .chain(beside(w - 1, right))
            .filter(|(x, y)| of_head(*x, *y))
            .map(|(x, y)| Point { x: x as f32, y: y as f32 })
            .collect()
    }
}

/// The place of the photo in the capture, and what comes of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Framing {
    /// Size of the photo in pixels.
    pub size: [u32; 2],
    /// Photo pixels per pixel of the working copy.
    pub scale: f32,
    /// Where the eyes' middle comes to lie in the photo.
    pub eyes: Point,
    /// The head that was framed.
    pub head: Head,
    /// How much of the photo would need a part of the person that the capture does not show, 0..1.
    pub missing: f32,
}

impl Framing {
    /// Solves the framing: the middle of the standard's ranges where the capture allows it, their limits where not.
    pub fn solve(head: Head, matte: &Matte, work: &Work<'_>, standard: &Standard) -> Framing {
        let size = [standard.photo.width, standard.photo.height];
        let range = |check, part| {
            let limit = standard.limit(check, part);
            // Standards without these limits are not accepted; the photo's proportions stand in.
            let (min, max) = limit.and_then(|l| l.min.zip(l.max)).unwrap_or((0.1, 0.6));
            (min as f32, max as f32)
        };
        let hair = range(CheckId::Framing, "hair_top");
        let eyes = range(CheckId::Framing, "eye_line");
        let width = range(CheckId::FaceSize, "width");
        // Most standards say nothing of the head's height; one that only warns is aimed for as well.
        let head_height = standard.limit(CheckId::Framing, "head_height").and_then(|l| {
            let (min, max) = (l.min.or(l.warn_min)?, l.max.or(l.warn_max)?);
            Some((min as f32, max as f32))
        });
        let tall = -head.hair_top;
        let off = |value: f32, (min, max): (f32, f32)| (2.0 * value - min - max) / (max - min).max(1e-3);
        const STEPS: usize = 150;
        const TOPS: usize = 20;
        // A little beyond the width's range, so that a face that cannot meet all limits is framed as nearly as possible.
        let (least, most) = (width.0 * 0.85 / head.width, width.1 * 1.1 / head.width);
        let cost =
            |m: f32| m * m + 400.0 * (m.abs() - 0.96).max(0.0) + if m.abs() > 0.99 { 40.0 } else { 0.0 };
        let tops: [(f32, f32); TOPS + 1] = std::array::from_fn(|part| {
            let top = hair.0 + (hair.1 - hair.0) * part as f32 / TOPS as f32;
            (top, cost(off(top, hair)))
        });
        // What each costs, its scale, and its eye line.
        let mut candidates: Vec<[f32; 3]> = (0..=STEPS)
            .flat_map(|step| {
                let scale = least * (most / least).powf(step as f32 / STEPS as f32);
                let of_width = cost(off(scale * head.width, width));
                let of_height = head_height.map_or(0.0, |range| cost(off(scale * (head.chin + tall), range)));
                tops.map(|(top, of_top)| {
                    let line = top + scale * tall;
                    [of_top + cost(off(line, eyes)) + of_width + of_height, scale, line]
                })
            })
            .collect();
        let framed = |[cost, scale, line]: [f32; 3]| {
            let eyes = Point { x: size[0] as f32 / 2.0 - scale * head.middle, y: line };
            let mut framing = Framing { size, scale, eyes, head, missing: 0.0 };
            framing.missing = framing.missing(matte, work);
            (cost + 60.0 * framing.missing, framing)
        };
        // What is missing only adds to the cost: once that alone is too much, none of the others is better. Most often nothing is missing
        // with the cheapest, and no other need be looked at.
        let by_cost = |a: &[f32; 3], b: &[f32; 3]| a[0].total_cmp(&b[0]);
        let Some(mut best) = candidates.iter().copied().min_by(by_cost).map(framed) else {
            return Framing { size, scale: least, eyes: Point::default(), head, missing: 1.0 };
        };
        candidates.retain(|[cost, ..]| *cost < best.0);
        candidates.sort_unstable_by(by_cost);
        for candidate in candidates {
            if candidate[0] >= best.0 {
                break;
            }
            let other = framed(candidate);
            if other.0 < best.0 {
                best = other;
            }
        }
        best.1
    }

    /// A place of the photo in the working copy.
    pub fn in_work(&self, p: Point) -> Point {
        let upright = Point { x: (p.x - self.eyes.x) / self.scale, y: (p.y - self.eyes.y) / self.scale };
        self.head.in_work(upright)
    }

    /// A place of the working copy in the photo.
    pub fn in_photo(&self, p: Point) -> Point {
        let upright = self.head.upright(p);
        Point { x: self.eyes.x + self.scale * upright.x, y: self.eyes.y + self.scale * upright.y }
    }

    /// Whether the photo shows a place of the working copy.
    pub fn shows(&self, p: Point) -> bool {
        self.shows_within(p, 0.0)
    }

    /// Whether a photo wider by `margin` of its pixels on each side would.
    pub fn shows_within(&self, p: Point, margin: f32) -> bool {
        let p = self.in_photo(p);
        (-margin..self.size[0] as f32 + margin).contains(&p.x) && (0.0..self.size[1] as f32).contains(&p.y)
    }

    /// Row of the photo where the hair begins.
    pub fn hair_top(&self) -> f32 {
        self.eyes.y + self.scale * self.head.hair_top
    }

    /// Height of the head in the photo, from the highest hair to the chin.
    pub fn head_height(&self) -> f32 {
        self.scale * (self.head.chin - self.head.hair_top)
    }

    /// Width of the face in the photo.
    pub fn face_width(&self) -> f32 {
        self.scale * self.head.width
    }

    fn missing(&self, matte: &Matte, work: &Work<'_>) -> f32 {
        let across = |side: u32| (STEP / 2..side).step_by(STEP as usize).len();
        let all = across(self.size[0]) * across(self.size[1]);
        self.lost(matte, work).len() as f32 / all.max(1) as f32
    }

    /// The places of the working copy, beyond its edges, where the photo would need a part of the person; one for
    /// each square of [`STEP`] pixels of the photo.
    pub fn lost(&self, matte: &Matte, work: &Work<'_>) -> Vec<Point> {
        let alpha = &matte.alpha;
        let (w, h) = (alpha.width as f32, alpha.height as f32);
        let [left, top, right, bottom] = work.edges;
        let beyond =
            |p: Point| (left && p.x < 0.0) || (top && p.y < 0.0) || (right && p.x > w) || (bottom && p.y > h);
        let [wide, high] = self.size.map(|side| side as f32);
        let corners = [(0.0, 0.0), (wide, 0.0), (0.0, high), (wide, high)];
        let mut lost = Vec::new();
        if !corners.iter().any(|&(x, y)| beyond(self.in_work(Point { x, y }))) {
            return lost;
        }
        for y in (STEP / 2..self.size[1]).step_by(STEP as usize) {
            for x in (STEP / 2..self.size[0]).step_by(STEP as usize) {
                let p = self.in_work(Point { x: x as f32, y: y as f32 });
                // Beyond an edge where the background reaches the edge only background is missing, and that is exchanged anyway.
                if beyond(p) && alpha.sample(p.x, p.y) > PERSON {
                    lost.push(p);
                }
            }
        }
        lost
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::borrow::Cow;

    use image::RgbImage;

    use super::*;
    use crate::{matte::testing, plane::Plane};

    fn standard() -> Standard {
        Standard::from_toml("chengkao", include_str!("../../../standards/chengkao.toml")).unwrap()
    }

    fn head(hair_top: f32, width: f32) -> Head {
        Head {
            eyes: Point { x: 600.0, y: 700.0 },
            turn: 0.1f32.sin_cos(),
            inter_eye: 120.0,
            width,
            middle: 4.0,
            hair_top,
            chin: 200.0,
            cut: 0.0,
        }
    }

    fn work(edges: bool) -> Work<'static> {
        Work {
            pixels: Cow::Owned(RgbImage::new(1200, 1600)),
            half: Cow::Owned(RgbImage::new(600, 800)),
            origin: Point::default(),
            scale: 0.5,
            edges: [edges; 4],
        }
    }

    #[test]
    fn usual_heads_meet_all_limits_at_once() {
        let matte = testing::matte(Plane::from_fn(1200, 1600, |_, y| if y > 450 { 1.0 } else { 0.0 }));
        for hair_top in [-170.0, -210.0, -260.0, -300.0] {
            let f = Framing::solve(head(hair_top, 300.0), &matte, &work(false), &standard());
            assert!((50.0..=110.0).contains(&f.hair_top()), "{hair_top}: {f:?}");
            assert!((200.0..=300.0).contains(&f.eyes.y), "{hair_top}: {f:?}");
            assert!((180.0..=300.0).contains(&f.face_width()), "{hair_top}: {f:?}");
            assert_eq!(f.missing, 0.0);
        }
    }

    #[test]
    fn the_eyes_are_level_and_the_face_is_centred() {
        let matte = testing::matte(Plane::from_fn(1200, 1600, |_, _| 0.0));
        let head = head(-220.0, 300.0);
        let f = Framing::solve(head, &matte, &work(false), &standard());
        let at = f.in_work(f.eyes);
        assert!((at.x - 600.0).abs() < 1e-3 && (at.y - 700.0).abs() < 1e-3);
        let right = f.in_work(Point { x: f.eyes.x + 50.0, y: f.eyes.y });
        assert!(((right.y - at.y).atan2(right.x - at.x) - 0.1).abs() < 1e-4);
        assert!((f.eyes.x + f.scale * head.middle - 240.0).abs() < 1e-3);
    }

    #[test]
    fn a_body_that_the_capture_cuts_off_is_missing_and_a_wall_is_not() {
        let body =
            testing::matte(Plane::from_fn(
                1200,
                1000,
                |x, _| if (200..1000).contains(&x) { 1.0 } else { 0.0 },
            ));
        let [pixels, half] = [(1200, 1000), (600, 500)].map(|(w, h)| Cow::Owned(RgbImage::new(w, h)));
        let work = Work { pixels, half, ..work(true) };
        let f = Framing::solve(head(-220.0, 300.0), &body, &work, &standard());
        assert!(f.missing > 0.02, "{f:?}");
        let wall = testing::matte(Plane::from_fn(1200, 1000, |_, _| 0.0));
        assert_eq!(Framing::solve(head(-220.0, 300.0), &wall, &work, &standard()).missing, 0.0);
    }
}
