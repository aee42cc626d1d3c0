//! The floor for benchmarks: a plain program that makes the two calls of a request, GetItem and UpdateItem, with the SDK
//! as it comes.
//!
//! `floor ENDPOINT TABLE KEY PAIRS` makes PAIRS of them on the row KEY, which must be there.

use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_dynamodb::{Client, Config};
use std::error::Error;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [endpoint, table, key, pairs] = arguments.as_slice() else {
        return Err("usage: floor ENDPOINT TABLE KEY PAIRS".into());
    };
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .region(Region::new("us-east-1"))
        .endpoint_url(endpoint)
        .credentials_provider(Credentials::new("test", "test", None, None, "benchmark"))
        .build();
    let client = Client::from_conf(config);
    for number in 0..pairs.parse::<u64>()? {
        let id = AttributeValue::S(key.clone());
        let item =
            client.get_item().table_name(table).key("session_id", id.clone()).consistent_read(true).send().await?;
        let data = item.item.and_then(|item| item.get("data").cloned()).ok_or("no such row")?;
        client
            .update_item()
            .table_name(table)
            .key("session_id", id)
            .update_expression("SET #0 = :0, #1 = :1, #2 = :2")
            .condition_expression("attribute_exists(#3) AND #0 = :3")
            .expression_attribute_names("#0", "data")
            .expression_attribute_names("#1", "updated_at")
            .expression_attribute_names("#2", "created_at")
            .expression_attribute_names("#3", "session_id")
            .expression_attribute_values(":0", AttributeValue::S(changed(&data, number)))
            .expression_attribute_values(":1", AttributeValue::N("1700000000.123456".into()))
            .expression_attribute_values(":2", AttributeValue::N("1700000000.123456".into()))
            .expression_attribute_values(":3", data)
            .send()
            .await?;
    }
    Ok(())
}

/// Another text of the same length.
fn changed(data: &AttributeValue, number: u64) -> String {
    let text = data.as_s().cloned().unwrap_or_default();
    let number = number.to_string();
    format!("{number}{}", text.get(number.len()..).unwrap_or_default())
}
