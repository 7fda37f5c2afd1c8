//! Whether the journey can go on: database, pictures, models and an open exam session.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use store::{CollectionId, NewPicture, PictureKind};

use crate::{Service, meters};

/// For how long a look at pictures and models holds; the database is asked each time.
const HOLDS: Duration = Duration::from_secs(15);

/// What answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Readiness {
    /// The database.
    pub database: bool,
    /// The object storage takes, keeps and deletes a picture.
    pub pictures: bool,
    /// The networks are there and the pinned ones.
    pub models: bool,
    /// An exam session is open.
    pub exam_session: bool,
}

impl Readiness {
    /// Everything answers.
    pub fn all(&self) -> bool {
        self.database && self.pictures && self.models && self.exam_session
    }
}

/// When pictures and models were looked at last, and what was seen.
#[derive(Default)]
pub(crate) struct Cache(Mutex<Option<(Instant, bool, bool)>>);

impl Service {
    /// What answers.
    pub async fn readiness(&self) -> Readiness {
        let database = self.store.ping().await.is_ok();
        let (pictures, models) = self.pictures_and_models().await;
        let exam_session = database && self.open_exam_session().await.is_ok();
        Readiness { database, pictures, models, exam_session }
    }

    pub(crate) async fn pictures_and_models(&self) -> (bool, bool) {
        let seen = *self.readiness.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((at, pictures, models)) = seen
            && at.elapsed() < HOLDS
        {
            return (pictures, models);
        }
        let sight = Arc::clone(&self.sight);
        let models = tokio::task::spawn_blocking(move || sight.ready()).await.unwrap_or(false);
        let pictures = self.pictures_work().await;
        let now = Some((Instant::now(), pictures, models));
        *self.readiness.0.lock().unwrap_or_else(PoisonError::into_inner) = now;
        (pictures, models)
    }

    async fn pictures_work(&self) -> bool {
        let probe = NewPicture {
            collection: CollectionId::generate(),
            kind: PictureKind::Photo,
            media_type: "application/octet-stream".to_owned(),
            bytes: bytes::Bytes::from_static(b"probe"),
        };
        let result = async {
            let written = self.store.write_picture(probe, self.clock.now()).await?;
            let read = self.store.read_picture(&written).await;
            self.store.delete_picture(&written).await?;
            read
        };
        result.await.inspect_err(|error| tracing::error!(%error, "the picture storage fails")).is_ok()
    }

    /// Records in the metrics what is so at this moment.
    pub async fn observe(&self) {
        metrics::gauge!(meters::PIXELS_MOST).set(self.pixels.places() as f64);
        meters::observe(&self.store, self.clock.now()).await;
    }
}
