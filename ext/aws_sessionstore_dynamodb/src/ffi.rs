//! What magnus does not offer, in C's terms: the only unsafe code of the gem.

#![allow(unsafe_code)]

use crate::process;
use magnus::{Error, Ruby};
use session_store_core::{Paused, reseed};
use std::cell::Cell;
use std::ffi::{c_int, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::ptr::{from_mut, from_ref, null_mut};
use std::thread;

thread_local! {
    /// The three handlers are called on the thread that forks, in the child too.
    static PAUSED: Cell<Option<Paused<'static>>> = const { Cell::new(None) };
}

/// Holds the embedded engines still while this process forks, whoever forks it, and gives the child random numbers of its
/// own.
pub(crate) fn watch_forks(ruby: &Ruby) -> Result<(), Error> {
    // SAFETY: the handlers are functions of this library, which Ruby never unloads. They are called in a normal context,
    // by the thread that forks, and do not unwind.
    match unsafe { libc::pthread_atfork(Some(before_fork), Some(after_fork), Some(in_child)) } {
        0 => Ok(()),
        code => {
            let error = std::io::Error::from_raw_os_error(code);
            Err(Error::new(ruby.exception_runtime_error(), format!("pthread_atfork: {error}")))
        }
    }
}

extern "C" fn before_fork() {
    // A thread that ends has no variables any more; it does not fork.
    let _ = PAUSED.try_with(|paused| paused.set(process::pause()));
}

extern "C" fn after_fork() {
    let _ = PAUSED.try_with(Cell::take);
}

/// Neither to raise in the middle of the call, nor to start a thread for each that could call `interrupt`, as Ruby does
/// where there is only one and `interrupt` must not be called in a signal handler.
const FLAGS: c_int = (rb_sys::RB_NOGVL_INTR_FAIL | rb_sys::RB_NOGVL_UBF_ASYNC_SAFE) as c_int;

extern "C" fn in_child() {
    after_fork();
    reseed();
}

/// Runs `work` on this thread, while Ruby runs others. `interrupt` is called, perhaps more than once, on another thread or
/// in a signal handler, when Ruby wants this one back: it must do no more than is allowed there, and `work` is to end
/// soon then.
///
/// `None`: Ruby wanted it back before it began.
///
/// `work` must not touch Ruby.
pub(crate) fn without_global_lock<W, I, T>(_ruby: &Ruby, work: W, interrupt: &I) -> Option<T>
where
    W: FnOnce() -> T,
    I: Fn() + Sync,
{
    let mut call = Call { work: Some(work), result: None };
    // SAFETY: it is called on a Ruby thread that holds the lock, as there is a `Ruby`. Both pointers are to what outlives
    // the call, and have the types that the functions cast them to; Ruby calls `unblock` only while `run` runs, so
    // `interrupt`, which is `Sync`, is all that two threads share. Neither function unwinds. With these flags the
    // call raises nothing, so that no frame of Rust is jumped over.
    unsafe {
        rb_sys::rb_nogvl(
            Some(run::<W, T>),
            from_mut(&mut call).cast(),
            Some(unblock::<I>),
            from_ref(interrupt).cast_mut().cast(),
            FLAGS,
        );
    }
    call.result.map(|result| result.unwrap_or_else(|panic| resume_unwind(panic)))
}

struct Call<W, T> {
    work: Option<W>,
    result: Option<thread::Result<T>>,
}

unsafe extern "C" fn run<W: FnOnce() -> T, T>(call: *mut c_void) -> *mut c_void {
    // SAFETY: see `without_global_lock`.
    let call = unsafe { &mut *call.cast::<Call<W, T>>() };
    call.result = call.work.take().map(|work| catch_unwind(AssertUnwindSafe(work)));
    null_mut()
}

unsafe extern "C" fn unblock<I: Fn()>(interrupt: *mut c_void) {
    // SAFETY: see `without_global_lock`.
    let interrupt = unsafe { &*interrupt.cast::<I>() };
    let _ = catch_unwind(AssertUnwindSafe(interrupt));
}
