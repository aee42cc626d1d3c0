//! A store on an engine of its own, and a script between the two.

mod environment;
mod script;

pub(crate) use environment::{Folder, in_processes};
pub(crate) use script::{Fault, Script};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::{RetryPartition, TokenBucket};
use aws_sdk_dynamodb::types::AttributeValue;
use session_store_core::{
    ClientSettings, Created, Engines, Error, Limits, Row, Saved, Store, Table, TableProperties, Transport, Write,
    connect,
};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// As long as Rack's private ids are.
pub(crate) const ID: &str = "2::60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752";
pub(crate) const NEW_ID: &str = "2::fd61a03af4f77d870fc21e05e7e80678095c92d808cfb3b5c279ee04c74aca13";
pub(crate) const TABLE: &str = "sessions";
pub(crate) const KEY: &str = "session_id";

pub(crate) const NO_LIMITS: Limits = Limits { max_age: None, max_stale: None };

pub(crate) const PLAIN_TABLE: TableProperties = TableProperties {
    throughput: None,
    time_to_live: false,
    tags: Vec::new(),
    kms_key_id: None,
    point_in_time_recovery: false,
    deletion_protection: false,
};

pub(crate) type Item = HashMap<String, AttributeValue>;

/// One engine, seen by two: the store under test, whose requests go by the script, and others, whose do not.
pub(crate) struct World {
    pub(crate) store: Store,
    pub(crate) script: Arc<Script>,
    pub(crate) others: Store,
}

impl World {
    /// With an empty table.
    pub(crate) async fn new() -> Self {
        Self::with(settings()).await
    }

    pub(crate) async fn with(settings: ClientSettings) -> Self {
        let world = Self::without_table(settings).await;
        assert!(world.others.table.create(&PLAIN_TABLE).await.unwrap());
        world
    }

    pub(crate) async fn without_table(settings: ClientSettings) -> Self {
        let engine = Engines::default().open(Some("embedded")).unwrap().unwrap();
        let script = Arc::new(Script::new(Arc::clone(&engine)));
        let transport: Arc<dyn Transport> = Arc::<Script>::clone(&script);
        let store = store(connect(&settings, Some(transport)).await.unwrap());
        let others = self::store(connect(&self::settings(), Some(engine)).await.unwrap());
        Self { store, script, others }
    }

    pub(crate) fn limited(mut self, max_age: Option<f64>, max_stale: Option<f64>) -> Self {
        self.store.limits = Limits { max_age, max_stale };
        self
    }

    /// Puts a row as others may have written it.
    pub(crate) async fn put(&self, id: &str, attributes: &[(&str, AttributeValue)]) {
        let key = (KEY.to_owned(), AttributeValue::S(id.to_owned()));
        let item = attributes.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).chain([key]).collect();
        self.others.table.client.put_item().table_name(TABLE).set_item(Some(item)).send().await.unwrap();
    }

    /// A session that was saved a moment ago.
    pub(crate) async fn session(&self, data: &str) -> Row {
        created(self.others.create(ID, write(data)).await)
    }

    /// The row as it lies in the table.
    pub(crate) async fn item(&self, id: &str) -> Option<Item> {
        self.others.item(id, true).await.unwrap()
    }

    pub(crate) async fn data(&self, id: &str) -> Option<String> {
        self.item(id).await.map(|item| item["data"].as_s().unwrap().clone())
    }
}

/// A store as the binding makes it, but for the time between retries; and no test takes another's from the SDK's quota
/// of retries.
pub(crate) fn store(client: Client) -> Store {
    let retries = client.config().retry_config().unwrap().clone();
    let retries = retries.with_initial_backoff(Duration::from_millis(1)).with_max_backoff(Duration::from_millis(10));
    let quota = RetryPartition::custom("test").token_bucket(TokenBucket::unlimited()).build();
    let client = Client::from_conf(client.config().to_builder().retry_config(retries).retry_partition(quota).build());
    let table = Table { client, name: TABLE.to_owned(), key: KEY.to_owned(), place: "embedded".to_owned() };
    Store { table, limits: NO_LIMITS, consistent_read: true }
}

pub(crate) fn settings() -> ClientSettings {
    ClientSettings {
        region: None,
        endpoint: None,
        profile: None,
        access_key_id: None,
        secret_access_key: None,
        session_token: None,
        http_open_timeout: Duration::from_secs(5),
        http_read_timeout: Duration::from_secs(5),
        max_attempts: 3,
        call_timeout: Duration::from_secs(20),
    }
}

pub(crate) fn write(data: &str) -> Write {
    Write { data: data.into(), created_at: None, expire_after: None }
}

pub(crate) fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

pub(crate) fn number(number: f64) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

/// Seconds since the epoch.
pub(crate) fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs_f64()
}

pub(crate) fn created(outcome: Result<Created, Error>) -> Row {
    match outcome.unwrap() {
        Created::Saved(row) => row,
        Created::Taken => panic!("the id is taken"),
    }
}

pub(crate) fn saved(outcome: Result<Saved, Error>) -> Row {
    match outcome.unwrap() {
        Saved::Saved(row) => row,
        other => panic!("not saved: {other:?}"),
    }
}
