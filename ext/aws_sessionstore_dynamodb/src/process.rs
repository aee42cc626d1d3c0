//! What belongs to one process: runtimes, embedded engines, and what to wait on.

use crate::lane::Lane;
use crate::wait::Bell;
use magnus::{Error, Ruby};
use session_store_core::{ClientSettings, Engines, Paused};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::OnceCell;

/// Threads do not survive a fork, and a client made on the parent's runtime hangs in the child for good. So everything
/// that lives on threads is kept by process, made at its first use, and never given back: a child leaks what it
/// inherited, since even dropping it would wait for threads that are not there.
pub(crate) struct Process {
    pub(crate) id: u32,
    pub(crate) engines: Engines,
    runtime: OnceLock<Runtime>,
    clients: Mutex<HashMap<(ClientSettings, bool), Client>>,
    pub(crate) bells: Mutex<Vec<Arc<Bell>>>,
    pub(crate) lanes: Mutex<Vec<Lane>>,
}

/// One that is perhaps not yet connected.
pub(crate) type Client = Arc<OnceCell<aws_sdk_dynamodb::Client>>;

impl Process {
    /// The one client of all who want the same, so that they share its credentials and connections.
    pub(crate) fn client(&self, settings: &ClientSettings, delegated: bool) -> Client {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(clients.entry((settings.clone(), delegated)).or_default())
    }

    /// For what goes on while no thread of Ruby waits for it, or while fibers do. It is started when it is first needed.
    pub(crate) fn runtime(&self, ruby: &Ruby) -> Result<&Runtime, Error> {
        if let Some(runtime) = self.runtime.get() {
            return Ok(runtime);
        }
        let built = Builder::new_multi_thread().worker_threads(1).thread_name("sessionstore").enable_all().build();
        match built {
            Ok(runtime) => Ok(self.runtime.get_or_init(|| runtime)),
            Err(error) => Err(no_runtime(ruby, &error)),
        }
    }
}

pub(crate) fn no_runtime(ruby: &Ruby, error: &std::io::Error) -> Error {
    Error::new(ruby.exception_runtime_error(), format!("there is nothing to make calls with: {error}"))
}

/// What a fork must not find in the middle of its work, held still while the result lives.
pub(crate) fn pause() -> Option<Paused<'static>> {
    // Locked by another thread it can only be where somebody forks without Ruby's global lock.
    let process = *CURRENT.try_lock().ok()?;
    process.filter(|process| process.id == std::process::id()).map(|process| process.engines.pause())
}

/// Only locked under Ruby's global lock and never across a call into Ruby, so that no fork can find it locked.
static CURRENT: Mutex<Option<&'static Process>> = Mutex::new(None);

/// This process's own, made now if need be.
pub(crate) fn current() -> &'static Process {
    let id = std::process::id();
    let mut current = CURRENT.lock().unwrap_or_else(PoisonError::into_inner);
    match *current {
        Some(process) if process.id == id => process,
        _ => {
            let process: &'static Process = Box::leak(Box::new(Process {
                id,
                engines: Engines::default(),
                runtime: OnceLock::new(),
                clients: Mutex::default(),
                bells: Mutex::default(),
                lanes: Mutex::default(),
            }));
            *current = Some(process);
            process
        }
    }
}
