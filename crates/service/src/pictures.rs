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

/// Width and height of a JPEG, as its frame's header tells them (ITU-T T.81, B.2.2).
pub(crate) fn jpeg_size(bytes: &[u8]) -> Option<[u16; 2]> {
    let mut at = 2;
    loop {
        let &[0xFF, marker, high, low, ..] = bytes.get(at..)? else { return None };
        let length = usize::from(u16::from_be_bytes([high, low]));
        if matches!(marker, 0xC0..=0xC2) {
            let &[_, h1, h0, w1, w0, ..] = bytes.get(at + 4..)? else { return None };
            return Some([u16::from_be_bytes([w1, w0]), u16::from_be_bytes([h1, h0])]);
        }
        at += 2 + length;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jpegs_size_is_read_from_its_frame() {
        let mut jpeg = b"\xFF\xD8\xFF\xE0\x00\x04JF\xFF\xC0\x00\x11\x08\x02\x80\x01\xE0\x03".to_vec();
        assert_eq!(jpeg_size(&jpeg), Some([480, 640]));
        jpeg.truncate(16);
        for none in [&jpeg[..], b"", b"\xFF\xD8\xFF", b"\xFF\xD8\xFF the ID photo "] {
            assert_eq!(jpeg_size(none), None);
        }
    }
}
