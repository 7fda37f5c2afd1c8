//! Fuzz targets: one function for each place that strangers' bytes reach, with what must hold there. `fuzz/` runs them under libFuzzer
//! (`make fuzz`), `tests/corpora.rs` over their committed corpora. See `docs/fuzzing.md`.
#![cfg(feature = "doors")]

mod cards;
mod networks;
mod pictures;
mod requests;
mod rosters;
mod texts;

pub use cards::card;
pub use pictures::{decode, exif, photo};
pub use requests::{json, upload};
pub use rosters::{roster_csv, roster_sheets, roster_xlsx};
pub use texts::texts;

/// A target: panics when something does not hold.
pub type Target = fn(&[u8]);

/// Every target by its name, which is that of its corpus and of its file in `fuzz/fuzz_targets`.
pub const TARGETS: [(&str, Target); 10] = [
    ("card", card),
    ("decode", decode),
    ("exif", exif),
    ("json", json),
    ("photo", photo),
    ("roster_csv", roster_csv),
    ("roster_sheets", roster_sheets),
    ("roster_xlsx", roster_xlsx),
    ("texts", texts),
    ("upload", upload),
];

/// Runs what is asynchronous.
fn wait<T>(work: impl Future<Output = T>) -> T {
    use std::sync::LazyLock;
    use tokio::runtime::{Builder, Runtime};
    static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
        Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("threads start")
    });
    RUNTIME.block_on(work)
}
