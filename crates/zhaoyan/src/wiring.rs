//! From configuration to the parts that the commands run: store, partners, standards, networks.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::Context as _;
use domain::Standard;
use partners::{
    identity::{IdentityPlatform, TencentFaceId},
    registration::{HttpRegistration, RegistrationSystem as Registry},
    sms::{SmsSender, TencentSms},
};
use service::{Clock, PixelPool, SystemClock, roster::Roster, sight::Networks};
use store::{Keyring, Store, StoreConfig};
use tokio_util::sync::CancellationToken;
use vision::model::{Models, models_dir};

use crate::{
    config::{Config, RegistrationSystem},
    places,
};

/// The store, brought to this version's shape.
pub async fn store(config: &Config) -> anyhow::Result<Store> {
    store_at(config, config.database.url.expose(), &config.pictures.url).await
}

/// A store with the keys and the storage service of `config`, at another place.
pub async fn store_at(config: &Config, database_url: &str, pictures: &str) -> anyhow::Result<Store> {
    let store = Store::open(&StoreConfig {
        database_url: database_url.to_owned(),
        pictures: pictures.to_owned(),
        s3: config.pictures.s3(),
        keyring: keyring(config)?,
        max_connections: config.database.max_connections,
    })
    .await
    .context("the database (database.url) or the pictures (pictures.url) cannot be opened")?;
    store.migrate().await.context("the database cannot be brought to this version's shape")?;
    store
        .check_look_ups()
        .await
        .with_context(|| format!("{} does not go with the database (database.url)", keys_place(config)))?;
    Ok(store)
}

/// The keys that are configured.
pub fn keyring(config: &Config) -> anyhow::Result<Keyring> {
    match (std::env::var_os("ZHAOYAN_KEYS"), &config.keys.file) {
        (None, Some(file)) => Keyring::load(file).with_context(|| {
            format!("keys.file {}: make one with `zhaoyan keys new FILE`, or name the right one", file.display())
        }),
        _ => Keyring::from_env().context(
            "keys.file is not set: make a key file with `zhaoyan keys new FILE` and name it in keys.file or ZHAOYAN_KEY_FILE",
        ),
    }
}

/// Where the keys come from, for messages.
pub fn keys_place(config: &Config) -> String {
    match (std::env::var_os("ZHAOYAN_KEYS"), &config.keys.file) {
        (None, Some(file)) => format!("keys.file {}", file.display()),
        (None, None) => "the file that ZHAOYAN_KEY_FILE names".to_owned(),
        (Some(_), _) => "ZHAOYAN_KEYS".to_owned(),
    }
}

/// The machine's clock.
pub fn clock() -> Arc<dyn Clock> {
    Arc::new(SystemClock)
}

/// The registration system that is configured.
pub fn registration(config: &Config, store: &Store) -> anyhow::Result<Arc<dyn Registry>> {
    Ok(match config.registration.system {
        RegistrationSystem::Roster => Arc::new(Roster::new(store.clone(), clock())),
        RegistrationSystem::Http => Arc::new(
            HttpRegistration::new(&config.registration.http()).context("[registration] cannot be used")?,
        ),
    })
}

/// The identity platform that is configured.
pub fn identity(config: &Config) -> anyhow::Result<Arc<dyn IdentityPlatform>> {
    Ok(Arc::new(TencentFaceId::new(&config.identity).context("[identity] cannot be used")?))
}

/// The SMS service that is configured.
pub fn sms(config: &Config) -> anyhow::Result<Arc<dyn SmsSender>> {
    Ok(Arc::new(TencentSms::new(&config.sms).context("[sms] cannot be used")?))
}

/// Every standard by id.
pub fn standards(config: &Config) -> anyhow::Result<BTreeMap<String, Arc<Standard>>> {
    let shelf = places::Shelf::open(config.standards.dir.as_deref()).context("standards.dir")?;
    for hint in &shelf.hints {
        tracing::warn!("standards.dir: {hint}");
    }
    shelf.each().map(|standard| standard.map(|s| (s.id.clone(), Arc::new(s))).map_err(Into::into)).collect()
}

/// The networks.
pub fn models(config: &Config) -> anyhow::Result<Models> {
    let dir = config.models.dir.clone().unwrap_or_else(models_dir);
    Models::open(&dir, config.models.threads).with_context(|| format!("models.dir {}", dir.display()))
}

/// The journey.
pub fn service(config: &Config, store: &Store) -> anyhow::Result<Arc<service::Service>> {
    let models = models(config)?;
    let for_names = models.clone();
    std::thread::spawn(move || for_names.prepare_for_names());
    Ok(Arc::new(service::Service::new(service::Parts {
        store: store.clone(),
        registration: registration(config, store)?,
        sight: Networks::new(models),
        standards: standards(config)?,
        pixels: PixelPool::new(config.pixels.workers, Duration::from_secs_f64(config.pixels.wait_s)),
        clock: clock(),
        rules: service::Rules { kept: config.retention.kept(), ..config.journey.rules(config.comparison) },
    })))
}

/// The background worker.
pub fn worker(config: &Config, store: &Store) -> anyhow::Result<Arc<service::worker::Worker>> {
    Ok(Arc::new(service::worker::Worker {
        store: store.clone(),
        identity: identity(config)?,
        sms: sms(config)?,
        registration: registration(config, store)?,
        clock: clock(),
        settings: config.worker.settings(&config.retention),
    }))
}

/// The H5 pages: configured, or `pages/` beside the binary, or as built in the source tree.
pub fn pages_dir(given: Option<&Path>) -> Option<PathBuf> {
    found(given, ["pages", "apps/candidate/dist/h5"])
}

/// The console's pages: configured, or `console/` beside the binary, or as built in the source tree.
pub fn console_dir(given: Option<&Path>) -> Option<PathBuf> {
    found(given, ["console", "apps/console/dist"])
}

fn found(given: Option<&Path>, places: [&str; 2]) -> Option<PathBuf> {
    let built = |place| places::beside(place).filter(|dir| dir.join("index.html").is_file());
    given.map(Path::to_owned).or_else(|| places.into_iter().find_map(built))
}

/// Cancelled at SIGTERM, SIGINT (Ctrl-C) or SIGHUP.
pub fn shutdown() -> anyhow::Result<CancellationToken> {
    use tokio::signal::unix::{SignalKind, signal};
    let token = CancellationToken::new();
    let mut signals =
        [signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?, signal(SignalKind::hangup())?];
    tokio::spawn({
        let token = token.clone();
        async move {
            let [terminate, interrupt, hangup] = &mut signals;
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
                _ = hangup.recv() => {}
            }
            tracing::info!("shutting down: what is in flight is finished");
            token.cancel();
        }
    });
    Ok(token)
}
