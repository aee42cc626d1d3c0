//! What DynamoDB and the network say, as this crate's errors; retries and their bounds.

use crate::common::{Fault, ID, World, created, settings, write};
use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use serde_json::json;
use session_store_core::{ClientSettings, Error};
use std::time::{Duration, Instant};

const THROTTLED: &str = "ProvisionedThroughputExceededException";

fn network(error: Error) -> String {
    match error {
        Error::Network(message) => message,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn throttling_is_tried_again_up_to_max_attempts() {
    for max_attempts in [1, 4] {
        let world = World::with(ClientSettings { max_attempts, ..settings() }).await;
        let failures = max_attempts as usize - 1;
        world.script.plan_times(failures, "UpdateItem", || Fault::error(THROTTLED));
        created(world.store.create(ID, write("{}")).await);
        assert_eq!(world.script.count("UpdateItem"), failures + 1);

        world.script.plan_times(failures + 1, "GetItem", || Fault::error(THROTTLED));
        let error = world.store.load(ID).await.unwrap_err();
        assert!(matches!(&error, Error::Service { code, .. } if code == THROTTLED), "{error:?}");
        assert_eq!(world.script.count("GetItem"), failures + 1);
    }
}

#[tokio::test]
async fn errors_of_the_server_are_tried_again() {
    let world = World::new().await;
    let row = world.session("{}").await;
    world.script.plan("GetItem", Fault::Answer(500, json!({ "__type": "InternalServerError" })));
    world.script.plan("GetItem", Fault::Answer(503, json!("no document")));
    assert_eq!(world.store.load(ID).await.unwrap(), Some(row));
    assert_eq!(world.script.count("GetItem"), 3);
}

#[tokio::test]
async fn an_answer_that_is_not_dynamodbs_is_an_error_of_the_network() {
    let world = World::new().await;
    world.script.plan("GetItem", Fault::Answer(200, json!("Welcome to this hotel's network")));
    let message = network(world.store.load(ID).await.unwrap_err());
    assert!(message.starts_with("GetItem on table sessions (embedded): "), "{message}");
}

#[tokio::test]
async fn what_will_not_pass_is_not_tried_again() {
    let world = World::new().await;
    for code in ["AccessDeniedException", "ValidationException", "ResourceNotFoundException"] {
        world.script.plan("GetItem", Fault::error(code));
        match world.store.load(ID).await {
            Err(Error::Service { code: found, message, request_id: None }) => {
                assert_eq!(
                    (found.as_str(), message.as_str()),
                    (code, "GetItem on table sessions (embedded): so it is")
                );
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(world.script.count("GetItem"), 3);
}

#[tokio::test]
async fn an_error_without_code_and_message_is_still_one_of_the_service() {
    let world = World::new().await;
    world.script.plan("GetItem", Fault::Answer(400, json!({})));
    let error = world.store.load(ID).await.unwrap_err().to_string();
    assert_eq!(error, "UnknownError: GetItem on table sessions (embedded): no message");
}

#[tokio::test]
async fn an_operation_that_the_engine_does_not_have_is_named() {
    let world = World::new().await;
    let backup = world.store.table.client.create_backup().table_name("sessions").backup_name("nightly");
    let error = backup.send().await.unwrap_err().into_service_error();
    assert_eq!(error.code(), Some("ValidationException"));
    assert_eq!(error.message(), Some("the embedded engine does not serve CreateBackup"));
}

#[tokio::test]
async fn a_network_error_names_operation_table_place_and_cause() {
    let world = World::new().await;
    world.script.plan("GetItem", Fault::Break);
    let message = network(world.store.load(ID).await.unwrap_err());
    assert!(message.starts_with("GetItem on table sessions (embedded): "), "{message}");
    assert!(message.contains("the connection broke"), "{message}");
    assert!(message.ends_with("Check the network, and the options region and endpoint"), "{message}");
}

#[tokio::test]
async fn a_call_ends_after_call_timeout_though_no_answer_comes() {
    let call_timeout = Duration::from_millis(200);
    let world = World::with(ClientSettings { call_timeout, ..settings() }).await;
    world.script.plan_times(3, "GetItem", || Fault::Silence);
    let start = Instant::now();
    let message = network(world.store.load(ID).await.unwrap_err());
    assert!((call_timeout..call_timeout * 20).contains(&start.elapsed()), "{:?}", start.elapsed());
    assert!(message.contains("timeout"), "{message}");
}

#[tokio::test]
async fn a_call_ends_after_call_timeout_though_attempts_are_left() {
    let call_timeout = Duration::from_millis(300);
    let world = World::with(ClientSettings { call_timeout, max_attempts: 1000, ..settings() }).await;
    world.script.plan_times(1000, "GetItem", || Fault::error(THROTTLED));
    let start = Instant::now();
    network(world.store.load(ID).await.unwrap_err());
    assert!((call_timeout..call_timeout * 20).contains(&start.elapsed()), "{:?}", start.elapsed());
    assert!(world.script.count("GetItem") > 5);
}
