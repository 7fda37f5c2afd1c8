//! The history of the database's shape, oldest first. A migration that was ever released is never edited.

use sea_orm_migration::prelude::*;

mod m0001_first;
mod m0002_office;
mod m0003_desk;
mod m0004_downloads;
mod m0005_look_ups;
mod m0006_growth;

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
        ]
    }
}
