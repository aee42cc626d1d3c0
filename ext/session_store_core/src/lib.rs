//! Sessions in Amazon DynamoDB: how rows are read, written and removed, and under which conditions.
//!
//! This crate knows no Ruby. It holds no defaults either: whoever calls it says what it is to do, so that a forgotten
//! setting is a compile error or a failing test, not a surprise.

#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod client;
mod collector;
mod connections;
mod embedded;
mod error;
mod expression;
mod inspection;
mod limits;
mod lock;
mod marshal;
mod random;
mod retry;
mod row;
mod signature;
mod stats;
mod store;
mod table;
mod transport;

pub use client::{ClientSettings, connect};
pub use collector::{CollectorCounts, CollectorOptions, CollectorProgress};
pub use embedded::{Engines, Paused};
pub use error::Error;
pub use inspection::{Identity, TableState, identify};
pub use limits::Limits;
pub use lock::LockSettings;
pub use marshal::{Encoding, MarshalError, Plain, read as read_marshal};
pub use random::reseed;
pub use row::{Data, MAX_ITEM_BYTES, Row};
pub use signature::Signer;
pub use stats::{Stats, measured};
pub use store::{Created, Guard, Saved, Store, Write};
pub use table::{Table, TableProperties};
pub use transport::{Answer, Reply, Transport};
