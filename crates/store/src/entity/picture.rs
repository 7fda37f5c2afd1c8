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
    /// The column keeps its first name, so that nodes of the version before go on beside this one; it may hold SM3.
    #[sea_orm(column_name = "sha256")]
    pub hash: Vec<u8>,
    pub size: i64,
    pub media_type: String,
    pub created_at: i64,
    pub replaced_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
