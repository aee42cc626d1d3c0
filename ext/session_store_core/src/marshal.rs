//! A reader of Ruby's Marshal format, version 4.8, for the rows that older versions of the gem have written.
//!
//! It builds plain data: strings, numbers, true, false, nil, symbols, arrays and hashes. It never builds an object of
//! the application, calls nothing and knows no class, so that a row, whoever wrote it, can run no code. A subclass of
//! Hash, Array or String is read as what it is a subclass of; instance variables and default values are checked, then
//! dropped. All else is an error that names what was found.
//!
//! No input makes it panic, exhaust the stack or take more memory than a small multiple of the input's size.

use std::fmt;

/// How deep arrays and hashes may be nested. The same number bounds what shared references unfold to, and it is small
/// enough for the stack of a Ruby fiber, 512 KiB, also in a build without optimisation.
const MAX_DEPTH: usize = 128;

/// What a result may take in memory: so much for every byte of input, which covers all that is written out, and
/// [`SHARED_BYTES`] on top for what is written once and referred to many times.
const BYTES_PER_INPUT_BYTE: usize = 64;
const SHARED_BYTES: usize = 4 << 20;

/// The longest name of an encoding that is believed, and of a class that an error quotes in full.
const MAX_NAME: usize = 80;

const _: () = assert!(size_of::<Plain>() < BYTES_PER_INPUT_BYTE);

/// A value that can be read without knowing any class of the application.
#[derive(Clone, Debug, PartialEq)]
pub enum Plain {
    /// `nil`
    Nil,
    /// `true`
    True,
    /// `false`
    False,
    /// An Integer that fits 64 bits, however it was written.
    Int(i64),
    /// An Integer that does not fit 64 bits.
    BigInt {
        /// Whether it is below zero.
        negative: bool,
        /// The absolute value, least significant byte first, without leading zeros.
        magnitude_le: Vec<u8>,
    },
    /// A Float.
    Float(f64),
    /// A String, or an instance of a subclass of it.
    Str {
        /// The content, which need not be valid in its encoding.
        bytes: Vec<u8>,
        /// What the content is said to be encoded in.
        encoding: Encoding,
    },
    /// A Symbol.
    Symbol {
        /// The name, which need not be valid in its encoding.
        bytes: Vec<u8>,
        /// What the name is said to be encoded in; US-ASCII where it has only ASCII characters, as in Ruby.
        encoding: Encoding,
    },
    /// An Array, or an instance of a subclass of it.
    Array(Vec<Plain>),
    /// A Hash, or an instance of a subclass of it: keys and values in their order.
    Hash(Vec<(Plain, Plain)>),
}

/// The encoding of a String or a Symbol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8
    Utf8,
    /// US-ASCII
    UsAscii,
    /// ASCII-8BIT, which Ruby also calls BINARY.
    Binary,
    /// Any other, by the name that Ruby gives it, such as `Shift_JIS`. Printable ASCII.
    Named(String),
}

/// Why bytes could not be read, and where. It quotes names of classes, never content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MarshalError {
    offset: usize,
    reason: Reason,
}

/// What was wrong with the bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// They end before the value does.
    Truncated,
    /// They go on after the value.
    TrailingBytes,
    /// They are of another version of the format, or no Marshal data at all.
    Version {
        /// The first byte.
        major: u8,
        /// The second byte.
        minor: u8,
    },
    /// They hold something that is not plain data: what it is, with the name of its class.
    NotPlain(String),
    /// An array or hash contains itself.
    Cyclic,
    /// Arrays and hashes are nested too deeply.
    TooDeep,
    /// Shared references unfold to more than is reasonable for an input of this size.
    TooLarge,
    /// They break a rule of the format: which one.
    Malformed(&'static str),
}

impl MarshalError {
    /// The position in the input, counted from 0, of what is wrong.
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// What is wrong there.
    pub fn reason(&self) -> &Reason {
        &self.reason
    }
}

impl fmt::Display for MarshalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Marshal data cannot be read at byte {}: ", self.offset)?;
        match &self.reason {
            Reason::Truncated => f.write_str("it ends too early"),
            Reason::TrailingBytes => f.write_str("more bytes follow the end of the value"),
            Reason::Version { major, minor } => {
                write!(f, "the format's version is {major}.{minor}, but only 4.0 to 4.8 can be read")
            }
            Reason::NotPlain(what) => {
                write!(f, "{what} is not plain data (strings, numbers, true, false, nil, symbols, arrays, hashes)")
            }
            Reason::Cyclic => f.write_str("an array or hash contains itself"),
            Reason::TooDeep => write!(f, "arrays and hashes are nested more than {MAX_DEPTH} levels deep"),
            Reason::TooLarge => f.write_str("shared references unfold to too much data"),
            Reason::Malformed(rule) => f.write_str(rule),
        }
    }
}

impl std::error::Error for MarshalError {}

/// Reads what `Marshal.dump` has written.
///
/// A value that is referred to from several places is copied to each of them.
///
/// # Errors
///
/// [`MarshalError`] when the bytes are not exactly one value in Marshal format 4.0 to 4.8, when it is not plain data,
/// and when it is nested or unfolds beyond the limits of this module.
pub fn read(bytes: &[u8]) -> Result<Plain, MarshalError> {
    let mut reader = Reader { input: bytes, at: 0, symbols: Vec::new(), objects: Vec::new() };
    let (major, minor) = (reader.byte()?, reader.byte()?);
    if major != 4 || minor > 8 {
        return Err(error(0, Reason::Version { major, minor }));
    }
    let root = reader.value(0)?;
    if reader.at < bytes.len() {
        return Err(error(reader.at, Reason::TrailingBytes));
    }
    let mut builder = Builder {
        symbols: &reader.symbols,
        objects: &reader.objects,
        budget: bytes.len().saturating_mul(BYTES_PER_INPUT_BYTE).saturating_add(SHARED_BYTES),
    };
    // What is shared has no single place in the input, so the whole value is blamed.
    builder.build(root, 0).map_err(|reason| error(2, reason))
}

fn error(offset: usize, reason: Reason) -> MarshalError {
    MarshalError { offset, reason }
}

/// A value as the input spells it: what the format lets others refer to stands in one of the reader's two tables.
#[derive(Clone, Copy)]
enum Value {
    Nil,
    True,
    False,
    Int(i64),
    Symbol(usize),
    Object(usize),
}

/// The text of a String or Symbol, still in the input.
#[derive(Clone, Copy)]
struct Text<'a> {
    bytes: &'a [u8],
    encoding: TextEncoding<'a>,
}

#[derive(Clone, Copy)]
enum TextEncoding<'a> {
    Utf8,
    UsAscii,
    Binary,
    Named(&'a str),
}

/// What `@` can refer to.
enum Object<'a> {
    /// An array or hash whose elements are still being read: a reference to it now is a cycle.
    Open,
    Int(i64),
    BigInt {
        negative: bool,
        magnitude: &'a [u8],
    },
    Float(f64),
    Str(Text<'a>),
    Array(Vec<Value>),
    Hash(Vec<(Value, Value)>),
}

/// The first pass: checks the input and finds out what refers to what. It takes time and memory in proportion to the
/// input, as nothing is copied.
struct Reader<'a> {
    input: &'a [u8],
    at: usize,
    /// Both tables are filled in the order in which Ruby fills its own, as the input counts on it.
    symbols: Vec<Text<'a>>,
    objects: Vec<Object<'a>>,
}

impl<'a> Reader<'a> {
    fn value(&mut self, depth: usize) -> Result<Value, MarshalError> {
        let start = self.at;
        if depth > MAX_DEPTH {
            return Err(error(start, Reason::TooDeep));
        }
        match self.byte()? {
            b'I' => self.value_with_variables(depth),
            kind => self.value_of(kind, start, depth),
        }
    }

    /// What follows an `I`: a value, then its instance variables. A String's or Symbol's encoding is one of them.
    fn value_with_variables(&mut self, depth: usize) -> Result<Value, MarshalError> {
        let start = self.at;
        let kind = self.byte()?;
        match kind {
            b':' => self.new_symbol(true, depth).map(Value::Symbol),
            b'0' | b'T' | b'F' | b'i' | b';' | b'@' | b'I' => {
                Err(error(start, Reason::Malformed("this kind of value cannot have instance variables")))
            }
            _ => {
                let value = self.value_of(kind, start, depth)?;
                let encoding = self.variables(depth)?;
                if let (Value::Object(index), Some(encoding)) = (value, encoding)
                    && let Some(Object::Str(text)) = self.objects.get_mut(index)
                {
                    text.encoding = encoding;
                }
                Ok(value)
            }
        }
    }

    fn value_of(&mut self, kind: u8, start: usize, depth: usize) -> Result<Value, MarshalError> {
        match kind {
            b'0' => Ok(Value::Nil),
            b'T' => Ok(Value::True),
            b'F' => Ok(Value::False),
            b'i' => self.fixnum().map(Value::Int),
            b':' => self.new_symbol(false, depth).map(Value::Symbol),
            b';' => self.symbol_link().map(Value::Symbol),
            b'@' => self.object_link(start),
            b'f' => {
                let float = self.float()?;
                Ok(self.register(Object::Float(float)))
            }
            b'l' => {
                let integer = self.bignum()?;
                Ok(self.register(integer))
            }
            b'"' => {
                let bytes = self.bytes()?;
                Ok(self.register(Object::Str(Text { bytes, encoding: TextEncoding::Binary })))
            }
            b'[' => self.array(depth),
            b'{' => self.hash(false, depth),
            b'}' => self.hash(true, depth),
            b'C' => self.instance_of_subclass(depth),
            _ => Err(self.refuse(kind, start, depth)),
        }
    }

    /// What follows a `C`: the name of a class, then an instance as if it were of the class that Ruby comes with.
    /// A Hash that compares by identity is also written so, with `Hash` as the name.
    fn instance_of_subclass(&mut self, depth: usize) -> Result<Value, MarshalError> {
        self.symbol(depth)?;
        let start = self.at;
        match self.byte()? {
            kind @ (b'"' | b'[' | b'{' | b'}' | b'/') => self.value_of(kind, start, depth),
            _ => Err(error(start, Reason::Malformed("a subclass must be of String, Array, Hash or Regexp"))),
        }
    }

    /// The error for what is not plain data.
    fn refuse(&mut self, kind: u8, start: usize, depth: usize) -> MarshalError {
        let (what, name) = match kind {
            b'/' => return error(start, Reason::NotPlain("a Regexp".to_owned())),
            b'o' | b'u' | b'U' => ("an object of class", self.symbol(depth)),
            b'S' => ("a Struct of class", self.symbol(depth)),
            b'd' => ("a native object of class", self.symbol(depth)),
            b'e' => ("an object extended with module", self.symbol(depth)),
            b'c' => ("the class", self.bytes()),
            b'm' => ("the module", self.bytes()),
            b'M' => ("the class or module", self.bytes()),
            _ => return error(start, Reason::Malformed("the format has no such type of value")),
        };
        match name {
            Ok(name) => error(start, Reason::NotPlain(format!("{what} {}", printable(name)))),
            Err(error) => error,
        }
    }

    fn array(&mut self, depth: usize) -> Result<Value, MarshalError> {
        let length = self.length(1)?;
        let index = self.objects.len();
        self.objects.push(Object::Open);
        // Grown as elements come, not to the length that the input declares: nested declarations would add up.
        let mut elements = Vec::new();
        for _ in 0..length {
            elements.push(self.value(depth + 1)?);
        }
        Ok(self.close(index, Object::Array(elements)))
    }

    fn hash(&mut self, with_default: bool, depth: usize) -> Result<Value, MarshalError> {
        let length = self.length(2)?;
        let index = self.objects.len();
        self.objects.push(Object::Open);
        let mut pairs = Vec::new();
        for _ in 0..length {
            let key = self.value(depth + 1)?;
            pairs.push((key, self.value(depth + 1)?));
        }
        if with_default {
            self.value(depth + 1)?;
        }
        Ok(self.close(index, Object::Hash(pairs)))
    }

    fn register(&mut self, object: Object<'a>) -> Value {
        self.objects.push(object);
        Value::Object(self.objects.len() - 1)
    }

    fn close(&mut self, index: usize, object: Object<'a>) -> Value {
        if let Some(place) = self.objects.get_mut(index) {
            *place = object;
        }
        Value::Object(index)
    }

    fn object_link(&mut self, start: usize) -> Result<Value, MarshalError> {
        let index = usize::try_from(self.fixnum()?).unwrap_or(usize::MAX);
        match self.objects.get(index) {
            Some(Object::Open) => Err(error(start, Reason::Cyclic)),
            Some(_) => Ok(Value::Object(index)),
            None => Err(error(start, Reason::Malformed("a reference to an object that is not there"))),
        }
    }

    /// A symbol where nothing else may stand: the name of a class or of an instance variable.
    fn symbol(&mut self, depth: usize) -> Result<&'a [u8], MarshalError> {
        let start = self.at;
        if depth > MAX_DEPTH {
            return Err(error(start, Reason::TooDeep));
        }
        let index = match self.byte()? {
            b':' => self.new_symbol(false, depth)?,
            b';' => self.symbol_link()?,
            b'I' if self.peek() == Some(b':') => {
                self.at += 1;
                self.new_symbol(true, depth)?
            }
            _ => return Err(error(start, Reason::Malformed("a symbol is missing"))),
        };
        Ok(self.symbols.get(index).map_or(&[], |symbol| symbol.bytes))
    }

    fn new_symbol(&mut self, with_variables: bool, depth: usize) -> Result<usize, MarshalError> {
        let bytes = self.bytes()?;
        let index = self.symbols.len();
        // It takes its number before its encoding is read, whose name is a symbol, too.
        self.symbols.push(Text { bytes, encoding: TextEncoding::Binary });
        let declared = if with_variables { self.variables(depth)? } else { None };
        let encoding = if bytes.is_ascii() { Some(TextEncoding::UsAscii) } else { declared };
        if let (Some(symbol), Some(encoding)) = (self.symbols.get_mut(index), encoding) {
            symbol.encoding = encoding;
        }
        Ok(index)
    }

    fn symbol_link(&mut self) -> Result<usize, MarshalError> {
        let start = self.at;
        let index = usize::try_from(self.fixnum()?).unwrap_or(usize::MAX);
        if index < self.symbols.len() {
            Ok(index)
        } else {
            Err(error(start, Reason::Malformed("a reference to a symbol that is not there")))
        }
    }

    /// Reads instance variables; returns the encoding, if it is among them.
    fn variables(&mut self, depth: usize) -> Result<Option<TextEncoding<'a>>, MarshalError> {
        let mut encoding = None;
        for _ in 0..self.length(2)? {
            let name = self.symbol(depth + 1)?;
            let start = self.at;
            let value = self.value(depth + 1)?;
            match name {
                b"E" => match value {
                    Value::True => encoding = Some(TextEncoding::Utf8),
                    Value::False => encoding = Some(TextEncoding::UsAscii),
                    _ => return Err(error(start, Reason::Malformed("an encoding flag is neither true nor false"))),
                },
                b"encoding" => encoding = Some(self.named_encoding(value, start)?),
                _ => (),
            }
        }
        Ok(encoding)
    }

    fn named_encoding(&self, value: Value, start: usize) -> Result<TextEncoding<'a>, MarshalError> {
        if let Value::Object(index) = value
            && let Some(Object::Str(text)) = self.objects.get(index)
            && (1..=MAX_NAME).contains(&text.bytes.len())
            && text.bytes.iter().all(u8::is_ascii_graphic)
            && let Ok(name) = std::str::from_utf8(text.bytes)
        {
            return Ok(TextEncoding::Named(name));
        }
        Err(error(start, Reason::Malformed("the name of an encoding is not short printable text")))
    }

    /// The Integer that the format also uses for lengths and references: one byte for small ones, else a byte with
    /// sign and width, then up to four bytes, least significant first.
    fn fixnum(&mut self) -> Result<i64, MarshalError> {
        let first = i64::from(self.byte()?.cast_signed());
        match first {
            0 => Ok(0),
            5.. => Ok(first - 5),
            ..=-5 => Ok(first + 5),
            width => {
                let mut number = 0;
                for position in 0..width.unsigned_abs() {
                    number |= i64::from(self.byte()?) << (8 * position);
                }
                // A negative number is written as its lowest bytes: above them, all bits are ones.
                Ok(if width < 0 { number - (1 << (8 * -width)) } else { number })
            }
        }
    }

    /// A number of things that take at least `each` bytes of input.
    fn length(&mut self, each: usize) -> Result<usize, MarshalError> {
        let start = self.at;
        let length =
            usize::try_from(self.fixnum()?).map_err(|_| error(start, Reason::Malformed("a length is negative")))?;
        if length.saturating_mul(each) > self.input.len() - self.at {
            return Err(error(start, Reason::Truncated));
        }
        Ok(length)
    }

    fn bignum(&mut self) -> Result<Object<'a>, MarshalError> {
        let start = self.at;
        let negative = match self.byte()? {
            b'+' => false,
            b'-' => true,
            _ => return Err(error(start, Reason::Malformed("an integer has no sign"))),
        };
        let half = self.length(2)?;
        let mut magnitude = self.take(half * 2)?;
        while let [rest @ .., 0] = magnitude {
            magnitude = rest;
        }
        // Ruby writes every Integer beyond 31 bits like this.
        if magnitude.len() <= 8 {
            let absolute = magnitude.iter().rev().fold(0_i128, |number, byte| (number << 8) | i128::from(*byte));
            if let Ok(small) = i64::try_from(if negative { -absolute } else { absolute }) {
                return Ok(Object::Int(small));
            }
        }
        Ok(Object::BigInt { negative, magnitude })
    }

    fn float(&mut self) -> Result<f64, MarshalError> {
        let start = self.at;
        let bytes = self.bytes()?;
        let mut parts = bytes.splitn(2, |byte| *byte == 0);
        let text = parts.next().unwrap_or_default();
        let number = match text {
            b"nan" => f64::NAN,
            b"inf" => f64::INFINITY,
            b"-inf" => f64::NEG_INFINITY,
            _ => std::str::from_utf8(text)
                .ok()
                .filter(|text| text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E')))
                .and_then(|text| text.parse().ok())
                .ok_or_else(|| error(start, Reason::Malformed("a float is not a number")))?,
        };
        match parts.next() {
            None | Some([]) => Ok(number),
            Some(&[high]) => Ok(with_lowest_bits(number, u16::from(high) << 8)),
            Some(&[high, low]) => Ok(with_lowest_bits(number, u16::from_be_bytes([high, low]))),
            Some(_) => Err(error(start, Reason::Malformed("a float has too many digits"))),
        }
    }

    fn bytes(&mut self) -> Result<&'a [u8], MarshalError> {
        let length = self.length(1)?;
        self.take(length)
    }

    fn byte(&mut self) -> Result<u8, MarshalError> {
        let byte = self.peek().ok_or_else(|| error(self.at, Reason::Truncated))?;
        self.at += 1;
        Ok(byte)
    }

    fn peek(&self) -> Option<u8> {
        self.input.get(self.at).copied()
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], MarshalError> {
        let end = self.at.saturating_add(length);
        let taken = self.input.get(self.at..end).ok_or_else(|| error(self.at, Reason::Truncated))?;
        self.at = end;
        Ok(taken)
    }
}

/// Replaces the 16 lowest of a number's 53 significant bits. Ruby 1.8 wrote them in binary after the digits, as it did
/// not trust every platform to read all digits back.
fn with_lowest_bits(number: f64, lowest: u16) -> f64 {
    const FRACTION_BITS: u32 = 52;
    if number == 0.0 || !number.is_finite() {
        return number;
    }
    let bits = number.to_bits();
    let magnitude = bits & !(1 << 63);
    // A subnormal number has fewer significant bits than 53: those that it lacks are the lowest.
    let missing = if magnitude >> FRACTION_BITS == 0 { FRACTION_BITS - magnitude.ilog2() } else { 0 };
    let mask = u64::from(u16::MAX) >> missing;
    f64::from_bits((bits & !mask) | (u64::from(lowest) >> missing))
}

/// A name for an error message: class names have letters, digits, `_` and `:`; whatever else the input holds does not
/// get into a log.
fn printable(name: &[u8]) -> String {
    let name = String::from_utf8_lossy(name);
    let mut printable: String = name
        .chars()
        .take(MAX_NAME)
        .map(|char| if char.is_alphanumeric() || char == '_' || char == ':' { char } else { '?' })
        .collect();
    if name.chars().nth(MAX_NAME).is_some() {
        printable.push('…');
    }
    printable
}

/// The second pass: copies, and pays for every copy.
struct Builder<'r, 'a> {
    symbols: &'r [Text<'a>],
    objects: &'r [Object<'a>],
    budget: usize,
}

impl Builder<'_, '_> {
    fn build(&mut self, value: Value, depth: usize) -> Result<Plain, Reason> {
        // References can be nested deeper than the input is.
        if depth > MAX_DEPTH {
            return Err(Reason::TooDeep);
        }
        Ok(match value {
            Value::Nil => Plain::Nil,
            Value::True => Plain::True,
            Value::False => Plain::False,
            Value::Int(number) => Plain::Int(number),
            Value::Symbol(index) => {
                let symbol = self.symbols.get(index).ok_or(MISSING)?;
                let (bytes, encoding) = self.text(symbol)?;
                Plain::Symbol { bytes, encoding }
            }
            Value::Object(index) => match self.objects.get(index).ok_or(MISSING)? {
                Object::Open => return Err(Reason::Cyclic),
                Object::Int(number) => Plain::Int(*number),
                Object::Float(number) => Plain::Float(*number),
                Object::BigInt { negative, magnitude } => {
                    self.pay(magnitude.len())?;
                    Plain::BigInt { negative: *negative, magnitude_le: magnitude.to_vec() }
                }
                Object::Str(text) => {
                    let (bytes, encoding) = self.text(text)?;
                    Plain::Str { bytes, encoding }
                }
                Object::Array(elements) => {
                    self.pay(elements.len().saturating_mul(size_of::<Plain>()))?;
                    let mut array = Vec::with_capacity(elements.len());
                    for element in elements {
                        array.push(self.build(*element, depth + 1)?);
                    }
                    Plain::Array(array)
                }
                Object::Hash(pairs) => {
                    self.pay(pairs.len().saturating_mul(size_of::<(Plain, Plain)>()))?;
                    let mut hash = Vec::with_capacity(pairs.len());
                    for (key, value) in pairs {
                        let key = self.build(*key, depth + 1)?;
                        hash.push((key, self.build(*value, depth + 1)?));
                    }
                    Plain::Hash(hash)
                }
            },
        })
    }

    fn text(&mut self, text: &Text<'_>) -> Result<(Vec<u8>, Encoding), Reason> {
        self.pay(text.bytes.len())?;
        let encoding = match text.encoding {
            TextEncoding::Utf8 => Encoding::Utf8,
            TextEncoding::UsAscii => Encoding::UsAscii,
            TextEncoding::Binary => Encoding::Binary,
            TextEncoding::Named(name) => {
                self.pay(name.len())?;
                Encoding::Named(name.to_owned())
            }
        };
        Ok((text.bytes.to_vec(), encoding))
    }

    fn pay(&mut self, bytes: usize) -> Result<(), Reason> {
        self.budget = self.budget.checked_sub(bytes).ok_or(Reason::TooLarge)?;
        Ok(())
    }
}

/// The reader hands out only numbers of entries that it has made.
const MISSING: Reason = Reason::Malformed("a reference to what is not there");

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    /// A Ruby expression, the bytes that `Marshal.dump` of Ruby 3.1 makes of it, and what they are read as.
    type Fixture = (&'static str, &'static [u8], Plain);

    fn int(number: i64) -> Plain {
        Plain::Int(number)
    }

    fn ints(numbers: &[i64]) -> Plain {
        array(numbers.iter().copied().map(int))
    }

    fn floats(numbers: &[f64]) -> Plain {
        array(numbers.iter().copied().map(Plain::Float))
    }

    fn big(negative: bool, magnitude_le: &[u8]) -> Plain {
        Plain::BigInt { negative, magnitude_le: magnitude_le.to_vec() }
    }

    fn string(bytes: &[u8], encoding: Encoding) -> Plain {
        Plain::Str { bytes: bytes.to_vec(), encoding }
    }

    fn utf8(text: &str) -> Plain {
        string(text.as_bytes(), Encoding::Utf8)
    }

    fn ascii(text: &str) -> Plain {
        string(text.as_bytes(), Encoding::UsAscii)
    }

    fn named(name: &str) -> Encoding {
        Encoding::Named(name.to_owned())
    }

    fn symbol(name: &str) -> Plain {
        let encoding = if name.is_ascii() { Encoding::UsAscii } else { Encoding::Utf8 };
        symbol_in(name.as_bytes(), encoding)
    }

    fn symbol_in(bytes: &[u8], encoding: Encoding) -> Plain {
        Plain::Symbol { bytes: bytes.to_vec(), encoding }
    }

    fn array(elements: impl IntoIterator<Item = Plain>) -> Plain {
        Plain::Array(elements.into_iter().collect())
    }

    fn hash(pairs: impl IntoIterator<Item = (Plain, Plain)>) -> Plain {
        Plain::Hash(pairs.into_iter().collect())
    }

    fn numbers() -> Vec<Fixture> {
        vec![
            ("[nil, true, false]", b"\x04\x08[\x080TF", array([Plain::Nil, Plain::True, Plain::False])),
            (
                "[0, 1, 122, 123, 255, 256, 65535, 65536, 16777215, 16777216, 2**30 - 1]",
                b"\x04\x08[\x10i\x00i\x06i\x7fi\x01{i\x01\xffi\x02\x00\x01i\x02\xff\xffi\x03\x00\x00\x01\
                  i\x03\xff\xff\xffi\x04\x00\x00\x00\x01i\x04\xff\xff\xff?",
                ints(&[0, 1, 122, 123, 255, 256, 65535, 65536, 16_777_215, 16_777_216, (1 << 30) - 1]),
            ),
            (
                "[-1, -123, -124, -256, -257, -65536, -65537, -16777216, -16777217, -(2**30)]",
                b"\x04\x08[\x0fi\xfai\x80i\xff\x84i\xff\x00i\xfe\xff\xfei\xfe\x00\x00i\xfd\xff\xff\xfe\
                  i\xfd\x00\x00\x00i\xfc\xff\xff\xff\xfei\xfc\x00\x00\x00\xc0",
                ints(&[-1, -123, -124, -256, -257, -65536, -65537, -16_777_216, -16_777_217, -(1 << 30)]),
            ),
            (
                "[2**30, -(2**30) - 1, 2**62, 2**63 - 1, -(2**63)]",
                b"\x04\x08[\x0al+\x07\x00\x00\x00@l-\x07\x01\x00\x00@l+\x09\x00\x00\x00\x00\x00\x00\x00@\
                  l+\x09\xff\xff\xff\xff\xff\xff\xff\x7fl-\x09\x00\x00\x00\x00\x00\x00\x00\x80",
                ints(&[1 << 30, -(1 << 30) - 1, 1 << 62, i64::MAX, i64::MIN]),
            ),
            (
                "[2**63, -(2**63) - 1, 2**64, -(2**70)]",
                b"\x04\x08[\x09l+\x09\x00\x00\x00\x00\x00\x00\x00\x80l-\x09\x01\x00\x00\x00\x00\x00\x00\x80\
                  l+\x0a\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00l-\x0a\x00\x00\x00\x00\x00\x00\x00\x00@\x00",
                array([
                    big(false, b"\0\0\0\0\0\0\0\x80"),
                    big(true, b"\x01\0\0\0\0\0\0\x80"),
                    big(false, b"\0\0\0\0\0\0\0\0\x01"),
                    big(true, b"\0\0\0\0\0\0\0\0\x40"),
                ]),
            ),
            (
                "[1.5, -2.25, 1e100, 1.0e-10, 0.0, 1.0 / 3, 5e-324, 1.7976931348623157e308, 123456789.0, 0.0001]",
                b"\x04\x08[\x0ff\x081.5f\x0a-2.25f\x0a1e100f\x0a1e-10f\x060f\x170.3333333333333333f\x0b5e-324\
                  f\x1b1.7976931348623157e308f\x0e123456789f\x0b0.0001",
                floats(&[1.5, -2.25, 1e100, 1e-10, 0.0, 1.0 / 3.0, 5e-324, f64::MAX, 123_456_789.0, 0.0001]),
            ),
            (
                "[Float::INFINITY, -Float::INFINITY]",
                b"\x04\x08[\x07f\x08inff\x09-inf",
                floats(&[f64::INFINITY, f64::NEG_INFINITY]),
            ),
        ]
    }

    fn texts() -> Vec<Fixture> {
        vec![
            (
                r#"["é", "a".encode("US-ASCII"), "\xff".b]"#,
                b"\x04\x08[\x08I\"\x07\xc3\xa9\x06:\x06ETI\"\x06a\x06;\x00F\"\x06\xff",
                array([utf8("é"), ascii("a"), string(b"\xff", Encoding::Binary)]),
            ),
            (
                // The name of an encoding is an object of its own, and shared.
                r#"j = "Shift_JIS"; ["\u3042".encode(j), "\u3044".encode(j), "é".encode("ISO-8859-1"), s = "s", s]"#,
                b"\x04\x08[\x0aI\"\x07\x82\xa0\x06:\x0dencoding\"\x0eShift_JISI\"\x07\x82\xa2\x06;\x00@\x07\
                  I\"\x06\xe9\x06;\x00\"\x0fISO-8859-1I\"\x06s\x06:\x06ET@\x0b",
                array([
                    string(b"\x82\xa0", named("Shift_JIS")),
                    string(b"\x82\xa2", named("Shift_JIS")),
                    string(b"\xe9", named("ISO-8859-1")),
                    utf8("s"),
                    utf8("s"),
                ]),
            ),
            (
                // `;` counts the names of instance variables, too: E is number 3, after the symbol that needs it.
                r#"[:a, :b, :a, :é, :é, "\u3042".encode("Shift_JIS").to_sym, "\xff".b.to_sym]"#,
                b"\x04\x08[\x0c:\x06a:\x06b;\x00I:\x07\xc3\xa9\x06:\x06ET;\x07\
                  I:\x07\x82\xa0\x06:\x0dencoding\"\x0eShift_JIS:\x06\xff",
                array([
                    symbol("a"),
                    symbol("b"),
                    symbol("a"),
                    symbol("é"),
                    symbol("é"),
                    symbol_in(b"\x82\xa0", named("Shift_JIS")),
                    symbol_in(b"\xff", Encoding::Binary),
                ]),
            ),
        ]
    }

    fn hashes() -> Vec<Fixture> {
        vec![
            (
                r#"{ "user_id" => 7, :flash => { "notice" => "Hi" }, nil => [], 1 => {} }"#,
                b"\x04\x08{\x09I\"\x0cuser_id\x06:\x06ETi\x0c:\x0aflash{\x06I\"\x0bnotice\x06;\x00T\
                  I\"\x07Hi\x06;\x00T0[\x00i\x06{\x00",
                hash([
                    (utf8("user_id"), int(7)),
                    (symbol("flash"), hash([(utf8("notice"), utf8("Hi"))])),
                    (Plain::Nil, array([])),
                    (int(1), hash([])),
                ]),
            ),
            (
                r#"Hash.new(5).merge!("a" => 1)"#,
                b"\x04\x08}\x06I\"\x06a\x06:\x06ETi\x06i\x0a",
                hash([(utf8("a"), int(1))]),
            ),
            (
                // The default is dropped, but has its number.
                r#"h = Hash.new("none").merge!(1 => 2); [h, s = "s", s, h]"#,
                b"\x04\x08[\x09}\x06i\x06i\x07I\"\x09none\x06:\x06ETI\"\x06s\x06;\x00T@\x08@\x06",
                array([hash([(int(1), int(2))]), utf8("s"), utf8("s"), hash([(int(1), int(2))])]),
            ),
            ("{}.compare_by_identity.merge!(1 => 2)", b"\x04\x08C:\x09Hash{\x06i\x06i\x07", hash([(int(1), int(2))])),
            (
                "Hash.new(7).compare_by_identity.merge!(1 => 2)",
                b"\x04\x08C:\x09Hash}\x06i\x06i\x07i\x0c",
                hash([(int(1), int(2))]),
            ),
            (
                "ruby2_keywords def last(*all) = all.last; last(a: 1)",
                b"\x04\x08I{\x06:\x06ai\x06\x06:\x06KT",
                hash([(symbol("a"), int(1))]),
            ),
            (
                r#"ActiveSupport::HashWithIndifferentAccess.new(a: { b: [1, { c: "é" }] })"#,
                b"\x04\x08C:-ActiveSupport::HashWithIndifferentAccess{\x06I\"\x06a\x06:\x06EF\
                  C;\x00{\x06I\"\x06b\x06;\x06F[\x07i\x06C;\x00{\x06I\"\x06c\x06;\x06FI\"\x07\xc3\xa9\x06;\x06T",
                hash([(ascii("a"), hash([(ascii("b"), array([int(1), hash([(ascii("c"), utf8("é"))])]))]))]),
            ),
        ]
    }

    fn shared() -> Vec<Fixture> {
        vec![
            (
                r#"s = "x"; [s, s, [s], { s => s }]"#,
                b"\x04\x08[\x09I\"\x06x\x06:\x06ET@\x06[\x06@\x06{\x06I\"\x06x\x06;\x00T@\x06",
                array([utf8("x"), utf8("x"), array([utf8("x")]), hash([(utf8("x"), utf8("x"))])]),
            ),
            (
                "a = [1]; b = [a, a]; [b, b]",
                b"\x04\x08[\x07[\x07[\x06i\x06@\x07@\x06",
                array([ints(&[1]), ints(&[1])].map(|one| array([one.clone(), one]))),
            ),
            (
                // Every Integer beyond 31 bits has a number, although none of 64 bits is ever referred to.
                r#"n = 2**40; s = "s"; [n, n, s, s]"#,
                b"\x04\x08[\x09l+\x08\x00\x00\x00\x00\x00\x01l+\x08\x00\x00\x00\x00\x00\x01\
                  I\"\x06s\x06:\x06ET@\x08",
                array([int(1 << 40), int(1 << 40), utf8("s"), utf8("s")]),
            ),
            (
                r#"n = 2**70; [n, n, "x"]"#,
                b"\x04\x08[\x08l+\x0a\x00\x00\x00\x00\x00\x00\x00\x00@\x00@\x06I\"\x06x\x06:\x06ET",
                array([big(false, b"\0\0\0\0\0\0\0\0\x40"), big(false, b"\0\0\0\0\0\0\0\0\x40"), utf8("x")]),
            ),
            (
                // Equal floats are one object where they fit a tagged word (1.5), and two where they do not (1e300).
                r#"[1.5, 1.5, 1e300, 1e300, s = "s", s]"#,
                b"\x04\x08[\x0bf\x081.5@\x06f\x0a1e300f\x0a1e300I\"\x06s\x06:\x06ET@\x09",
                array([1.5, 1.5, 1e300, 1e300].map(Plain::Float).into_iter().chain([utf8("s"), utf8("s")])),
            ),
            (
                // nil, true, false, small Integers and symbols have none.
                r#"[nil, true, false, 1, :a, s = "s", s]"#,
                b"\x04\x08[\x0c0TFi\x06:\x06aI\"\x06s\x06:\x06ET@\x06",
                array([Plain::Nil, Plain::True, Plain::False, int(1), symbol("a"), utf8("s"), utf8("s")]),
            ),
            (
                // A class and instance variables around a value do not give it a second number, but what the variables
                // hold has its own.
                r#"h = { 1 => 2 }.with_indifferent_access; h.instance_variable_set(:@x, "iv"); [h, h, s = "s", s]"#,
                b"\x04\x08[\x09IC:-ActiveSupport::HashWithIndifferentAccess{\x06i\x06i\x07\x06:\x07@x\
                  I\"\x07iv\x06:\x06ET@\x06I\"\x06s\x06;\x07T@\x08",
                array([hash([(int(1), int(2))]), hash([(int(1), int(2))]), utf8("s"), utf8("s")]),
            ),
            (
                r#"s = ActiveSupport::SafeBuffer.new("<b>"); [s, s, "t"]"#,
                b"\x04\x08[\x08IC:\x1eActiveSupport::SafeBuffer\"\x08<b>\x07:\x06ET:\x0f@html_safeT@\x06\
                  I\"\x06t\x06;\x06T",
                array([utf8("<b>"), utf8("<b>"), utf8("t")]),
            ),
            (
                "class MyArray < Array; end; a = MyArray[1, 2]; [a, a]",
                b"\x04\x08[\x07C:\x0cMyArray[\x07i\x06i\x07@\x06",
                array([ints(&[1, 2]), ints(&[1, 2])]),
            ),
            (
                // What is dropped makes no cycle.
                r#"s = +"a"; s.instance_variable_set(:@me, s); [s]"#,
                b"\x04\x08[\x06I\"\x06a\x07:\x06ET:\x08@me@\x06",
                array([utf8("a")]),
            ),
        ]
    }

    /// Expressions whose value is not plain data, their bytes and what the error says.
    fn not_plain() -> Vec<(&'static str, &'static [u8], &'static str)> {
        vec![
            (
                "ActionDispatch::Flash::FlashHash.new",
                b"\x04\x08o:%ActionDispatch::Flash::FlashHash\x08:\x0d@discardo:\x08Set\x06:\x0a@hash}\x00F\
                  :\x0d@flashes{\x00:\x09@now0",
                "an object of class ActionDispatch::Flash::FlashHash",
            ),
            (
                r#"{ "at" => [Set.new([1])] }"#,
                b"\x04\x08{\x06I\"\x07at\x06:\x06ET[\x06o:\x08Set\x06:\x0a@hash}\x06i\x06TF",
                "an object of class Set",
            ),
            (
                // A hash is plain, but not with an object in an instance variable.
                "h = {}; h.instance_variable_set(:@used, Set.new); h",
                b"\x04\x08I{\x00\x06:\x0a@usedo:\x08Set\x06:\x0a@hash}\x00F",
                "an object of class Set",
            ),
            ("Struct.new(:a) as Point", b"\x04\x08S:\x0aPoint\x06:\x06ai\x06", "a Struct of class Point"),
            (
                "Time.at(0)",
                b"\x04\x08Iu:\x09Time\x0d \x80\x11\x80\x00\x00\x00\x00\x07:\x0boffseti\x00\
                  :\x09zoneI\"\x08UTC\x06:\x06EF",
                "an object of class Time",
            ),
            ("Rational(1, 2)", b"\x04\x08U:\x0dRational[\x07i\x06i\x07", "an object of class Rational"),
            (
                "Object.new.extend(Comparable)",
                b"\x04\x08e:\x0fComparableo:\x0bObject\x00",
                "an object extended with module Comparable",
            ),
            ("String", b"\x04\x08c\x0bString", "the class String"),
            ("Kernel", b"\x04\x08m\x0bKernel", "the module Kernel"),
            ("Kernel, by Ruby 1.6", b"\x04\x08M\x0bKernel", "the class or module Kernel"),
            ("a native object", b"\x04\x08d:\x0bNative0", "a native object of class Native"),
            ("/a/", b"\x04\x08I/\x06a\x00\x06:\x06EF", "a Regexp"),
            (
                "class MyRegexp < Regexp; end; MyRegexp.new('a')",
                b"\x04\x08IC:\x0dMyRegexp/\x06a\x00\x06:\x06EF",
                "a Regexp",
            ),
        ]
    }

    fn check(fixtures: Vec<Fixture>) {
        for (ruby, bytes, expected) in fixtures {
            assert_eq!(read(bytes), Ok(expected), "{ruby}");
        }
    }

    fn reason(bytes: &[u8]) -> (usize, Reason) {
        let error = read(bytes).expect_err("an error");
        (error.offset(), error.reason().clone())
    }

    /// The format's own form of a length or reference.
    fn fixnum(number: usize) -> Vec<u8> {
        match number {
            0 => vec![0],
            1..=122 => vec![u8::try_from(number + 5).unwrap()],
            _ => [&[4], &u32::try_from(number).unwrap().to_le_bytes()[..]].concat(),
        }
    }

    fn dump(parts: &[&[u8]]) -> Vec<u8> {
        [b"\x04\x08", &parts.concat()[..]].concat()
    }

    #[test]
    fn reads_numbers_nil_true_and_false() {
        check(numbers());
    }

    #[test]
    fn reads_strings_and_symbols_in_their_encodings() {
        check(texts());
    }

    #[test]
    fn reads_hashes_and_their_subclasses_as_hashes() {
        check(hashes());
    }

    #[test]
    fn copies_what_is_shared_counting_objects_as_ruby_does() {
        check(shared());
    }

    #[test]
    fn reads_negative_zero_and_nan() {
        // -0.0
        let Ok(Plain::Float(zero)) = read(b"\x04\x08f\x07-0") else { panic!("no float") };
        assert_eq!(zero.to_bits(), (-0.0_f64).to_bits());
        // Float::NAN
        let Ok(Plain::Float(nan)) = read(b"\x04\x08f\x08nan") else { panic!("no float") };
        assert!(nan.is_nan());
    }

    #[test]
    fn reads_the_binary_digits_that_ruby_1_8_appended_to_floats() {
        // What `Marshal.load` of Ruby 3.1 makes of the same bytes.
        for (bytes, bits) in [
            (&b"\x04\x08f\x1b0.33333333333333331\0UU"[..], 0x3fd5_5555_5555_5555),
            (b"\x04\x08f\x0c-1.5\0\0\x01", 0xbff8_0000_0000_0001),
            (b"\x04\x08f\x0a1.5\0\x80", 0x3ff8_0000_0000_8000),
            (b"\x04\x08f\x0d1e300\0\xab\xcd", 0x7e37_e43c_8800_abcd),
            (b"\x04\x08f\x0e1e-310\0\x12\x34", 0x0000_1268_8b70_e612),
            (b"\x04\x08f\x0e5e-324\0\xff\xff", 1),
            (b"\x04\x08f\x0b-inf\0\x01", f64::NEG_INFINITY.to_bits()),
        ] {
            let read = read(bytes);
            let Ok(Plain::Float(number)) = read else { panic!("{read:?}") };
            assert_eq!(number.to_bits(), bits, "{number:e}");
        }
        // Zero has no significant bits to replace.
        assert_eq!(read(b"\x04\x08f\x080\0\x01"), Ok(Plain::Float(0.0)));
    }

    #[test]
    fn names_what_is_not_plain_data() {
        for (ruby, bytes, what) in not_plain() {
            let (_, reason) = reason(bytes);
            assert_eq!(reason, Reason::NotPlain(what.to_owned()), "{ruby}");
        }
        assert_eq!(
            read(b"\x04\x08[\x07i\x06o:\x08Set\x00").unwrap_err().to_string(),
            "Marshal data cannot be read at byte 6: an object of class Set is not plain data \
             (strings, numbers, true, false, nil, symbols, arrays, hashes)"
        );
    }

    #[test]
    fn quotes_class_names_short_and_printable() {
        let name = [b"Evil\x1b[2J\n\xff ".to_vec(), vec![b'x'; 100]].concat();
        let bytes = dump(&[b"o:", &fixnum(name.len()), &name, b"\0"]);
        let expected = format!("an object of class Evil??2J???{}…", "x".repeat(MAX_NAME - 11));
        assert_eq!(reason(&bytes).1, Reason::NotPlain(expected));
    }

    #[test]
    fn refuses_other_versions() {
        assert_eq!(reason(b"\x04\x090"), (0, Reason::Version { major: 4, minor: 9 }));
        assert_eq!(reason(b"\x03\x000"), (0, Reason::Version { major: 3, minor: 0 }));
        assert_eq!(reason(b"{}"), (0, Reason::Version { major: b'{', minor: b'}' }));
        assert_eq!(read(b"\x04\x050"), Ok(Plain::Nil));
    }

    #[test]
    fn refuses_every_proper_beginning_and_every_continuation() {
        for (ruby, bytes, _) in [numbers(), texts(), hashes(), shared()].concat() {
            for end in 0..bytes.len() {
                let (offset, reason) = reason(&bytes[..end]);
                assert_eq!(reason, Reason::Truncated, "{ruby}, {end} bytes");
                assert!(offset <= end, "{ruby}, {end} bytes");
            }
            let (offset, reason) = reason(&[bytes, b"0"].concat());
            assert_eq!((offset, reason), (bytes.len(), Reason::TrailingBytes), "{ruby}");
        }
    }

    #[test]
    fn refuses_what_contains_itself() {
        // a = []; a << a
        assert_eq!(reason(b"\x04\x08[\x06@\x00"), (4, Reason::Cyclic));
        // h = {}; h["self"] = [h]; h
        assert_eq!(reason(b"\x04\x08{\x06I\"\x09self\x06:\x06ET[\x06@\x00"), (18, Reason::Cyclic));
    }

    #[test]
    fn refuses_what_breaks_the_format() {
        for (bytes, rule) in [
            (&b"\x04\x08x"[..], "the format has no such type of value"),
            (b"\x04\x08@\x00", "a reference to an object that is not there"),
            (b"\x04\x08[\x06@\xfa", "a reference to an object that is not there"),
            (b"\x04\x08;\x00", "a reference to a symbol that is not there"),
            (b"\x04\x08;\xfa", "a reference to a symbol that is not there"),
            (b"\x04\x08\"\xfa", "a length is negative"),
            (b"\x04\x08[\xfa", "a length is negative"),
            (b"\x04\x08l*\x06\0\0", "an integer has no sign"),
            (b"\x04\x08f\x0c1.5 EUR", "a float is not a number"),
            (b"\x04\x08f\x0dinfinity", "a float is not a number"),
            (b"\x04\x08f\x00", "a float is not a number"),
            (b"\x04\x08f\x0b1\0abcd", "a float has too many digits"),
            (b"\x04\x08Ii\x06\x00", "this kind of value cannot have instance variables"),
            (b"\x04\x08C:\x06Ai\x06", "a subclass must be of String, Array, Hash or Regexp"),
            (b"\x04\x08C\"\x06A{\x00", "a symbol is missing"),
            (b"\x04\x08I\"\x06a\x06:\x06E0", "an encoding flag is neither true nor false"),
            (b"\x04\x08I\"\x06a\x06:\x0dencoding\"\x06\n", "the name of an encoding is not short printable text"),
        ] {
            assert_eq!(reason(bytes).1, Reason::Malformed(rule), "{bytes:?}");
        }
        let name = [b'x'; MAX_NAME + 1];
        let bytes = dump(&[b"I\"\x06a\x06:\x0dencoding\"", &fixnum(name.len()), &name]);
        assert_eq!(reason(&bytes).1, Reason::Malformed("the name of an encoding is not short printable text"));
    }

    #[test]
    fn believes_no_length_beyond_the_input() {
        for kind in [b'"', b'[', b'{', b':', b'f'] {
            assert_eq!(reason(&[4, 8, kind, 4, 0xff, 0xff, 0xff, 0xff]), (3, Reason::Truncated));
        }
        assert_eq!(reason(b"\x04\x08l+\x04\xff\xff\xff\xff"), (4, Reason::Truncated));
        // A hash takes two bytes a pair.
        assert_eq!(reason(b"\x04\x08{\x0800000"), (3, Reason::Truncated));
    }

    #[test]
    fn reads_nesting_up_to_the_limit_on_the_stack_of_a_fiber() {
        let nested = |opening: &[u8], levels: usize, innermost: &[u8]| dump(&[&opening.repeat(levels), innermost]);
        let run = move || {
            for opening in [&b"[\x06"[..], b"{\x06i\x00", b"C:\x06A[\x06"] {
                assert!(read(&nested(opening, MAX_DEPTH, b"0")).is_ok());
                assert_eq!(reason(&nested(opening, MAX_DEPTH + 1, b"0")).1, Reason::TooDeep);
                assert_eq!(reason(&nested(opening, 100_000, b"0")).1, Reason::TooDeep);
            }
            // Keys, instance variables and their names can be nested, too.
            for opening in [&b"{\x06"[..], b"I\"\x00\x06:\x06a", b"I:\x06a\x06", b"I:\x06a\x06:\x06b"] {
                assert_eq!(reason(&nested(opening, 100_000, b"")).1, Reason::TooDeep);
            }
        };
        std::thread::Builder::new().stack_size(512 << 10).spawn(run).unwrap().join().unwrap();
    }

    #[test]
    fn bounds_the_depth_that_references_unfold_to() {
        // [[], [@1], [@2], [@3], ...]: each holds the one before it.
        let chain = |links: usize| {
            let elements: Vec<u8> = (1..=links).flat_map(|index| [b"[\x06@", &fixnum(index)[..]].concat()).collect();
            dump(&[b"[", &fixnum(links + 1), b"[\x00", &elements])
        };
        assert!(read(&chain(MAX_DEPTH - 1)).is_ok());
        assert_eq!(reason(&chain(MAX_DEPTH)), (2, Reason::TooDeep));
        assert_eq!(reason(&chain(100_000)), (2, Reason::TooDeep));
    }

    #[test]
    fn bounds_the_size_that_references_unfold_to() {
        // [[], [@1] * 10, [@2] * 10, ...]: ten times as much with every level.
        let laughs: Vec<u8> =
            (1..=20).flat_map(|index| [b"[\x0f", &[b'@', index + 5].repeat(10)[..]].concat()).collect();
        assert_eq!(reason(&dump(&[b"[\x1a[\x00", &laughs])), (2, Reason::TooLarge));
        // The same with hashes.
        let laughs: Vec<u8> = (1..=40)
            .flat_map(|index| [b"{\x07i\x00", &[b'@', index + 5][..], b"i\x06", &[b'@', index + 5]].concat())
            .collect();
        assert_eq!(reason(&dump(&[b"[\x2e{\x00", &laughs])), (2, Reason::TooLarge));
        // One long text or number, very often.
        let text = [&fixnum(100_000)[..], &[b'x'; 100_000]].concat();
        let many = [&b"["[..], &fixnum(50_001)].concat();
        for (first, link) in [(&b"\""[..], &b"@\x06"[..]), (b":", b";\x00")] {
            let bytes = dump(&[&many, first, &text, &link.repeat(50_000)]);
            assert_eq!(reason(&bytes), (2, Reason::TooLarge));
        }
        let number = [&b"l+"[..], &fixnum(50_000), &[1; 100_000]].concat();
        assert_eq!(reason(&dump(&[&many, &number, &b"@\x06".repeat(50_000)])), (2, Reason::TooLarge));
        // Sixty thousand empty strings would do, but not if each has a name of an encoding of this length.
        let thousand = |link: &[u8]| [b"[", &fixnum(1000)[..], &link.repeat(1000)].concat();
        let strings = |encoding: &[u8]| {
            let name = [&fixnum(encoding.len())[..], encoding].concat();
            dump(&[b"[\x42I\"\x00\x06:\x0dencoding\"", &name, &thousand(b"@\x06"), &b"@\x08".repeat(59)])
        };
        assert!(read(&strings(b"x")).is_ok());
        assert_eq!(reason(&strings(&[b'x'; MAX_NAME])), (2, Reason::TooLarge));
    }

    #[test]
    fn has_room_for_whatever_is_not_shared() {
        // The most that can be made of so few bytes.
        for (count, elements) in [(400_000, &b"0"[..]), (200_000, b"[\x00"), (200_000, b"\"\x00"), (130_000, b":\x06a")]
        {
            let bytes = dump(&[b"[", &fixnum(count), &elements.repeat(count)]);
            let Ok(Plain::Array(read)) = read(&bytes) else { panic!("no array") };
            assert_eq!(read.len(), count);
        }
        // Reasonable sharing: a thousand records with the same keys, among them one string.
        let record = b"{\x06;\x00@\x06".repeat(1000);
        let bytes = dump(&[b"[", &fixnum(1002), b":\x0bheight\"\x0a12345", &record]);
        assert!(read(&bytes).is_ok());
    }

    #[test]
    fn never_panics() {
        // xorshift64*
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let mut random = |below: usize| {
            state ^= state >> 12;
            state ^= state << 25;
            state ^= state >> 27;
            usize::try_from(state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33).unwrap() % below
        };
        let kinds = b"0TFi:;@fl\"[{}CIouUSecmMd/\0\x01\x04\x05\x06\x07\xfa\xff";
        let mut seeds: Vec<&[u8]> = [numbers(), texts(), hashes(), shared()].concat().iter().map(|one| one.1).collect();
        seeds.extend(not_plain().iter().map(|one| one.1));
        let mut readable = 0;
        for round in 0..200_000 {
            let mut bytes = if round % 4 == 0 {
                let length = random(60);
                dump(&[&(0..length).map(|_| kinds[random(kinds.len())]).collect::<Vec<u8>>()])
            } else {
                seeds[random(seeds.len())].to_vec()
            };
            for _ in 0..=random(4) {
                let at = random(bytes.len());
                match random(5) {
                    0 => bytes[at] = u8::try_from(random(256)).unwrap(),
                    1 => bytes[at] = kinds[random(kinds.len())],
                    2 => bytes.insert(at, kinds[random(kinds.len())]),
                    3 if bytes.len() > 1 => drop(bytes.remove(at)),
                    _ => bytes.extend_from_within(at..),
                }
            }
            match read(&bytes) {
                Ok(_) => readable += 1,
                Err(error) => assert!(error.offset() <= bytes.len() && !error.to_string().is_empty()),
            }
        }
        // Else the mutations would only show that the first bytes are looked at.
        assert!(readable > 1000, "{readable}");
    }
}
