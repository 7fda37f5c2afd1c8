//! The history of the database's shape, oldest first. A migration that was ever released is never edited.
//!
//! Nodes of two versions work side by side while a deployment is upgraded, so a migration only adds: tables, indexes that are not unique,
//! and columns that are nullable or have a default. What nobody uses any more is taken away one version later, by a migration whose name
//! ends in `_needs_` and the number of the migration since which nobody uses it: `m0009_forget_level_needs_0008`.

use sea_orm_migration::prelude::*;

use crate::StoreError;

mod m0001_first;
mod m0002_office;
mod m0003_desk;
mod m0004_downloads;
mod m0005_look_ups;
mod m0006_growth;
mod m0007_breaker_since;
#[cfg(test)]
mod tests;

/// All migrations.
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_first::Migration),
            Box::new(m0002_office::Migration),
            Box::new(m0003_desk::Migration),
            Box::new(m0004_downloads::Migration),
            Box::new(m0005_look_ups::Migration),
            Box::new(m0006_growth::Migration),
            Box::new(m0007_breaker_since::Migration),
        ]
    }
}

/// How a database stands to the migrations that this version knows.
#[derive(Debug, PartialEq, Eq)]
pub enum Standing {
    /// It has some or all of them, and no others.
    Ours,
    /// It has all of them, and newer ones that leave this version its ground.
    Newer,
}

/// Holds the migrations that a database has against those that this version knows.
///
/// # Errors
/// [`StoreError::TooNew`] for a shape that this version cannot work with.
pub fn standing(applied: &[String], known: &[String]) -> Result<Standing, StoreError> {
    let newer: Vec<&String> = applied.iter().filter(|name| !known.contains(name)).collect();
    let Some(last) = newer.last() else { return Ok(Standing::Ours) };
    let newest = known.iter().filter_map(|name| number(name)).max();
    let leaves_ground = |name: &str| match name.rsplit_once("_needs_") {
        Some((_, least)) => least.parse().is_ok_and(|least: u32| Some(least) <= newest),
        None => true,
    };
    let complete = known.iter().all(|name| applied.contains(name));
    if complete && newer.iter().all(|name| number(name) > newest && leaves_ground(name)) {
        return Ok(Standing::Newer);
    }
    Err(StoreError::TooNew((*last).clone()))
}

/// 3 of `m0003_desk`.
fn number(name: &str) -> Option<u32> {
    name.strip_prefix('m')?.split('_').next()?.parse().ok()
}
