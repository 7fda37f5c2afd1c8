//! Codes sent by SMS: kept as keyed hashes, good for a while, for a few tries, and once.

use domain::PhoneNumber;
use jiff::Timestamp;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    sea_query::{Expr, ExprTrait as _},
};
use subtle::ConstantTimeEq as _;

use crate::{LookUpHash, Records, SmsCodeId, StoreError, entity::sms_code, time::to_millis};

/// What came of trying a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeAnswer {
    /// It is right, and used up now.
    Right,
    /// It is wrong; tries left.
    Wrong {
        /// Tries left for this code.
        tries_left: u32,
    },
    /// There is no code to try: none was sent, or it has expired, was used, or its tries are used up. A new one is needed.
    NoneValid,
}

impl Records {
    /// Keeps the code that is being sent to this phone; whatever was sent to it before is no longer good.
    ///
    /// # Errors
    /// What the database says.
    pub async fn put_sms_code(
        &self,
        phone: &PhoneNumber,
        code: &str,
        tries: u32,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<SmsCodeId, StoreError> {
        let id = SmsCodeId::generate();
        let row = sms_code::ActiveModel {
            id: Set(id.0),
            phone_hash: Set(self.keyring.phone_hash(phone).to_vec()),
            code_hash: Set(self.code_hash(id, code).to_vec()),
            tries_left: Set(i32::try_from(tries).unwrap_or(i32::MAX)),
            expires_at: Set(to_millis(expires_at)),
            used_at: Set(None),
            created_at: Set(to_millis(now)),
        };
        sms_code::Entity::insert(row).exec_without_returning(&self.db()).await?;
        Ok(id)
    }

    /// Tries a code: takes one try, whatever comes of it; a right code can be used once, however many ask at once.
    ///
    /// # Errors
    /// What the database says.
    pub async fn try_sms_code(
        &self,
        phone: &PhoneNumber,
        code: &str,
        now: Timestamp,
    ) -> Result<CodeAnswer, StoreError> {
        use sms_code::Column as C;
        let millis = to_millis(now);
        let latest = sms_code::Entity::find()
            .filter(C::PhoneHash.eq(self.keyring.phone_hash(phone).to_vec()))
            .order_by_desc(C::CreatedAt)
            .order_by_desc(C::Id)
            .one(&self.db())
            .await?;
        let Some(latest) = latest else { return Ok(CodeAnswer::NoneValid) };
        let tried = sms_code::Entity::update_many()
            .col_expr(C::TriesLeft, Expr::col(C::TriesLeft).sub(1))
            .filter(C::Id.eq(latest.id))
            .filter(C::UsedAt.is_null())
            .filter(C::TriesLeft.gt(0))
            .filter(C::ExpiresAt.gt(millis))
            .exec_with_returning(&self.db())
            .await?;
        let Some(tried) = tried.into_iter().next() else { return Ok(CodeAnswer::NoneValid) };
        let given = self.code_hash(SmsCodeId(tried.id), code);
        if !bool::from(given.0.as_slice().ct_eq(&tried.code_hash)) {
            return Ok(CodeAnswer::Wrong { tries_left: tried.tries_left.unsigned_abs() });
        }
        let used = sms_code::Entity::update_many()
            .col_expr(C::UsedAt, Expr::val(millis))
            .filter(C::Id.eq(tried.id))
            .filter(C::UsedAt.is_null())
            .exec(&self.db())
            .await?;
        Ok(if used.rows_affected == 1 { CodeAnswer::Right } else { CodeAnswer::NoneValid })
    }

    fn code_hash(&self, id: SmsCodeId, code: &str) -> LookUpHash {
        self.keyring.look_up("sms_code", &format!("{id} {code}"))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{
        Store,
        specimens::{at, registration},
        testing::TestDatabase,
    };

    use CodeAnswer::{NoneValid, Right, Wrong};

    async fn with_code(database: &TestDatabase) -> (Store, PhoneNumber) {
        let (store, phone) = (database.store(), registration(1).phone);
        store.put_sms_code(&phone, "123456", 5, at(300), at(0)).await.unwrap();
        (store, phone)
    }

    #[tokio::test]
    async fn a_right_code_is_good_once_however_many_ask_at_once() {
        for database in TestDatabase::both().await {
            let (store, phone) = with_code(&database).await;
            let asks = (0..5).map(|_| store.try_sms_code(&phone, "123456", at(1)));
            let answers = futures::future::try_join_all(asks).await.unwrap();
            assert_eq!(answers.iter().filter(|a| **a == Right).count(), 1, "{answers:?}");
        }
    }

    #[tokio::test]
    async fn five_wrong_tries_use_it_up() {
        for database in TestDatabase::both().await {
            let (store, phone) = with_code(&database).await;
            for tries_left in (0..5).rev() {
                let answer = store.try_sms_code(&phone, "654321", at(1)).await.unwrap();
                assert_eq!(answer, Wrong { tries_left });
            }
            assert_eq!(store.try_sms_code(&phone, "123456", at(1)).await.unwrap(), NoneValid);
        }
    }

    #[tokio::test]
    async fn an_expired_a_replaced_and_another_phones_code_are_not_good() {
        for database in TestDatabase::both().await {
            let (store, phone) = with_code(&database).await;
            let other = registration(2).phone;
            assert_eq!(store.try_sms_code(&other, "123456", at(1)).await.unwrap(), NoneValid);
            assert_eq!(store.try_sms_code(&phone, "123456", at(300)).await.unwrap(), NoneValid);
            store.put_sms_code(&phone, "222222", 5, at(400), at(100)).await.unwrap();
            assert_eq!(store.try_sms_code(&phone, "123456", at(101)).await.unwrap(), Wrong { tries_left: 4 });
            assert_eq!(store.try_sms_code(&phone, "222222", at(101)).await.unwrap(), Right);
            assert_eq!(store.try_sms_code(&phone, "222222", at(101)).await.unwrap(), NoneValid);
        }
    }
}
