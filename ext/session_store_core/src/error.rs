//! What can go wrong, as one type.

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::RequestId;
use std::error::Error as StdError;

/// The only error type of this crate. Its binding matches it exhaustively: a new kind of error cannot be forgotten there.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// DynamoDB answered with an error document.
    #[error("{code}: {message}")]
    Service {
        /// DynamoDB's name for it, for example `ResourceNotFoundException`.
        code: String,
        /// DynamoDB's words, with the operation and the table they are about.
        message: String,
        /// What AWS support asks for.
        request_id: Option<String>,
    },
    /// No usable answer came: refused, cut, unreadable or too late.
    #[error("{0}")]
    Network(String),
    /// The row would exceed what DynamoDB stores in one item.
    #[error("the session needs {size} bytes, and DynamoDB stores at most {limit} in one item")]
    SessionTooLarge {
        /// Bytes of the whole item, attribute names included.
        size: usize,
        /// DynamoDB's limit in bytes.
        limit: usize,
    },
    /// Another request kept the lock for longer than this one would wait.
    #[error("the session is locked by another request: gave up waiting after lock_max_wait_time")]
    LockWaitTimeout,
    /// A row that is in the table cannot be read.
    #[error("{0}")]
    InvalidData(String),
    /// A setting is missing or wrong.
    #[error("{option}: {message}")]
    Configuration {
        /// The option to mend.
        option: &'static str,
        /// What is wrong with it and what is valid.
        message: String,
    },
}

impl Error {
    /// Turns what the SDK says of one `operation` on `target` (a table, an endpoint) into this crate's error.
    pub(crate) fn from_sdk<E>(operation: &str, target: &str, error: SdkError<E>) -> Self
    where
        E: ProvideErrorMetadata + RequestId + StdError + 'static,
    {
        match error {
            // That of a success is an answer that cannot be read: not DynamoDB's, but a proxy's.
            SdkError::ServiceError(context) if !context.raw().status().is_success() => {
                let error = context.into_err();
                Self::Service {
                    code: error.code().unwrap_or("UnknownError").to_owned(),
                    message: format!("{operation} on {target}: {}", error.message().unwrap_or("no message")),
                    request_id: error.request_id().map(str::to_owned),
                }
            }
            other => match causes(&other).find(|error| error.downcast_ref::<CredentialsError>().is_some()) {
                Some(cause) => Self::no_credentials(&format!(" for {operation} on {target}"), cause),
                None => Self::Network(format!(
                    "{operation} on {target}: {}. Check the network, and the options region and endpoint",
                    chain(&other)
                )),
            },
        }
    }

    /// `purpose` begins with a space, or is empty.
    pub(crate) fn no_credentials(purpose: &str, cause: &(dyn StdError + 'static)) -> Self {
        Self::Configuration {
            option: "credentials",
            message: format!(
                "none could be had{purpose} ({}). Valid: access_key_id with secret_access_key, profile, or anything that \
                 the AWS tools find by themselves (environment, shared configuration, SSO, process, container or instance \
                 metadata)",
                chain(cause)
            ),
        }
    }

    pub(crate) fn no_region() -> Self {
        Self::Configuration {
            option: "region",
            message:
                "none is given and none can be found. Valid: an AWS region such as \"eu-central-1\" in the option, \
                      in the environment as AWS_REGION, or in the profile"
                    .to_owned(),
        }
    }
}

fn causes<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    let mut next = Some(error);
    std::iter::from_fn(move || {
        let error = next?;
        next = error.source();
        Some(error)
    })
}

/// The messages of an error and of its causes, each once: the cause is what helps, and it is the last.
fn chain(error: &(dyn StdError + 'static)) -> String {
    let mut messages: Vec<String> = Vec::new();
    for error in causes(error) {
        let message = error.to_string();
        if messages.last().is_none_or(|last| !last.contains(&message)) {
            messages.push(message);
        }
    }
    messages.join(": ")
}
