//! Rosters that the office uploads: read in the background, followed from any node, never written to a disk in the open.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use domain::{Deed, Registration};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{ImportHow, ImportProgress, ImportStatus, NewRosterImport, RosterImport, RosterImportId, Store};
use tokio::sync::OwnedSemaphorePermit;

use super::{
    Officer,
    view::{self, Preview, RowProblem},
};
use crate::{
    Clock, Service, Trouble,
    roster::{self, FileProblem, Follower, Imported, RosterFile},
};

/// Imports told at once.
const LISTED: u64 = 20;
/// Rows of which it is shown how they were understood.
const PREVIEWED: usize = 10;
/// How often it is noted how far an import is.
const NOTED: Duration = Duration::from_millis(500);
/// An import that was not heard of for so long has broken off.
pub(super) const SILENT: Duration = Duration::from_secs(60);
/// Longest file name that is kept, in characters.
const LONGEST_NAME: usize = 100;

/// What is kept about an import besides its counts; sealed.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Report {
    pub file: String,
    pub problems: Vec<RowProblem>,
    pub preview: Vec<Preview>,
    pub failure: Option<domain::Text>,
}

/// The place of the one roster that a process takes at a time.
pub struct RosterPlace(OwnedSemaphorePermit);

impl Service {
    /// Takes the place for an upload, before anything of it is read.
    ///
    /// # Errors
    /// [`Trouble::NotAllowed`], [`Trouble::NotFound`], [`Trouble::RegistrationElsewhere`] where the roster is not ours,
    /// [`Trouble::Busy`] while another roster is taken.
    pub async fn roster_place(&self, officer: &Officer, exam: &str) -> Result<RosterPlace, Trouble> {
        officer.may(Deed::ImportRoster)?;
        if !self.registration.is_our_roster() {
            return Err(Trouble::RegistrationElsewhere);
        }
        self.store.exam_session(exam).await?.ok_or(Trouble::NotFound)?;
        let place = self.imports.clone().try_acquire_owned();
        Ok(RosterPlace(place.map_err(|_| Trouble::Busy { after_s: 10 })?))
    }

    /// Begins to import an uploaded roster; it is read on in the background.
    ///
    /// # Errors
    /// [`Trouble::RosterKind`] for a file that is neither CSV nor XLSX by its name.
    pub async fn begin_roster_import(
        &self,
        place: RosterPlace,
        officer: &Officer,
        exam: &str,
        name: &str,
        bytes: Bytes,
        how: ImportHow,
    ) -> Result<view::RosterImport, Trouble> {
        officer.may(Deed::ImportRoster)?;
        let file = RosterFile::uploaded(name, bytes).map_err(|_| Trouble::RosterKind)?;
        let report = Report { file: name.chars().take(LONGEST_NAME).collect(), ..Report::default() };
        let now = self.clock.now();
        let new = NewRosterImport {
            exam_session: exam.to_owned(),
            actor: officer.account.to_string(),
            how,
            report: json!(report),
        };
        let tx = self.store.begin().await?;
        let id = tx.begin_roster_import(&new, now).await?;
        let entry = officer
            .does(Deed::ImportRoster)
            .on(exam)
            .with("import", id.to_string())
            .with("dry_run", how.dry_run)
            .with("keep_known", how.keep_known);
        tx.audit(&entry, now).await?;
        tx.commit().await?;
        let job = Job {
            store: self.store.clone(),
            clock: self.clock.clone(),
            officer: officer.clone(),
            exam: exam.to_owned(),
            id,
            report,
            noted: Instant::now(),
        };
        tokio::spawn(async move {
            job.run(&file, how).await;
            drop(place.0);
        });
        self.roster_import(officer, exam, &id.to_string()).await
    }

    /// An import, how far it is and what came of it.
    ///
    /// # Errors
    /// [`Trouble::NotAllowed`], [`Trouble::NotFound`].
    pub async fn roster_import(
        &self,
        officer: &Officer,
        exam: &str,
        id: &str,
    ) -> Result<view::RosterImport, Trouble> {
        officer.may(Deed::ImportRoster)?;
        let id: RosterImportId = id.parse().map_err(|_| Trouble::NotFound)?;
        let found = self.store.roster_import(exam, id).await?.ok_or(Trouble::NotFound)?;
        view::RosterImport::of(found, self.clock.now())
    }

    /// The latest imports of an exam session, the newest first, without what was told about their rows.
    ///
    /// # Errors
    /// [`Trouble::NotAllowed`].
    pub async fn roster_imports(
        &self,
        officer: &Officer,
        exam: &str,
    ) -> Result<Vec<view::RosterImport>, Trouble> {
        officer.may(Deed::ImportRoster)?;
        let found = self.store.roster_imports(exam, LISTED).await?;
        let now = self.clock.now();
        let short = |import: RosterImport| {
            let shown = view::RosterImport::of(import, now)?;
            Ok(view::RosterImport { problems: Vec::new(), preview: Vec::new(), ..shown })
        };
        found.into_iter().map(short).collect()
    }
}

struct Job {
    store: Store,
    clock: Arc<dyn Clock>,
    officer: Officer,
    exam: String,
    id: RosterImportId,
    report: Report,
    noted: Instant,
}

impl Job {
    async fn run(mut self, file: &RosterFile, how: ImportHow) {
        let (store, clock, exam) = (self.store.clone(), self.clock.clone(), self.exam.clone());
        let done = roster::import(&store, &exam, file, how, clock.as_ref(), &mut self).await;
        let (status, imported) = match done {
            Ok(imported) => (ImportStatus::Done, imported),
            Err(problem) => {
                if let FileProblem::Store(error) = &problem {
                    tracing::error!(import = %self.id, %error, "an import broke off");
                }
                self.report.failure = Some(problem.told());
                (ImportStatus::Failed, Imported::default())
            }
        };
        self.report.problems = imported.problems.into_iter().map(RowProblem::from).collect();
        if let Err(error) = self.end(status, &imported.counts).await {
            // Whoever follows it is told that it broke off.
            tracing::error!(import = %self.id, %error, "the end of an import could not be noted");
        }
    }

    async fn end(&self, status: ImportStatus, counts: &ImportProgress) -> Result<(), store::StoreError> {
        let now = self.clock.now();
        let tx = self.store.begin().await?;
        tx.end_roster_import(self.id, status, counts, &json!(self.report), now).await?;
        let entry = self
            .officer
            .does(Deed::ImportRoster)
            .on(self.exam.as_str())
            .with("import", self.id.to_string())
            .with("status", status.as_str())
            .with("read", counts.read)
            .with("added", counts.added)
            .with("changed", counts.changed)
            .with("refused", counts.refused);
        tx.audit(&entry, now).await?;
        tx.commit().await
    }
}

#[async_trait::async_trait]
impl Follower for Job {
    fn row(&mut self, row: u64, registration: &Registration) {
        if self.report.preview.len() < PREVIEWED {
            self.report.preview.push(Preview::of(row, registration));
        }
    }

    async fn progress(&mut self, counts: &ImportProgress) {
        if self.noted.elapsed() < NOTED {
            return;
        }
        self.noted = Instant::now();
        if let Err(error) = self.store.note_roster_import(self.id, counts, self.clock.now()).await {
            tracing::warn!(import = %self.id, %error, "how far an import is could not be noted");
        }
    }
}
