//! Export: the roster with the state of each collection, as CSV or XLSX.

use std::{fs::File, io::BufWriter, path::Path};

use domain::Registration;
use futures::TryStreamExt;
use rust_xlsxwriter::{Workbook, XlsxError};
use store::Store;

use super::{COLUMNS, FileProblem, Format};

/// Excel's rows, less the heading.
const MOST_ROWS: u32 = 1_048_575;

/// Writes the roster of an exam session to a file, and says how many rows it has. Every cell is text, so that no spreadsheet
/// program takes a number for an amount.
///
/// # Errors
/// [`FileProblem`] when the file cannot be written, or the database fails.
pub async fn export(store: &Store, exam_session: &str, path: &Path) -> Result<u64, FileProblem> {
    match Format::of(path).ok_or(FileProblem::Kind)? {
        Format::Csv => csv(store, exam_session, path).await,
        Format::Xlsx => xlsx(store, exam_session, path).await,
    }
}

fn headings() -> impl Iterator<Item = &'static str> {
    COLUMNS.iter().map(|(name, _)| *name).chain(["采集状态"])
}

fn cells(registration: &Registration, state: &str) -> [String; 8] {
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

/// In a CSV file, a cell that begins like a formula is taken for one: a leading apostrophe keeps it text.
fn harmless(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell.to_owned() }
}

async fn state(
    store: &Store,
    exam_session: &str,
    registration: &Registration,
) -> Result<&'static str, FileProblem> {
    let collection = store.collection_of(exam_session, &registration.id).await?;
    Ok(collection.map_or("", |c| c.collection.state().name()))
}

async fn csv(store: &Store, exam_session: &str, path: &Path) -> Result<u64, FileProblem> {
    use std::io::Write as _;
    let mut file = BufWriter::new(private_file(path)?);
    // Excel takes a CSV file for UTF-8 only if it begins so.
    file.write_all("\u{feff}".as_bytes())?;
    let mut writer = csv::Writer::from_writer(file);
    let broken = |error: csv::Error| match error.into_kind() {
        csv::ErrorKind::Io(error) => FileProblem::Io(error),
        _ => FileProblem::Io(std::io::Error::other("the row cannot be written")),
    };
    writer.write_record(headings()).map_err(broken)?;
    let mut rows = std::pin::pin!(store.export_registrations(exam_session));
    let mut count = 0;
    while let Some(record) = rows.try_next().await? {
        let state = state(store, exam_session, &record.registration).await?;
        writer.write_record(cells(&record.registration, state).map(|c| harmless(&c))).map_err(broken)?;
        count += 1;
    }
    writer.flush()?;
    Ok(count)
}

async fn xlsx(store: &Store, exam_session: &str, path: &Path) -> Result<u64, FileProblem> {
    let broken = |error: XlsxError| FileProblem::Xlsx(error.to_string());
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (column, heading) in (0u16..).zip(headings()) {
        sheet.write_string(0, column, heading).map_err(broken)?;
    }
    let mut rows = std::pin::pin!(store.export_registrations(exam_session));
    let mut count = 0u32;
    while let Some(record) = rows.try_next().await? {
        if count == MOST_ROWS {
            return Err(FileProblem::Xlsx("a sheet holds no more rows; export to CSV".to_owned()));
        }
        count += 1;
        let state = state(store, exam_session, &record.registration).await?;
        for (column, cell) in (0u16..).zip(cells(&record.registration, state)) {
            sheet.write_string(count, column, cell).map_err(broken)?;
        }
    }
    book.save_to_writer(private_file(path)?).map_err(broken)?;
    Ok(u64::from(count))
}

/// What is exported is personal: the file is for its owner only.
fn private_file(path: &Path) -> std::io::Result<File> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
