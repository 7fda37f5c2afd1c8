//! Import: a roster file, streamed; every row that cannot be taken is told by row and column, the others are taken.

use domain::{Ethnicity, IdNumber, IdNumberError, Level, PersonName, PhoneNumber, Registration, Text};
use hashbrown::HashTable;
use store::{ImportHow, ImportProgress, ImportRefusal, Keyring, Store};
use tokio::sync::mpsc;

use super::source::{self, FileProblem, RosterFile, Row};
use crate::Clock;

/// Rows that go to the database at once.
const BATCH: usize = 500;
/// Most problems that are kept to be told; the others are counted.
const MOST_PROBLEMS: usize = 1000;
/// Most rows of a file: more candidates than any exam session of one office has.
const MOST_ROWS: u64 = 2_000_000;

/// Why a row was not taken. The value itself is never repeated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowProblem {
    /// The row in the file, from 1.
    pub row: u64,
    /// The column's heading.
    pub column: &'static str,
    /// What is wrong with it, and what to do.
    pub problem: Text,
}

/// What an import did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Imported {
    /// How many rows went which way.
    pub counts: ImportProgress,
    /// The first rows that were not taken, in the order of the file.
    pub problems: Vec<RowProblem>,
}

/// Whoever follows an import.
#[async_trait::async_trait]
pub trait Follower: Send {
    /// A row can be read.
    fn row(&mut self, row: u64, registration: &Registration);
    /// So far it has come.
    async fn progress(&mut self, counts: &ImportProgress);
}

/// Nobody follows.
pub struct Unfollowed;

#[async_trait::async_trait]
impl Follower for Unfollowed {
    fn row(&mut self, _: u64, _: &Registration) {}
    async fn progress(&mut self, _: &ImportProgress) {}
}

/// Imports a roster file into an exam session.
///
/// # Errors
/// [`FileProblem`] when the file as a whole cannot be read, or the database fails; rows before that are taken.
pub async fn import(
    store: &Store,
    exam_session: &str,
    file: &RosterFile,
    how: ImportHow,
    clock: &dyn Clock,
    follower: &mut dyn Follower,
) -> Result<Imported, FileProblem> {
    let (send, mut rows) = mpsc::channel::<Row>(BATCH);
    let file = file.clone();
    let reading = tokio::task::spawn_blocking(move || {
        source::read(&file, &mut |row| {
            // The other side is gone only when it stopped, which it tells itself.
            send.blocking_send(row).map_err(|_| FileProblem::Io(std::io::Error::other("stopped")))
        })
    });
    let mut import = Import { store, exam_session, how, clock, done: Imported::default(), batch: Vec::new() };
    let mut seen = Seen::default();
    while let Some((row, fields)) = rows.recv().await {
        import.done.counts.read += 1;
        if import.done.counts.read > MOST_ROWS {
            return Err(FileProblem::TooLong(MOST_ROWS));
        }
        let taken = registration(row, &fields).and_then(|registration| {
            seen.note(store.keyring(), row, &registration)?;
            Ok(registration)
        });
        match taken {
            Ok(registration) => {
                follower.row(row, &registration);
                import.batch.push((row, registration));
            }
            Err(problem) => import.refuse(problem),
        }
        if import.batch.len() == BATCH {
            import.write().await?;
            follower.progress(&import.done.counts).await;
        }
    }
    import.write().await?;
    reading.await.map_err(|_| FileProblem::Io(std::io::Error::other("reading broke off")))??;
    let mut done = import.done;
    done.problems.sort_by_key(|p| p.row);
    Ok(done)
}

struct Import<'a> {
    store: &'a Store,
    exam_session: &'a str,
    how: ImportHow,
    clock: &'a dyn Clock,
    done: Imported,
    batch: Vec<(u64, Registration)>,
}

impl Import<'_> {
    fn refuse(&mut self, problem: RowProblem) {
        self.done.counts.refused += 1;
        if self.done.problems.len() < MOST_PROBLEMS {
            self.done.problems.push(problem);
        }
    }

    async fn write(&mut self) -> Result<(), FileProblem> {
        if self.batch.is_empty() {
            return Ok(());
        }
        let (rows, registrations): (Vec<u64>, Vec<Registration>) = self.batch.drain(..).unzip();
        let now = self.clock.now();
        let outcome =
            self.store.import_registrations(self.exam_session, &registrations, self.how, now).await?;
        let counts = &mut self.done.counts;
        counts.added += outcome.added as u64;
        counts.changed += outcome.changed as u64;
        counts.unchanged += outcome.unchanged as u64;
        counts.kept += outcome.kept as u64;
        for (place, refusal) in outcome.refused {
            let (column, problem) = clash(refusal);
            let row = rows.get(place).copied().unwrap_or_default();
            self.refuse(RowProblem { row, column, problem });
        }
        Ok(())
    }
}

/// Which keys, phones and numbers stood in which row of the file before, by the first 8 bytes of their keyed hashes (of half a million rows
/// two agree by chance once in a hundred million files): what is written in batches must not depend on where a batch ends, and a trial
/// writes nothing that could be looked up. Each row taken has one place in all the lists; 56 bytes a row.
#[derive(Default)]
struct Seen {
    rows: Vec<u32>,
    columns: [SeenColumn; 3],
}

/// The hashes of a column in the order of the rows, and where each of them stands.
#[derive(Default)]
struct SeenColumn {
    hashes: Vec<u64>,
    places: HashTable<u32>,
}

impl Seen {
    fn note(&mut self, keyring: &Keyring, row: u64, registration: &Registration) -> Result<(), RowProblem> {
        let short = |hash: store::LookUpHash| u64::from_be_bytes(std::array::from_fn(|i| hash.0[i]));
        let hashes = [
            (short(keyring.look_up("registration", &registration.id)), "报名号"),
            (short(keyring.number_hash(&registration.number)), "身份证号码"),
            (short(keyring.phone_hash(&registration.phone)), "手机号码"),
        ];
        for ((hash, column), seen) in hashes.iter().zip(&self.columns) {
            if let Some(place) = seen.places.find(*hash, |place| seen.hashes[*place as usize] == *hash) {
                let before = self.rows[*place as usize];
                let problem = Text::new(
                    format!("与第 {before} 行的{column}相同。请核对两行，删去多余的一行。"),
                    format!("It is the same as in row {before}. Compare the two rows and take one out."),
                );
                return Err(RowProblem { row, column, problem });
            }
        }
        let place = self.rows.len() as u32;
        self.rows.push(u32::try_from(row).unwrap_or(u32::MAX));
        for ((hash, _), SeenColumn { hashes, places }) in hashes.into_iter().zip(&mut self.columns) {
            hashes.push(hash);
            places.insert_unique(hash, place, |place| hashes[*place as usize]);
        }
        Ok(())
    }
}

fn clash(refusal: ImportRefusal) -> (&'static str, Text) {
    match refusal {
        ImportRefusal::PhoneTaken => (
            "手机号码",
            Text::new(
                "系统里另一位考生已经用了这个手机号码。请核对，一个号码只能属于一位考生。",
                "Another registration of this exam session holds this phone number. Check both: one number belongs to one candidate.",
            ),
        ),
        ImportRefusal::NumberTaken => (
            "身份证号码",
            Text::new(
                "系统里另一位考生已经用了这个身份证号码。请核对，同一个人只报名一次。",
                "Another registration of this exam session holds this identity number. Check both: one person registers once.",
            ),
        ),
        ImportRefusal::Twice => (
            "报名号",
            Text::new("这个报名号在文件里出现了两次。", "The same registration appears twice in the file."),
        ),
    }
}

fn registration(row: u64, fields: &[String; 7]) -> Result<Registration, RowProblem> {
    let [id, name, number, ethnicity, address, phone, level] = fields;
    let wrong =
        |column: &'static str, zh: &str, en: &str| RowProblem { row, column, problem: Text::new(zh, en) };
    let id = Some(id.as_str()).filter(|id| !id.is_empty() && id.len() <= 128);
    /// Longer than any address.
    const LONGEST_ADDRESS: usize = 200;
    Ok(Registration {
        id: id
            .ok_or_else(|| {
                wrong("报名号", "报名号是空的，或者太长。", "It is empty or longer than 128 bytes.")
            })?
            .to_owned(),
        name: PersonName::parse(name).map_err(|_| {
            wrong(
                "姓名",
                "姓名是空的、太长，或者含有不能显示的字符。",
                "It is empty, too long, or holds characters that cannot be shown.",
            )
        })?,
        number: IdNumber::parse(number).map_err(|e| {
            let problem = number_problem(e, number);
            RowProblem { row, column: "身份证号码", problem }
        })?,
        ethnicity: match ethnicity.as_str() {
            "" => None,
            text => Some(Ethnicity::parse(text).map_err(|_| {
                wrong(
                    "民族",
                    "不是国家标准里 56 个民族的名称，例如“汉族”或“汉”。",
                    "It is none of the 56 ethnicities of GB/T 3304.",
                )
            })?),
        },
        address: match address.as_str() {
            "" => None,
            text if text.chars().count() > LONGEST_ADDRESS => {
                return Err(wrong("住址", "住址超过 200 个字。", "It is longer than 200 characters."));
            }
            text => Some(text.to_owned()),
        },
        phone: PhoneNumber::parse(phone).map_err(|_| {
            wrong(
                "手机号码",
                "手机号码应为 11 位数字，以 13 到 19 开头。",
                "A mobile phone number has 11 digits and begins with 13 to 19.",
            )
        })?,
        level: Level::parse(level).ok_or_else(|| {
            wrong("层次", "请写高起专、高起本或专升本。", "Write 高起专, 高起本 or 专升本.")
        })?,
    })
}

fn number_problem(error: IdNumberError, number: &str) -> Text {
    // 17 digits and zeros at the end: a spreadsheet kept it as a number and lost the last digits.
    let spoilt =
        matches!(error, IdNumberError::CheckDigit | IdNumberError::Length(_) | IdNumberError::Character)
            && (number.ends_with("000") || number.contains(['E', 'e', '.']));
    if spoilt {
        return Text::new(
            "身份证号码不对：表格软件把它当成了数字，末尾几位丢了。请把这一列设为“文本”格式后重新填写。",
            "The number is spoilt; the spreadsheet kept it as a number: format the column as text and enter it again.",
        );
    }
    let zh = match error {
        IdNumberError::Length(_) => "身份证号码应为 18 位。",
        IdNumberError::Character => "身份证号码只能是数字，最后一位可以是 X。",
        IdNumberError::Division => "身份证号码的前两位不是任何省份。",
        IdNumberError::Nationality => "永久居留证号码里的国家代码不存在。",
        IdNumberError::BirthDate => "身份证号码里的出生日期不存在。",
        IdNumberError::CheckDigit => "身份证号码的最后一位与前面对不上，可能有一位写错了。",
    };
    Text::new(zh, format!("{error}."))
}
