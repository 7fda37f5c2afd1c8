//! The simulated registration system's records: registrations before and now, and the results that were pushed.

use std::{
    collections::BTreeMap,
    io,
    path::PathBuf,
    sync::{Mutex, MutexGuard, PoisonError},
};

use domain::Registration;
use jiff::Timestamp;
use partners::registration::{
    Completion,
    wire::{CardValues, ReceiptStatus, WireRegistration, WireResult},
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::seed::SeededCandidate;

/// A registration with its history.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Record {
    /// As seeded.
    pub before: WireRegistration,
    /// As it stands.
    pub now: WireRegistration,
    /// Oldest first.
    pub results: Vec<TakenResult>,
}

/// A pushed result.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct TakenResult {
    pub idempotency_key: String,
    pub body_sha256: String,
    pub received_at: Timestamp,
    pub completed_at: Timestamp,
    pub completion: Completion,
    pub card: CardValues,
    pub photo_sha256: String,
    /// How often it was delivered.
    pub deliveries: u32,
    /// Kept in memory only: somebody may try the sandbox with a picture of themselves.
    #[serde(skip)]
    pub photo: Vec<u8>,
}

/// Why a result was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotTaken {
    UnknownRegistration,
    IdempotencyMismatch,
    PhotoDamaged,
}

type Records = BTreeMap<String, Record>;

/// All records, and the file that keeps them over restarts.
#[derive(Default)]
pub(crate) struct Office {
    records: Mutex<Records>,
    file: Option<PathBuf>,
}

impl Office {
    /// Opens the records: those of the file where they still belong to the seeded candidates, else as seeded.
    pub(crate) fn open(candidates: &[SeededCandidate], file: Option<PathBuf>) -> Office {
        let mut records = seeded(candidates);
        let kept: Records = file
            .as_ref()
            .and_then(|file| std::fs::read(file).ok())
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_default();
        for (id, record) in kept {
            if let Some(fresh) = records.get_mut(&id).filter(|fresh| same(&fresh.before, &record.before)) {
                *fresh = record;
            }
        }
        Office { records: Mutex::new(records), file }
    }

    fn lock(&self) -> MutexGuard<'_, Records> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn find_by_phone(&self, phone: &str) -> Option<WireRegistration> {
        self.lock().values().map(|record| &record.now).find(|now| now.phone == phone).cloned()
    }

    pub(crate) fn get(&self, id: &str) -> Option<Record> {
        self.lock().get(id).cloned()
    }

    /// Changes a registration as the office would; tells whether the change leaves it well formed, else nothing changes.
    pub(crate) fn edit(&self, id: &str, change: impl FnOnce(&mut WireRegistration)) -> Option<Registration> {
        let mut records = self.lock();
        let record = records.get_mut(id)?;
        let mut now = record.now.clone();
        change(&mut now);
        let read = now.read().filter(|r| r.id == id)?;
        record.now = WireRegistration::from(&read);
        self.keep(&records);
        Some(read)
    }

    /// Takes a result, once per idempotency key.
    pub(crate) fn take(
        &self,
        key: &str,
        body: &[u8],
        result: &WireResult,
    ) -> Result<ReceiptStatus, NotTaken> {
        let body_sha256 = hex::encode(Sha256::digest(body));
        let mut records = self.lock();
        let earlier = records.values_mut().flat_map(|r| &mut r.results).find(|r| r.idempotency_key == key);
        if let Some(earlier) = earlier {
            if earlier.body_sha256 != body_sha256 {
                return Err(NotTaken::IdempotencyMismatch);
            }
            earlier.deliveries += 1;
            self.keep(&records);
            return Ok(ReceiptStatus::TakenBefore);
        }
        let photo = result.photo.bytes().ok_or(NotTaken::PhotoDamaged)?;
        let record = records.get_mut(&result.registration_id).ok_or(NotTaken::UnknownRegistration)?;
        if let Some(ethnicity) = &result.card.ethnicity {
            record.now.ethnicity = Some(ethnicity.clone());
        }
        if let Some(address) = &result.card.address {
            record.now.address = Some(address.clone());
        }
        record.results.push(TakenResult {
            idempotency_key: key.to_owned(),
            body_sha256,
            received_at: Timestamp::now(),
            completed_at: result.completed_at,
            completion: result.completion,
            card: result.card.clone(),
            photo_sha256: result.photo.sha256.clone(),
            deliveries: 1,
            photo,
        });
        self.keep(&records);
        Ok(ReceiptStatus::Taken)
    }

    pub(crate) fn reset(&self, candidates: &[SeededCandidate]) {
        let mut records = self.lock();
        *records = seeded(candidates);
        self.keep(&records);
    }

    fn keep(&self, records: &Records) {
        let Some(file) = &self.file else { return };
        let written = serde_json::to_vec_pretty(records).map_err(io::Error::other).and_then(|bytes| {
            let beside = file.with_extension("new");
            std::fs::write(&beside, bytes)?;
            std::fs::rename(&beside, file)
        });
        if let Err(error) = written {
            tracing::warn!(%error, "the sandbox's registrations could not be kept");
        }
    }
}

fn seeded(candidates: &[SeededCandidate]) -> Records {
    candidates
        .iter()
        .map(|c| {
            let registration = WireRegistration::from(&c.registration);
            let record = Record { before: registration.clone(), now: registration, results: Vec::new() };
            (c.registration.id.clone(), record)
        })
        .collect()
}

fn same(a: &WireRegistration, b: &WireRegistration) -> bool {
    serde_json::to_value(a).ok() == serde_json::to_value(b).ok()
}
