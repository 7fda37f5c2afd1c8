//! The built-in roster: one row for each candidate of an exam session; everything personal is in `details`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "registration")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub exam_session: String,
    pub external_id: String,
    pub phone_hash: Vec<u8>,
    pub number_hash: Vec<u8>,
    pub name_hash: Vec<u8>,
    pub level: Option<String>,
    pub details: Vec<u8>,
    pub version: i64,
    pub created_at: i64,
    pub updated_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
