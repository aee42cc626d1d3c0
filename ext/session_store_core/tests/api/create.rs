//! The first save of a session.

use crate::common::{Fault, ID, KEY, World, created, now, text, write};
use aws_sdk_dynamodb::types::AttributeValue;
use session_store_core::{Created, Write};

/// Of an older gem: with more digits than those that are written.
const LONG_TIME: f64 = 1_500_000_000.123_456_7;

#[tokio::test]
async fn the_row_holds_the_session_and_its_times() {
    let world = World::new().await;
    let before = now();
    let row = created(world.store.create(ID, write("{}")).await);
    let created_at = row.created_at.unwrap();
    assert!(before - 1e-6 <= created_at && created_at <= now() + 1e-6, "{before} {created_at}");
    assert_eq!((row.updated_at, row.expire_at), (row.created_at, None));

    let mut item = world.item(ID).await.unwrap();
    assert_eq!(item.remove(KEY), Some(text(ID)));
    assert_eq!(item.remove("data"), Some(text("{}")));
    for name in ["created_at", "updated_at"] {
        let Some(AttributeValue::N(seconds)) = item.remove(name) else { panic!("{name} is no number") };
        assert_eq!(seconds.parse(), Ok(created_at));
    }
    assert!(item.is_empty(), "{item:?}");
    assert_eq!(world.script.operations(), ["UpdateItem"]);
}

#[tokio::test]
async fn expire_at_is_the_earliest_limit_in_whole_seconds() {
    let world = World::new().await.limited(Some(1000.0), Some(500.0));
    let row = created(world.store.create(ID, Write { expire_after: Some(100.5), ..write("{}") }).await);
    let expire_at = (row.updated_at.unwrap() + 100.5).ceil();
    assert_eq!(row.expire_at, Some(expire_at));
    assert_eq!(world.item(ID).await.unwrap()["expire_at"], AttributeValue::N(format!("{expire_at:.0}")));
}

#[tokio::test]
async fn an_id_that_is_taken_stays_its_owners() {
    let world = World::new().await;
    let theirs = world.session("theirs").await;
    assert_eq!(world.store.create(ID, write("mine")).await.unwrap(), Created::Taken);
    assert_eq!(world.script.operations(), ["UpdateItem"]);
    world.script.plan("UpdateItem", Fault::HideItem);
    assert_eq!(world.store.create(ID, write("mine")).await.unwrap(), Created::Taken);
    assert_eq!(world.others.load(ID).await.unwrap(), Some(theirs));
}

#[tokio::test]
async fn a_session_with_the_same_data_is_still_anothers() {
    let world = World::new().await;
    world.session("same").await;
    assert_eq!(world.store.create(ID, write("same")).await.unwrap(), Created::Taken);
}

#[tokio::test]
async fn a_row_whose_answer_was_lost_is_recognised() {
    for created_at in [None, Some(LONG_TIME)] {
        let world = World::new().await.limited(None, Some(100.0));
        world.script.plan("UpdateItem", Fault::LoseAnswer);
        let row = created(world.store.create(ID, Write { created_at, ..write("{}") }).await);
        assert_eq!(world.others.load(ID).await.unwrap(), Some(row));
        assert_eq!(world.script.operations(), ["UpdateItem", "UpdateItem"]);
    }
}

#[tokio::test]
async fn a_row_whose_answer_was_lost_is_recognised_by_a_second_look() {
    let world = World::new().await.limited(None, Some(100.0));
    world.script.plan("UpdateItem", Fault::LoseAnswer);
    world.script.plan("UpdateItem", Fault::HideItem);
    created(world.store.create(ID, write("{}")).await);
    assert_eq!(world.script.operations(), ["UpdateItem", "UpdateItem", "GetItem"]);
    assert_eq!(world.script.last("GetItem")["ConsistentRead"], true);
}
