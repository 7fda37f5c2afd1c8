//! Plane geometry for cards: lines, quadrilaterals and the homography between a rectangle and a quadrilateral.

/// A point in pixels: x to the right, y down.
pub type Point = (f32, f32);

/// The line of all points with `nx·x + ny·y = d`; (nx, ny) has length one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line {
    pub nx: f32,
    pub ny: f32,
    pub d: f32,
}

impl Line {
    /// The line through two points; none when they coincide.
    pub fn through(a: Point, b: Point) -> Option<Line> {
        let (dx, dy) = (b.0 - a.0, b.1 - a.1);
        let length = dx.hypot(dy);
        (length > 1e-3).then(|| {
            let (nx, ny) = (-dy / length, dx / length);
            Line { nx, ny, d: nx * a.0 + ny * a.1 }
        })
    }

    /// Signed distance of a point.
    pub fn distance(&self, p: Point) -> f32 {
        self.nx * p.0 + self.ny * p.1 - self.d
    }

    /// Where two lines cross; none when they are parallel.
    pub fn crossing(&self, other: &Line) -> Option<Point> {
        let determinant = self.nx * other.ny - other.nx * self.ny;
        (determinant.abs() > 1e-4).then(|| {
            (
                (self.d * other.ny - other.d * self.ny) / determinant,
                (self.nx * other.d - other.nx * self.d) / determinant,
            )
        })
    }

    /// The angle between two lines, 0 to 90 degrees.
    pub fn angle_to(&self, other: &Line) -> f32 {
        (self.nx * other.nx + self.ny * other.ny).abs().min(1.0).acos().to_degrees()
    }
}

/// Distance of two points.
pub(super) fn distance(a: Point, b: Point) -> f32 {
    (a.0 - b.0).hypot(a.1 - b.1)
}

/// Area of a polygon, positive when its corners run clockwise on the screen.
pub(super) fn area(polygon: &[Point]) -> f32 {
    let mut twice = 0.0;
    for (i, a) in polygon.iter().enumerate() {
        let b = polygon[(i + 1) % polygon.len()];
        twice += a.0 * b.1 - b.0 * a.1;
    }
    twice / 2.0
}

/// Whether the corners run clockwise on the screen and turn right at each of them.
pub(super) fn is_convex(quad: &[Point; 4]) -> bool {
    (0..4).all(|i| {
        let (a, b, c) = (quad[i], quad[(i + 1) % 4], quad[(i + 2) % 4]);
        (b.0 - a.0) * (c.1 - b.1) - (b.1 - a.1) * (c.0 - b.0) > 0.0
    })
}

/// The part of the polygon that lies inside a picture of the given size.
pub(super) fn clip(polygon: &[Point], width: f32, height: f32) -> Vec<Point> {
    let mut points = polygon.to_vec();
    // Each bound as a signed distance that is positive inside.
    let bounds: [&dyn Fn(Point) -> f32; 4] = [&|p| p.0, &|p| width - p.0, &|p| p.1, &|p| height - p.1];
    for inside in bounds {
        let mut kept = Vec::with_capacity(points.len() + 1);
        for (i, &a) in points.iter().enumerate() {
            let b = points[(i + 1) % points.len()];
            let (da, db) = (inside(a), inside(b));
            if da >= 0.0 {
                kept.push(a);
            }
            if (da >= 0.0) != (db >= 0.0) {
                let t = da / (da - db);
                kept.push((a.0 + (b.0 - a.0) * t, a.1 + (b.1 - a.1) * t));
            }
        }
        points = kept;
    }
    points
}

/// A projective map of the plane, row-major 3 × 3.
#[derive(Debug, Clone, Copy)]
pub(super) struct Homography([f64; 9]);

impl Homography {
    /// Maps the rectangle (0, 0)–(width, height) onto the quadrilateral, corner by corner clockwise from the upper left
    /// (Heckbert, Fundamentals of Texture Mapping, 1989, section 2.2.3).
    pub fn onto(quad: &[Point; 4], width: f32, height: f32) -> Homography {
        let [(x0, y0), (x1, y1), (x2, y2), (x3, y3)] = quad.map(|(x, y)| (f64::from(x), f64::from(y)));
        let (dx1, dx2, dx3) = (x1 - x2, x3 - x2, x0 - x1 + x2 - x3);
        let (dy1, dy2, dy3) = (y1 - y2, y3 - y2, y0 - y1 + y2 - y3);
        let determinant = dx1 * dy2 - dx2 * dy1;
        let determinant = if determinant.abs() < 1e-9 { 1e-9 } else { determinant };
        let g = (dx3 * dy2 - dx2 * dy3) / determinant;
        let h = (dx1 * dy3 - dx3 * dy1) / determinant;
        let (w, t) = (f64::from(width), f64::from(height));
        Homography([
            (x1 - x0 + g * x1) / w,
            (x3 - x0 + h * x3) / t,
            x0,
            (y1 - y0 + g * y1) / w,
            (y3 - y0 + h * y3) / t,
            y0,
            g / w,
            h / t,
            1.0,
        ])
    }

    /// The images of points on a horizontal line, `step` apart from (x, y) on. Cheaper than one by one: numerators and denominator
    /// are linear along the line.
    pub fn along(&self, x: f32, y: f32, step: f32) -> impl Iterator<Item = Point> {
        let (x, y, step) = (f64::from(x), f64::from(y), f64::from(step));
        let m = self.0;
        let start = [0, 3, 6].map(|row| (m[row] * x + m[row + 1] * y + m[row + 2]) as f32);
        let slope = [0, 3, 6].map(|row| (m[row] * step) as f32);
        (0..).map(move |i: u32| {
            let at = |row: usize| start[row] + slope[row] * i as f32;
            let scale = 1.0 / at(2);
            (at(0) * scale, at(1) * scale)
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn corners_go_to_corners() {
        let quad = [(10.0, 20.0), (200.0, 5.0), (220.0, 150.0), (3.0, 130.0)];
        let map = Homography::onto(&quad, 85.6, 54.0);
        for (from, to) in [(0.0, 0.0), (85.6, 0.0), (85.6, 54.0), (0.0, 54.0)].into_iter().zip(quad) {
            assert!(distance(map.along(from.0, from.1, 1.0).next().unwrap(), to) < 1e-2);
            assert!(distance(map.along(from.0 - 1.0, from.1, 1.0).nth(1).unwrap(), to) < 1e-2);
        }
    }

    #[test]
    fn half_of_a_square_over_the_border_is_clipped() {
        let square = [(-5.0, 0.0), (5.0, 0.0), (5.0, 10.0), (-5.0, 10.0)];
        assert!((area(&clip(&square, 100.0, 100.0)) - 50.0).abs() < 1e-3);
    }

    #[test]
    fn lines_cross_where_they_should() {
        let a = Line::through((0.0, 0.0), (10.0, 10.0)).unwrap();
        let b = Line::through((0.0, 10.0), (10.0, 0.0)).unwrap();
        assert!(distance(a.crossing(&b).unwrap(), (5.0, 5.0)) < 1e-3);
        assert!((a.angle_to(&b) - 90.0).abs() < 1e-3);
    }
}
