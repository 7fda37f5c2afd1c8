//! ID photos out: an archive of every completed collection's photo, named by the standard, with a manifest that tells of each one, also of
//! those that are not there. What completes later is the next archive's.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use domain::{Account, Deed, IdNumber, Standard, State, collection::CompletedBy, standard::PhotoFile};
use futures::{
    FutureExt as _, Stream, StreamExt as _, TryStreamExt as _,
    stream::{self, BoxStream},
};
use jiff::Timestamp;
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use store::{
    CollectionRecord, Completion, NewPhotoExport, PhotoExportId, PhotosTaken, Picture, PictureKind, Store,
    StoreError, Tx,
};
use utoipa::ToSchema;

use super::{Officer, archive::Archive, before, downloads::Download};
use crate::{Clock, Service, Trouble, clock::local, pictures::jpeg_size, roster::export::harmless};

/// Most photos of one archive. So many are a ZIP archive that every program reads (65,535 entries, below 4 GB at 40 KB a photo), can be
/// fetched in one go, and need no more than some 60 MB of memory: the archive's directory, the manifest and the names are remembered until
/// its end. The rest is taken by the next export since the last.
const PHOTOS: u64 = 65_000;
/// Completions that are read at once.
const PAGE: u64 = 500;
/// Photos that are read ahead.
const AHEAD: usize = 8;
/// Bytes that are handed on at once.
const PIECE: u64 = 128 * 1024;
/// Completions so late before an export are in the next one as well: a transaction that is still open, or another node's clock, may put
/// one before the export's time after it was read.
const OVERLAP: Duration = Duration::from_secs(60);
/// Exports that are told of.
const TOLD: u64 = 20;
/// The manifest's name in the archive.
const MANIFEST: &str = "manifest.csv";

/// An export of ID photos.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PhotoExport {
    /// Its id, as in the audit log.
    pub id: String,
    /// By whom.
    pub actor: String,
    /// Photos completed after this one were asked for; all if missing.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub since: Option<Timestamp>,
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    pub started_at: Timestamp,
    /// When the archive had been fetched to its end; missing while it is fetched, and for good if it was broken off. Only an export with
    /// this is the one that the next goes on from.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub finished_at: Option<Timestamp>,
    /// Photos in the archive.
    pub photos: u64,
    /// Photos that are gone or cannot be named; the manifest lists them.
    pub missing: u64,
    /// Photos that found no room in the archive: the next export since the last takes them.
    pub remaining: u64,
    /// Bytes of the photos.
    pub bytes: u64,
}

impl From<store::PhotoExport> for PhotoExport {
    fn from(export: store::PhotoExport) -> PhotoExport {
        let of = |count: fn(PhotosTaken) -> u64| export.taken.map_or(0, count);
        PhotoExport {
            id: export.id.to_string(),
            photos: of(|taken| taken.photos),
            missing: of(|taken| taken.missing),
            remaining: of(|taken| taken.remaining),
            bytes: of(|taken| taken.bytes),
            actor: export.account,
            since: export.since,
            started_at: export.started_at,
            finished_at: export.finished_at,
        }
    }
}

impl Service {
    /// The latest exports of ID photos, the newest first.
    ///
    /// # Errors
    /// [`Trouble::NotAllowed`].
    pub async fn photo_exports(&self, officer: &Officer, exam: &str) -> Result<Vec<PhotoExport>, Trouble> {
        officer.may(Deed::ExportPhotos)?;
        let exports = self.store.photo_exports(exam, TOLD).await?;
        Ok(exports.into_iter().map(Into::into).collect())
    }
}

/// An export that has begun.
pub(super) struct Export {
    pub id: PhotoExportId,
    exam: String,
    photo: PhotoFile,
    since: Option<Timestamp>,
    until: Timestamp,
}

/// Begins an export.
pub(super) async fn begin(
    tx: &Tx,
    account: &Account,
    exam: &str,
    standard: &Standard,
    since_last: bool,
    now: Timestamp,
) -> Result<Export, StoreError> {
    let since = if since_last { tx.photos_exported_until(exam).await? } else { None };
    let new = NewPhotoExport { exam_session: exam.to_owned(), account: account.to_string(), since };
    let id = tx.begin_photo_export(&new, now).await?;
    Ok(Export { id, exam: exam.to_owned(), photo: standard.photo.clone(), since, until: now })
}

impl Export {
    /// Its archive, put together while it is fetched.
    pub fn download(self, store: Store, clock: Arc<dyn Clock>) -> Download {
        let (id, notes) = (self.id, store.clone());
        let finished = async move {
            if let Err(error) = notes.finish_photo_export(id, clock.now()).await {
                tracing::error!(export = %id, %error, "an export was read to its end, which could not be noted: the next begins before it");
            }
        };
        Download {
            name: format!("{}-photos-{}.zip", self.exam, local(self.until).strftime("%Y%m%d-%H%M%S")),
            media_type: "application/zip",
            body: self.body(store).boxed(),
            finished: finished.boxed(),
        }
    }

    fn body(self, store: Store) -> impl Stream<Item = Result<Bytes, Trouble>> + Send + 'static {
        let work = async move { Ok::<_, Trouble>(Some(Work::new(self, store)?)) };
        stream::once(work).map_ok(|work| stream::try_unfold(work, Work::step)).try_flatten()
    }
}

/// A completed collection, with its photo if that is there still.
struct Completed {
    registration: String,
    at: Timestamp,
    by: CompletedBy,
    number: Option<IdNumber>,
    photo: Option<Bytes>,
}

/// The completed collections of an export, no more than an archive holds, oldest first.
fn completed(
    store: Store,
    exam: String,
    since: Option<Timestamp>,
    until: Timestamp,
) -> BoxStream<'static, Result<Completed, StoreError>> {
    let reads = store.clone();
    stream::try_unfold((store, exam, None::<Completion>, 0), move |(store, exam, after, seen)| async move {
        let limit = PAGE.min(PHOTOS - seen);
        let page = store.completions(&exam, since, until, after.as_ref(), limit).await?;
        let Some(last) = page.last().copied() else { return Ok(None) };
        let found = found(&store, &exam, &page).await?;
        let next = (store, exam, Some(last), seen + page.len() as u64);
        Ok::<_, StoreError>(Some((stream::iter(found.into_iter().map(Ok)), next)))
    })
    .try_flatten()
    .map_ok(move |(completed, picture)| with_photo(reads.clone(), completed, picture))
    .try_buffered(AHEAD)
    .boxed()
}

/// The collections of a page of completions; one that was taken back meanwhile is complete no more.
async fn found(
    store: &Store,
    exam: &str,
    page: &[Completion],
) -> Result<Vec<(Completed, Option<Picture>)>, StoreError> {
    let ids: Vec<_> = page.iter().map(|completion| completion.collection).collect();
    let records = store.collections_with_ids(&ids).await?;
    let mut records: HashMap<_, _> = records.into_iter().map(|r| (r.id, r)).collect();
    let mut pictures = store.latest_pictures(&ids, PictureKind::Photo).await?;
    let mut found = Vec::with_capacity(page.len());
    for completion in page {
        let Some(record) = records.remove(&completion.collection) else { continue };
        let State::Completed { by } = record.collection.state() else { continue };
        let number = number(store, exam, &record).await?;
        let registration = record.registration_id;
        found.push((
            Completed { registration, at: completion.at, by, number, photo: None },
            pictures.remove(&completion.collection),
        ));
    }
    Ok(found)
}

/// The identity number: the card's; where what was read off the card has been swept, the roster's.
async fn number(
    store: &Store,
    exam: &str,
    record: &CollectionRecord,
) -> Result<Option<IdNumber>, StoreError> {
    let particulars = &record.particulars;
    let known = particulars.identity_card.as_ref().map(|card| &card.number);
    if let Some(number) = known.or(particulars.registration.as_ref().map(|r| &r.number)) {
        return Ok(Some(number.clone()));
    }
    let roster = store.registration(exam, &record.registration_id).await?;
    Ok(roster.map(|record| record.registration.number))
}

async fn with_photo(
    store: Store,
    completed: Completed,
    picture: Option<Picture>,
) -> Result<Completed, StoreError> {
    let Some(picture) = picture else { return Ok(completed) };
    match store.read_picture(&picture).await {
        Ok(bytes) => Ok(Completed { photo: Some(bytes), ..completed }),
        // Swept between the two.
        Err(StoreError::NotFound) => Ok(completed),
        Err(error) => Err(error),
    }
}

/// An archive under work.
struct Work {
    export: Export,
    store: Store,
    completed: BoxStream<'static, Result<Completed, StoreError>>,
    archive: Archive,
    manifest: csv::Writer<Vec<u8>>,
    names: HashSet<String>,
    /// The last completion that was taken up.
    last: Option<Timestamp>,
    photos: u64,
    missing: u64,
    bytes: u64,
}

impl Work {
    fn new(export: Export, store: Store) -> Result<Work, Trouble> {
        let mut manifest = csv::Writer::from_writer(Vec::new());
        manifest
            .write_record([
                "file",
                "registration",
                "completed_at",
                "completed_by",
                "width",
                "height",
                "bytes",
                "sha256",
                "status",
            ])
            .map_err(|error| unwritable(&error))?;
        Ok(Work {
            completed: completed(store.clone(), export.exam.clone(), export.since, export.until),
            export,
            store,
            archive: Archive::new(),
            manifest,
            names: HashSet::new(),
            last: None,
            photos: 0,
            missing: 0,
            bytes: 0,
        })
    }

    /// The next piece of the archive.
    async fn step(work: Option<Work>) -> Result<Option<(Bytes, Option<Work>)>, Trouble> {
        let Some(mut work) = work else { return Ok(None) };
        while work.archive.ready() < PIECE {
            match work.completed.try_next().await? {
                Some(completed) => work.add(&completed)?,
                None => return Ok(Some((work.close().await?, None))),
            }
        }
        Ok(Some((work.archive.take(), Some(work))))
    }

    fn add(&mut self, completed: &Completed) -> Result<(), Trouble> {
        self.last = Some(completed.at);
        let wanted = completed.number.as_ref().map(|number| self.export.photo.named(number));
        let (file, status) = match (&wanted, &completed.photo) {
            (Some(name), Some(_)) if self.names.contains(name) => (free(&self.names, name), "name_taken"),
            (Some(name), Some(_)) => (name.clone(), "ok"),
            (Some(name), None) => (name.clone(), "photo_missing"),
            (None, Some(_)) => (String::new(), "number_missing"),
            (None, None) => (String::new(), "photo_missing"),
        };
        let mut file_facts = [const { String::new() }; 4];
        match &completed.photo {
            Some(bytes) if wanted.is_some() => {
                let at = local(completed.at).datetime();
                self.archive.add(&file, at, bytes).map_err(|error| unwritable(&error))?;
                let size =
                    jpeg_size(bytes).map_or_else(Default::default, |size| size.map(|px| px.to_string()));
                let [width, height] = size;
                file_facts = [width, height, bytes.len().to_string(), hex::encode(Sha256::digest(bytes))];
                self.names.insert(file.clone());
                self.photos += 1;
                self.bytes += bytes.len() as u64;
            }
            _ => self.missing += 1,
        }
        let by = match completed.by {
            CompletedBy::Platform => "platform",
            CompletedBy::Desk => "desk",
        };
        let [width, height, bytes, sha256] = file_facts;
        let (registration, at) = (harmless(&completed.registration), completed.at.to_string());
        let row = [&file, &registration, &at, by, &width, &height, &bytes, &sha256, status];
        self.manifest.write_record(row).map_err(|error| unwritable(&error))
    }

    /// Adds the manifest, closes the archive, and notes what it took.
    async fn close(mut self) -> Result<Bytes, Trouble> {
        let manifest = self.manifest.into_inner().map_err(|error| unwritable(&error))?;
        let until = self.export.until;
        self.archive.add(MANIFEST, local(until).datetime(), &manifest).map_err(|error| unwritable(&error))?;
        let bytes = self.archive.close().map_err(|error| unwritable(&error))?;
        let full = self.photos + self.missing >= PHOTOS;
        let remaining = match self.last {
            Some(last) if full => self.store.count_completions(&self.export.exam, Some(last), until).await?,
            _ => 0,
        };
        let settled = before(until, OVERLAP);
        let taken = PhotosTaken {
            cut_off: self.last.filter(|_| full).map_or(settled, |last| settled.min(before(last, A_MOMENT))),
            photos: self.photos,
            missing: self.missing,
            remaining,
            bytes: self.bytes,
        };
        self.store.close_photo_export(self.export.id, &taken).await?;
        Ok(bytes)
    }
}

/// What completed in the same moment as the last one of a full archive is taken once more.
const A_MOMENT: Duration = Duration::from_millis(1);

/// The name with the first number behind it that makes it another than those that were given.
fn free(taken: &HashSet<String>, name: &str) -> String {
    let (stem, ending) = name.rsplit_once('.').unwrap_or((name, "jpg"));
    let numbered = (2..).map(|n: u32| format!("{stem}-{n}.{ending}"));
    numbered.into_iter().find(|name| !taken.contains(name)).unwrap_or_default()
}

/// Why an archive broke off, as its reader is told.
fn unwritable(error: &dyn std::fmt::Display) -> Trouble {
    tracing::error!(%error, "an archive of photos broke off");
    Trouble::Internal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_was_given_gets_a_number() {
        let mut taken: HashSet<String> = ["11.jpg", "12.jpg", "12-2.jpg"].map(str::to_owned).into();
        assert_eq!(free(&taken, "11.jpg"), "11-2.jpg");
        assert_eq!(free(&taken, "12.jpg"), "12-3.jpg");
        taken.insert("a.b.JPEG".to_owned());
        assert_eq!(free(&taken, "a.b.JPEG"), "a.b-2.JPEG");
    }
}
