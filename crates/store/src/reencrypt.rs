//! Rotation of keys: seals anew, under the current key, what is still sealed under an older one.

use bytes::Bytes;
use object_store::{ObjectStoreExt as _, path::Path};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _,
    sea_query::{Expr, ExprTrait as _, Order, Query},
};
use uuid::Uuid;

use crate::{
    Records, Store, StoreError,
    entity::picture,
    picture::{from_row, off_the_runtime, place},
    seal::{Place, key_id_of},
};

/// Every sealed column; each table has an `id`.
const SEALED: [(&str, &str); 6] = [
    ("registration", "details"),
    ("collection", "particulars"),
    ("message", "content"),
    ("delivery", "payload"),
    ("staff", "totp"),
    ("roster_import", "report"),
];

/// Rows that are looked at in one go.
const BATCH: u64 = 500;

/// What a rotation sealed anew.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reencrypted {
    /// Values in the database.
    pub values: u64,
    /// Pictures.
    pub pictures: u64,
}

impl Store {
    /// Seals everything under the current key. May run while the system works: a value that changes meanwhile is left to its
    /// writer, who uses the current key anyway. When it returns, older keys may leave the keyring of all nodes that run with
    /// this one as current.
    ///
    /// # Errors
    /// [`StoreError::Sealed`] at the first value that cannot be opened.
    pub async fn reencrypt(&self) -> Result<Reencrypted, StoreError> {
        let mut done = Reencrypted::default();
        for (table, column) in SEALED {
            done.values += self.reencrypt_column(table, column).await?;
        }
        let current = self.keyring().current_key_id().to_owned();
        let mut after = Uuid::nil();
        loop {
            let rows = picture::Entity::find()
                .filter(picture::Column::KeyId.ne(current.as_str()))
                .filter(picture::Column::Id.gt(after))
                .order_by_asc(picture::Column::Id)
                .limit(BATCH)
                .all(&self.db())
                .await?;
            let Some(last) = rows.last() else { return Ok(done) };
            after = last.id;
            for row in rows {
                done.pictures += self.reencrypt_picture(row, &current).await?;
            }
        }
    }
}

impl Records {
    async fn reencrypt_column(&self, table: &'static str, column: &'static str) -> Result<u64, StoreError> {
        let (mut after, mut done) = (Uuid::nil(), 0);
        loop {
            let page = Query::select()
                .columns(["id", column])
                .from(table)
                .and_where(Expr::col("id").gt(after))
                .and_where(Expr::col(column).is_not_null())
                .order_by("id", Order::Asc)
                .limit(BATCH)
                .take();
            let rows = self.db().query_all(&page).await?;
            if rows.is_empty() {
                return Ok(done);
            }
            for row in rows {
                let id: Uuid = row.try_get("", "id")?;
                let sealed: Vec<u8> = row.try_get("", column)?;
                after = id;
                if key_id_of(&sealed)? == self.keyring.current_key_id() {
                    continue;
                }
                let place = Place { table, column, row: id };
                let anew = self.keyring.seal(place, &self.keyring.open(place, &sealed)?)?;
                let update = Query::update()
                    .table(table)
                    .value(column, anew)
                    .and_where(Expr::col("id").eq(id))
                    .and_where(Expr::col(column).eq(sealed))
                    .take();
                done += self.db().execute(&update).await?.rows_affected();
            }
        }
    }

    async fn reencrypt_picture(&self, row: picture::Model, current: &str) -> Result<u64, StoreError> {
        let picture = from_row(row)?;
        let plain: Bytes = match self.read_picture(&picture).await {
            Ok(plain) => plain,
            // Deleted meanwhile.
            Err(StoreError::NotFound) => return Ok(0),
            Err(other) => return Err(other),
        };
        let (keyring, id) = (self.keyring.clone(), picture.id.0);
        let sealed = off_the_runtime(move || keyring.seal(place(id), &plain)).await?;
        self.objects.put(&Path::from(picture.object_key.as_str()), sealed.into()).await?;
        let updated = picture::Entity::update_many()
            .col_expr(picture::Column::KeyId, Expr::val(current))
            .filter(picture::Column::Id.eq(id))
            .exec(&self.db())
            .await?;
        Ok(updated.rows_affected)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{
        specimens::{SESSION, at, collection, picture, registration},
        testing::TestDatabase,
    };

    use serde_json::json;

    use crate::{
        Algorithms, Keyring, NewAudit, NewDelivery, NewMessage, PictureKind, SealError, StoreConfig,
    };

    #[tokio::test]
    async fn after_a_rotation_the_old_key_may_go() {
        // The new key is for the same algorithm, or for the other one: then the hashes stay as they were.
        use Algorithms::{International, National};
        let mut cases = Vec::new();
        for algorithms in [International, National] {
            for database in TestDatabase::each().await {
                cases.push((database, algorithms));
            }
        }
        for (database, algorithms) in cases {
            let old = database.store();
            let mut record = collection(&old, 1).await;
            record.particulars.verification_note = Some("a note".into());
            old.save_collection(&mut record, at(1)).await.unwrap();
            let of = registration(1);
            old.import_registrations(SESSION, std::slice::from_ref(&of), crate::ImportHow::default(), at(1))
                .await
                .unwrap();
            let photo = old.put_picture(picture(&record, PictureKind::Photo, b"x"), at(1)).await.unwrap();
            let message = NewMessage {
                kind: "code".into(),
                phone: of.phone.clone(),
                parameters: vec![],
                expires_at: None,
            };
            old.enqueue_message(&message, at(1)).await.unwrap();
            let told = NewDelivery { collection: record.id, kind: "completed".into(), payload: json!({}) };
            old.enqueue_delivery(&told, at(1)).await.unwrap();
            let tx = old.begin().await.unwrap();
            tx.audit(&NewAudit::new("li", "unmask"), at(1)).await.unwrap();
            tx.commit().await.unwrap();
            let noted = old.verify_audit(None).await.unwrap().unwrap();

            let keys = |text: &str| Keyring::parse(text).unwrap();
            let (a, b) =
                (Keyring::generate("test", algorithms).unwrap(), Keyring::generate("b", algorithms).unwrap());
            let line =
                |text: &str, start: &str| text.lines().find(|l| l.starts_with(start)).unwrap().to_owned();
            // This keyring has other secrets than the database's: only the real ones open it.
            let wrong = keys(&a);
            let config = |keyring| StoreConfig { keyring, ..database.config() };
            let stranger = Store::open(&config(wrong)).await.unwrap();
            let refused = stranger.collection(record.id).await;
            assert!(matches!(refused, Err(StoreError::Sealed(SealError::Altered))));

            let original = database.key_file();
            let both = format!(
                "current = \"b\"\n{}\n[keys]\n{}\n{}",
                line(original, "lookup"),
                line(original, "\"test\""),
                line(&b, "\"b\"")
            );
            let only_new =
                format!("current = \"b\"\n{}\n[keys]\n{}", line(original, "lookup"), line(&b, "\"b\""));
            let rotating = Store::open(&config(keys(&both))).await.unwrap();
            // A copy from before the rotation and one from after it keep their pictures at one place, as backups do.
            let (before, after) = (TestDatabase::sqlite().await, TestDatabase::sqlite().await);
            let copy = |of: &TestDatabase, keyring| StoreConfig {
                pictures: before.config().pictures,
                keyring,
                ..of.config()
            };
            let backup = Store::open(&copy(&before, keys(&both))).await.unwrap();
            assert_eq!(rotating.copy_to(&backup, &mut crate::Unwatched).await.unwrap().pictures.copied, 1);
            assert_eq!(rotating.reencrypt().await.unwrap(), Reencrypted { values: 4, pictures: 1 });
            assert_eq!(rotating.reencrypt().await.unwrap(), Reencrypted::default());

            let new = Store::open(&config(keys(&only_new))).await.unwrap();
            new.check_look_ups().await.unwrap();
            assert_eq!(new.verify_audit(Some(&noted)).await.unwrap(), Ok(noted));
            assert_eq!(new.collection(record.id).await.unwrap().unwrap(), record);
            assert_eq!(
                new.registration_by_phone(SESSION, &of.phone).await.unwrap().unwrap().registration,
                of
            );
            let photo = new.picture(photo.id).await.unwrap().unwrap();
            assert_eq!(&new.read_picture(&photo).await.unwrap()[..], b"x");
            let backup = Store::open(&copy(&after, keys(&only_new))).await.unwrap();
            let done = new.copy_to(&backup, &mut crate::Unwatched).await.unwrap().pictures;
            assert_eq!((done.copied, done.known), (1, 0), "what lies there is sealed under the old key");
            assert_eq!(&backup.read_picture(&photo).await.unwrap()[..], b"x");
            let missing = old.collection(record.id).await;
            assert!(matches!(missing, Err(StoreError::Sealed(SealError::UnknownKey(key))) if key == "b"));
        }
    }
}
