//! What is wrong with a file that is no TOML, in words for people who write their first one.

use toml::de::{DeTable, DeValue, Error};

use super::error::{Place, StandardError};

/// The error for a text that the parser refused.
pub(super) fn told(file: &str, text: &str, error: &Error) -> StandardError {
    let span = error.span().unwrap_or(0..0);
    let piece = text.get(span.clone()).unwrap_or_default();
    let at = |offset: usize, message: String| {
        let place = Place::at(file, text, offset);
        StandardError::Syntax { place, line: shortened(line_of(text, offset)), message }
    };
    // What stands in the source before the parser's own complaint, or in the same line, is nearer to the cause.
    let in_an_unquoted_text = |offset: usize| span.contains(&offset) && starts_as_text(piece);
    let line = |offset: usize| Place::at(file, text, offset).line_and_column.map(|(line, _)| line);
    if let Some((offset, message)) = scan(text)
        && line(offset) <= line(span.start)
        && !in_an_unquoted_text(offset)
    {
        return at(offset, message);
    }
    let message = error.message();
    if message.starts_with("duplicate key")
        && let Some((key, first)) = written_before(text, piece, span.start)
    {
        let first = line(first).unwrap_or(1);
        let remedy = format!("it is written already, in line {first}: delete one of the two");
        return Place::at(file, text, span.start).wrong(&key, remedy);
    }
    if message.contains("array")
        && let Some((offset, colour)) = bare_colour(text.get(..span.start).unwrap_or(text))
    {
        return at(offset, format!("a colour stands in double quotes: write \"{colour}\""));
    }
    // A list or table that is not closed is complained of where the next line begins: it is shown where it was opened.
    let opening = match message {
        message if message.contains("array") => Some('['),
        message if message.contains("key-value") => Some('{'),
        _ => None,
    };
    if let Some(opened) = opening.and_then(|sign| text.get(..span.start)?.rfind(sign)) {
        return at(opened, remedy(message, piece, "", ""));
    }
    let whole = line_of(text, span.start);
    let column =
        text.get(..span.start).map_or(0, |before| before.len() - before.rfind('\n').map_or(0, |at| at + 1));
    let (before, rest) = whole.split_at_checked(column).unwrap_or((whole, ""));
    at(span.start, remedy(message, piece, before, rest))
}

/// What to write instead, by what the parser says, the piece that it says it of, and what stands in that line before and behind
/// the piece's beginning.
fn remedy(message: &str, piece: &str, before: &str, rest: &str) -> String {
    const NUMBERS: &str = "a number is written like 390, -8 or 0.5, and a text in double quotes";
    let says = |beginning: &str| message.starts_with(beginning);
    if says("string values must be quoted") || says("invalid boolean") || says("invalid float") {
        unquoted(piece).unwrap_or_else(|| NUMBERS.to_owned())
    } else if says("key with no value") {
        let comment = before.trim_start().starts_with("//");
        if comment { "a comment begins with `#`" } else { "write `=` between a key and its value" }.to_owned()
    } else if says("invalid unquoted key") && !piece.is_ascii() {
        format!("`{piece}` is no key: the keys are English words, such as `width`, see docs/standards.md")
    } else if says("unclosed table") {
        "a heading closes with `]`, and its words are joined by dots: [checks.framing]".to_owned()
    } else if says("unexpected key or value") {
        match rest.trim_start().as_bytes().first() {
            Some(b',') if before.ends_with(|c: char| c.is_ascii_digit()) && rest.len() > 1 => {
                "a number holds no comma: write 20480, not 20,480".to_owned()
            }
            Some(sign @ (b',' | b';')) => {
                format!("nothing stands behind a value: delete the `{}`", char::from(*sign))
            }
            _ if before.trim_end().ends_with(['"', '\'']) => {
                "the text ends at its second quote: write quotes inside a text as “ ” or 「 」".to_owned()
            }
            _ => {
                "one line holds one key and its value: delete what follows, or write `#` before it".to_owned()
            }
        }
    } else if message.contains("key-value") || says("unclosed inline table") {
        "entries in { } are set apart by commas, and `}` closes them".to_owned()
    } else if message.contains("array") {
        "entries in [ ] are set apart by commas, and `]` closes them".to_owned()
    } else if says("invalid date") {
        "a date stands in double quotes: \"2025-08-01\"".to_owned()
    } else if says("unexpected leading zero") || says("redundant numeric sign") {
        NUMBERS.to_owned()
    } else if says("invalid fraction") || says("invalid mantissa") {
        "write a digit before and behind the point: 0.5".to_owned()
    } else if says("missing escaped value") || says("too few unicode") {
        "`\\` begins an escape in double quotes: write `\\\\`, or put the text in single quotes".to_owned()
    } else {
        format!("{message}: compare the line with docs/standards.md")
    }
}

/// What is wrong with a value that is neither a number nor in quotes.
fn unquoted(value: &str) -> Option<String> {
    if value.trim().is_empty() {
        return Some("there is no value behind `=`: write one, or delete the line".to_owned());
    }
    if starts_as_text(value) {
        return Some("a text stands in double quotes: write `\"` before it and behind it".to_owned());
    }
    if let Some(number) = value.trim_end().strip_suffix(';') {
        return Some(format!("nothing stands behind a value: write {number} without the `;`"));
    }
    if value.get(..5).is_some_and(|year| year.ends_with('-') && year[..4].parse::<u16>().is_ok()) {
        return Some("a date stands in double quotes: \"2025-08-01\"".to_owned());
    }
    if value.starts_with('±') {
        return Some("limits to both sides are written min = -8, max = 8".to_owned());
    }
    let digits = value.trim_start_matches(['+', '-']).find(|c: char| !(c.is_ascii_digit() || c == '.'));
    let (number, unit) = value.split_at(digits? + value.len() - value.trim_start_matches(['+', '-']).len());
    let unit = unit.trim();
    let amount: f64 = number.parse().ok()?;
    if ["k", "kb", "kib"].contains(&unit.to_ascii_lowercase().as_str()) {
        return Some(format!("bytes are written as a plain number: {number} KB are {}", amount * 1024.0));
    }
    let is_unit = unit.chars().all(|c| c.is_alphabetic() || "%°′".contains(c));
    is_unit.then(|| format!("a number stands without its unit: write {number}, not {number}{unit}"))
}

/// Whether a value begins with a letter, as words do that lack their quotes; full-width letters are another matter.
fn starts_as_text(value: &str) -> bool {
    value.chars().next().is_some_and(|c| c.is_alphabetic() && half_width(c).is_none())
}

/// The first place in the source, outside strings and comments, of a sign that only looks right, or of a quote without its end.
fn scan(text: &str) -> Option<(usize, String)> {
    let mut at = 0;
    loop {
        let rest = text.get(at..)?;
        let sign = rest.chars().next()?;
        at += match sign {
            '#' => rest.find('\n').unwrap_or(rest.len()),
            '"' | '\'' => match quoted(rest, sign) {
                Ok(length) => length,
                Err(message) => return Some((at, message)),
            },
            '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' => {
                let message = "an invisible sign stands here: write the line anew".to_owned();
                return Some((at, message));
            }
            _ => match half_width(sign) {
                Some(_) => return Some((at, full_width(rest))),
                None => sign.len_utf8(),
            },
        };
    }
}

/// The length of the string that begins here, quotes and all.
fn quoted(text: &str, quote: char) -> Result<usize, String> {
    let three = quote.to_string().repeat(3);
    let (open, many) = if text.starts_with(&three) { (3, true) } else { (1, false) };
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(open) {
        match c {
            _ if escaped => escaped = false,
            '\\' if quote == '"' => escaped = true,
            '\n' if !many => break,
            c if c == quote && !many => return Ok(at + 1),
            c if c == quote && text[at..].starts_with(&three) => {
                // Up to two quotes right before the closing ones belong to the text.
                return Ok(at + text[at..].chars().take(5).take_while(|c| *c == quote).count());
            }
            _ => {}
        }
    }
    let line = text.lines().next().unwrap_or_default();
    Err(match line.chars().find(|c| half_width(*c) == Some('"')) {
        Some(sign) => format!("this text is closed with `{sign}`: write the half-width `{quote}`"),
        None if many => format!("this text has no end: write `{three}` where it ends"),
        None => format!("this text has no closing quote: write `{quote}` at its end"),
    })
}

/// What to say of the signs at the beginning of `text`, as far as they follow each other.
fn full_width(text: &str) -> String {
    let signs: String = text.chars().take_while(|c| half_width(*c).is_some()).collect();
    let plain: String = signs.chars().filter_map(half_width).collect();
    if plain.trim().is_empty() {
        return "a full-width space stands here: write a half-width one".to_owned();
    }
    let (signs, plain) = (signs.trim(), plain.trim());
    let are = if signs.chars().count() > 1 { "signs" } else { "sign" };
    let is = if are == "sign" { "is" } else { "are" };
    format!("the {are} `{signs}` {is} full-width: write the half-width `{plain}`")
}

/// What a sign of Chinese typing stands for in TOML.
fn half_width(sign: char) -> Option<char> {
    Some(match sign {
        '“' | '”' | '„' | '‘' | '’' | '「' | '」' | '＂' | '＇' => '"',
        '：' => '=',
        '、' | '；' => ',',
        '。' => '.',
        '【' | '〔' => '[',
        '】' | '〕' => ']',
        '—' | '–' | '−' => '-',
        '\u{3000}' | '\u{a0}' => ' ',
        '！'..='～' => char::from_u32(u32::from(sign) - 0xFEE0)?,
        _ => return None,
    })
}

/// The first six-digit colour that begins a comment where an entry of a list should stand.
fn bare_colour(text: &str) -> Option<(usize, &str)> {
    text.match_indices('#').find_map(|(at, _)| {
        let opened = text[..at].trim_end().ends_with(['[', ',', '=']);
        let colour = text.get(at..at + 7)?;
        (opened && colour[1..].chars().all(|c| c.is_ascii_hexdigit())).then_some((at, colour))
    })
}

/// The key with its tables, and the offset of its first mention, of a key that comes a second time at `offset`.
fn written_before(text: &str, key: &str, offset: usize) -> Option<(String, usize)> {
    fn search(table: &DeTable<'_>, path: &str, key: &str, before: usize, best: &mut Option<(String, usize)>) {
        for (name, value) in table {
            let here = if path.is_empty() {
                name.get_ref().to_string()
            } else {
                format!("{path}.{}", name.get_ref())
            };
            let start = name.span().start;
            let later = best.as_ref().is_none_or(|(_, known)| start > *known);
            if name.get_ref().as_ref() == key && start < before && later {
                *best = Some((here.clone(), start));
            }
            if let DeValue::Table(inner) = value.get_ref() {
                search(inner, &here, key, before, best);
            }
        }
    }
    let heading = heading(line_of(text, offset));
    if heading.starts_with('[') {
        let mut begun = 0;
        let first = text.split_inclusive('\n').find_map(|line| {
            let here = begun;
            begun += line.len();
            (self::heading(line) == heading).then_some(here)
        });
        if let Some(first) = first.filter(|first| *first + heading.len() <= offset) {
            return Some((heading.trim_matches(['[', ']']).to_owned(), first));
        }
    }
    // The parser goes on after an error and keeps what came first; one table holds no name twice, so the nearest before is it.
    let (table, _) = DeTable::parse_recoverable(text);
    let mut best = None;
    search(table.get_ref(), "", key.trim_matches(['"', '\'']), offset, &mut best);
    best
}

/// A line without its comment.
fn heading(line: &str) -> &str {
    line.split('#').next().unwrap_or_default().trim()
}

/// The line around an offset.
fn line_of(text: &str, offset: usize) -> &str {
    let begin = text.get(..offset).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
    text.get(begin..).and_then(|rest| rest.lines().next()).unwrap_or_default()
}

fn shortened(line: &str) -> String {
    const MOST: usize = 60;
    let line = line.trim();
    if line.chars().count() <= MOST {
        return line.to_owned();
    }
    line.chars().take(MOST).chain(['…']).collect()
}
