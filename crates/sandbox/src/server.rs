//! The sandbox's process: one address for the simulated systems' protocols, their pages and the tests' interface.

use std::{future::Future, net::SocketAddr, sync::Arc};

use axum::{
    Router,
    extract::DefaultBodyLimit,
    routing::{get, post, put},
};
use partners::registration::signing::ReplayGuard;
use tokio::{net::TcpListener, sync::Semaphore};
use vision::model::Models;

use crate::{
    api,
    config::SandboxConfig,
    faces::{Faces, VisionFaces},
    office::Office,
    outbox::Outbox,
    pages,
    platform::Platform,
    registration,
    seed::{SeededCandidate, Unseedable, further, seed},
    specimens::Specimens,
    switches::Switchboard,
    vendor,
};

/// What every handler shares.
pub(crate) struct App {
    pub config: SandboxConfig,
    pub candidates: Vec<SeededCandidate>,
    pub switches: Switchboard,
    pub outbox: Outbox,
    pub office: Office,
    pub platform: Platform,
    pub specimens: Specimens,
    pub replays: ReplayGuard,
}

pub(crate) type Shared = Arc<App>;

impl App {
    /// A candidate with the place in the list.
    pub(crate) fn candidate(&self, id: &str) -> Option<(usize, &SeededCandidate)> {
        self.candidates.iter().enumerate().find(|(_, c)| c.id == id)
    }

    /// Somebody else of the register.
    pub(crate) fn other_than(&self, index: usize) -> Option<&SeededCandidate> {
        self.candidates.get((index + 1) % self.candidates.len().max(1))
    }
}

/// Why a sandbox does not start.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// The data directory cannot be made.
    #[error("the sandbox's data directory cannot be used: {0}")]
    Data(std::io::Error),
    /// The candidates cannot be drawn as planned.
    #[error(transparent)]
    Seed(#[from] Unseedable),
    /// The server ended by itself.
    #[error("the sandbox's server ended: {0}")]
    Ended(std::io::Error),
}

/// A sandbox that listens already, and serves once [`Sandbox::run`] is polled.
pub struct Sandbox {
    listener: TcpListener,
    address: SocketAddr,
    app: Shared,
}

/// Vendor calls carry a picture of up to 3 MiB in Base64; enrolled pictures come straight from a phone.
const MAX_BODY: usize = 25 * 1024 * 1024;

impl Sandbox {
    /// Listens. `faces` is how the identity platform sees.
    ///
    /// # Errors
    /// [`SandboxError`] when the address, the data directory or the candidates are unusable.
    pub async fn bind(config: SandboxConfig, faces: Arc<dyn Faces>) -> Result<Sandbox, SandboxError> {
        let mut candidates = seed(&config.exam_session)?;
        candidates.extend(further(&config.exam_session, &candidates, config.further));
        if let Some(dir) = &config.data_dir {
            std::fs::create_dir_all(dir).map_err(SandboxError::Data)?;
        }
        let file = config.data_dir.as_ref().map(|dir| dir.join("registrations.json"));
        let address = config.listen;
        let listen = |source| SandboxError::Listen { address, source };
        let listener = TcpListener::bind(address).await.map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        // Drawing and comparing share the machine with what is tried out: one at a time each.
        let app = App {
            switches: Switchboard::default(),
            outbox: Outbox::default(),
            office: Office::open(&candidates, file),
            platform: Platform::new(faces, Arc::new(Semaphore::new(1))),
            specimens: Specimens::new(Arc::new(Semaphore::new(1))),
            replays: ReplayGuard::default(),
            candidates,
            config,
        };
        Ok(Sandbox { listener, address, app: Arc::new(app) })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://` and the address.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Serves until `shutdown` completes; calls under way are finished.
    ///
    /// # Errors
    /// [`SandboxError::Ended`] when the listener fails.
    pub async fn run(self, shutdown: impl Future<Output = ()> + Send + 'static) -> Result<(), SandboxError> {
        let app = self.app.clone();
        let filling = tokio::spawn(async move {
            if let Err(error) = app.platform.fill(&app.candidates).await {
                tracing::error!(%error, "the simulated identity platform has no register");
            }
        });
        let ended = axum::serve(self.listener, router(self.app)).with_graceful_shutdown(shutdown).await;
        filling.abort();
        ended.map_err(SandboxError::Ended)
    }
}

/// Listens and serves with the product's own networks until `shutdown` completes.
///
/// # Errors
/// [`SandboxError`], as [`Sandbox::bind`] and [`Sandbox::run`].
pub async fn serve(
    config: SandboxConfig,
    models: Models,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), SandboxError> {
    let sandbox = Sandbox::bind(config, Arc::new(VisionFaces::new(models))).await?;
    tracing::info!(address = %sandbox.address(), "the sandbox listens");
    sandbox.run(shutdown).await
}

fn router(app: Shared) -> Router {
    Router::new()
        .route("/", get(pages::home::show).post(vendor::call))
        .route("/healthz", get(api::healthz))
        .route("/registration/lookup", post(registration::lookup))
        .route("/registration/results", post(registration::results))
        .route("/sandbox/outbox", get(pages::outbox::show))
        .route("/sandbox/switches", get(pages::switches::show).post(pages::switches::set))
        .route("/sandbox/candidates/{id}", get(pages::candidate::show))
        .route("/sandbox/candidates/{id}/registration", post(pages::candidate::edit))
        .route("/sandbox/candidates/{id}/enrol", post(pages::candidate::enrol))
        .route("/sandbox/candidates/{id}/forget", post(pages::candidate::forget))
        .route("/sandbox/candidates/{id}/photo.jpg", get(pages::candidate::photo))
        .route("/sandbox/specimens/{id}/{file}", get(api::specimen))
        .route("/sandbox/api/candidates", get(api::candidates))
        .route("/sandbox/api/sms", get(api::sms))
        .route("/sandbox/api/switches", get(api::switches).put(api::set_switches).delete(api::reset_switches))
        .route("/sandbox/api/registrations/{id}", get(api::registration).put(api::edit_registration))
        .route("/sandbox/api/registrations/{id}/correct", post(api::correct_registration))
        .route("/sandbox/api/candidates/{id}/enrolment", put(api::enrol).delete(api::forget))
        .route("/sandbox/api/identity", get(api::identity))
        .route("/sandbox/api/reset", post(api::reset))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(app)
}
