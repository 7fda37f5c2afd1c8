//! Rows of a roster file, one after the other: CSV in UTF-8 or GB 18030 (as spreadsheet programs save it), or XLSX.

use std::{
    fs::File,
    io::{self, BufReader, Cursor, Read, Seek},
    path::{Path, PathBuf},
};

use bytes::Bytes;
use domain::Text;
use encoding_rs::{CoderResult, Decoder, GB18030, UTF_8};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{COLUMNS, xlsx};

/// The kinds of roster files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = ExportFormat)]
pub enum Format {
    /// Comma-separated values.
    Csv,
    /// A spreadsheet's first sheet.
    Xlsx,
}

impl Format {
    /// The stable name, at the same time the file's ending.
    pub fn name(self) -> &'static str {
        match self {
            Format::Csv => "csv",
            Format::Xlsx => "xlsx",
        }
    }

    /// By the file's name.
    pub fn of(path: &Path) -> Option<Format> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "csv" | "txt" => Some(Format::Csv),
            "xlsx" => Some(Format::Xlsx),
            _ => None,
        }
    }
}

/// A roster file: on the disk, or as it was uploaded and never written to one.
#[derive(Clone)]
pub struct RosterFile {
    format: Format,
    content: Content,
}

#[derive(Clone)]
enum Content {
    OnDisk(PathBuf),
    InMemory(Bytes),
}

trait Source: Read + Seek + Send {}
impl<T: Read + Seek + Send> Source for T {}

impl RosterFile {
    /// The file at that path.
    ///
    /// # Errors
    /// [`FileProblem::Kind`] if its name ends in neither kind.
    pub fn at(path: &Path) -> Result<RosterFile, FileProblem> {
        let format = Format::of(path).ok_or(FileProblem::Kind)?;
        Ok(RosterFile { format, content: Content::OnDisk(path.to_owned()) })
    }

    /// A file of that name with these bytes.
    ///
    /// # Errors
    /// [`FileProblem::Kind`] if its name ends in neither kind.
    pub fn uploaded(name: &str, bytes: Bytes) -> Result<RosterFile, FileProblem> {
        let format = Format::of(Path::new(name)).ok_or(FileProblem::Kind)?;
        Ok(RosterFile { format, content: Content::InMemory(bytes) })
    }

    fn open(&self) -> io::Result<BufReader<Box<dyn Source>>> {
        Ok(BufReader::new(match &self.content {
            Content::OnDisk(path) => Box::new(File::open(path)?),
            Content::InMemory(bytes) => Box::new(Cursor::new(bytes.clone())),
        }))
    }
}

/// Why a file as a whole cannot be read. Nothing in it is quoted.
#[derive(Debug, thiserror::Error)]
pub enum FileProblem {
    /// Neither .csv nor .xlsx.
    #[error("the file's name ends neither in .csv nor in .xlsx")]
    Kind,
    /// It cannot be opened or read.
    #[error("the file cannot be read: {0}")]
    Io(#[from] io::Error),
    /// Not CSV.
    #[error("row {row}: this is not CSV; a quotation mark may be open")]
    Csv {
        /// The row, from 1.
        row: u64,
    },
    /// Not a spreadsheet.
    #[error("this is not an XLSX file that can be read: {0}")]
    Xlsx(&'static str),
    /// A spreadsheet of before 2007, or one behind a password.
    #[error("this is an old spreadsheet, or one behind a password")]
    Locked,
    /// The texts of a spreadsheet take more memory than it may have.
    #[error("the spreadsheet holds more text than is taken from one; CSV has no such limit")]
    TooMuchText,
    /// It has more rows than are taken.
    #[error("the file has more than {0} rows")]
    TooLong(u64),
    /// A needed column has no heading in the first row.
    #[error("the first row names no column {0}")]
    Column(&'static str),
    /// The database failed.
    #[error("{0}")]
    Store(#[from] store::StoreError),
}

impl FileProblem {
    /// What is wrong and what to do, for whoever uploaded it.
    pub fn told(&self) -> Text {
        match self {
            FileProblem::Kind => Text::new(
                "请选择 .csv 或 .xlsx 文件。旧的 .xls 请先另存为 .xlsx。",
                "Choose a .csv or .xlsx file. Save an old .xls as .xlsx first.",
            ),
            FileProblem::Csv { row } => Text::new(
                format!("第 {row} 行不是 CSV 格式，可能有一个引号没有成对。请改好后重新导入。"),
                format!("Row {row} is not CSV; a quotation mark may be open. Mend it and import again."),
            ),
            FileProblem::Column(column) => Text::new(
                format!("第一行缺少“{column}”这一列。请按模板写好表头后重新导入。"),
                format!(
                    "The first row names no column {column}. Write the headings as in the template and import again."
                ),
            ),
            FileProblem::TooLong(most) => Text::new(
                format!("文件超过 {most} 行，请分成几个文件导入。"),
                format!("The file has more than {most} rows. Import it in parts."),
            ),
            FileProblem::Locked => Text::new(
                "这个表格设了密码，或者是旧格式 .xls。请去掉密码，另存为 .xlsx 后再导入。",
                "This spreadsheet has a password, or is an old .xls. Take the password off, save it as .xlsx and import again.",
            ),
            FileProblem::TooMuchText => Text::new(
                "这个表格太大。请另存为 CSV 后再导入，CSV 没有这个限制。",
                "This spreadsheet is too large. Save it as CSV and import that; CSV has no such limit.",
            ),
            FileProblem::Xlsx(_) => Text::new(
                "这个文件不是可以读取的 XLSX 表格。请用表格软件重新保存后再导入。",
                "This is no XLSX file that can be read. Save it anew with a spreadsheet program and import again.",
            ),
            FileProblem::Io(_) | FileProblem::Store(_) => Text::new(
                "导入中断了，已经导入的行不会丢失。请再导入一次。",
                "The import broke off; what was taken is not lost. Import the file again.",
            ),
        }
    }
}

/// One row: its number in the file, from 1, and the seven fields of [`COLUMNS`].
pub(crate) type Row = (u64, [String; 7]);

/// Calls `take` for each row below the headings.
pub(crate) fn read(
    file: &RosterFile,
    take: &mut dyn FnMut(Row) -> Result<(), FileProblem>,
) -> Result<(), FileProblem> {
    match file.format {
        Format::Csv => read_csv(file, take),
        Format::Xlsx => read_xlsx(file, take),
    }
}

/// Where in the file each field stands; ethnicity and address may be missing altogether.
fn places(headings: &[String]) -> Result<[Option<usize>; 7], FileProblem> {
    let mut places = [None; 7];
    for (place, (name, names)) in places.iter_mut().zip(COLUMNS) {
        let is = |heading: &String| names.contains(&heading.trim().to_lowercase().as_str());
        *place = headings.iter().position(is);
        if place.is_none() && !matches!(name, "民族" | "住址") {
            return Err(FileProblem::Column(name));
        }
    }
    Ok(places)
}

/// A field longer than any that is taken is cut, still too long to be taken: rows wait in memory.
fn pick(cells: &[String], places: &[Option<usize>; 7]) -> [String; 7] {
    const LONGEST: usize = 400;
    let cut = |cell: &String| cell.trim().chars().take(LONGEST).collect();
    places.map(|place| place.and_then(|p| cells.get(p)).map(cut).unwrap_or_default())
}

fn read_csv(
    file: &RosterFile,
    take: &mut dyn FnMut(Row) -> Result<(), FileProblem>,
) -> Result<(), FileProblem> {
    let encoding = if is_utf8(file)? { UTF_8 } else { GB18030 };
    let text = Decoded::new(file.open()?, encoding.new_decoder_with_bom_removal());
    // Every record ends at a line feed (a carriage return before it is trimmed off with the cell), the last one at this one, so
    // that the reader's line is told by counting back. Its own position of a record is that of blank lines before it.
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .terminator(csv::Terminator::Any(b'\n'))
        .from_reader(text.chain(&b"\n"[..]));
    let mut places_found = None;
    let mut record = csv::StringRecord::new();
    loop {
        let row = reader.position().line();
        let more = reader.read_record(&mut record).map_err(|error| match error.into_kind() {
            csv::ErrorKind::Io(error) => FileProblem::Io(error),
            _ => FileProblem::Csv { row },
        })?;
        if !more {
            break;
        }
        let cells: Vec<String> = record.iter().map(str::to_owned).collect();
        let inner = cells.iter().flat_map(|c| c.bytes()).filter(|b| *b == b'\n').count() as u64;
        let row = reader.position().line() - 1 - inner;
        match &places_found {
            None => places_found = Some(places(&cells)?),
            Some(places) if cells.iter().any(|c| !c.trim().is_empty()) => take((row, pick(&cells, places)))?,
            Some(_) => {}
        }
    }
    if places_found.is_none() { Err(FileProblem::Column(COLUMNS[0].0)) } else { Ok(()) }
}

fn is_utf8(file: &RosterFile) -> io::Result<bool> {
    let mut file = file.open()?;
    let mut decoder = UTF_8.new_decoder();
    let (mut bytes, mut text) = (vec![0; 1 << 16], String::with_capacity(1 << 18));
    loop {
        let read = file.read(&mut bytes)?;
        text.clear();
        let (_, _, wrong) = decoder.decode_to_string(&bytes[..read], &mut text, read == 0);
        if wrong {
            return Ok(false);
        }
        if read == 0 {
            return Ok(true);
        }
    }
}

/// A reader of UTF-8 over a reader of another encoding.
struct Decoded<R> {
    inner: R,
    decoder: Decoder,
    raw: Vec<u8>,
    raw_at: usize,
    ended: bool,
    /// The decoder has given its last character; it must not be asked again.
    finished: bool,
}

impl<R: Read> Decoded<R> {
    fn new(inner: R, decoder: Decoder) -> Decoded<R> {
        Decoded { inner, decoder, raw: Vec::new(), raw_at: 0, ended: false, finished: false }
    }
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        // A decoder needs room for one character; the CSV reader's buffer has 8 kB.
        if out.len() < 8 {
            return Err(io::Error::other("the buffer is too small for a character"));
        }
        if self.finished {
            return Ok(0);
        }
        loop {
            if self.raw_at == self.raw.len() && !self.ended {
                self.raw.resize(1 << 15, 0);
                let read = self.inner.read(&mut self.raw)?;
                self.raw.truncate(read);
                self.raw_at = 0;
                self.ended = read == 0;
            }
            let (result, read, written, _) =
                self.decoder.decode_to_utf8(&self.raw[self.raw_at..], out, self.ended);
            self.raw_at += read;
            self.finished = self.ended && result == CoderResult::InputEmpty;
            if written > 0 || self.finished {
                return Ok(written);
            }
        }
    }
}

fn read_xlsx(
    file: &RosterFile,
    take: &mut dyn FnMut(Row) -> Result<(), FileProblem>,
) -> Result<(), FileProblem> {
    let mut places_found = None;
    xlsx::read(file.open()?, &mut |row, cells| match &places_found {
        _ if cells.iter().all(|c| c.trim().is_empty()) => Ok(()),
        None => {
            places_found = Some(places(&cells)?);
            Ok(())
        }
        Some(places) => take((row, pick(&cells, places))),
    })?;
    if places_found.is_none() { Err(FileProblem::Column(COLUMNS[0].0)) } else { Ok(()) }
}
