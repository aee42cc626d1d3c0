//! The pessimistic lock: a session is used by one request at a time.
//!
//! A lock is a token and a time in the session's row. Its holder renews the time while it works; a waiter takes over a
//! lock that it has itself seen unchanged for the time after which locks expire. So no two clocks are compared, and a
//! process whose clock is off neither loses its locks nor takes those of others. Only a lock far older than any clock
//! error is taken at once: its holder died when nobody waited.

use crate::error::Error;
use crate::expression::Expression;
use crate::row::{LOCK_TOKEN, LOCKED_AT, Row, as_written, now, timestamp};
use crate::stats;
use crate::store::{Found, Store};
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure};
use std::time::{Duration, Instant};

/// What clocks may be apart, in seconds, for locks to be safe.
const CLOCK_TOLERANCE: f64 = 30.0;

/// How to wait for a lock.
#[derive(Debug, Clone, Copy)]
pub struct LockSettings {
    /// After this time without renewal a lock is free.
    pub expiry: Duration,
    /// Between two attempts, with jitter.
    pub retry_delay: Duration,
    /// In all; then [`Error::LockWaitTimeout`].
    pub max_wait: Duration,
}

/// Another's lock, as it was seen, and since when.
struct Seen {
    locked_at: Option<AttributeValue>,
    token: Option<String>,
    since: Instant,
}

enum Attempt {
    Taken(Row),
    Nothing,
    Held(Row),
}

impl Store {
    /// Takes the session's lock and reads its row in one call; waits where another holds it. `None` where there is no
    /// such session or it is over.
    ///
    /// # Errors
    ///
    /// [`Error::LockWaitTimeout`], [`Error::InvalidData`], or what DynamoDB or the network say.
    pub async fn lock(&self, id: &str, token: &str, settings: LockSettings) -> Result<Option<Row>, Error> {
        let start = Instant::now();
        let mut seen: Option<Seen> = None;
        loop {
            let expired = seen.as_ref().filter(|seen| seen.since.elapsed() >= settings.expiry);
            let held = match self.attempt(id, token, expired, settings).await? {
                Attempt::Nothing => return Ok(None),
                Attempt::Taken(row) if self.limits.expired(&row, now()) => {
                    self.unlock(id, token).await?;
                    return Ok(None);
                }
                Attempt::Taken(row) => return Ok(Some(row)),
                Attempt::Held(row) => row,
            };
            match &seen {
                Some(seen) if seen.locked_at == held.locked_at && seen.token == held.lock_token => {}
                _ => seen = Some(Seen { locked_at: held.locked_at, token: held.lock_token, since: Instant::now() }),
            }
            let left = settings.max_wait.saturating_sub(start.elapsed());
            if left.is_zero() {
                return Err(Error::LockWaitTimeout);
            }
            let delay = settings.retry_delay.mul_f64(0.5 + fastrand::f64() / 2.0);
            // A dead holder is to cost no more than the expiry: not another delay on top.
            let expires = seen.as_ref().map_or(delay, |seen| settings.expiry.saturating_sub(seen.since.elapsed()));
            tokio::time::sleep(delay.min(expires).min(left)).await;
        }
    }

    /// Renews a lock. `false` where it is lost.
    ///
    /// # Errors
    ///
    /// What DynamoDB or the network say.
    pub async fn renew_lock(&self, id: &str, token: &str) -> Result<bool, Error> {
        let expression = Expression::default()
            .set(LOCKED_AT, AttributeValue::N(timestamp(now())))
            .if_equals(LOCK_TOKEN, mine(token));
        Ok(self.update(id, expression).await?.is_none())
    }

    /// Renews a lock until it is lost or this future is dropped.
    pub async fn keep_lock(&self, id: &str, token: &str, expiry: Duration) {
        loop {
            tokio::time::sleep(expiry / 3).await;
            // A renewal that failed in the network is tried again; whether the lock is lost is for the save to find out.
            if let Ok(false) = self.renew_lock(id, token).await {
                return;
            }
        }
    }

    /// Gives the lock back, if it is still ours.
    ///
    /// # Errors
    ///
    /// What DynamoDB or the network say.
    pub async fn unlock(&self, id: &str, token: &str) -> Result<(), Error> {
        let expression = Expression::default().remove(LOCKED_AT).remove(LOCK_TOKEN).if_equals(LOCK_TOKEN, mine(token));
        self.update(id, expression).await.map(drop)
    }

    /// Gives the lock back and notes that the session was used. `false` where the lock, or the session, was lost.
    ///
    /// # Errors
    ///
    /// What DynamoDB or the network say.
    pub async fn touch_and_unlock(
        &self,
        id: &str,
        token: &str,
        created_at: Option<f64>,
        expire_after: Option<f64>,
    ) -> Result<bool, Error> {
        let now = as_written(now());
        let expression = self
            .touched(now, created_at, expire_after)
            .remove(LOCKED_AT)
            .remove(LOCK_TOKEN)
            .if_equals(LOCK_TOKEN, mine(token));
        Ok(match self.update(id, expression).await? {
            None => true,
            // An attempt of ours that was not answered had done it.
            Some(Found::Row(found)) => found.updated_at == Some(now),
            Some(Found::Nothing) => false,
        })
    }

    async fn attempt(
        &self,
        id: &str,
        token: &str,
        expired: Option<&Seen>,
        settings: LockSettings,
    ) -> Result<Attempt, Error> {
        let now = now();
        let expression = Expression::default()
            .set(LOCKED_AT, AttributeValue::N(timestamp(now)))
            .set(LOCK_TOKEN, AttributeValue::S(token.to_owned()))
            .if_exists(&self.table.key);
        let expression = match expired {
            // Only one of many waiters finds what it saw.
            Some(seen) => expression
                .if_equals(LOCKED_AT, seen.locked_at.clone())
                .if_equals(LOCK_TOKEN, seen.token.clone().map(AttributeValue::S)),
            None => {
                let long_ago = timestamp(now - settings.expiry.as_secs_f64() - CLOCK_TOLERANCE);
                // Older gems wrote it as S; the comparison of texts is that of numbers with as many digits.
                expression
                    .if_absent_or_less(LOCKED_AT, [AttributeValue::N(long_ago.clone()), AttributeValue::S(long_ago)])
            }
        };
        let request = self
            .table
            .client
            .update_item()
            .table_name(&self.table.name)
            .set_key(Some(self.key(id)))
            .update_expression(expression.update())
            .condition_expression(expression.condition())
            .return_values(ReturnValue::AllNew)
            .set_return_consumed_capacity(stats::capacity_wanted())
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let (names, values) = expression.into_placeholders();
        let sent =
            request.set_expression_attribute_names(Some(names)).set_expression_attribute_values(values).send().await;
        let found = match sent {
            Ok(answer) => {
                stats::capacity(answer.consumed_capacity());
                let row = Row::read(&answer.attributes.unwrap_or_default());
                match &row {
                    Ok(row) => stats::item_bytes(self.size(id, row)),
                    // Whoever waits for it would wait in vain.
                    Err(_) => self.unlock(id, token).await?,
                }
                return Ok(Attempt::Taken(row?));
            }
            Err(SdkError::ServiceError(context)) => match context.err() {
                UpdateItemError::ConditionalCheckFailedException(failed) => match failed.item() {
                    Some(item) => Some(Row::read(item)?),
                    None => self.item(id, true).await?.map(|item| Row::read(&item)).transpose()?,
                },
                _ => return Err(self.table.error("UpdateItem", SdkError::ServiceError(context))),
            },
            Err(error) => return Err(self.table.error("UpdateItem", error)),
        };
        Ok(match found {
            None => Attempt::Nothing,
            // An attempt of ours that was not answered had taken it.
            Some(row) if row.lock_token.as_deref() == Some(token) => Attempt::Taken(row),
            Some(row) => Attempt::Held(row),
        })
    }
}

fn mine(token: &str) -> Option<AttributeValue> {
    Some(AttributeValue::S(token.to_owned()))
}
