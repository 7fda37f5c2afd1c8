//! Reads one file: keys, types, units and ranges, each wrong one told with its place and its remedy.

use std::collections::BTreeMap;

use toml::de::{DeTable, DeValue};

use super::{
    Against, Limit, Part, Quantity, Source, Verified,
    draft::{Draft, PhotoDraft, Side},
    error::{At, Place, StandardError},
    near, syntax,
    toml_keys::{Keys, Text, whole},
};
use crate::{CardKind, CheckId};

/// The units in which a length in the photo can be given.
pub(super) const PX: &str = "px";
pub(super) const MM: &str = "mm";
pub(super) const OF_WIDTH: &str = "of the photo's width";
pub(super) const OF_HEIGHT: &str = "of the photo's height";
const LENGTHS: [&str; 4] = [PX, MM, OF_HEIGHT, OF_WIDTH];

/// Reads a file by itself.
pub(super) fn read(file: &str, text: &str) -> Result<Draft, StandardError> {
    let text = text.trim_start_matches('\u{feff}');
    let parsed = DeTable::parse(text).map_err(|error| syntax::told(file, text, &error))?;
    let top = Keys::top(Text { file, text }, parsed.get_ref());
    top.only(&["id", "extends", "without", "name", "source", "photo", "card", "checks"])?;
    let name = top.table_like("name", "{ zh = \"…\", en = \"…\" }")?;
    if let Some(name) = &name {
        name.only(&["zh", "en"])?;
    }
    let named = |key| name.as_ref().map_or(Ok(None), |name| name.text(key));
    let id = top.text("id")?.ok_or_else(|| {
        Place::file(file).wrong("id", "it is missing: write id = \"…\", the file's own name without .toml")
    })?;
    if !near::is_id(&id.value) {
        let meant = near::id_for(&id.value);
        let remedy = format!(
            "an id holds small letters, digits and hyphens only: write id = \"{meant}\", and name the file {meant}.toml"
        );
        return Err(id.wrong("id", remedy));
    }
    let draft = Draft {
        file: Place::file(file),
        id,
        extends: top.text("extends")?,
        without: without(&top)?,
        zh: named("zh")?,
        en: named("en")?,
        source: top.table("source")?.map(|keys| source(&keys)).transpose()?,
        photo: top.table("photo")?.map_or_else(|| Ok(PhotoDraft::default()), |keys| photo(&keys))?,
        accepted: top.table("card")?.map_or(Ok(None), |keys| accepted(&keys))?,
        checks: top.table("checks")?.map_or_else(|| Ok(BTreeMap::new()), |keys| checks(&keys))?,
    };
    if let (None, Some(first)) = (&draft.extends, draft.without.first()) {
        return Err(first.wrong("without", "without `extends` nothing is inherited: leave this key out"));
    }
    Ok(draft)
}

fn without(top: &Keys<'_>) -> Result<Vec<At<String>>, StandardError> {
    const WANTED: &str = "a list of keys, such as [\"photo.max_bytes\", \"checks.framing.centre\"]";
    let items = top.array("without", WANTED)?.unwrap_or_default();
    items
        .into_iter()
        .map(|item| match item.value.as_str() {
            Some(path) => Ok(At { value: path.to_owned(), place: item.place }),
            None => Err(item.wrong("without", format!("write {WANTED}"))),
        })
        .collect()
}

fn source(keys: &Keys<'_>) -> Result<At<Source>, StandardError> {
    keys.only(&["title", "body", "number", "date", "verified"])?;
    let wanted = |key: &str, remedy: &str| keys.place().wrong(&keys.path(key), remedy);
    let title = keys.text("title")?.ok_or_else(|| {
        wanted("title", "it is missing: write the title of the notice or norm that the figures come from")
    })?;
    let body = keys
        .text("body")?
        .ok_or_else(|| wanted("body", "it is missing: write the name of the body that issued it"))?;
    let date = keys.text("date")?.ok_or_else(|| {
        wanted(
            "date",
            "it is missing: write when it was issued, such as \"2025-08-01\", \"2025-08\" or \"2025\"",
        )
    })?;
    if !is_date(&date.value) {
        return Err(date.wrong(
            &keys.path("date"),
            format!("`{}` is no date: write \"2025-08-01\", \"2025-08\" or \"2025\"", date.value),
        ));
    }
    let verified = keys.table("verified")?.map(|keys| verified(&keys)).transpose()?;
    let value = Source {
        title: title.value,
        body: body.value,
        number: keys.text("number")?.map(|n| n.value),
        date: date.value,
        verified,
    };
    Ok(At { value, place: keys.place().clone() })
}

fn verified(keys: &Keys<'_>) -> Result<Verified, StandardError> {
    keys.only(&["on", "against", "place"])?;
    let on = keys.text("on")?.ok_or_else(|| {
        keys.place().wrong(&keys.path("on"), "it is missing: write the day of the comparison")
    })?;
    if on.value.parse::<jiff::civil::Date>().is_err() || on.value.len() != 10 {
        return Err(on.wrong(&keys.path("on"), format!("`{}` is no day: write \"2025-08-01\"", on.value)));
    }
    const WANTED: &str =
        "\"original\" (the issuer's own publication) or \"quotation\" (somebody's quotation of it)";
    let against = match keys.text("against")? {
        None => {
            return Err(keys.place().wrong(&keys.path("against"), format!("it is missing: write {WANTED}")));
        }
        Some(word) => match word.value.as_str() {
            "original" => Against::Original,
            "quotation" => Against::Quotation,
            _ => return Err(word.wrong(&keys.path("against"), format!("write {WANTED}"))),
        },
    };
    Ok(Verified { on: on.value, against, place: keys.text("place")?.map(|p| p.value) })
}

/// A year, a month or a day that exists.
fn is_date(text: &str) -> bool {
    let whole = match text.len() {
        4 => format!("{text}-01-01"),
        7 => format!("{text}-01"),
        10 => text.to_owned(),
        _ => return false,
    };
    whole.parse::<jiff::civil::Date>().is_ok()
}

fn photo(keys: &Keys<'_>) -> Result<PhotoDraft, StandardError> {
    keys.only(&[
        "width",
        "height",
        "width_mm",
        "height_mm",
        "dpi",
        "min_bytes",
        "max_bytes",
        "min_quality",
        "backgrounds",
        "file_name",
    ])?;
    Ok(PhotoDraft {
        width: side(keys, "width", "width_mm")?,
        height: side(keys, "height", "height_mm")?,
        dpi: keys.whole("dpi", 72..=1200)?,
        min_bytes: keys.whole("min_bytes", 0..=50_000_000)?,
        max_bytes: keys.whole("max_bytes", 1..=50_000_000)?,
        min_quality: keys.whole("min_quality", 1..=100)?,
        backgrounds: backgrounds(keys)?,
        file_name: file_name(keys)?,
    })
}

fn side(keys: &Keys<'_>, px: &str, mm: &str) -> Result<Option<At<Side>>, StandardError> {
    let pixels =
        keys.whole(px, 50..=4000)?.map(|At { value, place }| At { value: Side::Pixels(value), place });
    let paper = keys
        .number(mm, 5.0..=300.0)?
        .map(|At { value, place }| At { value: Side::Millimetres(value), place });
    match (pixels, paper) {
        (Some(_), Some(paper)) => {
            let remedy = format!("`{px}` is given as well: write one of the two");
            Err(paper.wrong(&keys.path(mm), remedy))
        }
        (pixels, paper) => Ok(pixels.or(paper)),
    }
}

fn backgrounds(keys: &Keys<'_>) -> Result<Option<At<Vec<[u8; 3]>>>, StandardError> {
    const WANTED: &str = "a list of colours, such as [\"#FFFFFF\", [100, 197, 255]]";
    let Some(items) = keys.array("backgrounds", WANTED)? else { return Ok(None) };
    let Some(first) = items.first() else {
        return Err(keys.place().wrong(&keys.path("backgrounds"), format!("it is empty: write {WANTED}")));
    };
    let place = first.place.clone();
    let mut colours = Vec::new();
    for item in &items {
        let Some(colour) = colour(item.value) else {
            return Err(item.wrong(
                &keys.path("backgrounds"),
                "this is no colour: write \"#RRGGBB\" with six hexadecimal digits, or [red, green, blue] with numbers from 0 to 255",
            ));
        };
        colours.push(colour);
    }
    Ok(Some(At { value: colours, place }))
}

fn colour(value: &DeValue<'_>) -> Option<[u8; 3]> {
    if let Some(text) = value.as_str() {
        let digits = text.strip_prefix('#')?;
        let right = digits.len() == 6 && digits.chars().all(|c| c.is_ascii_hexdigit());
        let [_, r, g, b] = u32::from_str_radix(digits, 16).ok().filter(|_| right)?.to_be_bytes();
        return Some([r, g, b]);
    }
    let parts: Vec<u8> = value
        .as_array()?
        .iter()
        .map(|part| whole(part.get_ref()).and_then(|n| u8::try_from(n).ok()))
        .collect::<Option<_>>()?;
    parts.try_into().ok()
}

fn file_name(keys: &Keys<'_>) -> Result<Option<At<String>>, StandardError> {
    let Some(name) = keys.text("file_name")? else { return Ok(None) };
    let wrong = |remedy: String| Err(name.wrong(&keys.path("file_name"), remedy));
    let placeholders: Vec<&str> = name
        .value
        .split('{')
        .skip(1)
        .filter_map(|rest| rest.split_once('}'))
        .map(|(inner, _)| inner)
        .collect();
    if let Some(unknown) = placeholders.iter().find(|inner| **inner != "number") {
        return wrong(format!(
            "there is no placeholder {{{unknown}}}: write {{number}}, the identity number"
        ));
    }
    if placeholders.len() != 1 || name.value.matches(['{', '}']).count() != 2 {
        return wrong("write {number} once, where the identity number belongs".to_owned());
    }
    if name.value.contains(['/', '\\', ':', '*', '?', '"', '<', '>', '|'])
        || name.value.contains(char::is_control)
    {
        return wrong("a file name holds none of / \\ : * ? \" < > |: leave them out".to_owned());
    }
    let extension = name.value.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    if !matches!(extension.as_deref(), Some("jpg" | "jpeg")) {
        return wrong("the photo is a JPEG file: let its name end in .jpg".to_owned());
    }
    Ok(Some(name))
}

/// The kinds of cards in `[card] accepted`.
fn accepted(keys: &Keys<'_>) -> Result<Option<At<Vec<CardKind>>>, StandardError> {
    const WANTED: &str = "a list of kinds, such as [\"resident_identity_card\", \"residence_permit\"]";
    keys.only(&["accepted"])?;
    let key = keys.path("accepted");
    let Some(items) = keys.array("accepted", WANTED)? else {
        return Err(keys.place().wrong(&key, format!("it is missing: write {WANTED}, or leave [card] out")));
    };
    let Some(first) = items.first() else {
        return Err(keys
            .place()
            .wrong(&key, format!("it is empty, so that no card would do: write {WANTED}")));
    };
    let place = first.place.clone();
    let mut kinds = Vec::new();
    for item in &items {
        let Some(id) = item.value.as_str() else {
            return Err(item.wrong(&key, format!("write {WANTED}")));
        };
        let Some(kind) = CardKind::of_id(id) else {
            let known = near::meant(id, CardKind::ALL.iter().map(|kind| kind.id()));
            return Err(item.wrong(&key, format!("`{id}` is no kind of card: {known}")));
        };
        if kinds.contains(&kind) {
            return Err(item.wrong(&key, format!("`{id}` stands here twice: write it once")));
        }
        kinds.push(kind);
    }
    Ok(Some(At { value: kinds, place }))
}

type Checks = BTreeMap<CheckId, BTreeMap<String, At<Limit>>>;

fn checks(keys: &Keys<'_>) -> Result<Checks, StandardError> {
    let mut checks = Checks::new();
    for name in keys.names() {
        let Ok(check) = name.value.parse::<CheckId>() else {
            let known = CheckId::ALL.iter().map(|check| check.id());
            let remedy = format!("there is no such check: {}", near::meant(name.value, known));
            return Err(name.wrong(&keys.path(name.value), remedy));
        };
        let Some(parts) = keys.table(name.value)? else { continue };
        let mut limits = BTreeMap::new();
        for part in parts.names() {
            let path = parts.path(part.value);
            let quantity = quantity(check, &part, &path)?;
            let Some(table) = parts.table_like(part.value, &form(quantity))? else { continue };
            limits.insert(part.value.to_owned(), limit(&table, quantity, &path)?);
        }
        checks.insert(check, limits);
    }
    Ok(checks)
}

/// In what a part is measured; `None` for checks whose parts are not fixed.
fn quantity(check: CheckId, part: &At<&str>, path: &str) -> Result<Option<Quantity>, StandardError> {
    let known: Vec<&Part> = Part::of(check).collect();
    match known.iter().find(|p| p.name == part.value) {
        Some(found) => Ok(Some(found.quantity)),
        None if known.is_empty() => Ok(None),
        None => {
            let meant = near::meant(part.value, known.iter().map(|p| p.name));
            Err(part.wrong(path, format!("the check `{check}` has no such part: {meant}")))
        }
    }
}

/// How a limit is written.
fn form(quantity: Option<Quantity>) -> String {
    match quantity {
        Some(Quantity::Length) => "{ min = …, max = …, unit = \"px\" }".to_owned(),
        Some(Quantity::Number("", ..)) | None => "{ min = …, max = … }".to_owned(),
        Some(Quantity::Number(unit, ..)) => format!("{{ min = …, max = …, unit = \"{unit}\" }}"),
    }
}

fn limit(keys: &Keys<'_>, quantity: Option<Quantity>, path: &str) -> Result<At<Limit>, StandardError> {
    keys.only(&["min", "max", "warn_min", "warn_max", "unit"])?;
    let range = match quantity {
        Some(Quantity::Number(_, least, most)) => least..=most,
        Some(Quantity::Length) | None => -1e6..=1e6,
    };
    let bound = |key: &str| Ok::<_, StandardError>(keys.number(key, range.clone())?.map(|n| n.value));
    let limit = Limit {
        min: bound("min")?,
        max: bound("max")?,
        warn_min: bound("warn_min")?,
        warn_max: bound("warn_max")?,
        unit: unit(keys, quantity)?,
    };
    let wrong = |remedy: String| Err(keys.place().wrong(path, remedy));
    let bounds = [limit.min, limit.max, limit.warn_min, limit.warn_max];
    if bounds.iter().all(Option::is_none) {
        return wrong("nothing is limited: write min, max, warn_min or warn_max".to_owned());
    }
    let order =
        [("min", limit.min), ("warn_min", limit.warn_min), ("warn_max", limit.warn_max), ("max", limit.max)];
    let given: Vec<(&str, f64)> = order.into_iter().filter_map(|(key, n)| Some((key, n?))).collect();
    for pair in given.windows(2) {
        let [(low, a), (high, b)] = pair else { continue };
        if a > b {
            return wrong(format!(
                "{low} = {a} is greater than {high} = {b}: write them so that min ≤ warn_min ≤ warn_max ≤ max"
            ));
        }
    }
    Ok(At { value: limit, place: keys.place().clone() })
}

fn unit(keys: &Keys<'_>, quantity: Option<Quantity>) -> Result<String, StandardError> {
    let unit = keys.text("unit")?;
    let key = keys.path("unit");
    match (quantity, unit) {
        (None, unit) => Ok(unit.map(|u| u.value).unwrap_or_default()),
        (Some(Quantity::Length), None) => {
            let remedy = format!("it is missing: write one of {}", near::list(&LENGTHS));
            Err(keys.place().wrong(&key, remedy))
        }
        (Some(Quantity::Length), Some(unit)) if LENGTHS.contains(&unit.value.as_str()) => Ok(unit.value),
        (Some(Quantity::Length), Some(unit)) => {
            let remedy = format!(
                "a length in the photo has no unit `{}`: write one of {}",
                unit.value,
                near::list(&LENGTHS)
            );
            Err(unit.wrong(&key, remedy))
        }
        (Some(Quantity::Number(right, ..)), None) => Ok(right.to_owned()),
        (Some(Quantity::Number(right, ..)), Some(unit)) if unit.value == right => Ok(unit.value),
        (Some(Quantity::Number("", ..)), Some(unit)) => {
            Err(unit.wrong(&key, format!("this is a plain number, not in `{}`: leave unit out", unit.value)))
        }
        (Some(Quantity::Number(right, ..)), Some(unit)) => Err(unit.wrong(
            &key,
            format!("this is measured in `{right}`, not in `{}`: write unit = \"{right}\"", unit.value),
        )),
    }
}
