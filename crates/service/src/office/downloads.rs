//! Downloads. Whoever may export asks for one with their session and gets a ticket: an address that the browser goes to by itself, without a
//! session, good once and for a minute. What was asked for is put together while it is fetched, and goes into the audit log then.

use std::{fmt, sync::Arc, time::Duration};

use bytes::Bytes;
use domain::{Account, Deed};
use futures::{
    FutureExt as _, StreamExt as _, TryStreamExt as _,
    future::{self, BoxFuture},
    stream::{self, BoxStream},
};
use serde::{Deserialize, Serialize};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{Officer, photos};
use crate::{
    Service, Trouble,
    login::later,
    roster::{FileProblem, Format, export},
};

/// How long a ticket is good.
const GOOD_FOR: Duration = Duration::from_secs(60);
/// Downloads of one process at once: each may hold a spreadsheet, or what an archive has to remember, in memory.
const AT_ONCE: usize = 3;
/// Seconds after which a turn may have come.
const TURN_S: u64 = 10;
/// Most rows of a spreadsheet that is put together in memory.
pub const SHEET_ROWS: u32 = 50_000;
/// Most bytes that are handed on at once.
const PIECE: usize = 256 * 1024;

/// What a ticket stands for, as it is kept with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
enum Wanted {
    Roster { exam: String, format: Format },
    Photos { exam: String, since_last: bool },
}

impl Wanted {
    fn deed(&self) -> Deed {
        match self {
            Wanted::Roster { .. } => Deed::ExportRoster,
            Wanted::Photos { .. } => Deed::ExportPhotos,
        }
    }

    fn exam(&self) -> &str {
        match self {
            Wanted::Roster { exam, .. } | Wanted::Photos { exam, .. } => exam,
        }
    }
}

/// A file that is put together while it is fetched.
pub struct Download {
    /// What it is called.
    pub name: String,
    /// Its media type.
    pub media_type: &'static str,
    /// Its bytes; an error breaks it off.
    pub body: BoxStream<'static, Result<Bytes, Trouble>>,
    /// To be waited for once the last byte has been fetched.
    pub finished: BoxFuture<'static, ()>,
}

impl fmt::Debug for Download {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Download({})", self.name)
    }
}

/// Whose turn it is to download.
#[derive(Clone)]
pub(crate) struct Turns(Arc<Semaphore>);

impl Default for Turns {
    fn default() -> Turns {
        Turns(Arc::new(Semaphore::new(AT_ONCE)))
    }
}

impl Turns {
    fn take(&self) -> Result<OwnedSemaphorePermit, Trouble> {
        Arc::clone(&self.0).try_acquire_owned().map_err(|_| Trouble::DownloadsBusy { after_s: TURN_S })
    }
}

impl Service {
    /// A ticket for the roster of an exam session, with the state of each collection.
    ///
    /// # Errors
    /// [`Trouble::NotAllowed`], [`Trouble::NotFound`]; [`Trouble::TooManyRows`] for a spreadsheet of more than [`SHEET_ROWS`].
    pub async fn export_roster(
        &self,
        officer: &Officer,
        exam: &str,
        format: Format,
    ) -> Result<String, Trouble> {
        officer.may(Deed::ExportRoster)?;
        if format == Format::Xlsx && self.store.count_registrations(exam).await? > u64::from(SHEET_ROWS) {
            return Err(Trouble::TooManyRows { most: SHEET_ROWS });
        }
        self.ticket(officer, &Wanted::Roster { exam: exam.to_owned(), format }).await
    }

    /// A ticket for the ID photos of an exam session: of every completed collection, or of those only that completed since the last
    /// export that was read to its end.
    ///
    /// # Errors
    /// [`Trouble::NotAllowed`], [`Trouble::NotFound`].
    pub async fn export_photos(
        &self,
        officer: &Officer,
        exam: &str,
        since_last: bool,
    ) -> Result<String, Trouble> {
        officer.may(Deed::ExportPhotos)?;
        self.ticket(officer, &Wanted::Photos { exam: exam.to_owned(), since_last }).await
    }

    async fn ticket(&self, officer: &Officer, wanted: &Wanted) -> Result<String, Trouble> {
        self.store.exam_session(wanted.exam()).await?.ok_or(Trouble::NotFound)?;
        let now = self.clock.now();
        let download = store::Download {
            account: officer.account.to_string(),
            wanted: serde_json::to_value(wanted).map_err(|_| Trouble::Internal)?,
        };
        let ticket = self.store.put_download(&download, later(now, GOOD_FOR), now).await?;
        Ok(ticket.as_str().to_owned())
    }

    /// What a ticket stands for. It is used up with this, and what is taken out is in the audit log.
    ///
    /// # Errors
    /// [`Trouble::DownloadGone`] for any ticket that is not, or no longer, good; [`Trouble::DownloadsBusy`], which leaves it good.
    pub async fn download(&self, ticket: &str) -> Result<Download, Trouble> {
        let now = self.clock.now();
        let found = self.store.download(ticket, now).await?.ok_or(Trouble::DownloadGone)?;
        let turn = self.downloads.take()?;
        let wanted: Wanted = serde_json::from_value(found.wanted).map_err(|_| Trouble::DownloadGone)?;
        let exam = self.store.exam_session(wanted.exam()).await?.ok_or(Trouble::DownloadGone)?;
        let officer = self.who_asked(&found.account).await?;
        officer.may(wanted.deed())?;
        // Whatever takes long comes before the transaction, and what fails leaves the ticket good.
        let sheet = match &wanted {
            Wanted::Roster { exam, format: Format::Xlsx } => {
                let sheet = export::xlsx(&self.store, exam, SHEET_ROWS).await.map_err(unreadable)?;
                Some(sheet.ok_or(Trouble::TooManyRows { most: SHEET_ROWS })?)
            }
            _ => None,
        };
        let tx = self.store.begin().await?;
        if !tx.use_download(ticket).await? {
            return Err(Trouble::DownloadGone);
        }
        let entry = officer.does(wanted.deed()).on(exam.id.as_str());
        let download = match wanted {
            Wanted::Roster { exam, format } => {
                tx.audit(&entry.with("format", format.name()), now).await?;
                let (media_type, body) = match sheet {
                    Some(sheet) => (XLSX, pieces(sheet).boxed()),
                    None => (CSV, self.csv(&exam)),
                };
                let name = format!("{exam}-roster.{}", format.name());
                Download { name, media_type, body, finished: future::ready(()).boxed() }
            }
            Wanted::Photos { since_last, .. } => {
                let standard = self.standard(&exam)?;
                let export =
                    photos::begin(&tx, &officer.account, &exam.id, &standard, since_last, now).await?;
                tx.audit(&entry.with("export", export.id.to_string()).with("since_last", since_last), now)
                    .await?;
                export.download(self.store.clone(), self.clock.clone())
            }
        };
        tx.commit().await?;
        metrics::counter!(crate::meters::DOWNLOADS).increment(1);
        Ok(Download { body: during(turn, download.body), ..download })
    }

    fn csv(&self, exam: &str) -> BoxStream<'static, Result<Bytes, Trouble>> {
        export::csv(self.store.clone(), exam.to_owned())
            .map(|piece| piece.map(|piece| piece.bytes).map_err(unreadable))
            .boxed()
    }

    /// Who asked for a download, if they work here still.
    async fn who_asked(&self, account: &str) -> Result<Officer, Trouble> {
        let found = match Account::parse(account) {
            Some(account) => self.store.staff_by_account(&account).await?,
            None => None,
        };
        let (staff, _) = found.filter(|(staff, _)| staff.active).ok_or(Trouble::DownloadGone)?;
        Ok(Officer { id: staff.id, account: staff.account, role: staff.role })
    }
}

const CSV: &str = "text/csv; charset=utf-8";
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// A file in memory, piece by piece.
fn pieces(file: Bytes) -> impl futures::Stream<Item = Result<Bytes, Trouble>> + Send {
    stream::iter((0..file.len()).step_by(PIECE))
        .map(move |from| Ok(file.slice(from..file.len().min(from + PIECE))))
}

/// The stream holds its turn until it is dropped.
fn during(
    turn: OwnedSemaphorePermit,
    body: BoxStream<'static, Result<Bytes, Trouble>>,
) -> BoxStream<'static, Result<Bytes, Trouble>> {
    body.inspect_ok(move |_| {
        let _held = &turn;
    })
    .boxed()
}

/// Why a roster could not be read, as its reader is told.
fn unreadable(problem: FileProblem) -> Trouble {
    match problem {
        FileProblem::Store(error) => error.into(),
        problem => {
            tracing::error!(%problem, "an export broke off");
            Trouble::Internal
        }
    }
}
