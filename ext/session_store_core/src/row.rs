//! One row of the table.

use crate::error::Error;
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use std::collections::HashMap;

/// DynamoDB's limit for one item, attribute names included: 400 KB.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html>
pub const MAX_ITEM_BYTES: usize = 400 * 1024;

/// With microseconds it still fits into the 38 digits of DynamoDB's numbers; no clock says so.
const MAX_SECONDS: f64 = 1e15;

pub(crate) const DATA: &str = "data";
pub(crate) const CREATED_AT: &str = "created_at";
pub(crate) const UPDATED_AT: &str = "updated_at";
pub(crate) const EXPIRE_AT: &str = "expire_at";
pub(crate) const LOCKED_AT: &str = "locked_at";
pub(crate) const LOCK_TOKEN: &str = "lock_token";

/// A serialised session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Data {
    /// As the serializer has written it (S).
    Text(String),
    /// Compressed (B). The type of the attribute is what tells the two apart: serializers write any text.
    Compressed(Vec<u8>),
}

impl Data {
    fn size(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Compressed(bytes) => bytes.len(),
        }
    }

    fn read(value: &AttributeValue) -> Result<Self, Error> {
        match value {
            AttributeValue::S(text) => Ok(Self::Text(text.clone())),
            AttributeValue::B(bytes) => Ok(Self::Compressed(bytes.as_ref().to_vec())),
            _ => Err(unreadable(DATA, "is neither a string (S) nor binary (B)")),
        }
    }
}

impl From<&str> for Data {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<Data> for AttributeValue {
    fn from(data: Data) -> Self {
        match data {
            Data::Text(text) => Self::S(text),
            Data::Compressed(bytes) => Self::B(Blob::new(bytes)),
        }
    }
}

/// A session as it lies in the table. Times are seconds since the epoch.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Row {
    /// The serialised session.
    pub data: Option<Data>,
    /// When the session was first saved.
    pub created_at: Option<f64>,
    /// When it was last saved or touched.
    pub updated_at: Option<f64>,
    /// What DynamoDB's TTL goes by.
    pub expire_at: Option<f64>,
    /// When it was locked. Kept as it is written (N, or S by older gems): it is only compared.
    pub locked_at: Option<AttributeValue>,
    /// Who holds the lock; the locks of older gems have none.
    pub lock_token: Option<String>,
}

impl Row {
    /// Reads an item. Times may be N or, as older gems wrote them, S.
    pub(crate) fn read(item: &HashMap<String, AttributeValue>) -> Result<Self, Error> {
        Ok(Self {
            data: item.get(DATA).map(Data::read).transpose()?,
            created_at: seconds(item, CREATED_AT)?,
            updated_at: seconds(item, UPDATED_AT)?,
            expire_at: seconds(item, EXPIRE_AT)?,
            locked_at: item.get(LOCKED_AT).cloned(),
            lock_token: item.get(LOCK_TOKEN).and_then(|token| token.as_s().ok()).cloned(),
        })
    }

    /// What DynamoDB counts for this row, without its key: names and values in UTF-8.
    /// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html>
    pub(crate) fn size(&self) -> usize {
        let number =
            |name: &str, seconds: Option<f64>| seconds.map_or(0, |at| name.len() + number_size(&timestamp(at)));
        self.data.as_ref().map_or(0, |data| DATA.len() + data.size())
            + number(CREATED_AT, self.created_at)
            + number(UPDATED_AT, self.updated_at)
            + number(EXPIRE_AT, self.expire_at)
    }

    /// Version 4.0 of the gem wrote the current time where no limit was set: an `expire_at` that is not later than
    /// `updated_at` says nothing.
    pub(crate) fn believable_expire_at(&self) -> Option<f64> {
        self.expire_at.filter(|at| self.updated_at.is_none_or(|updated_at| *at > updated_at))
    }
}

/// A byte for two digits on each side of the point, and one more. Zeros at the end do not count.
fn number_size(number: &str) -> usize {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let fraction = fraction.trim_end_matches('0');
    let whole = if fraction.is_empty() { whole.trim_end_matches('0') } else { whole };
    whole.len().div_ceil(2) + fraction.len().div_ceil(2) + 1
}

fn seconds(item: &HashMap<String, AttributeValue>, name: &str) -> Result<Option<f64>, Error> {
    match item.get(name) {
        None => Ok(None),
        Some(AttributeValue::N(text) | AttributeValue::S(text)) => match text.parse::<f64>() {
            Ok(seconds) if seconds.abs() < MAX_SECONDS => Ok(Some(seconds)),
            _ => Err(unreadable(name, "is no time in seconds")),
        },
        Some(_) => Err(unreadable(name, "is neither a number (N) nor a string (S)")),
    }
}

fn unreadable(attribute: &str, why: &str) -> Error {
    Error::InvalidData(format!("the session's row cannot be read: its attribute {attribute} {why}"))
}

/// Seconds with microseconds, as the attribute is written.
pub(crate) fn timestamp(seconds: f64) -> String {
    format!("{seconds:.6}")
}

/// The time that is read back when this one is written, so that a row can be recognised.
pub(crate) fn as_written(seconds: f64) -> f64 {
    (seconds * 1e6).round() / 1e6
}

/// Now, in seconds since the epoch.
pub(crate) fn now() -> f64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(pairs: &[(&str, AttributeValue)]) -> HashMap<String, AttributeValue> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
    }

    #[test]
    fn times_are_read_as_numbers_and_as_strings() {
        let row = Row::read(&item(&[
            (DATA, AttributeValue::S("{}".into())),
            (CREATED_AT, AttributeValue::S("1500000000.25".into())),
            (UPDATED_AT, AttributeValue::N("1500000001.5".into())),
        ]));
        let row = row.unwrap_or_default();
        assert_eq!(
            (row.created_at, row.updated_at, row.expire_at),
            (Some(1_500_000_000.25), Some(1_500_000_001.5), None)
        );
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        for (name, value) in [
            (DATA, AttributeValue::Bool(true)),
            (CREATED_AT, AttributeValue::S("yesterday".into())),
            (UPDATED_AT, AttributeValue::N("NaN".into())),
            (CREATED_AT, AttributeValue::N("1e125".into())),
            (EXPIRE_AT, AttributeValue::Null(true)),
        ] {
            let error = Row::read(&item(&[(name, value)])).err().map(|error| error.to_string()).unwrap_or_default();
            assert!(error.contains(name), "{error:?} does not name {name}");
        }
    }
}
