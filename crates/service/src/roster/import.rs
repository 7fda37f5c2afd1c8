//! Import: a roster file, streamed; every row that cannot be taken is told by row and column, the others are taken.

use std::path::Path;

use domain::{Ethnicity, IdNumber, IdNumberError, Level, PersonName, PhoneNumber, Registration};
use jiff::Timestamp;
use store::{ImportRefusal, Store};
use tokio::sync::mpsc;

use super::source::{self, FileProblem, Row};

/// Rows that go to the database at once.
const BATCH: usize = 500;

/// Why a row was not taken. The value itself is never repeated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowProblem {
    /// The row in the file, from 1.
    pub row: u64,
    /// The column's heading.
    pub column: &'static str,
    /// What is wrong with it.
    pub problem: String,
}

/// What an import did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Imported {
    /// Rows that are new.
    pub added: usize,
    /// Rows that changed.
    pub changed: usize,
    /// Rows that were the same already.
    pub unchanged: usize,
    /// Rows that were not taken.
    pub problems: Vec<RowProblem>,
}

/// Imports a roster file into an exam session.
///
/// # Errors
/// [`FileProblem`] when the file as a whole cannot be read, or the database fails; rows before that are taken.
pub async fn import(
    store: &Store,
    exam_session: &str,
    path: &Path,
    now: Timestamp,
) -> Result<Imported, FileProblem> {
    let (send, mut rows) = mpsc::channel::<Row>(BATCH);
    let path = path.to_owned();
    let reading = tokio::task::spawn_blocking(move || {
        source::read(&path, &mut |row| {
            // The other side is gone only when the database failed, which it tells itself.
            send.blocking_send(row).map_err(|_| FileProblem::Io(std::io::Error::other("stopped")))
        })
    });
    let mut imported = Imported::default();
    let mut batch = Vec::with_capacity(BATCH);
    let mut numbers = Vec::with_capacity(BATCH);
    while let Some((row, fields)) = rows.recv().await {
        match registration(row, &fields) {
            Ok(registration) => {
                batch.push(registration);
                numbers.push(row);
            }
            Err(problem) => imported.problems.push(problem),
        }
        if batch.len() == BATCH {
            write(store, exam_session, &mut batch, &mut numbers, now, &mut imported).await?;
        }
    }
    write(store, exam_session, &mut batch, &mut numbers, now, &mut imported).await?;
    reading.await.map_err(|_| FileProblem::Io(std::io::Error::other("reading broke off")))??;
    imported.problems.sort_by_key(|p| p.row);
    Ok(imported)
}

async fn write(
    store: &Store,
    exam_session: &str,
    batch: &mut Vec<Registration>,
    numbers: &mut Vec<u64>,
    now: Timestamp,
    imported: &mut Imported,
) -> Result<(), FileProblem> {
    if batch.is_empty() {
        return Ok(());
    }
    let outcome = store.import_registrations(exam_session, batch, now).await?;
    imported.added += outcome.added;
    imported.changed += outcome.changed;
    imported.unchanged += outcome.unchanged;
    for (place, refusal) in outcome.refused {
        let column = match refusal {
            ImportRefusal::PhoneTaken => "手机号码",
            ImportRefusal::NumberTaken => "身份证号码",
            ImportRefusal::Twice => "报名号",
        };
        let row = numbers.get(place).copied().unwrap_or_default();
        imported.problems.push(RowProblem { row, column, problem: refusal.to_string() });
    }
    batch.clear();
    numbers.clear();
    Ok(())
}

fn registration(row: u64, fields: &[String; 7]) -> Result<Registration, RowProblem> {
    let [id, name, number, ethnicity, address, phone, level] = fields;
    let wrong = |column: &'static str, problem: String| RowProblem { row, column, problem };
    let id = Some(id.as_str()).filter(|id| !id.is_empty() && id.len() <= 128);
    Ok(Registration {
        id: id.ok_or_else(|| wrong("报名号", "it is empty or longer than 128 bytes".to_owned()))?.to_owned(),
        name: PersonName::parse(name).map_err(|e| wrong("姓名", e.to_string()))?,
        number: IdNumber::parse(number).map_err(|e| {
            // 17 digits and zeros at the end: a spreadsheet kept it as a number and lost the last digits.
            let spoilt =
                matches!(e, IdNumberError::CheckDigit | IdNumberError::Length(_) | IdNumberError::Character)
                    && (number.ends_with("000") || number.contains(['E', 'e', '.']));
            let hint =
                if spoilt { "; the spreadsheet kept it as a number: format the column as text" } else { "" };
            wrong("身份证号码", format!("{e}{hint}"))
        })?,
        ethnicity: match ethnicity.as_str() {
            "" => None,
            text => Some(Ethnicity::parse(text).map_err(|e| wrong("民族", e.to_string()))?),
        },
        address: Some(address.clone()).filter(|a| !a.is_empty()),
        phone: PhoneNumber::parse(phone).map_err(|e| wrong("手机号码", e.to_string()))?,
        level: Level::parse(level)
            .ok_or_else(|| wrong("层次", "write 高起专, 高起本 or 专升本".to_owned()))?,
    })
}
