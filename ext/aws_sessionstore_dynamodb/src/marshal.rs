//! `Aws::SessionStore::DynamoDB::Native.read_marshal`: rows of older gems, as plain data only.

use crate::error::{RubyResult, raise};
use bytes::Bytes;
use magnus::encoding::EncodingCapable;
use magnus::value::ReprValue;
use magnus::{Error, IntoValue, Object, RModule, RString, Ruby, Value, function};
use session_store_core::{Encoding, Error as CoreError, Plain, read_marshal};

pub(crate) fn define(_ruby: &Ruby, native: RModule) -> Result<(), Error> {
    native.define_singleton_method("read_marshal", function!(read, 1))
}

fn read(ruby: &Ruby, bytes: Bytes) -> RubyResult {
    let read = read_marshal(&bytes);
    let plain = read.map_err(|error| raise(ruby, CoreError::InvalidData(error.to_string())))?;
    value(ruby, plain)
}

fn value(ruby: &Ruby, plain: Plain) -> RubyResult {
    Ok(match plain {
        Plain::Nil => ruby.qnil().as_value(),
        Plain::True => ruby.qtrue().as_value(),
        Plain::False => ruby.qfalse().as_value(),
        Plain::Int(int) => int.into_value_with(ruby),
        Plain::BigInt { negative, magnitude_le } => integer(ruby, negative, &magnitude_le)?,
        Plain::Float(float) => float.into_value_with(ruby),
        Plain::Str { bytes, encoding } => string(ruby, &bytes, &encoding)?.as_value(),
        Plain::Symbol { bytes, encoding } => string(ruby, &bytes, &encoding)?.funcall("to_sym", ())?,
        Plain::Array(elements) => {
            let array = ruby.ary_new_capa(elements.len());
            for element in elements {
                array.push(value(ruby, element)?)?;
            }
            array.as_value()
        }
        Plain::Hash(pairs) => {
            let hash = ruby.hash_new();
            for (key, element) in pairs {
                hash.aset(value(ruby, key)?, value(ruby, element)?)?;
            }
            hash.as_value()
        }
    })
}

fn integer(ruby: &Ruby, negative: bool, magnitude_le: &[u8]) -> Result<Value, Error> {
    let digits: String = magnitude_le.iter().rev().map(|byte| format!("{byte:02x}")).collect();
    let sign = if negative { "-" } else { "" };
    ruby.str_new(&format!("{sign}{digits}")).funcall("to_i", (16,))
}

fn string(ruby: &Ruby, bytes: &[u8], encoding: &Encoding) -> Result<RString, Error> {
    let string = ruby.str_from_slice(bytes);
    match encoding {
        Encoding::Binary => {}
        Encoding::Utf8 => string.enc_set(ruby.utf8_encoding())?,
        Encoding::UsAscii => string.enc_set(ruby.usascii_encoding())?,
        Encoding::Named(name) => match ruby.find_encoding(name) {
            Some(encoding) => string.enc_set(encoding)?,
            None => {
                let message = format!("a string in the encoding {name}, which this Ruby does not know");
                return Err(raise(ruby, CoreError::InvalidData(message)));
            }
        },
    }
    Ok(string)
}
