//! Moving a session to a new id, in one transaction.

use crate::common::{Fault, ID, NEW_ID, World, now, number, saved, text, write};
use serde_json::json;
use session_store_core::{Error, Guard, Saved, Write};

fn unchanged(data: &str) -> Guard {
    Guard::Unchanged(Some(data.into()))
}

fn locked() -> Guard {
    Guard::Locked("mine".to_owned())
}

#[tokio::test]
async fn the_session_moves_in_one_request() {
    let world = World::new().await.limited(Some(1000.0), None);
    let created_at = world.session("old").await.created_at;
    let row = saved(world.store.rename(ID, NEW_ID, Write { created_at, ..write("new") }, unchanged("old")).await);
    assert_eq!((&row.data, row.created_at), (&Some("new".into()), created_at));
    assert_eq!(world.item(ID).await, None);
    assert_eq!(world.others.load(NEW_ID).await.unwrap(), Some(row));
    assert_eq!(world.script.operations(), ["TransactWriteItems"]);
}

#[tokio::test]
async fn each_guard_that_holds_lets_the_session_move() {
    for guard in [unchanged("old"), Guard::Exists, locked()] {
        let world = World::new().await;
        world.put(ID, &[("data", text("old")), ("locked_at", number(now())), ("lock_token", text("mine"))]).await;
        saved(world.store.rename(ID, NEW_ID, write("new"), guard).await);
        assert_eq!(world.item(ID).await, None);
        let item = world.item(NEW_ID).await.unwrap();
        assert_eq!((item.get("locked_at"), item.get("lock_token")), (None, None));
    }
}

#[tokio::test]
async fn a_session_that_was_destroyed_does_not_move() {
    for guard in [unchanged("old"), Guard::Unchanged(None), Guard::Exists, locked()] {
        let world = World::new().await;
        assert_eq!(world.store.rename(ID, NEW_ID, write("new"), guard).await.unwrap(), Saved::Gone);
        assert_eq!((world.item(ID).await, world.item(NEW_ID).await), (None, None));
    }
}

#[tokio::test]
async fn a_session_that_others_changed_does_not_move() {
    let world = World::new().await;
    let theirs = world.session("theirs").await;
    for fault in [Fault::none(), Fault::HideItem] {
        world.script.plan("TransactWriteItems", fault);
        let outcome = world.store.rename(ID, NEW_ID, write("new"), unchanged("old")).await.unwrap();
        assert_eq!(outcome, Saved::Changed(theirs.clone()));
    }
    assert_eq!(world.item(NEW_ID).await, None);
    assert_eq!(world.others.load(ID).await.unwrap(), Some(theirs));
    assert_eq!(world.script.count("GetItem"), 1);
}

#[tokio::test]
async fn that_others_saved_the_same_does_not_mean_that_the_session_moved() {
    let world = World::new().await;
    world.session("new").await;
    let outcome = world.store.rename(ID, NEW_ID, write("new"), unchanged("old")).await.unwrap();
    assert!(matches!(outcome, Saved::Changed(_)), "{outcome:?}");
    assert_eq!(world.item(NEW_ID).await, None);
}

#[tokio::test]
async fn a_session_whose_lock_was_lost_does_not_move() {
    let world = World::new().await;
    world.put(ID, &[("data", text("old")), ("locked_at", number(now())), ("lock_token", text("theirs"))]).await;
    assert_eq!(world.store.rename(ID, NEW_ID, write("new"), locked()).await.unwrap(), Saved::LockLost);
    assert_eq!(world.item(NEW_ID).await, None);
    assert_eq!(world.data(ID).await.as_deref(), Some("old"));
}

#[tokio::test]
async fn a_session_does_not_move_onto_another() {
    let world = World::new().await;
    world.session("old").await;
    world.put(NEW_ID, &[("data", text("theirs"))]).await;
    for fault in [Fault::none(), Fault::HideItem] {
        world.script.plan("TransactWriteItems", fault);
        let outcome = world.store.rename(ID, NEW_ID, write("new"), unchanged("old")).await.unwrap();
        assert_eq!(outcome, Saved::Taken);
    }
    assert_eq!(world.data(ID).await.as_deref(), Some("old"));
    assert_eq!(world.data(NEW_ID).await.as_deref(), Some("theirs"));
}

#[tokio::test]
async fn a_move_whose_answer_was_lost_is_recognised() {
    // A time of an older gem may have more digits than those that are written.
    for created_at in [None, Some(1_500_000_000.123_456_7)] {
        let world = World::new().await.limited(None, Some(100.0));
        world.session("old").await;
        world.script.plan("TransactWriteItems", Fault::LoseAnswer);
        saved(world.store.rename(ID, NEW_ID, Write { created_at, ..write("new") }, unchanged("old")).await);
        assert_eq!(world.script.count("TransactWriteItems"), 2);
        assert_eq!(world.item(ID).await, None);
        assert_eq!(world.data(NEW_ID).await.as_deref(), Some("new"));
    }
}

#[tokio::test]
async fn a_move_that_was_cancelled_by_a_conflict_is_tried_again() {
    for code in ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"] {
        let world = World::new().await;
        world.session("old").await;
        let conflict = || Fault::cancelled(json!([{ "Code": "None" }, { "Code": code }]));
        world.script.plan_times(2, "TransactWriteItems", conflict);
        saved(world.store.rename(ID, NEW_ID, write("new"), unchanged("old")).await);
        assert_eq!(world.script.operations(), ["TransactWriteItems"; 3], "{code}");
    }
}

#[tokio::test]
async fn a_move_that_conflicts_at_every_attempt_is_an_error_and_moves_nothing() {
    let world = World::new().await;
    world.session("old").await;
    let conflict = || Fault::cancelled(json!([{ "Code": "TransactionConflict" }, { "Code": "None" }]));
    world.script.plan_times(3, "TransactWriteItems", conflict);
    let error = world.store.rename(ID, NEW_ID, write("new"), unchanged("old")).await.unwrap_err();
    assert!(matches!(&error, Error::Service { code, .. } if code == "TransactionCanceledException"), "{error:?}");
    assert_eq!(world.script.count("TransactWriteItems"), 3);
    assert_eq!(world.data(ID).await.as_deref(), Some("old"));
}

#[tokio::test]
async fn a_condition_that_failed_beside_a_conflict_is_an_answer() {
    let world = World::new().await;
    world.session("old").await;
    let failed = json!({ "Code": "ConditionalCheckFailed" });
    let conflict = json!({ "Code": "TransactionConflict" });
    world.script.plan("TransactWriteItems", Fault::cancelled(json!([failed, conflict])));
    let outcome = world.store.rename(ID, NEW_ID, write("new"), unchanged("old")).await.unwrap();
    assert_eq!(outcome, Saved::Taken);
    world.script.plan("TransactWriteItems", Fault::cancelled(json!([conflict, failed])));
    let outcome = world.store.rename(ID, NEW_ID, write("new"), unchanged("old")).await.unwrap();
    assert!(matches!(outcome, Saved::Changed(_)), "{outcome:?}");
    assert_eq!(world.script.count("TransactWriteItems"), 2);
}

#[tokio::test]
async fn a_move_that_dynamodb_refuses_is_an_error() {
    let world = World::new().await;
    let cancelled = Fault::cancelled(json!([{ "Code": "ValidationError" }, { "Code": "None" }]));
    world.script.plan("TransactWriteItems", Fault::error("AccessDeniedException"));
    world.script.plan("TransactWriteItems", cancelled);
    for expected in ["AccessDeniedException", "TransactionCanceledException"] {
        let error = world.store.rename(ID, NEW_ID, write("new"), unchanged("old")).await.unwrap_err();
        assert!(matches!(&error, Error::Service { code, .. } if code == expected), "{error:?}");
    }
    assert_eq!(world.script.count("TransactWriteItems"), 2);
}
