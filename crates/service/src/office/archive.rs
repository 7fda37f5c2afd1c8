//! A ZIP archive that is handed on while it is written, in memory that does not grow with it: what is finished leaves, what the library may
//! still go back to, the header of the file that is being written, stays. Files are stored, not deflated: a JPEG does not get smaller.

use std::{
    io::{self, Seek, SeekFrom, Write},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;
use jiff::civil::DateTime;
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

/// An archive that is being written.
pub(super) struct Archive {
    zip: ZipWriter<Window>,
    window: Window,
    /// Where the file begins that is being written: before it, nothing changes any more.
    settled: u64,
}

impl Archive {
    /// An empty one.
    pub fn new() -> Archive {
        let window = Window::default();
        Archive { zip: ZipWriter::new(window.clone()), window, settled: 0 }
    }

    /// Adds a file.
    ///
    /// # Errors
    /// For a name that is there already.
    pub fn add(&mut self, name: &str, modified: DateTime, bytes: &[u8]) -> io::Result<()> {
        let begins = self.window.held().end();
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Stored)
            .last_modified_time(in_dos_time(modified));
        self.zip.start_file(name, options)?;
        self.zip.write_all(bytes)?;
        self.settled = begins;
        Ok(())
    }

    /// Bytes that are ready to be handed on.
    pub fn ready(&self) -> u64 {
        self.settled - self.window.held().gone
    }

    /// Takes the bytes that are ready.
    pub fn take(&mut self) -> Bytes {
        self.window.held().take(self.settled)
    }

    /// Closes the archive, and takes all that is left of it.
    ///
    /// # Errors
    /// What the library says.
    pub fn close(self) -> io::Result<Bytes> {
        self.zip.finish()?;
        let mut held = self.window.held();
        let end = held.end();
        Ok(held.take(end))
    }
}

/// Times of a ZIP archive are local, and go from 1980 to 2107.
fn in_dos_time(at: DateTime) -> zip::DateTime {
    let part = |part: i8| part.unsigned_abs();
    zip::DateTime::from_date_and_time(
        at.year().unsigned_abs(),
        part(at.month()),
        part(at.day()),
        part(at.hour()),
        part(at.minute()),
        part(at.second()),
    )
    .unwrap_or_default()
}

/// The part of the archive that was not handed on yet, which the library writes to.
#[derive(Clone, Default)]
struct Window(Arc<Mutex<Held>>);

#[derive(Default)]
struct Held {
    /// Bytes that were handed on.
    gone: u64,
    /// Those after them.
    bytes: Vec<u8>,
    /// Where is written next, from the archive's beginning.
    at: u64,
}

impl Window {
    fn held(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    fn end(&self) -> u64 {
        self.gone + self.bytes.len() as u64
    }

    fn take(&mut self, until: u64) -> Bytes {
        let ready = usize::try_from(until - self.gone).unwrap_or(0).min(self.bytes.len());
        let rest = self.bytes.split_off(ready);
        self.gone += ready as u64;
        std::mem::replace(&mut self.bytes, rest).into()
    }

    /// Where in `bytes` is written next.
    fn place(&self, at: u64) -> io::Result<usize> {
        let place = at.checked_sub(self.gone).and_then(|place| usize::try_from(place).ok());
        place
            .filter(|place| *place <= self.bytes.len())
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "that part was handed on already"))
    }
}

impl Write for Window {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut held = self.held();
        let place = held.place(held.at)?;
        let over = bytes.len().min(held.bytes.len() - place);
        held.bytes[place..place + over].copy_from_slice(&bytes[..over]);
        held.bytes.extend_from_slice(&bytes[over..]);
        held.at += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Seek for Window {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let mut held = self.held();
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => held.end().checked_add_signed(by),
            SeekFrom::Current(by) => held.at.checked_add_signed(by),
        };
        let at = at.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        held.place(at)?;
        held.at = at;
        Ok(at)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::io::{Cursor, Read as _};

    use jiff::civil::datetime;
    use zip::ZipArchive;

    use super::*;

    #[test]
    fn what_was_handed_on_piece_by_piece_is_one_archive() {
        let mut archive = Archive::new();
        let mut whole = Vec::new();
        let at = datetime(2026, 11, 23, 12, 34, 56, 0);
        let content = |n: u32| n.to_le_bytes().repeat(2_000 + n as usize);
        for n in 0..100 {
            archive.add(&format!("{n:018}.jpg"), at, &content(n)).unwrap();
            assert!(archive.window.held().bytes.len() < 20_000, "no more than two files are held");
            whole.extend(archive.take());
            assert_eq!(archive.ready(), 0);
        }
        assert!(archive.add("000000000000000001.jpg", at, b"").is_err(), "a name is given once");
        whole.extend(archive.close().unwrap());
        let mut read = ZipArchive::new(Cursor::new(&whole)).unwrap();
        assert_eq!(read.len(), 100);
        for n in 0..100 {
            let mut file = read.by_index(n as usize).unwrap();
            assert_eq!(file.name().unwrap(), format!("{n:018}.jpg"));
            let modified = file.last_modified().unwrap();
            assert_eq!((modified.year(), modified.hour(), modified.second()), (2026, 12, 56));
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).unwrap();
            assert_eq!(bytes, content(n));
        }
        // Sizes and checksums stand before each file, so that it can be read from its beginning on as well.
        let mut from_the_start = Cursor::new(&whole);
        let mut file = zip::read::read_zipfile_from_stream(&mut from_the_start).unwrap().unwrap();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        assert_eq!(bytes, content(0));
    }
}
