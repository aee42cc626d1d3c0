//! What can be seen of the surroundings: who we are to AWS, whose clock is right, what the table is like.

use crate::client::{ClientSettings, shared_config};
use crate::error::Error;
use crate::table::Table;
use aws_config::SdkConfig;
use aws_config::environment::region::EnvironmentVariableRegionProvider;
use aws_config::meta::region::ProvideRegion;
use aws_config::profile::ProfileFileRegionProvider;
use aws_credential_types::Credentials;
use aws_credential_types::credential_feature::AwsCredentialFeature as Feature;
use aws_credential_types::provider::ProvideCredentials;
use aws_sdk_dynamodb::config::interceptors::BeforeDeserializationInterceptorContextRef;
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::{BoxError, SdkError};
use aws_sdk_dynamodb::types::{BillingMode, TableDescription};
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

/// How much of an access key's id may be shown.
const SHOWN: usize = 4;

/// In whose name requests are made, and where that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Identity {
    /// For example `eu-central-1`.
    pub region: String,
    /// Where the region was found.
    pub region_source: &'static str,
    /// The last four characters of the access key's id.
    pub access_key: String,
    /// Where the credentials were found.
    pub credentials_source: String,
    /// Seconds since the epoch, for temporary credentials.
    pub expires_at: Option<f64>,
    /// Of AWS, where the credentials tell it.
    pub account_id: Option<String>,
}

/// Finds region and credentials as [`connect`](crate::connect) does.
///
/// # Errors
///
/// [`Error::Configuration`] where either cannot be found.
pub async fn identify(settings: &ClientSettings) -> Result<Identity, Error> {
    let shared = shared_config(settings, None).await;
    let region = shared.region().map(ToString::to_string).ok_or_else(Error::no_region)?;
    let credentials = credentials(&shared).await?;
    let id = credentials.access_key_id();
    let hidden = id.chars().count().saturating_sub(SHOWN);
    Ok(Identity {
        region,
        region_source: region_source(settings).await,
        access_key: id.chars().skip(hidden).collect(),
        credentials_source: credentials_source(settings, &credentials),
        expires_at: credentials.expiry().map(seconds),
        account_id: credentials.account_id().map(|account| account.as_str().to_owned()),
    })
}

async fn credentials(shared: &SdkConfig) -> Result<Credentials, Error> {
    match shared.credentials_provider() {
        Some(provider) => provider.provide_credentials().await.map_err(|error| Error::no_credentials("", &error)),
        None => Err(Error::no_credentials("", &std::io::Error::other("there is no provider of them"))),
    }
}

/// The SDK does not say which of its providers found the region, so each is asked again.
async fn region_source(settings: &ClientSettings) -> &'static str {
    let profile = settings
        .profile
        .iter()
        .fold(ProfileFileRegionProvider::builder(), |builder, profile| builder.profile_name(profile));
    if settings.region.is_some() {
        "option"
    } else if EnvironmentVariableRegionProvider::new().region().await.is_some() {
        "environment"
    } else if profile.build().region().await.is_some() {
        "profile"
    } else {
        "instance metadata"
    }
}

/// Each provider through which the credentials came leaves a feature in them: first the one that had them.
fn credentials_source(settings: &ClientSettings, credentials: &Credentials) -> String {
    if settings.access_key_id.is_some() {
        return "option".to_owned();
    }
    let features = credentials.get_property::<Vec<Feature>>().map_or(&[][..], Vec::as_slice);
    let names: Vec<&str> = features.iter().filter_map(source_name).collect();
    if names.is_empty() { "another source of the AWS SDK".to_owned() } else { names.join(", ") }
}

fn source_name(feature: &Feature) -> Option<&'static str> {
    match feature {
        Feature::CredentialsEnvVars => Some("environment"),
        Feature::CredentialsProfile => Some("profile"),
        Feature::CredentialsProcess => Some("process"),
        Feature::CredentialsHttp => Some("container metadata"),
        Feature::CredentialsImds => Some("instance metadata"),
        Feature::CredentialsSso => Some("SSO"),
        Feature::CredentialsProfileLogin | Feature::CredentialsLogin => Some("login"),
        Feature::CredentialsStsAssumeRole => Some("assumed role"),
        Feature::CredentialsEnvVarsStsWebIdToken
        | Feature::CredentialsStsAssumeRoleWebId
        | Feature::CredentialsProfileStsWebIdToken => Some("web identity token"),
        _ => None,
    }
}

/// What DynamoDB says of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct TableState {
    /// Its name for IAM.
    pub arn: Option<String>,
    /// `ACTIVE`, `CREATING`, …
    pub status: String,
    /// Name, role (`HASH` or `RANGE`) and type (`S`, `N` or `B`) of each attribute of the key.
    pub keys: Vec<(String, String, String)>,
    /// Read and write capacity units; `None` for on-demand billing.
    pub throughput: Option<(i64, i64)>,
}

impl From<TableDescription> for TableState {
    fn from(table: TableDescription) -> Self {
        let type_of = |name: &str| {
            let found = table.attribute_definitions().iter().find(|definition| definition.attribute_name() == name);
            found.map(|definition| definition.attribute_type().as_str().to_owned()).unwrap_or_default()
        };
        let keys = table.key_schema().iter().map(|key| {
            let name = key.attribute_name();
            (name.to_owned(), key.key_type().as_str().to_owned(), type_of(name))
        });
        let on_demand = table.billing_mode_summary().and_then(|summary| summary.billing_mode())
            == Some(&BillingMode::PayPerRequest);
        Self {
            arn: table.table_arn().map(str::to_owned),
            status: table.table_status().map(|status| status.as_str().to_owned()).unwrap_or_default(),
            keys: keys.collect(),
            throughput: table
                .provisioned_throughput()
                .filter(|_| !on_demand)
                .and_then(|throughput| Some((throughput.read_capacity_units()?, throughput.write_capacity_units()?))),
        }
    }
}

impl Table {
    /// What the table is like; `None` where there is none.
    ///
    /// # Errors
    ///
    /// What DynamoDB or the network say.
    pub async fn state(&self) -> Result<Option<TableState>, Error> {
        Ok(self.describe().await?.map(TableState::from))
    }

    /// The status of the table's TTL (`ENABLED`, `DISABLED`, …), and the attribute that it is switched on for.
    ///
    /// # Errors
    ///
    /// What DynamoDB or the network say.
    pub async fn time_to_live(&self) -> Result<(String, Option<String>), Error> {
        let answer = self.client.describe_time_to_live().table_name(&self.name).send().await;
        let answer = answer.map_err(|error| self.error("DescribeTimeToLive", error))?;
        let description = answer.time_to_live_description();
        let status = description.and_then(|description| description.time_to_live_status());
        Ok((
            status.map_or("DISABLED", |status| status.as_str()).to_owned(),
            description.and_then(|description| description.attribute_name()).map(str::to_owned),
        ))
    }

    /// Reads the first row that comes, and forgets it: whether that is allowed is what this tells.
    ///
    /// # Errors
    ///
    /// What DynamoDB or the network say.
    pub async fn try_scan(&self) -> Result<(), Error> {
        let answer = self.client.scan().table_name(&self.name).limit(1).send().await;
        answer.map(drop).map_err(|error| self.error("Scan", error))
    }

    /// How many seconds this machine's clock is ahead of DynamoDB's, by the `Date` of an answer, which is in whole
    /// seconds. A refusal is an answer, too. `None`: the answer has no date.
    ///
    /// # Errors
    ///
    /// [`Error::Network`] and [`Error::Configuration`] where no answer can be had.
    pub async fn clock_offset(&self) -> Result<Option<f64>, Error> {
        let seen = Arc::default();
        let request = self.client.describe_table().table_name(&self.name).customize();
        match request.interceptor(Clock { ahead: Arc::clone(&seen) }).send().await {
            Ok(_) | Err(SdkError::ServiceError(_)) => Ok(*lock(&seen)),
            Err(error) => Err(self.error("DescribeTable", error)),
        }
    }
}

#[derive(Debug)]
struct Clock {
    ahead: Arc<Mutex<Option<f64>>>,
}

impl Intercept for Clock {
    fn name(&self) -> &'static str {
        "clock"
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let date = context.response().headers().get("date");
        let date = date.and_then(|date| DateTime::from_str(date, Format::HttpDate).ok());
        *lock(&self.ahead) = date.map(|date| seconds(SystemTime::now()) - date.as_secs_f64());
        Ok(())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn seconds(time: SystemTime) -> f64 {
    time.duration_since(UNIX_EPOCH).map_or(0.0, |duration| duration.as_secs_f64())
}
