//! The embedded engine: DynamoDB's API in this process, on SQLite.

use crate::error::Error;
use crate::transport::{Answer, Reply, Transport};
use dynoxide::{Database, DynoxideError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockWriteGuard};

const IN_MEMORY: &str = "embedded";
const IN_FILE: &str = "embedded:";

/// The engines that this process has open, so that all who name the same one share it.
#[derive(Default)]
pub struct Engines {
    open: Mutex<HashMap<String, Arc<Engine>>>,
    gate: Arc<RwLock<()>>,
}

impl Engines {
    /// Whether `endpoint` names an engine, not an address of the network.
    pub fn named(endpoint: Option<&str>) -> bool {
        endpoint.is_some_and(|name| name == IN_MEMORY || name.starts_with(IN_FILE))
    }

    /// The engine that `endpoint` names: `"embedded"` in memory, `"embedded:PATH"` in a file. `None` for an address of
    /// the network. It blocks while another process has the file for itself.
    ///
    /// # Errors
    ///
    /// [`Error::Configuration`] when the file cannot be opened or made.
    pub fn open(&self, endpoint: Option<&str>) -> Result<Option<Arc<dyn Transport>>, Error> {
        let Some(name) = endpoint.filter(|name| Self::named(Some(name))) else {
            return Ok(None);
        };
        let engine = Arc::clone(lock(&self.open).entry(name.to_owned()).or_insert_with(|| {
            Arc::new(Engine { name: name.to_owned(), gate: Arc::clone(&self.gate), database: Mutex::default() })
        }));
        let _gate = self.gate.read().unwrap_or_else(PoisonError::into_inner);
        engine.database()?;
        Ok(Some(Arc::new(engine)))
    }

    /// Waits for what is under way, closes the files, and keeps everything still until the result is dropped: for a
    /// fork. SQLite keeps the state of a file's locks in the process; a child that inherited it, perhaps from the middle
    /// of a call, would wait for locks that nobody holds. The files are opened again when they are next used.
    pub fn pause(&self) -> Paused<'_> {
        let gate = self.gate.write().unwrap_or_else(PoisonError::into_inner);
        for engine in lock(&self.open).values().filter(|engine| engine.name != IN_MEMORY) {
            lock(&engine.database).take();
        }
        Paused { _gate: gate }
    }
}

/// While it lives no engine works. See [`Engines::pause`].
#[derive(Debug)]
pub struct Paused<'engines> {
    _gate: RwLockWriteGuard<'engines, ()>,
}

impl fmt::Debug for Engines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Engines")
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Engine {
    name: String,
    gate: Arc<RwLock<()>>,
    database: Mutex<Option<Database>>,
}

impl Engine {
    /// The gate must be held.
    fn database(&self) -> Result<Database, Error> {
        let mut database = lock(&self.database);
        match database.as_ref() {
            Some(open) => Ok(open.clone()),
            None => Ok(database.insert(create(&self.name)?).clone()),
        }
    }

    fn reply(&self, operation: &str, body: &str) -> Reply {
        let _gate = self.gate.read().unwrap_or_else(PoisonError::into_inner);
        let answer = self
            .database()
            .map_err(|error| DynoxideError::InternalServerError(error.to_string()))
            .and_then(|database| dispatch(&database, operation, body));
        match answer {
            Ok(body) => Reply { status: 200, body },
            Err(error) => Reply { status: error.status_code(), body: error.to_json() },
        }
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Engine")
    }
}

impl Transport for Arc<Engine> {
    fn answer(&self, operation: String, body: String) -> Answer {
        let engine = Arc::clone(self);
        Box::pin(async move {
            // SQLite blocks: on a worker of the runtime it would hold up every other call.
            tokio::task::spawn_blocking(move || engine.reply(&operation, &body))
                .await
                .map_err(|error| format!("the embedded engine failed: {error}"))
        })
    }
}

fn create(name: &str) -> Result<Database, Error> {
    let path = name.strip_prefix(IN_FILE);
    let created = match path {
        None => Database::memory(),
        Some(path) => Database::new(path),
    };
    created.map_err(|error| Error::Configuration {
        option: "endpoint",
        message: format!(
            "the embedded engine cannot open {} ({error}). Valid: \"embedded\" (in memory), or \"embedded:\" with the \
             path of a file in a folder that exists and may be written",
            path.unwrap_or("a database in memory")
        ),
    })
}

fn dispatch(database: &Database, operation: &str, body: &str) -> Result<String, DynoxideError> {
    match operation {
        "GetItem" => call(body, |request| database.get_item(request)),
        "UpdateItem" => call(body, |request| database.update_item(request)),
        "DeleteItem" => call(body, |request| database.delete_item(request)),
        "PutItem" => call(body, |request| database.put_item(request)),
        "TransactWriteItems" => call(body, |request| database.transact_write_items(request)),
        "Scan" => call(body, |request| database.scan(request)),
        "BatchWriteItem" => call(body, |request| database.batch_write_item(request)),
        "CreateTable" => call(body, |request| database.create_table(request)),
        "UpdateTable" => call(body, |request| database.update_table(request)),
        "DescribeTable" => call(body, |request| database.describe_table(request)),
        "DeleteTable" => call(body, |request| database.delete_table(request)),
        "ListTables" => call(body, |request| database.list_tables(request)),
        "UpdateTimeToLive" => call(body, |request| database.update_time_to_live(request)),
        "DescribeTimeToLive" => call(body, |request| database.describe_time_to_live(request)),
        "TagResource" => call(body, |request| database.tag_resource(request)),
        other => Err(DynoxideError::ValidationException(format!("the embedded engine does not serve {other}"))),
    }
}

fn call<Q, A, F>(body: &str, operation: F) -> Result<String, DynoxideError>
where
    Q: DeserializeOwned,
    A: Serialize,
    F: FnOnce(Q) -> Result<A, DynoxideError>,
{
    let request =
        serde_json::from_str(body).map_err(|error| DynoxideError::SerializationException(error.to_string()))?;
    let answer = operation(request)?;
    serde_json::to_string(&answer).map_err(|error| DynoxideError::InternalServerError(error.to_string()))
}
