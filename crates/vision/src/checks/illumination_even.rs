//! `illumination_even`: whether both halves of the face get the same light.

use super::{Reading, Subject, skin};
use crate::colour;

/// `balance`: mean luminance (linear light) of the darker cheek over that of the lighter one, 0..1. `overlap`: intersection
/// of both cheeks' histograms of coded brightness, 0..1 (ISO/IEC 29794-5, illumination uniformity). `None` where a cheek
/// is hidden.
pub(super) fn measure(subject: &Subject<'_>) -> Option<Reading> {
    let [right, left] = skin::cheeks(subject);
    if right.len() < 50 || left.len() < 50 {
        return None;
    }
    let mean = |cheek: &[[u8; 3]]| {
        cheek.iter().map(|p| f64::from(colour::luminance(*p))).sum::<f64>() / cheek.len() as f64
    };
    let (a, b) = (mean(&right), mean(&left));
    let histogram = |cheek: &[[u8; 3]]| {
        let mut bins = [0.0f64; 32];
        for pixel in cheek {
            bins[(colour::luma(*pixel) / 8.0) as usize] += 1.0 / cheek.len() as f64;
        }
        bins
    };
    let overlap = histogram(&right).iter().zip(histogram(&left)).map(|(a, b)| a.min(b)).sum();
    let darker = skin::cheek(subject, usize::from(b < a));
    Some(Reading::at(darker, vec![("balance", (a.min(b) / a.max(b).max(1e-6))), ("overlap", overlap)]))
}
