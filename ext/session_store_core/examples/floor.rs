//! The floor for benchmarks: a plain program that makes the two calls of a request, GetItem and UpdateItem, with the SDK
//! as it comes.
//!
//! `floor ENDPOINT TABLE KEY pairs|reads` reads a number from each line of its input, makes so many pairs of calls, or
//! of GetItem alone, on the row KEY, which must be there, and answers with a line.

use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_dynamodb::{Client, Config};
use std::error::Error;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [endpoint, table, key, calls] = arguments.as_slice() else {
        return Err("usage: floor ENDPOINT TABLE KEY pairs|reads".into());
    };
    let update = match calls.as_str() {
        "pairs" => true,
        "reads" => false,
        other => return Err(format!("expected pairs or reads, got {other}").into()),
    };
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .region(Region::new("us-east-1"))
        .endpoint_url(endpoint)
        .credentials_provider(Credentials::new("test", "test", None, None, "benchmark"))
        .build();
    let client = Client::from_conf(config);
    for line in std::io::stdin().lines() {
        for number in 0..line?.parse::<u64>()? {
            let data = get(&client, table, key).await?;
            if update {
                save(&client, table, key, data, number).await?;
            }
        }
        println!("done");
    }
    Ok(())
}

async fn get(client: &Client, table: &str, key: &str) -> Result<AttributeValue, Box<dyn Error>> {
    let id = AttributeValue::S(key.to_owned());
    let found = client.get_item().table_name(table).key("session_id", id).consistent_read(true).send().await?;
    Ok(found.item.and_then(|mut item| item.remove("data")).ok_or("no such row")?)
}

async fn save(
    client: &Client,
    table: &str,
    key: &str,
    data: AttributeValue,
    number: u64,
) -> Result<(), Box<dyn Error>> {
    client
        .update_item()
        .table_name(table)
        .key("session_id", AttributeValue::S(key.to_owned()))
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
    Ok(())
}

/// Another text of the same length.
fn changed(data: &AttributeValue, number: u64) -> String {
    let text = data.as_s().cloned().unwrap_or_default();
    let number = number.to_string();
    format!("{number}{}", text.get(number.len()..).unwrap_or_default())
}
