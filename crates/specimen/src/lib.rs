//! Draws synthetic candidates and specimen identity cards with known truth; nobody drawn exists.

pub mod capture;
pub mod card;
pub mod flaw;
pub mod font;
pub mod foreigner;
pub mod looks;
pub mod names;
pub mod people;
pub mod permit;
pub mod phone;
pub mod portrait;
