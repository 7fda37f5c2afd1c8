//! Pictures: encrypted before they leave the process, one object each in the object storage, one row each in the database.
//!
//! The object is written first, the row after it; it is deleted in the other order. Whatever breaks in between leaves an
//! object without a row, which [`crate::Store::sweep`] removes. A new picture of a kind leaves the older ones where they are,
//! for the sweep: somebody may be reading them.

use std::{collections::BTreeMap, fmt, sync::Arc};

use bytes::Bytes;
use jiff::Timestamp;
use object_store::{ObjectStore, ObjectStoreExt as _, path::Path};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    sea_query::{Expr, ExprTrait as _, Query},
};
use uuid::Uuid;

use crate::{
    CollectionId, PictureId, Records, SealError, StoreError,
    entity::picture,
    seal::Place,
    text_enum::text_enum,
    time::{from_millis, to_millis},
};

/// Folder of all objects.
pub(crate) const PREFIX: &str = "pictures";

text_enum! {
    /// What a picture shows.
    pub enum PictureKind {
        /// The portrait side of the card (人像面), as uploaded.
        CardPortrait = "card_portrait",
        /// The emblem side of the card (国徽面), as uploaded.
        CardEmblem = "card_emblem",
        /// The face on the card, cut out.
        CardFace = "card_face",
        /// The capture (原图) that the photo was made from, as uploaded.
        Capture = "capture",
        /// A refused capture, small and upright, for the candidate to look at.
        Preview = "preview",
        /// The ID photo (证件照).
        Photo = "photo",
    }
}

/// A picture to be kept.
#[derive(Clone)]
pub struct NewPicture {
    /// Whose.
    pub collection: CollectionId,
    /// What it shows.
    pub kind: PictureKind,
    /// `image/jpeg` and the like.
    pub media_type: String,
    /// The file.
    pub bytes: Bytes,
}

/// A picture that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// The picture.
    pub id: PictureId,
    /// Whose.
    pub collection: CollectionId,
    /// What it shows.
    pub kind: PictureKind,
    /// Hash of the file: SHA-256, or SM3 where [`crate::Keyring::hash_algorithm`] is the national one.
    pub hash: [u8; 32],
    /// Bytes of the file.
    pub size: u64,
    /// `image/jpeg` and the like.
    pub media_type: String,
    /// When it came.
    pub created_at: Timestamp,
    pub(crate) object_key: String,
    pub(crate) key_id: String,
}

impl fmt::Debug for NewPicture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NewPicture({}, {}, {} bytes)", self.collection, self.kind, self.bytes.len())
    }
}

impl Records {
    /// Encrypts a picture and writes its object, without the row: call it before a transaction, and
    /// [`Records::add_picture`] in it, so that no write lock is held while the storage works.
    ///
    /// # Errors
    /// [`StoreError::Pictures`] if the storage fails.
    pub async fn write_picture(&self, new: NewPicture, now: Timestamp) -> Result<Picture, StoreError> {
        let id = PictureId::generate();
        let object_key = format!("{PREFIX}/{}/{id}", new.collection);
        let (keyring, bytes) = (self.keyring.clone(), new.bytes.clone());
        let (hash, sealed) = off_the_runtime(move || {
            Ok::<_, StoreError>((keyring.content_hash(&bytes), keyring.seal(place(id.0), &bytes)?))
        })
        .await?;
        self.objects.put(&Path::from(object_key.as_str()), sealed.into()).await?;
        Ok(Picture {
            id,
            collection: new.collection,
            kind: new.kind,
            hash,
            size: new.bytes.len() as u64,
            media_type: new.media_type,
            created_at: from_millis(to_millis(now)),
            object_key,
            key_id: self.keyring.current_key_id().to_owned(),
        })
    }

    /// Adds the row of a picture whose object was written: from now on it is the latest of its kind, and the older ones are marked for the
    /// sweep. Do it in one transaction with the collection's change, whose compare-and-set keeps two from missing each other.
    ///
    /// # Errors
    /// What the database says.
    pub async fn add_picture(&self, picture: &Picture) -> Result<(), StoreError> {
        let row = picture::ActiveModel {
            id: Set(picture.id.0),
            collection: Set(picture.collection.0),
            kind: Set(picture.kind.as_str().to_owned()),
            object_key: Set(picture.object_key.clone()),
            key_id: Set(picture.key_id.clone()),
            hash: Set(picture.hash.to_vec()),
            size: Set(i64::try_from(picture.size).unwrap_or(i64::MAX)),
            media_type: Set(picture.media_type.clone()),
            created_at: Set(to_millis(picture.created_at)),
            replaced_at: Set(None),
        };
        picture::Entity::insert(row).exec_without_returning(&self.db()).await?;
        self.mark_replaced(picture).await
    }

    /// Marks the pictures of its collection and kind that a newer one replaced.
    async fn mark_replaced(&self, added: &Picture) -> Result<(), StoreError> {
        use picture::Column as C;
        let column = |table: &'static str, column: &'static str| Expr::col((table, column));
        let newer = Query::select()
            .expr(Expr::val(1))
            .from_as("picture", "newer")
            .and_where(column("newer", "collection").eq(added.collection.0))
            .and_where(column("newer", "kind").eq(added.kind.as_str()))
            .and_where(column("newer", "created_at").gt(column("picture", "created_at")))
            .take();
        picture::Entity::update_many()
            .col_expr(C::ReplacedAt, Expr::val(to_millis(added.created_at)))
            .filter(C::Collection.eq(added.collection.0))
            .filter(C::Kind.eq(added.kind.as_str()))
            .filter(C::ReplacedAt.is_null())
            .filter(Expr::exists(newer))
            .exec(&self.db())
            .await?;
        Ok(())
    }

    /// [`Records::write_picture`] and [`Records::add_picture`] in one.
    ///
    /// # Errors
    /// As those.
    pub async fn put_picture(&self, new: NewPicture, now: Timestamp) -> Result<Picture, StoreError> {
        let picture = self.write_picture(new, now).await?;
        self.add_picture(&picture).await?;
        Ok(picture)
    }

    /// The latest picture of a kind.
    ///
    /// # Errors
    /// What the database says.
    pub async fn latest_picture(
        &self,
        collection: CollectionId,
        kind: PictureKind,
    ) -> Result<Option<Picture>, StoreError> {
        let row = picture::Entity::find()
            .filter(picture::Column::Collection.eq(collection.0))
            .filter(picture::Column::Kind.eq(kind.as_str()))
            .order_by_desc(picture::Column::CreatedAt)
            .order_by_desc(picture::Column::Id)
            .one(&self.db())
            .await?;
        row.map(from_row).transpose()
    }

    /// The latest pictures of a kind, of those collections that have one.
    ///
    /// # Errors
    /// What the database says.
    pub async fn latest_pictures(
        &self,
        collections: &[CollectionId],
        kind: PictureKind,
    ) -> Result<BTreeMap<CollectionId, Picture>, StoreError> {
        let rows = picture::Entity::find()
            .filter(picture::Column::Collection.is_in(collections.iter().map(|id| id.0)))
            .filter(picture::Column::Kind.eq(kind.as_str()))
            .order_by_asc(picture::Column::CreatedAt)
            .order_by_asc(picture::Column::Id)
            .all(&self.db())
            .await?;
        // Of each collection the last one stays.
        rows.into_iter().map(|row| from_row(row).map(|picture| (picture.collection, picture))).collect()
    }

    /// The picture of that id.
    ///
    /// # Errors
    /// What the database says.
    pub async fn picture(&self, id: PictureId) -> Result<Option<Picture>, StoreError> {
        picture::Entity::find_by_id(id.0).one(&self.db()).await?.map(from_row).transpose()
    }

    /// The file of a picture.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] if its object is gone; [`StoreError::Sealed`] if it was altered or exchanged.
    pub async fn read_picture(&self, picture: &Picture) -> Result<Bytes, StoreError> {
        let sealed = self.sealed(picture).await?;
        let (keyring, id) = (self.keyring.clone(), picture.id.0);
        off_the_runtime(move || {
            let mut plain = keyring.open(place(id), &sealed)?;
            Ok::<_, StoreError>(Bytes::from(std::mem::take(&mut *plain)))
        })
        .await
    }

    /// The object of a picture as it lies, after it was opened and held against its hash.
    ///
    /// # Errors
    /// As [`Records::read_picture`].
    pub(crate) async fn read_sealed_picture(&self, picture: &Picture) -> Result<Bytes, StoreError> {
        let sealed = self.sealed(picture).await?;
        let (keyring, id, hash, lies) = (self.keyring.clone(), picture.id.0, picture.hash, sealed.clone());
        off_the_runtime(move || {
            let plain = keyring.open(place(id), &lies)?;
            if keyring.content_hash(&plain) == hash { Ok(()) } else { Err(SealError::Altered.into()) }
        })
        .await?;
        Ok(sealed)
    }

    async fn sealed(&self, picture: &Picture) -> Result<Bytes, StoreError> {
        match self.objects.get(&Path::from(picture.object_key.as_str())).await {
            Ok(found) => Ok(found.bytes().await?),
            Err(object_store::Error::NotFound { .. }) => Err(StoreError::NotFound),
            Err(other) => Err(other.into()),
        }
    }

    /// Deletes a picture, row and object.
    ///
    /// # Errors
    /// [`StoreError::Pictures`] if the storage fails: the row is gone then, and the sweep removes the object.
    pub async fn delete_picture(&self, picture: &Picture) -> Result<(), StoreError> {
        picture::Entity::delete_by_id(picture.id.0).exec(&self.db()).await?;
        delete_object(&self.objects, &Path::from(picture.object_key.as_str())).await
    }
}

pub(crate) async fn delete_object(objects: &Arc<dyn ObjectStore>, key: &Path) -> Result<(), StoreError> {
    match objects.delete(key).await {
        Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
        Err(other) => Err(other.into()),
    }
}

/// Runs what takes milliseconds of pure computing where it holds nobody up.
pub(crate) async fn off_the_runtime<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|_| Err(StoreError::Configuration("the process is shutting down".to_owned())))
}

pub(crate) fn from_row(row: picture::Model) -> Result<Picture, StoreError> {
    let malformed = || StoreError::Malformed("picture");
    Ok(Picture {
        id: PictureId(row.id),
        collection: CollectionId(row.collection),
        kind: PictureKind::parse(&row.kind).ok_or_else(malformed)?,
        hash: row.hash.try_into().map_err(|_| malformed())?,
        size: row.size.unsigned_abs(),
        media_type: row.media_type,
        created_at: from_millis(row.created_at),
        object_key: row.object_key,
        key_id: row.key_id,
    })
}

pub(crate) fn place(row: Uuid) -> Place {
    Place { table: "picture", column: "object", row }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use sha2::{Digest as _, Sha256};
    use sm3::Sm3;

    use super::*;
    use crate::{
        HashAlgorithm, S3Config, Store, StoreConfig,
        specimens::{at, collection, picture},
        testing::{Bucket, TestDatabase},
    };

    #[tokio::test]
    async fn the_latest_of_a_kind_is_read_as_it_was_put() {
        for database in TestDatabase::each().await {
            let store = database.store();
            let record = collection(&store, 1).await;
            assert_eq!(store.latest_picture(record.id, PictureKind::Photo).await.unwrap(), None);
            store.put_picture(picture(&record, PictureKind::Photo, b"first"), at(1)).await.unwrap();
            let second =
                store.put_picture(picture(&record, PictureKind::Photo, b"second"), at(2)).await.unwrap();
            store.put_picture(picture(&record, PictureKind::Capture, b"third"), at(3)).await.unwrap();
            let latest = store.latest_picture(record.id, PictureKind::Photo).await.unwrap().unwrap();
            assert_eq!(latest, second);
            let hash: [u8; 32] = match store.keyring().hash_algorithm() {
                HashAlgorithm::HmacSha256 => Sha256::digest(b"second").into(),
                HashAlgorithm::HmacSm3 => Sm3::digest(b"second").into(),
            };
            assert_eq!((latest.size, latest.hash), (6, hash));
            assert_eq!(&store.read_picture(&latest).await.unwrap()[..], b"second");
        }
    }

    #[tokio::test]
    async fn an_altered_or_exchanged_object_does_not_open() {
        let database = TestDatabase::sqlite().await;
        let store = database.store();
        let record = collection(&store, 1).await;
        let one = store.put_picture(picture(&record, PictureKind::Photo, b"one"), at(1)).await.unwrap();
        let two = store.put_picture(picture(&record, PictureKind::Photo, b"two"), at(1)).await.unwrap();
        let file = |picture: &Picture| database.pictures().join(&picture.object_key);
        let original = std::fs::read(file(&one)).unwrap();
        let altered = || async {
            matches!(store.read_picture(&one).await, Err(StoreError::Sealed(SealError::Altered)))
        };
        std::fs::copy(file(&two), file(&one)).unwrap();
        assert!(altered().await);
        let mut flipped = original.clone();
        *flipped.last_mut().unwrap() ^= 1;
        std::fs::write(file(&one), flipped).unwrap();
        assert!(altered().await);
        std::fs::write(file(&one), original).unwrap();
        assert_eq!(&store.read_picture(&one).await.unwrap()[..], b"one");
    }

    #[tokio::test]
    async fn a_deleted_picture_is_gone_from_both_places() {
        for database in TestDatabase::both().await {
            let store = database.store();
            let record = collection(&store, 1).await;
            let one = store.put_picture(picture(&record, PictureKind::Photo, b"one"), at(1)).await.unwrap();
            store.delete_picture(&one).await.unwrap();
            store.delete_picture(&one).await.unwrap();
            assert_eq!(store.picture(one.id).await.unwrap(), None);
            assert!(!database.pictures().join(&one.object_key).exists());
            assert!(matches!(store.read_picture(&one).await, Err(StoreError::NotFound)));
        }
    }

    #[tokio::test]
    async fn in_a_bucket_pictures_are_put_read_swept_and_an_outage_passes() {
        let mut bucket = Bucket::start().await;
        let database = TestDatabase::sqlite().await;
        let config = StoreConfig { pictures: bucket.url("here"), s3: bucket.s3(), ..database.config() };
        let store = Store::open(&config).await.unwrap();
        let record = collection(&store, 1).await;
        let large: &[u8] = vec![7; 9_000_000].leak();
        let one = store.put_picture(picture(&record, PictureKind::Capture, large), at(1)).await.unwrap();
        assert!(store.read_picture(&one).await.unwrap() == large);
        let two = store.put_picture(picture(&record, PictureKind::Photo, b"two"), at(1)).await.unwrap();
        // An object whose row was never written, beside those of another deployment.
        let orphan =
            store.write_picture(picture(&record, PictureKind::Photo, b"never"), at(1)).await.unwrap();
        let other = StoreConfig { pictures: bucket.url("there"), ..config.clone() };
        let other = Store::open(&other).await.unwrap();
        let theirs =
            other.write_picture(picture(&record, PictureKind::Photo, b"theirs"), at(1)).await.unwrap();
        let swept = store
            .sweep(
                &crate::Retention { grace: std::time::Duration::ZERO, ..Default::default() },
                Timestamp::now(),
            )
            .await
            .unwrap();
        assert_eq!((swept.orphans, swept.pictures), (1, 0));
        assert!(matches!(store.read_picture(&orphan).await, Err(StoreError::NotFound)));
        assert_eq!(&other.read_picture(&theirs).await.unwrap()[..], b"theirs");
        store.delete_picture(&one).await.unwrap();
        assert!(matches!(store.read_picture(&one).await, Err(StoreError::NotFound)));

        bucket.stop();
        let failed = store.read_picture(&two).await.unwrap_err();
        assert!(failed.is_passing(), "{failed}");
        assert!(store.put_picture(picture(&record, PictureKind::Photo, b"lost"), at(2)).await.is_err());
        bucket.resume();
        let latest = store.latest_picture(record.id, PictureKind::Photo).await.unwrap().unwrap();
        assert_eq!(latest, two, "what could not be stored has no row");
        assert_eq!(&store.read_picture(&two).await.unwrap()[..], b"two");
    }

    #[tokio::test]
    async fn a_storage_service_that_cannot_be_meant_is_told_by_key() {
        let template = TestDatabase::sqlite().await.config();
        let s3 = S3Config {
            endpoint: "https://x".into(),
            access_key: "a".into(),
            secret_key: "hunter2".to_owned().into(),
            ..S3Config::default()
        };
        for (url, s3, told) in [
            ("s3://bucket", S3Config::default(), "pictures.access_key and pictures.secret_key"),
            (
                "s3://bucket",
                S3Config { endpoint: "storage".into(), ..s3.clone() },
                "pictures.endpoint: write an address",
            ),
            ("s3:", s3.clone(), "pictures.url: write s3://bucket/prefix"),
            ("gs://bucket", s3.clone(), "pictures.url: write a folder, or s3://bucket/prefix"),
        ] {
            let config = StoreConfig { pictures: url.into(), s3, ..template.clone() };
            let error = Store::open(&config).await.unwrap_err().to_string();
            assert!(error.starts_with(told), "{error}");
            assert!(!format!("{error} {config:?}").contains("hunter2"));
        }
    }
}
