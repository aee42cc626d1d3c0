//! What a call cost: attempts, capacity, bytes.

use aws_sdk_dynamodb::config::interceptors::BeforeTransmitInterceptorContextRef;
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;
use aws_sdk_dynamodb::types::{ConsumedCapacity, ReturnConsumedCapacity};
use std::future::Future;
use std::sync::{Mutex, PoisonError};

/// What one call has cost so far.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Stats {
    /// Requests sent, the SDK's retries included.
    pub attempts: u32,
    /// Capacity units that DynamoDB says were consumed. It says nothing of requests that failed.
    pub capacity_units: f64,
    /// Size of the session's row as DynamoDB counts it, where one was read or written.
    pub item_bytes: usize,
}

tokio::task_local! {
    static CALL: Mutex<Stats>;
}

/// Runs a call and counts what it costs. DynamoDB is asked for the consumed capacity only here, since it makes the
/// answers longer.
pub async fn measured<F: Future>(call: F) -> (F::Output, Stats) {
    CALL.scope(Mutex::default(), async {
        let output = call.await;
        (output, CALL.with(|stats| *stats.lock().unwrap_or_else(PoisonError::into_inner)))
    })
    .await
}

/// For requests: whether to ask for the consumed capacity.
pub(crate) fn capacity_wanted() -> Option<ReturnConsumedCapacity> {
    CALL.try_with(|_| ReturnConsumedCapacity::Total).ok()
}

pub(crate) fn capacity<'a>(consumed: impl IntoIterator<Item = &'a ConsumedCapacity>) {
    let units: f64 = consumed.into_iter().filter_map(ConsumedCapacity::capacity_units).sum();
    count(|stats| stats.capacity_units += units);
}

pub(crate) fn item_bytes(bytes: usize) {
    count(|stats| stats.item_bytes = bytes);
}

fn count(count: impl FnOnce(&mut Stats)) {
    // Outside of `measured` nobody wants to know.
    let _ = CALL.try_with(|stats| count(&mut stats.lock().unwrap_or_else(PoisonError::into_inner)));
}

/// Counts the attempts that the SDK makes.
#[derive(Debug)]
pub(crate) struct Attempts;

impl Intercept for Attempts {
    fn name(&self) -> &'static str {
        "attempts"
    }

    fn read_before_attempt(
        &self,
        _context: &BeforeTransmitInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        count(|stats| stats.attempts += 1);
        Ok(())
    }
}
