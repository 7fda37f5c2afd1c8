//! Identifiers: UUID version 7, so that rows lie in the order of their making; one type for each kind of record.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! id {
    ($($(#[$meta:meta])* $name:ident;)+) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A new one.
            pub fn generate() -> $name {
                $name(Uuid::now_v7())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> $name {
                $name(id)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<$name, uuid::Error> {
                text.parse().map($name)
            }
        }
    )+};
}

id! {
    /// A registration's row here; the registration system's own key is another.
    RegistrationId;
    /// A collection.
    CollectionId;
    /// A picture.
    PictureId;
    /// A verification attempt; goes to the identity platform as serial number.
    AttemptId;
    /// A delivery to the registration system.
    DeliveryId;
    /// A message waiting to be sent.
    MessageId;
    /// A code sent by SMS.
    SmsCodeId;
    /// A consent.
    ConsentId;
    /// An entry of the journal.
    EntryId;
    /// A person of the office.
    StaffId;
    /// An import of a roster.
    RosterImportId;
    /// An export of ID photos.
    PhotoExportId;
}
