//! Rosters as the office uploads them.

use std::{
    io::{Cursor, Write as _},
    sync::LazyLock,
};

use bytes::Bytes;
use service::{
    SystemClock,
    roster::{FileProblem, Imported, RosterFile, Unfollowed, import},
};
use store::{ImportHow, testing::TestDatabase};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use crate::wait;

/// Imports on trial, which writes nothing.
fn tried(name: &str, file: &[u8]) -> Result<Imported, FileProblem> {
    static DATABASE: LazyLock<TestDatabase> = LazyLock::new(|| wait(TestDatabase::sqlite()));
    let store = DATABASE.store();
    let file = RosterFile::uploaded(name, Bytes::copy_from_slice(file))?;
    let how = ImportHow { dry_run: true, ..ImportHow::default() };
    wait(import(&store, "fuzz", &file, how, &SystemClock, &mut Unfollowed))
}

/// What must hold of every import: no more rows than the file has room for, each row goes one way, problems are told in order and no more
/// than a thousand, trouble is the file's own and never the database's or a thread's, and importing again tells the same.
fn holds(name: &str, file: &[u8], most_rows: usize) {
    let first = tried(name, file);
    match &first {
        Ok(done) => {
            let counts = &done.counts;
            assert!(counts.read <= most_rows as u64, "{} rows of {most_rows}", counts.read);
            let taken = counts.added + counts.changed + counts.unchanged + counts.kept;
            assert_eq!(counts.read, taken + counts.refused);
            assert_eq!(done.problems.len() as u64, counts.refused.min(1000));
            assert!(done.problems.is_sorted_by_key(|problem| problem.row));
        }
        Err(FileProblem::Io(error)) => panic!("reading broke off: {error}"),
        Err(FileProblem::Store(error)) => panic!("the database failed: {error}"),
        Err(problem) => drop(problem.told()),
    }
    let told = |outcome: &Result<Imported, FileProblem>| match outcome {
        Ok(done) => Ok(done.clone()),
        Err(problem) => Err(problem.to_string()),
    };
    assert_eq!(told(&first), told(&tried(name, file)), "a second import differs");
}

/// A roster as CSV, in whatever encoding: as [`roster_xlsx`]; there are no more rows than lines.
pub fn roster_csv(data: &[u8]) {
    holds("roster.csv", data, data.iter().filter(|byte| **byte == b'\n').count() + 1);
}

/// A roster as XLSX, whole: whatever the archive claims or unpacks to, it is read or it is told what is wrong with it, in bounded memory;
/// each row goes one way; a second import tells the same.
pub fn roster_xlsx(data: &[u8]) {
    // Deflate makes a thousand bytes of one at most, and a row with a cell takes a few.
    holds("roster.xlsx", data, data.len() * 1032);
}

/// The parts of an XLSX file, unpacked, with a byte 255 between them: sheet, shared texts, workbook, its relations, the package's. A part
/// that is missing is a good one. As [`roster_xlsx`]: mutations of a packed file seldom get past its checksums.
pub fn roster_sheets(data: &[u8]) {
    const PARTS: [(&str, &str); 5] = [
        ("xl/worksheets/sheet1.xml", "<worksheet/>"),
        ("xl/sharedStrings.xml", "<sst><si><t>x</t></si></sst>"),
        (
            "xl/workbook.xml",
            r#"<workbook xmlns:r="r"><sheets><sheet name="a" sheetId="1" r:id="s"/></sheets></workbook>"#,
        ),
        (
            "xl/_rels/workbook.xml.rels",
            r#"<Relationships><Relationship Id="s" Type="http://x/worksheet" Target="worksheets/sheet1.xml"/>
                <Relationship Id="t" Type="http://x/sharedStrings" Target="sharedStrings.xml"/></Relationships>"#,
        ),
        (
            "_rels/.rels",
            r#"<Relationships><Relationship Id="b" Type="http://x/officeDocument" Target="xl/workbook.xml"/></Relationships>"#,
        ),
    ];
    let mut given = data.split(|byte| *byte == 255);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, good) in PARTS {
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        zip.start_file(name, options).expect("memory takes a file");
        zip.write_all(given.next().unwrap_or(good.as_bytes())).expect("memory takes its bytes");
    }
    let file = zip.finish().expect("memory takes an end").into_inner();
    let rows = data.windows(3).filter(|window| window == b"row").count();
    holds("roster.xlsx", &file, rows);
}
