//! DynamoDB's limit of 400 KB for one item.

use crate::common::{ID, KEY, NEW_ID, World, created, saved, write};
use aws_sdk_dynamodb::types::AttributeValue;
use dynoxide::types::number_size;
use session_store_core::{Error, Guard, MAX_ITEM_BYTES, Write, measured};

/// 2017-07-14: each of its ten digits counts, unlike those of a number that ends in zeros.
const CREATED_AT: f64 = 1_500_000_001.123_456;

fn too_large<T: std::fmt::Debug>(outcome: Result<T, Error>) -> usize {
    match outcome {
        Err(Error::SessionTooLarge { size, limit: MAX_ITEM_BYTES }) => size,
        other => panic!("{other:?}"),
    }
}

/// What DynamoDB counts for a time: a byte for two digits and one more. The last digits of a time may be zeros, which
/// do not count, so that a row can be up to three bytes smaller than expected.
const TIME: usize = 9;
const UP_TO: usize = 3;

fn full() -> usize {
    let key = KEY.len() + ID.len();
    let times = "created_at".len() + TIME + "updated_at".len() + TIME;
    MAX_ITEM_BYTES - key - times - "data".len()
}

fn of_bytes(bytes: usize) -> Write {
    Write { created_at: Some(CREATED_AT), ..write(&"x".repeat(bytes)) }
}

#[tokio::test]
async fn a_session_that_just_fits_is_saved_and_one_more_byte_is_refused() {
    let world = World::new().await;
    created(world.store.create(ID, of_bytes(full())).await);
    // Once in a hundred times it fits, by a time that ends in zeros.
    let size = loop {
        let requests = world.script.operations().len();
        let outcome = world.store.create(NEW_ID, of_bytes(full() + 1)).await;
        if outcome.is_err() {
            assert_eq!(world.script.operations().len(), requests, "it is refused here");
            break too_large(outcome);
        }
        world.others.destroy(NEW_ID).await.unwrap();
    };
    assert_eq!(size, MAX_ITEM_BYTES + 1);
}

#[tokio::test]
async fn the_size_is_what_the_engine_counts() {
    let world = World::new().await.limited(Some(1e6), None);
    for created_at in [1.5e9, 1.5e9 + 0.5, 1.5e9 + 0.25, CREATED_AT, CREATED_AT + 1e-5, 999_999_999.5, 7.0] {
        let write = Write { created_at: Some(created_at), ..write("{}") };
        let (row, stats) = measured(world.store.create(ID, write)).await;
        created(row);
        let item = world.item(ID).await.unwrap();
        let counted = item.iter().map(|(name, value)| match value {
            AttributeValue::N(number) => name.len() + number_size(number),
            value => name.len() + value.as_s().unwrap().len(),
        });
        assert_eq!(stats.item_bytes, counted.sum::<usize>(), "{item:?}");
        world.others.destroy(ID).await.unwrap();
    }
}

#[tokio::test]
async fn bytes_count_and_not_characters() {
    let world = World::new().await;
    let data = "é".repeat(MAX_ITEM_BYTES / 2);
    let size = too_large(world.store.create(ID, write(&data)).await);
    assert!(size > MAX_ITEM_BYTES && size < MAX_ITEM_BYTES + 200, "{size}");
}

#[tokio::test]
async fn the_names_of_the_attributes_and_the_key_count() {
    let mut world = World::new().await;
    world.store.table.key = "k".repeat(200);
    let short_key = too_large(world.store.create("short", of_bytes(MAX_ITEM_BYTES)).await);
    let long_key = too_large(world.store.create(ID, of_bytes(MAX_ITEM_BYTES)).await);
    assert!(long_key - short_key <= ID.len() - "short".len() + UP_TO);
    let expected = MAX_ITEM_BYTES + "data".len() + 200 + ID.len() + 2 * ("created_at".len() + TIME);
    assert!((expected - UP_TO..=expected).contains(&long_key), "{long_key} {expected}");
}

#[tokio::test]
async fn a_session_that_grew_too_large_leaves_the_old_data() {
    let world = World::new().await;
    world.session("old").await;
    let unchanged = Guard::Unchanged(Some("old".into()));
    too_large(world.store.save(ID, of_bytes(MAX_ITEM_BYTES), unchanged.clone()).await);
    too_large(world.store.rename(ID, NEW_ID, of_bytes(MAX_ITEM_BYTES), unchanged).await);
    assert_eq!(world.data(ID).await.as_deref(), Some("old"));
    assert_eq!(world.item(NEW_ID).await, None);
    assert!(world.script.operations().is_empty());
}

#[tokio::test]
async fn a_full_session_can_be_saved_again_and_moved() {
    let world = World::new().await;
    world.session("old").await;
    saved(world.store.save(ID, of_bytes(full()), Guard::Exists).await);
    let unchanged = Guard::Unchanged(Some("x".repeat(full()).as_str().into()));
    saved(world.store.save(ID, of_bytes(full()), unchanged.clone()).await);
    saved(world.store.rename(ID, NEW_ID, of_bytes(full()), unchanged).await);
}

#[test]
fn the_message_names_size_and_limit() {
    let message = Error::SessionTooLarge { size: 500_000, limit: MAX_ITEM_BYTES }.to_string();
    assert_eq!(message, "the session needs 500000 bytes, and DynamoDB stores at most 409600 in one item");
}
