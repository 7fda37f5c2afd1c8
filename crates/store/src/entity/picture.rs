//! Pictures: what lies in the object storage under which key.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "picture")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub collection: Uuid,
    pub kind: String,
    pub object_key: String,
    pub key_id: String,
    pub sha256: Vec<u8>,
    pub size: i64,
    pub media_type: String,
    pub created_at: i64,
    pub replaced_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
