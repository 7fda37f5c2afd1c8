//! The partners' clients and the vendor's own SDK against a sandbox on a real port.
#![allow(clippy::unwrap_used)]

mod clients;
mod drawn_people;
mod pages;
mod running;
mod switches;
mod vendor_sdk;
