//! The pessimistic lock. Times are real and short.

use crate::common::{Fault, ID, World, now, number, text};
use aws_sdk_dynamodb::types::AttributeValue;
use session_store_core::{Error, LockSettings, Row, Store};
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;

const MS: Duration = Duration::from_millis(1);
const EXPIRY: Duration = Duration::from_millis(400);
const MINE: &str = "mine";
const THEIRS: &str = "theirs";

/// For a lock that is expected to be free.
pub(crate) const QUICK: LockSettings =
    LockSettings { expiry: Duration::from_secs(30), retry_delay: Duration::from_millis(5), max_wait: Duration::ZERO };

fn waiting(max_wait: Duration) -> LockSettings {
    LockSettings { expiry: EXPIRY, retry_delay: 20 * MS, max_wait }
}

async fn put_locked(world: &World, locked_at: f64, token: &str) {
    world.put(ID, &[("data", text("{}")), ("locked_at", number(locked_at)), ("lock_token", text(token))]).await;
}

async fn holder(world: &World) -> Option<String> {
    let item = world.item(ID).await.unwrap();
    assert_eq!(item.contains_key("locked_at"), item.contains_key("lock_token"), "{item:?}");
    item.get("lock_token").map(|token| token.as_s().unwrap().clone())
}

fn taken(outcome: Result<Option<Row>, Error>) -> Row {
    outcome.unwrap().expect("the session is there")
}

fn timed_out(outcome: Result<Option<Row>, Error>) {
    assert!(matches!(outcome, Err(Error::LockWaitTimeout)), "{outcome:?}");
}

async fn set(store: &Store, attribute: &str, value: AttributeValue) {
    let update = store.table.client.update_item().table_name(&store.table.name).key(&store.table.key, text(ID));
    let update = update.update_expression(format!("SET {attribute} = :value"));
    update.expression_attribute_values(":value", value).send().await.unwrap();
}

/// A holder whose clock is off by so many seconds and that renews its lock.
fn renewing(store: Store, clock_off_by: f64) -> JoinHandle<()> {
    tokio::spawn(async move {
        loop {
            set(&store, "locked_at", number(now() + clock_off_by)).await;
            tokio::time::sleep(EXPIRY / 8).await;
        }
    })
}

#[tokio::test]
async fn a_free_lock_is_taken_and_the_row_read_in_one_call() {
    let world = World::new().await;
    let saved = world.session("{}").await;
    let row = taken(world.store.lock(ID, MINE, QUICK).await);
    assert_eq!(world.script.operations(), ["UpdateItem"]);
    assert_eq!((&row.data, row.updated_at), (&saved.data, saved.updated_at));
    assert_eq!(row.lock_token.as_deref(), Some(MINE));
    let locked_at: f64 = row.locked_at.unwrap().as_n().unwrap().parse().unwrap();
    assert!((now() - locked_at).abs() < 5.0, "{locked_at}");
    assert_eq!(holder(&world).await.as_deref(), Some(MINE));
}

#[tokio::test]
async fn no_lock_is_placed_on_a_session_that_is_not_there() {
    let world = World::new().await;
    assert_eq!(world.store.lock(ID, MINE, QUICK).await.unwrap(), None);
    assert_eq!(world.item(ID).await, None);
}

#[tokio::test]
async fn a_session_that_is_over_is_not_there_and_not_locked() {
    let world = World::new().await.limited(Some(100.0), None);
    world.put(ID, &[("data", text("{}")), ("created_at", number(now() - 101.0))]).await;
    assert_eq!(world.store.lock(ID, MINE, QUICK).await.unwrap(), None);
    assert_eq!(holder(&world).await, None);
}

#[tokio::test]
async fn a_row_that_cannot_be_read_is_not_left_locked() {
    let world = World::new().await;
    world.put(ID, &[("data", number(1.0))]).await;
    let outcome = world.store.lock(ID, MINE, QUICK).await;
    assert!(matches!(outcome, Err(Error::InvalidData(_))), "{outcome:?}");
    assert_eq!(holder(&world).await, None);
}

#[tokio::test]
async fn a_waiter_gets_the_lock_when_it_is_given_back() {
    let world = World::new().await;
    world.session("{}").await;
    taken(world.others.lock(ID, THEIRS, QUICK).await);
    let others = world.others.clone();
    let start = Instant::now();
    let holder = tokio::spawn(async move {
        tokio::time::sleep(150 * MS).await;
        others.unlock(ID, THEIRS).await.unwrap();
    });
    let settings = LockSettings { expiry: Duration::from_secs(30), ..waiting(Duration::from_secs(10)) };
    taken(world.store.lock(ID, MINE, settings).await);
    assert!(start.elapsed() >= 150 * MS);
    holder.await.unwrap();
    let operations = world.script.operations();
    assert!(operations.len() >= 3 && operations.iter().all(|operation| operation == "UpdateItem"), "{operations:?}");
}

#[tokio::test]
async fn a_waiter_gives_up_after_max_wait() {
    let world = World::new().await;
    put_locked(&world, now(), THEIRS).await;
    let settings = LockSettings { max_wait: 200 * MS, retry_delay: 60_000 * MS, ..QUICK };
    let start = Instant::now();
    timed_out(world.store.lock(ID, MINE, settings).await);
    assert!((200 * MS..10_000 * MS).contains(&start.elapsed()), "{:?}", start.elapsed());
    assert_eq!(holder(&world).await.as_deref(), Some(THEIRS));
    assert_eq!(world.script.count("UpdateItem"), 2, "once at once and once at the end");
}

#[tokio::test]
async fn a_waiter_pauses_between_attempts() {
    let world = World::new().await;
    put_locked(&world, now(), THEIRS).await;
    let settings = LockSettings { max_wait: 300 * MS, retry_delay: 100 * MS, ..QUICK };
    timed_out(world.store.lock(ID, MINE, settings).await);
    let attempts = world.script.count("UpdateItem");
    // The pauses are of 50 to 100 ms.
    assert!((2..=8).contains(&attempts), "{attempts}");
}

#[tokio::test]
async fn a_session_that_is_destroyed_while_one_waits_is_not_there() {
    let world = World::new().await;
    put_locked(&world, now(), THEIRS).await;
    let others = world.others.clone();
    world.script.plan("UpdateItem", Fault::none());
    world.script.plan("UpdateItem", Fault::meanwhile(async move { others.destroy(ID).await.unwrap() }));
    assert_eq!(world.store.lock(ID, MINE, waiting(Duration::from_secs(5))).await.unwrap(), None);
    assert_eq!(world.item(ID).await, None);
}

#[tokio::test]
async fn an_engine_that_does_not_return_the_row_is_asked_for_it() {
    let world = World::new().await;
    put_locked(&world, now(), THEIRS).await;
    world.script.plan("UpdateItem", Fault::HideItem);
    timed_out(world.store.lock(ID, MINE, QUICK).await);
    assert_eq!(world.script.operations(), ["UpdateItem", "GetItem"]);
}

#[tokio::test]
async fn a_lock_is_taken_over_when_it_was_seen_unchanged_for_its_expiry() {
    // The clock of whoever died with it may have been off either way.
    for clock_off_by in [-20.0, 0.0, 20.0] {
        let world = World::new().await;
        put_locked(&world, now() + clock_off_by, THEIRS).await;
        let start = Instant::now();
        taken(world.store.lock(ID, MINE, waiting(Duration::from_secs(10))).await);
        assert!((EXPIRY..EXPIRY * 10).contains(&start.elapsed()), "{clock_off_by}: {:?}", start.elapsed());
        assert_eq!(holder(&world).await.as_deref(), Some(MINE));
    }
}

#[tokio::test]
async fn a_lock_that_is_renewed_is_not_taken_whatever_its_holders_clock_says() {
    for clock_off_by in [-20.0, 0.0, 20.0] {
        let world = World::new().await;
        put_locked(&world, now() + clock_off_by, THEIRS).await;
        let renewing = renewing(world.others.clone(), clock_off_by);
        timed_out(world.store.lock(ID, MINE, waiting(EXPIRY * 3)).await);
        renewing.abort();
        assert_eq!(holder(&world).await.as_deref(), Some(THEIRS));
    }
}

/// What tells that a lock is no longer the one that was seen: it was renewed, or another has taken it, be it at the same
/// time.
fn signs_of_life() -> [(&'static str, AttributeValue); 2] {
    [("locked_at", number(now() + 1.0)), ("lock_token", text("third"))]
}

#[tokio::test]
async fn a_lock_that_changed_while_one_waits_is_waited_for_anew() {
    for (attribute, value) in signs_of_life() {
        let world = World::new().await;
        put_locked(&world, now(), THEIRS).await;
        let others = world.others.clone();
        let changed = tokio::spawn(async move {
            tokio::time::sleep(EXPIRY / 2).await;
            set(&others, attribute, value).await;
        });
        let start = Instant::now();
        taken(world.store.lock(ID, MINE, waiting(Duration::from_secs(10))).await);
        assert!(start.elapsed() >= EXPIRY + EXPIRY / 2, "{attribute}: {:?}", start.elapsed());
        changed.await.unwrap();
    }
}

#[tokio::test]
async fn a_lock_that_changes_at_the_last_moment_is_not_taken_over() {
    for (attribute, value) in signs_of_life() {
        let world = World::new().await;
        put_locked(&world, now(), THEIRS).await;
        let others = world.others.clone();
        world.script.plan("UpdateItem", Fault::none());
        world.script.plan("UpdateItem", Fault::meanwhile(async move { set(&others, attribute, value).await }));
        // The second attempt is the one that would take it over.
        let settings = LockSettings { retry_delay: EXPIRY * 3, ..waiting(EXPIRY * 3 / 2) };
        timed_out(world.store.lock(ID, MINE, settings).await);
        assert_ne!(holder(&world).await.as_deref(), Some(MINE), "{attribute}");
    }
}

#[tokio::test]
async fn only_one_of_many_waiters_takes_an_expired_lock() {
    let world = World::new().await;
    put_locked(&world, now() - 1.0, "dead").await;
    let expiry = 800 * MS;
    let settings = LockSettings { expiry, retry_delay: 20 * MS, max_wait: expiry * 3 / 2 };
    let waiters: Vec<_> = (0..16)
        .map(|waiter| {
            let store = world.store.clone();
            tokio::spawn(async move { store.lock(ID, &format!("waiter {waiter}"), settings).await })
        })
        .collect();
    let mut takers = Vec::new();
    for waiter in waiters {
        match waiter.await.unwrap() {
            Ok(row) => takers.push(row.expect("the session is there").lock_token),
            outcome => timed_out(outcome),
        }
    }
    assert_eq!(takers, [holder(&world).await]);
}

#[tokio::test]
async fn a_lock_that_was_abandoned_long_ago_is_taken_at_once() {
    let world = World::new().await;
    put_locked(&world, now() - 61.0, "dead").await;
    taken(world.store.lock(ID, MINE, QUICK).await);
    assert_eq!(world.script.operations(), ["UpdateItem"]);
}

#[tokio::test]
async fn long_ago_means_more_than_the_expiry_and_any_error_of_a_clock() {
    let world = World::new().await;
    // QUICK's expiry of 30 s and the 30 s that clocks may be apart.
    put_locked(&world, now() - 55.0, "alive").await;
    timed_out(world.store.lock(ID, MINE, QUICK).await);
}

#[tokio::test]
async fn a_lock_of_an_older_gem_has_no_token_and_may_be_a_string() {
    for locked_at in [number(now()), text(&format!("{:.3}", now()))] {
        let world = World::new().await;
        world.put(ID, &[("data", text("{}")), ("locked_at", locked_at)]).await;
        let start = Instant::now();
        taken(world.store.lock(ID, MINE, waiting(Duration::from_secs(10))).await);
        assert!(start.elapsed() >= EXPIRY, "{:?}", start.elapsed());
        let item = world.item(ID).await.unwrap();
        assert!(matches!(item["locked_at"], AttributeValue::N(_)), "{item:?}");
    }
}

#[tokio::test]
async fn an_acquisition_whose_answer_was_lost_is_recognised() {
    let world = World::new().await;
    world.session("{}").await;
    world.script.plan("UpdateItem", Fault::LoseAnswer);
    let row = taken(world.store.lock(ID, MINE, QUICK).await);
    assert_eq!(row.data, Some("{}".into()));
    assert_eq!(world.script.operations(), ["UpdateItem", "UpdateItem"]);
}

#[tokio::test]
async fn what_dynamodb_refuses_is_an_error() {
    let world = World::new().await;
    world.session("{}").await;
    world.script.plan("UpdateItem", Fault::error("AccessDeniedException"));
    let outcome = world.store.lock(ID, MINE, QUICK).await;
    assert!(matches!(&outcome, Err(Error::Service { code, .. }) if code == "AccessDeniedException"), "{outcome:?}");
    world.script.plan("UpdateItem", Fault::Break);
    let outcome = world.store.lock(ID, MINE, QUICK).await;
    assert!(matches!(outcome, Err(Error::Network(_))), "{outcome:?}");
}

#[tokio::test]
async fn only_the_holder_renews() {
    let world = World::new().await;
    put_locked(&world, now() - 10.0, THEIRS).await;
    assert!(!world.store.renew_lock(ID, MINE).await.unwrap());
    let locked_at = || async { world.item(ID).await.unwrap()["locked_at"].as_n().unwrap().parse::<f64>().unwrap() };
    assert!(now() - locked_at().await > 9.0);
    assert!(world.store.renew_lock(ID, THEIRS).await.unwrap());
    assert!(now() - locked_at().await < 5.0);
}

#[tokio::test]
async fn to_renew_or_give_back_the_lock_of_a_destroyed_session_does_not_bring_it_back() {
    let world = World::new().await;
    assert!(!world.store.renew_lock(ID, MINE).await.unwrap());
    world.store.unlock(ID, MINE).await.unwrap();
    assert!(!world.store.touch_and_unlock(ID, MINE, None, None).await.unwrap());
    assert_eq!(world.item(ID).await, None);
}

#[tokio::test]
async fn only_the_holder_gives_the_lock_back() {
    let world = World::new().await;
    put_locked(&world, now(), THEIRS).await;
    world.store.unlock(ID, MINE).await.unwrap();
    assert_eq!(holder(&world).await.as_deref(), Some(THEIRS));
    world.store.unlock(ID, THEIRS).await.unwrap();
    assert_eq!(holder(&world).await, None);
    assert_eq!(world.data(ID).await.as_deref(), Some("{}"));
}

#[tokio::test]
async fn touch_and_unlock_does_both_for_the_holder() {
    let world = World::new().await.limited(None, Some(500.0));
    let before = now();
    put_locked(&world, before, THEIRS).await;
    assert!(!world.store.touch_and_unlock(ID, MINE, None, None).await.unwrap());
    assert_eq!(holder(&world).await.as_deref(), Some(THEIRS));
    assert!(world.store.touch_and_unlock(ID, THEIRS, None, None).await.unwrap());
    assert_eq!(holder(&world).await, None);
    let row = world.others.load(ID).await.unwrap().unwrap();
    assert!(row.updated_at.unwrap() >= before - 1e-6);
    assert!(row.expire_at.unwrap() >= before + 500.0);
    assert_eq!(row.data, Some("{}".into()));
}

#[tokio::test]
async fn touch_and_unlock_whose_answer_was_lost_is_recognised() {
    let world = World::new().await;
    put_locked(&world, now(), MINE).await;
    world.script.plan("UpdateItem", Fault::LoseAnswer);
    assert!(world.store.touch_and_unlock(ID, MINE, None, None).await.unwrap());
    assert_eq!(world.script.count("UpdateItem"), 2);
}

#[tokio::test]
async fn a_lock_that_is_kept_is_not_taken_until_its_keeper_stops() {
    let world = World::new().await;
    world.session("{}").await;
    taken(world.others.lock(ID, THEIRS, QUICK).await);
    let others = world.others.clone();
    let keeper = tokio::spawn(async move { others.keep_lock(ID, THEIRS, EXPIRY).await });
    timed_out(world.store.lock(ID, MINE, waiting(EXPIRY * 3)).await);
    keeper.abort();
    taken(world.store.lock(ID, MINE, waiting(Duration::from_secs(10))).await);
}

#[tokio::test]
async fn a_keeper_survives_the_network_and_stops_when_the_lock_is_lost() {
    let world = World::new().await;
    world.session("{}").await;
    taken(world.others.lock(ID, MINE, QUICK).await);
    let others = world.others.clone();
    world.script.plan("UpdateItem", Fault::Break);
    world.script.plan("UpdateItem", Fault::none());
    world.script.plan("UpdateItem", Fault::meanwhile(async move { others.unlock(ID, MINE).await.unwrap() }));
    let kept = world.store.keep_lock(ID, MINE, 30 * MS);
    tokio::time::timeout(Duration::from_secs(10), kept).await.expect("the keeper stops");
    assert_eq!(world.script.count("UpdateItem"), 3);
}
