//! The core's errors as the exceptions that Ruby defines.

use magnus::{Error, Exception, ExceptionClass, Module, RClass, RModule, Ruby, Value, kwargs, prelude::*};
use session_store_core::Error as CoreError;

/// `Aws::SessionStore::DynamoDB`, which Ruby defines before it loads this library.
pub(crate) fn namespace(ruby: &Ruby) -> Result<RModule, Error> {
    ruby.class_object()
        .const_get::<_, RModule>("Aws")?
        .const_get::<_, RModule>("SessionStore")?
        .const_get::<_, RModule>("DynamoDB")
}

/// The exception for `error`, or the one that came up in making it.
pub(crate) fn raise(ruby: &Ruby, error: CoreError) -> Error {
    build(ruby, error).map_or_else(|failed| failed, Error::from)
}

fn build(ruby: &Ruby, error: CoreError) -> Result<Exception, Error> {
    let errors: RModule = namespace(ruby)?.const_get("Errors")?;
    let simple = |name: &str, message: String| -> Result<Exception, Error> {
        errors.const_get::<_, ExceptionClass>(name)?.new_instance((message,))
    };
    match error {
        CoreError::Service { code, message, request_id } => {
            errors.const_get::<_, RClass>("ServiceError")?.funcall("for", (code, message, request_id))
        }
        CoreError::Network(message) => simple("NetworkError", message),
        CoreError::SessionTooLarge { size, limit } => errors
            .const_get::<_, ExceptionClass>("SessionTooLargeError")?
            .new_instance((kwargs!(ruby, "size" => size, "limit" => limit),)),
        error @ CoreError::LockWaitTimeout => simple("LockWaitTimeoutError", error.to_string()),
        CoreError::InvalidData(message) => simple("InvalidDataError", message),
        error @ CoreError::Configuration { .. } => simple("ConfigurationError", error.to_string()),
    }
}

/// For arguments that the Ruby side of this gem passes: wrong ones are a mistake of the gem, not of its user.
pub(crate) fn argument(ruby: &Ruby, name: &str, error: &Error) -> Error {
    Error::new(ruby.exception_arg_error(), format!("native argument {name}: {error}"))
}

/// So that `Value` results need no turbofish at the call sites.
pub(crate) type RubyResult = Result<Value, Error>;
