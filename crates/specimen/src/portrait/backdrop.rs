//! What is behind the person: an even wall, or a furnished room.

use image::RgbImage;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tiny_skia::{
    Color, FillRule, GradientStop, LinearGradient, Paint, PathBuilder, Pixmap, Point, Rect, Shader,
    SpreadMode, Stroke, Transform,
};

use super::vector::{V3, v3};

/// A background, in picture values 0 to 1 by place (x, y) from 0 to 1.
pub(crate) enum Backdrop {
    Wall { colour: V3, slope: (f32, f32) },
    Room(RgbImage),
}

impl Backdrop {
    pub fn at(&self, x: f32, y: f32) -> V3 {
        match self {
            Backdrop::Wall { colour, slope } => {
                let (dx, dy) = (x - 0.5, y - 0.5);
                *colour * (1.0 + slope.0 * dx + slope.1 * dy - 0.035 * (dx * dx + dy * dy))
            }
            Backdrop::Room(picture) => {
                let (w, h) = picture.dimensions();
                let (px, py) = ((x * w as f32 - 0.5).max(0.0), (y * h as f32 - 0.5).max(0.0));
                let (ix, iy) = ((px as u32).min(w - 2), (py as u32).min(h - 2));
                let (tx, ty) = ((px - ix as f32).min(1.0), (py - iy as f32).min(1.0));
                let get = |dx: u32, dy: u32| {
                    let p = picture.get_pixel(ix + dx, iy + dy).0;
                    v3(f32::from(p[0]), f32::from(p[1]), f32::from(p[2])) * (1.0 / 255.0)
                };
                get(0, 0).mix(get(1, 0), tx).mix(get(0, 1).mix(get(1, 1), tx), ty)
            }
        }
    }
}

/// Walls as homes have them, all light enough to stand off from hair and clothes.
pub(crate) const WALLS: [[f32; 3]; 8] = [
    [0.86, 0.87, 0.88],
    [0.82, 0.85, 0.88],
    [0.90, 0.90, 0.89],
    [0.78, 0.83, 0.89],
    [0.84, 0.87, 0.84],
    [0.88, 0.85, 0.80],
    [0.72, 0.79, 0.87],
    [0.80, 0.81, 0.83],
];

fn colour(r: f32, g: f32, b: f32) -> Color {
    Color::from_rgba(r.clamp(0.0, 1.0), g.clamp(0.0, 1.0), b.clamp(0.0, 1.0), 1.0).unwrap_or(Color::WHITE)
}

fn solid(c: Color) -> Paint<'static> {
    Paint { shader: Shader::SolidColor(c), anti_alias: true, ..Paint::default() }
}

fn bar(map: &mut Pixmap, x: f32, y: f32, w: f32, h: f32, c: Color) {
    if let Some(rect) = Rect::from_xywh(x, y, w.max(0.5), h.max(0.5)) {
        map.fill_rect(rect, &solid(c), Transform::identity(), None);
    }
}

/// Draws a living room, 1134 × 1512: bookshelves, a window, posters, a plant.
pub(crate) fn room(seed: u64) -> RgbImage {
    const W: f32 = 1134.0;
    const H: f32 = 1512.0;
    let mut rng = ChaCha8Rng::seed_from_u64(seed ^ 0x726f_6f6d);
    let Some(mut map) = Pixmap::new(W as u32, H as u32) else { return RgbImage::new(2, 2) };
    map.fill(colour(0.80, 0.74, 0.64));
    let flip = rng.random_bool(0.5);
    let place = |x: f32, w: f32| if flip { W - x - w } else { x };
    shelves(&mut map, &mut rng, place(0.0, 560.0), 560.0, H);
    window(&mut map, &mut rng, place(640.0, 430.0), 90.0, 430.0, 560.0);
    posters(&mut map, &mut rng, place(620.0, 470.0), 720.0);
    plant(&mut map, &mut rng, place(880.0, 0.0), H - 30.0);
    let mut out = RgbImage::new(W as u32, H as u32);
    for (to, from) in out.pixels_mut().zip(map.pixels()) {
        to.0 = [from.red(), from.green(), from.blue()];
    }
    out
}

fn shelves(map: &mut Pixmap, rng: &mut ChaCha8Rng, left: f32, width: f32, height: f32) {
    bar(map, left, 0.0, width, height, colour(0.22, 0.14, 0.09));
    let mut y = 40.0;
    while y < height {
        let room: f32 = rng.random_range(170.0..230.0);
        let (mut x, right) = (left + 22.0, left + width - 22.0);
        while x < right - 14.0 {
            let w: f32 = rng.random_range(14.0..44.0f32).min(right - x);
            let h = room * rng.random_range(0.62..0.93f32);
            let (r, g, b) = (rng.random::<f32>(), rng.random::<f32>(), rng.random::<f32>());
            let spine = colour(0.15 + 0.75 * r, 0.12 + 0.7 * g, 0.12 + 0.7 * b);
            bar(map, x, y + room - h, w - 1.5, h, spine);
            bar(map, x, y + room - h, 2.0, h, colour(r * 0.5, g * 0.5, b * 0.5));
            for k in 0..rng.random_range(2..6) {
                let at = y + room - h * (0.12 + 0.15 * k as f32);
                let light = if r + g + b > 1.5 { 0.1 } else { 0.9 };
                bar(
                    map,
                    x + w * 0.2,
                    at,
                    w * 0.6,
                    rng.random_range(2.0..9.0),
                    colour(light, light * 0.9, light * 0.7),
                );
            }
            x += w;
        }
        bar(map, left, y + room, width, 20.0, colour(0.36, 0.23, 0.14));
        bar(map, left, y + room + 20.0, width, 9.0, colour(0.10, 0.06, 0.04));
        y += room + 29.0;
    }
}

fn window(map: &mut Pixmap, rng: &mut ChaCha8Rng, x: f32, y: f32, w: f32, h: f32) {
    bar(map, x - 24.0, y - 24.0, w + 48.0, h + 48.0, colour(0.95, 0.95, 0.93));
    let stops = vec![
        GradientStop::new(0.0, colour(0.45, 0.68, 0.95)),
        GradientStop::new(0.6, colour(0.85, 0.93, 0.99)),
        GradientStop::new(1.0, colour(0.95, 0.95, 0.9)),
    ];
    let sky = LinearGradient::new(
        Point::from_xy(x, y),
        Point::from_xy(x, y + h),
        stops,
        SpreadMode::Pad,
        Transform::identity(),
    );
    if let (Some(shader), Some(rect)) = (sky, Rect::from_xywh(x, y, w, h)) {
        map.fill_rect(rect, &Paint { shader, ..Paint::default() }, Transform::identity(), None);
    }
    let mut left = x;
    while left < x + w {
        let wide = rng.random_range(40.0..95.0f32).min(x + w - left);
        let tall: f32 = rng.random_range(90.0..300.0);
        let shade: f32 = rng.random_range(0.3..0.6);
        bar(map, left, y + h - tall, wide, tall, colour(shade, shade * 0.95, shade * 0.95));
        for row in 0..(tall / 26.0) as u32 {
            for column in 0..(wide / 20.0) as u32 {
                let c = if rng.random_bool(0.5) { colour(0.9, 0.85, 0.55) } else { colour(0.16, 0.2, 0.28) };
                bar(
                    map,
                    left + 6.0 + column as f32 * 20.0,
                    y + h - tall + 8.0 + row as f32 * 26.0,
                    10.0,
                    14.0,
                    c,
                );
            }
        }
        left += wide;
    }
    for k in [1.0, 2.0] {
        bar(map, x + w * k / 3.0 - 7.0, y, 14.0, h, colour(0.93, 0.93, 0.91));
    }
    bar(map, x, y + h * 0.38, w, 14.0, colour(0.93, 0.93, 0.91));
}

fn posters(map: &mut Pixmap, rng: &mut ChaCha8Rng, x: f32, y: f32) {
    for (dx, dy, w, h) in [(0.0, 0.0, 205.0, 290.0), (245.0, 40.0, 215.0, 230.0)] {
        let (px, py) = (x + dx, y + dy);
        bar(map, px - 7.0, py - 7.0, w + 14.0, h + 14.0, colour(0.12, 0.1, 0.1));
        bar(map, px, py, w, h, colour(0.96, 0.94, 0.86));
        let mut path = PathBuilder::new();
        for _ in 0..9 {
            path.push_circle(
                px + rng.random_range(0.2..0.8) * w,
                py + rng.random_range(0.15..0.6) * h,
                rng.random_range(0.06..0.16) * w,
            );
        }
        if let Some(path) = path.finish() {
            let c =
                colour(rng.random_range(0.5..1.0), rng.random_range(0.1..0.7), rng.random_range(0.1..0.6));
            map.fill_path(&path, &solid(c), FillRule::EvenOdd, Transform::identity(), None);
        }
        for k in 0..5 {
            bar(
                map,
                px + w * 0.1,
                py + h * (0.74 + 0.045 * k as f32),
                w * rng.random_range(0.4..0.8),
                5.0,
                colour(0.2, 0.2, 0.25),
            );
        }
    }
}

fn plant(map: &mut Pixmap, rng: &mut ChaCha8Rng, x: f32, foot: f32) {
    for _ in 0..46 {
        let angle: f32 = rng.random_range(-1.35..1.35);
        let long: f32 = rng.random_range(180.0..430.0);
        let (tip_x, tip_y) = (x + angle.sin() * long, foot - 130.0 - angle.cos() * long);
        let mut path = PathBuilder::new();
        path.move_to(x, foot - 120.0);
        path.quad_to(x + angle.sin() * long * 0.3, foot - 130.0 - long * 0.75, tip_x, tip_y);
        let green: f32 = rng.random_range(0.28..0.62);
        if let Some(path) = path.finish() {
            let stroke = Stroke {
                width: rng.random_range(7.0..24.0),
                line_cap: tiny_skia::LineCap::Round,
                ..Stroke::default()
            };
            map.stroke_path(
                &path,
                &solid(colour(green * 0.4, green, green * 0.35)),
                &stroke,
                Transform::identity(),
                None,
            );
        }
    }
    bar(map, x - 75.0, foot - 130.0, 150.0, 150.0, colour(0.72, 0.40, 0.27));
    bar(map, x - 88.0, foot - 140.0, 176.0, 28.0, colour(0.80, 0.46, 0.31));
}
