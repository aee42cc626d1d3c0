//! What happens around a fork, whoever forks: the only unsafe code of the gem.

#![allow(unsafe_code)]

use crate::process;
use magnus::{Error, Ruby};
use session_store_core::Paused;
use std::cell::Cell;

thread_local! {
    /// The three handlers are called on the thread that forks, in the child too.
    static PAUSED: Cell<Option<Paused<'static>>> = const { Cell::new(None) };
}

/// Holds the embedded engines still while this process forks.
pub(crate) fn watch(ruby: &Ruby) -> Result<(), Error> {
    // SAFETY: the handlers are functions of this library, which Ruby never unloads. They are called in a normal context,
    // by the thread that forks, and do not unwind.
    match unsafe { libc::pthread_atfork(Some(before), Some(after), Some(after)) } {
        0 => Ok(()),
        code => {
            let error = std::io::Error::from_raw_os_error(code);
            Err(Error::new(ruby.exception_runtime_error(), format!("pthread_atfork: {error}")))
        }
    }
}

extern "C" fn before() {
    // A thread that ends has no variables any more; it does not fork.
    let _ = PAUSED.try_with(|paused| paused.set(process::pause()));
}

extern "C" fn after() {
    let _ = PAUSED.try_with(Cell::take);
}
