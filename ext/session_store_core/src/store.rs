//! Sessions: read, saved, touched, moved and removed, each under the condition that keeps others' work safe.

use crate::error::Error;
use crate::expression::Expression;
use crate::limits::Limits;
use crate::row::{
    CREATED_AT, DATA, Data, EXPIRE_AT, LOCK_TOKEN, LOCKED_AT, MAX_ITEM_BYTES, Row, UPDATED_AT, as_written, now,
    timestamp,
};
use crate::stats;
use crate::table::{Table, built};
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{
    AttributeValue, CancellationReason, Delete, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
};
use std::collections::HashMap;

type Item = HashMap<String, AttributeValue>;

/// What a request wants to save.
#[derive(Debug, Clone)]
pub struct Write {
    /// The serialised session.
    pub data: Data,
    /// When the session began; `None`: now.
    pub created_at: Option<f64>,
    /// The cookie's lifetime in seconds, where it has one.
    pub expire_after: Option<f64>,
}

/// What must hold of a row for a save to go through.
#[derive(Debug, Clone)]
pub enum Guard {
    /// It still holds the data that was loaded.
    Unchanged(Option<Data>),
    /// It is there, whatever it holds: the last writer wins.
    Exists,
    /// It is locked with this token; the save gives the lock back.
    Locked(String),
}

impl Guard {
    fn on(self, expression: Expression, key: &str) -> Expression {
        let expression = expression.if_exists(key);
        match self {
            Self::Unchanged(data) => expression.if_equals(DATA, data.map(Into::into)),
            Self::Exists => expression,
            Self::Locked(token) => expression.if_equals(LOCK_TOKEN, Some(AttributeValue::S(token))),
        }
    }
}

/// How a first save ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Created {
    /// The row is there.
    Saved(Row),
    /// The id is another session's.
    Taken,
}

/// How a save ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Saved {
    /// The row holds what was to be saved.
    Saved(Row),
    /// There is no row: the session was destroyed meanwhile, and nothing was written.
    Gone,
    /// Somebody else has saved meanwhile; this is their row, and nothing was written.
    Changed(Row),
    /// The id to move to is another session's; nothing was written.
    Taken,
    /// Somebody else holds the lock by now; nothing was written.
    LockLost,
}

/// The sessions of one table.
#[derive(Debug, Clone)]
pub struct Store {
    /// Where they are.
    pub table: Table,
    /// How long they live.
    pub limits: Limits,
    /// Whether loading sees every write that came before it.
    pub consistent_read: bool,
}

impl Store {
    /// The session's row, or `None` where there is none or the session is over.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidData`] for a row that cannot be read, or what DynamoDB or the network say.
    pub async fn load(&self, id: &str) -> Result<Option<Row>, Error> {
        let row = match self.item(id, self.consistent_read).await? {
            None => return Ok(None),
            Some(item) => Row::read(&item)?,
        };
        stats::item_bytes(self.size(id, &row));
        Ok(Some(row).filter(|row| !self.limits.expired(row, now())))
    }

    /// The row as it lies in the table.
    ///
    /// # Errors
    ///
    /// What DynamoDB or the network say.
    pub async fn item(&self, id: &str, consistent_read: bool) -> Result<Option<Item>, Error> {
        self.table
            .client
            .get_item()
            .table_name(&self.table.name)
            .set_key(Some(self.key(id)))
            .consistent_read(consistent_read)
            .set_return_consumed_capacity(stats::capacity_wanted())
            .send()
            .await
            .map(|answer| {
                stats::capacity(answer.consumed_capacity());
                // A stubbed client answers with an empty item.
                answer.item.filter(|item| !item.is_empty())
            })
            .map_err(|error| self.table.error("GetItem", error))
    }

    /// Saves a session for the first time.
    ///
    /// # Errors
    ///
    /// [`Error::SessionTooLarge`], or what DynamoDB or the network say.
    pub async fn create(&self, id: &str, write: Write) -> Result<Created, Error> {
        let row = self.row(id, write)?;
        let expression = self.contents(&row).if_not_exists(&self.table.key);
        match self.update(id, expression).await? {
            None => Ok(Created::Saved(row)),
            // The SDK sends again what was not answered: the row that is in the way may be the one of the first attempt.
            Some(Found::Row(found)) if found == row => Ok(Created::Saved(row)),
            Some(_) => Ok(Created::Taken),
        }
    }

    /// Saves a session whose row is there.
    ///
    /// # Errors
    ///
    /// [`Error::SessionTooLarge`], [`Error::InvalidData`] where what others saved cannot be read, or what DynamoDB or the
    /// network say.
    pub async fn save(&self, id: &str, write: Write, guard: Guard) -> Result<Saved, Error> {
        let row = self.row(id, write)?;
        let failed = Failed::of(&guard);
        let mut expression = self.contents(&row);
        if matches!(guard, Guard::Locked(_)) {
            expression = expression.remove(LOCKED_AT).remove(LOCK_TOKEN);
        }
        Ok(match self.update(id, guard.on(expression, &self.table.key)).await? {
            None => Saved::Saved(row),
            Some(found) => failed.against(row, found),
        })
    }

    /// Notes that a session was used. `false` where there is none.
    ///
    /// # Errors
    ///
    /// What DynamoDB or the network say.
    pub async fn touch(&self, id: &str, created_at: Option<f64>, expire_after: Option<f64>) -> Result<bool, Error> {
        let expression = self.touched(now(), created_at, expire_after).if_exists(&self.table.key);
        Ok(self.update(id, expression).await?.is_none())
    }

    pub(crate) fn touched(&self, now: f64, created_at: Option<f64>, expire_after: Option<f64>) -> Expression {
        let expire_at = self.limits.expire_at(created_at.unwrap_or(now), now, expire_after);
        Expression::default()
            .set(UPDATED_AT, AttributeValue::N(timestamp(now)))
            .set_or_remove(EXPIRE_AT, expire_at.map(|at| AttributeValue::N(at.to_string())))
    }

    /// Moves a session to a new id and saves it, in one transaction: until it succeeds the old row stays as it is. The
    /// guard is on the old row.
    ///
    /// # Errors
    ///
    /// As [`Store::save`].
    pub async fn rename(&self, from: &str, to: &str, write: Write, guard: Guard) -> Result<Saved, Error> {
        let row = self.row(to, write)?;
        let failed = Failed::of(&guard);
        let new = self.contents(&row).if_not_exists(&self.table.key);
        let old = guard.on(Expression::default(), &self.table.key);
        let sent = self
            .table
            .client
            .transact_write_items()
            .transact_items(self.update_part(to, new)?)
            .transact_items(self.delete_part(from, old)?)
            .set_return_consumed_capacity(stats::capacity_wanted())
            .send()
            .await;
        match sent {
            Ok(answer) => {
                stats::capacity(answer.consumed_capacity());
                Ok(Saved::Saved(row))
            }
            Err(SdkError::ServiceError(context)) => match context.err() {
                TransactWriteItemsError::TransactionCanceledException(cancelled)
                    if cancelled.cancellation_reasons().iter().any(failed_condition) =>
                {
                    self.moved(from, row, failed, cancelled.cancellation_reasons()).await
                }
                _ => Err(self.table.error("TransactWriteItems", SdkError::ServiceError(context))),
            },
            Err(error) => Err(self.table.error("TransactWriteItems", error)),
        }
    }

    /// Removes a session. That there is none is no error.
    ///
    /// # Errors
    ///
    /// What DynamoDB or the network say.
    pub async fn destroy(&self, id: &str) -> Result<(), Error> {
        self.table
            .client
            .delete_item()
            .table_name(&self.table.name)
            .set_key(Some(self.key(id)))
            .set_return_consumed_capacity(stats::capacity_wanted())
            .send()
            .await
            .map(|answer| stats::capacity(answer.consumed_capacity()))
            .map_err(|error| self.table.error("DeleteItem", error))
    }

    /// What the reasons of a cancelled move mean: of the new row first, then of the old one.
    async fn moved(
        &self,
        from: &str,
        row: Row,
        failed: Failed,
        reasons: &[CancellationReason],
    ) -> Result<Saved, Error> {
        match reasons {
            [new, ..] if failed_condition(new) => match new.item() {
                Some(item) if Row::read(item)? == row => Ok(Saved::Saved(row)),
                _ => Ok(Saved::Taken),
            },
            [_, old, ..] => {
                let found = match old.item().filter(|item| !item.is_empty()) {
                    Some(item) => Some(Row::read(item)?),
                    None => self.found(from).await?,
                };
                // Nothing was moved, so equal data is no success of ours here: it goes again.
                Ok(failed.of_row(found))
            }
            _ => Ok(Saved::Gone),
        }
    }

    /// Sends an update. `None`: done. Otherwise its condition failed, and this is why.
    pub(crate) async fn update(&self, id: &str, expression: Expression) -> Result<Option<Found>, Error> {
        let request = self
            .table
            .client
            .update_item()
            .table_name(&self.table.name)
            .set_key(Some(self.key(id)))
            .update_expression(expression.update())
            .condition_expression(expression.condition())
            .set_return_consumed_capacity(stats::capacity_wanted())
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let (names, values) = expression.into_placeholders();
        let sent =
            request.set_expression_attribute_names(Some(names)).set_expression_attribute_values(values).send().await;
        match sent {
            Ok(answer) => {
                stats::capacity(answer.consumed_capacity());
                Ok(None)
            }
            Err(SdkError::ServiceError(context)) => match context.err() {
                UpdateItemError::ConditionalCheckFailedException(failed) => match failed.item() {
                    Some(item) => Ok(Some(Found::Row(Row::read(item)?))),
                    // Not every engine and client hands the item out: then it takes a second look.
                    None => Ok(Some(self.found(id).await?.map_or(Found::Nothing, Found::Row))),
                },
                _ => Err(self.table.error("UpdateItem", SdkError::ServiceError(context))),
            },
            Err(error) => Err(self.table.error("UpdateItem", error)),
        }
    }

    async fn found(&self, id: &str) -> Result<Option<Row>, Error> {
        self.item(id, true).await?.map(|item| Row::read(&item)).transpose()
    }

    fn update_part(&self, id: &str, expression: Expression) -> Result<TransactWriteItem, Error> {
        let update = Update::builder()
            .table_name(&self.table.name)
            .set_key(Some(self.key(id)))
            .update_expression(expression.update())
            .condition_expression(expression.condition())
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let (names, values) = expression.into_placeholders();
        let update = update.set_expression_attribute_names(Some(names)).set_expression_attribute_values(values);
        Ok(TransactWriteItem::builder().update(built(update.build())?).build())
    }

    fn delete_part(&self, id: &str, expression: Expression) -> Result<TransactWriteItem, Error> {
        let delete = Delete::builder()
            .table_name(&self.table.name)
            .set_key(Some(self.key(id)))
            .condition_expression(expression.condition())
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let (names, values) = expression.into_placeholders();
        let delete = delete.set_expression_attribute_names(Some(names)).set_expression_attribute_values(values);
        Ok(TransactWriteItem::builder().delete(built(delete.build())?).build())
    }

    /// The row that a write makes, checked against DynamoDB's limit here: DynamoDB says so only in the text of a
    /// `ValidationException`.
    fn row(&self, id: &str, write: Write) -> Result<Row, Error> {
        let now = as_written(now());
        let created_at = write.created_at.map_or(now, as_written);
        let row = Row {
            expire_at: self.limits.expire_at(created_at, now, write.expire_after).map(|at| at as f64),
            data: Some(write.data),
            created_at: Some(created_at),
            updated_at: Some(now),
            ..Row::default()
        };
        let size = self.size(id, &row);
        stats::item_bytes(size);
        if size > MAX_ITEM_BYTES {
            return Err(Error::SessionTooLarge { size, limit: MAX_ITEM_BYTES });
        }
        Ok(row)
    }

    pub(crate) fn size(&self, id: &str, row: &Row) -> usize {
        self.table.key.len() + id.len() + row.size()
    }

    fn contents(&self, row: &Row) -> Expression {
        let number = |seconds: f64| AttributeValue::N(timestamp(seconds));
        Expression::default()
            .set_or_remove(DATA, row.data.clone().map(Into::into))
            .set_or_remove(CREATED_AT, row.created_at.map(number))
            .set_or_remove(UPDATED_AT, row.updated_at.map(number))
            .set_or_remove(EXPIRE_AT, row.expire_at.map(|at| AttributeValue::N(format!("{at:.0}"))))
    }

    pub(crate) fn key(&self, id: &str) -> Item {
        HashMap::from([(self.table.key.clone(), AttributeValue::S(id.to_owned()))])
    }
}

/// What was there when a condition failed.
pub(crate) enum Found {
    Nothing,
    Row(Row),
}

/// What a failed guard means.
#[derive(Clone, Copy)]
enum Failed {
    Changed,
    LockLost,
}

impl Failed {
    fn of(guard: &Guard) -> Self {
        match guard {
            Guard::Locked(_) => Self::LockLost,
            Guard::Unchanged(_) | Guard::Exists => Self::Changed,
        }
    }

    fn against(self, row: Row, found: Found) -> Saved {
        match found {
            // An attempt of ours that was not answered. Who saves the same data at another time is somebody else, and
            // may have counted on from the same number.
            Found::Row(found) if found.data == row.data && found.updated_at == row.updated_at => Saved::Saved(row),
            Found::Row(found) => self.of_row(Some(found)),
            Found::Nothing => Saved::Gone,
        }
    }

    fn of_row(self, found: Option<Row>) -> Saved {
        match (found, self) {
            (None, _) => Saved::Gone,
            (Some(found), Self::Changed) => Saved::Changed(found),
            (Some(_), Self::LockLost) => Saved::LockLost,
        }
    }
}

fn failed_condition(reason: &CancellationReason) -> bool {
    reason.code() == Some("ConditionalCheckFailed")
}
