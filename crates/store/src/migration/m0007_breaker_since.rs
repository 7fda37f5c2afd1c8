//! Breakers tell since when a partner fails.

use sea_orm_migration::prelude::*;

use super::m0001_first::number_or_null;

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0007_breaker_since"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut change = Table::alter().table("breaker").add_column(number_or_null("since")).take();
        manager.alter_table(change.take()).await
    }
}
