//! Rosters from files: both formats, both encodings, every wrong row told by row and column, nothing of its values repeated.

#![allow(clippy::unwrap_used, missing_docs)]

use std::{io::Write as _, path::Path};

use domain::{IdNumber, PhoneNumber, id_number::check_character};
use partners::registration::{CollectionResult, Completion, Pushed, RegistrationSystem};
use rust_xlsxwriter::Workbook;
use service::{
    SystemClock,
    roster::{self, FileProblem, Roster, RosterFile, Unfollowed},
};
use store::{ConsentText, ExamSession, ImportHow, Office, Store, testing::TestDatabase};

const EXAM: &str = "roster-2026";

fn number(n: u32) -> String {
    let first = format!("110000{}0307{:03}", 1960 + n / 800, 100 + n % 800);
    format!("{first}{}", check_character(&first).unwrap())
}

fn row(n: u32) -> [String; 7] {
    [
        format!("r{n:04}"),
        "样·本一".to_owned(),
        number(n),
        "汉族".to_owned(),
        "某省某市某路1号".to_owned(),
        format!("138{n:08}"),
        "专升本".to_owned(),
    ]
}

const HEADINGS: &str = "报名号,姓名,身份证号,民族,住址,手机号,层次";

async fn exam(store: &Store) {
    let text = ConsentText { version: "v1".to_owned(), text: "{}".to_owned() };
    let exam = ExamSession {
        id: EXAM.to_owned(),
        name: "成人高考".to_owned(),
        office: Office { name: "某市成招办".to_owned(), phone: "0000".to_owned() },
        standard: "chengkao".to_owned(),
        attempts_allowed: 5,
        agreement: text.clone(),
        privacy: text.clone(),
        face_consent: text,
        open: true,
        closes_at: None,
        cards: None,
        inspection: domain::Inspection::Off,
        two_eyes: false,
    };
    store.put_exam_session(&exam, jiff::Timestamp::now()).await.unwrap();
}

fn write(path: &Path, bytes: &[u8]) {
    std::fs::File::create(path).unwrap().write_all(bytes).unwrap();
}

async fn import(store: &Store, path: &Path) -> Result<roster::Imported, FileProblem> {
    let file = RosterFile::at(path)?;
    roster::import(store, EXAM, &file, ImportHow::default(), &SystemClock, &mut Unfollowed).await
}

#[tokio::test]
async fn csv_in_either_encoding_and_xlsx_are_the_same_roster() {
    for database in TestDatabase::both().await {
        let store = database.store();
        exam(&store).await;
        let rows: Vec<[String; 7]> = (0..1203).map(row).collect();
        let csv: String = std::iter::once(HEADINGS.to_owned())
            .chain(rows.iter().map(|r| r.join(",")))
            .collect::<Vec<_>>()
            .join("\r\n");
        let utf8 = database.folder().join("utf8.csv");
        write(&utf8, format!("\u{feff}{csv}").as_bytes());
        let first = import(&store, &utf8).await.unwrap();
        assert_eq!((first.counts.added, first.problems.len()), (1203, 0));

        let gb = database.folder().join("gb.csv");
        write(&gb, &encoding_rs::GB18030.encode(&csv).0);
        assert_eq!(import(&store, &gb).await.unwrap().counts.unchanged, 1203);

        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        for (column, heading) in (0u16..).zip(HEADINGS.split(',')) {
            sheet.write_string(0, column, heading).unwrap();
        }
        for (n, row) in (1u32..).zip(&rows) {
            for (column, cell) in (0u16..).zip(row) {
                // Spreadsheets keep phones as numbers.
                match column {
                    5 => sheet.write_number(n, column, cell.parse::<f64>().unwrap()).unwrap(),
                    _ => sheet.write_string(n, column, cell).unwrap(),
                };
            }
        }
        let xlsx = database.folder().join("roster.xlsx");
        book.save(&xlsx).unwrap();
        assert_eq!(import(&store, &xlsx).await.unwrap().counts.unchanged, 1203);

        for name in ["out.csv", "out.xlsx"] {
            let out = database.folder().join(name);
            assert_eq!(roster::export(&store, EXAM, &out).await.unwrap(), 1203);
            assert_eq!(
                import(&store, &out).await.unwrap().counts.unchanged,
                1203,
                "{name} comes back as it went"
            );
        }
    }
}

#[tokio::test]
async fn a_wrong_row_is_told_by_row_and_column_and_the_others_are_taken() {
    let database = TestDatabase::sqlite().await;
    let store = database.store();
    exam(&store).await;
    let wrong = |n: u32, column: usize, value: &str| {
        let mut row = row(n);
        row[column] = value.to_owned();
        row.join(",")
    };
    let lines = [
        HEADINGS.to_owned(),
        row(1).join(","),
        wrong(2, 2, "110000199003071000"),
        String::new(),
        wrong(3, 5, "0280000"),
        wrong(4, 3, "汉汉"),
        format!("{},\"a note\nof two lines\"", wrong(5, 6, "本科")),
        wrong(6, 1, ""),
        wrong(7, 5, &row(1)[5]),
        wrong(8, 2, "1.10000199003071E+17"),
        row(9).join(","),
    ];
    let path = database.folder().join("wrong.csv");
    write(&path, lines.join("\r\n").as_bytes());
    let imported = import(&store, &path).await.unwrap();
    let told: Vec<(u64, &str)> = imported.problems.iter().map(|p| (p.row, p.column)).collect();
    assert_eq!(imported.counts.added, 2);
    assert_eq!(
        told,
        [
            (3, "身份证号码"),
            (5, "手机号码"),
            (6, "民族"),
            (7, "层次"),
            (9, "姓名"),
            (10, "手机号码"),
            (11, "身份证号码")
        ]
    );
    assert!(imported.problems[6].problem.en.contains("format the column as text"));
    for problem in &imported.problems {
        assert!(
            !problem.problem.en.contains("110000") && !problem.problem.zh.contains("110000"),
            "values are not repeated"
        );
    }
}

#[tokio::test]
async fn files_that_are_no_roster_are_told() {
    let database = TestDatabase::sqlite().await;
    let store = database.store();
    exam(&store).await;
    let folder = database.folder();
    let cases: [(&str, &[u8], &str); 4] = [
        ("a.pdf", b"x", "the file's name ends neither in .csv nor in .xlsx"),
        ("empty.csv", b"", "the first row names no column 报名号"),
        ("headless.csv", "报名号,姓名\nr1,x".as_bytes(), "the first row names no column 身份证号码"),
        ("not.xlsx", b"not a zip", "this is not an XLSX file"),
    ];
    for (name, bytes, told) in cases {
        let path = folder.join(name);
        write(&path, bytes);
        let error = import(&store, &path).await.unwrap_err().to_string();
        assert!(error.starts_with(told), "{name}: {error}");
    }
}

#[tokio::test]
async fn the_roster_takes_the_cards_values_once() {
    let database = TestDatabase::sqlite().await;
    let store = database.store();
    exam(&store).await;
    let path = database.folder().join("one.csv");
    write(&path, format!("{HEADINGS}\n{}", row(1).join(",")).as_bytes());
    import(&store, &path).await.unwrap();
    let system = Roster::new(store.clone(), std::sync::Arc::new(SystemClock));
    let phone = PhoneNumber::parse(&row(1)[5]).unwrap();
    let found = system.find_by_phone(EXAM, &phone).await.unwrap().unwrap();
    assert_eq!(found.number, IdNumber::parse(&number(1)).unwrap());
    assert!(system.find_by_phone("another", &phone).await.unwrap().is_none());
    let result = CollectionResult {
        idempotency_key: "k".to_owned(),
        exam_session: EXAM.to_owned(),
        registration_id: "r0001".to_owned(),
        completed_at: jiff::Timestamp::now(),
        completion: Completion::Verified,
        ethnicity: None,
        address: Some("某省某市新路2号".to_owned()),
        photo: Vec::new(),
    };
    assert_eq!(system.push(&result).await.unwrap(), Pushed::Taken);
    assert_eq!(system.push(&result).await.unwrap(), Pushed::TakenBefore);
    let after = system.find_by_phone(EXAM, &phone).await.unwrap().unwrap();
    assert_eq!((after.address.as_deref(), after.ethnicity), (Some("某省某市新路2号"), found.ethnicity));
}
