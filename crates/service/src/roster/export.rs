//! Export: the roster with the state of each collection, as CSV or XLSX. One writer of each, for a file and for a stream.

use std::{
    fs::File,
    io::{BufWriter, Write as _},
    path::Path,
};

use bytes::Bytes;
use domain::Registration;
use futures::{Stream, StreamExt as _, TryStreamExt as _, stream};
use rust_xlsxwriter::{Workbook, XlsxError};
use store::{Store, StoreError};

use super::{COLUMNS, FileProblem, Format};

/// Excel's rows, less the heading.
const MOST_ROWS: u32 = 1_048_575;
/// Rows that are read at once.
const PAGE: u64 = 500;

/// A piece of a CSV file, and how many rows it holds.
pub(crate) struct Piece {
    pub bytes: Bytes,
    pub rows: u64,
}

/// One row: the columns of an import, and the state.
type Row = [String; 8];

/// Writes the roster of an exam session to a file, and says how many rows it has. Every cell is text, so that no spreadsheet
/// program takes a number for an amount.
///
/// # Errors
/// [`FileProblem`] when the file cannot be written, or the database fails.
pub async fn export(store: &Store, exam_session: &str, path: &Path) -> Result<u64, FileProblem> {
    match Format::of(path).ok_or(FileProblem::Kind)? {
        Format::Csv => {
            let mut file = BufWriter::new(private_file(path)?);
            let mut pieces = std::pin::pin!(csv(store.clone(), exam_session.to_owned()));
            let mut rows = 0;
            while let Some(piece) = pieces.try_next().await? {
                file.write_all(&piece.bytes)?;
                rows += piece.rows;
            }
            file.flush()?;
            Ok(rows)
        }
        Format::Xlsx => {
            let (mut book, rows) = book(store, exam_session, MOST_ROWS).await?;
            book.save_to_writer(private_file(path)?).map_err(broken)?;
            Ok(u64::from(rows))
        }
    }
}

/// The roster as CSV, piece by piece.
pub(crate) fn csv(
    store: Store,
    exam_session: String,
) -> impl Stream<Item = Result<Piece, FileProblem>> + Send + 'static {
    let head = stream::once(async {
        // Excel takes a CSV file for UTF-8 only if it begins so.
        let mut bytes = "\u{feff}".as_bytes().to_vec();
        bytes.extend(lines([headings().map(str::to_owned)].into_iter())?);
        Ok(Piece { bytes: bytes.into(), rows: 0 })
    });
    head.chain(pages(store, exam_session).map(|page| {
        let page = page?;
        let rows = page.len() as u64;
        Ok(Piece { bytes: lines(page.into_iter().map(|row| row.map(|cell| harmless(&cell))))?.into(), rows })
    }))
}

/// The roster as XLSX, in memory; `None` if it has more rows than `most`.
///
/// A spreadsheet's strings come after its cells, and the library keeps both until the end: 2.1 kB a row, measured.
pub(crate) async fn xlsx(store: &Store, exam_session: &str, most: u32) -> Result<Option<Bytes>, FileProblem> {
    if store.count_registrations(exam_session).await? > u64::from(most) {
        return Ok(None);
    }
    let (mut book, _) = book(store, exam_session, MOST_ROWS).await?;
    let saved = tokio::task::spawn_blocking(move || book.save_to_buffer());
    let saved = saved.await.map_err(|_| FileProblem::Io(std::io::Error::other("writing broke off")))?;
    Ok(Some(saved.map_err(broken)?.into()))
}

async fn book(store: &Store, exam_session: &str, most: u32) -> Result<(Workbook, u32), FileProblem> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (column, heading) in (0u16..).zip(headings()) {
        sheet.write_string(0, column, heading).map_err(broken)?;
    }
    let mut pages = std::pin::pin!(pages(store.clone(), exam_session.to_owned()));
    let mut count = 0u32;
    while let Some(page) = pages.try_next().await? {
        for row in page {
            if count == most {
                return Err(FileProblem::Xlsx("a sheet holds no more rows; export to CSV"));
            }
            count += 1;
            for (column, cell) in (0u16..).zip(row) {
                sheet.write_string(count, column, cell).map_err(broken)?;
            }
        }
    }
    Ok((book, count))
}

/// The roster page by page, each row with the state of its collection.
fn pages(
    store: Store,
    exam_session: String,
) -> impl Stream<Item = Result<Vec<Row>, StoreError>> + Send + 'static {
    stream::try_unfold((store, exam_session, None::<String>), |(store, exam, after)| async move {
        let page = store.registrations(&exam, after.as_deref(), PAGE).await?;
        let Some(last) = page.last().map(|record| record.registration.id.clone()) else { return Ok(None) };
        let keys: Vec<&str> = page.iter().map(|record| record.registration.id.as_str()).collect();
        let states = store.collection_states(&exam, &keys).await?;
        let row = |registration: &Registration| {
            cells(registration, states.get(&registration.id).map_or("", String::as_str))
        };
        let rows = page.iter().map(|record| row(&record.registration)).collect();
        Ok(Some((rows, (store, exam, Some(last)))))
    })
}

fn headings() -> [&'static str; 8] {
    let [id, name, number, ethnicity, address, phone, level] = COLUMNS.map(|(name, _)| name);
    [id, name, number, ethnicity, address, phone, level, "采集状态"]
}

fn cells(registration: &Registration, state: &str) -> Row {
    [
        registration.id.clone(),
        registration.name.as_str().to_owned(),
        registration.number.as_str().to_owned(),
        registration.ethnicity.map(|e| e.name().to_owned()).unwrap_or_default(),
        registration.address.clone().unwrap_or_default(),
        registration.phone.as_str().to_owned(),
        registration.level.label().to_owned(),
        state.to_owned(),
    ]
}

/// Rows as lines of CSV.
fn lines(rows: impl Iterator<Item = Row>) -> Result<Vec<u8>, FileProblem> {
    let unwritable = || FileProblem::Io(std::io::Error::other("the row cannot be written"));
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer.write_record(row).map_err(|_| unwritable())?;
    }
    writer.into_inner().map_err(|_| unwritable())
}

/// In a CSV file, a cell that begins like a formula is taken for one: a leading apostrophe keeps it text.
pub(crate) fn harmless(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell.to_owned() }
}

fn broken(error: XlsxError) -> FileProblem {
    match error {
        XlsxError::IoError(error) => FileProblem::Io(error),
        _ => FileProblem::Xlsx("it cannot be written"),
    }
}

/// What is exported is personal: the file is for its owner only.
fn private_file(path: &Path) -> std::io::Result<File> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
