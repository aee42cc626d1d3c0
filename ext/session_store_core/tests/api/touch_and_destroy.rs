//! Noting that a session was used, and removing it.

use crate::common::{Fault, ID, NEW_ID, World, now, number, text};
use session_store_core::Error;

#[tokio::test]
async fn touch_sets_the_times_and_nothing_else() {
    let world = World::new().await.limited(Some(1000.0), Some(500.0));
    let created_at = now() - 100.0;
    world
        .put(ID, &[("data", text("{}")), ("created_at", number(created_at)), ("updated_at", number(created_at))])
        .await;
    let before = now();
    assert!(world.store.touch(ID, Some(created_at), None).await.unwrap());
    let row = world.others.load(ID).await.unwrap().unwrap();
    let updated_at = row.updated_at.unwrap();
    assert!(before - 1e-6 <= updated_at && updated_at <= now() + 1e-6, "{before} {updated_at}");
    assert_eq!((row.data, row.created_at), (Some("{}".into()), Some(created_at)));
    assert_eq!(row.expire_at, Some((updated_at + 500.0).ceil()));
    assert_eq!(world.script.operations(), ["UpdateItem"]);
}

#[tokio::test]
async fn touch_heeds_the_age_of_the_session_and_the_life_of_the_cookie() {
    let world = World::new().await.limited(Some(1000.0), Some(500.0));
    let created_at = world.session("{}").await.created_at.unwrap() - 900.0;
    let touched = async |expire_after| {
        assert!(world.store.touch(ID, Some(created_at), expire_after).await.unwrap());
        world.others.load(ID).await.unwrap().unwrap()
    };
    assert_eq!(touched(None).await.expire_at, Some((created_at + 1000.0).ceil()));
    let row = touched(Some(10.5)).await;
    assert_eq!(row.expire_at, Some((row.updated_at.unwrap() + 10.5).ceil()));
}

#[tokio::test]
async fn touch_takes_away_the_expire_at_of_a_session_that_expires_no_more() {
    let world = World::new().await;
    world.put(ID, &[("data", text("{}")), ("expire_at", number((now() + 50.0).ceil()))]).await;
    assert!(world.store.touch(ID, None, None).await.unwrap());
    assert_eq!(world.item(ID).await.unwrap().get("expire_at"), None);
}

#[tokio::test]
async fn touch_does_not_bring_a_session_back() {
    let world = World::new().await;
    assert!(!world.store.touch(ID, None, None).await.unwrap());
    assert_eq!(world.item(ID).await, None);
}

#[tokio::test]
async fn destroy_removes_one_session() {
    let world = World::new().await;
    world.session("{}").await;
    world.put(NEW_ID, &[]).await;
    world.store.destroy(ID).await.unwrap();
    assert_eq!(world.item(ID).await, None);
    assert!(world.item(NEW_ID).await.is_some());
}

#[tokio::test]
async fn to_destroy_a_session_twice_is_no_error() {
    let world = World::new().await;
    world.session("{}").await;
    world.store.destroy(ID).await.unwrap();
    world.store.destroy(ID).await.unwrap();
    assert_eq!(world.script.operations(), ["DeleteItem", "DeleteItem"]);
}

#[tokio::test]
async fn a_destruction_that_met_a_transaction_is_tried_again() {
    let world = World::new().await;
    world.session("{}").await;
    world.script.plan("DeleteItem", Fault::error("TransactionConflictException"));
    world.store.destroy(ID).await.unwrap();
    assert_eq!(world.item(ID).await, None);
}

#[tokio::test]
async fn a_session_that_could_not_be_destroyed_is_an_error() {
    let world = World::new().await;
    world.script.plan("DeleteItem", Fault::error("AccessDeniedException"));
    let error = world.store.destroy(ID).await.unwrap_err();
    assert!(matches!(&error, Error::Service { code, .. } if code == "AccessDeniedException"), "{error:?}");
}
