//! Exports of an exam session's ID photos.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "photo_export")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub exam_session: String,
    pub account: String,
    pub since: Option<i64>,
    pub cut_off: Option<i64>,
    pub photos: i64,
    pub missing: i64,
    pub remaining: i64,
    pub bytes: i64,
    pub started_at: i64,
    pub finished_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
