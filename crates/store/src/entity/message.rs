//! Messages waiting to be sent by SMS; phone and parameters are in `content`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "message")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub kind: String,
    pub content: Vec<u8>,
    pub expires_at: Option<i64>,
    pub status: String,
    pub tries: i32,
    pub next_try_at: i64,
    pub lease_owner: Option<String>,
    pub lease_token: Option<Uuid>,
    pub lease_until: Option<i64>,
    pub last_error_code: Option<String>,
    pub created_at: i64,
    pub done_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
