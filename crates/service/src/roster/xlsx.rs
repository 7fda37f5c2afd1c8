//! A spreadsheet's first sheet, row by row, in bounded memory whatever the file claims.
//!
//! Of ECMA-376 this reads what a roster needs: the workbook's first worksheet, its cells' values as text, and the texts that cells
//! share. Formats, formulas and dates are not looked at.

use std::{
    borrow::Cow,
    io::{self, BufRead, BufReader, Read, Seek},
};

use quick_xml::{
    Reader, XmlVersion,
    escape::resolve_predefined_entity,
    events::{BytesRef, BytesStart, Event},
};
use zip::{ZipArchive, read::ZipFile};

use super::source::FileProblem;

/// Most bytes that the texts which cells share may take, with four for each text's place: a million candidates' take 90 MB.
const SHARED_BYTES: usize = 128 << 20;
/// Most bytes of one cell: 32,767 characters, as spreadsheet programs have it.
const CELL_BYTES: usize = 4 * 32_767;
/// Most bytes of one tag, or of one text between two.
const EVENT_BYTES: usize = 2 * CELL_BYTES;
/// Most bytes of one file in the archive, unpacked: 500,000 rows have a tenth.
const PART_BYTES: u64 = 2 << 30;
/// Elements within elements: a sheet has seven.
const DEEPEST: usize = 32;
/// Most columns that are looked at: far columns of a roster hold nothing that is needed, and a file may claim any.
const COLUMNS: usize = 256;

const WORKSHEET: &str = "/worksheet";
const SHARED_STRINGS: &str = "/sharedStrings";
const OFFICE_DOCUMENT: &str = "/officeDocument";

/// Calls `take` with each row's number, from 1, and its cells; rows without any cell are left out.
pub(super) fn read(
    file: impl BufRead + Seek,
    take: &mut dyn FnMut(u64, Vec<String>) -> Result<(), FileProblem>,
) -> Result<(), FileProblem> {
    let mut archive = open(file)?;
    let package = relations(&mut archive, "_rels/.rels", "")?;
    let book = package
        .iter()
        .find(|r| r.kind.ends_with(OFFICE_DOCUMENT))
        .ok_or_else(|| wrong("it has no workbook"))?
        .target
        .clone();
    let (folder, name) = book.rsplit_once('/').unwrap_or(("", &book));
    let parts = relations(&mut archive, &format!("{folder}/_rels/{name}.rels"), folder)?;
    let sheet = first_sheet(&mut archive, &book, &parts)?;
    let shared = match parts.iter().find(|r| r.kind.ends_with(SHARED_STRINGS)) {
        Some(part) => Shared::read(&mut archive, &part.target)?,
        None => Shared::default(),
    };
    read_sheet(&mut archive, &sheet, &shared, take)
}

fn wrong(what: &'static str) -> FileProblem {
    FileProblem::Xlsx(what)
}

fn open<R: BufRead + Seek>(mut file: R) -> Result<ZipArchive<R>, FileProblem> {
    /// How compound files begin: spreadsheets of before 2007, and those behind a password.
    const COMPOUND: &[u8] = &[0xd0, 0xcf, 0x11, 0xe0];
    if file.fill_buf()?.starts_with(COMPOUND) {
        return Err(FileProblem::Locked);
    }
    ZipArchive::new(file).map_err(|_| wrong("it is not a ZIP archive"))
}

/// A file of the archive that another one names.
struct Relation {
    id: String,
    kind: String,
    target: String,
}

fn relations<R: Read + Seek>(
    archive: &mut ZipArchive<R>,
    path: &str,
    folder: &str,
) -> Result<Vec<Relation>, FileProblem> {
    /// A workbook has some for each sheet.
    const MOST: usize = 10_000;
    let mut part = Part::open(archive, path)?;
    let mut relations = Vec::new();
    loop {
        match part.next()? {
            Event::Start(tag) if tag.local_name().as_ref() == "Relationship" => {
                let target = attribute(&tag, "Target")?.unwrap_or_default();
                relations.push(Relation {
                    id: attribute(&tag, "Id")?.unwrap_or_default(),
                    kind: attribute(&tag, "Type")?.unwrap_or_default(),
                    target: beside(folder, &target),
                });
                if relations.len() > MOST {
                    return Err(wrong("it has too many parts"));
                }
            }
            Event::Eof => return Ok(relations),
            _ => {}
        }
    }
}

/// The path in the archive of what a file in `folder` calls `target`.
fn beside(folder: &str, target: &str) -> String {
    let whole = match target.strip_prefix('/') {
        Some(absolute) => absolute.to_owned(),
        None => format!("{folder}/{target}"),
    };
    let mut path: Vec<&str> = Vec::new();
    for step in whole.split('/') {
        match step {
            "" | "." => {}
            ".." => drop(path.pop()),
            step => path.push(step),
        }
    }
    path.join("/")
}

fn first_sheet<R: Read + Seek>(
    archive: &mut ZipArchive<R>,
    book: &str,
    parts: &[Relation],
) -> Result<String, FileProblem> {
    let mut part = Part::open(archive, book)?;
    loop {
        match part.next()? {
            Event::Start(tag) if tag.local_name().as_ref() == "sheet" => {
                let id = relation_id(&tag)?;
                let found = parts.iter().find(|r| Some(&r.id) == id.as_ref() && r.kind.ends_with(WORKSHEET));
                if let Some(sheet) = found {
                    return Ok(sheet.target.clone());
                }
            }
            Event::Eof => return Err(wrong("it has no sheet")),
            _ => {}
        }
    }
}

/// The texts that cells share, end to end.
#[derive(Default)]
struct Shared {
    text: String,
    ends: Vec<u32>,
}

impl Shared {
    fn read<R: Read + Seek>(archive: &mut ZipArchive<R>, path: &str) -> Result<Shared, FileProblem> {
        let mut part = Part::open(archive, path)?;
        let mut shared = Shared::default();
        loop {
            match part.next()? {
                Event::Start(tag) if tag.local_name().as_ref() == "si" => {
                    shared.text.push_str(&part.text_to_end_of("si")?);
                    let end = u32::try_from(shared.text.len()).map_err(|_| FileProblem::TooMuchText)?;
                    shared.ends.push(end);
                    if shared.text.len() + size_of_val(shared.ends.as_slice()) > SHARED_BYTES {
                        return Err(FileProblem::TooMuchText);
                    }
                }
                Event::Eof => return Ok(shared),
                _ => {}
            }
        }
    }

    fn get(&self, place: usize) -> Option<&str> {
        let end = *self.ends.get(place)? as usize;
        let start = if place == 0 { 0 } else { self.ends[place - 1] as usize };
        self.text.get(start..end)
    }
}

fn read_sheet<R: Read + Seek>(
    archive: &mut ZipArchive<R>,
    path: &str,
    shared: &Shared,
    take: &mut dyn FnMut(u64, Vec<String>) -> Result<(), FileProblem>,
) -> Result<(), FileProblem> {
    let mut part = Part::open(archive, path)?;
    let (mut row, mut cells) = (0, Vec::new());
    let mut column = 0;
    loop {
        match part.next()? {
            Event::Start(tag) if tag.local_name().as_ref() == "row" => {
                row = match attribute(&tag, "r")? {
                    Some(told) => told.parse::<u32>().map_err(|_| wrong("a row has no number"))?.into(),
                    None => row + 1,
                };
                column = 0;
            }
            Event::End(tag) if tag.local_name().as_ref() == "row" && !cells.is_empty() => {
                take(row, std::mem::take(&mut cells))?;
            }
            Event::Start(tag) if tag.local_name().as_ref() == "c" => {
                if let Some(place) = attribute(&tag, "r")? {
                    column = column_of(&place).ok_or_else(|| wrong("a cell has no place"))?;
                }
                let kind = attribute(&tag, "t")?;
                let value = part.value(kind.as_deref(), shared)?;
                if column < COLUMNS {
                    if cells.len() <= column {
                        cells.resize(column + 1, String::new());
                    }
                    cells[column] = value;
                }
                column += 1;
            }
            Event::Eof => return Ok(()),
            _ => {}
        }
    }
}

/// The column, from 0, of a place such as `AB12`.
fn column_of(place: &str) -> Option<usize> {
    let letters = place.bytes().take_while(u8::is_ascii_alphabetic);
    let column =
        letters.map(|l| usize::from(l.to_ascii_uppercase() - b'A') + 1).try_fold(0usize, |sum, l| {
            // Three letters are the most that there are.
            Some(sum * 26 + l).filter(|sum| *sum <= 26 * 26 * 27)
        })?;
    column.checked_sub(1)
}

/// A file of the archive, read tag by tag.
struct Part<'a, R: Read + Seek> {
    xml: Reader<Bounded<BufReader<ZipFile<'a, R>>>>,
    event: Vec<u8>,
    depth: usize,
}

impl<'a, R: Read + Seek> Part<'a, R> {
    /// Programs write the paths of one archive with other capitals, and with backslashes.
    fn open(archive: &'a mut ZipArchive<R>, path: &str) -> Result<Part<'a, R>, FileProblem> {
        let is = |name: &str| name.replace('\\', "/").trim_start_matches('/').eq_ignore_ascii_case(path);
        let name = archive.file_names().flatten().find(|name| is(name)).map(Cow::into_owned);
        let name = name.ok_or_else(|| wrong("a part of it is missing"))?;
        let file = archive.by_name(&name).map_err(|_| wrong("a part of it is damaged"))?;
        let mut xml =
            Reader::from_reader(Bounded { inner: BufReader::new(file), event: 0, part: PART_BYTES });
        xml.config_mut().expand_empty_elements = true;
        Ok(Part { xml, event: Vec::new(), depth: 0 })
    }

    fn next(&mut self) -> Result<Event<'_>, FileProblem> {
        self.event.clear();
        self.xml.get_mut().event = EVENT_BYTES;
        let event =
            self.xml.read_event_into(&mut self.event).map_err(|_| wrong("a part of it is damaged"))?;
        match event {
            Event::Start(_) if self.depth == DEEPEST => return Err(wrong("a part of it is damaged")),
            Event::Start(_) => self.depth += 1,
            Event::End(_) => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        Ok(event)
    }

    /// What a cell shows, once its tag is read, to its end.
    fn value(&mut self, kind: Option<&str>, shared: &Shared) -> Result<String, FileProblem> {
        let mut value = String::new();
        loop {
            match self.next()? {
                Event::Start(tag) if tag.local_name().as_ref() == "v" => {
                    value = self.plain_text_to_end_of("v")?;
                }
                Event::Start(tag) if tag.local_name().as_ref() == "is" => {
                    return self.text_to_end_of("is");
                }
                Event::End(tag) if tag.local_name().as_ref() == "c" => break,
                Event::Eof => return Err(wrong("it ends early")),
                _ => {}
            }
        }
        Ok(match kind {
            Some("s") => {
                let place = value.trim().parse().ok();
                let text = place.and_then(|place| shared.get(place));
                text.ok_or_else(|| wrong("a cell's text is missing"))?.to_owned()
            }
            None | Some("n") => number(value),
            // An error, such as a division by nothing.
            Some("e") => String::new(),
            Some(_) => unescaped(value),
        })
    }

    /// The text of the `t` inside, without how characters are pronounced.
    fn text_to_end_of(&mut self, element: &str) -> Result<String, FileProblem> {
        let mut text = String::new();
        let mut spoken = false;
        loop {
            match self.next()? {
                Event::Start(tag) if tag.local_name().as_ref() == "rPh" => spoken = true,
                Event::End(tag) if tag.local_name().as_ref() == "rPh" => spoken = false,
                Event::Start(tag) if tag.local_name().as_ref() == "t" && !spoken => {
                    text += &self.plain_text_to_end_of("t")?;
                    bound(&text)?;
                }
                Event::End(tag) if tag.local_name().as_ref() == element => return Ok(unescaped(text)),
                Event::Eof => return Err(wrong("it ends early")),
                _ => {}
            }
        }
    }

    fn plain_text_to_end_of(&mut self, element: &str) -> Result<String, FileProblem> {
        let mut text = String::new();
        loop {
            match self.next()? {
                Event::Text(piece) => text += &piece.xml10_content(),
                Event::CData(piece) => text += &piece.xml10_content(),
                Event::GeneralRef(reference) => text += &character(&reference)?,
                Event::End(tag) if tag.local_name().as_ref() == element => return Ok(text),
                Event::Eof => return Err(wrong("it ends early")),
                _ => {}
            }
            bound(&text)?;
        }
    }
}

fn bound(text: &str) -> Result<(), FileProblem> {
    if text.len() > CELL_BYTES { Err(wrong("a cell is longer than a spreadsheet allows")) } else { Ok(()) }
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> Result<Option<String>, FileProblem> {
    let found = tag.try_get_attribute(name).map_err(|_| wrong("a part of it is damaged"))?;
    found
        .map(|a| {
            a.normalized_value(XmlVersion::Implicit1_0)
                .map(Into::into)
                .map_err(|_| wrong("a part of it is damaged"))
        })
        .transpose()
}

/// `r:id`, whatever stands for `r`.
fn relation_id(tag: &BytesStart<'_>) -> Result<Option<String>, FileProblem> {
    for found in tag.attributes().with_checks(false) {
        let found = found.map_err(|_| wrong("a part of it is damaged"))?;
        if found.key.prefix().is_some() && found.key.local_name().as_ref() == "id" {
            return Ok(Some(found.value.into_owned()));
        }
    }
    Ok(None)
}

fn character(reference: &BytesRef<'_>) -> Result<String, FileProblem> {
    match (resolve_predefined_entity(reference.as_ref()), reference.resolve_char_ref()) {
        (Some(text), _) => Ok(text.to_owned()),
        (None, Ok(Some(character))) => Ok(character.to_string()),
        // Entities that a file defines itself are how small files are made to grow.
        _ => Err(wrong("it holds a character of its own making")),
    }
}

/// Whole numbers without a decimal point or an exponent, since spreadsheets keep phone numbers as numbers.
fn number(value: String) -> String {
    let digits_only = value.bytes().all(|b| b.is_ascii_digit());
    match value.parse::<f64>() {
        _ if digits_only => value,
        Ok(n) if n.fract() == 0.0 && n.abs() < 1e17 => format!("{n:.0}"),
        Ok(n) => n.to_string(),
        Err(_) => value,
    }
}

/// Spreadsheets write what XML cannot hold, and what looks like that, as `_x` and the four digits of a UTF-16 unit.
fn unescaped(text: String) -> String {
    if !text.contains("_x") {
        return text;
    }
    let mut units: Vec<u16> = Vec::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(first) = rest.chars().next() {
        let unit = rest
            .strip_prefix("_x")
            .and_then(|r| Some((r.get(..4)?, r.get(4..)?.strip_prefix('_')?)))
            .and_then(|(digits, after)| Some((u16::from_str_radix(digits, 16).ok()?, after)));
        if let Some((unit, after)) = unit {
            units.push(unit);
            rest = after;
        } else {
            units.extend_from_slice(first.encode_utf16(&mut [0; 2]));
            rest = &rest[first.len_utf8()..];
        }
    }
    String::from_utf16_lossy(&units)
}

/// A reader that gives up when one event, or all of them, take more bytes than they may.
struct Bounded<R> {
    inner: R,
    event: usize,
    part: u64,
}

impl<R: BufRead> Read for Bounded<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let given = self.fill_buf()?.read(out)?;
        self.consume(given);
        Ok(given)
    }
}

impl<R: BufRead> BufRead for Bounded<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let bytes = self.inner.fill_buf()?;
        if !bytes.is_empty() && (self.event == 0 || self.part == 0) {
            return Err(io::Error::other("longer than it may be"));
        }
        Ok(bytes)
    }

    fn consume(&mut self, amount: usize) {
        self.event = self.event.saturating_sub(amount);
        self.part = self.part.saturating_sub(amount as u64);
        self.inner.consume(amount);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::io::{Cursor, Write};

    use proptest::prelude::*;
    use rust_xlsxwriter::Workbook;
    use zip::{ZipWriter, write::SimpleFileOptions};

    use super::*;

    type Rows = Vec<(u64, Vec<String>)>;

    fn rows(file: &[u8]) -> Result<Rows, FileProblem> {
        let mut rows = Vec::new();
        read(Cursor::new(file), &mut |row, cells| {
            rows.push((row, cells));
            Ok(())
        })?;
        Ok(rows)
    }

    fn zipped(parts: &[(&str, &str)]) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in parts {
            zip.start_file(*name, SimpleFileOptions::default()).unwrap();
            zip.write_all(content.as_bytes()).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    const PACKAGE: (&str, &str) = (
        "_rels/.rels",
        r#"<Relationships><Relationship Id="r" Type="http://x/officeDocument" Target="xl/workbook.xml"/></Relationships>"#,
    );
    const BOOK: (&str, &str) = (
        "xl/workbook.xml",
        r#"<workbook xmlns:r="x"><sheets><sheet name="a" sheetId="1" r:id="s"/></sheets></workbook>"#,
    );
    const PARTS: (&str, &str) = (
        "xl/_rels/workbook.xml.rels",
        r#"<Relationships>
            <Relationship Id="s" Type="http://x/worksheet" Target="worksheets/one.xml"/>
            <Relationship Id="t" Type="http://x/sharedStrings" Target="/xl/sharedStrings.xml"/>
        </Relationships>"#,
    );

    fn book(sheet: &str, shared: &str) -> Vec<u8> {
        let sheet = format!("<worksheet><sheetData>{sheet}</sheetData></worksheet>");
        let shared = format!("<sst uniqueCount=\"9999999999999999\">{shared}</sst>");
        zipped(&[PACKAGE, BOOK, PARTS, ("xl/worksheets/one.xml", &sheet), ("xl/sharedStrings.xml", &shared)])
    }

    #[test]
    fn texts_are_read_however_a_program_keeps_them() {
        let shared = r#"<si><t>甲</t></si><si/><si><r><t>欧阳</t></r><r><rPr/><t xml:space="preserve"> 明</t></r><rPh sb="0"><t>ming</t></rPh></si>
            <si><t><![CDATA[a<b]]>&amp;&#x4E59;_x000D__xD842__xDFB7__x005F_x1_</t></si>"#;
        let sheet = r#"
            <row r="2"><c r="A2" t="s"><v>0</v></c><c r="C2" t="s"><v>2</v></c><c t="s"><v>3</v></c></row>
            <row><c t="inlineStr"><is><t>x</t></is></c><c/><c t="s"><v>1</v></c><c t="str"><f>A1</f><v>y</v></c></row>
            <row r="9"/>
            <row r="10"><c r="AA10"><v>13800000000</v></c><c><v>1.38E10</v></c><c><v>110000199003071000</v></c><c><v>0.5</v></c><c t="e"><v>#N/A</v></c><c r="ZZ10"><v>1</v></c></row>"#;
        let found = rows(&book(sheet, shared)).unwrap();
        let text = |cells: &[&str]| cells.iter().map(|c| (*c).to_owned()).collect::<Vec<_>>();
        assert_eq!(found[0], (2, text(&["甲", "", "欧阳 明", "a<b&乙\r𠮷_x1_"])));
        assert_eq!(found[1], (3, text(&["x", "", "", "y"])));
        assert_eq!(found[2].0, 10);
        assert_eq!(found[2].1[26..], text(&["13800000000", "13800000000", "110000199003071000", "0.5", ""]));
        assert_eq!(found.len(), 3);
    }

    #[test]
    fn names_and_prefixes_are_as_free_as_programs_take_them() {
        let parts = [
            ("_RELS\\.rels", PACKAGE.1),
            (
                "XL\\Workbook.xml",
                r#"<x:workbook xmlns:q="x"><x:sheets><x:sheet q:id="chart"/><x:sheet id="no" q:id="s"/></x:sheets></x:workbook>"#,
            ),
            (
                "xl\\_rels\\workbook.xml.rels",
                r#"<Relationships><Relationship Id="chart" Type="http://x/chartsheet" Target="c.xml"/>
                    <Relationship Id="s" Type="http://x/worksheet" Target="../xl/./worksheets/One.xml"/></Relationships>"#,
            ),
            (
                "xl\\worksheets\\one.xml",
                r#"<x:worksheet><x:row><x:c><x:v>7</x:v></x:c></x:row></x:worksheet>"#,
            ),
        ];
        assert_eq!(rows(&zipped(&parts)).unwrap(), [(1, vec!["7".to_owned()])]);
    }

    #[test]
    fn what_claims_or_holds_too_much_is_refused() {
        let cell = |inner: &str| book(&format!("<row><c>{inner}</c></row>"), "");
        let long = "a".repeat(2 * EVENT_BYTES);
        let entities = format!("<v>{}</v>", "&amp;".repeat(CELL_BYTES + 1));
        let cases = [
            cell(&"<a>".repeat(DEEPEST + 1)),
            cell(&format!("<v>{long}</v>")),
            cell(&format!("<v {long}=\"\"/>")),
            cell(&entities),
            cell("<v>&mine;</v>"),
            cell("<v>1"),
            book("<row r='99999999999'/>", ""),
            book("<row><c r='XFDXFDXFD1'/></row>", ""),
            book("<row><c r='1'/></row>", ""),
            book("<row><c t='s'><v>1</v></c></row>", "<si><t>a</t></si>"),
            book("<row><c t='s'><v>-1</v></c></row>", "<si><t>a</t></si>"),
            zipped(&[PACKAGE]),
            zipped(&[PACKAGE, BOOK]),
            zipped(&[PACKAGE, BOOK, PARTS]),
            zipped(&[(PACKAGE.0, "<Relationships/>")]),
            zipped(&[(PACKAGE.0, "\u{0}<<<")]),
            b"PK".to_vec(),
            Vec::new(),
        ];
        for (n, case) in cases.iter().enumerate() {
            assert!(matches!(rows(case), Err(FileProblem::Xlsx(_))), "case {n}: {:?}", rows(case));
        }
        let locked = [&[0xd0, 0xcf, 0x11, 0xe0][..], &[0; 600]].concat();
        assert!(matches!(rows(&locked), Err(FileProblem::Locked)));
    }

    #[test]
    fn shared_texts_beyond_the_memory_for_them_are_told() {
        let one = format!("<si><t>{}</t></si>", "a".repeat(CELL_BYTES));
        let shared = one.repeat(SHARED_BYTES / CELL_BYTES + 1);
        assert!(matches!(rows(&book("", &shared)), Err(FileProblem::TooMuchText)));
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

        #[test]
        fn what_another_program_writes_is_read_back(cells in prop::collection::vec("\\PC{1,20}|[\u{0}-\u{7f}]{1,9}|_x00[0-9A-F]{2}_", 1..40)) {
            let mut written = Workbook::new();
            let sheet = written.add_worksheet();
            for (row, cell) in (0u32..).zip(&cells) {
                sheet.write_string(row, 3, cell).unwrap();
            }
            let found = rows(&written.save_to_buffer().unwrap()).unwrap();
            prop_assert_eq!(found.len(), cells.len());
            for ((row, found), (number, cell)) in found.iter().zip((1u64..).zip(&cells)) {
                prop_assert_eq!((*row, &found[3]), (number, cell));
            }
        }

        #[test]
        fn no_file_makes_it_panic(at in any::<prop::sample::Index>(), value in any::<u8>(), sheet in "(<row( r=\"[0-9]{0,12}\")?>|</row>|<c( r=\"[A-Z]{0,9}[0-9]{0,3}\")?( t=\"(s|str|inlineStr|e|n)\")?>|</c>|<v>|</v>|<is>|</is>|<t>|</t>|[0-9]{0,20}|&[a-z#x0-9]{0,4};|_x[0-9A-F]{0,4}_?){0,40}") {
            let mut file = book(&sheet, "<si><t>a</t></si>");
            let _ = rows(&file);
            let at = at.index(file.len());
            file[at] = value;
            let _ = rows(&file);
        }
    }
}
