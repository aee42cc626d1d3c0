//! Saving a session whose row is there, under each guard.

use crate::common::{Fault, ID, World, now, number, saved, text, write};
use crate::lock::QUICK;
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use session_store_core::{Data, Error, Guard, Saved, Write};

const MINE: &str = "mine";

fn unchanged(data: &str) -> Guard {
    Guard::Unchanged(Some(data.into()))
}

fn locked() -> Guard {
    Guard::Locked(MINE.to_owned())
}

async fn put_locked(world: &World, token: &str) {
    world.put(ID, &[("data", text("old")), ("locked_at", number(now())), ("lock_token", text(token))]).await;
}

#[tokio::test]
async fn each_guard_that_holds_lets_the_save_through() {
    for guard in [unchanged("old"), Guard::Exists, locked()] {
        let world = World::new().await;
        put_locked(&world, MINE).await;
        let row = saved(world.store.save(ID, write("new"), guard).await);
        assert_eq!(row.data, Some("new".into()));
        assert_eq!(world.data(ID).await.as_deref(), Some("new"));
        assert_eq!(world.script.operations(), ["UpdateItem"]);
    }
}

#[tokio::test]
async fn compressed_data_is_saved_as_binary_and_compared_as_such() {
    let world = World::new().await;
    let compressed = |byte: u8| Data::Compressed(vec![byte, 0, 0xFF]);
    let save =
        |data: Data, guard: Data| world.store.save(ID, Write { data, ..write("") }, Guard::Unchanged(Some(guard)));
    world.session("old").await;
    saved(save(compressed(1), "old".into()).await);
    assert_eq!(world.item(ID).await.unwrap()["data"], AttributeValue::B(Blob::new([1, 0, 0xFF])));
    let row = saved(save(compressed(2), compressed(1)).await);
    assert_eq!(world.others.load(ID).await.unwrap(), Some(row.clone()));
    assert_eq!(save(compressed(3), compressed(1)).await.unwrap(), Saved::Changed(row));
    saved(save("new".into(), compressed(2)).await);
    assert_eq!(world.data(ID).await.as_deref(), Some("new"));
}

#[tokio::test]
async fn the_row_becomes_what_was_saved_and_keeps_what_others_put_there() {
    let world = World::new().await;
    world.put(ID, &[("data", text("old")), ("expire_at", number(2e9)), ("note", text("theirs"))]).await;
    let created_at = Some(1_500_000_000.5);
    let row = saved(world.store.save(ID, Write { created_at, ..write("new") }, unchanged("old")).await);
    assert_eq!((row.created_at, row.expire_at), (created_at, None));
    assert_eq!(world.others.load(ID).await.unwrap(), Some(row));
    let item = world.item(ID).await.unwrap();
    assert_eq!(item["note"], text("theirs"));
    assert_eq!(item.get("expire_at"), None);
}

#[tokio::test]
async fn expire_at_counts_from_the_beginning_of_the_session() {
    let world = World::new().await.limited(Some(1000.0), Some(500.0));
    let began = world.session("old").await.created_at.unwrap() - 900.0;
    let row = saved(world.store.save(ID, Write { created_at: Some(began), ..write("new") }, Guard::Exists).await);
    assert_eq!(row.expire_at, Some((row.created_at.unwrap() + 1000.0).ceil()));
    assert_eq!(world.others.load(ID).await.unwrap(), Some(row));
}

#[tokio::test]
async fn a_session_that_was_destroyed_is_not_brought_back() {
    for guard in [unchanged("old"), Guard::Unchanged(None), Guard::Exists, locked()] {
        let world = World::new().await;
        assert_eq!(world.store.save(ID, write("new"), guard).await.unwrap(), Saved::Gone);
        assert_eq!(world.item(ID).await, None);
    }
}

#[tokio::test]
async fn what_others_saved_meanwhile_is_handed_back_and_kept() {
    let world = World::new().await;
    let theirs = world.session("theirs").await;
    for hidden in [false, true] {
        for guard in [unchanged("old"), Guard::Unchanged(None)] {
            world.script.plan("UpdateItem", if hidden { Fault::HideItem } else { Fault::none() });
            let outcome = world.store.save(ID, write("new"), guard).await.unwrap();
            assert_eq!(outcome, Saved::Changed(theirs.clone()));
        }
    }
    assert_eq!(world.others.load(ID).await.unwrap(), Some(theirs));
    assert_eq!((world.script.count("UpdateItem"), world.script.count("GetItem")), (4, 2));
}

#[tokio::test]
async fn a_row_that_held_no_data_is_unchanged_while_it_holds_none() {
    let world = World::new().await;
    world.put(ID, &[]).await;
    saved(world.store.save(ID, write("new"), Guard::Unchanged(None)).await);
    assert_eq!(world.data(ID).await.as_deref(), Some("new"));
}

#[tokio::test]
async fn the_last_writer_wins_where_the_row_need_only_exist() {
    let world = World::new().await;
    world.session("theirs").await;
    saved(world.store.save(ID, write("new"), Guard::Exists).await);
    assert_eq!(world.data(ID).await.as_deref(), Some("new"));
}

#[tokio::test]
async fn a_save_gives_its_lock_back() {
    let world = World::new().await;
    put_locked(&world, MINE).await;
    saved(world.store.save(ID, write("new"), locked()).await);
    let item = world.item(ID).await.unwrap();
    assert_eq!((item.get("locked_at"), item.get("lock_token")), (None, None));
}

#[tokio::test]
async fn a_save_without_a_lock_leaves_anothers_lock_alone() {
    let world = World::new().await;
    put_locked(&world, "theirs").await;
    saved(world.store.save(ID, write("new"), Guard::Exists).await);
    assert_eq!(world.item(ID).await.unwrap()["lock_token"], text("theirs"));
}

#[tokio::test]
async fn a_save_whose_lock_was_lost_writes_nothing() {
    let world = World::new().await;
    put_locked(&world, "theirs").await;
    assert_eq!(world.store.save(ID, write("new"), locked()).await.unwrap(), Saved::LockLost);
    // The same data is no sign that it was saved, while another works with it.
    assert_eq!(world.store.save(ID, write("old"), locked()).await.unwrap(), Saved::LockLost);
    world.put(ID, &[("data", text("old"))]).await;
    assert_eq!(world.store.save(ID, write("new"), locked()).await.unwrap(), Saved::LockLost);
    assert_eq!(world.data(ID).await.as_deref(), Some("old"));
}

#[tokio::test]
async fn a_save_whose_answer_was_lost_is_recognised() {
    for guard in [unchanged("old"), locked()] {
        for hidden in [false, true] {
            let world = World::new().await;
            match guard {
                Guard::Locked(_) => put_locked(&world, MINE).await,
                _ => world.put(ID, &[("data", text("old"))]).await,
            }
            world.script.plan("UpdateItem", Fault::LoseAnswer);
            world.script.plan("UpdateItem", if hidden { Fault::HideItem } else { Fault::none() });
            saved(world.store.save(ID, write("new"), guard.clone()).await);
            assert_eq!(world.data(ID).await.as_deref(), Some("new"));
            assert_eq!((world.script.count("UpdateItem"), world.script.count("GetItem")), (2, usize::from(hidden)));
        }
    }
}

#[tokio::test]
async fn a_save_whose_answer_was_lost_is_recognised_though_the_next_has_the_lock_by_then() {
    for guard in [unchanged("old"), locked()] {
        let world = World::new().await;
        put_locked(&world, MINE).await;
        let others = world.others.clone();
        world.script.plan("UpdateItem", Fault::LoseAnswer);
        world.script.plan(
            "UpdateItem",
            Fault::meanwhile(async move {
                others.unlock(ID, MINE).await.unwrap();
                assert!(others.lock(ID, "next", QUICK).await.unwrap().is_some());
            }),
        );
        saved(world.store.save(ID, write("new"), guard).await);
        assert_eq!(world.item(ID).await.unwrap()["lock_token"], text("next"));
    }
}

#[tokio::test]
async fn a_save_whose_answer_was_lost_and_that_was_changed_since_is_a_conflict() {
    let world = World::new().await;
    world.session("old").await;
    let others = world.others.clone();
    world.script.plan("UpdateItem", Fault::LoseAnswer);
    let change = async move { drop(saved(others.save(ID, write("theirs"), Guard::Exists).await)) };
    world.script.plan("UpdateItem", Fault::meanwhile(change));
    let outcome = world.store.save(ID, write("new"), unchanged("old")).await.unwrap();
    assert!(matches!(&outcome, Saved::Changed(row) if row.data == Some("theirs".into())), "{outcome:?}");
}

#[tokio::test]
async fn that_others_saved_the_very_same_is_a_conflict() {
    let world = World::new().await;
    let theirs = world.session("new").await;
    let outcome = world.store.save(ID, write("new"), unchanged("old")).await.unwrap();
    assert_eq!(outcome, Saved::Changed(theirs));
    assert_eq!(world.store.save(ID, write("new"), locked()).await.unwrap(), Saved::LockLost);
}

#[tokio::test]
async fn what_others_saved_may_be_unreadable() {
    let world = World::new().await;
    world.put(ID, &[("data", number(1.0))]).await;
    let error = world.store.save(ID, write("new"), unchanged("old")).await.unwrap_err();
    assert!(matches!(error, Error::InvalidData(_)), "{error:?}");
}

#[tokio::test]
async fn a_save_that_met_a_transaction_is_tried_again() {
    let world = World::new().await;
    world.session("old").await;
    world.script.plan_times(2, "UpdateItem", || Fault::error("TransactionConflictException"));
    saved(world.store.save(ID, write("new"), unchanged("old")).await);
    assert_eq!(world.script.count("UpdateItem"), 3);
}

#[tokio::test]
async fn what_dynamodb_refuses_is_an_error() {
    let world = World::new().await;
    world.script.plan("UpdateItem", Fault::error("AccessDeniedException"));
    let error = world.store.save(ID, write("new"), Guard::Exists).await.unwrap_err();
    assert!(matches!(&error, Error::Service { code, .. } if code == "AccessDeniedException"), "{error:?}");
}
