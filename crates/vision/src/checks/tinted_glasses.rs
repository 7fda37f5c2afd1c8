//! `tinted_glasses`: whether lenses darken or colour what is behind them.

use super::{Reading, Subject, area, skin};
use crate::{colour, face::Point, framing::eyes};

/// The patch of skin behind a lens, in distances between the eyes: how far below the eye, how far outward, half its width and
/// half its height. Bags lie above it, most rims below.
const BELOW: f32 = 0.205;
const OUTWARD: f32 = 0.02;
const HALF: (f32, f32) = (0.15, 0.05);

/// `light`: median luminance (linear light) of the skin below an eye over that of the cheek under it, of the eye where it is
/// greater: light from a side does not darken both. `colour`: how far the shares of red, green and blue in that skin's light
/// differ from those in the cheek's, summed up, 0..2, of the eye where they differ less. ISO/IEC 29794-5 (eyes visible) asks
/// for lenses through which the eyes can be seen, without a number. `None` where a cheek is hidden.
pub(super) fn measure(subject: &Subject<'_>) -> Option<Reading> {
    const GRID: (usize, usize) = (24, 12);
    let head = &subject.framing.head;
    let unit = head.inter_eye;
    // Value, and of which eye: 0 the person's right one.
    let (mut light, mut colour) = ((0.0f32, 0), (f32::MAX, 0));
    for (side, (eye, cheek)) in eyes(subject.mesh).into_iter().zip(&skin::cheeks(subject)).enumerate() {
        let eye = head.upright(eye);
        let behind: Vec<[u8; 3]> = (0..GRID.0 * GRID.1)
            .filter_map(|k| {
                let u = (k % GRID.0) as f32 / (GRID.0 - 1) as f32 * 2.0 - 1.0;
                let v = (k / GRID.0) as f32 / (GRID.1 - 1) as f32 * 2.0 - 1.0;
                let x = eye.x + unit * (OUTWARD * eye.x.signum() + HALF.0 * u);
                skin::pixel(subject, Point { x, y: eye.y + unit * (BELOW + HALF.1 * v) })
            })
            .collect();
        let (here, there) = (Light::of(&behind)?, Light::of(cheek)?);
        let passed = here.luminance / there.luminance.max(1e-4);
        if passed > light.0 {
            light = (passed, side);
        }
        let apart: f32 = here.shares.iter().zip(there.shares).map(|(a, b)| (a - b).abs()).sum();
        if apart < colour.0 {
            colour = (apart, side);
        }
    }
    Some(
        Reading::from(vec![("light", f64::from(light.0)), ("colour", f64::from(colour.0))])
            .with("light", Some(area::lens(subject, light.1)))
            .with("colour", Some(area::lens(subject, colour.1))),
    )
}

/// What a patch of skin sends to the camera: medians of its pixels, linear light.
struct Light {
    luminance: f32,
    /// Red, green and blue, their sum 1.
    shares: [f32; 3],
}

impl Light {
    fn of(pixels: &[[u8; 3]]) -> Option<Light> {
        let step = (pixels.len() / 400).max(1);
        let picked = || pixels.iter().step_by(step);
        if picked().len() < 30 {
            return None;
        }
        let table = colour::linear_table();
        let median =
            |value: &dyn Fn(&[u8; 3]) -> f32| skin::median(&mut picked().map(value).collect::<Vec<_>>());
        let channels: [f32; 3] = std::array::from_fn(|c| median(&|p| table[usize::from(p[c])]));
        let sum = channels.iter().sum::<f32>().max(1e-4);
        Some(Light { luminance: median(&|p| colour::luminance(*p)), shares: channels.map(|c| c / sum) })
    }
}
