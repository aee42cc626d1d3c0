//! The core by its public API, on the embedded engine behind the SDK's HTTP client.
//!
//! One binary for all concerns: each would link the whole SDK.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod client;
mod common;
mod create;
mod embedded;
mod errors;
mod inspection;
mod load;
mod lock;
mod network;
mod readers;
mod rename;
mod save;
mod size;
mod stats;
mod table;
mod touch_and_destroy;
