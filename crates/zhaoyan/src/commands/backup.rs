//! `zhaoyan backup`, `restore` and `migrate-store`: a whole deployment at another place.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context as _, bail};
use clap::Args;
use indicatif::ProgressBar;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::{LookUpMark, Store, Transferred, Watcher};

use crate::{config::Config, wiring};

/// Copy everything, as it is at one moment, into a folder; nothing stands still meanwhile. Pictures that lie there from an earlier
/// backup are not copied again. Everything personal stays encrypted: keep the keys elsewhere.
#[derive(Debug, Args)]
pub struct Backup {
    /// The folder; it is made where it is not there.
    folder: PathBuf,
}

/// Bring a backup back into the configured database and pictures, which have to be empty. The configured keys have to hold the ones that the
/// backup was made with; every picture is held against its hash.
#[derive(Debug, Args)]
pub struct Restore {
    /// The folder that `zhaoyan backup` wrote.
    folder: PathBuf,
}

/// Move a running deployment to another database and picture storage. Requests that would write wait meanwhile, or are told to come again;
/// afterwards this database takes nothing any more. Then start the nodes with the other configuration.
#[derive(Debug, Args)]
pub struct MigrateStore {
    /// The configuration of the other place; its database has to be empty, its keys the same.
    #[arg(long, value_name = "FILE", required_unless_present = "undo")]
    to: Option<PathBuf>,
    /// Let this database take writes again. What was written at the other place stays there.
    #[arg(long, conflicts_with = "to")]
    undo: bool,
}

const DATABASE: &str = "zhaoyan.db";
const UNFINISHED: &str = "zhaoyan.db.unfinished";
const PICTURES: &str = "pictures";
const ABOUT: &str = "backup.json";

/// What a backup tells about itself.
#[derive(Debug, Serialize, Deserialize)]
struct About {
    version: String,
    begun: Timestamp,
    /// A keyed hash: under other keys it is another one.
    keys: String,
    /// What it and all other look-ups are hashed with; of a backup from before this was written it goes without saying.
    #[serde(default = "hmac_sha_256")]
    look_ups: String,
    /// The key that everything is sealed under, unless a rotation was under way.
    key: String,
    rows: BTreeMap<String, u64>,
    /// NUMBER:HASH, for `zhaoyan audit verify --noted`; nothing where no log could be read.
    audit: Option<String>,
}

fn hmac_sha_256() -> String {
    store::HashAlgorithm::HmacSha256.as_str().to_owned()
}

/// Runs it.
pub async fn backup(command: Backup, config: Config) -> anyhow::Result<ExitCode> {
    let folder = &command.folder;
    let source = wiring::store(&config).await?;
    private_folder(folder).with_context(|| format!("the folder {} cannot be made", folder.display()))?;
    remove_database(&folder.join(UNFINISHED))?;
    let target = in_folder(&config, folder, UNFINISHED).await?;
    let begun = wiring::clock().now();
    let mut bar = Bar::new();
    let done = source.copy_to(&target, &mut bar).await?;
    let audit = target.verify_audit(None).await?.ok().map(|head| format!("{}:{}", head.number, head.hash));
    let rows = done.rows.iter().map(|(table, count)| ((*table).to_owned(), *count)).collect();
    let version = env!("CARGO_PKG_VERSION").to_owned();
    let key = source.keyring().current_key_id().to_owned();
    let LookUpMark { algorithm: look_ups, hash: keys } = source.keyring().mark();
    let about = About { version, begun, keys, look_ups, key, rows, audit };
    target.close().await?;
    // Closed, SQLite has everything in the one file. From here on the folder holds the new backup.
    std::fs::rename(folder.join(UNFINISHED), folder.join(DATABASE))?;
    std::fs::write(folder.join(ABOUT), serde_json::to_vec_pretty(&about)?)?;
    let target = in_folder(&config, folder, DATABASE).await?;
    let forgotten = target.forget_unknown_pictures().await?;
    target.close().await?;
    bar.end();
    println!("{}; {forgotten} of earlier backups forgotten", told(&done));
    Ok(exit(&done))
}

/// Runs it.
pub async fn restore(command: Restore, config: Config) -> anyhow::Result<ExitCode> {
    let folder = &command.folder;
    let about = std::fs::read(folder.join(ABOUT))
        .ok()
        .filter(|_| folder.join(DATABASE).is_file())
        .with_context(|| format!("{} holds no backup that was finished", folder.display()))?;
    let about: About = serde_json::from_slice(&about).with_context(|| format!("{ABOUT} cannot be read"))?;
    let keyring = wiring::keyring(&config)?;
    let others = || {
        format!(
            "{}: these are not the keys that the backup was made with; without those nothing in it can be read",
            wiring::keys_place(&config)
        )
    };
    keyring
        .must_be(&LookUpMark { algorithm: about.look_ups.clone(), hash: about.keys.clone() })
        .with_context(others)?;
    if !keyring.key_ids().any(|id| id == about.key) {
        return Err(store::SealError::UnknownKey(about.key.clone())).with_context(others);
    }
    let source = in_folder(&config, folder, DATABASE).await?;
    let target = wiring::store(&config).await?;
    let mut bar = Bar::new();
    let done = source.copy_to(&target, &mut bar).await?;
    bar.end();
    for (table, noted) in &about.rows {
        let found = done.rows.get(table.as_str()).copied().unwrap_or(0);
        if found != *noted {
            bail!(
                "{DATABASE} holds {found} rows of {table}, {ABOUT} tells of {noted}: the backup was altered"
            );
        }
    }
    println!("{}; as of {}", told(&done), about.begun);
    Ok(exit(&done))
}

/// Runs it.
pub async fn migrate_store(command: MigrateStore, config: Config) -> anyhow::Result<ExitCode> {
    let source = wiring::store(&config).await?;
    let Some(to) = &command.to else {
        source.undo_move().await?;
        println!("this database takes writes again");
        return Ok(ExitCode::SUCCESS);
    };
    // Variables of the environment would go over both files, and make one place of the two.
    let other = Config::of_file(to)?;
    if other.database.url == config.database.url {
        bail!("both configurations name one database (database.url)");
    }
    let target = wiring::store(&other).await?;
    let mut bar = Bar::new();
    let done = source.move_to(&target, wiring::clock().now(), &mut bar).await?;
    bar.end();
    println!("{}; start the nodes with {} now", told(&done), to.display());
    Ok(exit(&done))
}

async fn in_folder(config: &Config, folder: &Path, database: &str) -> anyhow::Result<Store> {
    let folder = std::path::absolute(folder)?;
    let url = format!("sqlite://{}", folder.join(database).display());
    wiring::store_at(config, &url, &folder.join(PICTURES).display().to_string()).await
}

/// What an interrupted run left.
fn remove_database(path: &Path) -> std::io::Result<()> {
    for ending in ["", "-wal", "-shm"] {
        let mut file = path.as_os_str().to_owned();
        file.push(ending);
        match std::fs::remove_file(&file) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

fn private_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn told(done: &Transferred) -> String {
    let pictures = &done.pictures;
    let rows: u64 = done.rows.values().sum();
    let mut told = format!(
        "{rows} rows; {} pictures copied, each held against its hash; {} lay there already",
        pictures.copied, pictures.known
    );
    if pictures.deleted > 0 {
        told += &format!("; {} were deleted meanwhile", pictures.deleted);
    }
    if !pictures.lost.is_empty() {
        told += &format!("; {} ARE LOST: their objects are gone or were altered:", pictures.lost.len());
        for id in pictures.lost.iter().take(20) {
            told += &format!(" {id}");
        }
    }
    told
}

fn exit(done: &Transferred) -> ExitCode {
    if done.pictures.lost.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) }
}

/// How far it is, on a terminal.
struct Bar(ProgressBar);

impl Bar {
    fn new() -> Bar {
        Bar(ProgressBar::new_spinner())
    }

    fn end(&self) {
        self.0.finish_and_clear();
    }
}

impl Watcher for Bar {
    fn rows(&mut self, table: &'static str, rows: u64) {
        self.0.set_message(format!("{table}: {rows} rows"));
        self.0.tick();
    }

    fn pictures(&mut self, pictures: u64) {
        self.0.set_message(format!("{pictures} pictures"));
        self.0.tick();
    }
}
