//! Clients of the systems outside: SMS, the identity platform, the registration system; each behind a small trait.
//!
//! No error of this crate carries a name, a number, an address, a phone number or a picture: only codes.

pub mod identity;
pub mod registration;
pub mod secret;
pub mod sms;
pub mod tencent;
pub mod transport;

pub use secret::Secret;
