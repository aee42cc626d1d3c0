//! `Aws::SessionStore::DynamoDB::Native::LockKeeper`.

use magnus::{Class, Error, Module, RModule, Ruby, method};
use std::mem::ManuallyDrop;
use tokio::task::AbortHandle;

/// A task that renews a lock, until it is stopped or nobody holds this object any more.
#[magnus::wrap(class = "Aws::SessionStore::DynamoDB::Native::LockKeeper", free_immediately, size)]
pub(crate) struct LockKeeper {
    process: u32,
    task: ManuallyDrop<AbortHandle>,
}

pub(crate) fn define(ruby: &Ruby, native: RModule) -> Result<(), Error> {
    let class = native.define_class("LockKeeper", ruby.class_object())?;
    class.undef_default_alloc_func();
    class.define_method("stop", method!(LockKeeper::stop, 0))
}

impl LockKeeper {
    pub(crate) fn new(process: u32, task: AbortHandle) -> Self {
        Self { process, task: ManuallyDrop::new(task) }
    }

    fn stop(&self) {
        // In a forked child the task is the parent's: see `process`.
        if self.process == std::process::id() {
            self.task.abort();
        }
    }
}

impl Drop for LockKeeper {
    fn drop(&mut self) {
        self.stop();
    }
}
