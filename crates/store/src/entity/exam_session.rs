//! Exam sessions.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "exam_session")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub name: String,
    pub office_name: String,
    pub office_phone: String,
    pub standard: String,
    pub attempts_allowed: i32,
    pub texts: String,
    pub open: bool,
    pub closes_at: Option<i64>,
    pub cards: Option<String>,
    pub inspection: String,
    pub two_eyes: bool,
    pub created_at: i64,
    pub updated_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
