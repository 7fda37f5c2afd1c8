//! The tables as SeaORM sees them, one file each. What they mean is told where they are used.

pub mod attempt;
pub mod audit;
pub mod audit_head;
pub mod breaker;
pub mod collection;
pub mod consent;
pub mod delivery;
pub mod desk_ticket;
pub mod download;
pub mod exam_session;
pub mod journal;
pub mod message;
pub mod photo_export;
pub mod picture;
pub mod rate;
pub mod registration;
pub mod roster_import;
pub mod session;
pub mod sms_code;
pub mod staff;
pub mod staff_session;
