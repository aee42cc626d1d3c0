//! What a call has cost.

use crate::common::{Fault, ID, World, created, write};
use session_store_core::{Stats, measured};

#[tokio::test]
async fn attempts_capacity_and_bytes_are_counted() {
    let world = World::new().await;
    world.script.plan_times(2, "UpdateItem", || Fault::error("ProvisionedThroughputExceededException"));
    let (outcome, stats) = measured(world.store.create(ID, write(&"x".repeat(1500)))).await;
    created(outcome);
    assert_eq!((stats.attempts, stats.capacity_units), (3, 2.0));
    assert!((1600..1650).contains(&stats.item_bytes), "{stats:?}");
    let (_, read) = measured(world.store.load(ID)).await;
    assert_eq!(read, Stats { attempts: 1, capacity_units: 1.0, item_bytes: stats.item_bytes });
}

#[tokio::test]
async fn the_consumed_capacity_is_asked_for_only_where_it_is_measured() {
    let world = World::new().await;
    world.store.load(ID).await.unwrap();
    assert_eq!(world.script.last("GetItem").get("ReturnConsumedCapacity"), None);
    let (_, stats) = measured(world.store.load(ID)).await;
    assert_eq!(world.script.last("GetItem")["ReturnConsumedCapacity"], "TOTAL");
    assert_eq!(stats, Stats { attempts: 1, capacity_units: 1.0, item_bytes: 0 });
}
