//! The Ruby binding: owned values in, owned values out.

#![deny(unsafe_code)]

mod collector;
mod convert;
mod error;
mod ffi;
mod inspection;
mod lane;
mod lock;
mod marshal;
mod process;
mod signer;
mod store;
mod wait;

use magnus::{Error, Module, Ruby};

/// Called by Ruby when the library is loaded. It starts nothing: see [`process`].
#[magnus::init]
fn init(ruby: &Ruby) -> Result<(), Error> {
    ffi::watch_forks(ruby)?;
    let native = error::namespace(ruby)?.define_module("Native")?;
    collector::define(ruby, native)?;
    inspection::define(native)?;
    lock::define(ruby, native)?;
    marshal::define(ruby, native)?;
    signer::define(ruby, native)?;
    store::define(ruby, native)
}
