//! What belongs to one process: the runtime, the embedded engines, the pipes to wait on.

use crate::lane::Lane;
use crate::wait::Bell;
use magnus::{Error, Ruby};
use session_store_core::{Engines, Paused};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::runtime::{Builder, Runtime};

/// Threads do not survive a fork, and a client made on the parent's runtime hangs in the child for good. So everything
/// that lives on threads is kept by process, made at its first use, and never given back: a child leaks what it
/// inherited, since even dropping it would wait for threads that are not there.
pub(crate) struct Process {
    pub(crate) id: u32,
    pub(crate) runtime: Runtime,
    pub(crate) engines: Engines,
    pub(crate) bells: Mutex<Vec<Arc<Bell>>>,
    pub(crate) lanes: Mutex<Vec<Lane>>,
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
pub(crate) fn current(ruby: &Ruby) -> Result<&'static Process, Error> {
    let id = std::process::id();
    let mut current = CURRENT.lock().unwrap_or_else(PoisonError::into_inner);
    match *current {
        Some(process) if process.id == id => Ok(process),
        _ => {
            let runtime = Builder::new_multi_thread()
                .worker_threads(1)
                .thread_name("sessionstore")
                .enable_all()
                .build()
                .map_err(|error| {
                    Error::new(ruby.exception_runtime_error(), format!("no thread to work on: {error}"))
                })?;
            let process: &'static Process =
                Box::leak(Box::new(Process { id, runtime, engines: Engines::default(), bells: Mutex::default(), lanes: Mutex::default() }));
            *current = Some(process);
            Ok(process)
        }
    }
}
