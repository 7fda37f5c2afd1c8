//! Imports of rosters: how far, what came of it, and, sealed, what was told about the rows.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "roster_import")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub exam_session: String,
    pub actor: String,
    pub dry_run: bool,
    pub keep_known: bool,
    pub status: String,
    pub read: i64,
    pub added: i64,
    pub changed: i64,
    pub unchanged: i64,
    pub kept: i64,
    pub refused: i64,
    pub report: Vec<u8>,
    pub started_at: i64,
    pub seen_at: i64,
    pub finished_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
