//! Values of Ruby to owned values of Rust and back.

use crate::error::{RubyResult, argument};
use aws_sdk_dynamodb::types::AttributeValue;
use bytes::Bytes;
use magnus::encoding::EncodingCapable;
use magnus::value::ReprValue;
use magnus::{Error, IntoValue, RHash, RString, Ruby, Symbol, TryConvert, Value};
use session_store_core::{Created, Data, Guard, LockSettings, Row, Saved, TableProperties, Write};
use std::collections::HashMap;
use std::time::Duration;

/// The value of a key that must be there: nothing has a default here.
pub(crate) fn fetch<T: TryConvert>(ruby: &Ruby, hash: RHash, name: &str) -> Result<T, Error> {
    let value: Value = hash.fetch(ruby.to_symbol(name)).map_err(|error| argument(ruby, name, &error))?;
    T::try_convert(value).map_err(|error| argument(ruby, name, &error))
}

/// Seconds, checked: Rust panics on a duration that is negative or no number.
pub(crate) fn duration(ruby: &Ruby, hash: RHash, name: &str) -> Result<Duration, Error> {
    seconds(ruby, name, fetch(ruby, hash, name)?)
}

fn seconds(ruby: &Ruby, name: &str, seconds: f64) -> Result<Duration, Error> {
    Duration::try_from_secs_f64(seconds)
        .map_err(|error| Error::new(ruby.exception_arg_error(), format!("native argument {name}: {error}")))
}

/// A String, whose encoding tells the two kinds of data apart: compressed is what is binary (ASCII-8BIT).
struct Stored(Data);

impl TryConvert for Stored {
    fn try_convert(value: Value) -> Result<Self, Error> {
        let string = RString::try_convert(value)?;
        let binary = string.enc_get() == Ruby::get_with(value).ascii8bit_encindex();
        Ok(Self(if binary {
            Data::Compressed(Bytes::try_convert(value)?.into())
        } else {
            Data::Text(string.to_string()?)
        }))
    }
}

/// `[data, created_at, expire_after]`
pub(crate) struct Written(Write);

impl TryConvert for Written {
    fn try_convert(value: Value) -> Result<Self, Error> {
        let (Stored(data), created_at, expire_after) = TryConvert::try_convert(value)?;
        Ok(Self(Write { data, created_at, expire_after }))
    }
}

impl From<Written> for Write {
    fn from(written: Written) -> Self {
        written.0
    }
}

/// `[:unchanged, data]`, `[:exists, nil]`, `[:locked, token]`
pub(crate) struct Guarded(Guard);

impl TryConvert for Guarded {
    fn try_convert(value: Value) -> Result<Self, Error> {
        let (kind, stored): (Symbol, Option<Stored>) = TryConvert::try_convert(value)?;
        match (kind.name()?.as_ref(), stored.map(|Stored(data)| data)) {
            ("unchanged", data) => Ok(Self(Guard::Unchanged(data))),
            ("exists", None) => Ok(Self(Guard::Exists)),
            ("locked", Some(Data::Text(token))) => Ok(Self(Guard::Locked(token))),
            (other, _) => Err(Error::new(
                Ruby::get_with(value).exception_arg_error(),
                format!("native argument guard: {other} is none of unchanged, exists and locked"),
            )),
        }
    }
}

impl From<Guarded> for Guard {
    fn from(guarded: Guarded) -> Self {
        guarded.0
    }
}

/// `[expiry, retry_delay, max_wait]` in seconds
pub(crate) struct Locking(pub(crate) LockSettings);

impl TryConvert for Locking {
    fn try_convert(value: Value) -> Result<Self, Error> {
        let (expiry, retry_delay, max_wait) = TryConvert::try_convert(value)?;
        let ruby = Ruby::get_with(value);
        Ok(Self(LockSettings {
            expiry: seconds(&ruby, "expiry", expiry)?,
            retry_delay: seconds(&ruby, "retry_delay", retry_delay)?,
            max_wait: seconds(&ruby, "max_wait", max_wait)?,
        }))
    }
}

/// What a new table is to be like, by its names.
pub(crate) struct Properties(pub(crate) TableProperties);

impl TryConvert for Properties {
    fn try_convert(value: Value) -> Result<Self, Error> {
        let (ruby, options) = (Ruby::get_with(value), RHash::try_convert(value)?);
        Ok(Self(TableProperties {
            throughput: fetch(&ruby, options, "throughput")?,
            time_to_live: fetch(&ruby, options, "time_to_live")?,
            tags: fetch(&ruby, options, "tags")?,
            kms_key_id: fetch(&ruby, options, "kms_key_id")?,
            point_in_time_recovery: fetch(&ruby, options, "point_in_time_recovery")?,
            deletion_protection: fetch(&ruby, options, "deletion_protection")?,
        }))
    }
}

/// `[data, created_at, updated_at]`
pub(crate) fn row(ruby: &Ruby, row: Row) -> Value {
    let data = row.data.map(|data| match data {
        Data::Text(text) => ruby.str_new(&text),
        Data::Compressed(bytes) => ruby.str_from_slice(&bytes),
    });
    (data, row.created_at, row.updated_at).into_value_with(ruby)
}

/// `[:saved, row]`, `[:taken, nil]`
pub(crate) fn created(ruby: &Ruby, created: Created) -> Value {
    match created {
        Created::Saved(found) => outcome(ruby, "saved", Some(found)),
        Created::Taken => outcome(ruby, "taken", None),
    }
}

/// `[:saved, row]`, `[:changed, row]`, `[:gone, nil]`, `[:taken, nil]`, `[:lock_lost, nil]`
pub(crate) fn saved(ruby: &Ruby, saved: Saved) -> Value {
    match saved {
        Saved::Saved(found) => outcome(ruby, "saved", Some(found)),
        Saved::Changed(found) => outcome(ruby, "changed", Some(found)),
        Saved::Gone => outcome(ruby, "gone", None),
        Saved::Taken => outcome(ruby, "taken", None),
        Saved::LockLost => outcome(ruby, "lock_lost", None),
    }
}

fn outcome(ruby: &Ruby, name: &str, found: Option<Row>) -> Value {
    (ruby.to_symbol(name), found.map(|found| row(ruby, found))).into_value_with(ruby)
}

/// An item in DynamoDB's JSON: `{"data" => {"S" => "…"}, …}`. Types that no version of the gem writes are shown by name
/// only.
pub(crate) fn item(ruby: &Ruby, item: HashMap<String, AttributeValue>) -> RubyResult {
    let hash = ruby.hash_new();
    for (name, value) in item {
        let typed = ruby.hash_new();
        match value {
            AttributeValue::S(text) => typed.aset("S", text)?,
            AttributeValue::N(number) => typed.aset("N", number)?,
            AttributeValue::Bool(bool) => typed.aset("BOOL", bool)?,
            AttributeValue::B(bytes) => typed.aset("B", ruby.str_from_slice(bytes.as_ref()))?,
            _ => typed.aset("other", ruby.qnil())?,
        }
        hash.aset(name, typed)?;
    }
    Ok(hash.as_value())
}
