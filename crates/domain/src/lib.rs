//! The rules of identity-photo collection: values, comparisons and the collection's states, without any I/O.

pub mod advice;
pub mod attempts;
pub mod card;
pub mod card_kind;
pub mod check;
pub mod collection;
pub mod comparison;
pub mod discrepancy;
pub mod ethnicity;
pub mod finding;
pub mod id_number;
pub mod name;
pub mod nationality;
pub mod office;
pub mod phone;
pub mod reasons;
pub mod registration;
pub mod standard;
pub mod text;

pub use attempts::Attempts;
pub use card::{EmblemSide, IdentityCard, PortraitSide, ValidUntil};
pub use card_kind::CardKind;
pub use check::CheckId;
pub use collection::{Collection, Refusal, State};
pub use comparison::{Comparison, Decided};
pub use discrepancy::{Discrepancy, Item, Weight};
pub use ethnicity::Ethnicity;
pub use finding::{Finding, Outcome, Report, Spot};
pub use id_number::{IdNumber, IdNumberError, Sex};
pub use name::PersonName;
pub use nationality::Nationality;
pub use office::{Account, Deed, Role};
pub use phone::PhoneNumber;
pub use registration::{Level, Registration};
pub use standard::{Measures, Standard, StandardError};
pub use text::Text;
