//! Completes a draft into a standard: lengths into pixels, what is missing filled in or told, what cannot be told apart refused.

use super::{
    CardRules, Limit, MM_PER_INCH, Part, PhotoFile, Quantity, Standard,
    draft::{Draft, PhotoDraft, Side},
    error::{At, Place, StandardError},
    reader::{MM, OF_HEIGHT, OF_WIDTH, PX},
};
use crate::{CardKind, CheckId, Text};

/// The limits by which a photo is framed: without them none can be made.
const FRAMED_BY: [(CheckId, &str); 3] =
    [(CheckId::Framing, "hair_top"), (CheckId::Framing, "eye_line"), (CheckId::FaceSize, "width")];

/// The kinds of cards that are accepted where a standard does not say: those of citizens.
const ACCEPTED: [CardKind; 2] = [CardKind::ResidentIdentityCard, CardKind::ResidencePermit];

/// Fewest bits per pixel, from a JPEG quality upwards: half of what the softest of the test portraits takes, enlarged, before a
/// plain wall, at the lower colour resolution (1.93, 1.01, 0.69 and 0.47).
const LEAST_BITS: [(u8, f64); 4] = [(100, 0.95), (95, 0.5), (90, 0.34), (80, 0.23)];

/// Completes a draft that has taken what it inherits.
pub(super) fn finish(draft: Draft) -> Result<Standard, StandardError> {
    let missing = |key: &str, remedy: &str| draft.file.wrong(key, format!("it is missing: {remedy}"));
    let zh = draft.zh.clone().ok_or_else(|| missing("name.zh", "write [name] zh = \"…\""))?;
    let en = draft.en.clone().ok_or_else(|| missing("name.en", "write [name] en = \"…\""))?;
    let source = draft.source.clone().ok_or_else(|| {
        missing("source", "write [source] with title, body and date of the notice that the figures come from")
    })?;
    let photo = photo(&draft.photo, &draft.file)?;
    let mut standard = Standard {
        id: draft.id.value,
        name: Text::new(zh.value, en.value),
        extends: draft.extends.map(|e| e.value),
        source: source.value,
        photo,
        card: CardRules { accepted: draft.accepted.map_or_else(|| ACCEPTED.to_vec(), |a| a.value) },
        checks: Default::default(),
    };
    for (check, parts) in draft.checks {
        let mut limits = std::collections::BTreeMap::new();
        for (part, limit) in parts {
            let key = format!("checks.{check}.{part}");
            let length = Part::of(check).any(|p| p.name == part && p.quantity == Quantity::Length);
            let value = if length { in_pixels(&limit, &standard.photo, &key)? } else { limit.value };
            limits.insert(part, value);
        }
        // A check of which every part was dropped is no check any more.
        if !limits.is_empty() {
            standard.checks.insert(check, limits);
        }
    }
    can_be_framed(&standard, &draft.file)?;
    Ok(standard)
}

fn photo(draft: &PhotoDraft, file: &Place) -> Result<PhotoFile, StandardError> {
    let dpi = draft.dpi.as_ref().map_or(300, |d| d.value);
    let side = |side: &Option<At<Side>>, key: &str| {
        let Some(At { value, place }) = side else {
            let remedy = format!("it is missing: write {key} in pixels, or {key}_mm in millimetres");
            return Err(file.wrong(&format!("photo.{key}"), remedy));
        };
        match *value {
            Side::Pixels(px) => Ok(px),
            Side::Millimetres(mm) => {
                let px = (mm * f64::from(dpi) / MM_PER_INCH).round();
                if (50.0..=4000.0).contains(&px) {
                    return Ok(px as u32);
                }
                let remedy =
                    format!("{mm} mm at {dpi} dpi are {px} pixels: write a size of 50 to 4000 pixels");
                Err(place.wrong(&format!("photo.{key}_mm"), remedy))
            }
        }
    };
    let (width, height) = (side(&draft.width, "width")?, side(&draft.height, "height")?);
    let Some(backgrounds) = &draft.backgrounds else {
        let remedy = "it is missing: write the colours that are allowed, such as [\"#FFFFFF\"]";
        return Err(file.wrong("photo.backgrounds", remedy));
    };
    Ok(PhotoFile {
        width,
        height,
        dpi,
        min_bytes: window(draft, width, height)?,
        max_bytes: draft.max_bytes.as_ref().map_or(PhotoFile::ANY_BYTES, |b| b.value),
        min_quality: draft.min_quality.as_ref().map_or(1, |q| q.value),
        backgrounds: backgrounds.value.clone(),
        file_name: draft.file_name.as_ref().map_or_else(|| "{number}.jpg".to_owned(), |f| f.value.clone()),
    })
}

/// The fewest bytes, when a JPEG of this size can lie between fewest and most.
fn window(draft: &PhotoDraft, width: u32, height: u32) -> Result<usize, StandardError> {
    let pixels = width as usize * height as usize;
    // Headers and tables take some 600 bytes, and every block of 8 × 8 pixels at least a byte.
    let least = 600 + pixels / 64;
    if let Some(most) = draft.max_bytes.as_ref().filter(|most| most.value < least) {
        let remedy = format!(
            "no JPEG of {width} × {height} pixels takes only {} bytes: write a number of at least {least}",
            most.value
        );
        return Err(most.wrong("photo.max_bytes", remedy));
    }
    let quality = draft.min_quality.as_ref().map_or(1, |q| q.value);
    let bits = LEAST_BITS.iter().find(|(from, _)| quality >= *from).map_or(0.0, |(_, bits)| *bits);
    let least = (pixels as f64 * bits / 8.0) as usize;
    if let Some(most) = draft.max_bytes.as_ref().filter(|most| most.value < least) {
        let remedy = format!(
            "no portrait of {width} × {height} pixels at quality {quality} takes only {} bytes: write at least {least}, \
             or a lower photo.min_quality",
            most.value
        );
        return Err(most.wrong("photo.max_bytes", remedy));
    }
    let Some(min) = &draft.min_bytes else { return Ok(0) };
    if min.value > 3 * pixels {
        let remedy = format!(
            "no JPEG of {width} × {height} pixels takes {} bytes: write a number below {}",
            min.value,
            3 * pixels
        );
        return Err(min.wrong("photo.min_bytes", remedy));
    }
    if let Some(most) = draft.max_bytes.as_ref().filter(|most| min.value >= most.value) {
        let remedy =
            format!("{} is not below photo.max_bytes, which is {}: write fewer", min.value, most.value);
        return Err(min.wrong("photo.min_bytes", remedy));
    }
    // One step of the JPEG quality changes the bytes by some five in a hundred.
    if let Some(most) = draft.max_bytes.as_ref().filter(|most| (most.value - min.value) * 50 < most.value) {
        let remedy = format!(
            "only {} bytes lie between it and photo.max_bytes, too few for a JPEG to hit: write {} or fewer",
            most.value - min.value,
            most.value / 10 * 9
        );
        return Err(min.wrong("photo.min_bytes", remedy));
    }
    Ok(min.value)
}

/// A limit of a length, in pixels of this photo.
fn in_pixels(limit: &At<Limit>, photo: &PhotoFile, key: &str) -> Result<Limit, StandardError> {
    let factor = match limit.value.unit.as_str() {
        MM => f64::from(photo.dpi) / MM_PER_INCH,
        OF_WIDTH => f64::from(photo.width),
        OF_HEIGHT => f64::from(photo.height),
        _ => 1.0,
    };
    // Tenths of a pixel are finer than anything that is measured, and read better.
    let px = |bound: Option<f64>| bound.map(|b| (b * factor * 10.0).round() / 10.0);
    let from = &limit.value;
    let resolved = Limit {
        min: px(from.min),
        max: px(from.max),
        warn_min: px(from.warn_min),
        warn_max: px(from.warn_max),
        unit: PX.to_owned(),
    };
    let side = f64::from(photo.width.max(photo.height));
    let bounds = [resolved.min, resolved.max, resolved.warn_min, resolved.warn_max];
    if let Some(bound) = bounds.into_iter().flatten().find(|b| b.abs() > side) {
        let remedy = format!(
            "{bound} px reach beyond the photo of {} × {} pixels: write lengths inside it, and check the unit `{}`",
            photo.width, photo.height, from.unit
        );
        return Err(limit.wrong(key, remedy));
    }
    Ok(resolved)
}

fn can_be_framed(standard: &Standard, file: &Place) -> Result<(), StandardError> {
    let mut ranges = Vec::new();
    for (check, part) in FRAMED_BY {
        let key = format!("checks.{check}.{part}");
        match standard.limit(check, part).and_then(|limit| limit.min.zip(limit.max)) {
            Some(range) => ranges.push((key, range)),
            None => {
                return Err(file.wrong(
                    &key,
                    "min and max are both needed, for the photo is framed by them: write both, or extend `any-size`",
                ));
            }
        }
    }
    let [(hair, (hair_min, hair_max)), (eyes, (_, eyes_max)), (width, (width_min, _))] = ranges.as_slice()
    else {
        return Ok(());
    };
    if *hair_min < 0.0 {
        return Err(file.wrong(hair, "the hair would be cut off above the photo: write a min of 0 or more"));
    }
    if eyes_max <= hair_max {
        let remedy = format!(
            "at {eyes_max} px the eyes would never lie below hair that may begin at {hair_max} px: write a greater max"
        );
        return Err(file.wrong(eyes, remedy));
    }
    if *width_min <= 0.0 {
        return Err(file.wrong(width, "a face has some width: write a min above 0"));
    }
    Ok(())
}
