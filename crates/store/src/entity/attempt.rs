//! Verification attempts, at the same time the queue of those to be asked.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "attempt")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub collection: Uuid,
    pub photo: Uuid,
    pub status: String,
    pub tries: i32,
    pub next_try_at: i64,
    pub lease_owner: Option<String>,
    pub lease_token: Option<Uuid>,
    pub lease_until: Option<i64>,
    pub last_error_code: Option<String>,
    pub created_at: i64,
    pub asked_at: Option<i64>,
    pub answered_at: Option<i64>,
    pub platform_request_id: Option<String>,
    pub similarity: Option<f64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
