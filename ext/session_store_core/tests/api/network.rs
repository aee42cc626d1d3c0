//! The client over a real connection, to a server that speaks HTTP in front of the script.

use crate::common::{Fault, ID, NEW_ID, Script, World, created, saved, settings, store, write};
use session_store_core::{ClientSettings, Error, Guard, Store, Transport, connect};
use std::io::{BufRead, BufReader, Read, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

const REQUEST_ID: &str = "4KBNVRGD25RG1KEO9UT4V3FQDJVV4KQNSO5AEMVJF66Q9ASUAAJG";

/// Serves until the process ends, a connection a request.
fn serve(script: Arc<Script>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            let script = Arc::clone(&script);
            std::thread::spawn(move || answer(connection, &script));
        }
    });
    address
}

/// Closes the connection without a word where the script says that it breaks.
fn answer(mut connection: TcpStream, script: &Script) -> Option<()> {
    let (operation, body) = request(&connection)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let reply = runtime.block_on(script.answer(operation, body)).ok()?;
    write!(
        connection,
        "HTTP/1.1 {} Answered\r\nconnection: close\r\nx-amzn-requestid: {REQUEST_ID}\r\ncontent-length: {}\r\n\r\n{}",
        reply.status,
        reply.body.len(),
        reply.body
    )
    .ok()
}

fn request(connection: &TcpStream) -> Option<(String, String)> {
    let mut reader = BufReader::new(connection);
    let (mut operation, mut length) = (None, 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        match line.trim_end().split_once(": ") {
            Some(("x-amz-target", target)) => operation = target.split('.').next_back().map(str::to_owned),
            Some(("content-length", bytes)) => length = bytes.parse().ok()?,
            Some(_) => {}
            None if line.trim_end().is_empty() => break,
            None => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((operation?, String::from_utf8(body).ok()?))
}

fn over_http(address: SocketAddr) -> ClientSettings {
    ClientSettings {
        region: Some("eu-central-1".to_owned()),
        endpoint: Some(format!("http://{address}")),
        access_key_id: Some("AKIDEXAMPLE".to_owned()),
        secret_access_key: Some("wJalrXUtnFEMI".to_owned()),
        ..settings()
    }
}

async fn connected(settings: &ClientSettings) -> Store {
    let mut store = store(connect(settings, None).await.unwrap());
    store.table.place = settings.endpoint.clone().unwrap();
    store
}

/// Whose requests go over the network and then by the script.
async fn world(change: impl FnOnce(ClientSettings) -> ClientSettings) -> World {
    let mut world = World::new().await;
    world.store = connected(&change(over_http(serve(Arc::clone(&world.script))))).await;
    world
}

#[tokio::test]
async fn a_session_lives_over_http() {
    let world = world(|settings| settings).await;
    assert!(world.store.table.exists().await.unwrap());
    let row = created(world.store.create(ID, write("1")).await);
    assert_eq!(world.store.load(ID).await.unwrap(), Some(row));
    saved(world.store.save(ID, write("2"), Guard::Unchanged(Some("1".into()))).await);
    saved(world.store.rename(ID, NEW_ID, write("3"), Guard::Unchanged(Some("2".into()))).await);
    assert_eq!(world.data(NEW_ID).await.as_deref(), Some("3"));
    world.store.destroy(NEW_ID).await.unwrap();
    assert_eq!(world.item(NEW_ID).await, None);
}

#[tokio::test]
async fn an_error_of_the_service_has_its_request_id() {
    let world = world(|settings| settings).await;
    world.script.plan("GetItem", Fault::error("AccessDeniedException"));
    match world.store.load(ID).await {
        Err(Error::Service { request_id, .. }) => assert_eq!(request_id.as_deref(), Some(REQUEST_ID)),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_connection_that_breaks_is_made_again() {
    let world = world(|settings| settings).await;
    let row = world.session("{}").await;
    world.script.plan_times(2, "GetItem", || Fault::Break);
    assert_eq!(world.store.load(ID).await.unwrap(), Some(row));
    assert_eq!(world.script.count("GetItem"), 3);
}

#[tokio::test]
async fn what_was_saved_before_the_connection_broke_is_recognised() {
    let world = world(|settings| settings).await;
    for fault in [Fault::BreakAfterwards, Fault::none(), Fault::BreakAfterwards] {
        world.script.plan("UpdateItem", fault);
    }
    world.script.plan("TransactWriteItems", Fault::BreakAfterwards);
    created(world.store.create(ID, write("1")).await);
    saved(world.store.save(ID, write("2"), Guard::Unchanged(Some("1".into()))).await);
    saved(world.store.rename(ID, NEW_ID, write("3"), Guard::Unchanged(Some("2".into()))).await);
    assert_eq!((world.item(ID).await, world.data(NEW_ID).await.as_deref()), (None, Some("3")));
    assert_eq!((world.script.count("UpdateItem"), world.script.count("TransactWriteItems")), (4, 2));
}

#[tokio::test]
async fn an_answer_is_waited_for_as_long_as_http_read_timeout() {
    let http_read_timeout = Duration::from_millis(500);
    let world = world(|settings| ClientSettings { http_read_timeout, ..settings }).await;
    let row = world.session("{}").await;
    world.script.plan("GetItem", Fault::Silence);
    let start = Instant::now();
    assert_eq!(world.store.load(ID).await.unwrap(), Some(row));
    assert!((http_read_timeout..http_read_timeout * 10).contains(&start.elapsed()), "{:?}", start.elapsed());
    assert!(world.script.count("GetItem") >= 2);
}

#[tokio::test]
async fn silence_ends_with_call_timeout_whatever_http_read_timeout_is() {
    let call_timeout = Duration::from_millis(300);
    let world = world(|settings| ClientSettings { call_timeout, ..settings }).await;
    world.script.plan_times(3, "GetItem", || Fault::Silence);
    let start = Instant::now();
    let error = world.store.load(ID).await.unwrap_err();
    assert!(matches!(error, Error::Network(_)), "{error:?}");
    assert!((call_timeout..call_timeout * 20).contains(&start.elapsed()), "{:?}", start.elapsed());
}

#[tokio::test]
async fn where_nobody_listens_the_error_names_the_place() {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let store = connected(&over_http(address)).await;
    match store.load(ID).await {
        Err(Error::Network(message)) => {
            let place = format!("GetItem on table sessions (http://{address}): ");
            assert!(message.starts_with(&place), "{message}");
            assert!(message.contains("Connection refused"), "{message}");
        }
        other => panic!("{other:?}"),
    }
}
