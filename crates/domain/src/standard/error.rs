//! Why a file is not a standard: where, which key, and what to write instead.

use std::fmt;

/// Why a file is not a standard.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StandardError {
    /// Not TOML.
    #[error("{place}: `{line}`: {message}")]
    Syntax {
        /// Where.
        place: Place,
        /// The line, shortened where it is long.
        line: String,
        /// What is wrong with it, and what to write instead.
        message: String,
    },
    /// Not text, or not there to be read.
    #[error("{place}: {message}")]
    File {
        /// Which, and where the trouble begins as far as that is known.
        place: Place,
        /// What is wrong with it, and what to do.
        message: String,
    },
    /// A key that is unknown or missing, or a value that cannot be meant.
    #[error("{place}: {key}: {remedy}")]
    Value {
        /// Where.
        place: Place,
        /// The key in the file, with dots.
        key: String,
        /// What to write instead.
        remedy: String,
    },
}

/// A place in a file; it reads `chengkao.toml:12:9`, or only the file's name where nothing is written that could be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: String,
    /// Line and column, counted from 1.
    pub line_and_column: Option<(usize, usize)>,
}

impl Place {
    /// The file as a whole.
    pub(super) fn file(file: &str) -> Place {
        Place { file: file.to_owned(), line_and_column: None }
    }

    /// The place that lies `offset` bytes into the file's text.
    pub(super) fn at(file: &str, text: &str, offset: usize) -> Place {
        let before = text.get(..offset).unwrap_or(text);
        let line = before.matches('\n').count() + 1;
        let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
        Place { file: file.to_owned(), line_and_column: Some((line, column)) }
    }

    pub(super) fn wrong(&self, key: &str, remedy: impl Into<String>) -> StandardError {
        StandardError::Value { place: self.clone(), key: key.to_owned(), remedy: remedy.into() }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        match self.line_and_column {
            Some((line, column)) => write!(f, ":{line}:{column}"),
            None => Ok(()),
        }
    }
}

/// A value, and where it is written.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct At<T> {
    pub value: T,
    pub place: Place,
}

impl<T> At<T> {
    pub(super) fn wrong(&self, key: &str, remedy: impl Into<String>) -> StandardError {
        self.place.wrong(key, remedy)
    }
}
