//! ONNX Runtime behind [`Model`]: one shared library per process, a few sessions per network.

use std::{
    path::{Path, PathBuf},
    sync::{Condvar, Mutex, OnceLock, PoisonError},
    thread,
};

use ort::{
    environment::Environment,
    session::{Session, SessionInputValue},
    value::TensorRef,
};

use super::{Model, ModelError, ModelId, Tensor, TensorView};

static ENVIRONMENT: OnceLock<Result<(Environment, PathBuf), String>> = OnceLock::new();

/// Loads the shared library at `path`, once per process: a later call with another path keeps the first library.
pub(super) fn load(path: &Path) -> Result<(), ModelError> {
    environment(|| {
        let builder = ort::init_from(path).map_err(|e| e.to_string())?;
        let environment =
            builder.with_name("zhaoyan").with_telemetry(false).build().map_err(|e| e.to_string())?;
        Ok((environment, path.to_owned()))
    })
    .map(drop)
}

fn environment(
    start: impl FnOnce() -> Result<(Environment, PathBuf), String>,
) -> Result<&'static Environment, ModelError> {
    match ENVIRONMENT.get_or_init(start) {
        Ok((environment, _)) => Ok(environment),
        Err(reason) => Err(ModelError::Load(reason.clone())),
    }
}

/// A network with as many sessions as run at once: a session must not run two inferences together, so a caller takes
/// one out, and another is opened while the machine has cores for it; beyond that, callers wait.
pub(super) struct PooledModel {
    id: ModelId,
    bytes: Vec<u8>,
    threads: usize,
    most: usize,
    pool: Mutex<Pool>,
    returned: Condvar,
}

struct Pool {
    idle: Vec<Session>,
    opened: usize,
}

impl PooledModel {
    pub(super) fn open(id: ModelId, bytes: Vec<u8>, threads: usize) -> Result<Self, ModelError> {
        let first = session(id, &bytes, threads)?;
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let pool = Mutex::new(Pool { idle: vec![first], opened: 1 });
        Ok(Self { id, bytes, threads, most: cores, pool, returned: Condvar::new() })
    }

    fn take(&self) -> Result<Lease<'_>, ModelError> {
        let mut pool = self.pool.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(session) = pool.idle.pop() {
                return Ok(Lease { owner: self, session: Some(session) });
            }
            if pool.opened < self.most {
                pool.opened += 1;
                drop(pool);
                // The lease gives the place back if opening fails.
                let mut lease = Lease { owner: self, session: None };
                lease.session = Some(session(self.id, &self.bytes, self.threads)?);
                return Ok(lease);
            }
            pool = self.returned.wait(pool).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

struct Lease<'a> {
    owner: &'a PooledModel,
    session: Option<Session>,
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        let mut pool = self.owner.pool.lock().unwrap_or_else(PoisonError::into_inner);
        match self.session.take() {
            Some(session) => pool.idle.push(session),
            None => pool.opened -= 1,
        }
        drop(pool);
        self.owner.returned.notify_one();
    }
}

impl Model for PooledModel {
    fn run(&self, inputs: &[TensorView<'_>]) -> Result<Vec<Tensor>, ModelError> {
        let failed = |e: ort::Error| ModelError::Run(format!("{}: {e}", self.id.key()));
        let mut lease = self.take()?;
        let Some(session) = lease.session.as_mut() else {
            return Err(ModelError::Run(format!("{}: no session", self.id.key())));
        };
        let expected = session.inputs().len();
        if inputs.len() != expected {
            return Err(ModelError::Run(format!(
                "{} takes {expected} inputs, not {}",
                self.id.key(),
                inputs.len()
            )));
        }
        let values = inputs
            .iter()
            .map(|input| Ok(TensorRef::from_array_view((input.shape(), input.data()))?.into()))
            .collect::<Result<Vec<SessionInputValue<'_>>, ort::Error>>()
            .map_err(failed)?;
        let outputs = session.run(values.as_slice()).map_err(failed)?;
        (0..outputs.len())
            .map(|index| {
                let (shape, data) = outputs[index].try_extract_tensor::<f32>().map_err(failed)?;
                let shape = shape.iter().map(|extent| usize::try_from(*extent).unwrap_or(0)).collect();
                Tensor::new(shape, data.to_vec())
            })
            .collect()
    }
}

fn session(id: ModelId, bytes: &[u8], threads: usize) -> Result<Session, ModelError> {
    let environment = environment(|| Err("it was not started".to_owned()))?;
    let open = || -> Result<Session, ort::Error> {
        // Spinning threads would take the cores from the other sessions between inferences.
        Session::builder(environment)?
            .with_intra_threads(threads)?
            .with_inter_threads(1)?
            .with_intra_op_spinning(false)?
            .commit_from_memory(bytes)
    };
    open().map_err(|e| ModelError::Load(format!("{}: {e}", id.key())))
}
