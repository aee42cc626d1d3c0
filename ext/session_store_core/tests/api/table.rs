//! The table: made, awaited, checked, deleted.

use crate::common::{Fault, KEY, PLAIN_TABLE, TABLE, World, settings};
use serde_json::{Value, json};
use session_store_core::{Error, TableProperties};
use std::time::Duration;

fn described(status: &str, keys: &[(&str, &str)], attribute_type: &str) -> Fault {
    let key_schema: Vec<Value> =
        keys.iter().map(|(name, role)| json!({ "AttributeName": name, "KeyType": role })).collect();
    let attributes: Vec<Value> =
        keys.iter().map(|(name, _)| json!({ "AttributeName": name, "AttributeType": attribute_type })).collect();
    let table = json!({
        "TableName": TABLE,
        "TableStatus": status,
        "KeySchema": key_schema,
        "AttributeDefinitions": attributes,
    });
    Fault::Answer(200, json!({ "Table": table }))
}

fn with_status(status: &str) -> Fault {
    described(status, &[(KEY, "HASH")], "S")
}

fn wrong_key(error: Error) -> String {
    match error {
        Error::Configuration { option: "table_key", message } => message,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn create_makes_a_table_that_is_billed_on_demand() {
    let world = World::without_table(settings()).await;
    assert!(world.store.table.create(&PLAIN_TABLE).await.unwrap());
    let request = world.script.last("CreateTable");
    assert_eq!(request["TableName"], TABLE);
    assert_eq!(request["KeySchema"], json!([{ "AttributeName": KEY, "KeyType": "HASH" }]));
    assert_eq!(request["AttributeDefinitions"], json!([{ "AttributeName": KEY, "AttributeType": "S" }]));
    assert_eq!(request["BillingMode"], "PAY_PER_REQUEST");
    for absent in ["ProvisionedThroughput", "Tags", "SSESpecification", "DeletionProtectionEnabled"] {
        assert_eq!(request.get(absent), None, "{absent}");
    }
    assert_eq!(world.script.operations(), ["CreateTable", "DescribeTable"]);
}

#[tokio::test]
async fn create_asks_for_every_property() {
    let world = World::without_table(settings()).await;
    world.script.plan("UpdateContinuousBackups", Fault::Answer(200, json!({})));
    let properties = TableProperties {
        throughput: Some((7, 3)),
        time_to_live: true,
        tags: vec![("team".to_owned(), "web".to_owned())],
        kms_key_id: Some("alias/sessions".to_owned()),
        point_in_time_recovery: true,
        deletion_protection: true,
    };
    assert!(world.store.table.create(&properties).await.unwrap());
    let request = world.script.last("CreateTable");
    assert_eq!(request["BillingMode"], "PROVISIONED");
    assert_eq!(request["ProvisionedThroughput"], json!({ "ReadCapacityUnits": 7, "WriteCapacityUnits": 3 }));
    assert_eq!(request["Tags"], json!([{ "Key": "team", "Value": "web" }]));
    let encryption = json!({ "Enabled": true, "SSEType": "KMS", "KMSMasterKeyId": "alias/sessions" });
    assert_eq!(request["SSESpecification"], encryption);
    assert_eq!(request["DeletionProtectionEnabled"], true);
    let time_to_live = &world.script.last("UpdateTimeToLive")["TimeToLiveSpecification"];
    assert_eq!(*time_to_live, json!({ "AttributeName": "expire_at", "Enabled": true }));
    let recovery = &world.script.last("UpdateContinuousBackups")["PointInTimeRecoverySpecification"];
    assert_eq!(*recovery, json!({ "PointInTimeRecoveryEnabled": true }));
}

#[tokio::test]
async fn create_waits_until_the_table_is_active() {
    let world = World::without_table(settings()).await;
    world.script.plan("DescribeTable", Fault::error("ResourceNotFoundException"));
    world.script.plan("DescribeTable", with_status("CREATING"));
    assert!(world.store.table.create(&TableProperties { time_to_live: true, ..PLAIN_TABLE }).await.unwrap());
    assert_eq!(
        world.script.operations(),
        ["CreateTable", "DescribeTable", "DescribeTable", "DescribeTable", "UpdateTimeToLive"]
    );
}

#[tokio::test]
async fn create_leaves_an_existing_table_as_it_is() {
    let world = World::new().await;
    world.script.plan("DescribeTable", with_status("CREATING"));
    world.script.plan("DescribeTable", with_status("UPDATING"));
    assert!(!world.store.table.create(&TableProperties { time_to_live: true, ..PLAIN_TABLE }).await.unwrap());
    assert_eq!(world.script.operations(), ["CreateTable", "DescribeTable", "DescribeTable"]);
}

#[tokio::test]
async fn create_comes_after_the_deletion_of_a_table_of_the_same_name() {
    let world = World::without_table(settings()).await;
    world.script.plan("CreateTable", Fault::error("ResourceInUseException"));
    world.script.plan("DescribeTable", with_status("DELETING"));
    world.script.plan("DescribeTable", Fault::error("ResourceNotFoundException"));
    let create = async { world.store.table.create(&PLAIN_TABLE).await };
    assert!(tokio::time::timeout(Duration::from_secs(20), create).await.unwrap().unwrap());
    assert!(world.others.table.exists().await.unwrap());
}

#[tokio::test]
async fn a_table_with_another_key_is_refused() {
    let mut world = World::new().await;
    world.store.table.key = "id".to_owned();
    for error in
        [world.store.table.create(&PLAIN_TABLE).await.unwrap_err(), world.store.table.exists().await.unwrap_err()]
    {
        let message = wrong_key(error);
        assert!(message.contains("the table sessions has the key session_id, not id alone"), "{message}");
    }
}

#[tokio::test]
async fn a_table_whose_key_is_no_string_or_has_two_parts_is_refused() {
    let world = World::new().await;
    world.script.plan("DescribeTable", described("ACTIVE", &[(KEY, "HASH")], "N"));
    world.script.plan("DescribeTable", described("ACTIVE", &[(KEY, "HASH"), ("at", "RANGE")], "S"));
    wrong_key(world.store.table.exists().await.unwrap_err());
    let message = wrong_key(world.store.table.exists().await.unwrap_err());
    assert!(message.contains("session_id and at"), "{message}");
}

#[tokio::test]
async fn a_table_exists_from_its_creation_to_its_deletion() {
    let world = World::without_table(settings()).await;
    assert!(!world.store.table.exists().await.unwrap());
    world.store.table.create(&PLAIN_TABLE).await.unwrap();
    assert!(world.store.table.exists().await.unwrap());
    world.script.plan("DescribeTable", with_status("DELETING"));
    assert!(!world.store.table.exists().await.unwrap());
}

#[tokio::test]
async fn delete_waits_until_the_table_is_gone() {
    let world = World::new().await;
    world.script.plan("DescribeTable", with_status("DELETING"));
    assert!(world.store.table.delete().await.unwrap());
    assert_eq!(world.script.operations(), ["DeleteTable", "DescribeTable", "DescribeTable"]);
    assert!(!world.others.table.exists().await.unwrap());
}

#[tokio::test]
async fn to_delete_a_table_that_is_not_there_is_no_error() {
    let world = World::without_table(settings()).await;
    assert!(!world.store.table.delete().await.unwrap());
    assert_eq!(world.script.operations(), ["DeleteTable"]);
}

#[tokio::test]
async fn what_dynamodb_refuses_names_operation_and_table() {
    let world = World::without_table(settings()).await;
    let properties = TableProperties { time_to_live: true, point_in_time_recovery: true, ..PLAIN_TABLE };
    let refused = |operation| format!("AccessDeniedException: {operation} on table sessions (embedded): so it is");
    for operation in ["CreateTable", "DescribeTable", "UpdateTimeToLive", "UpdateContinuousBackups"] {
        world.others.table.delete().await.unwrap();
        world.script.plan(operation, Fault::error("AccessDeniedException"));
        assert_eq!(world.store.table.create(&properties).await.unwrap_err().to_string(), refused(operation));
    }
    world.script.plan("DeleteTable", Fault::error("AccessDeniedException"));
    assert_eq!(world.store.table.delete().await.unwrap_err().to_string(), refused("DeleteTable"));
}
