//! The embedded engine: in memory, in a file, in several processes.

use crate::common::{Folder, ID, PLAIN_TABLE, created, in_processes, settings, store, write};
use session_store_core::{Data, Engines, Error, Guard, Saved, Store, connect};

async fn opened(engines: &Engines, endpoint: &str) -> Store {
    let engine = engines.open(Some(endpoint)).unwrap().expect("this names an engine");
    store(connect(&settings(), Some(engine)).await.unwrap())
}

/// Adds one to the number in the session, as a request does: on the condition that nobody else did meanwhile.
async fn increment(store: &Store) {
    loop {
        let data = count(store).await;
        let next = data.parse::<u32>().unwrap() + 1;
        match store.save(ID, write(&next.to_string()), Guard::Unchanged(Some(data.as_str().into()))).await.unwrap() {
            Saved::Saved(_) => return,
            Saved::Changed(_) => {}
            other => panic!("{other:?}"),
        }
    }
}

/// From four tasks at once.
async fn increment_times(times: usize, store: &Store) {
    let tasks: Vec<_> = (0..4)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move {
                for _ in 0..times / 4 {
                    increment(&store).await;
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
}

async fn counter(store: &Store) {
    store.table.create(&PLAIN_TABLE).await.unwrap();
    created(store.create(ID, write("0")).await);
}

async fn count(store: &Store) -> String {
    match store.load(ID).await.unwrap().unwrap().data {
        Some(Data::Text(text)) => text,
        other => panic!("no text: {other:?}"),
    }
}

#[tokio::test]
async fn who_names_the_same_engine_of_a_process_shares_it() {
    let engines = Engines::default();
    let (one, other) = (opened(&engines, "embedded").await, opened(&engines, "embedded").await);
    counter(&one).await;
    assert_eq!(count(&other).await, "0");
    assert!(!opened(&Engines::default(), "embedded").await.table.exists().await.unwrap());
}

#[test]
fn an_address_names_no_engine() {
    let engines = Engines::default();
    for endpoint in [None, Some("http://localhost:8000"), Some("embedded2"), Some("")] {
        assert!(engines.open(endpoint).unwrap().is_none(), "{endpoint:?}");
    }
}

#[test]
fn a_file_that_cannot_be_opened_is_an_error_that_names_it() {
    match Engines::default().open(Some("embedded:/nowhere/at/all.sqlite3")) {
        Err(Error::Configuration { option: "endpoint", message }) => {
            assert!(message.contains("cannot open /nowhere/at/all.sqlite3"), "{message}");
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_file_outlives_the_engine() {
    let folder = Folder::new();
    let endpoint = format!("embedded:{}", folder.path().join("sessions.sqlite3").display());
    counter(&opened(&Engines::default(), &endpoint).await).await;
    let again = opened(&Engines::default(), &endpoint).await;
    increment(&again).await;
    assert_eq!(count(&again).await, "1");
}

#[tokio::test]
async fn two_engines_on_one_file_lose_no_update() {
    let folder = Folder::new();
    let endpoint = format!("embedded:{}", folder.path().join("sessions.sqlite3").display());
    let (one, other) = (opened(&Engines::default(), &endpoint).await, opened(&Engines::default(), &endpoint).await);
    counter(&one).await;
    tokio::join!(increment_times(100, &one), increment_times(100, &other));
    assert_eq!(count(&one).await, "200");
}

#[tokio::test]
async fn several_processes_on_one_file_lose_no_update() {
    const ENDPOINT: &str = "ENDPOINT";
    let name = "embedded::several_processes_on_one_file_lose_no_update";
    let folder = Folder::new();
    let endpoint = format!("embedded:{}", folder.path().join("sessions.sqlite3").display());
    let store = opened(&Engines::default(), &std::env::var(ENDPOINT).unwrap_or(endpoint.clone())).await;
    if std::env::var(ENDPOINT).is_err() {
        counter(&store).await;
    }
    if in_processes(3, name, &[(ENDPOINT, &endpoint)]) {
        increment_times(40, &store).await;
    } else {
        assert_eq!(count(&store).await, "120");
    }
}
