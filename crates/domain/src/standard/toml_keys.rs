//! A TOML table read key by key, so that every complaint can say where, which key, and what to write.

use std::ops::Range;

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{
    error::{At, Place, StandardError},
    near,
};

/// The file that is being read.
#[derive(Clone, Copy)]
pub(super) struct Text<'t> {
    pub file: &'t str,
    pub text: &'t str,
}

impl Text<'_> {
    pub(super) fn place(&self, span: &Range<usize>) -> Place {
        Place::at(self.file, self.text, span.start)
    }
}

/// One table of the file.
pub(super) struct Keys<'t> {
    source: Text<'t>,
    /// The table's own key with dots; empty at the top.
    path: String,
    place: Place,
    table: &'t DeTable<'t>,
}

impl<'t> Keys<'t> {
    pub(super) fn top(source: Text<'t>, table: &'t DeTable<'t>) -> Keys<'t> {
        Keys { source, path: String::new(), place: Place::file(source.file), table }
    }

    /// The key with all tables around it.
    pub(super) fn path(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    /// Where the table begins.
    pub(super) fn place(&self) -> &Place {
        &self.place
    }

    /// Refuses keys that are not among `known`.
    pub(super) fn only(&self, known: &[&str]) -> Result<(), StandardError> {
        for key in self.table.keys() {
            let name = key.get_ref().as_ref();
            if !known.contains(&name) {
                let remedy = format!("there is no such key: {}", near::meant(name, known.iter().copied()));
                return Err(self.source.place(&key.span()).wrong(&self.path(name), remedy));
            }
        }
        Ok(())
    }

    /// The names in the table, each with its place.
    pub(super) fn names(&self) -> impl Iterator<Item = At<&'t str>> {
        self.table
            .keys()
            .map(|key| At { value: key.get_ref().as_ref(), place: self.source.place(&key.span()) })
    }

    fn value(&self, key: &str) -> Option<&'t Spanned<DeValue<'t>>> {
        self.table.iter().find(|(k, _)| k.get_ref().as_ref() == key).map(|(_, value)| value)
    }

    fn read<T>(
        &self,
        key: &str,
        wanted: &str,
        take: impl FnOnce(&'t DeValue<'t>) -> Option<T>,
    ) -> Result<Option<At<T>>, StandardError> {
        let Some(value) = self.value(key) else { return Ok(None) };
        let place = self.source.place(&value.span());
        match take(value.get_ref()) {
            Some(value) => Ok(Some(At { value, place })),
            None => Err(place.wrong(&self.path(key), format!("write {wanted}"))),
        }
    }

    /// A text that is not blank.
    pub(super) fn text(&self, key: &str) -> Result<Option<At<String>>, StandardError> {
        self.read(key, "a text in double quotes, not empty", |value| {
            value.as_str().filter(|text| !text.trim().is_empty()).map(str::to_owned)
        })
    }

    /// A whole number within a range.
    pub(super) fn whole<T: TryFrom<i64>>(
        &self,
        key: &str,
        range: std::ops::RangeInclusive<i64>,
    ) -> Result<Option<At<T>>, StandardError> {
        let wanted = format!("a whole number from {} to {}", range.start(), range.end());
        self.read(key, &wanted, |value| {
            whole(value).filter(|n| range.contains(n)).and_then(|n| T::try_from(n).ok())
        })
    }

    /// A finite number within a range.
    pub(super) fn number(
        &self,
        key: &str,
        range: std::ops::RangeInclusive<f64>,
    ) -> Result<Option<At<f64>>, StandardError> {
        let wanted = format!("a number from {} to {}", range.start(), range.end());
        self.read(key, &wanted, |value| number(value).filter(|n| range.contains(n)))
    }

    /// An array, each item with its place.
    pub(super) fn array(
        &self,
        key: &str,
        wanted: &str,
    ) -> Result<Option<Vec<At<&'t DeValue<'t>>>>, StandardError> {
        let items = self.read(key, wanted, |value| value.as_array())?;
        let place = |item: &'t Spanned<DeValue<'t>>| At {
            value: item.get_ref(),
            place: self.source.place(&item.span()),
        };
        Ok(items.map(|items| items.value.iter().map(place).collect()))
    }

    /// A table inside this one.
    pub(super) fn table(&self, key: &str) -> Result<Option<Keys<'t>>, StandardError> {
        self.table_like(key, &format!("a table: [{}]", self.path(key)))
    }

    /// A table inside this one that is written in a certain form.
    pub(super) fn table_like(&self, key: &str, form: &str) -> Result<Option<Keys<'t>>, StandardError> {
        let path = self.path(key);
        let table = self.read(key, form, |value| value.as_table())?;
        Ok(table.map(|At { value, place }| Keys { source: self.source, path, place, table: value }))
    }
}

/// A whole number's value.
pub(super) fn whole(value: &DeValue<'_>) -> Option<i64> {
    let integer = value.as_integer()?;
    i64::from_str_radix(integer.as_str(), integer.radix()).ok()
}

/// A number's value, whole or not.
fn number(value: &DeValue<'_>) -> Option<f64> {
    let float = || value.as_float()?.as_str().parse::<f64>().ok();
    whole(value).map(|n| n as f64).or_else(float).filter(|n| n.is_finite())
}
