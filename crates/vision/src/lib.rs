//! Pixels in, measures out: decoding, faces, mattes, photos, cards, comparison. Measures and never decides.

pub mod card;
mod checks;
mod colour;
pub mod compare;
pub mod decode;
pub mod face;
mod framing;
mod glyph;
mod id_photo;
mod map;
mod marked;
mod matte;
pub mod model;
pub mod photo;
mod plane;
pub mod preview;
mod resample;
pub mod sheet;
mod work;
