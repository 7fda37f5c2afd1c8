//! A standard as its file says it, not yet completed by the one that it extends.

use std::collections::BTreeMap;

use super::{
    Limit, PARTS, Quantity, Source,
    error::{At, Place, StandardError},
    near,
    reader::PX,
};
use crate::{CardKind, CheckId};

/// One file's keys, each with its place; whatever the file leaves out is `None`.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    pub file: Place,
    pub id: At<String>,
    pub extends: Option<At<String>>,
    /// Keys, with dots, that are not to be taken from the extended one.
    pub without: Vec<At<String>>,
    pub zh: Option<At<String>>,
    pub en: Option<At<String>>,
    pub source: Option<At<Source>>,
    pub photo: PhotoDraft,
    /// The kinds of cards that are accepted.
    pub accepted: Option<At<Vec<CardKind>>>,
    pub checks: BTreeMap<CheckId, BTreeMap<String, At<Limit>>>,
}

/// The keys of `[photo]`.
#[derive(Debug, Clone, Default)]
pub(super) struct PhotoDraft {
    pub width: Option<At<Side>>,
    pub height: Option<At<Side>>,
    pub dpi: Option<At<u16>>,
    pub min_bytes: Option<At<usize>>,
    pub max_bytes: Option<At<usize>>,
    pub min_quality: Option<At<u8>>,
    pub backgrounds: Option<At<Vec<[u8; 3]>>>,
    pub file_name: Option<At<String>>,
}

/// A side of the photo.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Side {
    Pixels(u32),
    Millimetres(f64),
}

impl Draft {
    /// Takes from `base` what this file neither says nor refuses. Name and source are each file's own; a limit is taken, or
    /// written anew, as a whole.
    pub(super) fn upon(mut self, mut base: Draft) -> Result<Draft, StandardError> {
        let size = (base.photo.width.clone(), base.photo.height.clone());
        for path in &self.without {
            base.drop(path)?;
        }
        self.not_in_pixels_of_another_size(&base, size)?;
        let (own, theirs) = (&mut self.photo, base.photo);
        own.width = own.width.take().or(theirs.width);
        own.height = own.height.take().or(theirs.height);
        own.dpi = own.dpi.take().or(theirs.dpi);
        own.min_bytes = own.min_bytes.take().or(theirs.min_bytes);
        own.max_bytes = own.max_bytes.take().or(theirs.max_bytes);
        own.min_quality = own.min_quality.take().or(theirs.min_quality);
        own.backgrounds = own.backgrounds.take().or(theirs.backgrounds);
        own.file_name = own.file_name.take().or(theirs.file_name);
        self.accepted = self.accepted.take().or(base.accepted);
        for (check, parts) in base.checks {
            let own = self.checks.entry(check).or_default();
            for (part, limit) in parts {
                own.entry(part).or_insert(limit);
            }
        }
        Ok(self)
    }

    /// Refuses lengths in pixels that were meant for a photo of another size than this file's.
    fn not_in_pixels_of_another_size(
        &self,
        base: &Draft,
        size: (Option<At<Side>>, Option<At<Side>>),
    ) -> Result<(), StandardError> {
        let differs = |own: &Option<At<Side>>, theirs: &Option<At<Side>>| {
            let theirs = theirs.as_ref()?;
            own.as_ref().filter(|own| own.value != theirs.value).map(|own| own.place.clone())
        };
        let own = &self.photo;
        let Some(place) = differs(&own.width, &size.0).or_else(|| differs(&own.height, &size.1)) else {
            return Ok(());
        };
        for part in PARTS.iter().filter(|part| part.quantity == Quantity::Length) {
            let theirs = base.checks.get(&part.check).and_then(|parts| parts.get(part.name));
            let anew = self.checks.get(&part.check).is_some_and(|parts| parts.contains_key(part.name));
            if !anew && theirs.is_some_and(|limit| limit.value.unit == PX) {
                let remedy = format!(
                    "`{}` gives checks.{}.{} in pixels of a photo of another size: extend `any-size` instead, or write \
                     that limit anew",
                    base.id.value, part.check, part.name
                );
                return Err(place.wrong("photo", remedy));
            }
        }
        Ok(())
    }

    /// Forgets what a dotted key names.
    fn drop(&mut self, path: &At<String>) -> Result<(), StandardError> {
        let steps: Vec<&str> = path.value.split('.').collect();
        let photo = &mut self.photo;
        let found = match steps.as_slice() {
            ["photo", "width"] => photo.width.take().is_some(),
            ["photo", "height"] => photo.height.take().is_some(),
            ["photo", "dpi"] => photo.dpi.take().is_some(),
            ["photo", "min_bytes"] => photo.min_bytes.take().is_some(),
            ["photo", "max_bytes"] => photo.max_bytes.take().is_some(),
            ["photo", "min_quality"] => photo.min_quality.take().is_some(),
            ["photo", "backgrounds"] => photo.backgrounds.take().is_some(),
            ["photo", "file_name"] => photo.file_name.take().is_some(),
            ["card", "accepted"] => self.accepted.take().is_some(),
            ["checks", check] => check.parse().is_ok_and(|id| self.checks.remove(&id).is_some()),
            ["checks", check, part] => check
                .parse()
                .is_ok_and(|id| self.checks.get_mut(&id).is_some_and(|parts| parts.remove(*part).is_some())),
            _ => false,
        };
        if found {
            return Ok(());
        }
        let known = self.paths();
        let remedy = format!(
            "`{}` is not among the keys that are inherited: {}",
            path.value,
            near::meant(&path.value, known.iter().map(String::as_str))
        );
        Err(path.wrong("without", remedy))
    }

    /// The keys that `without` can name here.
    fn paths(&self) -> Vec<String> {
        let photo = &self.photo;
        let present = [
            ("width", photo.width.is_some()),
            ("height", photo.height.is_some()),
            ("dpi", photo.dpi.is_some()),
            ("min_bytes", photo.min_bytes.is_some()),
            ("max_bytes", photo.max_bytes.is_some()),
            ("min_quality", photo.min_quality.is_some()),
            ("backgrounds", photo.backgrounds.is_some()),
            ("file_name", photo.file_name.is_some()),
        ];
        let mut paths: Vec<String> =
            present.iter().filter(|(_, there)| *there).map(|(key, _)| format!("photo.{key}")).collect();
        paths.extend(self.accepted.iter().map(|_| "card.accepted".to_owned()));
        for (check, parts) in &self.checks {
            paths.push(format!("checks.{check}"));
            paths.extend(parts.keys().map(|part| format!("checks.{check}.{part}")));
        }
        paths
    }
}
