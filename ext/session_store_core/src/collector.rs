//! Garbage collection: sessions that are over are removed from the table.

use crate::error::Error;
use crate::expression::Expression;
use crate::limits::Limits;
use crate::row::{CREATED_AT, EXPIRE_AT, Row, UPDATED_AT, now};
use crate::store::Store;
use crate::table::Table;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::{RetryConfig, RetryPartition, TokenBucket};
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ConsumedCapacity, ReturnConsumedCapacity};
use futures_util::future::try_join;
use futures_util::stream::{self, StreamExt, TryStreamExt};
use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;

type Item = HashMap<String, AttributeValue>;

/// What DynamoDB takes for the deletion of a row of up to 1 KB.
const DELETION_UNITS: f64 = 1.0;

/// What DynamoDB takes at least for a page.
const PAGE_UNITS: f64 = 0.5;

/// How to collect.
#[derive(Debug, Clone)]
pub struct CollectorOptions {
    /// Into how many parts the table is divided.
    pub total_segments: i32,
    /// Which of them to collect, counted from 0.
    pub segments: Vec<i32>,
    /// How many segments are scanned at a time.
    pub scans: NonZeroUsize,
    /// How many deletions are under way at a time.
    pub deletions: NonZeroUsize,
    /// How many rows a page has at most: with `scans`, what bounds the memory.
    pub page_size: i32,
    /// Capacity units a second, read and write together.
    pub max_capacity: Option<f64>,
    /// How often a request is sent at most.
    pub max_attempts: u32,
    /// Whether to count only.
    pub dry_run: bool,
}

/// What a collector has done so far. It may be read while the collector runs.
#[derive(Debug, Default)]
pub struct CollectorProgress {
    scanned: AtomicU64,
    garbage: AtomicU64,
    deleted: AtomicU64,
    spared: AtomicU64,
    unreadable: AtomicU64,
    /// The bits of an `f64`.
    consumed_capacity: AtomicU64,
}

/// A reading of [`CollectorProgress`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CollectorCounts {
    /// Rows that were looked at.
    pub scanned: u64,
    /// Those of them that were over.
    pub garbage: u64,
    /// Those of the garbage that are gone.
    pub deleted: u64,
    /// Those of the garbage that were used between scan and deletion, and stay.
    pub spared: u64,
    /// Rows with timestamps that cannot be read; they stay.
    pub unreadable: u64,
    /// Capacity units, read and write together, as DynamoDB reports them. It reports none for a row that is spared.
    pub consumed_capacity: f64,
}

impl CollectorProgress {
    /// The counts of this moment.
    pub fn counts(&self) -> CollectorCounts {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        CollectorCounts {
            scanned: read(&self.scanned),
            garbage: read(&self.garbage),
            deleted: read(&self.deleted),
            spared: read(&self.spared),
            unreadable: read(&self.unreadable),
            consumed_capacity: f64::from_bits(read(&self.consumed_capacity)),
        }
    }

    fn consume(&self, units: f64) {
        let add = |bits| Some((f64::from_bits(bits) + units).to_bits());
        // It fails only where the closure gives None.
        let _ = self.consumed_capacity.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add);
    }
}

impl Store {
    /// Deletes the sessions that are over, each on the condition that what made it so is still in its row: a session
    /// that is used meanwhile stays.
    ///
    /// All of it is this one future: dropping it stops everything, and running it again carries on.
    ///
    /// # Errors
    ///
    /// What DynamoDB or the network say. `progress` tells what was done until then.
    pub async fn collect_garbage(&self, options: &CollectorOptions, progress: &CollectorProgress) -> Result<(), Error> {
        let client = patient(&self.table.client, options.max_attempts);
        let collector = Collector {
            table: Table { client, ..self.table.clone() },
            limits: self.limits,
            deletions: Semaphore::new(options.deletions.get()),
            pace: options.max_capacity.map(Pace::new),
            options,
            progress,
        };
        stream::iter(options.segments.iter().map(Ok))
            .try_for_each_concurrent(options.scans.get(), |segment| collector.collect(*segment))
            .await
    }
}

/// Nobody waits for the collector, and a table of small capacity throttles it all the time: its client gives up only
/// after the last attempt of a request, however long that takes and however many others are throttled. The SDK's quota
/// of retries, which all clients share, is not touched.
fn patient(client: &Client, max_attempts: u32) -> Client {
    let config = client.config();
    let timeouts = config.timeout_config().map_or_else(TimeoutConfig::builder, TimeoutConfig::to_builder);
    let retries = RetryPartition::custom("garbage collection").token_bucket(TokenBucket::unlimited()).build();
    let config = config
        .to_builder()
        .retry_config(RetryConfig::standard().with_max_attempts(max_attempts))
        .retry_partition(retries)
        .timeout_config(timeouts.disable_operation_timeout().build());
    Client::from_conf(config.build())
}

struct Collector<'a> {
    table: Table,
    limits: Limits,
    deletions: Semaphore,
    pace: Option<Pace>,
    options: &'a CollectorOptions,
    progress: &'a CollectorProgress,
}

struct Page {
    garbage: Vec<Garbage>,
    next: Option<Item>,
    consumed: f64,
}

/// A row that is over.
#[derive(Debug, PartialEq)]
struct Garbage {
    key: AttributeValue,
    /// What made it so, as it was seen. As long as that is in the row, the session is over.
    seen: Vec<(&'static str, Option<AttributeValue>)>,
}

impl Collector<'_> {
    /// One segment, a page after the other.
    async fn collect(&self, segment: i32) -> Result<(), Error> {
        let mut page = self.scan(segment, None, PAGE_UNITS).await?;
        loop {
            let Page { garbage, next, consumed } = page;
            let following = async {
                match next {
                    Some(start) => self.scan(segment, Some(start), consumed).await.map(Some),
                    None => Ok(None),
                }
            };
            page = match try_join(following, self.delete_all(garbage)).await? {
                (Some(page), ()) => page,
                (None, ()) => return Ok(()),
            };
        }
    }

    async fn scan(&self, segment: i32, start: Option<Item>, expected: f64) -> Result<Page, Error> {
        self.wait_for_turn(expected).await;
        let names = [self.table.key.as_str(), CREATED_AT, UPDATED_AT, EXPIRE_AT];
        let names = names.iter().enumerate().map(|(index, name)| (format!("#{index}"), (*name).to_owned()));
        let answer = self
            .table
            .client
            .scan()
            .table_name(&self.table.name)
            .segment(segment)
            .total_segments(self.options.total_segments)
            .limit(self.options.page_size)
            .projection_expression("#0, #1, #2, #3")
            .set_expression_attribute_names(Some(names.collect()))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .set_exclusive_start_key(start)
            .send()
            .await
            .map_err(|error| self.table.error("Scan", error))?;
        let consumed = self.consume(answer.consumed_capacity.as_ref(), expected);
        let garbage = self.sort_out(answer.items.unwrap_or_default());
        Ok(Page { garbage, next: answer.last_evaluated_key.filter(|key| !key.is_empty()), consumed })
    }

    /// The garbage among the rows of a page.
    fn sort_out(&self, items: Vec<Item>) -> Vec<Garbage> {
        let now = now();
        self.progress.scanned.fetch_add(items.len() as u64, Ordering::Relaxed);
        let mut garbage = Vec::new();
        for item in items {
            match Garbage::find(&self.table.key, item, self.limits, now) {
                Ok(found) => garbage.extend(found),
                Err(_) => {
                    self.progress.unreadable.fetch_add(1, Ordering::Relaxed);
                }
            }
        }
        self.progress.garbage.fetch_add(garbage.len() as u64, Ordering::Relaxed);
        garbage
    }

    async fn delete_all(&self, garbage: Vec<Garbage>) -> Result<(), Error> {
        if self.options.dry_run {
            return Ok(());
        }
        stream::iter(garbage)
            .map(Ok)
            .try_for_each_concurrent(self.options.deletions.get(), |garbage| self.delete(garbage))
            .await
    }

    async fn delete(&self, garbage: Garbage) -> Result<(), Error> {
        // All segments share one allowance. It is an error only once the semaphore is closed, which nobody does.
        let _permit = self.deletions.acquire().await;
        self.wait_for_turn(DELETION_UNITS).await;
        let expression = garbage
            .seen
            .into_iter()
            .fold(Expression::default(), |expression, (name, value)| expression.if_equals(name, value));
        // That the row is gone already is no failure: the SDK sends again what was not answered, and another process may
        // have been here.
        let condition = format!("attribute_not_exists(#key) OR ({})", expression.condition());
        let (mut names, values) = expression.into_placeholders();
        names.insert("#key".to_owned(), self.table.key.clone());
        let sent = self
            .table
            .client
            .delete_item()
            .table_name(&self.table.name)
            .key(&self.table.key, garbage.key)
            .condition_expression(condition)
            .set_expression_attribute_names(Some(names))
            .set_expression_attribute_values(values)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await;
        match sent {
            Ok(answer) => {
                self.consume(answer.consumed_capacity.as_ref(), DELETION_UNITS);
                self.progress.deleted.fetch_add(1, Ordering::Relaxed);
                Ok(())
            }
            Err(SdkError::ServiceError(context))
                if matches!(context.err(), DeleteItemError::ConditionalCheckFailedException(_)) =>
            {
                self.progress.spared.fetch_add(1, Ordering::Relaxed);
                Ok(())
            }
            Err(error) => Err(self.table.error("DeleteItem", error)),
        }
    }

    async fn wait_for_turn(&self, expected: f64) {
        if let Some(pace) = &self.pace {
            pace.wait_for_turn(expected).await;
        }
    }

    /// Notes what a request consumed, and returns it.
    fn consume(&self, reported: Option<&ConsumedCapacity>, expected: f64) -> f64 {
        let Some(consumed) = reported.and_then(ConsumedCapacity::capacity_units) else {
            return expected;
        };
        self.progress.consume(consumed);
        if let Some(pace) = &self.pace {
            pace.correct(consumed - expected);
        }
        consumed
    }
}

impl Garbage {
    /// `None`: the session is not over.
    fn find(key: &str, mut item: Item, limits: Limits, now: f64) -> Result<Option<Self>, Error> {
        let row = Row::read(&item)?;
        if !limits.expired(&row, now) {
            return Ok(None);
        }
        let Some(key) = item.remove(key) else {
            return Ok(None);
        };
        // One reason is enough. The first ones are those that hang on one attribute.
        let without_expire_at = Row { expire_at: None, ..row };
        let reason: &[&'static str] = if (Limits { max_stale: None, ..limits }).expired(&without_expire_at, now) {
            &[CREATED_AT]
        } else if limits.expired(&without_expire_at, now) {
            &[UPDATED_AT]
        } else {
            // Whether it is believed hangs on updated_at.
            &[EXPIRE_AT, UPDATED_AT]
        };
        let seen = reason.iter().map(|name| (*name, item.remove(*name))).collect();
        Ok(Some(Self { key, seen }))
    }
}

/// Spreads requests evenly, so that what they consume stays below a limit. What a request consumes is known only from
/// its answer: it waits for what it is expected to consume, and those after it for the rest.
struct Pace {
    units_a_second: f64,
    start: Instant,
    /// When the next request may go, in seconds after the start.
    next: Mutex<f64>,
}

impl Pace {
    fn new(units_a_second: f64) -> Self {
        Self { units_a_second, start: Instant::now(), next: Mutex::new(0.0) }
    }

    async fn wait_for_turn(&self, expected: f64) {
        let now = self.start.elapsed().as_secs_f64();
        let at = {
            let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
            let at = next.max(now);
            *next = at + expected / self.units_a_second;
            at
        };
        if let Ok(pause) = Duration::try_from_secs_f64(at - now) {
            tokio::time::sleep(pause).await;
        }
    }

    fn correct(&self, units: f64) {
        *self.next.lock().unwrap_or_else(PoisonError::into_inner) += units / self.units_a_second;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::{ClientSettings, connect};
    use crate::embedded::Engines;
    use crate::table::TableProperties;
    use crate::transport::{Answer, Reply, Transport};
    use serde_json::{Value, json};
    use std::sync::Arc;
    use std::sync::atomic::AtomicUsize;

    type Tested = Result<(), Box<dyn std::error::Error>>;

    const NONE: Limits = Limits { max_age: None, max_stale: None };
    const BOTH: Limits = Limits { max_age: Some(1000.0), max_stale: Some(100.0) };
    const COUNTS: CollectorCounts =
        CollectorCounts { scanned: 0, garbage: 0, deleted: 0, spared: 0, unreadable: 0, consumed_capacity: 0.0 };

    fn number(seconds: f64) -> AttributeValue {
        AttributeValue::N(seconds.to_string())
    }

    fn text(text: &str) -> AttributeValue {
        AttributeValue::S(text.to_owned())
    }

    fn item(attributes: &[(&str, AttributeValue)]) -> Item {
        attributes.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
    }

    fn options() -> CollectorOptions {
        CollectorOptions {
            total_segments: 3,
            segments: vec![0, 1, 2],
            scans: NonZeroUsize::MIN.saturating_add(1),
            deletions: NonZeroUsize::MIN.saturating_add(3),
            page_size: 4,
            max_capacity: None,
            max_attempts: 10,
            dry_run: false,
        }
    }

    /// The embedded engine with something between it and the client.
    struct Watched<B> {
        engine: Arc<dyn Transport>,
        before: B,
        /// Done between the answer to the first Scan and its arrival.
        meanwhile: Mutex<Vec<(&'static str, Value)>>,
        under_way: Arc<AtomicUsize>,
        most: Arc<AtomicUsize>,
    }

    impl<B> std::fmt::Debug for Watched<B> {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("Watched")
        }
    }

    impl<B: Fn(&str, &str) -> Option<Reply> + Send + Sync + 'static> Transport for Watched<B> {
        fn answer(&self, operation: String, body: String) -> Answer {
            if let Some(reply) = (self.before)(&operation, &body) {
                return Box::pin(async move { Ok(reply) });
            }
            let meanwhile = match operation.as_str() {
                "Scan" => std::mem::take(&mut *self.meanwhile.lock().unwrap_or_else(PoisonError::into_inner)),
                _ => Vec::new(),
            };
            let (engine, under_way) = (Arc::clone(&self.engine), Arc::clone(&self.under_way));
            if operation == "DeleteItem" {
                self.most.fetch_max(under_way.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            }
            Box::pin(async move {
                let deletion = operation == "DeleteItem";
                let answer = engine.answer(operation, body).await;
                for (operation, body) in meanwhile {
                    let done = engine.answer(operation.to_owned(), body.to_string()).await?;
                    assert_eq!(done.status, 200, "{}", done.body);
                }
                if deletion {
                    // Long enough for others to be under way at the same time.
                    tokio::time::sleep(Duration::from_millis(2)).await;
                    under_way.fetch_sub(1, Ordering::SeqCst);
                }
                answer
            })
        }
    }

    fn nothing(_: &str, _: &str) -> Option<Reply> {
        None
    }

    fn watched<B>(before: B, meanwhile: Vec<(&'static str, Value)>) -> Result<Watched<B>, Error> {
        let engine = Engines::default().open(Some("embedded"))?.ok_or(Error::Network("no engine".into()))?;
        let (under_way, most) = (Arc::default(), Arc::default());
        Ok(Watched { engine, before, meanwhile: Mutex::new(meanwhile), under_way, most })
    }

    async fn store(transport: Arc<dyn Transport>, limits: Limits, items: &[Item]) -> Result<Store, Error> {
        let settings = ClientSettings {
            region: None,
            endpoint: None,
            profile: None,
            access_key_id: None,
            secret_access_key: None,
            session_token: None,
            http_open_timeout: Duration::from_secs(2),
            http_read_timeout: Duration::from_secs(5),
            max_attempts: 1,
            call_timeout: Duration::from_secs(2),
        };
        let client = connect(&settings, Some(transport)).await?;
        let table = Table { client, name: "sessions".into(), key: "id".into(), place: "embedded".into() };
        let properties = TableProperties {
            throughput: None,
            time_to_live: false,
            tags: Vec::new(),
            kms_key_id: None,
            point_in_time_recovery: false,
            deletion_protection: false,
        };
        table.create(&properties).await?;
        for item in items {
            let put = table.client.put_item().table_name("sessions").set_item(Some(item.clone()));
            put.send().await.map_err(|error| table.error("PutItem", error))?;
        }
        Ok(Store { table, limits, consistent_read: true })
    }

    async fn ids(store: &Store) -> Result<Vec<String>, Error> {
        let scan = store.table.client.scan().table_name("sessions").send().await;
        let items = scan.map_err(|error| store.table.error("Scan", error))?.items.unwrap_or_default();
        let mut ids: Vec<String> =
            items.iter().filter_map(|item| item.get("id")?.as_s().ok()).map(String::clone).collect();
        ids.sort();
        Ok(ids)
    }

    fn stale(count: usize) -> Vec<Item> {
        (0..count).map(|index| item(&[("id", text(&index.to_string())), (UPDATED_AT, number(1.0))])).collect()
    }

    async fn run(store: &Store, options: &CollectorOptions) -> Result<CollectorCounts, Error> {
        let progress = CollectorProgress::default();
        store.collect_garbage(options, &progress).await?;
        Ok(progress.counts())
    }

    #[test]
    fn a_row_is_garbage_as_long_as_it_holds_what_made_it_so() -> Tested {
        let find = |limits, attributes: &[(&str, AttributeValue)]| {
            let found = Garbage::find("id", item(attributes), limits, 10_000.0)?;
            Ok::<_, Error>(found.map(|garbage| garbage.seen))
        };
        let (id, new, old) = (("id", text("1")), number(9_999.0), text("9000.0"));
        let fresh = [id.clone(), (CREATED_AT, new.clone()), (UPDATED_AT, new.clone())];
        assert_eq!(find(BOTH, &fresh)?, None);
        let too_old = [id.clone(), (CREATED_AT, old.clone()), (UPDATED_AT, new.clone())];
        assert_eq!(find(BOTH, &too_old)?, Some(vec![(CREATED_AT, Some(old.clone()))]));
        assert_eq!(find(NONE, &too_old)?, None);
        let stale = [id.clone(), (CREATED_AT, new.clone()), (UPDATED_AT, old.clone())];
        assert_eq!(find(BOTH, &stale)?, Some(vec![(UPDATED_AT, Some(old.clone()))]));
        let expired = [id.clone(), (UPDATED_AT, number(9_990.0)), (EXPIRE_AT, new.clone())];
        let seen = vec![(EXPIRE_AT, Some(new.clone())), (UPDATED_AT, Some(number(9_990.0)))];
        assert_eq!(find(BOTH, &expired)?, Some(seen));
        let never_used = [id.clone(), (EXPIRE_AT, new.clone())];
        assert_eq!(find(NONE, &never_used)?, Some(vec![(EXPIRE_AT, Some(new.clone())), (UPDATED_AT, None)]));
        let not_believed = [id, (UPDATED_AT, new.clone()), (EXPIRE_AT, new)];
        assert_eq!(find(NONE, &not_believed)?, None);
        Ok(())
    }

    #[tokio::test]
    async fn exactly_what_is_over_is_deleted() -> Tested {
        let now = now();
        let mut rows = Vec::new();
        for index in 0..60 {
            let seconds = |ago: f64| match index % 2 {
                0 => AttributeValue::N((now - ago).to_string()),
                _ => AttributeValue::S((now - ago).to_string()),
            };
            let (id, created_at, updated_at) = match index % 6 {
                0 | 1 => (format!("gone {index}"), seconds(2000.0), seconds(1.0)),
                2 | 3 => (format!("gone {index}"), seconds(500.0), seconds(200.0)),
                _ => (format!("kept {index}"), seconds(500.0), seconds(50.0)),
            };
            rows.push(item(&[("id", text(&id)), (CREATED_AT, created_at), (UPDATED_AT, updated_at)]));
        }
        rows.push(item(&[("id", text("unreadable")), (CREATED_AT, text("yesterday")), (UPDATED_AT, number(1.0))]));
        rows.push(item(&[("id", text("without times"))]));
        let store = store(Arc::new(watched(nothing, Vec::new())?), BOTH, &rows).await?;

        let dry = run(&store, &CollectorOptions { dry_run: true, ..options() }).await?;
        let found = CollectorCounts { scanned: 62, garbage: 40, unreadable: 1, ..COUNTS };
        assert_eq!(CollectorCounts { consumed_capacity: 0.0, ..dry }, found);
        assert_eq!(ids(&store).await?.len(), 62);

        let counts = run(&store, &options()).await?;
        assert_eq!(CollectorCounts { consumed_capacity: 0.0, ..counts }, CollectorCounts { deleted: 40, ..found });
        let left = ids(&store).await?;
        assert_eq!((left.len(), left.iter().any(|id| id.starts_with("gone"))), (22, false));
        assert!((counts.consumed_capacity - dry.consumed_capacity - 40.0).abs() < 0.01, "{counts:?} {dry:?}");
        Ok(())
    }

    #[tokio::test]
    async fn the_segments_of_several_machines_make_up_the_table() -> Tested {
        let store = store(Arc::new(watched(nothing, Vec::new())?), BOTH, &stale(30)).await?;
        let mut deleted = Vec::new();
        for segment in 0..3 {
            deleted.push(run(&store, &CollectorOptions { segments: vec![segment], ..options() }).await?.deleted);
        }
        assert_eq!(deleted.iter().sum::<u64>(), 30);
        assert!(deleted.iter().all(|deleted| (1..30).contains(deleted)), "{deleted:?}");
        Ok(())
    }

    #[tokio::test]
    async fn a_session_that_is_used_between_scan_and_deletion_stays() -> Tested {
        let soon = now() + 50.0;
        let update = |id: &str, expression: &str, value: Value| {
            let body = json!({
                "TableName": "sessions",
                "Key": { "id": { "S": id } },
                "UpdateExpression": expression,
                "ExpressionAttributeValues": { ":new": value },
            });
            ("UpdateItem", body)
        };
        let soon = json!({ "N": soon.to_string() });
        let meanwhile = vec![
            update("stale", "SET updated_at = :new", soon.clone()),
            update("expired", "SET expire_at = :new", soon.clone()),
            update("expired, used by an old gem", "SET updated_at = :new", soon.clone()),
            update("too old", "SET created_at = :new", soon),
            ("DeleteItem", json!({ "TableName": "sessions", "Key": { "id": { "S": "destroyed" } } })),
        ];
        let expired = [(UPDATED_AT, number(now() - 20.0)), (EXPIRE_AT, number(now() - 10.0))];
        let with = |id: &str, attributes: &[(&str, AttributeValue)]| {
            let mut row = item(attributes);
            row.insert("id".into(), text(id));
            row
        };
        let rows = [
            with("stale", &[(UPDATED_AT, number(1.0))]),
            with("expired", &expired),
            with("expired, used by an old gem", &expired),
            with("too old", &[(CREATED_AT, number(1.0))]),
            with("destroyed", &[(CREATED_AT, number(1.0))]),
            with("not used", &expired),
        ];
        let store = store(Arc::new(watched(nothing, meanwhile)?), BOTH, &rows).await?;
        let one_page = CollectorOptions { total_segments: 1, segments: vec![0], page_size: 100, ..options() };
        let counts = run(&store, &one_page).await?;
        assert_eq!(ids(&store).await?, ["expired", "expired, used by an old gem", "stale", "too old"]);
        assert_eq!((counts.garbage, counts.spared, counts.deleted), (6, 4, 2));
        Ok(())
    }

    #[tokio::test]
    async fn deletions_under_way_are_bounded() -> Tested {
        let watched = watched(nothing, Vec::new())?;
        let most = Arc::clone(&watched.most);
        let store = store(Arc::new(watched), BOTH, &stale(60)).await?;
        run(&store, &CollectorOptions { page_size: 100, ..options() }).await?;
        assert_eq!(most.load(Ordering::SeqCst), 4);
        Ok(())
    }

    #[tokio::test]
    async fn a_table_that_throttles_is_waited_for() -> Tested {
        let refusals = Mutex::new(HashMap::new());
        let throttle = move |operation: &str, body: &str| {
            let mut refusals = refusals.lock().unwrap_or_else(PoisonError::into_inner);
            let refused = refusals.entry(body.to_owned()).or_insert(0);
            *refused += 1;
            let error = json!({ "__type": "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException" });
            (operation == "DeleteItem" && *refused <= 2).then(|| Reply { status: 400, body: error.to_string() })
        };
        let store = store(Arc::new(watched(throttle, Vec::new())?), BOTH, &stale(150)).await?;
        // All at once, each refused twice: more than the SDK's quota of retries, and longer than a call may take.
        let deletions = NonZeroUsize::MIN.saturating_add(149);
        let counts = run(&store, &CollectorOptions { deletions, page_size: 1000, ..options() }).await?;
        assert_eq!(counts.deleted, 150);
        Ok(())
    }

    #[tokio::test]
    async fn what_is_consumed_stays_below_the_limit() -> Tested {
        // Of 3 KB, so that they take more than is known before.
        let rows: Vec<Item> = stale(20)
            .into_iter()
            .map(|mut row| {
                row.insert("data".into(), text(&"x".repeat(2500)));
                row
            })
            .collect();
        let store = store(Arc::new(watched(nothing, Vec::new())?), BOTH, &rows).await?;
        let start = Instant::now();
        let limited = CollectorOptions { max_capacity: Some(50.0), deletions: NonZeroUsize::MIN, ..options() };
        let counts = run(&store, &limited).await?;
        let rate = counts.consumed_capacity / start.elapsed().as_secs_f64();
        // The first requests need not wait, and the last ones are not waited for.
        assert!((35.0..60.0).contains(&rate), "{rate} units a second: {counts:?}");
        Ok(())
    }

    #[tokio::test]
    async fn dropping_it_stops_everything() -> Tested {
        let store = store(Arc::new(watched(nothing, Vec::new())?), BOTH, &stale(200)).await?;
        let slowly = CollectorOptions { max_capacity: Some(100.0), ..options() };
        let stopped = tokio::time::timeout(Duration::from_millis(300), run(&store, &slowly)).await;
        assert!(stopped.is_err());
        // What the engine has begun, it ends.
        tokio::time::sleep(Duration::from_millis(200)).await;
        let left = ids(&store).await?.len();
        assert!((100..200).contains(&left), "{left} left");
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert_eq!(ids(&store).await?.len(), left);
        assert_eq!(run(&store, &options()).await?.deleted, left as u64);
        Ok(())
    }

    #[tokio::test]
    async fn a_refusal_ends_it() -> Tested {
        let refuse = |operation: &str, _: &str| {
            let body = json!({ "__type": "AccessDeniedException", "message": "no" });
            (operation == "DeleteItem").then(|| Reply { status: 400, body: body.to_string() })
        };
        let store = store(Arc::new(watched(refuse, Vec::new())?), BOTH, &stale(3)).await?;
        let error = run(&store, &options()).await.err().map(|error| error.to_string()).unwrap_or_default();
        assert_eq!(error, "AccessDeniedException: DeleteItem on table sessions (embedded): no");
        Ok(())
    }
}
