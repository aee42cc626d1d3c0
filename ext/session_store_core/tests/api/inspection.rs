//! What is found out about the identity, the clock and the table.

use crate::common::{Fault, Folder, PLAIN_TABLE, World, in_processes, settings, store};
use serde_json::{Value, json};
use session_store_core::{ClientSettings, Error, Identity, TableProperties, TableState, connect, identify};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::time::{Duration, SystemTime};

const NO_METADATA: (&str, &str) = ("AWS_EC2_METADATA_DISABLED", "true");

#[tokio::test]
async fn the_identity_comes_with_the_places_where_it_was_found() {
    let name = "inspection::the_identity_comes_with_the_places_where_it_was_found";
    let folder = Folder::new();
    let file = folder.path().join("config");
    let keys = "aws_access_key_id = AKIDPROFILE1\naws_secret_access_key = secret\n";
    let config = format!("[default]\nregion = eu-west-1\n{keys}[profile shop]\nregion = eu-west-3\n{keys}");
    std::fs::write(&file, config).unwrap();
    let file = ("AWS_CONFIG_FILE", file.to_str().unwrap());
    let environment =
        [("AWS_REGION", "us-east-2"), ("AWS_ACCESS_KEY_ID", "AKIDENVIRON2"), ("AWS_SECRET_ACCESS_KEY", "secret")];
    let with_environment = [&[NO_METADATA, file][..], &environment].concat();
    if !in_processes(1, name, &with_environment) {
        in_processes(1, name, &[NO_METADATA, file]);
        return;
    }
    let given = ClientSettings {
        region: Some("eu-central-1".to_owned()),
        access_key_id: Some("AKIDOPTIONS3".to_owned()),
        secret_access_key: Some("secret".to_owned()),
        ..settings()
    };
    assert_eq!(found(&given).await, ("eu-central-1", "option", "NS3", "option").owned());
    let shop = ClientSettings { profile: Some("shop".to_owned()), ..settings() };
    if std::env::var("AWS_REGION").is_ok() {
        assert_eq!(found(&settings()).await, ("us-east-2", "environment", "ON2", "environment").owned());
    } else {
        assert_eq!(found(&settings()).await, ("eu-west-1", "profile", "LE1", "profile").owned());
        assert_eq!(found(&shop).await, ("eu-west-3", "profile", "LE1", "profile").owned());
    }
}

/// Region and its source, what is shown of the key (here without its first character), and the credentials' source.
async fn found(settings: &ClientSettings) -> [String; 4] {
    let Identity { region, region_source, access_key, credentials_source, .. } = identify(settings).await.unwrap();
    assert_eq!(access_key.len(), 4);
    [region, region_source.to_owned(), access_key[1..].to_owned(), credentials_source]
}

trait Owned {
    fn owned(self) -> [String; 4];
}

impl Owned for (&str, &str, &str, &str) {
    fn owned(self) -> [String; 4] {
        [self.0, self.1, self.2, self.3].map(str::to_owned)
    }
}

#[tokio::test]
async fn without_credentials_or_region_the_error_says_where_they_may_be_given() {
    let name = "inspection::without_credentials_or_region_the_error_says_where_they_may_be_given";
    if !in_processes(1, name, &[NO_METADATA]) {
        return;
    }
    let somewhere = ClientSettings { region: Some("eu-central-1".to_owned()), ..settings() };
    for (settings, expected) in [(somewhere, "credentials"), (settings(), "region")] {
        match identify(&settings).await {
            Err(Error::Configuration { option, message }) => {
                assert_eq!(option, expected);
                assert!(message.contains("Valid: "), "{message}");
            }
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_table_tells_its_key_its_status_and_its_capacity() {
    let world = World::without_table(settings()).await;
    assert_eq!(world.store.table.state().await.unwrap(), None);
    world.store.table.create(&TableProperties { throughput: Some((10, 5)), ..PLAIN_TABLE }).await.unwrap();
    let state = world.store.table.state().await.unwrap().unwrap();
    assert!(state.arn.as_ref().is_some_and(|arn| arn.ends_with(":table/sessions")), "{state:?}");
    let keys = vec![("session_id".to_owned(), "HASH".to_owned(), "S".to_owned())];
    assert_eq!(
        state,
        TableState { arn: state.arn.clone(), status: "ACTIVE".to_owned(), keys, throughput: Some((10, 5)) }
    );

    world.store.table.delete().await.unwrap();
    world.store.table.create(&PLAIN_TABLE).await.unwrap();
    assert_eq!(world.store.table.state().await.unwrap().unwrap().throughput, None);
}

#[tokio::test]
async fn a_table_tells_the_attribute_of_its_ttl() {
    let world = World::without_table(settings()).await;
    world.store.table.create(&PLAIN_TABLE).await.unwrap();
    assert_eq!(world.store.table.time_to_live().await.unwrap(), ("DISABLED".to_owned(), None));
    world.store.table.delete().await.unwrap();
    world.store.table.create(&TableProperties { time_to_live: true, ..PLAIN_TABLE }).await.unwrap();
    let (status, attribute) = world.store.table.time_to_live().await.unwrap();
    assert!(["ENABLED", "ENABLING"].contains(&status.as_str()), "{status}");
    assert_eq!(attribute.as_deref(), Some("expire_at"));
}

#[tokio::test]
async fn what_is_refused_names_operation_and_table() {
    let world = World::new().await;
    for operation in ["DescribeTable", "DescribeTimeToLive", "Scan"] {
        world.script.plan(operation, Fault::error("AccessDeniedException"));
    }
    let table = &world.store.table;
    let errors = [
        table.state().await.unwrap_err(),
        table.time_to_live().await.unwrap_err(),
        table.try_scan().await.unwrap_err(),
    ];
    for (error, operation) in errors.iter().zip(["DescribeTable", "DescribeTimeToLive", "Scan"]) {
        let message = error.to_string();
        assert!(message.starts_with(&format!("AccessDeniedException: {operation} on table sessions")), "{message}");
    }
}

#[tokio::test]
async fn a_scan_is_tried_with_one_row() {
    let world = World::new().await;
    world.store.table.try_scan().await.unwrap();
    assert_eq!(world.script.last("Scan")["Limit"], 1);
}

#[tokio::test]
async fn the_clock_is_compared_with_the_date_of_any_answer() {
    let refused = json!({ "__type": "AccessDeniedException", "message": "no" });
    for (status, document) in [("200 OK", json!({})), ("400 Bad Request", refused)] {
        let past = SystemTime::now() - Duration::from_secs(400);
        let offset = clock_offset(status, &document, Some(past)).await.unwrap();
        assert!((400.0..420.0).contains(&offset), "{offset}");
    }
    assert_eq!(clock_offset("200 OK", &json!({}), None).await, None);
}

#[tokio::test]
async fn without_an_answer_there_is_no_clock_to_compare_with() {
    let world = World::new().await;
    assert_eq!(world.store.table.clock_offset().await.unwrap(), None);
    for _ in 0..3 {
        world.script.plan("DescribeTable", Fault::Break);
    }
    assert!(matches!(world.store.table.clock_offset().await, Err(Error::Network(_))));
}

/// By one answer of a server on this machine.
async fn clock_offset(status: &str, document: &Value, date: Option<SystemTime>) -> Option<f64> {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let body = document.to_string();
    let date = date.map(|date| {
        let format = aws_smithy_types::date_time::Format::HttpDate;
        format!("date: {}\r\n", aws_smithy_types::DateTime::from(date).fmt(format).unwrap())
    });
    let head = format!(
        "HTTP/1.1 {status}\r\n{}content-type: application/x-amz-json-1.0\r\ncontent-length: {}\r\n\r\n",
        date.unwrap_or_default(),
        body.len()
    );
    let server = std::thread::spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        // To the end of the document, which may come by itself: what is left unread would reset the connection.
        let mut byte = [0; 1];
        while byte != *b"}" {
            connection.read_exact(&mut byte).unwrap();
        }
        connection.write_all((head + &body).as_bytes()).unwrap();
    });
    let settings = ClientSettings {
        region: Some("eu-central-1".to_owned()),
        // The SDK tries again, by the other clock, what may have been refused for the clock.
        max_attempts: 1,
        endpoint: Some(endpoint),
        access_key_id: Some("AKIDEXAMPLE".to_owned()),
        secret_access_key: Some("secret".to_owned()),
        ..settings()
    };
    let offset = store(connect(&settings, None).await.unwrap()).table.clock_offset().await.unwrap();
    server.join().unwrap();
    offset
}
