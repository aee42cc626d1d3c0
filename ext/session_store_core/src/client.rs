//! The SDK's client: region, endpoint, credentials, timeouts, retries.

use crate::connections::Connections;
use crate::error::Error;
use crate::retry::TransactionConflicts;
use crate::stats::Attempts;
use crate::transport::{Transport, http_client};
use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use std::sync::Arc;
use std::time::Duration;

/// How to reach DynamoDB. `None`: what the AWS tools find by themselves (environment, shared configuration, metadata).
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ClientSettings {
    /// For example `eu-central-1`.
    pub region: Option<String>,
    /// A URL.
    pub endpoint: Option<String>,
    /// A profile of the shared configuration.
    pub profile: Option<String>,
    /// The id of an access key; goes with `secret_access_key`.
    pub access_key_id: Option<String>,
    /// The secret of the access key.
    pub secret_access_key: Option<String>,
    /// Where the access key is a temporary one.
    pub session_token: Option<String>,
    /// For the making of a connection.
    pub http_open_timeout: Duration,
    /// For the first byte of an answer.
    pub http_read_timeout: Duration,
    /// How often a request is sent at most.
    pub max_attempts: u32,
    /// For a whole call, with its retries.
    pub call_timeout: Duration,
}

/// What all clients of AWS have in common: region, credentials and how requests are sent.
pub(crate) async fn shared_config(settings: &ClientSettings, transport: Option<Arc<dyn Transport>>) -> SdkConfig {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(settings.http_open_timeout)
        .read_timeout(settings.http_read_timeout)
        .operation_timeout(settings.call_timeout)
        .build();
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .timeout_config(timeouts)
        // It watches the speed of long streams. Requests and answers of DynamoDB are small, and have their timeouts.
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .retry_config(RetryConfig::standard().with_max_attempts(settings.max_attempts));
    loader = match transport {
        Some(transport) => loader
            .http_client(http_client(transport))
            .region(Region::new("local"))
            .credentials_provider(Credentials::new("local", "local", None, None, "embedded")),
        None => {
            let plain = settings.endpoint.as_ref().is_some_and(|url| url.starts_with("http://"));
            // Without TLS the certificates of the system need not be read; with credentials that are given, nobody else
            // is asked for them over TLS either.
            loader.http_client(Connections::new(!(plain && settings.access_key_id.is_some())))
        }
    };
    if let Some(region) = &settings.region {
        loader = loader.region(Region::new(region.clone()));
    }
    if let Some(profile) = &settings.profile {
        loader = loader.profile_name(profile);
    }
    if let (Some(id), Some(secret)) = (&settings.access_key_id, &settings.secret_access_key) {
        loader =
            loader.credentials_provider(Credentials::new(id, secret, settings.session_token.clone(), None, "options"));
    }
    loader.load().await
}

/// Makes a client. With a `transport` nothing leaves this process, and neither a region nor credentials are asked for.
///
/// # Errors
///
/// [`Error::Configuration`] where no region can be found.
pub async fn connect(settings: &ClientSettings, transport: Option<Arc<dyn Transport>>) -> Result<Client, Error> {
    let shared = shared_config(settings, transport).await;
    if shared.region().is_none() {
        return Err(Error::no_region());
    }
    let mut config =
        aws_sdk_dynamodb::config::Builder::from(&shared).retry_classifier(TransactionConflicts).interceptor(Attempts);
    // The embedded engine's name is no URL, and a transport asks for none.
    if let Some(endpoint) = settings.endpoint.as_ref().filter(|endpoint| endpoint.contains("://")) {
        config = config.endpoint_url(endpoint);
    }
    Ok(Client::from_conf(config.build()))
}
