//! The wall's departures from its own colour as a picture to lie over the capture.

use std::io::Cursor;

use image::{ImageFormat, Rgba, RgbaImage};
use vision::photo::WallMap;

/// ΔE and the colour that shows it, between which it is mixed: from bluish and clear to red and dense.
pub const SCALE: [(f32, [u8; 4]); 5] = [
    (0.0, [60, 110, 200, 50]),
    (4.0, [60, 185, 140, 110]),
    (8.0, [250, 225, 40, 175]),
    (12.0, [245, 130, 30, 210]),
    (20.0, [190, 20, 25, 235]),
];

/// A PNG with one pixel for each square; what was not looked at is clear.
pub fn png(wall: &WallMap) -> anyhow::Result<Vec<u8>> {
    let (columns, rows) = (wall.columns as u32, (wall.departures.len() / wall.columns.max(1)) as u32);
    let pixels = RgbaImage::from_fn(columns, rows, |x, y| {
        let departure = wall.departures[y as usize * wall.columns + x as usize];
        Rgba(departure.map_or([0; 4], colour))
    });
    let mut png = Cursor::new(Vec::new());
    pixels.write_to(&mut png, ImageFormat::Png)?;
    Ok(png.into_inner())
}

fn colour(departure: f32) -> [u8; 4] {
    let above = SCALE.partition_point(|(value, _)| *value <= departure);
    let ((low, from), (high, to)) = match above {
        0 => return SCALE[0].1,
        n if n == SCALE.len() => return SCALE[n - 1].1,
        n => (SCALE[n - 1], SCALE[n]),
    };
    let share = (departure - low) / (high - low);
    std::array::from_fn(|c| (f32::from(from[c]) + share * (f32::from(to[c]) - f32::from(from[c]))) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_mixed_between_the_scale_s_values_and_end_with_it() {
        assert_eq!([0.0, 8.0, 20.0, 99.0].map(colour), [SCALE[0].1, SCALE[2].1, SCALE[4].1, SCALE[4].1]);
        assert_eq!(colour(10.0)[1], 177);
    }
}
