//! Loading: what is found, what is over, what cannot be read.

use crate::common::{Fault, ID, World, now, number, settings, text};
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::json;
use session_store_core::{Error, Row};

#[tokio::test]
async fn a_session_is_found_as_it_was_saved() {
    let world = World::new().await;
    let row = world.session(r#"{"user":1}"#).await;
    assert_eq!(row.data, Some(r#"{"user":1}"#.into()));
    assert_eq!(world.store.load(ID).await.unwrap(), Some(row));
    assert_eq!(world.script.operations(), ["GetItem"]);
}

#[tokio::test]
async fn there_may_be_no_session() {
    let world = World::new().await.limited(Some(1.0), Some(1.0));
    assert_eq!(world.store.load(ID).await.unwrap(), None);
    // As a client answers that an application's tests have stubbed.
    world.script.plan("GetItem", Fault::Answer(200, json!({ "Item": {} })));
    assert_eq!(world.store.load(ID).await.unwrap(), None);
}

#[tokio::test]
async fn consistent_read_is_as_configured() {
    let mut world = World::new().await;
    for consistent in [true, false] {
        world.store.consistent_read = consistent;
        world.store.load(ID).await.unwrap();
        assert_eq!(world.script.last("GetItem")["ConsistentRead"], consistent);
    }
}

#[tokio::test]
async fn times_may_be_numbers_or_strings() {
    let world = World::new().await;
    let (created_at, updated_at, expire_at) = (1_500_000_000.25, now(), (now() + 1000.0).ceil());
    let expected = Row {
        data: Some("{}".into()),
        created_at: Some(created_at),
        updated_at: Some(updated_at),
        expire_at: Some(expire_at),
        ..Row::default()
    };
    for kind in [AttributeValue::N as fn(String) -> AttributeValue, AttributeValue::S] {
        let times = [("created_at", created_at), ("updated_at", updated_at), ("expire_at", expire_at)];
        let mut row: Vec<_> = times.iter().map(|(name, seconds)| (*name, kind(seconds.to_string()))).collect();
        row.push(("data", text("{}")));
        world.put(ID, &row).await;
        assert_eq!(world.store.load(ID).await.unwrap().as_ref(), Some(&expected));
    }
}

#[tokio::test]
async fn a_row_may_hold_nothing_but_its_key() {
    let world = World::new().await.limited(Some(1.0), Some(1.0));
    world.put(ID, &[]).await;
    assert_eq!(world.store.load(ID).await.unwrap(), Some(Row::default()));
}

#[tokio::test]
async fn a_session_is_over_by_each_limit() {
    let row = |created_ago: f64, updated_ago: f64, expires_in: Option<f64>| {
        let mut row = vec![("created_at", number(now() - created_ago)), ("updated_at", number(now() - updated_ago))];
        row.extend(expires_in.map(|seconds| ("expire_at", number((now() + seconds).floor()))));
        row
    };
    // max_age, max_stale, the row, whether it is there
    let cases = [
        (None, None, row(1e6, 1e6, None), true),
        (Some(100.0), None, row(101.0, 0.0, None), false),
        (Some(100.0), None, row(80.0, 80.0, None), true),
        (None, Some(100.0), row(1000.0, 101.0, None), false),
        (None, Some(100.0), row(1000.0, 80.0, None), true),
        (None, None, row(1000.0, 1000.0, Some(-1.0)), false),
        (None, None, row(1000.0, 1000.0, Some(20.0)), true),
        // As version 4.0 wrote it where nothing expires.
        (None, None, row(2000.0, 1000.0, Some(-1001.0)), true),
    ];
    let mut world = World::new().await;
    for (max_age, max_stale, row, there) in cases {
        world = world.limited(max_age, max_stale);
        world.put(ID, &row).await;
        assert_eq!(world.store.load(ID).await.unwrap().is_some(), there, "{max_age:?} {max_stale:?} {row:?}");
    }
}

#[tokio::test]
async fn a_row_that_cannot_be_read_is_an_error_that_names_the_attribute() {
    let world = World::new().await;
    for (name, value) in [
        ("data", AttributeValue::Bool(true)),
        ("data", AttributeValue::N("1".to_owned())),
        ("created_at", text("yesterday")),
        ("updated_at", text("inf")),
        ("expire_at", AttributeValue::Null(true)),
    ] {
        world.put(ID, &[(name, value)]).await;
        match world.store.load(ID).await {
            Err(Error::InvalidData(message)) => assert!(message.contains(&format!("attribute {name} ")), "{message}"),
            other => panic!("{name}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn what_dynamodb_refuses_is_an_error_and_no_missing_session() {
    let world = World::without_table(settings()).await;
    match world.store.load(ID).await {
        Err(Error::Service { code, message, .. }) => {
            assert_eq!(code, "ResourceNotFoundException");
            assert!(message.starts_with("GetItem on table sessions (embedded): "), "{message}");
        }
        other => panic!("{other:?}"),
    }
}
