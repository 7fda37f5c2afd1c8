//! The audit log: what people of the office did, to whom, when. Each entry's keyed hash covers the one before it, so that whoever changes,
//! drops or inserts an entry would have to have the operator's keys; and the database refuses changes anyway.

use jiff::Timestamp;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _, QueryTrait as _,
    sea_query::{Expr, ExprTrait as _},
};
use serde_json::{Map, Value};

use crate::{
    Keyring, Records, StoreError, Tx,
    entity::{audit, audit_head},
    time::{from_millis, to_millis},
};

/// The head's row.
pub(crate) const HEAD: i32 = 1;
/// Entries that are verified in one go.
const BATCH: u64 = 1000;

/// What is to be kept. Nothing personal belongs in it: ids, codes, counts, and the reason that a person of the office gave.
#[derive(Debug, Clone, PartialEq)]
pub struct NewAudit {
    /// Whose deed: an account, or `command` for the command line.
    pub actor: String,
    /// What: a name of `domain::Deed`.
    pub deed: &'static str,
    /// On what: the registration system's own key, an account, an exam session.
    pub subject: Option<String>,
    /// What else is worth knowing.
    pub details: Map<String, Value>,
}

impl NewAudit {
    /// A deed without subject and details.
    pub fn new(actor: impl Into<String>, deed: &'static str) -> NewAudit {
        NewAudit { actor: actor.into(), deed, subject: None, details: Map::new() }
    }

    /// On something.
    #[must_use]
    pub fn on(mut self, subject: impl Into<String>) -> NewAudit {
        self.subject = Some(subject.into());
        self
    }

    /// With one detail more.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> NewAudit {
        self.details.insert(name.to_owned(), value.into());
        self
    }
}

/// An entry as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditEntry {
    /// Its number: 1, 2, 3 and so on without a gap.
    pub number: i64,
    /// When.
    pub at: Timestamp,
    /// Whose deed.
    pub actor: String,
    /// What.
    pub deed: String,
    /// On what.
    pub subject: Option<String>,
    /// What else is worth knowing.
    pub details: Map<String, Value>,
    /// Its hash, in hexadecimal.
    pub hash: String,
}

/// Which entries are wanted: those that are all of what is set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// By whom.
    pub actor: Option<String>,
    /// What.
    pub deed: Option<String>,
    /// On what.
    pub subject: Option<String>,
    /// Not before.
    pub from: Option<Timestamp>,
    /// Before.
    pub until: Option<Timestamp>,
    /// With smaller numbers than this: the next page.
    pub before: Option<i64>,
}

/// Where the log ends. Whoever notes it down can prove later that nothing was cut off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditHead {
    /// How many entries there are.
    pub number: i64,
    /// The last one's hash, in hexadecimal; empty without one.
    pub hash: String,
}

/// The first entry at which the log is broken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BrokenAudit {
    /// An entry was changed, or what it hangs on.
    #[error("entry {0} is not what was written")]
    Changed(i64),
    /// An entry is gone.
    #[error("entry {0} is missing")]
    Missing(i64),
    /// There are entries after the one that was noted as the last, but it is another.
    #[error("entry {0} is not the one that was noted down")]
    NotAsNoted(i64),
}

impl Tx {
    /// Adds an entry. Within the transaction of what it tells about, so that neither is there without the other; transactions that add
    /// one wait for each other from here to their end.
    ///
    /// # Errors
    /// What the database says.
    pub async fn audit(&self, entry: &NewAudit, now: Timestamp) -> Result<i64, StoreError> {
        use audit_head::Column as H;
        // Counting first takes the row's lock: what is read next is the last there is.
        audit_head::Entity::update_many()
            .col_expr(H::Number, Expr::col(H::Number).add(1))
            .filter(H::Id.eq(HEAD))
            .exec(&self.db())
            .await?;
        let head = audit_head::Entity::find_by_id(HEAD).one(&self.db()).await?.ok_or(StoreError::NotFound)?;
        let mut row = audit::Model {
            number: head.number,
            at: to_millis(now),
            actor: entry.actor.clone(),
            deed: entry.deed.to_owned(),
            subject: entry.subject.clone(),
            details: Value::Object(entry.details.clone()).to_string(),
            hash: Vec::new(),
        };
        row.hash = hash(&self.keyring, &head.hash, &row)?;
        audit_head::Entity::update_many()
            .col_expr(H::Hash, Expr::val(row.hash.clone()))
            .filter(H::Id.eq(HEAD))
            .exec(&self.db())
            .await?;
        let row = audit::ActiveModel {
            number: Set(row.number),
            at: Set(row.at),
            actor: Set(row.actor),
            deed: Set(row.deed),
            subject: Set(row.subject),
            details: Set(row.details),
            hash: Set(row.hash),
        };
        audit::Entity::insert(row).exec_without_returning(&self.db()).await?;
        Ok(head.number)
    }
}

impl Records {
    /// Whether the first entry, if there is one, was hashed with our keys.
    pub(crate) async fn first_audit_is_ours(&self) -> Result<bool, StoreError> {
        let first = audit::Entity::find_by_id(1).one(&self.db()).await?;
        first.map_or(Ok(true), |row| Ok(hash(&self.keyring, &[], &row)? == row.hash))
    }

    /// A page of the log, the newest entry first.
    ///
    /// # Errors
    /// [`StoreError::Malformed`] for details that are none.
    pub async fn audit_page(&self, filter: &AuditFilter, limit: u64) -> Result<Vec<AuditEntry>, StoreError> {
        use audit::Column as C;
        let AuditFilter { actor, deed, subject, from, until, before } = filter;
        let query = audit::Entity::find()
            .apply_if(actor.as_ref(), |q, actor| q.filter(C::Actor.eq(actor)))
            .apply_if(deed.as_ref(), |q, deed| q.filter(C::Deed.eq(deed)))
            .apply_if(subject.as_ref(), |q, subject| q.filter(C::Subject.eq(subject)))
            .apply_if(*from, |q, from| q.filter(C::At.gte(to_millis(from))))
            .apply_if(*until, |q, until| q.filter(C::At.lt(to_millis(until))))
            .apply_if(*before, |q, before| q.filter(C::Number.lt(before)));
        let rows = query.order_by_desc(C::Number).limit(limit).all(&self.db()).await?;
        rows.into_iter().map(read).collect()
    }

    /// Reads the whole log and holds every entry against its hash; `noted` is a head that somebody noted down.
    ///
    /// # Errors
    /// What the database says; what is wrong with the log itself is in the value.
    pub async fn verify_audit(
        &self,
        noted: Option<&AuditHead>,
    ) -> Result<Result<AuditHead, BrokenAudit>, StoreError> {
        let head = audit_head::Entity::find_by_id(HEAD).one(&self.db()).await?.ok_or(StoreError::NotFound)?;
        let (mut number, mut last) = (0, Vec::new());
        loop {
            let rows = audit::Entity::find()
                .filter(audit::Column::Number.gt(number))
                .filter(audit::Column::Number.lte(head.number))
                .order_by_asc(audit::Column::Number)
                .limit(BATCH)
                .all(&self.db())
                .await?;
            if rows.is_empty() {
                break;
            }
            for row in rows {
                if row.number != number + 1 {
                    return Ok(Err(BrokenAudit::Missing(number + 1)));
                }
                number = row.number;
                if hash(&self.keyring, &last, &row)? != row.hash {
                    return Ok(Err(BrokenAudit::Changed(number)));
                }
                if noted.is_some_and(|noted| noted.number == number && noted.hash != hex::encode(&row.hash)) {
                    return Ok(Err(BrokenAudit::NotAsNoted(number)));
                }
                last = row.hash;
            }
        }
        let expected = noted.map_or(head.number, |noted| std::cmp::max(noted.number, head.number));
        if number < expected {
            return Ok(Err(BrokenAudit::Missing(number + 1)));
        }
        if last != head.hash {
            return Ok(Err(BrokenAudit::Changed(number)));
        }
        Ok(Ok(AuditHead { number, hash: hex::encode(last) }))
    }
}

/// The hash of an entry on the one before it. As JSON no two entries run together into the same text.
fn hash(keyring: &Keyring, before: &[u8], row: &audit::Model) -> Result<Vec<u8>, StoreError> {
    let audit::Model { number, at, actor, deed, subject, details, hash: _ } = row;
    let text = serde_json::to_string(&(hex::encode(before), number, at, actor, deed, subject, details))
        .map_err(|_| StoreError::Malformed("audit"))?;
    Ok(keyring.look_up("audit", &text).to_vec())
}

fn read(row: audit::Model) -> Result<AuditEntry, StoreError> {
    Ok(AuditEntry {
        number: row.number,
        at: from_millis(row.at),
        actor: row.actor,
        deed: row.deed,
        subject: row.subject,
        details: serde_json::from_str(&row.details).map_err(|_| StoreError::Malformed("audit"))?,
        hash: hex::encode(row.hash),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use sea_orm::ConnectionTrait as _;

    use super::*;
    use crate::{Store, specimens::at, testing::TestDatabase};

    async fn log(store: &Store, entries: i64) {
        for n in 0..entries {
            let tx = store.begin().await.unwrap();
            let entry = NewAudit::new(if n % 2 == 0 { "li" } else { "wang" }, "reopen").on(format!("r{n}"));
            assert_eq!(tx.audit(&entry.with("reason", "照片拍错了"), at(n)).await.unwrap(), n + 1);
            tx.commit().await.unwrap();
        }
    }

    /// Takes the guards away, as somebody could who owns the database.
    async fn change(store: &Store, statement: &str) {
        let guards: &[&str] = match store.db().get_database_backend() {
            sea_orm::DbBackend::Postgres => &["DROP TRIGGER audit_kept ON audit"],
            _ => &["DROP TRIGGER audit_unchanged", "DROP TRIGGER audit_undeleted"],
        };
        for guard in guards {
            store.db().execute_unprepared(guard).await.unwrap();
        }
        store.db().execute_unprepared(statement).await.unwrap();
    }

    #[tokio::test]
    async fn entries_are_found_and_the_chain_holds() {
        for database in TestDatabase::each().await {
            let store = database.store();
            assert_eq!(store.verify_audit(None).await.unwrap().unwrap().number, 0);
            log(&store, 5).await;
            let page = store.audit_page(&AuditFilter::default(), 2).await.unwrap();
            assert_eq!(page.iter().map(|e| e.number).collect::<Vec<_>>(), [5, 4]);
            assert_eq!(
                (page[0].actor.as_str(), page[0].details["reason"].as_str()),
                ("li", Some("照片拍错了"))
            );
            let of_wang =
                AuditFilter { actor: Some("wang".into()), before: Some(4), ..AuditFilter::default() };
            let found = store.audit_page(&of_wang, 10).await.unwrap();
            assert_eq!(found.iter().map(|e| e.subject.as_deref()).collect::<Vec<_>>(), [Some("r1")]);
            let between = AuditFilter { from: Some(at(1)), until: Some(at(3)), ..AuditFilter::default() };
            assert_eq!(store.audit_page(&between, 10).await.unwrap().len(), 2);

            let head = store.verify_audit(None).await.unwrap().unwrap();
            assert_eq!((head.number, head.hash.as_str()), (5, page[0].hash.as_str()));
            log_one_more(&store).await;
            assert_eq!(store.verify_audit(Some(&head)).await.unwrap().unwrap().number, 6);
        }
    }

    async fn log_one_more(store: &Store) {
        let tx = store.begin().await.unwrap();
        tx.audit(&NewAudit::new("li", "unmask"), at(9)).await.unwrap();
        tx.commit().await.unwrap();
    }

    #[tokio::test]
    async fn the_database_refuses_changes() {
        for database in TestDatabase::both().await {
            let store = database.store();
            log(&store, 2).await;
            for statement in ["UPDATE audit SET actor = 'x'", "DELETE FROM audit WHERE number = 1"] {
                let error = store.db().execute_unprepared(statement).await.unwrap_err();
                assert!(error.to_string().contains("only added to"), "{error}");
            }
        }
    }

    #[tokio::test]
    async fn whatever_is_done_to_the_log_shows() {
        let cases: [(&str, BrokenAudit); 5] = [
            ("UPDATE audit SET actor = 'x' WHERE number = 2", BrokenAudit::Changed(2)),
            ("UPDATE audit SET details = '{}' WHERE number = 3", BrokenAudit::Changed(3)),
            ("UPDATE audit SET at = at + 1 WHERE number = 4", BrokenAudit::Changed(4)),
            ("DELETE FROM audit WHERE number = 2", BrokenAudit::Missing(2)),
            ("DELETE FROM audit WHERE number = 4", BrokenAudit::Missing(4)),
        ];
        for (statement, broken) in cases {
            for database in TestDatabase::each().await {
                let store = database.store();
                log(&store, 4).await;
                change(&store, statement).await;
                assert_eq!(store.verify_audit(None).await.unwrap(), Err(broken.clone()), "{statement}");
            }
        }
    }

    #[tokio::test]
    async fn a_log_cut_off_together_with_its_head_is_told_by_the_noted_one() {
        let database = TestDatabase::sqlite().await;
        let store = database.store();
        log(&store, 4).await;
        let noted = store.verify_audit(None).await.unwrap().unwrap();
        change(&store, "DELETE FROM audit WHERE number > 2").await;
        let statement = "UPDATE audit_head SET number = 2, hash = (SELECT hash FROM audit WHERE number = 2)";
        store.db().execute_unprepared(statement).await.unwrap();
        assert_eq!(store.verify_audit(None).await.unwrap().unwrap().number, 2, "nothing else tells");
        assert_eq!(store.verify_audit(Some(&noted)).await.unwrap(), Err(BrokenAudit::Missing(3)));
        log(&store, 0).await;
        for n in 3..=4 {
            let tx = store.begin().await.unwrap();
            assert_eq!(tx.audit(&NewAudit::new("x", "unmask"), at(n)).await.unwrap(), n);
            tx.commit().await.unwrap();
        }
        assert_eq!(store.verify_audit(Some(&noted)).await.unwrap(), Err(BrokenAudit::NotAsNoted(4)));
    }

    #[tokio::test]
    async fn two_who_add_at_once_wait_for_each_other() {
        for database in TestDatabase::both().await {
            let (one, other) = (database.store(), database.another_node().await);
            let add = |store: Store, who: &'static str| async move {
                for n in 0..20 {
                    let tx = store.begin().await.unwrap();
                    tx.audit(&NewAudit::new(who, "unmask"), at(n)).await.unwrap();
                    tx.commit().await.unwrap();
                }
            };
            tokio::join!(add(one.clone(), "li"), add(other, "wang"));
            assert_eq!(one.verify_audit(None).await.unwrap().unwrap().number, 40);
        }
    }
}
