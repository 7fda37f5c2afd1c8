//! Pixels in, measures out: decoding, faces, mattes, photos, cards, comparison. Measures and never decides.

pub mod card;
pub mod compare;
pub mod decode;
pub mod face;
pub mod model;
pub mod photo;
