//! The table: making it, waiting for it, removing it.

use crate::error::Error;
use crate::row::EXPIRE_AT;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::create_table::CreateTableError;
use aws_sdk_dynamodb::operation::delete_table::DeleteTableError;
use aws_sdk_dynamodb::operation::describe_table::DescribeTableError;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, PointInTimeRecoverySpecification,
    ProvisionedThroughput, ScalarAttributeType, SseSpecification, SseType, TableDescription, TableStatus, Tag,
    TimeToLiveSpecification,
};
use std::time::Duration;

const POLL: Duration = Duration::from_millis(200);
const POLL_AT_MOST: Duration = Duration::from_secs(5);

/// What a new table is to be like.
#[derive(Debug, Clone)]
pub struct TableProperties {
    /// Read and write capacity units; `None` for on-demand billing.
    pub throughput: Option<(i64, i64)>,
    /// Whether DynamoDB is to delete rows past their `expire_at`.
    pub time_to_live: bool,
    /// Names and values.
    pub tags: Vec<(String, String)>,
    /// A KMS key to encrypt with, instead of the one that DynamoDB owns.
    pub kms_key_id: Option<String>,
    /// Continuous backups.
    pub point_in_time_recovery: bool,
    /// Whether DynamoDB refuses to delete the table.
    pub deletion_protection: bool,
}

/// One table and its hash key.
#[derive(Debug, Clone)]
pub struct Table {
    /// The SDK's client.
    pub client: Client,
    /// The table's name.
    pub name: String,
    /// The name of its hash key.
    pub key: String,
    /// Where it is, as errors are to say: a region or an endpoint.
    pub place: String,
}

impl Table {
    /// Makes the table and waits until it can be used. `false` where it exists already; then it is checked that its key
    /// is the one that is configured. One that is being deleted is waited for.
    ///
    /// # Errors
    ///
    /// [`Error::Configuration`] for an existing table with another key, or what DynamoDB or the network say.
    pub async fn create(&self, properties: &TableProperties) -> Result<bool, Error> {
        let new = self.request(properties).await?;
        if new {
            self.activate(properties).await?;
        }
        Ok(new)
    }

    /// The first half of [`Table::create`]: asks for the table. `false` where it exists already.
    ///
    /// # Errors
    ///
    /// As [`Table::create`].
    pub async fn request(&self, properties: &TableProperties) -> Result<bool, Error> {
        let request = self
            .client
            .create_table()
            .table_name(&self.name)
            .attribute_definitions(built(
                AttributeDefinition::builder().attribute_name(&self.key).attribute_type(ScalarAttributeType::S).build(),
            )?)
            .key_schema(built(KeySchemaElement::builder().attribute_name(&self.key).key_type(KeyType::Hash).build())?)
            .set_tags(tags(properties)?)
            .set_sse_specification(properties.kms_key_id.as_ref().map(|key| {
                SseSpecification::builder().enabled(true).sse_type(SseType::Kms).kms_master_key_id(key).build()
            }))
            .set_deletion_protection_enabled(properties.deletion_protection.then_some(true));
        let request = match properties.throughput {
            None => request.billing_mode(BillingMode::PayPerRequest),
            Some((read, write)) => request.billing_mode(BillingMode::Provisioned).provisioned_throughput(built(
                ProvisionedThroughput::builder().read_capacity_units(read).write_capacity_units(write).build(),
            )?),
        };
        loop {
            match request.clone().send().await {
                Ok(_) => return Ok(true),
                Err(SdkError::ServiceError(context))
                    if matches!(context.err(), CreateTableError::ResourceInUseException(_)) =>
                {
                    if let Some(table) = self.wait_for(|table| table.is_none_or(settled)).await? {
                        self.check_key(&table)?;
                        return Ok(false);
                    }
                    tokio::time::sleep(POLL).await;
                }
                Err(error) => return Err(self.error("CreateTable", error)),
            }
        }
    }

    /// The second half: waits until the table that was asked for can be used, and switches on what a new table has not.
    ///
    /// # Errors
    ///
    /// What DynamoDB or the network say.
    pub async fn activate(&self, properties: &TableProperties) -> Result<(), Error> {
        // It may not be seen at once.
        self.wait_for(|table| table.is_some_and(settled)).await?;
        self.switch_on(properties).await
    }

    /// Whether the table is there and not being deleted, with the key that is configured.
    ///
    /// # Errors
    ///
    /// [`Error::Configuration`] for a table with another key, or what DynamoDB or the network say.
    pub async fn exists(&self) -> Result<bool, Error> {
        match self.describe().await? {
            None => Ok(false),
            Some(table) => {
                self.check_key(&table)?;
                Ok(table.table_status() != Some(&TableStatus::Deleting))
            }
        }
    }

    /// Deletes the table and waits until it is gone. `false` where there was none.
    ///
    /// # Errors
    ///
    /// What DynamoDB or the network say.
    pub async fn delete(&self) -> Result<bool, Error> {
        match self.client.delete_table().table_name(&self.name).send().await {
            Ok(_) => {
                self.wait_for(|table| table.is_none()).await?;
                Ok(true)
            }
            Err(SdkError::ServiceError(context))
                if matches!(context.err(), DeleteTableError::ResourceNotFoundException(_)) =>
            {
                Ok(false)
            }
            Err(error) => Err(self.error("DeleteTable", error)),
        }
    }

    pub(crate) async fn describe(&self) -> Result<Option<TableDescription>, Error> {
        match self.client.describe_table().table_name(&self.name).send().await {
            Ok(answer) => Ok(answer.table),
            Err(SdkError::ServiceError(context))
                if matches!(context.err(), DescribeTableError::ResourceNotFoundException(_)) =>
            {
                Ok(None)
            }
            Err(error) => Err(self.error("DescribeTable", error)),
        }
    }

    /// The caller of a table task waits for it knowingly, and DynamoDB names no limit: no limit here either.
    async fn wait_for(
        &self,
        ready: impl Fn(Option<&TableDescription>) -> bool,
    ) -> Result<Option<TableDescription>, Error> {
        let mut pause = POLL;
        loop {
            let table = self.describe().await?;
            if ready(table.as_ref()) {
                return Ok(table);
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(POLL_AT_MOST);
        }
    }

    async fn switch_on(&self, properties: &TableProperties) -> Result<(), Error> {
        if properties.time_to_live {
            let specification =
                built(TimeToLiveSpecification::builder().attribute_name(EXPIRE_AT).enabled(true).build())?;
            self.client
                .update_time_to_live()
                .table_name(&self.name)
                .time_to_live_specification(specification)
                .send()
                .await
                .map_err(|error| self.error("UpdateTimeToLive", error))?;
        }
        if properties.point_in_time_recovery {
            let specification =
                built(PointInTimeRecoverySpecification::builder().point_in_time_recovery_enabled(true).build())?;
            self.client
                .update_continuous_backups()
                .table_name(&self.name)
                .point_in_time_recovery_specification(specification)
                .send()
                .await
                .map_err(|error| self.error("UpdateContinuousBackups", error))?;
        }
        Ok(())
    }

    fn check_key(&self, table: &TableDescription) -> Result<(), Error> {
        let keys: Vec<&str> = table.key_schema().iter().map(KeySchemaElement::attribute_name).collect();
        let is_string = table.attribute_definitions().iter().any(|definition| {
            definition.attribute_name() == self.key && *definition.attribute_type() == ScalarAttributeType::S
        });
        if keys == [self.key.as_str()] && is_string {
            return Ok(());
        }
        Err(Error::Configuration {
            option: "table_key",
            message: format!(
                "the table {} has the key {}, not {} alone as a string (S). Valid: the name of the table's hash key, and \
                 a table with no other key",
                self.name,
                keys.join(" and "),
                self.key
            ),
        })
    }

    pub(crate) fn error<E>(&self, operation: &str, error: SdkError<E>) -> Error
    where
        E: aws_sdk_dynamodb::error::ProvideErrorMetadata
            + aws_sdk_dynamodb::operation::RequestId
            + std::error::Error
            + 'static,
    {
        Error::from_sdk(operation, &format!("table {} ({})", self.name, self.place), error)
    }
}

/// Whether there is nothing to wait for: in any other state a table can be used, or somebody must do something about it,
/// which the next request says.
fn settled(table: &TableDescription) -> bool {
    !matches!(table.table_status(), Some(TableStatus::Creating | TableStatus::Deleting))
}

fn tags(properties: &TableProperties) -> Result<Option<Vec<Tag>>, Error> {
    if properties.tags.is_empty() {
        return Ok(None);
    }
    properties
        .tags
        .iter()
        .map(|(name, value)| built(Tag::builder().key(name).value(value).build()))
        .collect::<Result<_, _>>()
        .map(Some)
}

/// The SDK's builders fail only for a field that was left out.
pub(crate) fn built<T>(result: Result<T, aws_sdk_dynamodb::error::BuildError>) -> Result<T, Error> {
    result.map_err(|error| Error::Configuration { option: "request", message: error.to_string() })
}
