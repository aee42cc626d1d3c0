//! Randomness after a fork.

use std::time::{SystemTime, UNIX_EPOCH};

/// Begins a new sequence of random numbers on this thread. To be called in a forked child, on the thread that forked:
/// it inherits the state of the SDK's generator, and all children of one process would make the same tokens, by which
/// DynamoDB tells a transaction that is sent again from a new one.
pub fn reseed() {
    fastrand::seed(getrandom::u64().unwrap_or_else(|_| {
        let time = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        time.as_nanos() as u64 ^ (u64::from(std::process::id()) << 32)
    }));
}
