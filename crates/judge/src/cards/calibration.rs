//! How far a confidence is what it says: of the fields told with about 0.98, about 98 in a hundred should be right.

use std::fmt::Write as _;

use super::shots::Shot;
use crate::figures::Rate;

/// Lower ends of the bins of confidence.
const BINS: [f32; 8] = [0.0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.997];

/// One bin.
#[derive(Debug, Clone, Copy, Default)]
pub struct Bin {
    /// From this confidence on.
    pub from: f32,
    /// How many fields of how many were right.
    pub right: Rate,
    /// Sum of the confidences told.
    pub sum: f64,
}

/// Confidences against what was right.
pub struct Calibration {
    /// As told.
    pub told: Vec<Bin>,
    /// As the recogniser says by itself.
    pub raw: Vec<Bin>,
    /// Fields told with more than 0.99.
    pub above: Rate,
    /// By field: raw bins, for who fits the table anew.
    pub by_field: Vec<(String, Vec<Bin>)>,
}

fn bins() -> Vec<Bin> {
    BINS.iter().map(|from| Bin { from: *from, ..Bin::default() }).collect()
}

fn put(bins: &mut [Bin], sure: f32, right: bool) {
    if let Some(bin) = bins.iter_mut().rev().find(|bin| sure >= bin.from) {
        bin.right = Rate { of: bin.right.of + 1, hit: bin.right.hit + usize::from(right) };
        bin.sum += f64::from(sure);
    }
}

impl Calibration {
    /// Of every field that was read, whether its capture was accepted or not. Names with characters beyond the recogniser's alphabet are
    /// left out: those are doubted on other grounds.
    pub fn of(usable: &[&Shot]) -> Calibration {
        let mut all = Calibration { told: bins(), raw: bins(), above: Rate::default(), by_field: Vec::new() };
        for shot in usable {
            for field in shot.fields.iter().filter(|f| f.read.is_some() && !(f.name == "name" && shot.rare)) {
                let right = field.read.as_deref() == Some(&field.truth);
                put(&mut all.told, field.sure, right);
                put(&mut all.raw, field.raw, right);
                if field.sure > 0.99 {
                    all.above = Rate { of: all.above.of + 1, hit: all.above.hit + usize::from(right) };
                }
                let place =
                    all.by_field.iter().position(|(name, _)| *name == field.name).unwrap_or_else(|| {
                        all.by_field.push((field.name.clone(), bins()));
                        all.by_field.len() - 1
                    });
                put(&mut all.by_field[place].1, field.raw, right);
            }
        }
        all
    }
}

/// The plot: share right over confidence, as told and as the recogniser has it, both axes in log odds, since all happens near 1.
pub fn plot(calibration: &Calibration) -> String {
    const SIDE: f64 = 320.0;
    let (low, high) = (-1.0f64, 7.0f64);
    let place = |share: f64| {
        let odds = (share / (1.0 - share).max(1e-4)).max(1e-3).ln();
        SIDE * ((odds - low) / (high - low)).clamp(0.0, 1.0)
    };
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"-50 -10 {0} {0}\" font-family=\"sans-serif\" font-size=\"10\">\
         <rect x=\"-50\" y=\"-10\" width=\"{0}\" height=\"{0}\" fill=\"#fff\"/>\
         <path d=\"M0 0V{SIDE}H{SIDE}\" fill=\"none\" stroke=\"#57606a\"/><path d=\"M0 {SIDE}L{SIDE} 0\" stroke=\"#c9d1d9\" stroke-dasharray=\"4 3\"/>",
        SIDE + 70.0
    );
    for share in [0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999] {
        let at = place(share);
        // Writing to a string cannot fail.
        let _ = write!(
            svg,
            "<text x=\"{at:.0}\" y=\"{:.0}\" text-anchor=\"middle\">{share}</text><text x=\"-6\" y=\"{:.0}\" text-anchor=\"end\">{share}</text>",
            SIDE + 14.0,
            SIDE - at + 3.0
        );
    }
    for (bins, colour, name, y) in
        [(&calibration.raw, "#b3261e", "recogniser", 12.0), (&calibration.told, "#0b57d0", "as told", 26.0)]
    {
        let points: Vec<(f64, f64, usize)> = bins
            .iter()
            .filter(|bin| bin.right.of > 0)
            .map(|bin| (place(bin.sum / bin.right.of as f64), SIDE - place(bin.right.share()), bin.right.of))
            .collect();
        let line: Vec<String> = points.iter().map(|(x, y, _)| format!("{x:.1},{y:.1}")).collect();
        let _ = write!(
            svg,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.5\"/><text x=\"12\" y=\"{y}\" fill=\"{colour}\">{name}</text>",
            line.join(" ")
        );
        for (x, y, count) in points {
            let radius = 2.0 + (count as f64).ln();
            let _ = write!(
                svg,
                "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius:.1}\" fill=\"{colour}\" fill-opacity=\".5\"/>"
            );
        }
    }
    let _ = writeln!(
        svg,
        "<text x=\"{:.0}\" y=\"{:.0}\" text-anchor=\"middle\">confidence</text><text transform=\"translate(-38 {:.0}) rotate(-90)\" text-anchor=\"middle\">share right</text></svg>",
        SIDE / 2.0,
        SIDE + 30.0,
        SIDE / 2.0
    );
    svg
}
