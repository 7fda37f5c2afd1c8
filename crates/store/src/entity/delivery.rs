//! Deliveries to the registration system, numbered within their collection.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "delivery")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub collection: Uuid,
    pub sequence: i64,
    pub kind: String,
    pub payload: Vec<u8>,
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
