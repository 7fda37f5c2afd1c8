//! Stored pictures.

use bytes::Bytes;
use store::{CollectionId, PictureKind, StoreError};

use crate::{Service, Session, Trouble};

/// A stored picture.
pub struct Picture {
    /// The file.
    pub bytes: Bytes,
    /// Its media type.
    pub media_type: &'static str,
}

impl Service {
    /// The latest picture of a kind.
    ///
    /// # Errors
    /// [`Trouble::NotFound`] if there is none (any more).
    pub async fn picture(&self, session: &Session, kind: PictureKind) -> Result<Picture, Trouble> {
        self.latest_picture(session.collection, kind).await
    }

    pub(crate) async fn latest_picture(
        &self,
        collection: CollectionId,
        kind: PictureKind,
    ) -> Result<Picture, Trouble> {
        let found = self.store.latest_picture(collection, kind).await?.ok_or(Trouble::NotFound)?;
        match self.store.read_picture(&found).await {
            Ok(bytes) => Ok(Picture { media_type: media_type(&bytes), bytes }),
            // Swept between the two.
            Err(StoreError::NotFound) => Err(Trouble::NotFound),
            Err(error) => Err(error.into()),
        }
    }
}

/// The media type of an upload that was decoded, by its first bytes.
pub(crate) fn media_type(bytes: &[u8]) -> &'static str {
    if bytes.starts_with(b"\x89PNG") {
        "image/png"
    } else if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        "image/webp"
    } else {
        "image/jpeg"
    }
}
