//! Conflicts with a transaction are passing: they are tried again like throttling.

use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::retries::classifiers::{ClassifyRetry, RetryAction};

/// The SDK gives up at once when a session's row is part of a transaction under way (the renewal of its id), or when a
/// transaction was cancelled for one. Neither says anything about the session.
#[derive(Debug)]
pub(crate) struct TransactionConflicts;

impl ClassifyRetry for TransactionConflicts {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let Some(Err(error)) = context.output_or_error() else {
            return RetryAction::NoActionIndicated;
        };
        let Some(error) = error.as_operation_error() else {
            return RetryAction::NoActionIndicated;
        };
        let cancelled = error.downcast_ref::<TransactWriteItemsError>().is_some_and(conflict_only);
        let conflict = matches!(error.downcast_ref(), Some(UpdateItemError::TransactionConflictException(_)))
            || matches!(error.downcast_ref(), Some(DeleteItemError::TransactionConflictException(_)));
        if cancelled || conflict { RetryAction::throttling_error() } else { RetryAction::NoActionIndicated }
    }

    fn name(&self) -> &'static str {
        "transaction conflicts"
    }
}

/// A failed condition is an answer; it must come through even beside a conflict.
fn conflict_only(error: &TransactWriteItemsError) -> bool {
    let TransactWriteItemsError::TransactionCanceledException(cancelled) = error else {
        return false;
    };
    let codes = || cancelled.cancellation_reasons().iter().filter_map(|reason| reason.code());
    codes().any(|code| matches!(code, "TransactionConflict" | "ThrottlingError" | "ProvisionedThroughputExceeded"))
        && codes().all(|code| code != "ConditionalCheckFailed")
}
